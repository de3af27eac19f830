// winnow scan: files, standard input and lines, in every format; what is hostile, broken or too
// large.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "engine/base/strings.h"
#include "tests/tools/cli_golden.h"
#include "tests/tools/run_program.h"
#include "tools/cli/verdict_json.h"

namespace winnow::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

CliCase Scan(std::string name, std::vector<std::string> args, std::string stdin_bytes = "") {
  std::vector<std::string> all{"scan", "--pack", "$TMP/test.pack", "--policy", "$DATA/policy.yaml"};
  all.insert(all.end(), args.begin(), args.end());
  return {std::move(name), std::move(all), std::move(stdin_bytes)};
}

constexpr char kLines[] =
    "{\"id\": \"plain\", \"text\": \"加微信，真人荷官在线发牌\"}\n"
    "{\"id\": \"separated\", \"text\": \"真.人.荷.官 开户\"}\n"
    "{\"id\": \"zero-width\", \"text\": \"网\\u200b上\\u200b赌\\u200b场\"}\n"
    "{\"id\": \"full-width\", \"text\": \"ＯＮＬＩＮＥ ＣＡＳＩＮＯ\"}\n"
    "{\"id\": \"traditional\", \"text\": \"網上賭場\"}\n"
    "{\"id\": \"review\", \"text\": \"a secret cure, not only for cancer\"}\n"
    "{\"id\": 7, \"text\": \"a clean line\"}\n"
    "{\"text\": \"反赌宣传：网上赌场十赌九输\", \"id\": \"unless\", \"more\": [1, {\"a\": "
    "null}]}\n";

constexpr char kBadLines[] =
    "{\"id\": \"good\", \"text\": \"hello\"}\n"
    "\n"
    "not json\n"
    "{\"id\": \"cut\", \"text\": \"网上赌\n"
    "{\"id\": \"no text\"}\n"
    "{\"text\": \"no id\"}\n"
    "{\"id\": null, \"text\": \"null id\"}\n"
    "{\"id\": \"x\", \"text\": 5}\n"
    "{\"id\": \"twice\", \"text\": \"clean\", \"text\": \"网上赌场\"}\n"
    "{\"id\": \"more\", \"text\": \"a\"} {\"id\": \"after\", \"text\": \"b\"}\n"
    "[\"id\", \"text\"]\n"
    "{\"id\": \"hostile \\u001b]0;title\\u0007\", \"text\": 1, \"\x1b[2J\": 0}\n"
    "{\"id\": \"last\", \"text\": \"no line end\"}";

class ScanCases : public testing::TestWithParam<CliCase> {
 public:
  static void SetUpTestSuite() {
    const std::string tmp = CliTempDir();
    const auto file = [&tmp](const std::string& name, std::string_view bytes) {
      std::ofstream(tmp + "/" + name, std::ios::binary) << bytes;
    };
    file("clean.txt", "Two chairs, one table.\n");
    file("casino.txt", "第一行\n本店招聘真人荷官，待遇优厚\n第三行\n");
    file("empty.txt", "");
    file("gb18030.txt", "\xD5\xE6\xC8\xCB\xBA\xC9\xB9\xD9\xD4\xDA\xCF\xDF\xB7\xA2\xC5\xC6\n");
    file("picture.png", std::string_view("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01", 20));
    file("hostile.txt",
         "\x1b[2J\x1b]0;owned\x07 \xE2\x80\xAE\xE2\x80\x8B真人荷官\x1b[31m \xC2\x9B"
         "1m\xE2\x81\xA6 end\n");
    file("ill_formed.txt", "网上赌场 and a stray \xFF byte\n");
    std::string large(3 << 20, 'x');
    for (size_t i = 80; i < large.size(); i += 80) large[i] = '\n';
    large.replace((2 << 20) + 1, 12, "网上赌场");
    file("large.txt", large);
  }
};

