#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/pack/pack.h"

namespace winnow::pack {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kRuleFileBytesMax = 64 << 20;

bool IsRuleFile(const fs::path& path) {
  return path.extension() == ".yaml" && path.filename() != "taxonomy.yaml" &&
         path.filename() != "policy.yaml";
}

bool HoldsNoRules(const fs::path& folder) {
  const fs::path name = folder.filename();
  return name == "schema" || name == "policy" || name == "corpus";
}

absl::Status Collect(const std::string& root, std::vector<std::string>* files) {
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
    if (it->is_directory(error) && HoldsNoRules(it->path())) {
      it.disable_recursion_pending();
    } else if (it->is_regular_file(error) && IsRuleFile(it->path())) {
      found.push_back(it->path().string());
    }
  }
  if (error) return absl::UnavailableError(StrCat("cannot read ", root, ": ", error.message()));
  std::sort(found.begin(), found.end());
  files->insert(files->end(), found.begin(), found.end());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<rules::SourceFile>> ReadRuleFiles(
    const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) RETURN_IF_ERROR(Collect(path, &files));
  if (files.empty()) {
    return absl::InvalidArgumentError(StrCat("no rule file: there is no .yaml file under ",
                                             paths.empty() ? "(nothing)" : paths.front()));
  }
  std::vector<rules::SourceFile> sources;
  for (const std::string& path : files) {
    std::error_code error;
    const uint64_t size = fs::file_size(path, error);
    if (!error && size > kRuleFileBytesMax) {
      return absl::InvalidArgumentError(StrCat(path, " has ", size,
                                               " bytes; a rule file has at most ",
                                               kRuleFileBytesMax, ". Split it"));
    }
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return absl::PermissionDeniedError(StrCat("cannot read ", path));
    sources.push_back({path, std::move(text).str()});
  }
  return sources;
}

}  // namespace winnow::pack
