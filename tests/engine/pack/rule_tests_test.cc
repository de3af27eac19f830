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

// "path=text", "path!problem" of each list among the sources.
std::string ListsOf(const absl::StatusOr<std::vector<rules::SourceFile>>& sources,
                    const std::string& folder) {
  EXPECT_OK(sources);
  std::string out;
  if (!sources.ok()) return out;
  bool rules_follow = true;
  for (const rules::SourceFile& source : *sources) {
    const bool list = source.kind == rules::SourceFile::Kind::kList;
    EXPECT_TRUE(rules_follow || list) << "lists stand behind the rules";
    rules_follow = !list;
    if (!list) continue;
    StrAppend(&out, source.path.substr(folder.size() + 1), source.problem.empty() ? "=" : "!",
              source.problem.empty() ? source.text : source.problem, ";");
  }
  return out;
}

TEST(RuleFilesTest, ReadsTheListsThatRulesName) {
  const TempDir dir;
  const auto add = [&dir](const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(dir.Sub(path)).parent_path());
    std::ofstream(dir.Sub(path)) << text;
  };
  add("rules/a.yaml", "[{list: lists/b.txt}, {list: lists/none.txt}, {list: ../secret.txt}]");
  add("rules/zh/z.yaml", "[{list: lists/b.txt}, {list: own.txt}]");
  add("rules/lists/b.txt", "b");
  add("rules/lists/stray.txt", "never read");
  add("rules/lists/readme.md", "no list");
  add("rules/zh/lists/b.txt", "zh b");
  add("rules/zh/own.txt", "own");
  add("rules/zh/notes.txt", "no list");
  add("rules/corpus/lists/c.txt", "no list");
  add("secret.txt", "secret");
  const std::string rules = dir.Sub("rules");
  EXPECT_EQ(ListsOf(ReadRuleFiles({rules}), rules),
            "lists/b.txt=b;lists/stray.txt=;zh/lists/b.txt=zh b;zh/own.txt=own;");
  EXPECT_EQ(ListsOf(ReadRuleFiles({rules + "/zh"}), rules), "zh/lists/b.txt=zh b;zh/own.txt=own;");
  // A rule file means the same when it is read alone.
  EXPECT_EQ(ListsOf(ReadRuleFiles({rules + "/a.yaml"}), rules), "lists/b.txt=b;");
  EXPECT_EQ(ListsOf(ReadRuleFiles({rules + "/a.yaml", rules + "/zh/z.yaml"}), rules),
            "lists/b.txt=b;zh/lists/b.txt=zh b;zh/own.txt=own;");
}

TEST(RuleFilesTest, SaysWhyAListCannotBeRead) {
  const TempDir dir;
  const std::string rules = dir.Sub("rules");
  fs::create_directories(rules + "/folder.txt");
  std::ofstream(rules + "/a.yaml") << "[{list: out.txt}, {list: in.txt}, {list: above/x.txt}, "
                                      "{list: folder.txt}, {list: dangling.txt}, {list: big.txt}]";
  std::ofstream(dir.Sub("secret.txt")) << "secret";
  std::ofstream(rules + "/real.txt") << "real";
  fs::create_directories(dir.Sub("rules2"));
  std::ofstream(dir.Sub("rules2/x.txt")) << "a folder whose name begins as ours";
  fs::create_symlink("../secret.txt", rules + "/out.txt");
  fs::create_symlink("real.txt", rules + "/in.txt");
  fs::create_symlink("../rules2", rules + "/above");
  fs::create_symlink("nowhere.txt", rules + "/dangling.txt");
  std::ofstream(rules + "/big.txt") << "";
  fs::resize_file(rules + "/big.txt", (16 << 20) + 1);
  const std::string outside = "it is a link that leads out of the folder of the rule file";
  EXPECT_EQ(ListsOf(ReadRuleFiles({rules}), rules),
            StrCat("above/x.txt!", outside,
                   ";big.txt!it has 16777217 bytes; at most 16777216 are read;"
                   "dangling.txt!No such file or directory;"
                   "folder.txt!it is not a regular file;in.txt=real;out.txt!",
                   outside, ";"));
  // The folder itself may be reached by a link.
  fs::create_symlink("rules", dir.Sub("link"));
  EXPECT_THAT(ListsOf(ReadRuleFiles({dir.Sub("link/a.yaml")}), dir.Sub("link")),
              HasSubstr("in.txt=real"));
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
