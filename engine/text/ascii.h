// Vector passes over ASCII, by the best instructions this CPU has.
#pragma once

#include <cstddef>

namespace winnow::text {

// Bytes that vector passes may write beyond what they report.
inline constexpr size_t kVectorSlack = 64;

// Copies the longest prefix of `in` that folds byte by byte (ASCII without control characters other
// than white space, and without '&' and '%', which may begin an escape), upper case lowered, and
// returns its length. Sets `*changed` when there was upper case. `out` has room for `size` bytes
// and kVectorSlack more. Any thread.
size_t LowerAscii(const char* in, size_t size, char* out, bool* changed);

}  // namespace winnow::text
