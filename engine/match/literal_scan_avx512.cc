// Scanning 64 bytes at a time. Sieves in registers dismiss most places; of the others eight are
// looked up together, and their bytes come from two registers rather than from memory.
#include "engine/base/cpu.h"
#include "engine/base/wide_load.h"
#include "engine/match/literal_scan.h"
#include "engine/text/utf8.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <array>
#include <cstring>
#include <utility>

namespace winnow::match {
namespace {

constexpr auto Bytes(uint8_t (*of)(int)) {
  std::array<uint8_t, 64> bytes{};
  for (int i = 0; i < 64; ++i) bytes[i] = of(i);
  return bytes;
}
alignas(64) constexpr std::array<uint8_t, 64> kIota = Bytes([](int i) {
  return static_cast<uint8_t>(i);
});
// Which of eight places a byte belongs to, and which of its bytes it is.
alignas(64) constexpr std::array<uint8_t, 64> kPlaceOf = Bytes([](int i) {
  return static_cast<uint8_t>(i / 8);
});
alignas(64) constexpr std::array<uint8_t, 64> kByteOf = Bytes([](int i) {
  return static_cast<uint8_t>(i % 8);
});
// Every third place.
alignas(64) constexpr std::array<uint8_t, 64> kEveryThird = Bytes([](int i) {
  return static_cast<uint8_t>(i * 3);
});

// Which bytes of ASCII form words.
alignas(64) constexpr std::array<uint8_t, 128> kWordBytes = [] {
  std::array<uint8_t, 128> word{};
  for (int i = 0; i < 128; ++i) word[i] = IsWordByte(static_cast<char>(i));
  return word;
}();

template <size_t kSize>
WINNOW_AVX512 inline __m512i Load(const std::array<uint8_t, kSize>& bytes, size_t at = 0) {
  return _mm512_load_si512(bytes.data() + at);
}

// Nobody but Run() knows where one of these is, so that the compiler keeps it in registers.
class VectorScan {
 public:
  explicit VectorScan(LiteralScan* scan)
      : scan_(*scan), text_(scan->text()), shorts_(scan->shorts()) {}

  WINNOW_AVX512 inline bool Run() {
    const bool words = Has(kWord) || Has(kWordEight);
    const bool pairs = Has(kPair) || Has(kPairEight);
    const bool grams = Has(kGram4) || Has(kGram6);
    const bool shorts = !shorts_.begins.empty();
    const bool chars = Has(kChar);
    uint64_t word_before = 0;
    next_ = LoadAt(0);
    uint64_t next_word = words ? WordBytes(next_) : 0;
    uint64_t next_wide = _mm512_movepi8_mask(next_);
    for (size_t at = 0; at < text_.size(); at += 64) {
      now_ = next_;
      next_ = LoadAt(at + 64);
      at_ = at;
      if (words) {
        const uint64_t word = next_word;
        next_word = WordBytes(next_);
        const uint64_t begins = word & ~(word << 1 | word_before);
        word_before = word >> 63;
        // Nearly all texts have words in each chunk or in none.
        if (begins != 0) Words(begins, word, next_word);
      }
      const uint64_t wide = next_wide;
      next_wide = _mm512_movepi8_mask(next_);
      // An ASCII character at the end belongs to a pair with the next chunk's first.
      if (pairs && (wide | (next_wide & 1))) Pairs(wide);
      if (chars && wide) Chars();
      if (shorts) Shorts(~wide);
      if (grams) Grams();
      if (scan_.wants_digits()) scan_.NoteDigits(Digits(now_));
      if (found_ > LiteralScan::kFoundMax - LiteralScan::kFoundInChunk && !CompareFound()) {
        return false;
      }
      if ((waiting_[kWords] > LiteralScan::kWaitingMax ||
           waiting_[kPairs] > LiteralScan::kWaitingMax) &&
          !ProbeWaiting()) {
        return false;
      }
    }
    return ProbeWaiting() && CompareFound() && scan_.ReportDigits();
  }

