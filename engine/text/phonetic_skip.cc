#include "engine/text/phonetic_skip.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace winnow::text {
namespace {

constexpr size_t kChunk = 64;

// What the bytes of a chunk are, a bit a byte.
struct Masks {
  uint64_t letters = 0;  // lower-case ASCII
  uint64_t free = 0;     // letters that any other, or none, may follow where syllables are spelled
  uint64_t finals = 0;   // letters that begin a syllable's final: a e i o u v
  uint64_t zcs = 0;
  uint64_t h = 0;
  uint64_t iuv = 0;     // letters that begin no syllable
  uint64_t vowels = 0;  // a e i o u
  uint64_t wide = 0;    // first bytes of ideographs, and of others
};

// The same as bits of a byte, by letter.
constexpr uint8_t kLetter = 1, kFree = 2, kFinal = 4, kZcs = 8, kH = 16, kIuv = 32, kVowel = 64;
constexpr uint8_t ClassOf(char c) {
  if (c < 'a' || c > 'z') return 0;
  const auto is = [c](std::string_view of) { return of.find(c) != std::string_view::npos; };
  return static_cast<uint8_t>(kLetter | (is("aeioungrv") ? kFree : 0) |
                              (is("aeiouv") ? kFinal : 0) | (is("zcs") ? kZcs : 0) |
                              (c == 'h' ? kH : 0) | (is("iuv") ? kIuv : 0) |
                              (is("aeiou") ? kVowel : 0));
}

constexpr std::array<uint8_t, 32> kClasses = [] {
  std::array<uint8_t, 32> classes{};
  for (int i = 0; i < 32; ++i) classes[i] = ClassOf(static_cast<char>(0x60 + i));
  return classes;
}();

void ClassifyBytes(const char* p, Masks* masks) {
  *masks = {};
  for (size_t i = 0; i < kChunk; ++i) {
    const uint8_t byte = static_cast<uint8_t>(p[i]);
    const uint8_t k = byte >= 0x60 && byte < 0x80 ? kClasses[byte - 0x60] : 0;
    const uint64_t bit = uint64_t{1} << i;
    if (k & kLetter) masks->letters |= bit;
    if (k & kFree) masks->free |= bit;
    if (k & kFinal) masks->finals |= bit;
    if (k & kZcs) masks->zcs |= bit;
    if (k & kH) masks->h |= bit;
    if (k & kIuv) masks->iuv |= bit;
    if (k & kVowel) masks->vowels |= bit;
    if (byte >= 0xe3) masks->wide |= bit;
  }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) inline uint64_t BitOf(int shift, __m256i a, __m256i b) {
  const uint32_t low = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_slli_epi16(a, shift)));
  const uint32_t high = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_slli_epi16(b, shift)));
  return low | uint64_t{high} << 32;
}

__attribute__((target("avx2"))) inline __m256i Classes(__m256i v) {
  const __m256i first = _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(kClasses.data())));
  const __m256i second = _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(kClasses.data() + 16)));
  const __m256i high = _mm256_and_si256(v, _mm256_set1_epi8(static_cast<char>(0xf0)));
  const __m256i low = _mm256_and_si256(v, _mm256_set1_epi8(0x0f));
  const __m256i in_first = _mm256_cmpeq_epi8(high, _mm256_set1_epi8(0x60));
  const __m256i in_second = _mm256_cmpeq_epi8(high, _mm256_set1_epi8(0x70));
  return _mm256_or_si256(_mm256_and_si256(in_first, _mm256_shuffle_epi8(first, low)),
                         _mm256_and_si256(in_second, _mm256_shuffle_epi8(second, low)));
}

__attribute__((target("avx2"))) inline uint64_t Wide(__m256i a, __m256i b) {
  const __m256i least = _mm256_set1_epi8(static_cast<char>(0xe3));
  const uint32_t low =
      static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(a, least), a)));
  const uint32_t high =
      static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(b, least), b)));
  return low | uint64_t{high} << 32;
}

