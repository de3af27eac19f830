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
// ideographs and invisible characters, and a percent-escaped space beside such; percent-escaped
// ASCII only beside a letter or another escape, for "50%ab" is no escape. `after_escape`: an escape
// ended at `at`. Never reads further than kEscapeBytesMax.
Escape ReadEscape(std::string_view text, size_t at, bool after_escape);

inline constexpr uint32_t kEscapeBytesMax = 96;

}  // namespace winnow::text
