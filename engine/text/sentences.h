// Where sentences begin, found in one pass that can stop and go on anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace winnow::text {

// A sentence ends at 。！？ and the like; at . ! ? when white space or a character that is not
// ASCII follows (so not in 3.14 or example.com), save a full stop after a single letter; at an
// empty line; and at a line's end when the line is short, as headings and list items are, for
// longer lines may be wrapped. Closing quotes, brackets and spaces belong to the sentence that
// ended.
class SentenceScanner {
 public:
  // Goes on over `text` and appends to `begins` (may be null) the offsets in it at which a new
  // sentence begins. Returns how many do. O(n).
  uint32_t Scan(std::string_view text, std::vector<uint32_t>* begins);

 private:
  enum class State : uint8_t {
    kInside,
    kMaybe,    // after . ! ?
    kEnded,    // what follows begins a sentence unless it closes the last
    kNewLine,  // after a long line's end
  };
  State state_ = State::kInside;
  uint64_t line_bytes_ = 0;    // of the line so far
  char last_[2] = {' ', ' '};  // the last two bytes
};

}  // namespace winnow::text
