// Scanning with a LiteralIndex. A stretch of text is read three times over: bytes to masks of 64
// bits, masks to places, places to the few that pass the filter. Each loop runs without branches
// that depend on the text; what passes is then compared.
#include "engine/match/literal_scan.h"

#include <algorithm>
#include <cstring>

#include "engine/base/cpu.h"
#include "engine/text/utf8.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace winnow::match {

namespace {

// What the bytes of a chunk of 64 are, a bit a byte.
struct Masks {
  uint64_t words;  // IsWordByte()
  uint64_t leads;  // first bytes of characters that are not ASCII
  uint64_t wide;   // all their bytes
  uint64_t digits;
};

struct Portable {
  static Masks Classify(const char* p) {
    Masks masks = {};
    for (int i = 0; i < 64; ++i) {
      const uint8_t c = static_cast<uint8_t>(p[i]);
      masks.words |= uint64_t{IsWordByte(p[i])} << i;
      masks.leads |= uint64_t{c >= 0xc0} << i;
      masks.wide |= uint64_t{c >= 0x80} << i;
      masks.digits |= uint64_t{c - unsigned{'0'} < 10} << i;
    }
    return masks;
  }
  // The lowest `n` bytes, at most 8.
  static uint64_t LowBytes(uint64_t key, uint32_t n) {
    return n >= 8 ? key : key & ((uint64_t{1} << 8 * n) - 1);
  }
};

#if defined(__x86_64__)

struct Avx2 {
  WINNOW_AVX2 static inline uint32_t Letters(__m256i v) {
    const __m256i letter =
        _mm256_sub_epi8(_mm256_or_si256(v, _mm256_set1_epi8(0x20)), _mm256_set1_epi8('a'));
    return static_cast<uint32_t>(_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(_mm256_min_epu8(letter, _mm256_set1_epi8(25)), letter)));
  }
  WINNOW_AVX2 static inline uint32_t Digits(__m256i v) {
    const __m256i digit = _mm256_sub_epi8(v, _mm256_set1_epi8('0'));
    return static_cast<uint32_t>(_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(_mm256_min_epu8(digit, _mm256_set1_epi8(9)), digit)));
  }
  WINNOW_AVX2 static inline Masks Classify(const char* p) {
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
    const auto top = [](__m256i low, __m256i high) __attribute__((target("avx2"), always_inline)) {
      return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
             uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(high))} << 32;
    };
    Masks masks;
    masks.digits = Digits(a) | uint64_t{Digits(b)} << 32;
    masks.words = masks.digits | Letters(a) | uint64_t{Letters(b)} << 32;
    masks.wide = top(a, b);
    // The two topmost bits of each byte; shifting across bytes is harmless.
    masks.leads = masks.wide & top(_mm256_slli_epi16(a, 1), _mm256_slli_epi16(b, 1));
    return masks;
  }
  WINNOW_AVX2 static inline uint64_t LowBytes(uint64_t key, uint32_t n) {
    return _bzhi_u64(key, 8 * std::min(n, 8u));
  }
};

#endif

// Appends the places of the bits of `mask`; may write up to seven more.
inline __attribute__((always_inline)) uint16_t* Flatten(uint64_t mask, uint32_t base,
                                                        uint16_t* out) {
  const int count = __builtin_popcountll(mask);
  for (int done = 0; done < count; done += 8) {
    for (int i = 0; i < 8; ++i) {
      out[done + i] = static_cast<uint16_t>(base + __builtin_ctzll(mask | uint64_t{1} << 63));
      mask &= mask - 1;
    }
  }
  return out + count;
}

class ScalarScan : public LiteralScan {
 public:
  using LiteralScan::LiteralScan;
  template <typename Cpu>
  inline __attribute__((always_inline)) bool Run() {
    const bool words = !Of(kWord).empty() || !Of(kWordEight).empty();
    const bool pairs = !Of(kPair).empty() || !Of(kPairEight).empty();
    const bool shorts = !this->shorts().begins.empty();
    const bool chars = !Of(kChar).empty();
    if (words || pairs || shorts || chars || wants_digits()) {
      constexpr size_t kStretch = LiteralIndex::Scratch::kStretch;
      size_t open = kNone;  // begin of a word that the stretch before did not end
      for (size_t begin = 0; begin < text_.size(); begin += kStretch) {
        const size_t end = std::min(begin + kStretch, text_.size());
        Classify<Cpu>(begin, end);
        if (words && !Words<Cpu>(begin, end, &open)) return false;
        if ((pairs || chars) && any_wide_ && !Wide<Cpu>(begin, end)) return false;
        if (shorts && !Shorts<Cpu>(begin, end)) return false;
        if (wants_digits()) {
          for (size_t chunk = 0; begin + 64 * chunk < end; ++chunk)
            NoteDigits(masks_[chunk].digits);
        }
      }
    }
    return Grams<Cpu, kGram4, 4>() && Grams<Cpu, kGram6, 6>() && ReportDigits();
  }

