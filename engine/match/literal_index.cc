#include "engine/match/literal_index.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "engine/base/strings.h"
#include "engine/match/literal_anchor.h"
#include "engine/text/utf8.h"

namespace winnow::match {
namespace {

constexpr uint32_t kFormat = 4;

// From so many literals of a kind on, what of them stands in a clean text costs more than a second
// probe everywhere.
constexpr size_t kEightFrom = 2000;

// From so many literals on that only grams or short anchors tell, a look at every third byte costs
// less than what the short ones let pass.
constexpr size_t kGramsFrom = 300;

// Characters that stand everywhere in Chinese, the commonest first: an anchor of one of them is no
// sign of anything.
constexpr std::string_view kCommonHan =
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发"
    "后"
    "作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但"
    "因"
    "只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手"
    "应"
    "向头文体政美相见被利什二等产或新己制身果加";
constexpr size_t kCommonHanStep = 30 * 3;

// Words that stand everywhere in English.
constexpr std::string_view kCommonWords =
    " the of and to a in is it you that he was for on are with as i his they be at one have this "
    "from or had by but what some we can out other were all there when up use your how said an "
    "each she which do their time if will way about many then them would like so these her long "
    "make thing see him two has look more day could go come did no most my over know than call "
    "first who may down been now find any new work part take get place made where after back only "
    "me our good please order send home today free best money buy ";

bool IsAscii(std::string_view term) {
  return std::all_of(term.begin(), term.end(),
                     [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

uint64_t KeyAt(std::string_view term, size_t at, size_t bytes) {
  uint64_t key = 0;
  for (size_t i = 0; i < bytes; ++i) key |= uint64_t{static_cast<uint8_t>(term[at + i])} << 8 * i;
  return key;
}

// Whether the key of a pair is two characters of three bytes each.
bool IsEvenPair(uint64_t key) { return (key & 0xf0) == 0xe0 && (key >> 24 & 0xf0) == 0xe0; }

// A choice of anchor for a literal. The literal is entered under each of `keys`.
struct Choice {
  uint32_t kind = 0;
  uint32_t cost = 0;  // how often the term is likely to have it, in arbitrary steps
  std::vector<std::pair<uint64_t, uint16_t>> keys;
};

// Whole words; where eight bytes stand from a word's begin on, by them if they may be.
void AddWords(const LiteralIndex::Literal& literal, uint32_t kind, uint32_t eight, bool eights,
              std::vector<Choice>* choices) {
  const std::string_view term = literal.text;
  for (size_t begin = 0; begin < term.size();) {
    if (!IsWordByte(term[begin])) {
      ++begin;
      continue;
    }
    size_t end = begin;
    while (end < term.size() && IsWordByte(term[end])) ++end;
    // Complete, whatever stands around the literal.
    const bool begins = begin > 0 || literal.border_begin;
    const bool ends = end < term.size() || literal.border_end;
    const size_t size = std::min<size_t>(end - begin, kKeyBytes);
    if (begins && eights && begin + kKeyBytes <= term.size()) {
      choices->push_back({eight,
                          end - begin < kKeyBytes ? 1u : 0u,
                          {{KeyAt(term, begin, kKeyBytes), static_cast<uint16_t>(begin)}}});
    } else if (begins && ends) {
      const uint32_t common =
          IsInCommonWords(StrCat(" ", term.substr(begin, end - begin), " ")) ? 16 : 0;
      choices->push_back({kind,
                          static_cast<uint32_t>(16 - 2 * size) + common,
                          {{KeyAt(term, begin, size), static_cast<uint16_t>(begin)}}});
    }
    begin = end;
  }
}

void AddPairs(const LiteralIndex::Literal& literal, uint32_t kind, uint32_t eight, bool eights,
              std::vector<Choice>* choices) {
  const std::string_view term = literal.text;
  const auto cost = [](std::string_view c) {
    if (c.size() == 1) return 12u;
    if (c.size() != 3) return 10u;
    const size_t at = kCommonHan.find(c);
    return at == std::string_view::npos ? 0u : 9 - static_cast<uint32_t>(at / kCommonHanStep);
  };
  for (size_t at = 0; at < term.size();) {
    const size_t first = text::CharWidth(term[at]);
    if (at + first >= term.size()) break;
    const size_t second = text::CharWidth(term[at + first]);
    if (first + second > 2) {
      uint32_t total = cost(term.substr(at, first)) + cost(term.substr(at + first, second));
      // What is not of three bytes each takes look-ups of its own.
      if (first == 1) total += 20;
      const bool even = first == 3 && second == 3;
      if (!even) total += 10;
      const bool by_eight = eights && even && at + kKeyBytes <= term.size();
      if (by_eight) total /= 3;
      choices->push_back(
          {by_eight ? eight : kind,
           total,
           {{KeyAt(term, at, by_eight ? kKeyBytes : first + second), static_cast<uint16_t>(at)}}});
    }
    at += first;
  }
}

void AddGrams(const LiteralIndex::Literal& literal, uint32_t kind, size_t bytes,
              std::vector<Choice>* choices) {
  const std::string_view term = literal.text;
  const size_t window = bytes + kGramStride - 1;
  for (size_t begin = 0; begin + window <= term.size(); ++begin) {
    Choice choice{kind, 20, {}};
    for (size_t at = begin; at < begin + kGramStride; ++at) {
      const std::string_view gram = term.substr(at, bytes);
      // Spaces and what is written with every verb are less of a sign than stems.
      choice.cost += 2 * static_cast<uint32_t>(std::count(gram.begin(), gram.end(), ' '));
      choice.keys.emplace_back(KeyAt(term, at, bytes), static_cast<uint16_t>(at));
    }
    choices->push_back(std::move(choice));
  }
}

// Its rarest four bytes, or two where it has no four.
void AddShorts(const LiteralIndex::Literal& literal, uint32_t four, uint32_t two,
               std::vector<Choice>* choices) {
  const std::string_view term = literal.text;
  const size_t bytes = term.size() < 4 ? 2 : 4;
  constexpr std::string_view kCommonLetters = " etaoinsrhl";
  for (size_t at = 0; at + bytes <= term.size(); ++at) {
    uint32_t cost = 0;
    for (const char c : term.substr(at, bytes)) {
      const size_t rank = kCommonLetters.find(c);
      if (rank != std::string_view::npos) cost += 12 - static_cast<uint32_t>(rank);
    }
    choices->push_back(
        {bytes == 2 ? two : four, cost, {{KeyAt(term, at, bytes), static_cast<uint16_t>(at)}}});
  }
}

}  // namespace

bool IsInCommonWords(std::string_view part) {
  return kCommonWords.find(part) != std::string_view::npos;
}

bool IsCommonHan(std::string_view c) {
  return c.size() == 3 && kCommonHan.find(c) != std::string_view::npos;
}

// A literal's place under a key.
struct LiteralIndex::Pending {
  uint64_t key;
  Entry entry;
};

LiteralIndex LiteralIndex::Build(const std::vector<Literal>& literals, std::vector<DigitRun> runs,
                                 std::vector<uint32_t>* rest) {
  LiteralIndex index;
  std::sort(runs.begin(), runs.end(),
            [](const DigitRun& a, const DigitRun& b) { return a.digits < b.digits; });
  index.runs_ = StoredTable<DigitRun>(std::move(runs));
  std::vector<char> texts;
  std::array<std::vector<Pending>, kKinds> pending;
  std::array<std::unordered_map<uint64_t, uint32_t>, kKinds> load;
  const size_t ascii = static_cast<size_t>(
      std::count_if(literals.begin(), literals.end(),
                    [](const Literal& literal) { return IsAscii(literal.text); }));
  const bool word_eights = ascii >= kEightFrom;
  const bool pair_eights = literals.size() - ascii >= kEightFrom;
  const bool grams = std::count_if(literals.begin(), literals.end(), [](const Literal& literal) {
                       return !literal.border_begin && literal.text.size() >= 4 + kGramStride - 1 &&
                              IsAscii(literal.text);
                     }) >= static_cast<ptrdiff_t>(kGramsFrom);
  std::vector<Choice> choices;
  for (const Literal& literal : literals) {
    choices.clear();
    if (!IsAscii(literal.text)) AddPairs(literal, kPair, kPairEight, pair_eights, &choices);
    AddWords(literal, kWord, kWordEight, word_eights, &choices);
    if (choices.empty() && grams && IsAscii(literal.text)) {
      AddGrams(literal, kGram6, 6, &choices);
      if (choices.empty()) AddGrams(literal, kGram4, 4, &choices);
    }
    if (choices.empty() && literal.text.size() == text::CharWidth(literal.text[0])) {
      choices.push_back({kChar, 0, {{KeyAt(literal.text, 0, literal.text.size()), 0}}});
    }
    if (choices.empty()) AddShorts(literal, kShort4, kShort2, &choices);
    // A key's zeros are what it does not have.
    if (choices.empty() || literal.text.find('\0') != std::string_view::npos) {
      rest->push_back(literal.leaf);
      continue;
    }
    const Choice* best = nullptr;
    uint32_t best_cost = 0;
    for (const Choice& choice : choices) {
      // Sharing an anchor costs a comparison each time it occurs.
      uint32_t cost = choice.cost;
      for (const auto& [key, at] : choice.keys) {
        const auto it = load[choice.kind].find(key);
        if (it != load[choice.kind].end()) cost += std::min(it->second, 8u);
      }
      if (best == nullptr || cost < best_cost) {
        best = &choice;
        best_cost = cost;
      }
    }
    Entry entry;
    entry.text_begin = static_cast<uint32_t>(texts.size());
    entry.size = static_cast<uint16_t>(literal.text.size());
    entry.leaf = literal.leaf;
    texts.insert(texts.end(), literal.text.begin(), literal.text.end());
    for (const auto& [key, at] : best->keys) {
      ++load[best->kind][key];
      entry.anchor = at;
      pending[best->kind].push_back({key, entry});
      if (best->kind == kPair) {
        const bool from_ascii = (key & 0xff) < 0x80;
        index.pairs_from_ascii_ |= from_ascii;
        index.pairs_uneven_ |= !from_ascii && !IsEvenPair(key);
      }
    }
  }
  std::vector<Entry> entries;
  for (uint32_t kind = 0; kind < kKinds; ++kind) {
    index.Fill(static_cast<Kind>(kind), {texts.data(), texts.size()}, &pending[kind], &entries);
  }
  index.entries_ = StoredTable<Entry>(std::move(entries));
  index.texts_ = StoredTable<char>(std::move(texts));
  index.FillSieves();
  return index;
}

namespace {

// What each byte of an anchor adds to a sieve's hash.
constexpr auto kSieveHash = [] {
  std::array<std::array<uint8_t, 256>, kSieveBytes> hash{};
  for (int at = 0; at < kSieveBytes; ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      hash[at][byte] = TimesMatrix(SieveMatrix(at), static_cast<uint8_t>(byte));
    }
  }
  return hash;
}();

// More anchors than this fill a sieve; to put them in would make loading slower.
constexpr size_t kSieveAnchorsMax = 4096;

}  // namespace

void LiteralIndex::Sieve::Add(uint64_t key, int bytes) {
  uint8_t hash[2] = {};
  for (int at = 0; at < bytes; ++at) hash[SieveByte(at)] ^= kSieveHash[at][key >> 8 * at & 255];
  const uint8_t a = hash[0], b = hash[1];
  first[a | (b & 0x80) << 1] |= 1 << (b & 7);
  second[b | (a & 0x80) << 1] |= 1 << (a & 7);
}

double LiteralIndex::Sieve::Passing(int n) const {
  size_t set = 0;
  for (uint8_t byte : first) set += static_cast<size_t>(std::popcount(byte));
  const double part = static_cast<double>(set) / (first.size() * 8);
  // What one anchor lets through the first set by chance, it lets through the second one time in
  // sixteen: four bits of the hash are new there.
  return n == 1 ? part : part * std::min(part + 1.0 / 16, 1.0);
}

void LiteralIndex::FillSieves() {
  // Each table has twice as many slots as anchors, or up to four times as many.
  const auto fits = [this](Kind a, Kind b) {
    return anchors_[a].slots.size() + anchors_[b].slots.size() <= 4 * kSieveAnchorsMax;
  };
  // A second set that dismisses no more than this is not worth asking.
  constexpr double kSecondLeast = 0.06;
  // Of all places at most this part may pass, so that to ask costs less than to look the others up.
  const auto choose = [](double most, Sieve* sieve) {
    const double one = sieve->Passing(1), two = sieve->Passing(2);
    sieve->sets = one - two > kSecondLeast && two <= most ? 2 : one <= most ? 1 : 0;
  };
  if (fits(kWord, kWordEight)) {
    for (Kind kind : {kWord, kWordEight}) {
      for (const Slot& slot : anchors_[kind].slots) {
        if (slot.key == 0) continue;
        // What stands behind the word does not belong to it.
        int size = 0;
        while (size < kSieveBytes && IsWordByte(static_cast<char>(slot.key >> 8 * size))) {
          ++size;
        }
        words_.Add(slot.key, size);
      }
    }
    choose(0.2, &words_);
  }
  if (fits(kPair, kPairEight)) {
    for (Kind kind : {kPair, kPairEight}) {
      for (const Slot& slot : anchors_[kind].slots) {
        if (slot.key != 0 && IsEvenPair(slot.key)) pairs_.Add(slot.key, kSieveBytes);
      }
    }
    // A chunk of 64 bytes has 21 ideographs, but only some nine words.
    choose(0.4, &pairs_);
  }
  if (pairs_uneven_ || pairs_from_ascii_) {
    size_t others = 0;
    for (const Slot& slot : anchors_[kPair].slots) {
      if (slot.key == 0 || IsEvenPair(slot.key)) continue;
      // No pair has less: what is not ASCII has two bytes at least.
      other_pairs_.Add(slot.key, kSieveOtherBytes);
      if (++others > kSieveAnchorsMax) break;
    }
    if (others <= kSieveAnchorsMax) choose(0.4, &other_pairs_);
  }
  NoteShorts();
}

void LiteralIndex::NoteShorts() {
  const auto byte = [](uint64_t key, int i) { return static_cast<uint8_t>(key >> 8 * i); };
  const auto note_begin = [this](uint8_t a, uint8_t b) {
    constexpr size_t kPairs = 1 << 16;
    shorts_.begins.resize(kPairs / 64);
    const size_t pair = a | size_t{b} << 8;
    shorts_.begins[pair / 64] |= uint64_t{1} << pair % 64;
  };
  for (const Slot& slot : anchors_[kShort4].slots) {
    if (slot.key == 0) continue;
    for (int i = 0; i < 3; ++i) shorts_.four[i].Add(byte(slot.key, i), byte(slot.key, i + 1));
    shorts_.four[3].Add(byte(slot.key, 0), byte(slot.key, 3));
    note_begin(byte(slot.key, 0), byte(slot.key, 1));
  }
  for (const Slot& slot : anchors_[kShort2].slots) {
    if (slot.key == 0) continue;
    shorts_.two[0].Add(byte(slot.key, 0), byte(slot.key, 1));
    shorts_.two[1].Add(byte(slot.key, 0) >> 2, byte(slot.key, 1) >> 2);
    note_begin(byte(slot.key, 0), byte(slot.key, 1));
  }
  for (const Slot& slot : anchors_[kChar].slots) {
    if (slot.key == 0) continue;
    const uint8_t first = byte(slot.key, 0);
    if (first < 0x80) {
      shorts_.any_ascii = true;
      shorts_.ascii[first & 15] |= 1 << (first >> 4);
      for (int any = 0; any < 256; ++any) note_begin(first, static_cast<uint8_t>(any));
    } else if ((first & 0xf0) == 0xe0) {
      shorts_.chars.AddChar(first, byte(slot.key, 1), byte(slot.key, 2));
    } else {
      shorts_.chars_uneven = true;
    }
  }
}

void LiteralIndex::Fill(Kind kind, std::string_view texts, std::vector<Pending>* pending,
                        std::vector<Entry>* entries) {
  if (pending->empty()) return;
  std::stable_sort(pending->begin(), pending->end(),
                   [](const Pending& a, const Pending& b) { return a.key < b.key; });
  size_t keys = 0;
  for (size_t i = 0; i < pending->size(); ++i) {
    keys += i == 0 || (*pending)[i].key != (*pending)[i - 1].key;
  }
  Anchors& anchors = anchors_[kind];
  std::vector<uint64_t> filter(std::bit_ceil(std::max<size_t>(keys / kKeysPerFilterWord, 64)));
  std::vector<Slot> slots(std::bit_ceil(keys * 2));
  anchors.filter_shift = 64 - std::countr_zero(filter.size());
  anchors.slot_shift = 64 - std::countr_zero(slots.size());
  for (size_t i = 0; i < pending->size();) {
    const uint64_t key = (*pending)[i].key;
    const uint64_t hash = HashOf(key);
    filter[hash >> anchors.filter_shift] |= FilterBits(hash);
    size_t at = hash >> anchors.slot_shift;
    while (slots[at].key != 0) at = (at + 1) & (slots.size() - 1);
    Slot& slot = slots[at];
    slot.key = key;
    slot.first = static_cast<uint32_t>(entries->size());
    for (; i < pending->size() && (*pending)[i].key == key; ++i) {
      entries->push_back((*pending)[i].entry);
    }
    const size_t count = entries->size() - slot.first;
    slot.count = static_cast<uint32_t>(count);
    if (count == 1) {
      // The longer of what the literal has behind the anchor and before it.
      const Entry& entry = (*entries)[slot.first];
      const std::string_view term = texts.substr(entry.text_begin, entry.size);
      const size_t key_size = kKeyBytes - static_cast<size_t>(std::countl_zero(key)) / 8;
      const size_t behind = std::min(term.size() - entry.anchor - key_size, kKeyBytes);
      const size_t before = std::min<size_t>(entry.anchor, kKeyBytes);
      if (behind >= before) {
        slot.beside_at = static_cast<int32_t>(key_size);
        slot.beside_size = static_cast<uint32_t>(behind);
        slot.beside = KeyAt(term, entry.anchor + key_size, behind);
      } else {
        slot.beside_at = -static_cast<int32_t>(before);
        slot.beside_size = static_cast<uint32_t>(before);
        slot.beside = KeyAt(term, entry.anchor - before, before);
      }
    }
  }
  anchors.filter = StoredTable<uint64_t>(std::move(filter));
  anchors.slots = StoredTable<Slot>(std::move(slots));
}

size_t LiteralIndex::memory_bytes() const {
  size_t total = sizeof *this + entries_.memory_bytes() + texts_.memory_bytes() +
                 runs_.memory_bytes() + shorts_.begins.capacity() * sizeof(uint64_t);
  for (const Anchors& anchors : anchors_) {
    total += anchors.filter.memory_bytes() + anchors.slots.memory_bytes();
  }
  return total;
}

std::vector<bool> LiteralIndex::Finds(size_t leaf_count) const {
  std::vector<bool> finds(leaf_count);
  for (const Entry& entry : entries_) finds[entry.leaf] = true;
  for (const DigitRun& run : runs_) finds[run.leaf] = true;
  return finds;
}

std::vector<const char*> LiteralIndex::AnchorsOf(size_t leaf_count) const {
  constexpr const char* kNames[kKinds] = {"word",          "word of eight", "pair",
                                          "pair of eight", "four bytes",    "six bytes",
                                          "short four",    "short two",     "character"};
  std::vector<const char*> out(leaf_count);
  for (uint32_t kind = 0; kind < kKinds; ++kind) {
    for (const Slot& slot : anchors_[kind].slots) {
      if (slot.key == 0) continue;
      for (uint32_t i = slot.first; i < slot.first + slot.count; ++i) {
        out[entries_[i].leaf] = kNames[kind];
      }
    }
  }
  for (const DigitRun& run : runs_) out[run.leaf] = "run of digits";
  return out;
}

namespace {

absl::Status Bad(std::string_view what) {
  return absl::DataLossError(StrCat("the index of literals is malformed: ", what));
}

}  // namespace

std::string LiteralIndex::Serialize() const {
  TableWriter out;
  const uint32_t head[] = {kFormat, pairs_from_ascii_, pairs_uneven_};
  out.Put(head, 3);
  for (const Anchors& anchors : anchors_) {
    out.Put(anchors.filter.data(), anchors.filter.size());
    out.Put(anchors.slots.data(), anchors.slots.size());
  }
  out.Put(entries_.data(), entries_.size());
  out.Put(texts_.data(), texts_.size());
  out.Put(runs_.data(), runs_.size());
  return std::move(out).Finish();
}

absl::StatusOr<LiteralIndex> LiteralIndex::Parse(std::string_view bytes, size_t leaf_count) {
  LiteralIndex index;
  TableReader in(bytes);
  StoredTable<uint32_t> head;
  if (!in.Take(&head) || head.size() != 3 || head[0] != kFormat || head[1] > 1 || head[2] > 1) {
    return Bad("unknown version");
  }
  index.pairs_from_ascii_ = head[1] != 0;
  index.pairs_uneven_ = head[2] != 0;
  for (Anchors& anchors : index.anchors_) {
    if (!in.Take(&anchors.filter) || !in.Take(&anchors.slots)) {
      return Bad("it ends too soon");
    }
    if (anchors.filter.empty() != anchors.slots.empty()) return Bad("a filter without keys");
    if (anchors.empty()) continue;
    if (!std::has_single_bit(anchors.filter.size()) || anchors.filter.size() < 64 ||
        !std::has_single_bit(anchors.slots.size()) || anchors.slots.size() < 2) {
      return Bad("a table's size is no power of two");
    }
    anchors.filter_shift = 64 - std::countr_zero(anchors.filter.size());
    anchors.slot_shift = 64 - std::countr_zero(anchors.slots.size());
  }
  if (!in.Take(&index.entries_) || !in.Take(&index.texts_) || !in.Take(&index.runs_)) {
    return Bad("it ends too soon");
  }
  if (!in.at_end()) return Bad("it has bytes to spare");
  for (const Anchors& anchors : index.anchors_) {
    size_t used = 0;
    for (const Slot& slot : anchors.slots) {
      if (slot.key == 0) continue;
      ++used;
      if (slot.first > index.entries_.size() || slot.count > index.entries_.size() - slot.first) {
        return Bad("an anchor's literals are out of range");
      }
      if (slot.beside_size > kKeyBytes || std::abs(int64_t{slot.beside_at}) > int64_t{kKeyBytes}) {
        return Bad("an anchor's surroundings are out of range");
      }
    }
    if (used == anchors.slots.size() && used > 0) return Bad("a table is full");
  }
  for (const Entry& entry : index.entries_) {
    if (entry.leaf >= leaf_count || entry.size == 0 || entry.anchor >= entry.size ||
        entry.text_begin > index.texts_.size() ||
        entry.size > index.texts_.size() - entry.text_begin) {
      return Bad("a literal is out of range");
    }
  }
  uint32_t digits = 1;
  for (const DigitRun& run : index.runs_) {
    if (run.leaf >= leaf_count || run.digits < digits) {
      return Bad("a run of digits is out of range");
    }
    digits = run.digits;
  }
  index.FillSieves();
  return index;
}

}  // namespace winnow::match
