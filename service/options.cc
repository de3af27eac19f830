#include "service/options.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "engine/base/strings.h"
#include "engine/base/version.h"

namespace winnow {
namespace {

constexpr char kFooter[] = R"(Settings come from --config, then from environment variables such as
WINNOW__SERVER__LISTEN, then from flags; the later wins. An unknown setting is an error.

When it serves, winnowd writes `listening on ADDRESS` with the actual port to standard output. Its
log goes to standard error, one JSON object a line. What it refuses to start with is said there in
plain text.

Signals:
  SIGHUP          read pack and policy again; bad ones are refused and logged, the old ones stay
  SIGTERM, SIGINT stop: health answers NOT_SERVING, calls in flight are waited for, the store is
                  closed. A second one ends the process at once; nothing acknowledged is lost

Exit codes:
  0  stopped as told, or the configuration is valid
  1  failed while serving or stopping
  2  the command line is wrong
  3  the configuration is wrong, or a TLS file cannot be read
  4  pack or policy is missing, damaged, invalid, or of a later version
  5  the data directory or its store cannot be used, is damaged, or of a later version
  6  the address cannot be listened on)";

}  // namespace

std::optional<int> ParseOptions(int argc, const char* const* argv, Options* options) {
  CLI::App app("winnowd checks content over gRPC before it is stored.", "winnowd");
  app.footer(kFooter);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return StrCat("winnowd: ", error.what(), "; see `winnowd --help`\n");
  });
  app.set_version_flag("--version", StrCat("winnowd ", Version()), "Print the version");
  app.add_option("--config", options->config_path, "Configuration file (YAML)")->type_name("FILE");

  // In the order given, so that the later of two wins.
  const auto setting = [&](const std::string& flag, const std::string& key, const std::string& type,
                           const std::string& description) {
    app.add_option_function<std::string>(
           flag,
           [options, flag, key](const std::string& value) {
             options->flags.push_back({flag, key, value});
           },
           StrCat(description, " (", key, ")"))
        ->type_name(type)
        ->trigger_on_parse();
  };
  setting("--listen", "server.listen", "ADDRESS",
          "host:port or unix:/path; port 0 takes a free one");
  setting("--data-dir", "data_dir", "DIR", "Folder of the store");
  setting("--pack", "rules.pack", "FILE", "Rule pack");
  setting("--policy", "rules.policy", "FILE", "Decision policy");
  setting("--log-level", "log.level", "LEVEL", "debug, info, warning or error");
  app.add_option_function<std::vector<std::string>>(
         "--set",
         [options](const std::vector<std::string>& values) {
           for (const std::string& value : values) {
             const size_t equals = value.find('=');
             if (equals == 0 || equals == std::string::npos) {
               throw CLI::ValidationError("--set", "write KEY=VALUE, such as log.access=none");
             }
             options->flags.push_back({StrCat("--set ", value.substr(0, equals)),
                                       value.substr(0, equals), value.substr(equals + 1)});
           }
         },
         "Any other setting")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->trigger_on_parse();

  const auto action = [&](const char* flag, Options::Action value, const char* description) {
    return app.add_flag_callback(
        flag, [options, value] { options->action = value; }, description);
  };
  CLI::Option* check = action("--check-config", Options::Action::kCheckConfig,
                              "Check the configuration, the pack and the policy, and exit");
  CLI::Option* print = action("--print-config", Options::Action::kPrintConfig,
                              "Print the configuration in force, with where each value came from");
  CLI::Option* defaults = action("--print-default-config", Options::Action::kPrintDefaultConfig,
                                 "Print a configuration file with every setting at its default");
  check->excludes(print)->excludes(defaults);
  print->excludes(defaults);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return std::nullopt;
}

}  // namespace winnow
