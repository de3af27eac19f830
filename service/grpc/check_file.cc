#include "service/grpc/check_file.h"

#include <memory>
#include <string>
#include <utility>

#include "service/domain/error.h"
#include "service/grpc/request_parser.h"
#include "service/grpc/verdict_printer.h"
#include "winnow/v1/check_service.pb.h"

namespace winnow::rpc {
namespace {

// One step at a time: a read, a Feed() or the end is under way, never two, so that no lock is
// needed. Held by gRPC through self_ until OnDone(), and by the domain while it works on a step.
class CheckFile final : public grpc::ServerReadReactor<grpc::ByteBuffer>,
                        public std::enable_shared_from_this<CheckFile> {
 public:
  CheckFile(const Runtime* runtime, grpc::CallbackServerContext* context, grpc::ByteBuffer* out)
      : runtime_(runtime), out_(out), call_(runtime, "winnow.v1.CheckService/CheckFile", context) {}

  void Begin() {
    self_ = shared_from_this();
    StartRead(&incoming_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      // Either the caller has sent everything or it has gone, which a read does not tell. Only a
      // caller that is still there can be sent anything, so that sending the headers now does.
      StartSendInitialMetadata();
      return;
    }
    if (absl::Status read = ReadMessage(incoming_, &message_); !read.ok()) return End(read);
    switch (message_.payload_case()) {
      case v1::CheckFileRequest::kHeader:
        return TakeHeader();
      case v1::CheckFileRequest::kChunk:
        return TakeChunk();
      case v1::CheckFileRequest::PAYLOAD_NOT_SET:
        break;
    }
    End(domain::FieldInvalid("payload", "every message has a `header` or a `chunk`"));
  }

  void OnSendInitialMetadataDone(bool ok) override {
    if (!ok) return End(absl::CancelledError("the caller has gone before the end of the file"));
    if (file_ == nullptr) {
      return End(domain::FieldInvalid("header", "is required, in the first message"));
    }
    file_->Finish([self = shared_from_this()](absl::StatusOr<domain::Verdict> verdict) {
      if (verdict.ok()) {
        v1::Verdict printed;
        PrintVerdict(*verdict, &printed);
        WriteMessage(printed, self->out_);
      }
      self->End(verdict.status());
    });
  }

  void OnDone() override { const std::shared_ptr<CheckFile> self = std::move(self_); }

 private:
  void TakeHeader() {
    if (file_ != nullptr) {
      return End(domain::FieldInvalid("header", "may be sent only once, in the first message"));
    }
    absl::StatusOr<domain::FileHeader> header = ParseFileHeader(message_.header());
    if (!header.ok()) return End(header.status());
    call_.Describe(header->tenant, header->request_id);
    header->deadline = call_.Deadline();
    header->cancelled = call_.Cancelled();
    auto file = runtime_->ports.checks->StartFile(*std::move(header));
    if (!file.ok()) return End(file.status());
    file_ = *std::move(file);
    StartRead(&incoming_);
  }

  void TakeChunk() {
    if (file_ == nullptr) {
      return End(domain::FieldInvalid("header", "is required before the first `chunk`"));
    }
    file_->Feed(std::move(*message_.mutable_chunk()),
                [self = shared_from_this()](const absl::Status& status) {
                  if (!status.ok()) return self->End(status);
                  self->StartRead(&self->incoming_);
                });
  }

  void End(const absl::Status& status) {
    file_.reset();  // without Finish(): abandoned, nothing is stored
    Finish(call_.Finish(status));
  }

  const Runtime* const runtime_;
  grpc::ByteBuffer* const out_;
  Call call_;
  std::shared_ptr<CheckFile> self_;
  grpc::ByteBuffer incoming_;
  v1::CheckFileRequest message_;
  std::shared_ptr<domain::Checks::FileCheck> file_;
};

}  // namespace

grpc::ServerReadReactor<grpc::ByteBuffer>* NewCheckFile(const Runtime* runtime,
                                                        grpc::CallbackServerContext* context,
                                                        grpc::ByteBuffer* out) {
  auto call = std::make_shared<CheckFile>(runtime, context, out);
  call->Begin();
  return call.get();
}

}  // namespace winnow::rpc
