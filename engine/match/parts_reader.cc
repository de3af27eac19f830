#include "engine/match/parts_reader.h"

#include <algorithm>

#include "engine/text/ascii.h"
#include "engine/text/utf8.h"

namespace winnow::match {

namespace {

// So many characters may hold two apart.
constexpr uint32_t kGapChars = 4;

bool IsIdeograph(char32_t c) {
  return (c >= 0x3400 && c < 0xa000) || (c >= 0x2e80 && c < 0x2fe0) ||
         (c >= 0x20000 && c < 0x40000) || (c >= 0xf900 && c < 0xfb00);
}

bool IsDigit(char32_t c) { return c >= '0' && c <= '9'; }

// Spaces, signs, symbols: neither a letter nor an ideograph.
bool HoldsApart(char32_t c) {
  if (c < 0x80) return !text::IsAsciiLetter(c);
  return c < 0xc0 || (c >= 0x2000 && c < 0x2c00) || (c >= 0x3000 && c < 0x3020) ||
         (c >= 0x1f000 && c < 0x20000);
}

// Divides clauses and lists, so that it holds nothing apart.
bool Divides(char32_t c) {
  switch (c) {
    case ',':
    case ';':
    case ':':
    case '!':
    case '?':
    case '"':
    case '\'':
    case '(':
    case ')':
    case U'。':
    case U'、':
    case U'“':
    case U'”':
    case U'‘':
    case U'’':
      return true;
    default:
      return c >= U'《' && c <= U'』';
  }
}

}  // namespace

bool PartsReader::Read(std::string_view view, Way way) {
  if (way == Way::kAll) {
    std::sort(noted_.begin(), noted_.end(), [](const Noted& a, const Noted& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
  }
  joined_.clear();
  text_.clear();
  pieces_.clear();
  dropped_ = false;
  bool ordinary = false, unusual = false;
  for (const Noted& noted : noted_) {
    (noted.leaf->ordinary ? ordinary : unusual) = true;
    if (way == Way::kUnusual && noted.leaf->ordinary) continue;
    if (joined_.empty() || noted.begin >= joined_.back().end) joined_.push_back(noted);
  }
  if (way == Way::kUnusual && !ordinary) return false;
  if (way == Way::kTogether && !unusual) return false;
  uint32_t from = 0;
  for (size_t first = 0, last; first < joined_.size(); first = last) {
    bool worth = IsWorth(view, first);
    last = first + 1;
    while (last < joined_.size() && joined_[last].begin - joined_[last - 1].end <= 2 * kReach) {
      worth |= IsWorth(view, last) || joined_[last].begin - joined_[last - 1].end <= kOrdinaryGap;
      ++last;
    }
    if (!worth) continue;
    AddStretch(view, first, last, from, way == Way::kTogether);
    from = joined_[last - 1].end;
  }
  return way == Way::kTogether ? dropped_ : !text_.empty();
}

bool PartsReader::IsWorth(std::string_view view, size_t at) const {
  const Noted& parts = joined_[at];
  if (!parts.leaf->ordinary) return true;
  const uint32_t from = parts.begin - std::min(parts.begin, kOrdinaryGap);
  const std::string_view around = view.substr(from, parts.end - from + kOrdinaryGap);
  return std::any_of(around.begin(), around.end(), text::IsAsciiLetter);
}

void PartsReader::AddPlain(std::string_view view, uint32_t begin, uint32_t end) {
  if (begin == end) return;
  pieces_.push_back({static_cast<uint32_t>(text_.size()), begin, end, Piece::Kind::kPlain});
  text_.append(view.substr(begin, end - begin));
}

void PartsReader::AddTogether(std::string_view view, uint32_t begin, uint32_t end,
                              bool parts_before, bool parts_behind) {
  // How many ideographs stand in a row before `at`; parts count as one.
  uint32_t row = parts_before ? 1 : 0;
  uint32_t from = begin;
  for (uint32_t at = begin; at < end;) {
    char32_t c = text::CharAt(&view[at]);
    const uint32_t gap = at;
    if (!HoldsApart(c) || row == 0) {
      row = IsIdeograph(c) ? row + 1 : 0;
      at += text::CharWidth(view[at]);
      continue;
    }
    uint32_t chars = 0;
    bool digits = false, divides = false;
    for (; at < end && HoldsApart(c = text::CharAt(&view[at])); ++chars) {
      digits |= IsDigit(c);
      divides |= Divides(c);
      at += text::CharWidth(view[at]);
    }
    const bool parts = at == end && parts_behind;
    const bool alone_before = row == 1;
    row = 0;
    if (chars > kGapChars || divides || (digits && chars > 1)) continue;
    if (at == end ? !parts : !IsIdeograph(text::CharAt(&view[at]))) continue;
    bool alone_behind = parts;
    if (!parts) {
      const uint32_t next = at + static_cast<uint32_t>(text::CharWidth(view[at]));
      alone_behind = next == end ? !parts_behind : !IsIdeograph(text::CharAt(&view[next]));
    }
    if (!alone_before && !alone_behind) continue;
    AddPlain(view, from, gap);
    from = at;
    dropped_ = true;
  }
  AddPlain(view, from, end);
}

void PartsReader::AddStretch(std::string_view view, size_t first, size_t last, uint32_t from,
                             bool together) {
  uint32_t at = joined_[first].begin - std::min(joined_[first].begin - from, kReach);
  while (text::IsContinuation(view[at])) ++at;
  const auto plain = [&](uint32_t end, bool before, bool behind) {
    if (together) {
      AddTogether(view, at, end, before, behind);
    } else {
      AddPlain(view, at, end);
    }
  };
  for (size_t i = first; i < last; ++i) {
    const Noted& parts = joined_[i];
    plain(parts.begin, i > first, true);
    pieces_.push_back({static_cast<uint32_t>(text_.size()), parts.begin, parts.end,
                       parts.leaf->ordinary ? Piece::Kind::kOrdinary : Piece::Kind::kUnusual});
    text::AppendChar(parts.leaf->whole, &text_);
    at = parts.end;
  }
  uint32_t end = static_cast<uint32_t>(std::min<size_t>(at + size_t{kReach}, view.size()));
  while (end < view.size() && text::IsContinuation(view[end])) ++end;
  plain(end, true, false);
  pieces_.push_back({static_cast<uint32_t>(text_.size()), end, end, Piece::Kind::kBreak});
  text_.push_back('\n');
}

std::optional<PartsReader::Found> PartsReader::Locate(uint32_t begin, uint32_t end) const {
  auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), begin,
                                [](uint32_t b, const Piece& p) { return b < p.at; });
  if (piece == pieces_.begin()) return std::nullopt;
  --piece;
  Found found = {{}, text::MaskOf(text::Evasion::kComponents)};
  text::ViewSpan& span = found.span;
  span.begin = piece->begin + (piece->kind == Piece::Kind::kPlain ? begin - piece->at : 0);
  uint32_t unusual = 0, ordinary = 0;
  for (uint32_t last = piece->begin; piece != pieces_.end() && piece->at < end; ++piece) {
    if (piece->begin > last) found.evasions |= text::MaskOf(text::Evasion::kSeparator);
    last = piece->end;
    switch (piece->kind) {
      case Piece::Kind::kPlain:
        span.end = std::min(piece->begin + (end - piece->at), piece->end);
        continue;
      case Piece::Kind::kUnusual:
        ++unusual;
        break;
      case Piece::Kind::kOrdinary:
        ++ordinary;
        break;
      case Piece::Kind::kBreak:
        return std::nullopt;
    }
    span.end = piece->end;
  }
  if (span.end - span.begin > kMaxMatchBytes) return std::nullopt;
  if (unusual > 0) return found;
  if (ordinary == 0 || (found.evasions & text::MaskOf(text::Evasion::kSeparator))) {
    return std::nullopt;
  }
  // 力口v: letters beside it say that it is no text.
  if (ordinary < 2 &&
      std::none_of(text_.begin() + begin, text_.begin() + end, text::IsAsciiLetter)) {
    return std::nullopt;
  }
  return found;
}

}  // namespace winnow::match
