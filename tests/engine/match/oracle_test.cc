// The matcher against its definition: every short text over small alphabets, then random rules over
// random texts, whole and in windows.
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/engine/match/scan.h"
#include "tests/support/naive_matcher.h"
#include "tests/support/plain_block.h"

namespace winnow::match {
namespace {

constexpr text::ViewSet kInFolded = text::SetOf(text::View::kFolded);

struct Small {
  const char* name;
  std::vector<RuleTree> rules;
  std::vector<std::string> alphabet;
  size_t length_max;
  std::vector<Leaf> parts = {};
};
void PrintTo(const Small& small, std::ostream* out) { *out << small.name; }

Leaf PartsOf(char32_t whole, const std::string& parts, bool ordinary) {
  Leaf leaf;
  leaf.kind = Leaf::Kind::kParts;
  leaf.whole = whole;
  leaf.ordinary = ordinary;
  for (const text::View view : {text::View::kFolded, text::View::kSqueezed}) {
    leaf.views |= text::SetOf(view);
    leaf.in_view[static_cast<int>(view)] = parts;
  }
  return leaf;
}

std::vector<Small> SmallPacks() {
  const std::vector<std::string> letters = {"a", "b", "c", "."};
  return {
      {"terms_overlapping",
       {{Terms({"a", "aa", "aba", "ba"})}, {Terms({"ab", "b"})}},
       {"a", "b"},
       10},
      {"words", {{Words({"a", "ab"})}, {Words({"b a"})}, {Terms({"ba"})}}, {"a", "b", " "}, 7},
      {"words_apart",
       {{Words({"a b"})}, {Terms({"b a b"})}, {Near({Words({"a a"}), Terms({"b"})}).Within(1)}},
       {"a", "b", " ", "\n", "场"},
       7},
      {"squeezed", {{Terms({"aba"})}, {Words({"ab"})}}, {"a", "b", " ", "\n"}, 7},
      {"any_of_any",
       {{Any({Terms({"ab"}), All({Terms({"a"}), Terms({"c"})}), Terms({"abc"})})}},
       letters,
       7},
      {"all_field", {{All({Terms({"ab"}), Terms({"c"}), Not(Terms({"ca"}))})}}, letters, 7},
      {"all_sentence",
       {{All({Terms({"a"}), Terms({"b", "cb"}), Not(Terms({"cc"}))}).Sentence()}},
       letters,
       7},
      {"all_characters",
       {{All({Terms({"a"}), Terms({"b", "bb"})}).Within(1)},
        {All({Terms({"a", "ca"}), Not(Terms({"b"}))}).Within(2)}},
       letters,
       7},
      {"near_two",
       {{Near({Terms({"a", "aa"}), Terms({"b"})}).Within(1)},
        {Near({Terms({"a"}), Terms({"b", "ab"})}).Within(0).Ordered()},
        {Near({Terms({"a"}), Terms({"a"})}).Within(2)}},
       letters,
       7},
      {"near_three",
       {{Near({Terms({"a"}), Terms({"b"}), Terms({"c", "cc"})}).Within(1)},
        {Near({Terms({"a"}), Terms({"b"}), Terms({"c"})}).Within(2).Ordered()},
        {Near({Terms({"a"}), Terms({"b"}), Terms({"c"})}).Sentence()}},
       letters,
       7},
      {"near_field", {{Near({Terms({"ab"}), Terms({"c"}), Terms({"a"})})}}, letters, 7},
      {"near_of_conditions",
       {{Near({All({Terms({"a"}), Terms({"b"})}).Within(2), Any({Terms({"c"}), Terms({"ac"})})})
             .Within(2)}},
       letters,
       7},
      {"unless_field", {{Terms({"ab", "b"}), Terms({"ca"})}}, letters, 7},
      {"unless_sentence",
       {{Near({Terms({"a"}), Terms({"b"})}).Within(2), Terms({"c"}).Sentence()}},
       letters,
       7},
      {"unless_characters",
       {{Terms({"a", "ba"}), Any({Terms({"b"}), Terms({"cc"})}).Within(1)}},
       letters,
       7},
      {"regex",
       {{Regex("a[bc]{1,3}")}, {Regex("(ab|b){1,2}c?")}, {Near({Regex("a{2,3}"), Terms({"b"})})}},
       {"a", "b", "c"},
       6},
      {"regex_beside_terms",
       {{All({Regex("[ab]c"), Terms({"b"})}).Within(1), Regex("c{2}").Sentence()}},
       letters,
       6},
      {"regex_without_gate",
       {{All({Regex("b?a"), Any({Terms({"bc"}), Regex("[ac]{2,3}")})}).Within(1)},
        {Near({Regex("a"), All({Regex("ca?"), Terms({"b"})})})},
        {Terms({"cc"}), Regex("a|ba")}},
       letters,
       6},
      {"regex_with_luhn",
       {{Regex("[0-9]{2,4}", kInFolded, text::Checksum::kLuhn)},
        {Near({Regex("[0-9]-?[0-9]", kInFolded, text::Checksum::kLuhn), Terms({"1-"})}).Within(2)},
        {Terms({"8"}), Regex("[0-9]{3}", kInFolded, text::Checksum::kLuhn).Within(1)}},
       {"1", "8", "0", "-"},
       6},
      {"regex_with_resident_id",
       {{Regex("1101011990010112[0-9x]{2}", kInFolded, text::Checksum::kCnResidentId)}},
       {"1101011990010112", "3", "7", "x"},
       4},
      {"ideographs",
       {{Terms({"赌场"})}, {Near({Terms({"赌"}), Terms({"a"})}).Within(1)}, {Words({"a"})}},
       {"赌", "场", "a", " "},
       7},
      {"parts",
       {{Terms({"江好"})},
        {Terms({"好好", "江"})},
        {Near({Terms({"女江"}), Terms({"好工", "子"})}).Within(2)},
        {Terms({"子好"}), Terms({"江女"})}},
       {"氵", "工", "女", "子", "好"},
       6,
       {PartsOf(U'江', "氵工", false), PartsOf(U'好', "女子", true)}},
      {"parts_held_apart",
       {{Terms({"江好"})}, {Terms({"江江"})}, {Terms({"a好"})}, {Terms({"女江"})}},
       {"氵", "工", "江", "女", "子", " ", "a"},
       6,
       {PartsOf(U'江', "氵工", false), PartsOf(U'好', "女子", true)}},
      {"parts_amid_signs",
       {{Terms({"江好"})}, {Terms({"江工"})}},
       {"氵", "工", "好", "1", ",", "-"},
       6,
       {PartsOf(U'江', "氵工", false)}},
      {"parts_within_parts",
       {{Terms({"淋木"})}, {Terms({"氵林", "林氵"})}, {Words({"a木"})}},
       {"氵", "木", "林", "a"},
       7,
       {PartsOf(U'淋', "氵木木", false), PartsOf(U'淋', "氵林", false),
        PartsOf(U'林', "木木", true), PartsOf(U'汁', "氵a", false)}},
  };
}

class SmallPackTest : public testing::TestWithParam<Small> {};

TEST_P(SmallPackTest, AgreesOnEveryShortText) {
  const Small& param = GetParam();
  ProgramSpec spec = Flatten(param.rules);
  spec.leaves.insert(spec.leaves.end(), param.parts.begin(), param.parts.end());
  const std::shared_ptr<const Program> program = BuildOrDie(spec);
  const std::unique_ptr<Matcher> matcher = Matcher::Create();
  size_t texts = 0, with_matches = 0;
  std::vector<size_t> digits;
  while (digits.size() <= param.length_max) {
    std::string text;
    for (size_t digit : digits) text += param.alphabet[digit];
    const PlainBlock block(text);
    const std::string expected = Summary(NaiveScan(spec, ~0u, block));
    ASSERT_EQ(Summary(Scan(*program, {&block}, {}, matcher.get())), expected) << "text: " << text;
    ++texts;
    with_matches += !expected.empty();
    size_t i = 0;
    while (i < digits.size() && ++digits[i] == param.alphabet.size()) digits[i++] = 0;
    if (i == digits.size()) digits.push_back(0);
  }
  EXPECT_GT(with_matches, texts / 50) << "the rules hardly ever match: the test says nothing";
}

INSTANTIATE_TEST_SUITE_P(All, SmallPackTest, testing::ValuesIn(SmallPacks()),
                         [](const auto& info) { return std::string(info.param.name); });

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(engine_() % n); }

