// A document of any size streams through a file check at constant memory, and what stands at its
// end is found at its place.
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/checker.h"
#include "tests/engine/checker/results.h"
#include "tests/support/status_matchers.h"

namespace winnow {
namespace {

constexpr uint64_t kMiB = 1 << 20;

// The most memory this process had so far.
uint64_t PeakBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    uint64_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib * 1024;
  }
  ADD_FAILURE() << "no VmHWM in /proc/self/status";
  return 0;
}

struct Document {
  const char* name;
  uint64_t mebibytes;
  std::string charset;
  std::string unit;  // what it repeats
  std::string last;  // the bytes of 赌场 or 賭場, which end it
  // What the end may take more than the begin: buffers that grow to their bound late, and the
  // judging of all the hits that are kept of one field (262,144).
  uint64_t grows_mebibytes = 24;
};
void PrintTo(const Document& document, std::ostream* out) { *out << document.name; }

std::vector<Document> Documents() {
  const std::string casino = "赌场";
  return {
      {"chinese_and_english", 256, "", "四十把椅子，please deliver to the second floor。\n",
       casino},
      {"one_line_without_end", 64, "", "words and words ", casino},
      {"gb18030", 64, "gb18030", "\xcb\xc4\xca\xae\xb0\xd1\xd2\xce\xd7\xd3 chairs\n",
       "\xb6\xc4\xb3\xa1"},
      {"big5_detected", 64, "", "\xa5\x7c\xa4\x51\xa7\xe2\xb4\xc8\xa4\x6c, chairs\n",
       "\xbd\xe4\xb3\xf5"},
      {"hidden_characters_only", 64, "", "\u200b\u2060", casino},
      {"marks_only", 32, "", "a\u0336\u0322\u0301\u0323", casino},
      {"held_apart", 32, "", "c h a i r s 椅 子 ", casino},
      {"found_everywhere", 16, "", "赌场。", casino, 96},
  };
}

class StreamTest : public testing::TestWithParam<Document> {};

TEST_P(StreamTest, MemoryDoesNotGrowWithTheDocument) {
  const Document& document = GetParam();
  std::string piece;
  while (piece.size() < kMiB) piece += document.unit;
  Checker::FileInput input;
  input.file_name = "document.txt";
  input.charset = document.charset;
  CheckOptions options;
  options.excerpts = true;
  auto check = SampleChecker()->StartFile(input, options);
  ASSERT_OK(check);
  // Tables and buffers are made with the first bytes, and hits are kept up to a bound.
  const uint64_t first = 8;
  uint64_t early = 0;
  for (uint64_t i = 0; i < document.mebibytes; ++i) {
    if (i == first) early = PeakBytes();
    ASSERT_OK((*check)->Feed(piece));
  }
  ASSERT_OK((*check)->Feed(document.last));
  const auto result = (*check)->Finish();
  ASSERT_OK(result);
  const uint64_t grown = PeakBytes() - early;
  std::cout << absl::StrFormat("%-24s %4d MiB: %d MiB at first, %.1f more at the end\n",
                               document.name, document.mebibytes, early / kMiB,
                               static_cast<double>(grown) / kMiB);
  EXPECT_LT(grown, document.grows_mebibytes * kMiB);
  ASSERT_FALSE(result->findings.empty());
  const uint64_t size = piece.size() * document.mebibytes + document.last.size();
  if (result->finding_count == 1) {
    EXPECT_EQ(result->findings[0].begin, size - document.last.size());
    EXPECT_EQ(result->findings[0].end, size);
  } else {
    EXPECT_TRUE(result->findings_truncated);
  }
  EXPECT_EQ(result->decision, Decision::kBlock);
}

INSTANTIATE_TEST_SUITE_P(All, StreamTest, testing::ValuesIn(Documents()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace winnow
