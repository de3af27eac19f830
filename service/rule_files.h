// Pack and policy from the operator's files to what checks use.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/checker.h"
#include "service/domain/rule_archive.h"

namespace winnow {

struct RuleFiles {
  std::string pack, policy;      // paths
  std::string trusted_keys;      // file or folder of public keys; empty: none
  bool bundled = false;          // `pack` is what came with the program, and needs no signature
  bool any_unsigned_ok = false;  // nor does any other
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
absl::StatusOr<domain::IncomingPack> ReadPack(const RuleFiles& files, absl::Time now);
absl::StatusOr<domain::IncomingPolicy> ReadPolicy(const RuleFiles& files);
absl::StatusOr<std::shared_ptr<const Checker>> LoadRuleFiles(const RuleFiles& files,
                                                             absl::Time now);

// The same of a pack's bytes that came from elsewhere, by the keys and the rules of `files`;
// messages call it `name`. `unsigned_ok` takes one without a signature in any case.
absl::StatusOr<domain::IncomingPack> OpenPack(const RuleFiles& files, std::string bytes,
                                              std::string_view name, bool unsigned_ok,
                                              absl::Time now);

}  // namespace winnow