  std::string Word() {
    std::string word;
    for (uint32_t n = 1 + Below(3); n > 0; --n) word.append(Below(2) ? "a" : Below(2) ? "b" : "场");
    return word;
  }

  Tree Leaves() {
    if (Below(5) == 0) {
      // The last three have no gate, since nothing rare is known of them.
      const char* const expressions[] = {"ab{1,2}", "[ab]a", "a{2,4}",    "b(a|bb)",
                                         "aa?b",    "b?a",   "[ab]{1,3}", "a|xa"};
      return Regex(expressions[Below(8)]);
    }
    std::vector<std::string> words;
    for (uint32_t n = 1 + Below(2); n > 0; --n) words.push_back(Word());
    return Below(3) ? Terms(words) : Words(words);
  }

  Tree Scoped(Tree tree) {
    if (Below(3) == 0) return tree;
    return Below(2) ? tree.Sentence() : tree.Within(Below(4));
  }

  Tree Condition(int depth) {
    if (depth == 0 || Below(3) == 0) return Leaves();
    std::vector<Tree> children;
    for (uint32_t n = 1 + Below(3); n > 0; --n) children.push_back(Condition(depth - 1));
    switch (Below(4)) {
      case 0:
        return Any(std::move(children));
      case 1:
        if (Below(2)) children.push_back(Not(Condition(depth - 1)));
        return Scoped(All(std::move(children)));
      case 2:
        return Scoped(Near(std::move(children))).Ordered();
      default:
        return Scoped(Near(std::move(children)));
    }
  }

