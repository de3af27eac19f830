// Reads words that stand apart by more than one space, or over the end of a line, as if one space
// stood between them, so that terms of several words are found however a text is set and wrapped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/span.h"

namespace winnow::match {

// A gap is a whole run of ASCII white space, of at most so many bytes, that is not one space alone
// and has ASCII other than white space and controls on either side.
inline constexpr size_t kGapBytesMax = 16;

// One view of one block at a time. Keeps its buffers. Not thread safe.
class GapReader {
 public:
  // Reads the stretches around gaps; false when there is none. `reach`: the bytes of the longest
  // literal that is sought in them. O(bytes), some 0.03 ns each with AVX-512 where there is no gap.
  bool Read(std::string_view view, size_t reach);

  // What was read: stretches of the view with a space for each gap, a line break behind each.
  std::string_view text() const { return text_; }
  // Where [begin, end) of text() stands in the view; nullopt when no gap lies in it.
  std::optional<text::ViewSpan> Locate(uint32_t begin, uint32_t end) const;

 private:
  // What stands from `at` in text() on, up to the next piece's gap or line break.
  struct Piece {
    uint32_t at;
    uint32_t begin;  // in the view
  };
  void Add(std::string_view view, size_t begin, size_t end);

  std::vector<Piece> pieces_;
  std::string text_;
};

}  // namespace winnow::match
