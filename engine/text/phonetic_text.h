// What the phonetic view is read from: letters, digits and what may divide syllables. For the
// sources of this room that deal with sounds only.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/text/fold_table.h"
#include "engine/text/phonetic_table.h"
#include "engine/text/utf8.h"

namespace winnow::text::sounding {

// At most this many characters divide two syllables.
inline constexpr uint32_t kGapCharsMax = 3;
// Letters that spell no syllables are shown when they are few ("加vx").
inline constexpr uint32_t kLettersMax = 4;
// Letters without vowels may be initials.
inline constexpr uint32_t kInitialsMax = 8;
inline constexpr uint32_t kDigitsMax = 2;
// Tokens are looked at as far as they may be read.
inline constexpr uint32_t kTokenMax = kPinyinLettersMax + 1;

constexpr bool IsLetter(char c) { return static_cast<uint8_t>(c - 'a') < 26; }
constexpr bool IsDigit(char c) { return static_cast<uint8_t>(c - '0') < 10; }

constexpr uint32_t LetterSet(std::string_view letters) {
  uint32_t bits = 0;
  for (char c : letters) bits |= 1u << (c & 31);
  return bits;
}
inline constexpr uint32_t kVowels = LetterSet("aeiou");

inline bool HasVowel(std::string_view letters) { return LetterSet(letters) & kVowels; }

// By letter: those that may follow it where letters spell syllables. Bit 0: the end.
inline constexpr std::array<uint32_t, 32> kFollows = [] {
  std::array<uint32_t, 32> follows{};
  for (char c = 'a'; c <= 'z'; ++c) {
    const uint32_t bit = 1u << (c & 31);
    uint32_t& after = follows[c & 31];
    if (bit & LetterSet("aeioungrv")) {
      after = ~0u;
    } else {
      after = LetterSet("aeiouv");
      if (bit & LetterSet("zcs")) after |= LetterSet("h");
    }
  }
  return follows;
}();

// A run of letters.
struct Letters {
  uint32_t end;
  bool spells;  // perhaps syllables; certainly not when false
  bool vowels;
};
inline Letters LettersAt(std::string_view text, uint32_t at) {
  const uint32_t stop = text.size();
  uint32_t seen = 0, spells = 1, follows = ~0u;
  for (; at < stop && IsLetter(text[at]); ++at) {
    const uint32_t letter = text[at] & 31;
    spells &= follows >> letter;
    follows = kFollows[letter];
    seen |= 1u << letter;
  }
  return {at, (spells & follows & 1) != 0, (seen & kVowels) != 0};
}

// Where the digits from `at` on end.
inline uint32_t DigitsEnd(std::string_view text, uint32_t at) {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

// What a character may be, by its first byte.
enum class Lead : uint8_t { kOther, kLetter, kDigit, kIdeograph };
inline constexpr std::array<Lead, 256> kLeads = [] {
  std::array<Lead, 256> leads{};
  for (int b = 0; b < 256; ++b) {
    const char c = static_cast<char>(b);
    leads[b] = IsLetter(c)  ? Lead::kLetter
               : IsDigit(c) ? Lead::kDigit
               : b >= 0xe3  ? Lead::kIdeograph
                            : Lead::kOther;
  }
  return leads;
}();

// A syllable is in the private use area: three bytes. Writes one more, of no meaning.
inline void WriteSyllable(char32_t syllable, char* out) {
  const uint32_t bytes =
      0xee | (0x80 | (syllable >> 6 & 0x3f)) << 8 | (0x80 | (syllable & 0x3f)) << 16;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(out, &bytes, sizeof(bytes));
  } else {
    for (int i = 0; i < 3; ++i) out[i] = static_cast<char>(bytes >> 8 * i);
  }
}

inline bool IsIdeograph(std::string_view text, uint32_t at) {
  return at < text.size() && static_cast<uint8_t>(text[at]) >= 0xe3 &&
         PhoneticTable::Get().Reading(CharAt(&text[at])) != 0;
}

// A tone behind the letters of a syllable ("du3").
inline bool IsTone(std::string_view text, uint32_t at) {
  return at < text.size() && text[at] >= '1' && text[at] <= '5' &&
         !(at + 1 < text.size() && IsDigit(text[at + 1]));
}

inline bool IsLine(char32_t c) {
  return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

// kSpelling: as pinyin itself divides syllables.
enum class Gap : uint8_t { kNone, kSpace, kStop, kSpelling, kOther };

inline constexpr std::array<Gap, 128> kAsciiGaps = [] {
  std::array<Gap, 128> gaps{};
  for (char c : std::string_view("-_*~/|+=^`\\#@$%&<>"))
    gaps[static_cast<uint8_t>(c)] = Gap::kOther;
  gaps[' '] = gaps['\t'] = Gap::kSpace;
  gaps['.'] = Gap::kStop;
  gaps['\''] = Gap::kSpelling;
  return gaps;
}();

// What may divide syllables of one word: not the punctuation that divides clauses.
inline Gap GapOf(std::string_view text, uint32_t at) {
  if (static_cast<uint8_t>(text[at]) < 0x80) return kAsciiGaps[static_cast<uint8_t>(text[at])];
  const char32_t wide = CharAt(&text[at]);
  switch (FoldTable::Get().char_class(wide)) {
    case CharClass::kPunct:
      if (wide == U'’' || wide == U'‘') return Gap::kSpelling;
      // Dots and dashes, which are punctuation to Unicode.
      return std::u32string_view(U"·・•‧–—―‐‑‒†‡※§¶").find(wide) != std::u32string_view::npos
                 ? Gap::kOther
                 : Gap::kNone;
    case CharClass::kSpace:
      return IsLine(wide) ? Gap::kNone : Gap::kSpace;
    case CharClass::kOther:
      return wide != 0xfffd ? Gap::kOther : Gap::kNone;
    default:
      return Gap::kNone;
  }
}

// At most so many characters stand between the letters of a syllable that is spelled letter by
// letter.
inline constexpr uint32_t kSpelledGapCharsMax = 5;

// Whether the character may be one of them.
inline bool DividesLetters(std::string_view text, uint32_t at) {
  const Gap gap = GapOf(text, at);
  if (gap == Gap::kStop) return at + 1 == text.size() || GapOf(text, at + 1) != Gap::kSpace;
  return gap != Gap::kNone || IsDigit(text[at]) || IsLine(CharAt(&text[at]));
}

}  // namespace winnow::text::sounding
