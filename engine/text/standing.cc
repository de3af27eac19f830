#include "engine/text/standing.h"

#include <algorithm>
#include <iterator>

#include "engine/text/fold_table.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

constexpr uint32_t kJoinerBytesMax = 8;

// Ideographs that tie the next word to what was said before it.
constexpr std::u32string_view kHanJoiners =
    U"的是被都要以将已遭属成其会帮后为向和与及等在对由经因应可就去予法者所也并则算叫当才又还不别请"
    U"想有么该此"
    U"这那给让把过骗涉说称据从于且或用到";

// The same in English, sorted.
constexpr std::string_view kJoiners[] = {
    "a",     "about", "after",  "against", "also", "an",   "and",  "are",   "as",  "because",
    "been",  "being", "before", "by",      "for",  "from", "gets", "got",   "had", "has",
    "have",  "he",    "her",    "his",     "if",   "in",   "into", "is",    "it",  "its",
    "never", "no",    "not",    "of",      "or",   "our",  "over", "she",   "so",  "than",
    "that",  "the",   "their",  "then",    "they", "this", "to",   "under", "was", "we",
    "were",  "when",  "which",  "who",     "with",
};

bool IsJoiner(std::string_view word) {
  return std::find(std::begin(kJoiners), std::end(kJoiners), word) != std::end(kJoiners);
}

bool IsHanJoiner(char32_t c) { return kHanJoiners.find(c) != kHanJoiners.npos; }

bool IsAsciiWord(char c) {
  return static_cast<uint8_t>(c - 'a') < 26 || static_cast<uint8_t>(c - '0') < 10;
}

bool FormsText(char32_t c) {
  switch (FoldTable::Get().char_class(c)) {
    case CharClass::kLetter:
    case CharClass::kHangul:
    case CharClass::kUnspaced:
    case CharClass::kMark:
    case CharClass::kHan:
    case CharClass::kDigit:
      return true;
    default:
      return false;
  }
}

bool IsHan(char32_t c) { return FoldTable::Get().char_class(c) == CharClass::kHan; }

// Whether something said in the same script follows at `at`.
bool Follows(std::string_view folded, uint32_t at, bool han) {
  const bool spaced = !han && at < folded.size() && folded[at] == ' ';
  if (spaced) ++at;
  if (at >= folded.size()) return false;
  const char32_t next = CharAt(&folded[at]);
  return FormsText(next) && !(spaced && IsHan(next));
}

}  // namespace

Standing StandingOf(std::string_view folded, uint32_t begin, uint32_t end) {
  Standing standing;
  standing.alone = true;
  standing.joined = false;
  if (begin >= end) return standing;
  const char32_t first = CharAt(&folded[begin]);

  const bool follows = Follows(folded, end, IsHan(CharAt(&folded[StepBack(folded, end)])));
  // Words of letters are divided by a space, ideographs by nothing.
  const bool spaced = !IsHan(first) && begin > 0 && folded[begin - 1] == ' ';
  const uint32_t before = begin - (spaced ? 1 : 0);
  char32_t last = 0;  // of what is said before it
  if (before > 0) last = CharAt(&folded[StepBack(folded, before)]);
  if (last != 0 && (!FormsText(last) || (spaced && IsHan(last)))) last = 0;
  standing.alone = !follows && last == 0;
  if (standing.alone) return standing;

  if (IsHan(first)) {
    if (IsHan(last) && IsHanJoiner(last)) {
      standing.joined = true;
      standing.joiner_chars = 1;
    } else {
      standing.joined = follows && IsHanJoiner(first);
    }
    return standing;
  }
  if (spaced && last != 0 && last < 0x80) {
    uint32_t from = before;
    while (from > 0 && before - from <= kJoinerBytesMax && IsAsciiWord(folded[from - 1])) --from;
    if (IsJoiner(folded.substr(from, before - from))) {
      standing.joined = true;
      standing.joiner_chars = static_cast<uint8_t>(begin - from);
      return standing;
    }
  }
  uint32_t to = begin;
  while (to < end && to - begin <= kJoinerBytesMax && IsAsciiWord(folded[to])) ++to;
  standing.joined = to < end && IsJoiner(folded.substr(begin, to - begin));
  return standing;
}

}  // namespace winnow::text
