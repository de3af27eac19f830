// winnow pack promote | rollback | comparison: what a server does with the packs of its archive.
#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/pack_text.h"
#include "tools/cli/remote.h"
#include "tools/cli/server_flags.h"
#include "tools/cli/verdict_json.h"
#include "tools/cli/verdict_text.h"

namespace winnow::cli {
namespace {

struct RolloutFlags {
  ServerFlags server;
  ActorFlags actor;
  std::string name, to = "live", channel = "live";
  double percent = 0;
  v1::PromotionGates gates;
  bool allow_rollback = false;
  int samples = 3;
  std::string format = "text";
};

v1::Channel ChannelOf(std::string_view name) {
  for (v1::Channel channel : {v1::CHANNEL_LIVE, v1::CHANNEL_CANARY, v1::CHANNEL_SHADOW}) {
    if (ChannelText(channel) == name) return channel;
  }
  return v1::CHANNEL_UNSPECIFIED;
}

// One of "--require shadow-hours=24,max-new-blocks=3"; what is wrong with it, or "".
std::string ReadGate(std::string_view text, v1::PromotionGates* gates) {
  const size_t equals = text.find('=');
  const std::string name(text.substr(0, equals));
  const std::string value(equals == std::string_view::npos ? "" : text.substr(equals + 1));
  if (name == "shadow-hours") {
    double hours = 0;
    if (!absl::SimpleAtod(value, &hours) || !std::isfinite(hours) || hours < 0) {
      return StrCat("shadow-hours needs a number, such as shadow-hours=24; not \"", value, "\"");
    }
    gates->set_shadow_hours(hours);
    return "";
  }
  using Set = void (v1::PromotionGates::*)(uint64_t);
  static const std::map<std::string, Set> kCounts = {
      {"min-compared", &v1::PromotionGates::set_min_compared},
      {"max-new-blocks", &v1::PromotionGates::set_max_new_blocks},
      {"max-new-reviews", &v1::PromotionGates::set_max_new_reviews},
      {"max-lifted", &v1::PromotionGates::set_max_lifted},
      {"max-dropped", &v1::PromotionGates::set_max_dropped},
      {"max-failed", &v1::PromotionGates::set_max_failed},
  };
  const auto gate = kCounts.find(name);
  if (gate == kCounts.end()) {
    return StrCat("there is no gate \"", name,
                  "\"; there are shadow-hours, min-compared, max-new-blocks, max-new-reviews, "
                  "max-lifted, max-dropped and max-failed");
  }
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
  if (error != std::errc() || end != value.data() + value.size() || value.empty()) {
    return StrCat(name, " needs a whole number; not \"", value, "\"");
  }
  (gates->*gate->second)(count);
  return "";
}

int ShowChannels(const RolloutFlags& flags,
                 const std::function<CallResult(Remote&, v1::Channels*)>& call) {
  int exit_code = kOk;
  const std::unique_ptr<Remote> server = Connect(flags.server, &exit_code);
  if (server == nullptr) return exit_code;
  v1::Channels channels;
  if (const CallResult result = call(*server, &channels); result.code() != 0) {
    return Fail(result, *server);
  }
  if (flags.format == "json") {
    Print(StrCat(Indented(ProtoJson(channels)), "\n"));
    return kOk;
  }
  const Terminal terminal = StandardOutput();
  const Style style(terminal);
  Table table({"CHANNEL", "REVISION", "SINCE (UTC)", "WHO", "WHY"}, 4);
  for (const v1::ChannelState& state : channels.channels()) {
    std::string channel(ChannelText(state.channel()));
    if (state.canary_percent() > 0) StrAppend(&channel, " ", PercentText(state.canary_percent()));
    if (!state.problem().empty()) StrAppend(&channel, " (not in use)");
    table.Add({channel, Harmless(state.pack_revision()), UtcText(state.since()),
               Harmless(state.actor().name()), Harmless(state.actor().reason())});
  }
  Print(table.Print(style, terminal.width));
  for (const v1::ChannelState& state : channels.channels()) {
    if (state.problem().empty()) continue;
    Print(
        StrCat(ChannelText(state.channel()), " is not in use: ", Harmless(state.problem()), "\n"));
  }
  return kOk;
}

std::string SampleText(const v1::ComparisonSample& sample) {
  const std::string name = sample.verdict().empty() ? sample.parent() : sample.verdict();
  return StrCat(Harmless(sample.content_id()), "  ", DecisionName(sample.live_decision()), " -> ",
                DecisionName(sample.shadow_decision()), "  ", Harmless(name), "\n");
}

int Compare(const RolloutFlags& flags) {
  int exit_code = kOk;
  const std::unique_ptr<Remote> server = Connect(flags.server, &exit_code);
  if (server == nullptr) return exit_code;
  v1::GetComparisonRequest request;
  if (!flags.name.empty()) request.set_name(PackRevisionName(flags.name));
  v1::Comparison comparison;
  if (const CallResult result = server->GetComparison(request, &comparison); result.code() != 0) {
    return Fail(result, *server);
  }
  if (flags.format == "json") {
    Print(StrCat(Indented(ProtoJson(comparison)), "\n"));
    return kOk;
  }
  const Terminal terminal = StandardOutput();
  const Style style(terminal);
  const auto line = [&style](std::string_view key, std::string_view value) {
    Print(StrCat(style.Bold(key), std::string(14 - key.size(), ' '), Harmless(value), "\n"));
  };
  line("shadow", comparison.shadow_revision());
  line("live", comparison.live_revision());
  line("policy", comparison.policy_revision());
  line("since", StrCat(UtcText(comparison.begin_time()), " UTC, observed for ",
                       absl::StrFormat("%.2f hours", comparison.observed_hours())));
  line("compared", StrCat(comparison.compared(), " contents"));
  line("new blocks", StrCat(comparison.new_blocks()));
  line("new reviews", StrCat(comparison.new_reviews()));
  line("lifted", StrCat(comparison.lifted()));
  line("not compared", StrCat(comparison.dropped(), " dropped, ", comparison.failed(), " failed, ",
                              comparison.skipped(), " skipped"));
  const auto print_samples = [&](std::string_view what, const auto& samples) {
    const int from = std::max(0, samples.size() - flags.samples);
    for (int i = from; i < samples.size(); ++i) Print(StrCat("  ", what, SampleText(samples[i])));
  };
  if (comparison.changed_size() > 0 && flags.samples > 0) {
    Print("\nother decisions, the latest\n");
    print_samples("", comparison.changed());
  }
  if (comparison.rules_size() == 0) return kOk;
  Print("\n");
  Table table({"RULE", "BOTH", "LIVE ONLY", "SHADOW ONLY"}, 0);
  for (const v1::RuleComparison& rule : comparison.rules()) {
    table.Add({Harmless(rule.rule_id()), StrCat(rule.both()), StrCat(rule.live_only()),
               StrCat(rule.shadow_only())});
  }
  Print(table.Print(style, terminal.width));
  for (const v1::RuleComparison& rule : comparison.rules()) {
    if (flags.samples == 0 || rule.live_only() + rule.shadow_only() == 0) continue;
    Print(StrCat("\n", Harmless(rule.rule_id()), "\n"));
    print_samples("live only    ", rule.live_samples());
    print_samples("shadow only  ", rule.shadow_samples());
  }
  return kOk;
}

}  // namespace

void AddPackRollout(CLI::App& pack, int* exit_code) {
  auto flags = std::make_shared<RolloutFlags>();
  const auto add_flags = [&flags](CLI::App* command, bool acts) {
    if (acts) AddActorFlags(command, &flags->actor);
    AddFormat(command, &flags->format);
    AddServerFlags(command, &flags->server, false);
  };

  CLI::App* promote = pack.add_subcommand("promote", "Put a pack of the archive to use");
  promote->footer(
      "live answers every check; canary answers instead for a share of the content ids, always "
      "the\n"
      "same ones; shadow looks on and is compared (`winnow pack comparison`).\n"
      "Gates look at the comparison of the revision as shadow with what is live now: "
      "shadow-hours,\n"
      "min-compared, max-new-blocks, max-new-reviews, max-lifted, max-dropped, max-failed.\n\n"
      "Examples:\n"
      "  winnow pack promote my-rules/0123456789ab --to shadow\n"
      "  winnow pack promote my-rules/0123456789ab --to canary --percent 5\n"
      "  winnow pack promote my-rules/0123456789ab --require shadow-hours=24,max-new-blocks=3\n");
  promote->add_option("REVISION", flags->name, "packs/PACK/revisions/REVISION, or PACK/REVISION")
      ->type_name("")
      ->required();
  promote->add_option("--to", flags->to, "live, canary or shadow")
      ->type_name("CHANNEL")
      ->check(CLI::IsMember({"live", "canary", "shadow"}).description(""))
      ->capture_default_str();
  promote->add_option("--percent", flags->percent, "Of canary: how much of the content ids")
      ->type_name("N")
      ->check(CLI::Range(0.01, 100.0).description(""));
  promote
      ->add_option_function<std::vector<std::string>>(
          "--require",
          [flags](const std::vector<std::string>& values) {
            for (const std::string& value : values) {
              for (const absl::string_view gate : absl::StrSplit(value, ',')) {
                const std::string wrong = ReadGate({gate.data(), gate.size()}, &flags->gates);
                if (!wrong.empty()) throw CLI::ValidationError("--require", wrong);
              }
            }
          },
          "Refuse unless all of these hold: GATE=N, several with commas")
      ->type_name("GATES")
      ->expected(1);
  promote->add_flag("--allow-rollback", flags->allow_rollback,
                    "To live: take an earlier release than the one last in use");
  add_flags(promote, true);
  promote->callback([flags, exit_code] {
    v1::PromotePackRequest request;
    request.set_name(PackRevisionName(flags->name));
    request.set_channel(ChannelOf(flags->to));
    request.set_canary_percent(flags->percent);
    *request.mutable_gates() = flags->gates;
    request.set_allow_rollback(flags->allow_rollback);
    *request.mutable_actor() = flags->actor.Read();
    *exit_code = ShowChannels(*flags, [&request](Remote& server, v1::Channels* out) {
      return server.PromotePack(request, out);
    });
  });

  CLI::App* rollback = pack.add_subcommand("rollback", "Go back to the pack that was live before");
  rollback->footer(
      "Twice goes back two. With --channel canary or shadow it ends that one instead.\n\n"
      "Examples:\n"
      "  winnow pack rollback --reason 'blocks invoices'\n"
      "  winnow pack rollback --to my-rules/0123456789ab\n"
      "  winnow pack rollback --channel canary\n");
  CLI::Option* to =
      rollback->add_option("--to", flags->name, "A revision of the archive instead of the last one")
          ->type_name("REVISION");
  rollback->add_option("--channel", flags->channel, "live, or the canary or shadow to end")
      ->type_name("CHANNEL")
      ->check(CLI::IsMember({"live", "canary", "shadow"}).description(""))
      ->capture_default_str();
  add_flags(rollback, true);
  rollback->callback([flags, to, exit_code] {
    if (flags->channel != "live") {
      if (to->count() > 0) throw CLI::ValidationError("--to", "goes with --channel live only");
      v1::ClearChannelRequest request;
      request.set_channel(ChannelOf(flags->channel));
      *request.mutable_actor() = flags->actor.Read();
      *exit_code = ShowChannels(*flags, [&request](Remote& server, v1::Channels* out) {
        return server.ClearChannel(request, out);
      });
      return;
    }
    v1::RollbackPackRequest request;
    if (!flags->name.empty()) request.set_name(PackRevisionName(flags->name));
    *request.mutable_actor() = flags->actor.Read();
    *exit_code = ShowChannels(*flags, [&request](Remote& server, v1::Channels* out) {
      return server.RollbackPack(request, out);
    });
  });

  CLI::App* comparison =
      pack.add_subcommand("comparison", "Say what a shadow would have done otherwise than live");
  comparison->footer(
      "Examples:\n"
      "  winnow pack comparison\n"
      "  winnow pack comparison my-rules/0123456789ab --samples 10 --format json\n");
  comparison
      ->add_option("REVISION", flags->name,
                   "The shadow's pack, as of `winnow pack list`; by default the shadow of now")
      ->type_name("");
  comparison->add_option("--samples", flags->samples, "At most this many contents of each kind")
      ->type_name("N")
      ->check(CLI::Range(0, 10).description(""))
      ->capture_default_str();
  add_flags(comparison, false);
  comparison->callback([flags, exit_code] { *exit_code = Compare(*flags); });
}

}  // namespace winnow::cli
