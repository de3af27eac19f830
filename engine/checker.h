// The engine's front door: content in, result out. What a program embedding Winnow includes.
//
//   auto pack = winnow::pack::LoadPack("bundled.pack").value();
//   winnow::Checker checker(pack, winnow::DefaultPolicy());
//   winnow::Content content{.surface = winnow::Surface::kOrder,
//                           .fields = {{.key = "note", .bytes = "..."}}};
//   winnow::CheckResult result = checker.Check(content).value();
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/interned.h"
#include "engine/pack/pack.h"
#include "engine/policy/policy.h"
#include "engine/rules/taxonomy.h"
#include "engine/text/span.h"

namespace winnow {

// One named text. `bytes` must outlive the check.
struct Field {
  std::string_view key;  // the caller's name for it: "title", "note"
  std::string_view bytes;
  std::string_view charset;  // hint; empty: UTF-8 if valid, else BOM, else detected
  bool valid_utf8 = false;   // known to be valid UTF-8 (a proto string): saves a pass
};

struct Content {
  Surface surface = Surface::kUnspecified;
  std::string_view region;
  std::string_view tenant;
  std::vector<Field> fields;
};

// Whether everything was looked at. OK with kComplete and no findings means: all of it was scanned
// and is clean.
enum class Completeness : uint8_t { kUnspecified = 0, kComplete = 1, kPartial = 2, kFailed = 3 };

// Why part of a content was not looked at. Numbers are stored.
enum class ShortfallReason : uint8_t {
  kUnspecified = 0,
  kUnsupportedFormat = 1,  // a file of a format that this build does not read
  kLimitReached = 2,       // a limit of the engine; `limit` names it
  kUndecodable = 3,        // more than a trifle of the bytes could not be decoded as text
  kDeadline = 4,           // the caller's time ran out
};

struct Shortfall {
  ShortfallReason reason = ShortfallReason::kUnspecified;
  std::string part;    // field or file part it concerns
  std::string limit;   // name of the limit, where there is one
  std::string detail;  // for people, English
};

// One rule's match. Self-contained: it outlives the pack.
struct Finding {
  std::string rule_id;
  Category category = Category::kUnspecified;
  std::string label;
  Severity severity = Severity::kUnspecified;
  Decision decision = Decision::kUnspecified;  // what the policy made of it
  std::string field;
  uint64_t begin = 0, end = 0;  // of the original, in CheckOptions::offset_unit
  text::View view = text::View::kFolded;
  text::EvasionMask evasions = 0;
  std::string excerpt;  // decoded text around the match; empty unless asked for
  uint32_t excerpt_begin = 0, excerpt_end = 0;  // the match inside the excerpt, bytes
  std::string reason_en, reason_zh;
  // Whose word the rule's action was before the policy: the rule's own layer, or the highest that
  // changed it.
  pack::LayerInfo layer;
};

struct CategoryResult {
  Category category = Category::kUnspecified;
  std::string label;
  Decision decision = Decision::kUnspecified;
  Severity severity = Severity::kUnspecified;  // the highest
  uint64_t finding_count = 0;
};

struct CheckResult {
  // Provided, so that making one does not first fill it with zeros: a sixth of a short check.
  CheckResult() noexcept {}

  Decision decision = Decision::kUnspecified;
  Completeness completeness = Completeness::kUnspecified;
  std::vector<Shortfall> shortfalls;
  std::vector<CategoryResult> categories;  // strictest first, then by category and label
  std::vector<Finding> findings;           // by field, begin, end, rule id
  bool findings_truncated = false;
  uint64_t finding_count = 0;  // with those not kept
  Interned pack_revision;
  Interned policy_revision;
  // Of the first field that was not plain UTF-8; else "UTF-8". "GB18030 or Big5" when few bytes,
  // whose charset nobody told, may as well be of either: then both readings were scanned, and the
  // result is the stricter of the two, with spans in the bytes whichever it was. (A file only when
  // it is shorter than 4 KiB; a longer one shows what it is.)
  std::string detected_charset;
  uint64_t replacements = 0;  // ill-formed sequences, all fields
  uint64_t text_bytes = 0;    // decoded bytes looked at
  text::OffsetUnit offset_unit = text::OffsetUnit::kBytes;
};

struct CheckOptions {
  text::OffsetUnit offset_unit = text::OffsetUnit::kBytes;
  bool excerpts = false;
  uint32_t excerpt_context_chars = 24;
  uint32_t findings_max = 1000;
  // Asked at the start, then about once in 64 KiB of text and between the rules that matched
  // something; true ends the check with DEADLINE_EXCEEDED. The engine has no clock of its own.
  std::function<bool()> expired;
};

// Checks contents against one pack and one policy. Any thread: each check borrows a working set
// (Hyperscan scratch, buffers) from a pool that grows to the number of concurrent checks.
class Checker {
 public:
  Checker(std::shared_ptr<const pack::Pack> pack, std::shared_ptr<const policy::Policy> policy);
  ~Checker();
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  // INVALID_ARGUMENT: unknown charset (names the field). DEADLINE_EXCEEDED: `expired` said so.
  // INTERNAL: the matcher failed; never reported as a clean result.
  // Field contents are otherwise never refused: limits on size are the caller's.
  absl::StatusOr<CheckResult> Check(const Content& content, const CheckOptions& options = {}) const;

  // A file arriving in pieces, at constant memory. Text files are scanned as they come; other
  // formats give a kUnsupportedFormat shortfall and at least what the policy says for incomplete
  // checks.
  class FileCheck {
   public:
    virtual ~FileCheck() = default;
    // DEADLINE_EXCEEDED as above; afterwards the check is dead.
    virtual absl::Status Feed(std::string_view bytes) = 0;
    virtual absl::StatusOr<CheckResult> Finish() = 0;
  };
  struct FileInput {
    std::string file_name;  // the part's name in findings and shortfalls; its format is not trusted
    std::string charset;    // hint
    Surface surface = Surface::kFile;
    std::string region, tenant;
  };
  // INVALID_ARGUMENT: unknown charset. The FileCheck keeps pack and policy alive, not the Checker.
  absl::StatusOr<std::unique_ptr<FileCheck>> StartFile(const FileInput& input,
                                                       const CheckOptions& options = {}) const;

  const pack::Pack& pack() const;
  const policy::Policy& policy() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// Each rule's own decision, REVIEW for what could not be checked.
std::shared_ptr<const policy::Policy> DefaultPolicy();

// The names used in JSON, logs and docs ("complete", "unsupported_format").
std::string_view Name(Completeness c);
std::string_view Name(ShortfallReason r);

}  // namespace winnow
