// Walking UTF-8 for positions, carets and columns on a terminal. For diagnostics and printing
// only: text that is checked for content goes through engine/text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace winnow::rules {

// One code point; `bytes` is 0 at the end. An ill-formed byte is taken alone, with `valid` false.
struct CodePoint {
  char32_t value = 0;
  uint8_t bytes = 0;
  bool valid = true;
};
CodePoint DecodeOne(std::string_view text);

// How many code points `text` has; an ill-formed byte counts as one. O(n).
size_t CountCodePoints(std::string_view text);

// Columns a terminal gives to `c`: 2 for East Asian wide and full-width characters, 0 for combining
// marks, else 1.
int DisplayWidth(char32_t c);

// True for what must not reach a terminal raw or cannot be seen there: controls, bidi controls,
// zero-width characters, tags, line separators.
bool IsInvisible(char32_t c);

// "U+200B".
std::string CodePointName(char32_t c);

}  // namespace winnow::rules
