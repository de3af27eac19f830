#include "tests/evasion/letters.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>

#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>

#include "engine/text/term_forms.h"
#include "tests/evasion/writing.h"

namespace winnow::evasion {
namespace {

constexpr std::u32string_view kCyrillic[26] = {
    U"аА", U"ЬВв", U"сС", U"ԁ",  U"еЕ", U"",   U"ԍ",  U"һНн", U"іІ", U"јЈ",  U"кК", U"ӏӀ", U"мМ",
    U"п",  U"оО",  U"рР", U"ԛԚ", U"гя", U"ѕЅ", U"тТ", U"",    U"ѵѴ", U"ԝԜш", U"хХ", U"уУ", U"",
};
constexpr std::u32string_view kGreek[26] = {
    U"αΑ", U"βΒ", U"ϲϹ", U"δ", U"εΕ", U"", U"",   U"Η", U"ιΙ", U"ϳͿ", U"κΚ", U"",   U"Μ",
    U"ηΝ", U"οΟ", U"ρΡ", U"",  U"",   U"", U"τΤ", U"υ", U"ν",  U"ω",    U"χΧ", U"γΥ", U"Ζ",
};
constexpr std::u32string_view kCherokee[26] = {
    U"Ꭺ", U"Ᏼ", U"Ꮯ", U"Ꭰ", U"Ꭼ", U"",  U"Ꮐ", U"Ꮋ", U"Ꭵ", U"Ꭻ", U"Ꮶ", U"Ꮮ", U"Ꮇ",
    U"",  U"",  U"Ꮲ", U"",  U"Ꮢ", U"Ꮪ", U"Ꭲ", U"",  U"Ꮩ", U"Ꮃ", U"",  U"Ꭹ", U"Ꮓ",
};
constexpr std::u32string_view kSuperscript[26] = {
    U"ᵃₐᴬ", U"ᵇᴮ",  U"ᶜ",   U"ᵈᴰ",  U"ᵉₑᴱ", U"ᶠ",   U"ᵍᴳ",  U"ʰₕᴴ", U"ⁱᵢᴵ",
    U"ʲⱼᴶ", U"ᵏₖᴷ", U"ˡₗᴸ", U"ᵐₘᴹ", U"ⁿₙᴺ", U"ᵒₒᴼ", U"ᵖₚᴾ", U"",    U"ʳᵣᴿ",
    U"ˢₛ",  U"ᵗₜᵀ", U"ᵘᵤᵁ", U"ᵛᵥⱽ", U"ʷᵂ",  U"ˣₓ",  U"ʸ",   U"ᶻ",
};
constexpr std::u32string_view kTurned[26] = {
    U"ɐ", U"q", U"ɔ", U"p", U"ǝ", U"ɟ", U"ƃ", U"ɥ", U"ᴉ", U"ɾ", U"ʞ", U"l", U"ɯ",
    U"u", U"o", U"d", U"b", U"ɹ", U"s", U"ʇ", U"n", U"ʌ", U"ʍ", U"x", U"ʎ", U"z",
};
constexpr std::u32string_view kLeet[26] = {
    U"4@", U"8", U"", U"", U"3", U"",   U"96", U"", U"1!", U"", U"", U"1", U"",
    U"",   U"0", U"", U"", U"",  U"5$", U"7",  U"", U"",   U"", U"", U"",  U"",
};

std::u32string_view ByLetter(const std::u32string_view (&lists)[26], char32_t letter) {
  return IsLatin(letter) ? lists[(letter | 0x20) - U'a'] : std::u32string_view();
}

// Variants in print that ICU's transform does not give, after the usual form.
constexpr std::u32string_view kVariants[] = {
    U"为爲為", U"群羣",   U"里裏裡",   U"线綫線",   U"床牀",     U"吃喫",   U"峰峯",   U"卫衞衛",
    U"踪蹤",   U"台臺枱", U"只隻祇",   U"回囘",     U"毁毀燬",   U"钩鉤鈎", U"杀殺",   U"冲沖衝",
    U"周週",   U"烟煙菸", U"麻蔴",     U"药藥葯",   U"赌賭",     U"铺鋪舖", U"馆館舘", U"伙夥",
    U"奸姦",   U"秘祕",   U"决決",     U"减減",     U"净淨",     U"凑湊",   U"准準",   U"枪槍鎗",
    U"炮砲",   U"说說説", U"户戶",     U"教敎",     U"真眞",     U"清淸",   U"强強彊", U"众眾衆",
    U"币幣",   U"略畧",   U"够夠",     U"采採",     U"岩巖",     U"险險",   U"仇讎讐", U"唇脣",
    U"欲慾",   U"淫婬",   U"脱脫",     U"阅閱",     U"税稅",     U"锐銳",   U"兑兌",   U"刷㕞",
    U"面麵",   U"干乾幹", U"当當",     U"发發髮発", U"体體軆躰", U"迹跡蹟", U"气氣気", U"战戰戦",
    U"卖賣売", U"实實実", U"图圖図",   U"权權権",   U"钱錢銭",   U"单單単", U"变變変", U"高髙",
    U"冰氷",   U"裸躶",   U"国國囯圀", U"步歩",     U"针針鍼",   U"验驗験", U"证證証", U"铁鐵鉄",
    U"读讀読", U"传傳伝", U"转轉転",   U"剑劍剣",   U"弹彈弾",   U"总總総", U"樱櫻桜", U"龙龍竜",
    U"盐鹽塩", U"听聽聴", U"对對対",   U"处處処",   U"艳艷豔",   U"闹鬧閙", U"骗騙騗", U"锁鎖鎻",
    U"葬塟",   U"效効傚", U"餐飡湌",   U"翻飜",     U"答荅",     U"恶惡悪", U"岁歲歳", U"你妳",
    U"产產産", U"秋龝",   U"时時旹",   U"法灋",     U"算祘",     U"宝寶寳",
};
// CJK radicals that stand for the ideograph they are drawn as.
constexpr std::u32string_view kRadicals[] = {
    U"长⻓", U"马⻢", U"见⻅", U"贝⻉", U"车⻋", U"门⻔", U"页⻚",
    U"风⻛", U"飞⻜", U"鱼⻥", U"鸟⻦", U"黄⻩", U"齐⻬", U"龙⻰",
    U"青⻘", U"鬼⻤", U"西⻄", U"民⺠", U"母⺟", U"麦⻨", U"韦⻙",
};

struct HanTables {
  std::map<char32_t, std::u32string> ideographs;
  std::map<char32_t, std::vector<std::u32string>> components;
};

const HanTables& Tables() {
  static const HanTables& tables = *[] {
    auto* t = new HanTables;
    const auto add = [&](char32_t to, char32_t from) {
      std::u32string& list = t->ideographs[to];
      if (from != to && list.find(from) == list.npos) list.push_back(from);
    };
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(error);
    const std::unique_ptr<icu::Transliterator> traditional(
        icu::Transliterator::createInstance("Simplified-Traditional", UTRANS_FORWARD, error));
    if (U_FAILURE(error)) std::abort();
    for (UChar32 c = 0x4e00; c < 0xa000; ++c) {
      icu::UnicodeString s(c);
      traditional->transliterate(s);
      if (s.countChar32() == 1) add(static_cast<char32_t>(c), static_cast<char32_t>(s.char32At(0)));
    }
    // Kangxi radicals, compatibility ideographs and their supplement.
    const UChar32 ranges[][2] = {{0x2f00, 0x2fd6}, {0xf900, 0xfae0}, {0x2f800, 0x2fa1e}};
    for (const auto& [begin, end] : ranges) {
      for (UChar32 c = begin; c < end; ++c) {
        const icu::UnicodeString s = nfkc->normalize(icu::UnicodeString(c), error);
        if (s.countChar32() == 1) {
          add(static_cast<char32_t>(s.char32At(0)), static_cast<char32_t>(c));
        }
      }
    }
    for (std::u32string_view list : kVariants) {
      for (char32_t c : list.substr(1)) add(list[0], c);
    }
    for (std::u32string_view list : kRadicals) add(list[0], list[1]);
    for (const text::HanParts& parts : text::HanPartsTable()) {
      std::u32string written;
      for (const Writing::Cell& cell : Writing::Of(parts.parts).cells) written += cell.plain;
      t->components[parts.whole].push_back(std::move(written));
    }
    return t;
  }();
  return tables;
}

}  // namespace

std::u32string_view CyrillicFor(char32_t letter) { return ByLetter(kCyrillic, letter); }
std::u32string_view GreekFor(char32_t letter) { return ByLetter(kGreek, letter); }
std::u32string_view CherokeeFor(char32_t letter) { return ByLetter(kCherokee, letter); }
std::u32string_view SuperscriptFor(char32_t letter) { return ByLetter(kSuperscript, letter); }
std::u32string_view TurnedFor(char32_t letter) { return ByLetter(kTurned, letter); }

std::u32string_view LeetFor(char32_t c) {
  if (c == U'0') return U"oO";
  if (c == U'1') return U"lI";
  return ByLetter(kLeet, c);
}

char32_t MathFor(char32_t c, uint32_t alphabet) {
  // Where each alphabet's A is; its small letters follow.
  constexpr char32_t kA[kMathAlphabets] = {0x1d400, 0x1d434, 0x1d468, 0x1d49c, 0x1d4d0,
                                           0x1d504, 0x1d538, 0x1d56c, 0x1d5a0, 0x1d5d4,
                                           0x1d608, 0x1d63c, 0x1d670};
  // Letters that had been encoded before.
  struct Hole {
    char32_t at;
    char32_t instead;
  };
  constexpr Hole kHoles[] = {
      {0x1d455, U'ℎ'}, {0x1d49d, U'ℬ'}, {0x1d4a0, U'ℰ'}, {0x1d4a1, U'ℱ'}, {0x1d4a3, U'ℋ'},
      {0x1d4a4, U'ℐ'}, {0x1d4a7, U'ℒ'}, {0x1d4a8, U'ℳ'}, {0x1d4ad, U'ℛ'}, {0x1d4ba, U'ℯ'},
      {0x1d4bc, U'ℊ'}, {0x1d4c4, U'ℴ'}, {0x1d506, U'ℭ'}, {0x1d50b, U'ℌ'}, {0x1d50c, U'ℑ'},
      {0x1d515, U'ℜ'}, {0x1d51d, U'ℨ'}, {0x1d53a, U'ℂ'}, {0x1d53f, U'ℍ'}, {0x1d545, U'ℕ'},
      {0x1d547, U'ℙ'}, {0x1d548, U'ℚ'}, {0x1d549, U'ℝ'}, {0x1d551, U'ℤ'},
  };
  if (IsDigit(c)) return 0x1d7ce + alphabet % 5 * 10 + (c - U'0');
  if (!IsLatin(c)) return 0;
  const bool small = c >= U'a';
  const char32_t at = kA[alphabet] + (small ? 26 : 0) + ((c | 0x20) - U'a');
  for (const Hole& hole : kHoles) {
    if (hole.at == at) return hole.instead;
  }
  return at;
}

const std::u32string& IdeographsFor(char32_t han) {
  static const std::u32string none;
  const auto it = Tables().ideographs.find(han);
  return it == Tables().ideographs.end() ? none : it->second;
}

const std::vector<std::u32string>& ComponentsFor(char32_t han) {
  static const std::vector<std::u32string> none;
  const auto it = Tables().components.find(han);
  return it == Tables().components.end() ? none : it->second;
}

const std::vector<std::u32string>& NumeralsFor(char32_t c) {
  static const std::map<char32_t, std::vector<std::u32string>> numerals = {
      {U'零', {U"0"}},          {U'〇', {U"0"}},           {U'一', {U"1", U"壹"}},
      {U'二', {U"2", U"贰"}},   {U'三', {U"3", U"叁"}},    {U'四', {U"4", U"肆"}},
      {U'五', {U"5", U"伍"}},   {U'六', {U"6", U"陆"}},    {U'七', {U"7", U"柒"}},
      {U'八', {U"8", U"捌"}},   {U'九', {U"9", U"玖"}},    {U'十', {U"10", U"拾"}},
      {U'百', {U"100", U"佰"}}, {U'千', {U"1000", U"仟"}}, {U'0', {U"零", U"〇"}},
      {U'1', {U"一", U"壹"}},   {U'2', {U"二", U"贰"}},    {U'3', {U"三", U"叁"}},
      {U'4', {U"四", U"肆"}},   {U'5', {U"五", U"伍"}},    {U'6', {U"六", U"陆"}},
      {U'7', {U"七", U"柒"}},   {U'8', {U"八", U"捌"}},    {U'9', {U"九", U"玖"}},
  };
  static const std::vector<std::u32string> none;
  const auto it = numerals.find(c);
  return it == numerals.end() ? none : it->second;
}

}  // namespace winnow::evasion
