// winnow rules check | test: what rule authors run. The other verbs have files of their own,
// rules_*.cc.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/strings.h"
#include "engine/pack/pack.h"
#include "engine/pack/rule_tests.h"
#include "engine/rules/diagnostics.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/diagnostics_ci.h"
#include "tools/cli/diagnostics_json.h"
#include "tools/cli/json.h"
#include "tools/cli/rule_source.h"

namespace winnow::cli {
namespace {

struct RulesFlags {
  std::vector<std::string> paths;
  std::string format = "text";
  std::string rule;
};

void AddFormat(CLI::App* command, std::string* format) {
  command
      ->add_option("--format", *format,
                   "text (for people), json, sarif (for code hosts and editors) or github (marks\n"
                   "in a pull request)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json", "sarif", "github"}).description(""))
      ->capture_default_str();
}

// What sarif and github say; false for the other formats.
bool PrintForReview(const RulesFlags& flags, const std::vector<rules::Diagnostic>& diagnostics,
                    const std::vector<rules::SourceFile>& sources) {
  if (flags.format == "sarif") {
    Print(SarifLog(diagnostics, sources));
  } else if (flags.format == "github") {
    Print(GithubAnnotations(diagnostics, sources));
  } else {
    return false;
  }
  return true;
}

void AddPaths(CLI::App* command, std::vector<std::string>* paths) {
  command->add_option("PATH", *paths, "Rule files, or folders of them (*.yaml, recursively)")
      ->type_name("")
      ->required();
}

int Check(const RulesFlags& flags) {
  auto sources = pack::ReadRuleFiles(flags.paths);
  if (!sources.ok()) return Fail(sources.status());
  size_t files = 0, lists = 0;
  for (const rules::SourceFile& source : *sources) {
    ++(source.kind == rules::SourceFile::Kind::kList ? lists : files);
  }
  const pack::CompileResult compiled = pack::CompilePack(*std::move(sources), {});
  if (PrintForReview(flags, compiled.diagnostics, compiled.sources)) {
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

void PrintTestReport(const pack::RuleTestReport& report, const pack::CompileResult& compiled) {
  const Style style(StandardOutput());
  for (const pack::RuleTestFailure& failure : report.failures) {
    const std::string& path = compiled.sources[static_cast<size_t>(failure.where.file)].path;
    Print(StrCat(Harmless(path), ":", failure.where.begin_line, ":", failure.where.begin_column,
                 ": ", style.Bad("FAILED"), " ", failure.rule_id, " ", failure.message, ":\n    ",
                 Harmless(failure.text), "\n"));
  }
  Print(StrCat(
      Plural(report.passed, "test", "tests"), " passed, ", report.failures.size(), " failed",
      report.known_gaps > 0 ? StrCat(", ", Plural(report.known_gaps, "known gap", "known gaps"))
                            : std::string(),
      "\n"));
}

void PrintTestReportJson(const pack::RuleTestReport& report, const pack::CompileResult& compiled) {
  std::string out = StrCat(R"({"passed":)", report.passed, R"(,"knownGaps":)", report.known_gaps,
                           R"(,"failures":[)");
  bool first = true;
  for (const pack::RuleTestFailure& failure : report.failures) {
    StrAppend(&out, first ? "\n" : ",\n", R"({"rule":)");
    first = false;
    AppendJsonString(failure.rule_id, &out);
    StrAppend(&out, R"(,"path":)");
    AppendJsonString(compiled.sources[static_cast<size_t>(failure.where.file)].path, &out);
    StrAppend(&out, R"(,"line":)", failure.where.begin_line, R"(,"column":)",
              failure.where.begin_column, R"(,"message":)");
    AppendJsonString(failure.message, &out);
    StrAppend(&out, R"(,"text":)");
    AppendJsonString(failure.text, &out);
    StrAppend(&out, "}");
  }
  StrAppend(&out, first ? "]}\n" : "\n]}\n");
  Print(out);
}

std::vector<rules::Diagnostic> AsDiagnostics(const pack::RuleTestReport& report) {
  std::vector<rules::Diagnostic> out;
  for (const pack::RuleTestFailure& failure : report.failures) {
    out.push_back({.level = rules::DiagnosticLevel::kError,
                   .code = "T001",
                   .message = StrCat(failure.rule_id, " ", failure.message),
                   .where = failure.where,
                   .label = "",
                   .help = ""});
  }
  return out;
}

int Test(const RulesFlags& flags) {
  auto sources = pack::ReadRuleFiles(flags.paths);
  if (!sources.ok()) return Fail(sources.status());
  const pack::CompileResult compiled = pack::CompilePack(*std::move(sources), {});
  if (compiled.pack == nullptr) {
    if (!PrintForReview(flags, compiled.diagnostics, compiled.sources)) {
      ComplainOf(compiled.diagnostics, compiled.sources);
    }
    Complain("the rules have errors, so their tests did not run");
    return kFound;
  }
  const auto report = pack::RunRuleTests(compiled, flags.rule);
  if (absl::IsNotFound(report.status())) {
    Complain(ToStd(report.status().message()));
    return kUsage;
  }
  if (!report.ok()) return Fail(report.status());
  if (PrintForReview(flags, AsDiagnostics(*report), compiled.sources)) {
  } else if (flags.format == "json") {
    PrintTestReportJson(*report, compiled);
  } else {
    PrintTestReport(*report, compiled);
  }
  return report->failures.empty() ? kOk : kFound;
}

}  // namespace

void AddRules(CLI::App& app, int* exit_code) {
  CLI::App* rules =
      app.add_subcommand("rules", "Begin, check, test and lay out rules, explain what is wrong");
  rules->require_subcommand(1);
  auto flags = std::make_shared<RulesFlags>();
  AddRulesNew(*rules, exit_code);
  AddRulesFmt(*rules, exit_code);

  CLI::App* check = rules->add_subcommand("check", "Say what is wrong with rules");
  check->footer(
      "Parses the rules and the lists that they name, and compiles their patterns; writes "
      "nothing.\n"
      "Exit code 1 when there is an error; warnings do not count.\n\n"
      "Examples:\n"
      "  winnow rules check rules\n"
      "  winnow rules check --format json my-rules/gambling.yaml\n"
      "  winnow rules check --format sarif rules > winnow.sarif\n");
  AddPaths(check, &flags->paths);
  AddFormat(check, &flags->format);
  check->callback([flags, exit_code] { *exit_code = Check(*flags); });

  CLI::App* test = rules->add_subcommand("test", "Run the tests that rules carry");
  test->footer(
      "Runs `tests: {match, no_match}` of every rule. A todo_match or todo_no_match that holds is "
      "a\n"
      "failure too: move it among the others. Exit code 1 when a test fails.\n\n"
      "Examples:\n"
      "  winnow rules test rules\n"
      "  winnow rules test rules --rule gambling.online_casino\n");
  AddPaths(test, &flags->paths);
  test->add_option("--rule", flags->rule, "Run the tests of this rule only")->type_name("ID");
  AddFormat(test, &flags->format);
  test->callback([flags, exit_code] { *exit_code = Test(*flags); });
  AddRulesExplain(*rules, exit_code);
  AddRulesWhy(*rules, exit_code);
}

}  // namespace winnow::cli
