// How far a stretch of bytes is ASCII, or well-formed UTF-8. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>

namespace winnow::text {

// Bytes below 0x80 at the front of [p, p + n). 16 bytes a step.
size_t AsciiPrefix(const uint8_t* p, size_t n);

// True when all of [p, p + n) are ASCII, and HasControl() is false of them. O(n), 32 bytes a step.
bool IsPlainAscii(const uint8_t* p, size_t n);

// True when one of [p, p + n) is below 9, or ESC: what text hardly has. 16 bytes a step, 64
// with AVX-512.
bool HasControl(const uint8_t* p, size_t n);

// The longest beginning of [p, p + n) that is well-formed UTF-8 in whole characters. With AVX2
// about 0.1 ns a byte, less for ASCII; half of it with AVX-512.
size_t Utf8Prefix(const uint8_t* p, size_t n);
// The same by each of the ways that this CPU has, the best first: for tests.
size_t Utf8PrefixWays();
size_t Utf8PrefixWay(size_t way, const uint8_t* p, size_t n);

// The same on any CPU, character by character.
size_t Utf8PrefixPortable(const uint8_t* p, size_t n);

// True when the bytes at the end of a cut text begin a well-formed character that was cut off.
bool IsCutUtf8(const uint8_t* p, size_t n);

}  // namespace winnow::text
