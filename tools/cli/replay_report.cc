#include "tools/cli/replay_report.h"

#include <algorithm>

#include "engine/base/strings.h"
#include "tools/cli/corpus.h"
#include "tools/cli/json.h"
#include "tools/cli/rule_source.h"

namespace winnow::cli {
namespace {

constexpr size_t kSampleCharacters = 60;

bool Has(const std::vector<std::string>& sorted, const std::string& rule) {
  return std::binary_search(sorted.begin(), sorted.end(), rule);
}

}  // namespace

ReplaySide SideOf(const CheckResult& result) {
  ReplaySide side;
  side.decision = result.decision;
  for (const Finding& finding : result.findings) side.rules.push_back(finding.rule_id);
  std::sort(side.rules.begin(), side.rules.end());
  side.rules.erase(std::unique(side.rules.begin(), side.rules.end()), side.rules.end());
  return side;
}

void ReplayReport::Count(std::string_view content, std::string_view text, Some* some) const {
  if (some->count++ < samples_max_) {
    some->samples.push_back({std::string(content), std::string(text)});
  }
}

void ReplayReport::Add(std::string_view content, std::string_view text, const ReplaySide& before,
                       const ReplaySide& after) {
  ++contents_;
  Some& decision = decisions_[{before.decision, after.decision}];
  if (before.decision == after.decision) {
    ++decision.count;
  } else {
    Count(content, text, &decision);
  }
  for (const std::string& rule : before.rules) {
    OfRule& of = rules_[rule];
    ++of.before;
    if (!Has(after.rules, rule)) Count(content, text, &of.lost);
  }
  for (const std::string& rule : after.rules) {
    OfRule& of = rules_[rule];
    ++of.after;
    if (!Has(before.rules, rule)) Count(content, text, &of.gained);
  }
  changed_ += before.decision != after.decision || before.rules != after.rules;
}

std::string ReplayReport::Text(const Style& style, size_t width) const {
  std::string out;
  const auto samples = [&](const Some& some, std::string_view sign) {
    for (const Sample& sample : some.samples) {
      StrAppend(&out, "    ", sign, " ", style.Dim(Harmless(sample.content)), "  ",
                Beginning(sample.text, kSampleCharacters), "\n");
    }
    if (some.count > some.samples.size() && !some.samples.empty()) {
      StrAppend(&out, "      and ", some.count - some.samples.size(), " more\n");
    }
  };
  for (const auto& [change, some] : decisions_) {
    if (change.first == change.second) continue;
    StrAppend(&out, style.Of(change.first), " -> ", style.Of(change.second), ": ",
              Plural(some.count, "content", "contents"), "\n");
    samples(some, "~");
  }
  Table table({"BEFORE", "AFTER", "GAINED", "LOST", "RULE"}, 4);
  bool any = false;
  for (const auto& [rule, of] : rules_) {
    if (of.gained.count + of.lost.count == 0) continue;
    any = true;
    table.Add({StrCat(of.before), StrCat(of.after), StrCat(of.gained.count), StrCat(of.lost.count),
               Harmless(rule)});
  }
  if (any) {
    StrAppend(&out, out.empty() ? "" : "\n", table.Print(style, width), "\n");
    for (const auto& [rule, of] : rules_) {
      if (of.gained.samples.empty() && of.lost.samples.empty()) continue;
      StrAppend(&out, style.Bold(Harmless(rule)), "\n");
      samples(of.gained, style.Bad("+"));
      samples(of.lost, style.Good("-"));
    }
    out += "\n";
  }
  StrAppend(&out, changed_, " of ", Plural(contents_, "content", "contents"), " would change\n");
  return out;
}

std::string ReplayReport::JsonMembers() const {
  const auto samples = [](const Some& some) {
    std::string out = "[";
    for (const Sample& sample : some.samples) {
      StrAppend(&out, out.size() > 1 ? "," : "", R"({"content":)", JsonString(sample.content),
                R"(,"text":)", JsonString(sample.text), "}");
    }
    return out + "]";
  };
  std::string out =
      StrCat(R"("contents":)", contents_, R"(,"changed":)", changed_, R"(,"decisions":[)");
  bool first = true;
  for (const auto& [change, some] : decisions_) {
    StrAppend(&out, first ? "\n" : ",\n", R"({"before":")", Name(change.first), R"(","after":")",
              Name(change.second), R"(","contents":)", some.count, R"(,"samples":)", samples(some),
              "}");
    first = false;
  }
  out += R"(],"rules":[)";
  first = true;
  for (const auto& [rule, of] : rules_) {
    StrAppend(&out, first ? "\n" : ",\n", R"({"rule":)", JsonString(rule), R"(,"before":)",
              of.before, R"(,"after":)", of.after, R"(,"gained":)", of.gained.count, R"(,"lost":)",
              of.lost.count, R"(,"gainedSamples":)", samples(of.gained), R"(,"lostSamples":)",
              samples(of.lost), "}");
    first = false;
  }
  return out + "]";
}

}  // namespace winnow::cli
