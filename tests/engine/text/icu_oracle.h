// What a text folds to, composed slowly from ICU's functions and Unicode's names. Of our tables
// only that of variants takes part, which says what ICU does not.
#pragma once

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/text/variants.h"

namespace winnow::text {

using icu::UnicodeString;

inline std::string Utf8(const UnicodeString& s) {
  std::string out;
  s.toUTF8String(out);
  return out;
}

inline bool IsAsciiLetter(UChar32 c) { return c < 0x80 && u_isalpha(c); }
inline bool IsMark(UChar32 c) { return U_GET_GC_MASK(c) & U_GC_M_MASK; }

inline UScriptCode ScriptOf(UChar32 c) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(c, &error);
}

inline std::string NameOf(UChar32 c) {
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
    if (U_FAILURE(error)) std::abort();  // no ICU data: nothing can be said
    for (const IdeographVariant& v : IdeographVariants()) {
      variants_[static_cast<UChar32>(v.from)] = static_cast<UChar32>(v.to);
    }
  }
  ~Oracle() { uspoof_close(spoof_); }
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  // What a text folds to in which no letters of Latin stand among others and nothing is escaped:
  // normalised, marks dropped that are no spelling, each character as it looks, until that changes
  // nothing more.
  UnicodeString FoldText(const UnicodeString& text) {
    UnicodeString now;
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
      const UChar32 c = text.char32At(i);
      const UChar32 letter = LetterByName(c);
      // Controls that are no space.
      const bool control = (c < 0x20 && (c < 9 || c > 13)) || (c >= 0x7f && c < 0xa0 && c != 0x85);
      if (!control) now.append(letter != 0 ? letter : c);
    }
    for (int round = 0; round < 4; ++round) {
      UErrorCode error = U_ZERO_ERROR;
      const UnicodeString spelled = WithoutHeaps(casefold_->normalize(now, error));
      UnicodeString next;
      for (int32_t i = 0; i < spelled.length(); i = spelled.moveIndex32(i, 1)) {
        next.append(Look(spelled.char32At(i)));
      }
      if (next == now) break;
      now = next;
    }
    return now;
  }

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

  // What ICU's transform makes of an ideograph, our variants left out.
  UnicodeString Simplify(UChar32 c) {
    UnicodeString simplified(c);
    simplify_->transliterate(simplified);
    return simplified;
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
      const UnicodeString simplified = Simplify(c);
      const auto variant = variants_.find(simplified.char32At(0));
      return variant == variants_.end() ? simplified : UnicodeString(variant->second);
    }
    if (const UChar32 letter = LetterByName(c)) return UnicodeString(letter);
    if (u_charType(c) == U_SPACE_SEPARATOR) return icu::UnicodeString(u' ');
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

  // At most four marks stay on a letter, of its own script, and none on one that looks like ASCII.
  UnicodeString WithoutHeaps(const UnicodeString& s) {
    UnicodeString kept;
    UScriptCode script = USCRIPT_UNKNOWN;
    int marks = 0;
    for (int32_t i = 0; i < s.length(); i = s.moveIndex32(i, 1)) {
      const UChar32 c = s.char32At(i);
      if (!IsMark(c)) {
        const UnicodeString look = Look(c);
        script = look.char32At(0) < 0x80 ? USCRIPT_UNKNOWN : ScriptOf(c);
        marks = 0;
      } else if (!uscript_hasScript(c, script) || ++marks > 4) {
        continue;
      }
      kept.append(c);
    }
    return kept;
  }

  const icu::Normalizer2* casefold_;
  std::unique_ptr<icu::Transliterator> simplify_;
  std::map<UChar32, UChar32> variants_;
  USpoofChecker* spoof_;
};

// What makes a run Latin, which Oracle::FoldText() leaves out: a letter that only Latin has, beside
// one of another script or a sign that looks like a letter; Greek or Cyrillic letters of both
// cases; letters upside down.
inline bool MixesLatin(const UnicodeString& text, const UnicodeString& folded) {
  bool latin = false, other = false, small = false, capital = false;
  UErrorCode error = U_ZERO_ERROR;
  UnicodeString apart = icu::Normalizer2::getNFKDInstance(error)->normalize(text, error);
  apart += icu::Normalizer2::getNFDInstance(error)->normalize(text, error);
  for (int32_t i = 0; i < apart.length(); i = apart.moveIndex32(i, 1)) {
    const UChar32 c = apart.char32At(i);
    other |= UnicodeString(u"ΗΝΥӀӏ").indexOf(c) >= 0;
    if (UnicodeString(u"ϲϹԌԍɐɔƆǝƎɟƃƂɥꞍᴉɾʞꞰɯƜɹʇꞱʌɅʍʎ").indexOf(c) >=
        0)
      return true;
    if (ScriptOf(c) != USCRIPT_GREEK && ScriptOf(c) != USCRIPT_CYRILLIC) continue;
    small |= u_islower(c);
    capital |= u_isupper(c);
  }
  if (small && capital) return true;
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const UChar32 c = folded.char32At(i);
    latin |= IsAsciiLetter(c);
    other |= c >= 0x80;
  }
  return latin && other;
}

}  // namespace winnow::text
