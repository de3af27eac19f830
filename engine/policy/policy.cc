#include "engine/policy/policy.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "engine/base/sha256.h"
#include "engine/base/strings.h"
#include "engine/rules/yaml_fields.h"
#include "engine/rules/yaml_reader.h"

namespace winnow::policy {
namespace {

using rules::AnyOf;
using rules::FieldReader;
using rules::Quoted;
using rules::SourceRange;
using rules::YamlNode;

// The numbers of what can be wrong with a policy, beside those of FieldReader;
// engine/rules/codes.cc explains them.
enum PolicyNumber : int {
  kIdForm = 10,
  kReservedKey = 11,
  kDecisionForm = 12,
  kBoundsCrossed = 13,
  kLabelForeign = 14,
  kSeverityTwice = 15,
  kTooMany = 16,
  kNeverReached = 17,
  kIncompletePasses = 18,
  kRegionForm = 19,
};

constexpr std::string_view kPolicyKeys[] = {"id", "entries", "on_incomplete"};
constexpr std::string_view kEntryKeys[] = {"when", "decision", "at_least", "at_most"};
constexpr std::string_view kWhenKeys[] = {"category", "label",  "severity", "severity_at_least",
                                          "surface",  "region", "tenant"};
constexpr std::string_view kIncompleteKeys[] = {"when", "decision"};
constexpr std::string_view kIncompleteWhenKeys[] = {"surface", "region", "tenant"};
constexpr std::string_view kReservedKeys[] = {"strikes", "retention", "ladder", "review"};
constexpr std::string_view kDecisions[] = {"allow", "review", "block"};
constexpr std::string_view kEntryDecisions[] = {"allow", "review", "block", "as_rule"};
constexpr std::string_view kSeverities[] = {"low", "medium", "high", "critical"};
constexpr int kSeverityCount = 5;  // with kUnspecified
constexpr size_t kIdMax = 64;
constexpr size_t kEntriesMax = 1000;
constexpr size_t kNameMax = 200;  // bytes of a region's or tenant's name
constexpr std::string_view kEntryExample = "{when: {category: rumors}, at_most: review}";

// Ids of names in ascending order; empty: any name.
using NameSet = std::vector<uint32_t>;
constexpr uint32_t kNoName = UINT32_MAX;

bool Holds(const NameSet& set, uint32_t id) {
  return set.empty() || std::binary_search(set.begin(), set.end(), id);
}

bool Covers(const NameSet& a, const NameSet& b) {
  return a.empty() || (!b.empty() && std::includes(a.begin(), a.end(), b.begin(), b.end()));
}

// The names a policy mentions, numbered, so that a check compares a name once and numbers after.
class Names {
 public:
  uint32_t Add(const std::string& name) {
    return ids_.try_emplace(name, static_cast<uint32_t>(ids_.size())).first->second;
  }
  // kNoName for one that the policy does not mention.
  uint32_t Find(std::string_view name) const {
    if (ids_.empty() || name.empty()) return kNoName;
    const auto it = ids_.find(ToAbsl(name));
    return it == ids_.end() ? kNoName : it->second;
  }

 private:
  absl::flat_hash_map<std::string, uint32_t> ids_;
};

constexpr uint32_t kAll = ~0u;

// What a `when` says of the context.
struct Where {
  uint32_t surfaces = kAll;  // bit of the surface; with kUnspecified's where nothing is said
  NameSet regions;
  NameSet tenants;

  bool Fits(Surface surface, uint32_t region, uint32_t tenant) const {
    return (surfaces & MaskOf(surface)) && Holds(regions, region) && Holds(tenants, tenant);
  }
  bool Covers(const Where& other) const {
    return (other.surfaces & ~surfaces) == 0 && policy::Covers(regions, other.regions) &&
           policy::Covers(tenants, other.tenants);
  }
};

struct Entry {
  uint32_t categories = kAll;  // bits
  uint32_t severities = kAll;
  std::vector<std::string> labels;  // sorted; empty: any or none
  Where where;
  Decision least = Decision::kAllow;
  Decision most = Decision::kBlock;
  SourceRange source;

