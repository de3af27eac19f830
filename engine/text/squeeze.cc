#include "engine/text/squeeze.h"

#include <algorithm>
#include <array>

#include "engine/text/fold_table.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

constexpr uint32_t kTokenBytesMax = 256;  // of the folded view
constexpr uint32_t kTokenCharsMax = 32;   // once squeezed
constexpr uint32_t kLeetTokenBytesMax = 24;
// Chains of at most this many units are judged as a whole. Longer ones are no accident, and may
// begin or end beyond what the squeezer was given, so nothing about their ends may decide.
constexpr uint32_t kChainUnits = 48;

// Letters that digits and signs are put for; 0: none. '1' and '!' stand for l as well.
constexpr char LeetLetter(char c) {
  switch (c) {
    case '0':
      return 'o';
    case '1':
    case '!':
      return 'i';
    case '3':
      return 'e';
    case '4':
    case '@':
      return 'a';
    case '5':
    case '$':
      return 's';
    case '6':
    case '9':
      return 'g';
    case '7':
      return 't';
    case '8':
      return 'b';
    default:
      return 0;
  }
}

bool IsAsciiLetter(char c) { return static_cast<uint8_t>(c - 'a') < 26; }
bool IsAsciiDigit(char c) { return static_cast<uint8_t>(c - '0') < 10; }
bool IsSign(char c) { return c == '!' || c == '$' || c == '@'; }

// Ideographs that ordinarily stand next to numbers.
constexpr std::u32string_view kBesideNumbers =
    U"年月日号时分秒点周天岁第章节条款项页楼层室栋幢座弄巷路街区村组队班级期届元角块毛万千百亿个只"
    U"件"
    U"张台辆部本位名人次回遍度米克斤吨升里寸尺公排院门线站买送满减赠付费共等约至到加用花打折付送"
    U"的是比在有了就男女";

// What a character is to somebody who holds others apart.
enum class Role : uint8_t { kLetter, kHan, kDigit, kGap };

struct Char {
  uint32_t begin = 0;
  uint32_t end = 0;
  char32_t c = 0;
  Role role = Role::kGap;
};

// Steps through a folded view.
class Text {
 public:
  explicit Text(std::string_view view) : view_(view) {}

  std::string_view view() const { return view_; }
  uint32_t size() const { return static_cast<uint32_t>(view_.size()); }

  Char At(uint32_t at) const {
    Char c;
    c.begin = at;
    c.c = CharAt(&view_[at]);
    c.end = at + WidthOf(c.c);
    c.role = RoleOf(c.c);
    return c;
  }
  Char Before(uint32_t at) const { return At(static_cast<uint32_t>(StepBack(view_, at))); }

  // Whether a letter or ideograph stands alone: no letter or digit touches a letter, and no
  // ideograph another.
  bool Single(const Char& c) const {
    return !(c.begin > 0 && Binds(c.role, Before(c.begin).role)) &&
           !(c.end < size() && Binds(c.role, At(c.end).role));
  }

 private:
  static bool Binds(Role a, Role b) {
    if (a == Role::kHan) return b == Role::kHan;
    return b == Role::kLetter || b == Role::kDigit;
  }

  static Role RoleOf(char32_t c) {
    if (c < 0x80) {
      if (IsAsciiLetter(static_cast<char>(c))) return Role::kLetter;
      return IsAsciiDigit(static_cast<char>(c)) ? Role::kDigit : Role::kGap;
    }
    switch (FoldTable::Get().char_class(c)) {
      case CharClass::kLetter:
      case CharClass::kHangul:
      case CharClass::kUnspaced:
      case CharClass::kMark:
        return Role::kLetter;
      case CharClass::kHan:
        return Role::kHan;
      case CharClass::kDigit:
        return Role::kDigit;
      default:
        return Role::kGap;
    }
  }

  const std::string_view view_;
};

