// What the compiler adds to the parser: patterns become leaves, and their problems diagnostics.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "engine/base/strings.h"
#include "engine/match/program.h"
#include "engine/pack/pack.h"
#include "tests/engine/pack/packs.h"

namespace winnow::pack {
namespace {

// A rule file of one rule with this `match`, which stands on line 7.
std::vector<rules::SourceFile> RuleWith(const std::string& match) {
  return {{"own.yaml", StrCat(R"(
- id: fraud.example
  category: vice_violence
  label: fraud
  severity: low
  action: review
  match: )",
                              match, R"(
  reason: {en: An example., zh: 例子。}
  tests: {match: [x], no_match: [y]}
)")}};
}

TEST(CompileTest, ExplainsPatternsThatCannotBeUsed) {
  std::string many = "{near: {within: 3, of: [";
  for (int i = 0; i < 9; ++i) StrAppend(&many, i == 0 ? "" : ", ", "[term", i, "]");
  many += "]}}";
  struct {
    std::string match;
    const char* code;
    const char* text;  // in message or label
  } const cases[] = {
      {"{regex: 'a('}", "R060", "is not valid"},
      {"{regex: '^ab'}", "R060", "anchor ^"},
      {"{regex: 'ab+'}", "R061", "unbounded"},
      {"{regex: '.{1,2000}'}", "R062", "can match too much"},
      {"{regex: 'a?b?'}", "R063", "matches everywhere"},
      {"{regex: 'a.{0,200}b'}", "R064", "too large"},
      {many, "R064", "9 groups"},
      {"{terms: [" + std::string(2000, 'a') + "]}", "R068", "the limit is 1024"},
  };
  for (const auto& c : cases) {
    const CompileResult compiled = CompilePack(RuleWith(c.match), {});
    EXPECT_EQ(compiled.pack, nullptr) << c.match;
    bool found = false;
    for (const rules::Diagnostic& d : compiled.diagnostics) {
      if (d.code != c.code) continue;
      found = true;
      EXPECT_EQ(d.where.begin_line, 7) << c.match;
      EXPECT_FALSE(d.help.empty()) << c.match;
      EXPECT_THAT(d.message + d.label, testing::HasSubstr(c.text));
    }
    EXPECT_TRUE(found) << c.match << "\n"
                       << rules::Render(compiled.diagnostics, compiled.sources, false);
  }
}

TEST(CompileTest, TellsParserAndPatternErrorsTogetherInSourceOrder) {
  std::vector<rules::SourceFile> sources = RuleWith("{regex: 'ab+'}");
  sources[0].text += absl::StrReplaceAll(
      sources[0].text, {{"fraud.example", "fraud.second"}, {"severity: low", "severity: huge"}});
  const CompileResult compiled = CompilePack(sources, {});
  std::vector<int> lines;
  for (const rules::Diagnostic& d : compiled.diagnostics) {
    if (d.level == rules::DiagnosticLevel::kError) lines.push_back(d.where.begin_line);
  }
  ASSERT_EQ(lines.size(), 2u) << rules::Render(compiled.diagnostics, compiled.sources, false);
  EXPECT_EQ(lines[0], 7) << "the first rule's expression";
  EXPECT_GT(lines[1], 7) << "the second rule's severity";
}

TEST(CompileTest, CountsEachPatternOnce) {
  const auto pack = CompileOrDie(RuleWith("{any: [{terms: [foo, bar]}, {terms: [FOO, ｂａｒ]}, "
                                          "{terms: [foo], anywhere: true}, {regex: 'a[0-9]'}, "
                                          "{near: {within: 3, of: [[foo], [baz]]}}]}"))
                        .pack;
  EXPECT_EQ(pack->info().term_count, 4u);
  EXPECT_EQ(pack->info().regex_count, 1u);
}

TEST(CompileTest, TermsAreNormalisedAsTextIs) {
  const auto pack = CompileOrDie(RuleWith("{terms: [賭場, Ｂｅｔ]}")).pack;
  for (const char* text : {"赌场", "賭場", "bet", "BET", "ｂｅｔ", "b-e-t"}) {
    EXPECT_NE(Findings(*pack, text), "") << text;
  }
  for (const char* text : {"alphabet", "better", "场赌"}) {
    EXPECT_EQ(Findings(*pack, text), "") << text;
  }
  const auto anywhere = CompileOrDie(RuleWith("{terms: [bet], anywhere: true}")).pack;
  EXPECT_EQ(Findings(*anywhere, "alphabet"), "fraud.example@5-8");
}

TEST(CompileTest, ConditionsMeanWhatTheRuleSays) {
  struct {
    const char* match;
    const char* text;
    const char* expected;
  } const cases[] = {
      {"{all: [{terms: [foo]}, {terms: [bar]}], within: sentence}", "foo. bar", ""},
      {"{all: [{terms: [foo]}, {terms: [bar]}], within: sentence}", "foo, bar. x",
       "fraud.example@0-8"},
      {"{all: [{terms: [foo]}, {terms: [bar]}], within: field}", "foo. bar", "fraud.example@0-3"},
      {"{all: [{terms: [foo]}, {not: {terms: [bar]}}], within: field}", "foo. bar", ""},
      {"{near: {within: 5, of: [[foo], [bar]]}}", "bar 4567 foo", ""},
      {"{near: {within: 6, of: [[foo], [bar]]}}", "bar 4567 foo", "fraud.example@0-12"},
      {"{near: {within: 6, ordered: true, of: [[foo], [bar]]}}", "bar 4567 foo", ""},
      {"{regex: 'fo{2,3}'}", "fooo", "fraud.example@0-4"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Findings(*CompileOrDie(RuleWith(c.match)).pack, c.text), c.expected)
        << c.match << " in " << c.text;
  }
}

TEST(CompileTest, RulesThatAskFindTermsByTheirSound) {
  struct {
    const char* match;
    const char* keys;
    const char* text;
    const char* expected;
  } const cases[] = {
      {"{terms: [网上赌场]}", "", "网上堵场", ""},
      {"{terms: [网上赌场]}", "views: [folded, phonetic]", "进网上堵场", "fraud.example@1-5"},
      {"{terms: [网上赌场]}", "views: [folded, phonetic]", "wangshangduchang",
       "fraud.example@0-16"},
      // What the folded view found is found once.
      {"{terms: [网上赌场]}", "views: [folded, phonetic]", "网上赌场", "fraud.example@0-4"},
      {"{terms: [代开, 待开]}", "views: [folded, phonetic]", "代开", "fraud.example@0-2"},
      {"{terms: [加微信]}", "views: [phonetic]", "佳薇芯", "fraud.example@0-3"},
      {"{near: {within: 4, of: [[赌场], [加微信]]}}", "views: [folded, phonetic]", "堵场,加薇芯",
       "fraud.example@0-6"},
      // No sound excuses, and none is forbidden.
      {"{terms: [网上赌场]}", "views: [folded, phonetic]\n  unless: {terms: [警方通报]}",
       "警方通报了网上堵场", ""},
      {"{terms: [网上赌场]}", "views: [folded, phonetic]\n  unless: {terms: [警方通报]}",
       "景方通报了网上堵场", "fraud.example@5-9"},
      {"{all: [{terms: [网上赌场]}, {not: {terms: [警方通报]}}]}", "views: [folded, phonetic]",
       "景方通报了网上堵场", "fraud.example@5-9"},
      {"{terms: [加微信]}", "", "jwx", ""},
      {"{terms: [加微信]}", "views: [folded, phonetic]", "jwx", ""},
      {"{terms: [网上赌场]}", "views: [folded, phonetic]", "场堵上网", ""},
      {"{terms: [teen]}", "views: [folded]", "&#x1f1f9;&#x1f1ea;&#x1f1ea;&#x1f1f3;",
       "fraud.example@0-36"},
      {"{terms: [us]}", "views: [folded]", "win &#x1f1fa;&#x1f1f8; now", ""},
      {"{terms: [网上赌场], reversed: true}", "views: [folded, phonetic]", "场堵上网",
       "fraud.example@0-4"},
      {"{terms: [四件套餐]}", "views: [folded, phonetic]", "4煎套餐", "fraud.example@0-4"},
      {"{terms: [加微信]}", "pinyin_initials: true", "快JWX吧", "fraud.example@1-4"},
      {"{terms: [加微信]}", "pinyin_initials: true", "jwxs and ajwx", ""},
  };
  for (const auto& c : cases) {
    std::vector<rules::SourceFile> sources = RuleWith(c.match);
    sources[0].text += StrCat("  ", c.keys, "\n");
    EXPECT_EQ(Findings(*CompileOrDie(sources).pack, c.text), c.expected)
        << c.match << " " << c.keys << " in " << c.text;
  }
}

TEST(CompileTest, WarnsOfRulesThatNothingIsFoundForByItsSound) {
  struct {
    const char* match;
    const char* keys;
    bool warned;
  } const cases[] = {
      {"{terms: [枪, casino]}", "views: [folded, phonetic]", true},
      {"{regex: '赌.{0,2}场'}", "views: [folded, phonetic]", true},
      {"{terms: [枪, 买枪]}", "views: [folded, phonetic]", false},
      {"{terms: [枪, 买枪]}", "pinyin_initials: true", true},
      {"{terms: [真人荷官]}", "pinyin_initials: true", false},
      {"{terms: [枪, casino]}", "", false},
  };
  for (const auto& c : cases) {
    std::vector<rules::SourceFile> sources = RuleWith(c.match);
    sources[0].text += StrCat("  ", c.keys, "\n");
    const CompileResult compiled = CompilePack(sources, {});
    EXPECT_NE(compiled.pack, nullptr);
    const bool warned =
        std::any_of(compiled.diagnostics.begin(), compiled.diagnostics.end(), [](const auto& d) {
          return d.code == "R069" && d.level == rules::DiagnosticLevel::kWarning &&
                 d.where.begin_line == 7 && !d.help.empty();
        });
    EXPECT_EQ(warned, c.warned) << c.match << " " << c.keys;
  }
}

TEST(CompileTest, TermsAreFoundInOtherForms) {
  struct {
    const char* match;
    const char* text;
    const char* expected;
  } const cases[] = {
      // Parts of ideographs, all of them or some, held apart or not.
      {"{terms: [手机号]}", "卖手木几号", "fraud.example@1-5"},
      {"{terms: [江湖]}", "氵工氵胡", "fraud.example@0-4"},
      {"{terms: [江湖]}", "江氵 胡", "fraud.example@0-4"},
      {"{terms: [江湖]}", "氵 工 氵 胡", "fraud.example@0-7"},
      {"{terms: [江湖]}", "氵★工★氵★胡", "fraud.example@0-7"},
      {"{terms: [江湖]}", "工氵胡", ""},
      {"{terms: [树林]}", "木又寸木木", "fraud.example@0-5"},
      {"{terms: [加v信]}", "力口v亻言", "fraud.example@0-5"},
      {"{terms: [加v信]}", "加v亻言", "fraud.example@0-4"},
      // Ordinary words are read so only beside others.
      {"{terms: [好看]}", "女子看书", ""},
      {"{terms: [明天]}", "日月天地", ""},
      {"{terms: [好明]}", "女子日月", "fraud.example@0-4"},
      {"{terms: [好酒]}", "女子氵酉", "fraud.example@0-4"},
      {"{terms: [女子酒]}", "女子氵酉", "fraud.example@0-4"},
      {"{near: {within: 2, of: [[赌场], [开户]]}}", "贝者场,开户", "fraud.example@0-6"},
      {"{terms: [加v]}", "力口v", "fraud.example@0-3"},
      {"{terms: [加一]}", "力口一", ""},
      // What is held apart besides.
      {"{terms: [江湖水]}", "氵工 氵胡 水", "fraud.example@0-7"},
      {"{terms: [江湖水]}", "江|氵胡|水流", "fraud.example@0-6"},
      {"{terms: [江湖水]}", "氵工\n氵胡\n水", "fraud.example@0-7"},
      {"{terms: [江湖水]}", "氵工😀氵胡😀水", "fraud.example@0-7"},
      {"{terms: [江湖水]}", "氵工，氵胡，水", ""},
      {"{terms: [江湖水面]}", "氵工湖 水面", ""},
      {"{terms: [好明]}", "女子 日月", ""},
      // Numerals.
      {"{terms: [三百元]}", "给300元", "fraud.example@1-5"},
      {"{terms: [三百元]}", "给3百元", "fraud.example@1-4"},
      {"{terms: [三百元]}", "给叁佰元", "fraud.example@1-4"},
      {"{terms: [三百元]}", "给1300元", ""},
      {"{terms: [三百元]}", "给300 元", ""},
      {"{terms: [六四]}", "64", "fraud.example@0-2"},
      {"{terms: [六四]}", "陆4", "fraud.example@0-2"},
      {"{terms: [六四]}", "1964", ""},
      {"{terms: [六四]}", "64kg", ""},
      {"{terms: ['86']}", "八六", "fraud.example@0-2"},
      {"{terms: [24小时]}", "二十四小时", "fraud.example@0-5"},
      {"{terms: ['1:1']}", "四 一 一", ""},
      {"{near: {within: 3, of: [[三百, 五百], [一天]]}}", "300 500", ""},
      {"{near: {within: 3, of: [[三百], [一天]]}}", "300 1天", "fraud.example@0-6"},
      // Of two terms that are one another's forms each is itself.
      {"{terms: [六四, '64']}", "64", "fraud.example@0-2"},
      // Backwards, where it is asked for.
      {"{terms: [真人荷官]}", "官荷人真", ""},
      {"{terms: [真人荷官], reversed: true}", "官荷人真", "fraud.example@0-4"},
      {"{terms: [真人荷官], reversed: true}", "官 荷 人 真", "fraud.example@0-7"},
      {"{terms: [三百元], reversed: true}", "元百3", "fraud.example@0-3"},
      {"{terms: [under 16], reversed: true}", "六一 rednu", "fraud.example@0-8"},
      {"{terms: [casino], reversed: true}", "an onisac!", "fraud.example@3-9"},
      {"{terms: [casino], reversed: true}", "onisacs", ""},
      {"{terms: [casino], reversed: true, anywhere: true}", "onisacs", "fraud.example@0-6"},
      {"{near: {within: 3, reversed: true, of: [[赌场], [开户]]}}", "场赌 户开",
       "fraud.example@0-5"},
      {"{all: [{terms: [赌场]}, {not: {terms: [开户], reversed: true}}]}", "赌场户开",
       "fraud.example@0-2"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Findings(*CompileOrDie(RuleWith(c.match)).pack, c.text), c.expected)
        << c.match << " in " << c.text;
  }
}

TEST(CompileTest, FormsAreNotCountedAsTerms) {
  EXPECT_EQ(CompileOrDie(RuleWith("{terms: [六四, 江湖], reversed: true}")).pack->info().term_count,
            2u);
}

TEST(CompileTest, WarnsOfTermsThatAreOthersBackwards) {
  struct {
    const char* match;
    const char* label;  // empty: no warning
  } const cases[] = {
      {"{terms: [上海自来水来自海上], reversed: true}", "上海自来水来自海上"},
      {"{terms: [Level, casino], reversed: true}", "Level"},
      {"{terms: [赌场, 场赌], reversed: true}", "赌场"},
      {"{terms: [赌场, 场赌]}", ""},
      {"{terms: [赌场, casino], reversed: true}", ""},
  };
  for (const auto& c : cases) {
    const CompileResult compiled = CompilePack(RuleWith(c.match), {});
    EXPECT_NE(compiled.pack, nullptr);
    std::string label;
    for (const rules::Diagnostic& d : compiled.diagnostics) {
      if (d.code != "R070") continue;
      EXPECT_EQ(d.level, rules::DiagnosticLevel::kWarning);
      EXPECT_EQ(d.where.begin_line, 7);
      EXPECT_FALSE(d.help.empty());
      label = d.label;
    }
    EXPECT_EQ(label.empty(), *c.label == '\0') << c.match;
    EXPECT_THAT(label, testing::HasSubstr(c.label)) << c.match;
  }
}

TEST(CompileTest, APackOfNothingFindsNothing) {
  const CompileResult compiled = CompilePack({{"empty.yaml", "[]\n"}}, {});
  ASSERT_NE(compiled.pack, nullptr);
  EXPECT_EQ(Findings(*compiled.pack, "赌场"), "");
}

}  // namespace
}  // namespace winnow::pack