  bool Covers(const Entry& other) const {
    return (other.categories & ~categories) == 0 && (other.severities & ~severities) == 0 &&
           (labels.empty() ||
            (!other.labels.empty() && std::includes(labels.begin(), labels.end(),
                                                    other.labels.begin(), other.labels.end()))) &&
           where.Covers(other.where);
  }
};

struct IncompleteEntry {
  Where where;
  Decision decision = Decision::kReview;
};

// An entry as one category's findings of one severity see it.
struct Candidate {
  uint32_t labels = kAll;  // bits of the category's labels; kAll: any label or none
  bool anywhere = true;    // nothing is said of the context
  Where where;
  Decision least = Decision::kAllow;
  Decision most = Decision::kBlock;
};

class TablePolicy final : public Policy {
 public:
  TablePolicy(std::string revision, const std::vector<Entry>& entries,
              std::vector<IncompleteEntry> incomplete, Names regions, Names tenants)
      : revision_(std::move(revision)),
        incomplete_(std::move(incomplete)),
        regions_(std::move(regions)),
        tenants_(std::move(tenants)) {
    for (int c = 0; c < kCategoryCount; ++c) {
      for (int s = 0; s < kSeverityCount; ++s) {
        Fill(entries, static_cast<Category>(c), static_cast<Severity>(s));
      }
    }
  }

  const std::string& revision() const override { return revision_; }

  Decision Decide(const Ask& ask, const Context& context) const override {
    const Decision asked = ask.action == Decision::kUnspecified ? Decision::kReview : ask.action;
    const std::vector<Candidate>& candidates = CellOf(ask.category, ask.severity);
    Lookup lookup(*this, context);
    uint32_t label = 0;
    for (const Candidate& candidate : candidates) {
      if (candidate.labels != kAll) {
        if (label == 0) label = BitOfLabel(ask.category, ask.label);
        if (!(candidate.labels & label)) continue;
      }
      if (!candidate.anywhere && !lookup.Fits(candidate.where)) continue;
      return std::min(std::max(asked, candidate.least), candidate.most);
    }
    return asked;
  }

  Decision OnIncomplete(const Context& context) const override {
    Lookup lookup(*this, context);
    for (const IncompleteEntry& entry : incomplete_) {
      if (lookup.Fits(entry.where)) return entry.decision;
    }
    return Decision::kReview;
  }

 private:
  // Numbers a context's names when the first entry asks for them, then never again.
  class Lookup {
   public:
    Lookup(const TablePolicy& policy, const Context& context)
        : policy_(policy), context_(context) {}
    bool Fits(const Where& where) {
      if (!known_ && !(where.regions.empty() && where.tenants.empty())) {
        known_ = true;
        region_ = policy_.regions_.Find(context_.region);
        tenant_ = policy_.tenants_.Find(context_.tenant);
      }
      return where.Fits(context_.surface, region_, tenant_);
    }

   private:
    const TablePolicy& policy_;
    const Context& context_;
    bool known_ = false;
    uint32_t region_ = kNoName;
    uint32_t tenant_ = kNoName;
  };

  // Bit 31: no label of the category.
  static uint32_t BitOfLabel(Category category, std::string_view label) {
    const auto labels = LabelsOf(category);
    const auto it = std::find(labels.begin(), labels.end(), label);
    return it == labels.end() ? 1u << 31 : 1u << (it - labels.begin());
  }

  const std::vector<Candidate>& CellOf(Category category, Severity severity) const {
    return cells_[static_cast<size_t>(category)][static_cast<size_t>(severity)];
  }

