#include "service/domain/shadow_runs.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/domain/commit.h"
#include "service/domain/digest.h"
#include "service/domain/error.h"
#include "service/domain/keys.h"
#include "service/domain/record_bytes.h"
#include "service/domain/refusals.h"
#include "service/domain/uuid.h"
#include "winnow/store/v1/records.pb.h"

namespace winnow::domain {
namespace {

using winnow::store::v1::ComparisonRecord;
using winnow::store::v1::RuleComparisonRecord;
using winnow::store::v1::SampleRecord;
using Samples = google::protobuf::RepeatedPtrField<SampleRecord>;

// What an answered content holds beside its texts, for the pool's account of memory.
constexpr size_t kTaskBytes = 2048;
// How often the time that a shadow was observed for is written though nothing else happened.
constexpr absl::Duration kIdleWrite = absl::Seconds(10);
constexpr absl::Duration kToldEvery = absl::Minutes(1);

size_t Index(Decision decision) {
  return std::clamp<size_t>(static_cast<size_t>(decision), 1, 3) - 1;
}

void Print(const std::vector<ComparisonSample>& samples, Samples* out) {
  for (const ComparisonSample& sample : samples) {
    SampleRecord* record = out->Add();
    record->set_tenant(sample.tenant);
    record->set_content_id(sample.content_id);
    if (const std::optional<Uuid> id = ParseUuid(sample.verdict_id)) {
      record->set_verdict_id(std::string(id->view()));
    }
    record->set_live(static_cast<uint32_t>(sample.live));
    record->set_shadow(static_cast<uint32_t>(sample.shadow));
  }
}

std::vector<ComparisonSample> SamplesOf(const Samples& records) {
  std::vector<ComparisonSample> samples;
  for (const SampleRecord& record : records) {
    ComparisonSample& sample = samples.emplace_back();
    sample.tenant = record.tenant();
    sample.content_id = record.content_id();
    if (const std::optional<Uuid> id = UuidFromBytes(record.verdict_id())) {
      sample.verdict_id = FormatUuid(*id);
    }
    sample.live = static_cast<Decision>(record.live());
    sample.shadow = static_cast<Decision>(record.shadow());
  }
  return samples;
}

void Add(const ComparisonSample& sample, std::vector<ComparisonSample>* samples) {
  if (samples->size() >= ShadowRuns::kSamplesMax) samples->erase(samples->begin());
  samples->push_back(sample);
}

std::string HeadBytes(const Comparison& sums) {
  ComparisonRecord record;
  record.set_shadow_revision(sums.shadow_revision);
  record.set_live_revision(sums.live_revision);
  record.set_policy_revision(sums.policy_revision);
  record.set_begin_ms(absl::ToUnixMillis(sums.begin_time));
  record.set_observed_ms(static_cast<uint64_t>(absl::ToInt64Milliseconds(sums.observed)));
  record.set_compared(sums.compared);
  for (const auto& row : sums.decisions) {
    for (uint64_t count : row) record.add_decisions(count);
  }
  record.set_dropped(sums.dropped);
  record.set_failed(sums.failed);
  record.set_skipped(sums.skipped);
  Print(sums.changed, record.mutable_changed());
  std::string bytes;
  SerializeRecord(record, &bytes);
  return bytes;
}

std::string RuleBytes(const RuleComparison& rule) {
  RuleComparisonRecord record;
  record.set_both(rule.both);
  record.set_live_only(rule.live_only);
  record.set_shadow_only(rule.shadow_only);
  Print(rule.live_samples, record.mutable_live_samples());
  Print(rule.shadow_samples, record.mutable_shadow_samples());
  std::string bytes;
  SerializeRecord(record, &bytes);
  return bytes;
}

absl::StatusOr<Comparison> HeadOf(std::string_view bytes) {
  ComparisonRecord record;
  RETURN_IF_ERROR(ParseRecord(bytes, "the record of a comparison", &record));
  if (record.decisions_size() != 9) {
    return RecordDamaged("the record of a comparison", "it has not all decisions");
  }
  Comparison sums;
  sums.shadow_revision = record.shadow_revision();
  sums.live_revision = record.live_revision();
  sums.policy_revision = record.policy_revision();
  sums.begin_time = absl::FromUnixMillis(record.begin_ms());
  sums.observed = absl::Milliseconds(record.observed_ms());
  sums.compared = record.compared();
  for (int i = 0; i < 9; ++i) sums.decisions[i / 3][i % 3] = record.decisions(i);
  sums.dropped = record.dropped();
  sums.failed = record.failed();
  sums.skipped = record.skipped();
  sums.changed = SamplesOf(record.changed());
  return sums;
}

absl::Status NotFound(std::string_view shadow_revision) {
  ErrorDetail detail;
  detail.reason = "COMPARISON_NOT_FOUND";
  detail.resource_type = "winnow.v1.Comparison";
  detail.resource_name = std::string(shadow_revision);
  return MakeError(absl::StatusCode::kNotFound,
                   StrCat(shadow_revision.empty() ? std::string_view("no pack") : shadow_revision,
                          shadow_revision.empty() ? " is" : " has not been",
                          " shadow here; `winnow pack promote --to shadow` makes a revision one"),
                   std::move(detail));
}

}  // namespace

ShadowRuns::ShadowRuns(Store* store, Executor* pool, const Clock* clock, OnDropped on_dropped)
    : store_(store),
      pool_(pool),
      clock_(clock),
      on_dropped_(std::move(on_dropped)),
      keeper_([this] { Keep(); }) {}

ShadowRuns::~ShadowRuns() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  keeper_.join();
  (void)Write();  // what is left; a store that fails is in the log
}

