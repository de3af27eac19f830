// What rule source means when it is right; diagnostics_test.cc covers what is wrong.
#include "engine/rules/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <tuple>

#include "engine/base/strings.h"

namespace winnow::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string Show(const Within& within) {
  switch (within.kind) {
    case Within::Kind::kField:
      return "field";
    case Within::Kind::kSentence:
      return "sentence";
    case Within::Kind::kCharacters:
      return StrCat(within.characters);
  }
  return "?";
}

// One line for a tree: any(...), all/scope(...), near/scope[/ordered](...), not(...), a|b for terms
// (with ~ before those that match anywhere), /regex/.
std::string Show(const Condition& c) {
  std::string inner;
  for (const Condition& child : c.children) {
    StrAppend(&inner, inner.empty() ? "" : ", ", Show(child));
  }
  switch (c.kind) {
    case Condition::Kind::kTerms: {
      std::string out = c.anywhere ? "~" : "";
      for (size_t i = 0; i < c.terms.size(); ++i) {
        StrAppend(&out, i == 0 ? "" : "|", c.terms[i].text);
      }
      return out;
    }
    case Condition::Kind::kRegex:
      return StrCat("/", c.pattern.text, "/");
    case Condition::Kind::kAny:
      return StrCat("any(", inner, ")");
    case Condition::Kind::kAll:
      return StrCat("all/", Show(c.within), "(", inner, ")");
    case Condition::Kind::kNot:
      return StrCat("not(", inner, ")");
    case Condition::Kind::kNear:
      return StrCat("near/", Show(c.within), c.ordered ? "/ordered" : "", "(", inner, ")");
  }
  return "?";
}

ParseResult ParseText(const std::string& text) { return ParseRules({{"rules.yaml", text}}); }

std::string RenderedOf(const ParseResult& result) {
  return Render(result.diagnostics, result.rules.sources, false);
}

// The one rule of a file without any diagnostic.
Rule ParseOne(const std::string& text) {
  const ParseResult result = ParseText(text);
  EXPECT_EQ(RenderedOf(result), "");
  EXPECT_THAT(result.rules.rules, SizeIs(1)) << text;
  return result.rules.rules.empty() ? Rule{} : result.rules.rules[0];
}

std::string RuleWith(const std::string& lines) {
  return StrCat(
      "- id: gambling.x\n  category: vice_violence\n  label: gambling\n  severity: high\n"
      "  action: block\n  reason: {en: e, zh: z}\n  tests: {match: [yes], no_match: [no]}\n",
      lines);
}

TEST(ParserTest, TheExampleOfTheDesign) {
  const Rule rule = ParseOne(R"(
- id: gambling.online_casino            # stable for ever; category first
  category: vice_violence
  label: gambling
  severity: high                        # low | medium | high | critical
  action: block                         # allow | review | block: what this rule alone asks for
  surfaces: [order, file]               # default: all
  languages: [zh]                       # documentation and statistics, not a filter
  match:                                # any / all / not / near nest
    any:
      - terms: [真人荷官, 网上赌场]
      - near: {within: 12, ordered: false, of: [[赌场, 博彩], [开户, 返水]]}
      - regex: '百家乐.{0,6}开户'
  unless: {any: [{terms: [反赌, 戒赌]}]} # within: sentence | field | N characters
  views: [folded, squeezed]             # default: folded, squeezed
  reason: {en: It offers gambling online., zh: 内容提供网络赌博。}
  tests: {match: [真人荷官在线, 赌场开户], no_match: [反赌宣传]}
)");
  EXPECT_EQ(rule.id, "gambling.online_casino");
  EXPECT_EQ(rule.category, Category::kViceViolence);
  EXPECT_EQ(rule.label, "gambling");
  EXPECT_EQ(rule.severity, Severity::kHigh);
  EXPECT_EQ(rule.action, Decision::kBlock);
  EXPECT_EQ(rule.surfaces, MaskOf(Surface::kOrder) | MaskOf(Surface::kFile));
  EXPECT_THAT(rule.languages, ElementsAre("zh"));
  EXPECT_EQ(rule.status, RuleStatus::kStable);
  EXPECT_EQ(rule.views, text::SetOf(text::View::kFolded) | text::SetOf(text::View::kSqueezed));
  EXPECT_EQ(Show(rule.match),
            "any(真人荷官|网上赌场, near/12(赌场|博彩, 开户|返水), /百家乐.{0,6}开户/)");
  ASSERT_TRUE(rule.has_unless);
  EXPECT_EQ(Show(rule.unless), "any(反赌|戒赌)");
  EXPECT_EQ(Show(rule.unless.within), "field");
  EXPECT_EQ(rule.reason_en, "It offers gambling online.");
  EXPECT_EQ(rule.reason_zh, "内容提供网络赌博。");
  ASSERT_THAT(rule.tests_match, SizeIs(2));
  EXPECT_EQ(rule.tests_match[1].text, "赌场开户");
  EXPECT_EQ(rule.tests_match[1].where.begin_line, 17);
  EXPECT_THAT(rule.tests_no_match, SizeIs(1));
  EXPECT_EQ(rule.where.begin_line, 2);
  EXPECT_EQ(rule.where.end_line, 17);
  // The compiler points at single terms.
  EXPECT_EQ(rule.match.children[0].terms[1].where.begin_line, 11);
  EXPECT_EQ(rule.match.children[0].terms[1].where.begin_column, 23);
}

