// The verbs that talk to a server, against a running winnowd over a pack of a few lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/base/strings.h"
#include "tests/support/test_rules.h"
#include "tests/support/winnowd.h"
#include "tests/tools/cli_golden.h"
#include "tests/tools/run_program.h"

namespace winnow::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// One server for all cases: each has a tenant of its own where it matters what is stored.
Winnowd& Server() {
  static Winnowd* const server = [] {
    auto* started = new Winnowd;
    started->Start();
    return started;
  }();
  return *server;
}

class EndServer : public testing::Environment {
 public:
  void TearDown() override { Server().Stop(); }
};
const testing::Environment* const kEndServer = testing::AddGlobalTestEnvironment(new EndServer);

RunResult RunHere(const std::vector<std::string>& args, const std::string& stdin_bytes = "") {
  return RunProgram({.args = CliArgs(args),
                     .stdin_bytes = stdin_bytes,
                     .env = {{"WINNOW_SERVER", Server().address()}}});
}

class ServerCases : public testing::TestWithParam<CliCase> {};

TEST_P(ServerCases, AreAnsweredAsRecorded) {
  CliCase c = GetParam();
  // What `verdicts` reads, and no other case touches.
  if (c.name.find("verdicts") != std::string::npos) {
    static const bool stored = [] {
      for (const char* line : {"木椅两把", "招聘真人荷官", "有审核词语在此"}) {
        EXPECT_EQ(RunHere({"check", "--tenant", "golden", "--surface", "order", "--content-id",
                           line, "--text", line})
                      .exit_code,
                  0);
      }
      return true;
    }();
    ASSERT_TRUE(stored);
  }
  c.env = {{"WINNOW_SERVER", Server().address()}};
  CheckCli(c);
}

const std::string kLines =
    "{\"id\": \"clean\", \"text\": \"木椅两把\"}\n"
    "{\"id\": 2, \"text\": \"招聘真人荷官\"}\n"
    "not json\n"
    "{\"id\": \"ill-formed\", \"text\": \"真人荷官 \xFF\"}\n"
    "{\"id\": \"\", \"text\": \"an empty id is no content id\"}\n"
    "{\"id\": \"review\", \"text\": \"有审核词语在此\"}\n";

INSTANTIATE_TEST_SUITE_P(
    Check, ServerCases,
    testing::Values(
        CliCase{"server_check_text",
                {"check", "--text", "招聘真人荷官", "--surface", "order", "--content-id", "o-7"}},
        CliCase{"server_check_text_json",
                {"check", "--format", "json", "--text", "a", "--account", "alice"}},
        CliCase{"server_check_stdin", {"check"}, "招聘真人荷官\n"},
        CliCase{"server_check_files",
                {"check", "--exit-code", "$DATA/samples/chairs.txt", "$DATA/samples/picture.png"}},
        CliCase{"server_check_charset",
                {"check", "--charset", "gb18030", "$DATA/samples/gb18030.txt"}},
        CliCase{"server_check_missing_file", {"check", "$TMP/nowhere.txt"}},
        CliCase{"server_check_lines", {"check", "--jsonl", "-"}, kLines},
        CliCase{"server_check_lines_stream", {"check", "--jsonl", "--stream", "-"}, kLines},
        CliCase{"server_check_lines_text", {"check", "--jsonl", "--format", "text", "-"}, kLines},
        CliCase{"server_bad_tenant", {"check", "--tenant", "Not Good", "--text", "a"}},
        CliCase{"server_bad_request_id", {"check", "--request-id", "7", "--text", "a"}}),
    [](const auto& info) { return CaseName(info.param); });

