// What Chinese sounds like: the view, the forms of terms in it, and what sounds alike by chance.
#include "engine/text/phonetic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/strings.h"
#include "engine/text/normalizer.h"
#include "engine/text/phonetic_skip.h"
#include "engine/text/phonetic_table.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

constexpr EvasionMask kSound = MaskOf(Evasion::kPhonetic);
constexpr EvasionMask kSeparator = MaskOf(Evasion::kSeparator);
constexpr EvasionMask kTraditional = MaskOf(Evasion::kTraditional);
constexpr EvasionMask kZeroWidth = MaskOf(Evasion::kZeroWidth);
constexpr EvasionMask kWidth = MaskOf(Evasion::kWidth);

std::unique_ptr<Normalizer> AllViews() {
  NormalizerOptions options;
  options.views = SetOf(View::kFolded) | SetOf(View::kSqueezed) | SetOf(View::kPhonetic);
  return Normalizer::Create(options);
}

// Syllables in letters, each before a stroke; runs divided by '|'.
std::string Shown(std::string_view view) {
  std::string out;
  for (size_t at = 0; at < view.size(); at += CharWidth(view[at])) {
    const std::string spelling = PhoneticTable::Spell(CharAt(&view[at]));
    if (!spelling.empty()) {
      out += spelling + "'";
    } else if (view[at] == '\n') {
      out += "|";
    } else {
      out += view.substr(at, CharWidth(view[at]));
    }
  }
  return out;
}

struct ViewRow {
  std::string_view text;
  std::string_view view;
};

const ViewRow kViews[] = {
    {"", ""},
    {"赌博", "du'bo'"},
    {"我们，来赌博。", "wo'men'|lai'du'bo'"},
    {"賭博 dubo du bo DU-BO dǔ bó", "du'bo'du'bo'du'bo'du'bo'du'bo'"},
    {"du3bo2 ｄｕ bo", "du'bo'du'bo'"},
    {"赌bo du博", "du'bo'du'bo'"},
    {"xi'an xian fangan nv lv lüe", "xi'an'xian'fan'gan'nu'lu'lue'|lu'e'"},
    {"加v信 加VX 18禁", "jia'vxin'jia'vx18jin'|jia'vxin'jia'vx"},
    {"w e i x i n", "wei'xin'"},
    {"n a n n i n g", "nan'ning'"},
    {"w.e.i.3.x.i.n.1", "wei'e'xin'|wei'e'xi'ni'|wei'xin'"},
    {"d1u2b3o", "du'bo'|du'bo'"},
    {"du7bo", "du'bo'"},
    {"du37bo26", "du'bo'"},
    {"加1wei2芯", "jia'1wei'xin'|jia'wei'xin'"},
    {"加1威2芯", "jia'1wei'2xin'|jia'wei'xin'"},
    {"du\nbo", "du'bo'"},
    {"du\r\n博", "du'bo'"},
    {"the man\nhe saw", ""},
    {"tie", ""},
    {"This time it works", ""},
    {"time 你", "ti'me'ni'"},
    {"time, 你好", "ni'hao'"},
    {"take time", "ta'ke'ti'me'"},
    {"taiwan1!我", "tai'wan'|tai'wa'ni'|tai'wa'ni'|tai'wan'li'"},
    {"the remaining then", ""},
    {"the remainin then", "re'mai'nin'"},
    {"我要tie", "wo'yao'tie'|ti'e'"},
    {"T I M E", "ti'me'"},
    {"堵\u200b菠", "du'bo'"},
    {"堵 - 菠", "du'bo'"},
    {"堵-----菠菜", "bo'cai'|du'bo'cai'"},
    {"堵\n菠", "du'bo'"},
    {"the quick brown fox, ok", ""},
    {"Please send the report by Monday. Thanks!", ""},
    {"jwx and wxhm", "jwx|wxhm"},
    {"Этот город", ""},
    {"カジノで遊ぶ", ""},
    {"𠀀𠀀", "he'he'"},
};

TEST(Phonetic, TheViewShowsSyllables) {
  const auto normalizer = AllViews();
  for (const ViewRow& row : kViews) {
    normalizer->Begin();
    normalizer->Feed(row.text, true, [&](const Block& block) {
      EXPECT_EQ(Shown(block.view(View::kPhonetic)), row.view) << row.text;
      return true;
    });
  }
}

TEST(Phonetic, OnlyThoseWhoAskPay) {
  const auto normalizer = Normalizer::Create({});
  normalizer->Begin();
  normalizer->Feed("赌博 dubo", true, [&](const Block& block) {
    EXPECT_EQ(block.view(View::kPhonetic), "");
    return true;
  });
}