// What stands between two neighbours of a chain.
struct Gap {
  uint32_t chars = 0;
  uint32_t spaces = 0;
  uint32_t lines = 0;
  uint32_t digits = 0;
  uint32_t ordinary = 0;    // punctuation that divides clauses and lists
  uint32_t arithmetic = 0;  // = + < > | & / ~
  uint32_t stops = 0;       // full stops
  uint32_t symbols = 0;     // all others

  void Add(const Char& c) {
    ++chars;
    if (c.role == Role::kDigit) {
      ++digits;
      return;
    }
    switch (c.c) {
      case '\n':
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
      case '=':
      case '+':
      case '<':
      case '>':
      case '|':
      case '&':
      case '/':
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
    } else {
      ++symbols;
    }
  }
  // A gap that no spelling has: it may join ideographs that are not single.
  bool Odd() const { return chars > 0 && symbols == chars; }
};

// A character of a run and where it came from.
struct Piece {
  uint32_t begin;  // in the folded view
  uint32_t end;
  char letter;  // ASCII put for what was there; 0: the view's own bytes
  EvasionMask evasions;
  uint32_t letters = 1;  // equal ones that became this one
};

struct Unit {
  Char c;
  char leet = 0;  // the letter that a digit is put for
  Gap before;     // what divides it from the unit before
};

// Writes runs and their map.
class RunWriter {
 public:
  RunWriter(std::string_view folded, std::string* out, EditMap* map)
      : folded_(folded), out_(out), map_(map) {}

  void Write(const std::vector<Piece>& pieces, EvasionMask gap_evasion) {
    const uint32_t divider = static_cast<uint32_t>(out_->size());
    if (divider > 0) out_->push_back('\n');
    map_->Add({divider, static_cast<uint32_t>(out_->size()) - divider, pieces[0].begin, 0, 0});
    uint32_t from = pieces[0].begin;
    for (const Piece& p : pieces) {
      const uint32_t at = static_cast<uint32_t>(out_->size());
      if (p.begin > from) map_->Add({at, 0, from, p.begin - from, gap_evasion});
      if (p.letter != 0) {
        out_->push_back(p.letter);
        if (p.end - p.begin != 1 || p.evasions != 0) {
          map_->Add({at, 1, p.begin, p.end - p.begin, p.evasions});
        }
      } else {
        const uint32_t width = CharWidth(folded_[p.begin]);
        out_->append(folded_, p.begin, width);
        if (p.end - p.begin != width || p.evasions != 0) {
          map_->Add({at, width, p.begin, p.end - p.begin, p.evasions});
        }
      }
      from = p.end;
    }
    until_ = std::max(until_, from);
  }

  uint32_t until() const { return until_; }

 private:
  uint32_t until_ = 0;
  const std::string_view folded_;
  std::string* const out_;
  EditMap* const map_;
};

// Reads what stands at the shapes of one view.
class Reader {
 public:
  Reader(std::string_view folded, std::string* out, EditMap* map)
      : text_(folded), writer_(folded, out, map) {}

  void Read(const Shape& shape) {
    if (shape.offset < done_) return;
    if (shape.kind == Shape::Kind::kToken) {
      ReadToken(shape.offset);
    } else {
      ReadChain(shape.offset);
    }
  }

  uint32_t until() const { return writer_.until(); }

 private:
  // Tokens.

  // Part of a word, also one respelled. Signs only inside: "wow!" ends before its mark.
  bool InToken(const Char& c) const {
    if (c.role == Role::kLetter || c.role == Role::kDigit) return true;
    if (c.c >= 0x80 || !IsSign(static_cast<char>(c.c))) return false;
    const auto word = [](const Char& n) {
      return n.role == Role::kLetter || n.role == Role::kDigit;
    };
    const bool after = c.end < text_.size() && word(text_.At(c.end));
    if (c.c == '$') {
      return after || (c.begin > 0 && word(text_.Before(c.begin)));
    }
    return after && c.begin > 0 && word(text_.Before(c.begin));
  }

