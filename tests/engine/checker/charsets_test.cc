// The same text in every charset gives the same findings, each over the bytes that it is written
// in.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/checker.h"
#include "engine/text/charset.h"
#include "tests/engine/checker/results.h"
#include "tests/support/status_matchers.h"

namespace winnow {
namespace {

// What is found, and what may stand between: each is one or more characters.
constexpr std::string_view kAtoms[] = {
    "赌场",
    "賭場",
    "赌 场",
    "赌\u200b场",
    "swindle",
    "ｓｗｉｎｄｌｅ",
    "s w i n d l e",
    "swindlе",
    "sẃindle",
    "哈",
    "椅",
    "的",
    "かな",
    "한국",
    "ру",
    "é",
    "𠀀",
    "😀",
    "a",
    "b1",
    " ",
    "\n",
    "。",
    ", ",
    "\u0301",
    "\u3000",
    "&#36172;",
};

// A charset's way of writing characters, found by decoding every sequence that it may have.
class Writer {
 public:
  explicit Writer(std::string_view charset) : charset_(charset) {
    const auto add = [this](const std::string& bytes) {
      text::Decoded decoded;
      ASSERT_OK(text::Decode(bytes, charset_, &decoded));
      if (decoded.replacements == 0) {
        bytes_.emplace(std::string(decoded.text), bytes);
      }
    };
    for (int a = 0; a < 0x80; ++a) add({static_cast<char>(a)});
    for (int a = 0x80; a < 256; ++a) {
      add({static_cast<char>(a)});
      for (int b = 0x40; b < 256; ++b) add({static_cast<char>(a), static_cast<char>(b)});
    }
  }

  // `utf8` in the charset; empty when some character is not in it.
  std::string operator()(std::string_view utf8) const {
    std::string out;
    for (size_t at = 0; at < utf8.size();) {
      size_t end = at + 1;
      while (end < utf8.size() && (utf8[end] & 0xc0) == 0x80) ++end;
      const auto it = bytes_.find(std::string(utf8.substr(at, end - at)));
      if (it == bytes_.end()) return "";
      out += it->second;
      at = end;
    }
    return out;
  }

 private:
  const std::string charset_;
  std::map<std::string, std::string> bytes_;
};

// UTF-16 and UTF-32.
std::string Wide(std::string_view utf8, int width, bool big_endian) {
  std::string out;
  const auto put = [&](uint32_t unit) {
    for (int i = 0; i < width; ++i) {
      out += static_cast<char>(unit >> 8 * (big_endian ? width - 1 - i : i));
    }
  };
  for (size_t at = 0; at < utf8.size();) {
    const uint8_t lead = static_cast<uint8_t>(utf8[at]);
    const int size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t c = size == 1 ? lead : lead & (0x7f >> size);
    for (int i = 1; i < size; ++i) c = c << 6 | (utf8[at + i] & 0x3f);
    at += size;
    if (width == 2 && c >= 0x10000) {
      put(0xd800 + ((c - 0x10000) >> 10));
      put(0xdc00 + ((c - 0x10000) & 0x3ff));
    } else {
      put(c);
    }
  }
  return out;
}

CheckResult Check(std::string_view bytes, std::string_view charset, text::OffsetUnit unit) {
  Content content;
  content.fields.push_back({"text", bytes, charset, false});
  CheckOptions options;
  options.offset_unit = unit;
  auto result = SampleChecker()->Check(content, options);
  EXPECT_OK(result);
  return *std::move(result);
}

// `write` gives a text in `charset`, or nothing when it cannot.
template <typename Write>
void ExpectSameFindings(std::string_view charset, const Write& write) {
  SCOPED_TRACE(charset);
  std::mt19937 random(5);
  size_t found = 0;
  for (int round = 0; round < 400; ++round) {
    std::string text;
    for (uint32_t n = 1 + random() % 10; n > 0; --n) {
      const std::string_view atom = kAtoms[random() % std::size(kAtoms)];
      if (!write(atom).empty()) text += atom;
    }
    const std::string bytes = write(text);
    const CheckResult want = Check(text, "utf-8", text::OffsetUnit::kBytes);
    const CheckResult want_points = Check(text, "utf-8", text::OffsetUnit::kCodePoints);
    const CheckResult got = Check(bytes, charset, text::OffsetUnit::kBytes);
    const CheckResult got_points = Check(bytes, charset, text::OffsetUnit::kCodePoints);
    ASSERT_EQ(got.findings.size(), want.findings.size()) << text;
    ASSERT_EQ(got_points.findings.size(), want.findings.size()) << text;
    for (size_t i = 0; i < got.findings.size(); ++i) {
      const Finding& g = got.findings[i];
      const Finding& w = want.findings[i];
      EXPECT_EQ(g.rule_id, w.rule_id) << text;
      EXPECT_EQ(g.begin, write(text.substr(0, w.begin)).size()) << text;
      EXPECT_EQ(g.end, write(text.substr(0, w.end)).size()) << text;
      EXPECT_EQ(got_points.findings[i].begin, want_points.findings[i].begin) << text;
      EXPECT_EQ(got_points.findings[i].end, want_points.findings[i].end) << text;
    }
    found += got.findings.size();
  }
  EXPECT_GT(found, 50u);
}

TEST(CharsetsTest, TheSameTextHasTheSameFindingsInEveryCharset) {
  for (std::string_view charset : {"GB18030", "GBK", "Big5", "Big5-HKSCS", "Shift_JIS", "EUC-KR",
                                   "windows-1251", "windows-1252", "KOI8-R"}) {
    ExpectSameFindings(charset, Writer(charset));
  }
  for (bool big : {false, true}) {
    ExpectSameFindings(big ? "UTF-16BE" : "UTF-16LE",
                       [&](std::string_view utf8) { return Wide(utf8, 2, big); });
    ExpectSameFindings(big ? "UTF-32BE" : "UTF-32LE",
                       [&](std::string_view utf8) { return Wide(utf8, 4, big); });
  }
}

}  // namespace
}  // namespace winnow
