#include "tools/cli/rule_source.h"

#include <CLI/CLI.hpp>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/diagnostics_ci.h"
#include "tools/cli/input.h"

namespace winnow::cli {

void AddRuleSource(CLI::App* command, RuleSourceFlags* flags) {
  command
      ->add_option("--rules", flags->paths,
                   "Rule files, or folders of them, instead of a pack's rules;\n"
                   "may be given several times")
      ->type_name("PATH")
      ->allow_extra_args(false);
  command->add_option("--pack", flags->pack, "The pack whose rules are meant [the bundled one]")
      ->type_name("FILE");
}

absl::StatusOr<std::shared_ptr<const policy::Policy>> LoadPolicy(const std::string& path) {
  constexpr size_t kPolicyBytesMax = 4 << 20;
  ASSIGN_OR_RETURN(std::string text, ReadWhole(path, kPolicyBytesMax));
  const rules::SourceFile source{path, std::move(text)};
  policy::Policy::ParseResult parsed = policy::Policy::Parse(source);
  if (parsed.policy != nullptr) return std::move(parsed.policy);
  return absl::InvalidArgumentError(
      StrCat("the policy has errors:\n", rules::Render(parsed.diagnostics, {source}, false)));
}

std::optional<pack::CompileResult> CompileSource(const RuleSourceFlags& flags, int* exit_code) {
  std::vector<rules::SourceFile> sources;
  if (flags.paths.empty()) {
    const auto pack = pack::LoadPack(flags.pack);
    if (!pack.ok()) {
      *exit_code = Fail(pack.status());
      return std::nullopt;
    }
    sources = (*pack)->sources();
  } else {
    auto read = pack::ReadRuleFiles(flags.paths);
    if (!read.ok()) {
      *exit_code = Fail(read.status());
      return std::nullopt;
    }
    sources = *std::move(read);
  }
  pack::CompileResult compiled = pack::CompilePack(std::move(sources), {});
  if (compiled.pack != nullptr) return compiled;
  ComplainOf(compiled.diagnostics, compiled.sources);
  Complain("the rules have errors");
  *exit_code = kFound;
  return std::nullopt;
}

void AddReviewFormat(CLI::App* command, std::string* format) {
  command
      ->add_option("--format", *format,
                   "text (for people), json, sarif (for code hosts and editors) or github (marks\n"
                   "in a pull request)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json", "sarif", "github"}).description(""))
      ->capture_default_str();
}

bool PrintForReview(std::string_view format, const std::vector<rules::Diagnostic>& diagnostics,
                    const std::vector<rules::SourceFile>& sources) {
  if (format == "sarif") {
    Print(SarifLog(diagnostics, sources));
  } else if (format == "github") {
    Print(GithubAnnotations(diagnostics, sources));
  } else {
    return false;
  }
  return true;
}

void AddRulePaths(CLI::App* command, std::vector<std::string>* paths) {
  command->add_option("PATH", *paths, "Rule files, or folders of them (*.yaml, recursively)")
      ->type_name("")
      ->required();
}

std::string PlaceOf(const pack::CompileResult& compiled, const rules::SourceRange& where) {
  return StrCat(Harmless(compiled.sources[static_cast<size_t>(where.file)].path), ":",
                where.begin_line);
}

std::string Plural(size_t n, std::string_view one, std::string_view many) {
  return StrCat(n, " ", n == 1 ? one : many);
}

}  // namespace winnow::cli
