#include "engine/text/shapes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "engine/base/append.h"
#include "engine/base/cpu.h"
#include "engine/text/fold_table.h"
#include "engine/text/shape_dismissal.h"
#include "engine/text/shape_places.h"
#include "engine/text/shape_window.h"
#include "engine/text/utf8.h"

namespace winnow::text {

bool IsOddSymbol(char32_t c) {
  if (c < 0x80) {
    return c == '#' || c == '$' || c == '%' || c == '*' || c == '\\' || c == '^';
  }
  switch (c) {
    case U'¬':
    case U'°':
    case U'±':
    case U'×':
    case U'÷':
      return false;
    case U'§':
    case U'¶':
    case U'†':
    case U'‡':
    case U'※':
      return true;
    default:
      break;
  }
  if (c >= 0x2190 && c < 0x2300) return false;  // arrows, mathematics
  return FoldTable::Get().char_class(c) == CharClass::kOther;
}

bool IsCountEnding(std::string_view number, std::string_view word) {
  if (word == "th") return true;
  if (word == "am" || word == "pm") return number.size() != 2 || number[0] <= '2';
  const char digit = number.back();
  return digit == '1' ? word == "st" : digit == '2' ? word == "nd" : digit == '3' && word == "rd";
}

namespace {

using shaping::BesideApostrophe;
using shaping::ClassOf;
using shaping::IsFirstOfTwo;
using shaping::IsHeldApart;
using shaping::IsLastSign;
using shaping::IsLeetByte;
using shaping::IsNearHan;
using shaping::IsProseMark;
using shaping::IsQuantity;
using shaping::kAt;
using shaping::kDigit;
using shaping::kHan;
using shaping::kLead2;
using shaping::kLead3;
using shaping::kLetterHigh;
using shaping::kLetterLow;
using shaping::kSign;

// What the bytes of a chunk of 64 are, a bit a byte.
struct Masks {
  uint64_t letters = 0;  // ASCII
  uint64_t digits = 0;
  uint64_t signs = 0;    // ! # $ % * @ \ ^ | ~
  uint64_t lead2 = 0;    // first bytes of letters of two bytes, about
  uint64_t lead3 = 0;    // of letters of three bytes other than ideographs, about
  uint64_t han = 0;      // first bytes of ideographs, about
  uint64_t triple = 0;   // an ASCII letter that the next two bytes repeat
  uint64_t symbols = 0;  // first bytes of symbols that are not ASCII, and of some that are none
};

// Looks at 66 bytes for what 64 of them are.
void ClassifyBytes(const char* p, Masks* masks) {
  *masks = {};
  for (int i = 0; i < 64; ++i) {
    const uint8_t c = static_cast<uint8_t>(p[i]);
    const uint8_t k = ClassOf(c);
    const uint64_t bit = uint64_t{1} << i;
    if (k & (kLetterLow | kLetterHigh)) {
      masks->letters |= bit;
      if (p[i + 1] == p[i] && p[i + 2] == p[i]) masks->triple |= bit;
    } else if (k & (kSign | kAt)) {
      if (c < 0x80) masks->signs |= bit;
    }
    if (k & kDigit) masks->digits |= bit;
    if (k & kLead2) masks->lead2 |= bit;
    if (k & kLead3) masks->lead3 |= bit;
    if (k & kHan) masks->han |= bit;
    if (shaping::BeginsSymbol(c)) masks->symbols |= bit;
  }
}

#if defined(__x86_64__)

WINNOW_AVX2 inline uint64_t Triples(const char* p, __m256i v) {
  const __m256i next = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 1));
  const __m256i after = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 2));
  return static_cast<uint32_t>(_mm256_movemask_epi8(
      _mm256_and_si256(_mm256_cmpeq_epi8(v, next), _mm256_cmpeq_epi8(v, after))));
}

