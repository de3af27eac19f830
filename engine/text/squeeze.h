// The squeezed view: words that somebody held apart, respelled or stretched, put together again.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/edits.h"
#include "engine/text/fold_notes.h"
#include "engine/text/hidden_words.h"
#include "engine/text/shapes.h"

namespace winnow::text {

namespace squeezing {
class RunWriter;
}

// How far, in bytes of the folded view, what surrounds a character may decide how it is squeezed.
inline constexpr uint32_t kSqueezeReach = 512;
// At most this many characters stand between two that are joined.
inline constexpr uint32_t kGapCharsMax = 6;

// Finds in a folded view
// - chains: three or more single letters, or two or more single ideographs, with spaces, symbols,
//   emoji or digits between them; ordinary punctuation, units of measure and arithmetic end a
//   chain;
// - tokens: words with digits or signs for letters, or a letter three times or more;
// - second readings of words, as the notes of its folding ask for them (hidden_words.h), with
// chains
//   and tokens in them.
// Each becomes a run, in which equal letters that meet are one (so "a s s", "asss" and the term
// "ass" agree). What can be read two ways ("1" as i or l; two words or one) gives a run for each.
class Squeezer {
 public:
  Squeezer();
  ~Squeezer();

  // The squeezed view of `folded`, of which `notes` say what was undone; valid until the next call.
  // Usually empty. `map` leads from it to `folded`. O(n).
  std::string_view Squeeze(std::string_view folded, const FoldNotes& notes, EditMap* map);

  // Where in `folded` the last run ends; 0 when there is none.
  uint32_t until() const { return until_; }
  // The runs of the last call's view that are no second readings, or none but of what hidden cells
  // parted.
  std::string_view first_readings() const {
    return std::string_view(out_).substr(0, first_readings_);
  }

  // As when nothing was found.
  void Clear() {
    shapes_.clear();
    until_ = 0;
    first_readings_ = 0;
  }

  // What was looked at closely, in order.
  const std::vector<Shape>& shapes() const { return shapes_; }

 private:
  struct Readers;

  // Where something hidden was removed between letters of `folded`.
  void NoteHidden(std::string_view folded, const FoldNotes& notes);

  // Reads the chains of which a gap is also where something was removed.
  void ReadHidden(std::string_view folded, squeezing::RunWriter* writer);

  std::vector<Shape> shapes_;
  squeezing::SecondReader second_;
  std::vector<uint32_t> hidden_;       // where something was removed
  std::vector<uint64_t> hidden_bits_;  // the same, a bit for each offset
  std::unique_ptr<Readers> readers_;   // made when there is something to read
  std::string out_;
  uint32_t until_ = 0;
  size_t first_readings_ = 0;  // bytes of out_
};

// A folded term as the squeezed view would show it; empty when the view never would.
std::string SqueezeTerm(std::string_view folded);

// Further forms in which the squeezed view may show a folded term, none of which a folded view has:
// - one of several words amid other words, each word beginning with a capital;
// - one with numbers where they are meant as numbers, its letters capitals.
std::vector<std::string> OtherTerms(std::string_view folded);

}  // namespace winnow::text
