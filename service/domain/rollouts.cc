#include "service/domain/rollouts.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/domain/commit.h"
#include "service/domain/error.h"
#include "service/domain/keys.h"
#include "service/domain/record_bytes.h"
#include "service/domain/refusals.h"
#include "service/domain/uuid.h"
#include "winnow/store/v1/records.pb.h"

namespace winnow::domain {
namespace {

using winnow::store::v1::ActionRecord;
using winnow::store::v1::ActorRecord;
using winnow::store::v1::ChannelRecord;
using winnow::store::v1::ChannelsRecord;

// How many earlier live revisions a rollback can reach, one after the other.
constexpr size_t kPreviousMax = 32;

void Print(const Actor& actor, ActorRecord* out) {
  out->set_name(actor.name);
  out->set_peer(actor.peer);
  out->set_reason(actor.reason);
}

Actor ActorOf(const ActorRecord& record) { return {record.name(), record.peer(), record.reason()}; }

const Actor& Server() {
  static const Actor* const server = new Actor{"winnowd", "", "start"};
  return *server;
}

void Print(const ChannelState& state, ChannelRecord* out) {
  out->set_pack_revision(state.pack_revision);
  out->set_since_ms(absl::ToUnixMillis(state.since));
  out->set_from_files(state.from_files);
  out->set_share(state.share);
  for (const std::string& revision : state.previous) out->add_previous(revision);
  Print(state.actor, out->mutable_actor());
}

ChannelState StateOf(Channel channel, const ChannelRecord& record) {
  ChannelState state;
  state.channel = channel;
  state.pack_revision = record.pack_revision();
  state.since = absl::FromUnixMillis(record.since_ms());
  state.from_files = record.from_files();
  state.share = record.share();
  state.previous = {record.previous().begin(), record.previous().end()};
  state.actor = ActorOf(record.actor());
  return state;
}

absl::Status NothingToRollBack() {
  ErrorDetail detail;
  detail.reason = "NOTHING_TO_ROLL_BACK";
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   "no revision that was live before this one is known; name one of `winnow pack "
                   "list` (`winnow pack rollback --to`)",
                   std::move(detail));
}

}  // namespace

std::string_view Name(Channel channel) {
  switch (channel) {
    case Channel::kLive:
      return "live";
    case Channel::kCanary:
      return "canary";
    case Channel::kShadow:
      return "shadow";
    case Channel::kNone:
      break;
  }
  return "none";
}

// The channels with what is loaded for them.
struct Rollouts::State {
  struct Loaded {
    ChannelState channel;
    std::shared_ptr<const pack::Pack> pack;  // null: not in use
  };
  std::array<Loaded, 3> channels;
  std::shared_ptr<const policy::Policy> policy;

  State() {
    for (Channel channel : kChannels) (*this)[channel].channel.channel = channel;
  }
  Loaded& operator[](Channel channel) { return channels[static_cast<size_t>(channel) - 1]; }
  const Loaded& operator[](Channel channel) const {
    return channels[static_cast<size_t>(channel) - 1];
  }
  void Clear(Channel channel) {
    (*this)[channel] = {};
    (*this)[channel].channel.channel = channel;
  }
  // Notes the revision as live, and ends its way through the other channels.
  void SetLive(const std::string& revision, bool from_files, const Actor& actor, absl::Time time) {
    ChannelState& live = (*this)[Channel::kLive].channel;
    live.from_files = from_files;
    for (Channel other : {Channel::kCanary, Channel::kShadow}) {
      if ((*this)[other].channel.pack_revision == revision) Clear(other);
    }
    if (live.pack_revision == revision) return;
    if (!live.pack_revision.empty()) live.previous.push_back(live.pack_revision);
    if (live.previous.size() > kPreviousMax) live.previous.erase(live.previous.begin());
    live.pack_revision = revision;
    live.since = time;
    live.actor = actor;
  }
};

Rollouts::Rollouts(Sources sources, const Ports& ports)
    : sources_(std::move(sources)),
      ports_(ports),
      archive_(ports.store, ports.clock),
      ledger_(ports.store),
      state_(std::make_unique<const State>()) {}

Rollouts::~Rollouts() = default;