 private:
  using Kind = LiteralScan::Kind;
  using Anchors = LiteralScan::Anchors;
  using PairSet = LiteralScan::PairSet;
  using Sieve = LiteralScan::Sieve;
  static constexpr Kind kWord = LiteralScan::kWord;
  static constexpr Kind kWordEight = LiteralScan::kWordEight;
  static constexpr Kind kPair = LiteralScan::kPair;
  static constexpr Kind kPairEight = LiteralScan::kPairEight;
  static constexpr Kind kGram4 = LiteralScan::kGram4;
  static constexpr Kind kGram6 = LiteralScan::kGram6;
  static constexpr Kind kShort4 = LiteralScan::kShort4;
  static constexpr Kind kShort2 = LiteralScan::kShort2;
  static constexpr Kind kChar = LiteralScan::kChar;
  static constexpr Kind kNone = LiteralScan::kKinds;
  enum Sieved { kWords, kPairs };
  enum class Shape { kWord, kPair, kEvenPair, kGram4, kGram6, kBytes3, kBytes2, kByte, kChar };

  const Anchors& Of(Kind kind) const { return scan_.Of(kind); }
  bool Has(Kind kind) const { return !Of(kind).empty(); }

  // First bytes of characters of three bytes.
  WINNOW_AVX512 static inline uint64_t ThreeByteLeads(__m512i v) {
    return _mm512_cmpeq_epi8_mask(_mm512_and_si512(v, _mm512_set1_epi8(static_cast<char>(0xf0))),
                                  _mm512_set1_epi8(static_cast<char>(0xe0)));
  }

  // The chunk from its n-th byte on.
  template <int n>
  WINNOW_AVX512 inline __m512i Shifted() const {
    return _mm512_permutex2var_epi8(now_, _mm512_add_epi8(Load(kIota), _mm512_set1_epi8(n)), next_);
  }

