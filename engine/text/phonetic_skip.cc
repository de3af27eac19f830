#include "engine/text/phonetic_skip.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "engine/base/cpu.h"
#include "engine/base/wide_load.h"
#include "engine/text/phonetic_chance.h"
#include "engine/text/phonetic_table.h"
#include "engine/text/phonetic_text.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace winnow::text {
namespace {

using sounding::IsDigit;
using sounding::IsLetter;

constexpr size_t kChunk = 64;

// What the bytes of a chunk are, a bit a byte.
struct Masks {
  uint64_t letters = 0;  // lower-case ASCII
  uint64_t digits = 0;
  uint64_t free = 0;    // letters that any other, or none, may follow where syllables are spelled
  uint64_t finals = 0;  // letters that begin a syllable's final: a e i o u v
  uint64_t zcs = 0;
  uint64_t h = 0;
  uint64_t iuv = 0;     // letters that begin no syllable
  uint64_t vowels = 0;  // a e i o u
  uint64_t e = 0, o = 0, n = 0, g = 0, r = 0, v = 0;
  uint64_t before_o = 0;  // what "o" may follow as the last of a syllable: b p m f w y l u a i
  uint64_t bpfw = 0;      // letters that "e" follows only as "ei" or "en"
  uint64_t wide = 0;      // first bytes of ideographs, and of others
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

// And more of it.
constexpr uint8_t kE = 1, kO = 2, kN = 4, kG = 8, kR = 16, kV = 32, kBeforeO = 64, kBpfw = 128;
constexpr uint8_t PairClassOf(char c) {
  const auto is = [c](std::string_view of) { return of.find(c) != std::string_view::npos; };
  return static_cast<uint8_t>((c == 'e' ? kE : 0) | (c == 'o' ? kO : 0) | (c == 'n' ? kN : 0) |
                              (c == 'g' ? kG : 0) | (c == 'r' ? kR : 0) | (c == 'v' ? kV : 0) |
                              (is("bpmfwyluai") ? kBeforeO : 0) | (is("bpfw") ? kBpfw : 0));
}

// By the low five bits of a letter.
template <uint8_t (*kClassOf)(char)>
constexpr std::array<uint8_t, 32> ClassTable() {
  std::array<uint8_t, 32> classes{};
  for (int i = 0; i < 32; ++i) classes[i] = kClassOf(static_cast<char>(0x60 + i));
  return classes;
}
constexpr std::array<uint8_t, 32> kClasses = ClassTable<ClassOf>();
constexpr std::array<uint8_t, 32> kPairClasses = ClassTable<PairClassOf>();

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
    const uint8_t pair = byte >= 0x60 && byte < 0x80 ? kPairClasses[byte - 0x60] : 0;
    if (pair & kE) masks->e |= bit;
    if (pair & kO) masks->o |= bit;
    if (pair & kN) masks->n |= bit;
    if (pair & kG) masks->g |= bit;
    if (pair & kR) masks->r |= bit;
    if (pair & kV) masks->v |= bit;
    if (pair & kBeforeO) masks->before_o |= bit;
    if (pair & kBpfw) masks->bpfw |= bit;
    if (byte >= 0xe3) masks->wide |= bit;
    if (IsDigit(p[i])) masks->digits |= bit;
  }
}

#if defined(__x86_64__)
WINNOW_AVX2 inline uint64_t BitOf(int shift, __m256i a, __m256i b) {
  const uint32_t low = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_slli_epi16(a, shift)));
  const uint32_t high = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_slli_epi16(b, shift)));
  return low | uint64_t{high} << 32;
}

WINNOW_AVX2 inline __m256i Classes(const std::array<uint8_t, 32>& table, __m256i v) {
  const __m256i first =
      _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
  const __m256i second = _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data() + 16)));
  const __m256i high = _mm256_and_si256(v, _mm256_set1_epi8(static_cast<char>(0xf0)));
  const __m256i low = _mm256_and_si256(v, _mm256_set1_epi8(0x0f));
  const __m256i in_first = _mm256_cmpeq_epi8(high, _mm256_set1_epi8(0x60));
  const __m256i in_second = _mm256_cmpeq_epi8(high, _mm256_set1_epi8(0x70));
  return _mm256_or_si256(_mm256_and_si256(in_first, _mm256_shuffle_epi8(first, low)),
                         _mm256_and_si256(in_second, _mm256_shuffle_epi8(second, low)));
}

