#include "engine/text/fold_wide.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "engine/base/cpu.h"
#include "engine/text/utf8.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace winnow::text {

#if defined(__x86_64__)

namespace {

// The bytes of eight characters, the last of each first, in 32 bits each.
WINNOW_AVX2 inline __m256i LoadEight(const char* p) {
  const __m256i spread = _mm256_setr_epi8(2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1, 6,
                                          5, 4, -1, 9, 8, 7, -1, 12, 11, 10, -1, 15, 14, 13, -1);
  return _mm256_shuffle_epi8(_mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(p + 8),
                                                 reinterpret_cast<const __m128i*>(p)),
                             spread);
}

// Writes those from the `from`th on at `out`, and a few bytes of no meaning behind them.
WINNOW_AVX2 inline void StoreEight(__m256i eight, uint32_t from, char* out) {
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
WINNOW_AVX2 inline uint32_t PlainOnes(const FoldTable& table, __m256i code) {
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
WINNOW_AVX2 inline uint32_t FoldEight(const FoldTable& table, const char* p, uint32_t done,
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

WINNOW_AVX2 void FoldWideAvx2(const FoldTable& table, WideRun* run) {
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

constexpr auto Bytes(int (*of)(int)) {
  std::array<uint8_t, 64> bytes{};
  for (int i = 0; i < 64; ++i) bytes[i] = static_cast<uint8_t>(of(i));
  return bytes;
}
// Where the bytes of sixteen characters go: the last of each first, in 32 bits each.
alignas(64) constexpr std::array<uint8_t, 64> kSpread = Bytes([](int i) {
  return i % 4 == 3 ? 0 : i / 4 * 3 + 2 - i % 4;
});
// From the first of such 32 bits to each byte of the character.
alignas(64) constexpr std::array<uint8_t, 64> kFromLane = Bytes([](int i) { return i / 3 * 4; });
// A character of three bytes again and again.
alignas(64) constexpr std::array<uint8_t, 64> kRepeated = Bytes([](int i) { return i % 3; });

constexpr uint64_t kLeads = 0x249249249249;  // of sixteen characters

// Of the blocks in which nearly all is that becomes ASCII, what each becomes, 0 for what does not:
// without it every comma would be a step of its own.
struct Punctuation {
  alignas(64) std::array<uint8_t, 128> full{};   // U+FF00..U+FF7F
  alignas(64) std::array<uint8_t, 128> marks{};  // U+2000..U+203F, U+3000..U+303F

  explicit Punctuation(const FoldTable& table) {
    const auto ascii = [&table](char32_t c) -> uint8_t {
      const FoldTable::Entry e = table.entry(c);
      return IsPlainReplacement(e) && e.payload() < 0x80 ? static_cast<uint8_t>(e.payload()) : 0;
    };
    for (char32_t i = 0; i < 128; ++i) full[i] = ascii(0xff00 + i);
    for (char32_t i = 0; i < 64; ++i) marks[i] = ascii(0x2000 + i);
    for (char32_t i = 0; i < 64; ++i) marks[64 + i] = ascii(0x3000 + i);
  }
};

WINNOW_AVX512 inline __m512i Load(const uint8_t* bytes) { return _mm512_load_si512(bytes); }

// As PlainOnes(), of sixteen.
WINNOW_AVX512 inline uint32_t PlainOfSixteen(const FoldTable& table, __m512i code) {
  alignas(64) std::array<uint32_t, 16> at;
  _mm512_store_si512(at.data(), _mm512_srli_epi32(code, 5));
  const auto four = [&](int i) WINNOW_AVX512_INLINE {
    const auto word = [&](int j) { return static_cast<int>(table.PlainWord(at[i + j])); };
    return _mm_setr_epi32(word(0), word(1), word(2), word(3));
  };
  const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(four(0)), four(4), 1);
  const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(four(8)), four(12), 1);
  const __m512i words = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
  const __m512i bit =
      _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_and_si512(code, _mm512_set1_epi32(31)));
  return _mm512_test_epi32_mask(words, bit);
}

WINNOW_AVX512 void FoldWideAvx512(const FoldTable& table, WideRun* run) {
  static const Punctuation punctuation(table);
  const __m512i low_byte = _mm512_set1_epi32(255);
  const char* p = run->in;
  char* out = run->out;
  for (bool more = true; more && run->end - p >= 3;) {
    const uint32_t count = static_cast<uint32_t>(std::min<ptrdiff_t>((run->end - p) / 3, 16));
    __m512i bytes = _mm512_maskz_loadu_epi8(_bzhi_u64(~uint64_t{0}, 3 * count), p);
    const __m512i lanes =
        _mm512_maskz_permutexvar_epi8(0x7777777777777777, Load(kSpread.data()), bytes);
    const uint32_t wide = _mm512_cmpeq_epi32_mask(
        _mm512_and_si512(lanes, _mm512_set1_epi32(0xf00000)), _mm512_set1_epi32(0xe00000));
    const __m512i halves = _mm512_maddubs_epi16(
        _mm512_and_si512(lanes, _mm512_set1_epi32(0x0f3f3f)), _mm512_set1_epi32(0x014001));
    const __m512i code = _mm512_madd_epi16(halves, _mm512_set1_epi32(0x10000001));
    const uint32_t plain = PlainOfSixteen(table, code);

    const uint32_t in_full =
        _mm512_cmpeq_epi32_mask(_mm512_srli_epi32(code, 7), _mm512_set1_epi32(0xff00 >> 7));
    const uint32_t in_marks = _mm512_cmpeq_epi32_mask(
        _mm512_and_si512(code, _mm512_set1_epi32(0xefc0)), _mm512_set1_epi32(0x2000));
    const __m512i full = _mm512_permutex2var_epi8(Load(punctuation.full.data()), code,
                                                  Load(punctuation.full.data() + 64));
    const __m512i mark =
        _mm512_or_si512(_mm512_and_si512(code, _mm512_set1_epi32(63)),
                        _mm512_and_si512(_mm512_srli_epi32(code, 6), _mm512_set1_epi32(64)));
    const __m512i marks = _mm512_permutex2var_epi8(Load(punctuation.marks.data()), mark,
                                                   Load(punctuation.marks.data() + 64));
    const __m512i ascii =
        _mm512_mask_mov_epi32(_mm512_maskz_mov_epi32(static_cast<__mmask16>(in_full), full),
                              static_cast<__mmask16>(in_marks), marks);
    uint32_t narrow = _mm512_test_epi32_mask(ascii, low_byte);

    uint32_t taken = static_cast<uint32_t>(__builtin_ctz(~wide));
    uint32_t replaced = 0;
    if (uint32_t odd = _bzhi_u32(~(plain | narrow), taken)) {
      alignas(64) std::array<uint32_t, 16> codes;
      _mm512_store_si512(codes.data(), code);
      for (; odd != 0; odd &= odd - 1) {
        const uint32_t i = static_cast<uint32_t>(__builtin_ctz(odd));
        const FoldTable::Entry e = table.entry(codes[i]);
        if (!IsPlainReplacement(e) || e.payload() < 0x800) {
          taken = i;
          break;
        }
        char to[4] = {};
        WriteChar(e.payload(), to);
        int word;
        std::memcpy(&word, to, sizeof word);
        bytes = _mm512_mask_permutexvar_epi8(bytes, uint64_t{7} << (3 * i), Load(kRepeated.data()),
                                             _mm512_set1_epi32(word));
        replaced |= 1u << i;
      }
    }
    narrow = _bzhi_u32(narrow, taken);
    replaced |= narrow;
    const uint64_t one = _pdep_u64(narrow, kLeads);
    const uint64_t kept = _bzhi_u64(~(one << 1 | one << 2), 3 * taken);
    bytes = _mm512_mask_permutexvar_epi8(bytes, one, Load(kFromLane.data()), ascii);
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(kept, bytes));
    if (replaced != 0) {
      const uint32_t last = 31 - static_cast<uint32_t>(__builtin_clz(replaced));
      run->last_in = p + 3 * last;
      run->last_out = out + __builtin_popcountll(_bzhi_u64(kept, 3 * last));
    }
    out += __builtin_popcountll(kept);
    more = taken == 16;
    // A constant, so that the next step need not wait for what this one finds.
    p += more ? 48 : 3 * taken;
  }
  run->in = p;
  run->out = out;
}

}  // namespace

#endif

std::vector<WideFold> WideFolds() {
  std::vector<WideFold> folds;
#if defined(__x86_64__)
  if (CpuHasAvx512()) folds.push_back(FoldWideAvx512);
  if (CpuHasAvx2()) folds.push_back(FoldWideAvx2);
#endif
  return folds;
}

WideFold BestWideFold() {
  static const WideFold best = [] {
    const std::vector<WideFold> folds = WideFolds();
    return folds.empty() ? nullptr : folds.front();
  }();
  return best;
}

}  // namespace winnow::text
