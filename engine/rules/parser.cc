#include "engine/rules/parser.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "engine/base/strings.h"
#include "engine/rules/codes.h"
#include "engine/rules/condition_parser.h"
#include "engine/rules/layers.h"
#include "engine/rules/list_reader.h"
#include "engine/rules/utf8.h"
#include "engine/rules/views.h"
#include "engine/rules/yaml_fields.h"
#include "engine/rules/yaml_reader.h"

namespace winnow::rules {
namespace {

constexpr std::string_view kRuleKeys[] = {
    "id",     "category", "label",  "severity", "action", "surfaces", "languages",
    "status", "match",    "unless", "views",    "reason", "tests",    "pinyin_initials"};
constexpr std::string_view kReasonKeys[] = {"en", "zh"};
constexpr std::string_view kTestKeys[] = {"match", "no_match", "todo_match", "todo_no_match"};
constexpr std::string_view kCaseKeys[] = {"text", "surface"};
constexpr std::string_view kStatuses[] = {"stable", "test", "experimental", "deprecated"};
constexpr size_t kIdMax = 100;       // bytes, all ASCII
constexpr size_t kReasonMax = 1000;  // code points
constexpr std::string_view kIdExample = "gambling.online_casino";

// The spellings of an enumeration but its zero, so that the place of one plus 1 is its number.
template <typename E>
std::vector<std::string_view> NamesOf(int count) {
  std::vector<std::string_view> out;
  for (int i = 1; i < count; ++i) out.push_back(Name(static_cast<E>(i)));
  return out;
}

const std::vector<std::string_view>& Categories() {
  static const auto& names = *new std::vector(NamesOf<Category>(kCategoryCount));
  return names;
}
const std::vector<std::string_view>& Severities() {
  static const auto& names = *new std::vector(NamesOf<Severity>(5));
  return names;
}
const std::vector<std::string_view>& Decisions() {
  static const auto& names = *new std::vector(NamesOf<Decision>(4));
  return names;
}
const std::vector<std::string_view>& Surfaces() {
  static const auto& names = *new std::vector(NamesOf<Surface>(kSurfaceCount));
  return names;
}

// kUnspecified where no category bears the label.
Category CategoryOfLabel(std::string_view label) {
  for (int i = 1; i < kCategoryCount; ++i) {
    const auto labels = LabelsOf(static_cast<Category>(i));
    if (std::find(labels.begin(), labels.end(), label) != labels.end()) {
      return static_cast<Category>(i);
    }
  }
  return Category::kUnspecified;
}

// Lower-case words of letters, digits and underscores that begin with a letter, joined by dots; at
// least two, of which all but the first may begin with a digit.
bool IsWellFormedId(std::string_view id) {
  int parts = 0;
  while (true) {
    const size_t dot = id.find('.');
    const std::string_view part = id.substr(0, dot);
    if (part.empty() ||
        part.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != part.npos) {
      return false;
    }
    if (parts == 0 && (part.front() < 'a' || part.front() > 'z')) return false;
    ++parts;
    if (dot == id.npos) return parts >= 2;
    id.remove_prefix(dot + 1);
  }
}

// "zh", "zh-Hant", "en-GB".
bool IsLanguageTag(std::string_view tag) {
  bool first = true;
  while (true) {
    const size_t dash = tag.find('-');
    const std::string_view part = tag.substr(0, dash);
    if (part.size() < 2 || part.size() > (first ? 3 : 8)) return false;
    for (char c : part) {
      const bool lower = c >= 'a' && c <= 'z';
      const bool other = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!lower && (first || !other)) return false;
    }
    if (dash == tag.npos) return true;
    tag.remove_prefix(dash + 1);
    first = false;
  }
}

class RuleParser {
 public:
  RuleParser(ParseResult* result)
      : result_(*result),
        reader_('R', &result->diagnostics),
        lists_(result->rules.sources, &result->diagnostics) {}