ShadowRuns::Answered::Answered(std::shared_ptr<const RuleSetInUse> the_rules,
                               const Content& content, std::string_view the_content_id)
    : rules(std::move(the_rules)),
      tenant(content.tenant),
      content_id(the_content_id),
      region(content.region),
      surface(content.surface),
      skip(&rules->For(content_id) != rules->checker.get()) {
  if (skip) return;
  texts.reserve(content.fields.size());
  for (const Field& field : content.fields) {
    texts.push_back({std::string(field.key), std::string(field.bytes), std::string(field.charset),
                     field.valid_utf8});
  }
}

ShadowRuns::Answered::Answered(std::shared_ptr<const RuleSetInUse> the_rules,
                               const Checker::FileInput& file, std::string_view the_content_id)
    : rules(std::move(the_rules)),
      tenant(file.tenant),
      content_id(the_content_id),
      region(file.region),
      surface(file.surface),
      is_file(true),
      skip(&rules->For(content_id) != rules->checker.get()) {
  texts.push_back({file.file_name, "", file.charset, false});
}

void ShadowRuns::Answered::Conclude(const CheckResult& result) {
  decision = result.decision;
  skip = skip || result.findings_truncated;
  if (skip) return;
  for (const Finding& finding : result.findings) rule_ids.insert(finding.rule_id);
}

std::string ShadowRuns::DigestOf(std::string_view shadow, std::string_view live,
                                 std::string_view policy) {
  return Sha256(StrCat(shadow, "\n", live, "\n", policy)).substr(0, 16);
}

std::string ShadowRuns::DigestOf(const RuleSetInUse& rules) {
  return DigestOf(rules.shadow->pack().info().revision, rules.checker->pack().info().revision,
                  rules.checker->policy().revision());
}

absl::Status ShadowRuns::Use(const RuleSetInUse& rules) {
  std::unique_ptr<Present> next;
  if (rules.shadow != nullptr) {
    next = std::make_unique<Present>();
    Comparison& sums = next->sums;
    sums.shadow_revision = rules.shadow->pack().info().revision;
    sums.live_revision = rules.checker->pack().info().revision;
    sums.policy_revision = rules.checker->policy().revision();
    next->digest = DigestOf(rules);
    std::lock_guard lock(mutex_);
    if (present_ != nullptr && present_->digest == next->digest) return absl::OkStatus();
  }
  // What came so far is told apart from what comes.
  RETURN_IF_ERROR(Write());
  if (next != nullptr) {
    ASSIGN_OR_RETURN(std::optional<Comparison> stored, Read(next->digest));
    if (stored) {
      next->sums = *std::move(stored);
    } else {
      next->sums.begin_time = clock_->Now();
    }
    next->dirty_head = true;
  }
  {
    std::lock_guard lock(mutex_);
    present_ = std::move(next);
    observed_until_ = clock_->Monotonic();
  }
  return Write();
}

void ShadowRuns::Submit(Answered answered) {
  size_t bytes = kTaskBytes;
  for (const Answered::Text& text : answered.texts) bytes += text.key.size() + text.bytes.size();
  auto shared = std::make_shared<const Answered>(std::move(answered));
  if (!pool_->TrySubmit(bytes, [this, shared] { Compare(*shared); })) dropped_.fetch_add(1);
}

