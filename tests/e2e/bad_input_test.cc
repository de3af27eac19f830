// What is bad in a request is refused by name, or judged; never does it crash the server, and never
// is anything half-stored. Each row goes through one check function.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/base/strings.h"
#include "tests/support/test_rules.h"
#include "tests/support/winnowd.h"

namespace winnow {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr size_t kMiB = 1 << 20;

// ------------------------------------------------------------------------------------------------
// Calls

// Sends bytes that need not be a message, as another language's client might.
grpc::Status SendBytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                       const std::string& bytes, v1::Verdict* verdict) {
  grpc::GenericStub stub(channel);
  const auto context = NewContext();
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> done;
  stub.UnaryCall(context.get(), "/winnow.v1.CheckService/" + method, grpc::StubOptions(), &request,
                 &response, [&](grpc::Status status) { done.set_value(std::move(status)); });
  grpc::Status status = done.get_future().get();
  if (status.ok()) {
    std::vector<grpc::Slice> slices;
    EXPECT_TRUE(response.Dump(&slices).ok());
    std::string all;
    for (const grpc::Slice& s : slices)
      all.append(reinterpret_cast<const char*>(s.begin()), s.size());
    EXPECT_TRUE(verdict->ParseFromString(all));
  }
  return status;
}

// A check whose `text` holds bytes that are not UTF-8, which no generated client would send.
std::string RequestWithText(const std::string& tenant, const std::string& bytes) {
  v1::CheckContentRequest request = ContentRequest("c", "");
  request.set_parent("tenants/" + tenant);
  std::string placeholder(bytes.size(), '~');
  request.mutable_content()->mutable_fields(0)->set_text(placeholder);
  std::string out = request.SerializeAsString();
  out.replace(out.find(placeholder), placeholder.size(), bytes);
  return out;
}

struct Env {
  Winnowd* server;
  std::string tenant;
};

using Call = std::function<grpc::Status(const Env&, v1::Verdict*)>;

// A check of one field, changed by `change`.
Call Content(std::function<void(v1::CheckContentRequest*)> change) {
  return [change](const Env& env, v1::Verdict* verdict) {
    v1::CheckContentRequest request = ContentRequest("c", "hello");
    request.set_parent("tenants/" + env.tenant);
    change(&request);
    return env.server->checks().CheckContent(NewContext().get(), request, verdict);
  };
}

Call Raw(std::string bytes, std::string charset = "") {
  return Content([=](v1::CheckContentRequest* request) {
    request->mutable_content()->mutable_fields(0)->set_raw(bytes);
    request->mutable_content()->mutable_fields(0)->set_charset(charset);
  });
}

Call TextOfBytes(std::string bytes) {
  return [=](const Env& env, v1::Verdict* verdict) {
    return SendBytes(env.server->channel(), "CheckContent", RequestWithText(env.tenant, bytes),
                     verdict);
  };
}

Call Fields(int count, size_t bytes, std::string unit = "x") {
  return Content([=](v1::CheckContentRequest* request) {
    request->mutable_content()->clear_fields();
    for (int i = 0; i < count; ++i) {
      v1::TextField* field = request->mutable_content()->add_fields();
      field->set_key(StrCat("f", i));
      std::string* text = field->mutable_text();
      while (text->size() + unit.size() <= bytes) *text += unit;
    }
  });
}

Call File(std::function<void(v1::CheckFileRequest::Header*)> change, std::string bytes,
          size_t chunk_bytes = 64 << 10) {
  return [=](const Env& env, v1::Verdict* verdict) {
    v1::CheckFileRequest::Header header = FileHeader("f");
    header.set_parent("tenants/" + env.tenant);
    change(&header);
    return CheckFile(env.server->checks(), header, bytes, verdict, chunk_bytes);
  };
}

// The messages of a file as they are.
Call FileMessages(std::vector<std::function<void(v1::CheckFileRequest*)>> messages) {
  return [=](const Env& env, v1::Verdict* verdict) {
    const auto context = NewContext();
    const auto writer = env.server->checks().CheckFile(context.get(), verdict);
    for (const auto& fill : messages) {
      v1::CheckFileRequest message;
      fill(&message);
      if (message.has_header()) message.mutable_header()->set_parent("tenants/" + env.tenant);
      if (!writer->Write(message)) break;
    }
    writer->WritesDone();
    return writer->Finish();
  };
}