  void ReadToken(uint32_t at) {
    uint32_t begin = at, end = at;
    while (begin > 0 && at - begin <= kTokenBytesMax) {
      const Char before = text_.Before(begin);
      if (!InToken(before)) break;
      begin = before.begin;
    }
    // To its end, however far, so that no other shape in it is looked at.
    while (end < text_.size()) {
      const Char next = text_.At(end);
      if (!InToken(next)) break;
      end = next.end;
    }
    done_ = std::max(done_, std::max(end, at + 1));
    if (end - begin > kTokenBytesMax || end == begin) return;
    const std::string_view token = text_.view().substr(begin, end - begin);
    uint32_t leet_end = 0;
    const bool leet = IsLeet(token, begin, end, &leet_end);
    const bool repeats = HasRepeats(token);
    if (!leet && !repeats) return;
    bool twofold = false;
    SqueezeToken(begin, end, leet ? begin + leet_end : begin, 'i', &twofold);
    const auto chars = pieces_.size();
    if (chars < 2 || chars > kTokenCharsMax) return;
    writer_.Write(pieces_, MaskOf(Evasion::kSeparator));
    if (twofold) {
      SqueezeToken(begin, end, begin + leet_end, 'l', &twofold);
      writer_.Write(pieces_, MaskOf(Evasion::kSeparator));
    }
  }

  // Fills pieces_ with [begin, end); digits and signs before `leet_end` become letters.
  void SqueezeToken(uint32_t begin, uint32_t end, uint32_t leet_end, char one, bool* twofold) {
    pieces_.clear();
    char32_t last = 0;
    for (uint32_t at = begin; at < end;) {
      const Char c = text_.At(at);
      Piece piece = {c.begin, c.end, 0, 0};
      char32_t letter = c.c;
      if (c.c < 0x80 && at < leet_end && !IsAsciiLetter(static_cast<char>(c.c))) {
        if (const char put = LeetLetter(static_cast<char>(c.c))) {
          *twofold |= put == 'i';
          piece.letter = put == 'i' ? one : put;
          piece.evasions = MaskOf(Evasion::kLeet);
          letter = static_cast<char32_t>(piece.letter);
        }
      }
      Append(piece, letter, c.role == Role::kLetter || piece.letter != 0, &last);
      at = c.end;
    }
    for (Piece& p : pieces_) {
      if (p.letters >= 3) p.evasions |= MaskOf(Evasion::kRepeat);
    }
  }

  // Equal letters that meet are one.
  void Append(const Piece& piece, char32_t letter, bool is_letter, char32_t* last) {
    if (is_letter && letter == *last && !pieces_.empty()) {
      pieces_.back().end = piece.end;
      pieces_.back().evasions |= piece.evasions;
      ++pieces_.back().letters;
    } else {
      pieces_.push_back(piece);
    }
    *last = is_letter ? letter : 0;
  }

  // A letter three times or more in what may be a word: no number, roman or hexadecimal.
  static bool HasRepeats(std::string_view token) {
    if (IsAsciiDigit(token[0])) return false;  // 077xxxx, 0xfff
    bool three = false, roman = true, hex = true;
    for (size_t i = 0; i < token.size(); ++i) {
      const char c = token[i];
      if (!IsAsciiLetter(c)) {
        roman = false;
        hex &= IsAsciiDigit(c);
        continue;
      }
      three |= i + 2 < token.size() && token[i + 1] == c && token[i + 2] == c;
      roman &= std::string_view("ivxlcdm").find(c) != std::string_view::npos;
      hex &= c <= 'f';
    }
    return three && !roman && !(hex && token.size() >= 6 && token.size() % 2 == 0);
  }

