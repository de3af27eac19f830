#include "engine/text/plausibility.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "engine/text/byte_table.h"
#include "engine/text/charset_list.h"

namespace winnow::text {
namespace {

// Some hundred ideographs that make up most of any text in Chinese, simplified or traditional, and
// the commonest of Japanese.
constexpr std::u32string_view kCommonHan =
    U"的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过"
    U"发"
    U"后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前"
    U"开"
    U"但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重"
    U"并"
    U"物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常"
    U"先"
    U"海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活更别打女变四神总何电数安少报才"
    U"结"
    U"反受目太量再感建务做接必场件计管期市直德资命山金指许统区保至队形社便空决治展马科司五基眼书非"
    U"则"
    U"听白却界达光放强即像难且权思王完设式色路记南品住告类求据程北边死张该交规万取望觉术领共确传师"
    U"观"
    U"清今切院让识候带导争运请网上站价单钱买卖店服货车房吃饭早晚昨午周号码快慢送收寄付款免费注册登"
    U"录"
    U"這個們來為國說時會對於過發後裡種經麼學現當沒動還進樣實軍無與長機關點業將兩間問戰頭體見產給門"
    U"兒"
    U"東聲員論處義幾認條氣題別變總電數報結務場計達資許統區隊決馬書則聽卻強難權設記類據邊張該規萬覺"
    U"術"
    U"領確傳師觀讓識帶導爭運請網價單錢買賣貨車飯號碼費註冊錄開應並從想爾係樣麽歲話語讀寫聞檢證線級"
    U"紅"
    U"会社見合気新後話最立言対体動部代長自定通現用明開連当関心時間東田学校円本語読書車駅店今何私彼";
constexpr std::u32string_view kCommonHangul =
    U"이다는을를에의가고하지로한기사도시어자인리나서아해대은수그라들스정전구일주여부제장조보원내무"
    U"상마"
    U"면없있것했않등우만성신저소동공선과관세연비유국미안모게오요러바식경화발치니물거금생계문방위분"
    U"번째"
    U"네회행업차음체료품단말개중민며르려와";
// From the commonest on.
constexpr std::u32string_view kCyrillic = U"оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґ";
constexpr std::u32string_view kGreek = U"αοιετσνηυρπκμλςίάέόήωύδγχθώφβξζψ";
constexpr std::u32string_view kHebrew = U"יולהאמרתבשנדקחעפכטגםזסצןךףץ";
constexpr std::u32string_view kArabic = U"الينمتروبعدةسفهكقأحجشطصخضذثإزىئغظءؤآ";
constexpr std::u32string_view kThai = U"านรอกเงมยลว่้ดทัสตะิีปบค์หแจืุพชขใไูโผถซำึ็ศฟณญธภษฐฉ";

// The letters of living spellings that are not ASCII, by language.
constexpr std::u32string_view kSpellings[] = {
    U"éèàçêâîôûùëïœ",        // French
    U"äöüß",                 // German
    U"ñóíáéúü",              // Spanish
    U"åäöøæé",               // Nordic
    U"ãõáéíóúâêôçà",         // Portuguese
    U"àèéìòù",               // Italian
    U"ąćęłńóśźż",            // Polish
    U"áčďéěíňóřšťúůýžľĺŕô",  // Czech, Slovak
    U"áéíóöőúüű",            // Hungarian
    U"ăâîşţ",                // Romanian
    U"čćđšž",                // Croatian
    U"çğıöşüâ",              // Turkish
    U"ąčęėįšųūž",            // Lithuanian
    U"āčēģīķļņšūž",          // Latvian
    U"äöõüšž",               // Estonian
};
static_assert(std::size(kSpellings) == Plausibility::kSpellingCount);
constexpr std::u32string_view kWidePunctuation = U"。，、：；！？「」（）《》“”『』・ー…";
constexpr std::u32string_view kLatinPunctuation = U"’‘–—«»°§·€£©®№";

bool Has(std::u32string_view set, char32_t c) { return set.find(c) != set.npos; }

// Small letters of Unicode's plainly paired alphabets; 0 when `c` is no capital.
char32_t SmallOf(char32_t c) {
  if (c >= 0x410 && c <= 0x42f) return c + 0x20;
  if (c >= 0x400 && c <= 0x40f) return c + 0x50;
  if (c == 0x490) return 0x491;
  if (c >= 0x391 && c <= 0x3a9 && c != 0x3a2) return c + 0x20;
  if (c >= 0xc0 && c <= 0xde && c != 0xd7) return c + 0x20;
  if (c == 0x178) return 0xff;
  if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177)) return c % 2 == 0 ? c + 1 : 0;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) return c % 2 == 1 ? c + 1 : 0;
  return 0;
}

