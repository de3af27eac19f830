// Lists of terms: what they mean, and what their authors are told. Each case of ListMistakes is
// rendered into testdata/diagnostics/list_<meaning>.out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/rules/parser.h"
#include "tests/engine/rules/rule_fragment.h"
#include "tests/support/golden.h"

namespace winnow::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SourceFile List(std::string path, std::string text) {
  return {std::move(path), std::move(text), SourceFile::Kind::kList};
}

std::vector<SourceFile> RuleAndList(const std::string& fragment, std::string list) {
  return {{"rules.yaml", RuleFromFragment(fragment)}, List("lists/words.txt", std::move(list))};
}

std::string RenderedOf(const ParseResult& result) {
  return Render(result.diagnostics, result.rules.sources, false);
}

// The terms of a list without a mistake.
std::vector<std::string> TermsOf(const std::string& list) {
  const ParseResult result = ParseRules(RuleAndList("match: {list: lists/words.txt}\n", list));
  EXPECT_EQ(RenderedOf(result), "") << list;
  std::vector<std::string> out;
  for (const Rule& rule : result.rules.rules) {
    for (const Located& term : rule.match.Terms()) out.push_back(term.text);
  }
  return out;
}

TEST(ListTest, OneTermALine) {
  EXPECT_THAT(TermsOf("赌场\nonline casino\n"), ElementsAre("赌场", "online casino"));
  EXPECT_THAT(TermsOf("a1\r\nb2\r\n\r\nc3"), ElementsAre("a1", "b2", "c3"));
  EXPECT_THAT(TermsOf("a1\rb2\r"), ElementsAre("a1", "b2"));
  EXPECT_THAT(TermsOf("  a1 \t\n\t b2\n \n"), ElementsAre("a1", "b2"));
  EXPECT_THAT(TermsOf("\"a1\", 'b2': {c3}\n- d4\n"), ElementsAre("\"a1\", 'b2': {c3}", "- d4"));
}

TEST(ListTest, Comments) {
  EXPECT_THAT(TermsOf("# all\na1 # some\n  # none\nb2\t#\n"), ElementsAre("a1", "b2"));
  EXPECT_THAT(TermsOf("c#sharp\n\\#tag\na \\# b # c\n"), ElementsAre("c#sharp", "#tag", "a # b"));
}

struct Defaults {
  std::string header;    // of the list
  std::string fragment;  // of the rule
  bool anywhere;
  text::ViewSet views;
};

TEST(ListTest, TheRuleGoesBeforeTheHeaderAndThatBeforeTheDefaults) {
  constexpr text::ViewSet kFolded = text::SetOf(text::View::kFolded);
  constexpr text::ViewSet kSqueezed = text::SetOf(text::View::kSqueezed);
  const Defaults cases[] = {
      {"", "match: {list: lists/words.txt}", false, kFolded | kSqueezed},
      {"---\n---\n", "match: {list: lists/words.txt}", false, kFolded | kSqueezed},
      {"# why\n\n---\nanywhere: true\nviews: [folded] # short\n---\n",
       "match: {list: lists/words.txt}", true, kFolded},
      {"---\nanywhere: true\n---\n", "match: {list: lists/words.txt, anywhere: false}", false,
       kFolded | kSqueezed},
      {"", "match: {list: lists/words.txt, anywhere: true}", true, kFolded | kSqueezed},
      {"---\nviews: [folded]\n---\n", "match: {list: lists/words.txt}\nviews: [squeezed]", false,
       kSqueezed},
      {"---\nviews: [folded]\n---\n", "match: {list: lists/words.txt}\nviews: [folded, squeezed]",
       false, kFolded | kSqueezed},
  };
  for (const Defaults& c : cases) {
    const ParseResult result = ParseRules(RuleAndList(c.fragment + "\n", c.header + "casino\n"));
    ASSERT_EQ(RenderedOf(result), "") << c.header << c.fragment;
    const Rule& rule = result.rules.rules.at(0);
    EXPECT_EQ(rule.match.anywhere, c.anywhere) << c.header << c.fragment;
    EXPECT_EQ(rule.match.views.value_or(rule.views), c.views) << c.header << c.fragment;
  }
}

