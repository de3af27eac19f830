// Reads ideographs whose parts stand side by side in a view (氵工) as the ideographs they spell, so
// that terms of a pack are found in them without a form of each for every way to take it apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/match/program.h"
#include "engine/text/span.h"

namespace winnow::match {

// One view of one block at a time: Begin(), Note() for each place where a kParts leaf stands, then
// Read() in each way. Keeps its buffers. Not thread safe.
class PartsReader {
 public:
  // How far from parts, in bytes, what is read with them may begin and end.
  static constexpr uint32_t kReach = 256;

  // Ordinary parts farther apart than this, in bytes, with no others near, are what they are.
  static constexpr uint32_t kOrdinaryGap = 24;

  void Begin() { noted_.clear(); }
  // `leaf` must outlive the reading.
  void Note(uint32_t begin, uint32_t end, const Leaf& leaf) {
    noted_.push_back({begin, end, &leaf});
  }
  bool empty() const { return noted_.empty(); }

  // Of parts that overlap the first are read, and of those that begin together the longest.
  enum class Way {
    kAll,      // ordinary ones as well
    kUnusual,  // only those that no ordinary text has
    // All, and what is held apart by spaces, signs or a digit together again, where parts or an
    // ideograph by itself stand on one side of what holds apart (氵工 湖, 一|亠亻夕|忄青).
    kTogether,
  };
  // Reads the stretches around parts; false when this way finds nothing that another one does not.
  // O(n log n) in the parts and the bytes near them.
  bool Read(std::string_view view, Way way);

  // What was read: stretches of the view with parts joined, a line break behind each.
  std::string_view text() const { return text_; }
  // Where something in text() stands in the view, and what hid it.
  struct Found {
    text::ViewSpan span;
    text::EvasionMask evasions;
  };
  // Where [begin, end) of text() stands; nullopt unless parts were joined in it: one that no
  // ordinary text has, two, or one beside Latin letters. What was held apart as well must have one
  // of the first sort.
  std::optional<Found> Locate(uint32_t begin, uint32_t end) const;

  size_t memory_bytes() const {
    return noted_.capacity() * sizeof(Noted) + pieces_.capacity() * sizeof(Piece) +
           text_.capacity();
  }

 private:
  struct Noted {
    uint32_t begin, end;
    const Leaf* leaf;
  };
  // A piece of text(): of the view as it stands, joined parts, or what divides stretches.
  struct Piece {
    enum class Kind : uint8_t { kPlain, kUnusual, kOrdinary, kBreak };
    uint32_t at;          // in text()
    uint32_t begin, end;  // in the view
    Kind kind;
  };

  // Whether `joined_[at]` is near enough to others or to Latin letters to say something.
  bool IsWorth(std::string_view view, size_t at) const;
  void AddStretch(std::string_view view, size_t first, size_t last, uint32_t from, bool together);
  // Adds [begin, end) of the view, which parts stand before and behind as told, without what holds
  // apart in it.
  void AddTogether(std::string_view view, uint32_t begin, uint32_t end, bool parts_before,
                   bool parts_behind);
  void AddPlain(std::string_view view, uint32_t begin, uint32_t end);

  std::vector<Noted> noted_;
  std::vector<Noted> joined_;  // those of noted_ that are read
  std::vector<Piece> pieces_;
  std::string text_;
  bool dropped_ = false;  // something that held apart was left out of text_
};

}  // namespace winnow::match