absl::StatusOr<CheckResult> ShadowRuns::Check(const Answered& answered) {
  const Checker& shadow = *answered.rules->shadow;
  if (answered.is_file) {
    const Answered::Text& file = answered.texts[0];
    Checker::FileInput input{.file_name = file.key,
                             .charset = file.charset,
                             .surface = answered.surface,
                             .region = answered.region,
                             .tenant = answered.tenant};
    ASSIGN_OR_RETURN(const std::unique_ptr<Checker::FileCheck> check, shadow.StartFile(input));
    RETURN_IF_ERROR(check->Feed(file.bytes));
    return check->Finish();
  }
  Content content{.surface = answered.surface,
                  .region = answered.region,
                  .tenant = answered.tenant,
                  .fields = {}};
  for (const Answered::Text& text : answered.texts) {
    content.fields.push_back({text.key, text.bytes, text.charset, text.valid_utf8});
  }
  return shadow.Check(content);
}

void ShadowRuns::Compare(const Answered& answered) {
  const std::string digest = DigestOf(*answered.rules);
  if (answered.skip) {
    std::lock_guard lock(mutex_);
    if (present_ == nullptr || present_->digest != digest) return;
    ++present_->sums.skipped;
    present_->dirty_head = true;
    return;
  }
  const absl::StatusOr<CheckResult> result = Check(answered);
  std::set<std::string> shadow_rules;
  if (result.ok()) {
    for (const Finding& finding : result->findings) shadow_rules.insert(finding.rule_id);
  }

  std::lock_guard lock(mutex_);
  // One that was answered before the channels changed belongs to no comparison of now.
  if (present_ == nullptr || present_->digest != digest) return;
  Comparison& sums = present_->sums;
  present_->dirty_head = true;
  if (!result.ok()) {
    ++sums.failed;
    return;
  }
  if (result->findings_truncated) {
    ++sums.skipped;
    return;
  }
  ++sums.compared;
  ++sums.decisions[Index(answered.decision)][Index(result->decision)];
  const ComparisonSample sample{answered.tenant, answered.content_id, answered.verdict_id,
                                answered.decision, result->decision};
  if (answered.decision != result->decision) Add(sample, &sums.changed);
  std::set<std::string> all = answered.rule_ids;
  all.insert(shadow_rules.begin(), shadow_rules.end());
  for (const std::string& id : all) {
    RuleComparison& rule = sums.rules[id];
    present_->dirty.insert(id);
    const bool live = answered.rule_ids.count(id) > 0, shadow = shadow_rules.count(id) > 0;
    if (live && shadow) {
      ++rule.both;
    } else if (live) {
      ++rule.live_only;
      Add(sample, &rule.live_samples);
    } else {
      ++rule.shadow_only;
      Add(sample, &rule.shadow_samples);
    }
  }
}

void ShadowRuns::Observe() {
  const absl::Time now = clock_->Monotonic();
  const uint64_t dropped = dropped_.exchange(0);
  if (present_ != nullptr) {
    present_->sums.observed += now - observed_until_;
    present_->sums.dropped += dropped;
    present_->dirty_head = present_->dirty_head || dropped > 0;
  }
  observed_until_ = now;
}

absl::Status ShadowRuns::Write(std::optional<Comparison>* written) {
  std::lock_guard in_order(writing_);
  std::unique_ptr<Transaction> transaction = store_->Begin(kServerTenant);
  std::set<std::string> rules;
  std::string digest;
  {
    std::lock_guard lock(mutex_);
    Observe();
    if (present_ == nullptr) return absl::OkStatus();
    digest = present_->digest;
    transaction->Put(ComparisonKey(digest), HeadBytes(present_->sums));
    rules = std::exchange(present_->dirty, {});
    for (const std::string& id : rules) {
      transaction->Put(RuleComparisonKey(digest, id), RuleBytes(present_->sums.rules[id]));
    }
    present_->dirty_head = false;
    if (written != nullptr) *written = present_->sums;
  }
  const absl::Status committed = CommitAndWait(std::move(transaction));
  if (committed.ok()) return committed;
  std::lock_guard lock(mutex_);
  if (present_ != nullptr && present_->digest == digest) {
    present_->dirty.insert(rules.begin(), rules.end());
    present_->dirty_head = true;
  }
  return StoreFailed(committed);
}