  // Which of 64 look-ups find the bit `bit` (0 to 7) of the byte `index` (0 to 127) set.
  WINNOW_AVX512 static inline uint64_t InSet(const PairSet& set, __m512i index, __m512i bits) {
    const __m512i bytes = _mm512_permutex2var_epi8(_mm512_load_si512(set.bits.data()), index,
                                                   _mm512_load_si512(set.bits.data() + 64));
    return _mm512_test_epi8_mask(bytes, bits);
  }
  WINNOW_AVX512 static inline __m512i BitOf(__m512i number) {
    return _mm512_shuffle_epi8(_mm512_set1_epi64(static_cast<long long>(0x8040'2010'0804'0201)),
                               _mm512_and_si512(number, _mm512_set1_epi8(7)));
  }
  // As PairSet::Add() has it.
  WINNOW_AVX512 static inline uint64_t InPairs(const PairSet& set, __m512i a, __m512i b) {
    const __m512i index =
        _mm512_or_si512(_mm512_and_si512(a, _mm512_set1_epi8(31)),
                        _mm512_slli_epi16(_mm512_and_si512(b, _mm512_set1_epi8(3)), 5));
    return InSet(set, index, BitOf(_mm512_srli_epi16(b, 2)));
  }

  // Adds the kAt-th byte of each anchor to the hash that a sieve is asked by.
  template <int kAt>
  WINNOW_AVX512 static inline void AddToHash(__m512i bytes, __m512i* a, __m512i* b) {
    __m512i* const sum = SieveByte(kAt) == 0 ? a : b;
    if constexpr (kAt < 2) {
      *sum = bytes;
    } else {
      const __m512i matrix = _mm512_set1_epi64(static_cast<long long>(SieveMatrix(kAt)));
      *sum = _mm512_xor_si512(*sum, _mm512_gf2p8affine_epi64_epi8(bytes, matrix, 0));
    }
  }
  // Which of 64 hashes are in a set of 4,096 bits. As Sieve::Add() has it.
  WINNOW_AVX512 static inline uint64_t InSieve(const std::array<uint8_t, 512>& set, __m512i a,
                                               __m512i b) {
    const auto of = [&set](int i)
                        WINNOW_AVX512_INLINE { return _mm512_load_si512(set.data() + 64 * i); };
    const __mmask64 a_high = _mm512_movepi8_mask(a), b_high = _mm512_movepi8_mask(b);
    const __m512i low = _mm512_mask_blend_epi8(a_high, _mm512_permutex2var_epi8(of(0), a, of(1)),
                                               _mm512_permutex2var_epi8(of(2), a, of(3)));
    const __m512i high = _mm512_mask_blend_epi8(a_high, _mm512_permutex2var_epi8(of(4), a, of(5)),
                                                _mm512_permutex2var_epi8(of(6), a, of(7)));
    return _mm512_test_epi8_mask(_mm512_mask_blend_epi8(b_high, low, high), BitOf(b));
  }
  WINNOW_AVX512 static inline uint64_t Passing(const Sieve& sieve, __m512i a, __m512i b) {
    const uint64_t passing = InSieve(sieve.first, a, b);
    return sieve.sets == 1 ? passing : passing & InSieve(sieve.second, b, a);
  }

  // What begins at `begins` with a word of ASCII. `word` and `next_word` are the bytes of words in
  // this chunk and the next.
  WINNOW_AVX512 inline void Words(uint64_t begins, uint64_t word, uint64_t next_word) {
    if (scan_.words().sets == 0) {
      LookUp<Shape::kWord, kWord, kWordEight>(begins);
      return;
    }
    const uint64_t two = word >> 1 | next_word << 63;
    const uint64_t three = two & (word >> 2 | next_word << 62);
    const uint64_t four = three & (word >> 3 | next_word << 61);
    const uint64_t five = four & (word >> 4 | next_word << 60);
    const uint64_t six = five & (word >> 5 | next_word << 59);
    __m512i a = _mm512_setzero_si512(), b = a;
    AddToHash<0>(now_, &a, &b);
    AddToHash<1>(_mm512_maskz_mov_epi8(two, Shifted<1>()), &a, &b);
    AddToHash<2>(_mm512_maskz_mov_epi8(three, Shifted<2>()), &a, &b);
    AddToHash<3>(_mm512_maskz_mov_epi8(four, Shifted<3>()), &a, &b);
    AddToHash<4>(_mm512_maskz_mov_epi8(five, Shifted<4>()), &a, &b);
    AddToHash<5>(_mm512_maskz_mov_epi8(six, Shifted<5>()), &a, &b);
    Wait(begins & Passing(scan_.words(), a, b), kWords);
  }

  // Pairs of characters that begin in this chunk.
  WINNOW_AVX512 inline void Pairs(uint64_t wide) {
    const uint64_t three = ThreeByteLeads(now_);
    const uint64_t even = three & (three >> 3 | ThreeByteLeads(next_) << 61);
    __m512i a = _mm512_setzero_si512(), b = a;
    if (scan_.pairs().sets > 0 || scan_.other_pairs().sets > 0) {
      AddToHash<0>(now_, &a, &b);
      AddToHash<1>(Shifted<1>(), &a, &b);
      AddToHash<2>(Shifted<2>(), &a, &b);
    }
    if (scan_.pairs_uneven() || scan_.pairs_from_ascii()) {
      const __m512i lead = _mm512_set1_epi8(static_cast<char>(0xc0));
      const uint64_t leads = _mm512_cmpge_epu8_mask(now_, lead);
      const uint64_t next_leads = _mm512_cmpge_epu8_mask(next_, lead);
      uint64_t others = 0;
      if (scan_.pairs_uneven()) others = leads & ~even;
      if (scan_.pairs_from_ascii()) others |= (leads >> 1 | next_leads << 63) & ~wide;
      if (scan_.other_pairs().sets > 0) others &= Passing(scan_.other_pairs(), a, b);
      if (others != 0) LookUp<Shape::kPair, kPair>(others);
    }
    if (scan_.pairs().sets == 0) {
      LookUp<Shape::kEvenPair, kPair, kPairEight>(even);
      return;
    }
    AddToHash<3>(Shifted<3>(), &a, &b);
    AddToHash<4>(Shifted<4>(), &a, &b);
    AddToHash<5>(Shifted<5>(), &a, &b);
    Wait(even & Passing(scan_.pairs(), a, b), kPairs);
  }

  WINNOW_AVX512 static inline uint64_t InChars(const PairSet& set, __m512i lead, __m512i b,
                                               __m512i c) {
    const __m512i index =
        _mm512_or_si512(_mm512_and_si512(c, _mm512_set1_epi8(63)),
                        _mm512_slli_epi16(_mm512_and_si512(b, _mm512_set1_epi8(1)), 6));
    return InSet(set, index, BitOf(_mm512_xor_si512(_mm512_srli_epi16(b, 1), lead)));
  }

  // Single characters that are not ASCII.
  WINNOW_AVX512 inline void Chars() {
    const uint64_t three = ThreeByteLeads(now_);
    const uint64_t known = three & InChars(shorts_.chars, now_, Shifted<1>(), Shifted<2>());
    LookUp<Shape::kBytes3, kChar>(known);
    if (!shorts_.chars_uneven) return;
    const uint64_t leads = _mm512_cmpge_epu8_mask(now_, _mm512_set1_epi8(static_cast<char>(0xc0)));
    LookUp<Shape::kChar, kChar>(leads & ~three);
  }

  // Short anchors and single characters, of ASCII.
  WINNOW_AVX512 inline void Shorts(uint64_t ascii) {
    if (ascii == 0) return;
    const __m512i b = Shifted<1>(), c = Shifted<2>(), d = Shifted<3>();
    const uint64_t four = ascii & InPairs(shorts_.four[0], now_, b) &
                          InPairs(shorts_.four[1], b, c) & InPairs(shorts_.four[2], c, d) &
                          InPairs(shorts_.four[3], now_, d);
    const uint64_t two =
        ascii & InPairs(shorts_.two[0], now_, b) &
        InPairs(shorts_.two[1], _mm512_srli_epi16(now_, 2), _mm512_srli_epi16(b, 2));
    const __m512i sets = _mm512_broadcast_i32x4(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(shorts_.ascii.data())));
    const __m512i low = _mm512_and_si512(now_, _mm512_set1_epi8(15));
    const uint64_t one = _mm512_mask_test_epi8_mask(ascii, _mm512_shuffle_epi8(sets, low),
                                                    BitOf(_mm512_srli_epi16(now_, 4)));
    if ((four | two | one) == 0) return;
    LookUp<Shape::kGram4, kShort4>(four);
    LookUp<Shape::kBytes2, kShort2>(two);
    LookUp<Shape::kByte, kChar>(one);
  }

  WINNOW_AVX512 inline __m512i LoadAt(size_t at) const {
    if (at >= text_.size()) return _mm512_setzero_si512();
    return LoadUpTo64(text_.data() + at, text_.size() - at);
  }

  WINNOW_AVX512 static inline uint64_t Digits(__m512i v) {
    return _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8('0')), _mm512_set1_epi8(10));
  }
  WINNOW_AVX512 static inline uint64_t WordBytes(__m512i v) {
    const __m512i word = _mm512_permutex2var_epi8(Load(kWordBytes), v, Load(kWordBytes, 64));
    return _mm512_test_epi8_mask(word, word) & ~_mm512_movepi8_mask(v);
  }
  // The same of the lowest eight bytes.
  WINNOW_AVX512 static inline uint32_t WordBytes(__m128i v) {
    const __m128i letter = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    const __m128i digit = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    return (_mm_cmplt_epu8_mask(letter, _mm_set1_epi8(26)) |
            _mm_cmplt_epu8_mask(digit, _mm_set1_epi8(10))) &
           0xff;
  }

