#include "tests/evasion/kinds.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

#include "engine/text/utf8.h"
#include "tests/evasion/letters.h"
#include "tests/evasion/sounds.h"

namespace winnow::evasion {
namespace {

using text::Evasion;
using text::MaskOf;
using Places = std::vector<bool>;
using Cell = Writing::Cell;

// Rewrites each cell for which `of` gives something other than nothing.
template <typename F>
uint32_t Spell(const Places& places, Writing* w, F of) {
  uint32_t written = 0;
  for (size_t i = 0; i < w->cells.size(); ++i) {
    if (!places[i]) continue;
    std::u32string shown = of(w->cells[i].plain);
    if (shown.empty()) continue;
    w->cells[i].shown = std::move(shown);
    ++written;
  }
  return written;
}

std::u32string AnyOf(Random* r, std::u32string_view list) {
  if (list.empty()) return {};
  return {list[r->Below(static_cast<uint32_t>(list.size()))]};
}

uint32_t FullWidth(Random*, const Places& places, Writing* w) {
  return Spell(places, w, [](char32_t c) {
    return c > 0x20 && c < 0x7f ? std::u32string{c + 0xfee0} : std::u32string();
  });
}

uint32_t MixedCase(Random*, const Places& places, Writing* w) {
  return Spell(places, w,
               [](char32_t c) { return IsLatin(c) ? std::u32string{c ^ 0x20} : std::u32string(); });
}

uint32_t Mathematical(Random* r, const Places& places, Writing* w) {
  const uint32_t alphabet = r->Below(kMathAlphabets);
  const bool mixed = r->OneIn(4);
  return Spell(places, w, [&](char32_t c) {
    const char32_t to = MathFor(c, mixed ? r->Below(kMathAlphabets) : alphabet);
    return to == 0 ? std::u32string() : std::u32string{to};
  });
}

// Letters of an alphabet of 26 in a row that begins at one of `firsts`.
uint32_t InRow(Random* r, const Places& places, Writing* w, std::u32string_view firsts) {
  const char32_t first = firsts[r->Below(static_cast<uint32_t>(firsts.size()))];
  return Spell(places, w, [&](char32_t c) {
    return IsLatin(c) ? std::u32string{first + ((c | 0x20) - U'a')} : std::u32string();
  });
}

uint32_t Circled(Random* r, const Places& places, Writing* w) {
  return InRow(r, places, w, U"\u24b6\u24d0\U0001f150");
}
uint32_t Squared(Random* r, const Places& places, Writing* w) {
  return InRow(r, places, w, U"\U0001f130\U0001f170");
}
uint32_t Parenthesised(Random* r, const Places& places, Writing* w) {
  return InRow(r, places, w, U"\u249c\U0001f110");
}
uint32_t Regional(Random* r, const Places& places, Writing* w) {
  return InRow(r, places, w, U"\U0001f1e6");
}

template <std::u32string_view kFor(char32_t)>
uint32_t LookAlike(Random* r, const Places& places, Writing* w) {
  return Spell(places, w, [&](char32_t c) { return AnyOf(r, kFor(c)); });
}

uint32_t Turned(Random*, const Places& places, Writing* w) {
  if (!std::all_of(w->cells.begin(), w->cells.end(),
                   [](const Cell& c) { return IsLatin(c.plain) || c.plain == U' '; })) {
    return 0;
  }
  // Some letter must show it.
  uint32_t shows = 0;
  for (size_t i = 0; i < w->cells.size(); ++i) {
    const std::u32string_view turned = TurnedFor(w->cells[i].plain);
    shows += places[i] && !turned.empty() && turned[0] >= 0x80;
  }
  if (shows == 0) return 0;
  return Spell(places, w, [](char32_t c) { return std::u32string(TurnedFor(c)); });
}

// As a page turned upside down shows it: from the last letter to the first.
uint32_t UpsideDown(Random* r, const Places&, Writing* w) {
  if (Turned(r, Places(w->cells.size(), true), w) == 0) return 0;
  std::reverse(w->cells.begin(), w->cells.end());
  return static_cast<uint32_t>(w->cells.size());
}

// Letters that look alike both ways are left, so that what is read upright stays clear.
uint32_t TurnedInPlace(Random*, const Places& places, Writing* w) {
  return Spell(places, w, [](char32_t c) {
    const std::u32string_view turned = TurnedFor(c);
    return !turned.empty() && turned[0] >= 0x80 ? std::u32string(turned) : std::u32string();
  });
}

// Digits and signs for at most half the letters of each word, or nobody could read it.
uint32_t Leet(Random* r, const Places& places, Writing* w) {
  uint32_t written = 0;
  for (size_t begin = 0, end; begin < w->cells.size(); begin = end + 1) {
    for (end = begin; end < w->cells.size() && IsLatin(w->cells[end].plain);) ++end;
    size_t left = (end - begin) / 2;
    for (size_t i = begin; i < end && left > 0; ++i) {
      const std::u32string to = AnyOf(r, LeetFor(w->cells[i].plain));
      if (!places[i] || to.empty() || r->OneIn(3)) continue;
      // "@pply" is a mention, "$upply" a variable.
      if (i == begin && !IsDigit(to[0])) continue;
      // Three in a row are a number.
      if (i >= begin + 2 && !IsLatin(w->cells[i - 1].shown[0]) &&
          !IsLatin(w->cells[i - 2].shown[0])) {
        continue;
      }
      w->cells[i].shown = to;
      ++written;
      --left;
    }
  }
  return written;
}

uint32_t LettersForDigits(Random* r, const Places& places, Writing* w) {
  return Spell(places, w,
               [&](char32_t c) { return IsDigit(c) ? AnyOf(r, LeetFor(c)) : std::u32string(); });
}

uint32_t Ideographs(Random* r, const Places& places, Writing* w) {
  return Spell(places, w, [&](char32_t c) { return AnyOf(r, IdeographsFor(c)); });
}

uint32_t Components(Random* r, const Places& places, Writing* w) {
  return Spell(places, w, [&](char32_t c) {
    const auto& list = ComponentsFor(c);
    return list.empty() ? std::u32string() : r->Of(list);
  });
}

constexpr std::u32string_view kUnits = U"十百千";
bool IsUnit(char32_t c) { return kUnits.find(c) != kUnits.npos; }

// The number that cells [begin, end) say with units (三百, 十二), in digits; empty where it is
// none.
std::u32string NumberOf(const Writing& w, size_t begin, size_t end) {
  uint32_t value = 0, digit = 0;
  uint32_t below = 10000;
  for (size_t i = begin; i < end; ++i) {
    const char32_t c = w.cells[i].plain;
    if (IsUnit(c)) {
      const uint32_t unit = c == U'十' ? 10 : c == U'百' ? 100 : 1000;
      if (unit >= below || (digit == 0 && (i > begin || c != U'十'))) return {};
      value += std::max(digit, 1u) * unit;
      below = unit;
      digit = 0;
    } else {
      if (digit != 0 || c == U'零' || c == U'〇') return {};
      digit = NumeralsFor(c)[0][0] - U'0';
    }
  }
  std::u32string out;
  for (const char c : std::to_string(value + digit)) out.push_back(static_cast<char32_t>(c));
  return out;
}

// Numerals one by one; what is said with units also as a number. A unit is a number by itself only
// where nothing is counted in it: 百家乐, but not 三百 or 两百.
uint32_t Numerals(Random* r, const Places& places, Writing* w) {
  uint32_t written = 0;
  for (size_t begin = 0, end; begin < w->cells.size(); begin = end) {
    end = begin + 1;
    if (NumeralsFor(w->cells[begin].plain).empty()) continue;
    bool units = IsUnit(w->cells[begin].plain);
    while (end < w->cells.size() && !NumeralsFor(w->cells[end].plain).empty()) {
      units |= IsUnit(w->cells[end++].plain);
    }
    const bool counted = begin > 0 && std::u32string_view(U"两几数").find(
                                          w->cells[begin - 1].plain) != std::u32string::npos;
    if (units && end - begin > 1 && !counted && places[begin] && r->OneIn(2)) {
      const std::u32string number = NumberOf(*w, begin, end);
      if (!number.empty()) {
        for (size_t i = begin; i < end; ++i) w->cells[i].shown.clear();
        w->cells[begin].shown = number;
        ++written;
        continue;
      }
    }
    for (size_t i = begin; i < end; ++i) {
      if (!places[i]) continue;
      const auto& list = NumeralsFor(w->cells[i].plain);
      const bool only_of_banks = IsUnit(w->cells[i].plain) && (counted || end - begin > 1);
      w->cells[i].shown = only_of_banks ? list.back() : r->Of(list);
      ++written;
    }
  }
  return written;
}

uint32_t Reversed(Random*, const Places&, Writing* w) {
  std::reverse(w->cells.begin(), w->cells.end());
  return static_cast<uint32_t>(w->cells.size());
}

uint32_t Repeat(Random* r, const Places& places, Writing* w) {
  std::vector<size_t> can;
  for (size_t i = 0; i < w->cells.size(); ++i) {
    if (places[i] && IsLatin(w->cells[i].plain)) can.push_back(i);
  }
  if (can.empty()) return 0;
  const uint32_t stretched = 1 + r->Below(std::min<uint32_t>(3, static_cast<uint32_t>(can.size())));
  for (uint32_t n = 0; n < stretched; ++n) {
    Cell& c = w->cells[can[r->Below(static_cast<uint32_t>(can.size()))]];
    if (c.shown.size() > 1) continue;
    c.shown.append(2 + r->Below(6), c.shown.back());
  }
  return stretched;
}

// Between.

bool Holds(char32_t c) { return IsLatin(c) || IsDigit(c) || IsHan(c); }

// Puts what `what` gives behind each cell at `places` whose neighbour is a letter, digit or
// ideograph as it is itself.
template <typename F>
uint32_t Between(const Places& places, Writing* w, F what) {
  uint32_t written = 0;
  for (size_t i = 0; i + 1 < w->cells.size(); ++i) {
    if (!places[i] || !Holds(w->cells[i].plain) || !Holds(w->cells[i + 1].plain)) continue;
    w->cells[i].after = what();
    ++written;
  }
  return written;
}

std::u32string SomeOf(Random* r, std::u32string_view list, uint32_t most) {
  std::u32string out;
  for (uint32_t n = 1 + r->Below(most); n > 0; --n) out += AnyOf(r, list);
  return out;
}

constexpr std::u32string_view kInvisible =
    U"\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u2061\u2062\u2063\u2064\u115f\u1160\u3164"
    U"\uffa0\u17b4\u17b5\u206a\u206f\u0001\u001f\u007f";
constexpr std::u32string_view kBidi =
    U"\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069";

uint32_t ZeroWidth(Random* r, const Places& places, Writing* w) {
  return Between(places, w, [&] { return SomeOf(r, kInvisible, 3); });
}

uint32_t ManyZeroWidth(Random* r, const Places& places, Writing* w) {
  bool first = true;
  return Between(places, w, [&] {
    if (!first) return std::u32string();
    first = false;
    return std::u32string(130 + r->Below(400), r->Of(kInvisible));
  });
}

uint32_t Bidi(Random* r, const Places& places, Writing* w) {
  return Between(places, w, [&] { return SomeOf(r, kBidi, 2); });
}

uint32_t Selectors(Random* r, const Places& places, Writing* w) {
  return Between(places, w, [&] {
    switch (r->Below(3)) {
      case 0:
        return std::u32string{0xfe00 + r->Below(16)};
      case 1:
        return std::u32string{0xe0100 + r->Below(240)};
      default:
        return std::u32string{0xe0020 + r->Below(96)};
    }
  });
}

uint32_t Marks(Random* r, const Places& places, Writing* w) {
  return Between(places, w, [&] {
    std::u32string marks;
    const uint32_t n = r->OneIn(8) ? 10 + r->Below(30) : 1 + r->Below(6);
    for (uint32_t i = 0; i < n; ++i) {
      switch (r->Below(8)) {
        case 0:
          marks.push_back(0x20d0 + r->Below(32));
          break;
        case 1:
          marks.push_back(0x1dc0 + r->Below(48));
          break;
        case 2:
          marks.push_back(0x483 + r->Below(7));
          break;
        case 3:
          marks.push_back(0xfe20 + r->Below(16));
          break;
        default:
          marks.push_back(0x300 + r->Below(111));
          // The grapheme joiner is no mark, U+0345 is a letter.
          if (marks.back() == 0x34f || marks.back() == 0x345) marks.back() = 0x301;
          break;
      }
    }
    return marks;
  });
}

// Separators: the same one all the way, or any of a list. `twice`: also doubled.
uint32_t Separate(Random* r, const Places& places, Writing* w, std::u32string_view list,
                  bool twice) {
  const std::u32string one = AnyOf(r, list);
  const bool same = !r->OneIn(4);
  const uint32_t times = twice && r->OneIn(4) ? 2 : 1;
  return Between(places, w, [&] {
    std::u32string gap;
    for (uint32_t i = 0; i < times; ++i) gap += same ? one : AnyOf(r, list);
    return gap;
  });
}

constexpr std::u32string_view kSpaces =
    U"    \t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"
    U"\u205f\u3000\u2800";
// Clauses and lists of Han are divided by others: see kEnumerating.
constexpr std::u32string_view kPunctuation = U".-_*/|~·…—–‧•\\^=+<>&@→←";
constexpr std::u32string_view kEnumerating = U",;:!?'\"()，、。；：！？";
constexpr std::u32string_view kSymbols = U"★☆●○■□◆◇▲△▼▽♡♪♫✓✕※†‡¤§¶❀➤◎◇*#%";
constexpr std::u32string_view kEmoji =
    U"♥♦♣♠✔✖©®♀♂☀☁☎✈❤🎲🎰🃏💰💵🔥😂🤣😊😍🤔👍👎🙏💊💉🔫🔪🚬🍁🌿❄⭐🌟✨🎉🎁📱📞📩💌"
    U"🔞"
    U"🚀"
    U"🐶"
    U"🐱"
    U"🍑"
    U"🍆"
    U"🦐"
    U"🌹"
    U"🌸";

uint32_t Spaces(Random* r, const Places& places, Writing* w) {
  return Separate(r, places, w, kSpaces, true);
}
uint32_t Punctuation(Random* r, const Places& places, Writing* w) {
  return Separate(r, places, w, kPunctuation, true);
}
uint32_t Enumerating(Random* r, const Places& places, Writing* w) {
  return Separate(r, places, w, kEnumerating, false);
}
uint32_t Symbols(Random* r, const Places& places, Writing* w) {
  return Separate(r, places, w, kSymbols, true);
}
uint32_t Emoji(Random* r, const Places& places, Writing* w) {
  return Separate(r, places, w, kEmoji, true);
}
uint32_t Digits(Random* r, const Places& places, Writing* w) {
  return Separate(r, places, w, U"0123456789", false);
}
uint32_t LineBreaks(Random* r, const Places& places, Writing* w) {
  const std::u32string_view kBreaks[] = {U"\n",     U"\n",     U"\r\n",  U"\n\n",
                                         U"\u2028", U"\u2029", U"\u0085"};
  const std::u32string_view one = r->Of(kBreaks);
  return Between(places, w, [&] { return std::u32string(one); });
}

bool OnlyLatin(const Writing& w) {
  return std::all_of(w.cells.begin(), w.cells.end(), [](const Cell& c) { return !IsHan(c.plain); });
}

// One in each word, anywhere: "po-rn", "ca*sino".
uint32_t OneInAWord(Random* r, Writing* w, std::u32string_view list, bool in_pairs) {
  uint32_t written = 0;
  const std::u32string gap = AnyOf(r, list);
  for (size_t begin = 0; begin < w->cells.size();) {
    size_t end = begin;
    while (end < w->cells.size() && IsLatin(w->cells[end].plain)) ++end;
    const uint32_t size = static_cast<uint32_t>(end - begin);
    if (size >= 4 && in_pairs) {
      for (size_t i = begin + 1; i + 2 < end; i += 2, ++written) w->cells[i].after = gap;
    } else if (size >= 4 && !in_pairs) {
      w->cells[begin + r->Below(size - 1)].after = gap;
      ++written;
    }
    begin = end + 1;
  }
  return written;
}

uint32_t LetterPairs(Random* r, const Places&, Writing* w) {
  return OnlyLatin(*w) ? OneInAWord(r, w, U"-.*_|~^#•", true) : 0;
}

uint32_t OneSymbolInAWord(Random* r, const Places&, Writing* w) {
  return OnlyLatin(*w) ? OneInAWord(r, w, U"*|~^#•★●🎲🔥", false) : 0;
}

// One in each term, anywhere: "网上*赌场".
uint32_t OneSymbolInHan(Random* r, const Places&, Writing* w) {
  std::vector<size_t> can;
  for (size_t i = 0; i + 1 < w->cells.size(); ++i) {
    if (IsHan(w->cells[i].plain) && IsHan(w->cells[i + 1].plain)) can.push_back(i);
  }
  if (can.empty()) return 0;
  w->cells[r->Of(can)].after = AnyOf(r, U"*#^★●◆※");
  return 1;
}

// Escapes.

std::u32string Formatted(const char* format, uint32_t value) {
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), format, value);
  return {buffer, buffer + std::strlen(buffer)};
}

