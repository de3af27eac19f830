// What the folded view makes of each code point, gathered once from ICU into flat tables.
//
// For a single code point, folding is the composition of ICU's NFKC_Casefold, its confusable
// prototypes under our restriction, its Traditional-Simplified transform and our table of further
// variants (variants.h), repeated until nothing changes. The restriction on prototypes:
// - ASCII is never changed by one, and Han, kana and Hangul never are, save radicals;
// - a letter becomes its prototype everywhere when the prototype is made of ASCII letters (marks on
//   them dropped) and its script is of the kind that Latin is imitated with (Latin, Greek,
//   Cyrillic, Armenian, Cherokee, and scripts nobody writes prose in);
// - otherwise only within a run of letters that also holds an ASCII letter (see kMixed).
// - capitals that look like another letter than their small form (Η, Ν) are what they look like
//   within such a run, and so are letters turned upside down within a word of letters.
// Decimal digits of every script become ASCII digits.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/span.h"

namespace winnow::text {

// How a code point folds.
enum class FoldKind : uint8_t {
  kKeep = 0,      // to itself
  kChar = 1,      // to the code point in the payload
  kString = 2,    // to the string at the payload (an offset into the pool)
  kRemove = 3,    // to nothing
  kJoin = 4,      // may compose with or reorder before what precedes it: marks, vowel signs, jamo
  kMixed = 5,     // as `pool[payload]` says: one thing by itself, another in a mixed run
  kRegional = 6,  // a regional indicator: part of a flag, or a letter
};

// What a code point is to words, to borders and to those who hide words.
enum class CharClass : uint8_t {
  kOther = 0,     // symbols, emoji, unassigned
  kLetter = 1,    // of a script whose words are divided: Latin, Cyrillic, Arabic, Devanagari, ...
  kDigit = 2,     // decimal
  kMark = 3,      // combining
  kHan = 4,       // ideographs, also kana, bopomofo and Yi: written without spaces
  kHangul = 5,    // spaced words, to whose end particles attach
  kUnspaced = 6,  // letters of Thai, Lao, Khmer, Myanmar and their like
  kSpace = 7,     // white space, also line breaks
  kPunct = 8,
  kHidden = 9,  // default-ignorables and controls
};

// ASCII letters that letters of other scripts do not fold to by themselves: one of them shows that
// a word is Latin, while "a" may be Cyrillic after folding.
constexpr bool IsOnlyLatin(char32_t c) {
  uint32_t shared = 0;
  for (char s : std::string_view("aceijopsuvxy")) shared |= 1u << (s - 'a');
  const uint32_t letter = (c | 0x20) - U'a';
  return letter < 26 && !(shared >> letter & 1);
}

class FoldTable {
 public:
  // Built at the first call (about 50 ms), which any thread may make; never destroyed.
  static const FoldTable& Get();

  struct Entry {
    uint32_t bits;
    FoldKind kind() const { return static_cast<FoldKind>(bits >> 21 & 7); }
    uint32_t payload() const { return bits & 0x1fffff; }
    // Which evasions this undoes: the low eight bits of an EvasionMask.
    EvasionMask evasions() const { return bits >> 24; }
    // Of a kMixed entry, which names its evasions elsewhere.
    uint8_t traits() const { return static_cast<uint8_t>(bits >> 24); }
  };

  Entry entry(char32_t c) const { return entries_[IndexOf(c)]; }
  CharClass char_class(char32_t c) const { return classes_[IndexOf(c)]; }

  // The string of a kString entry.
  std::string_view String(Entry e) const {
    const char* p = pool_.data() + e.payload();
    return {p + 1, static_cast<uint8_t>(*p)};
  }

  // What a kMixed code point says about the run it stands in.
  enum Trait : uint8_t {
    kReadable = 1,  // `mixed` is made of ASCII letters
    kWeak = 2,      // it is not drawn as the letter it is read as (г, я, θ)
    kGreek = 4,
    kCyrillic = 8,
    kForeign = 16,  // of another script than those two
    kTurned = 32,   // `mixed` is what it is turned upside down, in a word of letters
    kStrange = 64,  // no words in use have it, so that it shows what it was put for
    kAscii = 128,   // `alone` holds ASCII letters
  };
  // The two foldings of a kMixed code point.
  struct Mixed {
    std::string alone;
    std::string mixed;
    EvasionMask alone_evasions;
    EvasionMask mixed_evasions;
    // Whether `alone` is a letter that only Latin has, and the ASCII letters in it, a bit a letter.
    bool only_latin;
    uint32_t letters;
  };
  const Mixed& MixedOf(Entry e) const { return mixed_[e.payload()]; }

  // True when the code point, which is below U+10000, folds to itself whatever surrounds it, so
  // that the fast path may copy it.
  bool Plain(uint32_t c) const { return PlainWord(c >> 5) >> (c & 31) & 1; }
  // The same for the 32 code points from 32 * `i` on, the first in the lowest bit.
  uint32_t PlainWord(uint32_t i) const { return plain_[i]; }

  // True when the two letters (0..25) name a region, so that their indicators show a flag.
  bool IsRegion(uint32_t a, uint32_t b) const { return regions_[a] >> b & 1; }

  // The folding of one code point that stands alone; kJoin folds as if it followed nothing.
  std::string Fold(char32_t c) const;

 private:
  friend class FoldTableBuilder;
  FoldTable() = default;

  uint32_t IndexOf(char32_t c) const { return uint32_t{stage1_[c >> 7]} << 7 | (c & 127); }

  std::array<uint16_t, 0x110000 / 128> stage1_{};
  std::vector<Entry> entries_;
  std::vector<CharClass> classes_;
  std::array<uint32_t, 0x10000 / 32> plain_{};
  std::array<uint32_t, 26> regions_{};
  std::string pool_;  // strings, each after its length
  std::vector<Mixed> mixed_;
};

}  // namespace winnow::text