absl::Status Rollouts::PutAction(Transaction& transaction, const Action& action) const {
  const std::optional<Uuid> id = ParseUuid(ports_.ids->NewId());
  if (!id) return absl::InternalError("the generator of ids gave no UUID");
  ActionRecord record;
  record.set_kind(static_cast<uint32_t>(action.kind));
  record.set_channel(static_cast<uint32_t>(action.channel));
  record.set_pack_revision(action.pack_revision);
  record.set_previous_revision(action.previous_revision);
  record.set_policy_revision(action.policy_revision);
  record.set_share(action.share);
  for (const std::string& gate : action.gates) record.add_gates(gate);
  Print(action.actor, record.mutable_actor());
  std::string bytes;
  SerializeRecord(record, &bytes);
  transaction.Put(IndexKey(ActionPrefix(), *id), bytes);
  return absl::OkStatus();
}

// Durable when it returns.
absl::Status Rollouts::Write(const State& next, const Action& action) const {
  ChannelsRecord record;
  Print(next[Channel::kLive].channel, record.mutable_live());
  if (!next[Channel::kCanary].channel.pack_revision.empty()) {
    Print(next[Channel::kCanary].channel, record.mutable_canary());
  }
  if (!next[Channel::kShadow].channel.pack_revision.empty()) {
    Print(next[Channel::kShadow].channel, record.mutable_shadow());
  }
  std::string bytes;
  SerializeRecord(record, &bytes);
  std::unique_ptr<Transaction> transaction = ports_.store->Begin(kServerTenant);
  transaction->Put(ChannelsKey(), bytes);
  RETURN_IF_ERROR(PutAction(*transaction, action));
  const absl::Status committed = CommitAndWait(std::move(transaction));
  return committed.ok() ? committed : StoreFailed(committed);
}

absl::StatusOr<std::shared_ptr<const pack::Pack>> Rollouts::OpenArchived(
    std::string_view revision) const {
  ASSIGN_OR_RETURN(const ArchivedPack archived, archive_.GetPack(revision));
  ASSIGN_OR_RETURN(std::string bytes, archive_.ReadPack(archived));
  // What needed no signature when it came in needs none now: only this server writes its store.
  ASSIGN_OR_RETURN(IncomingPack opened,
                   sources_.open_pack(std::move(bytes), revision, archived.accepted_unsigned));
  return opened.pack;
}

// What `next` is as checks use it; keeps the checkers of `now` that are the same.
absl::StatusOr<RuleSetInUse> Rollouts::Use(const State& next, const RuleSetInUse* now) const {
  const auto checker_of = [&](Channel channel) -> absl::StatusOr<std::shared_ptr<const Checker>> {
    const std::shared_ptr<const pack::Pack>& pack = next[channel].pack;
    if (pack == nullptr) return nullptr;
    if (now != nullptr) {
      for (const auto& checker : {now->checker, now->canary, now->shadow}) {
        if (checker != nullptr && &checker->pack() == pack.get() &&
            &checker->policy() == next.policy.get()) {
          return checker;
        }
      }
    }
    return MakeChecker(pack, next.policy);
  };
  RuleSetInUse use;
  ASSIGN_OR_RETURN(use.checker, checker_of(Channel::kLive));
  ASSIGN_OR_RETURN(use.canary, checker_of(Channel::kCanary));
  ASSIGN_OR_RETURN(use.shadow, checker_of(Channel::kShadow));
  use.canary_share = next[Channel::kCanary].channel.share;
  use.load_time =
      now != nullptr && now->checker == use.checker ? now->load_time : ports_.clock->Now();
  return use;
}

// Writes down and comes to `next`, which is `use`. Everything that may refuse it runs before the
// writing.
absl::StatusOr<RuleSetInUse> Rollouts::Come(std::unique_ptr<State> next, const Action* action,
                                            RuleSetInUse use) {
  if (!(*next)[Channel::kLive].channel.from_files && sources_.leave_files) {
    RETURN_IF_ERROR(sources_.leave_files());
  }
  if (action != nullptr) RETURN_IF_ERROR(Write(*next, *action));
  {
    std::lock_guard lock(mutex_);
    state_ = std::move(next);
  }
  // A comparison that cannot be read back goes without one: the change itself is done.
  if (ports_.shadow != nullptr) (void)ports_.shadow->Use(use);
  return use;
}

Action Rollouts::ActionFor(ActionKind kind, Channel channel, const std::string& revision,
                           const State& before, const State& next, const Actor& actor) {
  Action action;
  action.kind = kind;
  action.channel = channel;
  action.pack_revision = revision;
  action.previous_revision = before[channel].channel.pack_revision;
  action.policy_revision = next.policy->revision();
  action.share = next[channel].channel.share;
  action.actor = actor;
  return action;
}

