// The literals of one view, found by anchors: each literal is known by one short, rare piece of it,
// and the text is looked at only where a piece of that kind can stand. Most of a clean text is
// passed over by one probe of a small filter a word or an ideograph; what passes is compared.
//
// Kinds of anchor, and where each is looked for:
//   word  a whole word of ASCII letters and digits, by its first eight bytes: at each word's begin
//   pair  two characters that stand together and are not both ASCII: at each wider character
//   gram  four or six bytes of ASCII: at every third byte
//   short two or four bytes of ASCII: at every byte
//   char  one character: at each character
// In a large index, literals that have eight bytes from a word's begin or from two ideographs on
// are known by those: that costs a second probe, but far fewer of them stand in a clean text.
// A literal bound to word borders is best told by a word; one with ideographs by a pair; what has
// neither by a gram or, where such literals are few, by a short anchor. One character is its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/match/stored_table.h"

namespace winnow::match {

class LiteralIndex {
 public:
  struct Literal {
    std::string_view text;  // valid UTF-8 of a view, at most kMaxMatchBytes
    uint32_t leaf = 0;
    // Only occurrences that begin (end) at a word border are wanted. Occurrences that do not may be
    // reported or not.
    bool border_begin = false;
    bool border_end = false;
  };

  // A leaf that wants so many ASCII digits in a row.
  struct DigitRun {
    uint32_t digits = 0;
    uint32_t leaf = 0;
  };

  struct Hit {
    uint32_t leaf = 0;
    uint32_t begin = 0;
    uint32_t end = 0;
  };

  // Working memory of a scan, of constant size.
  class Scratch;

  // Receives the hits, in about the order of the text; false ends the scan.
  using Sink = absl::FunctionRef<bool(const Hit&)>;

  // Several literals may have one leaf. Indexes all but what holds a NUL, whose leaves are appended
  // to `rest`. O(n log n) in the bytes.
  static LiteralIndex Build(const std::vector<Literal>& literals, std::vector<DigitRun> runs,
                            std::vector<uint32_t>* rest);

  bool empty() const { return entries_.empty() && runs_.empty(); }
  const StoredTable<DigitRun>& digit_runs() const { return runs_; }
  // Beyond the bytes that it lies in.
  size_t memory_bytes() const;
  // Which of the leaves below `leaf_count`, all of its own among them, it finds. O(leaf_count).
  std::vector<bool> Finds(size_t leaf_count) const;
  // By leaf, the name of the kind of anchor of one of its literals; null where it has none. O(the
  // index).
  std::vector<const char*> AnchorsOf(size_t leaf_count) const;

  // Reports every wanted occurrence of each literal once, and then each leaf whose run of digits
  // occurs, without a place. Any thread, with a scratch of its own.
  // About 0.2 ns a byte of ASCII and 0.3 of ideographs where nothing occurs; the same per literal
  // that shares the anchor where one does. False when the sink ended it.
  bool Scan(std::string_view text, Scratch* scratch, Sink sink) const;
  // The same by each of the ways that this CPU has, the best first: for tests.
  static size_t ways();
  bool ScanWay(size_t way, std::string_view text, Scratch* scratch, Sink sink) const;

  // As bytes of this machine's order, and back: an index that is parsed lies in the bytes, which
  // must outlive it. DATA_LOSS when they could lead a scan astray.
  std::string Serialize() const;
  static absl::StatusOr<LiteralIndex> Parse(std::string_view bytes, size_t leaf_count);

 private:
  friend class LiteralScan;

  enum Kind : uint32_t {
    kWord = 0,
    kWordEight = 1,
    kPair = 2,
    kPairEight = 3,
    kGram4 = 4,
    kGram6 = 5,
    kShort4 = 6,
    kShort2 = 7,
    kChar = 8,
    kKinds = 9
  };

