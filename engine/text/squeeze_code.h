// What mixes numbers with letters or ideographs ("pk10", "14岁以下") and is held apart. For the
// squeezer only.
#pragma once

#include <cstdint>

#include "engine/text/squeeze_text.h"

namespace winnow::text::squeezing {

// Reads what chains and words cannot tell, because to them a number is what holds apart or is put
// for letters. Keeps its buffers.
class CodeReader {
 public:
  // Begins another view. `writer` must stay until the next is begun.
  void Begin(const Text& text, RunWriter* writer);

  // Writes the run of what has a digit between each two characters, of which one is at `at` between
  // two that are none: "a7k7477", "1343岁3以3下", "日4本4人". O(its characters), once for each.
  void ReadAlternating(uint32_t at);

  // Writes the run of the characters around the one at `at`, or the one before when that is none,
  // each by itself, with spaces or symbols between them, when there are digits among them:
  // "a k 4 7", "14 岁 以 下". O(its characters), of which there is a limit.
  void ReadSpaced(uint32_t at);

  // Writes the runs of the letters, digits and ideographs around a symbol at or beside `at` that no
  // spelling has there, one of its neighbours an ideograph: "5g运※营商", "代★写assignment". O(what
  // is taken), once for each symbol.
  void ReadMixed(uint32_t at);

 private:
  // The character beside `at` when a digit holds it apart from the one there; false when none does.
  bool HeldBeside(uint32_t at, bool forward, Char* held) const;
  // The character by itself beside `at`, over what holds apart; false when there is none.
  bool SingleBeside(uint32_t at, bool forward, Char* single) const;
  // Where the letters, digits and ideographs end that are beside `at`, as far as they are taken,
  // and whether there are any of the first two.
  uint32_t MixedEnd(uint32_t at, bool forward, bool* letters, bool* digits) const;
  // Whether a symbol before or behind what is taken is one more that holds apart.
  bool GoesOn(const Char& sign, bool forward) const;
  bool HasDigitBeside(uint32_t at) const;
  // Writes the run of chars_, with `numbers` among them or with none.
  void Write(bool numbers);

  Text text_;
  RunWriter* writer_ = nullptr;
  uint32_t alternating_done_ = 0, spaced_done_ = 0, mixed_done_ = 0;
  std::vector<Char> before_, chars_;
  Pieces pieces_;
};

}  // namespace winnow::text::squeezing