WINNOW_AVX2 void ClassifyAvx2(const char* p, Masks* masks) {
  const shaping::Avx2Window window(p);
  masks->letters = window.AnyOf(kLetterLow | kLetterHigh);
  masks->digits = window.Of<kDigit>();
  masks->signs = window.AnyOf(kSign | kAt) & ~masks->letters;
  masks->lead3 = masks->lead2 = masks->han = masks->symbols = 0;
  if (window.any_wide()) {
    const uint64_t emoji = masks->signs & window.Wide();
    masks->signs &= ~emoji;
    masks->symbols = window.Symbols() | emoji;
    masks->lead3 = window.Of<kLead3>();
    masks->lead2 = window.Of<kLead2>();
    masks->han = window.Of<kHan>();
  }
  const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
  masks->triple = (Triples(p, a) | Triples(p + 32, b) << 32) & masks->letters;
}

#endif

// Bits of a stream of chunks moved towards its end or begin.
uint64_t Later(uint64_t now, uint64_t before, int n) { return now << n | before >> (64 - n); }
uint64_t Earlier(uint64_t now, uint64_t after, int n) { return now >> n | after << (64 - n); }

// From each bit of `starts`, through the run of `through` that begins there, to the first bit that
// is not in it. What runs out of the chunk goes on in the next by `carry`.
uint64_t Flood(uint64_t through, uint64_t starts, uint64_t* carry) {
  uint64_t sum;
  const bool first = __builtin_add_overflow(through, starts & through, &sum);
  const bool second = __builtin_add_overflow(sum, *carry, &sum);
  // A start outside `through` has arrived already.
  const uint64_t arrived = (sum & ~through) | (starts & ~through);
  *carry = first || second;
  return arrived;
}

class ShapeFinder {
 public:
  ShapeFinder(std::string_view folded, std::vector<Shape>* shapes)
      : folded_(folded), shapes_(shapes) {}

  // Where to put what the next chunk is; Judge() then judges the chunk before it.
  Masks* Next() {
    ++chunk_;
    return &words_[chunk_ % 3].masks;
  }

  void Judge() {
    Words& next = words_[chunk_ % 3];
    const Words& now = words_[(chunk_ + 2) % 3];
    const Words& before = words_[(chunk_ + 1) % 3];
    const Masks& m = now.masks;
    const Masks& n = next.masks;
    next.words = n.letters;
    next.han = n.han;
    if (n.lead2 | n.lead3 | n.han | m.lead2 | m.lead3 | m.han) {
      next.words |= n.lead2 | Later(n.lead2, m.lead2, 1) | n.lead3 | Later(n.lead3, m.lead3, 1) |
                    Later(n.lead3, m.lead3, 2);
      next.han |= Later(n.han, m.han, 1) | Later(n.han, m.han, 2);
    }
    if (chunk_ == 1) return;

    uint64_t tokens = m.triple;
    const uint64_t odd = m.digits | m.signs;
    if (odd) tokens |= LeetTokens(before, now, next, odd);
    uint64_t chains = 0;
    if (odd) {
      const uint64_t behind = Earlier(odd, n.digits | n.signs, 1) & Earlier(m.han, n.han, 2);
      chains = odd & Later(m.han, before.masks.han, 3) & (Earlier(m.han, n.han, 1) | behind);
    }
    if (m.symbols) {
      const uint64_t symbols = WithoutProseMarks(m.symbols);
      chains |= symbols & Later(m.han, before.masks.han, 3);
      tokens |= symbols & Later(m.letters, before.masks.letters, 1);
    }

    const uint64_t bound = now.words | m.digits;
    const uint64_t bound_before = before.words | before.masks.digits;
    const uint64_t bound_next = next.words | n.digits;
    const uint64_t free_before = ~Later(bound, bound_before, 1);
    Singles singles;
    singles.letters = m.letters & free_before & ~Earlier(bound, bound_next, 1);
    if (m.lead2 | m.lead3) {
      singles.lead2 = m.lead2 & free_before & ~Earlier(bound, bound_next, 2);
      singles.lead3 = m.lead3 & free_before & ~Earlier(bound, bound_next, 3);
    }
    Singles second;
    if (singles.all() | singles_.all() | carry_second_ | carry_third_) {
      const uint64_t through = ~(now.words | now.han);
      second = singles & Flood(through, Behind(singles, singles_), &carry_second_);
      chains |= WithoutApostrophes(second.letters);
      if (second.all() | second_.all() | carry_third_) {
        chains |= singles.all() & Flood(through, Behind(second, second_), &carry_third_);
      }
    }
    singles_ = singles;
    second_ = second;

    if (m.han | n.han | before.masks.han) {
      for (uint64_t bits = singles.letters; bits != 0; bits &= bits - 1) {
        if (IsNearHan(folded_, Base() + static_cast<size_t>(__builtin_ctzll(bits)))) {
          chains |= bits & -bits;
        }
      }
    }
    uint64_t alone = m.han & ~Later(m.han, before.masks.han, 3) & ~Earlier(m.han, n.han, 3);
    for (; alone != 0; alone &= alone - 1) {
      if (IsHeldApart(folded_, Base() + static_cast<size_t>(__builtin_ctzll(alone)))) {
        chains |= alone & -alone;
      }
    }

    const uint32_t base = Base();
    for (uint64_t found = tokens | chains; found != 0; found &= found - 1) {
      const uint32_t bit = static_cast<uint32_t>(__builtin_ctzll(found));
      const bool token = tokens >> bit & 1;
      Append(shapes_, Shape{base + bit, token ? Shape::Kind::kToken : Shape::Kind::kChain});
    }
  }

