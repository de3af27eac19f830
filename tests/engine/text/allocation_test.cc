// Clean text costs no allocation once buffers have grown.
#include <gtest/gtest.h>

#include <string>

#include "engine/text/normalizer.h"
#include "tests/support/count_allocations.h"

namespace winnow::text {
namespace {

TEST(Allocation, CleanTextNeedsNoneInTheSteadyState) {
  const std::string texts[] = {
      "The quarterly report is ready. Please have a look before Monday's meeting on page 3.",
      "各位同事大家好，本季度的销售报告已经完成，请在周一的会议之前查看附件里的数据。",
      "Этот город стоит на реке, а я живу в нём с 2003 года.",
      std::string(300000, 'x') + " and so on",
  };
  NormalizerOptions options;
  options.views = SetOf(View::kFolded) | SetOf(View::kSqueezed) | SetOf(View::kPhonetic);
  auto normalizer = Normalizer::Create(options);
  size_t bytes = 0;
  const auto feed_all = [&] {
    for (const std::string& text : texts) {
      normalizer->Begin();
      normalizer->Feed(text, true, [&](const Block& block) {
        bytes += block.view(View::kFolded).size() + block.view(View::kSqueezed).size() +
                 block.view(View::kPhonetic).size();
        return true;
      });
    }
  };
  feed_all();
  const int before = test::Allocations();
  for (int i = 0; i < 10; ++i) feed_all();
  EXPECT_EQ(test::Allocations(), before);
  EXPECT_GT(bytes, 3000000u);
}

}  // namespace
}  // namespace winnow::text
