// winnow rules replay: what another revision of the rules would change over a corpus.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/checker.h"
#include "engine/policy/policy.h"
#include "tools/cli/author_commands.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/corpus.h"
#include "tools/cli/json.h"
#include "tools/cli/replay_report.h"
#include "tools/cli/rule_side.h"
#include "tools/cli/rule_source.h"

namespace winnow::cli {
namespace {

struct ReplayFlags {
  std::string before, after;
  std::vector<std::string> corpus;
  std::string policy;
  std::string surface = "order";
  std::string format = "text";
  size_t samples = 3;
  bool exit_code = false;
};

// Every rule that matches must be told, however many do.
constexpr uint32_t kFindingsMax = 1 << 20;

int Replay(const ReplayFlags& flags) {
  const absl::StatusOr<std::shared_ptr<const policy::Policy>> policy =
      flags.policy.empty() ? DefaultPolicy() : LoadPolicy(flags.policy);
  if (!policy.ok()) return Fail(policy.status());
  int exit_code = kOk;
  const std::optional<RuleSide> before = LoadSide(flags.before, &exit_code);
  // Exit code 1 says that contents would change; rules with errors say nothing of that.
  if (!before) return kFailed;
  const std::optional<RuleSide> after = LoadSide(flags.after, &exit_code);
  if (!after) return kFailed;
  const Checker was(before->pack, *policy), is(after->pack, *policy);
  CheckOptions options;
  options.findings_max = kFindingsMax;
  ReplayReport report(flags.samples);
  uint64_t partial = 0;
  const absl::Status status = ReadCorpus(flags.corpus, [&](const CorpusText& text) -> absl::Status {
    Content content;
    content.surface = *ParseSurface(flags.surface);
    content.fields.push_back(
        {.key = "text", .bytes = text.text, .charset = "", .valid_utf8 = true});
    ASSIGN_OR_RETURN(const CheckResult old, was.Check(content, options));
    ASSIGN_OR_RETURN(const CheckResult now, is.Check(content, options));
    partial += old.completeness != Completeness::kComplete ||
               now.completeness != Completeness::kComplete || old.findings_truncated ||
               now.findings_truncated;
    report.Add(StrCat(text.path, ":", text.line), text.text, SideOf(old), SideOf(now));
    return absl::OkStatus();
  });
  if (!status.ok()) return Fail(status);
  if (flags.format == "json") {
    Print(StrCat(R"({"before":)", JsonString(before->pack->info().revision), R"(,"after":)",
                 JsonString(after->pack->info().revision), ",", report.JsonMembers(), "}\n"));
  } else {
    const Terminal terminal = StandardOutput();
    Print(report.Text(Style(terminal), terminal.width));
  }
  if (partial > 0) {
    Complain(StrCat(partial, " of the contents could not be checked completely"));
    return kFailed;
  }
  return flags.exit_code && report.changed() > 0 ? kFound : kOk;
}

}  // namespace

void AddRulesReplay(CLI::App& rules, int* exit_code) {
  auto flags = std::make_shared<ReplayFlags>();
  CLI::App* command = rules.add_subcommand(
      "replay", "Say what another revision of the rules would change over a corpus");
  command->footer(
      "Checks every text with both revisions: packs, folders of rules, or .yaml files. Tells "
      "whose\n"
      "decision would change, and of each rule how many texts it gains (+) and loses (-), with\n"
      "samples. Without --policy each rule's own action counts.\n"
      "\n"
      "Examples:\n"
      "  winnow rules replay --before live.pack --after rules --corpus last-week\n"
      "  winnow rules replay --before old.pack --after new.pack --corpus last-week.jsonl \\\n"
      "    --samples 20 --format json\n");
  command->add_option("--before", flags->before, "The revision in use")
      ->type_name("PATH")
      ->required();
  command->add_option("--after", flags->after, "The one to be judged")
      ->type_name("PATH")
      ->required();
  AddCorpus(command, &flags->corpus, true);
  command->add_option("--policy", flags->policy, "The policy that decides")->type_name("FILE");
  command->add_option("--surface", flags->surface, "Where the texts stand")
      ->type_name("SURFACE")
      ->check(CLI::IsMember({"order", "file", "comment", "profile", "message"}).description(""))
      ->capture_default_str();
  command
      ->add_option("--samples", flags->samples,
                   "Samples of each rule and way, and of each change of decision")
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--exit-code", flags->exit_code, "Exit code 1 when a text would change");
  AddFormat(command, &flags->format, "text (for people) or json: every rule");
  command->callback([flags, exit_code] { *exit_code = Replay(*flags); });
}

}  // namespace winnow::cli
