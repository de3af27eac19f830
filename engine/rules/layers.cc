#include "engine/rules/layers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/base/strings.h"
#include "engine/rules/codes.h"
#include "engine/rules/yaml_fields.h"

namespace winnow::rules {
namespace {

constexpr std::string_view kFileName = "layer.yaml";
constexpr std::string_view kLayerKeys[] = {"layer", "name", "disable", "change"};
constexpr std::string_view kKinds[] = {"operator", "tenant"};
constexpr std::string_view kChangeKeys[] = {"action", "severity", "status"};
constexpr std::string_view kActions[] = {"allow", "review", "block"};
constexpr std::string_view kSeverities[] = {"low", "medium", "high", "critical"};
constexpr std::string_view kStatuses[] = {"stable", "test", "experimental", "deprecated"};
constexpr std::string_view kChangeExample = "{action: review}";
constexpr size_t kNameMax = 63;  // bytes, all ASCII

bool IsLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// As the API takes a tenant.
bool IsWellFormedName(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax && IsLetterOrDigit(name.front()) &&
         IsLetterOrDigit(name.back()) && std::all_of(name.begin(), name.end(), [](char c) {
           return IsLetterOrDigit(c) || c == '-';
         });
}

// What an error about the absence of a key points at.
SourceRange KeyOf(const YamlNode& node) {
  return node.entries.empty() ? node.where : node.entries.front().key_where;
}

std::string PlaceOf(const RuleSet& rules, const SourceRange& where) {
  return StrCat(rules.sources[static_cast<size_t>(where.file)].path, ":", where.begin_line);
}

std::string Describe(const Layer& layer) { return DescribeLayer(layer.kind, layer.name); }

// Whether the rule has already what the change asks for.
bool ChangesNothing(const LayerChange& change, const Rule& rule) {
  return change.action.value_or(rule.action) == rule.action &&
         change.severity.value_or(rule.severity) == rule.severity &&
         change.status.value_or(rule.status) == rule.status;
}

}  // namespace

std::string_view Name(LayerKind kind) {
  constexpr std::string_view kNames[] = {"unspecified", "bundled", "operator", "tenant"};
  return kNames[static_cast<size_t>(kind)];
}

std::string DescribeLayer(LayerKind kind, std::string_view name) {
  switch (kind) {
    case LayerKind::kOperator:
      return StrCat("the operator's layer ", name);
    case LayerKind::kTenant:
      return StrCat("the layer of tenant ", name);
    case LayerKind::kBundled:
    case LayerKind::kUnspecified:
      break;
  }
  return "the bundled rules";
}

bool IsLayerFile(std::string_view path) {
  return path.substr(path.rfind('/') + 1) == kFileName;  // npos + 1 is 0
}

LayerReader::LayerReader(RuleSet* rules, std::vector<Diagnostic>* out) : rules_(*rules), out_(out) {
  rules_.layers.emplace_back();
  says_more_.push_back(true);
}

void LayerReader::Read(const YamlNode& root, int file) {
  FieldReader reader('A', out_);
  const std::string& path = rules_.sources[static_cast<size_t>(file)].path;
  Layer layer;
  layer.kind = LayerKind::kUnspecified;
  layer.file = file;
  layer.folder = path.substr(0, path.size() - kFileName.size());
  layer.where = root.where;
  if (!root.IsMapping()) {
    reader.Error(FieldReader::kRoot, root.where, "a layer is a mapping",
                 root.IsEmpty() ? "the file is empty" : StrCat("this is ", KindName(root)),
                 "begin with `layer: operator` (or `tenant`) and `name:`");
  } else {
    const std::vector<std::string_view> meant = reader.CheckKeys(root, kLayerKeys, "a layer");
    const auto required = [&](std::string_view key, std::string_view help) -> const YamlNode* {
      const YamlNode* value = root.Find(key);
      if (value == nullptr && std::find(meant.begin(), meant.end(), key) == meant.end()) {
        reader.Error(FieldReader::kMissingKey, KeyOf(root), StrCat("the layer has no `", key, "`"),
                     "", std::string(help));
      }
      return value;
    };
    if (const YamlNode* kind = required("layer", "write `layer: operator` or `layer: tenant`")) {
      const int choice = reader.Choice(*kind, kKinds, "layer");
      if (choice >= 0) layer.kind = choice == 0 ? LayerKind::kOperator : LayerKind::kTenant;
    }
    if (const YamlNode* name = required("name",
                                        "write `name:` and the tenant's id, or what "
                                        "verdicts are to call your layer")) {
      layer.where = name->where;
      if (const std::optional<std::string> text = reader.Text(*name, "name")) {
        if (IsWellFormedName(*text)) {
          layer.name = *text;
        } else {
          reader.Error(kLayerNameForm, name->where,
                       StrCat("the name ", Quoted(*text), " is not well formed"), "",
                       StrCat("use 1 to ", kNameMax,
                              " of a-z, 0-9 and `-`, not beginning or ending with `-`"));
        }
      }
    }
    ReadChanges(root, &layer);
  }
  CheckPlace(layer);
  rules_.layers.push_back(std::move(layer));
  says_more_.push_back(rules_.layers.back().kind == LayerKind::kUnspecified ||
                       root.entries.size() > 2);
}

void LayerReader::ReadChanges(const YamlNode& node, Layer* layer) {
  FieldReader reader('A', out_);
  absl::flat_hash_map<std::string, SourceRange> disabled;
  if (const YamlNode* list = node.Find("disable");
      list != nullptr && reader.IsList(*list, "disable", "disable: [gambling.online_casino]")) {
    for (const YamlNode& item : list->items) {
      std::optional<std::string> id = reader.Text(item, "a rule id");
      if (!id) continue;
      if (!disabled.try_emplace(*id, item.where).second) {
        reader
            .Error(FieldReader::kRepeated, item.where,
                   StrCat("the rule ", Quoted(*id), " is named twice"), "", "remove one of them")
            .fixes = {{Fix::Kind::kRemoveItem, item.where}};
        continue;
      }
      LayerChange change;
      change.rule = {*std::move(id), item.where};
      change.disable = true;
      layer->changes.push_back(std::move(change));
    }
  }
  const YamlNode* changes = node.Find("change");
  if (changes == nullptr ||
      !reader.IsMapping(*changes, "change",
                        StrCat("change: {gambling.online_casino: ", kChangeExample, "}"))) {
    return;
  }
  for (const YamlNode::Entry& entry : changes->entries) {
    if (!reader.IsMapping(entry.value, "a change", kChangeExample)) continue;
    const size_t told = out_->size();
    reader.CheckKeys(entry.value, kChangeKeys, "a change");
    LayerChange change;
    change.rule = {entry.key, entry.key_where};
    if (const YamlNode* action = entry.value.Find("action")) {
      const int choice = reader.Choice(*action, kActions, "action");
      if (choice >= 0) change.action = static_cast<Decision>(choice + 1);
    }
    if (const YamlNode* severity = entry.value.Find("severity")) {
      const int choice = reader.Choice(*severity, kSeverities, "severity");
      if (choice >= 0) change.severity = static_cast<Severity>(choice + 1);
    }
    if (const YamlNode* status = entry.value.Find("status")) {
      const int choice = reader.Choice(*status, kStatuses, "status");
      if (choice >= 0) change.status = static_cast<RuleStatus>(choice);
    }
    if (entry.value.entries.empty()) {
      reader.Error(kChangeEmpty, entry.value.where,
                   StrCat("nothing is changed of the rule ", Quoted(entry.key)), "",
                   StrCat("name at least one of ", AllOf(kChangeKeys)));
      continue;
    }
    if (const auto it = disabled.find(entry.key); it != disabled.end()) {
      reader.Error(kDisabledAndChanged, entry.key_where,
                   StrCat("the rule ", Quoted(entry.key), " is disabled and changed"),
                   StrCat("it is disabled in line ", it->second.begin_line), "remove one of them");
      continue;
    }
    if (out_->size() == told) layer->changes.push_back(std::move(change));
  }
}

void LayerReader::CheckPlace(const Layer& layer) {
  FieldReader reader('A', out_);
  for (size_t i = 1; i < rules_.layers.size(); ++i) {
    const Layer& other = rules_.layers[i];
    const bool same = layer.kind == other.kind && !layer.name.empty() && layer.name == other.name;
    if (same) {
      const bool tenant = layer.kind == LayerKind::kTenant;
      reader.Error(kLayerTwice, layer.where,
                   tenant ? StrCat("tenant `", layer.name, "` has two layers")
                          : StrCat("two layers of the operator are called `", layer.name, "`"),
                   StrCat("the first is ", PlaceOf(rules_, other.where)),
                   tenant ? "put their files into one folder" : "give one of them another name");
    }
    const bool inside = layer.folder.starts_with(other.folder);
    if (inside || other.folder.starts_with(layer.folder)) {
      const Layer& outer = inside ? other : layer;
      reader.Error(
          kLayerInLayer, layer.where, "a layer lies within another",
          StrCat("the outer one is ", rules_.sources[static_cast<size_t>(outer.file)].path),
          "put their folders beside each other");
    }
  }
}

uint32_t LayerReader::OfFile(std::string_view path) const {
  uint32_t found = 0;
  size_t longest = 0;
  for (uint32_t i = 1; i < rules_.layers.size(); ++i) {
    const std::string& folder = rules_.layers[i].folder;
    if (path.starts_with(folder) && (found == 0 || folder.size() > longest)) {
      found = i;
      longest = folder.size();
    }
  }
  return found;
}

bool LayerReader::Check(uint32_t layer, const LayerChange& change, const IdPlaces& ids) const {
  FieldReader reader('A', out_);
  const std::string& id = change.rule.text;
  const auto it = ids.find(id);
  if (it == ids.end()) {
    std::vector<std::string_view> known;
    for (const auto& [name, place] : ids) known.push_back(name);
    std::sort(known.begin(), known.end());
    const std::string_view closest = Closest(id, known);
    reader.Error(kRuleUnknown, change.rule.where, StrCat("there is no rule ", Quoted(id)),
                 closest.empty() ? "" : StrCat("did you mean `", closest, "`?"),
                 "give the rules below the layer as well: `winnow rules check rules my-layer`");
    return false;
  }
  const Layer& mine = rules_.layers[layer];
  const Layer& owner = rules_.layers[it->second.layer];
  if (&mine == &owner) {
    reader.Error(kRuleOwn, change.rule.where,
                 StrCat("the rule ", Quoted(id), " is this layer's own"),
                 StrCat("it is given in ", PlaceOf(rules_, it->second.where)),
                 change.disable ? "remove the rule itself" : "change the rule itself");
    return false;
  }
  // A kind that could not be read is told already.
  if (mine.kind != LayerKind::kUnspecified && owner.kind >= mine.kind) {
    reader.Error(kRuleNotBelow, change.rule.where,
                 StrCat("the rule ", Quoted(id), " does not lie below this layer"),
                 StrCat("it is of ", Describe(owner)),
                 "an operator's layer speaks of bundled rules, a tenant's of those and of the "
                 "operator's");
    return false;
  }
  return mine.kind != LayerKind::kUnspecified;
}

void LayerReader::Apply(const IdPlaces& ids) {
  FieldReader reader('A', out_);
  absl::flat_hash_map<std::string_view, Rule*> usable;
  for (Rule& rule : rules_.rules) {
    if (!rule.id.empty()) usable.try_emplace(rule.id, &rule);
  }
  struct Said {
    uint32_t layer;
    const LayerChange* change;
  };
  absl::flat_hash_map<std::string_view, Said> by_operator;
  const auto warn_of_nothing = [&](const LayerChange& change) {
    const auto rule = usable.find(change.rule.text);
    if (change.disable || rule == usable.end() || !ChangesNothing(change, *rule->second)) return;
    reader.Warn(kChangeInVain, change.rule.where,
                StrCat("the rule ", Quoted(change.rule.text), " is so already"), "",
                "remove the change");
  };
  for (uint32_t i = 1; i < rules_.layers.size(); ++i) {
    const Layer& layer = rules_.layers[i];
    if (layer.kind == LayerKind::kTenant) continue;
    for (const LayerChange& change : layer.changes) {
      if (!Check(i, change, ids)) continue;
      const auto [first, fresh] = by_operator.try_emplace(change.rule.text, Said{i, &change});
      if (!fresh) {
        reader.Error(
            kLayersDisagree, change.rule.where,
            StrCat("two layers of the operator speak of the rule ", Quoted(change.rule.text)),
            StrCat("the other is ", PlaceOf(rules_, first->second.change->rule.where)),
            "let one of them speak of it");
        continue;
      }
      warn_of_nothing(change);
    }
  }
  for (const auto& [id, said] : by_operator) {
    const auto it = usable.find(id);
    if (it == usable.end() || said.change->disable) continue;
    Rule& rule = *it->second;
    rule.amended = {said.layer, said.change->rule.where, rule.action, rule.severity, rule.status};
    rule.action = said.change->action.value_or(rule.action);
    rule.severity = said.change->severity.value_or(rule.severity);
    rule.status = said.change->status.value_or(rule.status);
  }
  for (uint32_t i = 1; i < rules_.layers.size(); ++i) {
    const Layer& layer = rules_.layers[i];
    if (layer.kind != LayerKind::kTenant) continue;
    for (const LayerChange& change : layer.changes) {
      if (!Check(i, change, ids)) continue;
      const auto below = by_operator.find(change.rule.text);
      if (below != by_operator.end() && below->second.change->disable) {
        reader.Error(kDisabledBelow, change.rule.where,
                     StrCat("the rule ", Quoted(change.rule.text), " is disabled for everybody"),
                     StrCat(PlaceOf(rules_, below->second.change->rule.where), " disables it"),
                     "remove this: what the operator's layer disables is in no pack");
        continue;
      }
      warn_of_nothing(change);
    }
  }
  for (const Rule& rule : rules_.rules) {
    const auto it = by_operator.find(rule.id);
    if (it == by_operator.end() || !it->second.change->disable) continue;
    rules_.disabled.push_back(
        {rule.id, rule.where, it->second.layer, it->second.change->rule.where});
  }
  std::erase_if(rules_.rules, [&](const Rule& rule) {
    const auto it = by_operator.find(rule.id);
    return it != by_operator.end() && it->second.change->disable;
  });
  for (const SourceFile& source : rules_.sources) {
    if (source.kind == SourceFile::Kind::kYaml && !IsLayerFile(source.path)) {
      says_more_[OfFile(source.path)] = true;
    }
  }
  for (uint32_t i = 1; i < rules_.layers.size(); ++i) {
    const Layer& layer = rules_.layers[i];
    if (says_more_[i]) continue;
    reader.Warn(kLayerIdle, layer.where, StrCat(Describe(layer), " does nothing"), "",
                "give it rules, `disable` or `change`, or leave it out");
  }
}

}  // namespace winnow::rules
