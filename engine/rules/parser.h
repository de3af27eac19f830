// Rule source (YAML) to rules. The format is described in docs/rules.md and, for editors, in
// rules/schema/rule.schema.json.
#pragma once

#include <vector>

#include "engine/rules/diagnostics.h"
#include "engine/rules/model.h"

namespace winnow::rules {

struct ParseResult {
  RuleSet rules;  // what could be read, even beside errors
  std::vector<Diagnostic> diagnostics;
};

// Parses and checks syntax, schema and everything that can be known without compiling patterns.
// Never fails: what is wrong is a diagnostic. Thread safe. Sources keep their order.
ParseResult ParseRules(std::vector<SourceFile> sources);

}  // namespace winnow::rules
