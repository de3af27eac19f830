#include "service/domain/check_job.h"

#include <algorithm>
#include <utility>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "service/domain/keys.h"
#include "service/domain/records.h"
#include "service/domain/refusals.h"

namespace winnow::domain {
namespace {

// What a job holds besides its contents, for the pools' account of memory.
constexpr size_t kJobBytes = 2048;
constexpr int kCommitAttemptsMax = 5;

}  // namespace

CheckJob::CheckJob(Private, std::shared_ptr<Core> core, CallGate::Pass pass, std::string tenant,
                   Keep keep, Done done)
    : core_(std::move(core)),
      pass_(std::move(pass)),
      tenant_(std::move(tenant)),
      keep_(keep),
      done_(std::move(done)) {}

void CheckJob::RunContent(std::shared_ptr<Core> core, CallGate::Pass pass, ContentCheck check,
                          Keep keep, Checks::VerdictDone done) {
  auto job = std::make_shared<CheckJob>(Private{}, std::move(core), std::move(pass), check.tenant,
                                        keep, Done{std::move(done), nullptr});
  job->AcceptAll({&check, 1});
  job->Start();
}

void CheckJob::RunContents(std::shared_ptr<Core> core, CallGate::Pass pass,
                           std::vector<ContentCheck> checks, Keep keep, Checks::BatchDone done) {
  // The tenant of the first item that has one; an item without is refused.
  std::string tenant;
  for (const ContentCheck& check : checks) {
    if (tenant.empty()) tenant = check.tenant;
  }
  auto job = std::make_shared<CheckJob>(Private{}, std::move(core), std::move(pass),
                                        std::move(tenant), keep, Done{nullptr, std::move(done)});
  job->AcceptAll(absl::MakeSpan(checks));
  job->Start();
}

void CheckJob::AcceptAll(absl::Span<ContentCheck> checks) {
  rules_ = core_->ports.packs->Current();
  const absl::Time now = core_->ports.clock->Monotonic();
  items_.resize(checks.size());
  for (size_t i = 0; i < checks.size(); ++i) {
    items_[i].check = std::move(checks[i]);
    items_[i].status = Accept(i, now);
  }
}

absl::Status CheckJob::Accept(size_t i, absl::Time now) {
  Item& item = items_[i];
  ContentCheck& check = item.check;
  RETURN_IF_ERROR(ValidateContent(check, core_->options.limits, keep_));
  if (check.tenant != tenant_) {
    return FieldInvalid(StrCat(check.field_path_prefix, "parent"),
                        "must be the same for all items of a batch");
  }
  if (!check.request_id.empty() && keep_ == Keep::kStored) {
    const std::string field = StrCat(check.field_path_prefix, "request_id");
    ASSIGN_OR_RETURN(item.request_id, ValidateRequestId(check.request_id, field));
    item.body_digest = std::move(check.body_digest);
    if (item.body_digest.empty()) {
      return absl::InternalError("a check under a request id came without its digest");
    }
  }
  if (rules_ == nullptr) return NoPack();
  item.time = TimeAllowed::From(now, core_->options.limits.text_deadline_max, check.deadline,
                                std::move(check.cancelled));
  item.client_token = std::move(check.client_token);
  for (const Field& field : check.fields) content_bytes_ += field.bytes.size();
  return absl::OkStatus();
}

void CheckJob::StoreFile(std::shared_ptr<Core> core, CallGate::Pass pass, JudgedFile file,
                         Checks::VerdictDone done) {
  auto job =
      std::make_shared<CheckJob>(Private{}, std::move(core), std::move(pass), file.verdict.tenant,
                                 Keep::kStored, Done{std::move(done), nullptr});
  job->items_.resize(1);
  Item& item = job->items_[0];
  item.check.field_path_prefix = "header.";
  item.time = std::move(file.time);
  item.request_id = file.request_id;
  item.body_digest = std::move(file.body_digest);
  item.client_token = file.verdict.client_token;
  item.verdict = std::move(file.verdict);
  item.answered = std::move(file.answered);
  item.status = job->Encode(item);
  job->Start();
}

void CheckJob::Start() {
  // One more than there are items, so that the call does not end while it starts.
  unsettled_.store(items_.size() + 1);
  bool leads = false;
  for (size_t i = 0; i < items_.size(); ++i) {
    Item& item = items_[i];
    if (!item.status.ok()) {
      OneLess();
    } else if (item.request_id) {
      Claim(i);
      leads = leads || item.leads;
    } else {
      item.open = true;
    }
  }
  if (leads) {
    const bool accepted = core_->ports.io_pool->TrySubmit(
        kJobBytes + content_bytes_, [self = shared_from_this()] { self->LookUpThenScan(); });
    if (!accepted) {
      refusal_ = Overloaded();
      SettleAll(AllOpen(), refusal_);
    }
  } else {
    Scan();
  }
  OneLess();
}

void CheckJob::Claim(size_t i) {
  Item& item = items_[i];
  const auto claim =
      core_->requests.Enter(tenant_, *item.request_id, item.body_digest,
                            [self = shared_from_this(), i](const absl::StatusOr<Verdict>& outcome) {
                              self->SettleFollower(i, outcome);
                            });
  switch (claim) {
    case RequestsInFlight::Claim::kLeads:
      item.leads = true;
      item.open = true;
      return;
    case RequestsInFlight::Claim::kFollows:
      return;
    case RequestsInFlight::Claim::kReused:
      return Settle(i, RequestIdReused(StrCat(item.check.field_path_prefix, "request_id"),
                                       FormatUuid(*item.request_id)));
    case RequestsInFlight::Claim::kTooMany:
      return Settle(i, RequestInProgress(FormatUuid(*item.request_id)));
  }
}

void CheckJob::LookUpThenScan() {
  transaction_ = core_->ports.store->Begin(tenant_);
  LookUp(*transaction_, AllOpen());
  Scan();
}

void CheckJob::LookUp(Transaction& transaction, const Indexes& items) {
  for (size_t i : items) {
    if (!items_[i].leads) continue;
    const absl::StatusOr<bool> found = FindStored(transaction, items_[i]);
    if (!found.ok()) {
      Settle(i, StoreFailed(found.status()));
    } else if (*found) {
      Settle(i, absl::OkStatus());
    }
  }
}

absl::StatusOr<bool> CheckJob::FindStored(Transaction& transaction, Item& item) {
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   transaction.Get(RequestKey(*item.request_id)));
  if (!stored) return false;
  ASSIGN_OR_RETURN(const RequestRecord record, DecodeRequest(*stored, *item.request_id));
  if (record.expire_time <= core_->ports.clock->Now()) return false;
  if (record.body_digest != item.body_digest) {
    return RequestIdReused(StrCat(item.check.field_path_prefix, "request_id"),
                           FormatUuid(*item.request_id));
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> verdict,
                   transaction.Get(VerdictKey(record.verdict_id)));
  if (!verdict) return false;
  ASSIGN_OR_RETURN(item.verdict, DecodeVerdict(*verdict, tenant_, record.verdict_id));
  item.verdict.client_token = item.client_token;
  return true;
}