  void ParseFile(const YamlNode& root, int file, uint32_t layer) {
    file_ = file;
    layer_ = layer;
    if (root.IsMapping() && root.Find("id") != nullptr) {
      reader_.Error(FieldReader::kRoot, root.entries.front().key_where,
                    "a rule file is a list of rules", "this rule stands alone",
                    "write `- ` before the first key and indent the others");
      return;
    }
    if (root.IsEmpty() || (root.IsSequence() && root.items.empty())) {
      reader_.Warn(kNoRules, root.where, "the file holds no rules");
      return;
    }
    if (!root.IsSequence()) {
      reader_.Error(FieldReader::kRoot, root.where, "a rule file is a list of rules",
                    StrCat("this is ", KindName(root)),
                    StrCat("begin each rule with `- id: ", kIdExample, "`"));
      return;
    }
    for (const YamlNode& item : root.items) {
      if (!item.IsMapping()) {
        reader_.Error(FieldReader::kWrongType, item.where, "a rule must be a mapping",
                      StrCat("this is ", KindName(item)),
                      StrCat("begin each rule with `- id: ", kIdExample, "`"));
        continue;
      }
      ParseRule(item);
    }
  }

  // Once every file is parsed.
  void FinishLists() {
    lists_.WarnOfUnused();
    result_.rules.lists = lists_.Used();
  }

  const IdPlaces& ids() const { return ids_; }

 private:
  void ParseRule(const YamlNode& node) {
    Rule rule;
    rule.where = node.where;
    rule.layer = layer_;
    meant_ = reader_.CheckKeys(node, kRuleKeys, "a rule");
    ReadId(node, &rule);
    ReadMeaning(node, &rule);
    CheckIdPrefix(node, rule);
    ReadScope(node, &rule);
    const ConditionContext context{.reader = &reader_,
                                   .lists = &lists_,
                                   .file = file_,
                                   .rule_gives_views = node.Find("views") != nullptr};
    bool has_match = false;
    if (const YamlNode* match = Required(node, "match", "write `match: {terms: [...]}`")) {
      if (auto tree = ParseMatch(*match, context)) {
        rule.match = *std::move(tree);
        has_match = true;
      }
    }
    if (const YamlNode* unless = node.Find("unless")) {
      if (auto tree = ParseUnless(*unless, context)) {
        rule.unless = *std::move(tree);
        rule.has_unless = true;
      }
    }
    ReadReason(node, &rule);
    ReadTests(node, &rule);
    // Without a condition there is nothing that a later stage could look at.
    if (has_match) result_.rules.rules.push_back(std::move(rule));
  }

  // What an error about the rule as a whole points at.
  static SourceRange NameOf(const YamlNode& rule) {
    const YamlNode* id = rule.Find("id");
    if (id != nullptr) return id->where;
    return rule.entries.empty() ? rule.where : rule.entries.front().key_where;
  }

  bool IsMeant(std::string_view key) const {
    return std::find(meant_.begin(), meant_.end(), key) != meant_.end();
  }

  const YamlNode* Required(const YamlNode& rule, std::string_view key, std::string help) {
    const YamlNode* value = rule.Find(key);
    if (value == nullptr && !IsMeant(key)) {
      reader_.Error(FieldReader::kMissingKey, NameOf(rule), StrCat("the rule has no `", key, "`"),
                    "", std::move(help));
    }
    return value;
  }

