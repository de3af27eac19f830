#include "tools/cli/remote.h"

#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "tools/cli/console.h"
#include "winnow/v1/check_service.grpc.pb.h"
#include "winnow/v1/pack_service.grpc.pb.h"

namespace winnow::cli {
namespace {

// Clients retry only UNAVAILABLE: then the server did nothing.
constexpr char kServiceConfig[] = R"({"methodConfig": [{
  "name": [{"service": "winnow.v1.CheckService"}, {"service": "winnow.v1.PackService"}],
  "retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.1s", "maxBackoff": "1s",
                  "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]})";

CallResult ToResult(const grpc::Status& status) {
  CallResult result;
  if (status.ok()) return result;
  if (!status.error_details().empty() && result.ParseFromString(status.error_details())) {
    result.set_code(status.error_code());
    if (result.message().empty()) result.set_message(status.error_message());
    return result;
  }
  result.Clear();
  result.set_code(status.error_code());
  result.set_message(status.error_message());
  return result;
}

// A header and a file behind it.
template <typename Request, typename Writer, typename Header>
absl::StatusOr<CallResult> SendFile(const std::unique_ptr<Writer>& writer,
                                    grpc::ClientContext* context, const Header& header,
                                    Input* file) {
  constexpr size_t kChunkBytes = 1 << 20;
  Request request;
  *request.mutable_header() = header;
  // A server that refuses early closes the stream; why is what Finish() says.
  while (writer->Write(request)) {
    std::string* chunk = request.mutable_chunk();
    chunk->resize(kChunkBytes);
    const absl::StatusOr<size_t> n = file->Read(chunk->data(), chunk->size());
    if (!n.ok()) {
      context->TryCancel();
      (void)writer->Finish();
      return n.status();
    }
    if (*n == 0) break;
    chunk->resize(*n);
  }
  writer->WritesDone();
  return ToResult(writer->Finish());
}

class GrpcRemote final : public Remote {
 public:
  GrpcRemote(const RemoteOptions& options, std::shared_ptr<grpc::Channel> channel)
      : Remote(options.address),
        timeout_(options.timeout),
        channel_(std::move(channel)),
        checks_(v1::CheckService::NewStub(channel_)),
        packs_(v1::PackService::NewStub(channel_)) {}

  CallResult CheckContent(const v1::CheckContentRequest& request, v1::Verdict* verdict) override {
    Context context(timeout_);
    return ToResult(checks_->CheckContent(&context, request, verdict));
  }

  CallResult BatchCheckContents(const v1::BatchCheckContentsRequest& request,
                                v1::BatchCheckContentsResponse* response) override {
    Context context(timeout_);
    return ToResult(checks_->BatchCheckContents(&context, request, response));
  }

  absl::StatusOr<CallResult> CheckFile(const v1::CheckFileRequest::Header& header, Input* file,
                                       v1::Verdict* verdict) override {
    Context context(timeout_);
    return SendFile<v1::CheckFileRequest>(checks_->CheckFile(&context, verdict), &context, header,
                                          file);
  }

  absl::StatusOr<CallResult> UploadPack(const v1::UploadPackRequest::Header& header, Input* file,
                                        v1::PackRevision* revision) override {
    Context context(timeout_);
    return SendFile<v1::UploadPackRequest>(packs_->UploadPack(&context, revision), &context, header,
                                           file);
  }

  CallResult DownloadPack(const v1::DownloadPackRequest& request, std::string* bytes) override {
    Context context(timeout_);
    const auto reader = packs_->DownloadPack(&context, request);
    v1::DownloadPackResponse response;
    while (reader->Read(&response)) bytes->append(response.chunk());
    return ToResult(reader->Finish());
  }

  CallResult CheckStream(
      const std::vector<v1::CheckStreamRequest>& requests,
      const std::function<void(const v1::CheckStreamResponse&)>& reply) override {
    Context context(timeout_);
    const auto stream = checks_->CheckStream(&context);
    // The server stops reading while too many replies wait for us, so they are read meanwhile.
    std::thread reader([&stream, &reply] {
      v1::CheckStreamResponse response;
      while (stream->Read(&response)) reply(response);
    });
    for (const v1::CheckStreamRequest& request : requests) {
      if (!stream->Write(request)) break;
    }
    stream->WritesDone();
    reader.join();
    return ToResult(stream->Finish());
  }

  CallResult GetVerdict(const v1::GetVerdictRequest& request, v1::Verdict* verdict) override {
    Context context(timeout_);
    return ToResult(checks_->GetVerdict(&context, request, verdict));
  }

  CallResult ListVerdicts(const v1::ListVerdictsRequest& request,
                          v1::ListVerdictsResponse* response) override {
    Context context(timeout_);
    return ToResult(checks_->ListVerdicts(&context, request, response));
  }

