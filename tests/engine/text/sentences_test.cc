// Where sentences begin is the same however the text arrives, and so by whichever vectors.
#include "engine/text/sentences.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/ascii.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

constexpr std::string_view kPieces[] = {
    "a",  "word", " ",  "\n", ".",  "!", "?", ", ", "J. ", "3.14", "”",  "）", "。",
    "！", "？",   "，", "、", "；", "…", "‼", "⁉",  "．",  "｡",    "।",  "؟",  "的",
    "是", "不",   "é",  "🎰",  "—",  "“", "Я", "を", "ﬁ",   "\t",   "　", "》"};

std::string RandomText(std::mt19937* random) {
  std::string text;
  const size_t pieces = (*random)() % 120;
  // Some texts have long stretches without a mark.
  const uint32_t marks = (*random)() % 4;
  for (size_t i = 0; i < pieces; ++i) {
    const size_t n = (*random)() % std::size(kPieces);
    text += (*random)() % 4 < marks ? kPieces[n] : (*random)() % 2 ? "word" : "的";
  }
  return text;
}

std::vector<uint32_t> Begins(std::string_view text) {
  std::vector<uint32_t> begins;
  const uint32_t count = SentenceScanner().Scan(text, &begins);
  EXPECT_EQ(count, begins.size());
  return begins;
}

TEST(SentencesTest, BeginAtTheSamePlacesInAnyPieces) {
  std::mt19937 random(5);
  size_t sentences = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::string text = RandomText(&random);
    const std::vector<uint32_t> whole = Begins(text);
    // Pieces of fewer bytes than a vector has.
    std::vector<uint32_t> pieces;
    SentenceScanner scanner;
    for (size_t at = 0; at < text.size();) {
      size_t end = at;
      for (size_t chars = random() % 6 + 1; chars > 0 && end < text.size(); --chars) {
        end += CharWidth(text[end]);
      }
      std::vector<uint32_t> begins;
      scanner.Scan(std::string_view(text).substr(at, end - at), &begins);
      for (uint32_t begin : begins) pieces.push_back(static_cast<uint32_t>(at) + begin);
      at = end;
    }
    ASSERT_EQ(whole, pieces) << text;
    sentences += whole.size();
  }
  EXPECT_GT(sentences, 50000u);
}

TEST(SentencesTest, EndAtMarksOfEveryScript) {
  const std::string filler(100, 'w');
  for (std::string_view mark : {"。", "！", "？", "．", "｡", "…", "‼", "⁉", "।", "؟", ". ", "! "}) {
    const std::string text = filler + std::string(mark) + filler + std::string(mark) + "rest";
    EXPECT_EQ(Begins(text).size(), 2u) << mark;
  }
  for (std::string_view mark : {"，", "、", "；", "：", "—", "“", "3.14", ", "}) {
    EXPECT_EQ(Begins(filler + std::string(mark) + filler).size(), 0u) << mark;
  }
}

TEST(CountCharsTest, CountsFirstBytes) {
  std::mt19937 random(6);
  for (int round = 0; round < 2000; ++round) {
    const std::string text = RandomText(&random);
    CharCounts expected;
    for (size_t at = 0; at < text.size(); at += CharWidth(text[at])) {
      ++expected.code_points;
      expected.wide += CharWidth(text[at]) == 4;
    }
    const CharCounts counts = CountChars(text);
    ASSERT_EQ(counts.code_points, expected.code_points) << text;
    ASSERT_EQ(counts.wide, expected.wide) << text;
  }
}

}  // namespace
}  // namespace winnow::text
