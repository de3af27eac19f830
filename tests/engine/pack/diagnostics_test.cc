// What authors are told by the compiler and the lints, beyond what the parser says. Each
// testdata/diagnostics/<meaning>.yaml is compiled and rendered into <meaning>.out.
#include "engine/rules/diagnostics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/pack/lint.h"
#include "engine/pack/pack.h"
#include "engine/pack/rule_tests.h"
#include "tests/support/golden.h"

namespace winnow::pack {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(WINNOW_SOURCE_DIR) / "tests/engine/pack/testdata/diagnostics";

class CompilerDiagnosticsTest : public testing::TestWithParam<std::string> {};

TEST_P(CompilerDiagnosticsTest, ReadsAsReviewed) {
  const std::string name = GetParam() + ".yaml";
  CompileResult result =
      CompilePack({{name, test::ReadFileOrFail(kFolder / name)}}, CompileOptions());
  AddLints(&result);
  EXPECT_EQ(result.pack == nullptr, rules::HasErrors(result.diagnostics));
  EXPECT_THAT(result.diagnostics, testing::Not(testing::IsEmpty()));
  test::ExpectGolden(kFolder / (GetParam() + ".out"),
                     rules::Render(result.diagnostics, result.sources, false));
}

INSTANTIATE_TEST_SUITE_P(Files, CompilerDiagnosticsTest, testing::ValuesIn(test::Meanings(kFolder)),
                         [](const auto& info) { return info.param; });

// ---- What lints say of rules is true of them ----

struct Linted {
  CompileResult compiled;
  RuleTestReport report;
  bool Warns(std::string_view code) const {
    return std::any_of(compiled.diagnostics.begin(), compiled.diagnostics.end(),
                       [&](const rules::Diagnostic& d) { return d.code == code; });
  }
};

std::unique_ptr<Linted> Lint(std::string text) {
  auto out = std::make_unique<Linted>();
  out->compiled = CompilePack({{"rules.yaml", std::move(text)}}, CompileOptions());
  AddLints(&out->compiled);
  auto report = RunRuleTests(out->compiled);
  EXPECT_TRUE(report.ok()) << report.status();
  if (report.ok()) out->report = *std::move(report);
  return out;
}

TEST(LintTruthTest, ATermThatIsAlwaysExcusedIsFoundInNoOrder) {
  const auto linted = Lint(R"(
- id: drugs.mule
  category: vice_violence
  label: drugs
  severity: high
  action: block
  match: {near: {within: 12, of: [[海关不查], [带货, 运货]]}}
  unless: {within: sentence, terms: [海关]}
  reason: {en: It offers drugs., zh: 内容提供毒品。}
  tests:
    match: [海关不查带货, 带货海关不查, "海关不查，带货", "带货，海关不查！", 带货 海关不查, 海 关 不 查 带货]
    no_match: [海关带货]
)");
  EXPECT_TRUE(linted->Warns("R076"));
  ASSERT_EQ(linted->report.runs.size(), 7u);
  for (const RuleTestRun& run : linted->report.runs) {
    EXPECT_THAT(run.found, testing::IsEmpty()) << run.test->text;
  }
}

TEST(LintTruthTest, AHiddenRuleFindsNothingAlone) {
  const auto linted = Lint(test::ReadFileOrFail(kFolder / "hidden_by_another_rule.yaml"));
  EXPECT_TRUE(linted->Warns("R073"));
  size_t runs = 0;
  for (const RuleTestRun& run : linted->report.runs) {
    if (linted->compiled.rules.rules[run.rule].id != "gambling.live_croupier") continue;
    if (!run.should_match) continue;
    EXPECT_THAT(run.others, testing::Contains(0u)) << run.test->text;
    ++runs;
  }
  EXPECT_GT(runs, 0u);
}

TEST(LintTruthTest, AnAllThatForbidsWhatItAsksForNeverHolds) {
  const auto linted = Lint(R"(
- id: gambling.opening
  category: vice_violence
  label: gambling
  severity: high
  action: block
  match: {all: [{terms: [赌场开户, 赌场返水]}, {not: {terms: [赌场]}}]}
  reason: {en: It offers gambling., zh: 内容提供赌博。}
  tests: {match: [赌场开户, 赌 场 返 水, 注册赌场开户], no_match: [开户]}
)");
  EXPECT_TRUE(linted->Warns("R078"));
  for (const RuleTestRun& run : linted->report.runs) {
    EXPECT_THAT(run.found, testing::IsEmpty()) << run.test->text;
  }
}

}  // namespace
}  // namespace winnow::pack
