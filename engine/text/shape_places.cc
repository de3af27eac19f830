#include "engine/text/shape_places.h"

#include <algorithm>
#include <iterator>

#include "engine/text/shapes.h"
#include "engine/text/utf8.h"

namespace winnow::text::shaping {
namespace {

bool IsQuotationMark(std::string_view folded, size_t at) {
  return at + 2 < folded.size() && folded[at] == '\xe2' && folded[at + 1] == '\x80' &&
         static_cast<uint8_t>(folded[at + 2]) - 0x98u < 8;
}

// True when a word of two letters or more stands before or behind [begin, end), over a space.
bool IsAmidWords(std::string_view folded, size_t begin, size_t end) {
  const auto is_letter = [&](size_t i) { return static_cast<uint8_t>(folded[i] - 'a') < 26; };
  return (begin >= 3 && folded[begin - 1] == ' ' && is_letter(begin - 2) && is_letter(begin - 3)) ||
         (end + 2 < folded.size() && folded[end] == ' ' && is_letter(end + 1) &&
          is_letter(end + 2));
}

// True for what may hold ideographs apart; ordinary punctuation is none.
bool HoldsApart(std::string_view folded, size_t at) {
  static constexpr std::array<bool, 128> kHolds = [] {
    std::array<bool, 128> holds{};
    for (char c : std::string_view("\t\n\r #$%&*+-./<=>@\\^_`|~")) {
      holds[static_cast<uint8_t>(c)] = true;
    }
    return holds;
  }();
  const uint8_t c = static_cast<uint8_t>(folded[at]);
  return c < 0x80 ? kHolds[c] : BeginsSymbol(c) && !IsQuotationMark(folded, at);
}

}  // namespace

bool IsProseMark(std::string_view folded, size_t at) {
  if (at + 2 >= folded.size() || folded[at] != '\xe2' || folded[at + 1] != '\x80') return false;
  const char third = folded[at + 2];
  return third != '\xa0' && third != '\xa1' && third != '\xa2' && third != '\xbb';  // †‡•※
}
bool IsQuantity(std::string_view folded, size_t at) {
  const auto is_digit = [&](size_t i) {
    return i < folded.size() && static_cast<uint8_t>(folded[i] - '0') < 10;
  };
  const auto is_letter = [&](size_t i) {
    return i < folded.size() && static_cast<uint8_t>(folded[i] - 'a') < 26;
  };
  if (!is_digit(at)) return false;
  const size_t begin = is_digit(at + 1) ? at + 2 : at + 1;
  size_t end = begin;
  while (end < begin + 4 && is_letter(end)) ++end;
  const std::string_view word = folded.substr(begin, end - begin);
  if (word.size() == 2) {
    static constexpr std::string_view kUnits[] = {"kg", "km", "cm", "mm", "ml", "mg",
                                                  "gb", "mb", "tb", "px", "ft", "in",
                                                  "hr", "yr", "ms", "hz", "kw", "oz"};
    return IsCountEnding(folded.substr(at, begin - at), word) ||
           std::find(std::begin(kUnits), std::end(kUnits), word) != std::end(kUnits);
  }
  return word == "hrs" || word == "min" || word == "day" || word == "lbs" || word == "pcs";
}

bool IsLastSign(std::string_view folded, size_t at) {
  const char c = folded[at];
  if (c == '$' || c == '@') return true;
  const auto is_digit = [](char d) { return static_cast<uint8_t>(d - '0') < 10; };
  if (c == '!') return at + 1 < folded.size() && is_digit(folded[at + 1]);
  if (!is_digit(c)) return false;
  const bool dotted = at >= 3 && (folded[at - 2] == '.' || folded[at - 2] == '-') &&
                      static_cast<uint8_t>(folded[at - 3] - 'a') < 26;
  return dotted || IsAmidWords(folded, at - 1, at + 1);
}

bool IsFirstOfTwo(std::string_view folded, size_t at) {
  return static_cast<uint8_t>(folded[at] - '0') < 10 && at + 1 < folded.size() &&
         std::string_view("efnorsty").find(folded[at + 1]) != std::string_view::npos &&
         IsAmidWords(folded, at, at + 2);
}

bool IsHeldApart(std::string_view folded, size_t at) {
  if (at + 3 < folded.size() && HoldsApart(folded, at + 3)) return true;
  return at > 0 && HoldsApart(folded, StepBack(folded, at));
}

bool BesideApostrophe(std::string_view folded, size_t at) {
  return (at > 0 && folded[at - 1] == '\'') || (at + 1 < folded.size() && folded[at + 1] == '\'');
}

bool IsNearHan(std::string_view folded, size_t at) {
  const auto begins_han = [&](size_t i) {
    const uint8_t c = static_cast<uint8_t>(folded[i]);
    return (ClassOf(c) & kHan) != 0;
  };
  const auto is_word = [&](size_t i) {
    const uint8_t c = static_cast<uint8_t>(folded[i]);
    return (ClassOf(c) & (kLetterLow | kLetterHigh | kDigit)) != 0;
  };
  if (at + 1 < folded.size() && HoldsApart(folded, at + 1)) {
    for (size_t i = at + 2; i <= at + 4 && i < folded.size(); ++i) {
      if (begins_han(i)) return true;
      if (is_word(i)) break;
    }
  }
  for (size_t gap = 1; gap <= 3 && at >= gap + 3; ++gap) {
    if (is_word(at - gap)) break;
    if (begins_han(at - gap - 3)) return HoldsApart(folded, at - gap);
  }
  return false;
}

}  // namespace winnow::text::shaping