template <typename F>
uint32_t Escape(const Places& places, Writing* w, F of) {
  uint32_t written = 0;
  for (size_t i = 0; i < w->cells.size(); ++i) {
    if (!places[i] || !Holds(w->cells[i].plain) || IsDigit(w->cells[i].plain)) continue;
    std::u32string shown;
    for (char32_t c : w->cells[i].shown) shown += of(c);
    w->cells[i].shown = std::move(shown);
    ++written;
  }
  return written;
}

std::u32string ByBytes(char32_t c, const char* format) {
  std::string utf8;
  text::AppendChar(c, &utf8);
  std::u32string out;
  for (char byte : utf8) out += Formatted(format, static_cast<uint8_t>(byte));
  return out;
}

uint32_t Entities(Random* r, const Places& places, Writing* w) {
  const char* const kFormats[] = {"&#%u;", "&#x%x;", "&#X%X;", "&#%07u;", "&#x%06x;", "&amp;#%u;"};
  const char* const format = r->Of(kFormats);
  return Escape(places, w, [&](char32_t c) { return Formatted(format, c); });
}
uint32_t Percent(Random* r, const Places& places, Writing* w) {
  const char* const format = r->OneIn(2) ? "%%%02X" : "%%%02x";
  return Escape(places, w, [&](char32_t c) { return ByBytes(c, format); });
}
uint32_t Backslash(Random* r, const Places& places, Writing* w) {
  const uint32_t form = r->Below(4);
  return Escape(places, w, [&](char32_t c) {
    if (form == 0) return Formatted("\\u{%x}", c);
    if (form == 1) return Formatted("\\U%08x", c);
    if (form == 2 && c < 0x80) return Formatted("\\x%02x", c);
    if (c < 0x10000) return Formatted(form == 2 ? "\\u%04X" : "\\u%04x", c);
    return Formatted("\\u%04x", 0xd7c0 + (c >> 10)) + Formatted("\\u%04x", 0xdc00 | (c & 0x3ff));
  });
}
uint32_t QuotedPrintable(Random*, const Places& places, Writing* w) {
  return Escape(places, w, [&](char32_t c) { return ByBytes(c, "=%02X"); });
}

