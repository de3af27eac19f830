// What sounds like a term and is not one.
#pragma once

#include <cstdint>
#include <string_view>

namespace winnow::text {

// True for English words whose lower-case letters spell syllables. O(letters).
bool IsEnglish(std::string_view letters);

// True when an ideograph stands before or behind [begin, end), at most one character away.
bool BesideIdeograph(std::string_view folded, uint32_t begin, uint32_t end);

// True when [begin, end) of a folded view, whose view holds a term's syllables there, reads as
// ordinary words of Chinese or English, which sound like a term by chance: its ideographs and their
// neighbours are likelier as they stand than with a word in their place; its letters are English
// words, or parts of longer ones. `syllables`: how many characters the view has there. `amid`: it
// stands beside an ideograph, whatever the text shows. O(1).
bool SoundsAlikeByChance(std::string_view folded, uint32_t begin, uint32_t end, uint32_t syllables,
                         bool amid = false);

}  // namespace winnow::text
