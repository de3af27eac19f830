// What is written for a character, by kind of disguise. Made from Unicode's charts, not from the
// engine's tables, save where it is said.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace winnow::evasion {

// One list of look-alikes for each letter a..z.
std::u32string_view CyrillicFor(char32_t letter);
std::u32string_view GreekFor(char32_t letter);
std::u32string_view CherokeeFor(char32_t letter);
std::u32string_view SuperscriptFor(char32_t letter);
// Turned upside down. Letters that turn into another letter give that one.
std::u32string_view TurnedFor(char32_t letter);
// Digits and signs for a letter, and letters for a digit.
std::u32string_view LeetFor(char32_t letter);

// Mathematical letters: `alphabet` below kMathAlphabets; 0 when it has none for `c`.
inline constexpr uint32_t kMathAlphabets = 13;
char32_t MathFor(char32_t c, uint32_t alphabet);

// Traditional, variant and compatibility ideographs, radicals. By ICU and a list.
const std::u32string& IdeographsFor(char32_t han);

// Components that spell an ideograph side by side: those of the engine's table.
const std::vector<std::u32string>& ComponentsFor(char32_t han);

// The digits for a Han numeral, or the Han numerals for a digit.
const std::vector<std::u32string>& NumeralsFor(char32_t c);

}  // namespace winnow::evasion
