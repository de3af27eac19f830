#include "tests/service/domain/checks_harness.h"

#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "engine/base/strings.h"
#include "engine/pack/pack.h"
#include "service/domain/error.h"

namespace winnow::domain {
namespace {

constexpr char kRules[] = R"(
- id: gambling.test_word
  category: vice_violence
  label: gambling
  severity: high
  action: block
  match: {terms: [blockword, 网上赌场]}
  reason: {en: Offers gambling., zh: 提供赌博。}
  tests: {match: [blockword], no_match: [a word]}
- id: rumors.test_word
  category: rumors
  severity: medium
  action: review
  match: {terms: [reviewword]}
  reason: {en: May be a rumour., zh: 可能是谣言。}
  tests: {match: [reviewword], no_match: [a word]}
- id: rumors.trial_word
  category: rumors
  severity: medium
  action: block
  status: experimental
  match: {terms: [trialword]}
  reason: {en: May be a rumour., zh: 可能是谣言。}
  tests: {match: [trialword], no_match: [a word]}
)";

constexpr char kOneMore[] = R"(
- id: rumors.another_word
  category: rumors
  severity: medium
  action: review
  match: {terms: [otherword]}
  reason: {en: May be a rumour., zh: 可能是谣言。}
  tests: {match: [otherword], no_match: [a word]}
)";

std::shared_ptr<const Checker> Compile(std::string rules) {
  pack::CompileResult compiled =
      pack::CompilePack({{"test.yaml", std::move(rules)}}, {.id = "test"});
  EXPECT_NE(compiled.pack, nullptr) << rules::Render(compiled.diagnostics, compiled.sources, false);
  return std::make_shared<const Checker>(compiled.pack, DefaultPolicy());
}

}  // namespace

std::shared_ptr<const Checker> SmallChecker() {
  static const auto checker = Compile(kRules);
  return checker;
}

std::shared_ptr<const Checker> OtherChecker() {
  static const auto checker = Compile(StrCat(std::string(kRules), kOneMore));
  return checker;
}

class DurabilityLog::LoggingTransaction : public Transaction {
 public:
  LoggingTransaction(DurabilityLog* log, std::unique_ptr<Transaction> inner)
      : log_(log), inner_(std::move(inner)) {}
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override {
    return inner_->Get(key);
  }
  absl::Status Scan(std::string_view begin, std::string_view end, ScanOptions options,
                    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) override {
    return inner_->Scan(begin, end, options, visit);
  }
  void Put(std::string_view key, std::string_view value) override { inner_->Put(key, value); }
  void Delete(std::string_view key) override { inner_->Delete(key); }
  void Commit(Durability durability, std::function<void(absl::Status)> done) override {
    {
      std::lock_guard lock(log_->mutex_);
      log_->log_.push_back(durability);
    }
    inner_->Commit(durability, std::move(done));
  }

 private:
  DurabilityLog* const log_;
  const std::unique_ptr<Transaction> inner_;
};

std::unique_ptr<Transaction> DurabilityLog::Begin(std::string_view tenant) {
  return std::make_unique<LoggingTransaction>(this, inner_->Begin(tenant));
}

std::vector<Durability> DurabilityLog::Take() {
  std::lock_guard lock(mutex_);
  return std::exchange(log_, {});
}

ContentCheck Order(std::string content_id, std::string text, std::string account_id) {
  ContentCheck check;
  check.tenant = "acme";
  check.content.content_id = std::move(content_id);
  check.content.account_id = std::move(account_id);
  check.content.surface = Surface::kOrder;
  auto kept = std::make_shared<const std::string>(std::move(text));
  check.fields.push_back({.key = "note", .bytes = *kept, .charset = {}, .valid_utf8 = true});
  check.keep_alive = kept;
  return check;
}

ContentCheck OrderAs(std::string request_id, std::string content_id, std::string text) {
  std::string digest = StrCat("digest of ", content_id, ": ", text);
  ContentCheck check = Order(std::move(content_id), std::move(text));
  check.request_id = std::move(request_id);
  check.body_digest = std::move(digest);
  return check;
}

