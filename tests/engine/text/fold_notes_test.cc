// What folding tells of what it undid or left.
#include "engine/text/fold_notes.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "engine/text/fold.h"
#include "tests/engine/text/hidden_text.h"

namespace winnow::text {
namespace {

// The notes as "kind@offset", "=letter" behind those that have one.
std::string NotesOf(std::string_view text) {
  static constexpr const char* kKinds[] = {"hidden", "turned",     "look",   "alike",
                                           "flags",  "indicators", "escape", "cell"};
  Buffer buffer;
  FoldNotes notes;
  Fold(text, 0, &buffer, nullptr, {}, &notes);
  std::string out;
  for (const FoldNote& note : notes) {
    if (!out.empty()) out += ' ';
    out += absl::StrFormat("%s@%d", kKinds[static_cast<int>(note.kind)], note.at);
    if (note.letter != 0) out += absl::StrFormat("=%c", note.letter);
  }
  return out;
}

struct Row {
  std::string_view text;
  std::string_view notes;
};

const Row kRows[] = {
    {"Plain text, 100% = all of it; 普通的中文。", ""},
    {"p\u200bo\u2060r n", "hidden@1 hidden@2"},
    {"p\u200b\u202e\ufe0fo", "hidden@1"},
    {"赌\u200b博 赌\u200b，博", "hidden@3"},
    {"o \u200br\u200b n \u200b", ""},
    {"p&#8203;o&shy;r", "hidden@1 hidden@2"},
    {"p\u0336o\u0336\u0322r", "hidden@1 hidden@2"},
    {"é e\u0301 x", ""},
    {"е\u0308ж е\u200b\u0336ж", "hidden@5"},
    {"می\u200cخواهم क्\u200dष 👨\u200d👩 ❤️a", ""},
    {"uɹod", "turned@1"},
    {"ɹǝɐl ɐ", "turned@0 turned@1 turned@2 alike@5"},
    {"[ʃʌt]", ""},
    {"тнe Этот город", "alike@0 alike@6"},
    {"ΤΗΕ", "alike@0 look@2=h"},
    {"ΝΕΩ", "alike@0 look@0=n"},
    {"🇨🇴🇲🇪 c🇦🇸h 🇼🇮🇹🇭", "flags@0 flags@18 indicators@28"},
    {"c=6Fsino x=65 a=6f %61 50% %4dx 8%6c", "escape@1=o escape@10=e escape@19=a"},
};

TEST(FoldNotes, SayWhatWasUndone) {
  for (const Row& row : kRows) EXPECT_EQ(NotesOf(row.text), row.notes) << row.text;
  std::string hidden;
  while (hidden.size() < 3 * kHiddenCellBytes) hidden += "\u200b";
  EXPECT_EQ(NotesOf("po" + hidden + "rn"), "cell@2 cell@3");
  EXPECT_EQ(NotesOf("po" + std::string(300, '\n') + "rn"), "");
}

TEST(FoldNotes, AreInOrderAndWithinTheView) {
  std::mt19937 random(23);
  Buffer buffer, other;
  FoldNotes notes;
  size_t seen = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string text = HiddenText(&random, random() % 200);
    const std::string_view folded = Fold(text, 0, &buffer, nullptr, {}, &notes);
    // Asking for them changes nothing.
    ASSERT_EQ(folded, Fold(text, &other)) << text;
    uint32_t last = 0;
    for (const FoldNote& note : notes) {
      ASSERT_LE(last, note.at) << text;
      ASSERT_LT(note.at, folded.size()) << text;
      ASSERT_NE(static_cast<uint8_t>(folded[note.at]) & 0xc0, 0x80) << text;
      last = note.at;
    }
    seen += notes.size();
  }
  EXPECT_GT(seen, 1000u);
}

}  // namespace
}  // namespace winnow::text
