#include "engine/text/phonetic_table.h"

#include <unicode/translit.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <unordered_map>

#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

// The places of both are part of a syllable's number, which packs keep: only append to the finals.
// "zh", "ch" and "sh" stand before "z", "c" and "s", as the longest is tried first.
constexpr std::string_view kInitials[] = {"zh", "ch", "sh", "b", "p", "m", "f", "d",
                                          "t",  "n",  "l",  "g", "k", "h", "j", "q",
                                          "x",  "r",  "z",  "c", "s", "y", "w", ""};
constexpr std::string_view kFinals[] = {
    "a",    "o",  "e",  "ai", "ei",  "ao",  "ou",  "an",  "en",   "ang",  "eng",
    "ong",  "er", "i",  "ia", "ie",  "iao", "iu",  "ian", "in",   "iang", "ing",
    "iong", "u",  "ua", "uo", "uai", "ui",  "uan", "un",  "uang", "ueng", "ue",
};
static_assert(std::size(kInitials) * 48 == 24 * 48 && std::size(kFinals) <= 48);

// What else an ideograph is read, where the sounds differ in more than the tone: the character and
// its readings, the commonest first.
constexpr std::string_view kHeteronyms =
    "行xing,hang 长chang,zhang 重zhong,chong 乐le,yue 会hui,kuai 着zhe,zhao,zhuo 了le,liao "
    "都dou,du 还hai,huan 得de,dei 地di,de 的de,di 大da,dai 单dan,shan 弹dan,tan 调diao,tiao "
    "度du,duo 佛fo,fu 给gei,ji 和he,huo,hu 贾jia,gu 降jiang,xiang 角jiao,jue 觉jue,jiao 卡ka,qia "
    "落luo,la,lao 绿lu 率lu,shuai 没mei,mo 模mo,mu 便bian,pian 曝bao,pu 强qiang,jiang 色se,shai "
    "塞sai,se 刹sha,cha 厦sha,xia 什shen,shi 省sheng,xing 石shi,dan 识shi,zhi 似si,shi "
    "宿su,xiu 提ti,di 尾wei,yi 系xi,ji 吓xia,he 校xiao,jiao 血xue,xie 削xiao,xue 咽yan,ye "
    "殷yin,yan 约yue,yao 择ze,zhai 扎za,zha 折zhe,she 传chuan,zhuan 朝chao,zhao 车che,ju "
    "称cheng,chen 臭chou,xiu 畜chu,xu 藏cang,zang 曾zeng,ceng 差cha,chai 参can,shen "
    "盛sheng,cheng 薄bo,bao 剥bo,bao 秘mi,bi 泊bo,po 仔zi,zai 娜na,nuo 拓tuo,ta 露lu,lou "
    "陆lu,liu 六liu,lu 熟shu,shou 谁shei,shui 亲qin,qing 圈quan,juan 番fan,pan 否fou,pi 脯fu,pu "
    "龟gui,jun,qiu 蛤ha,ge 核he,hu 吭keng,hang 壳ke,qiao 勒le,lei 俩lia,liang 埋mai,man 脉mai,mo "
    "蔓man,wan 氓mang,meng 泌mi,bi 粘zhan,nian 尿niao,sui 迫po,pai 朴pu,piao,po 茄qie,jia "
    "雀que,qiao 杉shan,sha 射she,ye 属shu,zhu 数shu,shuo 说shuo,shui 伺si,ci 虾xia,ha "
    "巷xiang,hang 叶ye,xie 艾ai,yi 熨yun,yu 扛kang,gang 呢ne,ni 哪na,nei 那na,nei 这zhe,zhei "
    "爪zhua,zhao 琢zhuo,zuo 轧zha,ya,ga 柏bai,bo 蚌bang,beng 堡bao,bu,pu 伯bo,bai 卜bu,bo "
    "侧ce,ze,zhai 禅chan,shan 乘cheng,sheng 匙chi,shi 澄cheng,deng 绰chuo,chao 囤tun,dun "
    "恶e,wu 阿a,e 咖ka,ga 谷gu,yu 稽ji,qi 缉ji,qi 夹jia,ga 槛jian,kan 见jian,xian 嚼jiao,jue "
    "劲jin,jing 句ju,gou 咯ge,lo,ka 咳ke,hai 烙lao,luo 抹mo,ma 摩mo,ma 牟mou,mu 弄nong,long "
    "疟nue,yao 刨bao,pao 屏ping,bing 栖qi,xi 蹊qi,xi 纤xian,qian 券quan,xuan 蛇she,yi 沓ta,da "
    "褪tui,tun 驮tuo,duo 圩wei,xu 万wan,mo 尉wei,yu 洗xi,xian 吁xu,yu 钥yao,yue 术shu,zhu "
    "其qi,ji 奇qi,ji 期qi,ji 嘿hei,mo 嗯en 唔wu 吗ma 吧ba 呗bei 啊a 哎ai 欸ei,ai 喔o,wo 哟yo "
    "趾zhi 嗲dia 攒zan,cuan 撮cuo,zuo 芥jie,gai 隽juan,jun 掺chan,shan 拽zhuai,ye 莎sha,suo "
    "炮pao,bao 吐tu 处chu 片pian 把ba 不bu 打da 货huo 操cao 日ri 口kou 比bi 逼bi 屌diao "
    "鸟niao,diao "
    "一yi 二er 两liang 个ge 上shang 下xia 干gan 发fa 女nu 旅lu 律lu 虑lu 吕lu 略lue 虐nue 侣lu "
    "铝lu";

