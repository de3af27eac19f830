// A pack's bytes, for this room only. The format is docs/formats/pack.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/match/program.h"
#include "engine/pack/pack.h"

namespace winnow::pack {

// docs/formats/pack.md says what each version changed. What an earlier one compiled is not read:
// such a pack is compiled again from its source.
inline constexpr uint32_t kPackFormatVersion = 4;

// What a compiled pack is made of, before it has bytes.
struct PackContents {
  PackInfo info;  // id, term_count and regex_count are the maker's; the rest is filled in
  std::vector<RuleInfo> rules;
  std::vector<rules::SourceFile> sources;
  std::shared_ptr<const match::Program> program;
};

// Gives it a revision and bytes.
std::shared_ptr<const Pack> FinishPack(PackContents contents);

// The sources with paths as a pack stores them: without the folder they share, so that a pack's
// digest does not depend on where its source lay.
std::vector<rules::SourceFile> StorablePaths(const std::vector<rules::SourceFile>& sources);

}  // namespace winnow::pack
