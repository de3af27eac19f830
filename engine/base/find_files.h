// Which files lie below a folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace winnow {

// Appends the regular files below `root` that are `wanted`, in the order of their paths; folders
// below it that are not to be entered are left out. A `root` that is no folder is appended as it
// is.
//   NOT_FOUND    there is no such file or folder
//   UNAVAILABLE  a folder cannot be read
// The message names `root`. O(n log n) in the files below. Thread safe.
absl::Status FindFiles(const std::string& root,
                       absl::FunctionRef<bool(const std::filesystem::path&)> enter,
                       absl::FunctionRef<bool(const std::filesystem::path&)> wanted,
                       std::vector<std::string>* files);

}  // namespace winnow
