// winnow rules and winnow pack, as rule authors run them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/rules/taxonomy.h"
#include "tests/support/golden.h"
#include "tests/tools/cli_golden.h"
#include "tests/tools/run_program.h"

namespace winnow::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class RulesAndPacks : public testing::TestWithParam<CliCase> {
 public:
  static void SetUpTestSuite() {
    const std::string tmp = CliTempDir();
    std::ofstream(tmp + "/not_a.pack") << "this is no pack at all, whatever its name says\n";
    std::filesystem::create_directory(tmp + "/empty_folder");
    const RunResult layers = RunProgram({.args = CliArgs({"pack", "build", "-o", "$TMP/layers.pack",
                                                          "--id", "layers", "$DATA/layers"})});
    EXPECT_EQ(layers.exit_code, 0) << layers.err;
    std::filesystem::copy_file(tmp + "/test.pack", tmp + "/damaged.pack",
                               std::filesystem::copy_options::overwrite_existing);
    std::fstream damaged(tmp + "/damaged.pack", std::ios::binary | std::ios::in | std::ios::out);
    damaged.seekp(static_cast<std::streamoff>(std::filesystem::file_size(tmp + "/test.pack") / 2));
    damaged << "damage";
  }
};

TEST_P(RulesAndPacks, AnswerAsRecorded) { CheckCli(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    All, RulesAndPacks,
    testing::Values(
        CliCase{"rules_check_good", {"rules", "check", "$DATA/rules"}},
        CliCase{"rules_check_good_json", {"rules", "check", "--format", "json", "$DATA/rules"}},
        CliCase{"rules_check_bad", {"rules", "check", "$DATA/bad_rules"}},
        CliCase{"rules_check_bad_json", {"rules", "check", "--format", "json", "$DATA/bad_rules"}},
        CliCase{"rules_check_bad_sarif",
                {"rules", "check", "--format", "sarif", "$DATA/bad_rules"}},
        CliCase{"rules_check_bad_github",
                {"rules", "check", "--format", "github", "$DATA/bad_rules"}},
        CliCase{"rules_check_good_sarif", {"rules", "check", "--format", "sarif", "$DATA/rules"}},
        CliCase{"rules_test_failing_sarif",
                {"rules", "test", "--format", "sarif", "$DATA/failing_rules"}},
        CliCase{"rules_test_found_by_another_github",
                {"rules", "test", "--format", "github", "$DATA/found_by_another"}},
        CliCase{"rules_test_failing_github",
                {"rules", "test", "--format", "github", "$DATA/failing_rules"}},
        CliCase{"rules_test_bad_github",
                {"rules", "test", "--format", "github", "$DATA/bad_rules"}},
        CliCase{"rules_check_lists", {"rules", "check", "$DATA/list_rules"}},
        CliCase{"rules_check_bad_lists", {"rules", "check", "$DATA/bad_lists"}},
        CliCase{"rules_test_lists", {"rules", "test", "$DATA/list_rules/casinos.yaml"}},
        CliCase{"rules_new", {"rules", "new", "gambling.vip_rooms"}},
        CliCase{"rules_new_terms",
                {"rules", "new", "rumors.flood", "--term", "洪水", "--term", "it's: a flood",
                 "--severity", "high", "--action", "block"}},
        CliCase{"rules_new_no_label", {"rules", "new", "vice_violence.rooms"}},
        CliCase{"rules_new_no_such_label", {"rules", "new", "nothing.rooms"}},
        CliCase{"rules_new_bad_file",
                {"rules", "new", "gambling.rooms", "--file", "$DATA/bad_rules/bad.yaml"}},
        CliCase{"rules_new_nowhere",
                {"rules", "new", "gambling.rooms", "--file", "$TMP/no/x.yaml"}},
        CliCase{"rules_fmt_diff", {"rules", "fmt", "--diff", "$DATA/loose_rules"}},
        CliCase{"rules_fmt_check", {"rules", "fmt", "--check", "$DATA/loose_rules"}},
        CliCase{"rules_fmt_stdin", {"rules", "fmt", "-"}, "- id:   a\n  b: [ c,d ]   # e\n"},
        CliCase{"rules_fmt_stdin_bad", {"rules", "fmt", "-"}, "- [a\n"},
        CliCase{"rules_check_missing", {"rules", "check", "$TMP/nowhere"}},
        CliCase{"rules_check_empty_folder", {"rules", "check", "$TMP/empty_folder"}},
        CliCase{"rules_test_good", {"rules", "test", "$DATA/rules"}},
        CliCase{"rules_test_one", {"rules", "test", "$DATA/rules", "--rule", "rumors.secret_cure"}},
        CliCase{"rules_test_unknown", {"rules", "test", "$DATA/rules", "--rule", "rumors.no_such"}},
        CliCase{"rules_test_failing", {"rules", "test", "$DATA/failing_rules"}},
        CliCase{"rules_test_failing_json",
                {"rules", "test", "--format", "json", "$DATA/failing_rules"}},
        CliCase{"rules_test_verbose", {"rules", "test", "-v", "$DATA/why_rules"}},
        CliCase{"rules_test_verbose_json",
                {"rules", "test", "-v", "--format", "json", "$DATA/why_rules"}},
        CliCase{"rules_test_bad", {"rules", "test", "$DATA/bad_rules"}},
        CliCase{"rules_explain_rule",
                {"rules", "explain", "--rules", "$DATA/why_rules", "gambling.rooms"}},
        CliCase{"rules_explain_rule_of_a_surface",
                {"rules", "explain", "--rules", "$DATA/why_rules", "drugs.three_hundred"}},
        CliCase{"rules_explain_rule_of_a_pack",
                {"rules", "explain", "--pack", "$TMP/test.pack", "rumors.secret_cure"}},
        CliCase{"layers_check", {"rules", "check", "$DATA/layers"}},
        CliCase{"layers_check_alone", {"rules", "check", "$DATA/layers/ours"}},
        CliCase{"layers_check_above_a_pack",
                {"rules", "check", "$TMP/test.pack", "$DATA/layers/tenants"}},
        CliCase{"layers_explain_changed",
                {"rules", "explain", "--rules", "$DATA/layers", "gambling.online_casino"}},
        CliCase{"layers_explain_disabled",
                {"rules", "explain", "--rules", "$DATA/layers", "gambling.dice"}},
        CliCase{"layers_explain_of_a_tenant",
                {"rules", "explain", "--rules", "$DATA/layers", "gambling.acme_rival"}},
        CliCase{"layers_why_of_the_operator",
                {"rules", "why", "--rules", "$DATA/layers", "an online casino, the rival"}},
        CliCase{"layers_why_of_a_tenant",
                {"rules", "why", "--rules", "$DATA/layers", "--tenant", "acme",
                 "an online casino, the rival"}},
        CliCase{"layers_why_of_a_tenant_json",
                {"rules", "why", "--rules", "$DATA/layers", "--tenant", "acme", "--format", "json",
                 "an online casino, the rival"}},
        CliCase{"layers_why_of_another",
                {"rules", "why", "--rules", "$DATA/layers", "--rule", "gambling.acme_rival",
                 "the rival"}},
        CliCase{"layers_inspect", {"pack", "inspect", "$TMP/layers.pack", "--rules"}},
        CliCase{"layers_inspect_json",
                {"pack", "inspect", "$TMP/layers.pack", "--rules", "--format", "json"}},
        CliCase{"layers_scan",
                {"scan", "--pack", "$TMP/layers.pack", "--policy", "$DATA/policy.yaml", "--tenant",
                 "acme", "-"},
                "an online casino, the rival"},
        CliCase{"layers_scan_json",
                {"scan", "--pack", "$TMP/layers.pack", "--policy", "$DATA/policy.yaml", "--format",
                 "json", "-"},
                "an online casino, the rival"},
        CliCase{"rules_explain_rule_unknown",
                {"rules", "explain", "--rules", "$DATA/why_rules", "gambling.nothing"}},
        CliCase{"rules_explain_rule_bad",
                {"rules", "explain", "--rules", "$DATA/bad_rules", "gambling.nothing"}},
        CliCase{"rules_explain_no_pack",
                {"rules", "explain", "--pack", "$TMP/missing.pack", "gambling.nothing"}},
        CliCase{"rules_why_match",
                {"rules", "why", "--rules", "$DATA/why_rules", "澳门堵场现在开户"}},
        CliCase{"rules_why_saved",
                {"rules", "why", "--rules", "$DATA/why_rules", "警方查获赌场开户团伙"}},
        CliCase{"rules_why_saved_json",
                {"rules", "why", "--rules", "$DATA/why_rules", "--format", "json",
                 "警方查获赌场开户团伙"}},
        CliCase{"rules_why_excuse_alone",
                {"rules", "why", "--rules", "$DATA/why_rules", "赌场开户,警方"}},
        CliCase{"rules_why_apart",
                {"rules", "why", "--rules", "$DATA/why_rules", "赌场的隔壁新来的银行正在开户"}},
        CliCase{"rules_why_missing", {"rules", "why", "--rules", "$DATA/why_rules", "去赌场吃饭"}},
        CliCase{"rules_why_inside_a_word",
                {"rules", "why", "--rules", "$DATA/why_rules", "casinos have a bonus"}},
        CliCase{"rules_why_denied",
                {"rules", "why", "--rules", "$DATA/why_rules", "--surface", "message",
                 "三百克面粉 ab12345"}},
        CliCase{"rules_why_one_on_another_surface",
                {"rules", "why", "--rules", "$DATA/why_rules", "--rule", "drugs.three_hundred",
                 "三百克 加vx12345"}},
        CliCase{"rules_why_one_far",
                {"rules", "why", "--rules", "$DATA/why_rules", "--rule", "gambling.rooms", "-"},
                "nothing of the kind\n"},
        CliCase{"rules_why_nothing", {"rules", "why", "--rules", "$DATA/why_rules", "你好"}},
        CliCase{
            "rules_why_hostile",
            {"rules", "why", "--rules", "$DATA/why_rules", "赌场\x1b[31m 开\xe2\x80\x8b户\xff"}},
        CliCase{"rules_why_unknown_rule",
                {"rules", "why", "--rules", "$DATA/why_rules", "--rule", "gambling.no", "x"}},
        CliCase{"rules_why_of_a_pack", {"rules", "why", "--pack", "$TMP/test.pack", "网上赌场"}},
        CliCase{"rules_fix_check", {"rules", "fix", "--check", "$DATA/sloppy_rules"}},
        CliCase{"rules_fix_diff", {"rules", "fix", "--diff", "$DATA/sloppy_rules"}},
        CliCase{"rules_fix_check_json",
                {"rules", "fix", "--check", "--format", "json", "$DATA/sloppy_rules"}},
        CliCase{"rules_fix_nothing", {"rules", "fix", "$DATA/why_rules"}},
        CliCase{"rules_fix_not_mine", {"rules", "fix", "--check", "$DATA/bad_rules"}},
        CliCase{"rules_replay",
                {"rules", "replay", "--before", "$DATA/diff_before", "--after", "$DATA/diff_after",
                 "--corpus", "$DATA/corpus", "--exit-code"}},
        CliCase{"rules_replay_json",
                {"rules", "replay", "--before", "$DATA/diff_before", "--after", "$DATA/diff_after",
                 "--corpus", "$DATA/corpus", "--samples", "1", "--format", "json"}},
        CliCase{"rules_replay_packs",
                {"rules", "replay", "--before", "$TMP/test.pack", "--after", "$DATA/rules",
                 "--corpus", "$DATA/corpus", "--policy", "$DATA/policy.yaml", "--exit-code"}},
        CliCase{"rules_replay_bad",
                {"rules", "replay", "--before", "$TMP/test.pack", "--after", "$DATA/bad_rules",
                 "--corpus", "$DATA/corpus"}},
        CliCase{"rules_watch_nothing", {"rules", "check", "--watch", "$TMP/no/where.yaml"}},
        CliCase{"pack_diff", {"pack", "diff", "$DATA/diff_before", "$DATA/diff_after"}},
        CliCase{"pack_diff_json",
                {"pack", "diff", "--format", "json", "$DATA/diff_before", "$DATA/diff_after"}},
        CliCase{"pack_diff_same", {"pack", "diff", "$TMP/test.pack", "$DATA/rules"}},
        CliCase{"pack_diff_damaged", {"pack", "diff", "$TMP/test.pack", "$TMP/damaged.pack"}},
        CliCase{"pack_diff_bad", {"pack", "diff", "$TMP/test.pack", "$DATA/bad_rules"}},
        CliCase{"rules_bench_bad", {"rules", "bench", "$DATA/bad_rules"}},
        CliCase{"rules_coverage", {"rules", "coverage", "$DATA/idle_rules"}},
        CliCase{"rules_coverage_all",
                {"rules", "coverage", "--all", "--corpus", "$DATA/corpus", "$DATA/why_rules"}},
        CliCase{"rules_coverage_json",
                {"rules", "coverage", "--corpus", "$DATA/corpus/talk.txt", "--corpus",
                 "$DATA/corpus/orders.jsonl", "--format", "json", "$DATA/idle_rules",
                 "$DATA/why_rules"}},
        CliCase{"rules_coverage_bad", {"rules", "coverage", "$DATA/bad_rules"}},
        CliCase{"rules_coverage_no_corpus",
                {"rules", "coverage", "--corpus", "$TMP/nowhere", "$DATA/rules"}},
        CliCase{"rules_coverage_empty_corpus",
                {"rules", "coverage", "--corpus", "$TMP/empty_folder", "$DATA/rules"}},
        CliCase{"rules_coverage_bad_corpus",
                {"rules", "coverage", "--corpus", "$DATA/bad_corpus.jsonl", "$DATA/rules"}},
        CliCase{"pack_build_bad", {"pack", "build", "-o", "$TMP/bad.pack", "$DATA/bad_rules"}},
        CliCase{"pack_build_nowhere", {"pack", "build", "-o", "$TMP/no/x.pack", "$DATA/rules"}},
        CliCase{"pack_inspect", {"pack", "inspect", "--rules", "$TMP/test.pack"}},
        CliCase{"pack_inspect_json",
                {"pack", "inspect", "--rules", "--format", "json", "$TMP/test.pack"}},
        CliCase{"pack_inspect_missing", {"pack", "inspect", "$TMP/missing.pack"}},
        CliCase{"pack_inspect_not_a_pack", {"pack", "inspect", "$TMP/not_a.pack"}},
        CliCase{"pack_inspect_damaged", {"pack", "inspect", "$TMP/damaged.pack"}}),
    [](const auto& info) { return CaseName(info.param); });

TEST(RulesExplain, KnowsEveryCodeThatItLists) {
  const RunResult list = RunProgram({.args = CliArgs({"rules", "explain"})});
  ASSERT_EQ(list.exit_code, 0) << list.err;
  std::istringstream lines(list.out);
  std::string line;
  int codes = 0;
  for (; std::getline(lines, line); ++codes) {
    const std::string code = line.substr(0, line.find(' '));
    const std::string title = line.substr(line.find_first_not_of(' ', code.size()));
    const RunResult explained = RunProgram({.args = CliArgs({"rules", "explain", code})});
    EXPECT_EQ(explained.exit_code, 0) << code;
    EXPECT_THAT(explained.out, StartsWith(code + ": " + title + "\n\n"));
  }
  EXPECT_GT(codes, 20);
}

TEST(RulesNew, GivesRulesThatPassTheirTestsUnderEveryLabel) {
  const std::string path = CliTempDir() + "/new.yaml";
  std::filesystem::copy_file(CliDataDir() + "/list_rules/casinos.yaml", path);
  std::filesystem::copy(CliDataDir() + "/list_rules/lists", CliTempDir() + "/lists",
                        std::filesystem::copy_options::recursive);
  size_t rules = 0;
  for (int c = 1; c < kCategoryCount; ++c) {
    std::vector<std::string> beginnings;
    for (const std::string_view label : LabelsOf(static_cast<Category>(c))) {
      beginnings.emplace_back(label);
    }
    if (beginnings.empty()) beginnings.emplace_back(Name(static_cast<Category>(c)));
    for (const std::string& beginning : beginnings) {
      const RunResult run =
          RunProgram({.args = CliArgs({"rules", "new", beginning + ".begun", "--file", path})});
      EXPECT_EQ(run.exit_code, 0) << beginning << run.err;
      ++rules;
    }
  }
  EXPECT_GT(rules, 20u);
  // A second of the same id is refused, and the file stays as it is.
  EXPECT_EQ(
      RunProgram({.args = CliArgs({"rules", "new", "gambling.begun", "--file", path})}).exit_code,
      1);
  const RunResult tested = RunProgram({.args = CliArgs({"rules", "test", path})});
  EXPECT_EQ(tested.exit_code, 0) << tested.out << tested.err;
  EXPECT_THAT(tested.out, HasSubstr(std::to_string(4 * rules + 4) + " tests passed"));
}

TEST(RulesFmt, RewritesWhatDiffersAndNothingElse) {
  const std::string folder = CliTempDir() + "/fmt";
  std::filesystem::copy(CliDataDir() + "/loose_rules", folder);
  const std::vector<std::string> fmt = CliArgs({"rules", "fmt", folder});
  const RunResult first = RunProgram({.args = fmt});
  EXPECT_EQ(first.exit_code, 0);
  EXPECT_EQ(first.out, folder + "/loose.yaml\n");
  const RunResult second = RunProgram({.args = fmt});
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_EQ(second.out, "");
  EXPECT_EQ(RunProgram({.args = CliArgs({"rules", "fmt", "--check", folder})}).exit_code, 0);
  EXPECT_EQ(RunProgram({.args = CliArgs({"rules", "test", folder})}).exit_code, 0);
}

TEST(RulesFix, LeavesNothingThatItCanRepair) {
  const std::string folder = CliTempDir() + "/sloppy";
  std::filesystem::copy(CliDataDir() + "/sloppy_rules", folder,
                        std::filesystem::copy_options::recursive);
  const std::string before = ReadFileOrFail(folder + "/sloppy.yaml");
  EXPECT_EQ(RunProgram({.args = CliArgs({"rules", "check", folder})}).exit_code, 1);
  EXPECT_EQ(RunProgram({.args = CliArgs({"rules", "fix", "--check", folder})}).exit_code, 1);
  EXPECT_EQ(ReadFileOrFail(folder + "/sloppy.yaml"), before);
  const RunResult fixed = RunProgram({.args = CliArgs({"rules", "fix", folder})});
  EXPECT_EQ(fixed.exit_code, 0) << fixed.out << fixed.err;
  EXPECT_THAT(fixed.out, HasSubstr("; 0 left for an author"));
  // Every comment is there still, and the rules do what their tests say.
  const std::string after = ReadFileOrFail(folder + "/sloppy.yaml");
  EXPECT_EQ(std::count(after.begin(), after.end(), '#'),
            std::count(before.begin(), before.end(), '#'));
  EXPECT_EQ(RunProgram({.args = CliArgs({"rules", "test", folder})}).exit_code, 0);
  EXPECT_EQ(RunProgram({.args = CliArgs({"rules", "fix", "--check", folder})}).exit_code, 0);
}

TEST(RulesBench, MeasuresEveryRuleSlowestFirst) {
  const RunResult run =
      RunProgram({.args = CliArgs({"rules", "bench", "--repeats", "3", "--corpus", "$DATA/corpus",
                                   "--format", "json", "$DATA/why_rules", "$DATA/rules"})});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, StartsWith("{\"texts\":6,\"bytes\":"));
  std::vector<std::pair<double, std::string>> costs;
  std::istringstream lines(run.out);
  constexpr std::string_view kCost = "\"scanNsPerKb\":";
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("{\"rule\":\"", 0) != 0) continue;
    const size_t at = line.find(kCost);
    ASSERT_NE(at, std::string::npos) << line;
    costs.emplace_back(std::stod(line.substr(at + kCost.size())), line.substr(9));
    EXPECT_THAT(line,
                HasSubstr(line.find("rumors.secret_cure") != std::string::npos ? "\"matches\":1}"
                                                                               : "\"matches\":"));
  }
  ASSERT_EQ(costs.size(), 4u) << run.out;
  EXPECT_TRUE(std::is_sorted(costs.rbegin(), costs.rend(), [](const auto& a, const auto& b) {
    return a.first < b.first;
  })) << run.out;
}

