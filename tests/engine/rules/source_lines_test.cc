#include "engine/rules/source_lines.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "engine/rules/utf8.h"

namespace winnow::rules {
namespace {

// Walks, as the class does not.
size_t Walk(std::string_view line, int column) {
  size_t offset = 0;
  for (int c = 1; c < column && offset < line.size(); ++c) {
    offset += DecodeOne(line.substr(offset)).bytes;
  }
  return offset;
}

TEST(SourceLines, FindWhatAWalkFinds) {
  std::mt19937 random(20261125);
  constexpr std::string_view kPieces[] = {"a", "词", "é", "\U0001f600", "\xff", "\n", "\r\n", "\r"};
  for (int round = 0; round < 300; ++round) {
    std::string text = round % 3 == 0 ? "\xEF\xBB\xBF" : "";
    const size_t bom = text.size();
    std::vector<std::string> expected(1);
    for (int i = 0; i < 400; ++i) {
      // Line ends are rare, so that lines are longer than a stride.
      const size_t piece = random() % 100 < 97 ? random() % 5 : 5 + random() % 3;
      if (piece == 5 && !text.empty() && text.back() == '\r') continue;  // it would be one end
      text += kPieces[piece];
      if (piece < 5) {
        expected.back() += kPieces[piece];
      } else {
        expected.emplace_back();
      }
    }
    const SourceLines lines(text);
    ASSERT_EQ(lines.count(), static_cast<int>(expected.size()));
    for (int line = 1; line <= lines.count(); ++line) {
      const std::string& plain = expected[static_cast<size_t>(line) - 1];
      ASSERT_EQ(lines.Line(line), plain);
      for (int column = 1; column <= static_cast<int>(plain.size()) + 2; ++column) {
        ASSERT_EQ(lines.Offset(line, column), Walk(plain, column)) << line << ":" << column;
      }
    }
    EXPECT_EQ(lines.Byte(1, 1), bom);
    EXPECT_EQ(lines.Byte(lines.count() + 1, 1), text.size());
    EXPECT_EQ(lines.Line(lines.count() + 1), "");
  }
}

}  // namespace
}  // namespace winnow::rules