INSTANTIATE_TEST_SUITE_P(
    Read, ServerCases,
    testing::Values(
        CliCase{"server_verdicts_list", {"verdicts", "list", "--tenant", "golden"}},
        CliCase{"server_verdicts_page",
                {"verdicts", "list", "--tenant", "golden", "--page-size", "2"}},
        CliCase{"server_verdicts_all",
                {"verdicts", "list", "--tenant", "golden", "--page-size", "1", "--all", "--format",
                 "ndjson"}},
        CliCase{"server_verdicts_json",
                {"verdicts", "list", "--tenant", "golden", "--filter", "decision = BLOCK",
                 "--format", "json"}},
        CliCase{"server_verdicts_none", {"verdicts", "list", "--tenant", "nobody"}},
        CliCase{"server_verdicts_bad_filter", {"verdicts", "list", "--filter", "decision ~ BLOCK"}},
        CliCase{"server_verdicts_not_found",
                {"verdicts", "get", "--tenant", "golden", "019ab0c1-7c1e-7f00-8000-000000000001"}},
        CliCase{"server_pack_active", {"pack", "active"}},
        CliCase{"server_pack_active_json", {"pack", "active", "--format", "json"}},
        CliCase{"server_pack_reload", {"pack", "reload"}}, CliCase{"server_health", {"health"}},
        CliCase{"server_health_unknown_service", {"health", "--service", "no.such.Service"}}),
    [](const auto& info) { return CaseName(info.param); });

INSTANTIATE_TEST_SUITE_P(Samples, ServerCases,
                         testing::Values(CliCase{"server_samples", {"samples", "$DATA/samples"}},
                                         CliCase{"server_samples_wrong",
                                                 {"samples", "$DATA/samples_wrong"}}),
                         [](const auto& info) { return CaseName(info.param); });

TEST(VerdictsGet, ShowsWhatCheckStored) {
  const RunResult check = RunHere({"check", "--tenant", "get", "--format", "ndjson", "--excerpts",
                                   "--surface", "comment", "--text", "招聘真人荷官"});
  ASSERT_EQ(check.exit_code, 0) << check.err;
  const auto stored = nlohmann::json::parse(check.out);
  const std::string name = stored["name"];
  const std::string id = name.substr(name.rfind('/') + 1);
  const RunResult by_name = RunHere({"verdicts", "get", name, "--format", "ndjson"});
  const RunResult by_id = RunHere({"verdicts", "get", "--tenant", "get", id, "--format", "json"});
  EXPECT_EQ(by_name.exit_code, 0) << by_name.err;
  const auto read = nlohmann::json::parse(by_name.out);
  EXPECT_EQ(read, nlohmann::json::parse(by_id.out));
  for (const char* member : {"name", "decision", "completeness", "categories", "createTime"}) {
    EXPECT_EQ(read[member], stored[member]) << member;
  }
  EXPECT_THAT(RunHere({"verdicts", "get", name}).out,
              AllOf(HasSubstr("BLOCK"), HasSubstr("gambling.test_word"), HasSubstr(name),
                    HasSubstr("comment")));
}

// Checks a text and gives the name of its verdict.
std::string NameOfChecked(const std::string& tenant, const std::string& text,
                          std::vector<std::string> more = {}) {
  std::vector<std::string> args{"check",     "--tenant", tenant,   "--format", "ndjson",
                                "--surface", "comment",  "--text", text};
  args.insert(args.end(), more.begin(), more.end());
  const RunResult check = RunHere(args);
  EXPECT_EQ(check.exit_code, 0) << check.err;
  return nlohmann::json::parse(check.out)["name"];
}

