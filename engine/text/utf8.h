// Stepping through text that is known to be valid UTF-8. No function checks its input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace winnow::text {

inline bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

// Bytes of the character whose first byte is `lead`.
inline uint32_t CharWidth(char lead) {
  const uint8_t b = static_cast<uint8_t>(lead);
  return b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
}

// Bytes of `c` in UTF-8.
inline uint32_t WidthOf(char32_t c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }

// The character that begins at `p`.
inline char32_t CharAt(const char* p) {
  const uint8_t* b = reinterpret_cast<const uint8_t*>(p);
  if (b[0] < 0x80) return b[0];
  if (b[0] < 0xe0) return (b[0] & 0x1fu) << 6 | (b[1] & 0x3fu);
  if (b[0] < 0xf0) return (b[0] & 0x0fu) << 12 | (b[1] & 0x3fu) << 6 | (b[2] & 0x3fu);
  return (b[0] & 0x07u) << 18 | (b[1] & 0x3fu) << 12 | (b[2] & 0x3fu) << 6 | (b[3] & 0x3fu);
}

// The begin of the character before offset `at`, which is > 0.
inline size_t StepBack(std::string_view text, size_t at) {
  do --at;
  while (at > 0 && IsContinuation(text[at]));
  return at;
}

// Writes `c` at `out`, which has room for 4 bytes; returns the bytes written.
inline uint32_t WriteChar(char32_t c, char* out) {
  if (c < 0x80) {
    out[0] = static_cast<char>(c);
    return 1;
  }
  if (c < 0x800) {
    out[0] = static_cast<char>(0xc0 | c >> 6);
    out[1] = static_cast<char>(0x80 | (c & 0x3f));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = static_cast<char>(0xe0 | c >> 12);
    out[1] = static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out[2] = static_cast<char>(0x80 | (c & 0x3f));
    return 3;
  }
  out[0] = static_cast<char>(0xf0 | c >> 18);
  out[1] = static_cast<char>(0x80 | (c >> 12 & 0x3f));
  out[2] = static_cast<char>(0x80 | (c >> 6 & 0x3f));
  out[3] = static_cast<char>(0x80 | (c & 0x3f));
  return 4;
}

inline void AppendChar(char32_t c, std::string* out) {
  char buffer[4];
  out->append(buffer, WriteChar(c, buffer));
}

}  // namespace winnow::text
