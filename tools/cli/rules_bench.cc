// winnow rules bench: what each rule costs, measured.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/match/program.h"
#include "engine/pack/pack.h"
#include "engine/pack/text_scan.h"
#include "tools/cli/author_commands.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/corpus.h"
#include "tools/cli/json.h"
#include "tools/cli/rule_source.h"

namespace winnow::cli {
namespace {

struct BenchFlags {
  std::vector<std::string> paths;
  std::vector<std::string> corpus;
  std::string rule;
  std::string format = "text";
  size_t repeats = 5;
  size_t top = 20;
};

// A small corpus is scanned as often as makes up so many bytes, for the clock.
constexpr size_t kRoundBytesMin = 256 << 10;
// No more of it is kept: what is told are costs by the byte.
constexpr size_t kCorpusBytesMax = 16 << 20;

// Of this thread, so that whatever else runs on the machine disturbs less.
double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// What was measured several times.
struct Measured {
  double median = 0;
  double noise = 0;  // the median distance of a measurement from the median
};

double MedianOf(std::vector<double> values) {
  if (values.empty()) return 0;
  const size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(middle), values.end());
  return values[middle];
}

Measured Of(const std::vector<double>& values) {
  Measured out{MedianOf(values), 0};
  std::vector<double> distances;
  distances.reserve(values.size());
  for (const double value : values) distances.push_back(std::abs(value - out.median));
  out.noise = MedianOf(std::move(distances));
  return out;
}

struct RuleCosts {
  size_t rule = 0;
  Measured compile;  // seconds
  Measured scan;     // nanoseconds a kilobyte of text, beyond a scan that seeks nothing
  size_t memory_bytes = 0;
  uint64_t matches = 0;  // in one round

  bool below_noise() const { return scan.median <= scan.noise; }
};

struct Bench {
  std::vector<RuleCosts> rules;  // the slowest to scan first
  size_t texts = 0, bytes = 0;
  size_t rounds = 0;  // over all texts, a measurement
  Measured compile;   // of all rules
  Measured scan;      // of all rules, as above but with making the views
};

class Bencher {
 public:
  Bencher(const pack::CompileResult& compiled, const BenchFlags& flags)
      : compiled_(compiled), flags_(flags) {}

  absl::StatusOr<Bench> Run() {
    Bench bench;
    RETURN_IF_ERROR(ReadTexts());
    bench.texts = texts_.size();
    bench.bytes = bytes_;
    bench.rounds = rounds_ = std::max<size_t>(1, (kRoundBytesMin + bytes_ - 1) / bytes_);
    for (size_t i = 0; i < compiled_.rules.rules.size(); ++i) {
      if (!flags_.rule.empty() && compiled_.rules.rules[i].id != flags_.rule) continue;
      ASSIGN_OR_RETURN(bench.rules.emplace_back(), MeasureRule(i));
    }
    if (!flags_.rule.empty() && bench.rules.empty()) {
      return absl::NotFoundError(StrCat("there is no rule ", Harmless(flags_.rule)));
    }
    std::stable_sort(
        bench.rules.begin(), bench.rules.end(),
        [](const RuleCosts& a, const RuleCosts& b) { return a.scan.median > b.scan.median; });
    RETURN_IF_ERROR(MeasureAll(&bench));
    return bench;
  }

 private:
  absl::Status ReadTexts() {
    if (flags_.corpus.empty()) {
      for (const rules::Rule& rule : compiled_.rules.rules) {
        for (const auto* tests : {&rule.tests_match, &rule.tests_no_match}) {
          for (const rules::TestCase& test : *tests) Add(test.text);
        }
      }
    }
    RETURN_IF_ERROR(ReadCorpus(flags_.corpus, [this](const CorpusText& text) {
      if (bytes_ < kCorpusBytesMax) Add(text.text);
      return absl::OkStatus();
    }));
    return texts_.empty() ? absl::NotFoundError("there is no text to scan") : absl::OkStatus();
  }

  void Add(std::string_view text) {
    texts_.emplace_back(text);
    bytes_ += text.size();
  }

  // The nanoseconds a kilobyte that a measurement takes.
  absl::StatusOr<double> Scan(pack::TextScanner* scanner, uint64_t* matches) const {
    const double start = CpuSeconds();
    uint64_t found = 0;
    for (size_t round = 0; round < rounds_; ++round) {
      for (const std::string& text : texts_) {
        ASSIGN_OR_RETURN(const match::ScanOutcome outcome, scanner->ScanOn(text, kAllSurfaces));
        found += outcome.match_count;
      }
    }
    const double took = CpuSeconds() - start;
    *matches = found / rounds_;
    return took * 1e12 / static_cast<double>(bytes_ * rounds_);
  }

