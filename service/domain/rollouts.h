// How packs come into use: from the server's files, or from the archive through channels.
//
//   live    answers every check
//   canary  answers instead of it for a share of the content ids, always the same ones
//   shadow  looks at what was answered, afterwards, and decides nothing
//
// Every pack and policy that comes into use, and every pack that somebody uploads, is in the
// archive before it is used or acknowledged. Live is the pack of the server's files until one is
// promoted; from then on it is the archive's, also after a restart, until somebody asks for the
// files again. The policy is always that of the files. Every action is kept with who asked for it,
// when and why, in the transaction that does it.
//
// Everything here waits for the disk, and loading a pack takes up to seconds: never on a gRPC
// thread. Thread safe; one change at a time. A change that is refused changes nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/pack/pack.h"
#include "engine/policy/policy.h"
#include "service/domain/pack_ledger.h"
#include "service/domain/packs_in_use.h"
#include "service/domain/ports/clock.h"
#include "service/domain/ports/ids.h"
#include "service/domain/ports/store.h"
#include "service/domain/rule_archive.h"
#include "service/domain/shadow_runs.h"

namespace winnow::domain {

// Stored; never renumbered.
enum class Channel : uint8_t { kNone = 0, kLive = 1, kCanary = 2, kShadow = 3 };
inline constexpr Channel kChannels[] = {Channel::kLive, Channel::kCanary, Channel::kShadow};
std::string_view Name(Channel channel);  // "live", "canary", "shadow"

// Stored; never renumbered.
enum class ActionKind : uint8_t {
  kUnspecified = 0,
  kUploaded = 1,
  kFilesRead = 2,  // live came from the server's files, or the policy did
  kPromoted = 3,
  kRolledBack = 4,
  kCleared = 5,  // a canary or shadow was ended
};

struct Action {
  std::string id;  // UUIDv7
  absl::Time time;
  ActionKind kind = ActionKind::kUnspecified;
  Channel channel = Channel::kNone;
  std::string pack_revision, previous_revision, policy_revision;
  uint32_t share = 0;
  std::vector<std::string> gates;
  Actor actor;
};

struct ChannelState {
  Channel channel = Channel::kNone;
  std::string pack_revision;
  absl::Time since;
  bool from_files = false;
  uint32_t share = 0;  // of kWholeShare
  std::vector<std::string> previous;
  Actor actor;
  // Why what is in the channel is not in use, such as an expired pack at a start; empty: all well.
  std::string problem;
};

// What a revision has to have shown as shadow of what is live now, by the same policy. What is
// absent is not asked for.
struct Gates {
  std::optional<double> shadow_hours;  // at least
  std::optional<uint64_t> min_compared;
  std::optional<uint64_t> max_new_blocks, max_new_reviews, max_lifted, max_dropped, max_failed;

  bool any() const {
    return shadow_hours || min_compared || max_new_blocks || max_new_reviews || max_lifted ||
           max_dropped || max_failed;
  }
};

struct Promotion {
  std::string pack_revision;
  Channel channel = Channel::kLive;
  uint32_t share = 0;  // canary only: 1 to kWholeShare
  Gates gates;
  bool allow_rollback = false;  // to live: whether an earlier release than the last one may
  Actor actor;
};

class Rollouts {
 public:
  // How the server reads its files and judges packs. Statuses are refusals as callers are told
  // them.
  struct Sources {
    std::function<absl::StatusOr<IncomingPack>()> read_pack;
    std::function<absl::StatusOr<IncomingPolicy>()> read_policy;
    // Judges and loads a pack's file; `name` is what messages call it. With `unsigned_ok` one
    // without a signature is taken whatever the configuration says.
    std::function<absl::StatusOr<IncomingPack>(std::string bytes, std::string_view name,
                                               bool unsigned_ok)>
        open_pack;
    // Called before what is live is taken from the archive rather than from the files, each time;
    // refuses that when it fails. May be null.
    std::function<absl::Status()> leave_files;
  };
  struct Ports {
    Store* store;
    const Clock* clock;
    IdGenerator* ids;
    PacksInUse* packs;
    ShadowRuns* shadow = nullptr;  // null: nothing is compared, and no gate is met
  };
  Rollouts(Sources sources, const Ports& ports);
  ~Rollouts();

  RuleArchive& archive() { return archive_; }

  // Brings into use what the store says is live, or else `file_pack`; once, before all else. A
  // canary or shadow that is refused is left out, and its state says why.
  absl::Status Start(const absl::StatusOr<IncomingPack>& file_pack, const IncomingPolicy& policy,
                     bool allow_rollback);

  // Reads the files again: the policy, and the pack when that is live or when `from_files`, which
  // ends a promotion. Refusals of the files, and those of PackLedger.
  PacksInUse::Outcome Reload(const ReloadOptions& options, bool from_files, const Actor& actor);

  // Judges a pack's file and keeps it. Refusals of files, and of RuleArchive::Keep() unless
  // `allow_rollback`.
  absl::StatusOr<ArchivedPack> Upload(std::string bytes, bool allow_rollback, const Actor& actor);

  // Puts a revision of the archive into a channel. It is judged again: one that has expired
  // meanwhile, or whose key is trusted no more, is refused as it would be at a start. Promoted to
  // live, it leaves the other channels.
  //   NOT_FOUND            PACK_REVISION_NOT_FOUND
  //   FAILED_PRECONDITION  refusals of packs, PACK_ROLLED_BACK, PACK_SEQUENCE_REUSED, and
  //                        GATES_UNMET with each unmet gate and its figure as metadata
  absl::Status Promote(const Promotion& promotion);

  // Makes live what was live before, or `to`. A rollback is not refused for its release's number.
  //   FAILED_PRECONDITION  NOTHING_TO_ROLL_BACK  no earlier live revision is known
  absl::Status Rollback(std::string to, const Actor& actor);

  // Ends a canary or a shadow. FIELD_INVALID for live. Nothing happens when there is none.
  absl::Status Clear(Channel channel, const Actor& actor);

  std::vector<ChannelState> Channels() const;

  // As ShadowRuns::Get().
  absl::StatusOr<Comparison> CompareShadow(std::string_view revision) const;

  // The newest first, at most `limit`, those before the action `before` when that is not empty.
  absl::StatusOr<std::vector<Action>> History(size_t limit, const std::string& before) const;

 private:
  struct State;

  absl::StatusOr<std::shared_ptr<const pack::Pack>> OpenArchived(std::string_view revision) const;
  absl::Status Write(const State& next, const Action& action) const;
  absl::Status PutAction(Transaction& transaction, const Action& action) const;
  absl::StatusOr<RuleSetInUse> Use(const State& next, const RuleSetInUse* now) const;
  absl::StatusOr<RuleSetInUse> Come(std::unique_ptr<State> next, const Action* action,
                                    RuleSetInUse use);
  absl::Status KeepLive(const IncomingPack& pack, const Actor& actor, bool allow_rollback);
  absl::StatusOr<std::vector<std::string>> CheckGates(const Promotion& promotion,
                                                      const State& now) const;
  static Action ActionFor(ActionKind kind, Channel channel, const std::string& revision,
                          const State& before, const State& next, const Actor& actor);

  const Sources sources_;
  const Ports ports_;
  RuleArchive archive_;
  PackLedger ledger_;
  mutable std::mutex mutex_;  // of what `state_` points to; changed only within Change()
  std::unique_ptr<const State> state_;
};

}  // namespace winnow::domain
