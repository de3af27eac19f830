// The commands of `winnow`, and what they share in dealing with the shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "engine/rules/diagnostics.h"

namespace CLI {
class App;
}

namespace winnow::cli {

// What the program tells its caller. Also in `winnow --help`.
enum ExitCode : int {
  kOk = 0,
  kFound = 1,   // findings of the kind asked for: failed tests, errors in rules, --exit-code
  kUsage = 2,   // the command line is wrong
  kFailed = 3,  // input, output or a server failed: something was not done
};

// Each adds its command to `app`. When the command line names it, its callback runs it and stores
// how it ended in `*exit_code`, which must live as long as `app`.
void AddScan(CLI::App& app, int* exit_code);
void AddCheck(CLI::App& app, int* exit_code);
void AddSamples(CLI::App& app, int* exit_code);
void AddVerdicts(CLI::App& app, int* exit_code);
void AddHealth(CLI::App& app, int* exit_code);
// Gives the command, for AddRulesRemote().
CLI::App& AddRules(CLI::App& app, int* exit_code);
// The verbs of `winnow rules` that write rule files.
void AddRulesNew(CLI::App& rules, int* exit_code);
void AddRulesFmt(CLI::App& rules, int* exit_code);
// Those that tell of them.
void AddRulesTest(CLI::App& rules, int* exit_code);
void AddRulesExplain(CLI::App& rules, int* exit_code);
void AddRulesWhy(CLI::App& rules, int* exit_code);
// Those that talk to a server.
void AddRulesRemote(CLI::App& rules, int* exit_code);
// `verdicts replay`.
void AddVerdictsReplay(CLI::App& verdicts, int* exit_code);
// `completion` and `man`, which tell of all of `app`.
void AddShell(CLI::App& app, int* exit_code);
// Gives the command, for AddPackRemote().
CLI::App& AddPack(CLI::App& app, int* exit_code);
// The verbs of `winnow pack` that make keys, sign and verify.
void AddPackSign(CLI::App& pack, int* exit_code);
// The verbs of `winnow pack` that talk to a server.
void AddPackRemote(CLI::App& pack, int* exit_code);
// Those of its archive, and those of its channels.
void AddPackArchive(CLI::App& pack, int* exit_code);
void AddPackRollout(CLI::App& pack, int* exit_code);

// --format of commands that speak to people and programs: text or json.
void AddFormat(CLI::App* command, std::string* format,
               const std::string& help = "text (for people) or json");

// Prints "winnow: {message}" to standard error.
void Complain(std::string_view message);

// Prints diagnostics to standard error, as people read them.
void ComplainOf(const std::vector<rules::Diagnostic>& diagnostics,
                const std::vector<rules::SourceFile>& sources);

// Complains about `status`, whose message says what failed. Returns kFailed.
int Fail(const absl::Status& status);
// The same of a status that does not say with which file.
int Fail(std::string_view path, const absl::Status& status);

}  // namespace winnow::cli