TEST(VerdictsReplay, MakesTheVerdictAgainByWhatMadeIt) {
  const std::string flagged = NameOfChecked("replay", "招聘真人荷官", {"--excerpts"});
  const std::string bare = NameOfChecked("replay", "招聘真人荷官");
  const std::string clean = NameOfChecked("replay", "木椅两把");
  const RunResult of_file =
      RunHere({"check", "--tenant", "replay", "--format", "ndjson", "$DATA/samples/chairs.txt"});
  const std::string file = nlohmann::json::parse(of_file.out)["name"];
  const struct {
    std::string name;
    std::vector<std::string> content;
    int exit_code;
    const char* told;
  } cases[] = {
      {flagged, {}, 0, "AGREES"},
      {flagged, {"--field", "text=招聘真人荷官"}, 0, "AGREES"},
      {flagged,
       {"--field", "text=招聘真人荷官,真人荷官"},
       1,
       "gambling.test_word at text 19..31: was not found, is found"},
      {flagged, {"--field", "text=木椅两把"}, 1, "decision: was DECISION_BLOCK, is DECISION_ALLOW"},
      {flagged,
       {"--field", "note=招聘真人荷官"},
       1,
       "gambling.test_word at note 6..18: was not found"},
      {bare, {}, 3, "give its texts with --field"},
      {bare, {"--field", "text=招聘真人荷官"}, 0, "AGREES"},
      {clean, {}, 3, "UNKNOWN"},
      {clean, {"--field", "text=木椅两把"}, 0, "AGREES"},
      {clean, {"--field", "text=招聘真人荷官"}, 1, "DIFFERS"},
      {clean, {"--file", "$DATA/samples/chairs.txt"}, 3, "the verdict is of texts"},
      {file, {"--file", "$DATA/samples/chairs.txt"}, 0, "AGREES"},
      {file, {"--file", "$DATA/samples/gb18030.txt"}, 3, "its SHA-256 is another"},
      {file, {"--field", "text=木椅两把"}, 3, "the verdict is of a file"},
      {file, {"--file", "a", "--field", "b=c"}, 2, "give --field or --file"},
  };
  // By the pack that is in use, and then by another one's archive.
  for (const bool reloaded : {false, true}) {
    if (reloaded) {
      WriteTestPack(Server().pack_path(), "别的词语");
      ASSERT_EQ(RunHere({"pack", "reload"}).exit_code, 0);
      EXPECT_EQ(NameOfChecked("replay", "招聘真人荷官").substr(0, 15), "tenants/replay/");
    }
    for (const auto& c : cases) {
      std::vector<std::string> args{"verdicts", "replay", c.name};
      args.insert(args.end(), c.content.begin(), c.content.end());
      const RunResult run = RunHere(args);
      EXPECT_EQ(run.exit_code, c.exit_code) << c.told << "\n" << run.out << run.err;
      EXPECT_THAT(run.out + run.err, HasSubstr(c.told));
    }
    const RunResult json = RunHere({"verdicts", "replay", flagged, "--format", "json"});
    const auto told = nlohmann::json::parse(json.out);
    EXPECT_EQ(told["result"], "agrees");
    EXPECT_EQ(told["basis"], "excerpts");
    EXPECT_TRUE(told["differences"].empty());
  }
  WriteTestPack(Server().pack_path());
  ASSERT_EQ(RunHere({"pack", "reload"}).exit_code, 0);
}

TEST(RulesStats, CountWhatRulesDid) {
  const std::string one = NameOfChecked("stats", "招聘真人荷官,真人荷官");
  const std::string two = NameOfChecked("stats", "招聘真人荷官,有审核词语在此");
  const std::string three = NameOfChecked("stats", "有审核词语在此");
  NameOfChecked("stats", "木椅两把");
  const std::string judged = CliTempDir() + "/judged.jsonl";
  WriteWholeFile(judged,
                 StrCat("{\"verdict\": \"", one, "\", \"upheld\": true}\n\n",
                        "{\"upheld\": false, \"by\": [1], \"verdict\": \"", two, "\"}\n",
                        "{\"verdict\": \"tenants/stats/verdicts/none\", \"upheld\": true}\n"));
  const auto stats = nlohmann::json::parse(
      RunHere({"rules", "stats", "--tenant", "stats", "--format", "json", "--judged", judged}).out);
  EXPECT_EQ(stats["verdictCount"], 4);
  EXPECT_EQ(stats["judgedCount"], 2);
  ASSERT_EQ(stats["rules"].size(), 2u);
  const auto& word = stats["rules"][0];
  EXPECT_EQ(word["rule"], "gambling.test_word");
  EXPECT_EQ(word["findings"], 3);
  EXPECT_EQ(word["verdicts"], 2);
  EXPECT_EQ(word["block"], 2);
  EXPECT_EQ(word["alone"], 1);
  EXPECT_EQ(word["judged"], 2);
  EXPECT_EQ(word["upheld"], 1);
  EXPECT_NEAR(word["precisionLow"].get<double>(), 0.0945, 0.0001);
  EXPECT_NEAR(word["precisionHigh"].get<double>(), 0.9055, 0.0001);
  const auto& rumour = stats["rules"][1];
  EXPECT_EQ(rumour["rule"], "rumors.test_word");
  EXPECT_EQ(rumour["review"], 2);
  EXPECT_EQ(rumour["alone"], 1);
  EXPECT_EQ(rumour["judged"], 1);

  const RunResult text = RunHere({"rules", "stats", "--tenant", "stats"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("gambling.test_word"), HasSubstr("of 4 verdicts"),
                              HasSubstr("keeps no moderators' decisions")));
  EXPECT_THAT(RunHere({"rules", "stats", "--tenant", "stats", "--judged", judged}).out,
              HasSubstr("50 % (9-91) of 2"));
  EXPECT_THAT(RunHere({"rules", "stats", "--tenant", "nobody"}).out,
              HasSubstr("no rule found anything in 0 verdicts"));
  for (const char* bad : {"{\"verdict\": \"a\"}\n", "{\"upheld\": true}\n", "not json\n",
                          "{\"verdict\": \"a\", \"upheld\": true}\n"
                          "{\"verdict\": \"a\", \"upheld\": true}\n"}) {
    WriteWholeFile(judged, bad);
    const RunResult run = RunHere({"rules", "stats", "--judged", judged});
    EXPECT_EQ(run.exit_code, 3) << bad;
    EXPECT_THAT(run.err, HasSubstr("judged.jsonl, line "));
  }
}