 private:
  static constexpr size_t kNone = SIZE_MAX;
  static constexpr size_t kChunks = LiteralIndex::Scratch::kStretch / 64;
  static constexpr size_t kGramStretch =
      LiteralIndex::Scratch::kStretch / kGramStride * kGramStride;

  template <typename Cpu>
  inline __attribute__((always_inline)) void Classify(size_t begin, size_t end) {
    uint64_t wide = 0;
    size_t chunk = 0;
    for (size_t at = begin; at < end; at += 64, ++chunk) {
      Masks masks;
      if (at + 64 <= text_.size()) {
        masks = Cpu::Classify(text_.data() + at);
      } else if (text_.size() >= 64) {
        // The last 64 bytes, moved so that those seen before fall out.
        const size_t seen = at + 64 - text_.size();
        masks = Cpu::Classify(text_.data() + text_.size() - 64);
        masks = {masks.words >> seen, masks.leads >> seen, masks.wide >> seen,
                 masks.digits >> seen};
      } else {
        char rest[64] = {};
        std::memcpy(rest, text_.data(), text_.size());
        masks = Cpu::Classify(rest);
      }
      masks_[chunk] = masks;
      wide |= masks.wide;
    }
    any_wide_ = wide != 0;
  }

  uint64_t LoadInside(size_t at) const {
    uint64_t key;
    std::memcpy(&key, text_.data() + at, 8);
    return key;
  }
  template <typename Cpu>
  inline __attribute__((always_inline)) bool Words(size_t begin, size_t end, size_t* open) {
    // Begins and ends in turn, from `begin` on.
    uint16_t* places = this->places();
    uint16_t* out = places;
    uint64_t before = *open != kNone;
    size_t chunk = 0;
    for (size_t at = begin; at < end; at += 64, ++chunk) {
      const uint64_t words = masks_[chunk].words;
      out = Flatten(words ^ (words << 1 | before), static_cast<uint32_t>(at - begin), out);
      before = words >> 63;
    }
    if (before && end == text_.size()) *out++ = static_cast<uint16_t>(end - begin);

    uint32_t total = static_cast<uint32_t>(out - places);
    if (*open != kNone && total > 0) {
      const uint64_t bytes = LoadEight(*open);
      const size_t size = begin + places[0] - *open;
      if (!CompareIn(kWord, Cpu::LowBytes(bytes, size), *open) ||
          !CompareIn(kWordEight, bytes, *open)) {
        return false;
      }
      ++places;
      --total;
      *open = kNone;
    }
    if (total & 1) *open = begin + places[total - 1];
    const auto word = [places](uint64_t bytes, uint32_t i) {
      return Cpu::LowBytes(bytes, places[2 * i + 1] - places[2 * i]);
    };
    return Probe<2>(kWord, begin, places, total / 2, word) &&
           Probe<2>(kWordEight, begin, places, total / 2, kAsTheyAre);
  }

  bool CompareIn(Kind kind, uint64_t key, size_t at) const {
    const Anchors& anchors = Of(kind);
    return anchors.empty() || Compare(anchors, key, at);
  }

  static constexpr auto kAsTheyAre = [](uint64_t bytes, uint32_t) { return bytes; };

  // Looks up what `key(bytes at the place, number of the place)` says for each of `count` places,
  // every kStep-th of `places`, which count from `begin`.
  template <uint32_t kStep, typename Key>
  inline __attribute__((always_inline)) bool Probe(Kind kind, size_t begin, const uint16_t* places,
                                                   uint32_t count, Key key) {
    const Anchors& anchors = Of(kind);
    if (anchors.empty()) return true;
    uint16_t* const candidates = this->candidates();
    uint32_t found = 0;
    // Of places in ascending order, the last ones may have less than eight bytes of text behind.
    uint32_t inside = count;
    while (inside > 0 && begin + places[(inside - 1) * kStep] + 8 > text_.size()) --inside;
    for (uint32_t i = 0; i < inside; ++i) {
      candidates[found] = static_cast<uint16_t>(i);
      found += Passes(anchors, key(LoadInside(begin + places[kStep * i]), i));
    }
    for (uint32_t i = inside; i < count; ++i) {
      candidates[found] = static_cast<uint16_t>(i);
      found += Passes(anchors, key(LoadEight(begin + places[kStep * i]), i));
    }
    for (uint32_t i = 0; i < found; ++i) {
      const size_t at = begin + places[kStep * candidates[i]];
      if (!Compare(anchors, key(LoadEight(at), candidates[i]), at)) return false;
    }
    return true;
  }

