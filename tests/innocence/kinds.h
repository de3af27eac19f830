// The kinds of benign text that are made, each from a grammar of ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/innocence/grammar.h"

namespace winnow::innocence {

struct Kind {
  std::string_view name;
  std::vector<std::string_view> files;  // of tests/innocence/grammar, without ".txt"
  std::string_view start;               // the rule that makes one text
  bool traditional = false;             // written in traditional characters
};

const std::vector<Kind>& Kinds();

// The kind's grammar, ready to expand. Reads files; the process ends when one is missing or wrong.
Grammar ReadGrammar(const Kind& kind);

}  // namespace winnow::innocence
