// A database of one expression by itself, with start-of-match: it says where its matches begin, and
// scans where few expressions are asked for. For this room only.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/match/hs_handles.h"

namespace winnow::match {

std::string SerializeDatabase(const hs_database_t* db);

// FAILED_PRECONDITION when it was built for another machine or library, DATA_LOSS when it is
// damaged; `name` is the section's.
absl::StatusOr<DatabasePtr> DeserializeDatabase(std::string_view name, std::string_view bytes);

// Most of a pack's expressions are hardly ever asked for, and their databases would be the larger
// part of it. So they are stored compressed, to a tenth or less, and a loaded one stays so until it
// is first needed, which takes some 50 microseconds once. Any thread.
class StartFinder {
 public:
  // Compiled.
  explicit StartFinder(DatabasePtr db) : database_(db.release()) {}
  // Stored; `bytes` must outlive it.
  explicit StartFinder(std::string_view bytes) : stored_(bytes) {}
  StartFinder(const StartFinder&) = delete;
  StartFinder& operator=(const StartFinder&) = delete;
  ~StartFinder() { DatabasePtr(database_.load(std::memory_order_relaxed)); }

  // Whether `bytes`, of the section `name`, are as long as they say: what can be told without
  // reading them. DATA_LOSS when they are not.
  static absl::Status Check(std::string_view name, std::string_view bytes);

  // Made of the stored bytes by the first call. INTERNAL when they are no database after all, or
  // memory is short.
  absl::StatusOr<const hs_database_t*> Get() const;

  std::string Serialize() const;
  // What it takes beyond its stored bytes.
  size_t memory_bytes() const;

 private:
  std::string_view stored_;
  mutable std::atomic<hs_database_t*> database_{nullptr};
};

}  // namespace winnow::match
