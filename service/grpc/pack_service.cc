#include "service/grpc/pack_service.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "service/grpc/pack_stream.h"
#include "service/grpc/rollout_printer.h"
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

// What a call holds while it waits, for the pool's account of memory.
constexpr size_t kTaskBytes = 4096;
constexpr int32_t kPageSizeMax = 1000;

absl::StatusOr<size_t> PageSize(int32_t asked) {
  if (asked < 0 || asked > kPageSizeMax) {
    return domain::FieldInvalid(
        "page_size", StrCat("is ", asked, "; at least 1 and at most ", kPageSizeMax, ", or 0"));
  }
  return asked == 0 ? 50 : static_cast<size_t>(asked);
}

absl::Status BadPageToken() {
  return domain::FieldInvalid("page_token", "is not one that this call gave; begin without one");
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
  PrintRelease(*info.release, out->mutable_release());
}

}  // namespace

Reloader::Reloader(domain::Rollouts* rollouts) : rollouts_(rollouts), thread_([this] { Run(); }) {}

Reloader::~Reloader() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Reloader::Reload(const domain::ReloadOptions& options, bool from_files, domain::Actor actor,
                      Done done) {
  {
    std::lock_guard lock(mutex_);
    Group& group = waiting_[{options.allow_rollback, from_files}];
    if (group.callers.empty()) group.actor = std::move(actor);
    group.callers.push_back(std::move(done));
  }
  changed_.notify_one();
}

void Reloader::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const auto [wish, group] = std::move(*waiting_.begin());
    waiting_.erase(waiting_.begin());
    lock.unlock();
    const auto in_use = rollouts_->Reload({.allow_rollback = wish.first}, wish.second, group.actor);
    for (const Done& done : group.callers) done(in_use);
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
        ASSIGN_OR_RETURN(domain::Actor actor,
                         ReadActor(call->request().actor(), *context, "actor"));
        reloader_.Reload(
            options, call->request().from_files(), std::move(actor),
            [call](const absl::StatusOr<std::shared_ptr<const domain::RuleSetInUse>>& in_use) {
              if (!in_use.ok()) return call->Refuse(in_use.status());
              call->Reply([&](v1::ActivePack* response) { PrintPack(**in_use, response); });
            });
        return absl::OkStatus();
      });
}

template <typename Request, typename Response>
grpc::ServerUnaryReactor* PackServiceHandlers::Administer(
    std::string_view method, Context* context, const Bytes* in, Bytes* out,
    std::function<absl::StatusOr<Response>(const Request&, const domain::Actor&)> work) {
  using Call = UnaryCall<Request, Response>;
  return Handle<Request, Response>(
      runtime_, method, context, in, out, [&](const std::shared_ptr<Call>& call) -> absl::Status {
        domain::Actor actor;
        if constexpr (requires(const Request& request) { request.actor(); }) {
          ASSIGN_OR_RETURN(actor, ReadActor(call->request().actor(), *context, "actor"));
        }
        const bool accepted = runtime_->ports.admin_pool->TrySubmit(
            kTaskBytes, [call, work = std::move(work), actor = std::move(actor)] {
              const absl::StatusOr<Response> response = work(call->request(), actor);
              if (!response.ok()) return call->Refuse(response.status());
              call->Reply([&](Response* printed) { *printed = *response; });
            });
        return accepted ? absl::OkStatus() : domain::Overloaded();
      });
}