  void ReadId(const YamlNode& node, Rule* rule) {
    const YamlNode* value = Required(node, "id", StrCat("write `id: ", kIdExample, "`"));
    if (value == nullptr) return;
    const std::optional<std::string> id = reader_.Text(*value, "id");
    if (!id) return;
    if (!IsWellFormedId(*id)) {
      reader_.Error(kIdForm, value->where,
                    StrCat("the rule id ", Quoted(*id), " is not well formed"), "",
                    StrCat("use lower-case letters, digits and `_` in at least two parts joined by "
                           "dots: `",
                           kIdExample, "`"));
      return;
    }
    if (id->size() > kIdMax) {
      reader_.Error(kTooLong, value->where,
                    StrCat("the rule id has ", id->size(), " characters; the limit is ", kIdMax));
      return;
    }
    rule->id = *id;
    const auto [first, fresh] = ids_.try_emplace(*id, IdPlace{value->where, layer_});
    if (fresh) return;
    const SourceRange& where = first->second.where;
    if (const uint32_t other = first->second.layer; other != layer_) {
      const Layer& owner = result_.rules.layers[other];
      FieldReader('A', &result_.diagnostics)
          .Error(kIdOfAnotherLayer, value->where,
                 StrCat("the rule id `", *id, "` is given in another layer"),
                 StrCat("first given in ", result_.rules.sources[where.file].path, ":",
                        where.begin_line, ", of ", DescribeLayer(owner.kind, owner.name)),
                 "give this rule an id of its own; what lies below, layer.yaml can `disable` or "
                 "`change`");
    } else {
      reader_.Error(
          kIdDuplicate, value->where, StrCat("duplicate rule id `", *id, "`"),
          StrCat("first given in ", result_.rules.sources[where.file].path, ":", where.begin_line),
          "give this rule an id of its own: ids are stable for ever and name one rule");
    }
  }

  void ReadMeaning(const YamlNode& node, Rule* rule) {
    if (const YamlNode* value = Required(node, "category", StrCat("it is ", AnyOf(Categories())))) {
      ReadCategory(*value, rule);
    }
    ReadLabel(node, rule);
    if (const YamlNode* value = Required(node, "severity", StrCat("it is ", AnyOf(Severities())))) {
      rule->severity = static_cast<Severity>(reader_.Choice(*value, Severities(), "severity") + 1);
    }
    if (const YamlNode* value = Required(node, "action", StrCat("it is ", AnyOf(Decisions())))) {
      rule->action = static_cast<Decision>(reader_.Choice(*value, Decisions(), "action") + 1);
    }
    if (const YamlNode* value = node.Find("status")) {
      const int status = reader_.Choice(*value, kStatuses, "status");
      if (status >= 0) rule->status = static_cast<RuleStatus>(status);
    }
  }

  void ReadCategory(const YamlNode& value, Rule* rule) {
    const Category owner = value.IsScalar() ? CategoryOfLabel(value.text) : Category::kUnspecified;
    if (owner != Category::kUnspecified) {
      reader_.Error(kCategoryIsLabel, value.where,
                    StrCat("there is no category `", value.text, "`"),
                    StrCat("`", value.text, "` is a label of `", Name(owner), "`"),
                    StrCat("write `category: ", Name(owner), "` and `label: ", value.text, "`"));
      rule->category = owner;
      return;
    }
    rule->category = static_cast<Category>(reader_.Choice(value, Categories(), "category") + 1);
  }

  void ReadLabel(const YamlNode& node, Rule* rule) {
    const auto labels = LabelsOf(rule->category);
    const YamlNode* value = node.Find("label");
    if (value == nullptr) {
      // The rest of the law has kinds that no label names.
      if (labels.empty() || rule->category == Category::kOtherProhibited || IsMeant("label"))
        return;
      const YamlNode* category = node.Find("category");
      if (CategoryOfLabel(category->text) == rule->category) return;  // reported already
      reader_.Error(kLabelMissing, category->where,
                    StrCat("a rule of `", Name(rule->category), "` needs a `label`"), "",
                    StrCat("it is ", AnyOf(labels)));
      return;
    }
    const std::optional<std::string> label = reader_.Text(*value, "label");
    if (!label || rule->category == Category::kUnspecified) return;
    if (std::find(labels.begin(), labels.end(), *label) != labels.end()) {
      rule->label = *label;
      return;
    }
    const std::string message =
        StrCat("the category `", Name(rule->category), "` has no label ", Quoted(*label));
    const Category owner = CategoryOfLabel(*label);
    if (owner != Category::kUnspecified) {
      reader_.Error(kLabelForeign, value->where, message,
                    StrCat("`", *label, "` is a label of `", Name(owner), "`"),
                    StrCat("write `category: ", Name(owner), "`, or choose another label"));
      return;
    }
    const std::string_view closest = Closest(*label, labels);
    reader_
        .Error(kLabelForeign, value->where, message,
               closest.empty() ? "" : StrCat("did you mean `", closest, "`?"),
               labels.empty() ? "rules of this category bear no label: remove it"
                              : StrCat("it is ", AnyOf(labels)))
        .fixes = Replacement(value->where, closest);
  }

