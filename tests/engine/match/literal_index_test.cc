// The index of literals against looking for each of them at every place.
#include "engine/match/literal_index.h"

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/match/literal_anchor.h"
#include "engine/text/normalizer.h"
#include "gtest/gtest.h"

namespace winnow::match {
namespace {

using Literal = LiteralIndex::Literal;
using Hits = std::multiset<std::tuple<uint32_t, uint32_t, uint32_t>>;

// Where words may begin and end, as far as ASCII says: what the index relies on.
bool Border(std::string_view text, size_t at) {
  return at == 0 || at == text.size() || !IsWordByte(text[at - 1]) || !IsWordByte(text[at]);
}

bool Wanted(const Literal& literal, std::string_view text, uint32_t begin, uint32_t end) {
  return (!literal.border_begin || Border(text, begin)) &&
         (!literal.border_end || Border(text, end));
}

// What the index finds by one of its ways, without what nobody asked for.
Hits Find(const LiteralIndex& index, const std::vector<Literal>& literals, std::string_view text,
          size_t way) {
  static const auto scratch = std::make_unique<LiteralIndex::Scratch>();
  Hits hits;
  EXPECT_TRUE(index.ScanWay(way, text, scratch.get(), [&](const LiteralIndex::Hit& hit) {
    if (Wanted(literals[hit.leaf], text, hit.begin, hit.end)) {
      hits.emplace(hit.leaf, hit.begin, hit.end);
    }
    return true;
  }));
  return hits;
}

Hits Naive(const std::vector<Literal>& literals, const std::vector<uint32_t>& rest,
           std::string_view text) {
  const std::set<uint32_t> without(rest.begin(), rest.end());
  Hits hits;
  for (const Literal& literal : literals) {
    if (without.count(literal.leaf)) continue;
    for (size_t at = text.find(literal.text); at != std::string_view::npos;
         at = text.find(literal.text, at + 1)) {
      const uint32_t begin = static_cast<uint32_t>(at);
      const uint32_t end = begin + static_cast<uint32_t>(literal.text.size());
      if (Wanted(literal, text, begin, end)) hits.emplace(literal.leaf, begin, end);
    }
  }
  return hits;
}

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(engine_() % n); }
  std::string String(const std::vector<std::string>& alphabet, size_t characters) {
    std::string s;
    while (characters-- > 0) s += alphabet[Below(static_cast<uint32_t>(alphabet.size()))];
    return s;
  }

 private:
  std::mt19937 engine_;
};

struct Alphabet {
  const char* name;
  std::vector<std::string> letters;
};
void PrintTo(const Alphabet& alphabet, std::ostream* out) { *out << alphabet.name; }

std::vector<Alphabet> Alphabets() {
  return {
      {"words", {"a", "b", "a", "b", "a", "b", "7", " ", "-"}},
      {"ideographs", {"赌", "博", "场", "的"}},
      {"ideographs_and_words", {"赌", "博", "a", "b", " ", "\n"}},
      {"every_width", {"a", "é", "ж", "赌", "😀", "𠮷", " "}},
      {"mostly_one_letter", {"a", "a", "a", "a", "a", "a", "a", "b", " "}},
  };
}

class LiteralIndexTest : public testing::TestWithParam<Alphabet> {};

void CheckAgrees(const std::vector<std::string>& terms, int borders, Random* random,
                 const std::vector<std::string>& texts, size_t* hits) {
  std::vector<Literal> literals;
  for (uint32_t i = 0; i < terms.size(); ++i) {
    const bool bound = borders == 1 || (borders == 2 && random->Below(2));
    literals.push_back(
        {terms[i], i, bound && IsWordByte(terms[i].front()), bound && IsWordByte(terms[i].back())});
  }
  std::vector<uint32_t> rest;
  const LiteralIndex built = LiteralIndex::Build(literals, {}, &rest);
  const std::string stored = built.Serialize();
  const auto index = LiteralIndex::Parse(stored, literals.size());
  ASSERT_TRUE(index.ok()) << index.status();
  const std::vector<bool> finds = index->Finds(literals.size());
  ASSERT_EQ(static_cast<size_t>(std::count(finds.begin(), finds.end(), true)) + rest.size(),
            literals.size());
  for (const std::string& text : texts) {
    const Hits expected = Naive(literals, rest, text);
    *hits += expected.size();
    for (size_t way = 0; way < LiteralIndex::ways(); ++way) {
      ASSERT_EQ(Find(*index, literals, text, way), expected) << "way " << way << ", text: " << text;
    }
  }
}

