// winnow pack diff: what one revision of rules has changed of another, rule by rule.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_join.h"
#include "engine/base/strings.h"
#include "engine/rules/model.h"
#include "tools/cli/author_commands.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/json.h"
#include "tools/cli/rule_side.h"
#include "tools/cli/rule_source.h"
#include "tools/cli/rule_story.h"

namespace winnow::cli {
namespace {

using rules::Condition;
using rules::Rule;

constexpr size_t kWordsShown = 8;

struct DiffFlags {
  std::string before, after;
  std::string format = "text";
};

// One thing that changed of a rule.
struct Change {
  std::string what;                         // "action"
  std::string before, after;                // of what has one value
  std::vector<std::string> added, removed;  // of what has many: terms
};

struct RuleDiff {
  std::string id;
  std::vector<Change> changes;
};

struct PackDiff {
  std::vector<const Rule*> added, removed;  // by id
  std::vector<RuleDiff> changed;            // by id
  size_t same = 0;

  bool empty() const { return added.empty() && removed.empty() && changed.empty(); }
};

void CollectWords(const Condition& condition, std::set<std::string>* terms,
                  std::set<std::string>* expressions) {
  for (const rules::Located& term : condition.Terms()) terms->insert(term.text);
  if (condition.kind == Condition::Kind::kRegex) expressions->insert(condition.pattern.text);
  for (const Condition& child : condition.children) CollectWords(child, terms, expressions);
}

// How the parts of a condition stand to one another, without their words.
std::string ShapeOf(const Condition& condition) {
  constexpr std::string_view kKinds[] = {"terms", "regex", "any", "all", "not", "near"};
  std::string out(kKinds[static_cast<int>(condition.kind)]);
  if (condition.kind == Condition::Kind::kAll || condition.kind == Condition::Kind::kNear) {
    StrAppend(&out, " ", ReachText(condition.within));
  }
  if (condition.ordered) out += " ordered";
  if (condition.anywhere) out += " anywhere";
  if (condition.reversed) out += " reversed";
  if (condition.views) StrAppend(&out, " views ", *condition.views);
  if (condition.checksum != text::Checksum::kNone) {
    StrAppend(&out, " validate ", text::ChecksumNames()[static_cast<size_t>(condition.checksum)]);
  }
  if (condition.list != nullptr) {
    const rules::TermList& list = *condition.list;
    if (list.anywhere) StrAppend(&out, " list anywhere ", *list.anywhere ? 1 : 0);
    if (list.reversed) StrAppend(&out, " list reversed ", *list.reversed ? 1 : 0);
    if (list.views) StrAppend(&out, " list views ", *list.views);
  }
  if (condition.children.empty()) return out;
  out += " (";
  for (size_t i = 0; i < condition.children.size(); ++i) {
    StrAppend(&out, i == 0 ? "" : ", ", ShapeOf(condition.children[i]));
  }
  return out + ")";
}

// Every word where it stands: what differs in it alone was moved from part to part.
std::string WholeOf(const Condition& condition) {
  std::string out = StrCat("(", static_cast<int>(condition.kind));
  std::set<std::string> terms;
  for (const rules::Located& term : condition.Terms()) terms.insert(term.text);
  for (const std::string& term : terms) StrAppend(&out, "\n", term);
  StrAppend(&out, "\n", condition.pattern.text);
  for (const Condition& child : condition.children) out += WholeOf(child);
  return out + ")";
}

class Differ {
 public:
  explicit Differ(std::vector<Change>* out) : out_(*out) {}

  void Value(std::string_view what, std::string before, std::string after) {
    if (before == after) return;
    out_.push_back({std::string(what), std::move(before), std::move(after), {}, {}});
  }

  void Words(std::string_view what, const std::set<std::string>& before,
             const std::set<std::string>& after) {
    Change change{std::string(what), "", "", {}, {}};
    std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                        std::back_inserter(change.added));
    std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                        std::back_inserter(change.removed));
    if (!change.added.empty() || !change.removed.empty()) out_.push_back(std::move(change));
  }

  void Conditions(std::string_view part, const Condition& before, const Condition& after) {
    std::set<std::string> terms[2], expressions[2];
    CollectWords(before, &terms[0], &expressions[0]);
    CollectWords(after, &terms[1], &expressions[1]);
    const size_t changes = out_.size();
    Words(StrCat(part, " terms"), terms[0], terms[1]);
    Words(StrCat(part, " expressions"), expressions[0], expressions[1]);
    Value(StrCat(part, " form"), ShapeOf(before), ShapeOf(after));
    if (out_.size() == changes && WholeOf(before) != WholeOf(after)) {
      Value(StrCat(part, " parts"), "words as before", "words moved from part to part");
    }
  }

 private:
  std::vector<Change>& out_;
};

std::string SurfacesOf(const Rule& rule) {
  std::vector<std::string_view> names;
  for (int s = 1; s < kSurfaceCount; ++s) {
    if (rule.surfaces & MaskOf(static_cast<Surface>(s)))
      names.push_back(Name(static_cast<Surface>(s)));
  }
  return absl::StrJoin(names, ", ",
                       [](std::string* out, std::string_view name) { StrAppend(out, name); });
}

