#include "engine/text/shapes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "engine/text/fold_table.h"
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

// The classes of bytes as bits, chosen so that each is a set of high nibbles times a set of low
// ones: two look-ups by nibble tell them. '@' shares its bit with 'p', with capitals, which no
// folded view has, and with the first byte of emoji.
constexpr uint8_t kLetterLow = 1, kLetterHigh = 2, kDigit = 4, kSign = 8, kAt = 16, kLead3 = 32,
                  kLead2 = 64, kHan = 128;

constexpr std::array<uint8_t, 16> kByHigh = {
    0, 0, kSign, kDigit, kAt,    kAt,    kLetterLow,    kLetterHigh | kAt,
    0, 0, 0,     0,      kLead2, kLead2, kLead3 | kHan, kAt};

constexpr std::array<uint8_t, 16> kByLow = [] {
  std::array<uint8_t, 16> by{};
  for (int low = 0; low < 16; ++low) {
    if (low >= 1) by[low] |= kLetterLow;
    if (low <= 10) by[low] |= kLetterHigh;
    if (low <= 9) by[low] |= kDigit;
    if (low == 1 || (low >= 3 && low <= 5) || low == 10) by[low] |= kSign;
    if (low == 0 || low == 12 || low == 14) by[low] |= kAt;
    if (low <= 1 || (low >= 10 && low <= 13)) by[low] |= kLead3;
    if (low != 2) by[low] |= kLead2;  // U+0080..U+00BF are signs
    if (low >= 4 && low <= 9) by[low] |= kHan;
  }
  return by;
}();

// True for bytes that begin signs beyond ASCII: in U+0080..U+00BF, U+2000..U+2FFF, or beyond
// U+FFFF.
constexpr bool BeginsSymbol(uint8_t byte) { return (byte & 0xdf) == 0xc2 || byte == 0xf0; }

// Of the bytes that begin signs, those of quotation marks, dashes and their like, which prose has.
bool IsProseMark(std::string_view folded, size_t at) {
  if (at + 2 >= folded.size() || folded[at] != '\xe2' || folded[at + 1] != '\x80') return false;
  const char third = folded[at + 2];
  return third != '\xa0' && third != '\xa1' && third != '\xa2' && third != '\xbb';  // †‡•※
}
bool IsQuotationMark(std::string_view folded, size_t at) {
  return at + 2 < folded.size() && folded[at] == '\xe2' && folded[at + 1] == '\x80' &&
         static_cast<uint8_t>(folded[at + 2]) - 0x98u < 8;
}

// What stands for a letter among letters.
constexpr bool IsLeetByte(char c) {
  return static_cast<uint8_t>(c - '0') < 10 || c == '!' || c == '$' || c == '@';
}

// True for a number of two digits at most at `at` with what is ordinarily counted: "5pm", "24hrs".
bool IsQuantity(std::string_view folded, size_t at) {
  const auto is_digit = [&](size_t i) {
    return i < folded.size() && static_cast<uint8_t>(folded[i] - '0') < 10;
  };
  const auto is_letter = [&](size_t i) {
    return i < folded.size() && static_cast<uint8_t>(folded[i] - 'a') < 26;
  };
  if (!is_digit(at)) return false;
  const size_t begin = is_digit(at + 1) ? at + 2 : at + 1;
  size_t end = begin;
  while (end < begin + 4 && is_letter(end)) ++end;
  const std::string_view word = folded.substr(begin, end - begin);
  if (word.size() == 2) {
    static constexpr std::string_view kUnits[] = {"kg", "km", "cm", "mm", "ml", "mg",
                                                  "gb", "mb", "tb", "px", "ft", "in",
                                                  "hr", "yr", "ms", "hz", "kw", "oz"};
    return IsCountEnding(folded.substr(at, begin - at), word) ||
           std::find(std::begin(kUnits), std::end(kUnits), word) != std::end(kUnits);
  }
  return word == "hrs" || word == "min" || word == "day" || word == "lbs" || word == "pcs";
}

// True when a word of two letters or more stands before or behind [begin, end), over a space.
bool IsAmidWords(std::string_view folded, size_t begin, size_t end) {
  const auto is_letter = [&](size_t i) { return static_cast<uint8_t>(folded[i] - 'a') < 26; };
  return (begin >= 3 && folded[begin - 1] == ' ' && is_letter(begin - 2) && is_letter(begin - 3)) ||
         (end + 2 < folded.size() && folded[end] == ' ' && is_letter(end + 1) &&
          is_letter(end + 2));
}