void CheckJob::Scan() {
  for (size_t i : AllOpen()) {
    if (!items_[i].judged) to_scan_.push_back(i);
  }
  if (to_scan_.empty()) return Commit();
  slice_items_ = std::min(to_scan_.size(), kSliceItems);
  const size_t slices = (to_scan_.size() + slice_items_ - 1) / slice_items_;
  const size_t wanted = std::min(slices, core_->options.scan_threads);
  // Counted before the first one runs: the last to end goes on to the commit.
  scanning_.store(wanted);
  size_t accepted = 0;
  while (accepted < wanted &&
         core_->ports.scan_pool->TrySubmit(accepted == 0 ? kJobBytes + content_bytes_ : 0,
                                           [self = shared_from_this()] { self->ScanSlices(); })) {
    ++accepted;
  }
  if (accepted == 0) {
    refusal_ = Overloaded();
    return SettleAll(to_scan_, refusal_);
  }
  // Fewer tasks than wanted still take all slices.
  if (accepted < wanted && scanning_.fetch_sub(wanted - accepted) == wanted - accepted) Commit();
}

void CheckJob::ScanSlices() {
  while (true) {
    const size_t begin = next_slice_.fetch_add(1) * slice_items_;
    if (begin >= to_scan_.size()) break;
    const size_t end = std::min(begin + slice_items_, to_scan_.size());
    for (size_t k = begin; k < end; ++k) ScanItem(to_scan_[k]);
  }
  if (scanning_.fetch_sub(1) == 1) Commit();
}

