// Which rules a question is about: rule files, or those that a pack was built from.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/shared_files.h"
#include "engine/pack/pack.h"
#include "engine/policy/policy.h"

namespace CLI {
class App;
}

namespace winnow::cli {

struct RuleSourceFlags {
  std::vector<std::string> paths;  // empty: of `pack`
  std::string pack = SharedFilePath(kBundledPackFile);
};

// Adds --rules and --pack. `flags` must outlive `command`.
void AddRuleSource(CLI::App* command, RuleSourceFlags* flags);

// Compiles them. nullopt, having complained and set `*exit_code`, when they cannot be read or have
// errors.
std::optional<pack::CompileResult> CompileSource(const RuleSourceFlags& flags, int* exit_code);

// The policy in the file at `path`. Its status says what is wrong with which.
absl::StatusOr<std::shared_ptr<const policy::Policy>> LoadPolicy(const std::string& path);

// --format of commands that speak to people, programs, code hosts and pull requests.
void AddReviewFormat(CLI::App* command, std::string* format);
// What sarif and github say; false, having printed nothing, for the other formats.
bool PrintForReview(std::string_view format, const std::vector<rules::Diagnostic>& diagnostics,
                    const std::vector<rules::SourceFile>& sources);
// The positional PATH of commands about rule files.
void AddRulePaths(CLI::App* command, std::vector<std::string>* paths);

// "rules/gambling.yaml:12".
std::string PlaceOf(const pack::CompileResult& compiled, const rules::SourceRange& where);

// "1 rule", "2 rules".
std::string Plural(size_t n, std::string_view one, std::string_view many);

}  // namespace winnow::cli
