// winnow rules test: the tests that rules carry, and what was found in them.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/pack/pack.h"
#include "engine/pack/rule_tests.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/json.h"
#include "tools/cli/rule_source.h"
#include "tools/cli/rule_story.h"
#include "tools/cli/watch.h"

namespace winnow::cli {
namespace {

struct TestFlags {
  std::vector<std::string> paths;
  std::string format = "text";
  std::string rule;
  bool verbose = false;
  bool watch = false;
};

std::string OthersText(const pack::RuleTestRun& run, const pack::CompileResult& compiled) {
  std::string out;
  for (const uint32_t other : run.others) {
    StrAppend(&out, out.empty() ? "" : ", ", compiled.rules.rules[other].id);
  }
  return out;
}

std::string FoundText(const pack::RuleTestRun& run, const Style& style) {
  std::string out;
  for (const match::RuleMatch& found : run.found) {
    StrAppend(&out, out.empty() ? "" : ", ",
              TellWords(run.test->text, found.place, found.view, style));
  }
  return out;
}

// Why a test failed, as far as the rule's conditions tell.
void PrintReasons(const pack::RuleTestRun& run, const pack::CompileResult& compiled,
                  const Style& style) {
  constexpr std::string_view kIndent = "    ";
  if (!run.found.empty()) Print(StrCat(kIndent, "found ", FoundText(run, style), "\n"));
  const auto trace = TraceText(compiled, run.rule, run.test->text, run.surface);
  if (trace.ok()) {
    const Story story{compiled, run.rule, run.test->text, *trace};
    Print(TellConditions(story, style, kIndent));
    Print(TellExcuses(story, style, kIndent));
  }
  const std::string others = OthersText(run, compiled);
  if (run.found.empty() && !others.empty()) {
    Print(StrCat(kIndent, "other rules find it: ", others, "\n"));
  }
}

void PrintReport(const pack::RuleTestReport& report, const pack::CompileResult& compiled,
                 bool verbose) {
  const Style style(StandardOutput());
  const auto place = [&](const rules::SourceRange& where) {
    return StrCat(PlaceOf(compiled, where), ":", where.begin_column);
  };
  if (verbose) {
    for (const pack::RuleTestRun& run : report.runs) {
      if (run.held == run.todo) continue;  // among the failures, or a known gap
      Print(StrCat(
          place(run.test->where), ": ", style.Good("ok"), " ", compiled.rules.rules[run.rule].id,
          " ", run.should_match ? StrCat("finds ", FoundText(run, style)) : "finds nothing", "\n"));
    }
  }
  for (const pack::RuleTestFailure& failure : report.failures) {
    Print(StrCat(place(failure.where), ": ", style.Bad("FAILED"), " ", failure.rule_id, " ",
                 failure.message, ":\n    ", Harmless(failure.text), "\n"));
    PrintReasons(report.runs[failure.run], compiled, style);
  }
  Print(StrCat(
      Plural(report.passed, "test", "tests"), " passed, ", report.failures.size(), " failed",
      report.known_gaps > 0 ? StrCat(", ", Plural(report.known_gaps, "known gap", "known gaps"))
                            : std::string(),
      "\n"));
}

// The members "rule", "path", "line" and "column" of a test, and what was found in it.
std::string RunJson(const pack::RuleTestRun& run, const pack::CompileResult& compiled) {
  const rules::SourceRange& where = run.test->where;
  std::string out =
      StrCat(R"("rule":)", JsonString(compiled.rules.rules[run.rule].id), R"(,"path":)",
             JsonString(compiled.sources[static_cast<size_t>(where.file)].path), R"(,"line":)",
             where.begin_line, R"(,"column":)", where.begin_column, R"(,"found":[)");
  for (size_t i = 0; i < run.found.size(); ++i) {
    StrAppend(&out, i == 0 ? "{" : ",{", FoundJson(run.test->text, run.found[i]), "}");
  }
  out += R"(],"others":[)";
  for (size_t i = 0; i < run.others.size(); ++i) {
    StrAppend(&out, i == 0 ? "" : ",", JsonString(compiled.rules.rules[run.others[i]].id));
  }
  return out + "]";
}

void PrintReportJson(const pack::RuleTestReport& report, const pack::CompileResult& compiled,
                     bool verbose) {
  std::string out = StrCat(R"({"passed":)", report.passed, R"(,"knownGaps":)", report.known_gaps,
                           R"(,"failures":[)");
  bool first = true;
  for (const pack::RuleTestFailure& failure : report.failures) {
    StrAppend(&out, first ? "\n{" : ",\n{", RunJson(report.runs[failure.run], compiled),
              R"(,"message":)", JsonString(failure.message), R"(,"text":)",
              JsonString(failure.text), "}");
    first = false;
  }
  out += first ? "]" : "\n]";
  if (verbose) {
    out += R"(,"tests":[)";
    first = true;
    for (const pack::RuleTestRun& run : report.runs) {
      StrAppend(&out, first ? "\n{" : ",\n{", RunJson(run, compiled), R"(,"kind":")",
                run.todo ? "todo_" : "", run.should_match ? "match" : "no_match", R"(","holds":)",
                run.held ? "true" : "false", R"(,"text":)", JsonString(run.test->text), "}");
      first = false;
    }
    out += first ? "]" : "\n]";
  }
  Print(out + "}\n");
}

