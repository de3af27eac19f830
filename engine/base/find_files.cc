#include "engine/base/find_files.h"

#include <algorithm>
#include <system_error>

#include "engine/base/strings.h"

namespace winnow {

namespace fs = std::filesystem;

absl::Status FindFiles(const std::string& root, absl::FunctionRef<bool(const fs::path&)> enter,
                       absl::FunctionRef<bool(const fs::path&)> wanted,
                       std::vector<std::string>* files) {
  std::error_code error;
  const fs::file_status status = fs::status(root, error);
  if (!fs::exists(status)) return absl::NotFoundError(StrCat("there is no ", root));
  if (!fs::is_directory(status)) {
    files->push_back(root);
    return absl::OkStatus();
  }
  std::vector<std::string> found;
  auto it = fs::recursive_directory_iterator(root, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_directory(error) && !enter(it->path())) {
      it.disable_recursion_pending();
    } else if (it->is_regular_file(error) && wanted(it->path())) {
      found.push_back(it->path().string());
    }
  }
  if (error) return absl::UnavailableError(StrCat("cannot read ", root, ": ", error.message()));
  std::sort(found.begin(), found.end());
  files->insert(files->end(), found.begin(), found.end());
  return absl::OkStatus();
}

}  // namespace winnow
