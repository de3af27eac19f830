#include "engine/text/fold_wide.h"

#include <cstdint>

#include "engine/text/utf8.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace winnow::text {

#if defined(__x86_64__)

namespace {

// The bytes of eight characters, the last of each first, in 32 bits each.
__attribute__((target("avx2"))) inline __m256i LoadEight(const char* p) {
  const __m256i spread = _mm256_setr_epi8(2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1, 6,
                                          5, 4, -1, 9, 8, 7, -1, 12, 11, 10, -1, 15, 14, 13, -1);
  return _mm256_shuffle_epi8(_mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(p + 8),
                                                 reinterpret_cast<const __m128i*>(p)),
                             spread);
}

// Writes those from the `from`th on at `out`, and a few bytes of no meaning behind them.
__attribute__((target("avx2"))) inline void StoreEight(__m256i eight, uint32_t from, char* out) {
  const __m256i order = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2,
                                         1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  const __m256i from_front = _mm256_add_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7),
                                              _mm256_set1_epi32(static_cast<int>(from)));
  const __m256i bytes = _mm256_shuffle_epi8(_mm256_permutevar8x32_epi32(eight, from_front), order);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(bytes));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 12), _mm256_extracti128_si256(bytes, 1));
}

// A bit for each of eight code points: whether it is plain. Eight loads and not a gather, which
// costs many times as much where microcode guards it.
__attribute__((target("avx2"))) inline uint32_t PlainOnes(const FoldTable& table, __m256i code) {
  const __m256i at = _mm256_srli_epi32(code, 5);
  const auto low = [&](uint64_t two) {
    return static_cast<int>(table.PlainWord(static_cast<uint32_t>(two)));
  };
  const auto high = [&](uint64_t two) { return static_cast<int>(table.PlainWord(two >> 32)); };
  const uint64_t a = static_cast<uint64_t>(_mm256_extract_epi64(at, 0));
  const uint64_t b = static_cast<uint64_t>(_mm256_extract_epi64(at, 1));
  const uint64_t c = static_cast<uint64_t>(_mm256_extract_epi64(at, 2));
  const uint64_t d = static_cast<uint64_t>(_mm256_extract_epi64(at, 3));
  const __m256i words =
      _mm256_setr_epi32(low(a), high(a), low(b), high(b), low(c), high(c), low(d), high(d));
  // The bit asked for becomes the sign.
  const __m256i up = _mm256_andnot_si256(code, _mm256_set1_epi32(31));
  return static_cast<uint32_t>(
      _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_sllv_epi32(words, up))));
}

// Folds the characters at `p` but for the first `done`. Returns how many are folded then.
__attribute__((target("avx2,bmi,bmi2"))) inline uint32_t FoldEight(const FoldTable& table,
                                                                   const char* p, uint32_t done,
                                                                   WideRun* run) {
  const __m256i eight = LoadEight(p);
  const __m256i wide = _mm256_cmpeq_epi32(_mm256_and_si256(eight, _mm256_set1_epi32(0xf00000)),
                                          _mm256_set1_epi32(0xe00000));
  const uint32_t others = ~static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(wide)));
  uint32_t taken = static_cast<uint32_t>(__builtin_ctz(others));
  const __m256i halves = _mm256_maddubs_epi16(_mm256_and_si256(eight, _mm256_set1_epi32(0x0f3f3f)),
                                              _mm256_set1_epi32(0x014001));
  const __m256i code = _mm256_madd_epi16(halves, _mm256_set1_epi32(0x10000001));
  alignas(32) uint32_t codes[8];
  _mm256_store_si256(reinterpret_cast<__m256i*>(codes), code);
  const uint32_t plain = PlainOnes(table, code);
  char* out = run->out;
  for (uint32_t odd = ~plain & ((1u << taken) - 1) & (~0u << done); odd != 0; odd &= odd - 1) {
    const uint32_t i = static_cast<uint32_t>(__builtin_ctz(odd));
    StoreEight(eight, done, out);
    out += 3 * (i - done);
    done = i;
    const FoldTable::Entry e = table.entry(codes[i]);
    if (!IsPlainReplacement(e)) {
      taken = i;
      break;
    }
    run->last_in = p + 3 * i;
    run->last_out = out;
    out += WriteChar(e.payload(), out);
    done = i + 1;
  }
  StoreEight(eight, done, out);
  run->out = out + 3 * (taken - done);
  return taken;
}

__attribute__((target("avx2,bmi,bmi2"))) void FoldWideAvx2(const FoldTable& table, WideRun* run) {
  const char* const begin = run->in;
  while (run->end - run->in >= kEightBytes) {
    const uint32_t taken = FoldEight(table, run->in, 0, run);
    if (taken < 8) {
      run->in += 3 * taken;
      return;
    }
    // A constant, so that the next step need not wait for what this one finds.
    run->in += kEightBytes;
  }
  const uint32_t left = static_cast<uint32_t>((run->end - run->in) / 3);
  if (run->in == begin || left == 0) return;
  // What is left together with some that are folded, since nothing behind the end may be read.
  const uint32_t before = 8 - left;
  run->in += 3 * (FoldEight(table, run->in - 3 * before, before, run) - before);
}

}  // namespace

#endif

WideFold BestWideFold() {
#if defined(__x86_64__)
  static const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
  if (avx2) return FoldWideAvx2;
#endif
  return nullptr;
}

}  // namespace winnow::text
