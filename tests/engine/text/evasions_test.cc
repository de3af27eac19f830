// What people write to hide a word, what the views show, and what they say was undone.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "engine/text/normalizer.h"

namespace winnow::text {
namespace {

struct Row {
  std::string_view text;
  std::string_view view;  // the folded view as a whole
  EvasionMask undone;     // over all of it
};

constexpr EvasionMask kNone = 0;
constexpr EvasionMask kZeroWidth = MaskOf(Evasion::kZeroWidth);
constexpr EvasionMask kBidi = MaskOf(Evasion::kBidiControl);
constexpr EvasionMask kMarks = MaskOf(Evasion::kCombiningMarks);
constexpr EvasionMask kWidth = MaskOf(Evasion::kWidth);
constexpr EvasionMask kStyled = MaskOf(Evasion::kStyled);
constexpr EvasionMask kHomoglyph = MaskOf(Evasion::kHomoglyph);
constexpr EvasionMask kTraditional = MaskOf(Evasion::kTraditional);
constexpr EvasionMask kEscape = MaskOf(Evasion::kEscape);

const Row kFoldedRows[] = {
    {"", "", kNone},
    {"Plain English text.", "plain english text.", kNone},
    {"普通的中文。", "普通的中文。", kNone},
    {"ＣＡＳＩＮＯ，赌场", "casino,赌场", kWidth},
    {"ｶｼﾞﾉ", "カジノ", kWidth},
    {"ca\u200bsi\u200cno", "casino", kZeroWidth},
    {"ca\u00adsi\u2060no", "casino", kZeroWidth},
    {"ca\ufe0fsi\U000e0101no", "casino", kZeroWidth},
    {"c\U000e0061asino", "casino", kZeroWidth},
    {"ca\x01sino", "casino", kZeroWidth},
    {"ca\u202esi\u2066no", "casino", kBidi},
    {"c\u0337a\u0322s\u0338i\u0334\u0353n\u0336o", "casino", kMarks},
    {"赌\u0336博\u20dd吧", "赌博吧", kMarks},
    {"café CAFE\u0301 naïve", "cafe cafe naive", kNone},
    {"Việt Nam đẹp", "viet nam dep", kNone},
    {"𝓬𝓪𝓼𝓲𝓷𝓸 𝕮𝖆𝖘", "casino cas", kStyled},
    {"ⓒⓐⓢⓘⓝⓞ", "casino", kStyled},
    {"🄲🄰🅂 🅒🅐🅢 🅲🅰🆂 ⒞⒜⒮ 🄒🄐🄢", "cas cas cas cas cas", kStyled},
    {"ᶜᵃˢⁱⁿᵒ ₐₑₒ", "casino aeo", kStyled},
    {"ᴄᴀꜱɪɴᴏ", "casino", kStyled},
    {"🇨🇦🇸🇮🇳🇴🇸", "casinos", kStyled},
    {"🇨🇳 🇺🇸🇬🇧", "🇨🇳 🇺🇸🇬🇧", kNone},
    {"саsіnо", "casino", kHomoglyph},
    {"САSINО", "casino", kHomoglyph},
    {"ВЕТТING", "betting", kHomoglyph},
    {"Κασino", "kaoino", kHomoglyph},
    {"賭博網站", "赌博网站", kTraditional},
    {"⾦⻓", "金长", kTraditional},
    {"&#99;asin&#x6f;", "casino", kEscape},
    {"&amp;#99;asino", "casino", kEscape},
    {"%63%61%73%69%6E%6F", "casino", kEscape},
    {"c%61sino", "casino", kEscape},
    {"%E8%B5%8C%E5%8D%9A", "赌博", kEscape},
    {"buy%20guns", "buy guns", kEscape},
    {"50%ab 20% off 100%", "50%ab 20% off 100%", kNone},
    {"AT&T R&D &copy; a&b;", "at&t r&d &copy; a&b;", kNone},
    {"नमस्ते दुनिया", "नमस्ते दुनिया", kNone},
    {"สวัสดีครับ", "สวัสดีครับ", kNone},
    {"مَرْحَبًا", "مَرْحَبًا", kNone},
    {"한국어", "한국어", kNone},
    {"\u1112\u1161\u11ab", "한", kNone},
    {"か\u3099", "が", kNone},
    {"Этот город", "этoт гopoд", kHomoglyph},
};

TEST(Evasions, FoldedViewShowsWhatAReaderSees) {
  auto normalizer = Normalizer::Create({});
  for (const Row& row : kFoldedRows) {
    SCOPED_TRACE(row.text);
    normalizer->Begin();
    int blocks = 0;
    normalizer->Feed(row.text, true, [&](const Block& block) {
      ++blocks;
      const std::string_view view = block.view(View::kFolded);
      EXPECT_EQ(view, row.view);
      if (!view.empty()) {
        const Place place = block.Locate(View::kFolded, {0, static_cast<uint32_t>(view.size())});
        EXPECT_EQ(place.evasions, row.undone);
        EXPECT_LE(place.text.begin, place.text.end);
        EXPECT_LE(place.text.end, row.text.size());
      }
      return true;
    });
    EXPECT_EQ(blocks, 1);
  }
}

TEST(Evasions, FoldingWhatWasFoldedChangesNothing) {
  for (const Row& row : kFoldedRows) {
    const std::string once = NormalizeTerm(row.text, View::kFolded);
    EXPECT_EQ(once, row.view);
    EXPECT_EQ(NormalizeTerm(once, View::kFolded), once) << row.text;
  }
}

TEST(Evasions, CleanTextIsNotCopied) {
  auto normalizer = Normalizer::Create({});
  for (std::string_view text :
       {"all lower, clean ascii text", "普通的中文。没有变化", "смысл 100 км"}) {
    normalizer->Begin();
    normalizer->Feed(text, true, [&](const Block& block) {
      if (block.view(View::kFolded) == text) {
        EXPECT_EQ(block.view(View::kFolded).data(), text.data());
      }
      EXPECT_EQ(block.text().data(), text.data());
      return true;
    });
  }
}

}  // namespace
}  // namespace winnow::text
