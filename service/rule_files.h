// Pack and policy from the operator's files to what checks use.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/checker.h"

namespace winnow {

// Reads and verifies both. The refusals are those that proto/winnow/v1/pack_service.proto lists, as
// domain errors with the path as metadata; each message names the file and the remedy:
//   FAILED_PRECONDITION  PACK_NOT_FOUND (or unreadable), PACK_INVALID, PACK_TOO_NEW, POLICY_INVALID
//   DATA_LOSS            PACK_DAMAGED
// The files may be replaced while they are read: what was read is verified as a whole. Thread safe;
// takes seconds where the pack must be compiled again for this machine.
absl::StatusOr<std::shared_ptr<const Checker>> LoadRuleFiles(const std::string& pack_path,
                                                             const std::string& policy_path);

}  // namespace winnow