WINNOW_AVX2 inline uint64_t Wide(__m256i a, __m256i b) {
  const __m256i least = _mm256_set1_epi8(static_cast<char>(0xe3));
  const uint32_t low =
      static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(a, least), a)));
  const uint32_t high =
      static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(b, least), b)));
  return low | uint64_t{high} << 32;
}

WINNOW_AVX2 inline uint32_t Digits(__m256i v) {
  const __m256i from_zero = _mm256_sub_epi8(v, _mm256_set1_epi8('0'));
  return static_cast<uint32_t>(_mm256_movemask_epi8(
      _mm256_cmpeq_epi8(_mm256_min_epu8(from_zero, _mm256_set1_epi8(9)), from_zero)));
}

WINNOW_AVX2 inline void ClassifyAvx2(const char* p, Masks* masks) {
  const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
  const __m256i ca = Classes(kClasses, a), cb = Classes(kClasses, b);
  masks->letters = BitOf(7, ca, cb);
  masks->free = BitOf(6, ca, cb);
  masks->finals = BitOf(5, ca, cb);
  masks->zcs = BitOf(4, ca, cb);
  masks->h = BitOf(3, ca, cb);
  masks->iuv = BitOf(2, ca, cb);
  masks->vowels = BitOf(1, ca, cb);
  const __m256i pa = Classes(kPairClasses, a), pb = Classes(kPairClasses, b);
  masks->e = BitOf(7, pa, pb);
  masks->o = BitOf(6, pa, pb);
  masks->n = BitOf(5, pa, pb);
  masks->g = BitOf(4, pa, pb);
  masks->r = BitOf(3, pa, pb);
  masks->v = BitOf(2, pa, pb);
  masks->before_o = BitOf(1, pa, pb);
  masks->bpfw = BitOf(0, pa, pb);
  masks->wide = Wide(a, b);
  masks->digits = Digits(a) | uint64_t{Digits(b)} << 32;
}

// The classes of all ASCII.
constexpr std::array<uint8_t, 128> AsciiTable(const std::array<uint8_t, 32>& classes) {
  std::array<uint8_t, 128> out{};
  for (size_t i = 0; i < classes.size(); ++i) out[0x60 + i] = classes[i];
  return out;
}
alignas(64) constexpr std::array<uint8_t, 128> kAsciiClasses = AsciiTable(kClasses);
alignas(64) constexpr std::array<uint8_t, 128> kAsciiPairClasses = AsciiTable(kPairClasses);

WINNOW_AVX512 inline __m512i ClassesOf(const std::array<uint8_t, 128>& table, __m512i v) {
  return _mm512_maskz_permutex2var_epi8(~_mm512_movepi8_mask(v), _mm512_load_si512(table.data()), v,
                                        _mm512_load_si512(table.data() + 64));
}

// Of `size` bytes, as if NULs followed.
WINNOW_AVX512 inline void ClassifyAvx512(const char* p, size_t size, Masks* masks) {
  const __m512i v = LoadUpTo64(p, size);
  const auto with = [](__m512i c, uint8_t bit) WINNOW_AVX512_INLINE {
    return _mm512_test_epi8_mask(c, _mm512_set1_epi8(static_cast<char>(bit)));
  };
  const __m512i c = ClassesOf(kAsciiClasses, v), pair = ClassesOf(kAsciiPairClasses, v);
  masks->letters = with(c, kLetter);
  masks->free = with(c, kFree);
  masks->finals = with(c, kFinal);
  masks->zcs = with(c, kZcs);
  masks->h = with(c, kH);
  masks->iuv = with(c, kIuv);
  masks->vowels = with(c, kVowel);
  masks->e = with(pair, kE);
  masks->o = with(pair, kO);
  masks->n = with(pair, kN);
  masks->g = with(pair, kG);
  masks->r = with(pair, kR);
  masks->v = with(pair, kV);
  masks->before_o = with(pair, kBeforeO);
  masks->bpfw = with(pair, kBpfw);
  masks->wide = _mm512_cmpge_epu8_mask(v, _mm512_set1_epi8(static_cast<char>(0xe3)));
  masks->digits =
      _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8('0')), _mm512_set1_epi8(10));
}
#endif

