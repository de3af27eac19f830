// winnow pack build | inspect: packs as files.
#include "engine/pack/pack.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/strings.h"
#include "engine/rules/diagnostics.h"
#include "tools/cli/author_commands.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/json.h"
#include "tools/cli/pack_text.h"

namespace winnow::cli {
namespace {

struct PackFlags {
  std::vector<std::string> paths;
  std::string output;
  std::string id = "bundled";
  std::string file;
  std::string format = "text";
  bool list_rules = false;
};

int Build(const PackFlags& flags) {
  auto sources = pack::ReadRuleFiles(flags.paths);
  if (!sources.ok()) return Fail(sources.status());
  const pack::CompileResult compiled = pack::CompilePack(*std::move(sources), {.id = flags.id});
  if (!compiled.diagnostics.empty()) {
    ComplainOf(compiled.diagnostics, compiled.sources);
  }
  if (compiled.pack == nullptr) {
    Complain(StrCat("the rules have errors; ", flags.output, " was not written"));
    return kFound;
  }
  if (absl::Status s = pack::WritePack(*compiled.pack, flags.output); !s.ok()) return Fail(s);
  const pack::PackInfo& info = compiled.pack->info();
  Print(StrCat(Harmless(flags.output), ": ", info.revision, ", ", info.rule_count, " rules, ",
               info.term_count, " terms, ", info.regex_count, " regular expressions, ",
               info.file_bytes, " bytes\n"));
  return kOk;
}

std::array<size_t, kCategoryCount> RulesByCategory(const pack::Pack& pack) {
  std::array<size_t, kCategoryCount> counts{};
  for (const pack::RuleInfo& rule : pack.rules()) ++counts[static_cast<size_t>(rule.category)];
  return counts;
}

void InspectJson(const pack::Pack& pack, bool list_rules) {
  const pack::PackInfo& info = pack.info();
  std::string out = "{";
  const auto text = [&out](std::string_view key, std::string_view value) {
    AppendJsonString(key, &out);
    out.push_back(':');
    AppendJsonString(value, &out);
    out.push_back(',');
  };
  text("id", info.id);
  text("revision", info.revision);
  text("sourceDigest", info.source_digest);
  text("toolVersion", info.tool_version);
  text("engine", info.engine);
  text("platform", info.platform);
  StrAppend(&out, R"("formatVersion":)", info.format_version, R"(,"recompiled":)",
            info.recompiled ? "true" : "false", R"(,"fileBytes":)", info.file_bytes,
            R"(,"memoryBytes":)", pack.memory_bytes(), R"(,"ruleCount":)", info.rule_count,
            R"(,"termCount":)", info.term_count, R"(,"regexCount":)", info.regex_count,
            R"(,"categories":{)");
  const auto counts = RulesByCategory(pack);
  for (int c = 1; c < kCategoryCount; ++c) {
    if (c > 1) out.push_back(',');
    AppendJsonString(Name(static_cast<Category>(c)), &out);
    StrAppend(&out, ":", counts[static_cast<size_t>(c)]);
  }
  StrAppend(&out, "}");
  if (info.release) StrAppend(&out, R"(,"release":)", ReleaseJson(*info.release));
  if (pack.layers().size() > 1) StrAppend(&out, R"(,"layers":)", LayersJson(pack));
  if (list_rules) {
    StrAppend(&out, R"(,"rules":[)");
    bool first = true;
    for (const pack::RuleInfo& rule : pack.rules()) {
      StrAppend(&out, first ? "{" : ",{");
      first = false;
      text("id", rule.id);
      text("category", Name(rule.category));
      text("label", rule.label);
      text("severity", Name(rule.severity));
      text("action", Name(rule.action));
      if (pack.layers().size() > 1) {
        text("layer", LayerName(pack.layers()[rule.layer]));
        if (rule.amender != 0) text("changedBy", LayerName(pack.layers()[rule.amender]));
      }
      out.back() = '}';
    }
    StrAppend(&out, "]");
  }
  StrAppend(&out, "}\n");
  Print(out);
}

void InspectText(const pack::Pack& pack, bool list_rules) {
  const Terminal terminal = StandardOutput();
  const Style style(terminal);
  const pack::PackInfo& info = pack.info();
  const auto line = [&style](std::string_view key, std::string_view value) {
    Print(StrCat(style.Bold(key), std::string(28 - std::min<size_t>(key.size(), 27), ' '),
                 Harmless(value), "\n"));
  };
  line("revision", info.revision);
  line("source digest", info.source_digest);
  line("format version", StrCat(info.format_version));
  line("built by", StrCat("winnow ", info.tool_version));
  line("engine", info.engine);
  line("platform",
       StrCat(info.platform, info.recompiled ? " (recompiled from source for this machine)" : ""));
  line("released as", info.release
                          ? StrCat(ReleaseText(*info.release), "; see `winnow pack verify`")
                          : "not signed");
  line("size", StrCat(info.file_bytes, " bytes"));
  line("memory once loaded", StrCat(pack.memory_bytes(), " bytes"));
  line("patterns", StrCat(info.term_count, " terms, ", info.regex_count, " regular expressions"));
  line("rules", StrCat(info.rule_count));
  const auto counts = RulesByCategory(pack);
  for (int c = 1; c < kCategoryCount; ++c) {
    const auto category = static_cast<Category>(c);
    line(StrCat("  ", Name(category)), StrCat(counts[static_cast<size_t>(c)]));
  }
  const auto& layers = pack.layers();
  if (layers.size() > 1) {
    line("layers", StrCat(layers.size()));
    const std::vector<std::string> texts = LayerTexts(pack);
    for (size_t i = 0; i < layers.size(); ++i) {
      line(StrCat("  ", LayerName(layers[i])), texts[i]);
    }
  }
  if (!list_rules) return;
  std::vector<std::string> columns = {"RULE", "CATEGORY", "LABEL", "SEVERITY", "ACTION"};
  if (layers.size() > 1) columns.push_back("LAYER");
  Table table(columns, 0);
  for (const pack::RuleInfo& rule : pack.rules()) {
    std::vector<std::string> row = {Harmless(rule.id), std::string(Name(rule.category)),
                                    Harmless(rule.label), std::string(Name(rule.severity)),
                                    style.Of(rule.action)};
    if (layers.size() > 1) {
      row.push_back(
          Harmless(StrCat(LayerName(layers[rule.layer]), rule.amender == 0 ? "" : ", changed by ",
                          rule.amender == 0 ? "" : LayerName(layers[rule.amender]))));
    }
    table.Add(std::move(row));
  }
  Print("\n");
  Print(table.Print(style, terminal.width));
}

int Inspect(const PackFlags& flags) {
  const auto pack = pack::LoadPack(flags.file);
  if (!pack.ok()) return Fail(pack.status());
  if (flags.format == "json") {
    InspectJson(**pack, flags.list_rules);
  } else {
    InspectText(**pack, flags.list_rules);
  }
  return kOk;
}

}  // namespace

CLI::App& AddPack(CLI::App& app, int* exit_code) {
  CLI::App* pack = app.add_subcommand("pack", "Build and look into packs; which one a server uses");
  pack->require_subcommand(1);
  auto flags = std::make_shared<PackFlags>();

  CLI::App* build = pack->add_subcommand("build", "Compile rules into a pack");
  build->footer(
      "Writes the whole pack or nothing. Exit code 1 when the rules have errors.\n\n"
      "Example:\n"
      "  winnow pack build -o my.pack --id my-rules rules my-rules\n"
      "  winnow pack build -o my.pack --id my-rules bundled.pack my-rules tenants\n");
  build->add_option("PATH", flags->paths, "Rule files, or folders of them (*.yaml, recursively)")
      ->type_name("")
      ->required();
  build->add_option("-o,--output", flags->output, "The pack to write")
      ->type_name("FILE")
      ->required();
  build->add_option("--id", flags->id, "The pack's name, part of its revision")
      ->type_name("NAME")
      ->check([](const std::string& id) {
        const bool good =
            !id.empty() && id.size() <= 63 && id.front() != '-' && id.back() != '-' &&
            id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
        return good ? std::string()
                    : std::string("1 to 63 of a-z, 0-9 and '-', not beginning or ending with '-'");
      })
      ->capture_default_str();
  build->callback([flags, exit_code] { *exit_code = Build(*flags); });

  CLI::App* inspect = pack->add_subcommand("inspect", "Say what a pack file is and holds");
  inspect->footer(
      "Examples:\n"
      "  winnow pack inspect my.pack\n"
      "  winnow pack inspect my.pack --rules --format json\n");
  inspect->add_option("FILE", flags->file, "The pack")->type_name("")->required();
  inspect->add_flag("--rules", flags->list_rules, "List its rules");
  AddFormat(inspect, &flags->format);
  inspect->callback([flags, exit_code] { *exit_code = Inspect(*flags); });
  AddPackDiff(*pack, exit_code);
  AddPackSign(*pack, exit_code);
  return *pack;
}

}  // namespace winnow::cli