  // Which entries have an anchor. Where it has but one, a few bytes that stand beside the anchor
  // tell most texts apart without a look at the entry.
  struct Slot {
    uint64_t key = 0;     // the anchor's bytes, the first lowest; 0: empty
    uint64_t beside = 0;  // the bytes at `beside_at` from the anchor
    uint32_t first = 0;
    uint32_t count = 0;
    int32_t beside_at = 0;
    uint32_t beside_size = 0;  // 0: nothing stands beside it
  };
  struct Entry {
    uint32_t text_begin = 0;  // in texts_
    uint16_t size = 0;
    uint16_t anchor = 0;  // where in the literal
    uint32_t leaf = 0;
  };
  struct Anchors {
    // Two bits of a word for each key: a filter of one load.
    StoredTable<uint64_t> filter;
    StoredTable<Slot> slots;
    uint32_t filter_shift = 0;
    uint32_t slot_shift = 0;
    bool empty() const { return slots.empty(); }
  };

  // A set of two bytes' values, about: a bit for every few of them. Small enough for two registers.
  struct alignas(64) PairSet {
    std::array<uint8_t, 128> bits{};
    // The low five bits of `a`, and of `b`.
    void Add(uint8_t a, uint8_t b) { bits[(a & 31) | (b & 3) << 5] |= 1 << (b >> 2 & 7); }
    // A character of three bytes.
    void AddChar(uint8_t lead, uint8_t b, uint8_t c) {
      bits[(c & 63) | (b & 1) << 6] |= 1 << ((b >> 1 ^ lead) & 7);
    }
  };
  // What anchors begin with: two sets of 4,096 bits, each by 12 of the 16 bits that a hash of their
  // first bytes has. In a small index they dismiss most places before they are looked up; a vector
  // asks them for 64 places at once.
  struct alignas(64) Sieve {
    std::array<uint8_t, 512> first{}, second{};
    // How many of the sets are worth asking.
    int sets = 0;

    // `key` has `bytes` bytes that matter, the first lowest.
    void Add(uint64_t key, int bytes);
    // Of places that have no anchor, the part that passes `n` sets, about.
    double Passing(int n) const;
  };

  // The same of short anchors; and single characters.
  struct Shorts {
    PairSet four[4];  // the first and second byte, second and third, third and last, first and last
    PairSet two[2];   // both bytes, and both without their lowest two bits
    PairSet chars;    // of three bytes
    // ASCII characters: by their low four bits, a bit for each value of the others.
    std::array<uint8_t, 16> ascii{};
    bool any_ascii = false;
    bool chars_uneven = false;  // some are neither ASCII nor of three bytes
    // A bit for each two bytes at which a short anchor or an ASCII character may begin; empty where
    // there is none. For CPUs without the means to ask the sets.
    std::vector<uint64_t> begins;
  };

  struct Pending;
  // The entries go behind those of `entries`, whose text is in `texts`.
  void Fill(Kind kind, std::string_view texts, std::vector<Pending>* pending,
            std::vector<Entry>* entries);
  void FillSieves();
  void NoteShorts();

  std::array<Anchors, kKinds> anchors_;
  // Derived from the anchors: of words, of pairs of three bytes each, of other pairs.
  Sieve words_, pairs_, other_pairs_;
  Shorts shorts_;  // the same
  StoredTable<Entry> entries_;
  StoredTable<DigitRun> runs_;  // the shortest first
  StoredTable<char> texts_;
  bool pairs_from_ascii_ = false;  // some pair begins with an ASCII character
  bool pairs_uneven_ = false;      // some pair of others is not of three bytes each
};

class LiteralIndex::Scratch {
 public:
  static constexpr size_t kStretch = 4096;    // bytes of text looked at together
  static constexpr size_t kFoundMax = 2048;   // anchors kept to be compared together
  static constexpr size_t kWaitingMax = 512;  // words and pairs kept to be probed

 private:
  friend class LiteralScan;
  // From the stretch's begin; more room than there can be places, since vector steps write beyond.
  uint16_t places_[kStretch + 128];
  uint16_t candidates_[kStretch + 128];
  uint64_t found_keys_[kFoundMax];
  uint32_t found_places_[kFoundMax];
  uint8_t found_kinds_[kFoundMax];
  // Where words and pairs begin that a sieve let through; vector steps write beyond.
  uint32_t waiting_[2][kWaitingMax + 64 + 8];
};

}  // namespace winnow::match