void Header(v1::CheckFileRequest* message) { *message->mutable_header() = FileHeader("f"); }
void Chunk(v1::CheckFileRequest* message) { message->set_chunk("some text"); }
void Nothing(v1::CheckFileRequest*) {}

// A file of which only the beginning is sent. Returns when the server is done with the call too.
Call HalfAFile(absl::Duration timeout, bool cancel) {
  return [=](const Env& env, v1::Verdict* verdict) {
    static std::atomic<int> traces = 0;
    const std::string trace_id = absl::StrFormat("%032x", ++traces);
    const auto context = NewContext(timeout);
    context->AddMetadata("traceparent", StrCat("00-", trace_id, "-00f067aa0ba902b7-01"));
    const auto writer = env.server->checks().CheckFile(context.get(), verdict);
    v1::CheckFileRequest message;
    Header(&message);
    message.mutable_header()->set_parent("tenants/" + env.tenant);
    EXPECT_TRUE(writer->Write(message));
    Chunk(&message);
    EXPECT_TRUE(writer->Write(message));
    // A later call over the same connection is answered: what went before it has arrived.
    v1::ActivePack pack;
    EXPECT_TRUE(env.server->packs().GetActivePack(NewContext().get(), {}, &pack).ok());
    if (cancel) context->TryCancel();
    const grpc::Status status = writer->Finish();
    EXPECT_TRUE(env.server->process().WaitForLine(trace_id).has_value());
    return status;
  };
}

Call Batch(int items) {
  return [=](const Env& env, v1::Verdict*) {
    v1::BatchCheckContentsRequest request;
    request.set_parent("tenants/" + env.tenant);
    for (int i = 0; i < items; ++i) *request.add_requests() = ContentRequest(StrCat(i), "hello");
    for (auto& item : *request.mutable_requests()) item.clear_parent();
    v1::BatchCheckContentsResponse response;
    return env.server->checks().BatchCheckContents(NewContext().get(), request, &response);
  };
}

// ------------------------------------------------------------------------------------------------
// The check function

struct Expected {
  grpc::StatusCode code = grpc::StatusCode::OK;
  const char* reason = "";
  const char* field = "";    // of the violation
  const char* message = "";  // part of it
  // With OK:
  v1::Decision decision = v1::DECISION_ALLOW;
  uint32_t replacements_min = 0;
};

Expected Refused(const char* field, const char* message = "",
                 const char* reason = "FIELD_INVALID") {
  return {grpc::StatusCode::INVALID_ARGUMENT, reason, field, message};
}
Expected Judged(v1::Decision decision, uint32_t replacements_min = 0) {
  return {.decision = decision, .replacements_min = replacements_min};
}

