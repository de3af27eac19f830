// What a text must have for an expression to match in it: a cheap question that spares most texts
// the scan for the expression itself. Derived from the expression when a pack is compiled.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::match {

// Every match of the expression, in valid UTF-8, contains one of `strings`, or a run of `digits`
// ASCII digits; one of the two is given. None is: nothing that would be of use is known.
struct Gate {
  std::vector<std::string> strings;  // distinct, none empty, none with a NUL, each valid UTF-8
  uint32_t digits = 0;

  bool empty() const { return strings.empty() && digits == 0; }
};

// Of an expression that Hyperscan takes with kRegexFlags. What is not understood (flags such as
// (?i), what looks around, named characters) makes the gate empty, never wrong; sets of characters
// are understood as far as they are small. Pure. O(bytes) with a factor of some hundred strings.
Gate GateOf(std::string_view expression);

}  // namespace winnow::match