void CheckJob::ScanItem(size_t i) {
  Item& item = items_[i];
  const Clock& clock = *core_->ports.clock;
  const absl::Time begin = clock.Monotonic();
  if (item.time.Expired(begin)) return Settle(i, item.time.Refusal());
  Content content{.surface = item.check.content.surface,
                  .region = item.check.content.region,
                  .tenant = tenant_,
                  .fields = std::move(item.check.fields)};
  CheckOptions options;
  options.offset_unit = item.check.offset_unit;
  options.excerpts = item.check.include_excerpts;
  options.findings_max = core_->options.limits.findings_max;
  options.expired = [&item, &clock] { return item.time.Expired(clock.Monotonic()); };
  if (keep_ == Keep::kStored && rules_->shadow != nullptr && core_->ports.shadow != nullptr) {
    item.answered =
        std::make_unique<ShadowRuns::Answered>(rules_, content, item.check.content.content_id);
  }
  absl::StatusOr<CheckResult> result =
      rules_->For(item.check.content.content_id).Check(content, options);
  const absl::Duration took = clock.Monotonic() - begin;
  if (absl::Status status = MakeVerdict(item, std::move(result), took); !status.ok()) {
    return Settle(i, std::move(status));
  }
}

absl::Status CheckJob::MakeVerdict(Item& item, absl::StatusOr<CheckResult> result,
                                   absl::Duration took) {
  if (!result.ok()) {
    if (absl::IsDeadlineExceeded(result.status())) return item.time.Refusal();
    return NotJudged(result.status());
  }
  item.verdict.tenant = tenant_;
  item.verdict.content = std::move(item.check.content);
  item.verdict.result = *std::move(result);
  if (item.answered != nullptr) item.answered->Conclude(item.verdict.result);
  item.verdict.client_token = item.client_token;
  item.verdict.check_duration = took;
  if (keep_ == Keep::kStored) return Encode(item);
  item.verdict.create_time = core_->ports.clock->Now();
  item.judged = true;
  return absl::OkStatus();
}

absl::Status CheckJob::Encode(Item& item) {
  item.blocked = FitsBlock(item.verdict.result) && !item.request_id;
  if (item.blocked) {
    EncodeBlocked(item.verdict, &item.record);
  } else {
    RETURN_IF_ERROR(Identify(*core_->ports.ids, &item));
  }
  item.judged = true;
  return absl::OkStatus();
}

void CheckJob::Commit() {
  const absl::Time now = core_->ports.clock->Monotonic();
  for (size_t i : AllOpen()) {
    if (items_[i].time.Expired(now)) Settle(i, items_[i].time.Refusal());
  }
  const Indexes open = AllOpen();
  if (keep_ == Keep::kNotStored) return SettleAll(open, absl::OkStatus());
  if (open.size() == 1 && items_[open[0]].blocked) return CommitInBlock(open[0]);
  for (size_t begin = 0; begin < open.size();) {
    Indexes chunk;
    size_t bytes = 0;
    bool leads = false;
    size_t end = begin;
    while (end < open.size() && (end == begin || bytes < kCommitBytesMax)) {
      bytes += items_[open[end]].record.size();
      leads = leads || items_[open[end]].leads;
      chunk.push_back(open[end++]);
    }
    begin = end;
    if (transaction_ != nullptr) {
      CommitChunk(std::move(transaction_), std::move(chunk), 1);
    } else if (leads) {
      CommitReadingAgain(std::move(chunk), 1);
    } else {
      CommitChunk(core_->ports.store->Begin(tenant_), std::move(chunk), 1);
    }
  }
  transaction_.reset();
}

void CheckJob::CommitInBlock(size_t i) {
  transaction_.reset();
  Item& item = items_[i];
  const CheckResult& result = item.verdict.result;
  core_->blocks.Add(
      tenant_, {.verdict = {result.pack_revision, result.policy_revision, item.record, &item.id},
                .done = [self = shared_from_this(), i](const absl::Status& status) {
                  if (status.ok()) NameBlocked(&self->items_[i]);
                  self->Settle(i, status.ok() ? status : StoreFailed(status));
                }});
}

absl::Status CheckJob::PutAll(const Indexes& chunk, Transaction& transaction) {
  std::vector<Blocked> blocked;
  for (size_t i : chunk) {
    Item& item = items_[i];
    if (item.blocked) {
      const CheckResult& result = item.verdict.result;
      blocked.push_back({result.pack_revision, result.policy_revision, item.record, &item.id});
    } else {
      PutSingly(*core_, item, transaction);
    }
  }
  return PutBlocks(*core_->ports.ids, transaction, blocked);
}

