// A batch of contents that carry nothing but texts and short names, as nearly all do: what the
// transport reads without making an object of each, and what comes of it. A tenth of the cost of
// the same contents as ContentChecks; the outcome is the same.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/checker.h"
#include "engine/rules/taxonomy.h"
#include "engine/text/span.h"
#include "service/domain/uuid.h"
#include "service/domain/verdict.h"

namespace winnow::domain {

// One content: no request id, no labels, no time of its own. Views into what the batch keeps alive.
struct PlainContent {
  std::string_view content_id, account_id, region, language_hint, client_token;
  // Its texts: PlainBatch::fields from `fields_begin` up to `fields_end`.
  uint32_t fields_begin = 0, fields_end = 0;
  Surface surface = Surface::kUnspecified;
  text::OffsetUnit offset_unit = text::OffsetUnit::kBytes;
  bool include_excerpts = false;
};

// What a verdict keeps of it, with its strings.
ContentRef RefOf(const PlainContent& content);

struct PlainBatch {
  std::string tenant;
  std::vector<PlainContent> contents;
  std::vector<Field> fields;           // of all contents, in their order
  std::optional<absl::Time> deadline;  // monotonic
  std::function<bool()> cancelled;     // the caller has gone; may be empty
  std::shared_ptr<const void> keep_alive;
};

// What came of a PlainBatch.
struct PlainOutcome {
  static constexpr int32_t kClean = -1;
  // By position. Clean: nothing was found, all of it was looked at, it was UTF-8 without a fault,
  // and its verdict is stored under `id`. Everything else it says is in its content and below.
  struct Item {
    Uuid id;
    absl::Duration check_duration;
    int32_t other = kClean;  // or the index into `others`
  };
  std::vector<Item> items;
  std::vector<absl::StatusOr<Verdict>> others;
  // Of all clean ones.
  Interned pack_revision, policy_revision;
};

// The whole verdict of a clean content.
Verdict CleanVerdictOf(const PlainBatch& batch, size_t i, const PlainOutcome& outcome);

}  // namespace winnow::domain
