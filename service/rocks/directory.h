// What a directory holds, judged by names alone before RocksDB touches it. Inside the room only.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace winnow::rocks {

enum class DirectoryState {
  kMissing,
  kEmpty,
  kUnfinished,  // RocksDB died while it made the database; nothing was stored yet
  kDatabase,
};

// The errors of RocksStore::Open() that do not need the database: a file in the way, foreign
// contents (FAILED_PRECONDITION), data files without their head (DATA_LOSS), no permission.
absl::StatusOr<DirectoryState> InspectDirectory(const std::string& path);

// Makes the directory, private to its owner, and makes its name durable.
absl::Status CreateDirectory(const std::string& path);

}  // namespace winnow::rocks
