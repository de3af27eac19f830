#include "engine/rules/source_lines.h"

#include <algorithm>

#include "engine/rules/utf8.h"

namespace winnow::rules {

SourceLines::SourceLines(std::string_view text) : text_(text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  size_t at = text_.substr(0, kByteOrderMark.size()) == kByteOrderMark ? kByteOrderMark.size() : 0;
  size_t column = 0;  // from 0
  const auto begin_line = [&](size_t byte) {
    starts_.push_back({byte, strides_.size()});
    strides_.push_back(0);
    column = 0;
  };
  begin_line(at);
  while (at < text_.size()) {
    const char c = text_[at];
    if (column > 0 && column % kStride == 0) strides_.push_back(at - starts_.back().byte);
    at += DecodeOne(text_.substr(at)).bytes;
    ++column;
    if (c == '\n' || (c == '\r' && text_.substr(at, 1) != "\n")) begin_line(at);
  }
}

std::string_view SourceLines::Line(int line) const {
  if (line < 1 || static_cast<size_t>(line) > starts_.size()) return "";
  const size_t begin = starts_[line - 1].byte;
  const size_t end = static_cast<size_t>(line) < starts_.size() ? starts_[line].byte : text_.size();
  std::string_view out = text_.substr(begin, end - begin);
  while (!out.empty() && (out.back() == '\n' || out.back() == '\r')) out.remove_suffix(1);
  return out;
}

size_t SourceLines::Offset(int line, int column) const {
  const std::string_view text = Line(line);
  if (text.empty() || column <= 1) return 0;
  const size_t first = starts_[line - 1].stride;
  const size_t behind =
      static_cast<size_t>(line) < starts_.size() ? starts_[line].stride : strides_.size();
  const size_t from = static_cast<size_t>(column) - 1;
  const size_t stride = std::min(from / kStride, behind - first - 1);
  size_t offset = std::min(strides_[first + stride], text.size());
  for (size_t at = stride * kStride; at < from && offset < text.size(); ++at) {
    offset += DecodeOne(text.substr(offset)).bytes;
  }
  return offset;
}

size_t SourceLines::Byte(int line, int column) const {
  return line > count() ? text_.size() : starts_[line - 1].byte + Offset(line, column);
}

}  // namespace winnow::rules