TEST(ListTest, IsReadOnceAndSharedByAllThatNameIt) {
  const ParseResult result = ParseRules(
      {{"zh/rules.yaml",
        RuleFromFragment("match: {any: [{list: lists/a.txt}, {near: {within: 3, of: [{list: "
                         "lists/a.txt}, [x1]]}}]}\nunless: {list: lists/a.txt, within: 4}\n")},
       List("zh/lists/a.txt", "赌场\n场\n场\n")});
  ASSERT_EQ(result.rules.rules.size(), 1u);
  const Rule& rule = result.rules.rules[0];
  EXPECT_NE(rule.match.children[0].list, nullptr);
  EXPECT_EQ(rule.match.children[0].list, rule.match.children[1].children[0].list);
  EXPECT_EQ(rule.match.children[0].list, rule.unless.list);
  EXPECT_EQ(rule.unless.within.characters, 4u);
  EXPECT_THAT(result.rules.lists, ElementsAre(rule.unless.list));
  // One of a term given twice, one of a term of one character.
  EXPECT_EQ(result.diagnostics.size(), 2u) << RenderedOf(result);
}

TEST(ListTest, NamesAreJoinedToTheFolderOfTheRuleFile) {
  EXPECT_THAT(ListsNamedBy({"a/b.yaml", RuleFromFragment("match: {any: [{list: l/x.txt}, {list: "
                                                         "y.txt}, {list: l/x.txt}]}\nunless: "
                                                         "{list: z.txt}\n")}),
              ElementsAre("a/l/x.txt", "a/y.txt", "a/z.txt"));
  EXPECT_THAT(ListsNamedBy({"b.yaml", RuleFromFragment("match: {list: x.txt}\n")}),
              ElementsAre("x.txt"));
  for (const char* name : {"../x.txt", "/x.txt", "l/../../x.txt", "./x.txt", "l//x.txt", "l/.txt/",
                           "x.yaml", ".txt", "'l\\x.txt'", "[x.txt]", "'x\\u200b.txt'"}) {
    const std::string text = RuleFromFragment(StrCat("match: {list: ", name, "}\n"));
    if (std::string_view(name) != "'x\\u200b.txt'") {
      EXPECT_THAT(ListsNamedBy({"a/b.yaml", text}), IsEmpty()) << name;
    }
    const ParseResult result = ParseRules({{"a/b.yaml", text}, List("x.txt", "casino")});
    EXPECT_TRUE(HasErrors(result.diagnostics)) << name;
    EXPECT_TRUE(result.rules.rules.empty()) << name;
  }
  EXPECT_THAT(ListsNamedBy({"a/b.yaml", "- {list: "}), IsEmpty());
  EXPECT_THAT(ListsNamedBy({"a/b.yaml", ""}), IsEmpty());
}

// ---- What authors are told ----

struct Mistake {
  std::string meaning;
  std::string list;
};

class ListMistakes : public testing::TestWithParam<Mistake> {};

TEST_P(ListMistakes, ReadsAsReviewed) {
  const ParseResult result =
      ParseRules(RuleAndList("match: {list: lists/words.txt}\n", GetParam().list));
  ASSERT_THAT(result.diagnostics, testing::Not(IsEmpty()));
  test::ExpectGolden(std::filesystem::path(WINNOW_SOURCE_DIR) /
                         "tests/engine/rules/testdata/diagnostics" /
                         StrCat("list_", GetParam().meaning, ".out"),
                     RenderedOf(result));
}

// So many lines that only their place tells which one is wrong.
std::string Lines(int count, const std::string& at_the_end) {
  std::string out;
  for (int i = 0; i < count; ++i) StrAppend(&out, "term ", i, "\n");
  return out + at_the_end;
}

