// The storage port on an embedded RocksDB, for one process at a time.
//
// Commits go through one queue: a single committer takes everything that waits, judges what each
// transaction read against what was committed since it began, writes all that pass as one batch
// with one sync, and completes the callers. So no caller holds a thread while it waits, and more
// callers in flight make fewer syncs for each. docs/formats/store.md describes the stored bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/domain/ports/store.h"

namespace winnow::rocks {

struct TestHooks;

struct RocksOptions {
  // The directory, the store's alone. Its parent must exist.
  std::string path;
  bool create_if_missing = true;
  // Kept in a new store's own record: program and version, for people.
  std::string created_by = "winnow";

  // Relaxed commits reach the disk at the next synced commit, at most this much later otherwise:
  // what power loss may take back.
  absl::Duration relaxed_sync_interval = absl::Milliseconds(100);

  // Commits not yet completed; beyond either bound Commit() gives UNAVAILABLE.
  size_t queue_commits_max = 65'536;
  size_t queue_bytes_max = 64 << 20;
  // One batch takes no further commit once it has this much.
  size_t batch_bytes_max = 4 << 20;
  // Memory for what was written lately. A transaction that reads, writes and has been open for
  // longer than this remembers is ABORTED.
  size_t recent_writes_bytes_max = 32 << 20;
  size_t block_cache_bytes = 64 << 20;
  // Log and write buffer are turned over when they hold about this much; what a start has to
  // replay.
  size_t log_bytes_max = 32 << 20;
};

// Thread safe.
class RocksStore : public domain::Store {
 public:
  // Opens the store, or makes an empty one of a missing or empty directory. Each message names the
  // path and what to do:
  //   NOT_FOUND            there is no store and create_if_missing is off, or no parent directory
  //   FAILED_PRECONDITION  the path is a file; the directory holds something else; a later version
  //   of
  //                        Winnow wrote it
  //   DATA_LOSS            the store is damaged. Nothing was changed.
  //   PERMISSION_DENIED    the directory or a file in it cannot be read or written
  //   UNAVAILABLE          another process has it open, or the disk failed
  //   RESOURCE_EXHAUSTED   the disk is full
  // A log whose end was cut short or torn (the process or the machine died while it was written) is
  // no damage: what was not durable is dropped from there on.
  static absl::StatusOr<std::unique_ptr<RocksStore>> Open(RocksOptions options);

  // As Open(), on what service/rocks/test_hooks.h puts under it.
  static absl::StatusOr<std::unique_ptr<RocksStore>> OpenForTest(RocksOptions options,
                                                                 const TestHooks& hooks);

  // Close().
  ~RocksStore() override;
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;

  std::unique_ptr<domain::Transaction> Begin(std::string_view tenant) override;

  // UNAVAILABLE, RESOURCE_EXHAUSTED or DATA_LOSS with the reason once a write failed or the store
  // was closed. When the disk was full, it recovers by itself once there is space.
  absl::Status Health() const override;

  // Refuses new commits, completes those queued, makes everything acknowledged durable and lets go
  // of the directory as soon as the last transaction is dropped. Transactions that remain answer
  // UNAVAILABLE; Commit() then completes on the caller's thread, since the store has none left. Not
  // to be called from a commit's callback. Calling it again does nothing.
  absl::Status Close();

 private:
  struct Core;
  friend class RocksTransaction;
  explicit RocksStore(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace winnow::rocks
