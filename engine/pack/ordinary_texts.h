// A few dozen texts of the most ordinary kind, in both languages, for lints that ask whether a rule
// finds what everybody writes. Not a measure of false positives: that is what tests/data/benign and
// tests/innocence are for. Private to this room.
#pragma once

#include <string_view>

#include "absl/types/span.h"

namespace winnow::pack {

absl::Span<const std::string_view> OrdinaryChineseTexts();
absl::Span<const std::string_view> OrdinaryEnglishTexts();

// An ordinary English word that holds the lower-case `letters` and more; empty when we know none.
std::string_view OrdinaryWordWith(std::string_view letters);

}  // namespace winnow::pack
