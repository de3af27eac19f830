#include "engine/rules/condition_parser.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "engine/base/strings.h"
#include "engine/rules/codes.h"
#include "engine/rules/term_check.h"
#include "engine/rules/utf8.h"
#include "engine/text/normalizer.h"

namespace winnow::rules {
namespace {

constexpr std::string_view kKinds[] = {"any", "all", "not", "near", "terms", "list", "regex"};
constexpr std::string_view kKeys[] = {"any",   "all",      "not",      "near",     "terms", "list",
                                      "regex", "anywhere", "reversed", "validate", "within"};
constexpr std::string_view kNearKeys[] = {"within", "ordered", "anywhere", "reversed", "of"};
// What may stand beside terms, and is said of all of them.
constexpr std::string_view kTermFlags[] = {"anywhere", "reversed"};
constexpr uint32_t kWithinMax = 10000;

bool IsOneOf(absl::Span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Where a condition stands, as far as it decides what may stand there.
struct Place {
  bool in_all = false;       // a direct child of an `all`
  bool unless_root = false;  // the root of an `unless`: `within` is its distance from the match
  bool alone = false;        // a hit of this node is a match of the rule
};

class ConditionParser {
 public:
  explicit ConditionParser(const ConditionContext& context)
      : context_(context), reader_(*context.reader) {}

  std::optional<Condition> Parse(const YamlNode& node, std::string_view key, Place place) {
    const bool is_key = key.find(' ') == key.npos;
    if (!reader_.IsMapping(node, key, StrCat(is_key ? StrCat(key, ": ") : "", "{terms: [...]}"))) {
      return std::nullopt;
    }
    reader_.CheckKeys(node, kKeys, "a condition");
    const YamlNode::Entry* kind = KindOf(node);
    if (kind == nullptr) return std::nullopt;
    std::optional<Condition> out = ParseKind(*kind, place);
    CheckModifiers(node, *kind, place);
    if (!out) return std::nullopt;
    out->where = node.where;
    if (HasTerms(kind->key)) {
      ReadFlag(node, "anywhere", &out->anywhere);
      ReadFlag(node, "reversed", &out->reversed);
    }
    if (const YamlNode* validate = node.Find("validate");
        validate != nullptr && kind->key == "regex") {
      out->checksum = ReadChecksum(*validate);
    }
    const YamlNode* within = node.Find("within");
    if (within != nullptr && (place.unless_root || kind->key == "all")) {
      const std::optional<Within> read = ReadWithin(*within);
      // The `within` of a `near` lies inside it; the distance from the match needs a node of its
      // own.
      if (out->kind == Condition::Kind::kNear) out = Wrapped(*std::move(out));
      out->within = read.value_or(Within{});
    } else if (place.unless_root && out->kind == Condition::Kind::kNear) {
      out = Wrapped(*std::move(out));
    }
    return out;
  }

 private:
  static Condition Wrapped(Condition inner) {
    Condition outer;
    outer.kind = Condition::Kind::kAny;
    outer.where = inner.where;
    outer.children.push_back(std::move(inner));
    return outer;
  }

  const YamlNode::Entry* KindOf(const YamlNode& node) {
    const YamlNode::Entry* found = nullptr;
    for (const YamlNode::Entry& entry : node.entries) {
      if (!IsOneOf(kKinds, entry.key)) continue;
      if (found != nullptr) {
        reader_.Error(kConditionKind, entry.key_where,
                      StrCat("`", found->key, "` and `", entry.key, "` stand in one condition"),
                      StrCat("`", found->key, "` is given already"),
                      "make them items of an `any` (one of them) or an `all` (each of them)");
        return found;
      }
      found = &entry;
    }
    // An unknown key is reported; probably it was meant to be the kind.
    if (found == nullptr && OnlyKnownKeys(node)) {
      reader_.Error(kConditionKind, node.where, "the condition does not say what to look for", "",
                    StrCat("give one of ", AnyOf(kKinds)));
    }
    return found;
  }

  static bool HasTerms(std::string_view kind) { return kind == "terms" || kind == "list"; }

  // Leaves `flag` as it is where the key is not given.
  void ReadFlag(const YamlNode& node, std::string_view key, bool* flag) {
    const YamlNode* value = node.Find(key);
    if (value != nullptr) *flag = reader_.Bool(*value, key).value_or(false);
  }

  static bool OnlyKnownKeys(const YamlNode& node) {
    return std::all_of(node.entries.begin(), node.entries.end(),
                       [](const YamlNode::Entry& entry) { return IsOneOf(kKeys, entry.key); });
  }

  void CheckModifiers(const YamlNode& node, const YamlNode::Entry& kind, Place place) {
    for (const YamlNode::Entry& entry : node.entries) {
      if (IsOneOf(kTermFlags, entry.key) && !HasTerms(kind.key)) {
        reader_.Error(kModifierMisplaced, entry.key_where,
                      StrCat("`", entry.key, "` has no meaning beside `", kind.key, "`"), "",
                      kind.key == "near" ? "put it into the `near`"
                                         : "put it beside the `terms` or the `list` it is for");
      }
      if (entry.key == "validate" && kind.key != "regex") {
        reader_.Error(kModifierMisplaced, entry.key_where,
                      StrCat("`validate` has no meaning beside `", kind.key, "`"), "",
                      "put it beside the `regex` whose matches it is for");
      }
      if (entry.key == "within" && kind.key != "all" && !place.unless_root) {
        reader_.Error(kModifierMisplaced, entry.key_where,
                      StrCat("`within` has no meaning beside `", kind.key, "`"), "",
                      kind.key == "near"
                          ? "put it into the `near`"
                          : "put it beside an `all`, into a `near`, or at the top of "
                            "`unless`");
      }
    }
  }

  std::optional<Condition> ParseKind(const YamlNode::Entry& kind, Place place) {
    const YamlNode& value = kind.value;
    if (kind.key == "terms") return Terms(value, "terms", place.alone);
    if (kind.key == "regex") return Regex(value);
    if (kind.key == "near") return Near(value);
    if (kind.key == "not") return Not(kind, place);
    if (kind.key == "list") return List(value, place);
    return Children(kind, place);
  }

  // `any` and `all`.
  std::optional<Condition> Children(const YamlNode::Entry& entry, Place place) {
    if (!reader_.IsList(entry.value, entry.key, StrCat(entry.key, ": [{terms: [...]}]"))) {
      return std::nullopt;
    }
    if (entry.value.items.empty()) {
      reader_.Error(FieldReader::kEmpty, entry.value.where, StrCat("`", entry.key, "` is empty"));
      return std::nullopt;
    }
    Condition out;
    const bool all = entry.key == "all";
    out.kind = all ? Condition::Kind::kAll : Condition::Kind::kAny;
    bool positive = false;
    for (const YamlNode& item : entry.value.items) {
      positive = positive || item.Find("not") == nullptr;
      if (auto child = Parse(item, StrCat("an item of `", entry.key, "`"),
                             {.in_all = all, .alone = place.alone && !all})) {
        out.children.push_back(*std::move(child));
      }
    }
    if (all && !positive) {
      reader_.Error(kOnlyNots, entry.key_where, "this `all` only says what must be absent", "",
                    "add a condition that must be present: an absence has no place to point at");
    }
    if (out.children.empty()) return std::nullopt;
    return out;
  }

  std::optional<Condition> Not(const YamlNode::Entry& entry, Place place) {
    if (!place.in_all) {
      reader_.Error(kNotOutsideAll, entry.key_where, "`not` may only stand directly in an `all`",
                    "",
                    "write `all: [<what must be present>, {not: <what must be absent>}]`, or use "
                    "`unless`");
    }
    std::optional<Condition> child = Parse(entry.value, "not", {});
    if (!child || !place.in_all) return std::nullopt;
    Condition out;
    out.kind = Condition::Kind::kNot;
    out.children.push_back(*std::move(child));
    return out;
  }

  std::optional<Condition> Near(const YamlNode& node) {
    constexpr std::string_view kExample = "near: {within: 12, of: [[...], [...]]}";
    if (!reader_.IsMapping(node, "near", kExample)) return std::nullopt;
    const std::vector<std::string_view> meant = reader_.CheckKeys(node, kNearKeys, "`near`");
    Condition out;
    out.kind = Condition::Kind::kNear;
    out.where = node.where;
    if (const YamlNode* within = node.Find("within"); within != nullptr) {
      out.within = ReadWithin(*within).value_or(Within{});
    } else if (!IsOneOf(meant, "within")) {
      reader_.Error(
          FieldReader::kMissingKey, FirstOf(node), "`near` has no `within`", "",
          "say how near: `within: 12` (characters), `within: sentence` or `within: field`");
    }
    if (const YamlNode* ordered = node.Find("ordered"); ordered != nullptr) {
      out.ordered = reader_.Bool(*ordered, "ordered").value_or(false);
    }
    bool anywhere = false, reversed = false;
    ReadFlag(node, "anywhere", &anywhere);
    ReadFlag(node, "reversed", &reversed);
    const YamlNode* of = node.Find("of");
    if (of == nullptr) {
      if (!IsOneOf(meant, "of")) {
        reader_.Error(FieldReader::kMissingKey, FirstOf(node), "`near` has no `of`", "",
                      StrCat("write `", kExample, "`"));
      }
      return std::nullopt;
    }
    if (!reader_.IsList(*of, "of", "of: [[...], [...]]")) return std::nullopt;
    if (of->items.size() < 2) {
      reader_.Error(kTooFewGroups, of->where, "`near` relates at least two groups",
                    StrCat("there ", of->items.size() == 1 ? "is one" : "are none"),
                    "write `of: [[...], [...]]`, or `terms` where one group is enough");
      return std::nullopt;
    }
    for (const YamlNode& item : of->items) {
      std::optional<Condition> group = item.IsMapping() ? Parse(item, "a group of `near`", {})
                                                        : Terms(item, "a group of `near`", false);
      if (!group) continue;
      if (item.IsSequence()) {
        group->anywhere = anywhere;
        group->reversed = reversed;
      }
      out.children.push_back(*std::move(group));
    }
    if (out.children.size() < 2) return std::nullopt;
    return out;
  }

  std::optional<Condition> Terms(const YamlNode& node, std::string_view key, bool alone) {
    if (!reader_.IsList(node, key,
                        key == "terms" ? "terms: [赌场, casino]" : "of: [[赌场], [开户]]")) {
      return std::nullopt;
    }
    if (node.items.empty()) {
      reader_.Error(FieldReader::kEmpty, node.where,
                    StrCat(key == "terms" ? "`terms`" : key, " is empty"), "",
                    "give at least one term");
      return std::nullopt;
    }
    Condition out;
    out.kind = Condition::Kind::kTerms;
    out.where = node.where;
    absl::flat_hash_map<std::string, const YamlNode*> seen;
    for (const YamlNode& item : node.items) {
      const std::optional<std::string> term = reader_.Text(item, "a term");
      if (!term) continue;
      CheckTerm(*term, item.where, &reader_);
      if (alone) WarnIfShort(*term, item.where, &reader_);
      std::string folded = text::NormalizeTerm(*term, text::View::kFolded);
      // Terms of which nothing is left are the compiler's to refuse, one by one.
      const bool empty = folded.empty();
      const auto [first, fresh] = seen.emplace(std::move(folded), &item);
      if (!fresh && !empty) {
        ReportRepeated({first->second->text, first->second->where}, {*term, item.where}, &reader_);
        continue;
      }
      out.terms.push_back({*term, item.where});
    }
    if (out.terms.empty()) return std::nullopt;
    return out;
  }

  std::optional<Condition> List(const YamlNode& node, Place place) {
    std::shared_ptr<const TermList> list =
        context_.lists->Read(context_.file, node, place.alone, &reader_);
    if (list == nullptr) return std::nullopt;
    Condition out;
    out.kind = Condition::Kind::kTerms;
    out.anywhere = list->anywhere.value_or(false);
    out.reversed = list->reversed.value_or(false);
    if (!context_.rule_gives_views) out.views = list->views;
    out.list = std::move(list);
    return out;
  }

  std::optional<Condition> Regex(const YamlNode& node) {
    const std::optional<std::string> pattern = reader_.Text(node, "regex");
    if (!pattern) return std::nullopt;
    CheckFolded(*pattern, node.where);
    Condition out;
    out.kind = Condition::Kind::kRegex;
    out.pattern = {*pattern, node.where};
    return out;
  }

  text::Checksum ReadChecksum(const YamlNode& node) {
    // The first of the names is of none.
    const int choice = reader_.Choice(node, text::ChecksumNames().subspan(1), "checksum");
    return static_cast<text::Checksum>(choice + 1);
  }

  // Expressions are matched as they are against folded text: a character that folding changes can
  // never occur there.
  void CheckFolded(std::string_view pattern, const SourceRange& where) {
    if (pattern.find("(?i") != pattern.npos) return;
    for (std::string_view rest = pattern; !rest.empty();) {
      if (rest.substr(0, 3) == "(?P") rest.remove_prefix(3);  // a named group
      const CodePoint c = DecodeOne(rest);
      const std::string_view spelled = rest.substr(0, c.bytes);
      rest.remove_prefix(c.bytes);
      if (c.value == '\\') {
        SkipEscape(&rest);
      } else if ((c.value >= 'A' && c.value <= 'Z') || c.value >= 0x80) {
        const std::string folded = text::NormalizeTerm(spelled, text::View::kFolded);
        if (folded == spelled) continue;
        reader_
            .Warn(kRegexUnfolded, where,
                  StrCat("the expression holds ", Quoted(spelled), ", which no folded text holds"),
                  "",
                  folded.empty() ? "remove it"
                                 : StrCat("write ", Quoted(folded),
                                          ": case, width, accents and traditional forms are "
                                          "undone before expressions are tried"))
            .fixes = Replacement(where, FoldedPattern(pattern));
        return;
      }
    }
  }

  // `pattern` with each such character folded; empty where one folds to nothing or to several.
  static std::string FoldedPattern(std::string_view pattern) {
    std::string out;
    for (std::string_view rest = pattern; !rest.empty();) {
      const std::string_view before = rest;
      const CodePoint c = DecodeOne(rest);
      rest.remove_prefix(c.bytes);
      if (c.value == '\\') {
        SkipEscape(&rest);
      } else if ((c.value >= 'A' && c.value <= 'Z') || c.value >= 0x80) {
        const std::string folded =
            text::NormalizeTerm(before.substr(0, c.bytes), text::View::kFolded);
        if (folded.empty() || DecodeOne(folded).bytes != folded.size()) return "";
        out += folded;
        continue;
      } else if (before.substr(0, 3) == "(?P") {
        rest.remove_prefix(2);
      }
      out += before.substr(0, before.size() - rest.size());
    }
    return out;
  }

  // Behind a backslash: a class such as \W, a property \p{Lu}, a code \x{4E00} or \x4E, or a
  // quotation.
  static void SkipEscape(std::string_view* rest) {
    if (rest->empty()) return;
    const char kind = rest->front();
    rest->remove_prefix(DecodeOne(*rest).bytes);
    if (kind != 'x' && kind != 'p' && kind != 'P') return;
    if (rest->substr(0, 1) == "{") {
      const size_t end = rest->find('}');
      rest->remove_prefix(end == std::string_view::npos ? rest->size() : end + 1);
    } else {
      rest->remove_prefix(std::min<size_t>(rest->size(), kind == 'x' ? 2 : 1));
    }
  }

  std::optional<Within> ReadWithin(const YamlNode& node) {
    if (!reader_.IsText(node, "within")) return std::nullopt;
    std::string_view text = node.text;
    Within out;
    if (text == "sentence") {
      out.kind = Within::Kind::kSentence;
      return out;
    }
    if (text == "field") {
      out.kind = Within::Kind::kField;
      return out;
    }
    constexpr std::string_view kUnit = " characters";
    if (text.size() > kUnit.size() && text.substr(text.size() - kUnit.size()) == kUnit) {
      text.remove_suffix(kUnit.size());
    }
    out.kind = Within::Kind::kCharacters;
    const bool digits = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
    if (digits && absl::SimpleAtoi(ToAbsl(text), &out.characters) && out.characters <= kWithinMax) {
      return out;
    }
    const std::string_view kWords[] = {"sentence", "field"};
    const std::string_view closest = Closest(node.text, kWords);
    reader_
        .Error(
            kWithinForm, node.where, StrCat(Quoted(node.text), " is no distance"),
            closest.empty() ? "" : StrCat("did you mean `", closest, "`?"),
            StrCat("write `sentence`, `field`, or a number of characters from 0 to ", kWithinMax))
        .fixes = Replacement(node.where, closest);
    return std::nullopt;
  }

  // Where a mapping begins: what an absent key is reported at.
  static SourceRange FirstOf(const YamlNode& node) {
    return node.entries.empty() ? node.where : node.entries.front().key_where;
  }

  const ConditionContext& context_;
  FieldReader& reader_;
};

}  // namespace

std::optional<Condition> ParseMatch(const YamlNode& node, const ConditionContext& context) {
  return ConditionParser(context).Parse(node, "match", {.alone = true});
}

std::optional<Condition> ParseUnless(const YamlNode& node, const ConditionContext& context) {
  return ConditionParser(context).Parse(node, "unless", {.unless_root = true});
}

}  // namespace winnow::rules
