// What docs/rules.md and docs/policy.md show is true: every example compiles without a warning, the
// rules among them pass their tests, and every code that exists is explained where the docs say so.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "engine/base/strings.h"
#include "engine/pack/lint.h"
#include "engine/pack/pack.h"
#include "engine/pack/rule_tests.h"
#include "engine/policy/policy.h"
#include "engine/rules/parser.h"
#include "tests/engine/rules/rule_fragment.h"
#include "tests/support/golden.h"

namespace winnow::rules {
namespace {

// The blocks of a page that begin with `fence`.
std::vector<std::string> Examples(const std::string& page, const std::string& fence = "```yaml") {
  std::istringstream in(
      test::ReadFileOrFail(std::filesystem::path(WINNOW_SOURCE_DIR) / "docs" / page));
  std::vector<std::string> out;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (!inside && line == fence) {
      out.emplace_back();
      inside = true;
    } else if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      out.back() += line + "\n";
    }
  }
  EXPECT_FALSE(inside) << page;
  return out;
}

TEST(DocsTest, ExamplesOfLayersFitTheBundledRules) {
  auto sources =
      pack::ReadRuleFiles({(std::filesystem::path(WINNOW_SOURCE_DIR) / "rules").string()});
  ASSERT_TRUE(sources.ok()) << sources.status();
  for (const char* path : {"my-rules/layer.yaml", "tenants/acme-chips/layer.yaml"}) {
    const std::vector<std::string> example = Examples("rules.md", StrCat("```yaml ", path));
    ASSERT_EQ(example.size(), 1u) << path;
    sources->push_back({path, example[0]});
  }
  const ParseResult parsed = ParseRules(*sources);
  EXPECT_EQ(Render(parsed.diagnostics, *sources, false), "");
  EXPECT_EQ(parsed.rules.layers.size(), 3u);
  EXPECT_EQ(parsed.rules.disabled.size(), 1u);
}

TEST(DocsTest, ExamplesOfRules) {
  const std::vector<std::string> examples = Examples("rules.md");
  ASSERT_GE(examples.size(), 6u);
  size_t whole = 0, lists = 0;
  for (const std::string& example : examples) {
    const SourceFile source{"rules.md", RuleFromFragment(example)};
    std::vector<SourceFile> sources = {source};
    for (const std::string& path : ListsNamedBy(source)) {
      const std::vector<std::string> list = Examples("rules.md", "```text " + path);
      ASSERT_EQ(list.size(), 1u) << path;
      sources.push_back({path, list[0], SourceFile::Kind::kList});
      ++lists;
    }
    pack::CompileResult compiled = pack::CompilePack(sources, {});
    // The tests of the template do not belong to the example.
    const bool has_tests = example.find("tests:") != example.npos;
    if (has_tests) pack::AddLints(&compiled);
    EXPECT_EQ(Render(compiled.diagnostics, sources, false), "") << source.text;
    ASSERT_NE(compiled.pack, nullptr) << source.text;
    if (!has_tests) continue;
    const auto report = pack::RunRuleTests(compiled);
    ASSERT_TRUE(report.ok()) << report.status();
    for (const pack::RuleTestFailure& failure : report->failures) {
      ADD_FAILURE() << source.text << failure.where.begin_line << ": " << failure.text << " "
                    << failure.message;
    }
    EXPECT_GT(report->passed, 0u);
    ++whole;
  }
  EXPECT_GE(whole, 2u);
  EXPECT_GE(lists, 1u);
}

TEST(DocsTest, ExamplesOfPolicies) {
  const std::vector<std::string> examples = Examples("policy.md");
  ASSERT_GE(examples.size(), 3u);
  for (const std::string& example : examples) {
    std::string text = example;
    if (example.rfind("- ", 0) == 0) {
      text = StrCat("id: example\nentries:\n", example);
    } else if (example.rfind("id:", 0) != 0) {
      text = StrCat("id: example\nentries: []\n", example);
    }
    const SourceFile source{"policy.md", text};
    const policy::Policy::ParseResult result = policy::Policy::Parse(source);
    EXPECT_EQ(Render(result.diagnostics, {source}, false), "") << text;
    EXPECT_NE(result.policy, nullptr) << text;
  }
}

// The table of categories in the reference is that of the taxonomy.
TEST(DocsTest, CategoriesAndLabels) {
  const std::string page =
      test::ReadFileOrFail(std::filesystem::path(WINNOW_SOURCE_DIR) / "docs/rules.md");
  for (int i = 1; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    std::string row = StrCat("| `", Name(category), "` | ");
    for (std::string_view label : LabelsOf(category)) {
      StrAppend(&row, row.back() == ' ' && row[row.size() - 2] == '|' ? "" : ", ", "`", label, "`");
    }
    EXPECT_NE(page.find(row), page.npos) << row;
  }
}

}  // namespace
}  // namespace winnow::rules
