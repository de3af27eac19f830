// The storage port: an ordered key space with serialisable transactions, one tenant each.
//
// Keys and values are bytes; keys order by unsigned bytes. A key is at most kStoreKeyBytesMax, a
// value at most kStoreValueBytesMax long. Every implementation passes
// tests/support/store_conformance.h.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace winnow::domain {

inline constexpr size_t kStoreKeyBytesMax = 1024;
inline constexpr size_t kStoreValueBytesMax = 16 << 20;

enum class Durability {
  // Acknowledged only when it survives kill -9 and power loss.
  kSynced,
  // Acknowledged when it survives kill -9; power loss may take back the last moments (the adapter
  // states how many). Whatever it takes back is a suffix of the acknowledged commits: a synced
  // commit
  // also makes everything acknowledged before it durable.
  kRelaxed,
};

// Reads see the state at Begin() plus this transaction's own writes. Used by one thread at a time.
// Dropping it without Commit() discards it.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // nullopt: no such key. DATA_LOSS: the stored bytes are damaged. UNAVAILABLE: the store is closed
  // or failed. May read the disk: never call on a gRPC thread.
  virtual absl::StatusOr<std::optional<std::string>> Get(std::string_view key) = 0;

  struct ScanOptions {
    size_t limit = SIZE_MAX;
    bool reverse = false;  // from the end of the range downwards
  };
  // Calls `visit` for the keys of [begin, end) in order until it returns false or `limit` is
  // reached; an empty `end` means the end of the tenant's key space. The range that was actually
  // visited counts as read.
  virtual absl::Status Scan(
      std::string_view begin, std::string_view end, ScanOptions options,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) = 0;

  // Buffered until Commit(). INVALID_ARGUMENT for an empty or oversize key or an oversize value is
  // reported by Commit().
  virtual void Put(std::string_view key, std::string_view value) = 0;
  virtual void Delete(std::string_view key) = 0;

  // Commits if nothing that this transaction read (keys, absent keys and ranges) has been changed
  // since Begin() by another; else ABORTED, and the caller may begin again. Returns at once; `done`
  // is called exactly once, from a thread of the store's, and must not block. Other outcomes:
  // UNAVAILABLE (store closed or failed: whether it was written is unknown only if the message says
  // so), RESOURCE_EXHAUSTED (disk full; nothing written), INVALID_ARGUMENT.
  // A transaction without writes completes OK when its reads were consistent. Not usable
  // afterwards.
  virtual void Commit(Durability durability, std::function<void(absl::Status)> done) = 0;
};

// Thread safe.
class Store {
 public:
  virtual ~Store() = default;
  // `tenant`: 1..63 bytes of [a-z0-9-], checked by the caller.
  virtual std::unique_ptr<Transaction> Begin(std::string_view tenant) = 0;
  // OK while the store can take commits; else what is wrong, for health reports.
  virtual absl::Status Health() const = 0;
};

}  // namespace winnow::domain
