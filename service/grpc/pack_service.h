// winnow.v1.PackService: parse, call, print.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "service/grpc/call.h"
#include "winnow/v1/pack_service.grpc.pb.h"

namespace winnow::rpc {

// Reloads off gRPC's threads, one at a time. Callers that ask for the same while a reload waits or
// runs share the next one, so that any number of them costs one thread and no queue; of those that
// share one, the first is on record.
class Reloader {
 public:
  using Done = std::function<void(absl::StatusOr<std::shared_ptr<const domain::RuleSetInUse>>)>;
  explicit Reloader(domain::Rollouts* rollouts);
  // Finishes what was asked for.
  ~Reloader();
  void Reload(const domain::ReloadOptions& options, bool from_files, domain::Actor actor,
              Done done);

 private:
  // Nobody gets a rollback, or the files, that only another asked for.
  using Wish = std::pair<bool, bool>;  // allow_rollback, from_files
  struct Group {
    domain::Actor actor;
    std::vector<Done> callers;
  };
  void Run();

  domain::Rollouts* const rollouts_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Wish, Group> waiting_;
  bool stop_ = false;
  std::thread thread_;
};

using RawRollouts = v1::PackService::WithRawCallbackMethod_PromotePack<
    v1::PackService::WithRawCallbackMethod_RollbackPack<
        v1::PackService::WithRawCallbackMethod_ClearChannel<
            v1::PackService::WithRawCallbackMethod_GetChannels<
                v1::PackService::WithRawCallbackMethod_ListPackActions<
                    v1::PackService::WithRawCallbackMethod_GetComparison<
                        v1::PackService::Service>>>>>>;
using RawPackService = v1::PackService::WithRawCallbackMethod_GetActivePack<
    v1::PackService::WithRawCallbackMethod_ReloadPack<
        v1::PackService::WithRawCallbackMethod_UploadPack<
            v1::PackService::WithRawCallbackMethod_ListPackRevisions<
                v1::PackService::WithRawCallbackMethod_GetPackRevision<
                    v1::PackService::WithRawCallbackMethod_DownloadPack<
                        v1::PackService::WithRawCallbackMethod_GetPolicyRevision<RawRollouts>>>>>>>;

class PackServiceHandlers final : public RawPackService {
 public:
  explicit PackServiceHandlers(const Runtime* runtime)
      : runtime_(runtime), reloader_(runtime->ports.rollouts) {}

  using Context = grpc::CallbackServerContext;
  using Bytes = grpc::ByteBuffer;
  grpc::ServerUnaryReactor* GetActivePack(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* ReloadPack(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerReadReactor<Bytes>* UploadPack(Context* context, Bytes* out) override;
  grpc::ServerUnaryReactor* ListPackRevisions(Context* context, const Bytes* in,
                                              Bytes* out) override;
  grpc::ServerUnaryReactor* GetPackRevision(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerWriteReactor<Bytes>* DownloadPack(Context* context, const Bytes* in) override;
  grpc::ServerUnaryReactor* GetPolicyRevision(Context* context, const Bytes* in,
                                              Bytes* out) override;
  grpc::ServerUnaryReactor* PromotePack(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* RollbackPack(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* ClearChannel(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* GetChannels(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* ListPackActions(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* GetComparison(Context* context, const Bytes* in, Bytes* out) override;

 private:
  // Runs a call that waits for the disk or loads a pack. `work` gives the response or a refusal.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Administer(
      std::string_view method, Context* context, const Bytes* in, Bytes* out,
      std::function<absl::StatusOr<Response>(const Request&, const domain::Actor&)> work);

  v1::Channels PrintedChannels() const;

  const Runtime* runtime_;
  Reloader reloader_;
};

}  // namespace winnow::rpc