INSTANTIATE_TEST_SUITE_P(
    All, ListMistakes,
    testing::Values(
        Mistake{"far_down", Lines(81203, "赌场 \xE8\xB5\n")},
        Mistake{"ill_formed_utf8", "casino\n  \xC0\xAF \n赌\xFF场\n\xED\xA0\x80\n"},
        Mistake{"gb18030", "\xB6\xC4\xB3\xA1\n\xB2\xA9\xB2\xCA\n"},
        Mistake{"many_of_one_kind",
                []() {
                  std::string out;
                  for (int i = 0; i < 3000; ++i) StrAppend(&out, "\xB6\xC4\xB3\xA1", i, "\n");
                  return out;
                }()},
        Mistake{"control_characters",
                std::string("a\0b\n", 4) + "a\x1b[2Jb\nword\tcategory\na\u2028b\na\ufeff" + "b\n"},
        Mistake{"byte_order_mark", "\ufeffcasino\ncasino\n"},
        Mistake{"terms_repeated", "赌场\ncasino\n  賭場\nCASINO # again\ncasino\n"},
        Mistake{"term_invisible", "赌\u200b场\n\u200b\u200d\n\\#\n"},
        Mistake{"term_of_one_character", "赌\nx\n"},
        Mistake{"term_too_long", std::string(5000, 'x') + "\n" + "casino\n"}, Mistake{"empty", ""},
        Mistake{"of_comments", "# casino\n\n  # another\n"},
        Mistake{"header_open", "---\nanywhere: true\ncasino\n"},
        Mistake{"header_misplaced", "casino\n---\nanywhere: true\n"},
        Mistake{"header_twice", "---\nanywhere: true\n---\n---\nviews: [folded]\n---\ncasino\n"},
        Mistake{
            "header_keys",
            "# a list\n---\nanywere: true\nviews: [folded, folded, sqeezed]\ncase: no\n---\nx1\n"},
        Mistake{"header_values", "---\nanywhere: maybe\nviews: folded\n---\nx1\n"},
        Mistake{"header_empty_values", "---\nanywhere:\nviews: []\n---\nx1\n"},
        Mistake{"header_of_a_list", "---\n- anywhere\n---\nx1\n"},
        Mistake{"header_not_yaml", "---\nviews: [folded\n---\nx1\n"},
        Mistake{"too_large", std::string((16u << 20) + 1, '\n')},
        Mistake{"too_many_terms", Lines(500'001, "")}),
    [](const auto& info) { return info.param.meaning; });

TEST(ListDiagnostics, SayWhyAListIsNotThere) {
  SourceFile unreadable = List("lists/closed.txt", "");
  unreadable.problem = "Permission denied";
  const std::vector<SourceFile> sources = {
      {"rules.yaml",
       RuleFromFragment("match:\n  any:\n    - list: lists/casino.txt\n    - list: "
                        "lists/closed.txt\n    - list: ../casinos.txt\n    - list: none.txt\n")},
      List("lists/casinos.txt", "casino\n"),
      unreadable};
  test::ExpectGolden(std::filesystem::path(WINNOW_SOURCE_DIR) /
                         "tests/engine/rules/testdata/diagnostics/list_not_there.out",
                     RenderedOf(ParseRules(sources)));
}

// However wrong a list is, what is told of it is bounded.
TEST(ListDiagnostics, AreBounded) {
  std::string list;
  for (int i = 0; i < 100'000; ++i) list += "\xff\n\u200b\n赌场\na\tb\n";
  const ParseResult result =
      ParseRules(RuleAndList("match: {list: lists/words.txt}\n", std::move(list)));
  EXPECT_LT(result.diagnostics.size(), 60u);
  EXPECT_THAT(RenderedOf(result), HasSubstr("and 99989 more like it in this list"));
}

}  // namespace
}  // namespace winnow::rules
