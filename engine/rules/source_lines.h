// The lines and columns of a source, as the YAML reader counts them. For this room, and for who
// prints what it found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace winnow::rules {

// Lines and columns count from 1, columns in code points; lines end with "\n", "\r\n" or "\r". A
// byte order mark at the begin belongs to no line. Reading is const and may be done from any
// thread.
class SourceLines {
 public:
  // `text` must outlive it. O(n).
  explicit SourceLines(std::string_view text);

  // How many there are; the last may be empty.
  int count() const { return static_cast<int>(starts_.size()); }
  // Without its end; empty beyond the last line.
  std::string_view Line(int line) const;
  // The byte of `column` in `line`; the line's size beyond its end. O(1).
  size_t Offset(int line, int column) const;
  // The same in the whole text; its size beyond the last line.
  size_t Byte(int line, int column) const;

 private:
  // Every so many columns of a line its byte is noted.
  static constexpr size_t kStride = 64;
  struct Start {
    size_t byte;    // in text_
    size_t stride;  // in strides_
  };

  std::string_view text_;
  std::vector<Start> starts_;
  std::vector<size_t> strides_;  // bytes within their line
};

}  // namespace winnow::rules
