#include "engine/base/read_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "engine/base/status_macros.h"
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

namespace {

// Opens a regular file of at most `bytes_max` bytes, and has `reserve` (size to absl::StatusOr of
// where the bytes go) make room for it. Gives how many bytes there were.
template <typename Reserve>
absl::StatusOr<size_t> ReadInto(const std::string& path, uint64_t bytes_max, Reserve reserve) {
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
  const size_t size = static_cast<size_t>(info.st_size);
  ASSIGN_OR_RETURN(char* out, reserve(size));
  size_t have = 0;
  while (have < size) {
    const ssize_t n = read(fd, out + have, size - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileStatus(errno);
    if (n == 0) break;
    have += static_cast<size_t>(n);
  }
  return have;
}

constexpr size_t kHugePage = size_t{2} << 20;
// Below this, what the last huge page wastes is more than what huge pages save.
constexpr size_t kWorthHugePages = size_t{8} << 20;

}  // namespace

absl::StatusOr<std::string> ReadRegularFile(const std::string& path, uint64_t bytes_max) {
  std::string bytes;
  ASSIGN_OR_RETURN(const size_t have,
                   ReadInto(path, bytes_max, [&bytes](size_t size) -> absl::StatusOr<char*> {
                     bytes.resize(size);
                     return bytes.data();
                   }));
  bytes.resize(have);
  return bytes;
}

FileBytes::~FileBytes() {
  if (mapped_ > 0) munmap(data_, mapped_);
}

absl::StatusOr<FileBytes> ReadLargeFile(const std::string& path, uint64_t bytes_max) {
  FileBytes bytes;
  const auto reserve = [&bytes](size_t size) -> absl::StatusOr<char*> {
    if (size == 0) return nullptr;
    const bool huge = size >= kWorthHugePages;
    const size_t mapped = huge ? (size + kHugePage - 1) / kHugePage * kHugePage : size;
    void* data = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) return absl::ResourceExhaustedError("there is no memory for it");
    bytes.data_ = static_cast<char*>(data);
    bytes.mapped_ = mapped;
    // A hint: without huge pages it only takes longer.
    if (huge) madvise(data, mapped, MADV_HUGEPAGE);
    return bytes.data_;
  };
  ASSIGN_OR_RETURN(bytes.size_, ReadInto(path, bytes_max, reserve));
  return bytes;
}

}  // namespace winnow