  // The two characters whose bytes are the lowest of `bytes`; of them, the first is not ASCII.
  template <typename Cpu>
  static inline __attribute__((always_inline)) uint64_t Pair(uint64_t bytes) {
    // By the high nibble of a character's first byte.
    constexpr uint64_t kWidths = 0x4322'1111'1111'1111;
    const uint32_t first = kWidths >> (bytes >> 4 & 15) * 4 & 15;
    const uint32_t second = kWidths >> (bytes >> (8 * first + 4) & 15) * 4 & 15;
    return Cpu::LowBytes(bytes, first + second);
  }

  // The character whose bytes are the lowest of `bytes`.
  template <typename Cpu>
  static inline __attribute__((always_inline)) uint64_t Char(uint64_t bytes) {
    return Cpu::LowBytes(bytes, text::CharWidth(static_cast<char>(bytes)));
  }

  // What begins with ASCII: short anchors, and single characters.
  template <typename Cpu>
  inline __attribute__((always_inline)) bool Shorts(size_t begin, size_t end) {
    const uint64_t* const begins = shorts().begins.data();
    uint16_t* const places = this->places();
    uint32_t count = 0;
    for (size_t at = begin; at < end; ++at) {
      const size_t pair =
          static_cast<uint8_t>(text_[at]) |
          (at + 1 < text_.size() ? size_t{static_cast<uint8_t>(text_[at + 1])} << 8 : size_t{0});
      places[count] = static_cast<uint16_t>(at - begin);
      count += begins[pair / 64] >> pair % 64 & 1;
    }
    for (uint32_t i = 0; i < count; ++i) {
      const size_t at = begin + places[i];
      const uint64_t bytes = LoadEight(at);
      if (!CompareIn(kShort4, Cpu::LowBytes(bytes, 4), at) ||
          !CompareIn(kShort2, Cpu::LowBytes(bytes, 2), at) ||
          !CompareIn(kChar, Cpu::LowBytes(bytes, 1), at)) {
        return false;
      }
    }
    return true;
  }

  template <typename Cpu>
  inline __attribute__((always_inline)) bool Wide(size_t begin, size_t end) {
    uint16_t* const places = this->places();
    uint16_t* out = places;
    size_t chunk = 0;
    for (size_t at = begin; at < end; at += 64, ++chunk) {
      out = Flatten(masks_[chunk].leads, static_cast<uint32_t>(at - begin), out);
    }
    const uint32_t count = static_cast<uint32_t>(out - places);
    const auto pair = [](uint64_t bytes, uint32_t) { return Pair<Cpu>(bytes); };
    const auto single = [](uint64_t bytes, uint32_t) { return Char<Cpu>(bytes); };
    if (!Probe<1>(kPair, begin, places, count, pair) ||
        !Probe<1>(kPairEight, begin, places, count, kAsTheyAre) ||
        !Probe<1>(kChar, begin, places, count, single)) {
      return false;
    }
    if (!pairs_from_ascii()) return true;

    // At the ASCII character, which may be the last before this stretch.
    out = places;
    chunk = 0;
    uint64_t before = begin > 0 && static_cast<uint8_t>(text_[begin - 1]) < 0x80;
    for (size_t at = begin; at < end; at += 64, ++chunk) {
      const Masks& masks = masks_[chunk];
      out = Flatten(masks.leads & (~masks.wide << 1 | before), static_cast<uint32_t>(at - begin),
                    out);
      before = ~masks.wide >> 63;
    }
    return Probe<1>(kPair, begin - 1, places, static_cast<uint32_t>(out - places), pair);
  }

  template <typename Cpu, Kind kKind, uint32_t kBytes>
  inline __attribute__((always_inline)) bool Grams() {
    const Anchors& anchors = Of(kKind);
    if (anchors.empty()) return true;
    uint16_t* const places = this->places();
    const auto gram = [](uint64_t bytes, uint32_t) { return Cpu::LowBytes(bytes, kBytes); };
    for (size_t begin = 0; begin < text_.size(); begin += kGramStretch) {
      const size_t end = std::min(text_.size(), begin + kGramStretch);
      uint32_t count = 0;
      for (size_t at = begin; at < end; at += kGramStride) {
        places[count++] = static_cast<uint16_t>(at - begin);
      }
      if (!Probe<1>(kKind, begin, places, count, gram)) return false;
    }
    return true;
  }

  bool any_wide_ = false;
  Masks masks_[kChunks];
};

bool RunPortable(ScalarScan* scan) { return scan->Run<Portable>(); }

