// The parser's half of the agreement with the JSON Schemas: each case of testdata/schema/*.txt is
// accepted or refused as its title says. schema_test.py holds the schemas to the same tables.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "engine/base/strings.h"
#include "engine/policy/policy.h"
#include "engine/rules/parser.h"
#include "tests/engine/rules/rule_fragment.h"
#include "tests/support/golden.h"

namespace winnow::rules {
namespace {

struct Case {
  std::string title;
  bool accept;
  std::string text;
};

// "=== accept|refuse title", then lines until the next "===".
std::vector<Case> ReadTable(const std::string& name) {
  std::istringstream in(test::ReadFileOrFail(std::filesystem::path(WINNOW_SOURCE_DIR) /
                                             "tests/engine/rules/testdata/schema" / name));
  std::vector<Case> out;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("=== ", 0) == 0) {
      const std::string verdict = line.substr(4, 7);
      EXPECT_TRUE(verdict == "accept " || verdict == "refuse ") << line;
      out.push_back({line.substr(11), verdict == "accept ", ""});
    } else if (!out.empty()) {
      out.back().text += line + "\n";
    }
  }
  return out;
}

void Check(const Case& c, const SourceFile& source, const std::vector<Diagnostic>& diagnostics) {
  EXPECT_EQ(!HasErrors(diagnostics), c.accept)
      << c.title << "\n"
      << source.text << Render(diagnostics, {source}, false);
}

TEST(SchemaAgreementTest, Rules) {
  const std::vector<Case> cases = ReadTable("rules.txt");
  EXPECT_GT(cases.size(), 50u);
  for (const Case& c : cases) {
    const SourceFile source{"rules.yaml", RuleFromFragment(c.text)};
    // Whether a list is there is not the schema's to know.
    std::vector<SourceFile> sources = {source};
    for (const char* path : {"casinos.txt", "lists/casinos.txt"}) {
      sources.push_back({path, "online casino\n", SourceFile::Kind::kList});
    }
    Check(c, source, ParseRules(sources).diagnostics);
  }
}

TEST(SchemaAgreementTest, Policies) {
  const std::vector<Case> cases = ReadTable("policies.txt");
  EXPECT_GT(cases.size(), 20u);
  for (const Case& c : cases) {
    const SourceFile source{"policy.yaml", c.text};
    Check(c, source, policy::Policy::Parse(source).diagnostics);
  }
}

TEST(SchemaAgreementTest, Layers) {
  const std::vector<Case> cases = ReadTable("layers.txt");
  EXPECT_GT(cases.size(), 20u);
  // Whether the rules that a layer names are there is not the schema's to know.
  std::string below;
  for (const char* id : {"a", "b", "c", "d"}) {
    below += RuleFromFragment(StrCat("id: gambling.", id, "\n"));
  }
  for (const Case& c : cases) {
    const SourceFile source{"ours/layer.yaml", c.text};
    Check(c, source, ParseRules({source, {"below.yaml", below}}).diagnostics);
  }
}

}  // namespace
}  // namespace winnow::rules