// More lines than batches hold, by both ways: each is answered once, in its place.
TEST(CheckLines, AnswersEveryLineInOrder) {
  std::string input;
  constexpr int kCount = 3'000;
  for (int i = 0; i < kCount; ++i) {
    StrAppend(&input, "{\"id\":", i, ",\"text\":\"", i % 7 == 0 ? kBlockedWord : "clean", "\"}\n");
  }
  for (const bool stream : {false, true}) {
    std::vector<std::string> args{"check", "--tenant", stream ? "stream" : "batch", "--jsonl"};
    if (stream) args.push_back("--stream");
    const RunResult run = RunHere(args, input);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    std::istringstream lines(run.out);
    std::string line;
    for (int i = 0; i < kCount; ++i) {
      ASSERT_TRUE(std::getline(lines, line));
      const auto json = nlohmann::json::parse(line);
      ASSERT_EQ(json["id"], i);
      ASSERT_EQ(json["contentId"], std::to_string(i));
      ASSERT_EQ(json["decision"], i % 7 == 0 ? "DECISION_BLOCK" : "DECISION_ALLOW");
      ASSERT_FALSE(json.contains("clientToken"));
    }
    EXPECT_FALSE(std::getline(lines, line));
    const RunResult listed = RunHere({"verdicts", "list", "--tenant", stream ? "stream" : "batch",
                                      "--all", "--page-size", "1000", "--format", "ndjson"});
    EXPECT_EQ(std::count(listed.out.begin(), listed.out.end(), '\n'), kCount);
  }
}

TEST(CheckErrors, NameLimitAndActualValue) {
  std::string input = "{\"id\":\"large\",\"text\":\"";
  input.append(1'100'000, 'x');
  input.append("\"}\n{\"id\":\"small\",\"text\":\"a\"}\n");
  for (const bool stream : {false, true}) {
    std::vector<std::string> args{"check", "--jsonl"};
    if (stream) args.push_back("--stream");
    const RunResult run = RunHere(args, input);
    EXPECT_EQ(run.exit_code, 3);
    EXPECT_THAT(run.err, AllOf(HasSubstr("line 1"), HasSubstr("TEXT_TOO_LARGE"),
                               HasSubstr("1100000"), HasSubstr("1048576"), HasSubstr("remedy: ")));
    EXPECT_THAT(run.out, AllOf(HasSubstr("{\"id\":\"large\",\"line\":1,\"error\""),
                               HasSubstr("{\"id\":\"small\",\"name\"")));
  }
}

TEST(CheckErrors, RefuseARequestIdForAnotherText) {
  const std::string id = "5b7f3a8e-2e41-4b3c-9d53-0f2d6f7d9a11";
  const auto check = [&id](const std::string& text) {
    return RunHere({"check", "--request-id", id, "--format", "ndjson", "--text", text});
  };
  const auto name = [](const RunResult& run) {
    return nlohmann::json::parse(run.out)["name"].get<std::string>();
  };
  const RunResult first = check("a");
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(name(check("a")), name(first));
  const RunResult other = check("b");
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_THAT(other.err, AllOf(HasSubstr("REQUEST_ID_REUSED"), HasSubstr(id)));
}