absl::Status Rollouts::KeepLive(const IncomingPack& pack, const Actor& actor, bool allow_rollback) {
  RETURN_IF_ERROR(archive_.Keep(pack, actor, false, [](Transaction&) {}).status());
  return ledger_.Admit(pack.pack->info(), pack.path, allow_rollback);
}

absl::Status Rollouts::Start(const absl::StatusOr<IncomingPack>& file_pack,
                             const IncomingPolicy& policy, bool allow_rollback) {
  const auto begin = [&](const RuleSetInUse* now) -> absl::StatusOr<RuleSetInUse> {
    const auto stored = ports_.store->Begin(kServerTenant)->Get(ChannelsKey());
    if (!stored.ok()) return StoreFailed(stored.status());
    ChannelsRecord record;
    if (*stored) RETURN_IF_ERROR(ParseRecord(**stored, "the record of channels", &record));
    State before;
    before[Channel::kLive].channel = StateOf(Channel::kLive, record.live());
    before[Channel::kCanary].channel = StateOf(Channel::kCanary, record.canary());
    before[Channel::kShadow].channel = StateOf(Channel::kShadow, record.shadow());
    auto next = std::make_unique<State>(before);
    next->policy = policy.policy;
    RETURN_IF_ERROR(archive_.Keep(policy));
    std::optional<Action> action;
    State::Loaded& live = (*next)[Channel::kLive];
    if (!record.has_live() || record.live().from_files()) {
      RETURN_IF_ERROR(file_pack.status());
      RETURN_IF_ERROR(KeepLive(*file_pack, Server(), allow_rollback));
      const std::string& revision = file_pack->pack->info().revision;
      live.pack = file_pack->pack;
      if (live.channel.pack_revision != revision) {
        next->SetLive(revision, true, Server(), ports_.clock->Now());
        action =
            ActionFor(ActionKind::kFilesRead, Channel::kLive, revision, before, *next, Server());
      }
    } else {
      ASSIGN_OR_RETURN(live.pack, OpenArchived(live.channel.pack_revision));
    }
    for (Channel channel : {Channel::kCanary, Channel::kShadow}) {
      State::Loaded& loaded = (*next)[channel];
      if (loaded.channel.pack_revision.empty()) continue;
      auto opened = OpenArchived(loaded.channel.pack_revision);
      if (opened.ok()) {
        loaded.pack = *std::move(opened);
      } else {
        loaded.channel.problem = ToStd(opened.status().message());
      }
    }
    ASSIGN_OR_RETURN(RuleSetInUse use, Use(*next, now));
    return Come(std::move(next), action ? &*action : nullptr, std::move(use));
  };
  return ports_.packs->Change(begin).status();
}

PacksInUse::Outcome Rollouts::Reload(const ReloadOptions& options, bool from_files,
                                     const Actor& actor) {
  return ports_.packs->Change([&](const RuleSetInUse* now) -> absl::StatusOr<RuleSetInUse> {
    const State& before = *state_;
    auto next = std::make_unique<State>(before);
    bool changed = false;
    RuleSetInUse use;
    if (from_files || before[Channel::kLive].channel.from_files) {
      ASSIGN_OR_RETURN(const IncomingPack pack, sources_.read_pack());
      ASSIGN_OR_RETURN(const IncomingPolicy policy, sources_.read_policy());
      RETURN_IF_ERROR(archive_.Keep(policy));
      next->policy = policy.policy;
      next->SetLive(pack.pack->info().revision, true, actor, ports_.clock->Now());
      (*next)[Channel::kLive].pack = pack.pack;
      ASSIGN_OR_RETURN(use, Use(*next, now));
      RETURN_IF_ERROR(KeepLive(pack, actor, options.allow_rollback));
      changed = !before[Channel::kLive].channel.from_files ||
                before[Channel::kLive].channel.pack_revision != pack.pack->info().revision;
    } else {
      ASSIGN_OR_RETURN(const IncomingPolicy policy, sources_.read_policy());
      RETURN_IF_ERROR(archive_.Keep(policy));
      next->policy = policy.policy;
      ASSIGN_OR_RETURN(use, Use(*next, now));
    }
    changed = changed || next->policy->revision() != before.policy->revision();
    const Action action =
        ActionFor(ActionKind::kFilesRead, Channel::kLive,
                  (*next)[Channel::kLive].channel.pack_revision, before, *next, actor);
    ASSIGN_OR_RETURN(use, Come(std::move(next), changed ? &action : nullptr, std::move(use)));
    use.load_time = ports_.clock->Now();
    return use;
  });
}

