// A pack: a compiled, versioned set of rules in one file. Stored format: docs/formats/pack.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/base/read_file.h"
#include "engine/rules/diagnostics.h"
#include "engine/rules/model.h"
#include "engine/rules/taxonomy.h"
#include "engine/text/span.h"

namespace winnow::match {
class Program;
}

namespace winnow::pack {

// What a rule means, as every verdict quotes it.
struct RuleInfo {
  std::string id;
  Category category = Category::kUnspecified;
  std::string label;
  Severity severity = Severity::kUnspecified;
  Decision action = Decision::kUnspecified;
  SurfaceMask surfaces = kAllSurfaces;
  rules::RuleStatus status = rules::RuleStatus::kStable;
  std::string reason_en, reason_zh;
  uint32_t layer = 0;    // whose rule it is, index into Pack::layers()
  uint32_t amender = 0;  // the operator's layer that changed what is said above; 0: none
};

// A layer that the pack was built from.
struct LayerInfo {
  rules::LayerKind kind = rules::LayerKind::kUnspecified;
  std::string name;  // a tenant's id; empty: bundled

  bool operator==(const LayerInfo&) const = default;
};

// What holds of a rule for one tenant, whose layer speaks of it.
struct TenantChange {
  uint32_t rule = 0;
  bool disabled = false;
  Decision action = Decision::kUnspecified;
  Severity severity = Severity::kUnspecified;
  rules::RuleStatus status = rules::RuleStatus::kStable;
};

// What is other for one tenant.
struct TenantRules {
  uint32_t layer = 0;                 // index into Pack::layers(); 0: of tenants without a layer
  std::vector<TenantChange> changes;  // in order of `rule`
  std::vector<uint64_t> unheard;      // a bit a rule: disabled, or another tenant's

