// The inside of a Program, for this room only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/match/hs_handles.h"
#include "engine/match/literal_index.h"
#include "engine/match/program.h"
#include "engine/match/start_finder.h"
#include "engine/match/waking.h"

namespace winnow::match {

class CompiledProgram final : public Program {
 public:
  // One view's pattern databases; the pattern id is the leaf's index. Null: nothing is sought.
  // Literals that the index has no anchor for and expressions are apart because Hyperscan scans a
  // database of nothing but literals with far less machinery.
  struct ViewDatabases {
    // Of literals, and of what gates ask for: a hit of an expression's leaf opens its gate.
    LiteralIndex index;
    DatabasePtr literals;
    // Expressions that are always sought, since they may make a rule hold and have no gate, and
    // those that are sought only where a rule may hold with them: where their gates are open, or
    // beside terms or expressions of the first kind. Each is one for all views that seek the same
    // expressions, as most packs' do.
    std::shared_ptr<hs_database_t> regexes[2];
    // Whether some kBeside expression has no gate.
    bool beside_ungated = false;
  };
  static constexpr int kAlone = 0, kBeside = 1;
  // The sections' names, by kind.
  static constexpr std::string_view kRegexSections[2] = {"regexes", "regexes_beside"};

  // Derives everything but the databases. `spec` must be well formed (see ValidSpec()).
  explicit CompiledProgram(ProgramSpec spec);

  // By leaf, whether the indexes ask for the expression's gate (see Gate) in each of its views, and
  // whether a number opens it. Call once; KindOf(), BesideOf() and waking() are known then.
  void SetGated(std::vector<bool> gated, const std::vector<bool>& numbers);

  std::vector<Section> Serialize() const override;
  text::ViewSet views() const override { return views_; }
  size_t rule_count() const override { return spec.rules.size(); }
  size_t memory_bytes() const override;

  // How hits wake rules.
  const Waking& waking() const { return waking_; }

  // Whether the expression is sought only where its gate is open.
  bool Gated(uint32_t leaf) const { return gated_[leaf]; }

  // In what share of ordinary texts a rule whose `match` has this root is judged, about.
  double OftenJudged(uint32_t root) const;

  // kAlone or kBeside, of an expression.
  int KindOf(uint32_t leaf) const { return alone_[leaf] ? kAlone : kBeside; }
  // The kBeside expressions that judging the rule takes.
  std::span<const uint32_t> BesideOf(uint32_t rule) const { return beside_of_rule_[rule]; }

  // The rules that the leaf is part of, be it in a `not` or in `unless`.
  std::span<const uint32_t> RulesOf(uint32_t leaf) const { return rules_of_leaf_[leaf]; }

  // What a scan asks of a leaf at each hit, in a byte: whether it is an expression, where a literal
  // must stand at word borders, and whether it is a guard (see Waking): where none of any rule's
  // hit, none can hold.
  enum Trait : uint8_t {
    kBorderBegin = 1,
    kBorderEnd = 2,
    kExpression = 4,
    kGuard = 8,
    kParts = 16
  };
  uint8_t TraitsOf(uint32_t leaf) const { return traits_[leaf]; }

  // The bytes of the longest literal of the folded view with a space in it; 0: there is none.
  size_t spaced_bytes_max() const { return spaced_bytes_max_; }

  // Tells programs apart for scratch sizing, for the life of the process.
  uint64_t serial() const { return serial_; }

  // Calls `visit(hs_database_t*)` for every database but the start finders'.
  template <typename F>
  void ForEachDatabase(F visit) const {
    for (int v = 0; v < text::kViewCount; ++v) {
      if (databases[v].literals) visit(databases[v].literals.get());
      if (RegexesLike(v) != v) continue;
      for (const auto& regexes : databases[v].regexes) {
        if (regexes) visit(regexes.get());
      }
    }
  }

  // The first view that seeks the same expressions as `view`.
  int RegexesLike(int view) const;

  const ProgramSpec spec;
  ViewDatabases databases[text::kViewCount];
  std::vector<std::unique_ptr<StartFinder>> start_finders;  // by leaf; null for literals
  std::vector<uint32_t> regex_bytes_max;                    // by leaf; widest match

 private:
  text::ViewSet views_ = 0;
  uint64_t serial_;
  bool Ungated(uint32_t leaf) const {
    return spec.leaves[leaf].kind == Leaf::Kind::kRegex && !gated_[leaf];
  }
  // Whether the node can hold by expressions without a gate alone.
  bool AwakeByExpressions(uint32_t node) const;

  Waking waking_;
  size_t spaced_bytes_max_ = 0;
  std::vector<uint8_t> traits_;  // by leaf
  std::vector<bool> gated_;      // by leaf
  std::vector<bool> alone_;      // by leaf
  NumberLists beside_of_rule_;
  NumberLists rules_of_leaf_;
};

// Every index in range, conditions trees of bounded depth that share nothing: what a damaged or
// hostile section could break even behind a correct digest.
absl::Status ValidSpec(const ProgramSpec& spec);

// The spec as stored bytes (docs/formats/pack.md, section "conditions").
std::string EncodeSpec(const ProgramSpec& spec, const std::vector<uint32_t>& regex_bytes_max);
// DATA_LOSS when they do not parse.
absl::StatusOr<ProgramSpec> DecodeSpec(std::string_view bytes,
                                       std::vector<uint32_t>* regex_bytes_max);

}  // namespace winnow::match
