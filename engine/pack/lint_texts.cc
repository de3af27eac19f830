// Rules against texts: ordinary ones, which no rule should find, and the tests that rules carry,
// which should show something.
#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/strings.h"
#include "engine/match/trace.h"
#include "engine/pack/lint_parts.h"
#include "engine/pack/ordinary_texts.h"
#include "engine/pack/text_scan.h"
#include "engine/text/normalizer.h"

namespace winnow::pack {
namespace {

using rules::Condition;
using rules::Diagnostic;
using rules::Rule;

// ---- R072: ordinary text ----

struct Found {
  size_t count = 0;
  std::string_view first;
};

// By rule. A text that cannot be scanned finds nothing: that is the check's to tell.
std::vector<Found> FoundIn(absl::Span<const std::string_view> texts, Surface surface,
                           TextScanner* scanner, size_t rules) {
  std::vector<Found> out(rules);
  for (const std::string_view text : texts) {
    const auto outcome = scanner->Scan(text, surface);
    if (!outcome.ok()) continue;
    for (const match::ScanOutcome::RuleCount& found : outcome->rules) {
      if (out[found.rule].count++ == 0) out[found.rule].first = text;
    }
  }
  return out;
}

void LintOrdinary(const CompileResult& compiled, TextScanner* scanner,
                  std::vector<Diagnostic>* out) {
  const std::vector<Rule>& rules = compiled.rules.rules;
  std::set<Surface> surfaces;
  for (const Rule& rule : rules) surfaces.insert(FirstOf(rule.surfaces));
  for (const Surface surface : surfaces) {
    for (const auto texts : {OrdinaryChineseTexts(), OrdinaryEnglishTexts()}) {
      const std::vector<Found> found = FoundIn(texts, surface, scanner, rules.size());
      for (size_t r = 0; r < rules.size(); ++r) {
        // One in ten; by chance a rule finds one.
        if (FirstOf(rules[r].surfaces) != surface || found[r].count * 10 < texts.size()) continue;
        Warn("R072", rules[r].match.where,
             StrCat("`", rules[r].id, "` finds ", found[r].count, " of ", texts.size(),
                    " ordinary texts"),
             StrCat("for instance: ", found[r].first),
             "ask for more: longer terms, or others beside them with `near` or `all`", out);
      }
    }
  }
}

// ---- T003, T004: tests ----

// The leaves of what must be present.
void CollectLeaves(const match::ProgramSpec& spec, uint32_t index, std::vector<uint32_t>* out) {
  const match::Node& node = spec.nodes[index];
  if (node.op == match::Op::kNot) return;
  for (uint32_t i = node.first_child; i < node.first_child + node.child_count; ++i) {
    if (node.op == match::Op::kLeaves) {
      out->push_back(spec.leaf_index[i]);
    } else {
      CollectLeaves(spec, spec.child_index[i], out);
    }
  }
}

// Two ideographs that follow one another, and words of letters: what a reader would say the text
// has of the rule.
std::set<std::string> PiecesOf(std::string_view text) {
  const std::string folded = text::NormalizeTerm(text, text::View::kFolded);
  std::set<std::string> out;
  std::string_view last;  // the ideograph before
  for (size_t at = 0; at < folded.size();) {
    size_t end = at + 1;
    while (end < folded.size() && (static_cast<uint8_t>(folded[end]) & 0xc0) == 0x80) ++end;
    const std::string_view c = std::string_view(folded).substr(at, end - at);
    if (c.size() >= 3) {
      if (!last.empty()) out.insert(StrCat(last, c));
      last = c;
    } else {
      last = {};
      const auto is_word = [](char x) { return (x >= 'a' && x <= 'z') || (x >= '0' && x <= '9'); };
      size_t word = at;
      while (word < folded.size() && is_word(folded[word])) ++word;
      // `pleasure` comes near to `please`.
      if (word - at >= 3) out.insert(folded.substr(at, std::min<size_t>(word - at, 4)));
      end = std::max(end, word);
    }
    at = end;
  }
  return out;
}

bool HasExpression(const Condition& node) {
  return node.kind == Condition::Kind::kRegex ||
         std::any_of(node.children.begin(), node.children.end(), HasExpression);
}

void CollectPieces(const Condition& node, std::set<std::string>* out) {
  if (node.kind == Condition::Kind::kNot) return;
  for (const rules::Located& term : node.Terms()) out->merge(PiecesOf(term.text));
  for (const Condition& child : node.children) CollectPieces(child, out);
}

void LintTests(const CompileResult& compiled, TextScanner* scanner, std::vector<Diagnostic>* out) {
  const match::ProgramSpec& spec = match::SpecOf(compiled.pack->program());
  for (size_t r = 0; r < compiled.rules.rules.size(); ++r) {
    const Rule& rule = compiled.rules.rules[r];
    std::vector<uint32_t> leaves, excuses;
    CollectLeaves(spec, spec.rules[r].match, &leaves);
    if (rule.has_unless) CollectLeaves(spec, static_cast<uint32_t>(spec.rules[r].unless), &excuses);
    const bool judged = !HasExpression(rule.match);  // what comes near an expression is hard to say
    std::set<std::string> pieces;
    CollectPieces(rule.match, &pieces);
    bool excused = false;
    for (const rules::TestCase& test : rule.tests_no_match) {
      bool near = false;
      const std::function<void(const match::HitTable&)> inspect = [&](const match::HitTable& hits) {
        const auto hit = [&hits](uint32_t leaf) { return !hits.Of(leaf).empty(); };
        near = std::any_of(leaves.begin(), leaves.end(), hit);
        excused = excused || std::any_of(excuses.begin(), excuses.end(), hit);
      };
      // A surface that the rule does not look at is what the test shows.
      const bool elsewhere =
          test.surface != Surface::kUnspecified && (rule.surfaces & MaskOf(test.surface)) == 0;
      const Surface surface = test.surface == Surface::kUnspecified || elsewhere
                                  ? FirstOf(rule.surfaces)
                                  : test.surface;
      if (!scanner->Scan(test.text, surface, &inspect).ok()) continue;
      if (near || elsewhere || !judged) continue;
      const std::set<std::string> of_test = PiecesOf(test.text);
      if (std::any_of(of_test.begin(), of_test.end(),
                      [&](const std::string& piece) { return pieces.contains(piece); })) {
        continue;
      }
      Warn(
          "T003", test.where, StrCat("a `no_match` test proves nothing of `", rule.id, "`"),
          "nothing stands in it that the rule looks for",
          "take a text that comes near: the same words in news, law, teaching or ordinary business",
          out);
    }
    if (rule.has_unless && !excused && !rule.tests_no_match.empty()) {
      Warn("T004", rule.unless.where,
           StrCat("no test of `", rule.id, "` shows what its `unless` is for"),
           "it stands in no `no_match` test",
           "add a text that the rule would find without it, or remove it", out);
    }
  }
}

}  // namespace

void LintTexts(const CompileResult& compiled, std::vector<Diagnostic>* out) {
  TextScanner scanner(compiled.pack->program());
  LintOrdinary(compiled, &scanner, out);
  LintTests(compiled, &scanner, out);
}

}  // namespace winnow::pack
