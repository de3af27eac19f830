// Other forms of terms: numerals, parts of ideographs, reversed text.
#include "engine/text/term_forms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/text/normalizer.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

TEST(NumeralFormsTest, GivesWhatPeopleWrite) {
  struct {
    const char* term;
    std::vector<std::string> among;
    std::vector<std::string> not_among;
  } const cases[] = {
      {"六四", {"64", "6四", "六4", "陆肆", "陆4"}, {"六四"}},
      {"三百", {"300", "3百", "叁佰", "三佰", "3佰"}, {"3100", "三100", "310"}},
      {"一人两百", {"1人两百", "一人200", "一人贰佰", "1人200"}, {"一人2100"}},
      {"十二岁", {"12岁", "拾贰岁", "十2岁"}, {"102岁"}},
      {"一百零三天", {"103天"}, {"1003天"}},
      {"三千五", {"叁仟五"}, {"3005", "3500"}},
      {"百家乐", {"100家乐", "佰家乐"}, {}},
      {"千", {"1000", "仟"}, {}},
      {"一条龙", {"1条龙", "壹条龙"}, {}},
      {"86", {"八六", "8六", "捌六", "八十六"}, {"86"}},
      {"24小时", {"二四小时", "二十四小时", "2四小时"}, {}},
      {"2008", {"二零零八", "二〇〇八", "二千零八"}, {"二千八"}},
      {"1066", {"一千零六十六"}, {}},
      {"100%", {"一百%", "一零零%"}, {}},
      {"c4", {"c四"}, {}},
      // Ordinary by themselves.
      {"61", {"6一", "六1"}, {"六一"}},
      {"11", {}, {"十一", "一一"}},
      {"1", {}, {"一", "壹"}},
      {"一", {}, {"1", "壹"}},
  };
  for (const auto& c : cases) {
    const std::vector<std::string> forms = NumeralForms(c.term, 256);
    for (const std::string& form : c.among) EXPECT_THAT(forms, testing::Contains(form)) << c.term;
    for (const std::string& form : c.not_among) {
      EXPECT_THAT(forms, testing::Not(testing::Contains(form))) << c.term;
    }
    const std::set<std::string> once(forms.begin(), forms.end());
    EXPECT_EQ(once.size(), forms.size()) << c.term;
    EXPECT_FALSE(once.contains(c.term));
  }
  for (const char* term : {"", "赌场", "casino", "两面", "both", "ⅳ"}) {
    EXPECT_THAT(NumeralForms(term, 256), testing::IsEmpty()) << term;
  }
}

TEST(NumeralFormsTest, KeepsToTheLimit) {
  const std::string term = "1989年十二月31日20:48";
  for (size_t most : {1, 5, 16, 256}) {
    const std::vector<std::string> forms = NumeralForms(term, most);
    EXPECT_LE(forms.size(), most);
    EXPECT_FALSE(forms.empty());
  }
  // The plainest come first: all of one kind.
  EXPECT_THAT(NumeralForms(term, 16), testing::Contains("1989年12月31日20:48"));
  EXPECT_THAT(NumeralForms("12345678", 16), testing::Contains("一二三四五六七八"));
  EXPECT_THAT(NumeralForms("12345678", 16), testing::Contains("壹贰叁肆伍陆柒捌"));
}

TEST(IsNumberTest, KnowsNumerals) {
  for (const char* number : {"1:1", "六四", "叁佰", "10万", "24/7", "100%", "〇"}) {
    EXPECT_TRUE(IsNumber(number)) << number;
  }
  for (const char* other : {"24小时", "c4", "三百元", "一条龙"})
    EXPECT_FALSE(IsNumber(other)) << other;
}

TEST(ReversedTest, TurnsWhatAReaderSees) {
  struct {
    const char* text;
    const char* expected;
  } const cases[] = {
      {"", ""},
      {"a", "a"},
      {"真人荷官", "官荷人真"},
      {"ab c", "c ba"},
      {"e\u0301a", "ae\u0301"},
      {"👨‍👩‍👧赌", "赌👨‍👩‍👧"},
      {"🇨🇳b", "b🇨🇳"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Reversed(c.text), c.expected);
    EXPECT_EQ(Reversed(Reversed(c.text)), c.text);
  }
}

TEST(HanPartsTest, TheTableIsWellFormed) {
  std::set<std::string> seen;
  for (const HanParts& parts : HanPartsTable()) {
    std::string whole;
    AppendChar(parts.whole, &whole);
    EXPECT_TRUE(seen.insert(parts.parts).second) << parts.parts << " spells two";
    // As the folded view has them, or they would never be met.
    EXPECT_EQ(NormalizeTerm(parts.parts, View::kFolded), parts.parts);
    EXPECT_EQ(NormalizeTerm(whole, View::kFolded), whole);
    const auto characters = std::count_if(parts.parts.begin(), parts.parts.end(),
                                          [](char c) { return !IsContinuation(c); });
    EXPECT_GE(characters, 2) << whole;
    EXPECT_LE(characters, 5) << whole;
    EXPECT_EQ(parts.parts.find(whole), std::string::npos) << whole << " holds itself";
  }
  EXPECT_GT(seen.size(), 2000u);
}

TEST(HanPartsTest, OrdinaryWordsAreKnownAsSuch) {
  const auto find = [](std::string_view written) -> const HanParts* {
    for (const HanParts& parts : HanPartsTable()) {
      if (parts.parts == written) return &parts;
    }
    return nullptr;
  };
  for (const char* word : {"女子", "日月", "门口", "户口", "中心", "口交", "女生", "人人", "日光",
                           "月中", "口大", "门市", "木工", "千里", "雨田", "古月", "工力"}) {
    const HanParts* parts = find(word);
    if (parts != nullptr) {
      EXPECT_TRUE(parts->ordinary) << word;
    }
  }
  for (const char* apart : {"氵工", "木几", "贝者", "亻言", "讠舌", "钅戋", "扌戈"}) {
    ASSERT_NE(find(apart), nullptr) << apart;
    EXPECT_FALSE(find(apart)->ordinary) << apart;
  }
}

}  // namespace
}  // namespace winnow::text
