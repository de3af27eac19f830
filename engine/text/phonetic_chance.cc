#include "engine/text/phonetic_chance.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <iterator>

#include "engine/text/phonetic_text.h"
#include "engine/text/word_costs.h"

namespace winnow::text {
namespace {

using sounding::IsDigit;
using sounding::IsIdeograph;
using sounding::IsLetter;
using sounding::kTokenMax;

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

static_assert(std::is_sorted(std::begin(kEnglish), std::end(kEnglish)));

// The same words by their first eight letters, where the hashes of these say: every word of a text
// in letters that spell syllables is asked for.
class EnglishKeys {
 public:
  constexpr EnglishKeys() {
    for (std::string_view word : kEnglish) {
      uint64_t key = 0;
      for (size_t i = std::min<size_t>(word.size(), 8); i-- > 0;) {
        key = key << 8 | static_cast<uint8_t>(word[i]);
      }
      size_t slot = SlotOf(key);
      while (keys_[slot] != 0) slot = (slot + 1) % keys_.size();
      keys_[slot] = key;
    }
  }
  // Whether a word begins with the same eight letters, or is the same.
  bool MayHave(std::string_view letters) const {
    if (letters.empty()) return false;
    const uint64_t key = FirstEight(letters);
    for (size_t slot = SlotOf(key); keys_[slot] != 0; slot = (slot + 1) % keys_.size()) {
      if (keys_[slot] == key) return true;
    }
    return false;
  }

 private:
  // Without a loop: parts that overlap.
  static uint64_t FirstEight(std::string_view letters) {
    const auto load = [&](auto part, size_t at) {
      std::memcpy(&part, letters.data() + at, sizeof part);
      return uint64_t{part} << 8 * at;
    };
    const size_t size = letters.size();
    if (size >= 8) return load(uint64_t{}, 0);
    if (size >= 4) return load(uint32_t{}, 0) | load(uint32_t{}, size - 4);
    return load(uint8_t{}, 0) | load(uint8_t{}, size / 2) | load(uint8_t{}, size - 1);
  }
  static constexpr size_t SlotOf(uint64_t key) { return key * 0x9e3779b97f4a7c15 >> 53; }

  std::array<uint64_t, 2048> keys_{};
};
constexpr EnglishKeys kEnglishKeys;
static_assert(std::endian::native == std::endian::little, "or FirstEight() needs another way");

}  // namespace

bool IsEnglish(std::string_view letters) {
  return kEnglishKeys.MayHave(letters) &&
         (letters.size() < 8 ||
          std::binary_search(std::begin(kEnglish), std::end(kEnglish), letters));
}

bool BesideIdeograph(std::string_view text, uint32_t begin, uint32_t end) {
  if (IsIdeograph(text, end)) return true;
  if (end < text.size() && IsIdeograph(text, end + CharWidth(text[end]))) return true;
  for (int i = 0; i < 2 && begin > 0; ++i) {
    begin = static_cast<uint32_t>(StepBack(text, begin));
    if (IsIdeograph(text, begin)) return true;
  }
  return false;
}

bool SoundsAlikeByChance(std::string_view folded, uint32_t begin, uint32_t end, uint32_t syllables,
                         bool amid) {
  constexpr uint32_t kContext = 4;
  const PhoneticTable& table = PhoneticTable::Get();
  const WordCosts& words = WordCosts::Get();
  // Letters: words that somebody spelled for their sound are no English ones, or stand amid
  // Chinese.
  bool letters = false, spelled = false, ideographs = false;
  amid |= BesideIdeograph(folded, begin, end);
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

}  // namespace winnow::text