  void Fill(const std::vector<Entry>& entries, Category category, Severity severity) {
    std::vector<Candidate>& cell =
        cells_[static_cast<size_t>(category)][static_cast<size_t>(severity)];
    for (const Entry& entry : entries) {
      if (!(entry.categories >> static_cast<int>(category) & 1)) continue;
      if (!(entry.severities >> static_cast<int>(severity) & 1)) continue;
      Candidate candidate;
      if (!entry.labels.empty()) {
        candidate.labels = 0;
        const auto labels = LabelsOf(category);
        for (size_t i = 0; i < labels.size(); ++i) {
          if (std::binary_search(entry.labels.begin(), entry.labels.end(), labels[i])) {
            candidate.labels |= 1u << i;
          }
        }
        if (candidate.labels == 0) continue;
      }
      candidate.anywhere = entry.where.Covers(Where{});
      candidate.where = entry.where;
      candidate.least = entry.least;
      candidate.most = entry.most;
      const bool always = candidate.labels == kAll && candidate.anywhere;
      cell.push_back(std::move(candidate));
      if (always) return;
    }
  }

  const std::string revision_;
  std::array<std::array<std::vector<Candidate>, kSeverityCount>, kCategoryCount> cells_;
  const std::vector<IncompleteEntry> incomplete_;
  const Names regions_;
  const Names tenants_;
};

std::vector<std::string_view> CategoryNames() {
  std::vector<std::string_view> out;
  for (int i = 1; i < kCategoryCount; ++i) out.push_back(Name(static_cast<Category>(i)));
  return out;
}

std::vector<std::string_view> SurfaceNames() {
  std::vector<std::string_view> out;
  for (int i = 1; i < kSurfaceCount; ++i) out.push_back(Name(static_cast<Surface>(i)));
  return out;
}

// Every label there is; a label belongs to one category.
std::vector<std::string_view> LabelNames(uint32_t categories) {
  std::vector<std::string_view> out;
  for (int i = 1; i < kCategoryCount; ++i) {
    if (!(categories >> i & 1)) continue;
    const auto labels = LabelsOf(static_cast<Category>(i));
    out.insert(out.end(), labels.begin(), labels.end());
  }
  return out;
}

bool IsWord(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == text.npos;
}

class PolicyParser {
 public:
  explicit PolicyParser(std::vector<rules::Diagnostic>* diagnostics) : reader_('P', diagnostics) {}

  void Parse(const YamlNode& root) {
    constexpr std::string_view kHelp = "begin with `id: default` and `entries:`";
    if (!root.IsMapping()) {
      reader_.Error(FieldReader::kRoot, root.where, "a policy is a mapping",
                    root.IsEmpty() ? "the file is empty" : StrCat("this is ", KindName(root)),
                    std::string(kHelp));
      return;
    }
    const std::vector<std::string_view> meant = CheckKeys(root, kPolicyKeys, "a policy");
    const auto is_meant = [&](std::string_view key) {
      return std::find(meant.begin(), meant.end(), key) != meant.end();
    };
    ReadId(root, is_meant("id"));
    if (const YamlNode* entries = root.Find("entries"); entries == nullptr) {
      if (!is_meant("entries")) {
        reader_.Error(FieldReader::kMissingKey, KeyOf(root), "the policy has no `entries`", "",
                      "write `entries: []` for a policy that leaves each decision to the rules");
      }
    } else if (reader_.IsList(*entries, "entries", StrCat("entries: [", kEntryExample, "]"))) {
      ReadEntries(*entries);
    }
    if (const YamlNode* incomplete = root.Find("on_incomplete")) ReadIncomplete(*incomplete);
  }

  std::shared_ptr<const Policy> Build(std::string_view source) {
    return std::make_shared<const TablePolicy>(
        StrCat("policies/", id_, "/revisions/", Sha256Hex(source).substr(0, 12)), entries_,
        std::move(incomplete_), std::move(regions_), std::move(tenants_));
  }

 private:
  std::vector<std::string_view> CheckKeys(const YamlNode& node,
                                          absl::Span<const std::string_view> known,
                                          std::string_view what) {
    std::vector<std::string_view> meant = reader_.CheckKeys(node, known, what, kReservedKeys);
    for (const YamlNode::Entry& entry : node.entries) {
      if (std::find(std::begin(kReservedKeys), std::end(kReservedKeys), entry.key) ==
          std::end(kReservedKeys)) {
        continue;
      }
      reader_.Error(kReservedKey, entry.key_where,
                    StrCat("`", entry.key, "` is reserved for a later version"), "",
                    "remove it: this version decides and does nothing more");
    }
    return meant;
  }

