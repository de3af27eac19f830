#include "tests/tools/cli_golden.h"

#include <gtest/gtest.h>

#include <regex>

#include "engine/base/strings.h"
#include "tests/support/golden.h"
#include "tests/support/temp_dir.h"
#include "tests/tools/run_program.h"

namespace winnow::test {
namespace {

void ReplaceAll(const std::string& from, const std::string& to, std::string* text) {
  for (size_t at = 0; (at = text->find(from, at)) != std::string::npos; at += to.size()) {
    text->replace(at, from.size(), to);
  }
}

// `server` is the address of the server that answered, or empty.
std::string Normalize(std::string text, const std::string& server) {
  ReplaceAll(CliTempDir(), "$TMP", &text);
  ReplaceAll(CliDataDir(), "$DATA", &text);
  ReplaceAll(WINNOW_BIN_DIR "/../", "$BUILD/", &text);
  const std::string bin = WINNOW_BIN_DIR;
  ReplaceAll(bin.substr(0, bin.rfind('/')), "$BUILD", &text);
  static const std::pair<std::regex, const char*> kVarying[] = {
      {std::regex(R"(\b\d+\.\d\d ms\b)"), "T ms"},
      {std::regex(R"(revisions/[0-9a-f]{12}\b)"), "revisions/R"},
      {std::regex(R"(\b[0-9a-f]{64}\b)"), "SHA256"},
      {std::regex(R"((winnow |"toolVersion": ?")\d+\.\d+\.\d+)"), "$01VERSION"},
      {std::regex(R"((hyperscan|vectorscan) [0-9.]+)"), "ENGINE"},
      {std::regex(R"((platform +|"platform":")[^"\n]+)"), "$01PLATFORM"},
      {std::regex(R"(compiles in [0-9.]+[mnu]?s to \d+ (bytes|kB|MB))"),
       "compiles in T to N bytes"},
      {std::regex(R"((size +|loaded +|expressions, )\d+ bytes\b)"), "$01N bytes"},
      {std::regex(R"("(file|memory)Bytes":\d+)"), "\"$1Bytes\":N"},
  };
  for (const auto& [pattern, name] : kVarying) text = std::regex_replace(text, pattern, name);
  if (server.empty()) return text;
  ReplaceAll(server, "$SERVER", &text);
  static const std::pair<std::regex, const char*> kOfServers[] = {
      {std::regex(R"(verdicts/[0-9a-f]{8}-[0-9a-f-]{27}\b)"), "verdicts/UUID"},
      {std::regex(R"(\b\d{4}-\d\d-\d\dT[0-9:.]+Z)"), "TIME"},
      {std::regex(R"(\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b)"), "YYYY-MM-DD HH:MM:SS"},
      {std::regex(R"("checkDuration": ?"[0-9.]+s")"), "\"checkDuration\":\"T\""},
      {std::regex(R"((--page-token |"nextPageToken": ")[A-Za-z0-9_-]{20,})"), "$01TOKEN"},
  };
  for (const auto& [pattern, name] : kOfServers) text = std::regex_replace(text, pattern, name);
  return text;
}

}  // namespace

std::string WinnowPath() { return std::string(WINNOW_BIN_DIR) + "/winnow"; }

std::string CliDataDir() { return std::string(WINNOW_SOURCE_DIR) + "/tests/tools/testdata"; }

const std::string& CliTempDir() {
  static const TempDir dir;
  static const bool built = [] {
    const RunResult build =
        RunProgram({.args = {WinnowPath(), "pack", "build", "-o", dir.Sub("test.pack"), "--id",
                             "test", CliDataDir() + "/rules"}});
    EXPECT_EQ(build.exit_code, 0) << build.err;
    return true;
  }();
  (void)built;
  return dir.path();
}

std::vector<std::string> CliArgs(const std::vector<std::string>& args) {
  std::vector<std::string> out{WinnowPath()};
  for (std::string arg : args) {
    ReplaceAll("$TMP", CliTempDir(), &arg);
    ReplaceAll("$DATA", CliDataDir(), &arg);
    out.push_back(std::move(arg));
  }
  return out;
}

void CheckCli(const CliCase& c) {
  const RunResult result =
      RunProgram({.args = CliArgs(c.args), .stdin_bytes = c.stdin_bytes, .env = c.env});
  std::string server;
  for (const auto& [name, value] : c.env) {
    if (name == "WINNOW_SERVER") server = value;
  }
  std::string actual = "$ ";
  for (const auto& [name, value] : c.env)
    StrAppend(&actual, name, "=", Normalize(value, server), " ");
  StrAppend(&actual, "winnow");
  for (const std::string& arg : c.args) StrAppend(&actual, " ", arg);
  StrAppend(&actual, "\n--- standard output\n", Normalize(result.out, server),
            "--- standard error\n", Normalize(result.err, server), "--- exit code\n",
            result.exit_code, "\n");
  ExpectGolden(CliDataDir() + "/cli/" + c.name + ".out", actual);
}

}  // namespace winnow::test
