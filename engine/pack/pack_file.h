// A pack's bytes, for this room only. The format is docs/formats/pack.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/match/program.h"
#include "engine/pack/pack.h"

namespace winnow::pack {

// docs/formats/pack.md says what each version changed. What an earlier one compiled is not read:
// such a pack is compiled again from its source.
inline constexpr uint32_t kPackFormatVersion = 5;

// What a compiled pack is made of, before it has bytes.
struct PackContents {
  PackInfo info;  // id, term_count and regex_count are the maker's; the rest is filled in
  std::vector<RuleInfo> rules;
  std::vector<LayerInfo> layers;     // first the bundled one
  std::vector<TenantRules> tenants;  // in order of layer; `unheard` is filled in
  std::vector<DisabledRule> disabled;
  std::vector<rules::SourceFile> sources;
  std::shared_ptr<const match::Program> program;
};

// Gives it a revision and bytes.
std::shared_ptr<const Pack> FinishPack(PackContents contents);

// The sources with paths as a pack stores them: without the folder they share, so that a pack's
// digest does not depend on where its source lay.
std::vector<rules::SourceFile> StorablePaths(const std::vector<rules::SourceFile>& sources);

// Where a file's parts lie. Views into its bytes.
struct Layout {
  uint32_t version = 0;
  std::string_view header;      // with the manifest's digest
  std::string_view manifest;    // verified against it
  std::string_view signatures;  // all that follows the manifest: empty, or a block of signatures
};

// Verifies the header and the manifest's digest. Statuses as LoadPack().
absl::StatusOr<Layout> LayoutOf(std::string_view bytes);

// What a block of signatures says; nullopt for an empty one. DATA_LOSS: damaged;
// FAILED_PRECONDITION: a later version of it.
struct SignatureBlock {
  Release release;
  std::string_view signed_release;  // the release as its signatures cover it
  struct Signature {
    std::string_view key_id, bytes;
  };
  std::vector<Signature> signatures;  // at least one, at most kSignaturesMax
};
inline constexpr size_t kSignaturesMax = 16;
absl::StatusOr<std::optional<SignatureBlock>> ParseSignatures(std::string_view block);

absl::Status Damaged(std::string_view what);

// Little-endian numbers of `bytes` bytes.
void PutFixed(uint64_t n, int bytes, std::string* out);
uint64_t GetFixed(std::string_view in, size_t at, int bytes);

}  // namespace winnow::pack