// The stretches of `text` that sound like `term` and are nobody's ordinary words.
std::vector<std::pair<std::string, EvasionMask>> Find(std::string_view term,
                                                      std::string_view text) {
  std::vector<std::pair<std::string, EvasionMask>> found;
  const auto normalizer = AllViews();
  normalizer->Begin();
  normalizer->Feed(text, true, [&](const Block& block) {
    const std::string_view in = block.view(View::kPhonetic);
    for (const std::string& form : PhoneticForms(term)) {
      for (size_t at = in.find(form); at != in.npos; at = in.find(form, at + 1)) {
        const uint32_t begin = static_cast<uint32_t>(at);
        const Place place =
            block.Locate(View::kPhonetic, {begin, begin + static_cast<uint32_t>(form.size())});
        if (place.text.end <= block.report_begin()) continue;
        const std::pair<std::string, EvasionMask> here(
            text.substr(place.text.begin, place.text.end - place.text.begin), place.evasions);
        // What is held apart may be shown more than once.
        if (std::find(found.begin(), found.end(), here) == found.end()) found.push_back(here);
      }
    }
    return true;
  });
  return found;
}

struct Hidden {
  std::string_view term;
  std::string_view text;
  std::string_view found;
  EvasionMask undone;
};

const Hidden kHidden[] = {
    {"赌博", "我们来堵博吧", "堵博", kSound},
    {"赌博", "我们来度博吧", "度博", kSound},
    {"赌博", "来dubo吧", "dubo", kSound},
    {"赌博", "come and du bo", "du bo", kSound | kSeparator},
    {"赌博", "DU-BO!", "DU-BO", kSound | kSeparator},
    {"赌博", "go #dubo.", "dubo", kSound},
    {"赌博", "du3bo2", "du3bo2", kSound},
    {"赌博", "dǔ bó", "dǔ bó", kSound | kSeparator},
    {"赌博", "赌bo", "赌bo", kSound},
    {"赌博", "du博网", "du博", kSound},
    {"赌博", "ｄｕｂｏ", "ｄｕｂｏ", kSound | kWidth},
    {"赌博", "d\u200bu bo", "d\u200bu bo", kSound | kZeroWidth | kSeparator},
    {"赌博", "堵*博", "堵*博", kSound | kSeparator},
    {"赌博", "睹膊", "睹膊", kSound},
    {"赌博", "堵——博", "堵——博", kSound | kSeparator},
    {"赌博", "赌 bo", "赌 bo", kSound | kSeparator},
    {"赌博", "du🎲bo", "du🎲bo", kSound | kSeparator},
    {"网上赌场", "进网上堵场玩", "网上堵场", kSound},
    {"网上赌场", "进網商du场玩", "網商du场", kSound | kTraditional},
    {"网上赌场", "wangshangduchang", "wangshangduchang", kSound},
    {"网上赌场", "wo zai wang shang du chang", "wang shang du chang", kSound | kSeparator},
    {"加微信", "佳薇芯", "佳薇芯", kSound},
    {"加微信", "jia微xin", "jia微xin", kSound},
    {"加v信", "咖微,家v芯", "家v芯", kSound},
    {"银行卡", "yin hang ka", "yin hang ka", kSound | kSeparator},
    {"银行卡", "寅航咖", "寅航咖", kSound},
    {"方案", "出fangan", "fangan", kSound},
    {"方案", "出fang'an", "fang'an", kSound},
    {"妓女", "找ji nv", "ji nv", kSound | kSeparator},
    {"加微信", "w e i, j i a w e i x i n!", "j i a w e i x i n", kSound | kSeparator},
    {"加微信", "来J.I.A.W.E.I.X.I.N", "J.I.A.W.E.I.X.I.N", kSound | kSeparator},
    {"加微信", "加1威2芯", "加1威2芯", kSound | kSeparator},
    {"加微信", "jia7wei8xin", "jia7wei8xin", kSound | kSeparator},
    {"加微信", "jia3wei3xin", "jia3wei3xin", kSound | kSeparator},
    {"加微信", "jia1wei1xin4", "jia1wei1xin4", kSound},
    {"加微信", "jia17wei17xin4", "jia17wei17xin", kSound | kSeparator},
    {"加微信", "加\n威\nxin", "加\n威\nxin", kSound | kSeparator},
    {"加微信", "j1i2a3w4e5i6x7i8n", "j1i2a3w4e5i6x7i8n", kSound | kSeparator},
    {"网管", "w a n g g u a n", "w a n g g u a n", kSound | kSeparator},
    {"提额", "我要tie了", "tie", kSound},
    {"冰毒", "出售兵独", "兵独", kSound},
};

