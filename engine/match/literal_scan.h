// What every way of scanning with a LiteralIndex shares; for this room only.
#pragma once

#include <cstring>
#include <string_view>

#include "engine/base/cpu.h"
#include "engine/match/literal_anchor.h"
#include "engine/match/literal_index.h"

namespace winnow::match {

// Friend of the index: its inside, and what is done where an anchor may stand. A way of scanning
// has one, or is one.
class LiteralScan {
 public:
  using Kind = LiteralIndex::Kind;
  using Anchors = LiteralIndex::Anchors;
  using PairSet = LiteralIndex::PairSet;
  using Sieve = LiteralIndex::Sieve;
  using ShortSets = LiteralIndex::Shorts;
  static constexpr Kind kWord = LiteralIndex::kWord;
  static constexpr Kind kWordEight = LiteralIndex::kWordEight;
  static constexpr Kind kPair = LiteralIndex::kPair;
  static constexpr Kind kPairEight = LiteralIndex::kPairEight;
  static constexpr Kind kGram4 = LiteralIndex::kGram4;
  static constexpr Kind kGram6 = LiteralIndex::kGram6;
  static constexpr Kind kShort4 = LiteralIndex::kShort4;
  static constexpr Kind kShort2 = LiteralIndex::kShort2;
  static constexpr Kind kChar = LiteralIndex::kChar;
  static constexpr Kind kKinds = LiteralIndex::kKinds;

  LiteralScan(const LiteralIndex& index, std::string_view text, LiteralIndex::Scratch* scratch,
              LiteralIndex::Sink sink)
      : text_(text), index_(index), scratch_(*scratch), sink_(sink) {}

  const Anchors& Of(Kind kind) const { return index_.anchors_[kind]; }
  const Sieve& words() const { return index_.words_; }
  const Sieve& pairs() const { return index_.pairs_; }
  const Sieve& other_pairs() const { return index_.other_pairs_; }
  const ShortSets& shorts() const { return index_.shorts_; }
  bool wants_digits() const { return !index_.runs_.empty(); }
  bool pairs_from_ascii() const { return index_.pairs_from_ascii_; }
  bool pairs_uneven() const { return index_.pairs_uneven_; }
  uint16_t* places() const { return scratch_.places_; }
  uint16_t* candidates() const { return scratch_.candidates_; }
  static constexpr size_t kFoundMax = LiteralIndex::Scratch::kFoundMax;
  // Each kind may have an anchor at each place; vector steps write seven beyond.
  static constexpr size_t kFoundInChunk = 64 * kKinds + 8;
  static_assert(kFoundInChunk * 2 < kFoundMax);
  uint64_t* found_keys() const { return scratch_.found_keys_; }
  uint32_t* found_places() const { return scratch_.found_places_; }
  uint8_t* found_kinds() const { return scratch_.found_kinds_; }

  static constexpr size_t kWaitingMax = LiteralIndex::Scratch::kWaitingMax;
  uint32_t* waiting(int list) const { return scratch_.waiting_[list]; }

  std::string_view text() const { return text_; }
  // The eight bytes from `at` on, zeros behind the text.
  uint64_t LoadEight(size_t at) const {
    uint64_t bytes = 0;
    if (at + 8 <= text_.size()) {
      std::memcpy(&bytes, text_.data() + at, 8);
    } else {
      std::memcpy(&bytes, text_.data() + at, text_.size() - at);
    }
    return bytes;
  }
  // 1 when the key may be an anchor: one in 250 of others passes too.
  static uint64_t PassingBit(const Anchors& anchors, uint64_t key) {
    const uint64_t hash = HashOf(key);
    const uint64_t word = anchors.filter.data()[hash >> anchors.filter_shift];
    return word >> (hash >> kFirstBitAt & 63) & word >> (hash >> kSecondBitAt & 63) & 1;
  }
  static bool Passes(const Anchors& anchors, uint64_t key) { return PassingBit(anchors, key) != 0; }

  // Notes the next 64 bytes' digits, a bit each.
  void NoteDigits(uint64_t digits) {
    if (digits == 0) {
      digits_open_ = 0;
    } else {
      MeasureDigits(digits);
    }
  }
  // Reports the leaves whose runs of digits were there; false when the sink has enough.
  bool ReportDigits() const;

  // Reports the literals whose anchor is `key`, which stands at `at`; false when the sink has
  // enough.
  bool Compare(const Anchors& anchors, uint64_t key, size_t at) const;

 protected:
  const std::string_view text_;

 private:
  void MeasureDigits(uint64_t digits);

  const LiteralIndex& index_;
  LiteralIndex::Scratch& scratch_;
  uint32_t digits_open_ = 0;  // length of the run that the bytes seen end with
  uint32_t digits_most_ = 0;
  const LiteralIndex::Sink sink_;
};

// Scans by the widest vectors. Only where CpuHasAvx512().
bool ScanAvx512(const LiteralIndex& index, std::string_view text, LiteralIndex::Scratch* scratch,
                LiteralIndex::Sink sink);

}  // namespace winnow::match
