#include "engine/match/matcher.h"

#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/match/scan.h"
#include "tests/support/plain_block.h"

namespace winnow::match {
namespace {

const Matcher::Options kAsUsual;

std::shared_ptr<const Program> ProgramOf(const std::vector<RuleTree>& rules) {
  return BuildOrDie(Flatten(rules));
}

TEST(MatcherTest, NamesThePlainerViewAndTheEvasion) {
  const auto program = ProgramOf({{Terms({"bet"})}});
  const ScanOutcome plain = Scan(*program, "a bet b e t");
  EXPECT_EQ(Summary(plain), "0:2-5 0:6-11");
  ASSERT_EQ(plain.matches.size(), 2u);
  EXPECT_EQ(plain.matches[0].view, text::View::kFolded);
  EXPECT_EQ(plain.matches[0].place.evasions, 0u);
  EXPECT_EQ(plain.matches[1].view, text::View::kSqueezed);
  EXPECT_EQ(plain.matches[1].place.evasions, text::MaskOf(text::Evasion::kSeparator));
}

TEST(MatcherTest, AHullTakesTheMostHiddenViewAndAllEvasions) {
  const auto program = ProgramOf({{Near({Terms({"bet"}), Terms({"win"})}).Within(9)}});
  const ScanOutcome outcome = Scan(*program, "win some b e t");
  ASSERT_EQ(Summary(outcome), "0:0-14");
  EXPECT_EQ(outcome.matches[0].view, text::View::kSqueezed);
  EXPECT_EQ(outcome.matches[0].place.evasions, text::MaskOf(text::Evasion::kSeparator));
}

TEST(MatcherTest, CountsPositionsInTheUnitAskedFor) {
  const auto program = ProgramOf({{Terms({"赌"})}});
  const std::string text = "a😀b赌";
  struct {
    text::OffsetUnit unit;
    uint64_t begin, end;
  } const cases[] = {{text::OffsetUnit::kBytes, 106, 109},  // as `to_source` says
                     {text::OffsetUnit::kUtf16, 4, 5},
                     {text::OffsetUnit::kCodePoints, 3, 4}};
  for (const auto& c : cases) {
    Matcher::Options options;
    options.unit = c.unit;
    const auto matcher = Matcher::Create();
    ASSERT_TRUE(matcher->Begin(*program, options).ok());
    matcher->BeginField(3);
    const PlainBlock block(text);
    ASSERT_TRUE(matcher
                    ->Feed(block,
                           [](text::TextSpan span) {
                             return text::SourceSpan{span.begin + 100, span.end + 100};
                           })
                    .ok());
    ASSERT_TRUE(matcher->EndField().ok());
    ScanOutcome outcome;
    ASSERT_TRUE(matcher->Finish(&outcome).ok());
    ASSERT_EQ(outcome.matches.size(), 1u);
    EXPECT_EQ(outcome.matches[0].field, 3u);
    EXPECT_EQ(outcome.matches[0].begin, c.begin);
    EXPECT_EQ(outcome.matches[0].end, c.end);
  }
}

// The match inside the excerpt, in brackets.
std::string Marked(const RuleMatch& match) {
  const std::string& text = match.excerpt;
  const uint32_t begin = match.excerpt_begin, end = match.excerpt_end;
  return StrCat(text.substr(0, begin), "[", text.substr(begin, end - begin), "]", text.substr(end));
}

TEST(MatcherTest, ShowsMatchesInContext) {
  const auto program = ProgramOf({{Terms({"赌场"})}, {Near({Terms({"ab"}), Terms({"yz"})})}});
  struct {
    std::string text;
    uint32_t context;
    std::string expected;
  } const cases[] = {
      {"赌场", 4, "[赌场]"},
      {"去澳门的赌场玩得开心", 2, "门的[赌场]玩得"},
      {"去赌场", 0, "[赌场]"},
      {"-ab--yz-", 1, "-[ab--yz]-"},
      {"-ab----yz-", 1, "-[ab- … -yz]-"},
      {"-ab--------------------yz-", 2, "-[ab-- … --yz]-"},
  };
  for (const auto& c : cases) {
    Matcher::Options options;
    options.excerpts = true;
    options.excerpt_context_chars = c.context;
    const ScanOutcome outcome = Scan(*program, c.text, options);
    ASSERT_EQ(outcome.matches.size(), 1u) << c.text;
    EXPECT_EQ(Marked(outcome.matches[0]), c.expected);
  }
}

TEST(MatcherTest, ExcerptsStayShortWhateverContextIsAskedFor) {
  const auto program = ProgramOf({{Terms({"赌场"})}, {Regex("ab{200,250}")}});
  Matcher::Options options;
  options.excerpts = true;
  options.excerpt_context_chars = UINT32_MAX;
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "字";
  const std::string around = text;
  text = around + "赌场" + around + "a" + std::string(250, 'b') + around;
  const ScanOutcome outcome = Scan(*program, text, options);
  ASSERT_EQ(outcome.match_count, 2u);
  for (const RuleMatch& match : outcome.matches) {
    EXPECT_LE(match.excerpt.size(), 1100u);
    EXPECT_LE(match.excerpt_begin, match.excerpt_end);
    EXPECT_LE(match.excerpt_end, match.excerpt.size());
  }
}

TEST(MatcherTest, JudgesOnlyRulesOfTheSurface) {
  std::vector<RuleTree> rules = {{Terms({"a"})}, {Terms({"a"})}};
  rules[0].surfaces = 2;
  rules[1].surfaces = 4;
  const auto program = ProgramOf(rules);
  Matcher::Options options;
  options.surfaces = 4;
  EXPECT_EQ(Summary(Scan(*program, "a", options)), "1:0-1");
}

TEST(MatcherTest, CountsMatchesBeyondThoseItKeeps) {
  const auto program = ProgramOf({{Terms({"a"})}});
  Matcher::Options options;
  options.matches_max = 2;
  const ScanOutcome outcome = Scan(*program, "aaaaa", options);
  EXPECT_EQ(Summary(outcome), "0:0-1 0:1-2");
  EXPECT_EQ(outcome.match_count, 5u);
  EXPECT_FALSE(outcome.hits_dropped);
}

TEST(MatcherTest, KeepsOneMatchOfEachRuleAsLongAsThereIsRoom) {
  const auto program = ProgramOf({{Terms({"a"})}, {Terms({"b"})}, {Terms({"c"})}});
  Matcher::Options options;
  options.matches_max = 2;
  const ScanOutcome outcome = Scan(*program, "aaaabbc", options);
  EXPECT_EQ(Summary(outcome), "0:0-1 1:4-5") << "no room for the third";
  EXPECT_EQ(outcome.match_count, 7u);
  ASSERT_EQ(outcome.rules.size(), 3u);
  for (const auto& [at, matches] : {std::pair(0u, 4u), {1u, 2u}, {2u, 1u}}) {
    EXPECT_EQ(outcome.rules[at].rule, at);
    EXPECT_EQ(outcome.rules[at].matches, matches);
  }
  options.matches_max = 3;
  EXPECT_EQ(Summary(Scan(*program, "aaaabbc", options)), "0:0-1 1:4-5 2:6-7");
  options.matches_max = 0;
  EXPECT_EQ(Scan(*program, "aaaabbc", options).rules.size(), 3u);
}

TEST(MatcherTest, AFloodOfOnePatternHidesNoOther) {
  const auto program = ProgramOf({{Terms({"a"})}, {Terms({"bomb"})}, {Regex("[0-9]{3}x")}});
  Matcher::Options options;
  options.hits_max = 1000;
  options.matches_max = UINT32_MAX;
  const ScanOutcome outcome = Scan(*program, std::string(100000, 'a') + " bomb 123x", options);
  EXPECT_TRUE(outcome.hits_dropped);
  std::vector<uint32_t> rules;
  for (const RuleMatch& match : outcome.matches) rules.push_back(match.rule);
  EXPECT_THAT(rules, testing::Contains(1));
  EXPECT_THAT(rules, testing::Contains(2));
  EXPECT_LT(outcome.matches.size(), 1100u);
}

TEST(MatcherTest, AFloodThatIsDroppedIsForgottenByTheNextContent) {
  const auto program = ProgramOf({{Terms({"a"})}});
  const auto matcher = Matcher::Create();
  Matcher::Options options;
  options.hits_max = 10;
  ASSERT_TRUE(matcher->Begin(*program, options).ok());
  matcher->BeginField(0);
  const std::string flood(100, 'a');
  const PlainBlock block(flood);
  ASSERT_TRUE(matcher->Feed(block, [](text::TextSpan span) { return text::SourceSpan{}; }).ok());
  // The caller gives up here, as at a deadline.
  const ScanOutcome outcome = Scan(*program, "a", options, matcher.get());
  EXPECT_FALSE(outcome.hits_dropped);
  EXPECT_EQ(Summary(outcome), "0:0-1");
}

TEST(MatcherTest, OneMatcherServesProgramsByTurns) {
  std::vector<std::shared_ptr<const Program>> programs;
  for (int i = 0; i < 20; ++i) {
    std::vector<RuleTree> rules(static_cast<size_t>(i), {Terms({"none"})});
    rules.push_back({Regex(StrCat("x", i, "[0-9]{1,20}y"))});
    programs.push_back(ProgramOf(rules));
  }
  const auto matcher = Matcher::Create();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) {
      const std::string text = StrCat("x", i, "00y");
      const ScanOutcome outcome = Scan(*programs[i], text, {}, matcher.get());
      ASSERT_EQ(outcome.matches.size(), 1u) << text;
      EXPECT_EQ(outcome.matches[0].rule, static_cast<uint32_t>(i));
    }
  }
}

