// Rule source (YAML, and lists of terms) to rules. The format is described in docs/rules.md and,
// for editors, in rules/schema/rule.schema.json.
#pragma once

#include <string>
#include <vector>

#include "engine/rules/diagnostics.h"
#include "engine/rules/model.h"

namespace winnow::rules {

struct ParseResult {
  RuleSet rules;  // what could be read, even beside errors
  std::vector<Diagnostic> diagnostics;
};

// Parses the sources that are YAML, and of the lists those that rules name as `list:`. A list that
// is not among the sources is missing; ReadRuleFiles() brings those that are named.
//
// Parses and checks syntax, schema and everything that can be known without compiling patterns.
// Never fails: what is wrong is a diagnostic. Thread safe. Sources keep their order.
ParseResult ParseRules(std::vector<SourceFile> sources);

// The paths of the lists that the rules of `source` name, each once, in written order: names joined
// to the folder of `source.path`. What is no path of a list is left to ParseRules() to refuse.
std::vector<std::string> ListsNamedBy(const SourceFile& source);

}  // namespace winnow::rules