// True for what may stand for a letter at the end of a word: "u$", "fd@", "vis!7"; behind a single
// letter amid words or behind a dot also a digit, "m3", "t.m3".
bool IsLastSign(std::string_view folded, size_t at) {
  const char c = folded[at];
  if (c == '$' || c == '@') return true;
  const auto is_digit = [](char d) { return static_cast<uint8_t>(d - '0') < 10; };
  if (c == '!') return at + 1 < folded.size() && is_digit(folded[at + 1]);
  if (!is_digit(c)) return false;
  const bool dotted = at >= 3 && (folded[at - 2] == '.' || folded[at - 2] == '-') &&
                      static_cast<uint8_t>(folded[at - 3] - 'a') < 26;
  return dotted || IsAmidWords(folded, at - 1, at + 1);
}

// True for a digit before a single letter that may be a short word amid others: "1n", "8e".
bool IsFirstOfTwo(std::string_view folded, size_t at) {
  return static_cast<uint8_t>(folded[at] - '0') < 10 && at + 1 < folded.size() &&
         std::string_view("efnorsty").find(folded[at + 1]) != std::string_view::npos &&
         IsAmidWords(folded, at, at + 2);
}

// True for what may hold ideographs apart; ordinary punctuation is none.
bool HoldsApart(std::string_view folded, size_t at) {
  static constexpr std::array<bool, 128> kHolds = [] {
    std::array<bool, 128> holds{};
    for (char c : std::string_view("\t\n\r #$%&*+-./<=>@\\^_`|~")) {
      holds[static_cast<uint8_t>(c)] = true;
    }
    return holds;
  }();
  const uint8_t c = static_cast<uint8_t>(folded[at]);
  return c < 0x80 ? kHolds[c] : BeginsSymbol(c) && !IsQuotationMark(folded, at);
}

// True when an ideograph at `at` has a space or symbol beside it that may hold it apart from
// others.
bool IsHeldApart(std::string_view folded, size_t at) {
  if (at + 3 < folded.size() && HoldsApart(folded, at + 3)) return true;
  return at > 0 && HoldsApart(folded, StepBack(folded, at));
}

// True for a letter in "it's", "I'm".
bool BesideApostrophe(std::string_view folded, size_t at) {
  return (at > 0 && folded[at - 1] == '\'') || (at + 1 < folded.size() && folded[at + 1] == '\'');
}

// True when ideographs stand on a side of the letter at `at` over one to three bytes.
bool IsNearHan(std::string_view folded, size_t at) {
  const auto begins_han = [&](size_t i) {
    const uint8_t c = static_cast<uint8_t>(folded[i]);
    return (kByHigh[c >> 4] & kByLow[c & 15] & kHan) != 0;
  };
  const auto is_word = [&](size_t i) {
    const uint8_t c = static_cast<uint8_t>(folded[i]);
    return (kByHigh[c >> 4] & kByLow[c & 15] & (kLetterLow | kLetterHigh | kDigit)) != 0;
  };
  if (at + 1 < folded.size() && HoldsApart(folded, at + 1)) {
    for (size_t i = at + 2; i <= at + 4 && i < folded.size(); ++i) {
      if (begins_han(i)) return true;
      if (is_word(i)) break;
    }
  }
  for (size_t gap = 1; gap <= 3 && at >= gap + 3; ++gap) {
    if (is_word(at - gap)) break;
    if (begins_han(at - gap - 3)) return HoldsApart(folded, at - gap);
  }
  return false;
}

// Looks at 66 bytes for what 64 of them are.
void ClassifyBytes(const char* p, Masks* masks) {
  *masks = {};
  for (int i = 0; i < 64; ++i) {
    const uint8_t c = static_cast<uint8_t>(p[i]);
    const uint8_t k = kByHigh[c >> 4] & kByLow[c & 15];
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
    if (BeginsSymbol(c)) masks->symbols |= bit;
  }
}

#if defined(__x86_64__)

template <int kBit>
__attribute__((target("avx2"))) inline uint64_t BitOf(__m256i a, __m256i b) {
  // Shifting across bytes is harmless: only each byte's own top bit is read.
  const uint32_t low = _mm256_movemask_epi8(_mm256_slli_epi16(a, 7 - kBit));
  const uint32_t high = _mm256_movemask_epi8(_mm256_slli_epi16(b, 7 - kBit));
  return low | uint64_t{high} << 32;
}