  // What an error about the absence of a key points at.
  static SourceRange KeyOf(const YamlNode& node) {
    return node.entries.empty() ? node.where : node.entries.front().key_where;
  }

  void ReadId(const YamlNode& root, bool is_meant) {
    const YamlNode* value = root.Find("id");
    if (value == nullptr) {
      if (is_meant) return;
      reader_.Error(FieldReader::kMissingKey, KeyOf(root), "the policy has no `id`", "",
                    "write `id: default`: every verdict names the policy that made it");
      return;
    }
    const std::optional<std::string> id = reader_.Text(*value, "id");
    if (!id) return;
    if (!IsWord(*id) || id->size() > kIdMax) {
      reader_.Error(kIdForm, value->where,
                    StrCat("the policy id ", Quoted(*id), " is not well formed"), "",
                    StrCat("use at most ", kIdMax,
                           " lower-case letters, digits, `_` and `-`, a letter first"));
      return;
    }
    id_ = *id;
  }

  void ReadEntries(const YamlNode& list) {
    if (list.items.size() > kEntriesMax) {
      reader_.Error(
          kTooMany, list.where,
          StrCat("the policy has ", list.items.size(), " entries; the limit is ", kEntriesMax), "",
          "give several values to one entry: `tenant: [a, b]`");
      return;
    }
    for (const YamlNode& item : list.items) {
      if (!reader_.IsMapping(item, "an entry", kEntryExample)) continue;
      CheckKeys(item, kEntryKeys, "an entry");
      Entry entry;
      entry.source = item.where;
      bool usable = true;
      if (const YamlNode* when = item.Find("when")) usable = ReadWhen(*when, &entry);
      ReadBounds(item, &entry);
      if (!usable) continue;
      for (const Entry& earlier : entries_) {
        if (!earlier.Covers(entry)) continue;
        reader_.Warn(
            kNeverReached, item.where, "the entry is never reached",
            StrCat("the entry of line ", earlier.source.begin_line, " fits whatever this one fits"),
            "put it before that one, or remove it");
        break;
      }
      entries_.push_back(std::move(entry));
    }
  }

  // False where a value could not be read, so that the entry says less than was meant.
  bool ReadWhen(const YamlNode& node, Entry* entry) {
    if (!reader_.IsMapping(node, "when", "when: {category: rumors}")) return false;
    CheckKeys(node, kWhenKeys, "`when`");
    // An entry without a condition that was meant would seem to cover all later ones.
    bool good = std::all_of(node.entries.begin(), node.entries.end(), [](const auto& entry) {
      return std::find(std::begin(kWhenKeys), std::end(kWhenKeys), entry.key) !=
             std::end(kWhenKeys);
    });
    if (const YamlNode* value = node.Find("category")) {
      entry->categories = Mask(*value, "category", CategoryNames(), &good);
    }
    if (const YamlNode* value = node.Find("label")) ReadLabels(*value, entry, &good);
    const YamlNode* severity = node.Find("severity");
    const YamlNode* at_least = node.Find("severity_at_least");
    if (severity != nullptr) entry->severities = Mask(*severity, "severity", kSeverities, &good);
    if (at_least != nullptr) {
      const int least = reader_.Choice(*at_least, kSeverities, "severity");
      good = good && least >= 0;
      if (least >= 0) entry->severities = kAll << (least + 1);
      if (severity != nullptr) {
        reader_.Error(kSeverityTwice, at_least->where,
                      "`severity` and `severity_at_least` stand in one `when`", "",
                      "keep one of them");
      }
    }
    return ReadWhere(node, &entry->where) && good;
  }

  bool ReadWhere(const YamlNode& node, Where* where) {
    bool good = true;
    if (const YamlNode* value = node.Find("surface")) {
      where->surfaces = Mask(*value, "surface", SurfaceNames(), &good);
    }
    if (const YamlNode* value = node.Find("region")) {
      where->regions = ReadNames(*value, "region", &regions_, &good);
    }
    if (const YamlNode* value = node.Find("tenant")) {
      where->tenants = ReadNames(*value, "tenant", &tenants_, &good);
    }
    return good;
  }

