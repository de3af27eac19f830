// Folding against ICU itself, character by character: the expectation is composed here, slowly,
// from ICU's functions and Unicode's names; our tables take no part in it.
#include <gtest/gtest.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "engine/text/normalizer.h"

namespace winnow::text {
namespace {

using icu::UnicodeString;

std::string Utf8(const UnicodeString& s) {
  std::string out;
  s.toUTF8String(out);
  return out;
}

bool IsAsciiLetter(UChar32 c) { return c < 0x80 && u_isalpha(c); }
bool IsMark(UChar32 c) { return U_GET_GC_MASK(c) & U_GC_M_MASK; }

UScriptCode ScriptOf(UChar32 c) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(c, &error);
}

std::string NameOf(UChar32 c) {
  char name[128] = "";
  UErrorCode error = U_ZERO_ERROR;
  u_charName(c, U_EXTENDED_CHAR_NAME, name, sizeof(name), &error);
  return name;
}

class Oracle {
 public:
  Oracle() {
    UErrorCode error = U_ZERO_ERROR;
    casefold_ = icu::Normalizer2::getNFKCCasefoldInstance(error);
    simplify_.reset(
        icu::Transliterator::createInstance("Traditional-Simplified", UTRANS_FORWARD, error));
    spoof_ = uspoof_open(&error);
    EXPECT_TRUE(U_SUCCESS(error));
  }
  ~Oracle() { uspoof_close(spoof_); }

  // What the character alone folds to.
  UnicodeString Fold(UChar32 c) {
    if (c < 0x80) {
      if (u_iscntrl(c) && !u_isspace(c)) return {};
      if (c >= 0x1c && c < 0x20) return {};  // separators of data, which u_isspace() counts
      return UnicodeString(u_tolower(c));
    }
    if (c < 0xa0) return c == 0x85 ? UnicodeString(c) : UnicodeString();
    UnicodeString now(c);
    if (const UChar32 letter = LetterByName(c)) return UnicodeString(letter);
    for (int round = 0; round < 4; ++round) {
      UErrorCode error = U_ZERO_ERROR;
      const UnicodeString folded = casefold_->normalize(now, error);
      UnicodeString next;
      for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
        next.append(Look(folded.char32At(i)));
      }
      now = next;
    }
    return WithoutStrayMarks(now);
  }

  // The prototype in small ASCII letters, marks dropped; empty when it is not made of those.
  UnicodeString Prototype(UChar32 c) {
    UErrorCode error = U_ZERO_ERROR;
    UnicodeString skeleton;
    uspoof_getSkeletonUnicodeString(spoof_, 0, UnicodeString(c), skeleton, &error);
    UnicodeString letters;
    for (int32_t i = 0; i < skeleton.length(); i = skeleton.moveIndex32(i, 1)) {
      const UChar32 s = skeleton.char32At(i);
      if (IsMark(s)) continue;
      if (!IsAsciiLetter(s)) return {};
      letters.append(u_tolower(s));
    }
    return letters == UnicodeString("rn") ? UnicodeString("m") : letters;
  }

 private:
  // Letters in boxes and small capitals, by what Unicode calls them.
  static UChar32 LetterByName(UChar32 c) {
    const bool blocks = (c >= 0x2460 && c < 0x2500) || (c >= 0x1f100 && c < 0x1f200);
    const bool capitals =
        (c >= 0x250 && c < 0x300) || (c >= 0x1d00 && c < 0x1e00) || (c >= 0xa720 && c < 0xa800);
    if (!blocks && !capitals) return 0;
    const std::string name = NameOf(c);
    for (std::string_view prefix :
         {"PARENTHESIZED LATIN SMALL LETTER ", "PARENTHESIZED LATIN CAPITAL LETTER ",
          "NEGATIVE CIRCLED LATIN CAPITAL LETTER ", "NEGATIVE SQUARED LATIN CAPITAL LETTER ",
          "REGIONAL INDICATOR SYMBOL LETTER ", "LATIN LETTER SMALL CAPITAL "}) {
      if (name.size() == prefix.size() + 1 && name.compare(0, prefix.size(), prefix) == 0) {
        return u_tolower(name.back());
      }
    }
    return 0;
  }

