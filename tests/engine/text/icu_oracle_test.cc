// Folding against ICU itself, character by character.
#include "tests/engine/text/icu_oracle.h"

#include <gtest/gtest.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/text/normalizer.h"

namespace winnow::text {
namespace {

TEST(IcuOracle, EveryCodePointFoldsAsIcuSays) {
  Oracle oracle;
  int wrong = 0;
  for (UChar32 c = 0; c < 0x110000 && wrong < 20; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    const std::string folded = NormalizeTerm(Utf8(UnicodeString(c)), View::kFolded);
    // Greek amid Latin within one character (a unit such as µm) is the mixed case below.
    UnicodeString expected = oracle.Fold(c);
    if (expected.countChar32() > 1 && NameOf(c).find("SQUARE") == 0) continue;
    if (folded != Utf8(expected)) {
      ++wrong;
      ADD_FAILURE() << absl::StrFormat("U+%04X %s: \"%s\", ICU says \"%s\"", c, NameOf(c), folded,
                                       Utf8(expected));
    }
  }
}

TEST(IcuOracle, OurVariantsAreIdeographsOfWhichIcuSaysNothing) {
  Oracle oracle;
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* casefold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  std::set<char32_t> seen;
  for (const IdeographVariant& v : IdeographVariants()) {
    const UnicodeString from(static_cast<UChar32>(v.from)), to(static_cast<UChar32>(v.to));
    EXPECT_EQ(ScriptOf(from.char32At(0)), USCRIPT_HAN) << Utf8(from);
    EXPECT_EQ(casefold->normalize(from, error), from) << Utf8(from);
    EXPECT_EQ(oracle.Simplify(from.char32At(0)), from) << Utf8(from);
    EXPECT_EQ(oracle.Fold(to.char32At(0)), to) << Utf8(from);
    EXPECT_TRUE(seen.insert(v.from).second) << Utf8(from);
  }
  EXPECT_GT(seen.size(), 500u);
}

TEST(IcuOracle, AmidLatinLettersLookAlikesAreWhatTheyLookLike) {
  Oracle oracle;
  // Where we say what a letter looks like, Unicode's prototype being another or none.
  const UnicodeString ours(u"бвгзийкмнптцшщьэяћβεζηθκμξπςτφχωδĸԍ");
  // Where a letter looks otherwise than what it folds to: capitals, and letters turned upside down.
  const UnicodeString otherwise(u"ΗΝΜΥϲϹӀӏԌɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ");
  const UnicodeString otherwise_look(u"hnmyccllgacefghijkmrtvwy");
  ASSERT_EQ(otherwise.length(), otherwise_look.length());
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* casefold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(error);
  int wrong = 0, alike = 0, turned = 0;
  for (UChar32 c = 0x80; c < 0x20000 && wrong < 20; ++c) {
    if ((c >= 0x3400 && c < 0xa000) || (c >= 0xac00 && c < 0xfb00) || !u_isdefined(c)) continue;
    if (IsMark(c) || !casefold->hasBoundaryBefore(c)) continue;
    const UnicodeString alone = oracle.Fold(c);
    const std::string text = "wk" + Utf8(UnicodeString(c)) + "kw";
    std::string folded = NormalizeTerm(text, View::kFolded);
    ASSERT_GE(folded.size(), 4u);
    folded = folded.substr(2, folded.size() - 4);
    std::string expected = Utf8(alone);
    // Capitals and styles of a turned letter are that letter turned.
    const UnicodeString base = nfd->normalize(UnicodeString(c), error);
    UErrorCode ignored = U_ZERO_ERROR;
    const UnicodeString small = casefold->normalize(UnicodeString(c), ignored);
    int32_t look = otherwise.indexOf(base.char32At(0));
    if (look < 0 && small.countChar32() == 1 && ScriptOf(small.char32At(0)) == USCRIPT_LATIN) {
      look = otherwise.indexOf(small.char32At(0));
    }
    if (look >= 0 && alone.countChar32() == 1) {
      EXPECT_EQ(folded, Utf8(UnicodeString(otherwise_look.charAt(look)))) << text;
      ++turned;
      continue;
    }
    const bool ascii =
        std::all_of(expected.begin(), expected.end(), [](char b) { return !(b & 0x80); });
    if (!ascii) {
      const UnicodeString apart = nfd->normalize(alone, error);
      if (ours.indexOf(apart.char32At(0)) >= 0) {
        EXPECT_EQ(folded.size(), static_cast<size_t>(alone.countChar32())) << text;
        continue;
      }
      const UScriptCode script = ScriptOf(c);
      const bool excluded = script == USCRIPT_HAN || script == USCRIPT_HIRAGANA ||
                            script == USCRIPT_KATAKANA || script == USCRIPT_BOPOMOFO ||
                            script == USCRIPT_YI || script == USCRIPT_HANGUL;
      if (alone.countChar32() > 1) continue;  // each as it would be by itself
      // Capitals look like what their small letters look like.
      const UnicodeString prototype = oracle.Prototype(alone.char32At(0));
      if (!excluded && !prototype.isEmpty()) {
        expected = Utf8(prototype);
        ++alike;
      }
    }
    if (folded != expected) {
      ++wrong;
      ADD_FAILURE() << absl::StrFormat("U+%04X %s: \"%s\", ICU says \"%s\"", c, NameOf(c), folded,
                                       expected);
    }
  }
  EXPECT_GT(alike, 100);
  EXPECT_GT(turned, otherwise.length());
}

// Sequences that compose or reorder: texts that are canonically equivalent fold alike.
TEST(IcuOracle, CanonicallyEquivalentTextsFoldAlike) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(error);
  // Letters and marks of many scripts, and all that decompose.
  std::vector<UChar32> letters, marks;
  for (UChar32 c = 0x20; c < 0x3200; ++c) {
    if (!u_isdefined(c)) continue;
    (IsMark(c) ? marks : letters).push_back(c);
  }
  for (UChar32 c = 0xac00; c < 0xad00; ++c) letters.push_back(c);
  for (UChar32 c = 0x1100; c < 0x1200; ++c) marks.push_back(c);
  std::mt19937 random(3);
  for (int round = 0; round < 60000; ++round) {
    UnicodeString text;
    for (int i = random() % 3 + 1; i > 0; --i) {
      text.append(letters[random() % letters.size()]);
      const size_t few = random() % 2 ? marks.size() : 40;  // often common ones
      for (int j = random() % 4; j > 0; --j) text.append(marks[random() % few]);
    }
    const std::string as_is = NormalizeTerm(Utf8(text), View::kFolded);
    const std::string composed = NormalizeTerm(Utf8(nfc->normalize(text, error)), View::kFolded);
    const std::string apart = NormalizeTerm(Utf8(nfd->normalize(text, error)), View::kFolded);
    ASSERT_EQ(composed, apart) << Utf8(text);
    ASSERT_EQ(as_is, apart) << Utf8(text);
    ASSERT_EQ(NormalizeTerm(as_is, View::kFolded), as_is) << Utf8(text);
  }
}

// Words of look-alikes, whose reading depends on one another: folding again finds nothing more.
TEST(IcuOracle, LookAlikesFoldOnce) {
  const UnicodeString letters(
      u"абвгдекмнопрстухіјѕѵѡԍԁһӏӀАВЕКМНОРСТУХЅІЈѴЗБФαβγδεηικνορσςτυχωΑΒΕΗΙΚΜΝΟΡΤΥΧϲϹϳΆΫᾛ"
      u"ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎƂƜθʃəɪaceijopsuvxybdkmtACEIOSTUVℿ㎲ﬁｓ³ᵠĭ  '\u0301\u0308\u200b곘ちд");
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(error);
  std::mt19937 random(5);
  for (int round = 0; round < 100000; ++round) {
    UnicodeString text;
    const uint32_t from = random() % static_cast<uint32_t>(letters.length());
    for (uint32_t n = 2 + random() % 6; n > 0; --n) {
      // Often neighbours in the list: letters of one alphabet.
      const uint32_t at = random() % 3 != 0 ? from + random() % 40 : random();
      text.append(letters.charAt(static_cast<int32_t>(at % letters.length())));
    }
    std::string utf8 = Utf8(text);
    if (random() % 8 == 0) utf8.insert(utf8.size() - Utf8(text.tempSubString(1)).size(), "&#1077;");
    const std::string folded = NormalizeTerm(utf8, View::kFolded);
    ASSERT_EQ(NormalizeTerm(folded, View::kFolded), folded) << utf8;
    if (utf8.find('&') != utf8.npos) continue;
    ASSERT_EQ(NormalizeTerm(Utf8(nfd->normalize(text, error)), View::kFolded), folded) << utf8;
  }
}

}  // namespace
}  // namespace winnow::text
