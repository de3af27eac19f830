// What differs between two texts, as people read it.
#pragma once

#include <string>
#include <string_view>

#include "tools/cli/console.h"

namespace winnow::cli {

// A unified diff with three lines of context, empty when the texts are the same. What is printed is
// Harmless(). At most O(lines²) where nothing is alike; what is too much for that is shown as
// replaced as a whole.
std::string LineDiff(std::string_view path, std::string_view before, std::string_view after,
                     const Style& style);

}  // namespace winnow::cli
