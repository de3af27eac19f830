// The sample layers of tests/data/layers above the bundled rules: their tests hold, and each tenant
// is told what its layers say.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "engine/base/strings.h"
#include "engine/checker.h"
#include "engine/pack/pack.h"
#include "engine/pack/rule_tests.h"
#include "tests/rules/bundle.h"

namespace winnow {
namespace {

namespace fs = std::filesystem;

const pack::CompileResult& Layered() {
  static const auto& compiled = *new pack::CompileResult([] {
    const fs::path top(WINNOW_SOURCE_DIR);
    auto sources =
        pack::ReadRuleFiles({(top / "rules").string(), (top / "tests/data/layers").string()});
    return sources.ok() ? pack::CompilePack(*std::move(sources), {}) : pack::CompileResult{};
  }());
  return compiled;
}

TEST(LayersSampleTest, RuleTestsHold) {
  const pack::CompileResult& compiled = Layered();
  EXPECT_EQ(rules::Render(compiled.diagnostics, compiled.sources, false), "");
  ASSERT_NE(compiled.pack, nullptr);
  const auto report = pack::RunRuleTests(compiled);
  ASSERT_TRUE(report.ok()) << report.status();
  for (const pack::RuleTestFailure& failure : report->failures) {
    ADD_FAILURE() << failure.rule_id << ": " << failure.text << " " << failure.message;
  }
}

TEST(LayersSampleTest, EachTenantIsToldItsOwn) {
  ASSERT_NE(Layered().pack, nullptr);
  const Checker checker(Layered().pack, test::BundledRules().policy.policy);
  const struct {
    const char* tenant;
    const char* text;
    const char* told;  // decision; each rule that found something, and whose word it was
  } cases[] = {
      {"", "澳门威尼斯人注册就送彩金", "block; gambling.online_casino (bundled)"},
      {"tea-house", "澳门威尼斯人注册就送彩金", "block; gambling.online_casino (bundled)"},
      {"acme-chips", "澳门威尼斯人注册就送彩金",
       "review; gambling.online_casino (tenant acme-chips)"},
      {"", "附件是青鸟计划二期的报价", "block; other_prohibited.project_bluebird (operator ours)"},
      {"acme-chips", "附件是青鸟计划二期的报价",
       "block; other_prohibited.project_bluebird (operator ours)"},
      {"tea-house", "云雾茶庄全场折扣", "review; unsolicited_ads.rival_tea (tenant tea-house)"},
      {"acme-chips", "云雾茶庄全场折扣", "allow"},
      {"", "云雾茶庄全场折扣", "allow"},
  };
  for (const auto& c : cases) {
    Content content;
    content.surface = Surface::kComment;
    content.tenant = c.tenant;
    content.fields.push_back({"text", c.text, "", false});
    const auto result = checker.Check(content);
    ASSERT_TRUE(result.ok()) << result.status();
    std::string told(Name(result->decision));
    for (const Finding& f : result->findings) {
      const std::string said = StrCat("; ", f.rule_id, " (", Name(f.layer.kind),
                                      f.layer.name.empty() ? "" : " ", f.layer.name, ")");
      if (told.find(said) == told.npos) told += said;
    }
    EXPECT_EQ(told, c.told) << c.tenant << ": " << c.text;
  }
}

}  // namespace
}  // namespace winnow
