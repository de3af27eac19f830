// The one commit queue: takes everything that waits, judges it in order, writes it as one batch,
// completes the callers. Inside the room only.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "service/domain/ports/store.h"
#include "service/rocks/database.h"
#include "service/rocks/log_marks.h"
#include "service/rocks/recent_commits.h"
#include "service/rocks/rocks_store.h"
#include "service/rocks/test_hooks.h"

namespace winnow::rocks {

// Counts one transaction whose reads may still have to be judged, from before it takes its snapshot
// until it is judged or dropped. While none is counted, nobody can ask what was written lately.
class OpenMark {
 public:
  OpenMark() = default;
  explicit OpenMark(std::atomic<size_t>* count) : count_(count) { count_->fetch_add(1); }
  OpenMark(OpenMark&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  OpenMark& operator=(OpenMark&& other) noexcept {
    std::swap(count_, other.count_);
    return *this;
  }
  ~OpenMark() { Reset(); }
  void Reset() {
    if (count_ != nullptr) std::exchange(count_, nullptr)->fetch_sub(1);
  }

 private:
  std::atomic<size_t>* count_ = nullptr;
};

// What is left of a transaction when it commits. Keys are stored keys, values sealed.
struct CommitRequest {
  OpenMark mark;          // held where there are reads to judge
  uint64_t snapshot = 0;  // the sequence number it read at
  std::vector<std::string> keys_read;
  std::vector<KeyRange> ranges_read;
  std::vector<std::pair<std::string, std::optional<std::string>>> writes;  // nullopt: delete
  domain::Durability durability = domain::Durability::kSynced;
  absl::Status refusal;  // known before its turn came: nothing is written
  std::function<void(absl::Status)> done;

  size_t bytes() const;
};

class Committer {
 public:
  // Starts its threads. `database` must outlive Close().
  Committer(const RocksOptions& options, const TestHooks& hooks, Database* database);
  // Close() must have returned.
  ~Committer();

  // Returns at once. `request.done` is called from a thread of the committer, or on this one when
  // it is closed. Thread safe.
  void Submit(CommitRequest request);

  // For a transaction to hold from before its snapshot. Thread safe.
  OpenMark MarkOpen() { return OpenMark(&open_transactions_); }

  // Completes what is queued, makes it durable, ends the threads. The first write error of its own.
  absl::Status Close();

  bool closed() const;

 private:
  using Clock = std::chrono::steady_clock;  // the time of day may be set back
  struct Completion {
    std::function<void(absl::Status)> done;
    absl::Status status;
  };

  void CommitLoop();
  void CompleteLoop();
  std::vector<CommitRequest> TakeGroup();  // empty: only a sync is due
  void CommitGroup(std::vector<CommitRequest> group);
  void Complete(std::vector<Completion> completions);
  void Remember(const std::vector<CommitRequest*>& written, uint64_t sequence);
  absl::Status Write(const std::vector<CommitRequest*>& accepted, bool sync,
                     const absl::Status& prepared);
  absl::Status Sync();
  absl::Status Prepare();
  void NoteDurable();
  absl::Status TurnOver();
  absl::Status Failed(absl::Status status, bool wrote);

  const RocksOptions options_;
  const bool never_sync_;
  const std::chrono::nanoseconds sync_interval_;
  Database* const database_;

  std::atomic<size_t> open_transactions_{0};

  // The committer thread's own.
  RecentCommits recent_;
  // The first relaxed write that is not durable yet.
  std::optional<Clock::time_point> unsynced_since_;
  bool log_prepared_ = false;  // see Prepare()
  uint64_t recoveries_ = 0;    // of the database, when it was
  LogMark mark_;               // of the next commit
  size_t log_bytes_ = 0;       // in the current log, roughly
  absl::Status sync_error_;

  mutable std::mutex mutex_;
  std::condition_variable submitted_;
  std::deque<CommitRequest> queue_;
  size_t pending_commits_ = 0;  // queued or not yet completed
  size_t pending_bytes_ = 0;    // queued
  bool closing_ = false;
  bool closed_ = false;

  std::mutex completions_mutex_;
  std::condition_variable completed_;
  std::deque<std::vector<Completion>> completions_;
  bool no_more_completions_ = false;

  std::mutex close_mutex_;  // held by who closes
  std::thread committer_;
  std::thread completer_;
};

}  // namespace winnow::rocks
