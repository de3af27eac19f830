// A few keys of a rule as a whole rule: the rest comes from a template. schema_test.py does the
// same.
#pragma once

#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/strings.h"

namespace winnow::rules {

// `fragment` holds keys of a rule at column 1, which replace those of the template; a line `!key`
// takes the key away. A fragment that begins with "- " is a file of its own already, and so is one
// whose first line is "!file", which is dropped.
inline std::string RuleFromFragment(const std::string& fragment) {
  if (fragment.rfind("- ", 0) == 0) return fragment;
  if (fragment.rfind("!file\n", 0) == 0) return fragment.substr(6);
  std::vector<std::pair<std::string, std::string>> keys = {
      {"id", "id: gambling.template"},
      {"category", "category: vice_violence"},
      {"label", "label: gambling"},
      {"severity", "severity: high"},
      {"action", "action: review"},
      {"match", "match: {terms: [online casino]}"},
      {"reason", "reason: {en: It offers gambling., zh: 内容提供赌博。}"},
      {"tests", "tests: {match: [an online casino], no_match: [a casino]}"},
  };
  const auto drop = [&keys](std::string_view key) {
    std::erase_if(keys, [&](const auto& entry) { return entry.first == key; });
  };
  std::istringstream lines(fragment);
  std::string body;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind('!', 0) == 0) {
      drop(std::string_view(line).substr(1));
      continue;
    }
    if (!line.empty() && line[0] != ' ' && line[0] != '#') drop(line.substr(0, line.find(':')));
    StrAppend(&body, "  ", line, "\n");
  }
  std::string out;
  for (const auto& [key, line] : keys) StrAppend(&out, "  ", line, "\n");
  out += body;
  return out.replace(0, 2, "- ");
}

}  // namespace winnow::rules
