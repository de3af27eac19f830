#include "tests/support/winnowd.h"

#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>

#include "engine/base/strings.h"
#include "google/rpc/status.pb.h"
#include "tests/support/test_rules.h"

namespace winnow {
namespace {

constexpr std::string_view kListening = "listening on ";

template <typename Detail>
bool Unpack(const google::protobuf::Any& any, Detail* out) {
  return any.Is<Detail>() && any.UnpackTo(out);
}

}  // namespace

Winnowd::Winnowd() {
  WriteTestPack(pack_path());
  WriteTestPolicy(policy_path());
}

std::vector<std::string> Winnowd::Argv(const std::vector<std::string>& flags) const {
  std::vector<std::string> argv = {WINNOW_BIN_DIR "/winnowd",
                                   "--listen",
                                   "127.0.0.1:0",
                                   "--data-dir",
                                   data_dir(),
                                   "--pack",
                                   pack_path(),
                                   "--policy",
                                   policy_path(),
                                   "--set",
                                   "rules.accept_unsigned=true"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return argv;
}

void Winnowd::Start(const std::vector<std::string>& flags) {
  process_ = std::make_unique<Process>(Process::Options{.argv = Argv(flags)});
  const auto line = process_->WaitForLine(kListening);
  ASSERT_TRUE(line.has_value()) << "winnowd did not start:\n" << process_->err();
  address_ = line->substr(kListening.size());
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  // A channel of this server's own, not one that gRPC kept from an earlier one.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel_ = grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
  checks_ = v1::CheckService::NewStub(channel_);
  packs_ = v1::PackService::NewStub(channel_);
}

Process::Exit Winnowd::StartRefused(const std::vector<std::string>& flags,
                                    const std::map<std::string, std::string>& env) {
  Process process({.argv = Argv(flags), .set_env = env});
  const auto exit = process.Wait();
  EXPECT_TRUE(exit.has_value()) << "winnowd did not end:\n" << process.out() << process.err();
  return exit.value_or(Process::Exit{});
}

void Winnowd::Stop() {
  process_->Signal(SIGTERM);
  // An idle channel has no thread that would answer the server's farewell, which it then waits for.
  checks_.reset();
  packs_.reset();
  channel_.reset();
  const auto exit = process_->Wait();
  ASSERT_TRUE(exit.has_value()) << "winnowd does not stop:\n" << process_->err();
  EXPECT_EQ(exit->code, 0) << "signal " << exit->signal << "\n" << exit->err;
}

void Winnowd::Kill() {
  process_->Signal(SIGKILL);
  ASSERT_TRUE(process_->Wait().has_value());
}

void Winnowd::SendHangup() { process_->Signal(SIGHUP); }

std::unique_ptr<grpc::ClientContext> NewContext(absl::Duration timeout) {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
  return context;
}

Refusal RefusalOf(const google::rpc::Status& status) {
  Refusal out;
  out.code = static_cast<grpc::StatusCode>(status.code());
  out.message = status.message();
  for (const google::protobuf::Any& any : status.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    google::rpc::ResourceInfo resource;
    google::rpc::RetryInfo retry;
    if (Unpack(any, &info)) {
      out.reason = info.reason();
      out.domain = info.domain();
      out.metadata.insert(info.metadata().begin(), info.metadata().end());
    } else if (Unpack(any, &bad)) {
      for (const auto& violation : bad.field_violations()) {
        out.fields[violation.field()] = violation.description();
      }
    } else if (Unpack(any, &resource)) {
      out.resource_type = resource.resource_type();
      out.resource_name = resource.resource_name();
    } else if (Unpack(any, &retry)) {
      out.has_retry_delay = true;
    }
  }
  return out;
}

Refusal RefusalOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!status.error_details().empty()) {
    EXPECT_TRUE(details.ParseFromString(status.error_details()));
  }
  Refusal out = RefusalOf(details);
  if (!status.error_details().empty()) {
    EXPECT_EQ(out.code, status.error_code()) << "details and status agree";
    EXPECT_EQ(out.message, status.error_message());
  }
  out.code = status.error_code();
  out.message = status.error_message();
  return out;
}

v1::CheckContentRequest ContentRequest(std::string_view content_id, std::string_view text) {
  v1::CheckContentRequest request;
  request.set_parent("tenants/acme");
  v1::Content* content = request.mutable_content();
  content->set_content_id(std::string(content_id));
  content->set_surface(v1::SURFACE_ORDER);
  v1::TextField* field = content->add_fields();
  field->set_key("note");
  field->set_text(std::string(text));
  return request;
}

std::vector<v1::Verdict> AllVerdicts(v1::CheckService::Stub& checks, std::string_view tenant,
                                     std::string_view filter) {
  std::vector<v1::Verdict> all;
  v1::ListVerdictsRequest request;
  request.set_parent(StrCat("tenants/", tenant));
  request.set_page_size(1000);
  request.set_filter(std::string(filter));
  do {
    v1::ListVerdictsResponse page;
    const grpc::Status status = checks.ListVerdicts(NewContext().get(), request, &page);
    EXPECT_TRUE(status.ok()) << status.error_message();
    if (!status.ok()) break;
    all.insert(all.end(), page.verdicts().begin(), page.verdicts().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

v1::CheckFileRequest::Header FileHeader(std::string_view content_id) {
  v1::CheckFileRequest::Header header;
  header.set_parent("tenants/acme");
  header.set_content_id(std::string(content_id));
  header.set_file_name("notes.txt");
  return header;
}

size_t BeginFile(grpc::ClientWriter<v1::CheckFileRequest>& writer,
                 const v1::CheckFileRequest::Header& header) {
  constexpr size_t kChunkBytes = 64 << 10, kChunks = 64;
  v1::CheckFileRequest message;
  *message.mutable_header() = header;
  EXPECT_TRUE(writer.Write(message));
  message.set_chunk(std::string(kChunkBytes, 'x'));
  for (size_t i = 0; i < kChunks; ++i) EXPECT_TRUE(writer.Write(message));
  return kChunkBytes * kChunks;
}

grpc::Status CheckFile(v1::CheckService::Stub& checks, const v1::CheckFileRequest::Header& header,
                       std::string_view bytes, v1::Verdict* verdict, size_t chunk_bytes) {
  const auto context = NewContext();
  const auto writer = checks.CheckFile(context.get(), verdict);
  v1::CheckFileRequest message;
  *message.mutable_header() = header;
  bool going = writer->Write(message);
  for (size_t at = 0; going && at < bytes.size(); at += chunk_bytes) {
    message.set_chunk(std::string(bytes.substr(at, chunk_bytes)));
    going = writer->Write(message);
  }
  writer->WritesDone();
  return writer->Finish();
}

}  // namespace winnow
