#include "engine/base/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "engine/base/strings.h"

namespace winnow {

absl::Status FileStatus(int error) {
  const std::string message = strerror(error);
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
  if (error == EACCES || error == EPERM || error == EROFS) {
    return absl::PermissionDeniedError(message);
  }
  if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

absl::StatusOr<std::string> ReadRegularFile(const std::string& path, uint64_t bytes_max) {
  // Not blocking, for a named pipe that nobody writes.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return FileStatus(errno);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  struct stat info = {};
  if (fstat(fd, &info) != 0) return FileStatus(errno);
  if (!S_ISREG(info.st_mode)) return absl::InvalidArgumentError("it is not a regular file");
  if (static_cast<uint64_t>(info.st_size) > bytes_max) {
    return absl::OutOfRangeError(
        StrCat("it has ", info.st_size, " bytes; at most ", bytes_max, " are read"));
  }
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t n = read(fd, bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileStatus(errno);
    if (n == 0) break;
    have += static_cast<size_t>(n);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace winnow
