// winnow rules fmt: one layout for all rule files.
#include <CLI/CLI.hpp>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/base/write_file.h"
#include "engine/pack/pack.h"
#include "engine/rules/format.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/line_diff.h"

namespace winnow::cli {
namespace {

struct FmtFlags {
  std::vector<std::string> paths;
  bool check = false;
  bool diff = false;
};

absl::StatusOr<std::vector<rules::SourceFile>> Read(const std::vector<std::string>& paths) {
  if (paths != std::vector<std::string>{"-"}) return pack::ReadRuleFiles(paths);
  std::string text((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
  return std::vector<rules::SourceFile>{{"-", std::move(text)}};
}

int Format(const FmtFlags& flags) {
  absl::StatusOr<std::vector<rules::SourceFile>> sources = Read(flags.paths);
  if (!sources.ok()) return Fail(sources.status());
  const bool only_tell = flags.check || flags.diff;
  std::vector<rules::Diagnostic> problems;
  int exit_code = kOk;
  for (size_t i = 0; i < sources->size(); ++i) {
    const rules::SourceFile& source = (*sources)[i];
    if (source.kind != rules::SourceFile::Kind::kYaml) continue;
    const auto formatted = rules::FormatYaml(source, static_cast<int>(i), &problems);
    if (!formatted) continue;
    if (source.path == "-" && !only_tell) {
      Print(*formatted);
      continue;
    }
    if (*formatted == source.text) continue;
    if (flags.diff) Print(LineDiff(source.path, source.text, *formatted, Style(StandardOutput())));
    if (flags.check && !flags.diff) Print(StrCat(Harmless(source.path), "\n"));
    if (only_tell) {
      exit_code = kFound;
      continue;
    }
    if (const absl::Status s = WriteFileWhole(source.path, *formatted); !s.ok()) {
      return Fail(source.path, s);
    }
    Print(StrCat(Harmless(source.path), "\n"));
  }
  if (!problems.empty()) {
    ComplainOf(problems, *sources);
    Complain("files with errors were left as they are");
    exit_code = kFound;
  }
  return exit_code;
}

}  // namespace

void AddRulesFmt(CLI::App& rules, int* exit_code) {
  auto flags = std::make_shared<FmtFlags>();
  CLI::App* command = rules.add_subcommand("fmt", "Lay out rule files in one way");
  command->footer(
      "Rewrites files whose layout differs and names them. Comments, quotes, the order of keys\n"
      "and what the rules mean stay. With - reads standard input and prints the result.\n"
      "With --check or --diff nothing is written, and the exit code is 1 when a file differs.\n"
      "\n"
      "Examples:\n"
      "  winnow rules fmt rules\n"
      "  winnow rules fmt --diff rules/gambling.yaml\n"
      "  winnow rules fmt --check rules\n");
  command
      ->add_option("PATH", flags->paths, "Rule files, or folders of them (*.yaml, recursively); -")
      ->type_name("")
      ->required();
  command->add_flag("--check", flags->check, "Only name the files that differ");
  command->add_flag("--diff", flags->diff, "Only show what would change");
  command->callback([flags, exit_code] { *exit_code = Format(*flags); });
}

}  // namespace winnow::cli
