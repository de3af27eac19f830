// Every rule pack and every decision policy that this server has had, kept in the store, so that
// each verdict can be made again by what made it: a verdict names the revisions of both, and
// CheckerOf() gives them back, ready to check.
//
// A pack revision is its rules ("packs/{pack}/revisions/{12 digits of their digest}"): the same
// rules built again, for another machine or under a newer signature, are the same revision. Of
// several files of one revision the one of the latest release is kept. Nothing is ever removed.
//
// Everything here reads or writes the disk and waits for it: never on a gRPC thread. Thread safe.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/checker.h"
#include "engine/pack/pack.h"
#include "engine/policy/policy.h"
#include "service/domain/ports/clock.h"
#include "service/domain/ports/store.h"

namespace winnow::domain {

// Who asks for an administrative action, and why: kept with it. Nothing here is verified but
// `peer`.
struct Actor {
  std::string name;    // as the caller names itself; "winnowd" for what a server does by itself
  std::string peer;    // where the call came from; empty for what did not come by a call
  std::string reason;  // the caller's words
};

// A pack's file that was judged and loaded.
struct IncomingPack {
  std::shared_ptr<const pack::Pack> pack;
  std::string bytes;               // the whole file, as it came
  std::string path;                // where it was read from; empty: uploaded
  bool accepted_unsigned = false;  // it came with the program, and needs no signature
};

struct IncomingPolicy {
  std::shared_ptr<const policy::Policy> policy;
  std::string source;  // the file's text
  std::string path;
};

// What the archive knows of a pack revision without opening it.
struct ArchivedPack {
  std::string revision;       // "packs/{pack}/revisions/{revision}"
  std::string source_digest;  // SHA-256 of the rules, lower-case hex
  std::string file_digest;    // SHA-256 of the file, 32 bytes
  uint64_t file_bytes = 0;
  uint32_t pieces = 0;
  std::optional<pack::Release> release;
  uint32_t rule_count = 0, term_count = 0, regex_count = 0;
  std::string tool_version;
  uint32_t format_version = 0;
  absl::Time archive_time;
  std::string path;  // empty: uploaded
  bool accepted_unsigned = false;
  Actor actor;

  std::string_view pack_id() const;
};

struct ArchivedPolicy {
  std::string revision;  // "policies/{policy}/revisions/{revision}"
  std::string source;
  std::string path;
  absl::Time archive_time;
};

// Pack and policy to what checks use. The first check of a process fills tables, for a tenth of a
// second or so; it is made here, so that no caller waits for it and a pack that cannot be scanned
// with is refused. Any thread.
absl::StatusOr<std::shared_ptr<const Checker>> MakeChecker(
    std::shared_ptr<const pack::Pack> pack, std::shared_ptr<const policy::Policy> policy);

class RuleArchive {
 public:
  // Neither is owned.
  RuleArchive(Store* store, const Clock* clock) : store_(store), clock_(clock) {}

  // Keeps a pack; durable when it returns. Keeping one that is there already changes nothing,
  // unless the new file is of a later release of it (or the first signed one): then it takes the
  // old one's place. With `strict`, for packs that somebody hands over,
  //   FAILED_PRECONDITION  PACK_ROLLED_BACK      the archive knows a greater release of this pack
  //                        PACK_SEQUENCE_REUSED  another revision has the same release number
  // and always
  //   FAILED_PRECONDITION  PACK_REVISION_TAKEN   other rules whose digest begins alike
  // `also` puts into the transaction what is to be written with a pack that is new, or not at all.
  struct Kept {
    ArchivedPack pack;
    bool changed = false;
  };
  absl::StatusOr<Kept> Keep(const IncomingPack& pack, const Actor& actor, bool strict,
                            absl::FunctionRef<void(Transaction&)> also);
  absl::Status Keep(const IncomingPolicy& policy);

  // NOT_FOUND PACK_REVISION_NOT_FOUND or POLICY_REVISION_NOT_FOUND; DATA_LOSS RECORD_DAMAGED and
  // the other failures of a store.
  absl::StatusOr<ArchivedPack> GetPack(std::string_view revision) const;
  absl::StatusOr<ArchivedPolicy> GetPolicy(std::string_view revision) const;
  // The whole file, verified against its digest.
  absl::StatusOr<std::string> ReadPack(const ArchivedPack& pack) const;
  // The newest first; of one pack when `pack_id` is not empty.
  absl::StatusOr<std::vector<ArchivedPack>> ListPacks(std::string_view pack_id) const;

  // A checker of these two revisions, made on demand from the archive: the answer to "what would
  // this verdict's own rules say". The few used last are kept, so that asking again costs nothing;
  // the first time takes as long as loading the pack does, or building it where it was built for
  // another machine. Whether the pack was signed was verified when it came in and is not asked
  // again: an expired or withdrawn key does not make the past unreadable.
  // Statuses as of GetPack() and GetPolicy(); PACK_TOO_NEW, PACK_INVALID or PACK_DAMAGED when this
  // build cannot load the file.
  absl::StatusOr<std::shared_ptr<const Checker>> CheckerOf(std::string_view pack_revision,
                                                           std::string_view policy_revision) const;

 private:
  using CacheKey = std::pair<std::string, std::string>;
  static constexpr size_t kCheckersMax = 2;

  absl::Status PutPieces(const IncomingPack& pack, const ArchivedPack& record) const;

  Store* const store_;
  const Clock* const clock_;
  std::mutex writing_;  // one pack at a time: a check for what is there and its writing
  mutable std::mutex cache_mutex_;
  mutable std::list<std::pair<CacheKey, std::shared_ptr<const Checker>>> cache_;  // newest first
};

}  // namespace winnow::domain
