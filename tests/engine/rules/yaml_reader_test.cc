#include "engine/rules/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/base/strings.h"

namespace winnow::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct Read {
  std::optional<YamlNode> tree;
  std::vector<Diagnostic> diagnostics;
};

Read ReadText(std::string text) {
  Read out;
  out.tree = ParseYaml({"x.yaml", std::move(text)}, 3, &out.diagnostics);
  return out;
}

std::string Show(const SourceRange& r) {
  return StrCat(r.begin_line, ":", r.begin_column, "-", r.end_line, ":", r.end_column);
}

std::string Show(const YamlNode& node) {
  std::string out;
  switch (node.kind) {
    case YamlNode::Kind::kScalar:
      return StrCat("'", node.text, "'");
    case YamlNode::Kind::kSequence:
      for (const YamlNode& item : node.items) StrAppend(&out, out.empty() ? "" : ",", Show(item));
      return StrCat("[", out, "]");
    case YamlNode::Kind::kMapping:
      for (const auto& entry : node.entries) {
        StrAppend(&out, out.empty() ? "" : ",", entry.key, "=", Show(entry.value));
      }
      return StrCat("{", out, "}");
  }
  return out;
}

std::vector<std::string> Codes(const Read& read) {
  std::vector<std::string> out;
  for (const Diagnostic& d : read.diagnostics) out.push_back(d.code);
  return out;
}

TEST(YamlReaderTest, EveryScalarIsText) {
  const Read read =
      ReadText("a: no\nb: [1.0, ~, 2024-01-01, 'x: y']\nc:\n  d: |\n    two\n    lines\n");
  ASSERT_TRUE(read.tree.has_value());
  EXPECT_THAT(read.diagnostics, IsEmpty());
  EXPECT_EQ(Show(*read.tree), "{a='no',b=['1.0','~','2024-01-01','x: y'],c={d='two\nlines\n'}}");
  EXPECT_TRUE(read.tree->Find("b")->items[3].quoted);
  EXPECT_EQ(read.tree->Find("absent"), nullptr);
}

TEST(YamlReaderTest, PlacesCountCodePoints) {
  const Read read = ReadText("赌: 场子\nkey:\n  - 'a'\n  - [b, \n c]\n# end\n");
  ASSERT_TRUE(read.tree.has_value());
  const YamlNode& root = *read.tree;
  EXPECT_EQ(root.where.file, 3);
  EXPECT_EQ(Show(root.entries[0].key_where), "1:1-1:2");
  EXPECT_EQ(Show(root.entries[0].value.where), "1:4-1:6");
  EXPECT_EQ(Show(root.entries[1].value.items[0].where), "3:5-3:8");
  EXPECT_EQ(Show(root.entries[1].value.items[1].where), "4:5-5:4");
  EXPECT_EQ(Show(root.where), "1:1-5:4");
}

TEST(YamlReaderTest, LineEndsOfAllKinds) {
  const Read read = ReadText("a: 1\r\nb: 2\rc: 3\n");
  ASSERT_TRUE(read.tree.has_value());
  EXPECT_EQ(Show(read.tree->entries[2].key_where), "3:1-3:2");
}

TEST(YamlReaderTest, EmptyFile) {
  for (std::string text : {"", "# only a comment\n", "---\n", "\n\n"}) {
    const Read read = ReadText(text);
    ASSERT_TRUE(read.tree.has_value()) << text;
    EXPECT_TRUE(read.tree->IsEmpty()) << text;
    EXPECT_THAT(read.diagnostics, IsEmpty()) << text;
  }
}

struct Refused {
  std::string name;
  std::string text;
  std::string code;
  std::string where;
  bool tree;  // whether a tree is still given
};

class RefusedTest : public testing::TestWithParam<Refused> {};

TEST_P(RefusedTest, HasItsOwnCode) {
  const Read read = ReadText(GetParam().text);
  EXPECT_THAT(Codes(read), ElementsAre(GetParam().code));
  ASSERT_THAT(read.diagnostics, SizeIs(1));
  EXPECT_EQ(Show(read.diagnostics[0].where), GetParam().where);
  EXPECT_EQ(read.tree.has_value(), GetParam().tree);
}