struct Row {
  const char* name;
  Call call;
  Expected expected;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class BadInput : public testing::TestWithParam<Row> {
 protected:
  static void SetUpTestSuite() {
    server_ = new Winnowd();
    server_->Start({"--set", "limits.file_bytes_max=6 MiB"});
  }
  static void TearDownTestSuite() {
    // A clean exit also means that no sanitizer had anything to say.
    server_->Stop();
    delete server_;
  }

  static Winnowd* server_;
};
Winnowd* BadInput::server_ = nullptr;

void CheckRow(Winnowd* server, const Row& row) {
  static std::atomic<int> tenants = 0;
  const Env env{server, StrCat("t", ++tenants)};
  v1::Verdict verdict;
  const grpc::Status status = row.call(env, &verdict);
  const Expected& expected = row.expected;
  ASSERT_EQ(status.error_code(), expected.code) << status.error_message();
  const std::vector<v1::Verdict> stored = AllVerdicts(server->checks(), env.tenant);
  if (!status.ok()) {
    const Refusal refusal = RefusalOf(status);
    EXPECT_EQ(refusal.reason, expected.reason) << refusal.message;
    EXPECT_EQ(refusal.domain, *expected.reason != '\0' ? "winnow" : "");
    EXPECT_THAT(refusal.message, HasSubstr(expected.message));
    if (*expected.field != '\0') {
      EXPECT_EQ(refusal.fields.count(expected.field), 1u)
          << "violations: " << testing::PrintToString(refusal.fields);
    }
    EXPECT_THAT(stored, IsEmpty()) << "nothing is half-stored";
  } else {
    EXPECT_EQ(verdict.decision(), expected.decision) << verdict.DebugString().substr(0, 4000);
    EXPECT_GE(verdict.replacement_count(), expected.replacements_min);
    ASSERT_THAT(stored, SizeIs(1));
    EXPECT_EQ(stored[0].SerializeAsString(), verdict.SerializeAsString());
    // What was not looked at as a whole is never let through.
    if (verdict.completeness() != v1::COMPLETENESS_COMPLETE) {
      EXPECT_GE(verdict.decision(), v1::DECISION_REVIEW);
      EXPECT_THAT(verdict.shortfalls(), Not(IsEmpty()));
    }
  }
  // And the server is well.
  v1::ScanTextRequest scan;
  scan.set_parent("tenants/acme");
  *scan.mutable_content() = ContentRequest("c", kBlockedWord).content();
  v1::ScanTextResponse response;
  ASSERT_TRUE(server->checks().ScanText(NewContext().get(), scan, &response).ok());
  EXPECT_EQ(response.verdict().decision(), v1::DECISION_BLOCK);
}

TEST_P(BadInput, IsRefusedByNameOrJudged) { CheckRow(server_, GetParam()); }

std::string RowName(const testing::TestParamInfo<Row>& info) { return info.param.name; }

// ------------------------------------------------------------------------------------------------
// The rows

const std::string kWord(kBlockedWord);
constexpr char kNotUtf8[] = "not well-formed UTF-8";

INSTANTIATE_TEST_SUITE_P(
    IllFormed, BadInput,
    testing::Values(
        // In `text`, which is to be UTF-8.
        Row{"text_lone_continuation", TextOfBytes("a\x80z"),
            Refused("CheckContentRequest", kNotUtf8)},
        Row{"text_cut_short", TextOfBytes("a\xe4\xbd"), Refused("CheckContentRequest", kNotUtf8)},
        Row{"text_overlong_slash", TextOfBytes("\xc0\xaf"),
            Refused("CheckContentRequest", kNotUtf8)},
        Row{"text_overlong_three", TextOfBytes("\xe0\x80\xaf"),
            Refused("CheckContentRequest", kNotUtf8)},
        Row{"text_surrogate", TextOfBytes("\xed\xa0\x80"),
            Refused("CheckContentRequest", kNotUtf8)},
        Row{"text_surrogate_pair", TextOfBytes("\xed\xa0\xbd\xed\xb8\x80"),
            Refused("CheckContentRequest", kNotUtf8)},
        Row{"text_beyond_unicode", TextOfBytes("\xf4\x90\x80\x80"),
            Refused("CheckContentRequest", kNotUtf8)},
        Row{"text_ff", TextOfBytes("\xff"), Refused("CheckContentRequest", kNotUtf8)},
        // In `raw`, where it is read as U+FFFD, and what stands around it is still found.
        Row{"raw_lone_continuation", Raw("a\x80z" + kWord, "utf-8"), Judged(v1::DECISION_BLOCK, 1)},
        Row{"raw_cut_short", Raw(kWord + "\xe4\xbd", "utf-8"), Judged(v1::DECISION_BLOCK, 1)},
        Row{"raw_overlong", Raw("\xc0\xaf\xe0\x80\xaf" + kWord, "utf-8"),
            Judged(v1::DECISION_BLOCK, 2)},
        Row{"raw_surrogate", Raw(kWord + "\xed\xa0\x80", "utf-8"), Judged(v1::DECISION_BLOCK, 1)},
        Row{"raw_beyond_unicode", Raw(kWord + "\xf4\x90\x80\x80", "utf-8"),
            Judged(v1::DECISION_BLOCK, 1)},
        Row{"raw_cut_short_gb18030", Raw("\xd5\xe6\xc8\xcb\xba\xc9\xb9\xd9\x81", "gb18030"),
            Judged(v1::DECISION_BLOCK, 1)},
        Row{"raw_odd_utf16", Raw(std::string("a\0b", 3), "utf-16le"),
            Judged(v1::DECISION_ALLOW, 1)},
        Row{"file_ill_formed",
            File([](auto* header) { header->set_charset("utf-8"); }, "\xff\xc0\xaf" + kWord),
            Judged(v1::DECISION_BLOCK, 2)},
        Row{"id_ill_formed",
            [](const Env& env, v1::Verdict* verdict) {
              v1::CheckContentRequest request = ContentRequest("~~~", "hello");
              request.set_parent("tenants/" + env.tenant);
              std::string bytes = request.SerializeAsString();
              bytes.replace(bytes.find("~~~"), 3, "\xff\xfe\xfd");
              return SendBytes(env.server->channel(), "CheckContent", bytes, verdict);
            },
            Refused("CheckContentRequest", kNotUtf8)},
        Row{"no_message_at_all",
            [](const Env& env, v1::Verdict* verdict) {
              return SendBytes(env.server->channel(), "CheckContent", "\xff\xff\xff\xff garbage",
                               verdict);
            },
            Refused("CheckContentRequest", "is damaged")},
        Row{"no_chunk_at_all",
            FileMessages({Header,
                          [](v1::CheckFileRequest* m) {
                            m->GetReflection()->MutableUnknownFields(m)->AddLengthDelimited(99,
                                                                                            "x");
                          }}),
            Refused("payload")}),
    RowName);

INSTANTIATE_TEST_SUITE_P(
    Strange, BadInput,
    testing::Values(
        Row{"nul_in_text", TextOfBytes(std::string("a\0b", 3)), Judged(v1::DECISION_ALLOW)},
        Row{"nul_beside_a_word", TextOfBytes(std::string("\0", 1) + kWord + std::string("\0", 1)),
            Judged(v1::DECISION_BLOCK)},
        Row{"only_nul", TextOfBytes(std::string(1000, '\0')), Judged(v1::DECISION_ALLOW)},
        Row{"nul_in_raw", Raw(kWord + std::string("\0\0", 2), "utf-8"), Judged(v1::DECISION_BLOCK)},
        Row{"nul_in_file", File([](auto*) {}, std::string("a\0b", 3) + kWord),
            // Either a text with a NUL in it, or a format that is not read; never let through.
            Judged(v1::DECISION_BLOCK)},
        Row{"four_mib_of_combining_marks", Fields(4, kMiB, "\u0301"), Judged(v1::DECISION_ALLOW)},
        Row{"file_of_combining_marks",
            File([](auto*) {},
                 [] {
                   std::string bytes = "a";
                   while (bytes.size() < 4 * kMiB) bytes += "\u0301";
                   return bytes;
                 }()),
            Judged(v1::DECISION_ALLOW)},
        Row{"a_word_under_a_hundred_marks", Content([](v1::CheckContentRequest* request) {
              std::string text = "o";
              for (int i = 0; i < 100; ++i) text += "\u0301";
              request->mutable_content()->mutable_fields(0)->set_text(text + "nline casino");
            }),
            Judged(v1::DECISION_BLOCK)},
        Row{"empty_text", TextOfBytes(""), Judged(v1::DECISION_ALLOW)},
        Row{"empty_raw", Raw(""), Judged(v1::DECISION_ALLOW)},
        Row{"empty_file", File([](auto*) {}, ""), Judged(v1::DECISION_ALLOW)},
        Row{"empty_chunks",
            FileMessages({Header, [](v1::CheckFileRequest* m) { m->set_chunk(""); }, Chunk,
                          [](v1::CheckFileRequest* m) { m->set_chunk(""); }}),
            Judged(v1::DECISION_ALLOW)},
        Row{"a_mib_in_one_field", Fields(1, kMiB), Judged(v1::DECISION_ALLOW)},
        Row{"four_mib_in_four_fields", Fields(4, kMiB), Judged(v1::DECISION_ALLOW)},
        Row{"as_many_fields_as_allowed", Fields(100, 10), Judged(v1::DECISION_ALLOW)}),
    RowName);

INSTANTIATE_TEST_SUITE_P(
    Missing, BadInput,
    testing::Values(
        Row{"everything", Content([](auto* r) { r->Clear(); }), Refused("parent")},
        Row{"parent", Content([](auto* r) { r->clear_parent(); }), Refused("parent")},
        Row{"bad_parent", Content([](auto* r) { r->set_parent("tenants/A_B"); }),
            Refused("parent")},
        Row{"content", Content([](auto* r) { r->clear_content(); }), Refused("content")},
        Row{"content_id", Content([](auto* r) { r->mutable_content()->clear_content_id(); }),
            Refused("content.content_id")},
        Row{"surface", Content([](auto* r) { r->mutable_content()->clear_surface(); }),
            Refused("content.surface")},
        Row{"unknown_surface", Content([](auto* r) {
              r->mutable_content()->set_surface(static_cast<v1::Surface>(77));
            }),
            Refused("content.surface")},
        Row{"fields", Content([](auto* r) { r->mutable_content()->clear_fields(); }),
            Refused("content.fields")},
        Row{"key", Content([](auto* r) { r->mutable_content()->mutable_fields(0)->clear_key(); }),
            Refused("content.fields[0].key")},
        Row{"text_and_raw",
            Content([](auto* r) { r->mutable_content()->mutable_fields(0)->clear_value(); }),
            Refused("content.fields[0]")},
        Row{"duplicate_key",
            Content([](auto* r) { *r->mutable_content()->add_fields() = r->content().fields(0); }),
            Refused("content.fields[1].key", "note")},
        Row{"unknown_unit",
            Content([](auto* r) { r->set_offset_unit(static_cast<v1::OffsetUnit>(9)); }),
            Refused("offset_unit")},
        Row{"request_id_that_is_no_uuid", Content([](auto* r) { r->set_request_id("mine-1"); }),
            Refused("request_id", "UUID")},
        Row{"time_out_of_range", Content([](auto* r) {
              r->mutable_content()->mutable_content_time()->set_seconds(1ll << 60);
            }),
            Refused("content.content_time")},
        Row{"empty_batch", Batch(0), Refused("requests")},
        Row{"no_header", FileMessages({}), Refused("header", "first message")},
        Row{"chunk_before_header", FileMessages({Chunk, Header}), Refused("header")},
        Row{"two_headers", FileMessages({Header, Chunk, Header}), Refused("header", "only once")},
        Row{"neither_header_nor_chunk", FileMessages({Header, Nothing}), Refused("payload")},
        Row{"content_id_of_a_file", File([](auto* h) { h->clear_content_id(); }, "x"),
            Refused("header.content_id")},
        // One field twice on the wire is no error in protobuf: the last one counts.
        Row{"the_same_field_twice_on_the_wire",
            [](const Env& env, v1::Verdict* verdict) {
              const std::string once = RequestWithText(env.tenant, "hello");
              v1::CheckContentRequest again;
              again.set_parent("tenants/" + env.tenant);
              return SendBytes(env.server->channel(), "CheckContent",
                               once + again.SerializeAsString(), verdict);
            },
            Judged(v1::DECISION_ALLOW)}),
    RowName);

INSTANTIATE_TEST_SUITE_P(
    Charset, BadInput,
    testing::Values(Row{"unknown", Raw("abc", "klingon-8"),
                        Refused("content.fields[0].charset", "klingon-8", "CHARSET_UNKNOWN")},
                    Row{"unknown_of_a_file",
                        File([](auto* h) { h->set_charset("klingon-8"); }, "abc"),
                        Refused("header.charset", "klingon-8", "CHARSET_UNKNOWN")},
                    Row{"very_long_name", Raw("abc", std::string(100'000, 'x')),
                        Refused("content.fields[0].charset", "", "CHARSET_UNKNOWN")},
                    Row{"of_text", Content([](auto* r) {
                          r->mutable_content()->mutable_fields(0)->set_charset("gbk");
                        }),
                        Refused("content.fields[0].charset", "raw")}),
    RowName);

INSTANTIATE_TEST_SUITE_P(
    TooLarge, BadInput,
    testing::Values(
        Row{"field", Fields(1, kMiB + 1),
            Refused("content.fields[0].text", "1048577", "TEXT_TOO_LARGE")},
        Row{"content", Fields(5, 900'000), Refused("content.fields", "4500000", "TEXT_TOO_LARGE")},
        Row{"many_fields", Fields(101, 1), Refused("content.fields", "101")},
        Row{"content_id",
            Content([](auto* r) { r->mutable_content()->set_content_id(std::string(257, 'x')); }),
            Refused("content.content_id", "257")},
        Row{"account_id",
            Content([](auto* r) { r->mutable_content()->set_account_id(std::string(257, 'x')); }),
            Refused("content.account_id", "257")},
        Row{"client_token", Content([](auto* r) { r->set_client_token(std::string(257, 'x')); }),
            Refused("client_token", "257")},
        Row{"key", Content([](auto* r) {
              r->mutable_content()->mutable_fields(0)->set_key(std::string(129, 'x'));
            }),
            Refused("content.fields[0].key", "129")},
        Row{"region",
            Content([](auto* r) { r->mutable_content()->set_region(std::string(65, 'x')); }),
            Refused("content.region", "65")},
        Row{"labels", Content([](auto* r) {
              for (int i = 0; i < 33; ++i)
                (*r->mutable_content()->mutable_labels())[StrCat(i)] = "";
            }),
            Refused("content.labels", "33")},
        Row{"batch", Batch(1001), Refused("requests", "1001", "BATCH_TOO_LARGE")},
        Row{"chunk", File([](auto*) {}, std::string(2 * kMiB, 'x'), kMiB + 1),
            Refused("chunk", "1048577")},
        Row{"file", File([](auto*) {}, std::string(7 * kMiB, 'x'), kMiB),
            Refused("chunk", "6291456", "FILE_TOO_LARGE")},
        Row{"file_as_announced", File([](auto* h) { h->set_size_bytes(1ull << 40); }, "x"),
            Refused("header.size_bytes", "6291456", "FILE_TOO_LARGE")},
        Row{"file_name", File([](auto* h) { h->set_file_name(std::string(1025, 'x')); }, "x"),
            Refused("header.file_name", "1025")},
        // Beyond what the transport takes, its own refusal is seen.
        Row{"message", Fields(17, kMiB), {grpc::StatusCode::RESOURCE_EXHAUSTED}}),
    RowName);

INSTANTIATE_TEST_SUITE_P(
    Stopped, BadInput,
    testing::Values(Row{"shorter_than_announced",
                        File([](auto* h) { h->set_size_bytes(100); }, "only this"),
                        Refused("header.size_bytes", "100")},
                    Row{"longer_than_announced",
                        File([](auto* h) { h->set_size_bytes(3); }, "more than this"),
                        Refused("header.size_bytes", "3")},
                    Row{"cancelled_half_way",
                        HalfAFile(absl::Minutes(1), /*cancel=*/true),
                        {grpc::StatusCode::CANCELLED}},
                    // No end of the file comes: the call ends by its deadline.
                    Row{"deadline_passes_half_way",
                        HalfAFile(absl::Seconds(1), /*cancel=*/false),
                        {grpc::StatusCode::DEADLINE_EXCEEDED}}),
    RowName);

// ------------------------------------------------------------------------------------------------
// A client whose connection breaks

// Passes one connection through to winnowd until it is cut.
class Cable {
 public:
  explicit Cable(int server_port) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = Loopback(0);
    socklen_t length = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    port_ = ntohs(address.sin_port);
    EXPECT_EQ(pipe2(stop_, O_CLOEXEC), 0);
    thread_ = std::thread([this, server_port] { Run(server_port); });
  }
  ~Cable() {
    Cut();
    for (const int fd : {listener_, stop_[0], stop_[1]}) close(fd);
  }

  std::string address() const { return StrCat("127.0.0.1:", port_); }

  // Both ends are closed without a word of HTTP/2.
  void Cut() {
    if (!thread_.joinable()) return;
    EXPECT_EQ(write(stop_[1], "x", 1), 1);
    thread_.join();
  }

 private:
  static sockaddr_in Loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    return address;
  }

  void Run(int server_port) {
    pollfd wait[2] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    poll(wait, 2, -1);
    if (wait[1].revents != 0) return;
    const int client = accept(listener_, nullptr, nullptr);
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(server_port);
    EXPECT_EQ(connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    for (;;) {
      pollfd ends[3] = {{client, POLLIN, 0}, {server, POLLIN, 0}, {stop_[0], POLLIN, 0}};
      poll(ends, 3, -1);
      if (ends[2].revents != 0) break;
      if (ends[0].revents != 0 && !Pass(client, server)) break;
      if (ends[1].revents != 0 && !Pass(server, client)) break;
    }
    close(client);
    close(server);
  }

  static bool Pass(int from, int to) {
    char buffer[65536];
    const ssize_t n = read(from, buffer, sizeof(buffer));
    for (ssize_t done = 0; done < n;) {
      const ssize_t m = send(to, buffer + done, static_cast<size_t>(n - done), MSG_NOSIGNAL);
      if (m <= 0) return false;
      done += m;
    }
    return n > 0;
  }

  int listener_ = -1;
  int stop_[2] = {-1, -1};
  int port_ = 0;
  std::thread thread_;
};

TEST(BadInputOverABrokenConnection, AFileIsAbandonedAndNothingIsStored) {
  Winnowd server;
  server.Start();
  const int port = std::stoi(server.address().substr(server.address().rfind(':') + 1));
  // Broken after the header, within the file, and once right behind many chunks.
  for (const int chunks : {0, 1, 50}) {
    SCOPED_TRACE(chunks);
    const std::string tenant = StrCat("chunks-", chunks);
    Cable cable(port);
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto channel =
        grpc::CreateCustomChannel(cable.address(), grpc::InsecureChannelCredentials(), arguments);
    const auto stub = v1::CheckService::NewStub(channel);
    const auto context = NewContext();
    v1::Verdict verdict;
    const auto writer = stub->CheckFile(context.get(), &verdict);
    v1::CheckFileRequest message;
    Header(&message);
    message.mutable_header()->set_parent("tenants/" + tenant);
    ASSERT_TRUE(writer->Write(message));
    for (int i = 0; i < chunks; ++i) {
      message.set_chunk(std::string(64 << 10, 'x'));
      ASSERT_TRUE(writer->Write(message));
    }
    // A later call over the same connection is answered: what went before it has arrived.
    v1::ActivePack pack;
    ASSERT_TRUE(
        v1::PackService::NewStub(channel)->GetActivePack(NewContext().get(), {}, &pack).ok());
    cable.Cut();
    EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
    const auto line = server.process().WaitForLine("\"code\":\"CANCELLED\"", chunks == 0   ? 0
                                                                             : chunks == 1 ? 1
                                                                                           : 2);
    ASSERT_TRUE(line.has_value());
    EXPECT_THAT(*line, HasSubstr("CheckFile"));
    EXPECT_THAT(AllVerdicts(server.checks(), tenant), IsEmpty());
  }
  server.Stop();
}

TEST(BadInputOverABrokenConnection, AStreamEndsWithItsChecks) {
  Winnowd server;
  server.Start();
  Cable cable(std::stoi(server.address().substr(server.address().rfind(':') + 1)));
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto stub = v1::CheckService::NewStub(
      grpc::CreateCustomChannel(cable.address(), grpc::InsecureChannelCredentials(), arguments));
  const auto context = NewContext();
  const auto stream = stub->CheckStream(context.get());
  v1::CheckStreamRequest request;
  *request.mutable_request() = ContentRequest("c", std::string(100'000, 'x'));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(stream->Write(request));
  v1::CheckStreamResponse response;
  ASSERT_TRUE(stream->Read(&response));
  cable.Cut();
  while (stream->Read(&response)) {
  }
  EXPECT_FALSE(stream->Finish().ok());
  EXPECT_TRUE(server.process().WaitForLine("winnow.v1.CheckService/CheckStream").has_value());
  server.Stop();
}

}  // namespace
}  // namespace winnow
