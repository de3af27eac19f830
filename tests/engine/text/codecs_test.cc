// Every sequence of one and two bytes, and of GB18030's four, against Python's codecs: tables that
// nobody made from ICU's. Where the two know a sequence as different characters, the test says
// which we follow and why; what only one of them knows is counted.
#include <gtest/gtest.h>
#include <stdio.h>

#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "engine/text/charset.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

std::string CodePoints(std::string_view utf8) {
  std::string out;
  for (size_t at = 0; at < utf8.size(); at += CharWidth(utf8[at])) {
    absl::StrAppendFormat(&out, "%s%x", out.empty() ? "" : "+", CharAt(&utf8[at]));
  }
  return out;
}

// What we make of `bytes`; "-" when any of it is ill-formed.
std::string Ours(const std::string& charset, const std::string& bytes) {
  Decoded decoded;
  EXPECT_TRUE(Decode(bytes, charset, &decoded).ok());
  return decoded.replacements > 0 ? "-" : CodePoints(decoded.text);
}

bool PrivateUse(const std::string& points) {
  const unsigned long c = std::stoul(points, nullptr, 16);
  return (c >= 0xe000 && c < 0xf900) || (c >= 0x80 && c < 0xa0);
}

// Where we follow another: "ours Python's", by bytes.
using Differences = std::map<std::string, std::string>;
const std::map<std::string, Differences>& Known() {
  static const auto* known = new std::map<std::string, Differences>{
      // Signs that look alike, as Microsoft's tables and the Web's have them.
      {"Big5-HKSCS",
       {{"a145", "2027 2022"},
        {"a14e", "fe51 ff64"},
        {"a1c2", "af 203e"},
        {"a1e3", "ff5e 223c"},
        {"a1f2", "2295 2641"},
        {"a1f3", "2299 2609"},
        {"a241", "2215 ff0f"},
        {"a242", "fe68 ff3c"},
        {"a244", "ffe5 a5"},
        {"a246", "ffe0 a2"},
        {"a247", "ffe1 a3"}}},
      {"EUC-JP",
       {{"a1c1", "ff5e 301c"},
        {"a1c2", "2225 2016"},
        {"a1dd", "ff0d 2212"},
        {"a1f1", "ffe0 a2"},
        {"a1f2", "ffe1 a3"},
        {"a2cc", "ffe2 ac"}}},
      // The standard of 2005; and a byte order mark, which is no part of the text.
      {"GB18030", {{"8135f437", "e7c7 1e3f"}, {"84319533", " feff"}}},
  };
  return *known;
}

struct Counts {
  int same = 0;
  int ours_alone = 0;  // Python has nothing, or a private or control character
  Differences differ;
};

TEST(CodecsTest, EverySequenceIsWhatPythonSays) {
  const std::string command =
      "/usr/bin/python3 " WINNOW_SOURCE_DIR "/tests/engine/text/python_codecs.py";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  ASSERT_NE(pipe, nullptr);
  std::map<std::string, Counts> by_charset;
  char* line = nullptr;
  size_t capacity = 0;
  while (getline(&line, &capacity, pipe.get()) > 0) {
    std::istringstream fields(line);
    std::string charset, prefix_hex, python;
    fields >> charset >> prefix_hex;
    const std::string prefix = prefix_hex == "-" ? "" : absl::HexStringToBytes(prefix_hex);
    Counts& counts = by_charset[charset];
    for (int last = 0; last < 256; ++last) {
      ASSERT_TRUE(fields >> python);
      const std::string bytes = prefix + static_cast<char>(last);
      const std::string ours = Ours(charset, bytes);
      if (ours == python) {
        ++counts.same;
      } else if (python == "-" || PrivateUse(python)) {
        ++counts.ours_alone;
      } else if (ours == "-") {
        counts.differ[absl::BytesToHexString(bytes)] = "- " + python;
      } else {
        counts.differ[absl::BytesToHexString(bytes)] = ours + " " + python;
      }
    }
  }
  free(line);
  ASSERT_GT(by_charset.size(), 30u);
  for (const auto& [charset, counts] : by_charset) {
    std::cout << absl::StrFormat("%-14s same %7d, ours alone %5d, differ %d\n", charset,
                                 counts.same, counts.ours_alone, counts.differ.size());
    const auto known = Known().find(charset);
    for (const auto& [bytes, what] : counts.differ) {
      // Rows that the Web reads as Taiwan's vendors extended them, with HKSCS; Python has kana
      // there.
      if (charset == "Big5" && bytes >= "c6a1" && bytes <= "c8fe") continue;
      ASSERT_NE(known, Known().end()) << charset << " " << bytes << ": " << what;
      const auto row = known->second.find(bytes);
      ASSERT_NE(row, known->second.end()) << charset << " " << bytes << ": " << what;
      EXPECT_EQ(what, row->second) << charset << " " << bytes;
    }
  }
}

}  // namespace
}  // namespace winnow::text
