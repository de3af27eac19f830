// Chains: letters and ideographs with spaces, symbols, emoji or digits between them. For the
// squeezer only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/text/squeeze_text.h"

namespace winnow::text::squeezing {

// What stands between two neighbours of a chain.
struct Gap {
  uint32_t chars = 0;
  uint32_t spaces = 0;
  uint32_t lines = 0;
  uint32_t digits = 0;
  uint32_t ordinary = 0;    // punctuation that divides clauses and lists
  uint32_t arithmetic = 0;  // = + < > | & / ~
  uint32_t strokes = 0;     // of them + /, which also set against each other
  uint32_t stops = 0;       // full stops
  uint32_t dashes = 0;      // what else divides or joins words, as dashes, dots and arrows do
  uint32_t emoji = 0;       // which stand between words as punctuation does
  uint32_t symbols = 0;     // all others, also what was removed because nobody sees it
  bool hidden = false;      // something was

  void Add(const Char& c);
  // A gap that no spelling has: it may join ideographs that are not single.
  bool Odd() const { return chars > 0 && symbols == chars; }
};

// A single letter, or neighbouring ideographs.
struct Unit {
  uint32_t begin = 0;  // in the folded view
  uint32_t end = 0;
  Role role = Role::kLetter;
  char32_t first = 0;  // characters
  char32_t last = 0;
  uint32_t chars = 1;
  bool cut = false;       // there are more ideographs than were taken: the chain ends here
  char leet = 0;          // the letter that a digit is put for
  Gap before = {};        // what divides it from the unit before
  bool doubtful = false;  // it may as well not belong to the unit before

  bool stretched = false;  // one letter over and over

  bool han() const { return role == Role::kHan; }
  bool single() const { return chars == 1; }
};

// Whether an ideograph ordinarily stands next to numbers.
bool StandsBesideNumbers(char32_t c);

// Reads the chains of a view. Keeps its buffers.
class ChainReader {
 public:
  // Begins another view. `writer` must stay until the next is begun.
  void Begin(const Text& text, RunWriter* writer);

  // Writes the runs of the chain at `at`, looking back to `*done` at most for its begin. Moves
  // `*done` to where no shape needs to be looked at any more.
  void Read(uint32_t at, uint32_t* done);

 private:
  // The letter at `c` by itself, which may be one over and over; false when others touch it.
  bool LetterAt(const Char& c, Unit* unit) const;
  // Whether one digit on either side holds the letter apart from letters or ideographs ("t6g6群"),
  // or one on one side from ideographs where nothing touches the other ("加3v").
  bool BetweenDigits(const Char& c) const;
  // Whether the sign `c`, before or behind which is `gap`, is put for a letter held apart itself,
  // as in "c @ s h": what holds it apart is the same on both sides, or a symbol that no text has.
  bool IsPut(const Char& c, const Gap& gap) const;
  // Whether `c` is no part of the gap behind or before `from`.
  bool EndsGap(const Char& c, const Gap& gap, const Unit& from) const;
  // Begins the gap that follows or precedes `at`.
  Gap GapAt(uint32_t at) const;
  // The ideographs from `from` on, or up to it.
  Unit HanPiece(const Char& from, bool forward) const;
  // The unit that `c` begins or ends, with `gap` between it and `from`; false when it is none.
  bool UnitAt(const Char& c, const Gap& gap, const Unit& from, bool forward, Unit* unit) const;
  // The letters of a word that touches ideographs ("内※网vpn"); false when there are many.
  bool WordBeside(const Char& c, bool forward, Unit* unit) const;
  // The unit that follows `after` over at most kGapCharsMax characters that join the two; false
  // when there is none.
  bool NextUnit(const Unit& after, Unit* unit) const;
  // The unit before `of`, as NextUnit(); its gap goes into of->before.
  bool UnitBefore(uint32_t done, Unit* of, Unit* unit) const;
  // Whether `*b` goes on what `a` began; sets b->doubtful.
  bool Join(const Unit& a, Unit* b) const;
  // A digit between ideographs of which the second is often counted, yet not here: no number is 0,
  // none counts behind what stands alone, nor what another digit follows.
  bool DigitsBetween(const Unit& a, const Unit& b) const;
  // Whether a number stands before or behind the units, over a space at most.
  bool BesideNumber(size_t begin, size_t end) const;

  // The runs of units_[begin, end): parted where a join is doubtful, and not.
  void WriteReadings(size_t begin, size_t end);
  // The two letters from `at` on.
  void WritePair(size_t at);
  // The runs of units_[begin, end) read as one, unless they are innocent. What is put for letters
  // at their ends may as well be none: a run for each.
  void WriteChain(size_t begin, size_t end);
  void WriteJudged(size_t begin, size_t end);
  // Words held apart by wider gaps than their letters, or by spaces when their letters are not. In
  // long chains "their letters" are those on either side.
  void WriteWords(size_t begin, size_t end);
  // With '1' and '!' as i, as l, and the one as l and the other as i.
  void WriteUnits(size_t begin, size_t end);
  void WriteUnits(size_t begin, size_t end, char one, char mark);
  // What stands before unit `i`, which is not the first.
  std::string_view GapText(size_t i) const;

  Text text_;
  RunWriter* writer_ = nullptr;
  std::vector<Unit> units_, back_;
  Pieces pieces_;
};

}  // namespace winnow::text::squeezing
