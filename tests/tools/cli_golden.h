// One run of `winnow` against a golden: command line, standard output, standard error, exit code.
#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace winnow::test {

struct CliCase {
  std::string name;               // the golden is testdata/cli/NAME.out
  std::vector<std::string> args;  // without the program; "$TMP" and "$DATA" are replaced
  std::string stdin_bytes = "";
  std::vector<std::pair<std::string, std::string>> env = {};
};

// How a failing case is named.
inline void PrintTo(const CliCase& c, std::ostream* out) { *out << c.name; }
inline std::string CaseName(const CliCase& c) { return c.name; }

// A folder of this test program's own, with test.pack built from testdata/rules: "$TMP".
const std::string& CliTempDir();

// tests/tools/testdata: "$DATA".
std::string CliDataDir();

// The path of the built `winnow`.
std::string WinnowPath();

// The arguments with "$TMP" and "$DATA" replaced, after the program's path.
std::vector<std::string> CliArgs(const std::vector<std::string>& args);

// Runs the case and compares. Paths, times and revisions that differ from run to run are replaced
// by names first; nothing else is.
void CheckCli(const CliCase& c);

}  // namespace winnow::test