// What each ideograph of the Basic Multilingual Plane costs.
class HanCosts {
 public:
  HanCosts() {
    cost_.fill(21);
    AddLevel("GB18030", 0xb0, 0xd7, 13);
    AddLevel("Big5", 0xa4, 0xc6, 13);
    AddLevel("Shift_JIS", 0x88, 0x98, 14);
    for (char32_t c : kCommonHan) cost_[c - kFirst] = 9;
  }
  uint32_t operator[](char32_t c) const {
    return c >= kFirst && c <= kLast ? cost_[c - kFirst] * 10u : 250;
  }

 private:
  static constexpr char32_t kFirst = 0x4e00, kLast = 0x9fff;

  // The level of a charset that holds what is in use.
  void AddLevel(std::string_view name, int first, int last, uint8_t cost) {
    const ByteTable& table = TableOf(*FindCharset(name));
    for (int lead = first; lead <= last; ++lead) {
      for (int second = 0x40; second < 0xff; ++second) {
        if (name == "GB18030" && second < 0xa1) continue;
        const char32_t c = table.two[(lead - 0x80) * 256 + second];
        if (c >= kFirst && c <= kLast) cost_[c - kFirst] = std::min(cost_[c - kFirst], cost);
      }
    }
  }

  std::array<uint8_t, kLast - kFirst + 1> cost_;
};

// What each of Korean's syllables costs.
class HangulCosts {
 public:
  HangulCosts() {
    cost_.fill(18);
    const ByteTable& table = TableOf(*FindCharset("EUC-KR"));
    for (int lead = 0xb0; lead <= 0xc8; ++lead) {
      for (int second = 0xa1; second < 0xff; ++second) {
        const char32_t c = table.two[(lead - 0x80) * 256 + second];
        if (c >= kFirst && c <= kLast) cost_[c - kFirst] = 13;
      }
    }
    for (char32_t c : kCommonHangul) cost_[c - kFirst] = 8;
  }
  uint32_t operator[](char32_t c) const { return cost_[c - kFirst] * 10u; }

  static constexpr char32_t kFirst = 0xac00, kLast = 0xd7a3;

 private:
  std::array<uint8_t, kLast - kFirst + 1> cost_;
};

uint32_t AsciiCost(char32_t c) {
  if (c == ' ') return 30;
  if (c >= 'a' && c <= 'z') return 45;
  if (c >= '0' && c <= '9') return 60;
  if (c >= 'A' && c <= 'Z') return 65;
  if (c == '\n' || c == '\r' || c == '\t' || c == '.' || c == ',') return 60;
  return c < 0x20 || c == 0x7f ? 250 : 85;
}

// Of one of an alphabet's small letters, from the commonest on.
uint32_t LetterCost(std::u32string_view letters, char32_t c) {
  const size_t place = letters.find(c);
  if (place == letters.npos) return 130;
  return place < 10 ? 38 : place < 20 ? 55 : place < 32 ? 75 : 95;
}

}  // namespace