  void CheckIdPrefix(const YamlNode& node, const Rule& rule) {
    if (rule.id.empty() || rule.category == Category::kUnspecified) return;
    const std::string_view first = std::string_view(rule.id).substr(0, rule.id.find('.'));
    if (first == Name(rule.category) || first == rule.label) return;
    // A label that is missing or could not be read is reported already.
    const bool has_label = node.Find("label") != nullptr || IsMeant("label");
    const bool may_lack_label =
        LabelsOf(rule.category).empty() || rule.category == Category::kOtherProhibited;
    if (rule.label.empty() && (has_label || !may_lack_label)) return;
    const std::string_view wanted = rule.label.empty() ? Name(rule.category) : rule.label;
    reader_.Error(kIdPrefix, NameOf(node),
                  StrCat("the rule id `", rule.id, "` does not begin with its category"), "",
                  StrCat("write `id: ", wanted, std::string_view(rule.id).substr(first.size()),
                         "`: the first part is the rule's ",
                         rule.label.empty() ? "category" : "label or category"));
  }

  void ReadScope(const YamlNode& node, Rule* rule) {
    if (const YamlNode* value = node.Find("surfaces")) {
      SurfaceMask mask = 0;
      for (int s : reader_.Choices(*value, "surfaces", Surfaces(), "surface")) {
        mask |= MaskOf(static_cast<Surface>(s + 1));
      }
      if (mask != 0) rule->surfaces = mask;
    }
    if (const YamlNode* value = node.Find("languages")) ReadLanguages(*value, rule);
    if (const YamlNode* value = node.Find("views")) {
      rule->views = ReadViews(*value, &reader_).value_or(rule->views);
    }
    if (const YamlNode* value = node.Find("pinyin_initials")) {
      rule->pinyin_initials = reader_.Bool(*value, "pinyin_initials").value_or(false);
    }
  }

  void ReadLanguages(const YamlNode& value, Rule* rule) {
    if (!reader_.IsList(value, "languages", "languages: [zh, en]")) return;
    for (const YamlNode& item : value.items) {
      const std::optional<std::string> tag = reader_.Text(item, "a language");
      if (!tag) continue;
      if (!IsLanguageTag(*tag)) {
        reader_.Error(kLanguageForm, item.where, StrCat(Quoted(*tag), " is not a language tag"), "",
                      "write a tag such as `zh`, `zh-Hant` or `en`");
      } else if (std::find(rule->languages.begin(), rule->languages.end(), *tag) !=
                 rule->languages.end()) {
        reader_.Error(FieldReader::kRepeated, item.where,
                      StrCat("the language `", *tag, "` is named twice"), "", "remove one of them");
      } else {
        rule->languages.push_back(*tag);
      }
    }
  }

