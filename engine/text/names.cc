// Names of evasions and views, and of characters that nobody sees.
#include <unicode/uchar.h>

#include "absl/strings/str_format.h"
#include "engine/text/fold_table.h"
#include "engine/text/normalizer.h"
#include "engine/text/utf8.h"

namespace winnow::text {

std::string_view Name(Evasion e) {
  switch (e) {
    case Evasion::kZeroWidth:
      return "zero_width";
    case Evasion::kBidiControl:
      return "bidi_control";
    case Evasion::kCombiningMarks:
      return "combining_marks";
    case Evasion::kWidth:
      return "width";
    case Evasion::kStyled:
      return "styled";
    case Evasion::kHomoglyph:
      return "homoglyph";
    case Evasion::kTraditional:
      return "traditional";
    case Evasion::kEscape:
      return "escape";
    case Evasion::kSeparator:
      return "separator";
    case Evasion::kLeet:
      return "leet";
    case Evasion::kRepeat:
      return "repeat";
    case Evasion::kPhonetic:
      return "phonetic";
    case Evasion::kComponents:
      return "components";
    case Evasion::kNumerals:
      return "numerals";
    case Evasion::kReversed:
      return "reversed";
  }
  return "unspecified";
}

std::string_view Name(View v) {
  switch (v) {
    case View::kFolded:
      return "folded";
    case View::kSqueezed:
      return "squeezed";
    case View::kPhonetic:
      return "phonetic";
  }
  return "unspecified";
}

std::string InvisibleCharacters(std::string_view utf8) {
  const FoldTable& table = FoldTable::Get();
  std::string names;
  for (size_t at = 0; at < utf8.size(); at += CharWidth(utf8[at])) {
    const char32_t c = CharAt(&utf8[at]);
    if (table.char_class(c) != CharClass::kHidden) continue;
    char name[128] = "";
    UErrorCode error = U_ZERO_ERROR;
    u_charName(static_cast<UChar32>(c), U_EXTENDED_CHAR_NAME, name, sizeof(name), &error);
    const std::string shown = absl::StrFormat("U+%04X %s", static_cast<uint32_t>(c), name);
    if (names.find(shown) != std::string::npos) continue;
    if (!names.empty()) names += ", ";
    names += shown;
  }
  return names;
}

}  // namespace winnow::text