// A server that ends, or a bad pack under it, is told with its reason.
TEST(Server, SaysWhatIsWrongWithItsPack) {
  Winnowd server;
  server.Start();
  const std::vector<std::pair<std::string, std::string>> env{{"WINNOW_SERVER", server.address()}};
  WriteWholeFile(server.pack_path(), "no pack");
  const RunResult reload = RunProgram({.args = CliArgs({"pack", "reload"}), .env = env});
  EXPECT_EQ(reload.exit_code, 3);
  EXPECT_THAT(reload.err, AllOf(HasSubstr("PACK_INVALID"), HasSubstr("remedy: ")));
  EXPECT_EQ(RunProgram({.args = CliArgs({"health"}), .env = env}).exit_code, 0);
  server.Stop();
  const RunResult health = RunProgram({.args = CliArgs({"health"}), .env = env});
  EXPECT_EQ(health.exit_code, 3);
  EXPECT_THAT(health.err, HasSubstr("UNAVAILABLE"));
}

// From a file to live and back, as an operator does it.
TEST(Rollout, GoesByWayOfTheArchive) {
  Winnowd server;
  server.Start();
  const auto run = [&server](std::vector<std::string> args) {
    return RunProgram({.args = CliArgs(args), .env = {{"WINNOW_SERVER", server.address()}}});
  };
  const std::string file = server.dir() + "/new.pack";
  WriteTestPack(file, "网上赌场");
  const RunResult pushed =
      run({"pack", "push", file, "--reason", "ticket 7", "--as", "alice", "--format", "json"});
  ASSERT_EQ(pushed.exit_code, 0) << pushed.err;
  const std::string name = nlohmann::json::parse(pushed.out)["name"];
  const std::string brief = "test/" + name.substr(name.rfind('/') + 1);
  EXPECT_THAT(run({"pack", "push", file}).out, HasSubstr(name + ": in the archive, 2 rules"));

  const RunResult missing = run({"pack", "comparison"});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.err, AllOf(HasSubstr("COMPARISON_NOT_FOUND"), HasSubstr("--to shadow")));
  const RunResult shadow = run({"pack", "promote", brief, "--to", "shadow", "--as", "alice"});
  EXPECT_EQ(shadow.exit_code, 0) << shadow.err;
  EXPECT_THAT(shadow.out, AllOf(HasSubstr("live"), HasSubstr("shadow"), HasSubstr(name)));
  EXPECT_THAT(run({"pack", "list"}).out, AllOf(HasSubstr("shadow"), HasSubstr("unsigned"),
                                               HasSubstr(name), HasSubstr("alice")));
  const RunResult check = run({"check", "--text", "网上赌场", "--content-id", "order-9"});
  EXPECT_THAT(check.out, Not(HasSubstr("BLOCK")));
  nlohmann::json comparison;
  do {
    const RunResult compared = run({"pack", "comparison", "--format", "json"});
    ASSERT_EQ(compared.exit_code, 0) << compared.err;
    comparison = nlohmann::json::parse(compared.out);
  } while (!comparison.contains("compared"));
  EXPECT_EQ(comparison["newBlocks"], "1");
  const RunResult text = run({"pack", "comparison", brief});
  EXPECT_THAT(text.out,
              AllOf(HasSubstr("new blocks    1"), HasSubstr("order-9"), HasSubstr("ALLOW -> BLOCK"),
                    HasSubstr("gambling.test_word"), HasSubstr("shadow only")));
  EXPECT_THAT(run({"pack", "comparison", "--samples", "0"}).out, Not(HasSubstr("order-9")));

  const RunResult gated = run(
      {"pack", "promote", brief, "--require", "shadow-hours=24,max-new-blocks=0,min-compared=1"});
  EXPECT_EQ(gated.exit_code, 3);
  EXPECT_THAT(gated.err, AllOf(HasSubstr("GATES_UNMET"), HasSubstr("shadow-hours: 0.0"),
                               HasSubstr("max-new-blocks: 1, required: at most 0"),
                               Not(HasSubstr("min-compared"))));
  for (const char* gate : {"max-new-block=3", "max-new-blocks", "max-new-blocks=-1",
                           "shadow-hours=soon", "min-compared=1.5"}) {
    const RunResult bad = run({"pack", "promote", brief, "--require", gate});
    EXPECT_EQ(bad.exit_code, 2) << gate;
    EXPECT_THAT(bad.err, HasSubstr("--require")) << gate;
  }
  const RunResult canary = run({"pack", "promote", brief, "--to", "canary", "--percent", "5"});
  EXPECT_EQ(canary.exit_code, 0) << canary.err;
  EXPECT_THAT(canary.out, HasSubstr("canary 5 %"));
  EXPECT_THAT(run({"pack", "rollback", "--channel", "canary"}).out, Not(HasSubstr("canary")));

  EXPECT_EQ(
      run({"pack", "promote", name, "--require", "max-new-blocks=1", "--as", "bob"}).exit_code, 0);
  EXPECT_THAT(run({"check", "--text", "网上赌场"}).out, HasSubstr("BLOCK"));
  const std::string copy = server.dir() + "/copy.pack";
  EXPECT_EQ(run({"pack", "download", brief, "-o", copy}).exit_code, 0);
  EXPECT_EQ(ReadWholeFile(copy), ReadWholeFile(file));
  const RunResult back = run({"pack", "rollback", "--reason", "blocks invoices", "--as", "carol"});
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_THAT(run({"check", "--text", "网上赌场"}).out, Not(HasSubstr("BLOCK")));
  EXPECT_THAT(run({"pack", "rollback"}).err, HasSubstr("NOTHING_TO_ROLL_BACK"));
  const RunResult history = run({"pack", "list", "--history"});
  EXPECT_THAT(history.out,
              AllOf(HasSubstr("rolled back, live"), HasSubstr("carol"),
                    HasSubstr("blocks invoices"), HasSubstr("promoted, canary 5 %"),
                    HasSubstr("promoted, shadow"), HasSubstr("bob"), HasSubstr("ticket 7")));
  EXPECT_THAT(run({"pack", "list", "--history", "--page-size", "2"}).out,
              HasSubstr("there are more"));
  const auto all = nlohmann::json::parse(
      run({"pack", "list", "--history", "--all", "--page-size", "2", "--format", "json"}).out);
  EXPECT_EQ(all["actions"].size(), 7u);
  EXPECT_THAT(run({"pack", "reload", "--from-files"}).out, HasSubstr("policies/test"));
  server.Stop();
}

