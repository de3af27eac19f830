// winnow rules coverage: which rules anything hits.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/pack/pack.h"
#include "engine/pack/rule_tests.h"
#include "engine/pack/text_scan.h"
#include "tools/cli/author_commands.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/corpus.h"
#include "tools/cli/json.h"
#include "tools/cli/rule_source.h"

namespace winnow::cli {
namespace {

struct CoverageFlags {
  std::vector<std::string> paths;
  std::vector<std::string> corpus;
  std::string format = "text";
  bool all = false;
};

// What hits one rule.
struct Covered {
  size_t own_tests = 0;    // of its tests that should match, those that do
  size_t other_tests = 0;  // texts of other rules' tests
  uint64_t texts = 0;      // of the corpus
  uint64_t matches = 0;    // in them

  bool never() const { return own_tests == 0 && other_tests == 0 && texts == 0; }
};

struct Coverage {
  std::vector<Covered> rules;
  uint64_t texts = 0;  // of the corpus
  uint64_t bytes = 0;
  uint64_t unsure = 0;  // texts with more hits than can be kept
  size_t never = 0;     // rules that nothing hits
  size_t not_in_corpus = 0;
};

absl::StatusOr<Coverage> Measure(const pack::CompileResult& compiled, const CoverageFlags& flags) {
  Coverage coverage;
  coverage.rules.resize(compiled.rules.rules.size());
  ASSIGN_OR_RETURN(const pack::RuleTestReport report, pack::RunRuleTests(compiled));
  for (const pack::RuleTestRun& run : report.runs) {
    coverage.rules[run.rule].own_tests += run.should_match && !run.found.empty();
    for (const uint32_t other : run.others) ++coverage.rules[other].other_tests;
  }
  pack::TextScanner scanner(compiled.pack->program());
  RETURN_IF_ERROR(ReadCorpus(flags.corpus, [&](const CorpusText& text) -> absl::Status {
    // A corpus does not say where its texts stood: whatever would find them counts.
    ASSIGN_OR_RETURN(const match::ScanOutcome outcome, scanner.ScanOn(text.text, kAllSurfaces));
    ++coverage.texts;
    coverage.bytes += text.text.size();
    coverage.unsure += outcome.hits_dropped;
    for (const match::ScanOutcome::RuleCount& count : outcome.rules) {
      ++coverage.rules[count.rule].texts;
      coverage.rules[count.rule].matches += count.matches;
    }
    return absl::OkStatus();
  }));
  for (const Covered& covered : coverage.rules) {
    coverage.never += covered.never();
    coverage.not_in_corpus += covered.texts == 0;
  }
  return coverage;
}

void TellText(const Coverage& coverage, const pack::CompileResult& compiled,
              const CoverageFlags& flags) {
  const Terminal terminal = StandardOutput();
  const Style style(terminal);
  const bool corpus = !flags.corpus.empty();
  Table table(corpus ? std::vector<std::string>{"OWN TESTS", "OTHERS' TESTS", "TEXTS", "MATCHES",
                                                "RULE", "WRITTEN"}
                     : std::vector<std::string>{"OWN TESTS", "OTHERS' TESTS", "RULE", "WRITTEN"},
              corpus ? 5 : 3);
  bool any = false;
  for (size_t i = 0; i < coverage.rules.size(); ++i) {
    const Covered& covered = coverage.rules[i];
    if (!flags.all && !covered.never() && !(corpus && covered.texts == 0)) continue;
    any = true;
    const rules::Rule& rule = compiled.rules.rules[i];
    std::vector<std::string> row = {StrCat(covered.own_tests, " of ", rule.tests_match.size()),
                                    StrCat(covered.other_tests)};
    if (corpus) row.insert(row.end(), {StrCat(covered.texts), StrCat(covered.matches)});
    row.push_back(covered.never() ? style.Bad(rule.id) : rule.id);
    row.push_back(PlaceOf(compiled, rule.where));
    table.Add(std::move(row));
  }
  if (any) Print(StrCat(table.Print(style, terminal.width), "\n"));
  const std::string of = StrCat(" of ", Plural(coverage.rules.size(), "rule", "rules"));
  if (corpus) {
    Print(StrCat(coverage.not_in_corpus, of, " hit nothing in ",
                 Plural(coverage.texts, "text", "texts"), " (", coverage.bytes, " bytes)\n"));
  }
  Print(StrCat(coverage.never, of, " are hit by nothing",
               corpus ? ", no test nor text\n" : ", no test\n"));
}

void TellJson(const Coverage& coverage, const pack::CompileResult& compiled,
              const CoverageFlags& flags) {
  std::string out = StrCat(R"({"ruleCount":)", coverage.rules.size(), R"(,"neverHit":)",
                           coverage.never, R"(,"corpus":)");
  if (flags.corpus.empty()) {
    out += "null";
  } else {
    StrAppend(&out, R"({"texts":)", coverage.texts, R"(,"bytes":)", coverage.bytes,
              R"(,"rulesNotHit":)", coverage.not_in_corpus, "}");
  }
  out += R"(,"rules":[)";
  for (size_t i = 0; i < coverage.rules.size(); ++i) {
    const rules::Rule& rule = compiled.rules.rules[i];
    const Covered& covered = coverage.rules[i];
    StrAppend(&out, i == 0 ? "\n" : ",\n", R"({"rule":)", JsonString(rule.id), R"(,"path":)",
              JsonString(compiled.sources[static_cast<size_t>(rule.where.file)].path),
              R"(,"line":)", rule.where.begin_line, R"(,"ownTests":)", rule.tests_match.size(),
              R"(,"ownTestsHit":)", covered.own_tests, R"(,"otherTestsHit":)", covered.other_tests);
    if (!flags.corpus.empty()) {
      StrAppend(&out, R"(,"textsHit":)", covered.texts, R"(,"matches":)", covered.matches);
    }
    StrAppend(&out, R"(,"neverHit":)", covered.never() ? "true" : "false", "}");
  }
  out += coverage.rules.empty() ? "]}\n" : "\n]}\n";
  Print(out);
}

int Cover(const CoverageFlags& flags) {
  int exit_code = kOk;
  const auto compiled = CompileSource({.paths = flags.paths}, &exit_code);
  if (!compiled) return exit_code;
  const absl::StatusOr<Coverage> coverage = Measure(*compiled, flags);
  if (!coverage.ok()) return Fail(coverage.status());
  if (flags.format == "json") {
    TellJson(*coverage, *compiled, flags);
  } else {
    TellText(*coverage, *compiled, flags);
  }
  if (coverage->unsure > 0) {
    Complain(StrCat(Plural(coverage->unsure, "text has", "texts have"),
                    " more matches than can be kept, so some may be missing"));
    return kFailed;
  }
  return coverage->never > 0 ? kFound : kOk;
}

}  // namespace

void AddRulesCoverage(CLI::App& rules, int* exit_code) {
  auto flags = std::make_shared<CoverageFlags>();
  CLI::App* command = rules.add_subcommand("coverage", "Say which rules nothing hits");
  command->footer(
      "Counts what hits each rule: its own tests that should match, the tests of other rules,\n"
      "and, with --corpus, texts as they are written. A corpus is scanned as if it stood on every\n"
      "surface. Shown are rules that hit nothing in the corpus, or nothing at all; exit code 1\n"
      "when there is a rule that nothing hits, no test nor text.\n"
      "\n"
      "Examples:\n"
      "  winnow rules coverage rules\n"
      "  winnow rules coverage rules --corpus last-week --all\n"
      "  winnow rules coverage rules --corpus last-week.jsonl --format json\n");
  AddRulePaths(command, &flags->paths);
  AddCorpus(command, &flags->corpus, false);
  command->add_flag("--all", flags->all, "Show every rule");
  AddFormat(command, &flags->format, "text (for people) or json: every rule");
  command->callback([flags, exit_code] { *exit_code = Cover(*flags); });
}

}  // namespace winnow::cli
