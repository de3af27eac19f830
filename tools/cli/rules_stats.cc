// winnow rules stats: what each rule did, by the verdicts that a server stored.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/input.h"
#include "tools/cli/interval.h"
#include "tools/cli/json.h"
#include "tools/cli/remote.h"
#include "tools/cli/server_flags.h"
#include "tools/cli/verdict_text.h"

namespace winnow::cli {
namespace {

struct StatsFlags {
  ServerFlags server;
  std::string filter;
  std::string judged;
  std::string format = "text";
};

struct RuleStats {
  uint64_t findings = 0;
  uint64_t verdicts = 0;  // that have a finding of it
  std::array<uint64_t, 4> decisions =
      {};                           // of those verdicts, by what became of the rule's findings
  uint64_t alone = 0;               // verdicts not allowed that would be, but for this rule
  uint64_t judged = 0, upheld = 0;  // by people, of `verdicts`
};

struct Stats {
  uint64_t verdicts = 0;
  std::map<std::string, RuleStats> rules;
  uint64_t judgements_used = 0;
};

// Whether people found each verdict right, by its name.
using Judgements = absl::flat_hash_map<std::string, bool>;

// Lines of {"verdict": "tenants/acme/verdicts/...", "upheld": true}.
absl::StatusOr<Judgements> ReadJudgements(const std::string& path) {
  constexpr size_t kBytesMax = size_t{1} << 30;
  ASSIGN_OR_RETURN(const std::string text, ReadWhole(path, kBytesMax));
  Judgements out;
  size_t number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    JsonReader in(line);
    std::string buffer, name;
    std::optional<bool> upheld;
    std::string_view key, value;
    if (in.BeginObject()) {
      while (in.NextMember(&key)) {
        if (key == "verdict" && in.Peek() == JsonReader::Type::kString) {
          if (in.ReadString(&buffer, &value)) name = std::string(value);
        } else if (key == "upheld" && in.Peek() == JsonReader::Type::kBool) {
          if (in.SkipValue(&value)) upheld = value == "true";
        } else {
          in.SkipValue();
        }
      }
    }
    if (!in.End() || name.empty() || !upheld) {
      return absl::InvalidArgumentError(
          StrCat(Harmless(path), ", line ", number,
                 R"(: write {"verdict": "tenants/acme/verdicts/...", "upheld": true})"));
    }
    if (!out.try_emplace(name, *upheld).second) {
      return absl::InvalidArgumentError(
          StrCat(Harmless(path), ", line ", number, ": the verdict is judged twice"));
    }
  }
  return out;
}

void Count(const v1::Verdict& verdict, const Judgements& judgements, Stats* out) {
  ++out->verdicts;
  if (verdict.findings_size() == 0) return;
  const auto judged = judgements.find(verdict.name());
  if (judged != judgements.end()) ++out->judgements_used;
  std::map<std::string_view, v1::Decision> rules;  // the strictest of each
  for (const v1::Finding& finding : verdict.findings()) {
    ++out->rules[finding.rule_id()].findings;
    v1::Decision& strictest =
        rules.try_emplace(finding.rule_id(), v1::DECISION_ALLOW).first->second;
    strictest = std::max(strictest, finding.decision());
  }
  const auto acted = std::count_if(rules.begin(), rules.end(), [](const auto& rule) {
    return rule.second > v1::DECISION_ALLOW;
  });
  for (const auto& [id, decision] : rules) {
    RuleStats& rule = out->rules[std::string(id)];
    ++rule.verdicts;
    ++rule.decisions[static_cast<size_t>(std::clamp<int>(decision, 0, 3))];
    if (acted == 1 && decision > v1::DECISION_ALLOW &&
        verdict.completeness() == v1::COMPLETENESS_COMPLETE) {
      ++rule.alone;
    }
    if (judged == judgements.end()) continue;
    ++rule.judged;
    rule.upheld += judged->second;
  }
}

// "83 % (55-95)".
std::string PrecisionText(const RuleStats& rule) {
  if (rule.judged == 0) return "-";
  const Interval interval = WilsonInterval(rule.upheld, rule.judged);
  return absl::StrFormat(
      "%.0f %% (%.0f-%.0f) of %d",
      100.0 * static_cast<double>(rule.upheld) / static_cast<double>(rule.judged),
      std::floor(100 * interval.low), std::ceil(100 * interval.high), rule.judged);
}

// The rules by how many verdicts they are in, then by id.
std::vector<std::pair<std::string, RuleStats>> Sorted(const Stats& stats) {
  std::vector<std::pair<std::string, RuleStats>> out(stats.rules.begin(), stats.rules.end());
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.second.verdicts > b.second.verdicts;
  });
  return out;
}

