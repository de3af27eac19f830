// The `match` and `unless` trees of a rule. Private to this room.
#pragma once

#include <optional>

#include "engine/rules/model.h"
#include "engine/rules/yaml_fields.h"
#include "engine/rules/yaml_reader.h"

namespace winnow::rules {

// Both report to `reader`; nullopt when nothing of the tree can be used. A tree with errors in some
// of its nodes is given without them.
std::optional<Condition> ParseMatch(const YamlNode& node, FieldReader* reader);
std::optional<Condition> ParseUnless(const YamlNode& node, FieldReader* reader);

}  // namespace winnow::rules