  absl::StatusOr<RuleCosts> MeasureRule(size_t index) {
    RuleCosts costs;
    costs.rule = index;
    std::shared_ptr<const match::Program> alone;
    std::vector<double> compiles;
    for (size_t i = 0; i < flags_.repeats; ++i) {
      const double start = CpuSeconds();
      ASSIGN_OR_RETURN(alone, pack::CompileAlone(compiled_.rules, index));
      compiles.push_back(CpuSeconds() - start);
    }
    costs.compile = Of(compiles);
    costs.memory_bytes = alone->memory_bytes();
    ASSIGN_OR_RETURN(const match::Program* idle, IdleWith(compiled_.rules.rules[index]));
    pack::TextScanner with(*alone), without(*idle);
    std::vector<double> beyond;
    // The first scan fills caches and is not counted. What both do is measured beside one another,
    // so that a machine that slows down slows both.
    for (size_t i = 0; i <= flags_.repeats; ++i) {
      uint64_t nothing = 0;
      ASSIGN_OR_RETURN(const double base, Scan(&without, &nothing));
      ASSIGN_OR_RETURN(const double took, Scan(&with, &costs.matches));
      if (i > 0) beyond.push_back(took - base);
    }
    costs.scan = Of(beyond);
    return costs;
  }

  // A program that asks for the views of `rule` and finds nothing.
  absl::StatusOr<const match::Program*> IdleWith(const rules::Rule& rule) {
    const auto key = std::make_pair(rule.views, rule.pinyin_initials);
    auto& program = idle_[key];
    if (program == nullptr) {
      rules::RuleSet one;
      rules::Rule idle = rule;
      idle.has_unless = false;
      idle.match = {};
      idle.match.kind = rules::Condition::Kind::kTerms;
      // A word in a script that no text of ours is written in; two ideographs for the ear.
      idle.match.terms = {{"龘靐齉", {}}, {"ⰀⰁⰂⰃⰄⰅ", {}}};
      one.rules.push_back(std::move(idle));
      ASSIGN_OR_RETURN(program, pack::CompileAlone(one, 0));
    }
    return program.get();
  }

  absl::Status MeasureAll(Bench* bench) {
    std::vector<double> compiles, scans;
    pack::TextScanner all(compiled_.pack->program());
    for (size_t i = 0; i <= flags_.repeats; ++i) {
      uint64_t found = 0;
      ASSIGN_OR_RETURN(const double took, Scan(&all, &found));
      if (i > 0) scans.push_back(took);
    }
    bench->scan = Of(scans);
    // Seconds for a large pack: once more says enough of it.
    for (int i = 0; i < 2; ++i) {
      const double start = CpuSeconds();
      const pack::CompileResult again = pack::CompilePack(compiled_.sources, {});
      compiles.push_back(CpuSeconds() - start);
    }
    bench->compile = Of(compiles);
    return absl::OkStatus();
  }