// Where the runs of `letters` end, in the byte behind them, that hold none of `bad`. `begins`: the
// runs' first bits. A carry that begins with a run passes through it unless a bad bit stops it.
uint64_t EndsWithout(uint64_t bad, uint64_t letters, uint64_t begins) {
  const uint64_t rest = letters & ~bad;
  return (rest + (begins & rest)) & ~letters;
}

// Of a chunk at which no run is cut at its begin: the ends of runs that matter.
uint64_t WordEnds(const Masks& m) {
  const uint64_t begins = m.letters & ~(m.letters << 1);
  const uint64_t final_next = m.finals >> 1;
  const uint64_t free = (m.letters & m.free & ~(m.g | m.r | m.n)) | (m.g & m.n << 1) |
                        (m.r & m.e << 1) | (m.n & m.vowels << 1);
  const uint64_t iu = m.iuv & ~m.v;
  const uint64_t odd = (m.v & m.vowels << 1) | (m.o & ~(m.before_o << 1) & ~((m.n | iu) >> 1)) |
                       (m.e & m.bpfw << 1 & ~((m.n | iu) >> 1));
  const uint64_t bad =
      (m.letters & ~free & ~(final_next | (m.zcs & m.h >> 1))) | (begins & m.iuv) | odd;
  const uint64_t single = (begins & ~(m.letters >> 1)) << 1;
  return EndsWithout(bad, m.letters, begins) | (EndsWithout(m.vowels, m.letters, begins) & ~single);
}

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

// Whether [begin, end) is a word that the view may show, or something hangs on: not one that spells
// no syllables, and not one syllable or one English word among words that are none.
// `chunk` holds the word.
bool MayShow(std::string_view text, size_t begin, size_t end, const SoundChunk& chunk) {
  static const PhoneticTable& table = PhoneticTable::Get();
  const auto spells = [&](size_t from, size_t to) {
    uint8_t state = PhoneticTable::kSpellBegin;
    for (size_t i = from; i < to && state != PhoneticTable::kSpellsNothing; ++i) {
      state = table.Step(state, text[i]);
    }
    return table.Ends(state);
  };
  const std::string_view word = text.substr(begin, end - begin);
  const bool english = IsEnglish(word);
  if (!english && !spells(begin, end)) {
    const uint64_t letters = ~(~uint64_t{0} << (end - begin)) << (begin - chunk.begin);
    return (chunk.vowels & letters) == 0;
  }
  const bool one = table.IsSyllable(word);
  if (one ? table.SplitOf(word) != 0 : !english || BesideIdeograph(text, begin, end)) return true;
  if (end == text.size()) return false;
  const char c = text[end];
  if (c == ',' || c == ';' || c == ':' || c == '!' || c == '?') return false;
  if (c == '.') return end + 1 < text.size() && text[end + 1] != ' ';
  if (c != ' ') return true;
  size_t next = end + 1;
  if (next >= chunk.end) {
    while (next < text.size() && IsLetter(text[next])) ++next;
  } else {
    next += static_cast<size_t>(std::countr_one(chunk.letters >> (next - chunk.begin)));
  }
  // Single letters may be the rest of it.
  if (next < end + 3) return true;
  if (next < text.size() && static_cast<uint8_t>(text[next]) >= 0x80) return true;
  if (next < chunk.end && next < chunk.begin + kChunk &&
      (chunk.words >> (next - chunk.begin) & 1) == 0) {
    return false;
  }
  const auto is_vowel = [](char of) { return (ClassOf(of) & kVowel) != 0; };
  return spells(end + 1, next) || std::none_of(&text[end] + 1, &text[end] + (next - end), is_vowel);
}

