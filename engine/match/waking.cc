#include "engine/match/waking.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace winnow::match {
namespace {

// Of a set of more leaves, or of a guard, the hits are noted as they come.
constexpr size_t kAskedMax = 128;

}  // namespace

NumberLists::NumberLists(const std::vector<std::vector<uint32_t>>& lists) {
  begins_.reserve(lists.size() + 1);
  for (const std::vector<uint32_t>& list : lists) {
    numbers_.insert(numbers_.end(), list.begin(), list.end());
    begins_.push_back(static_cast<uint32_t>(numbers_.size()));
  }
}

double OftenAwake(const ProgramSpec& spec, uint32_t index, const std::vector<bool>& numbers) {
  const Node& node = spec.nodes[index];
  double total = 0, least = 1;
  for (uint32_t i = 0; i < node.child_count; ++i) {
    double often = 0;
    if (node.op == Op::kLeaves) {
      const uint32_t at = spec.leaf_index[node.first_child + i];
      const Leaf& leaf = spec.leaves[at];
      const std::string& term = *std::find_if(std::begin(leaf.in_view), std::end(leaf.in_view) - 1,
                                              [](const std::string& t) { return !t.empty(); });
      const bool number_will_do = !numbers.empty() && numbers[at];
      // By its length alone: this is done whenever a pack is loaded.
      const bool wide = !term.empty() && static_cast<uint8_t>(term[0]) >= 0x80;
      often = leaf.kind == Leaf::Kind::kRegex ? (number_will_do ? 1 : 0.01)
              : wide                          ? std::pow(0.1, static_cast<double>(term.size()) / 3)
                                              : std::pow(0.6, static_cast<double>(term.size()));
    } else {
      const uint32_t child = spec.child_index[node.first_child + i];
      if (spec.nodes[child].op == Op::kNot) continue;
      often = OftenAwake(spec, child, numbers);
    }
    total += often;
    least = std::min(least, often);
  }
  return node.op == Op::kAll || node.op == Op::kNear ? least : total;
}

Waking::Waking(const ProgramSpec& spec, const std::vector<bool>& granted,
               const std::vector<bool>& numbers)
    : rule_count_(spec.rules.size()),
      set_of_node_(spec.nodes.size(), kNone),
      guards_(spec.leaves.size()) {
  // By the bytes of the leaves' numbers.
  absl::flat_hash_map<std::string_view, uint32_t> sets;
  std::vector<std::span<const uint32_t>> leaves;  // by set
  const auto number = [&](const auto& self, uint32_t index) -> void {
    const Node& node = spec.nodes[index];
    if (node.op == Op::kLeaves) {
      const std::span<const uint32_t> of_node(spec.leaf_index.data() + node.first_child,
                                              node.child_count);
      const std::string_view bytes(reinterpret_cast<const char*>(of_node.data()),
                                   of_node.size_bytes());
      const auto [at, added] = sets.try_emplace(bytes, static_cast<uint32_t>(leaves.size()));
      set_of_node_[index] = at->second;
      if (added) leaves.push_back(of_node);
      return;
    }
    for (uint32_t i = 0; i < node.child_count; ++i) {
      const uint32_t child = spec.child_index[node.first_child + i];
      if (spec.nodes[child].op != Op::kNot) self(self, child);
    }
  };
  for (const RuleCondition& rule : spec.rules) number(number, rule.match);
  for (const std::span<const uint32_t> set : leaves) {
    granted_.push_back(
        std::any_of(set.begin(), set.end(), [&](uint32_t leaf) { return granted[leaf]; }));
  }
  std::vector<std::vector<uint32_t>> guarded(leaves.size());
  std::vector<uint32_t> guards;
  for (uint32_t rule = 0; rule < spec.rules.size(); ++rule) {
    guards.clear();
    FindGuards(spec, spec.rules[rule].match, numbers, &guards);
    for (uint32_t set : guards) {
      if (guarded[set].empty() || guarded[set].back() != rule) guarded[set].push_back(rule);
    }
  }
  std::vector<std::vector<uint32_t>> told_sets(spec.leaves.size());
  for (uint32_t set = 0; set < leaves.size(); ++set) {
    const bool guard = !guarded[set].empty();
    told_.push_back(guard || leaves[set].size() > kAskedMax);
    for (uint32_t leaf : leaves[set]) {
      if (guard) guards_[leaf] = true;
      if (told_[set]) told_sets[leaf].push_back(set);
    }
  }
  told_sets_ = NumberLists(told_sets);
  guarded_ = NumberLists(guarded);
}

void Waking::FindGuards(const ProgramSpec& spec, uint32_t index, const std::vector<bool>& numbers,
                        std::vector<uint32_t>* sets) const {
  const Node& node = spec.nodes[index];
  if (node.op == Op::kLeaves) {
    sets->push_back(set_of_node_[index]);
    return;
  }
  const bool all = node.op == Op::kAll || node.op == Op::kNear;
  const auto granted = [this](uint32_t leaves) { return granted_[set_of_node_[leaves]]; };
  uint32_t rarest = kNone;
  double least = std::numeric_limits<double>::max();
  for (uint32_t i = 0; i < node.child_count; ++i) {
    const uint32_t child = spec.child_index[node.first_child + i];
    if (spec.nodes[child].op == Op::kNot) continue;
    if (!all) {
      FindGuards(spec, child, numbers, sets);
      // What is taken for granted guards nothing.
    } else if (!CanHold(spec, child, granted)) {
      const double often = OftenAwake(spec, child, numbers);
      if (often < least) {
        least = often;
        rarest = child;
      }
    }
  }
  if (rarest != kNone) FindGuards(spec, rarest, numbers, sets);
}

size_t Waking::memory_bytes() const {
  return set_of_node_.size() * sizeof(uint32_t) +
         (granted_.size() + told_.size() + guards_.size()) / 8 + told_sets_.memory_bytes() +
         guarded_.memory_bytes();
}

void Waker::Begin(const Waking& waking) {
  waking_ = &waking;
  ++mark_;
  guarded_.clear();
  const auto fit = [](size_t size, std::vector<uint64_t>* marks) {
    if (marks->size() < size) marks->resize(size);
  };
  fit(waking.guards_.size(), &leaf_marks_);
  fit(waking.told_.size(), &set_marks_);
  fit(waking.rule_count_, &rule_marks_);
}

void Waker::Hit(uint32_t leaf) {
  if (leaf_marks_[leaf] == mark_) return;
  leaf_marks_[leaf] = mark_;
  for (uint32_t set : waking_->told_sets_[leaf]) {
    if (set_marks_[set] == mark_) continue;
    set_marks_[set] = mark_;
    for (uint32_t rule : waking_->guarded_[set]) {
      if (rule_marks_[rule] == mark_) continue;
      rule_marks_[rule] = mark_;
      guarded_.push_back(rule);
    }
  }
}

}  // namespace winnow::match
