// The ways of hiding a term that are measured, one row each.
#pragma once

#include <string_view>
#include <vector>

#include "engine/text/span.h"
#include "tests/evasion/writing.h"

namespace winnow::evasion {

// What a kind works on. Kinds are applied in this order; two of one stage share the places.
enum class Stage {
  kOrder,    // the order of the characters
  kSpell,    // what is written for a character
  kRepeat,   // how often
  kBetween,  // what stands between two
  kEscape,   // how each character is encoded
};

// Where a term may stand: anywhere, with a border on one side at least or on both, or amid Han.
// Inside a run of Han, nothing shows where a term begins.
enum class Around { kAny, kBounded, kAlone, kInsideHan };

struct Kind {
  std::string_view name;
  Stage stage;
  // The evasions of which a finding must name at least one; 0: it undoes nothing worth a name.
  text::EvasionMask named;
  double target;  // the share of variants that is to be found; 0: none is promised
  double floor;   // the share that is found: less is a failure
  Around around;
  // Rewrites the cells at `places` (by index; for kBetween what follows the cell) and returns how
  // many it could, 0 when the kind does not apply to the term.
  uint32_t (*write)(Random* random, const std::vector<bool>& places, Writing* writing);
  // What is missed, and why.
  std::string_view missed;
  // Of kBetween: writes one in a word or a pair, wherever it likes, and leaves the other gaps.
  bool lone = false;
};

const std::vector<Kind>& Kinds();

}  // namespace winnow::evasion
