// How many of the terms of the bundled rules are found when somebody hides them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/checker.h"
#include "tests/evasion/kinds.h"

namespace winnow::evasion {

// Every term of the bundled rules as a rule of its own, so that no other condition decides.
class TermPack {
 public:
  // Aborts with a message when rules/ does not compile.
  static const TermPack& Bundled();

  struct Term {
    std::string text;
    std::string rule_id;
  };
  const std::vector<Term>& terms() const { return terms_; }
  // How the terms are sought: what a rule has to ask for, sound and order, is asked for only where
  // it is measured.
  enum class Asked { kNothing, kSound, kReversed, kBoth };
  static constexpr int kAskedCount = 4;
  const Checker& checker(Asked asked) const { return *checkers_[static_cast<int>(asked)]; }
  // Of the rules the terms were taken from.
  const std::string& revision() const { return revision_; }

 private:
  std::vector<Term> terms_;
  std::unique_ptr<Checker> checkers_[kAskedCount];
  std::string revision_;
};

// What became of the variants of one kind, or of two mixed.
struct Recall {
  uint32_t terms = 0;  // to which it applies
  uint32_t variants = 0;
  uint32_t found = 0;               // with the evasions named
  uint32_t unnamed = 0;             // found, but not named
  std::vector<std::string> misses;  // the first, as "term: text"
  double share() const { return variants == 0 ? 1 : static_cast<double>(found) / variants; }
};

// Writes `variants` variants of the terms in turn, by `kind` and, unless null, `other` too, in
// ordinary sentences, and checks each. The same seed gives the same variants.
Recall Measure(const TermPack& pack, const Kind& kind, const Kind* other, uint32_t variants,
               uint64_t seed, uint32_t misses_max);

}  // namespace winnow::evasion
