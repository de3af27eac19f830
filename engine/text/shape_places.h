// What finding shapes and dismissing them agree on: the classes of bytes, and what stands where one
// byte is not enough to tell. For this room only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace winnow::text::shaping {

// The classes of bytes as bits, chosen so that each is a set of high nibbles times a set of low
// ones: two look-ups by nibble tell them. '@' shares its bit with 'p', with capitals, which no
// folded view has, and with the first byte of emoji.
inline constexpr uint8_t kLetterLow = 1, kLetterHigh = 2, kDigit = 4, kSign = 8, kAt = 16,
                         kLead3 = 32, kLead2 = 64, kHan = 128;

inline constexpr std::array<uint8_t, 16> kByHigh = {
    0, 0, kSign, kDigit, kAt,    kAt,    kLetterLow,    kLetterHigh | kAt,
    0, 0, 0,     0,      kLead2, kLead2, kLead3 | kHan, kAt};

inline constexpr std::array<uint8_t, 16> kByLow = [] {
  std::array<uint8_t, 16> by{};
  for (int low = 0; low < 16; ++low) {
    if (low >= 1) by[low] |= kLetterLow;
    if (low <= 10) by[low] |= kLetterHigh;
    if (low <= 9) by[low] |= kDigit;
    if (low == 1 || (low >= 3 && low <= 5) || low == 10) by[low] |= kSign;
    if (low == 0 || low == 12 || low == 14) by[low] |= kAt;
    if (low <= 1 || (low >= 10 && low <= 13)) by[low] |= kLead3;
    if (low != 2) by[low] |= kLead2;  // U+0080..U+00BF are signs
    if (low >= 4 && low <= 9) by[low] |= kHan;
  }
  return by;
}();

inline constexpr uint8_t ClassOf(uint8_t byte) { return kByHigh[byte >> 4] & kByLow[byte & 15]; }

// True for bytes that begin signs beyond ASCII: in U+0080..U+00BF, U+2000..U+2FFF, or beyond
// U+FFFF.
inline constexpr bool BeginsSymbol(uint8_t byte) { return (byte & 0xdf) == 0xc2 || byte == 0xf0; }

// Of the bytes that begin signs, those of quotation marks, dashes and their like, which prose has.
bool IsProseMark(std::string_view folded, size_t at);

// What stands for a letter among letters.
inline constexpr bool IsLeetByte(char c) {
  return static_cast<uint8_t>(c - '0') < 10 || c == '!' || c == '$' || c == '@';
}

// True for a number of two digits at most at `at` with what is ordinarily counted: "5pm", "24hrs".
bool IsQuantity(std::string_view folded, size_t at);

// True for what may stand for a letter at the end of a word: "u$", "fd@", "vis!7"; behind a single
// letter amid words or behind a dot also a digit, "m3", "t.m3".
bool IsLastSign(std::string_view folded, size_t at);

// True for a digit before a single letter that may be a short word amid others: "1n", "8e".
bool IsFirstOfTwo(std::string_view folded, size_t at);

// True when an ideograph at `at` has a space or symbol beside it that may hold it apart from
// others.
bool IsHeldApart(std::string_view folded, size_t at);

// True for a letter in "it's", "I'm".
bool BesideApostrophe(std::string_view folded, size_t at);

// True when ideographs stand on a side of the letter at `at` over one to three bytes.
bool IsNearHan(std::string_view folded, size_t at);

}  // namespace winnow::text::shaping