  // Of the eight bytes at each of eight places, eight times the width of the first character.
  WINNOW_AVX512 static inline __m512i BitsOfChar(__m512i bytes) {
    // By the high nibble of its first byte.
    const __m512i widths =
        _mm512_set_epi64(0, 0, 0, 0, 0, 0, 0x2018'1010'0808'0808, 0x0808'0808'0808'0808);
    const __m512i nibble = _mm512_and_si512(_mm512_srli_epi64(bytes, 4), _mm512_set1_epi64(15));
    return _mm512_and_si512(_mm512_permutexvar_epi8(nibble, widths), _mm512_set1_epi64(255));
  }

  // Of the eight bytes at each of eight places, those that are the place's key, the others zero.
  template <Shape kShape>
  WINNOW_AVX512 static inline __m512i KeysOf(__m512i bytes) {
    switch (kShape) {
      case Shape::kWord: {
        // The run of ones that begins each group of eight.
        const __m128i word = _mm_cvtsi64_si128(static_cast<long long>(WordBytes(bytes)));
        const __m128i run =
            _mm_and_si128(word, _mm_xor_si128(word, _mm_add_epi8(word, _mm_set1_epi8(1))));
        return _mm512_maskz_mov_epi8(static_cast<uint64_t>(_mm_cvtsi128_si64(run)), bytes);
      }
      case Shape::kPair: {
        const __m512i first = BitsOfChar(bytes);
        const __m512i both = _mm512_add_epi64(first, BitsOfChar(_mm512_srlv_epi64(bytes, first)));
        const __m512i beyond = _mm512_sllv_epi64(_mm512_set1_epi64(-1), both);
        return _mm512_andnot_si512(beyond, bytes);
      }
      case Shape::kEvenPair:
      case Shape::kGram6:
        return _mm512_and_si512(bytes, _mm512_set1_epi64(0xffff'ffff'ffff));
      case Shape::kGram4:
        return _mm512_and_si512(bytes, _mm512_set1_epi64(0xffff'ffff));
      case Shape::kBytes3:
        return _mm512_and_si512(bytes, _mm512_set1_epi64(0xff'ffff));
      case Shape::kBytes2:
        return _mm512_and_si512(bytes, _mm512_set1_epi64(0xffff));
      case Shape::kByte:
        return _mm512_and_si512(bytes, _mm512_set1_epi64(0xff));
      case Shape::kChar: {
        const __m512i beyond = _mm512_sllv_epi64(_mm512_set1_epi64(-1), BitsOfChar(bytes));
        return _mm512_andnot_si512(beyond, bytes);
      }
    }
  }

  // What the gathering instruction does, which takes many CPUs three times as long.
  WINNOW_AVX512 static inline __m512i Gather(const uint64_t* words, __m512i index) {
    alignas(64) std::array<uint64_t, 8> at;
    _mm512_store_si512(at.data(), index);
    const auto two = [&](int i) WINNOW_AVX512_INLINE {
      return _mm_insert_epi64(_mm_cvtsi64_si128(static_cast<long long>(words[at[i]])),
                              static_cast<long long>(words[at[i + 1]]), 1);
    };
    const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(two(0)), two(2), 1);
    const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(two(4)), two(6), 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
  }

  // Which of eight keys pass the filter. As HashOf() and FilterBits() have it.
  WINNOW_AVX512 static inline uint32_t Passing(const Anchors& anchors, __m512i keys) {
    const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(anchors.filter_shift));
    const __m512i hashes =
        _mm512_mullo_epi64(_mm512_xor_si512(keys, _mm512_srli_epi64(keys, 31)),
                           _mm512_set1_epi64(static_cast<long long>(kHashFactor)));
    const __m512i words = Gather(anchors.filter.data(), _mm512_srl_epi64(hashes, shift));
    // Turned so that each of the two bits is the lowest.
    const __m512i first = _mm512_rorv_epi64(words, _mm512_srli_epi64(hashes, kFirstBitAt));
    const __m512i second = _mm512_rorv_epi64(words, _mm512_srli_epi64(hashes, kSecondBitAt));
    return _mm512_test_epi64_mask(_mm512_and_si512(first, second), _mm512_set1_epi64(1));
  }

  // Notes what stands at the places of this chunk that are set in `mask`, where its key, or all
  // eight bytes of it, pass.
  template <Shape kShape, Kind kBy, Kind kByEight = kNone>
  WINNOW_AVX512 inline void LookUp(uint64_t mask) {
    const int count = __builtin_popcountll(mask);
    const __m512i packed = _mm512_maskz_compress_epi8(mask, Load(kIota));
    LookUpPacked<kShape, kBy, kByEight>(packed, count);
  }

  template <Shape kShape, Kind kBy, Kind kByEight = kNone>
  WINNOW_AVX512 inline void LookUpPacked(__m512i packed, int count) {
    const __m256i base = _mm256_set1_epi32(static_cast<int>(at_));
    for (; count > 0; count -= 8) {
      const __m512i places = _mm512_permutexvar_epi8(Load(kPlaceOf), packed);
      const __m512i bytes =
          _mm512_permutex2var_epi8(now_, _mm512_add_epi8(places, Load(kByteOf)), next_);
      const __m256i at =
          _mm256_add_epi32(base, _mm256_cvtepu8_epi32(_mm512_castsi512_si128(packed)));
      const uint32_t wanted = _bzhi_u32(0xff, static_cast<uint32_t>(count));
      if (Has(kBy)) Note(kBy, KeysOf<kShape>(bytes), at, wanted);
      if constexpr (kByEight != kNone) {
        if (Has(kByEight)) Note(kByEight, bytes, at, wanted);
      }
      packed = _mm512_maskz_alignr_epi64(0x7f, packed, packed, 1);
    }
  }

  // Keeps the places of this chunk that are set in `mask`, the few that a sieve lets through. Each
  // is probed alone when the text has been looked at: their number is hard to foresee, and to look
  // eight up together costs more than it takes to probe five.
  WINNOW_AVX512 inline void Wait(uint64_t mask, Sieved what) {
    const __m256i base = _mm256_set1_epi32(static_cast<int>(at_));
    __m512i packed = _mm512_maskz_compress_epi8(mask, Load(kIota));
    uint32_t* out = scan_.waiting(what) + waiting_[what];
    const size_t count = static_cast<size_t>(__builtin_popcountll(mask));
    waiting_[what] += count;
    for (size_t done = 0;;) {
      _mm256_storeu_si256(
          reinterpret_cast<__m256i*>(out + done),
          _mm256_add_epi32(base, _mm256_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
      done += 8;
      if (done >= count) break;
      packed = _mm512_maskz_alignr_epi64(0x7f, packed, packed, 1);
    }
  }

  // Probes what waits; false when the sink has enough.
  WINNOW_AVX512 inline bool ProbeWaiting() {
    const size_t words = std::exchange(waiting_[kWords], 0);
    const size_t pairs = std::exchange(waiting_[kPairs], 0);
    const auto probe = [this](Kind kind, uint64_t key, size_t at) {
      return !Has(kind) || !LiteralScan::Passes(Of(kind), key) || scan_.Compare(Of(kind), key, at);
    };
    for (size_t i = 0; i < words; ++i) {
      const size_t at = scan_.waiting(kWords)[i];
      const uint64_t bytes = scan_.LoadEight(at);
      const __m128i v = _mm_cvtsi64_si128(static_cast<long long>(bytes));
      const uint32_t size = _tzcnt_u32(~WordBytes(v));
      if (!probe(kWord, _bzhi_u64(bytes, 8 * size), at) || !probe(kWordEight, bytes, at)) {
        return false;
      }
    }
    if (pairs == 0 || NoPairPasses(pairs)) return true;
    for (size_t i = 0; i < pairs; ++i) {
      const size_t at = scan_.waiting(kPairs)[i];
      const uint64_t bytes = scan_.LoadEight(at);
      if (!probe(kPair, bytes & kSixBytes, at) || !probe(kPairEight, bytes, at)) return false;
    }
    return true;
  }

  // True when none of the pairs that wait passes its filter, as is so of most texts: the sieve
  // lets many more pairs through than words. No branch depends on any of them.
  inline bool NoPairPasses(size_t count) const {
    const uint32_t* const waiting = scan_.waiting(kPairs);
    if (waiting[count - 1] + 8 > text_.size()) return false;
    const bool six = Has(kPair), eight = Has(kPairEight);
    uint64_t passing = 0;
    for (size_t i = 0; i < count; ++i) {
      uint64_t bytes;
      std::memcpy(&bytes, text_.data() + waiting[i], 8);
      if (six) passing |= LiteralScan::PassingBit(Of(kPair), bytes & kSixBytes);
      if (eight) passing |= LiteralScan::PassingBit(Of(kPairEight), bytes);
    }
    return passing == 0;
  }

  // Keeps those of eight keys that are wanted and pass the filter. They are compared later, all at
  // once: what comparing one does is nothing that a CPU can foresee, and the next eight would wait.
  WINNOW_AVX512 inline void Note(Kind kind, __m512i keys, __m256i at, uint32_t wanted) {
    // Sets have told most of these already.
    constexpr size_t kFewWords = 64;
    const bool is_short = kind >= kShort4;
    if (!is_short || Of(kind).filter.size() > kFewWords) wanted &= Passing(Of(kind), keys);
    if (wanted == 0) return;
    const __mmask8 passing = static_cast<__mmask8>(wanted);
    _mm512_storeu_si512(&scan_.found_keys()[found_], _mm512_maskz_compress_epi64(passing, keys));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(&scan_.found_places()[found_]),
                        _mm256_maskz_compress_epi32(passing, at));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(&scan_.found_kinds()[found_]),
                     _mm_set1_epi8(static_cast<char>(kind)));
    found_ += static_cast<size_t>(__builtin_popcount(wanted));
  }

  // Compares what was kept; false when the sink has enough.
  inline bool CompareFound() {
    const size_t found = std::exchange(found_, 0);
    for (size_t i = 0; i < found; ++i) {
      if (!scan_.Compare(Of(static_cast<Kind>(scan_.found_kinds()[i])), scan_.found_keys()[i],
                         scan_.found_places()[i])) {
        return false;
      }
    }
    return true;
  }

  WINNOW_AVX512 inline void Grams() {
    // The chunk's first place that is a multiple of three.
    const uint8_t first = static_cast<uint8_t>((kGramStride - at_ % kGramStride) % kGramStride);
    const __m512i places =
        _mm512_add_epi8(Load(kEveryThird), _mm512_set1_epi8(static_cast<char>(first)));
    const int count = (64 - first + 2) / 3;
    LookUpPacked<Shape::kGram6, kGram6>(places, count);
    LookUpPacked<Shape::kGram4, kGram4>(places, count);
  }

  static constexpr uint64_t kSixBytes = 0xffff'ffff'ffff;

  LiteralScan& scan_;
  const std::string_view text_;
  const LiteralScan::ShortSets& shorts_;
  __m512i now_, next_;      // bytes of this chunk and of the one behind it, zeros behind the text
  size_t at_ = 0;           // where this chunk begins
  size_t waiting_[2] = {};  // so many wait, by Sieved
  size_t found_ = 0;        // so many are kept
};

WINNOW_AVX512 __attribute__((flatten)) bool Run(LiteralScan* scan) {
  return VectorScan(scan).Run();
}

}  // namespace

bool ScanAvx512(const LiteralIndex& index, std::string_view text, LiteralIndex::Scratch* scratch,
                LiteralIndex::Sink sink) {
  LiteralScan scan(index, text, scratch, sink);
  return Run(&scan);
}

}  // namespace winnow::match

#endif