  RuleTree Rule() {
    RuleTree rule{Condition(2), std::nullopt, ~0u};
    if (Below(3) == 0) rule.unless = Scoped(Condition(1));
    return rule;
  }

  std::string Text(size_t length) {
    const char* const symbols[] = {"a", "a", "a", "b", "b", "场", " ", ".", "x", "\n"};
    std::string text;
    for (size_t i = 0; i < length; ++i) text += symbols[Below(10)];
    return text;
  }

 private:
  std::mt19937 engine_;
};

TEST(RandomRulesTest, AgreeOnRandomTexts) {
  size_t with_matches = 0;
  for (uint32_t seed = 0; seed < 400; ++seed) {
    Random random(seed);
    std::vector<RuleTree> rules;
    for (int i = 0; i < 6; ++i) rules.push_back(random.Rule());
    const ProgramSpec spec = Flatten(rules);
    const std::shared_ptr<const Program> program = BuildOrDie(spec);
    const std::unique_ptr<Matcher> matcher = Matcher::Create();
    for (int i = 0; i < 12; ++i) {
      const std::string text = random.Text(2 + random.Below(24));
      const PlainBlock block(text);
      const std::string expected = Summary(NaiveScan(spec, ~0u, block));
      ASSERT_EQ(Summary(Scan(*program, {&block}, {}, matcher.get())), expected)
          << "seed " << seed << ", text: " << text;
      with_matches += !expected.empty();
    }
  }
  EXPECT_GT(with_matches, 1000u);
}

// Any division into windows with enough in common gives what the whole gives.
TEST(RandomRulesTest, AgreeWhetherWholeOrInWindows) {
  size_t matches = 0;
  for (uint32_t seed = 1000; seed < 1020; ++seed) {
    Random random(seed);
    std::vector<RuleTree> rules;
    for (int i = 0; i < 6; ++i) rules.push_back(random.Rule());
    const std::shared_ptr<const Program> program = BuildOrDie(Flatten(rules));
    const std::string text = random.Text(300);
    Matcher::Options options;
    options.matches_max = UINT32_MAX;
    options.excerpts = true;
    options.excerpt_context_chars = 4;
    const PlainBlock whole(text);
    const ScanOutcome expected = Scan(*program, {&whole}, options);
    matches += expected.match_count;
    for (size_t step : {1, 7, 64, 250}) {
      std::vector<const text::Block*> blocks;
      const auto windows = PlainBlock::Windows(text, step, 128);
      for (const auto& window : windows) blocks.push_back(window.get());
      const ScanOutcome actual = Scan(*program, blocks, options);
      ASSERT_EQ(Summary(actual), Summary(expected)) << "seed " << seed << ", step " << step;
      for (size_t i = 0; i < expected.matches.size(); ++i) {
        ASSERT_EQ(actual.matches[i].excerpt, expected.matches[i].excerpt) << "seed " << seed;
        ASSERT_EQ(actual.matches[i].view, expected.matches[i].view) << "seed " << seed;
        ASSERT_EQ(actual.matches[i].begin, expected.matches[i].begin) << "seed " << seed;
      }
    }
  }
  EXPECT_GT(matches, 500u);
}

}  // namespace
}  // namespace winnow::match