  // Null where the layer says nothing of the rule. O(log changes).
  const TenantChange* Of(uint32_t rule) const;
};

// A rule that an operator's layer took out of the pack.
struct DisabledRule {
  std::string id;
  uint32_t layer = 0;  // that says so, index into Pack::layers()
};

// What a signed pack says of itself. As true as its signatures: see engine/pack/signature.h.
struct Release {
  uint64_t sequence = 0;                // greater than that of every earlier release of the pack
  absl::Time issue_time, expire_time;   // in whole seconds
  std::vector<std::string> signer_ids;  // of the keys that it names, in 16 hexadecimal digits
};

struct PackInfo {
  std::string id;             // "bundled"
  std::string revision;       // "packs/{id}/revisions/{first 12 hex digits of source_digest}"
  std::string source_digest;  // SHA-256 of the rule files and their lists, lower-case hex
  uint32_t format_version = 0;
  std::string tool_version;  // the winnow that built it
  std::string engine;        // "hyperscan 5.4.0": what compiled the databases
  std::string platform;      // the CPU features they were compiled for
  bool recompiled = false;   // built from the embedded source: see LoadPack()
  uint64_t file_bytes = 0;
  uint32_t rule_count = 0, term_count = 0, regex_count = 0;
  std::optional<Release> release;  // of a signed pack; not verified by loading it
};

// Immutable; any thread. Shared: a check keeps the pack it began with.
class Pack {
 public:
  virtual ~Pack() = default;
  virtual const PackInfo& info() const = 0;
  virtual absl::Span<const RuleInfo> rules() const = 0;
  virtual const match::Program& program() const = 0;
  // First the bundled one. What operators' layers say is done when the pack is built; what tenants'
  // say, when one of their contents is judged.
  virtual absl::Span<const LayerInfo> layers() const = 0;
  virtual absl::Span<const DisabledRule> disabled() const = 0;
  // In order of layer; without the one that stands for all others.
  virtual absl::Span<const TenantRules> tenants() const = 0;
  // What is other for the tenant; null in a pack without tenants' layers. One look-up of a hash.
  virtual const TenantRules* ForTenant(std::string_view tenant) const = 0;
  // The rule files and the lists that they name.
  virtual const std::vector<rules::SourceFile>& sources() const = 0;
  // The file's bytes as WritePack stores them.
  virtual std::string_view bytes() const = 0;
  // What it keeps in memory, by its own account: programs, bytes, sources. Grows a little as
  // expressions hit for the first time.
  virtual size_t memory_bytes() const = 0;
};

struct CompileOptions {
  std::string id = "bundled";
  // Which views rules may ask for etc. are properties of this build; nothing to choose yet.
};

struct CompileResult {
  std::vector<rules::Diagnostic> diagnostics;  // the parser's and the compiler's, in source order
  std::shared_ptr<const Pack> pack;            // null when there is an error
  std::vector<rules::SourceFile> sources;      // those given, for Render()
  rules::RuleSet rules;                        // for `rules test`; in the order of the pack's
  // By match::Leaf::source: the term or expression as it was first written.
  std::vector<rules::Located> leaf_sources;
};

// Parses and compiles. The same sources and tool give the same bytes apart from the databases.
// Thread safe; seconds of CPU for large packs.
CompileResult CompilePack(std::vector<rules::SourceFile> sources, const CompileOptions& options);

// Compiles one rule of a set without errors by itself, for what it costs alone. `index` is its
// place in `rules.rules`. INTERNAL when the matching library fails.
absl::StatusOr<std::shared_ptr<const match::Program>> CompileAlone(const rules::RuleSet& rules,
                                                                   size_t index);

// Reads every .yaml file under `paths` (files or directories, recursively, in path order; files
// named taxonomy.yaml and policy.yaml and folders named schema, policy and corpus are not rules),
// and behind them, in path order, the lists that they name and every other .txt file of a folder
// named `lists`, so that what nobody names is told. A file layer.yaml makes its folder a layer. A
// list that cannot be read is given with its `problem`; one that does not exist is left out, for
// CompilePack() to tell where it is named. A path that ends in .pack stands for what that pack was
// built from, in a folder of its name. NOT_FOUND with the path, INVALID_ARGUMENT when there is
// no rule file at all or one is too large, PERMISSION_DENIED or UNAVAILABLE when a rule file or a
// folder cannot be read; of packs LoadPack()'s statuses.
absl::StatusOr<std::vector<rules::SourceFile>> ReadRuleFiles(const std::vector<std::string>& paths);

// Writes atomically: a temporary file beside `path`, fsync, rename.
absl::Status WritePack(const Pack& pack, const std::string& path);

// Reads the file whole: it may be replaced or overwritten while the pack is in use. A pack built
// for another machine or matching library, or in an older format, is compiled again from its
// source, which takes as long as building it did; any other of 100,000 terms and 2,000 expressions
// loads in less than 50 milliseconds on two cores. NOT_FOUND: no such file; PERMISSION_DENIED:
// unreadable; INVALID_ARGUMENT: not a pack, or one built for another machine whose source does not
// compile here; FAILED_PRECONDITION: a newer format than this build reads; DATA_LOSS: damaged
// (names the part). Every byte is verified against SHA-256 before it is parsed. A digest is no
// signature: load only packs whose origin you trust, or ask JudgePack() first.
absl::StatusOr<std::shared_ptr<const Pack>> LoadPack(const std::string& path);
absl::StatusOr<std::shared_ptr<const Pack>> LoadPackBytes(std::string bytes);

// The same in two steps, between which the bytes can be judged: what was judged is what is loaded.
// ReadPackFile() gives LoadPack()'s statuses of what cannot be read and of what is too large for a
// pack; messages of LoadPackBytes() do not name the file.
absl::StatusOr<FileBytes> ReadPackFile(const std::string& path);
absl::StatusOr<std::shared_ptr<const Pack>> LoadPackBytes(FileBytes bytes);

}  // namespace winnow::pack