  CallResult GetActivePack(v1::ActivePack* pack) override {
    Context context(timeout_);
    return ToResult(packs_->GetActivePack(&context, {}, pack));
  }

  CallResult ReloadPack(const v1::ReloadPackRequest& request, v1::ActivePack* pack) override {
    Context context(timeout_);
    return ToResult(packs_->ReloadPack(&context, request, pack));
  }

  CallResult GetPackRevision(const v1::GetPackRevisionRequest& request,
                             v1::PackRevision* revision) override {
    Context context(timeout_);
    return ToResult(packs_->GetPackRevision(&context, request, revision));
  }

  CallResult GetPolicyRevision(const v1::GetPolicyRevisionRequest& request,
                               v1::PolicyRevision* revision) override {
    Context context(timeout_);
    return ToResult(packs_->GetPolicyRevision(&context, request, revision));
  }

  CallResult ListPackRevisions(const v1::ListPackRevisionsRequest& request,
                               v1::ListPackRevisionsResponse* response) override {
    Context context(timeout_);
    return ToResult(packs_->ListPackRevisions(&context, request, response));
  }

  CallResult PromotePack(const v1::PromotePackRequest& request, v1::Channels* channels) override {
    Context context(timeout_);
    return ToResult(packs_->PromotePack(&context, request, channels));
  }

  CallResult RollbackPack(const v1::RollbackPackRequest& request, v1::Channels* channels) override {
    Context context(timeout_);
    return ToResult(packs_->RollbackPack(&context, request, channels));
  }

  CallResult ClearChannel(const v1::ClearChannelRequest& request, v1::Channels* channels) override {
    Context context(timeout_);
    return ToResult(packs_->ClearChannel(&context, request, channels));
  }

  CallResult GetChannels(v1::Channels* channels) override {
    Context context(timeout_);
    return ToResult(packs_->GetChannels(&context, {}, channels));
  }

  CallResult ListPackActions(const v1::ListPackActionsRequest& request,
                             v1::ListPackActionsResponse* response) override {
    Context context(timeout_);
    return ToResult(packs_->ListPackActions(&context, request, response));
  }

  CallResult GetComparison(const v1::GetComparisonRequest& request,
                           v1::Comparison* comparison) override {
    Context context(timeout_);
    return ToResult(packs_->GetComparison(&context, request, comparison));
  }

  CallResult Health(const std::string& service, std::string* answer) override {
    // On the wire a HealthCheckRequest is a StringValue and a HealthCheckResponse an Int32Value:
    // one field, number 1, of the same type.
    google::protobuf::StringValue request;
    request.set_value(service);
    google::protobuf::Int32Value response;
    Context context(timeout_);
    grpc::TemplatedGenericStub<google::protobuf::StringValue, google::protobuf::Int32Value> stub(
        channel_);
    std::promise<grpc::Status> done;
    stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request,
                   &response, [&done](grpc::Status status) { done.set_value(std::move(status)); });
    const CallResult result = ToResult(done.get_future().get());
    constexpr const char* kNames[] = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
    const int value = response.value();
    *answer = value >= 0 && value < 4 ? kNames[value] : "UNKNOWN";
    return result;
  }

 private:
  class Context : public grpc::ClientContext {
   public:
    explicit Context(absl::Duration timeout) {
      set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
    }
  };

  const absl::Duration timeout_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::CheckService::Stub> checks_;
  const std::unique_ptr<v1::PackService::Stub> packs_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Remote>> Remote::Create(const RemoteOptions& options) {
  constexpr size_t kPemBytesMax = 4 << 20;
  if (options.cert.empty() != options.key.empty()) {
    return absl::InvalidArgumentError("--cert and --key go together: give both or neither");
  }
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (options.tls || !options.ca.empty() || !options.cert.empty()) {
    grpc::SslCredentialsOptions ssl;
    if (!options.ca.empty()) {
      ASSIGN_OR_RETURN(ssl.pem_root_certs, ReadWhole(options.ca, kPemBytesMax));
    }
    if (!options.cert.empty()) {
      ASSIGN_OR_RETURN(ssl.pem_cert_chain, ReadWhole(options.cert, kPemBytesMax));
      ASSIGN_OR_RETURN(ssl.pem_private_key, ReadWhole(options.key, kPemBytesMax));
    }
    credentials = grpc::SslCredentials(ssl);
  }
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kServiceConfig);
  arguments.SetUserAgentPrefix(StrCat("winnow-cli/", Version()));
  // A page of verdicts with all their findings is large, and comes from a server we trust.
  arguments.SetMaxReceiveMessageSize(-1);
  return std::make_unique<GrpcRemote>(
      options, grpc::CreateCustomChannel(options.address, credentials, arguments));
}

}  // namespace winnow::cli
