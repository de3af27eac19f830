// Which words are said, and which only stand beside what is said.
#include "engine/text/standing.h"

#include <gtest/gtest.h>

#include <string_view>

namespace winnow::text {
namespace {

struct Row {
  std::string_view text;  // folded
  std::string_view word;
  bool alone;
  bool joined;
  int joiner_chars = 0;
};

const Row kRows[] = {
    // Set beside.
    {"buy now, police", "police", true, false},
    {"buy now (police)", "police", true, false},
    {"police: buy now", "police", true, false},
    {"police", "police", true, false},
    {"加v，举报", "举报", true, false},
    {"【举报】加v", "举报", true, false},
    {"加微信 举报", "举报", true, false},
    {"加微信 police", "police", true, false},
    {"police 加微信", "police", true, false},
    // Said, but not of what went before.
    {"dm me police", "police", false, false},
    {"police seized it", "police", false, false},
    {"警方查获", "警方", false, false},
    {"，警方提醒", "警方", false, false},
    {"私聊举报", "举报", false, false},
    // Joined to what went before.
    {"sold by police", "police", false, true, 3},
    {"this is a scam.", "scam", false, true, 2},
    {"caught, and was arrested", "was arrested", false, true, 4},
    {"sold, was arrested today", "was arrested", false, true},
    {"都是骗局", "骗局", false, true, 1},
    {"被警方抓获", "警方", false, true, 1},
    {"出售象牙被判两年", "被判", false, true},
    // A phrase at the very end would be one set beside.
    {"出售象牙被判", "被判", false, false},
};

TEST(Standing, TellsWhatIsSaidFromWhatIsSetBeside) {
  for (const Row& row : kRows) {
    const size_t begin = row.text.find(row.word);
    ASSERT_NE(begin, row.text.npos) << row.text;
    const Standing standing = StandingOf(row.text, static_cast<uint32_t>(begin),
                                         static_cast<uint32_t>(begin + row.word.size()));
    EXPECT_EQ(standing.alone, row.alone) << row.text;
    EXPECT_EQ(standing.joined, row.joined) << row.text;
    EXPECT_EQ(standing.joiner_chars, row.joiner_chars) << row.text;
  }
}

}  // namespace
}  // namespace winnow::text
