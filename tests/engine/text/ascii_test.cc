// Lowering ASCII many bytes at a time against its contract, a byte at a time.
#include "engine/text/ascii.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "engine/text/escapes.h"

namespace winnow::text {
namespace {

void CheckLower(const std::vector<char>& in) {
  std::string expected;
  bool upper = false;
  for (const char& c : in) {
    const uint8_t byte = static_cast<uint8_t>(c);
    const bool white = byte >= 9 && byte <= 13;
    if (byte >= 0x7f || (byte < 0x20 && !white)) break;
    if (BeginsEscape(byte) && MayBeginEscape(&c, in.data() + in.size())) break;
    const bool is_upper = byte >= 'A' && byte <= 'Z';
    upper |= is_upper;
    expected.push_back(static_cast<char>(is_upper ? byte + 0x20 : byte));
  }
  std::vector<char> out(in.size() + kVectorSlack);
  bool changed = false;
  const size_t taken = LowerAscii(in.data(), in.size(), out.data(), &changed);
  const std::string text(in.begin(), in.end());
  ASSERT_EQ(std::string(out.data(), taken), expected) << testing::PrintToString(text);
  ASSERT_EQ(changed, upper) << testing::PrintToString(text);
}

TEST(AsciiTest, LowersEachByteAtEachPlace) {
  for (size_t size = 0; size < 140; ++size) {
    // No byte behind the text is there to be read.
    std::vector<char> in(size, 'x');
    CheckLower(in);
    for (size_t at = 0; at < size; at += 1 + at / 70) {
      for (int byte = 0; byte < 256; ++byte) {
        in[at] = static_cast<char>(byte);
        CheckLower(in);
        if (HasFatalFailure()) return;
      }
      in[at] = 'x';
    }
  }
}

TEST(AsciiTest, LowersRandomTexts) {
  std::mt19937 random(4);
  constexpr std::string_view kChars = "abcXYZ 019=\\&%u3D;#\t\x01\x7f\xe4";
  for (int round = 0; round < 100000; ++round) {
    std::vector<char> in;
    for (uint32_t i = random() % 200; i > 0; --i) {
      // Mostly what is taken, so that what is special stands at all distances.
      const size_t of = random() % 20 == 0 ? kChars.size() : 10;
      in.push_back(kChars[random() % of]);
    }
    CheckLower(in);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace winnow::text