  // True when digits and signs in a token stand for letters rather than for themselves, as in
  // product codes, versions, addresses. `begin`, `end`: of the token in the view. `*leet_end`: from
  // where on they do no longer ("v1agra100").
  bool IsLeet(std::string_view token, uint32_t begin, uint32_t end, uint32_t* leet_end) const {
    if (token.size() > kLeetTokenBytesMax || token.size() < 3) return false;
    // The parts of a web address are made up, and those of base64.
    if (begin > 0 &&
        std::string_view("/=?&+").find(text_.view()[begin - 1]) != std::string_view::npos) {
      return false;
    }
    if (end + 1 < text_.size() && text_.view()[end] == '+' && text_.At(end + 1).c < 0x80 &&
        text_.At(end + 1).role != Role::kGap) {
      return false;
    }
    size_t last = token.size();
    // A number at the end is a number, save a single 0 or $ after a word.
    while (last > 0 && !IsAsciiLetter(token[last - 1])) --last;
    if (token.size() - last == 1 && last >= 3 && (token[last] == '0' || token[last] == '$')) ++last;
    if (token.size() - last == 2 && last >= 1 && token.substr(last) == "$$") last += 2;
    uint32_t letters = 0, put = 0, groups = 0, single_groups = 0, group = 0;
    bool hex = true;
    for (size_t i = 0; i < last; ++i) {
      const char c = token[i];
      if (IsAsciiLetter(c)) {
        ++letters;
        if (++group == 1) {
          ++groups;
          ++single_groups;
        } else if (group == 2) {
          --single_groups;
        }
        hex &= c <= 'f';
        continue;
      }
      group = 0;
      if (LeetLetter(c) == 0) return false;  // also letters that are not ASCII
      hex &= IsAsciiDigit(c);
      ++put;
      // Two digits in a row are letters only as a pair ("pu55y"); three never.
      if (i > 0 && !IsAsciiLetter(token[i - 1])) {
        if (token[i - 1] != c || (i > 1 && !IsAsciiLetter(token[i - 2]))) return false;
      }
    }
    if (put == 0 || letters < 2 || put > letters) return false;
    if (letters == 2 && (last != token.size() || last > 4)) return false;
    // "4M1L": a code.
    if (letters == 2 && last == 4 && IsAsciiDigit(token[0]) && IsAsciiDigit(token[2])) return false;
    if (groups >= 3 && single_groups * 2 > groups && groups > 3) return false;
    if (hex && (last >= 6 || AmidHex(begin, end))) return false;
    if (token[0] == '$' && put == 1) return false;  // a variable
    if (token.substr(0, 2) == "0x") return false;
    if (IsAsciiDigit(token[0]) &&
        (token[0] == '6' || token[0] == '7' || token[0] == '9' || IsUnit(token.substr(1)))) {
      return false;
    }
    // "sh!t", but "well!And".
    if (const size_t mark = token.find('!'); mark != std::string_view::npos) {
      if (mark > 3 || token.size() - mark > 5) return false;
    }
    // "c@sino", but "name@host".
    if (const size_t mark = token.find('@'); mark != std::string_view::npos) {
      if (mark > 2 || (end < text_.size() && text_.At(end).c == '.')) return false;
    }
    *leet_end = static_cast<uint32_t>(last);
    return true;
  }

  // Whether a token is one of several groups of hexadecimal digits, as in a UUID or an address.
  bool AmidHex(uint32_t begin, uint32_t end) const {
    constexpr std::string_view kDividers = "-:%#";
    const std::string_view view = text_.view();
    const auto is_hex = [](char c) { return IsAsciiDigit(c) || (c >= 'a' && c <= 'f'); };
    if (begin > 0 && kDividers.find(view[begin - 1]) != kDividers.npos) {
      if (begin == 1 || is_hex(view[begin - 2]) || view[begin - 1] != '-') return true;
    }
    return end + 1 < view.size() && view[end] != '#' &&
           kDividers.find(view[end]) != kDividers.npos && is_hex(view[end + 1]);
  }

