#include "engine/text/ascii.h"

#include <array>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "engine/base/cpu.h"
#include "engine/base/wide_load.h"
#include "engine/text/escapes.h"

namespace winnow::text {
namespace {

constexpr bool Special(uint8_t c) {
  return c >= 0x7f || BeginsEscape(c) || (c < 0x20 && (c < 9 || c > 13));
}

size_t LowerBytes(const char* in, size_t size, char* out, bool* changed) {
  size_t i = 0;
  bool upper = false;
  for (; i < size; ++i) {
    const uint8_t c = static_cast<uint8_t>(in[i]);
    if (Special(c) && MayBeginEscape(in + i, in + size)) break;
    const bool is_upper = c - unsigned{'A'} < 26u;
    upper |= is_upper;
    out[i] = static_cast<char>(c | (is_upper << 5));
  }
  *changed |= upper;
  return i;
}

#if defined(__x86_64__)

// Without the lowest bits that stand for what begins no escape after all; `p` is what bit 0 is.
template <typename Bits>
inline Bits WithoutPlain(Bits special, const char* p, const char* end) {
  while (special) {
    const char* at = p + __builtin_ctzll(special);
    if ((*at != '=' && *at != '\\') || MayBeginEscape(at, end)) break;
    special &= special - 1;
  }
  return special;
}

struct Lowered16 {
  __m128i bytes;
  uint32_t special;
  uint32_t upper;
};

inline Lowered16 Lower16(__m128i v) {
  // Signed comparisons: bytes from 0x80 up are negative, below every bound.
  const __m128i is_upper = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8('A' - 1)),
                                         _mm_cmpgt_epi8(_mm_set1_epi8('Z' + 1), v));
  const __m128i low = _mm_cmpgt_epi8(_mm_set1_epi8(0x20), v);
  const __m128i space =
      _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8(8)), _mm_cmpgt_epi8(_mm_set1_epi8(14), v));
  const __m128i other = _mm_or_si128(
      _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)), _mm_cmpeq_epi8(v, _mm_set1_epi8('='))),
      _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\')),
                   _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('&')),
                                _mm_cmpeq_epi8(v, _mm_set1_epi8('%')))));
  const __m128i special = _mm_or_si128(_mm_andnot_si128(space, low), other);
  return {_mm_or_si128(v, _mm_and_si128(is_upper, _mm_set1_epi8(0x20))),
          static_cast<uint32_t>(_mm_movemask_epi8(special)),
          static_cast<uint32_t>(_mm_movemask_epi8(is_upper))};
}

size_t LowerSse2(const char* in, size_t size, char* out, bool* changed) {
  size_t i = 0;
  uint32_t upper = 0;
  for (; i + 16 <= size; i += 16) {
    const Lowered16 l = Lower16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), l.bytes);
    if (const uint32_t special = WithoutPlain(l.special, in + i, in + size)) {
      const int n = __builtin_ctz(special);
      *changed |= (upper | (l.upper & ((1u << n) - 1))) != 0;
      return i + n;
    }
    upper |= l.upper;
  }
  *changed |= upper != 0;
  return i + LowerBytes(in + i, size - i, out + i, changed);
}

WINNOW_AVX2 size_t LowerAvx2(const char* in, size_t size, char* out, bool* changed) {
  if (size < 32) return LowerSse2(in, size, out, changed);
  uint32_t upper = 0;
  for (size_t i = 0;;) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i));
    const __m256i is_upper = _mm256_and_si256(_mm256_cmpgt_epi8(v, _mm256_set1_epi8('A' - 1)),
                                              _mm256_cmpgt_epi8(_mm256_set1_epi8('Z' + 1), v));
    const __m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), v);
    const __m256i space = _mm256_and_si256(_mm256_cmpgt_epi8(v, _mm256_set1_epi8(8)),
                                           _mm256_cmpgt_epi8(_mm256_set1_epi8(14), v));
    const __m256i other = _mm256_or_si256(
        _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(0x7f)),
                        _mm256_cmpeq_epi8(v, _mm256_set1_epi8('='))),
        _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\')),
                        _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('&')),
                                        _mm256_cmpeq_epi8(v, _mm256_set1_epi8('%')))));
    uint32_t special = static_cast<uint32_t>(
        _mm256_movemask_epi8(_mm256_or_si256(_mm256_andnot_si256(space, low), other)));
    const uint32_t uppers = static_cast<uint32_t>(_mm256_movemask_epi8(is_upper));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i),
                        _mm256_or_si256(v, _mm256_and_si256(is_upper, _mm256_set1_epi8(0x20))));
    if (special) special = WithoutPlain(special, in + i, in + size);
    if (special) {
      const int n = __builtin_ctz(special);
      *changed |= (upper | (uppers & ((1u << n) - 1))) != 0;
      return i + n;
    }
    upper |= uppers;
    if (i + 32 == size) break;
    // The last step overlaps the one before it rather than leaving a rest.
    i = i + 64 <= size ? i + 32 : size - 32;
  }
  *changed |= upper != 0;
  return size;
}