// Classifies up to kChunk bytes, what is missing as if NULs followed.
template <void (*Classify)(const char*, Masks*)>
void ClassifyPadded(const char* p, size_t size, Masks* masks) {
  char padded[kChunk];
  if (size < kChunk) {
    std::memset(padded, 0, sizeof padded);
    std::memcpy(padded, p, size);
    p = padded;
  }
  Classify(p, masks);
}

// Looks at a chunk from `at` on.
template <void (*Classify)(const char*, size_t, Masks*)>
inline void Look(std::string_view text, size_t at, SoundChunk* chunk) {
  const size_t size = std::min(text.size() - at, kChunk);
  Masks masks;
  Classify(text.data() + at, size, &masks);
  *chunk = {at, at + size, WordEnds(masks), masks.wide, masks.letters, masks.vowels};
  if (size < kChunk) return;
  // A run of letters or digits at the end may go on.
  const int run = std::max(std::countl_one(masks.letters), std::countl_one(masks.digits));
  if (run < static_cast<int>(kChunk)) {
    chunk->end -= run;
    return;
  }
  size_t end = chunk->end;
  while (end < text.size() &&
         (IsLetter(text[end - 1]) ? IsLetter(text[end]) : IsDigit(text[end]))) {
    ++end;
  }
  chunk->end = end;
  // What touches an ideograph is shown however long the run before it is: see there.
  if (end < text.size() && static_cast<uint8_t>(text[end]) >= 0xe3) chunk->ideographs |= 1;
}

template <void (*Classify)(const char*, size_t, Masks*)>
inline size_t Next(std::string_view text, size_t at, SoundChunk* chunk) {
  while (at < text.size()) {
    if (at >= chunk->end) Look<Classify>(text, at, chunk);
    const uint64_t rest = at - chunk->begin < kChunk ? ~uint64_t{0} << (at - chunk->begin) : 0;
    const uint64_t found = (chunk->words & rest & rest << 1) | (chunk->ideographs & rest);
    if (found == 0) {
      at = chunk->end;
      continue;
    }
    const size_t end = chunk->begin + static_cast<size_t>(std::countr_zero(found));
    const uint64_t bit = found & -found;
    if (chunk->ideographs & bit) return TokenBegin(text, at, end);
    const uint64_t others = ~chunk->letters & (bit - 1);
    const size_t begin = chunk->begin + (64 - static_cast<size_t>(std::countl_zero(others)));
    if (MayShow(text, begin, end, *chunk)) return begin;
    at = end;
  }
  return text.size();
}

#if defined(__x86_64__)
WINNOW_AVX2 __attribute__((flatten)) size_t NextAvx2(std::string_view text, size_t at,
                                                     SoundChunk* chunk) {
  return Next<ClassifyPadded<ClassifyAvx2>>(text, at, chunk);
}

WINNOW_AVX512 __attribute__((flatten)) size_t NextAvx512(std::string_view text, size_t at,
                                                         SoundChunk* chunk) {
  return Next<ClassifyAvx512>(text, at, chunk);
}
#endif

using Finder = size_t (*)(std::string_view, size_t, SoundChunk*);

Finder BestFinder() {
#if defined(__x86_64__)
  if (CpuHasAvx512()) return NextAvx512;
  if (CpuHasAvx2()) return NextAvx2;
#endif
  return Next<ClassifyPadded<ClassifyBytes>>;
}

}  // namespace

size_t NextSound(std::string_view folded, size_t at, SoundChunk* chunk) {
  static const Finder find = BestFinder();
  return find(folded, at, chunk);
}

size_t NextSoundPortable(std::string_view folded, size_t at, SoundChunk* chunk) {
  return Next<ClassifyPadded<ClassifyBytes>>(folded, at, chunk);
}

}  // namespace winnow::text