  // What ordinarily follows a number.
  static bool IsUnit(std::string_view word) {
    constexpr std::string_view kUnits[] = {
        "day",    "days",   "week",  "weeks",  "month",  "months",  "year",    "years",   "hour",
        "hours",  "hrs",    "min",   "mins",   "minute", "minutes", "second",  "seconds", "sec",
        "secs",   "pcs",    "piece", "pieces", "item",   "items",   "pack",    "packs",   "people",
        "person", "times",  "star",  "stars",  "inch",   "inches",  "feet",    "miles",   "mile",
        "pound",  "pounds", "usd",   "rmb",    "cny",    "eur",     "kwh",     "mah",     "rpm",
        "dpi",    "fps",    "mbps",  "gbps",   "pax",    "nights",  "night",   "rooms",   "room",
        "bed",    "beds",   "bath",  "door",   "doors",  "way",     "mol",     "mmol",    "umol",
        "khz",    "mhz",    "ghz",   "gbp",    "txt",    "msgs",    "mths",    "copies",  "yrs",
        "gen",    "ply",    "port",  "core",   "cores",  "player",  "players", "col",     "row",
    };
    return std::find(std::begin(kUnits), std::end(kUnits), word) != std::end(kUnits);
  }

  // Chains.

  // The unit that follows `at` over at most kGapCharsMax characters; false when there is none.
  // `after` is what `at` ends. A longer piece of ideographs behind an odd gap is `*piece`.
  bool NextUnit(const Unit& after, Unit* unit, Char* piece) const {
    Gap gap;
    uint32_t at = after.c.end;
    while (at < text_.size() && gap.chars <= kGapCharsMax) {
      const Char c = text_.At(at);
      if (c.role == Role::kLetter || c.role == Role::kHan) {
        if (text_.Single(c)) {
          *unit = {c, 0, gap};
          return true;
        }
        if (c.role == Role::kHan && gap.Odd()) *piece = c;
        return false;
      }
      if (c.role == Role::kDigit && gap.chars > 0 && after.c.role != Role::kHan &&
          text_.Single(c) && LeetLetter(static_cast<char>(c.c)) != 0) {
        *unit = {c, LeetLetter(static_cast<char>(c.c)), gap};
        return true;
      }
      gap.Add(c);
      at = c.end;
    }
    return false;
  }

  // The unit before `of`, as NextUnit(); its gap goes into of->before.
  bool UnitBefore(Unit* of, Unit* unit, Char* piece) const {
    Gap gap;
    uint32_t at = of->c.begin;
    while (at > done_ && gap.chars <= kGapCharsMax) {
      const Char c = text_.Before(at);
      if (c.begin < done_) return false;
      if (c.role == Role::kLetter || c.role == Role::kHan) {
        if (text_.Single(c)) {
          of->before = gap;
          *unit = {c, 0, {}};
          return true;
        }
        if (c.role == Role::kHan && gap.Odd()) *piece = c;
        return false;
      }
      if (c.role == Role::kDigit && gap.chars > 0 && of->c.role != Role::kHan && text_.Single(c) &&
          LeetLetter(static_cast<char>(c.c)) != 0) {
        of->before = gap;
        *unit = {c, LeetLetter(static_cast<char>(c.c)), {}};
        return true;
      }
      gap.Add(c);
      at = c.begin;
    }
    return false;
  }

  void ReadChain(uint32_t at) {
    units_.clear();
    Unit unit = {text_.At(at), 0, {}};
    if (!text_.Single(unit.c)) return;
    Unit first = unit;
    Char piece_before, piece_after;
    // Back to the begin; what lies before was judged when its own shapes were met, so it is short.
    std::vector<Unit>& back = back_;
    back.clear();
    Unit before;
    while (UnitBefore(&first, &before, &piece_before)) {
      back.push_back(first);
      first = before;
    }
    units_.push_back(first);
    units_.insert(units_.end(), back.rbegin(), back.rend());
    while (NextUnit(units_.back(), &unit, &piece_after)) units_.push_back(unit);
    done_ = std::max(done_, units_.back().c.end);
    // Parts between gaps that join nothing.
    size_t begin = 0;
    for (size_t i = 1; i <= units_.size(); ++i) {
      if (i < units_.size() && Joins(units_[i - 1], units_[i])) continue;
      WriteChain(begin, i, begin == 0 ? piece_before : Char{},
                 i == units_.size() ? piece_after : Char{});
      begin = i;
    }
  }

