#include "engine/text/term_forms.h"

#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>

#include "engine/base/strings.h"
#include "engine/text/fold.h"
#include "engine/text/han_parts.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

// By value: the ordinary numeral, that of banks.
constexpr std::u32string_view kNumerals = U"零一二三四五六七八九";
constexpr std::u32string_view kOfBanks = U"零壹贰叁肆伍陆柒捌玖";

struct Unit {
  char32_t plain;
  char32_t of_banks;
  uint32_t value;
};
constexpr Unit kUnits[] = {{U'千', U'仟', 1000}, {U'百', U'佰', 100}, {U'十', U'拾', 10}};

// Numbers that are words by themselves: holidays, and what is read in any list of two.
constexpr std::string_view kWords[] = {"六一", "五一", "八一", "三八", "十一",
                                       "一一", "二二", "一二", "二一", "三三"};

const Unit* UnitOf(char32_t c) {
  for (const Unit& unit : kUnits) {
    if (c == unit.plain) return &unit;
  }
  return nullptr;
}

// -1 where it is no numeral of one digit.
int DigitOf(char32_t c) {
  if (c == U'〇') return 0;
  if (c == U'两') return 2;
  const size_t at = kNumerals.find(c);
  return at == std::u32string_view::npos ? -1 : static_cast<int>(at);
}

bool IsAsciiDigit(char32_t c) { return c >= U'0' && c <= U'9'; }

// 两 counts, but it is also "both": it is a numeral only before a unit.
bool IsNumeral(std::u32string_view rest) {
  if (rest[0] == U'两') return rest.size() > 1 && UnitOf(rest[1]) != nullptr;
  return DigitOf(rest[0]) >= 0 || UnitOf(rest[0]) != nullptr;
}

// The value of a number that is written with units (三百二十, 十二); nullopt where it is none.
std::optional<uint32_t> ValueOf(std::u32string_view numerals) {
  uint32_t value = 0, below = 10000;
  bool units = false;
  for (size_t i = 0; i < numerals.size(); ++i) {
    int digit = DigitOf(numerals[i]);
    if (digit == 0) {
      // 一百零三: it stands for units left out, and something follows.
      if (i == 0 || i + 1 == numerals.size() || DigitOf(numerals[i + 1]) <= 0) return std::nullopt;
      continue;
    }
    if (digit > 0) {
      // 三千五 is said for 3,500: units are left out only with a 零.
      if (i + 1 == numerals.size()) {
        const bool ones = below == 10 || (i > 0 && DigitOf(numerals[i - 1]) == 0);
        return units && ones ? std::optional(value + digit) : std::nullopt;
      }
      ++i;
    } else {
      digit = 1;
      if (i > 0 || numerals[i] != U'十') return std::nullopt;
    }
    const Unit* unit = UnitOf(numerals[i]);
    if (unit == nullptr || unit->value >= below) return std::nullopt;
    below = unit->value;
    value += static_cast<uint32_t>(digit) * unit->value;
    units = true;
  }
  return units ? std::optional(value) : std::nullopt;
}

// A number below 10,000 as it is said; empty for those that begin with 0.
std::u32string SaidFor(std::u32string_view digits) {
  if (digits.empty() || digits.size() > 4 || digits[0] == U'0') return {};
  std::u32string out;
  bool skipped = false;
  for (size_t i = 0; i < digits.size(); ++i) {
    const uint32_t digit = digits[i] - U'0';
    const size_t place = digits.size() - 1 - i;
    if (digit == 0) {
      skipped = true;
      continue;
    }
    if (skipped) out.push_back(U'零');
    skipped = false;
    if (!(digit == 1 && place == 1 && i == 0)) out.push_back(kNumerals[digit]);
    if (place > 0) out.push_back(kUnits[3 - place].plain);
  }
  return out;
}

std::u32string Decimal(uint32_t value) {
  std::u32string out;
  for (const char c : std::to_string(value)) out.push_back(static_cast<char32_t>(c));
  return out;
}

