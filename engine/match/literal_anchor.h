// What building a LiteralIndex and scanning with it agree on.
#pragma once

#include <bit>
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

// A hash of the first bytes of anchors that a vector computes for 64 places at once. It has two
// bytes: the first is the sum of the anchor's first, third and fifth byte, the other that of the
// rest, all but the first of each multiplied by an 8 by 8 matrix over GF(2). Bits are numbered as
// the instruction GF2P8AFFINEQB has them, whose operand such a matrix is.
inline constexpr int kSieveBytes = 6, kSieveOtherBytes = 3;

// The byte of the hash that the `at`-th byte of an anchor is added to.
inline constexpr int SieveByte(int at) { return at % 2; }

// The matrix for the `at`-th byte. Any that mix well would do: these are numbers of splitmix64.
inline constexpr uint64_t SieveMatrix(int at) {
  if (at < 2) return 0x0102'0408'1020'4080;  // leaves it as it is
  uint64_t z = kHashFactor * static_cast<uint64_t>(2 * at + SieveByte(at) + 1);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

inline constexpr uint8_t TimesMatrix(uint64_t matrix, uint8_t byte) {
  uint8_t product = 0;
  for (int i = 0; i < 8; ++i) {
    const uint8_t row = static_cast<uint8_t>(matrix >> 8 * (7 - i));
    product |= static_cast<uint8_t>((std::popcount(static_cast<uint8_t>(row & byte)) & 1) << i);
  }
  return product;
}

}  // namespace winnow::match