__attribute__((target("avx2"))) inline void ClassifyAvx2(const char* p, Masks* masks) {
  const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
  const __m256i ca = Classes(a), cb = Classes(b);
  masks->letters = BitOf(7, ca, cb);
  masks->free = BitOf(6, ca, cb);
  masks->finals = BitOf(5, ca, cb);
  masks->zcs = BitOf(4, ca, cb);
  masks->h = BitOf(3, ca, cb);
  masks->iuv = BitOf(2, ca, cb);
  masks->vowels = BitOf(1, ca, cb);
  masks->wide = Wide(a, b);
}
#endif

// Where the runs of `letters` end, in the byte behind them, that hold none of `bad`. `begins`: the
// runs' first bits. A carry that begins with a run passes through it unless a bad bit stops it.
uint64_t EndsWithout(uint64_t bad, uint64_t letters, uint64_t begins) {
  const uint64_t rest = letters & ~bad;
  return (rest + (begins & rest)) & ~letters;
}

// Of a chunk at which no run is cut at its begin: the ends of runs, and the ideographs, that
// matter.
uint64_t Sounds(const Masks& m) {
  const uint64_t begins = m.letters & ~(m.letters << 1);
  const uint64_t follows = m.finals >> 1 | (m.zcs & m.h >> 1);
  const uint64_t bad = (m.letters & ~m.free & ~follows) | (begins & m.iuv);
  const uint64_t single = (begins & ~(m.letters >> 1)) << 1;
  return EndsWithout(bad, m.letters, begins) |
         (EndsWithout(m.vowels, m.letters, begins) & ~single) | m.wide;
}

bool IsLetter(char c) { return static_cast<uint8_t>(c - 'a') < 26; }
bool IsDigit(char c) { return static_cast<uint8_t>(c - '0') < 10; }

// Where the letters or digits begin that end before `end`.
size_t TokenBegin(std::string_view text, size_t at, size_t end) {
  size_t begin = end;
  if (begin > at && IsLetter(text[begin - 1])) {
    while (begin > at && IsLetter(text[begin - 1])) --begin;
  } else {
    while (begin > at && IsDigit(text[begin - 1])) --begin;
  }
  return begin;
}

template <void (*Classify)(const char*, Masks*)>
inline size_t Next(std::string_view text, size_t at) {
  while (at < text.size()) {
    Masks masks;
    const size_t size = std::min(kChunk, text.size() - at);
    if (size == kChunk) {
      Classify(text.data() + at, &masks);
    } else {
      char padded[kChunk] = {};
      std::memcpy(padded, text.data() + at, size);
      Classify(padded, &masks);
    }
    const uint64_t sounds = Sounds(masks);
    // A run of all the chunk carries out of it.
    if (sounds != 0) {
      return TokenBegin(text, at, at + static_cast<size_t>(std::countr_zero(sounds)));
    }
    // A run of letters or digits at the end may go on.
    size_t end = at + size;
    if (size == kChunk) {
      const size_t cut = TokenBegin(text, at, end);
      if (cut > at) {
        end = cut;
      } else {
        while (end < text.size() &&
               (IsLetter(text[end - 1]) ? IsLetter(text[end]) : IsDigit(text[end]))) {
          ++end;
        }
        // What touches an ideograph is shown however long the run before it is: see there.
        if (end < text.size() && static_cast<uint8_t>(text[end]) >= 0xe3) return at;
      }
    }
    at = end;
  }
  return text.size();
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi"), flatten)) size_t NextAvx2(std::string_view text, size_t at) {
  return Next<ClassifyAvx2>(text, at);
}
#endif

using Finder = size_t (*)(std::string_view, size_t);

Finder BestFinder() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")) return NextAvx2;
#endif
  return Next<ClassifyBytes>;
}

}  // namespace

size_t NextSound(std::string_view folded, size_t at) {
  static const Finder find = BestFinder();
  return find(folded, at);
}

size_t NextSoundPortable(std::string_view folded, size_t at) {
  return Next<ClassifyBytes>(folded, at);
}

}  // namespace winnow::text
