// winnow.v1.CheckService: parse, call, print.
#pragma once

#include "service/grpc/call.h"
#include "winnow/v1/check_service.grpc.pb.h"

namespace winnow::rpc {

// All methods take messages as bytes, see ReadMessage().
using RawCheckService = v1::CheckService::WithRawCallbackMethod_CheckContent<
    v1::CheckService::WithRawCallbackMethod_BatchCheckContents<
        v1::CheckService::WithRawCallbackMethod_CheckStream<
            v1::CheckService::WithRawCallbackMethod_CheckFile<
                v1::CheckService::WithRawCallbackMethod_ScanText<
                    v1::CheckService::WithRawCallbackMethod_GetVerdict<
                        v1::CheckService::WithRawCallbackMethod_ListVerdicts<
                            v1::CheckService::Service>>>>>>>;

class CheckServiceHandlers final : public RawCheckService {
 public:
  explicit CheckServiceHandlers(const Runtime* runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CheckContent(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* in,
                                         grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* BatchCheckContents(grpc::CallbackServerContext* context,
                                               const grpc::ByteBuffer* in,
                                               grpc::ByteBuffer* out) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* CheckStream(
      grpc::CallbackServerContext* context) override;
  grpc::ServerReadReactor<grpc::ByteBuffer>* CheckFile(grpc::CallbackServerContext* context,
                                                       grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* ScanText(grpc::CallbackServerContext* context,
                                     const grpc::ByteBuffer* in, grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* GetVerdict(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* in, grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* ListVerdicts(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* in,
                                         grpc::ByteBuffer* out) override;

 private:
  const Runtime* runtime_;
};

}  // namespace winnow::rpc
