// Pack and policy from the operator's files to what checks use.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/checker.h"

namespace winnow {

struct RuleFiles {
  std::string pack, policy;  // paths
  std::string trusted_keys;  // file or folder of public keys; empty: none
  bool unsigned_ok = false;  // whether a pack that nobody signed is taken
};

// Reads and verifies both. The refusals are those that proto/winnow/v1/pack_service.proto lists, as
// domain errors with the path as metadata; each message names the file and the remedy:
//   FAILED_PRECONDITION  PACK_NOT_FOUND (or unreadable), PACK_INVALID, PACK_TOO_NEW,
//   POLICY_INVALID,
//                        PACK_UNSIGNED, PACK_KEY_UNKNOWN, PACK_SIGNATURE_INVALID,
//                        PACK_NOT_YET_VALID, PACK_EXPIRED, TRUSTED_KEYS_INVALID
//   DATA_LOSS            PACK_DAMAGED
// Keys are read anew each time, so that one is added or withdrawn with a reload.
// The files may be replaced while they are read: what was read is verified as a whole. Thread safe;
// takes seconds where the pack must be compiled again for this machine.
absl::StatusOr<std::shared_ptr<const Checker>> LoadRuleFiles(const RuleFiles& files,
                                                             absl::Time now);

}  // namespace winnow