TEST(Phonetic, TermsAreFoundByTheirSound) {
  for (const Hidden& row : kHidden) {
    SCOPED_TRACE(row.text);
    const auto found = Find(row.term, row.text);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].first, row.found);
    EXPECT_EQ(found[0].second, row.undone);
  }
}

// What sounds like a term and is not one. Every innocent text that was once caught gets a row.
const Hidden kInnocent[] = {
    {"赌博", "孤独博客", "", 0},
    {"赌博", "他在速度博弈中获胜", "", 0},
    {"冰毒", "电脑病毒防护", "", 0},
    {"冰毒", "注意病毒感染", "", 0},
    {"大麻", "隔壁的大妈来了", "", 0},
    {"卖淫", "我去购买银行理财", "", 0},
    {"我们", "These women are doctors.", "", 0},
    {"怕你", "a pan in the house", "", 0},
    {"和平", "he ping me", "", 0},
    {"参有", "How can you help?", "", 0},
    {"秘密", "the mimic octopus", "", 0},
    {"西安", "县城先到", "", 0},
    {"西安", "xian", "", 0},
    {"赌博", "Dubois", "", 0},
    {"赌博", "du. Bo", "", 0},
    {"额度", "science.example.edu.sg and a@edu", "", 0},
    {"拨打", "http://t.co/dWSYB5boda", "", 0},
    {"赌博", "读，博士", "", 0},
    {"黑客", "她黑，可是很美", "", 0},
    {"巴拿马", "banana man", "", 0},
    {"提额", "a black tie", "", 0},
    {"提么", "T I M E", "", 0},
    {"慢喝", "the man\nhe saw", "", 0},
};

TEST(Phonetic, OrdinaryWordsSoundAlikeByChance) {
  for (const Hidden& row : kInnocent) {
    const auto found = Find(row.term, row.text);
    EXPECT_TRUE(found.empty()) << row.term << " in " << row.text << ": " << found[0].first;
  }
}

TEST(Phonetic, ATermHasAFormForEachReading) {
  struct Row {
    std::string_view term;
    std::vector<std::string> forms;
  };
  const Row rows[] = {
      {"赌博", {"du'bo'"}},
      {"賭 博", {"du'bo'"}},
      {"银行", {"yin'xing'", "yin'hang'"}},
      {"方案", {"fang'an'", "fan'gan'"}},
      {"西安", {"xi'an'"}},  // run together it is one syllable
      {"加v信", {"jia'vxin'"}},
      {"b站赌博", {"bzhan'du'bo'"}},
      // Sounds like half the language, or is never shown.
      {"枪", {}},
      {"加v", {}},
      {"casino", {}},
      {"カジノ", {}},
      {"赌博,网站", {}},
      {"赌博gambling", {}},
      {"", {}},
  };
  for (const Row& row : rows) {
    std::vector<std::string> shown;
    for (const std::string& form : PhoneticForms(row.term)) shown.push_back(Shown(form));
    EXPECT_EQ(shown, row.forms) << row.term;
    EXPECT_EQ(Shown(NormalizeTerm(row.term, View::kPhonetic)),
              row.forms.empty() ? "" : row.forms[0]);
  }
  // Ten characters of two readings each have a thousand forms, of which few are kept.
  EXPECT_EQ(PhoneticForms("行长行长行长行长行长").size(), 8u);
}

TEST(Phonetic, InitialsOfTerms) {
  struct Row {
    std::string_view term, initials;
  };
  for (const Row& row : {Row{"加微信", "jwx"}, Row{"真人荷官", "zrhg"}, Row{"约炮", ""},
                         Row{"老婆饿了", ""}, Row{"加v信", ""}, Row{"casino", ""}}) {
    EXPECT_EQ(PhoneticInitials(row.term), row.initials) << row.term;
  }
}

