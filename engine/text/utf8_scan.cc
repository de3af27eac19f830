#include "engine/text/utf8_scan.h"

#include <array>
#include <cstring>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "engine/base/cpu.h"
#include "engine/base/wide_load.h"
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

#if defined(__x86_64__)

// What can be wrong with a byte and the one before it, as bits: each is a set of high nibbles times
// one of low nibbles of the byte before, times one of high nibbles of the byte.
constexpr uint8_t kCutShort = 1;      // a lead, then no continuation
constexpr uint8_t kStray = 2;         // ASCII, then a continuation
constexpr uint8_t kOverlong2 = 4;     // C0, C1
constexpr uint8_t kOverlong3 = 8;     // E0, then 80..9F
constexpr uint8_t kSurrogate = 16;    // ED, then A0..BF
constexpr uint8_t kBadFourLow = 32;   // F0 or F5..FF, then 80..8F
constexpr uint8_t kBadFourHigh = 64;  // F4..FF, then 90..BF
// Two continuations: wrong unless they are the end of three or four bytes.
constexpr uint8_t kContinued = 128;

using NibbleTable = std::array<uint8_t, 16>;

constexpr NibbleTable kByLeadHigh = [] {
  NibbleTable by{};
  for (int high = 0; high < 16; ++high) {
    if (high < 8) by[high] = kStray;
    if (high >= 8 && high < 12) by[high] = kContinued;
    if (high >= 12) by[high] = kCutShort;
  }
  by[12] |= kOverlong2;
  by[14] |= kOverlong3 | kSurrogate;
  by[15] |= kBadFourLow | kBadFourHigh;
  return by;
}();

constexpr NibbleTable kByLeadLow = [] {
  NibbleTable by{};
  for (int low = 0; low < 16; ++low) {
    by[low] = kCutShort | kStray | kContinued;
    if (low <= 1) by[low] |= kOverlong2;
    if (low == 0) by[low] |= kOverlong3;
    if (low == 13) by[low] |= kSurrogate;
    if (low == 0 || low >= 5) by[low] |= kBadFourLow;
    if (low >= 4) by[low] |= kBadFourHigh;
  }
  return by;
}();

constexpr NibbleTable kByNextHigh = [] {
  NibbleTable by{};
  for (int high = 0; high < 16; ++high) {
    by[high] = kCutShort;
    if (high >= 8 && high < 12) by[high] = kStray | kContinued | kOverlong2;
    if (high == 8 || high == 9) by[high] |= kOverlong3;
    if (high == 8) by[high] |= kBadFourLow;
    if (high >= 9 && high < 12) by[high] |= kBadFourHigh;
    if (high == 10 || high == 11) by[high] |= kSurrogate;
  }
  return by;
}();

WINNOW_AVX2 inline __m256i Load(const uint8_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}

WINNOW_AVX2 inline __m256i Of(const NibbleTable& table, __m256i nibbles) {
  return _mm256_shuffle_epi8(
      _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data()))),
      nibbles);
}

// True when none of 32 bytes is wrong where it stands behind those one, two and three before it.
WINNOW_AVX2 inline bool WellFormed(__m256i now, __m256i one, __m256i two, __m256i three) {
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i wrong = _mm256_and_si256(
      _mm256_and_si256(Of(kByLeadHigh, _mm256_and_si256(_mm256_srli_epi16(one, 4), nibble)),
                       Of(kByLeadLow, _mm256_and_si256(one, nibble))),
      Of(kByNextHigh, _mm256_and_si256(_mm256_srli_epi16(now, 4), nibble)));
  // The top bit where a lead of three or four bytes still wants a second or third continuation.
  const __m256i wanted =
      _mm256_and_si256(_mm256_or_si256(_mm256_subs_epu8(two, _mm256_set1_epi8(0xe0 - 0x80)),
                                       _mm256_subs_epu8(three, _mm256_set1_epi8(0xf0 - 0x80))),
                       _mm256_set1_epi8(static_cast<char>(kContinued)));
  return _mm256_testc_si256(wanted, wrong) && _mm256_testc_si256(wrong, wanted);
}

// The bytes `n` before those of the first 32; before the text is nothing.
template <int n>
WINNOW_AVX2 inline __m256i Behind(__m256i first) {
  return _mm256_alignr_epi8(first, _mm256_permute2x128_si256(first, first, 0x08), 16 - n);
}