TEST(Server, SpeaksMutualTls) {
  const std::string tmp = CliTempDir();
  const auto openssl = [&tmp](std::vector<std::string> args) {
    args.insert(args.begin(), "/usr/bin/openssl");
    const RunResult run = RunProgram({.args = args});
    ASSERT_EQ(run.exit_code, 0) << run.err;
  };
  const std::string ca = tmp + "/ca.pem";
  const std::string key = tmp + "/key.pem";
  // One certificate for all: its own authority, the server's and the client's.
  ASSERT_NO_FATAL_FAILURE(
      openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
               "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
               "-keyout", key, "-out", ca}));
  Winnowd server;
  server.Start({"--set", "server.tls.certificate_file=" + ca, "--set",
                "server.tls.private_key_file=" + key, "--set", "server.tls.client_ca_file=" + ca});
  const auto health = [&server](std::vector<std::string> flags) {
    std::vector<std::string> args{"health", "--server", server.address(), "--timeout", "20"};
    args.insert(args.end(), flags.begin(), flags.end());
    return RunProgram({.args = CliArgs(args)});
  };
  const RunResult mutual = health({"--ca", ca, "--cert", ca, "--key", key});
  EXPECT_EQ(mutual.exit_code, 0) << mutual.err;
  EXPECT_EQ(mutual.out, "SERVING\n");
  EXPECT_EQ(health({"--ca", ca}).exit_code, 3) << "without a client certificate";
  EXPECT_EQ(health({}).exit_code, 3) << "without TLS";
  server.Stop();
}

}  // namespace
}  // namespace winnow::test
