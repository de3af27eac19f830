// winnow.v1.PackService: parse, call, print.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "service/grpc/call.h"
#include "winnow/v1/pack_service.grpc.pb.h"

namespace winnow::rpc {

// Reloads off gRPC's threads, one at a time. Callers that ask for the same while a reload waits or
// runs share the next one, so that any number of them costs one thread and no queue.
class Reloader {
 public:
  using Done = std::function<void(absl::StatusOr<std::shared_ptr<const domain::RuleSetInUse>>)>;
  explicit Reloader(domain::PacksInUse* packs);
  // Finishes what was asked for.
  ~Reloader();
  void Reload(const domain::ReloadOptions& options, Done done);

 private:
  void Run();

  domain::PacksInUse* const packs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Done> waiting_, waiting_for_rollback_;
  bool stop_ = false;
  std::thread thread_;
};

using RawPackService = v1::PackService::WithRawCallbackMethod_GetActivePack<
    v1::PackService::WithRawCallbackMethod_ReloadPack<v1::PackService::Service>>;

class PackServiceHandlers final : public RawPackService {
 public:
  explicit PackServiceHandlers(const Runtime* runtime)
      : runtime_(runtime), reloader_(runtime->ports.packs) {}

  grpc::ServerUnaryReactor* GetActivePack(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* in,
                                          grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* ReloadPack(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* in, grpc::ByteBuffer* out) override;

 private:
  const Runtime* runtime_;
  Reloader reloader_;
};

}  // namespace winnow::rpc
