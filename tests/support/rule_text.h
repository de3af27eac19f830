// Rules of a line each, for tests that care only who says what.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/strings.h"

namespace winnow {

// A rule of gambling that finds `term`, with tests.
inline std::string RuleText(std::string_view id, std::string_view term, std::string_view action) {
  return StrCat("- {id: ", id,
                ", category: vice_violence, label: gambling, severity: high, action: ", action,
                ", match: {terms: [", term,
                "]},\n   reason: {en: It offers gambling., zh: 内容提供赌博。},\n"
                "   tests: {match: [an ",
                term, "], no_match: [a tea house]}}\n");
}

}  // namespace winnow
