#include "service/grpc/pack_stream.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "service/grpc/verdict_printer.h"

namespace winnow::rpc {
namespace {

constexpr size_t kPieceBytes = 1 << 20;
// As large as the largest pack that anybody has made, several times over; what is refused earlier
// costs the server no more memory than this.
constexpr size_t kUploadBytesMax = 128 << 20;
// Packs on their way in at a time; OVERLOADED beyond.
constexpr int kUploadsMax = 4;
std::atomic<int> uploads = 0;
constexpr size_t kTaskBytes = 4096;
constexpr size_t kNameBytesMax = 200, kReasonBytesMax = 1000;

absl::Status TooLarge(size_t limit) {
  domain::ErrorDetail detail;
  detail.reason = "PACK_TOO_LARGE";
  detail.metadata["limit"] = StrCat(limit);
  return domain::MakeError(absl::StatusCode::kFailedPrecondition,
                           StrCat("the pack has more than ", limit,
                                  " bytes, the most that is taken over a connection; give it to "
                                  "the server as a file (`rules.pack`)"),
                           std::move(detail));
}

// One step at a time: a read, the work on the pool or the end is under way, never two.
class UploadPack final : public grpc::ServerReadReactor<grpc::ByteBuffer>,
                         public std::enable_shared_from_this<UploadPack> {
 public:
  UploadPack(const Runtime* runtime, grpc::CallbackServerContext* context, grpc::ByteBuffer* out)
      : runtime_(runtime),
        context_(context),
        out_(out),
        call_(runtime, "winnow.v1.PackService/UploadPack", context),
        too_many_(uploads.fetch_add(1) >= kUploadsMax) {}
  ~UploadPack() override { uploads.fetch_sub(1); }

  void Begin() {
    self_ = shared_from_this();
    if (too_many_) return End(domain::Overloaded());
    StartRead(&incoming_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      // Only a caller that is still there can be sent anything: a file that is cut short by one
      // that has gone is never taken for a whole one.
      StartSendInitialMetadata();
      return;
    }
    v1::UploadPackRequest message;
    if (absl::Status read = ReadMessage(incoming_, &message); !read.ok()) return End(read);
    if (absl::Status taken = Take(&message); !taken.ok()) return End(taken);
    StartRead(&incoming_);
  }

  void OnSendInitialMetadataDone(bool ok) override {
    if (!ok) return End(absl::CancelledError("the caller has gone before the end of the pack"));
    if (!has_header_) {
      return End(domain::FieldInvalid("header", "is required, in the first message"));
    }
    const bool accepted = runtime_->ports.admin_pool->TrySubmit(
        3 * bytes_.size() + kTaskBytes, [self = shared_from_this()] { self->Upload(); });
    if (!accepted) End(domain::Overloaded());
  }

  void OnDone() override { const std::shared_ptr<UploadPack> self = std::move(self_); }

 private:
  absl::Status Take(v1::UploadPackRequest* message) {
    switch (message->payload_case()) {
      case v1::UploadPackRequest::kHeader: {
        if (has_header_) {
          return domain::FieldInvalid("header", "may be sent only once, in the first message");
        }
        has_header_ = true;
        allow_rollback_ = message->header().allow_rollback();
        ASSIGN_OR_RETURN(actor_, ReadActor(message->header().actor(), *context_, "header.actor"));
        return absl::OkStatus();
      }
      case v1::UploadPackRequest::kChunk:
        if (!has_header_) {
          return domain::FieldInvalid("header", "is required before the first `chunk`");
        }
        if (bytes_.size() + message->chunk().size() > kUploadBytesMax) {
          return TooLarge(kUploadBytesMax);
        }
        bytes_.append(message->chunk());
        return absl::OkStatus();
      case v1::UploadPackRequest::PAYLOAD_NOT_SET:
        break;
    }
    return domain::FieldInvalid("payload", "every message has a `header` or a `chunk`");
  }

  void Upload() {
    const auto pack = runtime_->ports.rollouts->Upload(std::move(bytes_), allow_rollback_, actor_);
    if (pack.ok()) {
      v1::PackRevision printed;
      PrintPackRevision(*pack, runtime_->ports.rollouts->Channels(), &printed);
      WriteMessage(printed, out_);
    }
    End(pack.status());
  }

  void End(const absl::Status& status) { Finish(call_.Finish(status)); }

  const Runtime* const runtime_;
  grpc::CallbackServerContext* const context_;
  grpc::ByteBuffer* const out_;
  Call call_;
  const bool too_many_;
  std::shared_ptr<UploadPack> self_;
  grpc::ByteBuffer incoming_;
  bool has_header_ = false, allow_rollback_ = false;
  domain::Actor actor_;
  std::string bytes_;
};

class DownloadPack final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                           public std::enable_shared_from_this<DownloadPack> {
 public:
  DownloadPack(const Runtime* runtime, grpc::CallbackServerContext* context)
      : runtime_(runtime), call_(runtime, "winnow.v1.PackService/DownloadPack", context) {}

