#include "service/grpc/call.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <chrono>

#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "service/grpc/status_printer.h"

namespace winnow::rpc {
namespace {

// Header names in client_metadata() are lower case.
std::string_view Header(const grpc::CallbackServerContext& context, const char* name) {
  const auto it = context.client_metadata().find(name);
  if (it == context.client_metadata().end()) return {};
  return {it->second.data(), it->second.size()};
}

}  // namespace

Call::Call(const Runtime* runtime, std::string_view method, grpc::CallbackServerContext* context)
    : runtime_(runtime),
      method_(method),
      context_(context),
      begin_(runtime->ports.clock->Monotonic()) {}

void Call::Describe(std::string_view tenant, std::string_view request_id, size_t items) {
  tenant_ = tenant;
  request_id_ = request_id;
  items_ = items;
}

std::optional<absl::Time> Call::Deadline() const {
  using Clock = std::chrono::system_clock;
  const Clock::time_point deadline = context_->deadline();
  if (deadline == Clock::time_point::max()) return std::nullopt;
  return runtime_->ports.clock->Monotonic() + absl::FromChrono(deadline - Clock::now());
}

std::function<bool()> Call::Cancelled() const {
  return [context = context_] { return context->IsCancelled(); };
}

grpc::Status Call::Finish(const absl::Status& status) {
  if (runtime_->log) {
    const std::string peer = context_->peer();
    const std::string reason = ReasonOf(status);
    CallRecord record;
    record.method = method_;
    record.tenant = tenant_;
    record.request_id = request_id_;
    record.trace_parent = Header(*context_, "traceparent");
    record.peer = peer;
    record.code = status.code();
    record.reason = reason;
    record.duration = runtime_->ports.clock->Monotonic() - begin_;
    record.items = items_;
    runtime_->log(record);
  }
  return PrintStatus(status, context_);
}

absl::Status ReadMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message* out) {
  if (grpc::Slice slice; bytes.TrySingleSlice(&slice).ok()) {
    if (out->ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) return absl::OkStatus();
  } else {
    // The reader takes a mutable buffer but does not change it.
    grpc::ProtoBufferReader reader(const_cast<grpc::ByteBuffer*>(&bytes));
    if (reader.status().ok() && out->ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  }
  return domain::FieldInvalid(out->GetDescriptor()->name(),
                              "is damaged, or one of its strings is not well-formed UTF-8; send "
                              "text that may be ill-formed "
                              "as `raw`");
}

grpc::Slice InOnePiece(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  if (!bytes.TrySingleSlice(&slice).ok() && !bytes.DumpToSingleSlice(&slice).ok()) return {};
  return slice;
}

void WriteMessage(const google::protobuf::Message& message, grpc::ByteBuffer* out) {
  // One slice of just the size; gRPC's own writing would size the message twice.
  const grpc::Slice slice(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  *out = grpc::ByteBuffer(&slice, 1);
}

}  // namespace winnow::rpc