TEST(Phonetic, EverySyllableIsReadAsItIsSpelled) {
  const PhoneticTable& table = PhoneticTable::Get();
  std::vector<bool> seen(0x1000);
  size_t syllables = 0, ideographs = 0;
  for (char32_t c = 0x3400; c < 0x32000; ++c) {
    const std::vector<char32_t> readings = table.Readings(c);
    if (readings.empty()) {
      EXPECT_EQ(table.Reading(c), 0u) << static_cast<uint32_t>(c);
      continue;
    }
    ++ideographs;
    EXPECT_EQ(table.Reading(c), readings[0]);
    for (char32_t reading : readings) {
      ASSERT_GE(reading, 0xe000u);
      ASSERT_LT(reading, 0xf000u);
      if (seen[reading - 0xe000]) continue;
      seen[reading - 0xe000] = true;
      ++syllables;
      const std::string spelling = PhoneticTable::Spell(reading);
      EXPECT_EQ(WidthOf(reading), 3u);
      PhoneticTable::Syllables parsed;
      if (table.Parse(spelling, &parsed) == 0) {
        EXPECT_TRUE(spelling == "o") << spelling;
        continue;
      }
      EXPECT_EQ(table.Parse(spelling, &parsed), 1u) << spelling;
      EXPECT_EQ(parsed.at[0], reading) << spelling;
    }
  }
  EXPECT_GT(syllables, 395u);
  EXPECT_LT(syllables, 430u);
  EXPECT_GT(ideographs, 40000u);
}

// What is passed over quickly is nothing that would be shown.
TEST(Phonetic, TheViewIsTheSameHoweverItIsFound) {
  static constexpr std::string_view kWords[] = {"the",
                                                "quick",
                                                "can",
                                                "you",
                                                "make",
                                                "dubo",
                                                "wang",
                                                "vx",
                                                "jwx",
                                                "by",
                                                "s",
                                                "i",
                                                "u",
                                                "vu",
                                                "zh",
                                                "shang",
                                                "xi'an",
                                                "12",
                                                "3",
                                                "4567",
                                                "du3",
                                                "lv",
                                                "赌博",
                                                "堵",
                                                "，",
                                                "。",
                                                "é",
                                                "город",
                                                "ab12",
                                                "18禁",
                                                "加v",
                                                "v信",
                                                "ok",
                                                "strengths",
                                                "a",
                                                "tie",
                                                "e",
                                                "wei",
                                                "x",
                                                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                                "zhuangzhuangzhuangzhuangzhuangzhuangd"};
  static constexpr std::string_view kGaps[] = {" ", " ", " ", " ", "", "", ", ", "-", "\n", ". "};
  std::mt19937 random(23);
  PhoneticReader fast, plain(false);
  size_t shown = 0;
  for (int round = 0; round < 20000; ++round) {
    // No byte more than the text has, so that a sanitizer sees what is read behind it.
    std::vector<char> bytes;
    const size_t size = random() % 400;
    while (bytes.size() < size) {
      const bool common =
          random() % 2 == 0;  // one at a time: their order is to be the same anywhere
      const std::string_view word = kWords[random() % (common ? 12 : std::size(kWords))];
      const std::string_view gap = kGaps[random() % std::size(kGaps)];
      for (const std::string_view piece : {word, gap}) {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
      }
      if (random() % 100 == 0) bytes.insert(bytes.end(), random() % 150, 'a' + random() % 26);
      if (random() % 100 == 0) bytes.insert(bytes.end(), random() % 150, '0' + random() % 10);
    }
    bytes.shrink_to_fit();
    const std::string_view text(bytes.data(), bytes.size());
    const std::string_view expected = plain.Read(text);
    ASSERT_EQ(fast.Read(text), expected) << text;
    ASSERT_EQ(fast.map().edits().size(), plain.map().edits().size()) << text;
    for (size_t i = 0; i < fast.map().edits().size(); ++i) {
      const Edit &a = fast.map().edits()[i], &b = plain.map().edits()[i];
      ASSERT_TRUE(a.to_begin == b.to_begin && a.to_size == b.to_size &&
                  a.from_begin == b.from_begin && a.from_size == b.from_size)
          << text;
    }
    SoundChunk fast_chunk, portable_chunk;
    for (size_t at = 0; at < text.size();) {
      const size_t next = NextSound(text, at, &fast_chunk);
      ASSERT_EQ(next, NextSoundPortable(text, at, &portable_chunk)) << text;
      at = std::max(next, at + 1);
      while (at < text.size() &&
             (std::isalnum(static_cast<unsigned char>(text[at])) || (text[at] & 0xc0) == 0x80)) {
        ++at;
      }
    }
    shown += !expected.empty();
  }
  EXPECT_GT(shown, 10000u);
}

