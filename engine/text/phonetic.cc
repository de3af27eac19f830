#include "engine/text/phonetic.h"

#include <algorithm>
#include <array>

#include "engine/text/fold_table.h"
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

bool IsLetter(char c) { return static_cast<uint8_t>(c - 'a') < 26; }
bool IsDigit(char c) { return static_cast<uint8_t>(c - '0') < 10; }

bool HasVowel(std::string_view letters) {
  return letters.find_first_of("aeiou") != std::string_view::npos;
}

// Letters and digits from `at` on that belong together.
uint32_t TokenEnd(std::string_view text, uint32_t at, bool (*belongs)(char)) {
  const uint32_t end = std::min<size_t>(text.size(), at + kTokenMax);
  while (at < end && belongs(text[at])) ++at;
  return at;
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

enum class Gap : uint8_t { kNone, kSpace, kStop, kOther };

// What may divide syllables of one word: not the punctuation that divides clauses.
Gap GapOf(std::string_view text, uint32_t at) {
  const char c = text[at];
  if (c == ' ' || c == '\t') return Gap::kSpace;
  if (c == '.') return Gap::kStop;
  if (static_cast<uint8_t>(c) < 0x80) {
    return std::string_view("-_'*~/|+=^`\\").find(c) != std::string_view::npos ? Gap::kOther
                                                                               : Gap::kNone;
  }
  const char32_t wide = CharAt(&text[at]);
  if (wide == U'·' || wide == U'・' || wide == U'’' || wide == U'‘') return Gap::kOther;
  if (wide == U'\u2028' || wide == U'\u2029' || wide == 0x85) return Gap::kNone;
  const CharClass k = FoldTable::Get().char_class(wide);
  if (k == CharClass::kSpace) return Gap::kSpace;
  return k == CharClass::kOther && wide != 0xfffd ? Gap::kOther : Gap::kNone;
}

class Reader {
 public:
  Reader(std::string_view text, Buffer* out, EditMap* map)
      : text_(text), out_(out->data()), map_(map) {}

  void Read() {
    const uint32_t size = text_.size();
    while (at_ < size) {
      const uint8_t lead = static_cast<uint8_t>(text_[at_]);
      if (lead >= 0xe3) {
        const char32_t c = CharAt(&text_[at_]);
        if (const char32_t syllable = table_.Reading(c); syllable != 0) {
          Ideograph(syllable, WidthOf(c));
          continue;
        }
      } else if (IsLetter(text_[at_])) {
        Letters();
        continue;
      } else if (IsDigit(text_[at_])) {
        Digits();
        continue;
      }
      Divide();
    }
    Close();
  }

  size_t size() const { return to_; }
  uint32_t until() const { return until_; }

 private:
  enum class Kind : uint8_t { kNone, kIdeograph, kSyllable, kLetters };

  // Makes room for what stands at [at_, at_ + width) and is shown by `shown` bytes.
  void Open(Kind kind, uint32_t width, uint32_t shown) {
    if (last_ == Kind::kNone) {
      run_ = {to_, until_, end_, map_->edits().size()};
      if (to_ > 0) {
        map_->Add({to_, 1, end_, at_ - end_, 0});
        out_[to_++] = '\n';
      } else if (at_ > 0) {
        map_->Add({0, 0, 0, at_, 0});
      }
    } else if (at_ > end_) {
      const bool hides = last_ == Kind::kIdeograph && kind == Kind::kIdeograph;
      map_->Add({to_, 0, end_, at_ - end_, hides ? MaskOf(Evasion::kSeparator) : 0});
      until_ = at_;
    }
    if (width != shown) {
      map_->Add({to_, shown, at_, width, 0});
      until_ = at_ + width;
    }
    last_ = kind;
    at_ += width;
    end_ = at_;
    gaps_ = 0;
  }

  void Ideograph(char32_t syllable, uint32_t width) {
    Open(Kind::kIdeograph, width, 3);
    ++weight_;
    to_ += WriteChar(syllable, out_ + to_);
    // What follows runs in step.
    while (at_ < text_.size() && static_cast<uint8_t>(text_[at_]) >= 0xe3) {
      const char32_t c = CharAt(&text_[at_]);
      const char32_t next = table_.Reading(c);
      if (next == 0 || c >= 0x10000) break;
      to_ += WriteChar(next, out_ + to_);
      ++weight_;
      at_ += 3;
    }
    end_ = at_;
  }

  void Letters() {
    const uint32_t end = TokenEnd(text_, at_, IsLetter);
    const std::string_view token = text_.substr(at_, end - at_);
    PhoneticTable::Syllables syllables;
    if (const uint32_t count = table_.Parse(token, &syllables); count > 0) {
      const uint32_t begin = at_;
      for (uint32_t i = 0; i < count; ++i) {
        uint32_t to = begin + syllables.ends[i];
        if (i + 1 == count && IsTone(text_, to)) ++to;
        Open(Kind::kSyllable, to - at_, 3);
        ++weight_;
        to_ += WriteChar(syllables.at[i], out_ + to_);
      }
      return;
    }
    const bool initials = token.size() <= kInitialsMax && token.size() >= 2 && !HasVowel(token);
    if (initials || (token.size() <= kLettersMax && Touched(end))) {
      Copy(end, initials && token.size() >= 3 ? 2 : 1);
    } else {
      Break(end);
    }
  }

  void Digits() {
    const uint32_t end = TokenEnd(text_, at_, IsDigit);
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
    const Gap gap = last_ == Kind::kNone ? Gap::kNone : GapOf(text_, at_);
    // A full stop before a space ends a sentence.
    const bool stops =
        gap == Gap::kStop && (at_ + 1 == text_.size() || GapOf(text_, at_ + 1) == Gap::kSpace);
    if (gap == Gap::kNone || stops || ++gaps_ > kGapCharsMax) {
      Break(at_ + width);
    } else {
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
      until_ = run_.until;
      end_ = run_.end;
      map_->edits().resize(run_.edits);
    }
    last_ = Kind::kNone;
    weight_ = 0;
    gaps_ = 0;
  }

  const std::string_view text_;
  const PhoneticTable& table_ = PhoneticTable::Get();
  char* const out_;
  EditMap* const map_;
  uint32_t at_ = 0;   // in the text
  uint32_t end_ = 0;  // of what was shown last
  uint32_t to_ = 0;   // in the view
  uint32_t until_ = 0;
  uint32_t gaps_ = 0;
  uint32_t weight_ = 0;
  Kind last_ = Kind::kNone;  // of the run that is open
  struct {
    uint32_t to, until, end;
    size_t edits;
  } run_ = {};  // as it was before the run
};

// English words whose letters spell syllables, and others that are no pinyin where they stand
// alone.
constexpr std::string_view kEnglish[] = {
    "a",        "age",    "ai",     "alone",  "along",   "an",     "anger",   "are",     "area",
    "ate",      "awake",  "baba",   "babe",   "bake",    "banana", "band",    "bang",    "bare",
    "base",     "be",     "ben",    "bike",   "bin",     "bite",   "bone",    "bone",    "boxing",
    "cable",    "cage",   "cake",   "came",   "can",     "care",   "case",    "cede",    "chai",
    "chain",    "chair",  "chance", "change", "chase",   "cheese", "china",   "chinese", "cite",
    "coca",     "cocoa",  "code",   "come",   "cope",    "core",   "cute",    "da",      "dad",
    "dada",     "dale",   "dame",   "dance",  "dare",    "data",   "date",    "de",      "den",
    "dice",     "die",    "dime",   "dine",   "ding",    "done",   "dose",    "dude",    "due",
    "e",        "eating", "engage", "er",     "eye",     "face",   "fade",    "fake",    "fame",
    "fan",      "fang",   "fare",   "fate",   "fee",     "file",   "fine",    "fire",    "fun",
    "future",   "game",   "gang",   "gate",   "gaze",    "gene",   "gun",     "ha",      "haha",
    "hahaha",   "hang",   "hare",   "hate",   "he",      "hen",    "hence",   "here",    "hi",
    "hide",     "hire",   "hole",   "home",   "house",   "huge",   "human",   "hun",     "hunting",
    "lady",     "lake",   "lane",   "lang",   "late",    "lei",    "leisure", "lie",     "life",
    "like",     "line",   "long",   "longer", "lose",    "lu",     "luke",    "lung",    "made",
    "make",     "male",   "mama",   "man",    "mane",    "mange",  "mango",   "mate",    "me",
    "meaning",  "media",  "men",    "menu",   "mere",    "mile",   "mine",    "minute",  "mobile",
    "mode",     "more",   "mouse",  "mule",   "my",      "name",   "nature",  "ne",      "nice",
    "nine",     "no",     "none",   "nose",   "note",    "nun",    "oh",      "page",    "pale",
    "pan",      "panda",  "papa",   "pen",    "pending", "phone",  "pie",     "pile",    "pin",
    "pine",     "ping",   "pipe",   "pole",   "police",  "polite", "pose",    "pure",    "quake",
    "queen",    "quite",  "race",   "rage",   "ran",     "rang",   "range",   "rare",    "rate",
    "reading",  "rice",   "ride",   "ripe",   "rise",    "role",   "rude",    "rule",    "run",
    "running",  "sage",   "sale",   "same",   "sane",    "sang",   "see",     "sense",   "seen",
    "semi",     "shade",  "shake",  "shame",  "shape",   "share",  "she",     "shine",   "side",
    "sing",     "site",   "size",   "sofa",   "song",    "sue",    "suite",   "sun",     "sung",
    "sunshine", "sure",   "take",   "tale",   "tame",    "tan",    "tang",    "tape",    "taxi",
    "tea",      "tee",    "teen",   "ten",    "tie",     "time",   "tire",    "to",      "tone",
    "tube",     "tuna",   "tune",   "wage",   "waiting", "wake",   "wan",     "wang",    "wanna",
    "we",       "wine",   "woke",   "woman",  "women",   "yang",   "ye",      "yea",     "yen",
    "yoga",     "you",    "young",  "zone",
};

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

bool IsEnglish(std::string_view token) {
  return std::find(std::begin(kEnglish), std::end(kEnglish), token) != std::end(kEnglish);
}

}  // namespace

std::string_view PhoneticReader::Read(std::string_view folded, EditMap* map) {
  map->clear();
  // One letter may become a syllable of three bytes.
  out_.Reserve(folded.size() * 3 + 4);
  Reader reader(folded, &out_, map);
  reader.Read();
  until_ = reader.until();
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
  for (uint32_t at = begin; at < end;) {
    if (IsLetter(folded[at])) {
      letters = true;
      uint32_t from = at, to = at;
      while (from > 0 && IsLetter(folded[from - 1]) && at - from < kTokenMax) --from;
      while (to < folded.size() && IsLetter(folded[to]) && to - at < kTokenMax) ++to;
      const bool whole = from >= begin && to <= end;
      const std::string_view token = folded.substr(from, to - from);
      const bool chinese = token.size() > 1 && (amid || BesideIdeograph(folded, from, to));
      spelled |= (whole || syllables > 2) && (chinese || !IsEnglish(token));
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
      const uint32_t end = TokenEnd(folded, at, IsLetter);
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
      const uint32_t end = TokenEnd(folded, at, IsDigit);
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