TEST(MatcherTest, StopsBetweenRulesWhenTimeIsUp) {
  const auto program = ProgramOf({{Terms({"a"})}, {Terms({"a"})}});
  int asked = 0;
  const std::function<bool()> expired = [&asked] { return ++asked == 2; };
  Matcher::Options options;
  options.expired = &expired;
  const auto matcher = Matcher::Create();
  ASSERT_TRUE(matcher->Begin(*program, options).ok());
  matcher->BeginField(0);
  const PlainBlock block("a");
  ASSERT_TRUE(matcher->Feed(block, [](text::TextSpan span) { return text::SourceSpan{}; }).ok());
  EXPECT_EQ(matcher->EndField().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(MatcherTest, FieldsAreJudgedApart) {
  const auto program = ProgramOf({{All({Terms({"a"}), Terms({"b"})})}});
  const auto matcher = Matcher::Create();
  ASSERT_TRUE(matcher->Begin(*program, kAsUsual).ok());
  for (const char* text : {"a", "b", "ba"}) {
    matcher->BeginField(text[1] == '\0' ? 0 : 7);
    const PlainBlock block(text);
    ASSERT_TRUE(matcher
                    ->Feed(block,
                           [](text::TextSpan span) {
                             return text::SourceSpan{span.begin, span.end};
                           })
                    .ok());
    ASSERT_TRUE(matcher->EndField().ok());
  }
  ScanOutcome outcome;
  ASSERT_TRUE(matcher->Finish(&outcome).ok());
  ASSERT_EQ(Summary(outcome), "0:1-2");
  EXPECT_EQ(outcome.matches[0].field, 7u);
}

}  // namespace
}  // namespace winnow::match