#if defined(__x86_64__)
// One function, so that all of it is made for the better instructions.
WINNOW_AVX2 __attribute__((flatten)) bool RunAvx2(ScalarScan* scan) { return scan->Run<Avx2>(); }
#endif

bool ScanAny(const LiteralIndex& index, std::string_view text, LiteralIndex::Scratch* scratch,
             LiteralIndex::Sink sink) {
  ScalarScan scan(index, text, scratch, sink);
  return RunPortable(&scan);
}

#if defined(__x86_64__)
bool ScanAvx2(const LiteralIndex& index, std::string_view text, LiteralIndex::Scratch* scratch,
              LiteralIndex::Sink sink) {
  ScalarScan scan(index, text, scratch, sink);
  return RunAvx2(&scan);
}
#endif

using Scanner = bool (*)(const LiteralIndex&, std::string_view, LiteralIndex::Scratch*,
                         LiteralIndex::Sink);

// By what the CPU can, the best first.
std::vector<Scanner> Scanners() {
  std::vector<Scanner> scanners;
#if defined(__x86_64__)
  if (CpuHasAvx512()) scanners.push_back(ScanAvx512);
  if (CpuHasAvx2()) scanners.push_back(ScanAvx2);
#endif
  scanners.push_back(ScanAny);
  return scanners;
}

}  // namespace

bool LiteralScan::Compare(const Anchors& anchors, uint64_t key, size_t at) const {
  const size_t last = anchors.slots.size() - 1;
  size_t i = HashOf(key) >> anchors.slot_shift;
  while (anchors.slots[i].key != key) {
    if (anchors.slots[i].key == 0) return true;
    i = (i + 1) & last;
  }
  const LiteralIndex::Slot& slot = anchors.slots[i];
  if (slot.beside_size > 0) {
    const size_t begin = at + static_cast<size_t>(static_cast<ptrdiff_t>(slot.beside_at));
    // Both where it lies before the text's begin, which wraps, and beyond its end.
    if (begin > text_.size() || slot.beside_size > text_.size() - begin) return true;
    uint64_t beside = 0;
    if (text_.size() - begin >= 8) {
      std::memcpy(&beside, text_.data() + begin, 8);
      if (slot.beside_size < 8) beside &= (uint64_t{1} << 8 * slot.beside_size) - 1;
    } else {
      std::memcpy(&beside, text_.data() + begin, slot.beside_size);
    }
    if (beside != slot.beside) return true;
  }
  for (uint32_t n = 0; n < slot.count; ++n) {
    const LiteralIndex::Entry& entry = index_.entries_[slot.first + n];
    if (entry.anchor > at) continue;
    const size_t begin = at - entry.anchor;
    if (entry.size > text_.size() - begin ||
        std::memcmp(text_.data() + begin, index_.texts_.data() + entry.text_begin, entry.size) !=
            0) {
      continue;
    }
    const LiteralIndex::Hit hit = {entry.leaf, static_cast<uint32_t>(begin),
                                   static_cast<uint32_t>(begin + entry.size)};
    if (!sink_(hit)) return false;
  }
  return true;
}

void LiteralScan::MeasureDigits(uint64_t digits) {
  if (digits == ~uint64_t{0}) {
    digits_open_ += 64;
    digits_most_ = std::max(digits_most_, digits_open_);
    return;
  }
  // The run that goes on from before, those inside, and the one that may go on behind.
  const uint32_t first = static_cast<uint32_t>(__builtin_ctzll(~digits));
  digits_most_ = std::max(digits_most_, digits_open_ + first);
  digits_open_ = static_cast<uint32_t>(__builtin_clzll(~digits));
  digits_most_ = std::max(digits_most_, digits_open_);
  for (digits &= digits + 1; digits != 0;) {
    const int begin = __builtin_ctzll(digits);
    const uint64_t rest = ~(digits >> begin);
    const int size = rest == 0 ? 64 : __builtin_ctzll(rest);
    digits_most_ = std::max(digits_most_, static_cast<uint32_t>(std::min(size, 64 - begin)));
    digits &= digits + (uint64_t{1} << begin);
  }
}

bool LiteralScan::ReportDigits() const {
  for (const LiteralIndex::DigitRun& run : index_.runs_) {
    if (run.digits > digits_most_) break;
    if (!sink_({run.leaf, 0, 0})) return false;
  }
  return true;
}

bool LiteralIndex::Scan(std::string_view text, Scratch* scratch, Sink sink) const {
  static const Scanner best = Scanners().front();
  return best(*this, text, scratch, sink);
}

size_t LiteralIndex::ways() { return Scanners().size(); }

bool LiteralIndex::ScanWay(size_t way, std::string_view text, Scratch* scratch, Sink sink) const {
  return Scanners()[way](*this, text, scratch, sink);
}

}  // namespace winnow::match