  // One word or a list of them as bits: the first word is bit 1.
  uint32_t Mask(const YamlNode& value, std::string_view key,
                absl::Span<const std::string_view> names, bool* good) {
    std::vector<int> chosen;
    if (value.IsSequence()) {
      chosen = reader_.Choices(value, key, names, key);
    } else if (const int one = reader_.Choice(value, names, key); one >= 0) {
      chosen.push_back(one);
    }
    uint32_t mask = 0;
    for (int i : chosen) mask |= 2u << i;
    *good = *good && mask != 0;
    return mask;
  }

  void ReadLabels(const YamlNode& value, Entry* entry, bool* good) {
    const std::vector<std::string_view> all = LabelNames(kAll);
    const std::vector<std::string_view> fitting = LabelNames(entry->categories);
    const auto read = [&](const YamlNode& node) {
      const int choice = reader_.Choice(node, all, "label");
      if (choice < 0) {
        *good = false;
        return;
      }
      const std::string_view label = all[choice];
      if (std::find(fitting.begin(), fitting.end(), label) == fitting.end()) {
        reader_.Error(kLabelForeign, node.where,
                      StrCat("`", label, "` is no label of the categories of this entry"), "",
                      fitting.empty() ? "remove `label`: these categories have none"
                                      : StrCat("it is ", AnyOf(fitting)));
        return;
      }
      if (std::find(entry->labels.begin(), entry->labels.end(), label) != entry->labels.end()) {
        reader_.Error(FieldReader::kRepeated, node.where,
                      StrCat("the label `", label, "` is named twice"), "", "remove one of them");
        return;
      }
      entry->labels.emplace_back(label);
    };
    if (value.IsSequence()) {
      if (value.items.empty()) {
        reader_.Error(FieldReader::kEmpty, value.where, "`label` is empty", "",
                      "name at least one label, or leave the key out");
      }
      for (const YamlNode& item : value.items) read(item);
    } else {
      read(value);
    }
    *good = *good && !entry->labels.empty();
    std::sort(entry->labels.begin(), entry->labels.end());
  }

  NameSet ReadNames(const YamlNode& value, std::string_view key, Names* names, bool* good) {
    NameSet out;
    const auto read = [&](const YamlNode& node) {
      const std::optional<std::string> name = reader_.Text(node, key);
      if (!name) return;
      if (name->size() > kNameMax || (key == "region" && !IsWord(*name))) {
        reader_.Error(kRegionForm, node.where,
                      StrCat("the ", key, " ", Quoted(*name), " is not well formed"), "",
                      key == "region"
                          ? "use lower-case letters, digits, `_` and `-`, such as `mainland`"
                          : StrCat("a name has at most ", kNameMax, " bytes"));
        return;
      }
      const uint32_t id = names->Add(*name);
      if (std::find(out.begin(), out.end(), id) != out.end()) {
        reader_.Error(FieldReader::kRepeated, node.where,
                      StrCat("the ", key, " ", Quoted(*name), " is named twice"), "",
                      "remove one of them");
        return;
      }
      out.push_back(id);
    };
    if (value.IsSequence()) {
      if (value.items.empty()) {
        reader_.Error(FieldReader::kEmpty, value.where, StrCat("`", key, "` is empty"), "",
                      StrCat("name at least one ", key, ", or leave the key out"));
      }
      for (const YamlNode& item : value.items) read(item);
    } else {
      read(value);
    }
    *good = *good && !out.empty();
    std::sort(out.begin(), out.end());
    return out;
  }

