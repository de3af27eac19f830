#include "tools/cli/command.h"

#include <CLI/CLI.hpp>

namespace winnow::cli {

void AddFormat(CLI::App* command, std::string* format, const std::string& help) {
  command->add_option("--format", *format, help)
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}).description(""))
      ->capture_default_str();
}

}  // namespace winnow::cli
