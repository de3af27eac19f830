// How a word stands in its clause: said there, or only set beside what is said.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/text/normalizer.h"

namespace winnow::text {

// The standing of [begin, end) of a folded view, from the characters next to it. O(1).
Standing StandingOf(std::string_view folded, uint32_t begin, uint32_t end);

}  // namespace winnow::text