void Require(UErrorCode error) {
  if (U_FAILURE(error)) std::abort();
}

// Lower-case ASCII, tones dropped; empty when it is something else.
std::string WithoutTones(const icu::UnicodeString& pinyin) {
  // Letters with tone marks, decomposed by hand as they are so few: macron, acute, caron, grave.
  static constexpr struct {
    char to;
    std::u16string_view from;
  } kLetters[] = {
      {'a', u"āáǎà"},      {'e', u"ēéěèêếềê̄"}, {'i', u"īíǐì"}, {'o', u"ōóǒò"},
      {'u', u"ūúǔùüǖǘǚǜ"}, {'m', u"ḿ"},        {'n', u"ńňǹ"},
  };
  std::string out;
  for (int32_t i = 0; i < pinyin.length(); ++i) {
    const char16_t c = pinyin[i];
    if (c >= u'a' && c <= u'z') {
      out.push_back(static_cast<char>(c));
      continue;
    }
    if (c >= 0x300 && c < 0x370) continue;  // a combining tone mark
    char found = 0;
    for (const auto& letter : kLetters) {
      if (letter.from.find(c) != letter.from.npos) found = letter.to;
    }
    if (found == 0) return {};
    out.push_back(found);
  }
  return out;
}

}  // namespace

class PhoneticTableBuilder {
 public:
  const PhoneticTable* Build() {
    GatherReadings();
    GatherHeteronyms();
    AddSpellings();
    std::vector<uint16_t> block(128);
    table_->values_.assign(128, 0);
    for (uint32_t b = 0; b < PhoneticTable::kCharsEnd / 128; ++b) {
      bool any = false;
      for (uint32_t i = 0; i < 128; ++i) {
        const auto it = readings_.find(b << 7 | i);
        block[i] = it == readings_.end() ? 0 : static_cast<uint16_t>(it->second - table_->kFirst);
        any |= block[i] != 0;
      }
      if (!any) continue;
      table_->stage1_[b] = static_cast<uint16_t>(table_->values_.size() / 128);
      table_->values_.insert(table_->values_.end(), block.begin(), block.end());
    }
    return table_;
  }

 private:
  void GatherReadings() {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> latin(
        icu::Transliterator::createInstance("Han-Latin", UTRANS_FORWARD, error));
    Require(error);
    icu::UnicodeSet han(u"[:Han:]", error);
    Require(error);
    // Line feeds keep the characters from being each other's context.
    icu::UnicodeString in;
    std::vector<char32_t> chars;
    for (int32_t r = 0; r < han.getRangeCount(); ++r) {
      for (UChar32 c = han.getRangeStart(r); c <= han.getRangeEnd(r); ++c) {
        if (static_cast<char32_t>(c) >= PhoneticTable::kCharsEnd) continue;
        in.append(c).append(u'\n');
        chars.push_back(static_cast<char32_t>(c));
      }
    }
    latin->transliterate(in);
    int32_t begin = 0;
    for (char32_t c : chars) {
      const int32_t end = in.indexOf(u'\n', begin);
      if (end < 0) break;
      Note(c, WithoutTones(in.tempSubStringBetween(begin, end)));
      begin = end + 1;
    }
  }

  void Note(char32_t c, std::string_view spelling) {
    const char32_t syllable = PhoneticTable::Number(spelling);
    if (syllable == 0) return;
    readings_[c] = syllable;
    spellings_.try_emplace(std::string(spelling), syllable);
  }

  // Not those that nobody types for a word: "o", "m".
  void AddSpellings() {
    for (const auto& [spelling, syllable] : spellings_) {
      if (spelling == "o" || spelling.find_first_of("aeiou") == spelling.npos) continue;
      table_->AddSpelling(spelling, syllable);
      if ((spelling[0] == 'l' || spelling[0] == 'n') && spelling[1] == 'u' &&
          (spelling.size() == 2 || spelling[2] == 'e')) {
        table_->AddSpelling(std::string{spelling[0], 'v'}.append(spelling.substr(2)), syllable);
      }
    }
  }

