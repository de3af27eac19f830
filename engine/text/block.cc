#include "engine/text/block.h"

#include <algorithm>

#include "engine/text/fold_table.h"
#include "engine/text/standing.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

constexpr size_t kMarkBytes = 512;

// Classes whose characters make a word together.
bool FormsWords(char32_t c) {
  const FoldTable& table = FoldTable::Get();
  const CharClass k = table.char_class(c);
  return k == CharClass::kLetter || k == CharClass::kDigit || k == CharClass::kMark;
}

// True for words of an alphabet that shares letters with Latin, written in it throughout: some of
// their letters fold to ASCII, yet nobody put one for another.
bool IsOwnAlphabet(std::string_view text, std::string_view folded) {
  const auto is_ascii_letter = [](char c) { return IsAsciiLetter(static_cast<uint8_t>(c)); };
  if (std::any_of(text.begin(), text.end(), is_ascii_letter)) return false;
  for (size_t at = 0; at < folded.size(); at += CharWidth(folded[at])) {
    const char32_t c = CharAt(&folded[at]);
    if (c >= 0x80 && FoldTable::Get().char_class(c) == CharClass::kLetter) return true;
  }
  return false;
}

}  // namespace

void PositionIndex::Build(std::string_view text) {
  marks_.clear();
  CharCounts count;
  for (size_t at = 0; at < text.size(); at += kMarkBytes) {
    marks_.push_back(count);
    const CharCounts more = CountChars(text.substr(at, kMarkBytes));
    count.code_points += more.code_points;
    count.wide += more.wide;
  }
  marks_.push_back(count);
}

CharCounts PositionIndex::Before(std::string_view text, size_t at) const {
  const size_t mark = std::min(at / kMarkBytes, marks_.size() - 1);
  const size_t begin = mark * kMarkBytes;
  CharCounts count = marks_[mark];
  if (begin < at) {
    const CharCounts more = CountChars(text.substr(begin, at - begin));
    count.code_points += more.code_points;
    count.wide += more.wide;
  }
  return count;
}

uint64_t PositionIndex::CodePoints(std::string_view text, size_t at) const {
  return Before(text, at).code_points;
}

uint64_t PositionIndex::Utf16(std::string_view text, size_t at) const {
  return Before(text, at).utf16_units();
}

void TextBlock::Set(std::string_view text, uint64_t text_begin, const Range& report, ViewSet views,
                    const FieldCounts& before) {
  text_ = text;
  text_begin_ = text_begin;
  report_begin_ = report.begin;
  report_end_ = report.end;
  whole_field_ = report.last && text_begin == 0;
  before_ = before;
  indexed_.store(false, std::memory_order_relaxed);
  const bool squeezed = views & SetOf(View::kSqueezed);
  if (!squeezed) squeezer_.Clear();
  size_t marks[] = {static_cast<size_t>(report.begin - text_begin),
                    static_cast<size_t>(report.end - text_begin)};
  const std::string_view folded =
      Fold(text, text_begin, &folded_, nullptr, whole_field_ ? std::span<size_t>() : marks,
           squeezed ? &notes_ : nullptr);
  views_[static_cast<int>(View::kFolded)] = folded;
  folded_before_ = 0;
  folded_report_end_ = marks[1];
  if (!whole_field_) {
    folded_before_ = before.folded_code_points - CountChars(folded.substr(0, marks[0])).code_points;
  }
  views_[static_cast<int>(View::kSqueezed)] =
      squeezed ? squeezer_.Squeeze(view(View::kFolded), notes_, &squeezes_) : std::string_view();
  views_[static_cast<int>(View::kPhonetic)] =
      views & SetOf(View::kPhonetic)
          ? phonetics_.Read(view(View::kFolded), squeezer_.first_readings(), squeezes_,
                            squeezer_.shapes())
          : std::string_view();
}

uint64_t TextBlock::folded_code_points_reported() const {
  return folded_before_ + CountChars(view(View::kFolded).substr(0, folded_report_end_)).code_points;
}

const TextBlock::Index& TextBlock::Indexed() const {
  if (!indexed_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(mutex_);
    if (!indexed_.load(std::memory_order_relaxed)) {
      index_.folds.clear();
      Fold(text_, text_begin_, &index_.scratch, &index_.folds, {});
      index_.folded.Build(view(View::kFolded));
      index_.text.Build(text_);
      index_.sentences.clear();
      SentenceScanner scanner = before_.scanner;
      scanner.Scan(text_, &index_.sentences);
      indexed_.store(true, std::memory_order_release);
    }
  }
  return index_;
}

Place TextBlock::Locate(View view, ViewSpan span) const {
  const std::string_view folded = this->view(View::kFolded);
  Place place;
  if (view == View::kPhonetic) {
    EditMap::Source source;
    // Before the index is built: prose is full of what sounds alike.
    if (!phonetics_.Find(folded, span.begin, span.end, &source)) return {};
    span = {source.begin, source.end};
    place.evasions = source.evasions | MaskOf(Evasion::kPhonetic);
  }
  const Index& index = Indexed();
  if (view == View::kSqueezed) {
    const EditMap::Source source = squeezes_.Find(span.begin, span.end);
    span = {source.begin, source.end};
    place.evasions = source.evasions;
  }
  EditMap::Source text = index.folds.Find(span.begin, span.end);
  if ((text.evasions & MaskOf(Evasion::kHomoglyph)) &&
      IsOwnAlphabet(text_.substr(text.begin, text.end - text.begin),
                    folded.substr(span.begin, span.end - span.begin))) {
    text.evasions &= ~MaskOf(Evasion::kHomoglyph);
  }
  place.evasions |= text.evasions;
  place.text = {text_begin_ + text.begin, text_begin_ + text.end};
  place.standing = StandingOf(folded, span.begin, span.end);
  place.char_begin = folded_before_ + index.folded.CodePoints(folded, span.begin);
  place.char_end = folded_before_ + index.folded.CodePoints(folded, span.end);
  place.sentence = before_.sentences +
                   static_cast<uint32_t>(std::upper_bound(index.sentences.begin(),
                                                          index.sentences.end(), text.begin) -
                                         index.sentences.begin());
  return place;
}

uint64_t TextBlock::Count(uint64_t text_offset, OffsetUnit unit) const {
  const size_t at = text_offset - text_begin_;
  switch (unit) {
    case OffsetUnit::kBytes:
      break;
    case OffsetUnit::kUtf16:
      return before_.utf16_units + Indexed().text.Utf16(text_, at);
    case OffsetUnit::kCodePoints:
      return before_.code_points + Indexed().text.CodePoints(text_, at);
  }
  return text_offset;
}

bool TextBlock::WordBorder(View view, uint32_t offset) const {
  const std::string_view text = this->view(view);
  if (offset == 0 || offset >= text.size()) return true;
  return !FormsWords(CharAt(&text[StepBack(text, offset)])) || !FormsWords(CharAt(&text[offset]));
}

TermBorders BordersOf(std::string_view normalized) {
  if (normalized.empty()) return {};
  return {FormsWords(CharAt(normalized.data())),
          FormsWords(CharAt(&normalized[StepBack(normalized, normalized.size())]))};
}

}  // namespace winnow::text
