// Second readings: words that the folded view shows as they may also be meant, read as what they
// look like. For the squeezer only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/edits.h"
#include "engine/text/fold_notes.h"
#include "engine/text/shapes.h"
#include "engine/text/squeeze_chain.h"
#include "engine/text/squeeze_code.h"
#include "engine/text/squeeze_text.h"
#include "engine/text/squeeze_word.h"

namespace winnow::text::squeezing {

// Reads what the notes of a folded view speak of a second way, each with what surrounds it:
// - words in letters of another alphabet that all look like Latin ones, where no other word of that
//   alphabet is near and Latin words or ideographs are ("рау мопеу now", not "вот кот")
// - flags as the letters they are made of
// - letters by themselves in quoted-printable, or percent-escaped
// - words upside down from their last letter to the first, several at a time, also with digits or
//   signs for letters or between them
// - what is on both sides of so many hidden characters that they show as line breaks
// What is read so is searched for words and chains as any text is.
class SecondReader {
 public:
  // Appends to `out` the runs of the second readings of `folded`, and to `map` their way back.
  // Returns where in `folded` the last of them ends, 0 when there is none. O(n), and nothing where
  // no note asks for it.
  uint32_t Read(std::string_view folded, const FoldNotes& notes, std::string* out, EditMap* map);

  // The size of `out` after what was only parted by hidden cells, which shows as it is written.
  size_t hidden_size() const { return hidden_size_; }

 private:
  // A character read another way.
  struct Respelled {
    uint32_t begin, end;  // in the folded view
    char letter;          // 0: nothing
    EvasionMask evasions;
  };

  void Gather(std::string_view folded, const FoldNotes& notes);
  // Notes the flags from `begin` on.
  void GatherFlags(const Text& text, uint32_t begin);
  // Adds the letters of those flags that may spell.
  void SpellFlags(const Text& text);
  // Adds the letters of the word around the note.
  void GatherAlike(const Text& text, const FoldNotes& notes, size_t note);
  // Adds the hidden cells from the note on, which are read as nothing. Returns the last note of
  // them.
  size_t GatherHidden(const Text& text, const FoldNotes& notes, size_t note);
  // Whether what surrounds a word in another alphabet's letters is Latin or Chinese rather than of
  // that alphabet.
  bool AmidOthers(const Text& text, uint32_t begin, uint32_t end);
  // `only_hidden`: the stretches in which nothing but hidden cells is read another way; or the
  // others.
  void ReadForward(const Text& text, bool only_hidden);

  void ReadBackward(const Text& text);
  // What was turned at `at`, null when nothing was.
  const Respelled* TurnedAt(uint32_t at) const;
  // The letter that `c` shows turned upside down; 0 when none.
  char Upright(const Char& c) const;
  // Where the word ends that is next to one turned upside down which `at` ends or begins, over
  // cells and a few signs or digits; `at` when there is none.
  uint32_t NextTurned(const Text& text, uint32_t at, bool forward) const;
  // Whether `at` is in a cell of hidden characters.
  bool InCell(uint32_t at) const;
  // Finds the word around `at`; false when there is none of which each letter may have been turned.
  bool TurnedWord(const Text& text, uint32_t at, uint32_t* begin, uint32_t* end) const;

  // Writes what meets at `mark` of reading_: the ideographs on both sides of what was hidden with
  // the letters among them, what has numbers in it as such, or the two letters of a word, as a term
  // of two.
  void WriteMeeting(const Text& text, uint32_t mark, RunWriter* writer);
  void WritePair(const Text& text, uint32_t mark, RunWriter* writer);

  // Writes the runs of reading_, in which the characters at marks_ are read another way.
  void WriteRuns();
  static void SortByBegin(std::vector<Respelled>* list);

  std::vector<Respelled> respelled_;
  std::vector<Respelled> turned_;
  // Neighbouring regional indicators.
  struct Indicators {
    uint32_t begin, end;
    bool common;  // the flags of well-known regions
    bool spell;
  };
  std::vector<Indicators> indicators_;
  // Cells of hidden characters, in order.
  struct Cells {
    uint32_t begin, end;
  };
  std::vector<Cells> cells_;
  uint32_t word_end_ = 0;  // of the last word of look-alikes
  uint32_t own_end_ = 0;   // of the last letter found that looks like none of Latin
  Reading reading_;
  std::vector<uint32_t> marks_;  // offsets into reading_
  std::vector<Shape> shapes_;
  WordReader words_;
  ChainReader chains_;
  CodeReader codes_;
  Pieces pieces_;

  std::string* out_ = nullptr;
  EditMap* map_ = nullptr;
  uint32_t until_ = 0;
  size_t hidden_size_ = 0;
};

}  // namespace winnow::text::squeezing
