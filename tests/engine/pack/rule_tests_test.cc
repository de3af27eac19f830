#include "engine/pack/rule_tests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/pack/pack.h"
#include "tests/engine/pack/packs.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace winnow::pack {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using testing::HasSubstr;

std::vector<rules::SourceFile> WithTests(const std::string& tests) {
  return {{"own.yaml", StrCat(R"(
- id: fraud.example
  category: vice_violence
  label: fraud
  severity: low
  action: review
  surfaces: [comment]
  match: {terms: [swindle]}
  reason: {en: An example., zh: 例子。}
  tests:
)",
                              tests)}};
}

TEST(RuleTestsTest, CountsWhatHoldsAndShowsWhatDoesNot) {
  const CompileResult compiled =
      CompileOrDie(WithTests("    match: [swindle, s w i n d l e, honest]\n"
                             "    no_match: [trade, a swindle]\n"
                             "    todo_match: [schwindel, Swindle!]\n"
                             "    todo_no_match: [the Swindle river, calm]\n"));
  const auto report = RunRuleTests(compiled);
  ASSERT_OK(report);
  EXPECT_EQ(report->passed, 3u);
  EXPECT_EQ(report->known_gaps, 2u);
  std::vector<std::string> failures;
  for (const RuleTestFailure& f : report->failures) {
    failures.push_back(StrCat(f.where.begin_line, ": ", f.text, ": ", f.message));
    EXPECT_EQ(f.rule_id, "fraud.example");
  }
  EXPECT_THAT(failures,
              testing::ElementsAre("11: honest: should match, but does not",
                                   "12: a swindle: should not match, but does",
                                   "13: Swindle!: holds now: move it out of the todo list",
                                   "14: calm: holds now: move it out of the todo list"));
}

TEST(RuleTestsTest, RunsOneRuleWhenAsked) {
  const CompileResult compiled = CompileOrDie(SampleSources());
  EXPECT_EQ(RunRuleTests(compiled)->passed, 4u);
  EXPECT_EQ(RunRuleTests(compiled, "personal_data.phone_list")->passed, 2u);
  EXPECT_THAT(RunRuleTests(compiled, "personal_data.none"),
              StatusIs(StatusCode::kNotFound, HasSubstr("personal_data.none")));
  EXPECT_THAT(RunRuleTests(CompilePack({{"bad.yaml", "- x"}}, {})),
              StatusIs(StatusCode::kFailedPrecondition));
}

TEST(RuleFilesTest, ReadsFilesAndFoldersInOrderOfPath) {
  const TempDir dir;
  const auto add = [&dir](const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(dir.Sub(path)).parent_path());
    std::ofstream(dir.Sub(path)) << text;
  };
  add("b.yaml", "b");
  add("a/z.yaml", "z");
  add("a/y.yaml", "y");
  add("a/notes.txt", "no rules");
  add("taxonomy.yaml", "no rules");
  add("schema/rule.yaml", "no rules");
  add("policy/policy.yaml", "no rules");
  add("corpus/benign.yaml", "no rules");
  const auto sources = ReadRuleFiles({dir.path()});
  ASSERT_OK(sources);
  std::string all;
  for (const rules::SourceFile& source : *sources) {
    all += source.path.substr(dir.path().size()) + "=" + source.text + " ";
  }
  EXPECT_EQ(all, "/a/y.yaml=y /a/z.yaml=z /b.yaml=b ");

  const auto named = ReadRuleFiles({dir.Sub("b.yaml"), dir.Sub("a")});
  ASSERT_OK(named);
  EXPECT_EQ(named->front().text, "b");
  EXPECT_EQ(named->size(), 3u);
}

TEST(RuleFilesTest, SaysWhatItCannotRead) {
  const TempDir dir;
  EXPECT_THAT(ReadRuleFiles({dir.Sub("none")}),
              StatusIs(StatusCode::kNotFound, HasSubstr(dir.Sub("none"))));
  EXPECT_THAT(ReadRuleFiles({dir.path()}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr(dir.path())));
  EXPECT_THAT(ReadRuleFiles({}), StatusIs(StatusCode::kInvalidArgument));
  std::ofstream(dir.Sub("huge.yaml")) << "";
  fs::resize_file(dir.Sub("huge.yaml"), (64 << 20) + 1);
  EXPECT_THAT(ReadRuleFiles({dir.path()}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("huge.yaml")));
}

}  // namespace
}  // namespace winnow::pack