grpc::ServerReadReactor<grpc::ByteBuffer>* PackServiceHandlers::UploadPack(Context* context,
                                                                           Bytes* out) {
  return NewUploadPack(runtime_, context, out);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* PackServiceHandlers::DownloadPack(Context* context,
                                                                              const Bytes* in) {
  return NewDownloadPack(runtime_, context, in);
}

grpc::ServerUnaryReactor* PackServiceHandlers::ListPackRevisions(Context* context, const Bytes* in,
                                                                 Bytes* out) {
  using Request = v1::ListPackRevisionsRequest;
  using Response = v1::ListPackRevisionsResponse;
  return Administer<Request, Response>(
      "winnow.v1.PackService/ListPackRevisions", context, in, out,
      [this](const Request& request, const domain::Actor&) -> absl::StatusOr<Response> {
        ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size()));
        std::string_view pack_id = request.parent();
        if (!pack_id.empty()) {
          constexpr std::string_view kPrefix = "packs/";
          if (pack_id.substr(0, kPrefix.size()) != kPrefix) {
            return domain::FieldInvalid("parent", "must be `packs/{pack}`, or empty for all");
          }
          pack_id.remove_prefix(kPrefix.size());
        }
        ASSIGN_OR_RETURN(const std::vector<domain::ArchivedPack> packs,
                         runtime_->ports.rollouts->archive().ListPacks(pack_id));
        auto it = packs.begin();
        if (!request.page_token().empty()) {
          it = std::find_if(packs.begin(), packs.end(), [&](const domain::ArchivedPack& pack) {
            return pack.revision == request.page_token();
          });
          if (it == packs.end()) return BadPageToken();
          ++it;
        }
        Response response;
        const std::vector<domain::ChannelState> channels = runtime_->ports.rollouts->Channels();
        for (size_t n = 0; it != packs.end() && n < page_size; ++it, ++n) {
          PrintPackRevision(*it, channels, response.add_revisions());
        }
        if (it != packs.end()) response.set_next_page_token((it - 1)->revision);
        return response;
      });
}

grpc::ServerUnaryReactor* PackServiceHandlers::GetPackRevision(Context* context, const Bytes* in,
                                                               Bytes* out) {
  using Request = v1::GetPackRevisionRequest;
  return Administer<Request, v1::PackRevision>(
      "winnow.v1.PackService/GetPackRevision", context, in, out,
      [this](const Request& request, const domain::Actor&) -> absl::StatusOr<v1::PackRevision> {
        ASSIGN_OR_RETURN(const domain::ArchivedPack pack,
                         runtime_->ports.rollouts->archive().GetPack(request.name()));
        v1::PackRevision response;
        PrintPackRevision(pack, runtime_->ports.rollouts->Channels(), &response);
        return response;
      });
}

grpc::ServerUnaryReactor* PackServiceHandlers::GetPolicyRevision(Context* context, const Bytes* in,
                                                                 Bytes* out) {
  using Request = v1::GetPolicyRevisionRequest;
  return Administer<Request, v1::PolicyRevision>(
      "winnow.v1.PackService/GetPolicyRevision", context, in, out,
      [this](const Request& request, const domain::Actor&) -> absl::StatusOr<v1::PolicyRevision> {
        ASSIGN_OR_RETURN(const domain::ArchivedPolicy policy,
                         runtime_->ports.rollouts->archive().GetPolicy(request.name()));
        v1::PolicyRevision response;
        response.set_name(policy.revision);
        response.set_source(policy.source);
        response.set_path(policy.path);
        PrintTime(policy.archive_time, response.mutable_create_time());
        return response;
      });
}

v1::Channels PackServiceHandlers::PrintedChannels() const {
  v1::Channels out;
  for (const domain::ChannelState& state : runtime_->ports.rollouts->Channels()) {
    v1::ChannelState* channel = out.add_channels();
    channel->set_channel(static_cast<v1::Channel>(state.channel));
    channel->set_pack_revision(state.pack_revision);
    PrintTime(state.since, channel->mutable_since());
    channel->set_from_files(state.from_files);
    channel->set_canary_percent(Percent(state.share));
    for (const std::string& revision : state.previous) channel->add_previous_revisions(revision);
    PrintActor(state.actor, channel->mutable_actor());
    channel->set_problem(state.problem);
  }
  return out;
}