// What each byte of ASCII becomes; 0 for those that are Special(), which are looked at one by one.
alignas(64) constexpr std::array<char, 128> kLowered = [] {
  std::array<char, 128> lowered{};
  for (uint8_t c = 0; c < 128; ++c) {
    if (!Special(c)) lowered[c] = static_cast<char>(c - unsigned{'A'} < 26u ? c | 0x20 : c);
  }
  return lowered;
}();

WINNOW_AVX512 size_t LowerAvx512(const char* in, size_t size, char* out, bool* changed) {
  const __m512i low_half = _mm512_load_si512(kLowered.data());
  const __m512i high_half = _mm512_load_si512(kLowered.data() + 64);
  uint64_t upper = 0;
  for (size_t i = 0; i < size; i += 64) {
    const uint64_t inside = size - i >= 64 ? ~uint64_t{0} : _bzhi_u64(~uint64_t{0}, size - i);
    const __m512i v = _mm512_maskz_loadu_epi8(inside, in + i);
    const __m512i lowered = _mm512_permutex2var_epi8(low_half, v, high_half);
    // Behind the end stand zeros, which stay what they are.
    const uint64_t uppers = _mm512_cmpneq_epi8_mask(lowered, v);
    uint64_t special = (_mm512_testn_epi8_mask(lowered, lowered) | _mm512_movepi8_mask(v)) & inside;
    if (special == 0) {
      _mm512_mask_storeu_epi8(out + i, inside, lowered);
      upper |= uppers;
      continue;
    }
    // What is special and no escape after all stays what it is.
    _mm512_mask_storeu_epi8(out + i, inside, _mm512_mask_mov_epi8(lowered, special, v));
    const uint64_t ordinary = ~special;
    special = WithoutPlain(special, in + i, in + size);
    const size_t n = special ? static_cast<size_t>(__builtin_ctzll(special)) : 64;
    upper |= uppers & ordinary & _bzhi_u64(~uint64_t{0}, n);
    if (special) {
      *changed |= upper != 0;
      return i + n;
    }
  }
  *changed |= upper != 0;
  return size;
}

WINNOW_AVX512 CharCounts CountCharsAvx512(std::string_view text) {
  uint64_t continuations = 0, wide = 0;
  for (size_t at = 0; at < text.size(); at += 64) {
    const __m512i v = LoadUpTo64(text.data() + at, text.size() - at);
    // Comparisons are signed: 0x80..0xbf lie below -64.
    continuations +=
        static_cast<uint64_t>(_mm_popcnt_u64(_mm512_cmplt_epi8_mask(v, _mm512_set1_epi8(-64))));
    wide += static_cast<uint64_t>(
        _mm_popcnt_u64(_mm512_cmpge_epu8_mask(v, _mm512_set1_epi8(static_cast<char>(0xf0)))));
  }
  return {text.size() - continuations, wide};
}

#endif

using LowerFunction = size_t (*)(const char*, size_t, char*, bool*);

LowerFunction BestLower() {
#if defined(__x86_64__)
  if (CpuHasAvx512()) return LowerAvx512;
  return CpuHasAvx2() ? LowerAvx2 : LowerSse2;
#else
  return LowerBytes;
#endif
}

}  // namespace

CharCounts CountChars(std::string_view text) {
#if defined(__x86_64__)
  if (CpuHasAvx512()) return CountCharsAvx512(text);
#endif
  uint64_t continuations = 0, wide = 0;
  size_t at = 0;
#if defined(__x86_64__)
  // Comparisons are signed: 0x80..0xbf lie below -64, 0xf0..0xff from -16 to -1.
  const __m128i zero = _mm_setzero_si128();
  while (at + 16 <= text.size()) {
    __m128i sum_continuations = zero, sum_wide = zero;
    for (int i = 0; i < 255 && at + 16 <= text.size(); ++i, at += 16) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
      sum_continuations = _mm_sub_epi8(sum_continuations, _mm_cmpgt_epi8(_mm_set1_epi8(-64), v));
      sum_wide = _mm_sub_epi8(
          sum_wide, _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8(-17)), _mm_cmpgt_epi8(zero, v)));
    }
    const auto total = [zero](__m128i sums) {
      const __m128i halves = _mm_sad_epu8(sums, zero);
      return static_cast<uint64_t>(_mm_cvtsi128_si64(halves)) +
             static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_srli_si128(halves, 8)));
    };
    continuations += total(sum_continuations);
    wide += total(sum_wide);
  }
#endif
  for (size_t i = at; i < text.size(); ++i) {
    const uint8_t c = static_cast<uint8_t>(text[i]);
    continuations += (c & 0xc0) == 0x80;
    wide += c >= 0xf0;
  }
  return {text.size() - continuations, wide};
}

size_t LowerAscii(const char* in, size_t size, char* out, bool* changed) {
  static const LowerFunction lower = BestLower();
  return lower(in, size, out, changed);
}

}  // namespace winnow::text