TEST_P(ScanCases, AreAnsweredAsRecorded) { CheckCli(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Files, ScanCases,
    testing::Values(
        Scan("scan_clean_file", {"$TMP/clean.txt"}),
        Scan("scan_found_in_file", {"$TMP/casino.txt"}),
        Scan("scan_files_text", {"$TMP/casino.txt", "$TMP/clean.txt", "$TMP/picture.png"}),
        Scan("scan_files_json",
             {"--format", "json", "--excerpts", "$TMP/casino.txt", "$TMP/clean.txt"}),
        Scan("scan_files_ndjson", {"--format", "ndjson", "$TMP/casino.txt", "$TMP/picture.png"}),
        Scan("scan_stdin", {}, "join our online casino"), Scan("scan_stdin_empty", {"-"}),
        Scan("scan_empty_file", {"$TMP/empty.txt"}),
        Scan("scan_charset_told", {"--charset", "gb18030", "$TMP/gb18030.txt"}),
        Scan("scan_evasions", {"-"}, "网 上 赌 场，ｏｎｌｉｎｅ ＣＡＳＩＮＯ\n"),
        Scan("scan_binary", {"$TMP/picture.png"}), Scan("scan_hostile_text", {"$TMP/hostile.txt"}),
        Scan("scan_hostile_json", {"--format", "json", "--excerpts", "$TMP/hostile.txt"}),
        Scan("scan_ill_formed", {"$TMP/ill_formed.txt"}),
        Scan("scan_large_file", {"--format", "ndjson", "$TMP/large.txt"}),
        Scan("scan_missing_file", {"$TMP/nowhere.txt", "$TMP/clean.txt"}),
        Scan("scan_missing_file_json", {"--format", "json", "$TMP/nowhere.txt"}),
        Scan("scan_folder", {"$TMP"}),
        Scan("scan_exit_code_found", {"--exit-code", "$TMP/casino.txt"}),
        Scan("scan_exit_code_clean", {"--exit-code", "$TMP/clean.txt"}),
        Scan("scan_region", {"--region", "overseas", "$TMP/casino.txt"}),
        Scan("scan_offsets_utf16", {"--format", "ndjson", "--offsets", "utf16", "-"}, "😀 网上赌场"),
        Scan("scan_offsets_code_points", {"--format", "ndjson", "--offsets", "code_points", "-"},
             "😀 网上赌场")),
    [](const auto& info) { return CaseName(info.param); });

INSTANTIATE_TEST_SUITE_P(
    Lines, ScanCases,
    testing::Values(
        Scan("lines_ndjson", {"--jsonl", "-"}, kLines),
        Scan("lines_excerpts", {"--jsonl", "--excerpts", "-"}, kLines),
        Scan("lines_text", {"--jsonl", "--format", "text", "-"}, kLines),
        Scan("lines_json", {"--jsonl", "--format", "json", "-"}, kLines),
        Scan("lines_surface", {"--jsonl", "--surface", "comment", "--region", "mainland"},
             "{\"id\":\"a\",\"text\":\"clean\"}\n{\"id\":\"b\",\"text\":\"网上赌场\"}\n"),
        Scan("lines_bad", {"--jsonl", "-"}, kBadLines),
        Scan("lines_bad_text", {"--jsonl", "--format", "text", "-"}, kBadLines),
        Scan("lines_bad_json", {"--jsonl", "--format", "json", "-"}, kBadLines),
        Scan("lines_empty", {"--jsonl", "-"}),
        Scan("lines_empty_json", {"--jsonl", "--format", "json", "-"}),
        Scan("lines_byte_order_mark", {"--jsonl", "-"},
             "\xEF\xBB\xBF{\"id\":\"a\",\"text\":\"x\"}\r\n"),
        Scan("lines_ill_formed", {"--jsonl", "-"},
             "{\"id\":\"raw\",\"text\":\"\xFF\xFE网上赌场\"}\n"
             "{\"id\":\"surrogate\",\"text\":\"网上赌场 \\ud800\"}\n"
             "{\"id\":\"clean\",\"text\":\"a \xC0 in a longer text that is otherwise "
             "quite plain and in which nothing else can be found at all\"}\n"),
        Scan("lines_missing_file", {"--jsonl", "$TMP/nowhere.jsonl"})),
    [](const auto& info) { return CaseName(info.param); });

INSTANTIATE_TEST_SUITE_P(
    Set_up, ScanCases,
    testing::Values(
        CliCase{"scan_no_pack", {"scan", "--pack", "$TMP/missing.pack", "-"}, "hello"},
        CliCase{"scan_pack_is_no_pack", {"scan", "--pack", "$DATA/policy.yaml", "-"}, "hello"},
        CliCase{"scan_no_policy",
                {"scan", "--pack", "$TMP/test.pack", "--policy", "$TMP/no.yaml", "-"},
                "hello"},
        CliCase{"scan_bad_policy",
                {"scan", "--pack", "$TMP/test.pack", "--policy", "$DATA/bad_policy.yaml", "-"},
                "hello"}),
    [](const auto& info) { return CaseName(info.param); });

RunResult ScanLines(const std::string& lines, std::vector<std::string> more = {}) {
  std::vector<std::string> args{
      "scan", "--pack", "$TMP/test.pack", "--policy", "$DATA/policy.yaml", "--jsonl"};
  args.insert(args.end(), more.begin(), more.end());
  return RunProgram({.args = CliArgs(args), .stdin_bytes = lines});
}

// Many chunks and many threads: each line has its answer, in its place, and clean ones (which are
// printed by another way) are byte for byte what other verdicts would be.
TEST(ScanLines, AnswersEveryLineInOrder) {
  std::mt19937 random(7);
  std::string input;
  std::vector<char> expected;
  constexpr int kCount = 60'000;
  for (int i = 0; i < kCount; ++i) {
    const int kind = static_cast<int>(random() % 50);
    const std::string filler(random() % 300, 'a');
    if (kind == 0) {
      StrAppend(&input, "{\"id\":", i, ",\"text\":\"网上赌场 ", filler, "\"}\n");
      expected.push_back('B');
    } else if (kind == 1) {
      StrAppend(&input, "{\"id\":", i, "\n");
      expected.push_back('E');
    } else {
      StrAppend(&input, "{\"id\":", i, ",\"text\":\"", filler, "\"}\n");
      expected.push_back('A');
    }
  }
  const RunResult run = ScanLines(input, {"--threads", "4"});
  EXPECT_EQ(run.exit_code, 3);
  std::istringstream lines(run.out);
  std::string line;
  std::string first_clean;
  for (int i = 0; i < kCount; ++i) {
    ASSERT_TRUE(std::getline(lines, line)) << "only " << i << " lines";
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    ASSERT_TRUE(json.is_object()) << line;
    if (expected[static_cast<size_t>(i)] == 'E') {
      ASSERT_TRUE(json.contains("error") && !json.contains("decision")) << line;
      ASSERT_EQ(json["line"], i + 1);
      continue;
    }
    ASSERT_EQ(json["id"], i);
    ASSERT_EQ(json["decision"],
              expected[static_cast<size_t>(i)] == 'B' ? "DECISION_BLOCK" : "DECISION_ALLOW");
    ASSERT_EQ(json["completeness"], "COMPLETENESS_COMPLETE");
    ASSERT_EQ(json["findings"].size(), expected[static_cast<size_t>(i)] == 'B' ? 1u : 0u);
    if (expected[static_cast<size_t>(i)] == 'A' && i % 1000 < 50) {
      nlohmann::json without_id = json;
      without_id.erase("id");
      v1::Verdict verdict;
      ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(without_id.dump(), &verdict).ok());
      ASSERT_EQ(line, cli::VerdictLine(std::to_string(i), verdict));
      std::string protobufs;
      ASSERT_TRUE(google::protobuf::util::MessageToJsonString(verdict, &protobufs).ok());
      without_id.erase("findings");  // empty, which protobuf leaves out
      ASSERT_EQ(without_id, nlohmann::json::parse(protobufs));
    }
  }
  EXPECT_FALSE(std::getline(lines, line)) << line;
}