  // Judges the last chunk.
  void Finish() {
    *Next() = {};
    Judge();
  }

 private:
  struct Words {
    Masks masks;
    uint64_t words = 0;  // all bytes of letters
    uint64_t han = 0;    // all bytes of ideographs
  };
  struct Singles {
    uint64_t letters = 0, lead2 = 0, lead3 = 0;
    uint64_t all() const { return letters | lead2 | lead3; }
    Singles operator&(uint64_t mask) const { return {letters & mask, lead2 & mask, lead3 & mask}; }
  };

  // Bits just behind the singles.
  static uint64_t Behind(const Singles& now, const Singles& before) {
    return Later(now.letters, before.letters, 1) | Later(now.lead2, before.lead2, 2) |
           Later(now.lead3, before.lead3, 3);
  }

  // Where the chunk judged begins.
  uint32_t Base() const { return (chunk_ - 2) * 64; }

  uint64_t WithoutApostrophes(uint64_t letters) const {
    uint64_t kept = letters;
    for (; letters != 0; letters &= letters - 1) {
      if (BesideApostrophe(folded_, Base() + static_cast<size_t>(__builtin_ctzll(letters)))) {
        kept &= ~(letters & -letters);
      }
    }
    return kept;
  }

  uint64_t WithoutProseMarks(uint64_t symbols) const {
    uint64_t kept = symbols;
    for (; symbols != 0; symbols &= symbols - 1) {
      const size_t at = Base() + static_cast<size_t>(__builtin_ctzll(symbols));
      if (IsProseMark(folded_, at)) kept &= ~(symbols & -symbols);
    }
    return kept;
  }

  uint64_t LeetTokens(const Words& before, const Words& now, const Words& next,
                      uint64_t odd) const {
    const Masks& m = now.masks;
    const uint64_t odd_next = next.masks.digits | next.masks.signs;
    const auto letter_before = [&](int n) { return Later(m.letters, before.masks.letters, n); };
    const auto letter_after = [&](int n) { return Earlier(m.letters, next.masks.letters, n); };
    const uint64_t bound = now.words | m.digits;
    const uint64_t bound_before = before.words | before.masks.digits;
    const uint64_t bound_next = next.words | next.masks.digits;
    // p0rn, pu55y
    const uint64_t inside =
        odd & letter_before(1) & (letter_after(1) | (Earlier(odd, odd_next, 1) & letter_after(2)));
    // 4dult, $hit, 8uy, 34ch
    const uint64_t odd_after = Earlier(odd, odd_next, 1);
    uint64_t first = odd & ~Later(bound, bound_before, 1) & letter_after(2) &
                     (letter_after(1) | (odd_after & letter_after(3)));
    for (uint64_t bits = first; bits != 0; bits &= bits - 1) {
      const size_t at = Base() + static_cast<size_t>(__builtin_ctzll(bits));
      if (!IsLeetByte(folded_[at]) || IsQuantity(folded_, at)) first &= ~(bits & -bits);
    }
    const uint64_t ends = ~Earlier(bound, bound_next, 1);
    // 1n, 8e
    uint64_t two =
        odd & ~Later(bound, bound_before, 1) & letter_after(1) & ~Earlier(bound, bound_next, 2);
    for (uint64_t bits = two; bits != 0; bits &= bits - 1) {
      const size_t at = Base() + static_cast<size_t>(__builtin_ctzll(bits));
      if (!IsFirstOfTwo(folded_, at)) two &= ~(bits & -bits);
    }
    // casin0, drug$, fd4, vo73
    uint64_t last = odd & letter_before(1) & (letter_before(2) | ends) &
                    (ends | (odd_after & ~Earlier(bound, bound_next, 2)));
    for (uint64_t bits = last & ~(m.digits & letter_before(2)); bits != 0; bits &= bits - 1) {
      const size_t at = Base() + static_cast<size_t>(__builtin_ctzll(bits));
      if (!IsLastSign(folded_, at)) last &= ~(bits & -bits);
    }
    return inside | first | two | last | BesideHan(before, now, next);
  }