// As Utf8Prefix() where the first `checked` bytes are well-formed but for a character they may end
// in the middle of.
size_t PrefixFrom(const uint8_t* p, size_t n, size_t checked) {
  while (checked > 0) {
    --checked;
    if ((p[checked] & 0xc0) != 0x80) break;
  }
  return checked + Utf8PrefixPortable(p + checked, n - checked);
}

WINNOW_AVX2 size_t Utf8PrefixAvx2(const uint8_t* p, size_t n) {
  // The last step looks at bytes before its own.
  if (n < 32 + 3) return Utf8PrefixPortable(p, n);
  const __m256i first = Load(p);
  if (_mm256_movemask_epi8(first) != 0 &&
      !WellFormed(first, Behind<1>(first), Behind<2>(first), Behind<3>(first))) {
    return Utf8PrefixPortable(p, n);
  }
  for (size_t at = 32; at < n; at += 32) {
    // The last step overlaps the one before it rather than leaving a rest.
    if (at + 32 > n) at = n - 32;
    const uint8_t* const now = p + at;
    const __m256i three = Load(now - 3);
    if (_mm256_movemask_epi8(_mm256_or_si256(Load(now), three)) == 0) continue;
    if (!WellFormed(Load(now), Load(now - 1), Load(now - 2), three)) {
      return PrefixFrom(p, n, at);
    }
  }
  const bool cut = p[n - 1] >= 0xc0 || p[n - 2] >= 0xe0 || p[n - 3] >= 0xf0;
  return cut ? PrefixFrom(p, n, n) : n;
}

WINNOW_AVX512 inline __m512i Of(const NibbleTable& table, __m512i nibbles) {
  return _mm512_shuffle_epi8(
      _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data()))),
      nibbles);
}

// As WellFormed() of 32 bytes.
WINNOW_AVX512 inline bool WellFormed(__m512i now, __m512i one, __m512i two, __m512i three) {
  const __m512i nibble = _mm512_set1_epi8(15);
  const __m512i wrong = _mm512_and_si512(
      _mm512_and_si512(Of(kByLeadHigh, _mm512_and_si512(_mm512_srli_epi16(one, 4), nibble)),
                       Of(kByLeadLow, _mm512_and_si512(one, nibble))),
      Of(kByNextHigh, _mm512_and_si512(_mm512_srli_epi16(now, 4), nibble)));
  const __m512i wanted =
      _mm512_and_si512(_mm512_or_si512(_mm512_subs_epu8(two, _mm512_set1_epi8(0xe0 - 0x80)),
                                       _mm512_subs_epu8(three, _mm512_set1_epi8(0xf0 - 0x80))),
                       _mm512_set1_epi8(static_cast<char>(kContinued)));
  return _mm512_cmpneq_epi8_mask(wanted, wrong) == 0;
}

alignas(64) constexpr std::array<uint8_t, 64> kIota = [] {
  std::array<uint8_t, 64> iota{};
  for (uint8_t i = 0; i < 64; ++i) iota[i] = i;
  return iota;
}();

// The bytes `n` before those of `now`, which are behind those of `before`.
template <int n>
WINNOW_AVX512 inline __m512i Behind(__m512i before, __m512i now) {
  const __m512i from = _mm512_add_epi8(_mm512_load_si512(kIota.data()), _mm512_set1_epi8(64 - n));
  return _mm512_permutex2var_epi8(before, from, now);
}

WINNOW_AVX512 size_t Utf8PrefixAvx512(const uint8_t* p, size_t n) {
  if (n == 0) return 0;
  __m512i before = _mm512_setzero_si512();
  uint64_t wide_before = 0;
  for (size_t at = 0; at < n; at += 64) {
    const __m512i now = LoadUpTo64(p + at, n - at);
    const uint64_t wide = _mm512_movepi8_mask(now);
    // Behind the end stand zeros: a character that it cuts is not well-formed.
    if ((wide | wide_before >> 61) != 0 &&
        !WellFormed(now, Behind<1>(before, now), Behind<2>(before, now), Behind<3>(before, now))) {
      return PrefixFrom(p, n, at);
    }
    before = now;
    wide_before = wide;
  }
  const bool cut = p[n - 1] >= 0xc0 || (n > 1 && p[n - 2] >= 0xe0) || (n > 2 && p[n - 3] >= 0xf0);
  return cut ? PrefixFrom(p, n, n) : n;
}

