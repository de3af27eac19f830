// winnowd's command line.
#pragma once

#include <optional>
#include <string>

#include "service/system/config.h"

namespace winnow {

// What `--help` lists.
enum ExitCode {
  kExitOk = 0,
  kExitFailed = 1,  // a failure while serving or stopping
  kExitUsage = 2,   // the command line
  kExitConfig = 3,  // the configuration, or a TLS file it names
  kExitRules = 4,   // pack or policy missing, damaged, invalid or of a later version
  kExitStore = 5,   // the data directory or the store in it
  kExitListen = 6,  // the address cannot be listened on
};

struct Options {
  enum class Action { kServe, kCheckConfig, kPrintConfig, kPrintDefaultConfig };
  Action action = Action::kServe;
  std::string config_path;  // empty: none
  std::vector<system::ConfigInput::Flag> flags;
};

// Prints help, version or what is wrong and returns the code to exit with; nullopt when `options`
// is to be carried out.
std::optional<int> ParseOptions(int argc, const char* const* argv, Options* options);

}  // namespace winnow
