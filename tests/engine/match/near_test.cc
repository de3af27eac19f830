// `near` of many groups against its definition, where chains of hits overlap, nest and cross.
#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/engine/match/scan.h"
#include "tests/support/naive_matcher.h"
#include "tests/support/plain_block.h"

namespace winnow::match {
namespace {

// Each group is of one or two terms; some are of many characters, which hold others inside.
Tree Group(std::mt19937* random) {
  static const char* const kTerms[] = {"a",  "b",   "c",    "d",    "e",     "ab",
                                       "ba", "abc", "b.cd", "cdea", "aabbc", "d.e"};
  std::vector<std::string> terms;
  for (uint32_t n = 1 + (*random)() % 2; n > 0; --n) terms.push_back(kTerms[(*random)() % 12]);
  return Terms(terms);
}

TEST(NearTest, OfManyGroupsAgreesWithItsDefinition) {
  std::mt19937 random(8);
  size_t with_matches = 0, checked = 0;
  for (int round = 0; round < 1500; ++round) {
    std::vector<RuleTree> rules;
    for (int i = 0; i < 4; ++i) {
      std::vector<Tree> groups;
      for (uint32_t n = 2 + random() % 4; n > 0; --n) groups.push_back(Group(&random));
      Tree near = Near(std::move(groups));
      if (random() % 4 == 0) near = near.Ordered();
      switch (random() % 4) {
        case 0:
          near = near.Sentence();
          break;
        case 1:
          break;  // anywhere in the field
        default:
          near = near.Within(random() % 5);
      }
      // One that stands among the groups of another, whose hulls lie across each other.
      if (random() % 4 == 0) near = Near({near, Group(&random)}).Within(random() % 6);
      rules.push_back({std::move(near)});
    }
    const ProgramSpec spec = Flatten(rules);
    const std::shared_ptr<const Program> program = BuildOrDie(spec);
    const std::unique_ptr<Matcher> matcher = Matcher::Create();
    for (int i = 0; i < 10; ++i) {
      std::string text;
      for (uint32_t n = 4 + random() % 14; n > 0; --n) text += "aabbccdde.x "[random() % 12];
      const PlainBlock block(text);
      const std::string expected = Summary(NaiveScan(spec, ~0u, block));
      ASSERT_EQ(Summary(Scan(*program, {&block}, {}, matcher.get())), expected)
          << "round " << round << ", text: " << text;
      ++checked;
      with_matches += !expected.empty();
    }
  }
  EXPECT_GT(with_matches, checked / 10) << "the rules hardly ever match: the test says nothing";
}

// The most groups there may be, each of one letter, in every order.
TEST(NearTest, TheMostGroupsAreFoundInAnyOrder) {
  std::vector<Tree> groups;
  std::string letters;
  for (uint32_t g = 0; g < kMaxNearGroups; ++g) {
    letters.push_back(static_cast<char>('a' + g));
    groups.push_back(Terms({letters.substr(g, 1)}));
  }
  const auto program = BuildOrDie(Flatten(
      {{Near(groups).Within(1)}, {Near(groups).Within(0)}, {Near(groups).Within(1).Ordered()}}));
  std::mt19937 random(9);
  for (int round = 0; round < 2000; ++round) {
    std::string order = letters;
    std::shuffle(order.begin(), order.end(), random);
    std::string spaced;
    for (char c : order) spaced += std::string(spaced.empty() ? "" : ".") + c;
    const bool in_order = order == letters;
    EXPECT_EQ(Summary(Scan(*program, order)), in_order ? "0:0-8 1:0-8 2:0-8" : "0:0-8 1:0-8");
    EXPECT_EQ(Summary(Scan(*program, spaced)), in_order ? "0:0-15 2:0-15" : "0:0-15");
    // Without one of them there is no match, however often the others come.
    std::string without = order + order + order;
    std::replace(without.begin(), without.end(), letters[round % letters.size()], 'x');
    EXPECT_EQ(Summary(Scan(*program, without)), "");
  }
  EXPECT_EQ(Summary(Scan(*program, letters)), "0:0-8 1:0-8 2:0-8");
}

}  // namespace
}  // namespace winnow::match
