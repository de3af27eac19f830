// A check of clean text costs no allocation once its working set has grown.
#include <gtest/gtest.h>

#include <string>

#include "engine/checker.h"
#include "engine/pack/pack.h"
#include "tests/support/count_allocations.h"

namespace winnow {
namespace {

constexpr char kRules[] = R"(
- id: vice_violence.online_casino
  category: vice_violence
  label: gambling
  severity: high
  action: block
  match:
    all:
      - terms: [网上赌场, 真人荷官, online casino]
      - regex: 'tel[: ]{1,2}[0-9]{6,11}'
  reason: {en: Offers online gambling., zh: 提供网络赌博。}
  tests: {match: ['online casino, tel 123456'], no_match: ['-']}
)";

TEST(CheckAllocation, CleanTextNeedsNoneInTheSteadyState) {
  pack::CompileResult compiled = pack::CompilePack({{"rules.yaml", kRules}}, {.id = "test"});
  ASSERT_NE(compiled.pack, nullptr) << rules::Render(compiled.diagnostics, compiled.sources, false);
  const Checker checker(compiled.pack, DefaultPolicy());
  const std::string texts[] = {
      "The quarterly report is ready. Please have a look before Monday's meeting on page 3.",
      "各位同事大家好，本季度的销售报告已经完成，请在周一的会议之前查看附件里的数据。",
      "他在新闻里读到一家网上赌场被查封, and an online casino too.",  // a term that no rule needs
                                                                      // alone
      "Этот город стоит на реке, а я живу в нём с 2003 года.",
      std::string(300000, 'x') + " and so on",
  };
  Content content;
  content.surface = Surface::kOrder;
  content.fields.resize(2);
  content.fields[0].key = "note";
  content.fields[1].key = "title";
  const auto check_all = [&] {
    for (const std::string& text : texts) {
      content.fields[0].bytes = text;
      content.fields[1].bytes = "a title";
      const absl::StatusOr<CheckResult> result = checker.Check(content);
      ASSERT_TRUE(result.ok());
      ASSERT_EQ(result->decision, Decision::kAllow);
      ASSERT_EQ(result->completeness, Completeness::kComplete);
    }
  };
  check_all();
  const int before = test::Allocations();
  for (int i = 0; i < 10; ++i) check_all();
  EXPECT_EQ(test::Allocations(), before);
}

}  // namespace
}  // namespace winnow
