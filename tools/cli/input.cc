#include "tools/cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "tools/cli/console.h"

namespace winnow::cli {

absl::StatusOr<Input> Input::Open(const std::string& path) {
  if (path == "-") return Input(STDIN_FILENO, "standard input");
  const std::string name = Harmless(path);
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    const std::string message = StrCat("cannot open ", name, ": ", strerror(errno));
    if (errno == ENOENT || errno == ENOTDIR) return absl::NotFoundError(message);
    if (errno == EACCES || errno == EPERM) return absl::PermissionDeniedError(message);
    return absl::UnavailableError(message);
  }
  Input input(fd, name);
  struct stat status {};
  if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    return absl::FailedPreconditionError(StrCat(name, " is a folder; name the files in it"));
  }
  return input;
}

Input::~Input() {
  if (fd_ > STDERR_FILENO) close(fd_);
}

Input::Input(Input&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), name_(std::move(other.name_)) {}

Input& Input::operator=(Input&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(name_, other.name_);
  return *this;
}

absl::StatusOr<size_t> Input::Read(char* to, size_t size) {
  while (true) {
    const ssize_t n = read(fd_, to, size);
    if (n >= 0) return static_cast<size_t>(n);
    if (errno == EINTR) continue;
    return absl::UnavailableError(StrCat("cannot read ", name_, ": ", strerror(errno)));
  }
}

bool Input::ReadyNow() const {
  pollfd waiting{fd_, POLLIN, 0};
  return poll(&waiting, 1, 0) != 0;
}

absl::StatusOr<std::string> ReadWhole(const std::string& path, size_t bytes_max) {
  ASSIGN_OR_RETURN(Input input, Input::Open(path));
  std::string out;
  while (true) {
    const size_t old_size = out.size();
    out.resize(old_size + 64 * 1024);
    ASSIGN_OR_RETURN(const size_t n, input.Read(out.data() + old_size, 64 * 1024));
    out.resize(old_size + n);
    if (n == 0) return out;
    if (out.size() > bytes_max) {
      return absl::ResourceExhaustedError(
          StrCat(input.name(), " is larger than ", bytes_max, " bytes"));
    }
  }
}

}  // namespace winnow::cli
