#include "service/grpc/pack_service.h"

#include <memory>
#include <utility>

#include "service/domain/error.h"
#include "service/grpc/verdict_printer.h"

namespace winnow::rpc {
namespace {

absl::Status NoPack() {
  domain::ErrorDetail detail;
  detail.reason = "NO_PACK";
  detail.retry_after = absl::Seconds(1);
  return domain::MakeError(absl::StatusCode::kUnavailable, "no pack is in use yet",
                           std::move(detail));
}

void PrintPack(const domain::RuleSetInUse& in_use, v1::ActivePack* out) {
  const pack::PackInfo& info = in_use.checker->pack().info();
  out->set_pack_revision(info.revision);
  out->set_policy_revision(in_use.checker->policy().revision());
  PrintTime(in_use.load_time, out->mutable_load_time());
  out->set_source_digest(info.source_digest);
  out->set_rule_count(info.rule_count);
  out->set_term_count(info.term_count);
  out->set_regex_count(info.regex_count);
  out->set_tool_version(info.tool_version);
  out->set_engine(info.engine);
  out->set_recompiled(info.recompiled);
  if (!info.release) return;
  v1::PackRelease* release = out->mutable_release();
  release->set_sequence(info.release->sequence);
  PrintTime(info.release->issue_time, release->mutable_issue_time());
  PrintTime(info.release->expire_time, release->mutable_expire_time());
  for (const std::string& id : info.release->signer_ids) release->add_signer_ids(id);
}

}  // namespace

Reloader::Reloader(domain::PacksInUse* packs) : packs_(packs), thread_([this] { Run(); }) {}

Reloader::~Reloader() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Reloader::Reload(const domain::ReloadOptions& options, Done done) {
  {
    std::lock_guard lock(mutex_);
    (options.allow_rollback ? waiting_for_rollback_ : waiting_).push_back(std::move(done));
  }
  changed_.notify_one();
}

void Reloader::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock,
                  [this] { return stop_ || !waiting_.empty() || !waiting_for_rollback_.empty(); });
    if (waiting_.empty() && waiting_for_rollback_.empty()) return;
    // Nobody gets a rollback that only another asked for.
    const bool rollback = waiting_.empty();
    const std::vector<Done> callers =
        std::exchange(rollback ? waiting_for_rollback_ : waiting_, {});
    lock.unlock();
    const auto in_use = packs_->Reload({.allow_rollback = rollback});
    for (const Done& done : callers) done(in_use);
    lock.lock();
  }
}

grpc::ServerUnaryReactor* PackServiceHandlers::GetActivePack(grpc::CallbackServerContext* context,
                                                             const grpc::ByteBuffer* in,
                                                             grpc::ByteBuffer* out) {
  using Call = UnaryCall<v1::GetActivePackRequest, v1::ActivePack>;
  return Handle<v1::GetActivePackRequest, v1::ActivePack>(
      runtime_, "winnow.v1.PackService/GetActivePack", context, in, out,
      [&](const std::shared_ptr<Call>& call) -> absl::Status {
        const auto in_use = runtime_->ports.packs->Current();
        if (in_use == nullptr) return NoPack();
        call->Reply([&](v1::ActivePack* response) { PrintPack(*in_use, response); });
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PackServiceHandlers::ReloadPack(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* in,
                                                          grpc::ByteBuffer* out) {
  using Call = UnaryCall<v1::ReloadPackRequest, v1::ActivePack>;
  return Handle<v1::ReloadPackRequest, v1::ActivePack>(
      runtime_, "winnow.v1.PackService/ReloadPack", context, in, out,
      [&](const std::shared_ptr<Call>& call) -> absl::Status {
        domain::ReloadOptions options;
        options.allow_rollback = call->request().allow_rollback();
        reloader_.Reload(
            options,
            [call](const absl::StatusOr<std::shared_ptr<const domain::RuleSetInUse>>& in_use) {
              if (!in_use.ok()) return call->Refuse(in_use.status());
              call->Reply([&](v1::ActivePack* response) { PrintPack(**in_use, response); });
            });
        return absl::OkStatus();
      });
}

}  // namespace winnow::rpc