TEST(RulesBench, TellsOfOneRule) {
  const std::vector<std::string> args = {"rules", "bench",       "--repeats",
                                         "3",     "$DATA/rules", "--rule"};
  std::vector<std::string> known = args, unknown = args;
  known.push_back("rumors.secret_cure");
  unknown.push_back("rumors.no_such");
  const RunResult run = RunProgram({.args = CliArgs(known)});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("rumors.secret_cure"));
  EXPECT_THAT(run.out, testing::Not(HasSubstr("gambling.online_casino")));
  EXPECT_THAT(run.out, HasSubstr("of the rules' own tests"));
  EXPECT_EQ(RunProgram({.args = CliArgs(unknown)}).exit_code, 2);
}

// As editors write: in place, or beside and renamed.
TEST(RulesWatch, ChecksAgainAfterEachSaveUntilCtrlC) {
  const std::string folder = CliTempDir() + "/watched";
  std::filesystem::copy(CliDataDir() + "/list_rules", folder,
                        std::filesystem::copy_options::recursive);
  const std::string file = folder + "/casinos.yaml";
  const std::string good = ReadFileOrFail(file);
  Conversation watch(CliArgs({"rules", "check", "--watch", file}));
  const std::string ok = watch.HearLine();
  EXPECT_THAT(ok, StartsWith("OK: "));
  const auto hear_until = [&watch](std::string_view beginning) {
    std::string line;
    do {
      line = watch.HearLine();
    } while (!line.empty() && line.rfind(beginning, 0) != 0);
    return line;
  };
  std::ofstream(file) << "- id: [\n";
  EXPECT_THAT(hear_until("error["), HasSubstr("Y0"));
  std::ofstream(folder + "/casinos.yaml.new") << good;
  std::filesystem::rename(folder + "/casinos.yaml.new", file);
  EXPECT_EQ(hear_until("OK: "), ok);
  // A list that the rules name counts as well, and a file that is no rule file does not.
  std::ofstream(folder + "/notes.md") << "nothing\n";
  std::ofstream(folder + "/lists/casinos.txt", std::ios::app) << "另一个赌场的名字\n";
  const std::string more = hear_until("OK: ");
  EXPECT_NE(more, ok);
  EXPECT_THAT(more, StartsWith("OK: "));
  watch.Signal(SIGINT);
  EXPECT_EQ(watch.End(), 0);
}

