#include "service/system/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/status_macros.h"
#include "service/system/random.h"

namespace winnow::system {
namespace {

absl::Status Failed(std::string_view what, const std::string& path, int error) {
  const absl::Status status = absl::ErrnoToStatus(
      error, absl::StrFormat("cannot %s the secret file `%s`",
                             absl::string_view(what.data(), what.size()), path));
  return absl::Status(
      status.code(),
      absl::StrCat(status.message(), "; its folder must be one that this user may read and write"));
}

// nullopt: there is none.
absl::StatusOr<std::optional<std::string>> Read(const std::string& path, size_t bytes) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    if (errno == ENOENT) return std::nullopt;
    return Failed("open", path, errno);
  }
  absl::Cleanup close_fd = [fd] { close(fd); };
  struct stat info;
  if (fstat(fd, &info) != 0) return Failed("examine", path, errno);
  if ((info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrFormat("the secret file `%s` may be read by others (mode %04o): run `chmod 600` "
                        "on it, or remove it "
                        "and a new one is made",
                        path, info.st_mode & 07777));
  }
  if (static_cast<uint64_t>(info.st_size) != bytes) {
    return absl::DataLossError(absl::StrFormat(
        "the secret file `%s` has %d bytes instead of %d: restore it from a backup, or "
        "remove it and a new one is made",
        path, info.st_size, bytes));
  }
  std::string secret(bytes, '\0');
  size_t done = 0;
  while (done < bytes) {
    ssize_t n = read(fd, secret.data() + done, bytes - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Failed("read", path, n == 0 ? EIO : errno);
    done += static_cast<size_t>(n);
  }
  return secret;
}

absl::Status SyncFolderOf(const std::string& path) {
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failed("sync the folder of", path, errno);
  int failed = fsync(fd) != 0 ? errno : 0;
  close(fd);
  return failed == 0 ? absl::OkStatus() : Failed("sync the folder of", path, failed);
}

}  // namespace

absl::StatusOr<std::string> ReadOrMakeSecretFile(const std::string& path, size_t bytes) {
  ASSIGN_OR_RETURN(std::optional<std::string> there, Read(path, bytes));
  if (there.has_value()) return *std::move(there);

  // Written aside and linked into place: a crash leaves either no secret or a whole one, and
  // whoever links first wins.
  std::string secret(bytes, '\0');
  FillRandom(absl::MakeSpan(reinterpret_cast<uint8_t*>(secret.data()), secret.size()));
  std::string aside = absl::StrCat(path, ".new.", getpid());
  int fd = open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return Failed("create", path, errno);
  absl::Cleanup remove_aside = [&aside] { unlink(aside.c_str()); };
  int failed = 0;
  size_t done = 0;
  while (failed == 0 && done < bytes) {
    ssize_t n = write(fd, secret.data() + done, bytes - done);
    if (n >= 0) {
      done += static_cast<size_t>(n);
    } else if (errno != EINTR) {
      failed = errno;
    }
  }
  if (failed == 0 && fsync(fd) != 0) failed = errno;
  if (close(fd) != 0 && failed == 0) failed = errno;
  if (failed != 0) return Failed("write", path, failed);
  if (link(aside.c_str(), path.c_str()) != 0) {
    if (errno != EEXIST) return Failed("create", path, errno);
    ASSIGN_OR_RETURN(there, Read(path, bytes));
    if (there.has_value()) return *std::move(there);
    return absl::AbortedError(absl::StrCat("the secret file `", path, "` vanished: start again"));
  }
  RETURN_IF_ERROR(SyncFolderOf(path));
  return secret;
}

}  // namespace winnow::system
