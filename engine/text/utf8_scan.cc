#include "engine/text/utf8_scan.h"

#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "engine/text/decoders.h"

namespace winnow::text {
namespace {

uint32_t Load32(const uint8_t* p) {
  uint32_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// E1 80 80 .. EC BF BF and EE 80 80 .. EF BF BF: nearly all of Han, kana and Hangul, with nothing
// to look at but the marker bits. `p` has four bytes.
bool IsPlainThreeBytes(const uint8_t* p) {
  if constexpr (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) {
    return (Load32(p) & 0x00c0c0f0) == 0x008080e0 && *p != 0xe0 && *p != 0xed;
  } else {
    return (Load32(p) & 0xf0c0c000) == 0xe0808000 && *p != 0xe0 && *p != 0xed;
  }
}

}  // namespace

size_t AsciiPrefix(const uint8_t* p, size_t n) {
  size_t i = 0;
#ifdef __SSE2__
  for (; i + 16 <= n; i += 16) {
    const int high = _mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i)));
    if (high != 0) return i + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(high)));
  }
#else
  for (; i + 8 <= n; i += 8) {
    uint64_t word;
    std::memcpy(&word, p + i, sizeof word);
    if ((word & 0x8080808080808080) != 0) break;
  }
#endif
  while (i < n && p[i] < 0x80) ++i;
  return i;
}

size_t Utf8Prefix(const uint8_t* p, size_t n) {
  Utf8Decoder decoder;
  Character ignored;
  const uint8_t* const begin = p;
  const uint8_t* const end = p + n;
  while (p < end) {
    while (end - p >= 4 && IsPlainThreeBytes(p)) p += 3;
    if (p == end) break;
    if (*p < 0x80) {
      p += AsciiPrefix(p, static_cast<size_t>(end - p));
      continue;
    }
    const size_t taken = decoder.Next(p, end, true, &ignored);
    if (ignored.kind == Character::kIllFormed) break;
    p += taken;
  }
  return static_cast<size_t>(p - begin);
}

bool IsCutUtf8(const uint8_t* p, size_t n) {
  Utf8Decoder decoder;
  Character ignored;
  return n > 0 && n < kLongestSequence && decoder.Next(p, p + n, false, &ignored) == 0;
}

}  // namespace winnow::text