// A piece of a term and the ways to write it, the first as it stands. `styles` says of each whether
// it is in digits (0), ordinary numerals (1) or those of banks (2).
struct Piece {
  std::vector<std::u32string> ways;
  std::vector<int> styles;
  void Add(std::u32string way, int style) {
    if (way.empty() || std::find(ways.begin(), ways.end(), way) != ways.end()) return;
    ways.push_back(std::move(way));
    styles.push_back(style);
  }
};

// The ways to write one character of a run of numerals that has more than one.
Piece WaysFor(char32_t c) {
  Piece piece;
  const Unit* unit = UnitOf(c);
  piece.Add({c}, IsAsciiDigit(c) ? 0 : 1);
  if (unit != nullptr) {
    piece.Add({unit->of_banks}, 2);
    return piece;
  }
  const uint32_t digit = IsAsciiDigit(c) ? c - U'0' : static_cast<uint32_t>(DigitOf(c));
  piece.Add({U'0' + digit}, 0);
  piece.Add({kNumerals[digit]}, 1);
  piece.Add({kOfBanks[digit]}, 2);
  if (digit == 0) piece.Add(U"〇", 1);
  return piece;
}

// The product of the pieces' ways, up to `most` of them; false when there are more.
bool Mixtures(const std::vector<Piece>& pieces, size_t most, std::vector<std::u32string>* out) {
  size_t count = 1;
  for (const Piece& piece : pieces) {
    count *= piece.ways.size();
    if (count > most) return false;
  }
  out->assign(1, {});
  for (const Piece& piece : pieces) {
    std::vector<std::u32string> longer;
    for (const std::u32string& begun : *out) {
      for (const std::u32string& way : piece.ways) longer.push_back(begun + way);
    }
    *out = std::move(longer);
  }
  return true;
}

// All pieces in one style, and each by itself in another way.
std::vector<std::u32string> Plainest(const std::vector<Piece>& pieces) {
  std::vector<std::u32string> out;
  for (int style = 0; style < 3; ++style) {
    std::u32string all;
    for (const Piece& piece : pieces) {
      const auto at = std::find(piece.styles.begin(), piece.styles.end(), style);
      all +=
          piece.ways[at == piece.styles.end() ? 0 : static_cast<size_t>(at - piece.styles.begin())];
    }
    out.push_back(std::move(all));
  }
  for (size_t alone = 0; alone < pieces.size(); ++alone) {
    for (size_t way = 1; way < pieces[alone].ways.size(); ++way) {
      std::u32string one;
      for (size_t i = 0; i < pieces.size(); ++i) one += pieces[i].ways[i == alone ? way : 0];
      out.push_back(std::move(one));
    }
  }
  return out;
}

// Appends the pieces of a run of numerals.
void AddRun(std::u32string_view run, size_t most, std::vector<Piece>* pieces) {
  if (run.size() == 1) {
    Piece piece = WaysFor(run[0]);
    if (const Unit* unit = UnitOf(run[0])) piece.Add(Decimal(unit->value), 0);
    pieces->push_back(std::move(piece));
    return;
  }
  std::vector<Piece> each;
  for (char32_t c : run) each.push_back(WaysFor(c));
  std::u32string whole;
  if (IsAsciiDigit(run[0])) {
    whole = SaidFor(run);
  } else if (const auto value = ValueOf(run)) {
    whole = Decimal(*value);
  }
  std::vector<std::u32string> mixed;
  if (whole.empty() || !Mixtures(each, most, &mixed)) {
    pieces->insert(pieces->end(), each.begin(), each.end());
    return;
  }
  // One piece, whose ways are the mixtures and the whole number.
  Piece piece;
  piece.Add(std::u32string(run), IsAsciiDigit(run[0]) ? 0 : 1);
  piece.Add(whole, IsAsciiDigit(run[0]) ? 1 : 0);
  for (const std::u32string& way : Plainest(each)) piece.Add(way, 2);
  for (const std::u32string& way : mixed) piece.Add(way, -1);
  pieces->push_back(std::move(piece));
}

