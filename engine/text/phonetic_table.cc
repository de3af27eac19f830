#include "engine/text/phonetic_table.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "engine/text/phonetic_syllables.h"
#include "engine/text/utf8.h"

namespace winnow::text {

const PhoneticTable& PhoneticTable::Get() {
  static const PhoneticTable& table = *new PhoneticTable;
  return table;
}

PhoneticTable::PhoneticTable() {
  std::vector<bool> spoken(kSyllableNumbersMax + 1);
  for (size_t i = 0; i < kReadingsSize; ++i) spoken[kReadings[i]] = true;
  std::string_view rest = kHeteronyms;
  while (!rest.empty()) {
    std::string_view entry = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
    Heteronym heteronym = {CharAt(entry.data()), {}};
    entry.remove_prefix(CharWidth(entry[0]));
    while (!entry.empty()) {
      const std::string_view spelling = entry.substr(0, entry.find(','));
      entry.remove_prefix(std::min(spelling.size() + 1, entry.size()));
      const uint16_t number = SyllableNumber(spelling);
      if (number == 0) std::abort();  // a slip in the list
      spoken[number] = true;
      heteronym.readings.push_back(kFirstSyllable + number);
    }
    heteronyms_.push_back(std::move(heteronym));
  }
  std::sort(heteronyms_.begin(), heteronyms_.end(),
            [](const Heteronym& a, const Heteronym& b) { return a.c < b.c; });
  for (uint32_t number = 1; number <= kSyllableNumbersMax; ++number) {
    if (spoken[number]) AddSpellings(kFirstSyllable + number);
  }
  BuildAutomaton();
}

void PhoneticTable::AddSpellings(char32_t syllable) {
  const std::string spelling = Spell(syllable);
  if (spelling == "o") return;  // stands in no word worth hiding, but in many that are no pinyin
  AddSpelling(spelling, syllable);
  if ((spelling[0] == 'l' || spelling[0] == 'n') && spelling[1] == 'u' &&
      (spelling.size() == 2 || spelling[2] == 'e')) {
    AddSpelling(std::string{spelling[0], 'v'}.append(spelling.substr(2)), syllable);
  }
}

std::string PhoneticTable::Spell(char32_t syllable) {
  if (syllable <= kFirstSyllable || syllable > kFirstSyllable + kSyllableNumbersMax) return {};
  const uint32_t n = syllable - kFirstSyllable - 1;
  if (n % 48 >= std::size(kFinals)) return {};
  return std::string(kInitials[n / 48]).append(kFinals[n % 48]);
}

std::vector<char32_t> PhoneticTable::Readings(char32_t c) const {
  const auto it =
      std::lower_bound(heteronyms_.begin(), heteronyms_.end(), c,
                       [](const Heteronym& h, char32_t wanted) { return h.c < wanted; });
  if (it != heteronyms_.end() && it->c == c) return it->readings;
  const char32_t reading = Reading(c);
  return reading == 0 ? std::vector<char32_t>() : std::vector<char32_t>{reading};
}

void PhoneticTable::AddSpelling(std::string_view spelling, char32_t syllable) {
  uint32_t key = 0;
  for (char c : spelling) key = key << 5 | (c & 31);
  uint32_t i = SlotOf(key);
  while (slots_[i % kSlots].key != 0) ++i;
  slots_[i % kSlots] = {key, syllable};
  spellings_.emplace_back(spelling);
}

void PhoneticTable::BuildAutomaton() {
  using Row = std::array<uint32_t, 27>;  // by letter
  // A trie of the spellings; nothing leads back to its root, 0.
  std::vector<Row> trie(1, Row{});
  std::vector<bool> last(1);
  for (const std::string& spelling : spellings_) {
    uint32_t at = 0;
    for (char c : spelling) {
      uint32_t& next = trie[at][c & 31];
      const uint32_t to = next != 0 ? next : static_cast<uint32_t>(trie.size());
      next = to;
      if (to == trie.size()) {
        trie.emplace_back();
        last.push_back(false);
      }
      at = to;
    }
    last[at] = true;
  }
  // Where one may stand in it at a time, the root where a syllable ends. State 0 is nowhere.
  std::map<std::vector<uint32_t>, uint32_t> numbers = {{{}, 0}, {{0}, 1}};
  std::vector<std::vector<uint32_t>> states = {{}, {0}};
  std::vector<Row> steps;
  for (size_t s = 0; s < states.size(); ++s) {
    steps.emplace_back();
    for (uint32_t c = 1; c <= 26; ++c) {
      std::vector<uint32_t> next;
      for (uint32_t at : states[s]) {
        const uint32_t to = trie[at][c];
        if (to == 0) continue;
        next.push_back(to);
        if (last[to]) next.push_back(0);
      }
      std::sort(next.begin(), next.end());
      next.erase(std::unique(next.begin(), next.end()), next.end());
      const auto [it, fresh] = numbers.try_emplace(next, states.size());
      if (fresh) states.push_back(std::move(next));
      steps[s][c] = it->second;
    }
  }
  // States that lead to the same are one.
  std::vector<uint32_t> kind(states.size());
  for (size_t s = 0; s < states.size(); ++s) kind[s] = !states[s].empty() && states[s][0] == 0;
  for (size_t kinds = 2;;) {
    std::map<std::pair<uint32_t, Row>, uint32_t> rows;
    std::vector<uint32_t> finer(states.size());
    for (size_t s = 0; s < states.size(); ++s) {
      Row row{};
      for (uint32_t c = 1; c <= 26; ++c) row[c] = kind[steps[s][c]];
      finer[s] = rows.try_emplace({kind[s], row}, rows.size()).first->second;
    }
    kind = std::move(finer);
    if (rows.size() == kinds) break;
    kinds = rows.size();
  }
  for (size_t s = 0; s < states.size(); ++s) {
    if (kind[s] >= steps_.size()) std::abort();  // more syllables than it was made for
    for (uint32_t c = 1; c <= 26; ++c) {
      steps_[kind[s]][c] = static_cast<uint8_t>(kind[steps[s][c]]);
    }
    ends_[kind[s]] = !states[s].empty() && states[s][0] == 0;
  }
  spellings_.clear();
}

uint32_t PhoneticTable::Parse(std::string_view letters, Syllables* out) const {
  constexpr uint32_t kSyllableLettersMax = 6;
  constexpr uint16_t kNever = 0xffff;
  constexpr auto set = [](std::string_view of) {
    uint32_t bits = 0;
    for (char c : of) bits |= 1u << (c & 31);
    return bits;
  };
  constexpr uint32_t kBegins = ~set("iuv"), kEnds = set("aeioungrv"), kVowels = set("aeo");
  const auto in = [](char c, uint32_t bits) { return bits >> (c & 31) & 1; };
  const uint32_t n = letters.size();
  if (n == 0 || n > kPinyinLettersMax || !in(letters[0], kBegins) || !in(letters[n - 1], kEnds)) {
    return 0;
  }
  // From each place on: the cost of the rest, 16 a syllable and 1 more for one that begins with a
  // vowel after another, and the first syllable with its size.
  std::array<uint16_t, kPinyinLettersMax + 1> cost;
  std::array<uint8_t, kPinyinLettersMax> size;
  std::array<char32_t, kPinyinLettersMax> first;
  cost[n] = 0;
  uint32_t dead = 0;  // so many places in a row begin nothing
  for (uint32_t i = n; i-- > 0;) {
    cost[i] = kNever;
    if (++dead > kSyllableLettersMax) return 0;
    if (!in(letters[i], kBegins)) continue;
    const uint16_t one = 16 + (i > 0 && in(letters[i], kVowels));
    uint32_t key = 0;
    for (uint32_t k = 1; k <= std::min(kSyllableLettersMax, n - i); ++k) {
      const char last = letters[i + k - 1];
      key = key << 5 | (last & 31);
      if (!in(last, kEnds) || cost[i + k] == kNever || cost[i + k] + one >= cost[i]) continue;
      const char32_t syllable = Spelled(key);
      if (syllable == 0) continue;
      cost[i] = static_cast<uint16_t>(cost[i + k] + one);
      size[i] = static_cast<uint8_t>(k);
      first[i] = syllable;
      dead = 0;
    }
  }
  if (cost[0] == kNever) return 0;
  uint32_t count = 0;
  for (uint32_t i = 0; i < n; i += size[i]) {
    out->at[count] = first[i];
    out->ends[count++] = static_cast<uint8_t>(i + size[i]);
  }
  return count;
}

uint32_t PhoneticTable::SplitOf(std::string_view letters) const {
  if (letters.size() < 2 || letters.size() > 6) return 0;
  uint32_t key = 0;
  for (uint32_t i = 0; i + 1 < letters.size(); ++i) {
    key = key << 5 | (letters[i] & 31);
    const char next = letters[i + 1];
    if ((next != 'a' && next != 'e') || Spelled(key) == 0) continue;
    uint32_t rest = 0;
    for (char c : letters.substr(i + 1)) rest = rest << 5 | (c & 31);
    if (Spelled(rest) != 0) return i + 1;
  }
  return 0;
}

}  // namespace winnow::text
