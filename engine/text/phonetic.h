// The phonetic view: what Chinese sounds like, however it is written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/edits.h"
#include "engine/text/fold.h"

namespace winnow::text {

// How far, in bytes of the folded view, what surrounds a character may decide how it is shown.
inline constexpr uint32_t kPhoneticReach = 128;
// A character of the view stands for at most this many of the folded one, what divides it from the
// next included ("zhuang3 - ").
inline constexpr uint32_t kPhoneticChars = 10;

// No form of a term is longer, in characters of the view.
inline constexpr uint32_t kPhoneticFormCharsMax = 32;

// Shows a folded view as runs, divided by '\n', of
// - syllables (PhoneticTable), one for each ideograph and each that letters spell, alone or run
//   together, tone digits and what divides syllables left out;
// - other letters and digits, where ideographs touch them or no vowel is among them.
class PhoneticReader {
 public:
  // `passes_over`: whether to look quickly for what may be shown. The view is the same.
  explicit PhoneticReader(bool passes_over = true) : passes_over_(passes_over) {}

  // The phonetic view of `folded`; valid until the next call. Empty when there is nothing to be
  // read so. `map` leads from it to `folded`. O(n): some 2 ns an ideograph. Allocates only to grow.
  std::string_view Read(std::string_view folded, EditMap* map);

 private:
  const bool passes_over_;
  Buffer out_;
};

// True when [begin, end) of a folded view, whose view holds a term's syllables there, reads as
// ordinary words of Chinese or English, which sound like a term by chance: its ideographs and their
// neighbours are likelier as they stand than with a word in their place; its letters are English
// words, or parts of longer ones. `syllables`: how many characters the view has there. O(1).
bool SoundsAlikeByChance(std::string_view folded, uint32_t begin, uint32_t end, uint32_t syllables);

// A folded term in the forms that the view may show it in, by each plausible reading of its
// ideographs, the commonest first; at most kPhoneticFormsMax. Empty when it has none: fewer than
// two ideographs, more than kPhoneticFormCharsMax characters, or what the view never shows.
inline constexpr size_t kPhoneticFormsMax = 8;
std::vector<std::string> PhoneticTermForms(std::string_view folded);

// The initials of a folded term's syllables ("jwx"), as the view shows them; empty when they are
// fewer than three or when a syllable begins with a vowel.
std::string PhoneticTermInitials(std::string_view folded);

}  // namespace winnow::text
