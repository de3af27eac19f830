// The pinyin of ideographs and of letters, without tones, gathered from ICU into a flat table.
//
// A syllable is one code point of the private use area, so that in a text of syllables each begins
// and ends where a character does, and "xi'an" never looks like "xian". Its number follows from the
// spelling alone: packs keep it. The sounds of u and ü are one, as whoever types "lv" or "lu" for
// 绿 has them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/phonetic_readings.h"
#include "engine/text/phonetic_syllables.h"

namespace winnow::text {

// The letters of pinyin run together that are read as syllables; longer runs are not.
inline constexpr uint32_t kPinyinLettersMax = 32;

class PhoneticTable {
 public:
  // Built at the first call (about a millisecond), which any thread may make; never destroyed.
  static const PhoneticTable& Get();

  // The syllable of an ideograph by its commonest reading; 0 when it has none.
  char32_t Reading(char32_t c) const {
    if (c >= kIdeographsEnd) return 0;
    const uint16_t number = kReadings[uint32_t{kReadingBlocks[c >> 7]} << 7 | (c & 127)];
    return number == 0 ? 0 : kFirstSyllable + number;
  }

  // All plausible readings, the commonest first; empty when it has none.
  std::vector<char32_t> Readings(char32_t c) const;

  // A syllable in letters ("zhuang"); empty when `syllable` is none.
  static std::string Spell(char32_t syllable);

  // The syllables that lower-case ASCII letters spell throughout: the fewest, of these the ones
  // that begin with a consonant ("fangan": fan gan), as spelling demands. `ends[i]`: where syllable
  // `i` ends. Returns how many; 0 when the letters spell none, or are too many. O(letters).
  struct Syllables {
    std::array<char32_t, kPinyinLettersMax> at;
    std::array<uint8_t, kPinyinLettersMax> ends;
  };
  uint32_t Parse(std::string_view letters, Syllables* out) const;

  // An automaton of letters that spell syllables throughout: kSpellsNothing is never left.
  static constexpr uint8_t kSpellsNothing = 0;
  static constexpr uint8_t kSpellBegin = 1;
  uint8_t Step(uint8_t state, char letter) const { return steps_[state][letter & 31]; }
  // True when syllables end where the automaton stands, not at its begin.
  bool Ends(uint8_t state) const { return ends_[state]; }

  // True when the letters are spelled as one syllable.
  bool IsSyllable(std::string_view letters) const {
    if (letters.size() > 6) return false;
    uint32_t key = 0;
    for (char c : letters) key = key << 5 | (c & 31);
    return Spelled(key) != 0;
  }

  // Where the second syllable begins of letters that are one syllable or two ("tie": ti'e); 0 when
  // they are not.
  uint32_t SplitOf(std::string_view letters) const;

 private:
  PhoneticTable();

  // The syllable that some ideograph has and that is spelled so; 0 when there is none. `key` is
  // made of the letters, five bits each.
  char32_t Spelled(uint32_t key) const {
    for (uint32_t i = SlotOf(key);; ++i) {
      const Slot& slot = slots_[i % kSlots];
      if (slot.key == key || slot.key == 0) return slot.syllable;
    }
  }
  static uint32_t SlotOf(uint32_t key) { return key * 0x9e3779b1u >> 21; }
  void AddSpellings(char32_t syllable);
  void AddSpelling(std::string_view spelling, char32_t syllable);
  void BuildAutomaton();

  static constexpr uint32_t kSlots = 2048;  // some 430 are used
  struct Slot {
    uint32_t key = 0;
    char32_t syllable = 0;
  };
  std::array<Slot, kSlots> slots_{};
  struct Heteronym {
    char32_t c;
    std::vector<char32_t> readings;
  };
  std::vector<Heteronym> heteronyms_;  // by character
  std::vector<std::string> spellings_;
  std::array<std::array<uint8_t, 32>, 256> steps_{};
  std::array<bool, 256> ends_{};
};

}  // namespace winnow::text