absl::StatusOr<ArchivedPack> Rollouts::Upload(std::string bytes, bool allow_rollback,
                                              const Actor& actor) {
  ASSIGN_OR_RETURN(IncomingPack incoming,
                   sources_.open_pack(std::move(bytes), "the uploaded pack", false));
  Action action;
  action.kind = ActionKind::kUploaded;
  action.pack_revision = incoming.pack->info().revision;
  action.actor = actor;
  absl::Status put;
  ASSIGN_OR_RETURN(RuleArchive::Kept kept,
                   archive_.Keep(incoming, actor, !allow_rollback, [&](Transaction& transaction) {
                     put = PutAction(transaction, action);
                   }));
  RETURN_IF_ERROR(put);
  return kept.pack;
}

// Each required gate with its figure, when all are met.
absl::StatusOr<std::vector<std::string>> Rollouts::CheckGates(const Promotion& promotion,
                                                              const State& now) const {
  const Gates& gates = promotion.gates;
  std::vector<std::string> met;
  if (!gates.any()) return met;
  absl::StatusOr<Comparison> read = absl::NotFoundError("");
  if (ports_.shadow != nullptr) {
    read = ports_.shadow->Get(promotion.pack_revision, now[Channel::kLive].channel.pack_revision,
                              now.policy->revision());
  }
  if (!read.ok() && !absl::IsNotFound(read.status())) return read.status();
  const bool none = !read.ok();
  const Comparison sums = none ? Comparison() : *read;
  ErrorDetail detail;
  detail.reason = "GATES_UNMET";
  std::string unmet;
  const auto gate = [&](std::string_view name, bool holds, const std::string& figure,
                        const std::string& required) {
    if (holds && !none) return met.push_back(StrCat(name, " ", figure, " (", required, ")"));
    detail.metadata[std::string(name)] = StrCat(figure, ", required: ", required);
    StrAppend(&unmet, "\n  ", name, ": ", figure, ", required: ", required);
  };
  const auto at_most = [&](std::string_view name, const std::optional<uint64_t>& most,
                           uint64_t figure) {
    if (most) gate(name, figure <= *most, StrCat(figure), StrCat("at most ", *most));
  };
  if (gates.shadow_hours) {
    const double hours = absl::ToDoubleHours(sums.observed);
    gate("shadow-hours", hours >= *gates.shadow_hours, absl::StrFormat("%.2f", hours),
         absl::StrFormat("at least %.2f", *gates.shadow_hours));
  }
  if (gates.min_compared) {
    gate("min-compared", sums.compared >= *gates.min_compared, StrCat(sums.compared),
         StrCat("at least ", *gates.min_compared));
  }
  at_most("max-new-blocks", gates.max_new_blocks, sums.new_blocks());
  at_most("max-new-reviews", gates.max_new_reviews, sums.new_reviews());
  at_most("max-lifted", gates.max_lifted, sums.lifted());
  at_most("max-dropped", gates.max_dropped, sums.dropped);
  at_most("max-failed", gates.max_failed, sums.failed);
  if (unmet.empty()) return met;
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      StrCat(promotion.pack_revision, " is not promoted, for these gates are not met:", unmet,
             none ? "\nIt has not been shadow of what is live now; `winnow pack promote --to "
                    "shadow` makes it that"
                  : ""),
      std::move(detail));
}

absl::Status Rollouts::Promote(const Promotion& promotion) {
  const std::string& revision = promotion.pack_revision;
  const Channel channel = promotion.channel;
  return ports_.packs
      ->Change([&](const RuleSetInUse* now) -> absl::StatusOr<RuleSetInUse> {
        const State& before = *state_;
        ASSIGN_OR_RETURN(std::shared_ptr<const pack::Pack> pack, OpenArchived(revision));
        ASSIGN_OR_RETURN(std::vector<std::string> gates, CheckGates(promotion, before));
        auto next = std::make_unique<State>(before);
        const absl::Time time = ports_.clock->Now();
        if (channel == Channel::kLive) {
          next->SetLive(revision, false, promotion.actor, time);
        } else {
          next->Clear(channel);
          ChannelState& state = (*next)[channel].channel;
          state.pack_revision = revision;
          state.since = time;
          state.share = channel == Channel::kCanary ? promotion.share : 0;
          state.actor = promotion.actor;
        }
        (*next)[channel].pack = pack;
        // What the ledger notes has to be of use.
        ASSIGN_OR_RETURN(RuleSetInUse use, Use(*next, now));
        if (channel == Channel::kLive) {
          RETURN_IF_ERROR(ledger_.Admit(pack->info(), revision, promotion.allow_rollback));
        }
        Action action =
            ActionFor(ActionKind::kPromoted, channel, revision, before, *next, promotion.actor);
        action.gates = std::move(gates);
        return Come(std::move(next), &action, std::move(use));
      })
      .status();
}

