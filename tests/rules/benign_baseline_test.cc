// How near each bundled rule comes to harmless text, recorded per rule in
// testdata/benign_baseline.tsv: what it finds in tests/data/benign, what only its `unless` saves,
// and what it nearly finds. A change of a rule or of a text that moves a number shows in the diff
// of that file, where a reviewer sees it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/match/trace.h"
#include "engine/pack/text_scan.h"
#include "tests/rules/benign.h"
#include "tests/rules/bundle.h"

namespace winnow {
namespace {

// Nearer than two of three groups is told as near: of two groups one alone is no news.
constexpr double kNear = 0.66;

struct Counts {
  int hits = 0;   // texts in which the rule finds something
  int saved = 0;  // texts in which it would, but for its `unless`
  int near = 0;   // other texts in which most of its `match` stands
};

std::vector<Counts> CountOverBenignTexts(const std::vector<std::string>& texts) {
  const match::Program& program = test::BundledRules().compiled.pack->program();
  const match::ProgramSpec& spec = match::SpecOf(program);
  std::vector<Counts> counts(spec.rules.size());
  pack::TextScanner scanner(program);
  const std::function<void(const match::HitTable&)> inspect = [&](const match::HitTable& hits) {
    for (size_t i = 0; i < spec.rules.size(); ++i) {
      const match::RuleTrace trace = match::TraceRule(spec, spec.rules[i], hits);
      if (!trace.matches.empty()) {
        ++counts[i].hits;
      } else if (!trace.excused.empty()) {
        ++counts[i].saved;
      } else if (trace.nearness() >= kNear) {
        ++counts[i].near;
      }
    }
  };
  for (const std::string& text : texts) {
    const auto outcome = scanner.Scan(text, Surface::kOrder, &inspect);
    EXPECT_TRUE(outcome.ok()) << outcome.status() << "\n" << text;
  }
  return counts;
}

std::map<std::string, std::string> RowsByRule(const std::string& file) {
  std::map<std::string, std::string> rows;
  std::istringstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const size_t tab = line.find('\t');
    rows[line.substr(0, tab)] = tab == line.npos ? "" : line.substr(tab + 1);
  }
  return rows;
}

TEST(BenignBaseline, IsWhatTheRulesDoNow) {
  ASSERT_NE(test::BundledRules().compiled.pack, nullptr) << test::BundledRules().diagnostics;
  const std::vector<std::string> texts = test::BenignTexts();
  EXPECT_GE(texts.size(), 2000u);
  const std::vector<Counts> counts = CountOverBenignTexts(texts);
  const auto& all_rules = test::BundledRules().compiled.rules.rules;
  ASSERT_EQ(counts.size(), all_rules.size());

  std::map<std::string, std::string> now;
  for (size_t i = 0; i < counts.size(); ++i) {
    EXPECT_EQ(counts[i].hits, 0) << all_rules[i].id << " flags harmless text";
    now[all_rules[i].id] = StrCat(counts[i].hits, "\t", counts[i].saved, "\t", counts[i].near);
  }
  const std::filesystem::path path =
      std::filesystem::path(WINNOW_SOURCE_DIR) / "tests/rules/testdata/benign_baseline.tsv";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::string out =
        "# Of the texts of tests/data/benign, per rule: flagged, saved by `unless`, nearly found.\n"
        "# Kept by benign_baseline_test.cc, which says how it is written anew.\n";
    for (const auto& [id, row] : now) StrAppend(&out, id, "\t", row, "\n");
    std::ofstream(path, std::ios::binary) << out;
    return;
  }
  const std::map<std::string, std::string> recorded = RowsByRule(test::ReadFileOrFail(path));
  std::string moved;
  for (const auto& [id, row] : now) {
    const auto was = recorded.find(id);
    if (was == recorded.end()) {
      StrAppend(&moved, "\n  ", id, " is not recorded");
    } else if (was->second != row) {
      StrAppend(&moved, "\n  ", id, ": ", was->second, " -> ", row);
    }
  }
  for (const auto& [id, row] : recorded) {
    if (!now.contains(id)) StrAppend(&moved, "\n  ", id, " is recorded, but is no rule");
  }
  EXPECT_EQ(moved, "") << "The baseline (flagged, saved, near) moved. If this is meant:\n"
                       << "  UPDATE_GOLDEN=1 build/release/tests/rules_bundle_test "
                          "--gtest_filter='BenignBaseline.*'";
}

}  // namespace
}  // namespace winnow