  void ReadReason(const YamlNode& node, Rule* rule) {
    constexpr std::string_view kExample = "reason: {en: ..., zh: ...}";
    const YamlNode* value = Required(
        node, "reason", StrCat("write `", kExample, "`: the author of the content is told it"));
    if (value == nullptr || !reader_.IsMapping(*value, "reason", kExample)) return;
    reader_.CheckKeys(*value, kReasonKeys, "`reason`");
    const auto read = [&](std::string_view key, std::string* out) {
      const YamlNode* text = value->Find(key);
      if (text == nullptr) return;
      const std::optional<std::string> reason = reader_.Text(*text, key);
      if (!reason) return;
      if (const size_t size = CountCodePoints(*reason); size > kReasonMax) {
        reader_.Error(kTooLong, text->where,
                      StrCat("the reason has ", size, " characters; the limit is ", kReasonMax));
        return;
      }
      *out = *reason;
    };
    read("en", &rule->reason_en);
    read("zh", &rule->reason_zh);
    const bool en = value->Find("en") != nullptr;
    const bool zh = value->Find("zh") != nullptr;
    if (!en && !zh) {
      reader_.Error(FieldReader::kMissingKey, value->where, "`reason` has neither `en` nor `zh`",
                    "", StrCat("write `", kExample, "`"));
    } else if (!en || !zh) {
      reader_.Warn(kReasonOneLanguage, value->where,
                   StrCat("`reason` has no `", en ? "zh" : "en", "`"), "",
                   "give both: whoever reads the other language is told the reason in this one");
    }
  }

  void ReadTests(const YamlNode& node, Rule* rule) {
    constexpr std::string_view kExample = "tests: {match: [...], no_match: [...]}";
    const YamlNode* tests = node.Find("tests");
    if (tests == nullptr) {
      if (IsMeant("tests")) return;
      reader_.Error(kTestsMissing, NameOf(node), "the rule has no tests", "",
                    StrCat("write `", kExample,
                           "`: texts that it must find, and near ones that it must not"));
      return;
    }
    if (!reader_.IsMapping(*tests, "tests", kExample)) return;
    const std::vector<std::string_view> meant = reader_.CheckKeys(*tests, kTestKeys, "`tests`");
    TestTexts seen;
    ReadCases(*tests, "match", true, *rule, &seen, &rule->tests_match);
    ReadCases(*tests, "no_match", false, *rule, &seen, &rule->tests_no_match);
    ReadCases(*tests, "todo_match", true, *rule, &seen, &rule->tests_todo_match);
    ReadCases(*tests, "todo_no_match", false, *rule, &seen, &rule->tests_todo_no_match);
    for (std::string_view key : {kTestKeys[0], kTestKeys[1]}) {
      const YamlNode* cases = tests->Find(key);
      if (cases != nullptr && !(cases->IsSequence() && cases->items.empty())) continue;
      if (std::find(meant.begin(), meant.end(), key) != meant.end()) continue;
      reader_.Error(kTestsMissing, cases == nullptr ? NameOf(node) : cases->where,
                    StrCat("the rule has no `", key, "` tests"), "",
                    key == "match" ? "add texts that the rule must find"
                                   : "add texts near to its subject that it must not find: news, "
                                     "law, teaching, counter-speech");
    }
  }

  struct Seen {
    bool should_match;
    SourceRange where;
  };
  using TestTexts = absl::flat_hash_map<std::pair<Surface, std::string>, Seen>;

  void ReadCases(const YamlNode& tests, std::string_view key, bool should_match, const Rule& rule,
                 TestTexts* seen, std::vector<TestCase>* out) {
    const YamlNode* cases = tests.Find(key);
    if (cases == nullptr || !reader_.IsList(*cases, key, StrCat(key, ": [...]"))) return;
    for (const YamlNode& item : cases->items) {
      const std::optional<TestCase> test = ReadCase(item);
      if (!test) continue;
      if (should_match && test->surface != Surface::kUnspecified &&
          !(rule.surfaces & MaskOf(test->surface))) {
        reader_.Error(kTestSurface, test->where,
                      StrCat("the rule does not look at the surface `", Name(test->surface), "`"),
                      "", "add it to the rule's `surfaces`, or make this a `no_match` test");
        continue;
      }
      const auto [first, fresh] =
          seen->try_emplace(std::pair(test->surface, test->text), Seen{should_match, test->where});
      if (!fresh) {
        const std::string label = StrCat("first given in line ", first->second.where.begin_line);
        if (first->second.should_match != should_match) {
          reader_.Error(kTestContradiction, test->where,
                        "the same text is to match and not to match", label, "remove one of them");
        } else {
          reader_
              .Warn(kTestRepeated, test->where, "the same test is given twice", label,
                    "remove one of them")
              .fixes = {{Fix::Kind::kRemoveItem, test->where}};
        }
        continue;
      }
      out->push_back(*test);
    }
  }

