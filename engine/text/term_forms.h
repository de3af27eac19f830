// Further ways in which people write a term to hide it, known when the rules are compiled.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::text {

// An ideograph whose parts are read as it when they are written side by side: 氵工 for 江.
struct HanParts {
  char32_t whole = 0;  // as the folded view shows it
  std::string parts;   // two to five ideographs, as the folded view shows them
  // The parts also meet in ordinary text (女子, 日月): they are read as the ideograph only in a
  // match that holds other parts as well.
  bool ordinary = false;
};

// All that are known, in no order; no two have the same parts. Made at the first call, which any
// thread may make; lives for ever.
const std::vector<HanParts>& HanPartsTable();

// Of a folded term, the forms with its numerals written in other ways, without the term itself:
// - Han numerals: as digits, one by one (六四: 64, 6四) and as a number (三百: 300), and in the
//   characters that banks use (叁佰);
// - digits: as Han numerals, one by one and as a number (24小时: 二四小时, 二十四小时).
// All mixtures, unless there are more than `most`: then those in which all numerals are written in
// one way, and those in which one is. Forms that are one character, but for 佰 and 仟, or
// an ordinary word by themselves (六一) are left out. O(forms) in time and space.
std::vector<std::string> NumeralForms(std::string_view folded, size_t most);

// Whether nothing but digits, Han numerals and signs stands in a folded term.
bool IsNumber(std::string_view folded);

// A text from its last to its first character as a reader sees them: marks stay with their letters.
std::string Reversed(std::string_view utf8);

}  // namespace winnow::text