std::string ViewsOf(const Rule& rule) {
  std::string out;
  for (int v = 0; v < text::kViewCount; ++v) {
    if (!(rule.views >> v & 1)) continue;
    StrAppend(&out, out.empty() ? "" : ", ", text::Name(static_cast<text::View>(v)));
  }
  return rule.pinyin_initials ? out + ", pinyin initials" : out;
}

std::string LayerOf(const rules::RuleSet& rules, const Rule& rule) {
  const rules::Layer& layer = rules.layers[rule.layer];
  return rules::DescribeLayer(layer.kind, layer.name);
}

std::set<std::string> TestsOf(const std::vector<rules::TestCase>& tests) {
  std::set<std::string> out;
  for (const rules::TestCase& test : tests) {
    out.insert(test.surface == Surface::kUnspecified ? test.text
                                                     : StrCat(Name(test.surface), ": ", test.text));
  }
  return out;
}

std::vector<Change> ChangesOf(const rules::RuleSet& rules_before, const Rule& before,
                              const rules::RuleSet& rules_after, const Rule& after) {
  constexpr std::string_view kStatuses[] = {"stable", "test", "experimental", "deprecated"};
  std::vector<Change> out;
  Differ differ(&out);
  const auto name = [](auto value) { return std::string(Name(value)); };
  differ.Value("action", name(before.action), name(after.action));
  differ.Value("severity", name(before.severity), name(after.severity));
  differ.Value("category", name(before.category), name(after.category));
  differ.Value("label", before.label, after.label);
  differ.Value("status", std::string(kStatuses[static_cast<int>(before.status)]),
               std::string(kStatuses[static_cast<int>(after.status)]));
  differ.Value("surfaces", SurfacesOf(before), SurfacesOf(after));
  differ.Value("views", ViewsOf(before), ViewsOf(after));
  differ.Value("layer", LayerOf(rules_before, before), LayerOf(rules_after, after));
  differ.Value("languages", absl::StrJoin(before.languages, ", "),
               absl::StrJoin(after.languages, ", "));
  differ.Conditions("match", before.match, after.match);
  if (before.has_unless && after.has_unless) {
    differ.Value("unless reach", ReachText(before.unless.within), ReachText(after.unless.within));
    differ.Conditions("unless", before.unless, after.unless);
  } else if (before.has_unless || after.has_unless) {
    differ.Value("unless", before.has_unless ? "given" : "none",
                 after.has_unless ? "given" : "none");
  }
  differ.Value("reason en", before.reason_en, after.reason_en);
  differ.Value("reason zh", before.reason_zh, after.reason_zh);
  differ.Words("match tests", TestsOf(before.tests_match), TestsOf(after.tests_match));
  differ.Words("no_match tests", TestsOf(before.tests_no_match), TestsOf(after.tests_no_match));
  differ.Words("todo_match tests", TestsOf(before.tests_todo_match),
               TestsOf(after.tests_todo_match));
  differ.Words("todo_no_match tests", TestsOf(before.tests_todo_no_match),
               TestsOf(after.tests_todo_no_match));
  return out;
}

PackDiff DiffOf(const RuleSide& before, const RuleSide& after) {
  std::map<std::string_view, const Rule*> old, fresh;
  for (const Rule& rule : before.rules.rules) old[rule.id] = &rule;
  for (const Rule& rule : after.rules.rules) fresh[rule.id] = &rule;
  PackDiff diff;
  for (const auto& [id, rule] : old) {
    const auto now = fresh.find(id);
    if (now == fresh.end()) {
      diff.removed.push_back(rule);
      continue;
    }
    std::vector<Change> changes = ChangesOf(before.rules, *rule, after.rules, *now->second);
    if (changes.empty()) {
      ++diff.same;
    } else {
      diff.changed.push_back({std::string(id), std::move(changes)});
    }
  }
  for (const auto& [id, rule] : fresh) {
    if (!old.contains(id)) diff.added.push_back(rule);
  }
  return diff;
}

std::string SomeOf(const std::vector<std::string>& words) {
  std::string out;
  for (size_t i = 0; i < std::min(words.size(), kWordsShown); ++i) {
    StrAppend(&out, i == 0 ? "" : ", ", Harmless(words[i]));
  }
  if (words.size() > kWordsShown) StrAppend(&out, " and ", words.size() - kWordsShown, " more");
  return out;
}

