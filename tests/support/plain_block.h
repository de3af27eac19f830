// Blocks without a normaliser, for tests of the matcher alone: the folded view is the text, the
// squeezed view its lines that hold a blank, without their blanks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/text/normalizer.h"

namespace winnow {

// Sentences end with '.'; ASCII letters and digits form words; a 'b' joins what follows it. Offsets
// are counted at need, in O(text).
class PlainBlock final : public text::Block {
 public:
  // The stretch [begin, end) of a field's `text`, which must outlive the block; both on character
  // borders. Matches that end in (report_begin, report_end] are this block's.
  PlainBlock(std::string_view field, size_t begin, size_t end, size_t report_begin,
             size_t report_end, bool squeezed);

  // A whole field.
  explicit PlainBlock(std::string_view field, bool squeezed = true)
      : PlainBlock(field, 0, field.size(), 0, field.size(), squeezed) {}

  PlainBlock(const PlainBlock&) = delete;
  PlainBlock& operator=(const PlainBlock&) = delete;

  // The field in blocks of about `step` reported bytes, each with `overlap` more on both sides.
  static std::vector<std::unique_ptr<PlainBlock>> Windows(std::string_view field, size_t step,
                                                          size_t overlap, bool squeezed = true);

  text::Place Locate(text::View view, text::ViewSpan span) const override;
  uint64_t Count(uint64_t text_offset, text::OffsetUnit unit) const override;
  bool WordBorder(text::View view, uint32_t offset) const override;

 private:
  const std::string_view field_;
  std::string squeezed_;
  std::vector<uint32_t> from_;  // by byte of squeezed_: its place in the block's text
};

}  // namespace winnow
