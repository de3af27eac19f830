// winnow rules why: what each rule made of a text.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/base/strings.h"
#include "engine/pack/text_scan.h"
#include "engine/text/charset.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/json.h"
#include "tools/cli/rule_source.h"
#include "tools/cli/rule_story.h"

namespace winnow::cli {
namespace {

struct WhyFlags {
  std::string text;
  std::string rule;
  std::string surface = "order";
  std::string tenant;
  std::string format = "text";
  bool all = false;
  RuleSourceFlags source;
};

// Of rules that only nearly matched so many are told, and only such as half of stands in the text.
constexpr size_t kNearShown = 5;
constexpr double kNearFrom = 0.5;

struct Judged {
  size_t rule;
  match::RuleTrace trace;
  bool on_surface;
  bool heard;  // by the tenant that is asked for

  // Those that matched first, then those that `unless` saved, then the nearest.
  int Rank() const { return !trace.matches.empty() ? 0 : !trace.excused.empty() ? 1 : 2; }
};

std::string_view ResultOf(const Judged& judged) {
  constexpr std::string_view kNames[] = {"match", "saved", "near"};
  if (!judged.on_surface || !judged.heard) return "skipped";
  return judged.trace.nearness() == 0 ? "none" : kNames[judged.Rank()];
}

std::string Heading(const Judged& judged, const Style& style) {
  const std::string_view result = ResultOf(judged);
  if (result == "match") return style.Bad("MATCH  ");
  if (result == "saved") return style.Good("SAVED  ");
  return style.Dim(result == "near" ? "NEAR   " : result == "none" ? "NONE   " : "SKIPPED");
}

// What a rule asks for, for one tenant, and whose word that is.
struct Held {
  Decision action;
  uint32_t layer;
};

Held HeldFor(const pack::CompileResult& compiled, size_t rule, std::string_view tenant) {
  const pack::RuleInfo& info = compiled.pack->rules()[rule];
  const pack::TenantRules* rules = compiled.pack->ForTenant(tenant);
  if (rules != nullptr) {
    if (const pack::TenantChange* change = rules->Of(static_cast<uint32_t>(rule))) {
      return {change->action, rules->layer};
    }
  }
  return {info.action, info.amender != 0 ? info.amender : info.layer};
}

// "by the operator's layer ours".
std::string LayerText(const pack::CompileResult& compiled, const Held& held) {
  const pack::LayerInfo& layer = compiled.pack->layers()[held.layer];
  return StrCat("by ", Harmless(rules::DescribeLayer(layer.kind, layer.name)));
}

std::string LayerJson(const pack::CompileResult& compiled, const Held& held) {
  if (compiled.pack->layers().size() < 2) return "";
  const pack::LayerInfo& layer = compiled.pack->layers()[held.layer];
  // Names have no characters that need escapes.
  return StrCat(R"(,"layer":{"kind":")", Name(layer.kind), R"(","name":")", layer.name, R"("})");
}

std::string Whose(std::string_view tenant) {
  return tenant.empty() ? "contents of no tenant; --tenant names one"
                        : StrCat("tenant ", Harmless(tenant));
}

std::vector<Judged> ToTell(std::vector<Judged> all, const WhyFlags& flags, size_t* left_out) {
  std::stable_sort(all.begin(), all.end(), [](const Judged& a, const Judged& b) {
    if (a.Rank() != b.Rank()) return a.Rank() < b.Rank();
    return a.trace.nearness() > b.trace.nearness();
  });
  size_t near = 0;
  *left_out = 0;
  std::vector<Judged> out;
  for (Judged& judged : all) {
    if (flags.rule.empty() && judged.Rank() == 2) {
      if (judged.trace.nearness() == 0) continue;
      if (!flags.all && (judged.trace.nearness() < kNearFrom || ++near > kNearShown)) {
        ++*left_out;
        continue;
      }
    }
    out.push_back(std::move(judged));
  }
  return out;
}

void TellText(const std::vector<Judged>& told, size_t left_out, const pack::CompileResult& compiled,
              const WhyFlags& flags, std::string_view text) {
  const Style style(StandardOutput());
  for (const Judged& judged : told) {
    const rules::Rule& rule = compiled.rules.rules[judged.rule];
    const Story story{compiled, judged.rule, text, judged.trace};
    const Held held = HeldFor(compiled, judged.rule, flags.tenant);
    Print(StrCat(Heading(judged, style), " ", style.Bold(rule.id), "  ", style.Of(held.action),
                 "  ", style.Dim(PlaceOf(compiled, rule.where)), "\n"));
    if (compiled.pack->layers().size() > 1) Print(StrCat("  ", LayerText(compiled, held), "\n"));
    if (!judged.heard) Print(StrCat("  the rule is not judged for ", Whose(flags.tenant), "\n"));
    if (!judged.on_surface) {
      Print(
          StrCat("  the rule is not judged on the surface `", flags.surface, "`; it would be:\n"));
    }
    if (judged.Rank() == 0) {
      for (const match::Occurrence& at : judged.trace.matches) {
        Print(StrCat("  found ", TellWords(text, at.place, at.view, style), "\n"));
      }
    }
    Print(TellConditions(story, style, "  "));
    Print(TellExcuses(story, style, "  "));
    Print("\n");
  }
  if (told.empty()) Print("no rule matched, and none was near\n");
  if (left_out > 0) {
    Print(StrCat(Plural(left_out, "rule", "rules"), " of which some part stands in the text ",
                 left_out == 1 ? "is" : "are", " not shown; --all shows them\n"));
  }
}

void TellJson(const std::vector<Judged>& told, size_t left_out, const pack::CompileResult& compiled,
              const WhyFlags& flags, std::string_view text) {
  std::string out =
      StrCat(R"({"surface":")", flags.surface, R"(","leftOut":)", left_out, R"(,"rules":[)");
  bool first = true;
  for (const Judged& judged : told) {
    const rules::Rule& rule = compiled.rules.rules[judged.rule];
    const Held held = HeldFor(compiled, judged.rule, flags.tenant);
    StrAppend(&out, first ? "\n" : ",\n", R"({"rule":")", rule.id, R"(","result":")",
              ResultOf(judged), R"(","action":")", Name(held.action), R"(","onSurface":)",
              judged.on_surface ? "true" : "false", LayerJson(compiled, held), R"(,"nearness":)",
              absl::StrFormat("%.2f", judged.trace.nearness()), ",",
              StoryJson({compiled, judged.rule, text, judged.trace}), "}");
    first = false;
  }
  StrAppend(&out, first ? "]}\n" : "\n]}\n");
  Print(out);
}

