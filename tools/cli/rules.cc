// winnow rules check: what rule authors run first. The other verbs have files of their own,
// rules_*.cc.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/strings.h"
#include "engine/pack/lint.h"
#include "engine/pack/pack.h"
#include "engine/rules/diagnostics.h"
#include "tools/cli/author_commands.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/diagnostics_json.h"
#include "tools/cli/json.h"
#include "tools/cli/rule_source.h"
#include "tools/cli/watch.h"

namespace winnow::cli {
namespace {

struct CheckFlags {
  std::vector<std::string> paths;
  std::string format = "text";
  bool watch = false;
};

int Check(const CheckFlags& flags, std::vector<std::string>* read) {
  auto sources = pack::ReadRuleFiles(flags.paths);
  if (!sources.ok()) return Fail(sources.status());
  size_t files = 0, lists = 0;
  for (const rules::SourceFile& source : *sources) {
    read->push_back(source.path);
    ++(source.kind == rules::SourceFile::Kind::kList ? lists : files);
  }
  pack::CompileResult compiled = pack::CompilePack(*std::move(sources), {});
  pack::AddLints(&compiled);
  if (PrintForReview(flags.format, compiled.diagnostics, compiled.sources)) {
  } else if (flags.format == "json") {
    Print(DiagnosticsJson(compiled.diagnostics, compiled.sources));
  } else if (!compiled.diagnostics.empty()) {
    Print(rules::Render(compiled.diagnostics, compiled.sources, StandardOutput().colour));
  }
  if (compiled.pack == nullptr) return kFound;
  if (flags.format == "text") {
    const pack::PackInfo& info = compiled.pack->info();
    Print(StrCat("OK: ", Plural(info.rule_count, "rule", "rules"), " in ",
                 Plural(files, "file", "files"),
                 lists > 0 ? StrCat(" and ", Plural(lists, "list", "lists")) : std::string(), ", ",
                 Plural(info.term_count, "term", "terms"), ", ",
                 Plural(info.regex_count, "regular expression", "regular expressions"), "\n"));
  }
  return kOk;
}

}  // namespace

CLI::App& AddRules(CLI::App& app, int* exit_code) {
  CLI::App* rules =
      app.add_subcommand("rules", "Begin, check, test and lay out rules, explain what is wrong");
  rules->require_subcommand(1);
  auto flags = std::make_shared<CheckFlags>();
  AddRulesNew(*rules, exit_code);
  AddRulesFmt(*rules, exit_code);
  AddRulesFix(*rules, exit_code);

  CLI::App* check = rules->add_subcommand("check", "Say what is wrong with rules");
  check->footer(
      "Parses the rules and the lists that they name, and compiles their patterns; writes "
      "nothing.\n"
      "Exit code 1 when there is an error; warnings do not count.\n\n"
      "Examples:\n"
      "  winnow rules check rules\n"
      "  winnow rules check --format json my-rules/gambling.yaml\n"
      "  winnow rules check --format sarif rules > winnow.sarif\n"
      "  winnow rules check --watch my-rules\n");
  AddRulePaths(check, &flags->paths);
  AddReviewFormat(check, &flags->format);
  AddWatch(check, &flags->watch);
  check->callback([flags, exit_code] {
    *exit_code = OnceOrWatching(flags->watch, flags->paths, [&](std::vector<std::string>* read) {
      return Check(*flags, read);
    });
  });

  AddRulesTest(*rules, exit_code);
  AddRulesExplain(*rules, exit_code);
  AddRulesWhy(*rules, exit_code);
  AddRulesCoverage(*rules, exit_code);
  AddRulesBench(*rules, exit_code);
  AddRulesReplay(*rules, exit_code);
  return *rules;
}

}  // namespace winnow::cli
