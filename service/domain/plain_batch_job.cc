#include "service/domain/plain_batch_job.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/domain/records.h"
#include "service/domain/refusals.h"
#include "service/domain/validation.h"
#include "service/domain/verdict_blocks.h"

namespace winnow::domain {
namespace {

// What a job holds for each content besides its texts, for the pools' account of memory.
constexpr size_t kItemBytes = 512;
// A clean verdict's record beside the caller's names; it is made when all are judged.
constexpr size_t kCleanBytes = 64;

size_t RecordBytes(const PlainContent& content) {
  return content.content_id.size() + content.account_id.size() + content.region.size() +
         content.language_hint.size() + content.client_token.size() + kCleanBytes;
}

// A clean verdict that needs no object: nothing in it that EncodePlain() does not write.
bool IsPlainlyClean(const CheckResult& result) {
  return FitsBlock(result) && result.replacements == 0 && result.detected_charset == "UTF-8";
}

}  // namespace

ContentRef RefOf(const PlainContent& content) {
  ContentRef ref;
  ref.content_id = content.content_id;
  ref.account_id = content.account_id;
  ref.surface = content.surface;
  ref.region = content.region;
  ref.language_hint = content.language_hint;
  return ref;
}

Verdict CleanVerdictOf(const PlainBatch& batch, size_t i, const PlainOutcome& outcome) {
  const PlainContent& content = batch.contents[i];
  const PlainOutcome::Item& item = outcome.items[i];
  Verdict verdict;
  verdict.tenant = batch.tenant;
  verdict.id = FormatUuid(item.id);
  verdict.create_time = UuidV7Time(item.id);
  verdict.content = RefOf(content);
  verdict.client_token = content.client_token;
  verdict.check_duration = item.check_duration;
  CheckResult& result = verdict.result;
  result.decision = Decision::kAllow;
  result.completeness = Completeness::kComplete;
  result.pack_revision = outcome.pack_revision;
  result.policy_revision = outcome.policy_revision;
  result.detected_charset = "UTF-8";
  result.offset_unit = content.offset_unit;
  return verdict;
}

PlainBatchJob::PlainBatchJob(Private, std::shared_ptr<Core> core, CallGate::Pass pass,
                             PlainBatch batch, Checks::PlainDone done)
    : core_(std::move(core)),
      pass_(std::move(pass)),
      batch_(std::move(batch)),
      done_(std::move(done)),
      items_(batch_.contents.size()) {}

void PlainBatchJob::Run(std::shared_ptr<Core> core, CallGate::Pass pass, PlainBatch batch,
                        Checks::PlainDone done) {
  auto job = std::make_shared<PlainBatchJob>(Private{}, std::move(core), std::move(pass),
                                             std::move(batch), std::move(done));
  job->Start();
}

void PlainBatchJob::Start() {
  const Limits& limits = core_->options.limits;
  rules_ = core_->ports.packs->Current();
  time_ = TimeAllowed::From(core_->ports.clock->Monotonic(), limits.text_deadline_max,
                            batch_.deadline, batch_.cancelled);
  if (rules_ != nullptr) {
    pack_revision_ = rules_->checker->pack().info().revision;
    policy_revision_ = rules_->checker->policy().revision();
  }
  size_t bytes = 0;
  const bool tenant_valid = ValidTenant(batch_.tenant);
  for (size_t i = 0; i < items_.size(); ++i) {
    if (!tenant_valid || !IsPlainlyValid(batch_, i, limits)) {
      items_[i].status = ValidatePlain(batch_, i, limits);
    }
    if (rules_ == nullptr && items_[i].status.ok()) items_[i].status = NoPack();
  }
  for (const Field& field : batch_.fields) bytes += field.bytes.size();

  const size_t slices = (items_.size() + kSliceItems - 1) / kSliceItems;
  const size_t wanted = std::min(slices, core_->options.scan_threads);
  // Counted before the first one runs: the last to end goes on to the commit.
  scanning_.store(wanted);
  size_t accepted = 0;
  while (accepted < wanted &&
         core_->ports.scan_pool->TrySubmit(accepted == 0 ? items_.size() * kItemBytes + bytes : 0,
                                           [self = shared_from_this()] { self->ScanSlices(); })) {
    ++accepted;
  }
  if (accepted == 0) return done_(batch_, Overloaded());
  // Fewer tasks than wanted still take all slices.
  if (accepted < wanted && scanning_.fetch_sub(wanted - accepted) == wanted - accepted) Commit();
}

void PlainBatchJob::ScanSlices() {
  const Clock& clock = *core_->ports.clock;
  Content content;
  content.tenant = batch_.tenant;
  CheckOptions options;
  options.findings_max = core_->options.limits.findings_max;
  // The time was looked at just before each check begins: its first question has the answer.
  bool asked_before = false;
  options.expired = [this, &asked_before] {
    return std::exchange(asked_before, true) && time_.Expired(core_->ports.clock->Monotonic());
  };
  while (true) {
    const size_t begin = next_slice_.fetch_add(1) * kSliceItems;
    if (begin >= items_.size()) break;
    const size_t end = std::min(begin + kSliceItems, items_.size());
    absl::Time now = clock.Monotonic();
    // Whether the caller has gone takes a lock to know, so that it is asked once a slice.
    const bool expired = time_.Expired(now);
    for (size_t i = begin; i < end; ++i) {
      Item& item = items_[i];
      if (!item.status.ok()) continue;
      if (expired || now >= time_.deadline) {
        item.status = time_.Refusal();
        continue;
      }
      const PlainContent& plain = batch_.contents[i];
      content.surface = plain.surface;
      content.region = plain.region;
      content.fields.assign(batch_.fields.begin() + plain.fields_begin,
                            batch_.fields.begin() + plain.fields_end);
      options.offset_unit = plain.offset_unit;
      options.excerpts = plain.include_excerpts;
      asked_before = false;
      const Checker& checker = rules_->For(plain.content_id);
      absl::StatusOr<CheckResult> result = checker.Check(content, options);
      const absl::Time then = std::exchange(now, clock.Monotonic());
      item.took = now - then;
      Judge(i, &checker == rules_->checker.get(), std::move(result));
    }
  }
  if (scanning_.fetch_sub(1) == 1) Commit();
}

void PlainBatchJob::Judge(size_t i, bool by_live, absl::StatusOr<CheckResult> result) {
  Item& item = items_[i];
  if (!result.ok()) {
    item.status =
        absl::IsDeadlineExceeded(result.status()) ? time_.Refusal() : NotJudged(result.status());
  } else if (by_live && IsPlainlyClean(*result)) {
    item.text_bytes = result->text_bytes;
  } else {
    item.status = MakeVerdict(i, *std::move(result));
  }
}

absl::Status PlainBatchJob::MakeVerdict(size_t i, CheckResult result) {
  Item& item = items_[i];
  item.other = std::make_unique<Other>();
  Other& other = *item.other;
  other.verdict.tenant = batch_.tenant;
  other.verdict.content = RefOf(batch_.contents[i]);
  other.verdict.result = std::move(result);
  other.verdict.client_token = batch_.contents[i].client_token;
  other.verdict.check_duration = item.took;
  other.blocked = FitsBlock(other.verdict.result);
  if (!other.blocked) return Identify(*core_->ports.ids, &other);
  EncodeBlocked(other.verdict, &other.record);
  return absl::OkStatus();
}

void PlainBatchJob::Commit() {
  if (time_.Expired(core_->ports.clock->Monotonic())) {
    for (Item& item : items_) {
      if (item.status.ok()) item.status = time_.Refusal();
    }
  }
  // One more than there are transactions, so that the call does not end while it begins them.
  uncommitted_.store(1);
  for (size_t begin = 0; begin < items_.size();) begin = CommitSome(begin);
  OneLess();
}

// Begins a transaction with the items from `begin` on that one has room for; gives where it ends.
size_t PlainBatchJob::CommitSome(size_t begin) {
  size_t bytes = 0, count = 0, end = begin;
  Durability durability = core_->CleanDurability();
  for (; end < items_.size() && bytes < kCommitBytesMax; ++end) {
    const Item& item = items_[end];
    if (!item.status.ok()) continue;
    ++count;
    bytes += item.other == nullptr ? RecordBytes(batch_.contents[end]) : item.other->record.size();
    if (item.other != nullptr && IsFlagged(item.other->verdict.result)) {
      durability = Durability::kSynced;
    }
  }
  if (count == 0) return end;
  std::unique_ptr<Transaction> transaction = core_->ports.store->Begin(batch_.tenant);
  uncommitted_.fetch_add(1);
  if (absl::Status status = PutSome(begin, end, *transaction); !status.ok()) {
    Committed(begin, end, status);
    return end;
  }
  transaction->Commit(durability,
                      [self = shared_from_this(), begin, end](const absl::Status& status) {
                        self->Committed(begin, end, status);
                      });
  return end;
}

absl::Status PlainBatchJob::PutSome(size_t begin, size_t end, Transaction& transaction) {
  // All clean records first, then views of them: the string moves while it grows.
  std::string clean;
  std::vector<size_t> ends;
  ends.reserve(end - begin);
  clean.reserve((end - begin) * kCleanBytes * 2);
  for (size_t i = begin; i < end; ++i) {
    const Item& item = items_[i];
    if (item.status.ok() && item.other == nullptr) {
      EncodePlain(batch_.contents[i], item.text_bytes, item.took, &clean);
    }
    ends.push_back(clean.size());
  }
  std::vector<Blocked> blocked;
  blocked.reserve(end - begin);
  size_t at = 0;
  for (size_t i = begin; i < end; ++i) {
    Item& item = items_[i];
    const std::string_view record = std::string_view(clean).substr(at, ends[i - begin] - at);
    at = ends[i - begin];
    if (!item.status.ok()) continue;
    if (item.other == nullptr) {
      blocked.push_back({pack_revision_, policy_revision_, record, &item.id});
    } else if (item.other->blocked) {
      const CheckResult& result = item.other->verdict.result;
      blocked.push_back(
          {result.pack_revision, result.policy_revision, item.other->record, &item.other->id});
    } else {
      PutSingly(*core_, *item.other, transaction);
    }
  }
  return PutBlocks(*core_->ports.ids, transaction, blocked);
}

void PlainBatchJob::Committed(size_t begin, size_t end, const absl::Status& status) {
  size_t in_blocks = 0;
  for (size_t i = begin; i < end; ++i) {
    Item& item = items_[i];
    if (!item.status.ok()) continue;
    if (!status.ok()) {
      item.status = StoreFailed(status);
    } else if (item.other == nullptr || item.other->blocked) {
      ++in_blocks;
      if (item.other != nullptr) NameBlocked(item.other.get());
    }
  }
  if (in_blocks > 0) core_->IndexAfter(batch_.tenant, in_blocks);
  OneLess();
}

void PlainBatchJob::OneLess() {
  if (uncommitted_.fetch_sub(1) == 1) Finish();
}

void PlainBatchJob::Finish() {
  PlainOutcome outcome;
  outcome.pack_revision = pack_revision_;
  outcome.policy_revision = policy_revision_;
  outcome.items.resize(items_.size());
  for (size_t i = 0; i < items_.size(); ++i) {
    Item& item = items_[i];
    PlainOutcome::Item& out = outcome.items[i];
    out.id = item.id;
    out.check_duration = item.took;
    if (item.status.ok() && item.other == nullptr) continue;
    out.other = static_cast<int32_t>(outcome.others.size());
    if (item.status.ok()) {
      outcome.others.emplace_back(std::move(item.other->verdict));
    } else {
      outcome.others.emplace_back(std::move(item.status));
    }
  }
  std::vector<std::unique_ptr<ShadowRuns::Answered>> answered;
  if (rules_ != nullptr && rules_->shadow != nullptr && core_->ports.shadow != nullptr) {
    answered = TakeAnswered(outcome);
  }
  done_(batch_, std::move(outcome));
  for (const auto& one : answered) core_->ports.shadow->Submit(std::move(*one));
}

// Before the reply, since the texts need not outlive it.
std::vector<std::unique_ptr<ShadowRuns::Answered>> PlainBatchJob::TakeAnswered(
    const PlainOutcome& outcome) const {
  std::vector<std::unique_ptr<ShadowRuns::Answered>> answered;
  answered.reserve(items_.size());
  for (size_t i = 0; i < items_.size(); ++i) {
    const PlainOutcome::Item& item = outcome.items[i];
    const bool clean = item.other == PlainOutcome::kClean;
    if (!clean && !outcome.others[static_cast<size_t>(item.other)].ok()) continue;
    const PlainContent& plain = batch_.contents[i];
    const Content content{.surface = plain.surface,
                          .region = plain.region,
                          .tenant = batch_.tenant,
                          .fields = {batch_.fields.begin() + plain.fields_begin,
                                     batch_.fields.begin() + plain.fields_end}};
    auto one = std::make_unique<ShadowRuns::Answered>(rules_, content, plain.content_id);
    if (clean) {
      one->verdict_id = FormatUuid(item.id);
    } else {
      const Verdict& verdict = *outcome.others[static_cast<size_t>(item.other)];
      one->Conclude(verdict.result);
      one->verdict_id = verdict.id;
    }
    answered.push_back(std::move(one));
  }
  return answered;
}

}  // namespace winnow::domain
