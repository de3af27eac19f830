#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "engine/base/find_files.h"
#include "engine/base/read_file.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/pack/pack.h"
#include "engine/rules/parser.h"
#include "engine/rules/yaml_reader.h"

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

bool IsStrayList(const fs::path& path) {
  return path.extension() == ".txt" && path.parent_path().filename() == "lists";
}

// The files under `root` that may be rules, and the lists that lie where lists belong.
absl::Status Collect(const std::string& root, std::vector<std::string>* files,
                     std::set<std::string>* lists) {
  return FindFiles(
      root, [](const fs::path& folder) { return !HoldsNoRules(folder); },
      [lists](const fs::path& path) {
        if (IsStrayList(path)) lists->insert(path.string());
        return IsRuleFile(path);
      },
      files);
}

absl::StatusOr<rules::SourceFile> ReadRules(const std::string& path) {
  absl::StatusOr<std::string> text = ReadRegularFile(path, kRuleFileBytesMax);
  if (text.ok()) return rules::SourceFile{path, *std::move(text)};
  const std::string_view why = ToStd(text.status().message());
  if (absl::IsOutOfRange(text.status())) {
    return absl::InvalidArgumentError(StrCat("cannot read ", path, ": ", why, ". Split it"));
  }
  return absl::Status(text.status().code(), ToAbsl(StrCat("cannot read ", path, ": ", why)));
}

// The list at `path`, which a rule file in or above its folder names.
rules::SourceFile ReadList(const std::string& path, const std::string& rule_path) {
  rules::SourceFile list{path, "", rules::SourceFile::Kind::kList};
  std::error_code error;
  const fs::path folder = fs::canonical(fs::path(rule_path).parent_path() / ".", error);
  const fs::path file = error ? fs::path() : fs::canonical(path, error);
  if (error) {
    list.problem = error.message();
    return list;
  }
  if (std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first != folder.end()) {
    list.problem = "it is a link that leads out of the folder of the rule file";
    return list;
  }
  absl::StatusOr<std::string> text = ReadRegularFile(file, rules::kMaxYamlBytes);
  if (text.ok()) {
    list.text = *std::move(text);
  } else {
    list.problem = ToStd(text.status().message());
  }
  return list;
}

bool IsPackFile(const std::string& path) {
  std::error_code error;
  return fs::path(path).extension() == ".pack" && !fs::is_directory(path, error);
}

// What a pack was built from, as if it lay in a folder of the pack's name.
absl::Status ReadSourcesOf(const std::string& path, std::vector<rules::SourceFile>* sources,
                           std::map<std::string, rules::SourceFile>* lists) {
  ASSIGN_OR_RETURN(const auto pack, LoadPack(path));
  for (rules::SourceFile source : pack->sources()) {
    source.path = StrCat(path, "/", source.path);
    if (source.kind == rules::SourceFile::Kind::kList) {
      lists->emplace(source.path, source);
    } else {
      sources->push_back(std::move(source));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<rules::SourceFile>> ReadRuleFiles(
    const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  std::set<std::string> stray;
  std::vector<rules::SourceFile> sources;
  std::map<std::string, rules::SourceFile> lists;
  for (const std::string& path : paths) {
    if (IsPackFile(path)) {
      RETURN_IF_ERROR(ReadSourcesOf(path, &sources, &lists));
    } else {
      RETURN_IF_ERROR(Collect(path, &files, &stray));
    }
  }
  if (files.empty() && sources.empty()) {
    return absl::InvalidArgumentError(StrCat("no rule file: there is no .yaml file under ",
                                             paths.empty() ? "(nothing)" : paths.front()));
  }
  for (const std::string& path : files) {
    ASSIGN_OR_RETURN(rules::SourceFile source, ReadRules(path));
    for (const std::string& list : rules::ListsNamedBy(source)) {
      std::error_code error;
      const bool is_there = fs::symlink_status(list, error).type() != fs::file_type::not_found;
      if (is_there && lists.count(list) == 0) lists.emplace(list, ReadList(list, path));
    }
    sources.push_back(std::move(source));
  }
  // Nobody names these: that they are there is all there is to tell.
  for (const std::string& path : stray) {
    lists.try_emplace(path, rules::SourceFile{path, "", rules::SourceFile::Kind::kList});
  }
  for (auto& [path, list] : lists) sources.push_back(std::move(list));
  return sources;
}

}  // namespace winnow::pack