INSTANTIATE_TEST_SUITE_P(
    Yaml, RefusedTest,
    testing::Values(Refused{"too_large", std::string(kMaxYamlBytes + 1, ' '), "Y001", "0:0-0:0",
                            false},
                    Refused{"ill_formed", "a: x\nb: \xff\n", "Y002", "2:4-2:5", false},
                    Refused{"overlong", "a: \xc0\xaf", "Y002", "1:4-1:5", false},
                    Refused{"surrogate", "a: \xed\xa0\x80", "Y002", "1:4-1:5", false},
                    Refused{"cut_off", "a: \xe8\xb5", "Y002", "1:4-1:5", false},
                    Refused{"utf16",
                            std::string("\xff\xfe"
                                        "a\0",
                                        4),
                            "Y002", "1:1-1:2", false},
                    Refused{"nul", std::string("a: \0b", 5), "Y003", "1:4-1:5", false},
                    Refused{"escape", "a: \x1b[31m", "Y003", "1:4-1:5", false},
                    Refused{"line_separator", "a: x\xe2\x80\xa8y", "Y003", "1:5-1:6", false},
                    Refused{"syntax", "a: [b, c\n", "Y004", "2:1-2:2", false},
                    Refused{"tab", "a:\n\tb: c\n", "Y005", "2:1-2:2", false},
                    Refused{"deep", std::string(65, '['), "Y006", "1:65-1:66", false},
                    Refused{"anchor", "a: &x b\n", "Y007", "1:4-1:8", true},
                    Refused{"alias", "b: *x\n", "Y008", "1:4-1:6", true},
                    Refused{"tag", "a: !!int 3\n", "Y009", "1:4-1:11", true},
                    Refused{"merge", "<<: {a: b}\n", "Y010", "1:1-1:3", true},
                    Refused{"duplicate", "a: 1\nb: 2\na: 3\n", "Y011", "3:1-3:2", true},
                    Refused{"documents", "a: 1\n---\nb: 2\n", "Y012", "2:1-2:4", true},
                    Refused{"complex_key", "? [a, b]\n: c\n", "Y013", "1:3-1:9", true},
                    Refused{"empty_key", "'': c\n", "Y013", "1:1-1:3", true},
                    Refused{"directive", "%YAML 1.1\n---\na: b\n", "Y014", "1:1-2:4", true},
                    Refused{"byte_order_mark",
                            "\xef\xbb\xbf"
                            "a: b\n",
                            "Y015", "1:1-1:1", true}),
    [](const auto& info) { return info.param.name; });

TEST(YamlReaderTest, FirstOfDuplicateKeysCounts) {
  EXPECT_EQ(Show(*ReadText("{a: 1, a: 2, '<<': 3}").tree), "{a='1',<<='3'}");
}

TEST(YamlReaderTest, GoesOnAfterWhatIsOnlyForbidden) {
  const Read read = ReadText("a: &x 1\nb: *x\na: 2\nc: !t z\n");
  EXPECT_THAT(Codes(read), ElementsAre("Y007", "Y008", "Y011", "Y009"));
  EXPECT_EQ(Show(*read.tree), "{a='1',b='',c='z'}");
}

TEST(YamlReaderTest, NodesAreBounded) {
  const auto list_of = [](size_t items) {
    std::string text;
    for (size_t i = 0; i < items; ++i) text += "-\n";
    return text;
  };
  const Read most = ReadText(list_of(kMaxYamlNodes - 1));  // with the list itself
  EXPECT_THAT(most.diagnostics, IsEmpty());
  ASSERT_TRUE(most.tree.has_value());
  EXPECT_THAT(most.tree->items, SizeIs(kMaxYamlNodes - 1));
  const Read over = ReadText(list_of(kMaxYamlNodes));
  EXPECT_THAT(Codes(over), ElementsAre("Y016"));
  EXPECT_EQ(Show(over.diagnostics[0].where), "500000:2-500000:2");
  EXPECT_FALSE(over.tree.has_value());
}

TEST(YamlReaderTest, DepthOfTheLimitIsRead) {
  const Read read = ReadText(std::string(kMaxYamlDepth, '[') + std::string(kMaxYamlDepth, ']'));
  EXPECT_THAT(read.diagnostics, IsEmpty());
  EXPECT_TRUE(read.tree.has_value());
}

}  // namespace
}  // namespace winnow::rules
