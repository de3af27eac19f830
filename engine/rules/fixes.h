// Making the changes that diagnostics carry.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/rules/diagnostics.h"

namespace winnow::rules {

// The bytes from `begin` to `end` of a source become `text`.
struct Edit {
  size_t begin = 0, end = 0;
  std::string text;
};

// What `fix` changes in `source`, the file of its `where`. A comment beside what is removed stays.
// nullopt where the source is not written in a way that can be changed safely: a value of several
// lines, the only item of a list in brackets, a character that stands as an escape. O(|source|).
std::optional<Edit> EditOf(const Fix& fix, const SourceFile& source);

struct FixResult {
  std::vector<SourceFile> sources;          // those given, changed
  std::vector<const Diagnostic*> repaired;  // views the diagnostics given
};

// Applies what the diagnostics carry, in their order; one whose changes meet those of another, or
// cannot be made, is left: after another round it may be applied. Whether the result is better is
// for whoever checks it again. O(|diagnostics|·|source|).
FixResult ApplyFixes(const std::vector<Diagnostic>& diagnostics, std::vector<SourceFile> sources);

}  // namespace winnow::rules
