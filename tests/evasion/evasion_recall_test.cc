// Every kind of hidden form keeps its share of found terms, on a sample of what evasion_recall
// measures in full.
#include <gtest/gtest.h>

#include <string>

#include "tests/evasion/recall.h"

namespace winnow::evasion {
namespace {

constexpr uint64_t kSeed = 20241124;

std::string Listed(const Recall& recall) {
  std::string list;
  for (const std::string& miss : recall.misses) list += "\n  " + miss;
  return list;
}

TEST(EvasionRecall, EachKindKeepsItsShare) {
  for (const Kind& kind : Kinds()) {
    const Recall recall = Measure(TermPack::Bundled(), kind, nullptr, 1500, kSeed, 5);
    EXPECT_EQ(recall.variants, 1500u) << kind.name;
    EXPECT_GE(recall.share(), kind.floor) << kind.name << Listed(recall);
  }
}

TEST(EvasionRecall, TermsAreFoundAsTheyStandAndNowhereElse) {
  // What is written without any disguise is found in every sentence, and the sentences hold none.
  const Kind plain = {"plain",
                      Stage::kSpell,
                      0,
                      1,
                      1,
                      Around::kAny,
                      [](Random*, const std::vector<bool>&, Writing* writing) {
                        // A space behind the term shows that something was written.
                        writing->cells.back().after = U" ";
                        return uint32_t{1};
                      },
                      ""};
  const Recall recall =
      Measure(TermPack::Bundled(), plain, nullptr,
              static_cast<uint32_t>(TermPack::Bundled().terms().size()), kSeed, 5);
  EXPECT_EQ(recall.found, recall.variants) << Listed(recall);
  const Kind other = {"other",
                      Stage::kSpell,
                      0,
                      0,
                      0,
                      Around::kAny,
                      [](Random*, const std::vector<bool>&, Writing* writing) {
                        writing->cells.assign(1, {U'\u2042', U"\u2042", U""});
                        return uint32_t{1};
                      },
                      ""};
  const Recall none = Measure(TermPack::Bundled(), other, nullptr, 2000, kSeed, 0);
  EXPECT_EQ(none.found + none.unnamed, 0u);
}

}  // namespace
}  // namespace winnow::evasion