// Once a second, on a thread of its own.
void ShadowRuns::Keep() {
  absl::Time written = clock_->Monotonic(), told = written - kToldEvery;
  uint64_t untold = 0, known = 0;
  std::string digest;
  std::unique_lock lock(mutex_);
  while (!stop_) {
    changed_.wait_for(lock, std::chrono::seconds(1), [this] { return stop_; });
    const absl::Time now = clock_->Monotonic();
    if (present_ == nullptr) continue;
    const bool due = present_->dirty_head || dropped_.load() > 0 || stop_;
    if (!due && now - written < kIdleWrite) continue;
    lock.unlock();
    // What could not be written is written the next time, and a store that fails is in the log.
    (void)Write();
    written = now;
    lock.lock();
    if (present_ == nullptr) continue;
    if (digest != present_->digest) {
      digest = present_->digest;
      known = 0;
    }
    untold += present_->sums.dropped - std::min(known, present_->sums.dropped);
    known = present_->sums.dropped;
    if (untold == 0 || now - told < kToldEvery || !on_dropped_) continue;
    lock.unlock();
    on_dropped_(untold);
    lock.lock();
    told = now;
    untold = 0;
  }
}

absl::StatusOr<std::optional<Comparison>> ShadowRuns::Read(const std::string& digest) const {
  const std::unique_ptr<Transaction> transaction = store_->Begin(kServerTenant);
  const auto head = transaction->Get(ComparisonKey(digest));
  if (!head.ok()) return StoreFailed(head.status());
  if (!*head) return std::nullopt;
  ASSIGN_OR_RETURN(Comparison sums, HeadOf(**head));
  const std::string begin = RuleComparisonKey(digest, "");
  std::string end = begin;
  end.append(256, '\xff');  // no rule's id is as long
  absl::Status bad;
  const absl::Status scanned =
      transaction->Scan(begin, end, {}, [&](std::string_view key, std::string_view value) {
        RuleComparisonRecord record;
        bad = ParseRecord(value, "the record of a rule's comparison", &record);
        if (!bad.ok()) return false;
        RuleComparison& rule = sums.rules[std::string(key.substr(begin.size()))];
        rule.both = record.both();
        rule.live_only = record.live_only();
        rule.shadow_only = record.shadow_only();
        rule.live_samples = SamplesOf(record.live_samples());
        rule.shadow_samples = SamplesOf(record.shadow_samples());
        return true;
      });
  if (!scanned.ok()) return StoreFailed(scanned);
  RETURN_IF_ERROR(bad);
  return sums;
}

absl::StatusOr<Comparison> ShadowRuns::Get(std::string_view shadow_revision) {
  // What was written and no more: contents go on being compared meanwhile, and what was told must
  // survive.
  std::optional<Comparison> written;
  RETURN_IF_ERROR(Write(&written));
  if (written && (shadow_revision.empty() || written->shadow_revision == shadow_revision)) {
    return *std::move(written);
  }
  std::string newest;
  if (shadow_revision.empty()) return NotFound(shadow_revision);
  const std::string begin = ComparisonPrefix();
  std::string end = begin;
  ++end.back();
  absl::Time begun = absl::InfinitePast();
  absl::Status bad;
  const absl::Status scanned =
      store_->Begin(kServerTenant)
          ->Scan(begin, end, {}, [&](std::string_view key, std::string_view value) {
            const auto head = HeadOf(value);
            if (!head.ok()) {
              bad = head.status();
              return false;
            }
            if (head->shadow_revision == shadow_revision && head->begin_time >= begun) {
              begun = head->begin_time;
              newest = std::string(key.substr(begin.size()));
            }
            return true;
          });
  if (!scanned.ok()) return StoreFailed(scanned);
  RETURN_IF_ERROR(bad);
  if (newest.empty()) return NotFound(shadow_revision);
  ASSIGN_OR_RETURN(std::optional<Comparison> sums, Read(newest));
  if (!sums) return NotFound(shadow_revision);
  return *std::move(sums);
}

absl::StatusOr<Comparison> ShadowRuns::Get(std::string_view shadow_revision,
                                           std::string_view live_revision,
                                           std::string_view policy_revision) {
  std::optional<Comparison> written;
  RETURN_IF_ERROR(Write(&written));
  if (written && written->shadow_revision == shadow_revision &&
      written->live_revision == live_revision && written->policy_revision == policy_revision) {
    return *std::move(written);
  }
  const std::string digest = DigestOf(shadow_revision, live_revision, policy_revision);
  ASSIGN_OR_RETURN(std::optional<Comparison> sums, Read(digest));
  if (!sums) return NotFound(shadow_revision);
  return *std::move(sums);
}

}  // namespace winnow::domain
