// Vector passes over text, by the best instructions this CPU has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace winnow::text {

// Of either case.
inline constexpr bool IsAsciiLetter(char32_t c) { return (c | 0x20) - U'a' < 26u; }

// Bytes that vector passes may write beyond what they report.
inline constexpr size_t kVectorSlack = 64;

// Copies the longest prefix of `in` that folds byte by byte (ASCII without control characters other
// than white space, and without what may begin an escape, see MayBeginEscape()), upper case
// lowered, and returns its length. Sets `*changed` when there was upper case. `out` has room for
// `size` bytes and kVectorSlack more. Any thread.
size_t LowerAscii(const char* in, size_t size, char* out, bool* changed);

struct CharCounts {
  uint64_t code_points = 0;
  uint64_t wide = 0;  // of them, those that take two UTF-16 units
  uint64_t utf16_units() const { return code_points + wide; }
};

// Counts the characters that begin in `text`. Any thread.
CharCounts CountChars(std::string_view text);

}  // namespace winnow::text
