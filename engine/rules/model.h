// A rule as its author wrote it, typed and placed. Plain data.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
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
};

struct RuleSet {
  std::vector<SourceFile> sources;
  std::vector<Rule> rules;                             // in order of path, then of appearance
  std::vector<std::shared_ptr<const TermList>> lists;  // those that rules name, in order of `file`
};

}  // namespace winnow::rules
