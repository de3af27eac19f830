// The folded view: what a reader sees, in one form.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include "engine/text/edits.h"
#include "engine/text/fold_notes.h"

namespace winnow::text {

// A growing buffer that is never filled before it is written.
class Buffer {
 public:
  char* data() { return data_.get(); }
  // Makes room for `size` bytes, keeping the first `keep`.
  void Reserve(size_t size, size_t keep = 0) {
    if (size <= capacity_) return;
    std::unique_ptr<char[], Deleter> grown(new (kAlignment) char[size]);
    if (keep > 0) std::memcpy(grown.get(), data_.get(), keep);
    data_ = std::move(grown);
    capacity_ = size;
  }
  size_t capacity() const { return capacity_; }

 private:
  // On cache lines, as what is read 64 bytes at a time had best lie.
  static constexpr std::align_val_t kAlignment{64};
  struct Deleter {
    void operator()(char* p) const { ::operator delete[](p, kAlignment); }
  };
  std::unique_ptr<char[], Deleter> data_;
  size_t capacity_ = 0;
};

// How far, in code points, what surrounds a character may decide how it folds. Longer runs (of
// letters, of regional indicators) are left as they are.
inline constexpr uint32_t kFoldReach = 64;
// A cell of a field (kHiddenCellBytes from a multiple of it on) that holds nothing but removed
// characters shows as a line break, so that a bounded stretch of text stands behind each character
// of a view.
inline constexpr uint32_t kHiddenCellBytes = 128;

// Folds `text` (valid UTF-8, below 1 GiB), which begins at `text_begin` in its field. Returns
// `text` itself when nothing changed, else a view of `buffer`. That folds to itself: where what was
// undone may make another escape of what was left, as in "\u&#8203;0070", it is folded again, four
// times at most. With `edits`, which is empty, records the way back; the view is the same. The
// `marks` are offsets into the text in ascending order; each becomes the one into the view where
// what follows it begins. With `notes`, fills them anew. Not thread safe on one buffer. O(n): about
// 0.1 ns a byte for ASCII, 0.25 for Han, some 10 where something was hidden. Allocates only where
// it folds again.
std::string_view Fold(std::string_view text, uint64_t text_begin, Buffer* buffer, EditMap* edits,
                      std::span<size_t> marks, FoldNotes* notes = nullptr);

// How a text of its own folds.
inline std::string_view Fold(std::string_view text, Buffer* buffer) {
  return Fold(text, 0, buffer, nullptr, {});
}

}  // namespace winnow::text
