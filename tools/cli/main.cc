// `winnow`: checks contents, builds and tests rules, and talks to winnowd.
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"

namespace winnow::cli {
namespace {

constexpr char kAbout[] =
    "Winnow: harmful-content filtering and moderation.\n"
    "Checks texts and files against a pack of rules, here (scan) or through a server (check).\n";

constexpr char kFooter[] =
    "Exit codes:\n"
    "  0  done\n"
    "  1  found what was asked for: failed rule tests, errors in rules, a sample with another\n"
    "     verdict than expected, a server that does not serve, or, with --exit-code, a content\n"
    "     that is not allowed\n"
    "  2  wrong usage\n"
    "  3  input, output or a server failed; what could not be checked is never called clean\n"
    "\n"
    "Environment:\n"
    "  WINNOW_SERVER  address of the server for check, samples, verdicts, rules stats, pack and\n"
    "                 health\n"
    "  WINNOW_TENANT  tenant for check, samples, verdicts and rules stats\n"
    "  NO_COLOR       no colour, even on a terminal\n"
    "\n"
    "Try:\n"
    "  winnow scan order.txt\n"
    "  echo '加微信 真·人·荷·官 开户返水' | winnow scan -\n"
    "  winnow scan --jsonl messages.jsonl > verdicts.ndjson\n"
    "  winnow COMMAND --help\n";

int Run(int argc, char** argv) {
  CLI::App app(kAbout, "winnow");
  app.set_version_flag("--version", "winnow " + std::string(Version()), "Print the version");
  app.set_help_flag("-h,--help", "Print this help");
  app.require_subcommand(1);
  int exit_code = kOk;
  AddScan(app, &exit_code);
  AddCheck(app, &exit_code);
  AddRulesRemote(AddRules(app, &exit_code), &exit_code);
  AddPackRemote(AddPack(app, &exit_code), &exit_code);
  AddVerdicts(app, &exit_code);
  AddSamples(app, &exit_code);
  AddHealth(app, &exit_code);
  AddShell(app, &exit_code);
  app.footer(kFooter);  // last: commands added later would inherit it
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    const std::vector<std::string> unknown = app.remaining(true);
    Complain(unknown.empty() ? Harmless(e.what())
                             : StrCat("there is no command or option \"", Harmless(unknown.front()),
                                      "\" here"));
    Complain("see `winnow --help` or `winnow COMMAND --help`");
    return kUsage;
  }
  if (const absl::Status flushed = FlushOutput(); !flushed.ok()) return Fail(flushed);
  return exit_code;
}

}  // namespace
}  // namespace winnow::cli

int main(int argc, char** argv) { return winnow::cli::Run(argc, argv); }
