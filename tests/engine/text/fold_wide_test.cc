// Folding many characters at a time against folding one at a time.
#include "engine/text/fold_wide.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/ascii.h"
#include "engine/text/fold_table.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

// What is asked of a WideFold: that it takes only characters of three bytes that stay what they are
// or become one other, folds them as the table has it, and says which was replaced last.
void CheckFold(WideFold fold, std::string_view text, size_t* taken) {
  const FoldTable& table = FoldTable::Get();
  // No byte behind the text is there to be read.
  const std::vector<char> in(text.begin(), text.end());
  std::vector<char> out(text.size() + kVectorSlack);
  WideRun run = {in.data(), in.data() + in.size(), out.data(), nullptr, nullptr};
  fold(table, &run);
  *taken = static_cast<size_t>(run.in - in.data());
  ASSERT_LE(*taken, in.size());
  std::string expected;
  const char* last_in = nullptr;
  size_t last_out = 0;
  for (size_t at = 0; at < *taken; at += 3) {
    ASSERT_EQ(CharWidth(text[at]), 3u) << at << " in " << text;
    const char32_t c = CharAt(&in[at]);
    char32_t to = c;
    if (!table.Plain(c)) {
      ASSERT_TRUE(IsPlainReplacement(table.entry(c))) << at << " in " << text;
      to = table.entry(c).payload();
      last_in = &in[at];
      last_out = expected.size();
    }
    AppendChar(to, &expected);
  }
  ASSERT_EQ(std::string_view(out.data(), static_cast<size_t>(run.out - out.data())), expected)
      << text;
  ASSERT_EQ(run.last_in, last_in) << text;
  if (last_in != nullptr) {
    ASSERT_EQ(run.last_out, out.data() + last_out) << text;
  }
}

TEST(FoldWide, FoldsAsTheTableHasItHoweverMuchIsTaken) {
  // Ideographs that stay and that do not, punctuation that becomes ASCII or two bytes or a string,
  // kana that joins, and characters of other widths; the first more often than the others.
  const std::vector<std::string> kPieces = {"\u4e00", "\u4f60", "\u8bf4", "\u7684", "\u570b",
                                            "\u8aaa", "\uff0c", "\uff01", "\u3002", "\u3000",
                                            "\uff21", "\uff1d", "\u201c", "\u2014", "\u2026",
                                            "\u3099", "\uac00", "a",      "\u00e9", "\U0001f600"};
  std::mt19937 random(7);
  for (const WideFold fold : WideFolds()) {
    size_t all = 0, taken = 0;
    for (int i = 0; i < 60000; ++i) {
      const uint32_t kinds = 4 + random() % (kPieces.size() - 3);
      std::string text;
      for (uint32_t n = 1 + random() % 60; n > 0; --n) {
        text += kPieces[random() % (random() % 8 == 0 ? kinds : 4)];
      }
      ASSERT_NO_FATAL_FAILURE(CheckFold(fold, text, &taken));
      all += taken;
    }
    EXPECT_GT(all, 500000u);
  }
}

TEST(FoldWide, FoldsEveryCharacterOfThreeBytesAmongIdeographs) {
  for (const WideFold fold : WideFolds()) {
    for (char32_t c = 0x800; c < 0x10000; ++c) {
      if (c >= 0xd800 && c < 0xe000) continue;
      std::string text;
      for (uint32_t i = 0; i < 24; ++i) {
        AppendChar(i == c % 24 ? c : i % 2 ? U'\u4e00' : U'\u8bf4', &text);
      }
      size_t taken = 0;
      ASSERT_NO_FATAL_FAILURE(CheckFold(fold, text, &taken));
      if (FoldTable::Get().Plain(c)) {
        ASSERT_EQ(taken, text.size()) << static_cast<uint32_t>(c);
      }
    }
  }
}

}  // namespace
}  // namespace winnow::text