std::string RequestId(int n) { return absl::StrFormat("1f0c2f1e-8a52-4f4e-9c3b-%012x", n + 1); }

Harness::Harness(Pools pools, FakeStore::Completion completion)
    : store(completion), packs([this](const ReloadOptions&) { return next_checker; }, &clock) {
  if (pools == Pools::kThreads) {
    scan_threads = std::make_unique<system::ThreadPool>(
        system::ThreadPool::Options{.name = "scan", .threads = 2});
    io_threads = std::make_unique<system::ThreadPool>(
        system::ThreadPool::Options{.name = "io", .threads = 2});
  }
  options.page_token_key = std::string(32, 'k');
  EXPECT_TRUE(packs.Reload().ok());
  checks = MakeChecks();
}

Harness::~Harness() {
  checks.reset();
  if (scan_threads != nullptr) scan_threads->Shutdown();
  if (io_threads != nullptr) io_threads->Shutdown();
}

std::unique_ptr<Checks> Harness::MakeChecks() {
  Executor* const scan =
      scan_threads != nullptr ? static_cast<Executor*>(scan_threads.get()) : &manual_scan;
  Executor* const io =
      io_threads != nullptr ? static_cast<Executor*>(io_threads.get()) : &manual_io;
  Store* const used = other_store != nullptr ? other_store : &log;
  return std::make_unique<Checks>(options, Checks::Ports{used, scan, io, &clock, &ids, &packs, {}});
}

void Harness::Restart() { checks = MakeChecks(); }

absl::StatusOr<Verdict> Harness::Check(ContentCheck check) {
  Outcome<Verdict> outcome;
  checks->CheckContent(std::move(check), outcome.done());
  RunAll();
  return outcome.Wait();
}

absl::StatusOr<Verdict> Harness::ScanText(ContentCheck check) {
  Outcome<Verdict> outcome;
  checks->ScanText(std::move(check), outcome.done());
  RunAll();
  return outcome.Wait();
}

absl::StatusOr<std::vector<absl::StatusOr<Verdict>>> Harness::Batch(
    std::vector<ContentCheck> batch) {
  Outcome<std::vector<absl::StatusOr<Verdict>>> outcome;
  checks->BatchCheckContents(std::move(batch), outcome.done());
  RunAll();
  return outcome.Wait();
}

absl::StatusOr<std::vector<absl::StatusOr<Verdict>>> Harness::PlainBatchOf(
    std::vector<ContentCheck> made) {
  auto kept = std::make_shared<const std::vector<ContentCheck>>(std::move(made));
  PlainBatch batch;
  batch.tenant = "acme";
  batch.keep_alive = kept;
  for (const ContentCheck& check : *kept) {
    EXPECT_TRUE(check.request_id.empty() && check.content.labels.empty());
    const ContentRef& ref = check.content;
    PlainContent& plain = batch.contents.emplace_back();
    plain.content_id = ref.content_id;
    plain.account_id = ref.account_id;
    plain.region = ref.region;
    plain.language_hint = ref.language_hint;
    plain.client_token = check.client_token;
    plain.surface = ref.surface;
    plain.offset_unit = check.offset_unit;
    plain.include_excerpts = check.include_excerpts;
    plain.fields_begin = static_cast<uint32_t>(batch.fields.size());
    batch.fields.insert(batch.fields.end(), check.fields.begin(), check.fields.end());
    plain.fields_end = static_cast<uint32_t>(batch.fields.size());
    if (check.deadline) batch.deadline = check.deadline;
    if (check.cancelled) batch.cancelled = check.cancelled;
  }
  using Verdicts = std::vector<absl::StatusOr<Verdict>>;
  Outcome<Verdicts> outcome;
  checks->CheckPlainBatch(
      std::move(batch),
      [done = outcome.done()](const PlainBatch& batch, absl::StatusOr<PlainOutcome> plain) {
        if (!plain.ok()) return done(plain.status());
        Verdicts verdicts;
        for (size_t i = 0; i < plain->items.size(); ++i) {
          const int32_t other = plain->items[i].other;
          if (other != PlainOutcome::kClean) {
            verdicts.push_back(plain->others[other]);
          } else {
            verdicts.emplace_back(CleanVerdictOf(batch, i, *plain));
          }
        }
        done(std::move(verdicts));
      });
  RunAll();
  return outcome.Wait();
}