__attribute__((target("avx2"))) inline __m256i Classes(__m256i v) {
  const __m256i by_high = _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(kByHigh.data())));
  const __m256i by_low =
      _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(kByLow.data())));
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble);
  const __m256i low = _mm256_and_si256(v, nibble);
  return _mm256_and_si256(_mm256_shuffle_epi8(by_high, high), _mm256_shuffle_epi8(by_low, low));
}

// First bytes of U+0080..U+00BF and U+2000..U+2FFF.
__attribute__((target("avx2"))) inline uint32_t Symbols(__m256i v) {
  const __m256i shared = _mm256_and_si256(v, _mm256_set1_epi8(static_cast<char>(0xdf)));
  return static_cast<uint32_t>(
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(shared, _mm256_set1_epi8(static_cast<char>(0xc2)))));
}

// Bytes that are not ASCII.
__attribute__((target("avx2"))) inline uint64_t Wide(__m256i a, __m256i b) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(a)) |
         uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(b))} << 32;
}

__attribute__((target("avx2"))) inline uint64_t Triples(const char* p, __m256i v) {
  const __m256i next = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 1));
  const __m256i after = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 2));
  return static_cast<uint32_t>(_mm256_movemask_epi8(
      _mm256_and_si256(_mm256_cmpeq_epi8(v, next), _mm256_cmpeq_epi8(v, after))));
}

// What 64 bytes are, save what is three times.
__attribute__((target("avx2"))) inline void ClassifyWindow(const char* p, Masks* masks) {
  const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
  const __m256i ka = Classes(a), kb = Classes(b);
  masks->letters = BitOf<0>(ka, kb) | BitOf<1>(ka, kb);
  masks->digits = BitOf<2>(ka, kb);
  masks->signs = (BitOf<3>(ka, kb) | BitOf<4>(ka, kb)) & ~masks->letters;
  if (_mm256_movemask_epi8(_mm256_or_si256(a, b)) == 0) {
    masks->lead3 = masks->lead2 = masks->han = masks->symbols = 0;
    return;
  }
  const uint64_t emoji = masks->signs & Wide(a, b);
  masks->signs &= ~emoji;
  masks->symbols = Symbols(a) | uint64_t{Symbols(b)} << 32 | emoji;
  masks->lead3 = BitOf<5>(ka, kb);
  masks->lead2 = BitOf<6>(ka, kb);
  masks->han = BitOf<7>(ka, kb);
}

__attribute__((target("avx2"))) void ClassifyAvx2(const char* p, Masks* masks) {
  ClassifyWindow(p, masks);
  const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
  masks->triple = (Triples(p, a) | Triples(p + 32, b) << 32) & masks->letters;
}

// True for each byte that has one of the classes `of`.
__attribute__((target("avx2"))) inline uint64_t AnyOf(uint8_t of, __m256i a, __m256i b) {
  const __m256i classes = _mm256_set1_epi8(static_cast<char>(of));
  const __m256i zero = _mm256_setzero_si256();
  const uint32_t low = static_cast<uint32_t>(
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(a, classes), zero)));
  const uint32_t high = static_cast<uint32_t>(
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(b, classes), zero)));
  return ~(low | uint64_t{high} << 32);
}

// Shows of most texts that they have no shape, for a fraction of what finding costs. Looks through
// windows that overlap by what surrounds a place judged, so that no window needs to know of
// another: only how many single letters or ideographs in a row there were is remembered.
class Dismissal {
 public:
  // False when there may be a shape.
  __attribute__((target("avx2,bmi,bmi2"))) bool Run(std::string_view folded) {
    folded_ = folded;
    if (folded.size() < kWindow) {
      char window[kWindow] = {};
      std::memcpy(window, folded.data(), folded.size());
      return Dismiss(window, 0, 0, kWindow) && !AnyDoubtful();
    }
    while (at_ + kWindow < folded.size()) {
      if (!RunOn() || AnyDoubtful()) return false;
    }
    const size_t last = folded.size() - kWindow;
    return Dismiss(folded.data() + last, last, judged_ + (at_ - last), kWindow) && !AnyDoubtful();
  }

 private:
  // What a place looks at on either side of it: the letter of three bytes before it, and behind.
  static constexpr size_t kBeside = 4;
  static constexpr size_t kWindow = 64;

  // Dismisses windows until one has something doubtful, which this loop must not stop to look at:
  // a call in it would cost the registers. False when there may be a shape.
  __attribute__((target("avx2,bmi,bmi2"), noinline)) bool RunOn() {
    const std::string_view folded = folded_;
    size_t at = at_, judged = judged_;
    bool dismissed = true;
    do {
      dismissed = Dismiss(folded.data() + at, at, judged, kWindow - kBeside);
      at += kWindow - 2 * kBeside;
      judged = kBeside;
    } while (dismissed && !doubtful_ && at + kWindow < folded.size());
    at_ = at;
    judged_ = judged;
    return dismissed;
  }

