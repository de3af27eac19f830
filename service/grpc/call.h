// What every call has besides its business: deadline, cancellation, the access log, the status.
#pragma once

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/grpc/server.h"

namespace winnow::rpc {

// What all handlers share; lives as long as the server.
struct Runtime {
  ServerPorts ports;
  ServerOptions options;
  LogHook log;
};

// One call in progress. `context` and everything it owns die with the finished call.
class Call {
 public:
  // `method`: "winnow.v1.CheckService/CheckContent"; static.
  Call(const Runtime* runtime, std::string_view method, grpc::CallbackServerContext* context);

  // For the log.
  void Describe(std::string_view tenant, std::string_view request_id, size_t items = 1);

  // The caller's deadline in the domain's monotonic time; nullopt if it gave none.
  std::optional<absl::Time> Deadline() const;
  // Whether the caller has gone. The function may be called until the call is finished.
  std::function<bool()> Cancelled() const;

  // Logs the call and gives what to finish it with. Call once, and touch the call no more.
  grpc::Status Finish(const absl::Status& status);

 private:
  const Runtime* runtime_;
  std::string_view method_;
  grpc::CallbackServerContext* context_;
  absl::Time begin_;
  std::string tenant_;
  std::string request_id_;
  size_t items_ = 1;
};

// Reads a message as it came over the wire. gRPC's own reading would answer what it cannot parse
// with UNIMPLEMENTED, and take it for the end of a stream; here it is FIELD_INVALID like any other
// refusal.
absl::Status ReadMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message* out);
void WriteMessage(const google::protobuf::Message& message, grpc::ByteBuffer* out);
// All bytes of a message in one piece, where they are if they are that already. Empty when gRPC
// cannot give them.
grpc::Slice InOnePiece(const grpc::ByteBuffer& bytes);

// One unary call as it ends: with one of Refuse() and the replies, exactly once, from any thread.
class UnaryReply : public Call {
 public:
  UnaryReply(const Runtime* runtime, std::string_view method, grpc::CallbackServerContext* context,
             grpc::ByteBuffer* out)
      : Call(runtime, method, context), reactor_(context->DefaultReactor()), out_(out) {}

  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

  // Sends a status, which is not OK.
  void Refuse(const absl::Status& status) { reactor_->Finish(Call::Finish(status)); }

  // Sends a message's bytes.
  void ReplyBytes(std::string bytes) {
    auto held = std::make_unique<std::string>(std::move(bytes));
    std::string* const kept = held.get();
    const grpc::Slice slice(
        kept->data(), kept->size(), [](void* string) { delete static_cast<std::string*>(string); },
        held.release());
    *out_ = grpc::ByteBuffer(&slice, 1);
    reactor_->Finish(Call::Finish(absl::OkStatus()));
  }

 protected:
  grpc::ByteBuffer* out() const { return out_; }

 private:
  grpc::ServerUnaryReactor* const reactor_;
  grpc::ByteBuffer* const out_;
};

// One unary call with its request, which lives until the last holder of the call is gone, whether
// or not the caller is still there.
template <typename Request, typename Response>
class UnaryCall : public UnaryReply {
 public:
  using UnaryReply::UnaryReply;

  const Request& request() const { return *request_; }
  Request* mutable_request() { return request_; }

  // Sends the response that `fill` writes into an empty message.
  template <typename Fill>
  void Reply(const Fill& fill) {
    // Each thread's message keeps its memory from one reply to the next, unless it is much.
    static thread_local auto response = std::make_unique<Response>();
    response->Clear();
    fill(response.get());
    WriteMessage(*response, out());
    if (out()->Length() > kKeptBytesMax) response = std::make_unique<Response>();
    reactor()->Finish(Call::Finish(absl::OkStatus()));
  }

 private:
  static constexpr size_t kKeptBytesMax = 256 << 10;

  char first_block_[2048];
  google::protobuf::Arena arena_{first_block_, sizeof(first_block_)};
  Request* const request_ = google::protobuf::Arena::CreateMessage<Request>(&arena_);
};

// Runs one unary call. `body(call)` parses and calls the domain; a status other than OK that it
// returns ends the call. Otherwise it is ended by whoever completes it.
template <typename Request, typename Response, typename Body>
grpc::ServerUnaryReactor* Handle(const Runtime* runtime, std::string_view method,
                                 grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                 grpc::ByteBuffer* out, const Body& body) {
  auto call = std::make_shared<UnaryCall<Request, Response>>(runtime, method, context, out);
  // Kept aside: the call may be finished and gone before body() returns.
  grpc::ServerUnaryReactor* const reactor = call->reactor();
  absl::Status status = ReadMessage(*in, call->mutable_request());
  if (status.ok()) status = body(call);
  if (!status.ok()) call->Refuse(status);
  return reactor;
}

}  // namespace winnow::rpc