  std::optional<TestCase> ReadCase(const YamlNode& node) {
    TestCase out;
    out.where = node.where;
    if (node.IsScalar()) {
      const std::optional<std::string> text = reader_.Text(node, "a test");
      if (!text) return std::nullopt;
      out.text = *text;
      return out;
    }
    if (!node.IsMapping()) {
      reader_.Error(FieldReader::kWrongType, node.where, "a test must be a text or a mapping",
                    StrCat("this is ", KindName(node)), "write `{text: ..., surface: order}`");
      return std::nullopt;
    }
    reader_.CheckKeys(node, kCaseKeys, "a test");
    if (const YamlNode* surface = node.Find("surface")) {
      out.surface = static_cast<Surface>(reader_.Choice(*surface, Surfaces(), "surface") + 1);
    }
    const YamlNode* value = node.Find("text");
    if (value == nullptr) {
      reader_.Error(FieldReader::kMissingKey, node.where, "the test has no `text`", "",
                    "write `{text: ..., surface: order}`");
      return std::nullopt;
    }
    const std::optional<std::string> text = reader_.Text(*value, "text");
    if (!text) return std::nullopt;
    out.text = *text;
    return out;
  }

  ParseResult& result_;
  FieldReader reader_;
  ListReader lists_;
  int file_ = 0;  // the one at hand
  uint32_t layer_ = 0;
  IdPlaces ids_;
  std::vector<std::string_view> meant_;  // of the rule at hand; see FieldReader::CheckKeys()
};

void CollectLists(const YamlNode& node, std::string_view rule_path,
                  std::vector<std::string>* paths) {
  for (const YamlNode& item : node.items) CollectLists(item, rule_path, paths);
  for (const YamlNode::Entry& entry : node.entries) {
    CollectLists(entry.value, rule_path, paths);
    if (entry.key != "list" || !entry.value.IsScalar()) continue;
    std::optional<std::string> path = ListPath(rule_path, entry.value.text);
    if (path && std::find(paths->begin(), paths->end(), *path) == paths->end()) {
      paths->push_back(*std::move(path));
    }
  }
}

}  // namespace

ParseResult ParseRules(std::vector<SourceFile> sources) {
  ParseResult result;
  result.rules.sources = std::move(sources);
  LayerReader layers(&result.rules, &result.diagnostics);
  RuleParser parser(&result);
  // Layers first: whose a rule is decides what its id may be.
  for (const bool of_layers : {true, false}) {
    for (size_t i = 0; i < result.rules.sources.size(); ++i) {
      const SourceFile& source = result.rules.sources[i];
      if (source.kind != SourceFile::Kind::kYaml || IsLayerFile(source.path) != of_layers) continue;
      const int file = static_cast<int>(i);
      const std::optional<YamlNode> root = ParseYaml(source, file, &result.diagnostics);
      if (!root) continue;
      if (of_layers) {
        layers.Read(*root, file);
      } else {
        parser.ParseFile(*root, file, layers.OfFile(source.path));
      }
    }
  }
  parser.FinishLists();
  layers.Apply(parser.ids());
  SortBySource(&result.diagnostics);
  return result;
}

std::vector<std::string> ListsNamedBy(const SourceFile& source) {
  // Most rule files name none; those are not parsed twice.
  if (source.text.find("list") == source.text.npos) return {};
  std::vector<Diagnostic> ignored;
  const std::optional<YamlNode> root = ParseYaml(source, 0, &ignored);
  std::vector<std::string> paths;
  if (root) CollectLists(*root, source.path, &paths);
  return paths;
}

}  // namespace winnow::rules