absl::Status Rollouts::Rollback(std::string to, const Actor& actor) {
  return ports_.packs
      ->Change([&](const RuleSetInUse* now) -> absl::StatusOr<RuleSetInUse> {
        const State& before = *state_;
        auto next = std::make_unique<State>(before);
        std::vector<std::string> previous = before[Channel::kLive].channel.previous;
        if (to.empty()) {
          if (previous.empty()) return NothingToRollBack();
          to = previous.back();
        }
        // Going back twice goes back two steps: what is gone back from is no earlier revision.
        const auto at = std::find(previous.rbegin(), previous.rend(), to);
        if (at != previous.rend()) previous.erase(at.base() - 1, previous.end());
        ASSIGN_OR_RETURN(std::shared_ptr<const pack::Pack> pack, OpenArchived(to));
        next->SetLive(to, false, actor, ports_.clock->Now());
        (*next)[Channel::kLive].channel.previous = std::move(previous);
        (*next)[Channel::kLive].pack = pack;
        ASSIGN_OR_RETURN(RuleSetInUse use, Use(*next, now));
        RETURN_IF_ERROR(ledger_.Admit(pack->info(), to, true));
        const Action action =
            ActionFor(ActionKind::kRolledBack, Channel::kLive, to, before, *next, actor);
        return Come(std::move(next), &action, std::move(use));
      })
      .status();
}

absl::Status Rollouts::Clear(Channel channel, const Actor& actor) {
  return ports_.packs
      ->Change([&](const RuleSetInUse* now) -> absl::StatusOr<RuleSetInUse> {
        const State& before = *state_;
        auto next = std::make_unique<State>(before);
        next->Clear(channel);
        const bool any = !before[channel].channel.pack_revision.empty();
        const Action action = ActionFor(ActionKind::kCleared, channel, "", before, *next, actor);
        ASSIGN_OR_RETURN(RuleSetInUse use, Use(*next, now));
        return Come(std::move(next), any ? &action : nullptr, std::move(use));
      })
      .status();
}

std::vector<ChannelState> Rollouts::Channels() const {
  std::vector<ChannelState> out;
  std::lock_guard lock(mutex_);
  for (Channel channel : kChannels) {
    const ChannelState& state = (*state_)[channel].channel;
    if (!state.pack_revision.empty()) out.push_back(state);
  }
  return out;
}

absl::StatusOr<Comparison> Rollouts::CompareShadow(std::string_view revision) const {
  if (ports_.shadow == nullptr) return absl::UnimplementedError("nothing is compared here");
  return ports_.shadow->Get(revision);
}

absl::StatusOr<std::vector<Action>> Rollouts::History(size_t limit,
                                                      const std::string& before) const {
  std::vector<Action> actions;
  std::string end = ActionPrefix();
  if (before.empty()) {
    ++end.back();
  } else {
    const std::optional<Uuid> id = ParseUuid(before);
    if (!id) return FieldInvalid("page_token", "is not one that this call gave; begin without one");
    end = IndexKey(std::move(end), *id);
  }
  absl::Status bad;
  const absl::Status scanned =
      ports_.store->Begin(kServerTenant)
          ->Scan(ActionPrefix(), end, {.limit = limit, .reverse = true},
                 [&](std::string_view key, std::string_view value) {
                   const std::optional<Uuid> id = UuidFromBytes(key.substr(1));
                   ActionRecord record;
                   bad = id ? ParseRecord(value, StrCat("action ", FormatUuid(*id)), &record)
                            : RecordDamaged("the key of an action", "it holds no id");
                   if (!bad.ok()) return false;
                   Action& action = actions.emplace_back();
                   action.id = FormatUuid(*id);
                   action.time = UuidV7Time(*id);
                   action.kind = static_cast<ActionKind>(record.kind());
                   action.channel = static_cast<Channel>(record.channel());
                   action.pack_revision = record.pack_revision();
                   action.previous_revision = record.previous_revision();
                   action.policy_revision = record.policy_revision();
                   action.share = record.share();
                   action.gates = {record.gates().begin(), record.gates().end()};
                   action.actor = ActorOf(record.actor());
                   return true;
                 });
  if (!scanned.ok()) return StoreFailed(scanned);
  RETURN_IF_ERROR(bad);
  return actions;
}

}  // namespace winnow::domain
