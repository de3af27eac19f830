// Any rules over any text, against the matcher's definition: the bytes spell a few conditions, then
// a text of the letters they are made of. The hits of the compiled program, whole and in windows,
// are those of nested loops over the views.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/match/matcher.h"
#include "engine/match/program.h"
#include "tests/fuzz/expect.h"
#include "tests/support/condition_tree.h"
#include "tests/support/naive_matcher.h"
#include "tests/support/plain_block.h"

namespace {

using winnow::NaiveMatch;
using winnow::PlainBlock;
using winnow::RuleTree;
using winnow::Tree;
using winnow::match::Matcher;
using winnow::match::ScanOutcome;

// Choices, one byte each; zeros when there are no more.
class Choices {
 public:
  Choices(const uint8_t* data, size_t size) : at_(data), end_(data + size) {}
  uint32_t Below(uint32_t n) { return at_ == end_ ? 0 : *at_++ % n; }
  bool empty() const { return at_ == end_; }

 private:
  const uint8_t* at_;
  const uint8_t* const end_;
};

constexpr std::string_view kLetters[] = {"a", "b", "场", "赌"};
constexpr std::string_view kSymbols[] = {"a", "b", "场", "赌", " ", ".", "x", "\n", "1", "é"};
constexpr const char* kExpressions[] = {"ab{1,2}", "[ab]a", "a{2,4}", "b(a|bb)", "aa?b", "a{2}b"};

std::vector<std::string> Words(Choices* choices) {
  std::vector<std::string> words;
  for (uint32_t n = 1 + choices->Below(3); n > 0; --n) {
    std::string word;
    for (uint32_t m = 1 + choices->Below(4); m > 0; --m) word += kLetters[choices->Below(4)];
    words.push_back(word);
  }
  return words;
}

Tree Scoped(Tree tree, Choices* choices) {
  switch (choices->Below(3)) {
    case 0:
      return tree;
    case 1:
      return tree.Sentence();
    default:
      return tree.Within(choices->Below(5));
  }
}

Tree Condition(int depth, Choices* choices) {
  const uint32_t kind = choices->Below(depth == 0 ? 4 : 8);
  if (kind == 0) return winnow::Regex(kExpressions[choices->Below(6)]);
  if (kind == 1) return winnow::Words(Words(choices));
  if (kind < 4) return winnow::Terms(Words(choices));
  std::vector<Tree> children;
  for (uint32_t n = 1 + choices->Below(3); n > 0; --n) {
    children.push_back(Condition(depth - 1, choices));
  }
  if (kind == 4) return winnow::Any(std::move(children));
  if (kind == 5) {
    if (choices->Below(2)) children.push_back(winnow::Not(Condition(depth - 1, choices)));
    return Scoped(winnow::All(std::move(children)), choices);
  }
  const Tree near = Scoped(winnow::Near(std::move(children)), choices);
  return kind == 6 ? near : near.Ordered();
}

using Found = std::tuple<uint32_t, uint64_t, uint64_t>;

std::vector<Found> Scan(const winnow::match::Program& program,
                        const std::vector<const winnow::text::Block*>& blocks) {
  static Matcher* const matcher = Matcher::Create().release();
  Matcher::Options options;
  options.matches_max = UINT32_MAX;
  ScanOutcome outcome;
  FUZZ_EXPECT(matcher->Begin(program, options).ok());
  matcher->BeginField(0);
  for (const winnow::text::Block* block : blocks) {
    FUZZ_EXPECT(matcher
                    ->Feed(*block,
                           [](winnow::text::TextSpan span) {
                             return winnow::text::SourceSpan{span.begin, span.end};
                           })
                    .ok());
  }
  FUZZ_EXPECT(matcher->EndField().ok());
  FUZZ_EXPECT(matcher->Finish(&outcome).ok());
  FUZZ_EXPECT(!outcome.hits_dropped);
  std::vector<Found> found;
  for (const auto& m : outcome.matches) {
    found.emplace_back(m.rule, m.place.text.begin, m.place.text.end);
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Deciding conditions by trying every combination takes its time.
  constexpr size_t kSymbolsMax = 26;
  if (size < 4) return 0;
  Choices choices(data, size);
  const size_t step = 1 + choices.Below(16);
  std::vector<RuleTree> rules;
  for (uint32_t n = 1 + choices.Below(3); n > 0; --n) {
    RuleTree rule{Condition(2, &choices), std::nullopt, ~0u};
    if (choices.Below(3) == 0) rule.unless = Scoped(Condition(1, &choices), &choices);
    rules.push_back(std::move(rule));
  }
  std::string text;
  for (size_t n = 0; n < kSymbolsMax && !choices.empty(); ++n) {
    text += kSymbols[choices.Below(std::size(kSymbols))];
  }
  const winnow::match::ProgramSpec spec = winnow::Flatten(rules);
  const auto built = winnow::match::Program::Build(spec);
  FUZZ_EXPECT(built.ok());
  if (built->program == nullptr) {
    FUZZ_EXPECT(!built->problems.empty());
    return 0;
  }
  const PlainBlock whole(text);
  std::vector<Found> expected;
  for (const NaiveMatch& m : winnow::NaiveScan(spec, ~0u, whole)) {
    expected.emplace_back(m.rule, m.span.begin, m.span.end);
  }
  FUZZ_EXPECT(Scan(*built->program, {&whole}) == expected);
  std::vector<const winnow::text::Block*> blocks;
  const auto windows = PlainBlock::Windows(text, step, 128);
  for (const auto& window : windows) blocks.push_back(window.get());
  FUZZ_EXPECT(Scan(*built->program, blocks) == expected);
  return 0;
}
