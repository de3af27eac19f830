// A field in small overlapping blocks, as the normaliser cuts it, against the same field as one
// block: the matches are the same, and their places, views, evasions and surroundings too.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/match/matcher.h"
#include "engine/text/normalizer.h"
#include "tests/engine/match/scan.h"

namespace winnow::match {
namespace {

// No pattern of the sample is wider than this.
constexpr uint32_t kWidestChars = 24;

std::shared_ptr<const Program> Sample() {
  return BuildOrDie(
      Flatten({{Terms({"赌场", "网上赌场"})},
               {Words({"bet", "swindle"})},
               {Terms({"bb"})},
               {Regex("[0-9]{3,9}x?", 0b11)},
               {Regex("赌.{1,3}场", 0b11)},
               {Near({Terms({"赌场"}), Words({"bet"}), Regex("[0-9]{3}")}).Within(12)},
               {All({Words({"bet"}), Not(Terms({"赌"}))}).Sentence()},
               {Terms({"赌场"}), Words({"no"}).Sentence()},
               {Near({Terms({"赌"}), Terms({"场"})}).Within(2).Ordered()}}));
}

std::string RandomText(std::mt19937* random, size_t pieces) {
  static const char* const kPieces[] = {"赌场",        "賭場",
                                        "赌 场",       "赌\u200b场",
                                        "赌*场 ",      "bet ",
                                        "b e t ",      "ｂｅｔ ",
                                        "swindle ",    "s-w-i-n-d-l-e ",
                                        "sw1ndle ",    "beeeet ",
                                        "no ",         "123",
                                        "4567x",       "。",
                                        ". ",          "! ",
                                        "\n",          "chair ",
                                        "椅子",        "e\u0301",
                                        "😀",           "\u0301\u0301\u0301",
                                        "&#36172;",    "&#22330;",
                                        "%E8%B5%8C",   "\u202e",
                                        "x",           "b",
                                        " ",           "   ",
                                        "the order, ", "我们的"};
  std::string text;
  for (size_t i = 0; i < pieces; ++i) text += kPieces[(*random)() % std::size(kPieces)];
  return text;
}

std::string Describe(const ScanOutcome& outcome) {
  std::string all;
  for (const RuleMatch& m : outcome.matches) {
    absl::StrAppendFormat(&all,
                          "rule %d at %d-%d (chars %d-%d, sentence %d, units %d-%d) view %d "
                          "evasions %x \"%s\"\n",
                          m.rule, m.place.text.begin, m.place.text.end, m.place.char_begin,
                          m.place.char_end, m.place.sentence, m.begin, m.end,
                          static_cast<int>(m.view), m.place.evasions, m.excerpt);
  }
  return all;
}

// Scans `text` in blocks of about `block_bytes`, fed in pieces of `piece` bytes.
std::string ScanInBlocks(const Program& program, const std::string& text, uint32_t block_bytes,
                         size_t piece, size_t* blocks) {
  text::NormalizerOptions normalizer_options;
  normalizer_options.views = program.views();
  normalizer_options.max_match_chars = kWidestChars;
  normalizer_options.block_bytes = block_bytes;
  const auto normalizer = text::Normalizer::Create(normalizer_options);
  const auto matcher = Matcher::Create();
  Matcher::Options options;
  options.matches_max = UINT32_MAX;
  options.excerpts = true;
  options.excerpt_context_chars = 2;
  options.unit = text::OffsetUnit::kUtf16;
  EXPECT_TRUE(matcher->Begin(program, options).ok());
  matcher->BeginField(0);
  normalizer->Begin();
  for (size_t at = 0; at <= text.size();) {
    size_t end = std::min(text.size(), at + piece);
    while (end < text.size() && (text[end] & 0xc0) == 0x80) ++end;
    const bool last = end == text.size();
    normalizer->Feed(text.substr(at, end - at), last, [&](const text::Block& block) {
      ++*blocks;
      const absl::Status status = matcher->Feed(block, [](text::TextSpan span) {
        return text::SourceSpan{span.begin, span.end};
      });
      EXPECT_TRUE(status.ok()) << status;
      return true;
    });
    if (last) break;
    at = end;
  }
  EXPECT_TRUE(matcher->EndField().ok());
  ScanOutcome outcome;
  EXPECT_TRUE(matcher->Finish(&outcome).ok());
  return Describe(outcome);
}

TEST(WindowsTest, BlocksGiveTheMatchesOfTheWhole) {
  const auto program = Sample();
  std::mt19937 random(5);
  size_t matches = 0, blocks = 0;
  for (int round = 0; round < 25; ++round) {
    const std::string text = RandomText(&random, 20 + random() % 6000);
    size_t whole_blocks = 0;
    const std::string expected = ScanInBlocks(*program, text, 1 << 20, text.size(), &whole_blocks);
    ASSERT_EQ(whole_blocks, 1u);
    matches += !expected.empty();
    for (const uint32_t block_bytes : {1, 100, 1000}) {
      for (const size_t piece : {text.size(), size_t{500}}) {
        ASSERT_EQ(ScanInBlocks(*program, text, block_bytes, piece, &blocks), expected)
            << "round " << round << ", blocks of " << block_bytes << ", pieces of " << piece
            << ", text: " << text;
      }
    }
  }
  EXPECT_GT(matches, 20u);
  EXPECT_GT(blocks, 300u);
}

}  // namespace
}  // namespace winnow::match
