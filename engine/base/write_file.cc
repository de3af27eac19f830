#include "engine/base/write_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "engine/base/read_file.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"

namespace winnow {
namespace {

absl::Status WriteAndSync(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileStatus(errno);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return fsync(fd) == 0 ? absl::OkStatus() : FileStatus(errno);
}

absl::Status SyncFolder(const std::filesystem::path& folder) {
  const int fd = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FileStatus(errno);
  const absl::Status status = fsync(fd) == 0 ? absl::OkStatus() : FileStatus(errno);
  close(fd);
  return status;
}

}  // namespace

absl::Status WriteFileWhole(const std::string& path, std::string_view bytes) {
  static std::atomic<uint64_t> number{0};
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  const std::filesystem::path target = error ? std::filesystem::path(path) : real;
  struct stat info = {};
  const bool replaces = stat(target.c_str(), &info) == 0;
  if (replaces && !S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError("it is not a regular file");
  }
  const std::string temporary = StrCat(target.string(), ".tmp.", getpid(), ".",
                                       number.fetch_add(1, std::memory_order_relaxed));
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return FileStatus(errno);
  absl::Status status = WriteAndSync(fd, bytes);
  if (status.ok() && replaces && fchmod(fd, info.st_mode & 07777) != 0) status = FileStatus(errno);
  close(fd);
  if (status.ok() && rename(temporary.c_str(), target.c_str()) != 0) status = FileStatus(errno);
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  // The rename itself lasts only once the folder is synced.
  return SyncFolder(target.parent_path());
}

}  // namespace winnow
