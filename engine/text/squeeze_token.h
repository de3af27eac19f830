// One stretch of letters and digits, and whether it is a word respelled. For the squeezer only.
#pragma once

#include <cstdint>

#include "engine/text/squeeze_text.h"

namespace winnow::text::squeezing {

// A stretch of letters, digits and signs put for letters, in bytes of the folded view.
struct Token {
  uint32_t begin, end;
  uint32_t leet_end;  // digits and signs before it stand for letters
  bool alternates;    // a digit between each two letters: "c1a2s3h"
  bool pair;          // one between two: "n7o"
  bool repeats;       // a letter three times
  bool likely_code;   // hidden only if the words around it say so
  bool respelled;     // it is not what the folded view shows
  bool leet() const { return leet_end > begin; }
  bool hidden() const { return leet() || alternates || repeats || respelled; }
};

// What [begin, end) of `text` is, judged by its characters and those beside it. O(end - begin).
Token TokenAt(const Text& text, uint32_t begin, uint32_t end);

// Whether [begin, end) is one letter three times or more.
bool IsStretched(const Text& text, uint32_t begin, uint32_t end);

// A sign that no spelling puts into a word, as in "ca*sino".
bool IsOddSign(char32_t c);

}  // namespace winnow::text::squeezing