std::u32string ToUtf32(std::string_view utf8) {
  std::u32string out;
  for (size_t at = 0; at < utf8.size(); at += CharWidth(utf8[at])) out.push_back(CharAt(&utf8[at]));
  return out;
}

bool IsOrdinary(std::string_view form) {
  return std::find(std::begin(kWords), std::end(kWords), form) != std::end(kWords);
}

}  // namespace

std::vector<std::string> NumeralForms(std::string_view folded, size_t most) {
  const std::u32string term = ToUtf32(folded);
  std::vector<Piece> pieces;
  bool numerals = false;
  for (size_t at = 0; at < term.size();) {
    size_t end = at;
    if (IsAsciiDigit(term[at])) {
      while (end < term.size() && IsAsciiDigit(term[end])) ++end;
    } else {
      while (end < term.size() && IsNumeral(std::u32string_view(term).substr(end))) ++end;
    }
    if (end == at) {
      Piece piece;
      piece.Add({term[at++]}, 1);
      pieces.push_back(std::move(piece));
      continue;
    }
    numerals = true;
    AddRun(std::u32string_view(term).substr(at, end - at), most, &pieces);
    at = end;
  }
  std::vector<std::string> out;
  if (!numerals) return out;
  std::vector<std::u32string> forms;
  if (!Mixtures(pieces, most, &forms)) forms = Plainest(pieces);
  std::set<std::u32string> seen = {term};
  for (const std::u32string& form : forms) {
    // One numeral alone is found in every number, but for those that only banks use.
    const bool single = form.size() < 2 && form != U"佰" && form != U"仟";
    if (single || !seen.insert(form).second) continue;
    std::string utf8;
    for (char32_t c : form) AppendChar(c, &utf8);
    if (IsOrdinary(utf8)) continue;
    out.push_back(std::move(utf8));
    if (out.size() == most) break;
  }
  return out;
}

bool IsNumber(std::string_view folded) {
  const std::u32string term = ToUtf32(folded);
  return std::all_of(term.begin(), term.end(), [](char32_t c) {
    const bool letter = (c | 0x20) >= U'a' && (c | 0x20) <= U'z';
    if (c < 0x80) return !letter;
    return DigitOf(c) >= 0 || UnitOf(c) != nullptr || kOfBanks.find(c) != kOfBanks.npos ||
           c == U'拾' || c == U'佰' || c == U'仟' || c == U'万';
  });
}

std::string Reversed(std::string_view utf8) {
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> graphemes(
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), error));
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
  icu::UnicodeString reversed;
  if (U_FAILURE(error)) return {};
  graphemes->setText(text);
  int32_t end = graphemes->last();
  for (int32_t at = graphemes->previous(); at != icu::BreakIterator::DONE;
       end = at, at = graphemes->previous()) {
    reversed.append(text, at, end - at);
  }
  std::string out;
  reversed.toUTF8String(out);
  return out;
}

const std::vector<HanParts>& HanPartsTable() {
  static const std::vector<HanParts>& table = *[] {
    auto* all = new std::vector<HanParts>;
    std::set<std::string> seen;
    for (std::string_view rest = kHanParts; !rest.empty();) {
      std::string_view entry = rest.substr(0, rest.find(' '));
      rest.remove_prefix(entry.size() + 1);
      HanParts one;
      one.ordinary = entry.front() == '*';
      if (one.ordinary) entry.remove_prefix(1);
      const size_t whole = CharWidth(entry.front());
      Buffer buffer;
      one.whole = CharAt(Fold(entry.substr(0, whole), &buffer).data());
      one.parts = Fold(entry.substr(whole), &buffer);
      // A part may be a variant that folds to the whole.
      std::string held;
      AppendChar(one.whole, &held);
      if (one.parts.find(held) != std::string::npos) continue;
      if (seen.insert(one.parts).second) all->push_back(std::move(one));
    }
    return all;
  }();
  return table;
}

}  // namespace winnow::text
