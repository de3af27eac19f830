// A rule as its author wrote it, typed and placed. Plain data.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/rules/diagnostics.h"
#include "engine/rules/taxonomy.h"
#include "engine/text/checksum.h"
#include "engine/text/span.h"

namespace winnow::rules {

struct Located {
  std::string text;
  SourceRange where;
};

// A list of terms in a file of its own, read once however many rules name it.
struct TermList {
  int file = 0;  // index into the sources given
  std::vector<Located> terms;
  // What its header says for all of its terms; a rule that says otherwise goes before it.
  std::optional<bool> anywhere;
  std::optional<bool> reversed;
  std::optional<text::ViewSet> views;
};

// The scope in which conditions are evaluated.
struct Within {
  enum class Kind { kSentence, kField, kCharacters };
  Kind kind = Kind::kField;
  uint32_t characters = 0;  // kCharacters: the gap between the nearest ends, in folded code points
};

// A node of a rule's `match` or `unless` tree.
struct Condition {
  enum class Kind {
    kTerms,  // any of `terms`, or of those of `list`
    kRegex,  // `pattern`
    kAny,    // at least one child
    kAll,    // every child, within `within`
    kNot,    // its one child is absent within `within`; only inside an `all`
    kNear,  // every group (child) within `within` of the next; `ordered` asks for the written order
  };
  Kind kind = Kind::kTerms;
  std::vector<Located> terms;
  std::shared_ptr<const TermList> list;  // null where the terms stand in the rule
  std::optional<text::ViewSet> views;    // where this node's terms are sought, if not the rule's
  Located pattern;
  text::Checksum checksum = text::Checksum::kNone;  // kRegex: what a match must satisfy
  bool anywhere = false;                            // no word borders for this node's terms
  bool reversed = false;                            // this node's terms are also sought backwards
  bool ordered = false;
  Within within;
  std::vector<Condition> children;
  SourceRange where;

  // kTerms: what it seeks, wherever it is written.
  const std::vector<Located>& Terms() const { return list != nullptr ? list->terms : terms; }
};

// One entry of `tests`: a text with the fields it stands in, and what it should give.
struct TestCase {
  std::string text;
  Surface surface = Surface::kUnspecified;  // unspecified: the rule's first surface
  SourceRange where;
};

enum class RuleStatus : uint8_t { kStable = 0, kTest = 1, kExperimental = 2, kDeprecated = 3 };

// Who speaks of a rule: each may change what those before it say. Numbers are stored.
enum class LayerKind : uint8_t { kUnspecified = 0, kBundled = 1, kOperator = 2, kTenant = 3 };

// What a layer says of a rule of a layer below it. What is absent stays as it is there.
struct LayerChange {
  Located rule;  // its id
  bool disable = false;
  std::optional<Decision> action;
  std::optional<Severity> severity;
  std::optional<RuleStatus> status;
};

// Rules that belong together, and what they change of those below. A folder with a layer.yaml is
// one; whatever lies outside of such folders is the bundled layer.
struct Layer {
  LayerKind kind = LayerKind::kBundled;
  std::string name;    // of a tenant's the tenant's id; empty: bundled
  int file = -1;       // its layer.yaml, index into the sources; -1: bundled
  std::string folder;  // with the slash at its end: what its files' paths begin with
  SourceRange where;   // of its name
  std::vector<LayerChange> changes;
};

// What an operator's layer changed of a rule, with what the rule's own file says.
struct Amendment {
  uint32_t layer = 0;  // index into RuleSet::layers
  SourceRange where;
  Decision action = Decision::kUnspecified;
  Severity severity = Severity::kUnspecified;
  RuleStatus status = RuleStatus::kStable;
};

// A rule that an operator's layer took away.
struct DisabledRule {
  std::string id;
  SourceRange where;          // of the rule
  uint32_t layer = 0;         // that disabled it, index into RuleSet::layers
  SourceRange disable_where;  // where it says so
};

struct Rule {
  std::string id;
  Category category = Category::kUnspecified;
  std::string label;  // empty where the category has none
  Severity severity = Severity::kUnspecified;
  Decision action = Decision::kUnspecified;
  SurfaceMask surfaces = kAllSurfaces;
  RuleStatus status = RuleStatus::kStable;  // experimental: recorded, never acted on
  std::vector<std::string> languages;
  text::ViewSet views = 0b011;   // folded, squeezed
  bool pinyin_initials = false;  // terms of `match` are also sought by the initials of their pinyin
  Condition match;
  bool has_unless = false;
  Condition unless;  // one tree; its `within` says how far from the match it counts
  std::string reason_en, reason_zh;
  std::vector<TestCase> tests_match, tests_no_match, tests_todo_match, tests_todo_no_match;
  SourceRange where;
  uint32_t layer = 0;                // that its file belongs to, index into RuleSet::layers
  std::optional<Amendment> amended;  // by an operator's layer; what holds is above
};

struct RuleSet {
  std::vector<SourceFile> sources;
  std::vector<Layer> layers;  // first the bundled one, then in order of `file`
  std::vector<Rule> rules;    // in order of path, then of appearance
  std::vector<std::shared_ptr<const TermList>> lists;  // those that rules name, in order of `file`
  std::vector<DisabledRule> disabled;                  // not among `rules`; in order of place
};

// "bundled", "operator", "tenant".
std::string_view Name(LayerKind kind);
// "the bundled rules", "the operator's layer ours", "the layer of tenant acme": for people.
std::string DescribeLayer(LayerKind kind, std::string_view name);

}  // namespace winnow::rules
