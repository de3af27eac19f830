// What the byte sequences of a charset mean, gathered once from ICU. Private to this room.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/text/charset_list.h"

namespace winnow::text {

// Flat tables of one charset of Family::kBytes. Immutable once made: any thread may read.
struct ByteTable {
  enum class Lead : uint8_t {
    kSingle,   // a character by itself, in `single`
    kIllegal,  // begins nothing
    kLead,     // first of two bytes, or of four where `four` is not empty and a digit follows
    kThree,    // EUC's single shift 3: two more bytes
  };
  Lead lead[256];
  char32_t single[256];

  // [lead - 0x80][second byte]; 0: no character. A value above kPairs stands for two characters.
  static constexpr char32_t kPairs = 0x200000;
  std::vector<char32_t> two;
  std::vector<std::pair<char32_t, char32_t>> pairs;  // [value - kPairs - 1]

  std::vector<char32_t> three;  // [second - 0xa1][third - 0xa1], 94 each
  std::vector<uint16_t> four;   // GB18030's Basic Multilingual Plane by linear index
};

// The table of `charset`. Made on the first call (milliseconds; about 150 KiB for a two-byte
// charset), then free. Thread safe.
const ByteTable& TableOf(const Charset& charset);

}  // namespace winnow::text
