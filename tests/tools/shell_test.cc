// The program as shells and man know it, tried in the shells themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/golden.h"
#include "tests/tools/cli_golden.h"
#include "tests/tools/run_program.h"

namespace winnow::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// The script for a shell, as a file.
std::string ScriptFor(const std::string& shell) {
  const std::string path = CliTempDir() + "/completion." + shell;
  const RunResult run = RunProgram({.args = CliArgs({"completion", shell}), .stdout_path = path});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  return path;
}

// What the shell offers where the last of `words` is being typed, one a line.
std::string Completed(const std::string& shell, const std::vector<std::string>& words) {
  std::string quoted, line;
  for (const std::string& word : words) {
    quoted += "'" + word + "' ";
    line += (line.empty() ? "" : " ") + word;
  }
  const std::string at = std::to_string(words.size() - 1);
  std::string program = "source '" + ScriptFor(shell) + "'\n";
  if (shell == "bash") {
    program += "COMP_WORDS=(" + quoted + ") COMP_CWORD=" + at +
               "\n_winnow\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
  } else if (shell == "zsh") {
    // Outside the line editor: what the script would have shown is printed.
    program = "compdef() { }\n_files() { print files }\n" + program +
              "_describe() { local list=${@[-1]}; print -l -- ${(M)${(P)list}:#$PREFIX*} }\n" +
              "words=(" + quoted + ") CURRENT=$(( " + at + " + 1 )) PREFIX='" + words.back() +
              "'\n_winnow\n";
  } else {
    program += "complete -C '" + line + "'\n";
  }
  const RunResult run = RunProgram({.args = {"/usr/bin/env", shell, "-c", program}});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  return run.out;
}

class Completion : public testing::TestWithParam<std::string> {};

TEST_P(Completion, OffersCommandsAndOptionsWhereTheyMayStand) {
  const std::string shell = GetParam();
  EXPECT_THAT(Completed(shell, {"winnow", "sc"}), AllOf(HasSubstr("scan"), Not(HasSubstr("pack"))));
  EXPECT_THAT(Completed(shell, {"winnow", "rules", "ch"}),
              AllOf(HasSubstr("check"), Not(HasSubstr("samples"))));
  EXPECT_THAT(Completed(shell, {"winnow", "rules", "check", "--fo"}), HasSubstr("--format"));
  EXPECT_THAT(Completed(shell, {"winnow", "pack", "inspect", "--ru"}), HasSubstr("--rules"));
  // A value is no command.
  EXPECT_THAT(Completed(shell, {"winnow", "scan", "--format", "sc"}), Not(HasSubstr("scan")));
}

INSTANTIATE_TEST_SUITE_P(Shells, Completion, testing::Values("bash", "zsh", "fish"),
                         [](const auto& info) { return info.param; });

TEST(ManualPages, TellWhatTheHelpTells) {
  const std::string folder = CliTempDir() + "/man1";
  ASSERT_EQ(RunProgram({.args = CliArgs({"man", "--output", folder})}).exit_code, 0);
  size_t pages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    // groff warns of what it cannot read as a page.
    const RunResult shown = RunProgram({.args = {"/usr/bin/env", "groff", "-man", "-Tutf8", "-ww",
                                                 "-P-c", "-rLL=200n", entry.path().string()}});
    EXPECT_EQ(shown.exit_code, 0);
    EXPECT_EQ(shown.err, "") << entry.path();
    // winnow-rules-check.1 is `winnow rules check`.
    std::vector<std::string> words;
    std::istringstream stem(entry.path().stem().string());
    for (std::string word; std::getline(stem, word, '-');) words.push_back(word);
    words.erase(words.begin());
    words.push_back("--help");
    const RunResult help = RunProgram({.args = CliArgs(words)});
    EXPECT_EQ(help.exit_code, 0) << entry.path();
    const std::string source = ReadFileOrFail(entry.path());
    for (size_t at = 0; (at = help.out.find("--", at)) != std::string::npos;) {
      const size_t end = help.out.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at);
      const std::string option = help.out.substr(at, end - at);
      at = end;
      if (option.size() < 4) continue;
      std::string roff;
      for (char c : option) roff += c == '-' ? "\\-" : std::string(1, c);
      EXPECT_THAT(source, HasSubstr(roff)) << entry.path();
    }
    ++pages;
  }
  EXPECT_GT(pages, 15u);
}

}  // namespace
}  // namespace winnow::test
