// The folded view: what a reader sees, in one form.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "engine/text/edits.h"

namespace winnow::text {

// A growing buffer that is never filled before it is written.
class Buffer {
 public:
  char* data() { return data_.get(); }
  // Makes room for `size` bytes, keeping the first `keep`.
  void Reserve(size_t size, size_t keep = 0);
  size_t capacity() const { return capacity_; }

 private:
  std::unique_ptr<char[]> data_;
  size_t capacity_ = 0;
};

// How far, in code points, what surrounds a character may decide how it folds. Longer runs (of
// letters, of regional indicators) are left as they are.
inline constexpr uint32_t kFoldReach = 64;
// This many removed code points in a row become a line break, so that a bounded stretch of text
// stands behind each character of a view.
inline constexpr uint32_t kHiddenRunMax = 128;

// Folds `text` (valid UTF-8, below 1 GiB). Returns `text` itself when nothing changes, else a view
// of `buffer`. With `edits`, records the way back; the view is the same. Not thread safe on one
// buffer. O(n): about 0.1 ns a byte for ASCII, 0.6 for Han, some 10 where something was hidden.
std::string_view Fold(std::string_view text, Buffer* buffer, EditMap* edits);

}  // namespace winnow::text
