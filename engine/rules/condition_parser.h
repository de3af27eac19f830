// The `match` and `unless` trees of a rule. Private to this room.
#pragma once

#include <optional>

#include "engine/rules/list_reader.h"
#include "engine/rules/model.h"
#include "engine/rules/yaml_fields.h"
#include "engine/rules/yaml_reader.h"

namespace winnow::rules {

// What a condition is read with, apart from its own text.
struct ConditionContext {
  FieldReader* reader = nullptr;  // where mistakes are told
  ListReader* lists = nullptr;    // those that conditions may name
  int file = 0;                   // the rule file's index in the sources
  bool rule_gives_views = false;  // the rule says `views`, which goes before its lists' headers
};

// nullopt when nothing of the tree can be used. A tree with errors in some of its nodes is given
// without them.
std::optional<Condition> ParseMatch(const YamlNode& node, const ConditionContext& context);
std::optional<Condition> ParseUnless(const YamlNode& node, const ConditionContext& context);

}  // namespace winnow::rules
