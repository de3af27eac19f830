#include "engine/match/parts_reader.h"

#include <algorithm>

#include "engine/text/utf8.h"

namespace winnow::match {

bool PartsReader::Read(std::string_view view, Way way) {
  std::sort(noted_.begin(), noted_.end(), [](const Noted& a, const Noted& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  joined_.clear();
  text_.clear();
  pieces_.clear();
  bool ordinary = false;
  for (const Noted& noted : noted_) {
    ordinary |= noted.leaf->ordinary;
    if (way == Way::kUnusual && noted.leaf->ordinary) continue;
    if (joined_.empty() || noted.begin >= joined_.back().end) joined_.push_back(noted);
  }
  if (way == Way::kUnusual && !ordinary) return false;
  uint32_t from = 0;
  for (size_t first = 0, last; first < joined_.size(); first = last) {
    bool worth = !joined_[first].leaf->ordinary;
    last = first + 1;
    while (last < joined_.size() && joined_[last].begin - joined_[last - 1].end <= 2 * kReach) {
      worth |= !joined_[last].leaf->ordinary ||
               joined_[last].begin - joined_[last - 1].end <= kOrdinaryGap;
      ++last;
    }
    if (!worth) continue;
    AddStretch(view, first, last, from);
    from = joined_[last - 1].end;
  }
  return !text_.empty();
}

void PartsReader::AddStretch(std::string_view view, size_t first, size_t last, uint32_t from) {
  uint32_t at = joined_[first].begin - std::min(joined_[first].begin - from, kReach);
  while (text::IsContinuation(view[at])) ++at;
  const auto plain = [&](uint32_t end) {
    if (at == end) return;
    pieces_.push_back({static_cast<uint32_t>(text_.size()), at, end, Piece::Kind::kPlain});
    text_.append(view.substr(at, end - at));
    at = end;
  };
  for (size_t i = first; i < last; ++i) {
    const Noted& parts = joined_[i];
    plain(parts.begin);
    pieces_.push_back({static_cast<uint32_t>(text_.size()), parts.begin, parts.end,
                       parts.leaf->ordinary ? Piece::Kind::kOrdinary : Piece::Kind::kUnusual});
    text::AppendChar(parts.leaf->whole, &text_);
    at = parts.end;
  }
  uint32_t end = static_cast<uint32_t>(std::min<size_t>(at + size_t{kReach}, view.size()));
  while (end < view.size() && text::IsContinuation(view[end])) ++end;
  plain(end);
  pieces_.push_back({static_cast<uint32_t>(text_.size()), at, at, Piece::Kind::kBreak});
  text_.push_back('\n');
}

std::optional<text::ViewSpan> PartsReader::Locate(uint32_t begin, uint32_t end) const {
  auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), begin,
                                [](uint32_t b, const Piece& p) { return b < p.at; });
  if (piece == pieces_.begin()) return std::nullopt;
  --piece;
  text::ViewSpan span;
  span.begin = piece->begin + (piece->kind == Piece::Kind::kPlain ? begin - piece->at : 0);
  uint32_t joined = 0;
  for (; piece != pieces_.end() && piece->at < end; ++piece) {
    switch (piece->kind) {
      case Piece::Kind::kPlain:
        span.end = std::min(piece->begin + (end - piece->at), piece->end);
        continue;
      case Piece::Kind::kUnusual:
        joined += 2;
        break;
      case Piece::Kind::kOrdinary:
        ++joined;
        break;
      case Piece::Kind::kBreak:
        return std::nullopt;
    }
    span.end = piece->end;
  }
  if (joined < 2 || span.end - span.begin > kMaxMatchBytes) return std::nullopt;
  return span;
}

}  // namespace winnow::match