  void Begin(const grpc::ByteBuffer& in) {
    self_ = shared_from_this();
    if (absl::Status read = ReadMessage(in, &request_); !read.ok()) return End(read);
    const bool accepted = runtime_->ports.admin_pool->TrySubmit(
        kTaskBytes, [self = shared_from_this()] { self->Read(); });
    if (!accepted) End(domain::Overloaded());
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return End(absl::CancelledError("the caller has gone before the end of the pack"));
    WriteNext();
  }

  void OnDone() override { const std::shared_ptr<DownloadPack> self = std::move(self_); }

 private:
  void Read() {
    const domain::RuleArchive& archive = runtime_->ports.rollouts->archive();
    const auto pack = archive.GetPack(request_.name());
    if (!pack.ok()) return End(pack.status());
    auto bytes = archive.ReadPack(*pack);
    if (!bytes.ok()) return End(bytes.status());
    bytes_ = *std::move(bytes);
    WriteNext();
  }

  void WriteNext() {
    if (sent_ >= bytes_.size()) return End(absl::OkStatus());
    const size_t size = std::min(kPieceBytes, bytes_.size() - sent_);
    v1::DownloadPackResponse response;
    response.set_chunk(bytes_.substr(sent_, size));
    sent_ += size;
    WriteMessage(response, &outgoing_);
    StartWrite(&outgoing_);
  }

  void End(const absl::Status& status) { Finish(call_.Finish(status)); }

  const Runtime* const runtime_;
  Call call_;
  std::shared_ptr<DownloadPack> self_;
  v1::DownloadPackRequest request_;
  std::string bytes_;
  size_t sent_ = 0;
  grpc::ByteBuffer outgoing_;
};

}  // namespace

grpc::ServerReadReactor<grpc::ByteBuffer>* NewUploadPack(const Runtime* runtime,
                                                         grpc::CallbackServerContext* context,
                                                         grpc::ByteBuffer* out) {
  auto call = std::make_shared<UploadPack>(runtime, context, out);
  call->Begin();
  return call.get();
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* NewDownloadPack(const Runtime* runtime,
                                                            grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* in) {
  auto call = std::make_shared<DownloadPack>(runtime, context);
  call->Begin(*in);
  return call.get();
}

absl::StatusOr<domain::Actor> ReadActor(const v1::Actor& in,
                                        const grpc::CallbackServerContext& context,
                                        std::string_view field) {
  if (in.name().size() > kNameBytesMax) {
    return domain::FieldInvalid(StrCat(field, ".name"), StrCat("has ", in.name().size(),
                                                               " bytes; at most ", kNameBytesMax));
  }
  if (in.reason().size() > kReasonBytesMax) {
    return domain::FieldInvalid(
        StrCat(field, ".reason"),
        StrCat("has ", in.reason().size(), " bytes; at most ", kReasonBytesMax));
  }
  return domain::Actor{in.name(), context.peer(), in.reason()};
}

void PrintActor(const domain::Actor& actor, v1::Actor* out) {
  out->set_name(actor.name);
  out->set_reason(actor.reason);
  out->set_peer(actor.peer);
}

void PrintRelease(const pack::Release& release, v1::PackRelease* out) {
  out->set_sequence(release.sequence);
  PrintTime(release.issue_time, out->mutable_issue_time());
  PrintTime(release.expire_time, out->mutable_expire_time());
  for (const std::string& id : release.signer_ids) out->add_signer_ids(id);
}

void PrintPackRevision(const domain::ArchivedPack& pack,
                       const std::vector<domain::ChannelState>& channels, v1::PackRevision* out) {
  out->set_name(pack.revision);
  out->set_source_digest(pack.source_digest);
  out->set_file_digest(absl::BytesToHexString(ToAbsl(pack.file_digest)));
  out->set_file_bytes(pack.file_bytes);
  out->set_rule_count(pack.rule_count);
  out->set_term_count(pack.term_count);
  out->set_regex_count(pack.regex_count);
  out->set_tool_version(pack.tool_version);
  out->set_format_version(pack.format_version);
  if (pack.release) PrintRelease(*pack.release, out->mutable_release());
  PrintTime(pack.archive_time, out->mutable_create_time());
  out->set_path(pack.path);
  PrintActor(pack.actor, out->mutable_actor());
  for (const domain::ChannelState& state : channels) {
    if (state.pack_revision == pack.revision) {
      out->add_channels(static_cast<v1::Channel>(state.channel));
    }
  }
}

}  // namespace winnow::rpc
