// Writing a file whole: afterwards it holds the old bytes or the new ones, never a part.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace winnow {

// Writes a temporary file beside `path`, syncs it, renames it, and syncs the folder. A file that is
// there keeps its permissions, and a link goes on leading to it. The message says what is wrong but
// not with which file; statuses as FileStatus() of read_file.h. Thread safe.
absl::Status WriteFileWhole(const std::string& path, std::string_view bytes);

}  // namespace winnow
