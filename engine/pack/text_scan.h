// Scanning single texts with a program as a check does, for what authors ask about their rules.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/match/matcher.h"
#include "engine/rules/taxonomy.h"
#include "engine/text/normalizer.h"

namespace winnow::pack {

// One text at a time; keep one for many texts. Not thread safe.
class TextScanner {
 public:
  // `program` must outlive it.
  explicit TextScanner(const match::Program& program);

  // Every match of every rule in `text`, valid UTF-8, as the only field of a content on `surface`;
  // positions in code points. `inspect` (may be null) is given every hit; see
  // Matcher::Options. INTERNAL when the matching library fails.
  absl::StatusOr<match::ScanOutcome> Scan(
      std::string_view text, Surface surface,
      const std::function<void(const match::HitTable&)>* inspect = nullptr);
  // The same as if the content stood on each of `surfaces`: what any of them would find.
  absl::StatusOr<match::ScanOutcome> ScanOn(
      std::string_view text, SurfaceMask surfaces,
      const std::function<void(const match::HitTable&)>* inspect = nullptr);

 private:
  const match::Program& program_;
  std::unique_ptr<text::Normalizer> normalizer_;
  std::unique_ptr<match::Matcher> matcher_;
};

// The surface on which a rule's texts are tried where nothing else is said.
Surface FirstOf(SurfaceMask surfaces);

}  // namespace winnow::pack
