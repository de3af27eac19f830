#include "engine/text/squeeze_chain.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/text/fold_table.h"
#include "engine/text/shapes.h"
#include "engine/text/squeeze.h"

namespace winnow::text::squeezing {
namespace {

// Chains of at most this many units are judged as a whole. Longer ones are no accident, and may
// begin or end beyond what the squeezer was given, so nothing about their ends may decide.
constexpr uint32_t kChainUnits = 48;
// Neighbouring ideographs of which more than this end a chain, that takes in kIdeographsTaken.
constexpr uint32_t kPieceChars = 4;
// So many units that touch their neighbours are taken beside a gap.
constexpr size_t kTouching = 6;

// A set of common ideographs, one look to ask.
class HanSet {
 public:
  constexpr explicit HanSet(std::u32string_view all) {
    for (char32_t c : all) bits_[(c - kFirst) / 64] |= uint64_t{1} << ((c - kFirst) % 64);
  }
  constexpr bool Has(char32_t c) const {
    return c - kFirst < kCount && (bits_[(c - kFirst) / 64] >> ((c - kFirst) % 64) & 1);
  }

 private:
  static constexpr char32_t kFirst = 0x4e00, kCount = 0x5200;
  std::array<uint64_t, kCount / 64> bits_ = {};
};

// Ideographs that ordinarily stand next to numbers.
constexpr HanSet kBesideNumbers(
    U"年月日号时分秒点周天岁第章节条款项页楼层室栋幢座弄巷路街区村组队班级期届元角块毛万千百亿个只"
    U"件"
    U"张台辆部本位名人次回遍度米克斤吨升里寸尺公排院门线站买送满减赠付费共等约至到加用花打折付送"
    U"的是比在有了就男女区种双条把集季代星倍步桌首篇句字题课册卷版轮场局胜杯瓶盒箱包袋碗盘头匹棵朵"
    U"颗粒片套份批列型款");

// Of them those that numbers ordinarily follow, and those that ordinarily follow numbers.
constexpr HanSet kBeforeNumbers(
    U"年月日时分点周第至到共约加用花打买送满减赠付费是比在有了就的男女区号路楼层栋幢座弄巷章节条款"
    U"项"
    U"元块");
constexpr HanSet kAfterNumbers(
    U"点周天章节条项页幢座弄巷路街区村组队班级期届元角块毛万千百亿个只件张台辆部本位名人次回遍度米"
    U"克斤"
    U"吨升里寸尺公门线站折种双把集季代星倍步桌首篇句字题课册卷版轮场局杯瓶盒箱包袋碗盘头匹棵朵颗粒"
    U"片套"
    U"份批列型");
// What was counted, whatever stands before: "胡同3号".
constexpr HanSet kCounted(U"年月日号时分秒岁楼层室栋个");

// Ideographs that are set against each other with a stroke between.
constexpr std::u32string_view kContrasts[] = {U"男女", U"是否", U"上下", U"左右", U"前后", U"进出",
                                              U"早晚", U"大小", U"有无", U"对错", U"开关", U"真假",
                                              U"次分", U"和或", U"与或", U"他她", U"天人", U"元人"};

bool IsBracket(char32_t c) {
  return (c >= U'〈' && c <= U'】') || (c >= U'〔' && c <= U'〛') || c == '[' || c == ']' ||
         c == '{' || c == '}';
}

Unit Letter(const Char& c, char leet) {
  Unit unit;
  unit.begin = c.begin;
  unit.end = c.end;
  unit.role = leet != 0 ? Role::kLetter : c.role;
  unit.first = unit.last = c.c;
  unit.leet = leet;
  return unit;
}

EvasionMask RepeatOf(const Unit& unit) {
  return unit.stretched ? MaskOf(Evasion::kRepeat) : EvasionMask{0};
}

bool BesideNumbers(char32_t c) { return kBesideNumbers.Has(c); }

bool Joins(const Unit& a, const Unit& b) {
  const Gap& gap = b.before;
  const bool letters = !a.han() && !b.han();
  // "c,a,s,i,n,o"
  if (gap.ordinary > 0 && !(letters && gap.chars == 1)) return false;
  if (gap.digits > 0) {
    if (gap.digits > 1) return false;
    if (letters) return gap.chars == 1;  // "a 1 b 2": a list, unless the digit touches both
    if (gap.chars > 1 && !(a.single() && b.single())) return false;
    // "5月3日", "上午8时", but "买3枪".
    return !BesideNumbers(b.first) && !(gap.chars > 1 && BesideNumbers(a.last));
  }
  if (gap.stops > 0 && gap.spaces > 0) return false;  // initials
  if (letters || gap.chars == 0 || gap.Odd()) return true;
  // Lines end words, and so may a symbol among spaces.
  if (gap.lines > 0 || (gap.spaces > 0 && gap.spaces < gap.chars)) {
    return a.single() && b.single();
  }
  return (a.han() && a.single()) || (b.han() && b.single());
}

// Whether the two may be one word although Joins() says no: a letter beside ideographs, or a digit
// between two of which only one often stands beside numbers. Both readings get a run.
bool MayJoin(const Unit& a, const Unit& b) {
  const Gap& gap = b.before;
  if (a.han() && b.han()) {
    return gap.digits == 1 && gap.chars == 1 && !kCounted.Has(b.first) &&
           !(kBeforeNumbers.Has(a.last) && kAfterNumbers.Has(b.first));
  }
  if (a.han() == b.han() || (a.han() ? b : a).chars > 1 || (a.han() ? b : a).leet != 0)
    return false;
  if (gap.digits == 1 && gap.chars == 1) return !kCounted.Has(b.first);
  return gap.chars <= 2 && gap.digits + gap.ordinary + gap.lines == 0 &&
         !(gap.stops > 0 && gap.spaces > 0);
}

bool Contrast(const Unit& a, const Unit& b) {
  if (!a.single() || !b.single()) return false;
  return std::any_of(std::begin(kContrasts), std::end(kContrasts),
                     [&](std::u32string_view c) { return c[0] == a.first && c[1] == b.first; });
}

}  // namespace

bool StandsBesideNumbers(char32_t c) { return BesideNumbers(c); }

void Gap::Add(const Char& c) {
  ++chars;
  if (c.role == Role::kDigit) {
    ++digits;
    return;
  }
  switch (c.c) {
    case '\n':
    case '\r':
    case 0x85:
    case 0x2028:
    case 0x2029:
      ++lines;
      return;
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
    case U'《':
    case U'》':
    case U'“':
    case U'”':
    case U'‘':
    case U'’':
    case U'「':
    case U'」':
      ++ordinary;
      return;
    case '+':
    case '/':
      ++strokes;
      ++arithmetic;
      return;
    case '|':
    case '&':
    case '=':
    case '<':
    case '>':
    case '~':
      ++arithmetic;
      return;
    case '.':
      ++stops;
      return;
    default:
      break;
  }
  if (c.c == ' ' || FoldTable::Get().char_class(c.c) == CharClass::kSpace) {
    ++spaces;
  } else if (IsOddSymbol(c.c)) {
    (c.c >= 0x80 && u_hasBinaryProperty(static_cast<UChar32>(c.c), UCHAR_EMOJI) ? emoji
                                                                                : symbols)++;
  } else {
    (IsBracket(c.c) ? ordinary : dashes)++;
  }
}

void ChainReader::Begin(const Text& text, RunWriter* writer) {
  text_ = text;
  writer_ = writer;
}

bool ChainReader::LetterAt(const Char& c, Unit* unit) const {
  *unit = Letter(c, 0);
  if (text_.Single(c)) return true;
  if (c.c >= 0x80 || c.role != Role::kLetter) return false;
  if (BetweenDigits(c)) return true;
  const std::string_view view = text_.view();
  const auto same = [&](uint32_t at) { return view[at] == view[c.begin] && !text_.HiddenAt(at); };
  while (unit->begin > 0 && view[unit->begin - 1] == view[c.begin] &&
         !text_.HiddenAt(unit->begin)) {
    --unit->begin;
  }
  while (unit->end < text_.size() && same(unit->end)) ++unit->end;
  const auto binds = [](const Char& n) {
    return n.role == Role::kLetter || n.role == Role::kDigit;
  };
  unit->stretched = true;
  return unit->end - unit->begin >= 3 &&
         !(unit->begin > 0 && binds(text_.Before(unit->begin)) && !text_.HiddenAt(unit->begin)) &&
         !(unit->end < text_.size() && binds(text_.At(unit->end)) && !text_.HiddenAt(unit->end));
}

bool ChainReader::BetweenDigits(const Char& c) const {
  bool digits[2] = {false, false}, han = false;
  for (const bool forward : {false, true}) {
    if (forward ? c.end >= text_.size() : c.begin == 0) continue;
    const Char next = forward ? text_.At(c.end) : text_.Before(c.begin);
    if (next.role == Role::kLetter) return false;
    if (next.role != Role::kDigit) continue;
    if (forward ? next.end >= text_.size() : next.begin == 0) return false;
    const Char far = forward ? text_.At(next.end) : text_.Before(next.begin);
    if (far.role != Role::kLetter && far.role != Role::kHan) return false;
    digits[forward] = true;
    han |= far.role == Role::kHan;
  }
  return (digits[0] && digits[1]) || han;
}

bool ChainReader::IsPut(const Char& c, const Gap& gap) const {
  if (c.c >= 0x80 || !IsSign(static_cast<char>(c.c)) || gap.chars == 0) return false;
  if (c.begin == 0 || c.end >= text_.size()) return false;
  const Char before = text_.Before(c.begin), behind = text_.At(c.end);
  if (before.role != Role::kGap || before.c == c.c) return false;
  const auto odd = [](const Char& sign) {
    return sign.role == Role::kGap && !(sign.c < 0x80 && IsSign(static_cast<char>(sign.c))) &&
           IsOddSymbol(sign.c);
  };
  return before.c == behind.c || (odd(before) && odd(behind));
}

bool ChainReader::EndsGap(const Char& c, const Gap& gap, const Unit& from) const {
  if (c.role == Role::kGap) return !from.han() && IsPut(c, gap);
  if (c.role != Role::kDigit) return true;
  // A digit that touches others is what stands between.
  return gap.chars > 0 && !from.han() && c.c < 0x80 && LeetLetter(static_cast<char>(c.c)) != 0 &&
         text_.Single(c);
}

Gap ChainReader::GapAt(uint32_t at) const {
  Gap gap;
  if (text_.HiddenAt(at)) {
    gap.chars = gap.symbols = 1;
    gap.hidden = true;
  }
  return gap;
}

Unit ChainReader::HanPiece(const Char& from, bool forward) const {
  const Text::Ideographs han = text_.IdeographsFrom(from, forward, kIdeographsTaken, true);
  Unit piece = Letter(from, 0);
  piece.begin = han.begin;
  piece.end = han.end;
  piece.first = han.first;
  piece.last = han.last;
  piece.chars = han.chars;
  piece.cut = piece.chars > kPieceChars;
  return piece;
}

bool ChainReader::UnitAt(const Char& c, const Gap& gap, const Unit& from, bool forward,
                         Unit* unit) const {
  switch (c.role) {
    case Role::kLetter:
      return LetterAt(c, unit) || (gap.chars == 0 && from.han() && WordBeside(c, forward, unit));
    case Role::kHan:
      *unit = HanPiece(c, forward);
      return true;
    case Role::kDigit:
    case Role::kGap:
      break;
  }
  *unit = Letter(c, LeetLetter(static_cast<char>(c.c)));
  return true;
}

bool ChainReader::WordBeside(const Char& c, bool forward, Unit* unit) const {
  *unit = Letter(c, 0);
  unit->cut = true;
  while (forward ? unit->end < text_.size() : unit->begin > 0) {
    const Char next = forward ? text_.At(unit->end) : text_.Before(unit->begin);
    if (next.role == Role::kDigit || ++unit->chars > kIdeographsTaken) return false;
    if (next.role != Role::kLetter) return true;
    (forward ? unit->end : unit->begin) = forward ? next.end : next.begin;
    (forward ? unit->last : unit->first) = next.c;
  }
  return true;
}

bool ChainReader::NextUnit(const Unit& after, Unit* unit) const {
  Gap gap = GapAt(after.end);
  for (uint32_t at = after.end; at < text_.size() && gap.chars <= kGapCharsMax;) {
    const Char c = text_.At(at);
    if (EndsGap(c, gap, after)) {
      if (!UnitAt(c, gap, after, true, unit)) return false;
      unit->before = gap;
      return Join(after, unit);
    }
    gap.Add(c);
    at = c.end;
  }
  return false;
}

bool ChainReader::UnitBefore(uint32_t done, Unit* of, Unit* unit) const {
  Gap gap = GapAt(of->begin);
  for (uint32_t at = of->begin; at > 0 && gap.chars <= kGapCharsMax;) {
    const Char c = text_.Before(at);
    const bool was_read = c.begin < done;
    if (was_read && c.role != Role::kHan) return false;
    if (EndsGap(c, gap, *of)) {
      if (!UnitAt(c, gap, *of, false, unit)) return false;
      // A long piece ends one chain and begins the next.
      if ((was_read || unit->begin < done) && !unit->cut) return false;
      Unit joined = *of;
      joined.before = gap;
      if (!Join(*unit, &joined)) return false;
      *of = joined;
      return true;
    }
    gap.Add(c);
    at = c.begin;
  }
  return false;
}

void ChainReader::Read(uint32_t at, uint32_t* done) {
  Char start = text_.At(at);
  if (start.role != Role::kLetter && start.role != Role::kHan) {
    // A gap between ideographs or letters, which begins behind one.
    if (at == 0) return;
    start = text_.Before(at);
  }
  Unit first;
  if (start.role == Role::kHan) {
    first = HanPiece(start, false);
  } else if (start.role != Role::kLetter || !LetterAt(start, &first) || first.begin < *done) {
    return;
  }
  // Back to the begin; what lies before was judged when its own shapes were met, so it is short.
  std::vector<Unit>& back = back_;
  back.clear();
  Unit unit;
  while (!first.cut && UnitBefore(*done, &first, &unit)) {
    back.push_back(first);
    first = unit;
  }
  units_.clear();
  units_.push_back(first);
  units_.insert(units_.end(), back.rbegin(), back.rend());
  while (!(units_.back().cut && units_.size() > 1) && NextUnit(units_.back(), &unit)) {
    units_.push_back(unit);
  }
  *done = std::max({*done, units_.back().end, at + 1});
  if (units_.size() < 2) return;
  // What touches is a spelling ("a网b"): of it only what is near a gap belongs to the chain.
  size_t begin = 0, last_gap = 0;
  for (size_t i = 1; i < units_.size(); ++i) {
    if (units_[i].before.chars == 0) continue;
    if (last_gap == 0) {
      begin = i - std::min(i, kTouching);
    } else if (i - last_gap > 2 * kTouching) {
      WriteReadings(begin, last_gap + kTouching);
      begin = i - kTouching;
    }
    last_gap = i;
  }
  if (last_gap > 0) WriteReadings(begin, std::min(units_.size(), last_gap + kTouching));
}

void ChainReader::WriteReadings(size_t begin, size_t end) {
  size_t from = begin;
  for (size_t i = begin + 1; i <= end; ++i) {
    if (i < end && !units_[i].doubtful) continue;
    if (i - from > 1) WriteChain(from, i);
    from = i;
  }
  if (begin < end && std::any_of(units_.begin() + begin + 1, units_.begin() + end,
                                 [](const Unit& u) { return u.doubtful; })) {
    WriteChain(begin, end);
  }
  // Two letters by themselves are a term of two or nothing.
  for (size_t i = begin; i < end;) {
    size_t to = i;
    while (to < end && !units_[to].han() && (to == i || units_[to].before.chars > 0)) ++to;
    if (to - i == 2) WritePair(i);
    i = std::max(to, i + 1);
  }
}

void ChainReader::WritePair(size_t at) {
  const Unit& a = units_[at];
  const Unit& b = units_[at + 1];
  if (a.chars != 1 || b.chars != 1 || a.leet != 0 || b.leet != 0 || a.first >= 0x80 ||
      b.first >= 0x80)
    return;
  // "p.m.", "e.g."
  if (b.before.stops > 0 && b.end < text_.size() && text_.view()[b.end] == '.') return;
  pieces_.Clear();
  for (const Unit* u : {&a, &b}) {
    pieces_.Add({u->begin, u->end, static_cast<char>(u->first - 0x20), RepeatOf(*u)}, 0, false);
  }
  writer_->Write(pieces_.all(), MaskOf(Evasion::kSeparator));
}

bool ChainReader::DigitsBetween(const Unit& a, const Unit& b) const {
  if (b.before.digits != 1 || b.before.chars != 1 || !a.han() || !b.han()) return false;
  if (text_.view()[a.end] == '0') return true;
  if (b.single() && b.end + 1 < text_.size() && text_.At(b.end).role == Role::kDigit) {
    const Char next = text_.At(b.end + 1);
    if (next.role == Role::kHan && !BesideNumbers(next.c)) return true;
  }
  if (BesideNumbers(a.last)) return false;
  if (a.single()) return true;
  return b.single() && b.end + 1 < text_.size() && text_.At(b.end).role == Role::kDigit &&
         text_.At(b.end + 1).role == Role::kHan;
}

bool ChainReader::Join(const Unit& a, Unit* b) const {
  b->doubtful = false;
  // What symbols hold apart is joined whatever was removed.
  if (text_.Parted() && b->before.symbols + b->before.emoji > b->before.hidden) return false;
  if (Joins(a, *b) || DigitsBetween(a, *b)) return true;
  b->doubtful = MayJoin(a, *b);
  return b->doubtful;
}

bool ChainReader::BesideNumber(size_t begin, size_t end) const {
  uint32_t at = units_[begin].begin;
  for (int i = 0; i < 2 && at > 0; ++i) {
    const Char c = text_.Before(at);
    if (c.role == Role::kDigit) return true;
    at = c.begin;
  }
  at = units_[end - 1].end;
  for (int i = 0; i < 2 && at < text_.size(); ++i) {
    const Char c = text_.At(at);
    if (c.role == Role::kDigit) return true;
    at = c.end;
  }
  return false;
}

void ChainReader::WriteChain(size_t begin, size_t end) {
  size_t from = begin, to = end;
  while (to > from && units_[to - 1].leet != 0) --to;
  while (from < to && units_[from].leet != 0) ++from;
  if (to - from >= 2) WriteJudged(from, to);
  if ((from > begin || to < end) && end - begin >= 4) WriteJudged(begin, end);
}

void ChainReader::WriteJudged(size_t begin, size_t end) {
  uint32_t letters = 0, han = 0, put = 0, gaps = 0, digits = 0, arithmetic = 0, lines = 0,
           stops = 0, ordinary = 0, beside_numbers = 0, spaced = 0, lopsided = 0, foreign = 0,
           strokes = 0, loose = 0;
  bool same = true, spaces = true, doubtful = false;
  std::string_view tight;  // the first gap without a space; the others are alike, or not the same
  for (size_t i = begin; i < end; ++i) {
    const Unit& u = units_[i];
    (u.leet != 0 ? put : u.han() ? han : letters)++;
    beside_numbers += u.han() && u.single() && BesideNumbers(u.first);
    foreign += u.first >= 0x80;
    if (i == begin) continue;
    const std::string_view gap = GapText(i);
    if (u.before.spaces == 0 && gap != "'") {
      if (spaces) tight = gap;
      spaces = false;
      same &= gap == tight;
    }
    loose += u.before.spaces > 0 || gap == "'";
    lopsided += gap.size() > 1 && (gap.front() == ' ') != (gap.back() == ' ');
    spaced += u.before.chars == u.before.spaces;
    gaps += u.before.chars > u.before.hidden;
    digits += u.before.digits > 0;
    // A longer gap of one sign holds apart; "] = *" is code.
    arithmetic += u.before.arithmetic > 0 &&
                  (u.before.chars <= 3 || (u.before.spaces > 0 && u.before.symbols > 0));
    strokes += u.before.strokes > 0 && u.before.chars == 1;
    doubtful |= u.doubtful;
    lines += u.before.lines > 0;
    stops += u.before.stops > 0;
    ordinary += u.before.ordinary > 0 && gap != "'";  // "d o n't"
  }
  const uint32_t n = letters + han + put;
  if (gaps == 0) return;
  for (size_t i = begin + 2; spaces && i < end; ++i) same &= GapText(i) == GapText(begin + 1);
  if (n > kChainUnits) {
    WriteUnits(begin, end);
    if (han == 0) WriteWords(begin, end);
    return;
  }
  if (put > letters) return;
  if (han >= 2) {
    // Two ideographs are easily neighbours for other reasons: "男/女", "买1送1".
    if (n == 2 && arithmetic > 0 && Contrast(units_[begin], units_[begin + 1])) return;
    if (arithmetic > 0 && strokes > 0 && beside_numbers * 2 > n) return;
    if (beside_numbers == han && ((digits > 0 && !doubtful) || BesideNumber(begin, end))) return;
  } else {
    if (letters + han < 2) return;
    if (n == 2) {
      if (han == 1 && ordinary == 0) WriteUnits(begin, end);
      return;
    }
    if (n == 3 && put > 0 && spaced == 2) return;                                   // "part E 7 C"
    if (n < 6 && put > 1 && put * 2 >= n && spaced + 1 == n) return;                // "5 7 a b"
    if (arithmetic > 0 && (n == 3 ? !same || loose > 0 : !same && spaces)) return;  // a + b * c
    if (ordinary > 0 && (n == 3 || !same)) return;                                  // f(x,y), x,y,z
    if (n == 3 && lopsided > 0) return;                                             // ls -l -a -h
    if (n < 5 && digits > 0 && digits < gaps) return;                               // B2B H2O
    if (n == 3 && foreign > 0 && spaced > 0) return;  // languages of one-letter words
    // U.S.A., a.k.a.
    const uint32_t last = units_[end - 1].end;
    if (n == 3 && stops == 2 && last < text_.size() && text_.At(last).c == '.') return;
  }
  WriteUnits(begin, end);
  if (han > 0) return;
  // One-letter words before a word held apart: "I p o r n".
  const char32_t first = units_[begin].first;
  if (n >= 4 && (first == 'a' || first == 'i')) WriteUnits(begin + 1, end);
  WriteWords(begin, end);
}

void ChainReader::WriteWords(size_t begin, size_t end) {
  const bool is_long = end - begin > kChainUnits;
  const auto divides = [&](size_t i) {
    const size_t from = is_long && i > begin + 1 ? i - 1 : begin + 1;
    const size_t to = is_long ? std::min(i + 2, end) : end;
    uint32_t narrow = kGapCharsMax + 1;
    bool all_spaced = true;
    for (size_t j = from; j < to; ++j) {
      narrow = std::min(narrow, units_[j].before.chars);
      all_spaced &= units_[j].before.spaces > 0;
    }
    const Gap& gap = units_[i].before;
    return gap.chars > narrow || (gap.spaces > 0 && !all_spaced);
  };
  size_t from = begin;
  for (size_t i = begin + 1; i <= end; ++i) {
    if (i < end && !divides(i)) continue;
    if (i - from >= 3 && i - from < end - begin) WriteUnits(from, i);
    from = i;
  }
}

std::string_view ChainReader::GapText(size_t i) const {
  const uint32_t from = units_[i - 1].end;
  return text_.view().substr(from, units_[i].begin - from);
}

void ChainReader::WriteUnits(size_t begin, size_t end) {
  WriteUnits(begin, end, 'i', 'i');
  bool ones = false, marks = false;
  for (size_t i = begin; i < end; ++i) {
    if (units_[i].leet == 'i') (units_[i].first == '!' ? marks : ones) = true;
  }
  if (!ones && !marks) return;
  WriteUnits(begin, end, 'l', 'l');
  if (ones && marks) WriteUnits(begin, end, 'l', 'i');
}

void ChainReader::WriteUnits(size_t begin, size_t end, char one, char mark) {
  pieces_.Clear();
  for (size_t i = begin; i < end; ++i) {
    const Unit& u = units_[i];
    if (u.leet != 0) {
      const char letter = u.leet != 'i' ? u.leet : u.first == '!' ? mark : one;
      pieces_.Add({u.begin, u.end, letter, MaskOf(Evasion::kLeet)}, static_cast<char32_t>(letter),
                  true);
    } else if (u.stretched) {
      pieces_.Add({u.begin, u.end, 0, RepeatOf(u)}, u.first, true);
    } else {
      pieces_.AddText(text_, u.begin, u.end);
    }
  }
  if (pieces_.size() >= 2) writer_->Write(pieces_.all(), MaskOf(Evasion::kSeparator));
}

}  // namespace winnow::text::squeezing