void CheckJob::CommitChunk(std::unique_ptr<Transaction> transaction, Indexes chunk, int attempt) {
  Durability durability = core_->CleanDurability();
  for (size_t i : chunk) {
    if (IsFlagged(items_[i].verdict.result)) durability = Durability::kSynced;
  }
  if (absl::Status status = PutAll(chunk, *transaction); !status.ok()) {
    return SettleAll(chunk, status);
  }
  transaction->Commit(durability,
                      [self = shared_from_this(), chunk = std::move(chunk), attempt](
                          const absl::Status& status) { self->Committed(chunk, attempt, status); });
}

void CheckJob::CommitReadingAgain(Indexes chunk, int attempt) {
  const bool accepted =
      core_->ports.io_pool->TrySubmit(kJobBytes, [self = shared_from_this(), chunk, attempt] {
        std::unique_ptr<Transaction> transaction = self->core_->ports.store->Begin(self->tenant_);
        self->LookUp(*transaction, chunk);
        Indexes open = self->Open(chunk);
        if (!open.empty()) self->CommitChunk(std::move(transaction), std::move(open), attempt);
      });
  if (!accepted) SettleAll(chunk, Overloaded());
}

void CheckJob::Committed(const Indexes& chunk, int attempt, const absl::Status& status) {
  if (absl::IsAborted(status) && attempt < kCommitAttemptsMax) {
    return CommitReadingAgain(chunk, attempt + 1);
  }
  if (!status.ok()) return SettleAll(chunk, StoreFailed(status));
  size_t stored_ids = 0, stored_in_blocks = 0;
  for (size_t i : chunk) {
    stored_ids += items_[i].request_id.has_value();
    stored_in_blocks += items_[i].blocked;
    if (items_[i].blocked) NameBlocked(&items_[i]);
  }
  if (stored_ids > 0) core_->SweepAfter(tenant_, stored_ids);
  if (stored_in_blocks > 0) core_->IndexAfter(tenant_, stored_in_blocks);
  SettleAll(chunk, absl::OkStatus());
}

CheckJob::Indexes CheckJob::Open(const Indexes& of) const {
  Indexes open;
  for (size_t i : of) {
    if (items_[i].open) open.push_back(i);
  }
  return open;
}

CheckJob::Indexes CheckJob::AllOpen() const {
  Indexes open;
  for (size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].open) open.push_back(i);
  }
  return open;
}

void CheckJob::SettleAll(const Indexes& items, const absl::Status& status) {
  for (size_t i : items) Settle(i, status);
}

void CheckJob::Settle(size_t i, absl::Status status) {
  Item& item = items_[i];
  item.open = false;
  item.status = std::move(status);
  if (item.leads) {
    // Copied only for followers' sake, of whom there are hardly ever any.
    core_->requests.Release(tenant_, *item.request_id, [&item]() -> absl::StatusOr<Verdict> {
      if (!item.status.ok()) return item.status;
      return item.verdict;
    });
  }
  OneLess();
}

void CheckJob::SettleFollower(size_t i, const absl::StatusOr<Verdict>& outcome) {
  Item& item = items_[i];
  item.status = outcome.status();
  if (outcome.ok()) {
    item.verdict = *outcome;
    item.verdict.client_token = item.client_token;
  }
  OneLess();
}

void CheckJob::OneLess() {
  if (unsettled_.fetch_sub(1) == 1) Finish();
}

void CheckJob::Finish() {
  std::vector<std::unique_ptr<ShadowRuns::Answered>> answered;
  for (Item& item : items_) {
    if (item.answered == nullptr || !item.status.ok()) continue;
    item.answered->verdict_id = item.verdict.id;
    answered.push_back(std::move(item.answered));
  }
  Reply();
  for (const auto& one : answered) core_->ports.shadow->Submit(std::move(*one));
}

void CheckJob::Reply() {
  if (done_.one != nullptr) {
    Item& item = items_[0];
    if (!refusal_.ok()) return done_.one(refusal_);
    if (!item.status.ok()) return done_.one(std::move(item.status));
    return done_.one(std::move(item.verdict));
  }
  if (!refusal_.ok()) return done_.all(refusal_);
  std::vector<absl::StatusOr<Verdict>> outcomes;
  outcomes.reserve(items_.size());
  for (Item& item : items_) {
    if (item.status.ok()) {
      outcomes.emplace_back(std::move(item.verdict));
    } else {
      outcomes.emplace_back(std::move(item.status));
    }
  }
  done_.all(std::move(outcomes));
}

}  // namespace winnow::domain