std::vector<rules::Diagnostic> AsDiagnostics(const pack::RuleTestReport& report,
                                             const pack::CompileResult& compiled) {
  std::vector<rules::Diagnostic> out;
  for (const pack::RuleTestFailure& failure : report.failures) {
    const pack::RuleTestRun& run = report.runs[failure.run];
    // The rule looks at work in a check, and does nothing.
    const bool by_another = run.should_match && !run.held && !run.others.empty();
    out.push_back({.level = rules::DiagnosticLevel::kError,
                   .code = by_another ? "T002" : "T001",
                   .message = StrCat(failure.rule_id, " ", failure.message,
                                     by_another ? "; it is found by " : "",
                                     by_another ? OthersText(run, compiled) : std::string()),
                   .where = failure.where,
                   .label = "",
                   .help = ""});
  }
  return out;
}

int Test(const TestFlags& flags, std::vector<std::string>* read) {
  auto sources = pack::ReadRuleFiles(flags.paths);
  if (!sources.ok()) return Fail(sources.status());
  for (const rules::SourceFile& source : *sources) read->push_back(source.path);
  const pack::CompileResult compiled = pack::CompilePack(*std::move(sources), {});
  if (compiled.pack == nullptr) {
    if (!PrintForReview(flags.format, compiled.diagnostics, compiled.sources)) {
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
  if (PrintForReview(flags.format, AsDiagnostics(*report, compiled), compiled.sources)) {
  } else if (flags.format == "json") {
    PrintReportJson(*report, compiled, flags.verbose);
  } else {
    PrintReport(*report, compiled, flags.verbose);
  }
  return report->failures.empty() ? kOk : kFound;
}

}  // namespace

void AddRulesTest(CLI::App& rules, int* exit_code) {
  auto flags = std::make_shared<TestFlags>();
  CLI::App* test = rules.add_subcommand("test", "Run the tests that rules carry");
  test->footer(
      "Runs `tests: {match, no_match}` of every rule. A todo_match or todo_no_match that holds is "
      "a\n"
      "failure too: move it among the others. Of a failure it says which words were found in "
      "which\n"
      "view, and which conditions hold (+) and do not (-). Exit code 1 when a test fails.\n\n"
      "Examples:\n"
      "  winnow rules test rules\n"
      "  winnow rules test -v rules --rule gambling.online_casino\n"
      "  winnow rules test --watch my-rules\n");
  AddRulePaths(test, &flags->paths);
  test->add_option("--rule", flags->rule, "Run the tests of this rule only")->type_name("ID");
  test->add_flag("-v,--verbose", flags->verbose, "Also say what was found where tests hold");
  AddReviewFormat(test, &flags->format);
  AddWatch(test, &flags->watch);
  test->callback([flags, exit_code] {
    *exit_code = OnceOrWatching(flags->watch, flags->paths,
                                [&](std::vector<std::string>* read) { return Test(*flags, read); });
  });
}

}  // namespace winnow::cli
