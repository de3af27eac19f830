// What is refused before any work is done. Each refusal names field, limit, actual value and
// remedy, and the first one found ends the validation. Pure functions; any thread. Inside the room
// only.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/domain/checks.h"
#include "service/domain/uuid.h"

namespace winnow::domain {

// Whether the verdict will be stored, and so needs a content id.
enum class Keep { kStored, kNotStored };

// Whether it may stand in "tenants/{tenant}".
bool ValidTenant(std::string_view tenant);

absl::Status ValidateContent(const ContentCheck& check, const Limits& limits, Keep keep);
// The same for content `i` of a batch that will be stored.
absl::Status ValidatePlain(const PlainBatch& batch, size_t i, const Limits& limits);
// True only where ValidatePlain() finds nothing but perhaps the tenant invalid; in a few
// instructions.
bool IsPlainlyValid(const PlainBatch& batch, size_t i, const Limits& limits);

absl::Status ValidateFileHeader(const FileHeader& header, const Limits& limits);

// nullopt for an empty one.
absl::StatusOr<std::optional<Uuid>> ValidateRequestId(std::string_view request_id,
                                                      std::string_view field);

}  // namespace winnow::domain
