#include "service/rocks/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <system_error>

#include "engine/base/strings.h"

namespace winnow::rocks {
namespace {

namespace fs = std::filesystem;

absl::Status FromErrno(int error, std::string_view what, const std::string& path) {
  const std::string message = StrCat(what, " ", path, ": ", std::generic_category().message(error));
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(
          StrCat(message, "; let the user that runs the service read and write there"));
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(StrCat(message, "; free some space"));
    case ENOENT:
      return absl::NotFoundError(StrCat(message, "; make its parent directory first"));
    case ENOTDIR:
      return absl::FailedPreconditionError(
          StrCat(message, "; a file stands where a directory is needed"));
    default:
      return absl::UnavailableError(message);
  }
}

// What RocksDB writes before CURRENT, which completes a new database.
bool WrittenBeforeCurrent(std::string_view name) {
  return name == "LOCK" || name == "IDENTITY" || name.starts_with("LOG") ||
         name.starts_with("MANIFEST-") || name.starts_with("OPTIONS-") || name.ends_with(".dbtmp");
}

bool HoldsData(std::string_view name) { return name.ends_with(".sst") || name.ends_with(".log"); }

}  // namespace

absl::StatusOr<DirectoryState> InspectDirectory(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return DirectoryState::kMissing;
    return FromErrno(errno, "cannot look at the store's directory", path);
  }
  if (!S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(
        StrCat("the store's path ", path, " is a file; give a directory"));
  }
  if (access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
    return FromErrno(errno, "cannot read and write the store's directory", path);
  }
  bool empty = true, has_data = false;
  std::string foreign;
  std::error_code error;
  for (auto it = fs::directory_iterator(path, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    const std::string name = it->path().filename();
    if (name == "CURRENT") return DirectoryState::kDatabase;
    if (name == "lost+found") continue;  // a file system's own
    empty = false;
    if (HoldsData(name)) {
      has_data = true;
    } else if (!WrittenBeforeCurrent(name)) {
      foreign = name;
    }
  }
  if (error) return FromErrno(error.value(), "cannot list the store's directory", path);
  if (empty) return DirectoryState::kEmpty;
  if (!foreign.empty()) {
    return absl::FailedPreconditionError(
        StrCat(path, " is not a Winnow store and not empty (it holds '", foreign,
               "'); give the store a directory of its own"));
  }
  if (has_data) {
    return absl::DataLossError(StrCat("the store in ", path,
                                      " is damaged: it has data files but no file CURRENT; "
                                      "restore the whole directory from a backup"));
  }
  return DirectoryState::kUnfinished;
}

absl::Status CreateDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0) {
    return FromErrno(errno, "cannot make the store's directory", path);
  }
  // The new name is an entry of the parent, which RocksDB does not sync.
  fs::path parent = fs::path(path).lexically_normal();
  if (!parent.has_filename()) parent = parent.parent_path();
  parent = parent.parent_path();
  if (parent.empty()) parent = ".";
  const int fd = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FromErrno(errno, "cannot open", parent);
  const int synced = fsync(fd);
  const int sync_error = errno;
  close(fd);
  if (synced != 0) return FromErrno(sync_error, "cannot sync", parent);
  return absl::OkStatus();
}

}  // namespace winnow::rocks
