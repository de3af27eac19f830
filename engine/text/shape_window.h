// What the bytes of 64 are, by the vectors of a CPU. For this room only.
#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/cpu.h"
#include "engine/base/wide_load.h"
#include "engine/text/shape_places.h"

namespace winnow::text::shaping {

// Masks of 64 bits, a bit a byte. Each kind is made when it is asked for.
class Avx2Window {
 public:
  // Always of 64 bytes.
  static constexpr bool kPart = false;

  WINNOW_AVX2 explicit Avx2Window(const char* p, size_t = 64)
      : a_(Load(p)), b_(Load(p + 32)), ka_(Classes(a_)), kb_(Classes(b_)) {}

  // Those that have one of the classes `of`.
  WINNOW_AVX2 inline uint64_t AnyOf(uint8_t of) const {
    const __m256i classes = _mm256_set1_epi8(static_cast<char>(of));
    const __m256i zero = _mm256_setzero_si256();
    return ~Both(_mm256_cmpeq_epi8(_mm256_and_si256(ka_, classes), zero),
                 _mm256_cmpeq_epi8(_mm256_and_si256(kb_, classes), zero));
  }
  // Those of the class `kClass`, which is one bit.
  template <uint8_t kClass>
  WINNOW_AVX2 inline uint64_t Of() const {
    // Shifting across bytes is harmless: only each byte's own top bit is read.
    constexpr int kShift = __builtin_clz(uint32_t{kClass} << 24);
    return Both(_mm256_slli_epi16(ka_, kShift), _mm256_slli_epi16(kb_, kShift));
  }
  WINNOW_AVX2 inline bool any_wide() const {
    return _mm256_movemask_epi8(_mm256_or_si256(a_, b_)) != 0;
  }
  // Not ASCII.
  WINNOW_AVX2 inline uint64_t Wide() const { return Both(a_, b_); }
  // First bytes of U+0080..U+00BF and U+2000..U+2FFF.
  WINNOW_AVX2 inline uint64_t Symbols() const {
    const __m256i shared = _mm256_set1_epi8(static_cast<char>(0xdf));
    const __m256i first = _mm256_set1_epi8(static_cast<char>(0xc2));
    return Both(_mm256_cmpeq_epi8(_mm256_and_si256(a_, shared), first),
                _mm256_cmpeq_epi8(_mm256_and_si256(b_, shared), first));
  }
  // Those that the next one of the 64 repeats; `p` is where they were read.
  WINNOW_AVX2 inline uint64_t Twice(const char* p, size_t = 64) const {
    // Of the second half, those that repeat the one before.
    const uint32_t repeated =
        static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(a_, Load(p + 1))));
    const uint32_t repeats =
        static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(b_, Load(p + 31))));
    return repeated | uint64_t{repeats} << 31;
  }

 private:
  WINNOW_AVX2 static inline __m256i Load(const char* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  WINNOW_AVX2 static inline __m256i Table(const std::array<uint8_t, 16>& of) {
    return _mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(of.data())));
  }
  WINNOW_AVX2 static inline uint64_t Both(__m256i low, __m256i high) {
    return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
           uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(high))} << 32;
  }
  WINNOW_AVX2 static inline __m256i Classes(__m256i v) {
    const __m256i nibble = _mm256_set1_epi8(15);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble);
    const __m256i low = _mm256_and_si256(v, nibble);
    return _mm256_and_si256(_mm256_shuffle_epi8(Table(kByHigh), high),
                            _mm256_shuffle_epi8(Table(kByLow), low));
  }

  __m256i a_, b_, ka_, kb_;
};

alignas(64) inline constexpr std::array<uint8_t, 128> kAsciiClasses = [] {
  std::array<uint8_t, 128> classes{};
  for (uint8_t c = 0; c < 128; ++c) classes[c] = ClassOf(c);
  return classes;
}();

// As Avx2Window.
class Avx512Window {
 public:
  // Also of fewer bytes, as if zeros followed.
  static constexpr bool kPart = true;

  WINNOW_AVX512 explicit Avx512Window(const char* p, size_t size = 64)
      : v_(LoadUpTo64(p, size)), wide_(_mm512_movepi8_mask(v_)), k_(Classes(v_, wide_)) {}

  WINNOW_AVX512 inline uint64_t AnyOf(uint8_t of) const {
    return _mm512_test_epi8_mask(k_, _mm512_set1_epi8(static_cast<char>(of)));
  }
  template <uint8_t kClass>
  WINNOW_AVX512 inline uint64_t Of() const {
    return AnyOf(kClass);
  }
  bool any_wide() const { return wide_ != 0; }
  uint64_t Wide() const { return wide_; }
  WINNOW_AVX512 inline uint64_t Symbols() const {
    return _mm512_cmpeq_epi8_mask(_mm512_and_si512(v_, _mm512_set1_epi8(static_cast<char>(0xdf))),
                                  _mm512_set1_epi8(static_cast<char>(0xc2)));
  }
  WINNOW_AVX512 inline uint64_t Twice(const char* p, size_t size = 64) const {
    return _mm512_cmpeq_epi8_mask(v_, LoadUpTo64(p + 1, size - 1));
  }

 private:
  WINNOW_AVX512 static inline __m512i Table(const std::array<uint8_t, 16>& of) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(of.data())));
  }
  WINNOW_AVX512 static inline __m512i Classes(__m512i v, uint64_t wide) {
    if (wide == 0) {
      return _mm512_permutex2var_epi8(_mm512_load_si512(kAsciiClasses.data()), v,
                                      _mm512_load_si512(kAsciiClasses.data() + 64));
    }
    const __m512i nibble = _mm512_set1_epi8(15);
    const __m512i high = _mm512_and_si512(_mm512_srli_epi16(v, 4), nibble);
    const __m512i low = _mm512_and_si512(v, nibble);
    return _mm512_and_si512(_mm512_shuffle_epi8(Table(kByHigh), high),
                            _mm512_shuffle_epi8(Table(kByLow), low));
  }

  __m512i v_;
  uint64_t wide_;
  __m512i k_;
};

}  // namespace winnow::text::shaping

#endif
