// What the folding of a text undid or left, of which its folded view shows nothing any more.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/text/edits.h"

namespace winnow::text {

struct FoldNote {
  enum class Kind : uint8_t {
    // Characters nobody sees, bidi controls, selectors or marks that are no spelling were removed
    // before `at`, which is between two letters or ideographs of scripts that need none of them
    // (not Arabic, the scripts of India and South East Asia, emoji). One note a place.
    kHidden,
    // The letter at `at` was written upside down.
    kTurned,
    // The letter at `at` looked like `letter`, which is not how the letter that it became looks.
    kLook,
    // The word that holds the character at `at` was read in its own alphabet, though each letter of
    // it looks like a Latin one, if need be turned upside down.
    kAlike,
    // Regional indicators at `at` were read as flags.
    kFlags,
    // Regional indicators at `at` were read as letters.
    kIndicators,
    // What may be an escaped `letter`, in quoted-printable or percent-escaped, is at `at`, three
    // bytes long, and was left.
    kEscape,
    // The line break at `at` stands for a cell full of characters nobody sees (kHiddenCellBytes).
    kHiddenCell,
  };
  uint32_t at;  // an offset into the folded view
  Kind kind;
  char letter = 0;  // lower-case ASCII; 0 where the kind has none

  friend bool operator==(const FoldNote&, const FoldNote&) = default;
};

// In order of `at`. Empty for ordinary text of most languages; one that shares letters with Latin
// has a note for many of its words.
using FoldNotes = std::vector<FoldNote>;

// Makes of the `notes` of a view those of what it folds to, which `further` leads back from and of
// which there are `further_notes`.
void GoOn(const EditMap& further, const FoldNotes& further_notes, FoldNotes* notes);

// Drops what was hidden elsewhere in `folded` than between letters.
void Sift(std::string_view folded, FoldNotes* notes);

}  // namespace winnow::text
