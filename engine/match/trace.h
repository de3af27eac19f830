// How a rule judged a text, step by step: for authors who ask why. Nothing of it is on the way of a
// check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/match/conditions.h"
#include "engine/match/gate.h"
#include "engine/match/program.h"

namespace winnow::match {

// One node of a rule's `match` or `unless` tree.
struct NodeTrace {
  uint32_t node = 0;  // index into ProgramSpec::nodes
  enum class Lack : uint8_t {
    kNothing,  // it holds
    kMissing,  // nothing of it, or of a part that it must have, stands in the text
    kApart,    // all of its parts stand, but not within reach of one another (or in order)
    kDenied,   // a part that must be absent stands within reach
  };
  Lack lack = Lack::kMissing;
  size_t count = 0;            // occurrences; of a kLeaves node places where it hits
  std::vector<LeafHit> hits;   // of a kLeaves node, one a place; at most kTraceHitsMax
  std::vector<Occurrence> at;  // the first places; at most kTraceHitsMax
  // How much of it stands: 1 where it holds, 0 where nothing of it does; of an `all` or `near` the
  // mean of its parts, below 1.
  double nearness = 0;
};
inline constexpr size_t kTraceHitsMax = 8;

// What `unless` did to one occurrence of `match`.
struct Excuse {
  enum class How : uint8_t {
    kNone,
    kLongerWord,  // the match is a part of it
    kBefore,
    kInside,
    kBehind,  // and joined to what is said
  };
  How how = How::kNone;
  Occurrence match;
  Occurrence by;  // meaningless for kNone
};

// An occurrence of `unless` that excuses nothing.
struct IdleExcuse {
  enum class Why : uint8_t {
    kAlone,      // a word by itself between punctuation: nothing is said with it
    kNotJoined,  // behind the match, and nothing joins it to what was said
    kOutOfReach,
  };
  Why why = Why::kOutOfReach;
  Occurrence at;
};

struct RuleTrace {
  std::vector<NodeTrace> match;     // the nodes of the tree, each before its children
  std::vector<NodeTrace> unless;    // the same; empty where the rule has none
  std::vector<Occurrence> matches;  // what the rule found, as EvaluateRule() has it
  std::vector<Excuse> excused;      // occurrences of `match` that `unless` dropped
  std::vector<IdleExcuse> idle;     // told where something was found all the same

  // Of the root of `match`.
  double nearness() const { return match.empty() ? 0 : match.front().nearness; }
};

// Judges `rule` as EvaluateRule() does, and notes how. Pure. O(depth · what EvaluateRule() costs).
RuleTrace TraceRule(const ProgramSpec& spec, const RuleCondition& rule, const HitTable& hits);

// The spec that a program was compiled from.
const ProgramSpec& SpecOf(const Program& program);

// What a leaf became.
struct LeafFacts {
  const char* anchor[text::kViewCount] = {};  // "word", "pair", ...; null: not indexed there
  // Of an expression.
  uint32_t bytes_max = 0;  // of its widest match
  bool gated = false;      // it is sought only where its gate is open
  Gate gate;
  bool alone = false;  // it is sought in every text
};
std::vector<LeafFacts> FactsOf(const Program& program);

// What a rule asks of every text, as far as it can be told without one.
struct RuleCost {
  // The share of ordinary texts in which the rarest part that its `match` must have stands, by the
  // length and number of its terms: a guess within a factor of ten. 1 where an expression without
  // a gate may hold by itself.
  double often = 0;
};
RuleCost CostOf(const Program& program, size_t rule);

}  // namespace winnow::match
