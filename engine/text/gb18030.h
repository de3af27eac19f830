// The arithmetic of GB18030's four-byte characters. Private to this room.
#pragma once

#include <cstdint>
#include <string>

namespace winnow::text {

// Four bytes number their characters in order: 81..fe, 30..39, 81..fe, 30..39. The first stretch is
// the rest of the Basic Multilingual Plane, by table; from kGb18030PlanesBegin on come the other
// planes, in order.
inline constexpr uint32_t kGb18030BmpCount = 39420;
inline constexpr uint32_t kGb18030PlanesBegin = 189000;
inline constexpr uint32_t kGb18030End = kGb18030PlanesBegin + 0x100000;

inline uint32_t Gb18030Linear(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  return ((uint32_t{a} - 0x81) * 10 + (b - 0x30u)) * 1260 + (uint32_t{c} - 0x81) * 10 + (d - 0x30u);
}

inline std::string Gb18030Bytes(uint32_t linear) {
  return {static_cast<char>(0x81 + linear / 12600), static_cast<char>(0x30 + linear / 1260 % 10),
          static_cast<char>(0x81 + linear / 10 % 126), static_cast<char>(0x30 + linear % 10)};
}

}  // namespace winnow::text