Plausibility::Sort Plausibility::SortOf(char32_t c) {
  const auto sort = [](Script script, uint32_t cost) { return Sort{script, false, false, cost}; };
  if (c < 0x80) {
    const bool small = c >= 'a' && c <= 'z', capital = c >= 'A' && c <= 'Z';
    return {small || capital ? Script::kLatin : Script::kNone, capital, false, AsciiCost(c)};
  }
  if (c < 0xa0) return sort(Script::kOther, 280);
  if (const char32_t small = SmallOf(c)) {
    Sort as_small = SortOf(small);
    return {as_small.script, true, as_small.accented, as_small.cost + 35};
  }
  if (c < 0x250) {
    if (c < 0xc0 || c == 0xd7 || c == 0xf7) {
      return sort(Script::kNone, c == 0xa0 || Has(kLatinPunctuation, c) ? 105 : 150);
    }
    return {Script::kLatin, false, true, 0};
  }
  if (c >= 0x370 && c < 0x400) return sort(Script::kGreek, LetterCost(kGreek, c));
  if (c >= 0x400 && c < 0x500) return sort(Script::kCyrillic, LetterCost(kCyrillic, c));
  if (c >= 0x5d0 && c <= 0x5ea) return sort(Script::kHebrew, LetterCost(kHebrew, c));
  if (c >= 0x620 && c <= 0x64a) return sort(Script::kArabic, LetterCost(kArabic, c));
  if (c >= 0x590 && c < 0x700) return sort(Script::kArabic, 130);
  if (c >= 0xe01 && c <= 0xe4e) return sort(Script::kThai, LetterCost(kThai, c));
  if (Has(kWidePunctuation, c)) return sort(Script::kNone, 75);
  if (c >= 0x3041 && c <= 0x3096) return sort(Script::kKana, 58);
  if (c >= 0x30a1 && c <= 0x30fa) return sort(Script::kKana, 78);
  if (c >= 0x4e00 && c < 0xa000) {
    static const HanCosts* const costs = new HanCosts;
    return sort(Script::kHan, (*costs)[c]);
  }
  if (c >= HangulCosts::kFirst && c <= HangulCosts::kLast) {
    static const HangulCosts* const costs = new HangulCosts;
    return sort(Script::kHangul, (*costs)[c]);
  }
  if (c >= 0x3400 && c < 0x4e00) return sort(Script::kHan, 240);
  if (c >= 0xff61 && c <= 0xff9f) return sort(Script::kKana, 125);
  if (c >= 0xff01 && c <= 0xff5e) return sort(Script::kNone, 115);
  if (c >= 0x2010 && c <= 0x2122) {
    return sort(Script::kNone, Has(kLatinPunctuation, c) ? 105 : 150);
  }
  if (c >= 0x1f300 && c < 0x1fb00) return sort(Script::kNone, 150);
  if (c >= 0x20000 && c < 0x30000) return sort(Script::kHan, 260);
  if ((c >= 0xe000 && c < 0xf900) || c >= 0xe0000 || c == 0xfffd || (c & 0xfffe) == 0xfffe) {
    return sort(Script::kOther, 300);
  }
  return sort(Script::kOther, 190);
}

void Plausibility::AddSpelling(char32_t c) {
  for (size_t i = 0; i < kSpellingCount; ++i) spellings_[i] += Has(kSpellings[i], c) ? 62 : 150;
}

uint64_t Plausibility::cost() const {
  return cost_ + *std::min_element(spellings_.begin(), spellings_.end());
}

uint32_t Plausibility::Switch(Script from, Script to) {
  const auto east = [](Script s) { return s == Script::kHan || s == Script::kKana; };
  if (from == to || from == Script::kNone || (east(from) && east(to))) return 0;
  const bool loan = (from == Script::kLatin && to >= Script::kHan) ||
                    (to == Script::kLatin && from >= Script::kHan);
  return loan ? 40 : 80;
}

void Plausibility::Add(char32_t c) {
  const Sort now = SortOf(c);
  cost_ += now.cost;
  if (now.accented) AddSpelling(SmallOf(c) != 0 ? SmallOf(c) : c);
  if (now.script == Script::kKana && chinese_) cost_ += 30;
  if (now.script == Script::kNone) {
    adjacent_ = false;
    return;
  }
  const uint32_t switched = Switch(before_.script, now.script);
  cost_ += adjacent_ ? switched : switched / 2;
  if (adjacent_ && now.script == before_.script) {
    if (now.capital && !before_.capital) cost_ += 80;
    if (now.accented && before_.accented) cost_ += 40;
  }
  before_ = now;
  adjacent_ = true;
}

}  // namespace winnow::text
