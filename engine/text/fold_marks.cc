#include "engine/text/fold_marks.h"

#include <unicode/uscript.h>

#include <bitset>

#include "engine/text/fold_table.h"

namespace winnow::text {
namespace {

// Marks that a reader can still tell apart on one character.
constexpr uint32_t kMarksMax = 4;

// The blocks of marks that people strike words through with.
constexpr char32_t kDiacritics = 0x300, kSymbolMarks = 0x20d0;

}  // namespace

const icu::Normalizer2& Casefold() {
  static const icu::Normalizer2* const instance = [] {
    UErrorCode error = U_ZERO_ERROR;
    return icu::Normalizer2::getNFKCCasefoldInstance(error);
  }();
  return *instance;
}

bool Composes(char32_t base, char32_t mark) {
  UErrorCode error = U_ZERO_ERROR;
  return icu::Normalizer2::getNFCInstance(error)->composePair(static_cast<UChar32>(base),
                                                              static_cast<UChar32>(mark)) >= 0;
}

std::string FoldLoose(char32_t c) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString folded =
      Casefold().normalize(icu::UnicodeString(static_cast<UChar32>(c)), error);
  std::string out;
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    out += FoldTable::Get().Fold(static_cast<char32_t>(folded.char32At(i)));
  }
  return out;
}

bool StraysOnIdeographs(char32_t mark) {
  static const std::bitset<0x70 + 0x30> strays = [] {
    std::bitset<0x70 + 0x30> bits;
    for (size_t i = 0; i < bits.size(); ++i) {
      const char32_t c = i < 0x70 ? kDiacritics + i : kSymbolMarks + (i - 0x70);
      bits[i] = c != kIotaBelow && FoldTable::Get().char_class(c) == CharClass::kMark &&
                !uscript_hasScript(static_cast<UChar32>(c), USCRIPT_HAN);
    }
    return bits;
  }();
  if (mark - kDiacritics < 0x70) return strays[mark - kDiacritics];
  return mark - kSymbolMarks < 0x30 && strays[0x70 + (mark - kSymbolMarks)];
}

icu::UnicodeString WithoutStrayMarks(const icu::UnicodeString& s) {
  const FoldTable& table = FoldTable::Get();
  icu::UnicodeString kept;
  UScriptCode script = USCRIPT_UNKNOWN;
  uint32_t on_letter = 0;
  for (int32_t i = 0; i < s.length(); i = s.moveIndex32(i, 1)) {
    const UChar32 c = s.char32At(i);
    if (table.char_class(static_cast<char32_t>(c)) == CharClass::kMark) {
      if (!uscript_hasScript(c, script) || ++on_letter > kMarksMax) continue;
    } else {
      UErrorCode error = U_ZERO_ERROR;
      const std::string look = table.Fold(static_cast<char32_t>(c));
      const bool ascii = !look.empty() && static_cast<uint8_t>(look[0]) < 0x80;
      script = ascii ? USCRIPT_UNKNOWN : uscript_getScript(c, &error);
      on_letter = 0;
    }
    kept.append(c);
  }
  return kept;
}

}  // namespace winnow::text