void TellText(const Stats& stats, bool judged) {
  const Terminal terminal = StandardOutput();
  const Style style(terminal);
  if (stats.rules.empty()) {
    Print(StrCat("no rule found anything in ", stats.verdicts, " verdicts\n"));
    return;
  }
  Table table({"RULE", "FINDINGS", "VERDICTS", "BLOCK", "REVIEW", "ALLOW", "ALONE", "PRECISION"},
              0);
  for (const auto& [id, rule] : Sorted(stats)) {
    table.Add({Harmless(id), StrCat(rule.findings), StrCat(rule.verdicts),
               StrCat(rule.decisions[3]), StrCat(rule.decisions[2]), StrCat(rule.decisions[1]),
               StrCat(rule.alone), PrecisionText(rule)});
  }
  Print(table.Print(style, terminal.width));
  Print(StrCat("\nof ", stats.verdicts, stats.verdicts == 1 ? " verdict" : " verdicts",
               ". ALONE: held or refused by this rule and no other\n"));
  if (judged) {
    Print(StrCat("PRECISION: upheld by people among ", stats.judgements_used,
                 " judged verdicts, with its 95 % interval\n"));
  } else {
    Print(
        "no precision: this server keeps no moderators' decisions and no appeals; --judged reads\n"
        "them from a file\n");
  }
}

void TellJson(const Stats& stats, bool judged) {
  std::string out =
      StrCat(R"({"verdictCount":)", stats.verdicts, R"(,"judgedCount":)",
             judged ? StrCat(stats.judgements_used) : std::string("null"), R"(,"rules":[)");
  bool first = true;
  for (const auto& [id, rule] : Sorted(stats)) {
    StrAppend(&out, first ? "\n{" : ",\n{", R"("rule":)", JsonString(id), R"(,"findings":)",
              rule.findings, R"(,"verdicts":)", rule.verdicts, R"(,"block":)", rule.decisions[3],
              R"(,"review":)", rule.decisions[2], R"(,"allow":)", rule.decisions[1], R"(,"alone":)",
              rule.alone);
    if (rule.judged > 0) {
      const Interval interval = WilsonInterval(rule.upheld, rule.judged);
      StrAppend(&out, R"(,"judged":)", rule.judged, R"(,"upheld":)", rule.upheld,
                absl::StrFormat(R"(,"precision":%.4f,"precisionLow":%.4f,"precisionHigh":%.4f)",
                                static_cast<double>(rule.upheld) / static_cast<double>(rule.judged),
                                interval.low, interval.high));
    } else {
      out += R"(,"precision":null)";
    }
    out.push_back('}');
    first = false;
  }
  // Said in the document, so that nobody reads an absence as a zero.
  StrAppend(&out, first ? "]" : "\n]", R"(,"notCounted":["moderators' decisions","appeals"]})",
            "\n");
  Print(out);
}

int ShowStats(const StatsFlags& flags) {
  Judgements judgements;
  if (!flags.judged.empty()) {
    absl::StatusOr<Judgements> read = ReadJudgements(flags.judged);
    if (!read.ok()) return Fail(read.status());
    judgements = *std::move(read);
  }
  int exit_code = kOk;
  const std::unique_ptr<Remote> server = Connect(flags.server, &exit_code);
  if (server == nullptr) return exit_code;
  Stats stats;
  v1::ListVerdictsRequest request;
  request.set_parent(flags.server.Parent());
  request.set_filter(flags.filter);
  request.set_page_size(1000);
  do {
    v1::ListVerdictsResponse page;
    if (const CallResult result = server->ListVerdicts(request, &page); result.code() != 0) {
      return Fail(result, *server);
    }
    for (const v1::Verdict& verdict : page.verdicts()) Count(verdict, judgements, &stats);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (flags.format == "json") {
    TellJson(stats, !flags.judged.empty());
  } else {
    TellText(stats, !flags.judged.empty());
  }
  return kOk;
}

}  // namespace

void AddRulesRemote(CLI::App& rules, int* exit_code) {
  auto flags = std::make_shared<StatsFlags>();
  CLI::App* stats =
      rules.add_subcommand("stats", "Count what each rule did, by a server's verdicts");
  stats->footer(
      "Reads a tenant's verdicts, all that the filter fits; --filter is that of `winnow verdicts "
      "list`.\n"
      "Servers keep no moderators' decisions and no appeals yet. Where you have them elsewhere, "
      "--judged\n"
      "reads them, one a line: {\"verdict\": \"tenants/acme/verdicts/...\", \"upheld\": true}; a "
      "judgement\n"
      "of a verdict counts for every rule that found something in it.\n"
      "\n"
      "Examples:\n"
      "  winnow rules stats --tenant acme --filter 'create_time >= \"2026-11-01T00:00:00Z\"'\n"
      "  winnow rules stats --filter 'decision != ALLOW' --judged judged.jsonl\n"
      "  winnow rules stats --format json\n");
  stats->add_option("--filter", flags->filter, "Which verdicts; all by default")
      ->type_name("FILTER");
  stats->add_option("--judged", flags->judged, "What people said of verdicts, as lines of JSON")
      ->type_name("FILE");
  AddFormat(stats, &flags->format);
  AddServerFlags(stats, &flags->server, true);
  stats->callback([flags, exit_code] { *exit_code = ShowStats(*flags); });
}

}  // namespace winnow::cli
