// Whether a regular expression may be part of a program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/match/program.h"

namespace winnow::match {

struct PatternFacts {
  std::optional<PatternProblem::Kind> problem;
  std::string message;     // of the problem
  uint32_t bytes_max = 0;  // the widest match, without a problem
};

// Flags every expression is compiled with: views are valid UTF-8, `.` means any character.
extern const unsigned kRegexFlags;

// Checks syntax, width and anchors. Expressions match in the middle of blocks, so the anchors
// (^ $ \A \z \Z \G) have no meaning and are refused.
PatternFacts CheckPattern(const std::string& pattern);

}  // namespace winnow::match