TEST(RulesWatch, RunsTestsAgain) {
  const std::string folder = CliTempDir() + "/watched_tests";
  std::filesystem::copy(CliDataDir() + "/why_rules", folder);
  Conversation watch(CliArgs({"rules", "test", "--watch", folder}));
  EXPECT_THAT(watch.HearLine(), HasSubstr("tests passed"));
  std::filesystem::copy_file(CliDataDir() + "/failing_rules/failing.yaml",
                             folder + "/failing.yaml");
  std::string line;
  do {
    line = watch.HearLine();
  } while (!line.empty() && line.find("FAILED") == std::string::npos);
  EXPECT_THAT(line, HasSubstr("FAILED"));
  watch.Signal(SIGTERM);
  EXPECT_EQ(watch.End(), 0);
}

TEST(PackBuild, LeavesNothingBehindWhenRulesAreBad) {
  const std::string path = CliTempDir() + "/half.pack";
  const RunResult run =
      RunProgram({.args = CliArgs({"pack", "build", "-o", path, "$DATA/bad_rules"})});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(PackBuild, GivesTheSameRevisionForTheSameSource) {
  const std::string again = CliTempDir() + "/again.pack";
  ASSERT_EQ(
      RunProgram({.args = CliArgs({"pack", "build", "-o", again, "--id", "test", "$DATA/rules"})})
          .exit_code,
      0);
  const auto revision = [](const std::string& path) {
    const std::string out =
        RunProgram({.args = CliArgs({"pack", "inspect", "--format", "json", path})}).out;
    const size_t at = out.find("packs/test/revisions/");
    return at == std::string::npos ? "none in " + out : out.substr(at, 33);
  };
  EXPECT_EQ(revision(again), revision("$TMP/test.pack"));
  EXPECT_THAT(revision(again), HasSubstr("packs/test/revisions/"));
}

}  // namespace
}  // namespace winnow::test