  UnicodeString Look(UChar32 c) {
    if (c < 0x80) return UnicodeString(c);
    const UScriptCode script = ScriptOf(c);
    if (script == USCRIPT_HAN && (c < 0x2e80 || c > 0x2fdf)) {
      UnicodeString simplified(c);
      simplify_->transliterate(simplified);
      return simplified;
    }
    if (const UChar32 letter = LetterByName(c)) return UnicodeString(letter);
    if (u_charType(c) == U_DECIMAL_DIGIT_NUMBER) return UnicodeString('0' + u_charDigitValue(c));
    if (c >= 0x2e80 && c <= 0x2fdf) {
      UErrorCode error = U_ZERO_ERROR;
      UnicodeString skeleton;
      uspoof_getSkeletonUnicodeString(spoof_, 0, UnicodeString(c), skeleton, &error);
      const bool han = skeleton.countChar32() == 1 && ScriptOf(skeleton.char32At(0)) == USCRIPT_HAN;
      return han ? skeleton : UnicodeString(c);
    }
    if (!(U_GET_GC_MASK(c) & U_GC_L_MASK)) return UnicodeString(c);
    switch (script) {
      case USCRIPT_LATIN:
      case USCRIPT_GREEK:
      case USCRIPT_CYRILLIC:
      case USCRIPT_ARMENIAN:
      case USCRIPT_CHEROKEE:
        break;
      default:
        if (script == USCRIPT_YI || (uscript_getUsage(script) != USCRIPT_USAGE_EXCLUDED &&
                                     uscript_getUsage(script) != USCRIPT_USAGE_LIMITED_USE)) {
          return UnicodeString(c);
        }
    }
    UErrorCode error = U_ZERO_ERROR;
    const UnicodeString apart =
        icu::Normalizer2::getNFDInstance(error)->normalize(UnicodeString(c), error);
    if (UnicodeString(u"гґғћη").indexOf(apart.char32At(0)) >= 0) return UnicodeString(c);
    const UnicodeString prototype = Prototype(c);
    return prototype.isEmpty() ? UnicodeString(c) : prototype;
  }

  // Marks stay on letters of their own script only.
  static UnicodeString WithoutStrayMarks(const UnicodeString& s) {
    UnicodeString kept;
    UScriptCode script = USCRIPT_INVALID_CODE;
    for (int32_t i = 0; i < s.length(); i = s.moveIndex32(i, 1)) {
      const UChar32 c = s.char32At(i);
      if (!IsMark(c)) {
        script = ScriptOf(c);
      } else if (!uscript_hasScript(c, script)) {
        continue;
      }
      kept.append(c);
    }
    return kept;
  }

  const icu::Normalizer2* casefold_;
  std::unique_ptr<icu::Transliterator> simplify_;
  USpoofChecker* spoof_;
};

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

TEST(IcuOracle, AmidLatinLettersLookAlikesAreWhatTheyLookLike) {
  Oracle oracle;
  // Where we say what a letter looks like, Unicode's prototype being another or none.
  const UnicodeString ours(u"бвгзийкмнптцшщьэяћβεζηθκμξπςτφωδʍĸ");
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* casefold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(error);
  int wrong = 0, alike = 0;
  for (UChar32 c = 0x80; c < 0x20000 && wrong < 20; ++c) {
    if ((c >= 0x3400 && c < 0xa000) || (c >= 0xac00 && c < 0xfb00) || !u_isdefined(c)) continue;
    if (IsMark(c) || !casefold->hasBoundaryBefore(c)) continue;
    const UnicodeString alone = oracle.Fold(c);
    const std::string text = "wk" + Utf8(UnicodeString(c)) + "kw";
    std::string folded = NormalizeTerm(text, View::kFolded);
    ASSERT_GE(folded.size(), 4u);
    folded = folded.substr(2, folded.size() - 4);
    std::string expected = Utf8(alone);
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

}  // namespace
}  // namespace winnow::text
