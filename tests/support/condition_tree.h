// Conditions written as nested braces, for tests of the matcher below the rule parser.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/match/program.h"

namespace winnow {

struct Tree {
  match::Op op = match::Op::kLeaves;
  std::vector<match::Leaf> leaves;
  std::vector<Tree> children;
  match::Scope scope = match::Scope::kField;
  uint32_t characters = 0;
  bool ordered = false;

  // The same condition within a sentence, within `n` characters, in order.
  Tree Sentence() const;
  Tree Within(uint32_t n) const;
  Tree Ordered() const;
};

// Sought in folded and squeezed, anywhere.
Tree Terms(std::vector<std::string> terms);
// Sought in folded and squeezed, only as whole words.
Tree Words(std::vector<std::string> terms);
// Sought in folded only, or in the views given.
Tree Regex(std::string expression, text::ViewSet views = text::SetOf(text::View::kFolded),
           text::Checksum checksum = text::Checksum::kNone);
Tree Any(std::vector<Tree> children);
Tree All(std::vector<Tree> children);
Tree Not(Tree child);
Tree Near(std::vector<Tree> children);

struct RuleTree {
  Tree match;
  std::optional<Tree> unless = std::nullopt;  // its scope is the rule's
  uint32_t surfaces = ~0u;
};

// The flat form, as the pack compiler would make it.
match::ProgramSpec Flatten(const std::vector<RuleTree>& rules);

}  // namespace winnow
