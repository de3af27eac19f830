// winnow rules fix: repairs what needs no author.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/base/write_file.h"
#include "engine/pack/pack.h"
#include "engine/rules/fixes.h"
#include "tools/cli/author_commands.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/json.h"
#include "tools/cli/line_diff.h"
#include "tools/cli/rule_source.h"

namespace winnow::cli {
namespace {

struct FixFlags {
  std::vector<std::string> paths;
  std::string format = "text";
  bool check = false;
  bool diff = false;
};

// A repair can show what could not be seen before it: a misspelt key hid a misspelt value.
constexpr int kRoundsMax = 16;

size_t Errors(const std::vector<rules::Diagnostic>& diagnostics) {
  return static_cast<size_t>(std::count_if(
      diagnostics.begin(), diagnostics.end(),
      [](const rules::Diagnostic& d) { return d.level == rules::DiagnosticLevel::kError; }));
}

struct Repaired {
  std::string path;
  rules::Diagnostic diagnostic;
};

void TellJson(const std::vector<Repaired>& repaired, const std::vector<std::string>& files,
              size_t left, size_t errors) {
  std::string out = StrCat(R"({"left":)", left, R"(,"errorsLeft":)", errors, R"(,"files":[)");
  for (size_t i = 0; i < files.size(); ++i)
    StrAppend(&out, i == 0 ? "" : ",", JsonString(files[i]));
  out += R"(],"fixed":[)";
  bool first = true;
  for (const Repaired& r : repaired) {
    StrAppend(&out, first ? "\n" : ",\n", R"({"path":)", JsonString(r.path), R"(,"line":)",
              r.diagnostic.where.begin_line, R"(,"column":)", r.diagnostic.where.begin_column,
              R"(,"code":)", JsonString(r.diagnostic.code), R"(,"message":)",
              JsonString(r.diagnostic.message), "}");
    first = false;
  }
  out += first ? "]}\n" : "\n]}\n";
  Print(out);
}

int RunFix(const FixFlags& flags) {
  auto read = pack::ReadRuleFiles(flags.paths);
  if (!read.ok()) return Fail(read.status());
  const std::vector<rules::SourceFile> before = *std::move(read);
  pack::CompileResult compiled = pack::CompilePack(before, {});
  const size_t errors_before = Errors(compiled.diagnostics);
  std::vector<Repaired> repaired;
  for (int round = 0; round < kRoundsMax; ++round) {
    rules::FixResult fixed = rules::ApplyFixes(compiled.diagnostics, compiled.sources);
    if (fixed.repaired.empty()) break;
    pack::CompileResult again = pack::CompilePack(std::move(fixed.sources), {});
    // A changed rule may be wrong where it was only unread. Then an author must look.
    if (Errors(again.diagnostics) > errors_before) break;
    for (const rules::Diagnostic* d : fixed.repaired) {
      repaired.push_back({before[static_cast<size_t>(d->where.file)].path, *d});
    }
    compiled = std::move(again);
  }
  const bool only_tell = flags.check || flags.diff;
  const Style style(StandardOutput());
  const bool text = flags.format == "text";
  if (text && !flags.diff) {
    for (const Repaired& r : repaired) {
      Print(StrCat(Harmless(r.path), ":", r.diagnostic.where.begin_line, ":",
                   r.diagnostic.where.begin_column, ": ", style.Bold(r.diagnostic.code), " ",
                   Harmless(r.diagnostic.message), "\n"));
    }
  }
  std::vector<std::string> files;
  for (size_t i = 0; i < before.size(); ++i) {
    const std::string& after = compiled.sources[i].text;
    if (after == before[i].text) continue;
    files.push_back(before[i].path);
    if (flags.diff) Print(LineDiff(before[i].path, before[i].text, after, style));
    if (only_tell) continue;
    if (const absl::Status s = WriteFileWhole(before[i].path, after); !s.ok()) {
      return Fail(before[i].path, s);
    }
  }
  const size_t left = compiled.diagnostics.size();
  const size_t errors = Errors(compiled.diagnostics);
  if (!text && !flags.diff) {
    TellJson(repaired, files, left, errors);
  } else if (!flags.diff) {
    Print(StrCat(repaired.size(), only_tell ? " can be repaired in " : " repaired in ",
                 Plural(files.size(), "file", "files"), "; ", left, " left for an author",
                 left > 0 ? ", see `winnow rules check`\n" : "\n"));
  }
  return errors > 0 || (only_tell && !files.empty()) ? kFound : kOk;
}

}  // namespace

void AddRulesFix(CLI::App& rules, int* exit_code) {
  auto flags = std::make_shared<FixFlags>();
  CLI::App* command = rules.add_subcommand("fix", "Repair what is wrong and needs no author");
  command->footer(
      "Repairs misspelt keys and words, terms and tests that are given twice (also where width,\n"
      "case or traditional forms alone differ), characters that nobody sees, and expressions that\n"
      "no folded text can match. Comments and layout stay. Nothing is kept that leaves more "
      "errors\n"
      "than there were. What needs a decision is left: see `winnow rules check`.\n"
      "With --check or --diff nothing is written, and the exit code is 1 when a file would "
      "change;\n"
      "it is also 1 when errors are left.\n"
      "\n"
      "Examples:\n"
      "  winnow rules fix --diff rules\n"
      "  winnow rules fix rules/gambling.yaml\n"
      "  winnow rules fix --check rules\n");
  AddRulePaths(command, &flags->paths);
  command->add_flag("--check", flags->check, "Only tell what would be repaired");
  command->add_flag("--diff", flags->diff, "Only show what would change");
  AddFormat(command, &flags->format);
  command->callback([flags, exit_code] { *exit_code = RunFix(*flags); });
}

}  // namespace winnow::cli
