#include "engine/pack/lint.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "engine/base/strings.h"
#include "engine/match/trace.h"
#include "engine/pack/lint_parts.h"

namespace winnow::pack {
namespace {

using rules::Condition;
using rules::Diagnostic;
using rules::Rule;

// Whether what the gate asks for stands in most texts.
bool IsWide(const match::Gate& gate) {
  if (gate.strings.empty()) return gate.digits < 3;
  return std::any_of(gate.strings.begin(), gate.strings.end(), [](const std::string& s) {
    return s.size() == 1 && static_cast<uint8_t>(s[0]) < 0x80;
  });
}

// The expressions of a tree each match of which is a match of the rule.
void CollectAlone(const Condition& node, std::vector<const rules::Located*>* out) {
  if (node.kind == Condition::Kind::kRegex) out->push_back(&node.pattern);
  if (node.kind != Condition::Kind::kAny) return;
  for (const Condition& child : node.children) CollectAlone(child, out);
}

// Expressions that hardly any text is spared.
void LintCost(const CompileResult& compiled, std::vector<Diagnostic>* out) {
  // By place: one expression may be of several rules.
  std::map<std::tuple<int, int, int>, std::pair<rules::Located, match::Gate>> wide;
  const auto add = [&wide](const rules::Located& at, match::Gate gate) {
    wide.try_emplace({at.where.file, at.where.begin_line, at.where.begin_column},
                     std::pair(at, std::move(gate)));
  };
  const std::vector<match::LeafFacts> facts = match::FactsOf(compiled.pack->program());
  const match::ProgramSpec& spec = match::SpecOf(compiled.pack->program());
  for (size_t i = 0; i < facts.size(); ++i) {
    if (facts[i].alone) add(compiled.leaf_sources[spec.leaves[i].source], {});
  }
  for (const rules::Rule& rule : compiled.rules.rules) {
    std::vector<const rules::Located*> alone;
    CollectAlone(rule.match, &alone);
    for (const rules::Located* pattern : alone) {
      match::Gate gate = match::GateOf(pattern->text);
      if (IsWide(gate)) add(*pattern, std::move(gate));
    }
  }
  for (const auto& [place, expression] : wide) {
    const auto& [at, gate] = expression;
    const std::string needs = gate.digits > 0 ? std::string("a digit stands in it")
                              : gate.strings.empty()
                                  ? std::string()
                                  : StrCat("`", gate.strings.front(), "` stands in it");
    Warn("R071", at.where,
         StrCat("the regular expression `", at.text, "` is tried on ",
                needs.empty() ? "every text" : "nearly every text"),
         needs.empty() ? "it holds nothing of which texts can be asked first"
                       : StrCat("all that a text is asked first is whether ", needs),
         "spell out some of it, or relate it to terms with `near`", out);
  }
}

// The bundled policy makes a review of these whatever the rule asks for (see rules/policy.yaml).
bool IsReviewOnly(const Rule& rule) {
  switch (rule.category) {
    case Category::kConstitutionalPrinciples:
    case Category::kInternationalRelations:
    case Category::kRumors:
      return true;
    case Category::kNationalSecurity:
    case Category::kIllegalAssembly:
      return rule.severity != Severity::kCritical;
    default:
      return false;
  }
}

void LintTreatment(const CompileResult& compiled, std::vector<Diagnostic>* out) {
  for (const Rule& rule : compiled.rules.rules) {
    const bool bundled =
        compiled.rules.layers[rule.layer].kind == rules::LayerKind::kBundled && !rule.amended;
    if (!bundled || rule.action != Decision::kBlock || !IsReviewOnly(rule)) continue;
    const bool critical_may =
        rule.category == Category::kNationalSecurity || rule.category == Category::kIllegalAssembly;
    Warn("R077", rule.where,
         StrCat("`", rule.id, "` blocks, but `", Name(rule.category), "` is for review only"),
         StrCat("the default policy makes a review of it",
                critical_may ? " unless its severity is `critical`" : ""),
         "write `action: review`; whoever must block writes the rule into an operator's layer, and "
         "a "
         "policy that lets it",
         out);
  }
}

}  // namespace

void Warn(std::string_view code, const rules::SourceRange& where, std::string message,
          std::string label, std::string help, std::vector<Diagnostic>* out) {
  Diagnostic d;
  d.level = rules::DiagnosticLevel::kWarning;
  d.code = std::string(code);
  d.message = std::move(message);
  d.where = where;
  d.label = std::move(label);
  d.help = std::move(help);
  out->push_back(std::move(d));
}

void AddLints(CompileResult* compiled) {
  std::vector<Diagnostic>* out = &compiled->diagnostics;
  LintTreatment(*compiled, out);
  LintConditions(*compiled, out);
  if (compiled->pack != nullptr) {
    LintCost(*compiled, out);
    LintTexts(*compiled, out);
  }
  std::stable_sort(out->begin(), out->end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.where.file, a.where.begin_line, a.where.begin_column) <
           std::tie(b.where.file, b.where.begin_line, b.where.begin_column);
  });
}

}  // namespace winnow::pack