TEST(ScanLines, TellsWhichLineIsTooLong) {
  std::string input = "{\"id\":\"first\",\"text\":\"a\"}\n{\"id\":\"long\",\"text\":\"";
  input.append(65 << 20, 'x');
  input.append("\"}\n{\"id\":\"third\",\"text\":\"网上赌场\"}\n");
  const RunResult run = ScanLines(input);
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.err, HasSubstr("line 2: the line is longer than 67108864 bytes"));
  std::istringstream lines(run.out);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_THAT(line, HasSubstr("DECISION_ALLOW"));
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_THAT(line, HasSubstr("\"error\""));
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_THAT(line, HasSubstr("DECISION_BLOCK"));
}

TEST(ScanLines, ScansALineOfManyMegabytes) {
  std::string input = "{\"id\":\"large\",\"text\":\"";
  input.append(20 << 20, 'x');
  input.append(" 网上赌场\"}\n");
  const RunResult run = ScanLines(input);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("DECISION_BLOCK"));
  EXPECT_THAT(run.out, HasSubstr("\"begin\":20971521"));
}

// A program at the other end of two pipes has its answer before it says the next thing.
TEST(ScanLines, AnswersBeforeMoreIsSaid) {
  Conversation scan(CliArgs(
      {"scan", "--pack", "$TMP/test.pack", "--policy", "$DATA/policy.yaml", "--jsonl", "-"}));
  scan.Say("{\"id\":1,\"text\":\"a\"}\n");
  EXPECT_THAT(scan.HearLine(), HasSubstr("{\"id\":1,\"decision\":\"DECISION_ALLOW\""));
  scan.Say("{\"id\":2,\"text\":\"网上");
  scan.Say("赌场\"}\n");
  EXPECT_THAT(scan.HearLine(), HasSubstr("{\"id\":2,\"decision\":\"DECISION_BLOCK\""));
  EXPECT_EQ(scan.End(), 0);
}