  const pack::CompileResult& compiled_;
  const BenchFlags& flags_;
  std::vector<std::string> texts_;
  size_t bytes_ = 0;
  size_t rounds_ = 1;
  std::map<std::pair<text::ViewSet, bool>, std::shared_ptr<const match::Program>> idle_;
};

std::string Milliseconds(const Measured& m) {
  return absl::StrFormat("%.2f ±%.2f ms", m.median * 1e3, m.noise * 1e3);
}

std::string Nanoseconds(const Measured& m) {
  return absl::StrFormat("%.1f ±%.1f ns/kB", m.median, m.noise);
}

void TellText(const Bench& bench, const pack::CompileResult& compiled, const BenchFlags& flags) {
  const Terminal terminal = StandardOutput();
  const Style style(terminal);
  Table table({"SCAN", "COMPILE", "MEMORY", "MATCHES", "RULE", "WRITTEN"}, 5);
  const size_t shown =
      flags.top == 0 ? bench.rules.size() : std::min(flags.top, bench.rules.size());
  for (size_t i = 0; i < shown; ++i) {
    const RuleCosts& costs = bench.rules[i];
    const rules::Rule& rule = compiled.rules.rules[costs.rule];
    table.Add({StrCat(Nanoseconds(costs.scan), costs.below_noise() ? " (noise)" : ""),
               Milliseconds(costs.compile), StrCat(costs.memory_bytes / 1000, " kB"),
               StrCat(costs.matches), rule.id, PlaceOf(compiled, rule.where)});
  }
  Print(StrCat(table.Print(style, terminal.width), "\n"));
  if (shown < bench.rules.size()) {
    Print(StrCat(Plural(bench.rules.size() - shown, "faster rule is", "faster rules are"),
                 " not shown; --top 0 shows them\n"));
  }
  Print(StrCat("all rules together: scan ", Nanoseconds(bench.scan), " with making the views, ",
               "compile ", Milliseconds(bench.compile), "\n"));
  Print(StrCat("median ± median distance from it, of ", flags.repeats, " measurements of ",
               Plural(bench.rounds, "round", "rounds"), " over ",
               Plural(bench.texts, "text", "texts"), " (", bench.bytes, " bytes",
               flags.corpus.empty() ? " of the rules' own tests)\n" : ")\n"));
}

void AppendMeasured(std::string_view name, const Measured& m, double unit, std::string* out) {
  absl::StrAppendFormat(out, ",\"%s\":%.6g,\"%sNoise\":%.6g", std::string(name), m.median * unit,
                        std::string(name), m.noise * unit);
}

void TellJson(const Bench& bench, const pack::CompileResult& compiled, const BenchFlags& flags) {
  std::string out = StrCat(R"({"texts":)", bench.texts, R"(,"bytes":)", bench.bytes,
                           R"(,"rounds":)", bench.rounds, R"(,"repeats":)", flags.repeats);
  AppendMeasured("compileMs", bench.compile, 1e3, &out);
  AppendMeasured("scanNsPerKb", bench.scan, 1, &out);
  out += R"(,"rules":[)";
  bool first = true;
  for (const RuleCosts& costs : bench.rules) {
    const rules::Rule& rule = compiled.rules.rules[costs.rule];
    StrAppend(&out, first ? "\n" : ",\n", R"({"rule":)", JsonString(rule.id), R"(,"path":)",
              JsonString(compiled.sources[static_cast<size_t>(rule.where.file)].path),
              R"(,"line":)", rule.where.begin_line);
    first = false;
    AppendMeasured("scanNsPerKb", costs.scan, 1, &out);
    AppendMeasured("compileMs", costs.compile, 1e3, &out);
    StrAppend(&out, R"(,"belowNoise":)", costs.below_noise() ? "true" : "false",
              R"(,"memoryBytes":)", costs.memory_bytes, R"(,"matches":)", costs.matches, "}");
  }
  out += first ? "]}\n" : "\n]}\n";
  Print(out);
}

int Run(const BenchFlags& flags) {
  int exit_code = kOk;
  const auto compiled = CompileSource({.paths = flags.paths}, &exit_code);
  if (!compiled) return exit_code;
  const absl::StatusOr<Bench> bench = Bencher(*compiled, flags).Run();
  if (!bench.ok()) {
    const bool no_rule = absl::IsNotFound(bench.status()) && !flags.rule.empty();
    Fail(bench.status());
    return no_rule ? kUsage : kFailed;
  }
  if (flags.format == "json") {
    TellJson(*bench, *compiled, flags);
  } else {
    TellText(*bench, *compiled, flags);
  }
  return kOk;
}

}  // namespace

void AddRulesBench(CLI::App& rules, int* exit_code) {
  auto flags = std::make_shared<BenchFlags>();
  CLI::App* command = rules.add_subcommand("bench", "Measure what each rule costs, slowest first");
  command->footer(
      "Each rule is compiled alone and scans the texts alone; told is what that takes beyond a\n"
      "scan with the same views that seeks a word nobody writes, measured beside it. In a pack\n"
      "rules share an index, so their costs do not add up to that of all: they tell which rule to\n"
      "look at. Times are of the processor. A cost that the noise swallows is marked so.\n"
      "Without --corpus the rules' own tests are scanned, in which they find more than elsewhere.\n"
      "`winnow rules explain ID` says what a rule is made of.\n"
      "\n"
      "Examples:\n"
      "  winnow rules bench rules --corpus last-week\n"
      "  winnow rules bench rules --rule gambling.online_casino --repeats 25\n"
      "  winnow rules bench rules --corpus last-week --format json\n");
  AddRulePaths(command, &flags->paths);
  AddCorpus(command, &flags->corpus, false);
  command->add_option("--rule", flags->rule, "Measure this rule only")->type_name("ID");
  command->add_option("--repeats", flags->repeats, "Measurements of each rule")
      ->type_name("N")
      ->check(CLI::Range(3, 1000).description(""))
      ->capture_default_str();
  command->add_option("--top", flags->top, "Show so many rules; 0: all")
      ->type_name("N")
      ->capture_default_str();
  AddFormat(command, &flags->format, "text (for people) or json: every rule");
  command->callback([flags, exit_code] { *exit_code = Run(*flags); });
}

}  // namespace winnow::cli
