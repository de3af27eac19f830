// Terms against terms. Everything here follows from one question: is the one found wherever the
// other is?
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "engine/base/strings.h"
#include "engine/pack/lint_parts.h"
#include "engine/pack/ordinary_texts.h"
#include "engine/text/normalizer.h"

namespace winnow::pack {
namespace {

using rules::Condition;
using rules::Diagnostic;
using rules::Located;
using rules::Rule;
using rules::Within;
using Kind = Condition::Kind;

// A term, as it is sought where it stands.
struct Sought {
  const Located* term = nullptr;
  std::string folded;
  text::TermBorders borders;  // none with `anywhere`
  text::ViewSet views = 0;
  bool reversed = false;
};

bool IsAscii(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

size_t CountCharacters(std::string_view utf8) {
  return static_cast<size_t>(std::count_if(
      utf8.begin(), utf8.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
}

// `as_written`: in an `unless` or `not`, whose terms are sought by no sound and not backwards.
Sought SoughtOf(const Located& term, const Condition& node, text::ViewSet views, bool as_written) {
  Sought out;
  out.term = &term;
  out.folded = text::NormalizeTerm(term.text, text::View::kFolded);
  if (!node.anywhere) out.borders = text::BordersOf(out.folded);
  out.views = node.views.value_or(views);
  if (as_written) {
    out.views &= ~text::SetOf(text::View::kPhonetic);
    if (out.views == 0) out.views = text::SetOf(text::View::kFolded);
  }
  out.reversed = node.reversed && !as_written;
  return out;
}

// Punctuation or a space: a word ends there whatever stands on its other side.
bool EndsWords(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte < 0x80 && !absl::ascii_isalnum(byte) && c != '_';
}

// Whether `inner` is found wherever `outer` is; a doubt counts as no.
bool IsFoundIn(const Sought& inner, const Sought& outer) {
  if (inner.folded.empty() || (outer.views & ~inner.views) != 0) return false;
  if (outer.reversed && !inner.reversed) return false;
  const bool held_apart = outer.views & text::SetOf(text::View::kSqueezed);
  if (held_apart && CountCharacters(inner.folded) < 2) return false;
  if (held_apart && inner.folded.size() < 4 && IsAscii(inner.folded)) return false;
  const std::string& whole = outer.folded;
  for (size_t at = whole.find(inner.folded); at != whole.npos;
       at = whole.find(inner.folded, at + 1)) {
    const size_t end = at + inner.folded.size();
    const bool begins =
        !inner.borders.begin || (at == 0 ? outer.borders.begin : EndsWords(whole[at - 1]));
    const bool ends =
        !inner.borders.end || (end == whole.size() ? outer.borders.end : EndsWords(whole[end]));
    if (begins && ends) return true;
  }
  return false;
}

// Calls `visit(term, node, alone)` for the terms of a tree that must be present; `alone`: each hit
// is a match of the tree.
template <typename Visit>
void ForEachTerm(const Condition& node, bool alone, const Visit& visit) {
  if (node.kind == Kind::kNot) return;
  if (node.kind == Kind::kTerms) {
    for (const Located& term : node.Terms()) visit(term, node, alone);
  }
  for (const Condition& child : node.children) {
    ForEachTerm(child, alone && node.kind == Kind::kAny, visit);
  }
}

// The terms each of which makes the tree hold.
std::vector<Sought> AloneOf(const Condition& tree, text::ViewSet views, bool as_written) {
  std::vector<Sought> out;
  ForEachTerm(tree, true, [&](const Located& term, const Condition& node, bool alone) {
    if (alone) out.push_back(SoughtOf(term, node, views, as_written));
  });
  return out;
}

// Whether one of `present` is found wherever `node` holds.
bool Implies(const Condition& node, const std::vector<Sought>& present, text::ViewSet views,
             bool as_written) {
  const auto implies = [&](const Condition& child) {
    return child.kind != Kind::kNot && Implies(child, present, views, as_written);
  };
  switch (node.kind) {
    case Kind::kTerms:
      return std::all_of(node.Terms().begin(), node.Terms().end(), [&](const Located& term) {
        const Sought sought = SoughtOf(term, node, views, as_written);
        return std::any_of(present.begin(), present.end(),
                           [&](const Sought& p) { return IsFoundIn(p, sought); });
      });
    case Kind::kAny:
      return std::all_of(node.children.begin(), node.children.end(), implies);
    case Kind::kAll:
    case Kind::kNear:
      return std::any_of(node.children.begin(), node.children.end(), implies);
    case Kind::kRegex:
    case Kind::kNot:
      return false;
  }
  return false;
}

// ---- R073: hidden by another rule ----

class Hiders {
 public:
  explicit Hiders(const std::vector<Rule>& rules) : rules_(rules) {
    for (size_t r = 0; r < rules.size(); ++r) {
      // What an excuse may drop is not always found.
      if (rules[r].has_unless) continue;
      for (Sought& sought : AloneOf(rules[r].match, rules[r].views, false)) {
        if (sought.folded.empty()) continue;
        lengths_.insert(sought.folded.size());
        std::string folded = sought.folded;
        by_text_[std::move(folded)].push_back({r, std::move(sought)});
      }
    }
  }

  struct Hider {
    size_t rule;
    Sought term;
  };

  // By rule, a term that is found wherever `sought` of the rule `of` is, of rules that decide at
  // least as much. O(characters · lengths that terms have).
  std::map<size_t, const Hider*> Of(size_t of, const Sought& sought) const {
    std::map<size_t, const Hider*> out;
    const std::string_view whole = sought.folded;
    for (size_t at = 0; at < whole.size(); ++at) {
      if ((static_cast<uint8_t>(whole[at]) & 0xc0) == 0x80) continue;
      for (const size_t length : lengths_) {
        if (at + length > whole.size()) break;
        const auto found = by_text_.find(ToAbsl(whole.substr(at, length)));
        if (found == by_text_.end()) continue;
        for (const Hider& hider : found->second) {
          if (hider.term.term == sought.term) continue;
          // Of two that are equal the first stands.
          if (length == whole.size() && hider.rule == of) continue;
          if (length == whole.size() && Decides(of, hider.rule) && of < hider.rule) continue;
          if (Decides(hider.rule, of) && IsFoundIn(hider.term, sought)) {
            out.try_emplace(hider.rule, &hider);
          }
        }
      }
    }
    return out;
  }

 private:
  // Whether what `a` says of a text is at least what `b` says.
  bool Decides(size_t a, size_t b) const {
    if (a == b) return true;
    const Rule& x = rules_[a];
    const Rule& y = rules_[b];
    return x.category == y.category && x.label == y.label && x.action >= y.action &&
           x.severity >= y.severity && (y.surfaces & ~x.surfaces) == 0 && x.layer == y.layer &&
           x.status != rules::RuleStatus::kExperimental &&
           y.status != rules::RuleStatus::kExperimental && !y.pinyin_initials;
  }

  const std::vector<Rule>& rules_;
  absl::flat_hash_map<std::string, std::vector<Hider>> by_text_;
  std::set<size_t> lengths_;
};

using HiderByRule = std::map<size_t, const Hiders::Hider*>;

// The rules that find something wherever `node` of the rule `of` holds.
HiderByRule HidersOf(const Hiders& hiders, size_t of, const Rule& rule, const Condition& node) {
  const auto both = [](HiderByRule a, const HiderByRule& b) {
    std::erase_if(a, [&b](const auto& entry) { return !b.contains(entry.first); });
    return a;
  };
  HiderByRule out;
  bool first = true;
  switch (node.kind) {
    case Kind::kTerms:
      for (const Located& term : node.Terms()) {
        HiderByRule of_term = hiders.Of(of, SoughtOf(term, node, rule.views, false));
        of_term.erase(of);
        out = first ? std::move(of_term) : both(std::move(out), of_term);
        first = false;
        if (out.empty()) break;
      }
      break;
    case Kind::kAny:
      for (const Condition& child : node.children) {
        HiderByRule of_child = HidersOf(hiders, of, rule, child);
        out = first ? std::move(of_child) : both(std::move(out), of_child);
        first = false;
        if (out.empty()) break;
      }
      break;
    case Kind::kAll:
    case Kind::kNear:
      for (const Condition& child : node.children) {
        if (child.kind != Kind::kNot) out.merge(HidersOf(hiders, of, rule, child));
      }
      break;
    case Kind::kRegex:
    case Kind::kNot:
      break;
  }
  return out;
}

void LintHidden(const std::vector<Rule>& rules, std::vector<Diagnostic>* out) {
  const Hiders hiders(rules);
  for (size_t r = 0; r < rules.size(); ++r) {
    const Rule& rule = rules[r];
    const HiderByRule whole = HidersOf(hiders, r, rule, rule.match);
    if (!whole.empty()) {
      const auto& [by, hider] = *whole.begin();
      Warn("R073", rule.match.where,
           StrCat("`", rule.id, "` adds nothing: `", rules[by].id, "` finds whatever it finds"),
           StrCat("by `", hider->term.term->text, "`, say, and decides at least as much"),
           "remove the rule, or narrow the other one", out);
      continue;
    }
    // By the rule that hides them; the first of them is told.
    std::map<size_t, std::pair<const Located*, const Located*>> first;
    std::map<size_t, size_t> count;
    ForEachTerm(rule.match, true, [&](const Located& term, const Condition& node, bool alone) {
      if (!alone) return;
      const HiderByRule by = hiders.Of(r, SoughtOf(term, node, rule.views, false));
      if (by.empty()) return;
      const auto& [hiding, hider] = *by.begin();
      first.try_emplace(hiding, &term, hider->term.term);
      ++count[hiding];
    });
    for (const auto& [hiding, terms] : first) {
      const size_t more = count[hiding] - 1;
      const bool own = hiding == r;
      Warn("R073", terms.first->where,
           StrCat("the term `", terms.first->text, "`",
                  more > 0 ? StrCat(" (and ", more, " more)") : std::string(), " adds nothing: `",
                  terms.second->text, "` is found wherever it is"),
           own ? std::string("the rule has that term already")
               : StrCat("it is a term of `", rules[hiding].id, "`, which decides at least as much"),
           own ? "remove the longer term" : "remove the term, or narrow the other rule", out);
    }
  }
}

// ---- R074: Latin letters without borders ----

void LintAnywhere(const Rule& rule, std::vector<Diagnostic>* out) {
  ForEachTerm(rule.match, true, [&](const Located& term, const Condition& node, bool alone) {
    if (!alone || !node.anywhere) return;
    const std::string folded = text::NormalizeTerm(term.text, text::View::kFolded);
    if (folded.empty() || !std::all_of(folded.begin(), folded.end(),
                                       [](unsigned char c) { return absl::ascii_isalpha(c); }))
      return;
    const std::string_view word = OrdinaryWordWith(folded);
    if (word.empty() && folded.size() > 3) return;
    Warn("R074", term.where, StrCat("the term `", term.text, "` is also found inside of words"),
         word.empty() ? std::string("so few letters stand in any address, code or name")
                      : StrCat("`", word, "`, for one"),
         "leave `anywhere` out for it, or relate it to others with `near`", out);
  });
}

// ---- R075, R076, R078: conditions that cannot hold, and excuses that always do ----

// Whether what an `all` asks for implies what one of its `not`s forbids. Only where that is sure to
// lie within reach.
const Condition* DeniedBy(const Condition& all, text::ViewSet views, bool as_written) {
  bool first = true;
  for (const Condition& wanted : all.children) {
    if (wanted.kind == Kind::kNot) continue;
    const bool in_reach = first || all.within.kind == Within::Kind::kField;
    first = false;
    if (!in_reach) continue;
    for (const Condition& denial : all.children) {
      if (denial.kind != Kind::kNot) continue;
      const std::vector<Sought> denied = AloneOf(denial.children.front(), views, true);
      if (Implies(wanted, denied, views, as_written)) return &denial;
    }
  }
  return nullptr;
}

// Whether `node` cannot hold; R078 tells of parts of a `match` that cannot.
bool IsImpossible(const Condition& node, text::ViewSet views, bool as_written,
                  std::vector<Diagnostic>* out) {
  std::vector<bool> of_children;
  for (const Condition& child : node.children) {
    of_children.push_back(child.kind != Kind::kNot && IsImpossible(child, views, as_written, out));
  }
  const auto is = [](bool b) { return b; };
  if (node.kind == Kind::kAny) return std::all_of(of_children.begin(), of_children.end(), is);
  if (std::any_of(of_children.begin(), of_children.end(), is)) return true;
  if (node.kind != Kind::kAll) return false;
  const Condition* denial = DeniedBy(node, views, as_written);
  if (denial == nullptr) return false;
  if (out != nullptr) {
    Warn("R078", denial->where, "this `not` forbids what its `all` asks for",
         "wherever the other conditions hold, this stands too", "the `all` never holds: name less",
         out);
  }
  return true;
}

// The terms that may stand nowhere in the field of a match, or in its sentence.
std::vector<Sought> ForbiddenBy(const Condition& match, text::ViewSet views, const Within& reach) {
  std::vector<Sought> out;
  if (match.kind != Kind::kAll) return out;
  const bool covers =
      match.within.kind == Within::Kind::kField ||
      (match.within.kind == Within::Kind::kSentence && reach.kind == Within::Kind::kSentence);
  if (!covers) return out;
  for (const Condition& child : match.children) {
    if (child.kind != Kind::kNot) continue;
    for (Sought& term : AloneOf(child.children.front(), views, true)) {
      out.push_back(std::move(term));
    }
  }
  return out;
}

void LintUnless(const Rule& rule, std::vector<Diagnostic>* out) {
  const std::vector<Sought> forbidden = ForbiddenBy(rule.match, rule.views, rule.unless.within);
  if (!forbidden.empty() && Implies(rule.unless, forbidden, rule.views, true)) {
    Warn("R075", rule.unless.where, "this `unless` can never apply",
         "a `not` of the rule forbids already what it asks for",
         "remove one of the two: a `not` is stricter, an `unless` must also be said", out);
  } else if (IsImpossible(rule.unless, rule.views, true, nullptr)) {
    Warn("R075", rule.unless.where, "this `unless` can never apply",
         "each `all` in it forbids what it asks for", "name less under `not`", out);
  }
  const std::vector<Sought> excuses = AloneOf(rule.unless, rule.views, true);
  if (excuses.empty()) return;
  ForEachTerm(rule.match, true, [&](const Located& term, const Condition& node, bool) {
    const Sought sought = SoughtOf(term, node, rule.views, true);
    const auto excuse = std::find_if(excuses.begin(), excuses.end(),
                                     [&](const Sought& e) { return IsFoundIn(e, sought); });
    if (excuse == excuses.end()) return;
    Warn("R076", term.where,
         StrCat("the term `", term.text, "` is always excused by the rule's own `unless`"),
         StrCat("it holds the excuse `", excuse->term->text, "`"),
         "make the excuse longer, or remove the term", out);
  });
}

}  // namespace

void LintConditions(const CompileResult& compiled, std::vector<Diagnostic>* out) {
  for (const Rule& rule : compiled.rules.rules) {
    LintAnywhere(rule, out);
    IsImpossible(rule.match, rule.views, false, out);
    if (rule.has_unless) LintUnless(rule, out);
  }
  LintHidden(compiled.rules.rules, out);
}

}  // namespace winnow::pack