void TellText(const RuleSide& before, const RuleSide& after, const PackDiff& diff) {
  const Style style(StandardOutput());
  std::string out;
  if (before.pack->info().revision != after.pack->info().revision) {
    StrAppend(&out, before.pack->info().revision, " -> ", after.pack->info().revision, "\n");
  }
  const auto terms = [](const Rule& rule) {
    std::set<std::string> terms, expressions;
    CollectWords(rule.match, &terms, &expressions);
    return StrCat(Plural(terms.size(), "term", "terms"), ", ",
                  Plural(expressions.size(), "expression", "expressions"));
  };
  for (const Rule* rule : diff.removed) {
    StrAppend(&out, style.Bad("- "), style.Bold(rule->id), "  ", style.Of(rule->action), "  ",
              terms(*rule), "\n");
  }
  for (const Rule* rule : diff.added) {
    StrAppend(&out, style.Good("+ "), style.Bold(rule->id), "  ", style.Of(rule->action), "  ",
              terms(*rule), "\n");
  }
  for (const RuleDiff& rule : diff.changed) {
    StrAppend(&out, "~ ", style.Bold(rule.id), "\n");
    for (const Change& change : rule.changes) {
      StrAppend(&out, "    ", change.what, ": ");
      if (change.added.empty() && change.removed.empty()) {
        const auto shown = [](const std::string& value) {
          return value.empty() ? std::string("none") : Harmless(value);
        };
        StrAppend(&out, shown(change.before), " -> ", shown(change.after), "\n");
        continue;
      }
      StrAppend(&out, "+", change.added.size(), " -", change.removed.size(), "\n");
      if (!change.added.empty()) {
        StrAppend(&out, "      ", style.Good("+ "), SomeOf(change.added), "\n");
      }
      if (!change.removed.empty()) {
        StrAppend(&out, "      ", style.Bad("- "), SomeOf(change.removed), "\n");
      }
    }
  }
  StrAppend(&out, Plural(diff.added.size(), "rule", "rules"), " added, ", diff.removed.size(),
            " removed, ", diff.changed.size(), " changed, ", diff.same, " the same\n");
  Print(out);
}

std::string StringsJson(const std::vector<std::string>& strings) {
  std::string out = "[";
  for (const std::string& s : strings) StrAppend(&out, out.size() > 1 ? "," : "", JsonString(s));
  return out + "]";
}

void TellJson(const RuleSide& before, const RuleSide& after, const PackDiff& diff) {
  const auto ids = [](const std::vector<const Rule*>& rules) {
    std::vector<std::string> out;
    for (const Rule* rule : rules) out.push_back(rule->id);
    return StringsJson(out);
  };
  std::string out =
      StrCat(R"({"before":)", JsonString(before.pack->info().revision), R"(,"after":)",
             JsonString(after.pack->info().revision), R"(,"same":)", diff.same, R"(,"added":)",
             ids(diff.added), R"(,"removed":)", ids(diff.removed), R"(,"changed":[)");
  for (size_t i = 0; i < diff.changed.size(); ++i) {
    const RuleDiff& rule = diff.changed[i];
    StrAppend(&out, i == 0 ? "\n" : ",\n", R"({"rule":)", JsonString(rule.id), R"(,"changes":[)");
    bool first = true;
    for (const Change& change : rule.changes) {
      StrAppend(&out, first ? "" : ",", R"({"what":)", JsonString(change.what));
      first = false;
      if (change.added.empty() && change.removed.empty()) {
        StrAppend(&out, R"(,"before":)", JsonString(change.before), R"(,"after":)",
                  JsonString(change.after), "}");
      } else {
        StrAppend(&out, R"(,"added":)", StringsJson(change.added), R"(,"removed":)",
                  StringsJson(change.removed), "}");
      }
    }
    out += "]}";
  }
  out += diff.changed.empty() ? "]}\n" : "\n]}\n";
  Print(out);
}

int Diff(const DiffFlags& flags) {
  int exit_code = kOk;
  const std::optional<RuleSide> before = LoadSide(flags.before, &exit_code);
  if (!before) return exit_code == kFound ? kFailed : exit_code;
  const std::optional<RuleSide> after = LoadSide(flags.after, &exit_code);
  // Exit code 1 says that both were compared.
  if (!after) return exit_code == kFound ? kFailed : exit_code;
  const PackDiff diff = DiffOf(*before, *after);
  if (flags.format == "json") {
    TellJson(*before, *after, diff);
  } else {
    TellText(*before, *after, diff);
  }
  return diff.empty() ? kOk : kFound;
}

}  // namespace

void AddPackDiff(CLI::App& pack, int* exit_code) {
  auto flags = std::make_shared<DiffFlags>();
  CLI::App* command =
      pack.add_subcommand("diff", "Say what changed from one pack to another, rule by rule");
  command->footer(
      "Rules are told apart by their ids. A folder of rules, or a .yaml file, may stand for a "
      "pack.\n"
      "What layers say is part of what is compared. As diff does, it ends with exit code 1 when a\n"
      "rule differs; what cannot be read or has errors is exit code 3.\n"
      "\n"
      "Examples:\n"
      "  winnow pack diff old.pack new.pack\n"
      "  winnow pack diff --format json live.pack rules\n");
  command->add_option("BEFORE", flags->before, "The earlier pack, or rules")
      ->type_name("")
      ->required();
  command->add_option("AFTER", flags->after, "The later one")->type_name("")->required();
  AddFormat(command, &flags->format, "text (for people) or json: every word");
  command->callback([flags, exit_code] { *exit_code = Diff(*flags); });
}

}  // namespace winnow::cli
