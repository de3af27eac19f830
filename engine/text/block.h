// A block of text with its views and the way back from each.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "engine/text/ascii.h"
#include "engine/text/edits.h"
#include "engine/text/fold.h"
#include "engine/text/normalizer.h"
#include "engine/text/phonetic.h"
#include "engine/text/sentences.h"
#include "engine/text/squeeze.h"

namespace winnow::text {

// What lies before a block in its field.
struct FieldCounts {
  // Before the block's report range, of the folded view of the whole: where a block begins, its own
  // may fold otherwise.
  uint64_t folded_code_points = 0;
  uint64_t code_points = 0;
  uint64_t utf16_units = 0;
  uint32_t sentences = 0;
  SentenceScanner scanner;  // as it stands at the block's begin
};

// Counts characters before a position, from marks set every few hundred bytes.
class PositionIndex {
 public:
  void Build(std::string_view text);
  uint64_t CodePoints(std::string_view text, size_t at) const;
  uint64_t Utf16(std::string_view text, size_t at) const;

 private:
  CharCounts Before(std::string_view text, size_t at) const;
  std::vector<CharCounts> marks_;
};

class TextBlock final : public Block {
 public:
  struct Range {
    uint64_t begin;
    uint64_t end;
    bool last;  // nothing of the field comes after
  };

  // Makes the views of `text`, which must outlive them. `report` in absolute text offsets.
  void Set(std::string_view text, uint64_t text_begin, const Range& report, ViewSet views,
           const FieldCounts& before);

  // Where in the folded view the last run of the squeezed view ends; 0 when there is none.
  uint32_t squeezed_until() const { return squeezer_.until(); }
  // Where in the folded view the report range ends; not for the last block.
  size_t folded_report_end() const { return folded_report_end_; }
  // How many characters of the folded view of the whole field stand before the report range's end;
  // not for the last block.
  uint64_t folded_code_points_reported() const;

  Place Locate(View view, ViewSpan span) const override;
  uint64_t Count(uint64_t text_offset, OffsetUnit unit) const override;
  bool WordBorder(View view, uint32_t offset) const override;

 private:
  struct Index {
    EditMap folds;
    PositionIndex folded;
    PositionIndex text;
    std::vector<uint32_t> sentences;  // where each but the first begins, in the block's text
    Buffer scratch;
  };
  // Builds the index if nobody has since Set(). Most blocks are never asked for a position.
  const Index& Indexed() const;

  Buffer folded_;
  FoldNotes notes_;
  Squeezer squeezer_;
  EditMap squeezes_;  // from the squeezed view to the folded one
  PhoneticReader phonetics_;
  FieldCounts before_;
  size_t folded_report_end_ = 0;  // in the folded view
  uint64_t folded_before_ = 0;    // characters of the folded view before this block's, modulo 2^64

  mutable std::mutex mutex_;
  mutable std::atomic<bool> indexed_{false};
  mutable Index index_;
};

}  // namespace winnow::text