absl::StatusOr<Verdict> Harness::Get(const Verdict& verdict) {
  Outcome<Verdict> outcome;
  checks->GetVerdict(verdict.tenant, verdict.id, outcome.done());
  RunAll();
  return outcome.Wait();
}

absl::StatusOr<VerdictPage> Harness::List(int32_t page_size, std::string token,
                                          std::string filter) {
  Outcome<VerdictPage> outcome;
  checks->ListVerdicts("acme", page_size, std::move(token), std::move(filter), outcome.done());
  RunAll();
  return outcome.Wait();
}

absl::StatusOr<std::vector<Verdict>> Harness::ListAll(int32_t page_size,
                                                      const std::string& filter) {
  std::vector<Verdict> all;
  std::string token;
  do {
    absl::StatusOr<VerdictPage> page = List(page_size, token, filter);
    if (!page.ok()) return page.status();
    for (Verdict& verdict : page->verdicts) all.push_back(std::move(verdict));
    token = page->next_page_token;
  } while (!token.empty());
  return all;
}

absl::StatusOr<Verdict> Harness::File(FileHeader header, std::string_view bytes, size_t chunk) {
  absl::StatusOr<std::shared_ptr<Checks::FileCheck>> file = checks->StartFile(std::move(header));
  if (!file.ok()) return file.status();
  while (!bytes.empty()) {
    Outcome<bool> fed;
    (*file)->Feed(std::string(bytes.substr(0, chunk)), [done = fed.done()](absl::Status status) {
      done(status.ok() ? absl::StatusOr<bool>(true) : status);
    });
    bytes.remove_prefix(std::min(chunk, bytes.size()));
    RunAll();
    if (absl::StatusOr<bool> ready = fed.Wait(); !ready.ok()) return ready.status();
  }
  Outcome<Verdict> outcome;
  (*file)->Finish(outcome.done());
  RunAll();
  return outcome.Wait();
}

void Harness::RunAll() {
  if (scan_threads != nullptr) return;
  while (manual_io.RunNext() || manual_scan.RunNext() || store.CompleteNext()) {
  }
}

std::string Essence(const Verdict& verdict) {
  const CheckResult& result = verdict.result;
  std::string out =
      StrCat(verdict.content.content_id, " ", verdict.content.account_id, " ",
             verdict.content.file_name, " ", Name(verdict.content.surface), " ",
             Name(result.decision), " ", Name(result.completeness), " ", result.detected_charset,
             " ", result.text_bytes, " ", result.replacements, " ", result.finding_count, " ",
             result.pack_revision.view(), " ", verdict.content_sha256, "\n");
  for (const Shortfall& shortfall : result.shortfalls) {
    StrAppend(&out, "shortfall ", Name(shortfall.reason), " ", shortfall.part, "\n");
  }
  for (const CategoryResult& category : result.categories) {
    StrAppend(&out, "category ", Name(category.category), " ", category.label, " ",
              category.finding_count, "\n");
  }
  for (const Finding& finding : result.findings) {
    StrAppend(&out, "finding ", finding.rule_id, " ", finding.field, " ", finding.begin, "-",
              finding.end, " ", finding.excerpt, " ", finding.reason_en, finding.reason_zh, "\n");
  }
  return out;
}

std::string ReasonOf(const absl::Status& status) {
  const std::optional<ErrorDetail> detail = DetailOf(status);
  return detail ? detail->reason : std::string(absl::StatusCodeToString(status.code()));
}

}  // namespace winnow::domain
