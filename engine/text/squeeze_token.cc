#include "engine/text/squeeze_token.h"

#include <algorithm>
#include <string_view>

#include "engine/text/shapes.h"

namespace winnow::text::squeezing {
namespace {

constexpr uint32_t kLeetTokenBytesMax = 24;
// A word of hexadecimal digits alone ("c4b1e5") is as long at most: a longer one is a code.
constexpr size_t kHexWordMax = 8;

// What ordinarily follows a number.
bool IsUnit(std::string_view word) {
  constexpr std::string_view kUnits[] = {
      "day",    "days",   "week",  "weeks",  "month",  "months",  "year",    "years",   "hour",
      "hours",  "hrs",    "min",   "mins",   "minute", "minutes", "second",  "seconds", "sec",
      "secs",   "pcs",    "piece", "pieces", "item",   "items",   "pack",    "packs",   "people",
      "person", "times",  "star",  "stars",  "inch",   "inches",  "feet",    "miles",   "mile",
      "pound",  "pounds", "usd",   "rmb",    "cny",    "eur",     "kwh",     "mah",     "rpm",
      "dpi",    "fps",    "mbps",  "gbps",   "pax",    "nights",  "night",   "rooms",   "room",
      "bed",    "beds",   "bath",  "door",   "doors",  "way",     "mol",     "mmol",    "umol",
      "khz",    "mhz",    "ghz",   "gbp",    "txt",    "msgs",    "mths",    "copies",  "yrs",
      "kg",     "km",     "cm",    "mm",     "ml",     "mg",      "gb",      "mb",      "tb",
      "px",     "hr",     "yr",    "ms",     "hz",     "kw",      "oz",      "ft",      "lbs",
      "gen",    "ply",    "port",  "core",   "cores",  "player",  "players", "col",     "row",
  };
  return std::find(std::begin(kUnits), std::end(kUnits), word) != std::end(kUnits);
}

// Whether a token whose first `digits` characters are digits is a number of something.
bool IsCounted(std::string_view token, size_t digits) {
  const std::string_view word = token.substr(digits);
  return digits > 0 && (IsUnit(word) || IsCountEnding(token.substr(0, digits), word));
}

// "加vvvv": one letter over and over that ideographs touch.
bool StretchedBesideHan(const Text& text, uint32_t begin, uint32_t end) {
  return IsStretched(text, begin, end) && text.view().substr(begin, end - begin) != "www" &&
         (text.HanBefore(begin) || text.HanAt(end));
}

// Whether a shape is found at the token: only such are judged, whatever else is.
bool HasLeetShape(std::string_view t) {
  const auto letter = [&](size_t i) { return i < t.size() && IsAsciiLetter(t[i]); };
  const auto put = [&](size_t i) { return i < t.size() && (IsAsciiDigit(t[i]) || IsSign(t[i])); };
  for (size_t i = 0; i < t.size(); ++i) {
    if (!put(i)) continue;
    if (i > 0 && letter(i - 1) && (letter(i + 1) || (put(i + 1) && letter(i + 2)))) return true;
    if ((i == 0 || IsSign(t[i - 1])) && letter(i + 1) && letter(i + 2) && letter(i + 3)) {
      return true;
    }
    if (i + 1 == t.size() && (IsAsciiDigit(t[i]) || t[i] == '$') && i >= 3 && letter(i - 1) &&
        letter(i - 2) && letter(i - 3)) {
      return true;
    }
  }
  return false;
}

// "c1a2s3h": three letters or more with one digit between each two. Some of them may be stretched
// ("c1aaa2s3h"), or have digits or signs put for them ("c1425h").
bool Alternates(std::string_view token) {
  uint32_t letters = 0, put = 0;
  for (size_t i = 0; i < token.size(); i += 2) {
    const char c = token[i];
    if (IsAsciiLetter(c)) {
      ++letters;
      const size_t first = i;
      while (i + 1 < token.size() && token[i + 1] == c) ++i;
      if (i - first == 1) return false;
    } else if (LeetLetter(c) != 0) {
      ++put;
    } else {
      return false;
    }
    if (i + 1 == token.size()) return letters + put >= 3 && letters >= 2 && put <= letters;
    if (!IsAsciiDigit(token[i + 1])) return false;
  }
  return false;
}

// As people write them: mmxxvi, viii, cd.
bool IsRomanNumeral(std::string_view t) {
  const auto take = [&t](std::string_view what) {
    const bool there = t.substr(0, what.size()) == what;
    if (there) t.remove_prefix(what.size());
    return there;
  };
  for (int i = 0; i < 3 && take("m");) ++i;
  constexpr struct {
    std::string_view nine, four, five, one;
  } kPlaces[] = {{"cm", "cd", "d", "c"}, {"xc", "xl", "l", "x"}, {"ix", "iv", "v", "i"}};
  for (const auto& place : kPlaces) {
    if (take(place.nine) || take(place.four)) continue;
    take(place.five);
    for (int i = 0; i < 3 && take(place.one);) ++i;
  }
  return t.empty();
}

// "150ppp": a number and behind it a letter three times or more, other than an x, which stands for
// a digit that is not told.
bool StretchesBehindNumber(std::string_view token) {
  if (!IsAsciiDigit(token[0]) || token.substr(0, 2) == "0x") return false;
  for (size_t i = 2; i < token.size(); ++i) {
    if (!IsAsciiLetter(token[i]) && !IsAsciiDigit(token[i])) return false;
    if (IsAsciiLetter(token[i]) && token[i] != 'x' && token[i] == token[i - 1] &&
        token[i] == token[i - 2]) {
      return token.find_first_not_of("0123456789abcdef") != token.npos;
    }
  }
  return false;
}

// A letter three times or more in what may be a word: no number, roman or hexadecimal.
bool HasRepeats(std::string_view token) {
  if (IsAsciiDigit(token[0])) return false;                           // 077xxxx, 0xfff
  if (token.find_first_not_of(token[0]) == token.npos) return false;  // www
  bool hex = true, digits = false;
  size_t longest = 0, run = 0;
  for (size_t i = 0; i < token.size(); ++i) {
    const char c = token[i];
    if (!IsAsciiLetter(c)) {
      run = 0;
      hex &= IsAsciiDigit(c);
      digits = true;
      continue;
    }
    run = i > 0 && token[i - 1] == c ? run + 1 : 1;
    longest = std::max(longest, run);
    hex &= c <= 'f';
  }
  if (longest < 3 || IsRomanNumeral(token)) return false;
  if (hex && !digits) return !(token.size() == 6 && token[0] == token[2] && token[3] == token[5]);
  return !(hex && (token.size() == 6 || token.size() >= 16) && token.size() % 2 == 0);
}

// Whether a token is one of several groups of hexadecimal digits, as in a UUID or an address.
bool AmidHex(const Text& text, uint32_t begin, uint32_t end) {
  constexpr std::string_view kDividers = "-:%#";
  const std::string_view view = text.view();
  const auto is_hex = [](char c) { return IsAsciiDigit(c) || (c >= 'a' && c <= 'f'); };
  if (begin > 0 && kDividers.find(view[begin - 1]) != kDividers.npos) {
    const char divider = view[begin - 1];
    if (begin == 1 || is_hex(view[begin - 2]) || divider == '%' || divider == '#') return true;
    if (divider == ':' && view[begin - 2] == ':') return true;
  }
  return end + 1 < view.size() && view[end] != '#' && kDividers.find(view[end]) != kDividers.npos &&
         is_hex(view[end + 1]);
}

// The parts of an address or a path are made up, and those of base64.
bool InMadeUpPlace(const Text& text, uint32_t begin, uint32_t end) {
  if (begin > 0 &&
      std::string_view("/\\=?&+").find(text.view()[begin - 1]) != std::string_view::npos) {
    return true;
  }
  return end + 1 < text.size() && text.view()[end] == '+' && text.At(end + 1).c < 0x80 &&
         text.At(end + 1).role != Role::kGap;
}

// True when digits and signs in a token stand for letters rather than for themselves, as in
// product codes, versions, addresses. `begin`, `end`: of the token in the view. `*leet_end`: from
// where on they do no longer ("v1agra100").
bool IsLeet(const Text& text, uint32_t begin, uint32_t end, uint32_t* leet_end) {
  const std::string_view token = text.view().substr(begin, end - begin);
  if (token.size() > kLeetTokenBytesMax || token.size() < 3) return false;
  if (InMadeUpPlace(text, begin, end)) return false;
  // A number at the end is a number, save one digit or two that go on what was begun inside
  // ("p0r7"), and a 0 or $ ("casin0").
  size_t last = token.size();
  while (last > 0 && !IsAsciiLetter(token[last - 1])) --last;
  const bool inside =
      std::any_of(token.begin(), token.begin() + last, [](char c) { return !IsAsciiLetter(c); });
  const size_t tail = token.size() - last;
  const bool zero = tail == 1 && last >= 3 && (token[last] == '0' || token[last] == '$');
  const bool dollars = token.substr(last) == "$$" && last >= 1;
  const bool sign = tail == 2 && last >= 2 && (IsSign(token[last]) || token[last + 1] == '$');
  if (zero || dollars || sign || (inside && tail <= 2)) last = token.size();
  uint32_t letters = 0, put = 0, digits_in_row = 0, groups = 0, single_groups = 0, group = 0;
  char others = 0;  // a digit or sign besides ! and @
  bool hex = true;
  for (size_t i = 0; i < last; ++i) {
    const char c = token[i];
    if (IsAsciiLetter(c)) {
      ++letters;
      digits_in_row = 0;
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
    if (c != '!' && c != '@') others = c;
    ++put;
    // Two digits in a row are letters in a longer word or as a pair ("pu55y").
    if (++digits_in_row > 1) {
      const bool pair = digits_in_row == 2 && token[i - 1] == c;
      if (!pair && (digits_in_row > 3 || token.size() < 4)) return false;
    }
  }
  if (put == 0 || letters < 2 || put > letters) return false;
  if (letters == 2 && (last != token.size() || last > 4)) return false;
  // "4M1L": a code.
  if (letters == 2 && last == 4 && IsAsciiDigit(token[0]) && IsAsciiDigit(token[2])) return false;
  if (groups > 4 && letters < 6 && single_groups * 3 > groups * 2) return false;
  if (hex && (last >= 6 || AmidHex(text, begin, end))) return false;
  if (token[0] == '$' && put == 1) return false;  // a variable
  if (token.substr(0, 2) == "0x") return false;
  if (IsAsciiDigit(token[0])) {
    const bool often = token[0] == '6' || token[0] == '7' || token[0] == '9';
    if ((often && letters < 4) || IsCounted(token, 1)) return false;
  }
  // "sh!t", but "well!And".
  if (const size_t mark = token.find('!'); mark != token.npos && others == 0) {
    if (mark > 3 || token.size() - mark > 5) return false;
  }
  // "c@sino", but "name@host".
  if (const size_t mark = token.find('@'); mark != token.npos) {
    if ((mark > 2 && others == 0) || (end < text.size() && text.At(end).c == '.')) return false;
  }
  *leet_end = static_cast<uint32_t>(last);
  return true;
}

// Whether a word of letters alone stands beside the token over a space, and no number does.
bool AmidWords(const Text& text, uint32_t begin, uint32_t end) {
  const std::string_view view = text.view();
  // How many letters there are from `at` on; none when digits follow.
  const auto letters = [&](size_t at, bool forward) {
    size_t n = 0;
    for (; forward ? at < view.size() : at > 0; forward ? ++at : --at) {
      const char c = view[forward ? at : at - 1];
      if (!IsAsciiLetter(c)) return IsAsciiDigit(c) ? size_t{0} : n;
      ++n;
    }
    return n;
  };
  if (end + 1 < view.size() && view[end] == ' ' && IsAsciiDigit(view[end + 1])) return false;
  return (begin > 1 && view[begin - 1] == ' ' && letters(begin - 1, false) >= 2) ||
         (end + 1 < view.size() && view[end] == ' ' && letters(end + 1, true) >= 2);
}

// True when a token is a word with some of its letters respelled as far as it shows, though it may
// be a name or code as well ("drug5", "w@r", "57ab"): only a term tells.
bool MayBeLeet(const Text& text, uint32_t begin, uint32_t end) {
  const std::string_view token = text.view().substr(begin, end - begin);
  if (token.size() < 2 || token.size() > kLeetTokenBytesMax || InMadeUpPlace(text, begin, end)) {
    return false;
  }
  uint32_t letters = 0, put = 0, in_row = 0;
  bool hex = true;
  for (const char c : token) {
    if (IsAsciiLetter(c)) {
      ++letters;
      in_row = 0;
      hex &= c <= 'f';
      continue;
    }
    if (LeetLetter(c) == 0) return false;
    ++put;
    hex &= IsAsciiDigit(c);
    // Three in a row are a number.
    if (++in_row > 2) return false;
  }
  if (put == 0 || put > letters) return false;
  if (token.substr(0, 2) == "0x" && token.find_first_not_of("0123456789abcdef", 2) == token.npos) {
    return false;
  }
  if (hex && (token.size() > kHexWordMax || AmidHex(text, begin, end))) return false;
  if (token[0] == '$' && put == 1) return false;  // a variable
  if (token.find('@') != token.npos && end < text.size() && text.At(end).c == '.') return false;
  const size_t first = std::min(token.find_first_not_of("0123456789"), token.size());
  return !IsCounted(token, first);
}

// Whether a token that MayBeLeet() is likely to be a code by itself, and a word only amid others:
// "m3", "ak47", "c4b1e5", the second half of a British postcode.
bool IsLikelyCode(const Text& text, uint32_t begin, uint32_t end) {
  const std::string_view t = text.view().substr(begin, end - begin);
  if (t.size() < 3) return true;
  if (t.size() >= 6 && t.find_first_not_of("0123456789abcdef") == t.npos) return true;
  if (t.size() == 3 && IsAsciiDigit(t[0]) && begin > 1) {
    return text.view()[begin - 1] == ' ' && text.Before(begin - 1).role == Role::kDigit;
  }
  return t.size() == 4 && IsAsciiLetter(t[0]) && IsAsciiLetter(t[1]) && IsAsciiDigit(t[2]) &&
         IsAsciiDigit(t[3]) && t[2] != t[3] && !(text.HanBefore(begin) && text.HanAt(end)) &&
         (text.HanBefore(begin) || text.HanAt(end) || !AmidWords(text, begin, end));
}

}  // namespace

Token TokenAt(const Text& text, uint32_t begin, uint32_t end) {
  Token token = {begin, end, begin, false, false, false, false, false};
  const std::string_view shown = text.view().substr(begin, end - begin);
  // Most words have neither a digit nor a letter three times.
  bool put = false, thrice = false;
  for (size_t i = 0; i < shown.size(); ++i) {
    put |= LeetLetter(shown[i]) != 0 || IsAsciiDigit(shown[i]);
    thrice |= i >= 2 && shown[i] == shown[i - 1] && shown[i] == shown[i - 2];
  }
  if (put) {
    uint32_t leet_end = 0;
    if (HasLeetShape(shown) && IsLeet(text, begin, end, &leet_end)) {
      token.leet_end = begin + leet_end;
    } else if (MayBeLeet(text, begin, end)) {
      token.leet_end = end;
      token.likely_code = IsLikelyCode(text, begin, end);
    }
    token.alternates = Alternates(shown);
    token.pair = shown.size() == 3 && IsAsciiLetter(shown[0]) && IsAsciiDigit(shown[1]) &&
                 IsAsciiLetter(shown[2]);
  }
  if (!thrice) return token;
  token.repeats = HasRepeats(shown) || StretchedBesideHan(text, begin, end);
  if (!token.repeats && StretchesBehindNumber(shown)) token.repeats = token.likely_code = true;
  if (!token.repeats && IsStretched(text, begin, end) && shown != "www" && shown != "iii" &&
      shown != "xxx") {
    token.repeats = token.likely_code = true;
  }
  return token;
}

bool IsStretched(const Text& text, uint32_t begin, uint32_t end) {
  const std::string_view shown = text.view().substr(begin, end - begin);
  return shown.size() >= 3 && IsAsciiLetter(shown[0]) &&
         shown.find_first_not_of(shown[0]) == shown.npos;
}

bool IsOddSign(char32_t c) {
  if (c < 0x80) return c == '*' || c == '#' || c == '^' || c == '|' || c == '~';
  return c == U'•' || IsOddSymbol(c);
}

}  // namespace winnow::text::squeezing