  void GatherHeteronyms() {
    std::string_view rest = kHeteronyms;
    while (!rest.empty()) {
      std::string_view entry = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
      PhoneticTable::Heteronym heteronym = {CharAt(entry.data()), {}};
      entry.remove_prefix(CharWidth(entry[0]));
      while (!entry.empty()) {
        const std::string_view spelling = entry.substr(0, entry.find(','));
        entry.remove_prefix(std::min(spelling.size() + 1, entry.size()));
        heteronym.readings.push_back(PhoneticTable::Number(spelling));
        if (heteronym.readings.back() == 0) std::abort();  // a slip in the table above
        spellings_.try_emplace(std::string(spelling), heteronym.readings.back());
      }
      readings_[heteronym.c] = heteronym.readings[0];
      table_->heteronyms_.push_back(std::move(heteronym));
    }
    std::sort(table_->heteronyms_.begin(), table_->heteronyms_.end(),
              [](const auto& a, const auto& b) { return a.c < b.c; });
  }

  PhoneticTable* table_ = new PhoneticTable;
  std::unordered_map<char32_t, char32_t> readings_;
  std::unordered_map<std::string, char32_t> spellings_;
};

const PhoneticTable& PhoneticTable::Get() {
  static const PhoneticTable& table = *PhoneticTableBuilder().Build();
  return table;
}

char32_t PhoneticTable::Number(std::string_view spelling) {
  for (uint32_t i = 0; i < std::size(kInitials); ++i) {
    if (spelling.substr(0, kInitials[i].size()) != kInitials[i]) continue;
    const std::string_view final = spelling.substr(kInitials[i].size());
    for (uint32_t f = 0; f < std::size(kFinals); ++f) {
      // The first number is 1: 0 is none.
      if (final == kFinals[f]) return kFirst + 1 + i * 48 + f;
      // "lv", "nve": ü as it is typed.
      if (!final.empty() && final[0] == 'v' && kFinals[f][0] == 'u' &&
          final.substr(1) == kFinals[f].substr(1)) {
        return kFirst + 1 + i * 48 + f;
      }
    }
    return 0;
  }
  return 0;
}

std::string PhoneticTable::Spell(char32_t syllable) {
  if (syllable <= kFirst || syllable > kFirst + kSyllables) return {};
  const uint32_t n = syllable - kFirst - 1;
  if (n % 48 >= std::size(kFinals)) return {};
  return std::string(kInitials[n / 48]).append(kFinals[n % 48]);
}

std::vector<char32_t> PhoneticTable::Readings(char32_t c) const {
  const auto it =
      std::lower_bound(heteronyms_.begin(), heteronyms_.end(), c,
                       [](const Heteronym& h, char32_t wanted) { return h.c < wanted; });
  if (it != heteronyms_.end() && it->c == c) return it->readings;
  const char32_t reading = Reading(c);
  return reading == 0 ? std::vector<char32_t>() : std::vector<char32_t>{reading};
}

void PhoneticTable::AddSpelling(std::string_view spelling, char32_t syllable) {
  uint32_t key = 0;
  for (char c : spelling) key = key << 5 | (c & 31);
  uint32_t i = SlotOf(key);
  while (slots_[i % kSlots].key != 0) ++i;
  slots_[i % kSlots] = {key, syllable};
}

uint32_t PhoneticTable::Parse(std::string_view letters, Syllables* out) const {
  constexpr uint32_t kSyllableLettersMax = 6;
  constexpr uint16_t kNever = 0xffff;
  constexpr auto set = [](std::string_view of) {
    uint32_t bits = 0;
    for (char c : of) bits |= 1u << (c & 31);
    return bits;
  };
  constexpr uint32_t kBegins = ~set("iuv"), kEnds = set("aeioungrv"), kVowels = set("aeo");
  const auto in = [](char c, uint32_t bits) { return bits >> (c & 31) & 1; };
  const uint32_t n = letters.size();
  if (n == 0 || n > kPinyinLettersMax || !in(letters[0], kBegins) || !in(letters[n - 1], kEnds)) {
    return 0;
  }
  // From each place on: the cost of the rest, 16 a syllable and 1 more for one that begins with a
  // vowel after another, and the first syllable with its size.
  std::array<uint16_t, kPinyinLettersMax + 1> cost;
  std::array<uint8_t, kPinyinLettersMax> size;
  std::array<char32_t, kPinyinLettersMax> first;
  cost[n] = 0;
  for (uint32_t i = n; i-- > 0;) {
    cost[i] = kNever;
    if (!in(letters[i], kBegins)) continue;
    const uint16_t one = 16 + (i > 0 && in(letters[i], kVowels));
    uint32_t key = 0;
    for (uint32_t k = 1; k <= std::min(kSyllableLettersMax, n - i); ++k) {
      const char last = letters[i + k - 1];
      key = key << 5 | (last & 31);
      if (!in(last, kEnds) || cost[i + k] == kNever || cost[i + k] + one >= cost[i]) continue;
      const char32_t syllable = Spelled(key);
      if (syllable == 0) continue;
      cost[i] = static_cast<uint16_t>(cost[i + k] + one);
      size[i] = static_cast<uint8_t>(k);
      first[i] = syllable;
    }
  }
  if (cost[0] == kNever) return 0;
  uint32_t count = 0;
  for (uint32_t i = 0; i < n; i += size[i]) {
    out->at[count] = first[i];
    out->ends[count++] = static_cast<uint8_t>(i + size[i]);
  }
  return count;
}

}  // namespace winnow::text
