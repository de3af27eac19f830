#include "service/domain/checks.h"

#include <utility>

#include "engine/base/status_macros.h"
#include "service/domain/check_job.h"
#include "service/domain/core.h"
#include "service/domain/error.h"
#include "service/domain/file_check.h"
#include "service/domain/page_token.h"
#include "service/domain/plain_batch_job.h"
#include "service/domain/refusals.h"
#include "service/domain/validation.h"
#include "service/domain/verdict_reader.h"

namespace winnow::domain {
namespace {

constexpr size_t kReadBytes = 4096;
// A page of verdicts while it is read: records and what they decode to.
constexpr size_t kPageBytes = 3 * kListPageBytesMax;

}  // namespace

struct Checks::Impl {
  Impl(const Options& options, const Ports& ports)
      : core(std::make_shared<Core>(options, ports)),
        tokens(std::make_shared<const PageTokens>(options.page_token_key)) {}

  // Runs `work`, which reads the store and gives `done`'s argument, on the io pool.
  template <typename Result>
  void Read(size_t bytes, std::function<Result()> work, std::function<void(Result)> done) {
    std::optional<CallGate::Pass> pass = core->gate->Enter();
    if (!pass) return done(Draining());
    // Shared: functions have to be copyable.
    auto held = std::make_shared<CallGate::Pass>(*std::move(pass));
    const bool accepted = core->ports.io_pool->TrySubmit(
        bytes, [held, work = std::move(work), done] { done(work()); });
    if (!accepted) done(Overloaded());
  }

  const std::shared_ptr<Core> core;
  const std::shared_ptr<const PageTokens> tokens;
};

Checks::Checks(const Options& options, const Ports& ports)
    : impl_(std::make_shared<Impl>(options, ports)) {}
Checks::~Checks() = default;

void Checks::CheckContent(ContentCheck check, VerdictDone done) {
  std::optional<CallGate::Pass> pass = impl_->core->gate->Enter();
  if (!pass) return done(Draining());
  CheckJob::RunContent(impl_->core, *std::move(pass), std::move(check), Keep::kStored,
                       std::move(done));
}

void Checks::BatchCheckContents(std::vector<ContentCheck> checks, BatchDone done) {
  const size_t most = impl_->core->options.limits.batch_items_max;
  if (checks.empty()) return done(FieldOutOfRange("requests", 1, most, 0, "items"));
  if (checks.size() > most) return done(BatchTooLarge(most, checks.size()));
  std::optional<CallGate::Pass> pass = impl_->core->gate->Enter();
  if (!pass) return done(Draining());
  CheckJob::RunContents(impl_->core, *std::move(pass), std::move(checks), Keep::kStored,
                        std::move(done));
}

void Checks::CheckPlainBatch(PlainBatch batch, PlainDone done) {
  const size_t most = impl_->core->options.limits.batch_items_max;
  const size_t size = batch.contents.size();
  if (size == 0) return done(batch, FieldOutOfRange("requests", 1, most, 0, "items"));
  if (size > most) return done(batch, BatchTooLarge(most, size));
  std::optional<CallGate::Pass> pass = impl_->core->gate->Enter();
  if (!pass) return done(batch, Draining());
  PlainBatchJob::Run(impl_->core, *std::move(pass), std::move(batch), std::move(done));
}

void Checks::ScanText(ContentCheck check, VerdictDone done) {
  std::optional<CallGate::Pass> pass = impl_->core->gate->Enter();
  if (!pass) return done(Draining());
  CheckJob::RunContent(impl_->core, *std::move(pass), std::move(check), Keep::kNotStored,
                       std::move(done));
}

absl::StatusOr<std::shared_ptr<Checks::FileCheck>> Checks::StartFile(FileHeader header) {
  const std::shared_ptr<Core>& core = impl_->core;
  std::optional<CallGate::Pass> pass = core->gate->Enter();
  if (!pass) return Draining();
  RETURN_IF_ERROR(ValidateFileHeader(header, core->options.limits));
  ASSIGN_OR_RETURN(const std::optional<Uuid> request_id,
                   ValidateRequestId(header.request_id, "header.request_id"));
  std::shared_ptr<const RuleSetInUse> rules = core->ports.packs->Current();
  if (rules == nullptr) return NoPack();
  if (core->open_files.load() >= core->options.limits.open_files_max) return Overloaded();
  return std::make_shared<FileCheckOnPool>(core, *std::move(pass), std::move(rules),
                                           std::move(header), request_id);
}

void Checks::GetVerdict(std::string tenant, std::string id, VerdictDone done) {
  const std::optional<Uuid> uuid = ParseUuid(id);
  if (!uuid) return done(FieldInvalid("name", "the last part must be a UUID"));
  impl_->Read<absl::StatusOr<Verdict>>(
      kReadBytes,
      [store = impl_->core->ports.store, tenant = std::move(tenant), uuid = *uuid] {
        return ReadVerdict(*store, tenant, uuid);
      },
      std::move(done));
}

void Checks::ListVerdicts(std::string tenant, int32_t page_size, std::string page_token,
                          std::string filter, PageDone done) {
  absl::StatusOr<ListQuestion> question =
      ListQuestion::Parse(std::move(tenant), page_size, page_token, filter, *impl_->tokens);
  if (!question.ok()) return done(question.status());
  impl_->Read<absl::StatusOr<VerdictPage>>(
      kPageBytes,
      [store = impl_->core->ports.store, tokens = impl_->tokens, question = *std::move(question)] {
        return ListPage(*store, question, *tokens);
      },
      std::move(done));
}

absl::Status Checks::Drain(absl::Duration timeout) { return impl_->core->gate->Drain(timeout); }

}  // namespace winnow::domain
