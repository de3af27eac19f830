// What authors are warned of in a term, wherever it is written. Private to this room.
#pragma once

#include <string_view>

#include "engine/rules/model.h"
#include "engine/rules/yaml_fields.h"

namespace winnow::rules {

// `term` is not empty.
void CheckTerm(std::string_view term, const SourceRange& where, FieldReader* reader);

// For a term whose every occurrence is a match of its rule.
void WarnIfShort(std::string_view term, const SourceRange& where, FieldReader* reader);

// `again` is the same as `first` once both are normalised.
void ReportRepeated(const Located& first, const Located& again, FieldReader* reader);

}  // namespace winnow::rules