grpc::ServerUnaryReactor* PackServiceHandlers::PromotePack(Context* context, const Bytes* in,
                                                           Bytes* out) {
  using Request = v1::PromotePackRequest;
  return Administer<Request, v1::Channels>(
      "winnow.v1.PackService/PromotePack", context, in, out,
      [this](const Request& request, const domain::Actor& actor) -> absl::StatusOr<v1::Channels> {
        ASSIGN_OR_RETURN(const domain::Promotion promotion, ReadPromotion(request, actor));
        RETURN_IF_ERROR(runtime_->ports.rollouts->Promote(promotion));
        return PrintedChannels();
      });
}

grpc::ServerUnaryReactor* PackServiceHandlers::RollbackPack(Context* context, const Bytes* in,
                                                            Bytes* out) {
  using Request = v1::RollbackPackRequest;
  return Administer<Request, v1::Channels>(
      "winnow.v1.PackService/RollbackPack", context, in, out,
      [this](const Request& request, const domain::Actor& actor) -> absl::StatusOr<v1::Channels> {
        RETURN_IF_ERROR(runtime_->ports.rollouts->Rollback(request.name(), actor));
        return PrintedChannels();
      });
}

grpc::ServerUnaryReactor* PackServiceHandlers::ClearChannel(Context* context, const Bytes* in,
                                                            Bytes* out) {
  using Request = v1::ClearChannelRequest;
  return Administer<Request, v1::Channels>(
      "winnow.v1.PackService/ClearChannel", context, in, out,
      [this](const Request& request, const domain::Actor& actor) -> absl::StatusOr<v1::Channels> {
        if (request.channel() != v1::CHANNEL_CANARY && request.channel() != v1::CHANNEL_SHADOW) {
          return domain::FieldInvalid("channel", "must be CHANNEL_CANARY or CHANNEL_SHADOW");
        }
        RETURN_IF_ERROR(runtime_->ports.rollouts->Clear(
            static_cast<domain::Channel>(request.channel()), actor));
        return PrintedChannels();
      });
}

grpc::ServerUnaryReactor* PackServiceHandlers::GetChannels(Context* context, const Bytes* in,
                                                           Bytes* out) {
  using Request = v1::GetChannelsRequest;
  return Administer<Request, v1::Channels>(
      "winnow.v1.PackService/GetChannels", context, in, out,
      [this](const Request&, const domain::Actor&) -> absl::StatusOr<v1::Channels> {
        return PrintedChannels();
      });
}

grpc::ServerUnaryReactor* PackServiceHandlers::ListPackActions(Context* context, const Bytes* in,
                                                               Bytes* out) {
  using Request = v1::ListPackActionsRequest;
  using Response = v1::ListPackActionsResponse;
  return Administer<Request, Response>(
      "winnow.v1.PackService/ListPackActions", context, in, out,
      [this](const Request& request, const domain::Actor&) -> absl::StatusOr<Response> {
        ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size()));
        // One more than the page, to know whether there is a next one.
        ASSIGN_OR_RETURN(std::vector<domain::Action> actions,
                         runtime_->ports.rollouts->History(page_size + 1, request.page_token()));
        Response response;
        if (actions.size() > page_size) {
          actions.resize(page_size);
          response.set_next_page_token(actions.back().id);
        }
        for (const domain::Action& action : actions) PrintAction(action, response.add_actions());
        return response;
      });
}

grpc::ServerUnaryReactor* PackServiceHandlers::GetComparison(Context* context, const Bytes* in,
                                                             Bytes* out) {
  using Request = v1::GetComparisonRequest;
  return Administer<Request, v1::Comparison>(
      "winnow.v1.PackService/GetComparison", context, in, out,
      [this](const Request& request, const domain::Actor&) -> absl::StatusOr<v1::Comparison> {
        ASSIGN_OR_RETURN(const domain::Comparison comparison,
                         runtime_->ports.rollouts->CompareShadow(request.name()));
        v1::Comparison response;
        PrintComparison(comparison, &response);
        return response;
      });
}

}  // namespace winnow::rpc
