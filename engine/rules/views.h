// The key `views` of a rule or of a list. Private to this room.
#pragma once

#include <optional>

#include "engine/rules/yaml_fields.h"
#include "engine/text/span.h"

namespace winnow::rules {

// Those that could be read; nullopt when there is none. Mistakes are told to `reader`.
std::optional<text::ViewSet> ReadViews(const YamlNode& value, FieldReader* reader);

}  // namespace winnow::rules
