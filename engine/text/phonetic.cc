#include "engine/text/phonetic.h"

#include <algorithm>
#include <array>

#include "engine/text/ascii.h"
#include "engine/text/fold_table.h"
#include "engine/text/phonetic_skip.h"
#include "engine/text/phonetic_table.h"
#include "engine/text/utf8.h"
#include "engine/text/word_costs.h"

namespace winnow::text {
namespace {

// At most this many characters divide two syllables.
constexpr uint32_t kGapCharsMax = 3;
// Letters that spell no syllables are shown when they are few ("加vx").
constexpr uint32_t kLettersMax = 4;
// Letters without vowels may be initials.
constexpr uint32_t kInitialsMax = 8;
constexpr uint32_t kDigitsMax = 2;
// Tokens are looked at as far as they may be read.
constexpr uint32_t kTokenMax = kPinyinLettersMax + 1;
static_assert(kPhoneticReach >= 2 * kTokenMax + 4 * (kGapCharsMax + 1));

constexpr bool IsLetter(char c) { return static_cast<uint8_t>(c - 'a') < 26; }
constexpr bool IsDigit(char c) { return static_cast<uint8_t>(c - '0') < 10; }

constexpr uint32_t LetterSet(std::string_view letters) {
  uint32_t bits = 0;
  for (char c : letters) bits |= 1u << (c & 31);
  return bits;
}
constexpr uint32_t kVowels = LetterSet("aeiou");

bool HasVowel(std::string_view letters) { return LetterSet(letters) & kVowels; }

// By letter: those that may follow it where letters spell syllables. Bit 0: the end.
constexpr std::array<uint32_t, 32> kFollows = [] {
  std::array<uint32_t, 32> follows{};
  for (char c = 'a'; c <= 'z'; ++c) {
    const uint32_t bit = 1u << (c & 31);
    uint32_t& after = follows[c & 31];
    if (bit & LetterSet("aeioungrv")) {
      after = ~0u;
    } else {
      after = LetterSet("aeiouv");
      if (bit & LetterSet("zcs")) after |= LetterSet("h");
    }
  }
  return follows;
}();

// A run of letters.
struct Letters {
  uint32_t end;
  bool spells;  // perhaps syllables; certainly not when false
  bool vowels;
};
Letters LettersAt(std::string_view text, uint32_t at) {
  const uint32_t stop = text.size();
  uint32_t seen = 0, spells = 1, follows = ~0u;
  for (; at < stop && IsLetter(text[at]); ++at) {
    const uint32_t letter = text[at] & 31;
    spells &= follows >> letter;
    follows = kFollows[letter];
    seen |= 1u << letter;
  }
  return {at, (spells & follows & 1) != 0, (seen & kVowels) != 0};
}

// Where the digits from `at` on end.
uint32_t DigitsEnd(std::string_view text, uint32_t at) {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

// What a character may be, by its first byte.
enum class Lead : uint8_t { kOther, kLetter, kDigit, kIdeograph };
constexpr std::array<Lead, 256> kLeads = [] {
  std::array<Lead, 256> leads{};
  for (int b = 0; b < 256; ++b) {
    const char c = static_cast<char>(b);
    leads[b] = IsLetter(c)  ? Lead::kLetter
               : IsDigit(c) ? Lead::kDigit
               : b >= 0xe3  ? Lead::kIdeograph
                            : Lead::kOther;
  }
  return leads;
}();

// A syllable is in the private use area: three bytes.
void WriteSyllable(char32_t syllable, char* out) {
  out[0] = '\xee';
  out[1] = static_cast<char>(0x80 | (syllable >> 6 & 0x3f));
  out[2] = static_cast<char>(0x80 | (syllable & 0x3f));
}

bool IsIdeograph(std::string_view text, uint32_t at) {
  return at < text.size() && static_cast<uint8_t>(text[at]) >= 0xe3 &&
         PhoneticTable::Get().Reading(CharAt(&text[at])) != 0;
}

// A tone behind the letters of a syllable ("du3").
bool IsTone(std::string_view text, uint32_t at) {
  return at < text.size() && text[at] >= '1' && text[at] <= '5' &&
         !(at + 1 < text.size() && IsDigit(text[at + 1]));
}

// kSpelling: as pinyin itself divides syllables.
enum class Gap : uint8_t { kNone, kSpace, kStop, kSpelling, kOther };

// What may divide syllables of one word: not the punctuation that divides clauses.
Gap GapOf(std::string_view text, uint32_t at) {
  const char c = text[at];
  if (c == ' ' || c == '\t') return Gap::kSpace;
  if (c == '.') return Gap::kStop;
  if (static_cast<uint8_t>(c) < 0x80) {
    if (c == '-' || c == '\'') return Gap::kSpelling;
    return std::string_view("_*~/|+=^`\\#@$%&<>").find(c) != std::string_view::npos ? Gap::kOther
                                                                                    : Gap::kNone;
  }
  const char32_t wide = CharAt(&text[at]);
  if (wide == U'’' || wide == U'‘') return Gap::kSpelling;
  // Dots and dashes, which are punctuation to Unicode.
  if (std::u32string_view(U"·・•‧–—―‐‑‒†‡※§¶").find(wide) != std::u32string_view::npos) {
    return Gap::kOther;
  }
  if (wide == U'\u2028' || wide == U'\u2029' || wide == 0x85) return Gap::kNone;
  const CharClass k = FoldTable::Get().char_class(wide);
  if (k == CharClass::kSpace) return Gap::kSpace;
  return k == CharClass::kOther && wide != 0xfffd ? Gap::kOther : Gap::kNone;
}

class Reader {
 public:
  using Next = size_t (*)(std::string_view, size_t);

  // `next`: where something begins that may be shown; null: look at everything.
  Reader(std::string_view text, Next next, Buffer* out, EditMap* map)
      : text_(text), next_(next), out_(out->data()), map_(map) {}

  void Read() {
    const uint32_t size = text_.size();
    while (at_ < size) {
      if (last_ == Kind::kNone && next_ != nullptr && static_cast<uint8_t>(text_[at_]) < 0xe3) {
        at_ = static_cast<uint32_t>(next_(text_, at_));
        if (at_ == size) break;
      }
      switch (kLeads[static_cast<uint8_t>(text_[at_])]) {
        case Lead::kLetter:
          Word();
          continue;
        case Lead::kDigit:
          Digits();
          continue;
        case Lead::kIdeograph: {
          const char32_t c = CharAt(&text_[at_]);
          const char32_t syllable = table_.Reading(c);
          if (syllable != 0) {
            Ideograph(syllable, WidthOf(c));
            continue;
          }
          break;
        }
        case Lead::kOther:
          break;
      }
      if (last_ != Kind::kNone) {
        Divide();
      } else {
        at_ += CharWidth(text_[at_]);
      }
    }
    Close();
  }

  size_t size() const { return to_; }

 private:
  enum class Kind : uint8_t { kNone, kIdeograph, kSyllable, kLetters };

  // Makes room for what stands at [at_, at_ + width) and is shown by `shown` bytes.
  void Open(Kind kind, uint32_t width, uint32_t shown) {
    if (last_ == Kind::kNone) {
      run_ = {to_, end_, map_->edits().size()};
      if (to_ > 0) {
        map_->Add({to_, 1, end_, at_ - end_, 0});
        out_[to_++] = '\n';
      } else if (at_ > 0) {
        map_->Add({0, 0, 0, at_, 0});
      }
    } else if (at_ > end_) {
      const bool hides = odd_ || last_ == Kind::kIdeograph || kind == Kind::kIdeograph;
      map_->Add({to_, 0, end_, at_ - end_, hides ? MaskOf(Evasion::kSeparator) : 0});
    }
    if (width != shown) map_->Add({to_, shown, at_, width, 0});
    last_ = kind;
    at_ += width;
    end_ = at_;
    gaps_ = 0;
    odd_ = false;
  }

  void Ideograph(char32_t syllable, uint32_t width) {
    Open(Kind::kIdeograph, width, 3);
    WriteSyllable(syllable, out_ + to_);
    // What follows runs in step.
    const char* from = text_.data() + at_;
    const char* const stop = text_.data() + text_.size();
    char* to = out_ + to_ + 3;
    while (from < stop && static_cast<uint8_t>(*from) - 0xe3u < 0xf0u - 0xe3u) {
      const char32_t next = table_.Reading(CharAt(from));
      if (next == 0) break;
      WriteSyllable(next, to);
      from += 3;
      to += 3;
    }
    const uint32_t shown = static_cast<uint32_t>(to - out_) - to_;
    weight_ += shown / 3;
    to_ += shown;
    at_ += shown - 3;
    end_ = at_;
  }

  void Word() {
    const Letters letters = LettersAt(text_, at_);
    const uint32_t end = letters.end;
    const std::string_view token = text_.substr(at_, end - at_);
    PhoneticTable::Syllables syllables;
    const uint32_t count = letters.spells ? table_.Parse(token, &syllables) : 0;
    if (count > 0) {
      const uint32_t begin = at_;
      for (uint32_t i = 0; i < count; ++i) {
        uint32_t to = begin + syllables.ends[i];
        if (i + 1 == count && IsTone(text_, to)) ++to;
        Open(Kind::kSyllable, to - at_, 3);
        ++weight_;
        WriteSyllable(syllables.at[i], out_ + to_);
        to_ += 3;
      }
      return;
    }
    const bool initials = token.size() <= kInitialsMax && token.size() >= 2 && !letters.vowels;
    if (initials || (token.size() <= kLettersMax && Touched(end))) {
      Copy(end, initials && token.size() >= 3 ? 2 : 1);
    } else {
      Break(end);
    }
  }

  void Digits() {
    const uint32_t end = DigitsEnd(text_, at_);
    if (end - at_ <= kDigitsMax && Touched(end)) {
      Copy(end, 1);
    } else {
      Break(end);
    }
  }

  // True when an ideograph stands on either side of the token that ends at `end`.
  bool Touched(uint32_t end) const {
    return (last_ == Kind::kIdeograph && end_ == at_) || IsIdeograph(text_, end);
  }

  void Copy(uint32_t end, uint32_t weight) {
    const uint32_t from = at_;
    Open(Kind::kLetters, end - from, end - from);
    std::copy(&text_[from], &text_[from] + (end - from), out_ + to_);
    to_ += end - from;
    weight_ += weight;
  }

  void Divide() {
    const uint32_t width = CharWidth(text_[at_]);
    const Gap gap = GapOf(text_, at_);
    // A full stop before a space ends a sentence.
    const bool stops =
        gap == Gap::kStop && (at_ + 1 == text_.size() || GapOf(text_, at_ + 1) == Gap::kSpace);
    if (gap == Gap::kNone || stops || ++gaps_ > kGapCharsMax) {
      Break(at_ + width);
    } else {
      odd_ |= gap == Gap::kOther || gap == Gap::kStop;
      at_ += width;
    }
  }

  void Break(uint32_t to) {
    Close();
    at_ = to;
  }

  // One syllable makes no run.
  void Close() {
    if (last_ != Kind::kNone && weight_ < 2) {
      to_ = run_.to;
      end_ = run_.end;
      map_->edits().resize(run_.edits);
    }
    last_ = Kind::kNone;
    weight_ = 0;
    gaps_ = 0;
    odd_ = false;
  }

  const std::string_view text_;
  const Next next_;
  const PhoneticTable& table_ = PhoneticTable::Get();
  char* const out_;
  EditMap* const map_;
  uint32_t at_ = 0;   // in the text
  uint32_t end_ = 0;  // of what was shown last
  uint32_t to_ = 0;   // in the view
  uint32_t gaps_ = 0;
  bool odd_ = false;  // a symbol is among them
  uint32_t weight_ = 0;
  Kind last_ = Kind::kNone;  // of the run that is open
  struct {
    uint32_t to, end;
    size_t edits;
  } run_ = {};  // as it was before the run
};

// English words whose letters spell syllables, in order.
constexpr std::string_view kEnglish[] = {
    "a",         "age",      "aha",       "ai",        "aide",     "alabama",  "alibaba",
    "aloe",      "alone",    "along",     "amen",      "america",  "american", "an",
    "analogue",  "anger",    "anti",      "are",       "area",     "arena",    "asia",
    "asian",     "ate",      "awake",     "aware",     "baba",     "bake",     "balance",
    "bali",      "ban",      "banana",    "bandage",   "bane",     "bang",     "bare",
    "base",      "baseline", "beige",     "beijing",   "ben",      "bide",     "bike",
    "bile",      "bin",      "bing",      "bite",      "boa",      "bolo",     "bone",
    "bose",      "boxing",   "cage",      "cake",      "came",     "can",      "canada",
    "cane",      "care",     "case",      "catalogue", "cede",     "chai",     "chance",
    "change",    "chase",    "che",       "cheating",  "cheer",    "cheese",   "chen",
    "chi",       "chili",    "china",     "chinese",   "cite",     "cuba",     "cue",
    "cunning",   "cure",     "cute",      "da",        "dada",     "dale",     "dalian",
    "damage",    "dame",     "dan",       "dance",     "dang",     "danger",   "dare",
    "data",      "date",     "de",        "dealing",   "dean",     "debate",   "decade",
    "decide",    "demo",     "den",       "dengue",    "desire",   "dialogue", "diana",
    "dice",      "die",      "dilute",    "dime",      "dine",     "ding",     "dining",
    "dong",      "dude",     "due",       "duke",      "dune",     "duo",      "e",
    "eating",    "elegance", "elite",     "emu",       "engage",   "er",       "era",
    "erase",     "etude",    "exile",     "eye",       "face",     "fade",     "fake",
    "fame",      "fan",      "fang",      "fare",      "fate",     "fatigue",  "fou",
    "future",    "gaining",  "gala",      "gale",      "game",     "gang",     "gate",
    "gaze",      "gee",      "gene",      "genre",     "guidance", "guide",    "guinea",
    "guise",     "gun",      "ha",        "haha",      "hahaha",   "hainan",   "haiti",
    "hang",      "hare",     "hate",      "haze",      "he",       "heading",  "heating",
    "hebei",     "heeding",  "hen",       "henan",     "hence",    "here",     "hesitate",
    "house",     "hubei",    "hue",       "huge",      "human",    "humane",   "hun",
    "hunan",     "hunting",  "jinan",     "keeping",   "la",       "lake",     "lance",
    "lane",      "lang",     "language",  "late",      "laying",   "leading",  "league",
    "lean",      "leaning",  "lee",       "lei",       "leisure",  "lie",      "like",
    "line",      "lining",   "loading",   "loan",      "locate",   "lone",     "long",
    "longer",    "lose",     "luke",      "luna",      "lunge",    "lure",     "lute",
    "ma",        "made",     "make",      "malaria",   "male",     "mama",     "man",
    "manage",    "mane",     "manga",     "mange",     "mania",    "manila",   "marine",
    "maritime",  "mate",     "mature",    "maze",      "me",       "meaning",  "media",
    "meditate",  "meeting",  "mega",      "memo",      "men",      "menu",     "mere",
    "mesa",      "mia",      "mice",      "mile",      "mileage",  "mimi",     "min",
    "mine",      "ming",     "mini",      "mining",    "minute",   "mo",       "moan",
    "moaning",   "mobile",   "mode",      "mole",      "more",     "mouse",    "mule",
    "mutate",    "mute",     "name",      "nana",      "nature",   "needing",  "nice",
    "nigeria",   "nile",     "nine",      "nuance",    "nude",     "nun",      "outage",
    "page",      "pale",     "pan",       "panama",    "panda",    "pang",     "pao",
    "papa",      "payee",    "paying",    "pen",       "pence",    "pending",  "pi",
    "pie",       "piece",    "pile",      "pin",       "pine",     "ping",     "pining",
    "pisa",      "pole",     "poli",      "police",    "polite",   "polo",     "pose",
    "pouting",   "pu",       "puma",      "pure",      "quake",    "queen",    "ran",
    "rang",      "range",    "re",        "reading",   "relate",   "release",  "relocate",
    "remaining", "remote",   "rename",    "renegade",  "renting",  "rerun",    "resume",
    "rice",      "ride",     "rise",      "rouge",     "route",    "routing",  "rude",
    "rule",      "run",      "rune",      "running",   "sage",     "sake",     "sale",
    "salute",    "same",     "san",       "sana",      "sane",     "sang",     "sao",
    "saying",    "sea",      "seance",    "seating",   "see",      "seen",     "semi",
    "sen",       "senate",   "sense",     "sequence",  "serene",   "shade",    "shake",
    "shame",     "shanghai", "share",     "she",       "sheen",    "shine",    "shining",
    "shire",     "shouting", "shun",      "side",      "siege",    "siren",    "site",
    "size",      "song",     "sue",       "suite",     "sun",      "sunshine", "sure",
    "sushi",     "taiwan",   "take",      "tale",      "tame",     "taming",   "tan",
    "tanaka",    "tang",     "tangerine", "taxi",      "tea",      "tee",      "teen",
    "tenure",    "tie",      "tile",      "time",      "timeline", "tire",     "titan",
    "touting",   "tuna",     "tune",      "tutu",      "wage",     "waiting",  "wake",
    "wan",       "wane",     "wang",      "wangle",    "waning",   "wanna",    "wanting",
    "ware",      "woke",     "woman",     "women",     "wuhan",    "xian",     "ya",
    "yankee",    "ye",       "yea",       "yo",        "yoga",     "you",      "yoyo",
    "zen",       "zulu",
};

// True when [begin, end) is part of an address, a file's name or a code, which are made up.
bool InAddress(std::string_view text, uint32_t begin, uint32_t end) {
  const auto joins = [&](uint32_t at, std::string_view of) {
    return at < text.size() && (of.find(text[at]) != std::string_view::npos || IsDigit(text[at]));
  };
  return joins(begin - 1, "/@._=&?%") || joins(end, "@_/=&%") ||
         (joins(end, ".") && end + 1 < text.size() && IsLetter(text[end + 1]));
}

// True when an ideograph stands before or behind, at most one character away.
bool BesideIdeograph(std::string_view text, uint32_t begin, uint32_t end) {
  if (IsIdeograph(text, end)) return true;
  if (end < text.size() && IsIdeograph(text, end + CharWidth(text[end]))) return true;
  for (int i = 0; i < 2 && begin > 0; ++i) {
    begin = static_cast<uint32_t>(StepBack(text, begin));
    if (IsIdeograph(text, begin)) return true;
  }
  return false;
}

static_assert(std::is_sorted(std::begin(kEnglish), std::end(kEnglish)));

bool IsEnglish(std::string_view token) {
  return std::binary_search(std::begin(kEnglish), std::end(kEnglish), token);
}

}  // namespace

std::string_view PhoneticReader::Read(std::string_view folded, EditMap* map) {
  map->clear();
  // One letter may become a syllable of three bytes.
  out_.Reserve(folded.size() * 3 + 4);
  Reader reader(folded, passes_over_ ? NextSound : nullptr, &out_, map);
  reader.Read();
  return {out_.data(), reader.size()};
}

bool SoundsAlikeByChance(std::string_view folded, uint32_t begin, uint32_t end,
                         uint32_t syllables) {
  constexpr uint32_t kContext = 4;
  const PhoneticTable& table = PhoneticTable::Get();
  const WordCosts& words = WordCosts::Get();
  // Letters: words that somebody spelled for their sound are no English ones, or stand amid
  // Chinese.
  bool letters = false, spelled = false, ideographs = false;
  const bool amid = BesideIdeograph(folded, begin, end);
  const bool address = !amid && InAddress(folded, begin, end);
  for (uint32_t at = begin; at < end;) {
    if (IsLetter(folded[at])) {
      letters = true;
      uint32_t from = at, to = at;
      while (from > 0 && IsLetter(folded[from - 1]) && at - from < kTokenMax) --from;
      while (to < folded.size() && IsLetter(folded[to]) && to - at < kTokenMax) ++to;
      const bool whole = from >= begin && to <= end;
      const std::string_view token = folded.substr(from, to - from);
      const bool chinese = token.size() > 1 && (amid || BesideIdeograph(folded, from, to));
      spelled |= (whole || syllables > 2) && (chinese || (!address && !IsEnglish(token)));
      at = to;
      continue;
    }
    const char32_t c = CharAt(&folded[at]);
    ideographs |= table.Reading(c) != 0;
    at += CharWidth(folded[at]);
  }
  if (letters && spelled) return false;
  if (!ideographs) return letters;
  // Ideographs: as they stand, against a word in their place.
  std::array<char32_t, WordCosts::kCharsMax> chars;
  uint32_t count = 0, cost = 0;
  uint32_t left = begin;
  for (uint32_t i = 0; i < kContext && left > 0; ++i) {
    const uint32_t before = static_cast<uint32_t>(StepBack(folded, left));
    if (table.Reading(CharAt(&folded[before])) == 0) break;
    left = before;
  }
  uint32_t other = 0;
  const auto flush = [&] {
    if (count > 0) cost += words.Cheapest({chars.data(), count});
    count = 0;
  };
  uint32_t taken = 0;
  for (uint32_t at = left; at < folded.size() && taken < kContext;) {
    const char32_t c = CharAt(&folded[at]);
    const bool ideograph = table.Reading(c) != 0;
    if (at == begin && count > 0) other += words.Cheapest({chars.data(), count});
    if (at >= end) {
      if (!ideograph) break;
      ++taken;
    }
    if (ideograph && count < chars.size()) {
      chars[count++] = c;
    } else {
      flush();
    }
    at += CharWidth(folded[at]);
  }
  flush();
  uint32_t right = end;
  for (uint32_t i = 0; i < taken; ++i) {
    const char32_t c = CharAt(&folded[right]);
    chars[count++] = c;
    right += CharWidth(folded[right]);
  }
  if (count > 0) other += words.Cheapest({chars.data(), count});
  // What a word that is in no dictionary costs, and what makes up for the many it might sound like.
  const uint32_t word = syllables <= 2 ? 110 : 140;
  return other + word >= cost;
}

namespace {

// The ideographs and letters of a term, each with what it may be shown as.
struct Part {
  std::vector<std::string> shown;
};

// False when the term holds what the view never shows.
bool PartsOf(std::string_view folded, std::vector<Part>* parts, uint32_t* ideographs) {
  const PhoneticTable& table = PhoneticTable::Get();
  *ideographs = 0;
  for (uint32_t at = 0; at < folded.size();) {
    if (IsLetter(folded[at])) {
      const uint32_t end = LettersAt(folded, at).end;
      const std::string_view token = folded.substr(at, end - at);
      PhoneticTable::Syllables syllables;
      Part part;
      if (const uint32_t count = table.Parse(token, &syllables); count > 0) {
        part.shown.emplace_back();
        for (uint32_t i = 0; i < count; ++i) AppendChar(syllables.at[i], &part.shown[0]);
      } else if (token.size() <= kLettersMax ||
                 (token.size() <= kInitialsMax && !HasVowel(token))) {
        part.shown.emplace_back(token);
      } else {
        return false;
      }
      parts->push_back(std::move(part));
      at = end;
      continue;
    }
    if (IsDigit(folded[at])) {
      const uint32_t end = DigitsEnd(folded, at);
      if (end - at > kDigitsMax) return false;
      parts->push_back({{std::string(folded.substr(at, end - at))}});
      at = end;
      continue;
    }
    const std::vector<char32_t> readings = table.Readings(CharAt(&folded[at]));
    if (readings.empty()) {
      if (GapOf(folded, at) == Gap::kNone) return false;
    } else {
      ++*ideographs;
      Part part;
      for (char32_t reading : readings) {
        part.shown.emplace_back();
        AppendChar(reading, &part.shown.back());
      }
      parts->push_back(std::move(part));
    }
    at += CharWidth(folded[at]);
  }
  return true;
}

// The syllables of a form as letters run together; empty when it holds others.
std::string RunTogether(std::string_view form) {
  std::string letters;
  for (uint32_t at = 0; at < form.size(); at += CharWidth(form[at])) {
    const std::string spelling = PhoneticTable::Spell(CharAt(&form[at]));
    if (spelling.empty()) return {};
    letters += spelling;
  }
  return letters;
}

}  // namespace

std::vector<std::string> PhoneticTermForms(std::string_view folded) {
  std::vector<Part> parts;
  uint32_t ideographs = 0;
  if (!PartsOf(folded, &parts, &ideographs) || ideographs < 2) return {};
  uint32_t chars = 0;
  for (const Part& part : parts)
    chars += static_cast<uint32_t>(CountChars(part.shown[0]).code_points);
  if (chars > kPhoneticFormCharsMax) return {};
  std::vector<std::string> forms = {""};
  for (const Part& part : parts) {
    std::vector<std::string> longer;
    for (const std::string& shown : part.shown) {
      for (const std::string& form : forms) {
        if (longer.size() < kPhoneticFormsMax) longer.push_back(form + shown);
      }
    }
    forms = std::move(longer);
  }
  // Run together, "fang'an" is read as "fan gan".
  const PhoneticTable& table = PhoneticTable::Get();
  for (size_t i = 0, n = forms.size(); i < n && forms.size() < kPhoneticFormsMax; ++i) {
    PhoneticTable::Syllables syllables;
    const uint32_t count = table.Parse(RunTogether(forms[i]), &syllables);
    std::string form;
    for (uint32_t s = 0; s < count; ++s) AppendChar(syllables.at[s], &form);
    if (count >= 2 && std::find(forms.begin(), forms.end(), form) == forms.end()) {
      forms.push_back(std::move(form));
    }
  }
  return forms;
}

std::string PhoneticTermInitials(std::string_view folded) {
  const PhoneticTable& table = PhoneticTable::Get();
  std::string initials;
  for (uint32_t at = 0; at < folded.size(); at += CharWidth(folded[at])) {
    const std::string spelling = PhoneticTable::Spell(table.Reading(CharAt(&folded[at])));
    if (spelling.empty() || !HasVowel(spelling) || HasVowel(spelling.substr(0, 1))) return {};
    initials.push_back(spelling[0]);
  }
  return initials.size() >= 3 && initials.size() <= kInitialsMax ? initials : std::string();
}

}  // namespace winnow::text
