// The phonetic view: what Chinese sounds like, however it is written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/edits.h"
#include "engine/text/fold.h"
#include "engine/text/phonetic_apart.h"
#include "engine/text/shapes.h"

namespace winnow::text {

// How far, in bytes of the folded view, what surrounds a character may decide how it is shown.
inline constexpr uint32_t kPhoneticReach = 128;
// A character of the view stands for at most this many of the folded one, what divides it from the
// next included ("zhuang3 - ").
inline constexpr uint32_t kPhoneticChars = 10;
// And for so many letters of the squeezed view, its tone included.
inline constexpr uint32_t kPhoneticSqueezedChars = 7;

// No form of a term is longer, in characters of the view.
inline constexpr uint32_t kPhoneticFormCharsMax = 32;

// Shows a folded view as runs, divided by '\n', of
// - syllables (PhoneticTable), one for each ideograph and each that letters spell, alone or run
//   together, tone digits and what divides syllables left out, but not one English word by itself;
// - other letters and digits, where ideographs touch them or no vowel is among them;
// and after these once more what is heard in another way than it stands (ApartSounds).
class PhoneticReader {
 public:
  // `passes_over`: whether to look quickly for what may be shown. The view is the same.
  explicit PhoneticReader(bool passes_over = true) : passes_over_(passes_over) {}

  // The phonetic view of `folded`; valid until the next call. Empty when there is nothing to be
  // read so. `squeezed` is the squeezed view, or empty, `squeezes` leads from it to `folded`, and
  // `shapes` are those of `folded`. O(n): some 2 ns an ideograph. Allocates only to grow.
  std::string_view Read(std::string_view folded, std::string_view squeezed,
                        const EditMap& squeezes, const std::vector<Shape>& shapes);
  // Of a text that is not squeezed.
  std::string_view Read(std::string_view folded) { return Read(folded, {}, {}, {}); }

  // Where in `folded`, which was read last, what the view shows in [begin, end) stands, and what
  // hid it; false when it sounds alike by chance (SoundsAlikeByChance). May be called by several
  // threads at a time.
  bool Find(std::string_view folded, uint32_t begin, uint32_t end, EditMap::Source* source) const;

  // From the view to the folded view and, from its size on, to ApartSounds::text().
  const EditMap& map() const { return map_; }

 private:
  const bool passes_over_;
  Buffer out_;
  size_t size_ = 0;  // of the view
  EditMap map_;
  std::vector<SoundJoint> joints_;
  ApartSounds apart_;
};

// A folded term in the forms that the view may show it in, by each plausible reading of its
// ideographs, the commonest first; at most kPhoneticFormsMax. Empty when it has none: fewer than
// two ideographs, more than kPhoneticFormCharsMax characters, or what the view never shows.
inline constexpr size_t kPhoneticFormsMax = 8;
std::vector<std::string> PhoneticTermForms(std::string_view folded);

// The initials of a folded term's syllables ("jwx"), as the view shows them; empty when they are
// fewer than three or when a syllable begins with a vowel.
std::string PhoneticTermInitials(std::string_view folded);

}  // namespace winnow::text
