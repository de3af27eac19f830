// Rules to a program: terms and expressions become shared leaves, conditions flat nodes.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "engine/base/sha256.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/match/program.h"
#include "engine/pack/pack.h"
#include "engine/pack/pack_file.h"
#include "engine/rules/parser.h"
#include "engine/text/normalizer.h"
#include "engine/text/term_forms.h"
#include "engine/text/utf8.h"

namespace winnow::pack {
namespace {

using match::Leaf;
using match::Node;
using match::Op;
using match::PatternProblem;
using rules::Condition;
using rules::Diagnostic;
using rules::Within;

// A term gets at most so many forms, and fewer in a large pack, whose memory they would multiply.
constexpr size_t kFormsMax = 256;
constexpr size_t kFormsMaxInLarge = 16;
constexpr size_t kLargeFrom = 20'000;  // terms

bool IsAscii(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

size_t CountCharacters(std::string_view utf8) {
  size_t n = 0;
  for (char c : utf8) n += (static_cast<uint8_t>(c) & 0xc0) != 0x80;
  return n;
}

match::Scope ScopeOf(const Within& within) {
  switch (within.kind) {
    case Within::Kind::kSentence:
      return match::Scope::kSentence;
    case Within::Kind::kCharacters:
      return match::Scope::kCharacters;
    case Within::Kind::kField:
      return match::Scope::kField;
  }
  return match::Scope::kField;
}

class SpecBuilder {
 public:
  SpecBuilder(const rules::RuleSet& rules, std::vector<Diagnostic>* diagnostics)
      : rules_(rules), diagnostics_(diagnostics) {}

  match::ProgramSpec Build() {
    size_t terms = 0;
    for (const rules::Rule& rule : rules_.rules) {
      terms += CountTerms(rule.match) + CountTerms(rule.unless);
    }
    forms_max_ = terms < kLargeFrom ? kFormsMax : kFormsMaxInLarge;
    for (const rules::Rule& rule : rules_.rules) {
      match::RuleCondition condition;
      const Sought sought = {rule.views, rule.pinyin_initials};
      sounds_ = 0;
      condition.match = Add(rule.match, sought);
      if (sounds_ == 0 && (sought.initials || sought.Has(text::View::kPhonetic))) {
        WarnOfSilence(rule.match.where);
      }
      if (rule.has_unless) {
        condition.unless = Add(rule.unless, AsWritten(sought));
        condition.unless_scope = ScopeOf(rule.unless.within);
        condition.unless_characters = rule.unless.within.characters;
      }
      condition.surfaces = rule.surfaces;
      spec_.rules.push_back(condition);
    }
    AddParts();
    return std::move(spec_);
  }

  uint32_t term_count() const { return term_count_; }
  uint32_t regex_count() const { return regex_count_; }

  std::vector<rules::Located> TakeSources() { return std::move(leaf_source_); }

  // In the author's terms.
  Diagnostic Explain(const PatternProblem& problem) const {
    using Kind = PatternProblem::Kind;
    Diagnostic d;
    if (problem.kind == Kind::kTooManyGroups) {
      d.code = "R064";
      d.message = problem.message;
      d.where = node_where_[problem.leaf];
      d.help = "split the rule, or join groups that mean the same";
      return d;
    }
    const rules::Located& source = leaf_source_[problem.leaf];
    d.where = source.where;
    d.label = problem.message;
    switch (problem.kind) {
      case Kind::kSyntax:
        d.code = "R060";
        d.message = StrCat("the regular expression `", source.text, "` is not valid");
        d.help = "see docs/rules.md for what expressions may contain";
        break;
      case Kind::kUnbounded:
        d.code = "R061";
        d.message = StrCat("the regular expression `", source.text, "` is unbounded");
        d.help = "give every repetition a limit: `{0,20}` for `*`, `{1,20}` for `+`";
        break;
      case Kind::kTooWide:
        d.code = "R062";
        d.message = StrCat("the regular expression `", source.text, "` can match too much");
        d.help = "lower the limits of its repetitions, or relate two parts with `near`";
        break;
      case Kind::kMatchesEmpty:
        d.code = "R063";
        d.message = StrCat("the regular expression `", source.text, "` matches everywhere");
        d.help = "make at least one part of it required";
        break;
      case Kind::kTooLarge:
      case Kind::kTooManyGroups:
        d.code = "R064";
        d.message = StrCat("the regular expression `", source.text, "` is too large");
        d.help = "shorten its repetitions or alternatives";
        break;
    }
    return d;
  }

 private:
  // How the terms of a condition are sought.
  struct Sought {
    text::ViewSet views;
    bool initials;
    bool as_written = false;
    bool Has(text::View v) const { return views & text::SetOf(v); }
  };

  // What turns a word around must stand there itself: no sound excuses.
  static Sought AsWritten(Sought sought) {
    sought.views &= ~text::SetOf(text::View::kPhonetic);
    if (sought.views == 0) sought.views = text::SetOf(text::View::kFolded);
    sought.initials = false;
    sought.as_written = true;
    return sought;
  }

  // Nodes precede their children.
  uint32_t Add(const Condition& condition, Sought sought) {
    if (condition.kind == Condition::Kind::kNot) sought = AsWritten(sought);
    const uint32_t index = spec_.nodes.size();
    spec_.nodes.emplace_back();
    node_where_.push_back(condition.where);
    Node node;
    node.scope = ScopeOf(condition.within);
    node.characters = condition.within.characters;
    node.ordered = condition.ordered;
    std::vector<uint32_t> children;
    switch (condition.kind) {
      case Condition::Kind::kTerms:
        if (condition.views) sought.views = *condition.views;
        if (sought.as_written) sought = AsWritten(sought);
        AddTerms(condition, sought, &children);
        break;
      case Condition::Kind::kRegex:
        AddRegex(condition, AsWritten(sought).views, &children);
        break;
      case Condition::Kind::kAny:
        node.op = Op::kAny;
        break;
      case Condition::Kind::kAll:
        node.op = Op::kAll;
        break;
      case Condition::Kind::kNot:
        node.op = Op::kNot;
        break;
      case Condition::Kind::kNear:
        node.op = Op::kNear;
        break;
    }
    for (const Condition& child : condition.children) children.push_back(Add(child, sought));
    std::vector<uint32_t>& list = node.op == Op::kLeaves ? spec_.leaf_index : spec_.child_index;
    node.first_child = list.size();
    node.child_count = children.size();
    list.insert(list.end(), children.begin(), children.end());
    spec_.nodes[index] = node;
    return index;
  }

  static size_t CountTerms(const Condition& condition) {
    size_t count = condition.kind == Condition::Kind::kTerms ? condition.Terms().size() : size_t{0};
    for (const Condition& child : condition.children) count += CountTerms(child);
    return count;
  }

  void AddTerms(const Condition& condition, Sought sought, std::vector<uint32_t>* children) {
    for (const rules::Located& term : condition.Terms()) {
      AddTerm(term, condition.anywhere, sought, children);
    }
    const bool reversed = condition.reversed && !sought.as_written;
    // What the condition names stands for itself: it is no form of another term.
    std::set<std::string> named;
    for (const rules::Located& term : condition.Terms()) {
      named.insert(text::NormalizeTerm(term.text, text::View::kFolded));
    }
    ReversedInVain in_vain;
    constexpr text::EvasionMask kNumerals = MaskOf(text::Evasion::kNumerals);
    constexpr text::EvasionMask kReversed = MaskOf(text::Evasion::kReversed);
    const auto add = [&](const std::string& form, text::EvasionMask evasions,
                         const rules::Located& term) {
      if (named.contains(text::NormalizeTerm(form, text::View::kFolded))) return false;
      AddForm(form, evasions, term, condition.anywhere, sought, children);
      if (sought.Has(text::View::kPhonetic)) AddSounds(form, evasions, term, children);
      return true;
    };
    for (const rules::Located& term : condition.Terms()) {
      const std::string folded = text::NormalizeTerm(term.text, text::View::kFolded);
      for (const std::string& form : text::NumeralForms(folded, forms_max_)) {
        add(form, kNumerals, term);
      }
      if (!reversed) continue;
      const std::string backward = text::Reversed(term.text);
      if (!add(backward, kReversed, term)) {
        in_vain.Note(term);
        continue;
      }
      const std::string turned = text::NormalizeTerm(backward, text::View::kFolded);
      for (const std::string& form : text::NumeralForms(turned, forms_max_)) {
        add(form, kNumerals | kReversed, term);
      }
    }
    if (in_vain.count > 0) WarnOfPalindromes(in_vain);
  }

  // Terms that `reversed` gives no form.
  struct ReversedInVain {
    rules::Located first;
    size_t count = 0;
    void Note(const rules::Located& term) {
      if (count++ == 0) first = term;
    }
  };

  // A form of a term, where the term itself is sought but for its sound.
  void AddForm(const std::string& form, text::EvasionMask evasions, const rules::Located& term,
               bool anywhere, Sought sought, std::vector<uint32_t>* children) {
    Leaf leaf;
    leaf.kind = Leaf::Kind::kLiteral;
    leaf.evasions = evasions;
    // Numbers held apart are columns and lists: 1:1 would be found in 一 一.
    if ((evasions & MaskOf(text::Evasion::kNumerals)) && text::IsNumber(form)) {
      sought.views &= ~text::SetOf(text::View::kSqueezed);
    }
    if (!FillViews(form, anywhere, sought, &leaf, nullptr).empty() || leaf.views == 0) return;
    uint32_t uncounted = 0;
    children->push_back(LeafFor(leaf, term, &uncounted));
    AddOtherForms({form, term.where}, leaf, children);
  }

  // Gives a term's leaf what it is in each view and its borders. Returns what is left of the term,
  // in the view in which it is too long, or nothing. `bounded` (may be null) becomes what the
  // squeezed view shows only as a word.
  static std::string FillViews(std::string_view term, bool anywhere, Sought sought, Leaf* out,
                               std::string* bounded) {
    Leaf& leaf = *out;
    leaf.views = sought.views & ~text::SetOf(text::View::kPhonetic);
    for (int v = 0; v < text::kViewCount; ++v) {
      const text::View view = static_cast<text::View>(v);
      if (!(leaf.views & text::SetOf(view))) continue;
      std::string form = text::NormalizeTerm(term, view);
      // One character cannot be held apart.
      if (view == text::View::kSqueezed && CountCharacters(form) < 2) continue;
      // Three letters anywhere are found in any code of letters and digits.
      if (view == text::View::kSqueezed && anywhere && form.size() < 4 && IsAscii(form)) {
        if (bounded != nullptr) *bounded = std::move(form);
        continue;
      }
      if (form.size() > match::kMaxMatchBytes) return form;
      leaf.in_view[v] = std::move(form);
    }
    if (!anywhere) {
      const text::TermBorders borders =
          text::BordersOf(text::NormalizeTerm(term, text::View::kFolded));
      leaf.border_begin = borders.begin;
      leaf.border_end = borders.end;
    }
    return {};
  }

  void AddTerm(const rules::Located& term, bool anywhere, Sought sought,
               std::vector<uint32_t>* children) {
    Leaf leaf;
    leaf.kind = Leaf::Kind::kLiteral;
    std::string bounded;
    if (const std::string form = FillViews(term.text, anywhere, sought, &leaf, &bounded);
        !form.empty()) {
      Refuse(
          "R068", term,
          StrCat("the term is ", form.size(), " bytes long; the limit is ", match::kMaxMatchBytes),
          "shorten it to what tells it apart");
      return;
    }
    const std::string folded = text::NormalizeTerm(term.text, text::View::kFolded);
    if (folded.empty()) {
      Refuse("R065", term,
             StrCat("nothing is left of the term `", term.text, "` once it is normalised"),
             "write characters that a reader sees");
      return;
    }
    if (leaf.views != 0) {
      children->push_back(LeafFor(leaf, term, &term_count_));
      AddOtherForms(term, leaf, children);
      if (!bounded.empty()) AddBounded(std::move(bounded), term, children);
    }
    if (sought.Has(text::View::kPhonetic)) {
      AddSounds(term.text, 0, term, children);
    }
    if (sought.initials) {
      std::string initials = text::PhoneticInitials(term.text);
      if (!initials.empty()) AddSound(std::move(initials), 0, term, children);
    }
  }

  // The forms in the phonetic view of a term, or of another way to write it. A numeral sounds as
  // it does however it is written.
  void AddSounds(const std::string& form, text::EvasionMask evasions, const rules::Located& term,
                 std::vector<uint32_t>* children) {
    const std::vector<std::string> own =
        evasions == 0 ? std::vector<std::string>() : text::PhoneticForms(term.text);
    for (std::string& sound : text::PhoneticForms(form)) {
      if (std::find(own.begin(), own.end(), sound) != own.end()) continue;
      AddSound(std::move(sound), evasions, term, children);
    }
  }

  // A form of a term in the phonetic view: a leaf of its own, as a term may have several.
  void AddSound(std::string form, text::EvasionMask evasions, const rules::Located& term,
                std::vector<uint32_t>* children) {
    if (form.size() > match::kMaxMatchBytes) return;  // its folded form is too long as well
    ++sounds_;
    Leaf leaf;
    leaf.kind = Leaf::Kind::kLiteral;
    leaf.evasions = evasions;
    leaf.views = text::SetOf(text::View::kPhonetic);
    const text::TermBorders borders = text::BordersOf(form);
    leaf.border_begin = borders.begin;
    leaf.border_end = borders.end;
    leaf.in_view[static_cast<int>(text::View::kPhonetic)] = std::move(form);
    uint32_t not_counted = 0;
    children->push_back(LeafFor(std::move(leaf), term, &not_counted));
  }

  // The form of a term in the squeezed view, where it must be a word though the term need not be.
  void AddBounded(std::string form, const rules::Located& term, std::vector<uint32_t>* children) {
    Leaf leaf;
    leaf.kind = Leaf::Kind::kLiteral;
    leaf.views = text::SetOf(text::View::kSqueezed);
    leaf.border_begin = leaf.border_end = true;
    leaf.in_view[static_cast<int>(text::View::kSqueezed)] = std::move(form);
    uint32_t not_counted = 0;
    children->push_back(LeafFor(std::move(leaf), term, &not_counted));
  }

  // The term as the squeezed view shows it amid other words, and with its numbers.
  void AddOtherForms(const rules::Located& term, Leaf leaf, std::vector<uint32_t>* children) {
    if (!(leaf.views & text::SetOf(text::View::kSqueezed))) return;
    for (std::string& form : text::OtherForms(term.text, text::View::kSqueezed)) {
      Leaf other = leaf;
      for (std::string& in_view : other.in_view) in_view.clear();
      // As of the term itself, so few characters are in any code.
      if (form.size() < 4 && IsAscii(form)) other.border_begin = other.border_end = true;
      other.in_view[static_cast<int>(text::View::kSqueezed)] = std::move(form);
      other.views = text::SetOf(text::View::kSqueezed);
      uint32_t uncounted = 0;
      children->push_back(LeafFor(std::move(other), term, &uncounted));
    }
  }

  void AddRegex(const Condition& condition, text::ViewSet views, std::vector<uint32_t>* children) {
    Leaf leaf;
    leaf.kind = Leaf::Kind::kRegex;
    leaf.views = views;
    leaf.in_view[0] = condition.pattern.text;
    leaf.checksum = condition.checksum;
    children->push_back(LeafFor(std::move(leaf), condition.pattern, &regex_count_));
  }

  // Equal leaves are one.
  uint32_t LeafFor(Leaf leaf, const rules::Located& source, uint32_t* count) {
    const auto [it, fresh] = leaf_index_.try_emplace(
        std::tuple(leaf.kind, leaf.in_view[0], leaf.in_view[1], leaf.in_view[2], leaf.views,
                   leaf.border_begin, leaf.border_end, leaf.evasions, leaf.checksum),
        spec_.leaves.size());
    if (fresh) {
      ++*count;
      leaf.source = leaf_source_.size();
      leaf_source_.push_back(source);
      spec_.leaves.push_back(std::move(leaf));
    }
    return it->second;
  }

  // The parts of the ideographs that the pack's terms have, in the views where they have them.
  void AddParts() {
    std::map<char32_t, text::ViewSet> ideographs;
    for (const Leaf& leaf : spec_.leaves) {
      if (leaf.kind != Leaf::Kind::kLiteral) continue;
      for (const text::View view : {text::View::kFolded, text::View::kSqueezed}) {
        const std::string_view term = leaf.in_view[static_cast<int>(view)];
        for (size_t at = 0; at < term.size(); at += text::CharWidth(term[at])) {
          if (static_cast<uint8_t>(term[at]) < 0xe0) continue;
          ideographs[text::CharAt(&term[at])] |= text::SetOf(view);
        }
      }
    }
    for (const text::HanParts& parts : text::HanPartsTable()) {
      const auto sought = ideographs.find(parts.whole);
      if (sought == ideographs.end()) continue;
      Leaf leaf;
      leaf.kind = Leaf::Kind::kParts;
      leaf.whole = parts.whole;
      leaf.ordinary = parts.ordinary;
      leaf.views = sought->second;
      for (int v = 0; v < text::kViewCount; ++v) {
        if (leaf.views >> v & 1) leaf.in_view[v] = parts.parts;
      }
      leaf_source_.push_back({});
      spec_.leaves.push_back(std::move(leaf));
    }
  }

  void WarnOfPalindromes(const ReversedInVain& in_vain) {
    Diagnostic d;
    d.level = rules::DiagnosticLevel::kWarning;
    d.code = "R070";
    d.message = in_vain.count == 1
                    ? std::string("a term is another, or itself, backwards")
                    : StrCat(in_vain.count, " terms are others, or themselves, backwards");
    d.where = in_vain.first.where;
    d.label = StrCat("`", in_vain.first.text, "` backwards is a term that stands here already");
    d.help = "nothing more is sought for it; leave it, or put it where `reversed` is not said";
    diagnostics_->push_back(std::move(d));
  }

  void WarnOfSilence(const rules::SourceRange& where) {
    Diagnostic d;
    d.level = rules::DiagnosticLevel::kWarning;
    d.code = "R069";
    d.message = "nothing of the rule is found by its sound";
    d.where = where;
    d.help = "name terms of two ideographs or more (three for initials), or leave `phonetic` out";
    diagnostics_->push_back(std::move(d));
  }

  void Refuse(std::string_view code, const rules::Located& at, std::string message,
              std::string help) {
    Diagnostic d;
    d.code = std::string(code);
    d.message = std::move(message);
    d.where = at.where;
    d.help = std::move(help);
    diagnostics_->push_back(std::move(d));
  }

  const rules::RuleSet& rules_;
  std::vector<Diagnostic>* diagnostics_;
  match::ProgramSpec spec_;
  std::map<std::tuple<Leaf::Kind, std::string, std::string, std::string, text::ViewSet, bool, bool,
                      text::EvasionMask, text::Checksum>,
           uint32_t>
      leaf_index_;
  std::vector<rules::Located> leaf_source_;     // by leaf: where it was first written
  std::vector<rules::SourceRange> node_where_;  // by node
  uint32_t term_count_ = 0;
  uint32_t regex_count_ = 0;
  size_t forms_max_ = kFormsMax;
  uint32_t sounds_ = 0;  // forms in the phonetic view of the rule that is being added
};

// The rule files, and the lists that they name.
std::vector<rules::SourceFile> UsedSources(const rules::RuleSet& rules) {
  std::vector<rules::SourceFile> out;
  for (const rules::SourceFile& source : rules.sources) {
    if (source.kind == rules::SourceFile::Kind::kYaml) out.push_back(source);
  }
  for (const auto& list : rules.lists) out.push_back(rules.sources[list->file]);
  return out;
}

RuleInfo InfoOf(const rules::Rule& rule) {
  RuleInfo info;
  info.id = rule.id;
  info.category = rule.category;
  info.label = rule.label;
  info.severity = rule.severity;
  info.action = rule.action;
  info.surfaces = rule.surfaces;
  info.status = rule.status;
  info.reason_en = rule.reason_en;
  info.reason_zh = rule.reason_zh;
  info.layer = rule.layer;
  if (rule.amended) info.amender = rule.amended->layer;
  return info;
}

// What the layers of tenants say, of rules by their places.
std::vector<TenantRules> TenantsOf(const rules::RuleSet& rules) {
  std::map<std::string_view, uint32_t> by_id;
  std::vector<TenantRules> out;
  for (uint32_t i = 0; i < rules.layers.size(); ++i) {
    const rules::Layer& layer = rules.layers[i];
    if (layer.kind != rules::LayerKind::kTenant) continue;
    if (by_id.empty()) {
      for (uint32_t r = 0; r < rules.rules.size(); ++r) by_id.emplace(rules.rules[r].id, r);
    }
    TenantRules tenant;
    tenant.layer = i;
    for (const rules::LayerChange& said : layer.changes) {
      const uint32_t index = by_id.at(said.rule.text);
      const rules::Rule& rule = rules.rules[index];
      tenant.changes.push_back({index, said.disable, said.action.value_or(rule.action),
                                said.severity.value_or(rule.severity),
                                said.status.value_or(rule.status)});
    }
    std::sort(tenant.changes.begin(), tenant.changes.end(),
              [](const TenantChange& a, const TenantChange& b) { return a.rule < b.rule; });
    out.push_back(std::move(tenant));
  }
  return out;
}

void SortByPlace(std::vector<Diagnostic>* diagnostics) {
  std::stable_sort(diagnostics->begin(), diagnostics->end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::tie(a.where.file, a.where.begin_line, a.where.begin_column) <
                            std::tie(b.where.file, b.where.begin_line, b.where.begin_column);
                   });
}

}  // namespace

CompileResult CompilePack(std::vector<rules::SourceFile> sources, const CompileOptions& options) {
  CompileResult result;
  rules::ParseResult parsed = rules::ParseRules(std::move(sources));
  result.diagnostics = std::move(parsed.diagnostics);
  result.rules = std::move(parsed.rules);
  result.sources = result.rules.sources;

  // Patterns are checked even beside other errors: the author sees everything at once.
  SpecBuilder builder(result.rules, &result.diagnostics);
  absl::StatusOr<match::Program::BuildResult> built = match::Program::Build(builder.Build());
  if (built.ok()) {
    for (const PatternProblem& problem : built->problems) {
      result.diagnostics.push_back(builder.Explain(problem));
    }
  } else {
    Diagnostic d;
    d.code = "R064";
    d.message = std::string(ToStd(built.status().message()));
    d.help = "split the pack";
    result.diagnostics.push_back(std::move(d));
  }
  result.leaf_sources = builder.TakeSources();
  SortByPlace(&result.diagnostics);
  if (rules::HasErrors(result.diagnostics) || !built.ok() || built->program == nullptr)
    return result;

  PackContents contents;
  contents.info.id = options.id;
  contents.info.term_count = builder.term_count();
  contents.info.regex_count = builder.regex_count();
  for (const rules::Rule& rule : result.rules.rules) contents.rules.push_back(InfoOf(rule));
  for (const rules::Layer& layer : result.rules.layers) {
    contents.layers.push_back({layer.kind, layer.name});
  }
  contents.tenants = TenantsOf(result.rules);
  for (const rules::DisabledRule& rule : result.rules.disabled) {
    contents.disabled.push_back({rule.id, rule.layer});
  }
  contents.sources = StorablePaths(UsedSources(result.rules));
  contents.program = std::move(built->program);
  result.pack = FinishPack(std::move(contents));
  return result;
}

absl::StatusOr<std::shared_ptr<const match::Program>> CompileAlone(const rules::RuleSet& rules,
                                                                   size_t index) {
  rules::RuleSet one;
  one.rules.push_back(rules.rules[index]);
  std::vector<Diagnostic> ignored;
  ASSIGN_OR_RETURN(auto built, match::Program::Build(SpecBuilder(one, &ignored).Build()));
  if (built.program == nullptr) {
    return absl::InternalError(StrCat("rule ", one.rules[0].id, " does not compile by itself"));
  }
  return std::move(built.program);
}

}  // namespace winnow::pack