  static bool BesideNumbers(const Unit& u) {
    return kBesideNumbers.find(u.c.c) != std::u32string_view::npos;
  }

  static bool Joins(const Unit& a, const Unit& b) {
    const Gap& gap = b.before;
    if (gap.ordinary > 0) return false;
    if (gap.digits > 0) {
      if (gap.digits > 1 || BesideNumbers(a) || BesideNumbers(b)) return false;
      // "a 1 b 2": a list, unless the digit touches both.
      return gap.chars == gap.digits || a.c.role == Role::kHan;
    }
    if (gap.stops > 0 && gap.spaces > 0) return false;  // initials
    return true;
  }

  void WriteChain(size_t begin, size_t end, const Char& piece_before, const Char& piece_after) {
    while (end > begin && units_[end - 1].leet != 0) --end;
    while (begin < end && units_[begin].leet != 0) ++begin;
    if (end - begin < 2) return;
    uint32_t letters = 0, han = 0, put = 0, gaps = 0, digits = 0, arithmetic = 0, lines = 0,
             stops = 0, beside_numbers = 0, spaced = 0, lopsided = 0, foreign = 0;
    bool same = true;
    for (size_t i = begin; i < end; ++i) {
      const Unit& u = units_[i];
      (u.leet != 0 ? put : u.c.role == Role::kHan ? han : letters)++;
      beside_numbers += u.c.role == Role::kHan && BesideNumbers(u);
      foreign += u.c.c >= 0x80;
      if (i == begin) continue;
      const std::string_view gap = GapText(i);
      same &= gap == GapText(begin + 1);
      lopsided += gap.size() > 1 && (gap.front() == ' ') != (gap.back() == ' ');
      spaced += u.before.chars == u.before.spaces;
      gaps += u.before.chars > 0;
      digits += u.before.digits > 0;
      // A longer gap of one sign holds apart; "] = *" is code.
      arithmetic += u.before.arithmetic > 0 &&
                    (u.before.chars <= 3 || (u.before.spaces > 0 && u.before.symbols > 0));
      lines += u.before.lines > 0;
      stops += u.before.stops > 0;
    }
    const uint32_t n = letters + han + put;
    if (gaps == 0) return;
    if (n > kChainUnits) {
      WriteUnits(begin, end, piece_before, piece_after);
      if (han == 0) WriteWords(begin, end);
      return;
    }
    if (put > letters) return;
    if (han >= 2) {
      // Two ideographs are easily neighbours for other reasons: "男/女", "买1送1".
      if (n == 2 && (digits + arithmetic + lines > 0)) return;
      if (beside_numbers * 2 > n) return;
    } else {
      if (n < 3 || letters + han < 2) return;
      if (n == 3 && put > 0 && spaced == 2) return;     // "part E 7 C"
      if (arithmetic > 0 && (n == 3 || !same)) return;  // a + b * c
      if (n == 3 && lines + lopsided > 0) return;       // ls -l -a -h
      if (n == 3 && foreign > 0 && spaced > 0) return;  // languages of one-letter words
      // U.S.A., a.k.a.
      const uint32_t last = units_[end - 1].c.end;
      if (n == 3 && stops == 2 && last < text_.size() && text_.At(last).c == '.') return;
    }
    WriteUnits(begin, end, piece_before, piece_after);
    if (han > 0) return;
    // One-letter words before a word held apart: "I p o r n".
    const char32_t first = units_[begin].c.c;
    if (n >= 4 && (first == 'a' || first == 'i')) WriteUnits(begin + 1, end, {}, {});
    WriteWords(begin, end);
  }

