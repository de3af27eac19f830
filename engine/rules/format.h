// Laying out YAML source in one way, so that reviews show what changed in meaning.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/rules/diagnostics.h"

namespace winnow::rules {

// Lists in brackets are filled up to this many columns of a terminal.
inline constexpr int kFormatColumns = 120;

// `source` laid out: two spaces a level, lists indented below their key, one blank line between the
// items of the outermost list and at most one elsewhere, no blanks at line ends, `\n` line ends,
// no byte order mark. What is written in brackets stays so, filled to kFormatColumns, unless a
// comment stands in it. Comments, quotes, and the order of keys stay. What is read from the result
// is what is read from `source`, and formatting it again changes nothing.
//
// Appends what is wrong to `diagnostics` and gives nullopt when the source has an error, or holds
// what cannot be laid out without changing it (Y017). Thread safe. O(n log n).
std::optional<std::string> FormatYaml(const SourceFile& source, int file_index,
                                      std::vector<Diagnostic>* diagnostics);

}  // namespace winnow::rules
