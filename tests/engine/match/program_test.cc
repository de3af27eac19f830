#include "engine/match/program.h"

#include <algorithm>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/match/scan.h"
#include "tests/support/plain_block.h"

namespace winnow::match {
namespace {

const Matcher::Options kAsUsual;

using Kind = PatternProblem::Kind;

TEST(ProgramTest, SaysWhatIsWrongWithAPattern) {
  struct {
    const char* pattern;
    Kind kind;
  } const cases[] = {
      {"(", Kind::kSyntax},
      {"[a", Kind::kSyntax},
      {"a{3,1}", Kind::kSyntax},
      {"^a", Kind::kSyntax},
      {"a$", Kind::kSyntax},
      {"\\Aa", Kind::kSyntax},
      {"a\\z", Kind::kSyntax},
      {"(?=a)b", Kind::kSyntax},
      {"(a)\\1", Kind::kSyntax},
      {"\xff", Kind::kSyntax},
      {"a*", Kind::kMatchesEmpty},
      {"a?", Kind::kMatchesEmpty},
      {"(a|)", Kind::kMatchesEmpty},
      {"a+", Kind::kUnbounded},
      {"ab.*c", Kind::kUnbounded},
      {"(ab){2,}", Kind::kUnbounded},
      {"a{1,1025}", Kind::kTooWide},
      {".{1,257}", Kind::kTooWide},
      {"a.{0,200}b", Kind::kTooLarge},
  };
  for (const auto& c : cases) {
    const auto built = Program::Build(Flatten({{Terms({"x"})}, {Regex(c.pattern)}}));
    ASSERT_TRUE(built.ok()) << c.pattern;
    EXPECT_EQ(built->program, nullptr) << c.pattern;
    ASSERT_EQ(built->problems.size(), 1u) << c.pattern;
    EXPECT_EQ(built->problems[0].kind, c.kind) << c.pattern << ": " << built->problems[0].message;
    EXPECT_EQ(built->problems[0].leaf, 1u);
    EXPECT_FALSE(built->problems[0].message.empty());
  }
}

TEST(ProgramTest, AcceptsWhatOnlyLooksWrong) {
  struct {
    const char* pattern;
    const char* text;
    const char* expected;
  } const cases[] = {
      {"[$^]", "a$", "0:1-2"},
      {"\\$5", "$5", "0:0-2"},
      {"[^a]b", "cb", "0:0-2"},
      {"[]$]x", "]x", "0:0-2"},
      {"[[:alpha:]$]1", "$1", "0:0-2"},
      {"[[:^alpha:]]a", "1a", "0:0-2"},
      {"\\Q^$\\E", "^$", "0:0-2"},
      {"ab{1,200}", "abb", "0:0-3"},
      {"a.{9}", "a", ""},
      {"赌.场", "赌a场", "0:0-7"},
      {"\\bab\\b", "cab ab", "0:4-6"},
      {"(?i)ab", "AB", "0:0-2"},
  };
  for (const auto& c : cases) {
    const auto built = Program::Build(Flatten({{Regex(c.pattern)}}));
    ASSERT_TRUE(built.ok()) << c.pattern;
    ASSERT_NE(built->program, nullptr) << c.pattern << ": " << built->problems[0].message;
    EXPECT_EQ(Summary(Scan(*built->program, c.text)), c.expected) << c.pattern;
  }
}

TEST(ProgramTest, TellsAllProblemsAtOnce) {
  std::vector<Tree> groups(9, Terms({"a"}));
  const auto built =
      Program::Build(Flatten({{Regex("a+")}, {Near(std::move(groups))}, {Regex("(")}}));
  ASSERT_TRUE(built.ok());
  std::vector<Kind> kinds;
  for (const PatternProblem& problem : built->problems) kinds.push_back(problem.kind);
  EXPECT_THAT(kinds,
              testing::UnorderedElementsAre(Kind::kTooManyGroups, Kind::kUnbounded, Kind::kSyntax));
}

TEST(ProgramTest, HasOnlyTheViewsThatAreSought) {
  EXPECT_EQ(BuildOrDie(Flatten({{Regex("ab")}}))->views(), text::SetOf(text::View::kFolded));
  EXPECT_EQ(BuildOrDie(Flatten({{Terms({"ab"})}}))->views(),
            text::SetOf(text::View::kFolded) | text::SetOf(text::View::kSqueezed));
  EXPECT_EQ(BuildOrDie(ProgramSpec{})->views(), 0);
}

ProgramSpec Sample() {
  return Flatten(
      {{Near({Terms({"赌场", "ab"}), Regex("[0-9]{3,5}")}).Within(4), Words({"no"}).Sentence()},
       {All({Words({"ab"}), Not(Regex("x[yz]"))}).Sentence()},
       {Any({Terms({"q"}), Regex("p{2}", text::SetOf(text::View::kSqueezed))})}});
}

std::vector<Program::SectionView> ViewsOf(const std::vector<Program::Section>& sections) {
  std::vector<Program::SectionView> views;
  for (const Program::Section& section : sections) views.push_back({section.name, section.bytes});
  return views;
}

TEST(ProgramTest, LoadsWhatItSerialized) {
  const auto program = BuildOrDie(Sample());
  const std::vector<Program::Section> sections = program->Serialize();
  const auto loaded = Program::Load(ViewsOf(sections));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ((*loaded)->rule_count(), 3u);
  EXPECT_EQ((*loaded)->views(), program->views());
  const std::vector<Program::Section> again = (*loaded)->Serialize();
  ASSERT_EQ(again.size(), sections.size());
  for (size_t i = 0; i < again.size(); ++i) EXPECT_EQ(again[i].bytes, sections[i].bytes);
  for (const char* text : {"赌场a123", "ab 12345. no", "no ab 123", "ab xy", "q p p", "ab1"}) {
    EXPECT_EQ(Summary(Scan(**loaded, text)), Summary(Scan(*program, text))) << text;
  }
}

TEST(ProgramTest, ExpressionsFirstHitOnSeveralThreadsAtOnce) {
  const auto program = BuildOrDie(Sample());
  const std::vector<Program::Section> sections = program->Serialize();
  const char* text = "赌场a123 ab xy p p";
  const std::string expected = Summary(Scan(*program, text));
  for (int round = 0; round < 20; ++round) {
    const auto loaded = Program::Load(ViewsOf(sections));
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    std::vector<std::string> found(4);
    std::vector<std::thread> threads;
    for (std::string& out : found) {
      threads.emplace_back([&out, &loaded, text] { out = Summary(Scan(**loaded, text)); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(found, testing::Each(expected));
  }
}

// What a digest stands before: whoever scans is told, and nothing passes for clean.
TEST(ProgramTest, AnExpressionWhoseStartCannotBeFoundIsAnError) {
  std::vector<Program::Section> sections = BuildOrDie(Sample())->Serialize();
  for (Program::Section& section : sections) {
    if (section.name.starts_with("start.")) section.bytes.back() ^= 1;
  }
  const auto loaded = Program::Load(ViewsOf(sections));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const auto matcher = Matcher::Create();
  const PlainBlock block("赌场a123");
  ASSERT_TRUE(matcher->Begin(**loaded, kAsUsual).ok());
  matcher->BeginField(0);
  const absl::Status status = matcher->Feed(block, [](text::TextSpan span) {
    return text::SourceSpan{span.begin, span.end};
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << status;
}

TEST(ProgramTest, RefusesToLoadWithoutOneOfItsSections) {
  const std::vector<Program::Section> sections = BuildOrDie(Sample())->Serialize();
  ASSERT_GT(sections.size(), 4u);
  for (size_t i = 0; i < sections.size(); ++i) {
    std::vector<Program::SectionView> views = ViewsOf(sections);
    views.erase(views.begin() + static_cast<ptrdiff_t>(i));
    const auto loaded = Program::Load(views);
    EXPECT_EQ(loaded.status().code(), absl::StatusCode::kDataLoss) << sections[i].name;
    EXPECT_THAT(std::string(loaded.status().message()), testing::HasSubstr(sections[i].name));
  }
}

TEST(ProgramTest, RefusesEverySectionThatEndsTooSoon) {
  const std::vector<Program::Section> sections = BuildOrDie(Sample())->Serialize();
  for (size_t i = 0; i < sections.size(); ++i) {
    const size_t step = std::max<size_t>(1, sections[i].bytes.size() / 100);
    for (size_t size = 0; size < sections[i].bytes.size(); size += step) {
      std::vector<Program::SectionView> views = ViewsOf(sections);
      views[i].bytes = views[i].bytes.substr(0, size);
      const auto loaded = Program::Load(views);
      EXPECT_FALSE(loaded.ok()) << sections[i].name << " cut at " << size;
    }
  }
}

TEST(ProgramTest, SurvivesConditionsWithAnyByteChanged) {
  const std::vector<Program::Section> sections = BuildOrDie(Sample())->Serialize();
  ASSERT_EQ(sections[0].name, "conditions");
  size_t refused = 0;
  const auto matcher = Matcher::Create();
  const PlainBlock block("赌场a123 ab 12345. no");
  for (size_t at = 0; at < sections[0].bytes.size(); ++at) {
    for (const int flip : {0x01, 0x40, 0x80, 0xff}) {
      std::vector<Program::Section> damaged = sections;
      damaged[0].bytes[at] = static_cast<char>(damaged[0].bytes[at] ^ flip);
      const auto loaded = Program::Load(ViewsOf(damaged));
      if (!loaded.ok()) {
        ++refused;
        continue;
      }
      // What it then finds, if anything, is anybody's guess: a digest stands before this. It must
      // not crash.
      ASSERT_TRUE(matcher->Begin(**loaded, kAsUsual).ok());
      matcher->BeginField(0);
      const auto as_is = [](text::TextSpan s) { return text::SourceSpan{s.begin, s.end}; };
      if (!matcher->Feed(block, as_is).ok()) continue;
      ASSERT_TRUE(matcher->EndField().ok());
    }
  }
  EXPECT_GT(refused, sections[0].bytes.size());
}

TEST(ProgramTest, RefusesConditionsThatAreNoTrees) {
  const ProgramSpec sound = Flatten({{All({Terms({"a"}), Any({Terms({"b"})})}), Terms({"c"})}});
  ASSERT_TRUE(Program::Build(sound).ok());
  std::vector<std::pair<const char*, ProgramSpec>> cases;
  const auto add = [&](const char* what) -> ProgramSpec& {
    cases.emplace_back(what, sound);
    return cases.back().second;
  };
  cases.reserve(16);
  add("itself").child_index[0] = 0;
  add("a node out of range").child_index[0] = 99;
  add("a leaf out of range").leaf_index[0] = 99;
  add("children out of range").nodes[0].first_child = 99;
  add("too many children").nodes[0].child_count = 99;
  add("children beyond the largest number").nodes[0].child_count = UINT32_MAX;
  add("a child twice").child_index[0] = sound.child_index[1];
  add("a rule out of range").rules[0].match = 99;
  add("an unless out of range").rules[0].unless = 99;
  add("a negative unless").rules[0].unless = -2;
  add("an unless that is its match").rules[0].unless = 0;
  add("an unknown operator").nodes[0].op = static_cast<Op>(9);
  add("an unknown scope").nodes[0].scope = static_cast<Scope>(9);
  add("a not of two").nodes[0].op = Op::kNot;
  add("an unknown view").leaves[0].views = 0x80;
  for (const auto& [what, spec] : cases) {
    EXPECT_EQ(Program::Build(spec).status().code(), absl::StatusCode::kDataLoss) << what;
  }

  Tree deep = Terms({"a"});
  for (int i = 0; i < 100; ++i) deep = Any({deep});
  EXPECT_FALSE(Program::Build(Flatten({{deep}})).ok());
}

TEST(ProgramTest, NamesTheLibraryItIsBuiltWith) {
#ifdef WINNOW_REGEX_VECTORSCAN
  EXPECT_THAT(Program::EngineName(), testing::StartsWith("vectorscan 5."));
#else
  EXPECT_THAT(Program::EngineName(), testing::StartsWith("hyperscan 5."));
#endif
  EXPECT_FALSE(Program::PlatformName().empty());
}

}  // namespace
}  // namespace winnow::match
