// What the squeezer reads a folded view as, and how it writes what it found. For squeeze.cc only.
#pragma once

#include <unicode/uchar.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/edits.h"
#include "engine/text/fold_table.h"
#include "engine/text/shapes.h"
#include "engine/text/utf8.h"

namespace winnow::text::squeezing {

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

inline bool IsAsciiLetter(char c) { return static_cast<uint8_t>(c - 'a') < 26; }
inline bool IsAsciiDigit(char c) { return static_cast<uint8_t>(c - '0') < 10; }
inline bool IsSign(char c) { return c == '!' || c == '$' || c == '@'; }

// What ordinarily follows a number.
inline bool IsUnit(std::string_view word) {
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

// Ideographs that ordinarily stand next to numbers.
inline constexpr std::u32string_view kBesideNumbers =
    U"年月日号时分秒点周天岁第章节条款项页楼层室栋幢座弄巷路街区村组队班级期届元角块毛万千百亿个只"
    U"件"
    U"张台辆部本位名人次回遍度米克斤吨升里寸尺公排院门线站买送满减赠付费共等约至到加用花打折付送"
    U"的是比在有了就男女区种双条把集季代星倍步桌首篇句字题课册卷版轮场局胜杯瓶盒箱包袋碗盘头匹棵朵"
    U"颗粒片套份批列型款";

// Ideographs that are set against each other with a stroke between.
inline constexpr std::u32string_view kContrasts[] = {
    U"男女", U"是否", U"上下", U"左右", U"前后", U"进出", U"早晚", U"大小", U"有无",
    U"对错", U"开关", U"真假", U"次分", U"和或", U"与或", U"他她", U"天人", U"元人"};

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
  uint32_t dashes = 0;      // what else divides or joins words, as dashes, dots and arrows do
  uint32_t emoji = 0;       // which stand between words as punctuation does
  uint32_t symbols = 0;     // all others

  void Add(const Char& c) {
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
    } else if (IsOddSymbol(c.c)) {
      (c.c >= 0x80 && u_hasBinaryProperty(static_cast<UChar32>(c.c), UCHAR_EMOJI) ? emoji
                                                                                  : symbols)++;
    } else {
      (IsBracket(c.c) ? ordinary : dashes)++;
    }
  }
  // A gap that no spelling has: it may join ideographs that are not single.
  bool Odd() const { return chars > 0 && symbols == chars; }

 private:
  static bool IsBracket(char32_t c) {
    return (c >= U'〈' && c <= U'】') || (c >= U'〔' && c <= U'〛') || c == '[' || c == ']' ||
           c == '{' || c == '}';
  }
};

// A character of a run and where it came from.
struct Piece {
  uint32_t begin;  // in the folded view
  uint32_t end;
  char letter;  // ASCII put for what was there; 0: the view's own bytes
  EvasionMask evasions;
  uint32_t letters = 1;  // equal ones that became this one
};

// A single letter, or neighbouring ideographs.
struct Unit {
  uint32_t begin = 0;  // in the folded view
  uint32_t end = 0;
  Role role = Role::kLetter;
  char32_t first = 0;  // characters
  char32_t last = 0;
  uint32_t chars = 1;
  bool cut = false;  // there are more ideographs than were taken: the chain ends here
  char leet = 0;     // the letter that a digit is put for
  Gap before = {};   // what divides it from the unit before

  bool han() const { return role == Role::kHan; }
  bool single() const { return chars == 1; }
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

}  // namespace winnow::text::squeezing
