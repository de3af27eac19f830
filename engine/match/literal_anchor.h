// What building a LiteralIndex and scanning with it agree on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace winnow::match {

// Bytes of the longest key.
inline constexpr size_t kKeyBytes = 8;
// Grams are looked for at every third byte, so each literal has the three that begin at bytes that
// follow one another.
inline constexpr size_t kGramStride = 3;
// With two bits a key, about one in 250 of what no literal has passes the filter.
inline constexpr size_t kKeysPerFilterWord = 2;

// ASCII that forms words: what text::BordersOf() says of views, in which upper case does not occur.
inline constexpr bool IsWordByte(char c) {
  const uint8_t b = static_cast<uint8_t>(c);
  return b - unsigned{'0'} < 10 || (b | 0x20) - unsigned{'a'} < 26;
}

// Whether it is part of words that stand everywhere in English, or a character that does in
// Chinese: no sign of anything.
bool IsInCommonWords(std::string_view part);
bool IsCommonHan(std::string_view c);

inline constexpr uint64_t kHashFactor = 0x9e3779b97f4a7c15;

// Well mixed in its upper 40 bits.
inline constexpr uint64_t HashOf(uint64_t key) { return (key ^ key >> 31) * kHashFactor; }

// The bits of a key in its word of the filter: of the hash, from these bits on. Those above choose
// the word.
inline constexpr int kFirstBitAt = 38, kSecondBitAt = 32;

inline constexpr uint64_t FilterBits(uint64_t hash) {
  return uint64_t{1} << (hash >> kFirstBitAt & 63) | uint64_t{1} << (hash >> kSecondBitAt & 63);
}

}  // namespace winnow::match
