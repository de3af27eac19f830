#include "service/grpc/check_stream.h"

#include <google/protobuf/empty.pb.h>
#include <google/protobuf/unknown_field_set.h>

#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "engine/text/charset.h"
#include "service/grpc/request_parser.h"
#include "service/grpc/status_printer.h"
#include "service/grpc/verdict_printer.h"
#include "winnow/v1/check_service.pb.h"

namespace winnow::rpc {
namespace {

using google::protobuf::Empty;
using google::protobuf::UnknownFieldSet;

// The bytes of field `number` of a message whose strings need not be well-formed.
std::string FindBytes(const UnknownFieldSet& fields, int number) {
  for (int i = fields.field_count() - 1; i >= 0; --i) {
    if (fields.field(i).number() == number &&
        fields.field(i).type() == google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) {
      return fields.field(i).length_delimited();
    }
  }
  return {};
}

// The token of a request that cannot be read otherwise, so that its caller still gets its reply.
// Empty where it cannot be had.
std::string FindToken(const grpc::ByteBuffer& bytes) {
  Empty outer, inner;
  if (!ReadMessage(bytes, &outer).ok()) return {};
  const std::string request = FindBytes(outer.GetReflection()->GetUnknownFields(outer),
                                        v1::CheckStreamRequest::kRequestFieldNumber);
  if (!inner.ParseFromString(request)) return {};
  std::string token = FindBytes(inner.GetReflection()->GetUnknownFields(inner),
                                v1::CheckContentRequest::kClientTokenFieldNumber);
  return text::ValidUtf8(token) ? token : std::string();
}

// Held by gRPC through self_ until OnDone(), and by every check in flight.
class CheckStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                          public std::enable_shared_from_this<CheckStream> {
 public:
  CheckStream(const Runtime* runtime, grpc::CallbackServerContext* context)
      : runtime_(runtime),
        context_(context),
        call_(runtime, "winnow.v1.CheckService/CheckStream", context) {}

  void Begin() {
    std::lock_guard lock(mutex_);
    self_ = shared_from_this();
    ReadOn();
  }

  void OnReadDone(bool ok) override {
    auto request = std::make_shared<v1::CheckStreamRequest>();
    {
      std::lock_guard lock(mutex_);
      if (!ok) {
        reading_ = false;
        half_closed_ = true;
        FinishWhenDrained();
        return;
      }
      ++in_flight_;
      ++checks_;
    }
    // Outside the lock: a refusal may come back at once, on this thread.
    if (absl::Status read = ReadMessage(incoming_, request.get()); read.ok()) {
      Start(std::move(request));
    } else {
      Reply(FindToken(incoming_), read);
    }
    std::lock_guard lock(mutex_);
    // Only now: a write that is done meanwhile must not read over what is being parsed.
    reading_ = false;
    ReadOn();
  }

  void OnWriteDone(bool ok) override {
    std::lock_guard lock(mutex_);
    writing_ = false;
    if (ok) {
      replies_.pop_front();
      --in_flight_;
    } else {
      // The caller has gone; what is still running is waited for, not written.
      broken_ = true;
      in_flight_ -= replies_.size();
      replies_.clear();
    }
    WriteOn();
    ReadOn();
    FinishWhenDrained();
  }

  void OnDone() override { const std::shared_ptr<CheckStream> self = std::move(self_); }

 private:
  void Start(std::shared_ptr<v1::CheckStreamRequest> request) {
    const v1::CheckContentRequest& check_request = request->request();
    absl::StatusOr<domain::ContentCheck> check =
        ParseContentCheck(check_request, check_request.parent(), "request.");
    if (!check.ok()) return Reply(check_request.client_token(), check.status());
    check->cancelled = call_.Cancelled();
    check->deadline = call_.Deadline();
    check->keep_alive = request;
    runtime_->ports.checks->CheckContent(
        *std::move(check),
        [self = shared_from_this(), request](absl::StatusOr<domain::Verdict> verdict) {
          self->Reply(request->request().client_token(), verdict);
        });
  }

  void Reply(const std::string& client_token, const absl::StatusOr<domain::Verdict>& verdict) {
    v1::CheckStreamResponse reply;
    reply.set_client_token(client_token);
    if (verdict.ok()) {
      PrintVerdict(*verdict, reply.mutable_verdict());
    } else {
      *reply.mutable_error() = PrintStatus(verdict.status());
    }
    grpc::ByteBuffer bytes;
    WriteMessage(reply, &bytes);
    std::lock_guard lock(mutex_);
    if (broken_) {
      --in_flight_;
      FinishWhenDrained();
      return;
    }
    replies_.push_back(std::move(bytes));
    WriteOn();
  }

  // The functions below hold mutex_. Reactions never run inside Start...(), so that it may be held.

  void ReadOn() {
    if (reading_ || half_closed_ || in_flight_ >= runtime_->options.stream_in_flight_max) return;
    reading_ = true;
    StartRead(&incoming_);
  }

  void WriteOn() {
    if (writing_ || replies_.empty()) return;
    writing_ = true;
    grpc::WriteOptions options;
    // The next reply follows at once and takes this one along.
    if (replies_.size() > 1) options.set_buffer_hint();
    StartWrite(&replies_.front(), options);
  }

  void FinishWhenDrained() {
    if (!half_closed_ || reading_ || in_flight_ > 0 || finished_) return;
    finished_ = true;
    call_.Describe("", "", checks_);
    Finish(call_.Finish(context_->IsCancelled() ? absl::CancelledError("the caller has gone")
                                                : absl::OkStatus()));
  }

  const Runtime* const runtime_;
  grpc::CallbackServerContext* const context_;
  Call call_;

  std::mutex mutex_;
  std::shared_ptr<CheckStream> self_;
  grpc::ByteBuffer incoming_;
  std::deque<grpc::ByteBuffer> replies_;  // the first is being written
  size_t in_flight_ = 0;                  // read, and their reply not yet written
  size_t checks_ = 0;
  bool reading_ = false;
  bool writing_ = false;
  bool half_closed_ = false;
  bool broken_ = false;  // no reply can be written any more
  bool finished_ = false;
};

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* NewCheckStream(
    const Runtime* runtime, grpc::CallbackServerContext* context) {
  auto stream = std::make_shared<CheckStream>(runtime, context);
  stream->Begin();
  return stream.get();
}

}  // namespace winnow::rpc