TEST(ParserTest, DefaultsOfWhatIsLeftOut) {
  const Rule rule = ParseOne(RuleWith("  match: {terms: [赌场]}\n"));
  EXPECT_EQ(rule.surfaces, kAllSurfaces);
  EXPECT_EQ(rule.views, 0b011);
  EXPECT_EQ(rule.status, RuleStatus::kStable);
  EXPECT_THAT(rule.languages, IsEmpty());
  EXPECT_FALSE(rule.has_unless);
  EXPECT_FALSE(rule.match.anywhere);
  EXPECT_THAT(rule.tests_todo_match, IsEmpty());
}

struct Tree {
  std::string name;
  std::string source;  // the value of `match`
  std::string shown;
};

class MatchTest : public testing::TestWithParam<Tree> {};

TEST_P(MatchTest, Means) {
  EXPECT_EQ(Show(ParseOne(RuleWith(StrCat("  match: ", GetParam().source, "\n"))).match),
            GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    Trees, MatchTest,
    testing::Values(
        Tree{"terms", "{terms: [赌场, online casino]}", "赌场|online casino"},
        Tree{"every_scalar_is_text", "{terms: [404, no, ~x, 1.5e3, 2024-01-01, 'on']}",
             "404|no|~x|1.5e3|2024-01-01|on"},
        Tree{"anywhere", "{terms: [xvideo], anywhere: true}", "~xvideo"},
        Tree{"not_anywhere", "{terms: [xvideo], anywhere: false}", "xvideo"},
        Tree{"regex", R"({regex: 'v\s{0,3}x'})", R"(/v\s{0,3}x/)"},
        Tree{"any", "{any: [{terms: [aa]}, {terms: [bb]}]}", "any(aa, bb)"},
        Tree{"all_in_the_field", "{all: [{terms: [aa]}, {terms: [bb]}]}", "all/field(aa, bb)"},
        Tree{"all_in_a_sentence", "{within: sentence, all: [{terms: [aa]}, {terms: [bb]}]}",
             "all/sentence(aa, bb)"},
        Tree{"all_within", "{all: [{terms: [aa]}, {terms: [bb]}], within: 30 characters}",
             "all/30(aa, bb)"},
        Tree{"all_but", "{all: [{not: {terms: [aa]}}, {terms: [bb]}]}", "all/field(not(aa), bb)"},
        Tree{"near_in_order", "{near: {ordered: true, within: 0, of: [[aa, bb], [cc]]}}",
             "near/0/ordered(aa|bb, cc)"},
        Tree{"near_in_a_sentence", "{near: {within: sentence, of: [[aa], [bb], [cc]]}}",
             "near/sentence(aa, bb, cc)"},
        Tree{"near_anywhere", "{near: {within: 10000, anywhere: true, of: [[aa], {terms: [bb]}]}}",
             "near/10000(~aa, bb)"},
        Tree{"near_of_conditions",
             "{near: {within: 5, of: [[aa], {any: [{regex: 'b{2}'}, {terms: [cc], anywhere: "
             "true}]}]}}",
             "near/5(aa, any(/b{2}/, ~cc))"},
        Tree{"nested",
             "{all: [{any: [{terms: [aa]}, {all: [{terms: [bb]}, {terms: [cc]}], within: 3}]}, "
             "{not: {near: {within: 2, of: [[dd], [ee]]}}}]}",
             "all/field(any(aa, all/3(bb, cc)), not(near/2(dd, ee)))"},
        Tree{"in_blocks",
             "\n    any:\n      - terms:\n          - aa\n          - 'b: b'\n      - regex: >-\n"
             "          cc\n          d",
             "any(aa|b: b, /cc d/)"}),
    [](const auto& info) { return info.param.name; });

class UnlessTest : public testing::TestWithParam<Tree> {};

TEST_P(UnlessTest, Means) {
  const Rule rule =
      ParseOne(RuleWith(StrCat("  match: {terms: [xx]}\n  unless: ", GetParam().source, "\n")));
  ASSERT_TRUE(rule.has_unless);
  EXPECT_EQ(StrCat(Show(rule.unless.within), " of ", Show(rule.unless)), GetParam().shown);
}

// The distance from the match is always that of the root.
INSTANTIATE_TEST_SUITE_P(
    Trees, UnlessTest,
    testing::Values(Tree{"terms_in_the_field", "{terms: [aa]}", "field of aa"},
                    Tree{"terms_in_the_sentence", "{terms: [aa], within: sentence}",
                         "sentence of aa"},
                    Tree{"regex_within", "{regex: aa, within: 12}", "12 of /aa/"},
                    Tree{"any_within", "{within: 12, any: [{terms: [aa]}, {terms: [bb]}]}",
                         "12 of any(aa, bb)"},
                    Tree{"all_within", "{within: sentence, all: [{terms: [aa]}, {terms: [bb]}]}",
                         "sentence of all/sentence(aa, bb)"},
                    Tree{"near_keeps_its_own", "{near: {within: 2, of: [[aa], [bb]]}}",
                         "field of any(near/2(aa, bb))"},
                    Tree{"near_at_a_distance", "{near: {within: 2, of: [[aa], [bb]]}, within: 40}",
                         "40 of any(near/2(aa, bb))"}),
    [](const auto& info) { return info.param.name; });

TEST(ParserTest, TestsOfAllKinds) {
  const Rule rule = ParseOne(
      "- id: other_prohibited.x\n  category: other_prohibited\n  severity: low\n  action: review\n"
      "  surfaces: [order, comment]\n  status: experimental\n  languages: [zh-Hant, en]\n"
      "  views: [squeezed]\n  match: {terms: [aa]}\n  reason: {en: e, zh: z}\n"
      "  tests:\n    match: [one, {text: two, surface: comment}]\n"
      "    no_match: [{text: two, surface: file}, {text: three}]\n"
      "    todo_match: [four]\n    todo_no_match: [five]\n");
  EXPECT_EQ(rule.status, RuleStatus::kExperimental);
  EXPECT_EQ(rule.label, "");
  EXPECT_EQ(rule.views, text::SetOf(text::View::kSqueezed));
  EXPECT_THAT(rule.languages, ElementsAre("zh-Hant", "en"));
  ASSERT_THAT(rule.tests_match, SizeIs(2));
  EXPECT_EQ(rule.tests_match[0].surface, Surface::kUnspecified);
  EXPECT_EQ(rule.tests_match[1].surface, Surface::kComment);
  ASSERT_THAT(rule.tests_no_match, SizeIs(2));
  EXPECT_EQ(rule.tests_no_match[0].surface, Surface::kFile);
  EXPECT_EQ(rule.tests_no_match[1].text, "three");
  EXPECT_EQ(rule.tests_todo_match[0].text, "four");
  EXPECT_EQ(rule.tests_todo_no_match[0].text, "five");
}

TEST(ParserTest, EveryCategoryAndLabelCanBeWritten) {
  std::string text;
  size_t count = 0;
  for (int i = 1; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    std::vector<std::string_view> labels(LabelsOf(category).begin(), LabelsOf(category).end());
    if (labels.empty()) labels.push_back("");
    for (std::string_view label : labels) {
      StrAppend(&text, "- id: ", label.empty() ? Name(category) : label, ".r", ++count,
                "\n  category: ", Name(category), label.empty() ? "" : StrCat("\n  label: ", label),
                "\n  severity: low\n  action: allow\n  match: {terms: [aa]}\n"
                "  reason: {en: e, zh: z}\n  tests: {match: [a], no_match: [b]}\n");
    }
  }
  const ParseResult result = ParseText(text);
  EXPECT_EQ(RenderedOf(result), "");
  EXPECT_THAT(result.rules.rules, SizeIs(count));
}

TEST(ParserTest, RulesKeepTheOrderOfTheirSources) {
  const auto named = [](std::string_view id) {
    std::string text = RuleWith("  match: {terms: [aa]}\n");
    return text.replace(text.find("gambling.x"), 10, StrCat("gambling.", id));
  };
  const ParseResult result = ParseRules(
      {{"b.yaml", named("one") + named("two")}, {"empty.yaml", "[]"}, {"a.yaml", named("three")}});
  ASSERT_THAT(result.rules.rules, SizeIs(3));
  EXPECT_EQ(result.rules.rules[0].id, "gambling.one");
  EXPECT_EQ(result.rules.rules[1].id, "gambling.two");
  EXPECT_EQ(result.rules.rules[2].id, "gambling.three");
  EXPECT_EQ(result.rules.rules[2].where.file, 2);
  ASSERT_THAT(result.diagnostics, SizeIs(1));
  EXPECT_EQ(result.diagnostics[0].code, "R009");
  EXPECT_EQ(result.diagnostics[0].where.file, 1);
}

TEST(ParserTest, ARuleWithErrorsIsStillGiven) {
  const ParseResult result = ParseText("- id: gambling.x\n  match: {any: [{terms: [aa]}, {}]}\n");
  EXPECT_TRUE(HasErrors(result.diagnostics));
  ASSERT_THAT(result.rules.rules, SizeIs(1));
  EXPECT_EQ(Show(result.rules.rules[0].match), "any(aa)");
  EXPECT_EQ(result.rules.rules[0].severity, Severity::kUnspecified);
  // There is nothing to compile in this one.
  EXPECT_THAT(ParseText("- id: gambling.x\n  match: {}\n").rules.rules, IsEmpty());
}

TEST(ParserTest, NoSourcesNoRules) {
  const ParseResult result = ParseRules({});
  EXPECT_THAT(result.rules.rules, IsEmpty());
  EXPECT_THAT(result.diagnostics, IsEmpty());
}

// Whatever the bytes, the parser comes back with diagnostics that lie in order inside the source
// and that can be rendered. Run under the asan preset this also finds reads out of bounds.
TEST(HostileSourceTest, MutatedRulesOnlyGiveDiagnostics) {
  const std::string seed = RuleWith(
      "  match:\n    all:\n      - near: {within: 12, ordered: true, of: [[赌场, 博彩], [开户]]}\n"
      "      - not: {regex: '戒.{0,3}赌'}\n  unless: {any: [{terms: [反赌, \"戒\\u200b赌\"]}]}\n");
  const std::string_view kPieces[] = {"\t",
                                      "\n",
                                      "- ",
                                      ": ",
                                      "[",
                                      "]",
                                      "{",
                                      "}",
                                      "&a ",
                                      "*a",
                                      "!!x ",
                                      "<<: ",
                                      "'",
                                      "\"",
                                      "\\x",
                                      "|\n",
                                      "? ",
                                      "%YAML 9.9\n",
                                      "---\n",
                                      "\xff",
                                      "\xe8\xb5",
                                      "#",
                                      ">",
                                      "\r",
                                      "\xef\xbb\xbf",
                                      std::string_view("\0", 1)};
  std::mt19937 random(7);
  const auto below = [&](size_t n) { return random() % n; };
  for (int round = 0; round < 5000; ++round) {
    std::string text = seed;
    for (size_t edits = 1 + below(6); edits > 0; --edits) {
      const size_t at = below(text.size() + 1);
      switch (below(4)) {
        case 0:
          text.erase(at, 1 + below(12));
          break;
        case 1:
          text.insert(at, kPieces[below(std::size(kPieces))]);
          break;
        case 2:
          if (at < text.size()) text[at] = static_cast<char>(below(256));
          break;
        default:
          text.insert(at, text.substr(below(text.size() + 1), below(40)));
      }
      if (text.empty()) text = seed;
    }
    const ParseResult result = ParseRules({{"a.yaml", text}, {"b.yaml", seed}});
    std::tuple<int, int, int> last;
    for (const Diagnostic& d : result.diagnostics) {
      const std::tuple<int, int, int> at{d.where.file, d.where.begin_line, d.where.begin_column};
      EXPECT_LE(last, at) << text;
      EXPECT_FALSE(d.code.empty() || d.message.empty()) << text;
      last = at;
    }
    const std::string shown = Render(result.diagnostics, result.rules.sources, false);
    EXPECT_EQ(shown.find('\x1b'), shown.npos);
    EXPECT_EQ(result.diagnostics.empty(), shown.empty());
  }
}

}  // namespace
}  // namespace winnow::rules
