#include "engine/rules/format.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "engine/rules/yaml_reader.h"

namespace winnow::rules {
namespace {

namespace fs = std::filesystem;

std::string Formatted(const std::string& text) {
  std::vector<Diagnostic> problems;
  const SourceFile source = {"t.yaml", text};
  const auto out = FormatYaml(source, 0, &problems);
  return out ? *out : Render(problems, {source}, false);
}

struct Case {
  const char* name;
  const char* source;
  const char* expected;
};

const Case kCases[] = {
    {"nothing", "", ""},
    {"only comments", "# a\n\n\n  # b\n", "# a\n\n# b\n"},
    {"indentation", "- id: a\n  match:\n   any:\n   - terms: [x]\n",
     "- id: a\n  match:\n    any:\n      - terms: [x]\n"},
    {"blanks at line ends", "a: b   \nc:   d\t\n", "a: b\nc: d\n"},
    {"line ends and byte order mark",
     "\xEF\xBB\xBF"
     "a: b\r\nc: d\r\n",
     "a: b\nc: d\n"},
    {"no line end", "a: b", "a: b\n"},
    {"one blank line between rules", "- id: a\n- id: b\n\n\n\n- id: c\n",
     "- id: a\n\n- id: b\n\n- id: c\n"},
    {"blank lines within", "- id: a\n\n\n  b: c\n", "- id: a\n\n  b: c\n"},
    {"no blank lines in plain lists", "- a\n- b\n", "- a\n- b\n"},
    {"brackets", "a: [ b,c , 'd, e' ]\nf: { g : h,i: [] }\n",
     "a: [b, c, 'd, e']\nf: {g: h, i: []}\n"},
    {"brackets over lines are filled", "a: [b,\n   c,\n   d]\n", "a: [b, c, d]\n"},
    {"brackets with a comment become a list", "a: [b, # why\n    c]\nd: e\n",
     "a:  # why\n  - b\n  - c\nd: e\n"},
    {"quotes stay", "a: 'b'\nc: \"d\\u0041\"\n'e': f\n", "a: 'b'\nc: \"d\\u0041\"\n'e': f\n"},
    {"comments keep their item",
     "a:   # of a\n  b: c   # of b\n  # of d\n  d: e\n# of f\nf: g # h\n",
     "a:  # of a\n  b: c  # of b\n  # of d\n  d: e\n# of f\nf: g  # h\n"},
    {"a comment behind a list stays in it", "a:\n   - b\n   # - c\nd: e\n",
     "a:\n  - b\n  # - c\nd: e\n"},
    {"a comment above a rule", "- id: a\n# about b\n- id: b\n", "- id: a\n\n# about b\n- id: b\n"},
    {"a heading", "- id: a\n\n# --- b ---\n\n- id: b\n", "- id: a\n\n# --- b ---\n\n- id: b\n"},
    {"signs that begin no comment", "a: b#c\nd: 'e # f'\n", "a: b#c\nd: 'e # f'\n"},
    {"block texts", "- a: |\n      one\n        two\n\n      three\n  b: >-\n    x\n    y\n",
     "- a: |\n    one\n      two\n\n    three\n  b: >-\n    x\n    y\n"},
    {"texts over lines", "a: one\n      two\nb: 'three\n\n     four'\n",
     "a: one\n  two\nb: 'three\n\n  four'\n"},
    {"empty values", "a:\nb: # c\nd: ''\n", "a:\nb:  # c\nd: ''\n"},
    {"lists in lists", "-   - a\n    - [b]\n- - c\n", "- - a\n  - [b]\n- - c\n"},
    {"wide lists, by columns of a terminal",
     "a: [一二三四五六七八九十一二三四五六七八九十, 一二三四五六七八九十一二三四五六七八九十, "
     "一二三四五六七八九十, 一二三四五六七八九十, 十一]\n",
     "a: [一二三四五六七八九十一二三四五六七八九十, 一二三四五六七八九十一二三四五六七八九十, "
     "一二三四五六七八九十,\n    一二三四五六七八九十, 十一]\n"},
};

TEST(Format, LaysOutInOneWay) {
  for (const Case& c : kCases) {
    EXPECT_EQ(Formatted(c.source), c.expected) << c.name;
    EXPECT_EQ(Formatted(c.expected), c.expected) << c.name << ", again";
  }
}

TEST(Format, SaysWhyItCannot) {
  EXPECT_NE(Formatted("a: [b\n").find("Y004"), std::string::npos);
  EXPECT_NE(Formatted("a: 1\na: 2\n").find("Y011"), std::string::npos);
  EXPECT_NE(Formatted("a: |2\n     b\n").find("Y017"), std::string::npos);
}

std::vector<fs::path> YamlFiles() {
  std::vector<fs::path> files;
  for (const char* folder : {"rules", "tests", "docs", "examples"}) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(WINNOW_SOURCE_DIR) / folder)) {
      if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
  }
  return files;
}

std::string Read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Whatever is valid can be formatted, and a second time changes nothing. That the meaning stays is
// what FormatYaml itself refuses to break.
TEST(Format, SettlesEveryFileThatThereIs) {
  size_t formatted = 0;
  for (const fs::path& path : YamlFiles()) {
    const std::string text = Read(path);
    std::vector<Diagnostic> problems;
    if (!ParseYaml({path, text}, 0, &problems) || HasErrors(problems)) continue;
    const auto once = FormatYaml({path, text}, 0, &problems);
    ASSERT_TRUE(once) << path << Render(problems, {{path, text}}, false);
    EXPECT_EQ(FormatYaml({path, *once}, 0, &problems), once) << path;
    ++formatted;
  }
  EXPECT_GT(formatted, 12u);
}

// Files that somebody spoilt: lines taken out, comments and blanks put in.
TEST(Format, SettlesWhatIsLeftOfSpoiltFiles) {
  std::mt19937 random(20261125);
  size_t formatted = 0;
  const std::string text = Read(fs::path(WINNOW_SOURCE_DIR) / "rules/rumors.yaml").substr(0, 4000);
  for (int round = 0; round < 2000; ++round) {
    std::string spoilt = text.substr(0, 200 + random() % 3000);
    for (int i = 0; i < 3; ++i) {
      const size_t at = spoilt.find('\n', random() % spoilt.size());
      if (at == spoilt.npos) continue;
      switch (random() % 4) {
        case 0:
          spoilt.insert(at, " # a comment");
          break;
        case 1:
          spoilt.insert(at + 1, std::string(random() % 9, ' ') + "# a comment\n");
          break;
        case 2:
          spoilt.insert(at + 1, "\n\n");
          break;
        default:
          spoilt.erase(at, spoilt.find('\n', at + 1) - at);
      }
    }
    std::vector<Diagnostic> problems;
    if (!ParseYaml({"t", spoilt}, 0, &problems) || HasErrors(problems)) continue;
    const auto once = FormatYaml({"t", spoilt}, 0, &problems);
    ASSERT_TRUE(once) << spoilt << Render(problems, {{"t", spoilt}}, false);
    EXPECT_EQ(FormatYaml({"t", *once}, 0, &problems), once) << spoilt;
    ++formatted;
  }
  EXPECT_GT(formatted, 300u);
}

}  // namespace
}  // namespace winnow::rules
