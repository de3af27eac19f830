// Reading a file whole, with a bound and without surprises: no folder, no pipe that nobody writes.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace winnow {

// The bytes of the regular file at `path`, of which a link may be the last part. The message says
// what is wrong but not with which file ("No such file or directory"): the caller names it. A file
// that is cut short meanwhile is read as far as it goes. Thread safe.
//   NOT_FOUND            there is no such file
//   PERMISSION_DENIED    it may not be read
//   INVALID_ARGUMENT     it is not a regular file
//   OUT_OF_RANGE         it has more than `bytes_max` bytes; none were read
//   UNAVAILABLE          reading failed
absl::StatusOr<std::string> ReadRegularFile(const std::string& path, uint64_t bytes_max);

// What `error` (an errno) says, as a status of the kinds above; RESOURCE_EXHAUSTED where a disk or
// a quota is full.
absl::Status FileStatus(int error);

}  // namespace winnow