// Colour is for terminals, and for people who want it.
TEST(ScanOnATerminal, IsColouredUnlessAskedNotTo) {
  const std::vector<std::string> args =
      CliArgs({"scan", "--pack", "$TMP/test.pack", "--policy", "$DATA/policy.yaml", "-"});
  const auto show = [&args](const std::string& term, const std::string& no_color) {
    RunInput input{.args = args, .stdin_bytes = "\x1b[5m网上赌场", .env = {{"TERM", term}}};
    if (!no_color.empty()) input.env.emplace_back("NO_COLOR", no_color);
    return RunOnTerminal(input, 80);
  };
  const std::string coloured = show("xterm", "");
  EXPECT_THAT(coloured, AllOf(HasSubstr("\x1b[1;31mBLOCK\x1b[0m"),
                              HasSubstr("<U+001B>[5m\x1b[7m网上赌场\x1b[0m")));
  for (const std::string& plain : {show("xterm", "1"), show("dumb", "")}) {
    EXPECT_THAT(plain, HasSubstr("<U+001B>[5m»网上赌场«"));
    EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  }
}

// Tables fit the terminal they are on, and are whole elsewhere.
TEST(TablesOnATerminal, FitIt) {
  const std::vector<std::string> args = CliArgs({"pack", "inspect", "--rules", "$TMP/test.pack"});
  const std::string narrow =
      RunOnTerminal({.args = args, .env = {{"NO_COLOR", "1"}, {"TERM", "xterm"}}}, 56);
  EXPECT_THAT(narrow,
              HasSubstr("\r\ngambling.online…  vice_violence  gambling  high      BLOCK\r\n"));
  EXPECT_THAT(RunProgram({.args = args}).out, HasSubstr("\ngambling.online_casino  vice_violence"));
}

// A file, and lines, of any size take the same memory: after the first megabytes it has all it
// needs.
TEST(ScanMemory, DoesNotGrowWithTheInput) {
  // Under AddressSanitizer what is freed waits, up to 256 MiB of it: here it shall not.
  ::setenv("ASAN_OPTIONS", "quarantine_size_mb=4", 0);
  for (const bool lines : {false, true}) {
    std::vector<std::string> args{"scan", "--pack", "$TMP/test.pack", "--policy",
                                  "$DATA/policy.yaml"};
    if (lines) args.push_back("--jsonl");
    Conversation scan(CliArgs(args), "/dev/null");
    std::string megabyte;
    while (megabyte.size() < 1 << 20) {
      megabyte +=
          lines ? "{\"id\":1,\"text\":\"two chairs, 一张桌子\"}\n" : "two chairs, 一张桌子\n";
    }
    for (int i = 0; i < 16; ++i) scan.Say(megabyte);
    const long before = scan.MemoryMax();
    for (int i = 0; i < 128; ++i) scan.Say(megabyte);
    EXPECT_LT(scan.MemoryMax(), before + (32 << 10)) << (lines ? "lines" : "a file");
    EXPECT_EQ(scan.End(), 0);
  }
}

// The pack and policy beside the program, which nobody had to name.
TEST(ScanDefaults, AreTheBundledPackAndPolicy) {
  const RunResult run = RunProgram(
      {.args = {WinnowPath(), "scan", "--format", "ndjson"}, .stdin_bytes = "two chairs"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("DECISION_ALLOW"), HasSubstr("packs/bundled/revisions/"),
                             HasSubstr("policies/default/revisions/")));
}

TEST(ScanOutput, IsNotLostInSilenceOnAFullDisk) {
  for (const std::string format : {"text", "json", "ndjson"}) {
    const RunResult run =
        RunProgram({.args = CliArgs({"scan", "--pack", "$TMP/test.pack", "--policy",
                                     "$DATA/policy.yaml", "--format", format, "-"}),
                    .stdin_bytes = "hello",
                    .env = {},
                    .stdout_path = "/dev/full"});
    EXPECT_EQ(run.exit_code, 3) << format;
    EXPECT_THAT(run.err, HasSubstr("cannot write all of the output")) << format;
  }
}

}  // namespace
}  // namespace winnow::test