  void ReadBounds(const YamlNode& node, Entry* entry) {
    const YamlNode* decision = node.Find("decision");
    const YamlNode* at_least = node.Find("at_least");
    const YamlNode* at_most = node.Find("at_most");
    constexpr std::string_view kHelp =
        "write `decision: allow`, `review`, `block` or `as_rule`; or bounds for what the rule "
        "asks, "
        "`at_least: review` or `at_most: review`";
    if (decision == nullptr && at_least == nullptr && at_most == nullptr) {
      reader_.Error(kDecisionForm, KeyOf(node), "the entry does not say what to decide", "",
                    std::string(kHelp));
      return;
    }
    if (decision != nullptr && (at_least != nullptr || at_most != nullptr)) {
      reader_.Error(kDecisionForm, decision->where,
                    "the entry has both a decision and bounds for one", "", std::string(kHelp));
    }
    if (decision != nullptr) {
      const int choice = reader_.Choice(*decision, kEntryDecisions, "decision");
      if (choice >= 0 && choice < 3) entry->least = entry->most = static_cast<Decision>(choice + 1);
    }
    if (at_least != nullptr) {
      const int choice = reader_.Choice(*at_least, kDecisions, "decision");
      if (choice >= 0) entry->least = static_cast<Decision>(choice + 1);
    }
    if (at_most != nullptr) {
      const int choice = reader_.Choice(*at_most, kDecisions, "decision");
      if (choice >= 0) entry->most = static_cast<Decision>(choice + 1);
    }
    if (entry->least > entry->most) {
      reader_.Error(kBoundsCrossed, at_least->where,
                    StrCat("`at_least: ", Name(entry->least),
                           "` is stricter than `at_most: ", Name(entry->most), "`"),
                    "", "swap them, or write one `decision`");
    }
  }

  void ReadIncomplete(const YamlNode& node) {
    if (!node.IsSequence()) {
      IncompleteEntry entry;
      if (ReadIncompleteDecision(node, &entry)) incomplete_.push_back(std::move(entry));
      return;
    }
    if (node.items.empty()) {
      reader_.Error(FieldReader::kEmpty, node.where, "`on_incomplete` is empty", "",
                    "write `on_incomplete: review`, or leave the key out");
    }
    for (const YamlNode& item : node.items) {
      if (!reader_.IsMapping(item, "an item of `on_incomplete`",
                             "{when: {surface: file}, decision: block}")) {
        continue;
      }
      CheckKeys(item, kIncompleteKeys, "an item of `on_incomplete`");
      IncompleteEntry entry;
      bool good = true;
      if (const YamlNode* when = item.Find("when")) {
        good = reader_.IsMapping(*when, "when", "when: {surface: file}");
        if (good) {
          CheckKeys(*when, kIncompleteWhenKeys, "`when` of `on_incomplete`");
          good = ReadWhere(*when, &entry.where);
        }
      }
      const YamlNode* decision = item.Find("decision");
      if (decision == nullptr) {
        reader_.Error(FieldReader::kMissingKey, KeyOf(item), "the item has no `decision`", "",
                      StrCat("it is ", AnyOf(kDecisions)));
        continue;
      }
      if (ReadIncompleteDecision(*decision, &entry) && good)
        incomplete_.push_back(std::move(entry));
    }
  }

  bool ReadIncompleteDecision(const YamlNode& node, IncompleteEntry* entry) {
    const int choice = reader_.Choice(node, kDecisions, "decision");
    if (choice < 0) return false;
    entry->decision = static_cast<Decision>(choice + 1);
    if (entry->decision == Decision::kAllow) {
      reader_.Warn(kIncompletePasses, node.where,
                   "content that could not be checked passes under this policy", "",
                   "write `review` unless something else checks it");
    }
    return true;
  }

  FieldReader reader_;
  std::string id_;
  std::vector<Entry> entries_;
  std::vector<IncompleteEntry> incomplete_;
  Names regions_;
  Names tenants_;
};

}  // namespace

Policy::ParseResult Policy::Parse(const rules::SourceFile& source) {
  ParseResult result;
  const std::optional<YamlNode> root = rules::ParseYaml(source, 0, &result.diagnostics);
  if (!root) return result;
  PolicyParser parser(&result.diagnostics);
  parser.Parse(*root);
  rules::SortBySource(&result.diagnostics);
  if (!rules::HasErrors(result.diagnostics)) result.policy = parser.Build(source.text);
  return result;
}

}  // namespace winnow::policy
