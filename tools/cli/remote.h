// A winnowd, as the command line calls it. gRPC stays behind this header.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"
#include "tools/cli/input.h"
#include "winnow/v1/check_service.pb.h"
#include "winnow/v1/pack_service.pb.h"

namespace winnow::cli {

struct RemoteOptions {
  std::string address = "127.0.0.1:50051";  // or "unix:/path"
  bool tls = false;  // with the system's authorities, unless `ca` names others
  std::string ca;    // PEM file of authorities; implies TLS
  std::string cert;  // PEM files of the client's own certificate and key; imply TLS
  std::string key;
  absl::Duration timeout = absl::Seconds(30);  // of one call
};

// How a call ended: the google.rpc.Status with its details. `code() == 0` is success.
using CallResult = google::rpc::Status;

// What went wrong, for people: code, reason, fields, limit and actual value, when to retry, and
// what to do about it. Several lines without a line end at the end.
std::string Explain(const CallResult& error, std::string_view address);

// The name of a google.rpc.Code, such as "INVALID_ARGUMENT".
std::string CodeName(int code);

// Any thread. Calls connect when needed; UNAVAILABLE is retried a few times within the timeout.
class Remote {
 public:
  // INVALID_ARGUMENT: flags that contradict each other; other codes: a PEM file cannot be read.
  static absl::StatusOr<std::unique_ptr<Remote>> Create(const RemoteOptions& options);
  virtual ~Remote() = default;

  const std::string& address() const { return address_; }

  virtual CallResult CheckContent(const v1::CheckContentRequest& request, v1::Verdict* verdict) = 0;
  virtual CallResult BatchCheckContents(const v1::BatchCheckContentsRequest& request,
                                        v1::BatchCheckContentsResponse* response) = 0;
  // Sends the file after the header. The status is not OK when the file could not be read: then the
  // call was cancelled and nothing is stored.
  virtual absl::StatusOr<CallResult> CheckFile(const v1::CheckFileRequest::Header& header,
                                               Input* file, v1::Verdict* verdict) = 0;
  // Sends all requests on one stream and calls `reply` with each response, in any order, from
  // another thread than the caller's. The timeout is for the whole.
  virtual CallResult CheckStream(
      const std::vector<v1::CheckStreamRequest>& requests,
      const std::function<void(const v1::CheckStreamResponse&)>& reply) = 0;
  virtual CallResult GetVerdict(const v1::GetVerdictRequest& request, v1::Verdict* verdict) = 0;
  virtual CallResult ListVerdicts(const v1::ListVerdictsRequest& request,
                                  v1::ListVerdictsResponse* response) = 0;
  virtual CallResult GetActivePack(v1::ActivePack* pack) = 0;
  virtual CallResult ReloadPack(const v1::ReloadPackRequest& request, v1::ActivePack* pack) = 0;
  // Sends the file after the header; as CheckFile().
  virtual absl::StatusOr<CallResult> UploadPack(const v1::UploadPackRequest::Header& header,
                                                Input* file, v1::PackRevision* revision) = 0;
  virtual CallResult DownloadPack(const v1::DownloadPackRequest& request, std::string* bytes) = 0;
  virtual CallResult GetPackRevision(const v1::GetPackRevisionRequest& request,
                                     v1::PackRevision* revision) = 0;
  virtual CallResult GetPolicyRevision(const v1::GetPolicyRevisionRequest& request,
                                       v1::PolicyRevision* revision) = 0;
  virtual CallResult ListPackRevisions(const v1::ListPackRevisionsRequest& request,
                                       v1::ListPackRevisionsResponse* response) = 0;
  virtual CallResult PromotePack(const v1::PromotePackRequest& request, v1::Channels* channels) = 0;
  virtual CallResult RollbackPack(const v1::RollbackPackRequest& request,
                                  v1::Channels* channels) = 0;
  virtual CallResult ClearChannel(const v1::ClearChannelRequest& request,
                                  v1::Channels* channels) = 0;
  virtual CallResult GetChannels(v1::Channels* channels) = 0;
  virtual CallResult ListPackActions(const v1::ListPackActionsRequest& request,
                                     v1::ListPackActionsResponse* response) = 0;
  virtual CallResult GetComparison(const v1::GetComparisonRequest& request,
                                   v1::Comparison* comparison) = 0;
  // What health.v1 answers for `service` ("" is the whole server): "SERVING", "NOT_SERVING", ...
  virtual CallResult Health(const std::string& service, std::string* answer) = 0;

 protected:
  explicit Remote(std::string address) : address_(std::move(address)) {}

 private:
  const std::string address_;
};

}  // namespace winnow::cli
