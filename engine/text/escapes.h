// Characters written as HTML entities, percent-escapes, backslash escapes or quoted-printable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace winnow::text {

struct Escape {
  char32_t c = 0;
  uint32_t bytes = 0;  // of the text it was written in; 0: there is none
};

// What the characters escapes begin with are.
constexpr bool BeginsEscape(char32_t c) { return c == '&' || c == '%' || c == '\\' || c == '='; }

// Whether an ASCII one of them is in `text`.
inline bool HasEscapeSign(std::string_view text) {
  for (char c : text) {
    if (BeginsEscape(static_cast<uint8_t>(c))) return true;
  }
  return false;
}

// What stands before an escape.
enum class Before { kOther, kDigit, kLetter, kQuoted /* another of quoted-printable */ };

// Reads the escape that begins at `at`, where a character folds to one of BeginsEscape()
// (full-width ones, and ones with something invisible inside, count). Only escapes that spell text
// are read: of letters, ideographs and invisible characters, and of digits and signs that are put
// for letters, which only entities and backslashes may be escaped in by themselves. Percent-escaped
// ASCII letters and spaces only before another such or behind a letter, and letters before a letter
// but behind a digit, for "50%ab" is no escape. Quoted-printable has capital digits ("=E8=B5=8C"),
// which nothing has that is folded, and ASCII letters in it ("=70=6F") count only beside another.
// Looks at most kEscapeBytesMax bytes ahead.
Escape ReadEscape(std::string_view text, size_t at, Before before);

// False when the ASCII character at `p`, before `end`, is seen at once to begin no escape of those
// with '\\' and '=', which ordinary text has many of, nor a letter by itself in quoted-printable.
inline bool MayBeginEscape(const char* p, const char* end) {
  const char sign = *p;
  if (sign != '=' && sign != '\\') return true;
  const int length = sign == '=' ? 4 : 3;
  for (int i = 1; i < length; ++i) {
    if (p + i >= end) return true;
    const uint8_t c = static_cast<uint8_t>(p[i]);
    if (c >= 0x7f || (c < 0x20 && (c < 9 || c > 13))) return true;  // folds to whatever
    const uint8_t lowered = c | 0x20;
    const bool hex = (c >= '0' && c <= '9') || (lowered >= 'a' && lowered <= 'f');
    if (sign == '=') {
      if (i < 3 ? !hex || c >= 'a' : c != '=' && (p[1] < '4' || p[1] > '7')) return false;
    } else if (i == 1 ? lowered != 'u' && lowered != 'x' : !hex && c != '{') {
      return false;
    }
  }
  return true;
}

inline constexpr uint32_t kEscapeBytesMax = 96;

// Digits, and signs that are put for letters.
constexpr bool IsPutForLetter(char32_t c) {
  return (c >= '0' && c <= '9') || c == '!' || c == '$' || c == '@';
}

// What was folded must hold nothing more to undo, so what would complete an escape stays as it is.

// Whether `next` behind `written`, both folded, completes an escape with its first letters.
bool CompletesEscape(std::string_view written, std::string_view next);
// Whether `written` ends in the begin of a backslash escape that `c` may go on with.
bool GoesOnBackslash(std::string_view written, char c);
// Whether `written` ends in something that one more character could make an entity or percent
// escape of.
bool EndsInEscapeBegin(std::string_view written);
// The same of a digit and quoted-printable.
bool EndsInQuotedBegin(std::string_view written);

}  // namespace winnow::text
