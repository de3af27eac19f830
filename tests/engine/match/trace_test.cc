// What TraceRule() says of rules' trees, by hits that are made by hand; and that what it says
// agrees with what rules find.
#include "engine/match/trace.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/engine/match/scan.h"
#include "tests/support/condition_tree.h"
#include "tests/support/plain_block.h"

namespace winnow::match {
namespace {

using Lack = NodeTrace::Lack;
using How = Excuse::How;
using Why = IdleExcuse::Why;

LeafHit HitAt(uint32_t leaf, uint64_t begin, uint64_t end, text::View view = text::View::kFolded) {
  LeafHit hit;
  hit.leaf = leaf;
  hit.at.view = view;
  hit.at.place.text = {begin, end};
  hit.at.place.char_begin = begin;
  hit.at.place.char_end = end;
  if (view != text::View::kFolded) hit.at.place.evasions = text::MaskOf(text::Evasion::kPhonetic);
  return hit;
}

LeafHit Alone(LeafHit hit) {
  hit.at.place.standing.alone = true;
  return hit;
}
LeafHit NotJoined(LeafHit hit) {
  hit.at.place.standing.joined = false;
  return hit;
}

RuleTrace TraceOf(const RuleTree& rule, std::vector<LeafHit> hits) {
  ProgramSpec spec = Flatten({rule});
  const HitTable table(&hits);
  return TraceRule(spec, spec.rules[0], table);
}

// Leaves are numbered in written order.
TEST(TraceTest, SaysWhichPartIsMissing) {
  const RuleTree near = {Near({Terms({"a"}), Terms({"b"}), Terms({"c"})}).Within(3)};
  const RuleTrace trace = TraceOf(near, {HitAt(0, 0, 1), HitAt(2, 2, 3)});
  ASSERT_EQ(trace.match.size(), 4u);
  EXPECT_EQ(trace.match[0].lack, Lack::kMissing);
  EXPECT_EQ(trace.match[1].lack, Lack::kNothing);
  EXPECT_EQ(trace.match[2].lack, Lack::kMissing);
  EXPECT_EQ(trace.match[3].lack, Lack::kNothing);
  EXPECT_NEAR(trace.nearness(), 2.0 / 3, 1e-9);
  EXPECT_TRUE(trace.matches.empty());
}

TEST(TraceTest, SaysThatPartsAreApartOrDenied) {
  const RuleTree near = {Near({Terms({"a"}), Terms({"b"})}).Within(3)};
  EXPECT_EQ(TraceOf(near, {HitAt(0, 0, 1), HitAt(1, 9, 10)}).match[0].lack, Lack::kApart);
  EXPECT_EQ(TraceOf(near, {HitAt(0, 0, 1), HitAt(1, 2, 3)}).match[0].lack, Lack::kNothing);
  const RuleTree all = {All({Terms({"a"}), Terms({"b"}), Not(Terms({"c"}))}).Within(3)};
  EXPECT_EQ(TraceOf(all, {HitAt(0, 0, 1), HitAt(1, 2, 3)}).match[0].lack, Lack::kNothing);
  EXPECT_EQ(TraceOf(all, {HitAt(0, 0, 1), HitAt(1, 9, 10)}).match[0].lack, Lack::kApart);
  const RuleTrace denied = TraceOf(all, {HitAt(0, 0, 1), HitAt(1, 2, 3), HitAt(2, 4, 5)});
  EXPECT_EQ(denied.match[0].lack, Lack::kDenied);
  EXPECT_LT(denied.nearness(), 1);
}

TEST(TraceTest, TakesTheNearestOfAny) {
  const RuleTree any = {Any({Near({Terms({"a"}), Terms({"b"})}), Terms({"c"})})};
  EXPECT_EQ(TraceOf(any, {}).nearness(), 0);
  EXPECT_EQ(TraceOf(any, {HitAt(0, 0, 1)}).nearness(), 0.5);
  EXPECT_EQ(TraceOf(any, {HitAt(2, 0, 1)}).nearness(), 1);
}

TEST(TraceTest, ToldHitsAreOneAPlaceInThePlainerView) {
  const RuleTree rule = {Terms({"a", "b"})};
  const RuleTrace trace =
      TraceOf(rule, {HitAt(1, 0, 2, text::View::kPhonetic), HitAt(0, 0, 2), HitAt(0, 4, 6)});
  ASSERT_EQ(trace.match[0].hits.size(), 2u);
  EXPECT_EQ(trace.match[0].count, 2u);
  EXPECT_EQ(trace.match[0].hits[0].at.view, text::View::kFolded);
}

struct ExcuseCase {
  const char* name;
  LeafHit excuse;  // of the leaf 1
  How how;         // of the match at 10-12
  Why why;         // where it excuses nothing
};

class ExcuseTest : public testing::TestWithParam<ExcuseCase> {};

TEST_P(ExcuseTest, IsTold) {
  const ExcuseCase& c = GetParam();
  Tree unless = Terms({"b"}).Within(4);
  const RuleTrace trace = TraceOf({Terms({"a"}), unless}, {HitAt(0, 10, 12), c.excuse});
  if (c.how == How::kNone) {
    EXPECT_EQ(trace.matches.size(), 1u);
    EXPECT_TRUE(trace.excused.empty());
    ASSERT_EQ(trace.idle.size(), 1u);
    EXPECT_EQ(trace.idle[0].why, c.why);
    return;
  }
  EXPECT_TRUE(trace.matches.empty());
  ASSERT_EQ(trace.excused.size(), 1u);
  EXPECT_EQ(trace.excused[0].how, c.how);
  EXPECT_EQ(trace.excused[0].by.place.text, c.excuse.at.place.text);
  EXPECT_TRUE(trace.idle.empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, ExcuseTest,
    testing::Values(ExcuseCase{"before", HitAt(1, 6, 8), How::kBefore, {}},
                    ExcuseCase{"longer_word", HitAt(1, 9, 13), How::kLongerWord, {}},
                    ExcuseCase{"over_its_end", HitAt(1, 11, 13), How::kLongerWord, {}},
                    ExcuseCase{"behind", HitAt(1, 13, 15), How::kBehind, {}},
                    ExcuseCase{"alone", Alone(HitAt(1, 6, 8)), How::kNone, Why::kAlone},
                    ExcuseCase{"not_joined", NotJoined(HitAt(1, 13, 15)), How::kNone,
                               Why::kNotJoined},
                    ExcuseCase{"far", HitAt(1, 1, 3), How::kNone, Why::kOutOfReach}),
    [](const auto& info) { return std::string(info.param.name); });

// A term that stands as it is written sounds like itself: that is no evasion.
TEST(NearTest, TellsThePlainerViewOfOnePlace) {
  const ProgramSpec spec = Flatten({{Near({Terms({"a"}), Terms({"b", "B"})}).Within(3)}});
  for (const bool behind : {false, true}) {
    const uint64_t a = behind ? 0 : 4, b = behind ? 2 : 0;
    std::vector<LeafHit> hits = {HitAt(0, a, a + 1), HitAt(1, b, b + 1),
                                 HitAt(2, b, b + 1, text::View::kPhonetic)};
    const HitTable table(&hits);
    std::vector<Occurrence> found;
    EvaluateRule(spec, spec.rules[0], table, &found);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].view, text::View::kFolded);
    EXPECT_EQ(found[0].place.evasions, 0u);
  }
}

// Whatever the hits, what is traced is what rules find.
TEST(TraceTest, AgreesWithEvaluation) {
  std::mt19937 random(3);
  const RuleTree rules[] = {
      {Near({Terms({"a"}), Terms({"b", "c"})}).Within(4), Terms({"d"}).Within(6)},
      {All({Terms({"a"}), Terms({"b"}), Not(Terms({"c"}))}).Within(5)},
      {Any({Terms({"a"}), Near({Terms({"b"}), Terms({"c"})}).Within(2)}), Terms({"d"})}};
  size_t found = 0, saved = 0;
  for (int round = 0; round < 3000; ++round) {
    const RuleTree& rule = rules[round % 3];
    ProgramSpec spec = Flatten({rule});
    std::vector<LeafHit> hits;
    for (uint32_t n = random() % 6; n > 0; --n) {
      const uint64_t begin = random() % 24;
      LeafHit hit = HitAt(random() % 4, begin, begin + 1 + random() % 3);
      hit.at.place.standing.alone = random() % 3 == 0;
      hit.at.place.standing.joined = random() % 3 == 0;
      hits.push_back(hit);
    }
    const HitTable table(&hits);
    std::vector<Occurrence> expected;
    EvaluateRule(spec, spec.rules[0], table, &expected);
    const RuleTrace trace = TraceRule(spec, spec.rules[0], table);
    ASSERT_EQ(trace.matches.size(), expected.size());
    // It holds where something is found or excused, and nowhere else.
    EXPECT_EQ(trace.nearness() == 1, !expected.empty() || !trace.excused.empty());
    found += !expected.empty();
    saved += expected.empty() && !trace.excused.empty();
  }
  EXPECT_GT(found, 300u);
  EXPECT_GT(saved, 30u);
}

// The hits given to who inspects are those of a whole scan, and change nothing of it.
TEST(InspectTest, IsGivenEveryHit) {
  const std::shared_ptr<const Program> program =
      BuildOrDie(Flatten({{Near({Terms({"casino"}), Terms({"bonus"})}).Within(3)},
                          {All({Words({"bonus"}), Regex("[0-9]{3}")})}}));
  Matcher::Options options;
  for (const char* text : {"casino", "a bonus", "casino bonus 123", "nothing", ""}) {
    size_t calls = 0, hits = 0;
    const std::function<void(const HitTable&)> inspect = [&](const HitTable& table) {
      ++calls;
      for (uint32_t leaf = 0; leaf < SpecOf(*program).leaves.size(); ++leaf) {
        hits += table.Of(leaf).size();
      }
    };
    options.inspect = nullptr;
    const std::string plain = Summary(Scan(*program, text, options));
    options.inspect = &inspect;
    EXPECT_EQ(Summary(Scan(*program, text, options)), plain);
    EXPECT_EQ(calls, 1u) << text;
    const std::string_view t = text;
    // "bonus" is a leaf of each rule, since only one is bound to words.
    const size_t expected =
        (t.find("casino") != t.npos) + 2 * (t.find("bonus") != t.npos) + (t.find("123") != t.npos);
    EXPECT_EQ(hits, expected) << text;
  }
}

TEST(FactsTest, TellAnchorsAndGates) {
  const std::shared_ptr<const Program> program =
      BuildOrDie(Flatten({{Words({"casino"})},
                          {Terms({"赌场"})},
                          {Regex("百家乐.{0,6}(注册|下载)")},
                          {Regex("[a-z]{9}")}}));
  const std::vector<LeafFacts> facts = FactsOf(*program);
  ASSERT_EQ(facts.size(), 4u);
  EXPECT_STREQ(facts[0].anchor[0], "word");
  EXPECT_STREQ(facts[1].anchor[0], "pair");
  EXPECT_TRUE(facts[2].gated);
  EXPECT_FALSE(facts[2].alone);
  EXPECT_EQ(facts[2].bytes_max, 9u + 6 * 4 + 6);
  EXPECT_FALSE(facts[3].gated);
  EXPECT_TRUE(facts[3].alone);
  EXPECT_LT(CostOf(*program, 0).often, 0.2);
  EXPECT_EQ(CostOf(*program, 3).often, 1);
}

}  // namespace
}  // namespace winnow::match
