// winnowd as a process of its own on a free port, and a client to it.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "winnow/v1/check_service.grpc.pb.h"
#include "winnow/v1/pack_service.grpc.pb.h"

namespace winnow {

// A folder with a test pack and policy, and winnowd started over it as often as the test likes.
class Winnowd {
 public:
  // Writes the test pack and policy; starts nothing.
  Winnowd();

  const std::string& dir() const { return dir_.path(); }
  std::string pack_path() const { return dir_.Sub("test.pack"); }
  std::string policy_path() const { return dir_.Sub("policy.yaml"); }
  std::string data_dir() const { return dir_.Sub("data"); }

  // Starts it with `flags` after the usual ones, and waits until it serves or has ended. Fails the
  // test in the latter case.
  void Start(const std::vector<std::string>& flags = {});
  // Starts it where it should refuse to: waits for its end.
  Process::Exit StartRefused(const std::vector<std::string>& flags = {},
                             const std::map<std::string, std::string>& env = {});
  // Sends SIGTERM, drops the stubs and waits for the end; fails the test unless it is a clean one.
  void Stop();
  void Kill();  // SIGKILL, and waits
  void SendHangup();

  Process& process() { return *process_; }
  const std::string& address() const { return address_; }
  std::shared_ptr<grpc::Channel> channel() const { return channel_; }
  v1::CheckService::Stub& checks() { return *checks_; }
  v1::PackService::Stub& packs() { return *packs_; }

 private:
  std::vector<std::string> Argv(const std::vector<std::string>& flags) const;

  TempDir dir_;
  std::unique_ptr<Process> process_;
  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::CheckService::Stub> checks_;
  std::unique_ptr<v1::PackService::Stub> packs_;
};

// A client's context with a deadline far enough for slow builds.
std::unique_ptr<grpc::ClientContext> NewContext(absl::Duration timeout = absl::Minutes(1));

// The details of a refusal, as a client reads them.
struct Refusal {
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string message;
  std::string reason, domain;
  std::map<std::string, std::string> metadata;
  std::map<std::string, std::string> fields;  // path to description
  std::string resource_type, resource_name;
  bool has_retry_delay = false;
};
Refusal RefusalOf(const grpc::Status& status);
Refusal RefusalOf(const google::rpc::Status& status);  // of an item of a batch or stream

// A request for one field "note" of text on the surface `order` of tenant "acme".
v1::CheckContentRequest ContentRequest(std::string_view content_id, std::string_view text);

// Verdicts that `tenant` has, by paging through ListVerdicts.
std::vector<v1::Verdict> AllVerdicts(v1::CheckService::Stub& checks,
                                     std::string_view tenant = "acme",
                                     std::string_view filter = "");

// Sends `bytes` as a file: header, chunks of `chunk_bytes`, half-close.
grpc::Status CheckFile(v1::CheckService::Stub& checks, const v1::CheckFileRequest::Header& header,
                       std::string_view bytes, v1::Verdict* verdict, size_t chunk_bytes = 64 << 10);
v1::CheckFileRequest::Header FileHeader(std::string_view content_id);

// Sends `header` and so many chunks of "x" that flow control lets them pass only once the server
// has begun the check: it is in flight when this returns. Returns how many bytes were sent.
size_t BeginFile(grpc::ClientWriter<v1::CheckFileRequest>& writer,
                 const v1::CheckFileRequest::Header& header);

}  // namespace winnow