constexpr text::EvasionMask kSeparator = MaskOf(Evasion::kSeparator);
constexpr text::EvasionMask kStyled = MaskOf(Evasion::kStyled);
constexpr text::EvasionMask kHomoglyph = MaskOf(Evasion::kHomoglyph);
constexpr text::EvasionMask kZeroWidth = MaskOf(Evasion::kZeroWidth);
constexpr text::EvasionMask kEscape = MaskOf(Evasion::kEscape);
// The writings of a letter by shape: which of the two a character counts as is Unicode's choice.
constexpr text::EvasionMask kShape = kStyled | kHomoglyph;

const std::vector<Kind> kKinds = {
    {"full width", Stage::kSpell, MaskOf(Evasion::kWidth), 0.99, 0.99, Around::kAny, FullWidth, ""},
    {"mixed case", Stage::kSpell, 0, 0.99, 0.99, Around::kAny, MixedCase, ""},
    {"mathematical letters", Stage::kSpell, kShape, 0.99, 0.99, Around::kAny, Mathematical, ""},
    {"circled letters", Stage::kSpell, kShape, 0.99, 0.99, Around::kAny, Circled, ""},
    {"squared letters", Stage::kSpell, kShape, 0.99, 0.99, Around::kAny, Squared, ""},
    {"parenthesised letters", Stage::kSpell, kShape, 0.99, 0.99, Around::kAny, Parenthesised, ""},
    {"regional indicators", Stage::kSpell, kShape, 0.99, 0.98, Around::kAny, Regional,
     "one flag, or two of well-known regions, where nothing beside them spells (🇹🇬, 🇨🇴🇰🇪)"},
    {"Cyrillic look-alikes", Stage::kSpell, kShape, 0.99, 0.985, Around::kAny,
     LookAlike<CyrillicFor>, "terms of two letters or with signs; words amid Russian ones"},
    {"Greek look-alikes", Stage::kSpell, kShape, 0.99, 0.98, Around::kAny, LookAlike<GreekFor>,
     "terms of two letters or with signs; words amid Greek ones"},
    {"Cherokee look-alikes", Stage::kSpell, kShape, 0.99, 0.99, Around::kAny,
     LookAlike<CherokeeFor>, ""},
    {"superscripts, subscripts", Stage::kSpell, kShape, 0.99, 0.99, Around::kAny,
     LookAlike<SuperscriptFor>, ""},
    {"upside down", Stage::kSpell, kShape, 0.99, 0.99, Around::kAny, UpsideDown,
     "terms of two letters"},
    {"turned letters in place", Stage::kSpell, kShape, 0.99, 0.99, Around::kAny, TurnedInPlace,
     "one letter beside a digit or sign (5ƃ, t.ɯe)"},
    {"digits and signs for letters", Stage::kSpell, MaskOf(Evasion::kLeet), 0.99, 0.985,
     Around::kAny, Leet,
     "two letters and two digits by themselves (vo73, as ak47), two beside ideographs (4i换脸), "
     "terms of two letters or with numbers, units (80mb), a ! at a word's end"},
    {"letters for digits", Stage::kSpell, MaskOf(Evasion::kLeet), 0, 0, Around::kAny,
     LettersForDigits, "not undone: a number with an o in it is no number"},
    {"traditional, variant, compatibility, radicals", Stage::kSpell, MaskOf(Evasion::kTraditional),
     0.99, 0.99, Around::kAny, Ideographs, ""},
    {"Han components apart", Stage::kSpell, MaskOf(Evasion::kComponents), 0.95, 0.945, Around::kAny,
     Components, "one ideograph apart whose parts are ordinary text (今日免, 带女子)"},
    {"numerals and digits", Stage::kSpell, MaskOf(Evasion::kNumerals), 0.99, 0.98, Around::kAny,
     Numerals, "numbers that are words by themselves (六一)"},
    {"reversed", Stage::kOrder, MaskOf(Evasion::kReversed), 0.99, 0.99, Around::kAny, Reversed, ""},
    {"repeated letters", Stage::kRepeat, MaskOf(Evasion::kRepeat), 0.99, 0.99, Around::kAny, Repeat,
     "terms with signs, terms of one letter"},
    {"default-ignorables", Stage::kBetween, kZeroWidth, 0.99, 0.99, Around::kAny, ZeroWidth, ""},
    {"default-ignorables by the hundred", Stage::kBetween, kZeroWidth, 0.99, 0.985, Around::kAny,
     ManyZeroWidth, "terms that are numbers, or that the squeezed view does not show"},
    {"bidi controls", Stage::kBetween, MaskOf(Evasion::kBidiControl), 0.99, 0.99, Around::kAny,
     Bidi, ""},
    {"variation selectors, tags", Stage::kBetween, kZeroWidth, 0.99, 0.99, Around::kAny, Selectors,
     ""},
    {"combining marks", Stage::kBetween, MaskOf(Evasion::kCombiningMarks), 0.99, 0.99, Around::kAny,
     Marks, ""},
    {"spaces", Stage::kBetween, kSeparator, 0.99, 0.985, Around::kBounded, Spaces,
     "terms with numbers or signs"},
    {"spaces, amid Han", Stage::kBetween, kSeparator, 0, 0, Around::kInsideHan, Spaces,
     "one space between two longer pieces is an ordinary space; what stands alone between two is "
     "joined"},
    {"punctuation", Stage::kBetween, kSeparator, 0.99, 0.98, Around::kBounded, Punctuation,
     "terms that are numbers; three letters with unlike signs of arithmetic"},
    {"punctuation, amid Han", Stage::kBetween, kSeparator, 0, 0, Around::kInsideHan, Punctuation,
     "a dash or dot between two longer pieces divides words"},
    {"punctuation that divides clauses", Stage::kBetween, kSeparator, 0, 0, Around::kBounded,
     Enumerating,
     "left as it is between ideographs: 吃、喝、玩、乐; letters are joined from four on"},
    {"symbols", Stage::kBetween, kSeparator, 0.99, 0.985, Around::kAny, Symbols,
     "terms with numbers or signs"},
    {"emoji", Stage::kBetween, kSeparator, 0.99, 0.985, Around::kBounded, Emoji,
     "terms with numbers or signs"},
    {"emoji, amid Han", Stage::kBetween, kSeparator, 0, 0, Around::kInsideHan, Emoji,
     "emoji between two longer pieces stand for punctuation"},
    {"digits as separators", Stage::kBetween, kSeparator | MaskOf(Evasion::kLeet), 0.99, 0.985,
     Around::kBounded, Digits,
     "two ideographs that both stand beside numbers (包月), terms that are numbers"},
    {"digits as separators, amid Han", Stage::kBetween, kSeparator | MaskOf(Evasion::kLeet), 0, 0,
     Around::kInsideHan, Digits,
     "behind a longer piece, one before an ideograph that is often counted (换2届)"},
    {"line breaks", Stage::kBetween, kSeparator, 0.99, 0.985, Around::kAlone, LineBreaks,
     "terms with numbers or signs"},
    {"letters in pairs", Stage::kBetween, kSeparator, 0, 0, Around::kAny, LetterPairs,
     "a dash, dot or line between pairs (po-rn) is an ordinary spelling", true},
    {"one symbol in a word", Stage::kBetween, kSeparator, 0.99, 0.98, Around::kAny,
     OneSymbolInAWord, "terms with numbers, or of two letters", true},
    {"one symbol in a Han term", Stage::kBetween, kSeparator, 0.99, 0.99, Around::kAny,
     OneSymbolInHan, "terms with a number beside the ideographs", true},
    {"HTML entities", Stage::kEscape, kEscape, 0.99, 0.99, Around::kAny, Entities, ""},
    {"percent escapes", Stage::kEscape, kEscape, 0.99, 0.99, Around::kAny, Percent,
     "one letter beside a digit or sign"},
    {"backslash escapes", Stage::kEscape, kEscape, 0.99, 0.99, Around::kAny, Backslash,
     "letters behind an ampersand"},
    {"quoted-printable", Stage::kEscape, kEscape, 0.99, 0.99, Around::kAny, QuotedPrintable,
     "single escaped letters beside a digit or in a term with signs"},
};

}  // namespace

const std::vector<Kind>& Kinds() {
  static const std::vector<Kind>& kinds = *[] {
    auto* all = new std::vector<Kind>(kKinds);
    all->insert(all->end(), SoundKinds().begin(), SoundKinds().end());
    return all;
  }();
  return kinds;
}

}  // namespace winnow::evasion
