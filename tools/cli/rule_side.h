// One of two revisions that are compared: rule files, or a pack.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/pack/pack.h"
#include "engine/rules/model.h"

namespace winnow::cli {

struct RuleSide {
  std::string name;  // as it was given
  std::shared_ptr<const pack::Pack> pack;
  rules::RuleSet rules;  // in the pack's order
};

// A folder or a .yaml file is compiled, anything else loaded as a pack. nullopt, having complained
// and set `*exit_code`, when it cannot be read or its rules have errors.
std::optional<RuleSide> LoadSide(const std::string& path, int* exit_code);

}  // namespace winnow::cli
