// Characters written as HTML entities or percent-escapes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace winnow::text {

struct Escape {
  char32_t c = 0;
  uint32_t bytes = 0;  // of the text it was written in; 0: there is none
};

// Reads the escape that begins at `at`, where a character folds to '&' or '%' (full-width ones, and
// ones with something invisible inside, count). Only escapes that spell text are read: of letters,
// ideographs and invisible characters; percent-escaped ASCII letters and spaces only before another
// such or when `after_letter`, for "50%ab" is no escape. Looks at most kEscapeBytesMax bytes ahead.
Escape ReadEscape(std::string_view text, size_t at, bool after_letter);

inline constexpr uint32_t kEscapeBytesMax = 96;

}  // namespace winnow::text
