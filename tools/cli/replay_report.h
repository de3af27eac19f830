// What two revisions of rules make of the same contents, and what differs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/checker.h"
#include "engine/rules/taxonomy.h"
#include "tools/cli/console.h"

namespace winnow::cli {

// What one revision makes of a content.
struct ReplaySide {
  Decision decision = Decision::kUnspecified;
  std::vector<std::string> rules;  // that matched, each once, sorted
};

ReplaySide SideOf(const CheckResult& result);

// Counts contents one by one and tells them at the end. Keeps samples, not contents. Not thread
// safe.
class ReplayReport {
 public:
  // At most `samples_max` samples are kept of each rule and each way, and of each change of
  // decision: the first ones.
  explicit ReplayReport(size_t samples_max) : samples_max_(samples_max) {}

  // `content` is what people call it: "orders.txt:12", a verdict's name.
  void Add(std::string_view content, std::string_view text, const ReplaySide& before,
           const ReplaySide& after);

  uint64_t contents() const { return contents_; }
  // Contents of which the decision or the rules that matched differ.
  uint64_t changed() const { return changed_; }

  std::string Text(const Style& style, size_t width) const;
  // The members of an object, without its braces: contents, changed, decisions, rules.
  std::string JsonMembers() const;

 private:
  struct Sample {
    std::string content, text;
  };
  struct Some {
    uint64_t count = 0;
    std::vector<Sample> samples;
  };
  struct OfRule {
    uint64_t before = 0, after = 0;  // contents in which it matched
    Some gained, lost;
  };

  void Count(std::string_view content, std::string_view text, Some* some) const;

  const size_t samples_max_;
  uint64_t contents_ = 0, changed_ = 0;
  std::map<std::pair<Decision, Decision>, Some> decisions_;  // with those that stay, unsampled
  std::map<std::string, OfRule> rules_;
};

}  // namespace winnow::cli
