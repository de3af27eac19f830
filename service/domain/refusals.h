// The refusals that CheckService documents, each made in one place. Inside the room only.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "service/domain/error.h"

namespace winnow::domain {

// FIELD_INVALID: `field` has `actual` of `unit`, but must have `least` to `most`.
absl::Status FieldOutOfRange(std::string_view field, uint64_t least, uint64_t most, uint64_t actual,
                             std::string_view unit);

// INVALID_ARGUMENT.
absl::Status TextTooLarge(std::string_view field, uint64_t limit, uint64_t actual,
                          std::string_view remedy);
absl::Status BatchTooLarge(uint64_t limit, uint64_t actual);
absl::Status FileTooLarge(std::string_view field, uint64_t limit, uint64_t actual);
absl::Status CharsetUnknown(std::string_view field, std::string_view charset);
absl::Status RequestIdReused(std::string_view field, std::string_view request_id);

// ABORTED: another call under the same request id has not ended, or ended without an answer that
// could be shared.
absl::Status RequestInProgress(std::string_view request_id);

// UNAVAILABLE, with a retry delay.
absl::Status Overloaded();
absl::Status Draining();
absl::Status NoPack();

absl::Status DeadlineExceeded();
absl::Status VerdictNotFound(std::string_view name);

// A failure of the store as callers see it: RECORD_DAMAGED, RECORD_TOO_NEW or STORE_UNAVAILABLE.
// Refusals made here pass through unchanged.
absl::Status StoreFailed(const absl::Status& status);
// DATA_LOSS / FAILED_PRECONDITION. `what` names the record.
absl::Status RecordDamaged(std::string_view what, std::string_view why);
absl::Status RecordTooNew(std::string_view what, int version, int known);

}  // namespace winnow::domain
