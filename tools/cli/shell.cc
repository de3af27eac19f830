// winnow completion | man: the program for shells and for man.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "engine/base/write_file.h"
#include "tools/cli/command.h"
#include "tools/cli/command_tree.h"
#include "tools/cli/console.h"

namespace winnow::cli {
namespace {

int Man(const CLI::App& app, const std::string& folder) {
  const auto pages = ManualPages(app, Version());
  if (folder.empty()) {
    Print(pages.front().second);
    return kOk;
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  for (const auto& [name, text] : pages) {
    const std::string path = (std::filesystem::path(folder) / name).string();
    if (const absl::Status s = WriteFileWhole(path, text); !s.ok()) {
      return Fail(path, s);
    }
  }
  Print(StrCat("Wrote ", pages.size(), " pages to ", Harmless(folder), "\n"));
  return kOk;
}

}  // namespace

void AddShell(CLI::App& app, int* exit_code) {
  auto shell = std::make_shared<std::string>();
  CLI::App* completion = app.add_subcommand("completion", "Print completions for a shell");
  completion->footer(
      "Examples:\n"
      "  source <(winnow completion bash)\n"
      "  winnow completion zsh > ~/.zfunc/_winnow\n"
      "  winnow completion fish > ~/.config/fish/completions/winnow.fish\n");
  completion->add_option("SHELL", *shell, "bash, zsh or fish")
      ->type_name("")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
  completion->callback([&app, shell, exit_code] {
    Print(CompletionScript(app, *shell));
    *exit_code = kOk;
  });

  auto folder = std::make_shared<std::string>();
  CLI::App* man = app.add_subcommand("man", "Print the manual page, or write all pages");
  man->footer(
      "Examples:\n"
      "  winnow man | man -l -\n"
      "  winnow man --output /usr/local/share/man/man1\n");
  man->add_option("--output", *folder, "Write a page for each command into this folder")
      ->type_name("FOLDER");
  man->callback([&app, folder, exit_code] { *exit_code = Man(app, *folder); });
}

}  // namespace winnow::cli
