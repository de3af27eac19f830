// Layers of rules: the bundled ones, an operator's above them, each tenant's above those. Private
// to this room; docs/rules.md describes the files.
//
// What layers say does not depend on the order in which they are read: no two of one level may
// speak of the same rule.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/rules/diagnostics.h"
#include "engine/rules/model.h"
#include "engine/rules/yaml_reader.h"

namespace winnow::rules {

// Where a rule's id was first given, by which layer.
struct IdPlace {
  SourceRange where;
  uint32_t layer = 0;
};
using IdPlaces = absl::flat_hash_map<std::string, IdPlace>;

// Whether `path` is that of a file which makes its folder a layer.
bool IsLayerFile(std::string_view path);

// Collects the layers of a set of sources and then applies them. Not thread safe.
class LayerReader {
 public:
  // All must outlive the reader. Begins `rules->layers` with the bundled one.
  LayerReader(RuleSet* rules, std::vector<Diagnostic>* out);

  // Reads the layer.yaml that is the source `file`. All before the first OfFile().
  void Read(const YamlNode& root, int file);

  // The layer that a source belongs to: the innermost whose folder holds it. O(layers).
  uint32_t OfFile(std::string_view path) const;

  // Checks what the layers say of rules, once all are parsed, and does what operators' say: rules
  // that they disable leave the set. What tenants' say stays in the layers. `ids` are all that were
  // given, of rules that could not be used as well. O(rules + changes), and O(rules) more for each
  // id that there is not.
  void Apply(const IdPlaces& ids);

 private:
  void ReadChanges(const YamlNode& node, Layer* layer);
  void CheckPlace(const Layer& layer);
  bool Check(uint32_t layer, const LayerChange& change, const IdPlaces& ids) const;

  RuleSet& rules_;
  std::vector<Diagnostic>* const out_;
  std::vector<bool> says_more_;  // by layer: whether it has more than its name to say
};

}  // namespace winnow::rules