  // Judges the bytes [from, to) of the 64 at `p`, which are those at `base` of the text.
  __attribute__((target("avx2,bmi,bmi2"))) inline bool Dismiss(const char* p, size_t base,
                                                               size_t from, size_t to) {
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
    const __m256i ka = Classes(a), kb = Classes(b);
    const uint64_t letters = AnyOf(kLetterLow | kLetterHigh, ka, kb);
    uint64_t odd = AnyOf(kDigit | kSign | kAt, ka, kb) & ~letters;
    const uint64_t wide = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(a, b)));

    // Bytes that the next one repeats; of the second half, those that repeat the one before.
    const uint32_t repeated = static_cast<uint32_t>(_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(a, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 1)))));
    const uint32_t repeats = static_cast<uint32_t>(_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(b, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 31)))));
    const uint64_t twice = repeated | uint64_t{repeats} << 31;
    if (twice & twice >> 1 & letters) return false;

    const uint64_t judged = ~uint64_t{0} >> (64 - to) & ~uint64_t{0} << from;
    // All bytes of letters, later of digits too.
    uint64_t bound = letters, lead2 = 0, lead3 = 0, ideographs = 0;
    if (wide) {
      lead3 = BitOf<5>(ka, kb);
      lead2 = BitOf<6>(ka, kb);
      ideographs = BitOf<7>(ka, kb);
      bound |= lead2 | lead2 << 1 | lead3 | lead3 << 1 | lead3 << 2;
      const uint64_t emoji = odd & Wide(a, b);
      odd &= ~emoji;
      if (odd & ideographs << 3 & (ideographs >> 1 | (odd >> 1 & ideographs >> 2)) & judged) {
        return false;
      }
      const uint64_t symbols = (Symbols(a) | uint64_t{Symbols(b)} << 32 | emoji) & judged &
                               (ideographs << 3 | letters << 1);
      Doubt(base, symbols, &symbols_);
    }
    // A number or sign that touches no letter matters to nothing.
    if (odd & (bound << 1 | bound >> 1)) {
      bound |= AnyOf(kDigit, ka, kb);
      window_ = p;
      judged_bits_ = judged;
      Doubt(base, 1, &odd_);
    }

    const uint64_t free_before = judged & ~(bound << 1);
    const uint64_t single = free_before & ((letters & ~(bound >> 1)) | (lead2 & ~(bound >> 2)) |
                                           (lead3 & ~(bound >> 3)));
    const uint64_t leads = judged & (letters | lead2 | lead3 | ideographs);
    uint64_t pairs = 0;
    if (!CountRow(single, single & letters, leads, &pairs)) return false;
    Doubt(base, pairs, &pairs_);
    if (ideographs | ideographs_) Doubt(base, single & letters, &letters_by_han_);
    ideographs_ = ideographs;
    const uint64_t alone = judged & ideographs & ~(ideographs << 3) & ~(ideographs >> 3);
    Doubt(base, alone, &alone_);
    return true;
  }

  // Whether a number or sign that touches letters in the window makes a shape. Most windows have
  // none, and what is not in the loop does not cost it registers.
  __attribute__((target("avx2,bmi,bmi2"), noinline)) bool JudgeOdd() {
    Masks m;
    ClassifyWindow(window_, &m);
    const uint64_t letters = m.letters, odd = (m.digits | m.signs) & judged_bits_;
    const uint64_t odd_after = (m.digits | m.signs) >> 1;
    const uint64_t bound =
        letters | m.lead2 | m.lead2 << 1 | m.lead3 | m.lead3 << 1 | m.lead3 << 2 | m.digits;
    const uint64_t begins = ~(bound << 1), ends = ~(bound >> 1), ends_two = ~(bound >> 2);
    const uint64_t inside = odd & letters << 1 & (letters >> 1 | (odd_after & letters >> 2));
    const uint64_t last =
        odd & letters << 1 & (letters << 2 | ends) & (ends | (odd_after & ends_two));
    const uint64_t sure = inside | (last & m.digits & letters << 2);
    if (sure) return true;
    if (m.han) {
      const uint64_t digits = m.digits & judged_bits_;
      // A window sees enough on either side: the ideograph before begins three bytes before.
      const uint64_t before = digits & letters >> 1 & ends_two;
      const uint64_t behind = digits & letters << 1 & ~(bound << 2) & m.han >> 1;
      if ((before & m.han << 3) | behind) return true;
      if (AnyOfBits(before & begins & m.han >> 2,
                    [this](size_t at) { return IsFirstOfPair(folded_[at]); })) {
        return true;
      }
    }
    const uint64_t first =
        odd & begins & letters >> 2 & (letters >> 1 | (odd_after & letters >> 3));
    const uint64_t two = odd & begins & letters >> 1 & ends_two;
    return AnyOfBits(last, [this](size_t at) { return IsLastSign(folded_, at); }) ||
           AnyOfBits(
               first,
               [this](size_t at) { return IsLeetByte(folded_[at]) && !IsQuantity(folded_, at); }) ||
           AnyOfBits(two, [this](size_t at) { return IsFirstOfTwo(folded_, at); });
  }

  template <typename F>
  bool AnyOfBits(uint64_t bits, F is_one) const {
    for (; bits != 0; bits &= bits - 1) {
      if (is_one(base_ + static_cast<size_t>(__builtin_ctzll(bits)))) return true;
    }
    return false;
  }

  // Leaves `bits` of the bytes from `base` on to be looked at.
  inline void Doubt(size_t base, uint64_t bits, uint64_t* doubtful) {
    if (bits == 0) return;
    *doubtful = bits;
    doubtful_ = true;
    base_ = base;
  }

  // Whether one of what was left to be looked at makes a shape.
  bool AnyDoubtful() {
    if (!doubtful_) return false;
    doubtful_ = false;
    const bool odd = odd_ != 0 && JudgeOdd();
    const bool found =
        odd || AnyOfBits(symbols_, [this](size_t at) { return !IsProseMark(folded_, at); }) ||
        AnyOfBits(alone_, [this](size_t at) { return IsHeldApart(folded_, at); }) ||
        AnyOfBits(pairs_, [this](size_t at) { return !BesideApostrophe(folded_, at); }) ||
        AnyOfBits(letters_by_han_, [this](size_t at) { return IsNearHan(folded_, at); });
    odd_ = symbols_ = alone_ = pairs_ = letters_by_han_ = 0;
    return found;
  }

  // Counts the single letters that follow one another, which no other of `leads` comes between.
  // False when there are more than two in a row; `*pairs` are those of `ascii` that are second.
  inline bool CountRow(uint64_t singles, uint64_t ascii, uint64_t leads, uint64_t* pairs) {
    uint64_t others = leads & ~singles;
    for (; singles != 0; singles &= singles - 1) {
      const uint64_t before = (singles & -singles) - 1;
      if (others & before) letters_ = 0;
      if (++letters_ > 2) return false;
      if (letters_ == 2) *pairs |= ascii & singles & -singles;
      others &= ~before;
    }
    if (others != 0) letters_ = 0;
    return true;
  }

  std::string_view folded_;
  size_t at_ = 0;  // where the next window begins, and from where on in it to judge
  size_t judged_ = 0;
  uint32_t letters_ = 0;  // single letters in a row, until now
  // What was left to be looked at, of the bytes from base_ on.
  bool doubtful_ = false;
  size_t base_ = 0;
  uint64_t odd_ = 0, symbols_ = 0, alone_ = 0, pairs_ = 0, letters_by_han_ = 0;
  const char* window_ = nullptr;  // for odd_: the bytes, and which to judge
  uint64_t judged_bits_ = 0;
  uint64_t ideographs_ = 0;  // of the window before
};

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
      shapes_->push_back({base + bit, token ? Shape::Kind::kToken : Shape::Kind::kChain});
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
__attribute__((target("avx2,bmi,bmi2"), flatten)) void FindAvx2(std::string_view folded,
                                                                std::vector<Shape>* shapes) {
  if (Dismissal().Run(folded)) return;
  Find<ClassifyAvx2>(folded, shapes);
}
#endif

using Finder = void (*)(std::string_view, std::vector<Shape>*);

Finder BestFinder() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return FindAvx2;
#endif
  return Find<ClassifyBytes>;
}

}  // namespace

void FindShapes(std::string_view folded, std::vector<Shape>* shapes) {
  static const Finder find = BestFinder();
  if (!folded.empty()) find(folded, shapes);
}

void FindShapesPortable(std::string_view folded, std::vector<Shape>* shapes) {
  if (!folded.empty()) Find<ClassifyBytes>(folded, shapes);
}

}  // namespace winnow::text
