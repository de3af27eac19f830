// From the engine's result to what the store holds of one verdict. Inside the room only.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "service/domain/core.h"
#include "service/domain/uuid.h"
#include "service/domain/verdict.h"

namespace winnow::domain {

// Of a batch: small enough that it spreads over the pool, large enough that a slice outweighs its
// task.
inline constexpr size_t kSliceItems = 16;
// Keeps one transaction well below what a store takes at a time.
inline constexpr size_t kCommitBytesMax = 4 << 20;

// What callers are told when the engine gives no result: CHARSET_UNKNOWN or INTERNAL.
absl::Status NotJudged(const absl::Status& status);

// A verdict on its way into the store.
struct StoredVerdict {
  Verdict verdict;
  std::optional<Uuid> request_id;
  std::string body_digest;  // with a request id
  Uuid id;
  std::string record;
};

// For one outside of blocks: gives it its id and create time and makes its record; of findings that
// no record has room for, fewer are kept. INTERNAL when `ids` gives no UUID.
absl::Status Identify(IdGenerator& ids, StoredVerdict* stored);
// Everything that it then has in the store: record and index entries.
void PutSingly(const Core& core, const StoredVerdict& stored, Transaction& transaction);

// For one that a block has given its id.
void NameBlocked(StoredVerdict* stored);

}  // namespace winnow::domain
