#include "tests/support/plain_block.h"

#include <algorithm>
#include <cctype>

namespace winnow {
namespace {

bool Continues(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }
bool FormsWords(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

size_t OnBorder(std::string_view text, size_t at) {
  while (at < text.size() && Continues(text[at])) ++at;
  return std::min(at, text.size());
}

}  // namespace

PlainBlock::PlainBlock(std::string_view field, size_t begin, size_t end, size_t report_begin,
                       size_t report_end, bool squeezed)
    : field_(field) {
  text_ = field.substr(begin, end - begin);
  text_begin_ = begin;
  report_begin_ = report_begin;
  report_end_ = report_end;
  whole_field_ = begin == 0 && report_begin == 0 && end == field.size() && report_end >= end;
  views_[static_cast<int>(text::View::kFolded)] = text_;
  if (!squeezed) return;
  for (size_t line = 0; line < text_.size();) {
    const size_t stop = std::min(text_.find('\n', line), text_.size());
    if (text_.substr(line, stop - line).find(' ') != std::string_view::npos) {
      if (!squeezed_.empty()) {
        squeezed_.push_back('\n');
        from_.push_back(line);
      }
      for (size_t i = line; i < stop; ++i) {
        if (text_[i] == ' ') continue;
        squeezed_.push_back(text_[i]);
        from_.push_back(i);
      }
    }
    line = stop + 1;
  }
  views_[static_cast<int>(text::View::kSqueezed)] = squeezed_;
}

std::vector<std::unique_ptr<PlainBlock>> PlainBlock::Windows(std::string_view field, size_t step,
                                                             size_t overlap, bool squeezed) {
  std::vector<std::unique_ptr<PlainBlock>> blocks;
  size_t report_begin = 0;
  do {
    const size_t report_end = OnBorder(field, report_begin + step);
    const size_t begin = OnBorder(field, report_begin > overlap ? report_begin - overlap : 0);
    const size_t end = OnBorder(field, report_end + overlap);
    blocks.push_back(
        std::make_unique<PlainBlock>(field, begin, end, report_begin, report_end, squeezed));
    report_begin = report_end;
  } while (report_begin < field.size());
  return blocks;
}

text::Place PlainBlock::Locate(text::View view, text::ViewSpan span) const {
  text::Place place;
  if (view == text::View::kFolded) {
    place.text = {text_begin_ + span.begin, text_begin_ + span.end};
  } else {
    place.text = {text_begin_ + from_[span.begin], text_begin_ + from_[span.end - 1] + 1};
    if (text_.substr(from_[span.begin], from_[span.end - 1] - from_[span.begin]).find(' ') !=
        std::string_view::npos) {
      place.evasions = text::MaskOf(text::Evasion::kSeparator);
    }
  }
  const auto formed = [&](size_t at) { return at < field_.size() && FormsWords(field_[at]); };
  const size_t before = place.text.begin - 1;
  place.standing.alone = !formed(before) && !formed(place.text.end);
  place.standing.joined = !formed(before) || field_[before] == 'b';
  place.standing.joiner_chars = formed(before) && field_[before] == 'b';
  place.char_begin = Count(place.text.begin, text::OffsetUnit::kCodePoints);
  place.char_end = Count(place.text.end, text::OffsetUnit::kCodePoints);
  const std::string_view earlier = field_.substr(0, place.text.begin);
  place.sentence = static_cast<uint32_t>(std::count(earlier.begin(), earlier.end(), '.'));
  return place;
}

uint64_t PlainBlock::Count(uint64_t text_offset, text::OffsetUnit unit) const {
  uint64_t count = 0;
  for (char c : field_.substr(0, text_offset)) {
    if (!Continues(c)) ++count;
    if (unit == text::OffsetUnit::kUtf16 && static_cast<uint8_t>(c) >= 0xf0) ++count;
  }
  return count;
}

bool PlainBlock::WordBorder(text::View view, uint32_t offset) const {
  const std::string_view text = this->view(view);
  if (offset == 0 || offset >= text.size()) {
    if (view != text::View::kFolded) return true;
    // The field goes on beyond the block's ends.
    const size_t at = text_begin_ + offset;
    return at == 0 || at >= field_.size() || !FormsWords(field_[at - 1]) || !FormsWords(field_[at]);
  }
  return !FormsWords(text[offset - 1]) || !FormsWords(text[offset]);
}

}  // namespace winnow