#endif

using PrefixFunction = size_t (*)(const uint8_t*, size_t);

// By what the CPU can, the best first.
std::vector<PrefixFunction> PrefixFunctions() {
  std::vector<PrefixFunction> functions;
#if defined(__x86_64__)
  if (CpuHasAvx512()) functions.push_back(Utf8PrefixAvx512);
  if (CpuHasAvx2()) functions.push_back(Utf8PrefixAvx2);
#endif
  functions.push_back(Utf8PrefixPortable);
  return functions;
}

}  // namespace

size_t AsciiPrefix(const uint8_t* p, size_t n) {
  size_t i = 0;
#if defined(__x86_64__)
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

namespace {

#if defined(__x86_64__)

// Comparing signed, what is not ASCII is below every control.
WINNOW_AVX2 inline __m256i NotPlainAscii(__m256i v) {
  return _mm256_or_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(9), v),
                         _mm256_cmpeq_epi8(v, _mm256_set1_epi8(0x1b)));
}

WINNOW_AVX2 bool IsPlainAsciiAvx2(const uint8_t* p, size_t n) {
  __m256i found = NotPlainAscii(Load(p));
  // Other scripts nearly always show at once.
  if (_mm256_movemask_epi8(found) != 0) return false;
  for (size_t at = 32; at < n; at += 32) {
    // The last step overlaps the one before it rather than leaving a rest.
    found = _mm256_or_si256(found, NotPlainAscii(Load(p + (at + 32 > n ? n - 32 : at))));
  }
  return _mm256_movemask_epi8(found) == 0;
}

WINNOW_AVX512 bool HasControlAvx512(const uint8_t* p, size_t n) {
  uint64_t found = 0;
  for (size_t at = 0; at < n; at += 64) {
    const __m512i v = LoadUpTo64(p + at, n - at);
    const uint64_t controls = _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(9)) |
                              _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(0x1b));
    // Behind the end stand zeros.
    found |= n - at < 64 ? _bzhi_u64(controls, static_cast<uint32_t>(n - at)) : controls;
  }
  return found != 0;
}

#endif

}  // namespace

bool IsPlainAscii(const uint8_t* p, size_t n) {
#if defined(__x86_64__)
  if (n >= 32 && CpuHasAvx2()) return IsPlainAsciiAvx2(p, n);
#endif
  return AsciiPrefix(p, n) == n && !HasControl(p, n);
}

bool HasControl(const uint8_t* p, size_t n) {
  const auto is_control = [](uint8_t c) { return c < 9 || c == 0x1b; };
  size_t i = 0;
#if defined(__x86_64__)
  if (CpuHasAvx512()) return HasControlAvx512(p, n);
  if (n >= 16) {
    __m128i found = _mm_setzero_si128();
    for (;;) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i));
      found = _mm_or_si128(found, _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(8)), v),
                                               _mm_cmpeq_epi8(v, _mm_set1_epi8(0x1b))));
      if (i + 16 == n) break;
      // The last step overlaps the one before it rather than leaving a rest.
      i = i + 32 <= n ? i + 16 : n - 16;
    }
    return _mm_movemask_epi8(found) != 0;
  }
#endif
  for (; i < n; ++i) {
    if (is_control(p[i])) return true;
  }
  return false;
}

size_t Utf8PrefixPortable(const uint8_t* p, size_t n) {
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

size_t Utf8Prefix(const uint8_t* p, size_t n) {
  static const PrefixFunction prefix = PrefixFunctions().front();
  return prefix(p, n);
}

size_t Utf8PrefixWays() { return PrefixFunctions().size(); }
size_t Utf8PrefixWay(size_t way, const uint8_t* p, size_t n) {
  return PrefixFunctions()[way](p, n);
}

bool IsCutUtf8(const uint8_t* p, size_t n) {
  Utf8Decoder decoder;
  Character ignored;
  return n > 0 && n < kLongestSequence && decoder.Next(p, p + n, false, &ignored) == 0;
}

}  // namespace winnow::text
