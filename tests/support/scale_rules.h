// Rules as large as packs may be: lists of bilingual terms and many expressions, made up, the same
// for the same numbers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/rules/diagnostics.h"

namespace winnow::test {

struct ScaleRules {
  std::vector<rules::SourceFile> sources;  // a rule file and its lists
  // What the rules seek; none is given twice. Four terms of five are Chinese (2 to 6 characters),
  // the others English (words and phrases).
  std::vector<std::string> terms;
  struct Expression {
    std::string rule_id;
    std::string regex;
    std::string sample;  // a text in which it matches
  };
  std::vector<Expression> expressions;
};

// `terms` in lists of 5,000, one rule a list; one rule an expression.
ScaleRules MakeScaleRules(size_t terms, size_t expressions);

}  // namespace winnow::test