  // Words held apart by wider gaps than their letters, or by spaces when their letters are not. In
  // long chains "their letters" are those on either side.
  void WriteWords(size_t begin, size_t end) {
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
      if (i - from >= 3 && i - from < end - begin) WriteUnits(from, i, {}, {});
      from = i;
    }
  }

  // What stands before unit `i`, which is not the first.
  std::string_view GapText(size_t i) const {
    const uint32_t from = units_[i - 1].c.end;
    return text_.view().substr(from, units_[i].c.begin - from);
  }

  void WriteUnits(size_t begin, size_t end, const Char& piece_before, const Char& piece_after) {
    pieces_.clear();
    char32_t last = 0;
    if (piece_before.end > 0) {
      // The end of a longer piece of ideographs.
      uint32_t from = piece_before.begin;
      for (int i = 0; i < 3 && from > 0; ++i) {
        const Char c = text_.Before(from);
        if (c.role != Role::kHan) break;
        from = c.begin;
      }
      for (uint32_t at = from; at < piece_before.end; at = text_.At(at).end) AppendHan(at);
    }
    for (size_t i = begin; i < end; ++i) {
      const Unit& u = units_[i];
      Piece piece = {u.c.begin, u.c.end, u.leet,
                     u.leet != 0 ? MaskOf(Evasion::kLeet) : EvasionMask{0}};
      const char32_t letter = u.leet != 0 ? static_cast<char32_t>(u.leet) : u.c.c;
      const bool is_letter = u.c.role != Role::kHan;
      const bool same = is_letter && letter == last;
      if (same) piece.evasions |= MaskOf(Evasion::kSeparator);
      Append(piece, letter, is_letter, &last);
    }
    if (piece_after.end > 0) {
      uint32_t at = piece_after.begin;
      for (int i = 0; i < 4 && at < text_.size(); ++i) {
        const Char c = text_.At(at);
        if (c.role != Role::kHan) break;
        AppendHan(at);
        at = c.end;
      }
    }
    if (pieces_.size() >= 2) writer_.Write(pieces_, MaskOf(Evasion::kSeparator));
  }

  void AppendHan(uint32_t at) { pieces_.push_back({at, text_.At(at).end, 0, 0}); }

  const Text text_;
  RunWriter writer_;
  uint32_t done_ = 0;  // what lies before has been read
  std::vector<Unit> units_, back_;
  std::vector<Piece> pieces_;
};

}  // namespace

std::string_view Squeezer::Squeeze(std::string_view folded, EditMap* map) {
  until_ = 0;
  shapes_.clear();
  FindShapes(folded, &shapes_);
  if (shapes_.empty()) return {};
  out_.clear();
  map->clear();
  Reader reader(folded, &out_, map);
  for (const Shape& shape : shapes_) reader.Read(shape);
  until_ = reader.until();
  return out_;
}

std::string SqueezeTerm(std::string_view folded) {
  const Text text(folded);
  uint32_t letters = 0, digits = 0, han = 0;
  for (uint32_t at = 0; at < text.size();) {
    const Char c = text.At(at);
    letters += c.role == Role::kLetter;
    han += c.role == Role::kHan;
    digits += c.role == Role::kDigit;
    at = c.end;
  }
  std::string out;
  char32_t last = 0;
  uint32_t chars = 0;
  for (uint32_t at = 0; at < text.size();) {
    const Char c = text.At(at);
    at = c.end;
    char32_t letter = c.c;
    if (c.role == Role::kDigit) {
      // Digits among letters are read as letters; others are what holds apart.
      if (letters < 2 || c.c >= 0x80 || LeetLetter(static_cast<char>(c.c)) == 0) return {};
      letter = static_cast<char32_t>(LeetLetter(static_cast<char>(c.c)));
    } else if (c.role == Role::kGap) {
      continue;
    }
    const bool is_letter = c.role != Role::kHan;
    if (is_letter && letter == last) continue;
    last = is_letter ? letter : 0;
    AppendChar(letter, &out);
    ++chars;
  }
  // Short ones would be found where nobody wrote them, and so would one that lost the sign before
  // or behind it (".com" in "c o m p a n y").
  if (digits > 0 && chars < 4) return {};
  if (han == 0 && letters + digits < 3) return {};
  if (!folded.empty() &&
      (text.At(0).role == Role::kGap || text.Before(text.size()).role == Role::kGap)) {
    return {};
  }
  return out;
}

}  // namespace winnow::text