// No syllable, by itself between others or run together with another, is passed over.
TEST(Phonetic, NoSyllableIsPassedOver) {
  std::vector<std::string> spellings;
  for (char32_t syllable = 0xe001; syllable < 0xf000; ++syllable) {
    PhoneticTable::Syllables parsed;
    std::string spelling = PhoneticTable::Spell(syllable);
    if (PhoneticTable::Get().Parse(spelling, &parsed) == 1) spellings.push_back(spelling);
  }
  ASSERT_GT(spellings.size(), 390u);
  PhoneticReader fast, plain(false);
  std::mt19937 random(31);
  size_t shown = 0;
  for (const std::string& a : spellings) {
    for (int i = 0; i < 40; ++i) {
      const std::string& b = spellings[random() % spellings.size()];
      const std::string before(random() % 70, random() % 2 == 0 ? ' ' : 't');
      for (std::string_view gap : {"", " ", "-", " the ", ", ", ". "}) {
        const std::string text = StrCat(before, " ", a, gap, b, random() % 2 == 0 ? "" : " the");
        const std::string expected(plain.Read(text));
        ASSERT_EQ(fast.Read(text), expected) << text;
        shown += !expected.empty();
      }
    }
  }
  EXPECT_GT(shown, 40000u);
}

// Words at the end of a text, and ideographs, wherever they lie in what is looked at in one step.
TEST(Phonetic, NothingIsPassedOverAtTheEndOfAStep) {
  PhoneticReader fast, plain(false);
  for (std::string_view word : {"mabo", "dubo", "jwx", "18禁毒", "加v", "ab", "xi'an"}) {
    for (size_t before = 0; before < 200; ++before) {
      std::string text(before, ' ');
      for (size_t i = 0; i + 4 < before; i += 4) text.replace(i, 3, "the");
      for (std::string_view after : {"", " ", " the", "."}) {
        const std::string whole = StrCat(text, word, after);
        const std::string expected(plain.Read(whole));
        EXPECT_FALSE(expected.empty() && word != "ab") << whole;
        EXPECT_EQ(fast.Read(whole), expected) << whole;
        SoundChunk a, b;
        EXPECT_EQ(NextSound(whole, 0, &a), NextSoundPortable(whole, 0, &b)) << whole;
      }
    }
  }
}

// What the automaton takes is what can be parsed.
TEST(Phonetic, TheAutomatonTakesWhatSpellsSyllables) {
  const PhoneticTable& table = PhoneticTable::Get();
  const auto takes = [&](std::string_view letters) {
    uint8_t state = PhoneticTable::kSpellBegin;
    for (char c : letters) state = table.Step(state, c);
    return table.Ends(state);
  };
  PhoneticTable::Syllables parsed;
  std::string letters;
  for (int a = 0; a < 27 * 27 * 27 * 27; ++a) {
    letters.clear();
    for (int rest = a; rest > 0; rest /= 27) {
      if (rest % 27 != 0) letters.push_back(static_cast<char>('a' + rest % 27 - 1));
    }
    if (letters.empty()) continue;
    ASSERT_EQ(takes(letters), table.Parse(letters, &parsed) > 0) << letters;
  }
  std::mt19937 random(29);
  constexpr std::string_view kParts[] = {"zh", "sh", "u", "a",  "ang", "n", "g",  "i", "ong", "e",
                                         "x",  "ia", "r", "er", "v",   "l", "ue", "o", "b",   "t"};
  for (int round = 0; round < 200000; ++round) {
    letters.clear();
    for (uint32_t n = 1 + random() % 8; n > 0; --n) letters += kParts[random() % 20];
    if (letters.size() > kPinyinLettersMax) continue;
    ASSERT_EQ(takes(letters), table.Parse(letters, &parsed) > 0) << letters;
  }
}

TEST(Phonetic, LettersAreReadInTheFewestSyllables) {
  const PhoneticTable& table = PhoneticTable::Get();
  struct Row {
    std::string_view letters, syllables;
  };
  for (const Row& row :
       {Row{"xian", "xian'"}, Row{"fangan", "fan'gan'"}, Row{"zhuangbi", "zhuang'bi'"},
        Row{"nver", "nu'er'"}, Row{"hailuoyin", "hai'luo'yin'"}, Row{"casino", ""}, Row{"v", ""},
        Row{"", ""}, Row{"dub", ""}, Row{"women", "wo'men'"}}) {
    PhoneticTable::Syllables parsed;
    const uint32_t count = table.Parse(row.letters, &parsed);
    std::string shown;
    for (uint32_t i = 0; i < count; ++i) shown += PhoneticTable::Spell(parsed.at[i]) + "'";
    EXPECT_EQ(shown, row.syllables) << row.letters;
    if (count > 0) {
      EXPECT_EQ(parsed.ends[count - 1], row.letters.size());
    }
  }
  PhoneticTable::Syllables parsed;
  EXPECT_EQ(table.Parse(std::string(32, 'a'), &parsed), 32u);
  EXPECT_EQ(table.Parse(std::string(33, 'a'), &parsed), 0u);
}

}  // namespace
}  // namespace winnow::text
