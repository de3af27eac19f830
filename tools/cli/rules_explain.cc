// winnow rules explain: a diagnostic by its code, or what a rule compiles to.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/base/strings.h"
#include "engine/match/trace.h"
#include "engine/pack/pack.h"
#include "engine/rules/diagnostics.h"
#include "engine/text/normalizer.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/rule_source.h"
#include "tools/cli/rule_story.h"

namespace winnow::cli {
namespace {

struct ExplainFlags {
  std::string what;
  RuleSourceFlags source;
};

using match::Leaf;
using rules::Condition;

constexpr size_t kTermsShown = 8;
constexpr size_t kGateStringsShown = 4;

std::string Size(size_t bytes) {
  if (bytes < 10'000) return StrCat(bytes, " bytes");
  return bytes < 10'000'000 ? StrCat(bytes / 1000, " kB") : StrCat(bytes / 1'000'000, " MB");
}

std::string ViewNames(text::ViewSet views) {
  std::string out;
  for (int v = 0; v < text::kViewCount; ++v) {
    if (!(views >> v & 1)) continue;
    StrAppend(&out, out.empty() ? "" : ", ", text::Name(static_cast<text::View>(v)));
  }
  return out;
}

class Explainer {
 public:
  Explainer(const pack::CompileResult& compiled, size_t rule, const Style& style)
      : compiled_(compiled),
        rule_(compiled.rules.rules[rule]),
        index_(rule),
        spec_(match::SpecOf(compiled.pack->program())),
        facts_(match::FactsOf(compiled.pack->program())),
        style_(style) {}

  std::string Tell() {
    Head();
    StrAppend(&out_, "\n", style_.Bold("match"), "\n");
    uint32_t node = spec_.rules[index_].match;
    Tell(rule_.match, &node, "  ");
    if (rule_.has_unless) {
      StrAppend(&out_, "\n", style_.Bold("unless"), ", ", ReachText(rule_.unless.within), "\n");
      node = static_cast<uint32_t>(spec_.rules[index_].unless);
      Tell(rule_.unless, &node, "  ");
    }
    Cost();
    return std::move(out_);
  }

 private:
  void Head() {
    StrAppend(&out_, style_.Bold(rule_.id), "  ", style_.Of(rule_.action), "\n");
    const auto row = [this](std::string_view key, std::string_view value) {
      StrAppend(&out_, "  ", key, std::string(10 - key.size(), ' '), value, "\n");
    };
    row("written", PlaceOf(compiled_, rule_.where));
    row("about", StrCat(Name(rule_.category), rule_.label.empty() ? "" : " / ", rule_.label, ", ",
                        Name(rule_.severity)));
    row("status", rule_.status == rules::RuleStatus::kExperimental
                      ? "experimental: recorded, never acted on"
                      : StatusName(rule_.status));
    Layers();
    std::string surfaces;
    for (int s = 1; s < kSurfaceCount; ++s) {
      const Surface surface = static_cast<Surface>(s);
      if (rule_.surfaces & MaskOf(surface)) {
        StrAppend(&surfaces, surfaces.empty() ? "" : ", ", Name(surface));
      }
    }
    row("surfaces", rule_.surfaces == kAllSurfaces ? "all" : surfaces);
    row("views", StrCat(ViewNames(rule_.views), rule_.pinyin_initials ? ", pinyin initials" : ""));
    row("tests",
        StrCat(rule_.tests_match.size(), " match, ", rule_.tests_no_match.size(), " no_match, ",
               rule_.tests_todo_match.size() + rule_.tests_todo_no_match.size(), " todo"));
    for (const std::string& reason : {rule_.reason_en, rule_.reason_zh}) {
      if (!reason.empty()) row("reason", Harmless(reason));
    }
  }

  // Whose rule it is and who changed it: the last line for whoever is asked decides.
  void Layers() {
    const auto& layers = compiled_.rules.layers;
    if (layers.size() < 2) return;
    const auto row = [this](std::string_view text) {
      StrAppend(&out_, "  layer     ", text, "\n");
    };
    const auto describe = [&layers](uint32_t layer) {
      return Harmless(rules::DescribeLayer(layers[layer].kind, layers[layer].name));
    };
    row(StrCat(describe(rule_.layer), layers[rule_.layer].kind == rules::LayerKind::kTenant
                                          ? ": judged for this tenant only"
                                          : ""));
    if (rule_.amended) {
      const rules::Amendment& was = *rule_.amended;
      row(StrCat(describe(was.layer), " (", PlaceOf(compiled_, was.where), "): ",
                 DiffText(was.action, rule_.action, was.severity, rule_.severity, was.status,
                          rule_.status)));
    }
    for (uint32_t i = 1; i < layers.size(); ++i) {
      if (layers[i].kind != rules::LayerKind::kTenant) continue;
      for (const rules::LayerChange& change : layers[i].changes) {
        if (change.rule.text != rule_.id) continue;
        row(StrCat(describe(i), " (", PlaceOf(compiled_, change.rule.where), "): ",
                   change.disable
                       ? std::string("disabled")
                       : DiffText(rule_.action, change.action.value_or(rule_.action),
                                  rule_.severity, change.severity.value_or(rule_.severity),
                                  rule_.status, change.status.value_or(rule_.status))));
      }
    }
  }

  // "block instead of review, severity high instead of low" of what differs.
  static std::string DiffText(Decision old_action, Decision action, Severity old_severity,
                              Severity severity, rules::RuleStatus old_status,
                              rules::RuleStatus status) {
    std::string out;
    const auto add = [&out](std::string_view what, std::string_view now, std::string_view then) {
      if (now != then) StrAppend(&out, out.empty() ? "" : ", ", what, now, " instead of ", then);
    };
    add("", Name(action), Name(old_action));
    add("severity ", Name(severity), Name(old_severity));
    add("status ", StatusName(status), StatusName(old_status));
    return out.empty() ? "as it is" : out;
  }

  static std::string_view StatusName(rules::RuleStatus status) {
    constexpr std::string_view kStatuses[] = {"stable", "test", "experimental", "deprecated"};
    return kStatuses[static_cast<int>(status)];
  }

  // `*node` becomes the one behind the condition's subtree.
  void Tell(const Condition& condition, uint32_t* node, const std::string& indent) {
    const match::Node& at = spec_.nodes[*node];
    ++*node;
    switch (condition.kind) {
      case Condition::Kind::kTerms:
        Terms(condition, at, indent);
        break;
      case Condition::Kind::kRegex:
        Expression(condition, at, indent);
        break;
      case Condition::Kind::kAny:
        StrAppend(&out_, indent, "any\n");
        break;
      case Condition::Kind::kAll:
        StrAppend(&out_, indent, "all, ", ReachText(condition.within), "\n");
        break;
      case Condition::Kind::kNot:
        StrAppend(&out_, indent, "not\n");
        break;
      case Condition::Kind::kNear:
        StrAppend(&out_, indent, "near, ", ReachText(condition.within),
                  condition.ordered ? ", in order" : "", "\n");
        break;
    }
    for (const Condition& child : condition.children) Tell(child, node, indent + "  ");
  }

  void Terms(const Condition& condition, const match::Node& node, const std::string& indent) {
    const auto& terms = condition.Terms();
    StrAppend(&out_, indent, Plural(terms.size(), "term", "terms"));
    if (condition.list != nullptr) {
      StrAppend(&out_, " of ",
                Harmless(compiled_.sources[static_cast<size_t>(condition.list->file)].path));
    }
    if (condition.anywhere) out_ += ", also inside words";
    out_ += ": ";
    for (size_t i = 0; i < std::min(terms.size(), kTermsShown); ++i) {
      StrAppend(&out_, i == 0 ? "" : ", ", Harmless(terms[i].text));
    }
    if (terms.size() > kTermsShown) StrAppend(&out_, " and ", terms.size() - kTermsShown, " more");
    out_ += "\n";
    for (int v = 0; v < text::kViewCount; ++v) {
      std::map<std::string, size_t> anchors;
      size_t sought = 0, forms = 0, widest = 0;
      for (uint32_t i = 0; i < node.child_count; ++i) {
        const uint32_t index = spec_.leaf_index[node.first_child + i];
        const Leaf& leaf = spec_.leaves[index];
        if (leaf.in_view[v].empty()) continue;
        ++sought;
        forms += leaf.evasions != 0;
        widest = std::max(widest, leaf.in_view[v].size());
        leaves_.insert(index);
        ++anchors[facts_[index].anchor[v] != nullptr ? facts_[index].anchor[v] : "Hyperscan"];
      }
      if (sought == 0) continue;
      StrAppend(&out_, indent, "  ", style_.Dim(text::Name(static_cast<text::View>(v))), " ",
                Plural(sought, "literal", "literals"),
                forms > 0 ? StrCat(" (", forms, " in other numerals or backwards)") : "",
                ", up to ", widest, " bytes, by ");
      bool first = true;
      for (const auto& [anchor, count] : anchors) {
        StrAppend(&out_, first ? "" : ", ", anchor, " (", count, ")");
        first = false;
      }
      out_ += "\n";
    }
  }

  void Expression(const Condition& condition, const match::Node& node, const std::string& indent) {
    StrAppend(&out_, indent, "regex ", Harmless(condition.pattern.text), "\n");
    for (uint32_t i = 0; i < node.child_count; ++i) {
      const uint32_t index = spec_.leaf_index[node.first_child + i];
      const match::LeafFacts& facts = facts_[index];
      expressions_.insert(index);
      StrAppend(&out_, indent, "  ", style_.Dim(ViewNames(spec_.leaves[index].views)), " at most ",
                facts.bytes_max, " bytes; ");
      if (facts.alone) {
        out_ += style_.Bad("sought in every text");
      } else if (facts.gated) {
        StrAppend(&out_, "sought only where ", GateText(facts.gate), " stands");
      } else {
        out_ += "no gate: sought wherever all else that the rule needs stands";
      }
      out_ += "\n";
    }
  }

  static std::string GateText(const match::Gate& gate) {
    if (gate.digits > 0) return StrCat("a run of ", gate.digits, " digits");
    std::string out;
    for (size_t i = 0; i < std::min(gate.strings.size(), kGateStringsShown); ++i) {
      StrAppend(&out, i == 0 ? "" : ", ", "`", Harmless(gate.strings[i]), "`");
    }
    const size_t more = gate.strings.size() - std::min(gate.strings.size(), kGateStringsShown);
    return StrCat(gate.strings.size() > 1 ? "one of " : "", out,
                  more > 0 ? StrCat(" or ", more, " more") : "");
  }

  void Cost() {
    const auto start = std::chrono::steady_clock::now();
    const auto alone = pack::CompileAlone(compiled_.rules, index_);
    const auto took = std::chrono::steady_clock::now() - start;
    StrAppend(&out_, "\n", style_.Bold("cost"), "\n  ",
              Plural(leaves_.size(), "term leaf", "term leaves"), ", ",
              Plural(expressions_.size(), "expression", "expressions"), "\n");
    const match::RuleCost cost = match::CostOf(compiled_.pack->program(), index_);
    StrAppend(&out_, "  judged in about ",
              cost.often >= 0.5
                  ? "every text"
                  : absl::StrFormat("%.3g of 1,000 texts", std::max(cost.often * 1000, 0.001)),
              ", by the length of its rarest part's terms (a guess)\n");
    if (alone.ok()) {
      StrAppend(&out_, "  alone it compiles in ",
                absl::FormatDuration(absl::Trunc(absl::FromChrono(took), absl::Microseconds(10))),
                " to ", Size((*alone)->memory_bytes()), " of memory\n");
    }
  }

  const pack::CompileResult& compiled_;
  const rules::Rule& rule_;
  const size_t index_;
  const match::ProgramSpec& spec_;
  const std::vector<match::LeafFacts> facts_;
  const Style& style_;
  std::set<uint32_t> leaves_, expressions_;
  std::string out_;
};

// "R012", "E1": what a diagnostic is called, and no rule's id.
bool IsCode(std::string_view what) { return what.find('.') == what.npos; }

int ExplainCode(const std::string& what, const Style& style) {
  for (const rules::DiagnosticCode& code : rules::AllDiagnosticCodes()) {
    if (code.code != what) continue;
    Print(StrCat(style.Bold(StrCat(code.code, ": ", code.title)), "\n\n", code.explanation));
    if (code.explanation.empty() || code.explanation.back() != '\n') Print("\n");
    return kOk;
  }
  Complain(StrCat("there is no diagnostic \"", Harmless(what),
                  "\"; `winnow rules explain` lists those there are"));
  return kUsage;
}

int Explain(const ExplainFlags& flags) {
  const Style style(StandardOutput());
  if (flags.what.empty()) {
    for (const rules::DiagnosticCode& code : rules::AllDiagnosticCodes()) {
      Print(StrCat(style.Bold(code.code), "  ", code.title, "\n"));
    }
    return kOk;
  }
  if (IsCode(flags.what)) return ExplainCode(flags.what, style);
  int exit_code = kOk;
  const std::optional<pack::CompileResult> compiled = CompileSource(flags.source, &exit_code);
  if (!compiled) return exit_code;
  for (size_t i = 0; i < compiled->rules.rules.size(); ++i) {
    if (compiled->rules.rules[i].id != flags.what) continue;
    Print(Explainer(*compiled, i, style).Tell());
    return kOk;
  }
  for (const rules::DisabledRule& rule : compiled->rules.disabled) {
    if (rule.id != flags.what) continue;
    const rules::Layer& layer = compiled->rules.layers[rule.layer];
    Print(StrCat(style.Bold(rule.id), "  disabled\n  written   ", PlaceOf(*compiled, rule.where),
                 "\n  layer     ", Harmless(rules::DescribeLayer(layer.kind, layer.name)), " (",
                 PlaceOf(*compiled, rule.disable_where),
                 "): disabled, so that it is in no pack\n"));
    return kOk;
  }
  Complain(StrCat("there is no rule \"", Harmless(flags.what), "\"; name its files with --rules"));
  return kUsage;
}

}  // namespace

void AddRulesExplain(CLI::App& rules, int* exit_code) {
  auto flags = std::make_shared<ExplainFlags>();
  CLI::App* explain =
      rules.add_subcommand("explain", "Explain a diagnostic by its code, or a rule by its id");
  explain->footer(
      "Of a rule it tells what it compiles to: the literals of its terms in each view and the\n"
      "anchors by which they are found, how wide its expressions match and what must stand before\n"
      "they are sought, and what the rule costs. Of layers it tells whose rule it is, and which\n"
      "changed or disabled it.\n"
      "\n"
      "Examples:\n"
      "  winnow rules explain R012\n"
      "  winnow rules explain        list all codes\n"
      "  winnow rules explain gambling.online_casino\n"
      "  winnow rules explain --rules my-rules gambling.vip_rooms\n"
      "  winnow rules explain --pack my.pack gambling.online_casino\n");
  explain
      ->add_option("CODE|RULE", flags->what, "The code in brackets, such as R012; or a rule's id")
      ->type_name("");
  AddRuleSource(explain, &flags->source);
  explain->callback([flags, exit_code] { *exit_code = Explain(*flags); });
}

}  // namespace winnow::cli
