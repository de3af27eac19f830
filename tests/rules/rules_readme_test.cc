// rules/README.md lists every bundled rule in the table of its label, as the rule files say, and
// says of every label what is deliberately left out.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "tests/rules/bundle.h"
#include "tests/support/golden.h"

namespace winnow {
namespace {

std::string Cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

// By label, or by category where it has none: the rows in the order of the file.
std::map<std::string, std::string> Tables() {
  std::map<std::string, std::string> tables;
  for (const rules::Rule& rule : test::BundledRules().compiled.rules.rules) {
    std::string& table = tables[rule.label.empty() ? std::string(Name(rule.category)) : rule.label];
    if (table.empty()) table = "| rule | asks for | in | told |\n|---|---|---|---|\n";
    std::string languages;
    for (const std::string& language : rule.languages) {
      StrAppend(&languages, languages.empty() ? "" : ", ", language);
    }
    StrAppend(&table, "| `", rule.id, "` | ", Name(rule.action), " | ", languages, " | ",
              Cell(rule.reason_en), " |\n");
  }
  return tables;
}

TEST(RulesReadme, ListsEveryRuleOnceAndSaysWhatIsLeftOut) {
  ASSERT_NE(test::BundledRules().compiled.pack, nullptr) << test::BundledRules().diagnostics;
  const std::filesystem::path path = std::filesystem::path(WINNOW_SOURCE_DIR) / "rules/README.md";
  const std::string written = test::ReadFileOrFail(path);
  std::string expected = written;
  std::map<std::string, std::string> tables = Tables();

  size_t sections = 0;
  for (const auto& [label, table] : tables) {
    const std::string begin = StrCat("<!-- rules of ", label, " -->\n");
    const std::string end = StrCat("<!-- end of ", label, " -->\n");
    const size_t from = expected.find(begin);
    const size_t to = expected.find(end);
    ASSERT_TRUE(from != expected.npos && to != expected.npos && from < to)
        << "rules/README.md has no place for the table of " << label;
    EXPECT_EQ(expected.find(begin, from + 1), expected.npos) << label << " stands twice";
    expected.replace(from + begin.size(), to - from - begin.size(), table);
    // From the table to the next heading.
    const size_t after = expected.find(end);
    const size_t next = expected.find("\n## ", after);
    const std::string left_out = expected.substr(after, next - after);
    EXPECT_NE(left_out.find("Left out on purpose:\n\n- "), left_out.npos)
        << label << ": say below the table what no rule finds, and why";
    ++sections;
  }
  size_t places = 0;
  for (size_t at = 0; (at = expected.find("<!-- rules of ", at)) != expected.npos; ++at) ++places;
  EXPECT_EQ(places, sections) << "rules/README.md has a table of a label without rules";

  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << expected;
    return;
  }
  EXPECT_TRUE(expected == written)
      << "rules/README.md is behind the rules; its tables are written anew by\n"
      << "  UPDATE_GOLDEN=1 build/release/tests/rules_bundle_test --gtest_filter='RulesReadme.*'";
}

}  // namespace
}  // namespace winnow