int Why(const WhyFlags& flags) {
  int exit_code = kOk;
  const std::optional<pack::CompileResult> compiled = CompileSource(flags.source, &exit_code);
  if (!compiled) return exit_code;
  std::string given = flags.text;
  if (given == "-") {
    given.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  text::Decoded decoded;
  if (const absl::Status s = text::Decode(given, "utf-8", &decoded); !s.ok()) return Fail(s);
  const std::string text(decoded.text);
  const Surface surface = *ParseSurface(flags.surface);
  const match::ProgramSpec& spec = match::SpecOf(compiled->pack->program());
  const pack::TenantRules* const tenant = compiled->pack->ForTenant(flags.tenant);
  std::vector<Judged> all;
  const std::function<void(const match::HitTable&)> inspect = [&](const match::HitTable& hits) {
    for (size_t i = 0; i < spec.rules.size(); ++i) {
      if (!flags.rule.empty() && compiled->rules.rules[i].id != flags.rule) continue;
      const bool on_surface = spec.rules[i].surfaces & MaskOf(surface);
      const bool heard = tenant == nullptr || !(tenant->unheard[i / 64] >> i % 64 & 1);
      if (!(on_surface && heard) && flags.rule.empty()) continue;
      all.push_back({i, match::TraceRule(spec, spec.rules[i], hits), on_surface, heard});
    }
  };
  pack::TextScanner scanner(compiled->pack->program());
  const auto outcome = scanner.Scan(text, surface, &inspect);
  if (!outcome.ok()) return Fail(outcome.status());
  if (!flags.rule.empty() && all.empty()) {
    Complain(StrCat("there is no rule ", Harmless(flags.rule)));
    return kUsage;
  }
  size_t left_out = 0;
  const std::vector<Judged> told = ToTell(std::move(all), flags, &left_out);
  if (flags.format == "json") {
    TellJson(told, left_out, *compiled, flags, text);
  } else {
    TellText(told, left_out, *compiled, flags, text);
  }
  if (outcome->hits_dropped) {
    Complain("the text has more matches than can be kept, so some may be missing");
    return kFailed;
  }
  return kOk;
}

}  // namespace

void AddRulesWhy(CLI::App& rules, int* exit_code) {
  auto flags = std::make_shared<WhyFlags>();
  CLI::App* command =
      rules.add_subcommand("why", "Say why rules match a text, or why they nearly do");
  command->footer(
      "MATCH rules found something, SAVED ones would have but for their `unless`, NEAR ones lack "
      "a\n"
      "part. Below each its conditions: + holds, - does not. The rules are judged without a "
      "policy.\n"
      "In JSON, positions count characters (code points).\n"
      "\n"
      "Examples:\n"
      "  winnow rules why '澳门赌场现在开户'\n"
      "  winnow rules why --rules my-rules --rule gambling.vip_rooms 'a text'\n"
      "  winnow rules why - < message.txt\n");
  command->add_option("TEXT", flags->text, "The text; - reads standard input")
      ->type_name("")
      ->required();
  AddRuleSource(command, &flags->source);
  command->add_option("--rule", flags->rule, "Tell of this rule only, whatever it made of the text")
      ->type_name("ID");
  command->add_option("--surface", flags->surface, "Where the text stands")
      ->type_name("SURFACE")
      ->check(CLI::IsMember({"order", "file", "comment", "profile", "message"}).description(""))
      ->capture_default_str();
  command
      ->add_option("--tenant", flags->tenant, "Whose text it is, where layers tell tenants apart")
      ->type_name("TENANT");
  command->add_flag(
      "--all", flags->all,
      StrCat("Also tell of rules of which less stands, and of more than ", kNearShown));
  AddFormat(command, &flags->format, "text or json");
  command->callback([flags, exit_code] { *exit_code = Why(*flags); });
}

}  // namespace winnow::cli
