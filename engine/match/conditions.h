// Judging rules' conditions over the hits of one field. Pure; knows nothing of Hyperscan.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/match/program.h"
#include "engine/text/normalizer.h"
#include "engine/text/span.h"

namespace winnow::match {

// Where a leaf hit, or where a condition made of several hits holds: then the hull of them.
struct Occurrence {
  text::Place place;
  text::View view = text::View::kFolded;  // the most hidden view among the hits
  uint64_t begin = 0, end = 0;            // the caller's coordinates
  uint32_t first_hit = 0, last_hit = 0;   // numbers of the hits at its two ends
};

struct LeafHit {
  uint32_t leaf = 0;
  Occurrence at;
};

// The hits of one field, by leaf. Views the vector it is given.
class HitTable {
 public:
  // Sorts `hits` by leaf and place and drops doubles. O(n log n).
  explicit HitTable(std::vector<LeafHit>* hits);
  // In order of place. O(log n).
  std::span<const LeafHit> Of(uint32_t leaf) const;

 private:
  std::span<const LeafHit> hits_;
};

// Where `rule` holds: in order of place; one that lies inside another is dropped, and so is a
// squeezed one where a folded one has the same place. The meaning of each condition:
//   leaves   each hit of any of the leaves
//   any      each occurrence of any child
//   all      each occurrence of the first child that is no `not`, if every other such child occurs
//            within the scope of it and no `not` child does. Field: the span is that occurrence;
//            otherwise the hull with the nearest occurrence of each other child (of equally near
//            ones the first that does not begin before it, else the one that reaches farthest).
//   near     one occurrence of each group, none overlapping, so that neighbours are within the
//            scope of each other; `ordered`: in the order of the groups. The span is their hull;
//            of hulls that hold one another the tightest stands.
//   unless   drops the occurrences of `match` in whose scope it occurs and is said (see Standing):
//            where it holds an end of the match; inside it, not alone (both whatever the scope);
//            before it, not alone; behind it, not alone and joined to what is said (it begins with
//            its joining word, which the match does not hold). A hit of `match` that is only a part
//            of it is none.
// The distance of two spans in characters is that of their nearest ends, 0 when they overlap. A
// span is in the sentence in which it begins.
// O(n log n) in the hits it looks at; for each hit of a `near` of g groups up to 2^(g-1) steps of a
// few nanoseconds, or one where it is `ordered`.
void EvaluateRule(const ProgramSpec& spec, const RuleCondition& rule, const HitTable& hits,
                  std::vector<Occurrence>* out);

}  // namespace winnow::match
