#include "engine/rules/fixes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace winnow::rules {
namespace {

using Kind = Fix::Kind;

// `marked` is a source with the place of the fix between « and », all in one line.
struct FixCase {
  Kind kind;
  std::string marked;
  std::string text;   // kReplace
  std::string fixed;  // empty: it cannot be made
  SourceFile::Kind source = SourceFile::Kind::kYaml;
};

int CountCharacters(std::string_view text) {
  int n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

void CheckFix(const FixCase& c) {
  constexpr std::string_view kOpen = "«", kClose = "»";
  std::string source = c.marked;
  const size_t begin = source.find(kOpen);
  source.erase(begin, kOpen.size());
  const size_t end = source.find(kClose);
  source.erase(end, kClose.size());
  const size_t line_begin = begin == 0 ? 0 : source.rfind('\n', begin - 1) + 1;
  SourceRange where;
  for (size_t at = 0; at < line_begin; ++at) where.begin_line += source[at] == '\n';
  where.end_line = ++where.begin_line;
  where.begin_column = 1 + CountCharacters(source.substr(line_begin, begin - line_begin));
  where.end_column = 1 + CountCharacters(source.substr(line_begin, end - line_begin));
  const SourceFile file{"a.yaml", source, c.source};
  Diagnostic d;
  d.fixes = {{c.kind, where, c.text}};
  const FixResult result = ApplyFixes({d}, {file});
  EXPECT_EQ(result.repaired.size(), c.fixed.empty() ? 0u : 1u) << c.marked;
  EXPECT_EQ(result.sources[0].text, c.fixed.empty() ? source : c.fixed) << c.marked;
}

TEST(Fixes, ChangeWhatTheyMeanAndNothingElse) {
  constexpr auto kList = SourceFile::Kind::kList;
  const FixCase kCases[] = {
      {Kind::kReplace, "a: «hgih» # why\n", "high", "a: high # why\n"},
      {Kind::kReplace, "a: «'hgih'»\n", "it's", "a: 'it''s'\n"},
      {Kind::kReplace, "a: «\"hgih\"»\n", "a\\b\"", "a: \"a\\\\b\\\"\"\n"},
      {Kind::kReplace, "a: «hgih»\n", "a: b", "a: 'a: b'\n"},
      {Kind::kReplace, "词: 一\n«lable»: 赌\n", "label", "词: 一\nlabel: 赌\n"},
      {Kind::kReplace, "a: «|»\n  text\n", "x", ""},
      {Kind::kReplace, "a: «x»\n", "two\nlines", ""},
      {Kind::kRemoveItem, "[«a», b]\n", "", "[b]\n"},
      {Kind::kRemoveItem, "[a, «b», c]\n", "", "[a, c]\n"},
      {Kind::kRemoveItem, "[a, «b»]\n", "", "[a]\n"},
      {Kind::kRemoveItem, "[a, «b»,\n c]\n", "", "[a,\n c]\n"},
      {Kind::kRemoveItem, "[«a»]\n", "", ""},
      {Kind::kRemoveItem, "  - a\n  - «b»\n  - c\n", "", "  - a\n  - c\n"},
      {Kind::kRemoveItem, "- a\n- «b»", "", "- a\n"},
      {Kind::kRemoveItem, "- a\r\n- «b»\r\n", "", "- a\r\n"},
      {Kind::kRemoveItem, "  - «b» # why\n  - c\n", "", "  # why\n  - c\n"},
      {Kind::kRemoveItem, "- k: «b»\n", "", ""},
      {Kind::kRemoveItem, "一\n«一»\n二\n", "", "一\n二\n", kList},
      {Kind::kRemoveItem, "一\n«一» # why\n", "", "一\n# why\n", kList},
      {Kind::kRemoveUnseen, "a: «赌\u200b场»\n", "", "a: 赌场\n"},
      {Kind::kRemoveUnseen, "a: «' 赌场 '»\n", "", "a: '赌场'\n"},
      {Kind::kRemoveUnseen, "a: «\"赌\\u200b场\"»\n", "", ""},
      {Kind::kRemoveUnseen, "«赌\u200d场»\n", "", "赌场\n", kList},
  };
  for (const FixCase& c : kCases) CheckFix(c);
}

TEST(Fixes, LeaveWhatMeetsAnother) {
  const SourceFile file{"a.yaml", "[a, b, c]\n"};
  Diagnostic one, two, other;
  one.fixes = {{Kind::kRemoveItem, {0, 1, 5, 1, 6}}};
  two.fixes = {{Kind::kReplace, {0, 1, 5, 1, 6}, "d"}};
  other.fixes = {{Kind::kReplace, {0, 1, 2, 1, 3}, "e"}};
  const FixResult result = ApplyFixes({one, two, other}, {file});
  EXPECT_EQ(result.sources[0].text, "[e, c]\n");
  EXPECT_EQ(result.repaired.size(), 2u);
}

// All the changes of one diagnostic, or none.
TEST(Fixes, KeepTheChangesOfADiagnosticTogether) {
  const SourceFile file{"a.yaml", "a: |\n  b\nc: d\n"};
  Diagnostic d;
  d.fixes = {{Kind::kReplace, {0, 3, 4, 3, 5}, "e"}, {Kind::kReplace, {0, 1, 4, 1, 5}, "f"}};
  const FixResult result = ApplyFixes({d}, {file});
  EXPECT_EQ(result.sources[0].text, file.text);
  EXPECT_TRUE(result.repaired.empty());
}

}  // namespace
}  // namespace winnow::rules