  // Digits with a single letter and ideographs beside them: "加3v", "v5信", "7g群".
  uint64_t BesideHan(const Words& before, const Words& now, const Words& next) const {
    const Masks& m = now.masks;
    if (!(m.han | before.masks.han | next.masks.han)) return 0;
    const uint64_t bound = now.words | m.digits;
    const uint64_t bound_before = before.words | before.masks.digits;
    const uint64_t ends_two = ~Earlier(bound, next.words | next.masks.digits, 2);
    const uint64_t letter = m.digits & Earlier(m.letters, next.masks.letters, 1) & ends_two;
    const uint64_t behind = m.digits & Later(m.letters, before.masks.letters, 1) &
                            ~Later(bound, bound_before, 2) & Earlier(m.han, next.masks.han, 1);
    uint64_t pairs = letter & ~Later(bound, bound_before, 1) & Earlier(m.han, next.masks.han, 2);
    for (uint64_t bits = pairs; bits != 0; bits &= bits - 1) {
      const size_t at = Base() + static_cast<size_t>(__builtin_ctzll(bits));
      if (!IsFirstOfPair(folded_[at])) pairs &= ~(bits & -bits);
    }
    return (letter & Later(m.han, before.masks.han, 3)) | behind | pairs;
  }

  const std::string_view folded_;
  std::vector<Shape>* const shapes_;
  Words words_[3];  // of the chunk last put in, the one judged with it, and the one before that
  uint32_t chunk_ = 0;
  Singles singles_, second_;  // of the chunk before
  uint64_t carry_second_ = 0, carry_third_ = 0;
};

template <void kClassify(const char*, Masks*)>
inline void Find(std::string_view folded, std::vector<Shape>* shapes) {
  ShapeFinder finder(folded, shapes);
  size_t at = 0;
  for (; at + 66 <= folded.size(); at += 64) {
    kClassify(folded.data() + at, finder.Next());
    finder.Judge();
  }
  char rest[192] = {};
  std::memcpy(rest, folded.data() + at, folded.size() - at);
  for (size_t i = 0; at + i < folded.size(); i += 64) {
    kClassify(rest + i, finder.Next());
    finder.Judge();
  }
  finder.Finish();
}

#if defined(__x86_64__)
// One function, so that all of it is made for the better instructions.
WINNOW_AVX2 __attribute__((flatten)) void FindAvx2(std::string_view folded,
                                                   std::vector<Shape>* shapes) {
  Find<ClassifyAvx2>(folded, shapes);
}
#endif

using Finder = void (*)(std::string_view, std::vector<Shape>*);

Finder BestFinder() {
#if defined(__x86_64__)
  if (CpuHasAvx2()) return FindAvx2;
#endif
  return Find<ClassifyBytes>;
}

}  // namespace

void FindShapes(std::string_view folded, std::vector<Shape>* shapes) {
  static const Finder find = BestFinder();
  if (!folded.empty() && !HasNoShape(folded)) find(folded, shapes);
}

void FindShapesPortable(std::string_view folded, std::vector<Shape>* shapes) {
  if (!folded.empty()) Find<ClassifyBytes>(folded, shapes);
}

}  // namespace winnow::text
