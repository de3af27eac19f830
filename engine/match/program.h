// The compiled form of a pack's rules: pattern databases for each view and the conditions over
// their hits. Built once, then immutable and shared by any number of threads. The only room that
// knows Hyperscan.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/text/checksum.h"
#include "engine/text/span.h"

namespace winnow::match {

// A thing to find. Several rules may share one.
struct Leaf {
  enum class Kind : uint8_t { kLiteral = 0, kRegex = 1, kParts = 2 };
  Kind kind = Kind::kLiteral;
  // kLiteral: the term as it stands in each view (index text::View; empty: not sought there).
  // kRegex: the expression, matched against each view in `views`.
  // kParts: no condition names it. Where what stands in a view's `in_view` is met, literals are
  // also sought as if `whole` stood in its place (see parts_reader.h).
  std::string in_view[text::kViewCount];
  text::ViewSet views = 0;
  bool border_begin = false;  // the match must begin at a word border
  bool border_end = false;
  text::EvasionMask evasions = 0;  // what a match undoes beyond what its place says
  char32_t whole = 0;              // kParts: the ideograph
  bool ordinary = false;           // kParts: read so only beside other parts
  // kRegex: what a match must satisfy to be one; of matches that hold one another, the longest is
  // asked.
  text::Checksum checksum = text::Checksum::kNone;
  uint32_t source = 0;  // the caller's number for diagnostics (a term's or regex's ordinal)
};

enum class Op : uint8_t { kLeaves = 0, kAny = 1, kAll = 2, kNot = 3, kNear = 4 };
enum class Scope : uint8_t { kField = 0, kSentence = 1, kCharacters = 2 };

// A rule's condition tree, flattened: children of a node are nodes[first_child..+child_count) in
// `child_index`, leaves of a kLeaves node are leaf_index[first_child..+child_count).
struct Node {
  Op op = Op::kLeaves;
  Scope scope = Scope::kField;
  bool ordered = false;
  uint32_t characters = 0;
  uint32_t first_child = 0;
  uint32_t child_count = 0;
};

struct RuleCondition {
  uint32_t match = 0;   // index of the root node
  int64_t unless = -1;  // index of the root node; -1: none
  Scope unless_scope = Scope::kField;
  uint32_t unless_characters = 0;
  uint32_t surfaces = 0;  // SurfaceMask: the rule is not evaluated elsewhere
};

struct ProgramSpec {
  std::vector<Leaf> leaves;
  std::vector<Node> nodes;
  std::vector<uint32_t> child_index;
  std::vector<uint32_t> leaf_index;
  std::vector<RuleCondition> rules;
};

// Why a pattern was refused, in the author's terms.
struct PatternProblem {
  uint32_t leaf = 0;  // index into ProgramSpec::leaves; of nodes for kTooManyGroups
  enum class Kind { kSyntax, kUnbounded, kTooWide, kMatchesEmpty, kTooLarge, kTooManyGroups };
  Kind kind = Kind::kSyntax;
  std::string message;
};

// A pattern matches at most this many bytes of a view, hence at most as many characters: 256
// characters of the widest kind, 341 ideographs, 1,024 ASCII letters.
// NormalizerOptions::max_match_chars must be at least this.
inline constexpr uint32_t kMaxMatchBytes = 1024;

// A `near` relates at most this many groups: deciding it costs up to 2^(groups-1) steps a hit.
inline constexpr uint32_t kMaxNearGroups = 8;

class Program {
 public:
  virtual ~Program() = default;

  struct BuildResult {
    std::shared_ptr<const Program> program;  // null when there are problems
    std::vector<PatternProblem> problems;    // all of them
  };
  // Compiles. INTERNAL when the library fails for a reason that is not the pattern's.
  static absl::StatusOr<BuildResult> Build(ProgramSpec spec);

  // Stored sections, named; a pack stores them and their digests. Load() trusts its input: the
  // caller has verified it, and keeps the bytes as long as the program: much of them is read only
  // when it is first needed. FAILED_PRECONDITION when the databases were built for another CPU or
  // library version (rebuild from source then); DATA_LOSS when they do not parse.
  struct Section {
    std::string name;
    std::string bytes;
  };
  virtual std::vector<Section> Serialize() const = 0;
  struct SectionView {
    std::string_view name;
    std::string_view bytes;
  };
  static absl::StatusOr<std::shared_ptr<const Program>> Load(
      const std::vector<SectionView>& sections);

  virtual text::ViewSet views() const = 0;
  virtual size_t rule_count() const = 0;
  virtual size_t memory_bytes() const = 0;

  // "hyperscan 5.4.0" or "vectorscan 5.4.9", and the CPU features databases are built for.
  static std::string EngineName();
  static std::string PlatformName();
};

}  // namespace winnow::match