TEST_P(LiteralIndexTest, FindsWhatIsThereByEveryWay) {
  size_t hits = 0;
  for (uint32_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    std::set<std::string> terms;
    for (int i = 0; i < 12; ++i) {
      terms.insert(random.String(GetParam().letters, 1 + random.Below(9)));
    }
    std::vector<std::string> texts;
    for (size_t size : {0, 1, 2, 7, 20, 60, 63, 64, 65, 130, 200}) {
      texts.push_back(random.String(GetParam().letters, size));
    }
    CheckAgrees({terms.begin(), terms.end()}, static_cast<int>(seed % 3), &random, texts, &hits);
    if (HasFatalFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(hits, 2000u) << "the terms hardly ever occur: the test says nothing";
}

// Terms planted across the borders of the stretches and chunks in which a text is looked at.
TEST_P(LiteralIndexTest, FindsWhatLiesAcrossStretches) {
  size_t hits = 0;
  for (uint32_t seed = 0; seed < 6; ++seed) {
    Random random(seed);
    std::set<std::string> terms;
    for (int i = 0; i < 8; ++i) {
      terms.insert(random.String(GetParam().letters, 3 + random.Below(120)));
    }
    std::string text;
    while (text.size() < 3 * LiteralIndex::Scratch::kStretch) {
      text += random.String(GetParam().letters, random.Below(40));
      const auto term = std::next(terms.begin(), random.Below(static_cast<uint32_t>(terms.size())));
      text += *term;
    }
    CheckAgrees({terms.begin(), terms.end()}, static_cast<int>(seed % 3), &random, {text}, &hits);
    if (HasFatalFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(hits, 100u);
}

// In a large index many literals are known by eight bytes.
TEST_P(LiteralIndexTest, FindsWhatIsThereInALargeIndex) {
  size_t hits = 0;
  Random random(99);
  std::set<std::string> terms;
  while (terms.size() < 6000) {
    terms.insert(random.String(GetParam().letters, 4 + random.Below(20)));
  }
  std::vector<std::string> texts;
  for (int i = 0; i < 20; ++i) {
    std::string text = random.String(GetParam().letters, 30);
    for (int n = 0; n < 5; ++n) {
      text += *std::next(terms.begin(), random.Below(6000));
      text += random.String(GetParam().letters, random.Below(20));
    }
    texts.push_back(std::move(text));
  }
  CheckAgrees({terms.begin(), terms.end()}, 2, &random, texts, &hits);
  EXPECT_GT(hits, 100u);
}

INSTANTIATE_TEST_SUITE_P(All, LiteralIndexTest, testing::ValuesIn(Alphabets()),
                         [](const auto& info) { return std::string(info.param.name); });

// By each kind of anchor, among so few literals and among many.
TEST(LiteralIndexTest, FindsTheShortestTerms) {
  const std::vector<std::string> kTerms = {
      "$", "!", "ab",  "abc",   "abcd", "abcde",   "t.me",     "abcdef", "赌",
      "é", "😀", "v信", "a b c", "éa",   "abcdefg", "$100 off", "\x7f",   "3w"};
  for (size_t many : {0u, 1000u}) {
    std::vector<std::string> terms = kTerms;
    for (size_t i = 0; i < many; ++i) terms.push_back("zzz" + std::to_string(100'000 + i));
    std::vector<Literal> literals;
    for (uint32_t i = 0; i < terms.size(); ++i) literals.push_back({terms[i], i, false, false});
    std::vector<uint32_t> rest;
    const LiteralIndex index = LiteralIndex::Build(literals, {}, &rest);
    EXPECT_TRUE(rest.empty());
    for (const std::string& term : kTerms) {
      // At every place of a chunk, and at the text's end.
      for (size_t before = 0; before < 130; ++before) {
        const std::string text = std::string(before, '-') + term;
        for (const std::string& t : {text, text + "-", text + "的"}) {
          for (size_t way = 0; way < LiteralIndex::ways(); ++way) {
            ASSERT_EQ(Find(index, literals, t, way), Naive(literals, rest, t))
                << "way " << way << ", text: " << t;
          }
        }
      }
    }
  }
}

TEST(LiteralIndexTest, LeavesToOthersWhatHasANul) {
  std::vector<uint32_t> rest;
  const LiteralIndex index = LiteralIndex::Build({{std::string_view("a\0b", 3), 4}}, {}, &rest);
  EXPECT_TRUE(index.empty());
  EXPECT_EQ(rest, std::vector<uint32_t>{4});
}

TEST(LiteralIndexTest, ReportsRunsOfDigits) {
  const std::vector<LiteralIndex::DigitRun> runs = {{16, 0}, {3, 1}, {64, 2}, {11, 3}, {200, 4}};
  std::vector<uint32_t> rest;
  const std::string stored = LiteralIndex::Build({}, runs, &rest).Serialize();
  const auto index = LiteralIndex::Parse(stored, 5);
  ASSERT_TRUE(index.ok()) << index.status();
  const std::vector<bool> finds = index->Finds(6);
  EXPECT_EQ(std::count(finds.begin(), finds.end(), true), 5);
  Random random(3);
  for (int i = 0; i < 4000; ++i) {
    std::string text;
    for (uint32_t parts = random.Below(12); parts > 0; --parts) {
      const uint32_t size = random.Below(2) ? random.Below(5) : random.Below(80);
      text += random.String(
          random.Below(2) ? Alphabets()[0].letters : std::vector<std::string>{"0", "9", "5"}, size);
    }
    size_t run = 0, longest = 0;
    for (const char c : text) {
      run = c >= '0' && c <= '9' ? run + 1 : 0;
      longest = std::max(longest, run);
    }
    std::set<uint32_t> expected;
    for (const auto& wanted : runs) {
      if (wanted.digits <= longest) expected.insert(wanted.leaf);
    }
    const auto scratch = std::make_unique<LiteralIndex::Scratch>();
    for (size_t way = 0; way < LiteralIndex::ways(); ++way) {
      std::set<uint32_t> found;
      index->ScanWay(way, text, scratch.get(), [&found](const LiteralIndex::Hit& hit) {
        return found.insert(hit.leaf).second;
      });
      ASSERT_EQ(found, expected) << "way " << way << ", text: " << text;
    }
  }
}

TEST(LiteralIndexTest, EndsWhenTheSinkHasEnough) {
  std::vector<uint32_t> rest;
  const LiteralIndex index = LiteralIndex::Build({{"赌博", 0, false, false}}, {}, &rest);
  const auto scratch = std::make_unique<LiteralIndex::Scratch>();
  for (size_t way = 0; way < LiteralIndex::ways(); ++way) {
    int seen = 0;
    EXPECT_FALSE(index.ScanWay(way, "赌博赌博赌博赌博", scratch.get(),
                               [&](const LiteralIndex::Hit&) { return ++seen < 2; }));
    EXPECT_EQ(seen, 2);
  }
}

// What the index takes for a word is what views call one.
TEST(LiteralIndexTest, KnowsTheBytesThatFormWords) {
  for (int c = 1; c < 128; ++c) {
    const char byte = static_cast<char>(c);
    EXPECT_EQ(IsWordByte(byte), text::BordersOf({&byte, 1}).begin) << c;
  }
}

// Whatever is damaged, loading refuses or scanning stays inside.
TEST(LiteralIndexTest, SurvivesAnyByteChanged) {
  std::vector<uint32_t> rest;
  const std::vector<Literal> literals = {
      {"赌博", 0, false, false}, {"online casino", 1, true, true}, {"abcdefgh", 2, false, false},
      {"v信", 3, false, false},  {"abcdef", 4, false, false},      {"é赌场", 5, false, false},
      {"赌", 0, false, false},   {"$", 1, false, false},           {"qq", 2, false, false}};
  const std::string bytes = LiteralIndex::Build(literals, {{3, 5}}, &rest).Serialize();
  ASSERT_TRUE(rest.empty());
  const auto scratch = std::make_unique<LiteralIndex::Scratch>();
  const std::string text = "赌博 online casino abcdefghabcdef v信 é赌场 $100 qq";
  size_t refused = 0, loaded = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      const auto index = LiteralIndex::Parse(damaged, 6);
      if (!index.ok()) {
        ++refused;
        continue;
      }
      ++loaded;
      for (size_t way = 0; way < LiteralIndex::ways(); ++way) {
        index->ScanWay(way, text, scratch.get(), [&](const LiteralIndex::Hit& hit) {
          EXPECT_LT(hit.leaf, 6u);
          EXPECT_LE(hit.end, text.size());
          return true;
        });
      }
    }
  }
  EXPECT_GT(refused, 100u);
  EXPECT_GT(loaded, 100u);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(LiteralIndex::Parse(std::string_view(bytes).substr(0, size), 6).ok()) << size;
  }
  EXPECT_FALSE(LiteralIndex::Parse(bytes, 5).ok()) << "a leaf that is not there";
}

}  // namespace
}  // namespace winnow::match
