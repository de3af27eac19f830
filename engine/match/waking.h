// Which rules can hold by which patterns hit, before any place is compared. For this room only.
//
// Rules share terms: a way to be reached is part of hundreds of them, and telling each rule of each
// hit would make a telephone number as dear as the pack is large. So of what a rule must have all
// of, the part that is rarest in ordinary text guards it: only rules of which a guard hit are asked
// whether all else that they need did. What several rules ask for alike is one set of leaves; sets
// that are guards or large are told of their hits, and others look for them when asked. O(hits, the
// told sets that they are in, and the nodes of the rules that those guard; of sets that are not
// told, their 128 leaves at most).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/match/program.h"

namespace winnow::match {

// Lists of numbers by number, one behind the other.
class NumberLists {
 public:
  NumberLists() = default;
  explicit NumberLists(const std::vector<std::vector<uint32_t>>& lists);
  std::span<const uint32_t> operator[](size_t i) const {
    return {numbers_.data() + begins_[i], begins_[i + 1] - begins_[i]};
  }
  size_t memory_bytes() const { return (begins_.size() + numbers_.size()) * sizeof(uint32_t); }

 private:
  std::vector<uint32_t> begins_ = {0};
  std::vector<uint32_t> numbers_;
};

// Calls `visit(leaf)` for the leaves of the node and of those below it; some come twice.
template <typename F>
void ForEachLeaf(const ProgramSpec& spec, uint32_t index, F visit) {
  const Node& node = spec.nodes[index];
  for (uint32_t i = 0; i < node.child_count; ++i) {
    if (node.op == Op::kLeaves) {
      visit(spec.leaf_index[node.first_child + i]);
    } else {
      ForEachLeaf(spec, spec.child_index[node.first_child + i], visit);
    }
  }
}

// All leaves of a rule, be they in a `not` or in `unless`; some come twice.
template <typename F>
void ForEachLeaf(const ProgramSpec& spec, const RuleCondition& rule, F visit) {
  ForEachLeaf(spec, rule.match, visit);
  if (rule.unless >= 0) ForEachLeaf(spec, static_cast<uint32_t>(rule.unless), visit);
}

// Whether the node can hold where `hit(index of a kLeaves node)` says whether one of its leaves
// hit. A `not` always can.
template <typename F>
bool CanHold(const ProgramSpec& spec, uint32_t index, const F& hit) {
  const Node& node = spec.nodes[index];
  if (node.op == Op::kLeaves) return hit(index);
  const bool all = node.op == Op::kAll || node.op == Op::kNear;
  for (uint32_t i = 0; i < node.child_count; ++i) {
    const uint32_t child = spec.child_index[node.first_child + i];
    if (spec.nodes[child].op == Op::kNot) continue;
    if (CanHold(spec, child, hit) != all) return !all;
  }
  return all;
}

// How often the node can hold in ordinary text, about, by the length of its terms. `numbers`: by
// leaf, whether it is an expression for which a number may do; empty: none is.
double OftenAwake(const ProgramSpec& spec, uint32_t index, const std::vector<bool>& numbers);

// What of a program's conditions wakes which rule. Immutable, for any thread.
class Waking {
 public:
  Waking() = default;
  // `granted`: by leaf, whether it may be taken to have hit (see Waker::ForEachAwake()); `numbers`
  // as above.
  Waking(const ProgramSpec& spec, const std::vector<bool>& granted,
         const std::vector<bool>& numbers);

  // Whether some rule can hold only where the leaf or one beside it hit.
  bool IsGuard(uint32_t leaf) const { return guards_[leaf]; }
  size_t memory_bytes() const;

 private:
  friend class Waker;
  static constexpr uint32_t kNone = UINT32_MAX;

  void FindGuards(const ProgramSpec& spec, uint32_t index, const std::vector<bool>& numbers,
                  std::vector<uint32_t>* sets) const;

  size_t rule_count_ = 0;
  std::vector<uint32_t> set_of_node_;  // of nodes of kLeaves that are in no `not`; else kNone
  std::vector<bool> granted_;          // by set, whether a leaf of it is
  std::vector<bool> told_;             // by set
  NumberLists told_sets_;              // by leaf
  NumberLists guarded_;                // by set, the rules it guards
  std::vector<bool> guards_;           // by leaf
};

// The hits of one stretch of text. Not thread-safe.
class Waker {
 public:
  // Forgets all hits.
  void Begin(const Waking& waking);
  // A leaf hit; once is enough.
  void Hit(uint32_t leaf);
  // Calls `visit(rule)` once for each rule that can hold by the hits, and if `granted` by those
  // that may be taken for granted.
  template <typename F>
  void ForEachAwake(const ProgramSpec& spec, bool granted, F visit) const {
    const auto hit = [&](uint32_t node) {
      const uint32_t set = waking_->set_of_node_[node];
      if (granted && waking_->granted_[set]) return true;
      if (waking_->told_[set]) return set_marks_[set] == mark_;
      const auto first = spec.leaf_index.begin() + spec.nodes[node].first_child;
      return std::any_of(first, first + spec.nodes[node].child_count,
                         [this](uint32_t leaf) { return leaf_marks_[leaf] == mark_; });
    };
    for (uint32_t rule : guarded_) {
      if (CanHold(spec, spec.rules[rule].match, hit)) visit(rule);
    }
  }

 private:
  const Waking* waking_ = nullptr;
  uint64_t mark_ = 0;
  std::vector<uint64_t> leaf_marks_, set_marks_, rule_marks_;  // with which one last hit
  std::vector<uint32_t> guarded_;                              // rules of which a guard hit
};

}  // namespace winnow::match
