#include "engine/text/hidden_words.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/text/fold_table.h"

namespace winnow::text::squeezing {
namespace {

// So far on either side goes what may belong to a term with what is read another way.
constexpr uint32_t kBesideBytes = 200;
// So far on either side another alphabet's own words are looked for.
constexpr uint32_t kOwnBytes = 96;
constexpr uint32_t kWordBytes = 128;
constexpr uint32_t kFlagsMax = 64;
// Between flags that spell together.
constexpr uint32_t kSpelledBytes = 24;
// So many cells of hidden characters may stand between two letters that are joined.
constexpr uint32_t kHiddenCellsMax = 36;
// So many letters and ideographs are taken on either side of them.
constexpr uint32_t kMeetingChars = 12;
// Between words that were turned upside down together.
constexpr uint32_t kTurnedGapChars = 6;

// The Latin letter that a folded letter looks like; 0 when none.
char LookOf(char32_t c) {
  if (c < 0x80) return IsAsciiLetter(static_cast<char>(c)) ? static_cast<char>(c) : '\0';
  const FoldTable& table = FoldTable::Get();
  const FoldTable::Entry e = table.entry(c);
  if (e.kind() != FoldKind::kMixed || !(e.traits() & FoldTable::kReadable)) return 0;
  const std::string& mixed = table.MixedOf(e).mixed;
  return mixed.size() == 1 ? mixed[0] : '\0';
}

bool IsTurned(char32_t c) {
  if (c < 0x80) return false;
  const FoldTable::Entry e = FoldTable::Get().entry(c);
  return e.kind() == FoldKind::kMixed && (e.traits() & FoldTable::kTurned);
}

// What an upright letter shows when it is turned upside down; 0 when no letter.
char Rotated(char32_t c) {
  switch (c) {
    case 'b':
      return 'q';
    case 'd':
      return 'p';
    case 'm':
      return 'w';
    case 'n':
      return 'u';
    case 'p':
      return 'd';
    case 'q':
      return 'b';
    case 'u':
      return 'n';
    case 'w':
      return 'm';
    case 'l':
    case 'o':
    case 's':
    case 'x':
    case 'z':
      return static_cast<char>(c);
    default:
      return 0;
  }
}

bool IsLetter(const Char& c) { return c.role == Role::kLetter; }

bool IsPut(const Char& c) { return c.c < 0x80 && LeetLetter(static_cast<char>(c.c)) != 0; }

// The letters before and from `at` on, a little further than a word is looked at.
std::pair<uint32_t, uint32_t> WordAround(const Text& text, uint32_t at) {
  uint32_t begin = at, end = at;
  while (begin > 0 && at - begin <= kWordBytes && IsLetter(text.Before(begin))) {
    begin = text.Before(begin).begin;
  }
  while (end < text.size() && end - at <= kWordBytes && IsLetter(text.At(end))) {
    end = text.At(end).end;
  }
  return {begin, end};
}

// Whether the sign at `at` ends the name of an address's parameter ("&t=43s").
bool IsParameter(const Text& text, uint32_t at) {
  const std::string_view view = text.view();
  if (view[at] != '=') return false;
  uint32_t begin = at;
  while (
      begin > 0 && at - begin < kWordBytes &&
      (IsAsciiLetter(view[begin - 1]) || IsAsciiDigit(view[begin - 1]) || view[begin - 1] == '_')) {
    --begin;
  }
  return begin > 0 && (view[begin - 1] == '&' || view[begin - 1] == '?');
}

// Regions whose flags are seen in ordinary text, two letters each.
constexpr std::string_view kCommonRegions =
    "usgbcaaucnjpkrtwhkmoinidthvnphmysgdefritesptnlbechatsenodkfipliegrtrruuailsaaeegzangkebrmxarcl"
    "copenz";

bool IsCommonRegion(uint32_t a, uint32_t b) {
  for (size_t i = 0; i < kCommonRegions.size(); i += 2) {
    if (kCommonRegions[i] - U'a' == a && kCommonRegions[i + 1] - U'a' == b) return true;
  }
  return false;
}

// Of the alphabets that share letters with Latin.
bool IsOtherAlphabet(char32_t c) {
  return (c >= 0x370 && c < 0x530) || (c >= 0x1f00 && c < 0x2000);
}

}  // namespace

void RunWriter::WriteReading(const std::vector<Piece>& pieces, EvasionMask gap_evasion) {
  const Reading& reading = *reading_;
  bool respelled = false, ideographs = false;
  uint32_t letters = 0;
  for (uint32_t i = pieces.front().begin; i < pieces.back().end && !respelled; ++i) {
    respelled = reading.from[i].evasions != 0;
  }
  for (const Piece& p : pieces) {
    ideographs |= static_cast<uint8_t>(folded_[p.begin]) >= 0x80;
    letters += p.letters;
  }
  if (!respelled) return;  // the folded view has it as well
  // No term is as short, save as a run of two capitals.
  const bool pair = pieces.size() == 2 && pieces[0].letter >= 'A' && pieces[0].letter <= 'Z';
  if (letters < 3 && !ideographs && !pair) return;
  const uint32_t divider = static_cast<uint32_t>(out_->size());
  if (divider > 0) out_->push_back('\n');
  uint32_t from = reading.SourceOf(pieces[0].begin, pieces[0].end).begin;
  map_->Add({divider, static_cast<uint32_t>(out_->size()) - divider, from, 0, 0});
  uint32_t last_end = pieces[0].begin;
  for (const Piece& p : pieces) {
    EditMap::Source source = reading.SourceOf(p.begin, p.end);
    source.evasions |= p.evasions;
    const uint32_t at = static_cast<uint32_t>(out_->size());
    if (reading.backward) {
      if (p.begin > last_end && p.letter != ' ') source.evasions |= gap_evasion;
    } else if (source.begin > from) {
      EvasionMask evasions = gap_evasion;
      for (uint32_t i = last_end; i < p.begin; ++i) evasions |= reading.from[i].evasions;
      map_->Add({at, 0, from, source.begin - from, evasions});
    }
    if (p.letter != 0) {
      out_->push_back(p.letter);
    } else {
      out_->append(folded_, p.begin, CharWidth(folded_[p.begin]));
    }
    const uint32_t size = static_cast<uint32_t>(out_->size()) - at;
    // Backward nothing runs in step.
    if (reading.backward || source.end - source.begin != size || source.evasions != 0) {
      map_->Add({at, size, source.begin, source.end - source.begin, source.evasions});
    }
    from = source.end;
    last_end = p.end;
    until_ = std::max(until_, source.end);
  }
  const uint32_t sign = reading.backward ? 0 : SignBehind(last_end);
  if (sign == 0) return;
  const EditMap::Source source = reading.SourceOf(sign, sign + 1);
  if (source.begin > from) {
    map_->Add({static_cast<uint32_t>(out_->size()), 0, from, source.begin - from, 0});
  }
  out_->push_back(folded_[sign]);
  until_ = std::max(until_, source.end);
}

uint32_t SecondReader::Read(std::string_view folded, const FoldNotes& notes, std::string* out,
                            EditMap* map) {
  out_ = out;
  map_ = map;
  until_ = 0;
  Gather(folded, notes);
  const Text text(folded);
  hidden_size_ = out->size();
  if (!respelled_.empty()) {
    SortByBegin(&respelled_);
    if (!cells_.empty()) {
      ReadForward(text, true);
      hidden_size_ = out->size();
    }
    ReadForward(text, false);
  }
  if (!turned_.empty()) ReadBackward(text);
  return until_;
}

void SecondReader::Gather(std::string_view folded, const FoldNotes& notes) {
  respelled_.clear();
  turned_.clear();
  indicators_.clear();
  cells_.clear();
  word_end_ = own_end_ = 0;
  const Text text(folded);
  for (size_t i = 0; i < notes.size(); ++i) {
    const FoldNote& note = notes[i];
    switch (note.kind) {
      case FoldNote::Kind::kHidden:
      case FoldNote::Kind::kLook:
        break;
      case FoldNote::Kind::kTurned:
        if (IsAsciiLetter(folded[note.at])) {
          turned_.push_back({note.at, note.at + 1, folded[note.at], 0});
        }
        break;
      case FoldNote::Kind::kAlike:
        GatherAlike(text, notes, i);
        break;
      case FoldNote::Kind::kFlags:
        GatherFlags(text, note.at);
        break;
      case FoldNote::Kind::kIndicators:
        indicators_.push_back({note.at, note.at, false, true});
        break;
      case FoldNote::Kind::kEscape:
        if (IsParameter(text, note.at)) break;
        respelled_.push_back({note.at, note.at + 3, note.letter, MaskOf(Evasion::kEscape)});
        break;
      case FoldNote::Kind::kHiddenCell:
        i = GatherHidden(text, notes, i);
        break;
    }
  }
  if (!indicators_.empty()) SpellFlags(text);
}

size_t SecondReader::GatherHidden(const Text& text, const FoldNotes& notes, size_t note) {
  const uint32_t begin = notes[note].at;
  uint32_t end = begin + 1;
  while (note + 1 < notes.size() && notes[note + 1].kind == FoldNote::Kind::kHiddenCell &&
         notes[note + 1].at == end) {
    ++note;
    ++end;
  }
  if (begin == 0 || end >= text.size() || end - begin > kHiddenCellsMax) return note;
  respelled_.push_back({begin, end, 0, MaskOf(Evasion::kZeroWidth)});
  cells_.push_back({begin, end});
  return note;
}

void SecondReader::GatherFlags(const Text& text, uint32_t begin) {
  const auto letter = [&](uint32_t at) -> uint32_t {
    return at < text.size() ? CharAt(&text.view()[at]) - 0x1f1e6 : UINT32_MAX;
  };
  Indicators all = {begin, begin, true, false};
  for (uint32_t n = 0; n < kFlagsMax && letter(all.end) < 26; n += 2, all.end += 8) {
    all.common &= IsCommonRegion(letter(all.end), letter(all.end + 4));
  }
  // One flag or two may be just that, unless they are part of a word, or of rare regions.
  const auto latin = [&](uint32_t at) {
    return at < text.size() && IsAsciiLetter(text.view()[at]);
  };
  const auto space = [&](uint32_t at) { return at < text.size() && text.view()[at] == ' '; };
  const uint32_t flags = (all.end - begin) / 8;
  all.spell = flags > 2 || latin(all.end) || latin(begin - 1) || (flags == 2 && !all.common);
  if (flags == 1 && !all.common) {
    all.spell |= text.HanBefore(begin) || text.HanAt(all.end) ||
                 (space(all.end) && latin(all.end + 1)) || (space(begin - 1) && latin(begin - 2));
  }
  indicators_.push_back(all);
}

void SecondReader::SpellFlags(const Text& text) {
  // Those beside others that spell do too.
  const auto spread = [](const Indicators& from, Indicators* to) {
    const uint32_t gap = from.begin > to->end ? from.begin - to->end : to->begin - from.end;
    to->spell |= from.spell && !from.common && gap <= kSpelledBytes;
  };
  for (size_t i = 1; i < indicators_.size(); ++i) spread(indicators_[i - 1], &indicators_[i]);
  for (size_t i = indicators_.size(); i-- > 1;) spread(indicators_[i], &indicators_[i - 1]);
  for (const Indicators& all : indicators_) {
    for (uint32_t at = all.begin; all.spell && at < all.end; at += 4) {
      const char32_t c = CharAt(&text.view()[at]);
      respelled_.push_back(
          {at, at + 4, static_cast<char>('a' + (c - 0x1f1e6)), MaskOf(Evasion::kStyled)});
    }
  }
}

void SecondReader::GatherAlike(const Text& text, const FoldNotes& notes, size_t note) {
  const uint32_t at = notes[note].at;
  if (at < word_end_ || at >= text.size()) return;
  const auto [begin, end] = WordAround(text, at);
  word_end_ = std::max(end, at + 1);
  if (end == begin || end - begin > kWordBytes) return;
  size_t look = note;
  while (look > 0 && notes[look - 1].at >= begin) --look;
  const size_t first_look = look;
  const auto look_at = [&](uint32_t i) -> char {
    for (; look < notes.size() && notes[look].at <= i; ++look) {
      if (notes[look].at == i && notes[look].kind == FoldNote::Kind::kLook) {
        return notes[look].letter;
      }
    }
    return 0;
  };
  bool turned = false;
  for (uint32_t i = begin; i < end;) {
    const Char c = text.At(i);
    if (LookOf(c.c) == 0) return;
    // One turned letter by itself may fold to ASCII.
    turned |= IsTurned(c.c) || (c.c < 0x80 && look_at(i) != 0);
    i = c.end;
  }
  if (!turned && !AmidOthers(text, begin, end)) return;
  look = first_look;
  for (uint32_t i = begin; i < end;) {
    const Char c = text.At(i);
    const char look_letter = look_at(i);
    const char letter = look_letter != 0 ? look_letter : LookOf(c.c);
    if (c.c >= 0x80 || look_letter != 0) {
      respelled_.push_back({c.begin, c.end, letter, MaskOf(Evasion::kHomoglyph)});
    }
    if (IsTurned(c.c)) turned_.push_back({c.begin, c.end, LookOf(c.c), 0});
    if (c.c < 0x80 && look_letter != 0) turned_.push_back({c.begin, c.end, look_letter, 0});
    i = c.end;
  }
}

bool SecondReader::AmidOthers(const Text& text, uint32_t begin, uint32_t end) {
  // In prose of such an alphabet the last found is near most of its words.
  if (own_end_ > 0 && own_end_ + kOwnBytes > begin && own_end_ < end + kOwnBytes) return false;
  bool others = false;
  const auto look = [&](const Char& c) {
    if (c.role == Role::kHan) {
      others = true;
    } else if (c.c < 0x80) {
      others |= IsOnlyLatin(c.c) && c.role == Role::kLetter;
    } else if (IsOtherAlphabet(c.c) && LookOf(c.c) == 0 && c.role == Role::kLetter) {
      own_end_ = c.end;
      return false;
    }
    return true;
  };
  for (uint32_t i = end; i < text.size() && i - end < kOwnBytes;) {
    const Char c = text.At(i);
    if (!look(c)) return false;
    i = c.end;
  }
  for (uint32_t i = begin; i > 0 && begin - i < kOwnBytes;) {
    const Char c = text.Before(i);
    if (!look(c)) return false;
    i = c.begin;
  }
  return others;
}

void SecondReader::ReadForward(const Text& text, bool only_hidden) {
  const auto in_word = [](const Char& c) { return IsLetter(c) || c.role == Role::kDigit; };
  for (size_t first = 0, last; first < respelled_.size(); first = last) {
    uint32_t begin = respelled_[first].begin;
    while (begin > 0 && respelled_[first].begin - begin < kBesideBytes) {
      begin = text.Before(begin).begin;
    }
    if (begin > 0) {  // not from the middle of a word
      while (begin < respelled_[first].begin && in_word(text.Before(begin))) {
        begin = text.At(begin).end;
      }
    }
    uint32_t end = respelled_[first].end;
    for (last = first + 1; last < respelled_.size(); ++last) {
      if (respelled_[last].begin > end + 2 * kBesideBytes) break;
      end = std::max(end, respelled_[last].end);
    }
    const bool hidden_only = std::all_of(respelled_.begin() + first, respelled_.begin() + last,
                                         [](const Respelled& r) { return r.letter == 0; });
    if (hidden_only != only_hidden) continue;
    const uint32_t last_end = end;
    while (end < text.size() && end - last_end < kBesideBytes) end = text.At(end).end;
    if (end < text.size()) {
      while (end > last_end && in_word(text.At(end))) end = text.Before(end).begin;
    }
    reading_.Clear(/*backward=*/false);
    marks_.clear();
    size_t next = first;
    EvasionMask hidden = 0;  // before what is next
    for (uint32_t at = begin; at < end;) {
      while (next < last && respelled_[next].begin < at) ++next;  // inside another
      const bool other = next < last && respelled_[next].begin == at;
      if (other && respelled_[next].letter == 0) {
        hidden = respelled_[next].evasions;
        at = respelled_[next++].end;
        continue;
      }
      if (other || hidden != 0) marks_.push_back(reading_.size());
      if (other) {
        const Respelled& r = respelled_[next++];
        reading_.Add({&r.letter, 1}, {r.begin, r.end, r.evasions | hidden});
        at = r.end;
      } else {
        const Char c = text.At(at);
        reading_.Add(text.view().substr(c.begin, c.end - c.begin), {c.begin, c.end, hidden});
        at = c.end;
      }
      hidden = 0;
    }
    WriteRuns();
  }
}

void SecondReader::ReadBackward(const Text& text) {
  SortByBegin(&turned_);
  for (size_t next = 0; next < turned_.size();) {
    uint32_t begin, end;
    if (!TurnedWord(text, turned_[next].begin, &begin, &end)) {
      const uint32_t at = std::max(end, turned_[next].begin + 1);
      while (next < turned_.size() && turned_[next].begin < at) ++next;
      continue;
    }
    // On either side as far as words are turned as a whole.
    for (const uint32_t near = begin; near - begin < kBesideBytes;) {
      const uint32_t from = NextTurned(text, begin, false);
      if (from == begin) break;
      begin = from;
    }
    for (uint32_t near = end; end - near < kBesideBytes;) {
      const uint32_t to = NextTurned(text, end, true);
      if (to == end) break;
      while (next < turned_.size() && turned_[next].begin < end) ++next;
      if (next < turned_.size() && turned_[next].begin < to) near = to;
      end = to;
    }
    while (next < turned_.size() && turned_[next].begin < end) ++next;
    // Digits and signs for its first or last letters.
    for (int n = 0; n < 2 && begin > 0 && IsPut(text.Before(begin)); ++n) --begin;
    for (int n = 0; n < 2 && end < text.size() && IsPut(text.At(end)); ++n) ++end;
    reading_.Clear(/*backward=*/true);
    marks_.clear();
    EvasionMask hidden = 0;
    for (uint32_t at = end; at > begin;) {
      const Char c = text.Before(at);
      if (c.c == '\n' && InCell(c.begin)) {
        at = c.begin;
        hidden = MaskOf(Evasion::kZeroWidth);
        continue;
      }
      if (c.role == Role::kLetter) {
        const char letter = Upright(c);
        if (TurnedAt(c.begin) != nullptr) marks_.push_back(reading_.size());
        reading_.Add({&letter, 1}, {c.begin, c.end, MaskOf(Evasion::kHomoglyph) | hidden});
      } else {
        reading_.Add(text.view().substr(c.begin, c.end - c.begin), {c.begin, c.end, hidden});
      }
      hidden = 0;
      at = c.begin;
    }
    WriteRuns();
  }
}

bool SecondReader::InCell(uint32_t at) const {
  const auto it = std::upper_bound(cells_.begin(), cells_.end(), at,
                                   [](uint32_t a, const Cells& c) { return a < c.end; });
  return it != cells_.end() && it->begin <= at;
}

uint32_t SecondReader::NextTurned(const Text& text, uint32_t at, bool forward) const {
  const uint32_t from = at;
  for (uint32_t gap = 0; gap <= kTurnedGapChars;) {
    if (forward ? at >= text.size() : at == 0) return from;
    const Char c = forward ? text.At(at) : text.Before(at);
    if (c.role != Role::kGap && c.role != Role::kDigit) {
      uint32_t begin, end;
      if (!TurnedWord(text, c.begin, &begin, &end)) return from;
      return forward ? end : begin;
    }
    gap += !(c.c == '\n' && InCell(c.begin));
    at = forward ? c.end : c.begin;
  }
  return from;
}

const SecondReader::Respelled* SecondReader::TurnedAt(uint32_t at) const {
  const auto it = std::lower_bound(turned_.begin(), turned_.end(), at,
                                   [](const Respelled& t, uint32_t b) { return t.begin < b; });
  return it != turned_.end() && it->begin == at ? &*it : nullptr;
}

char SecondReader::Upright(const Char& c) const {
  if (const Respelled* turned = TurnedAt(c.begin)) return turned->letter;
  return Rotated(c.c);
}

bool SecondReader::TurnedWord(const Text& text, uint32_t at, uint32_t* begin, uint32_t* end) const {
  *begin = *end = at;
  if (!IsLetter(text.At(at))) return false;
  std::tie(*begin, *end) = WordAround(text, at);
  if (*end == *begin || *end - *begin > kWordBytes) return false;
  for (uint32_t i = *begin; i < *end;) {
    const Char c = text.At(i);
    if (Upright(c) == 0) return false;
    i = c.end;
  }
  return true;
}

void SecondReader::WriteRuns() {
  const Text text(reading_.text);
  RunWriter writer(reading_, out_, map_);
  words_.Begin(text, &writer, &marks_);
  uint32_t done = 0;
  for (const uint32_t mark : marks_) {
    if (mark >= done) words_.Read(mark, &done);
  }
  for (const uint32_t mark : marks_) {
    WriteMeeting(text, mark, &writer);
    WritePair(text, mark, &writer);
  }
  shapes_.clear();
  FindShapes(reading_.text, &shapes_);
  chains_.Begin(text, &writer);
  codes_.Begin(text, &writer);
  done = 0;
  for (const Shape& shape : shapes_) {
    if (shape.kind != Shape::Kind::kChain) continue;
    if (shape.offset >= done) {
      chains_.Read(shape.offset, &done);
      codes_.ReadSpaced(shape.offset);
    }
    codes_.ReadMixed(shape.offset);
  }
  until_ = std::max(until_, writer.until());
}

void SecondReader::WriteMeeting(const Text& text, uint32_t mark, RunWriter* writer) {
  const bool hidden = reading_.from[mark].evasions & MaskOf(Evasion::kZeroWidth);
  uint32_t begin = mark, end = mark;
  bool ideographs = false, digits = false;
  const auto taken = [&](const Char& c) {
    ideographs |= c.role == Role::kHan;
    digits |= c.role == Role::kDigit;
    return c.role != Role::kGap;
  };
  for (uint32_t n = 0; n < kMeetingChars && begin > 0 && taken(text.Before(begin)); ++n) {
    begin = text.Before(begin).begin;
  }
  for (uint32_t n = 0; n < kMeetingChars && end < text.size() && taken(text.At(end)); ++n) {
    end = text.At(end).end;
  }
  if (digits && end > begin) {
    CodePieces code(&pieces_);
    for (uint32_t at = begin; at < end; at = text.At(at).end) {
      if (const Char c = text.At(at); c.role != Role::kGap) code.Add(c);
    }
    if (code.IsCode()) writer->Write(pieces_.all(), 0);
  }
  if (!hidden || !ideographs) return;
  pieces_.Clear();
  pieces_.AddText(text, begin, end);
  writer->Write(pieces_.all(), 0);
}

void SecondReader::WritePair(const Text& text, uint32_t mark, RunWriter* writer) {
  uint32_t begin = mark;
  while (begin > 0 && mark - begin < 2 && text.Before(begin).role == Role::kLetter) {
    begin = text.Before(begin).begin;
  }
  const std::string_view view = text.view();
  if (begin + 2 > view.size() || !IsAsciiLetter(view[begin]) || !IsAsciiLetter(view[begin + 1])) {
    return;
  }
  const auto binds = [](const Char& c) {
    return c.role == Role::kLetter || c.role == Role::kDigit;
  };
  if (begin > 0 && binds(text.Before(begin))) return;
  if (begin + 2 < view.size() && binds(text.At(begin + 2))) return;
  // "q=70": one escaped letter may be a value.
  if (const EvasionMask escape = MaskOf(Evasion::kEscape);
      (reading_.from[begin].evasions ^ reading_.from[begin + 1].evasions) & escape) {
    return;
  }
  pieces_.Clear();
  for (uint32_t at = begin; at < begin + 2; ++at) {
    pieces_.Add({at, at + 1, static_cast<char>(view[at] - 0x20), 0}, 0, false);
  }
  writer->Write(pieces_.all(), 0);
}

void SecondReader::SortByBegin(std::vector<Respelled>* list) {
  const auto by_begin = [](const Respelled& a, const Respelled& b) { return a.begin < b.begin; };
  if (!std::is_sorted(list->begin(), list->end(), by_begin)) {
    std::sort(list->begin(), list->end(), by_begin);
  }
}

}  // namespace winnow::text::squeezing
