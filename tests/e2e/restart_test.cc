// What winnowd has acknowledged outlives it, however it ends.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/base/strings.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/support/test_rules.h"
#include "tests/support/winnowd.h"

namespace winnow {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string RequestId(int i) { return absl::StrFormat("0190aaaa-0000-7000-8000-%012x", i + 1); }

v1::Verdict Get(Winnowd& server, const std::string& name) {
  v1::GetVerdictRequest request;
  request.set_name(name);
  v1::Verdict verdict;
  const grpc::Status status = server.checks().GetVerdict(NewContext().get(), request, &verdict);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return verdict;
}

class Restart : public testing::TestWithParam<int> {};

TEST_P(Restart, KeepsVerdictsRequestIdsAndPageTokens) {
  Winnowd server;
  server.Start();
  v1::CheckContentRequest content = ContentRequest("order-1", kBlockedWord);
  content.set_request_id(RequestId(1));
  content.set_include_excerpts(true);
  v1::Verdict content_verdict;
  ASSERT_TRUE(server.checks().CheckContent(NewContext().get(), content, &content_verdict).ok());
  v1::CheckFileRequest::Header file = FileHeader("file-1");
  file.set_request_id(RequestId(2));
  v1::Verdict file_verdict;
  ASSERT_TRUE(CheckFile(server.checks(), file, kReviewedWord, &file_verdict).ok());
  v1::Verdict clean_verdict;
  ASSERT_TRUE(
      server.checks()
          .CheckContent(NewContext().get(), ContentRequest("order-2", "hello"), &clean_verdict)
          .ok());
  v1::ListVerdictsRequest list;
  list.set_parent("tenants/acme");
  list.set_page_size(1);
  v1::ListVerdictsResponse first_page;
  ASSERT_TRUE(server.checks().ListVerdicts(NewContext().get(), list, &first_page).ok());

  server.process().Signal(GetParam());
  ASSERT_TRUE(server.process().Wait().has_value());
  server.Start();

  for (const v1::Verdict& verdict : {content_verdict, file_verdict, clean_verdict}) {
    EXPECT_EQ(Get(server, verdict.name()).DebugString(), verdict.DebugString());
  }
  EXPECT_THAT(AllVerdicts(server.checks()), SizeIs(3));
  // The same request under its id gives the same verdict, and another one is refused.
  v1::Verdict again;
  ASSERT_TRUE(server.checks().CheckContent(NewContext().get(), content, &again).ok());
  EXPECT_EQ(again.DebugString(), content_verdict.DebugString());
  ASSERT_TRUE(CheckFile(server.checks(), file, kReviewedWord, &again).ok());
  EXPECT_EQ(again.DebugString(), file_verdict.DebugString());
  content.mutable_content()->set_content_id("order-3");
  EXPECT_EQ(RefusalOf(server.checks().CheckContent(NewContext().get(), content, &again)).reason,
            "REQUEST_ID_REUSED");
  EXPECT_EQ(RefusalOf(CheckFile(server.checks(), file, "other bytes", &again)).reason,
            "REQUEST_ID_REUSED");
  EXPECT_THAT(AllVerdicts(server.checks()), SizeIs(3));
  // A list begun before goes on.
  list.set_page_token(first_page.next_page_token());
  v1::ListVerdictsResponse second_page;
  const grpc::Status status = server.checks().ListVerdicts(NewContext().get(), list, &second_page);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_THAT(second_page.verdicts(), SizeIs(1));
  EXPECT_EQ(second_page.verdicts(0).name(), file_verdict.name());
  server.Stop();
}

INSTANTIATE_TEST_SUITE_P(After, Restart, testing::Values(SIGTERM, SIGINT, SIGKILL),
                         [](const auto& info) { return std::string(sigabbrev_np(info.param)); });

TEST(RestartUnderLoad, NothingAcknowledgedIsLostAndNothingIsThereTwice) {
  Winnowd server;
  std::map<std::string, std::string> acknowledged;  // request id to the verdict's name
  std::mutex mutex;
  int next = 0;
  for (int round = 0; round < 3; ++round) {
    SCOPED_TRACE(round);
    server.Start();
    std::vector<std::thread> threads;
    std::atomic<int> answered = 0;
    const int begin = next;
    next += 4 * 100'000;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = begin + t;; i += 4) {
          v1::CheckContentRequest request =
              ContentRequest(StrCat("c-", i), i % 2 == 0 ? kBlockedWord : "hello");
          request.set_request_id(RequestId(i));
          v1::Verdict verdict;
          if (!server.checks().CheckContent(NewContext().get(), request, &verdict).ok()) return;
          ++answered;
          std::lock_guard lock(mutex);
          acknowledged[request.request_id()] = verdict.name();
        }
      });
    }
    while (answered < 200) std::this_thread::yield();
    server.Kill();
    for (std::thread& thread : threads) thread.join();

    server.Start();
    std::map<std::string, std::string> stored;
    for (const v1::Verdict& verdict : AllVerdicts(server.checks())) {
      EXPECT_TRUE(stored.emplace(verdict.request_id(), verdict.name()).second)
          << verdict.request_id() << " is there twice";
    }
    for (const auto& [id, name] : acknowledged) {
      ASSERT_EQ(stored.count(id), 1u) << id << " was acknowledged and is lost";
      EXPECT_EQ(stored[id], name);
    }
    // Whoever got no answer repeats the call, and there is still one verdict for each.
    for (const auto& [id, name] : stored) acknowledged.emplace(id, name);
    for (int t = 0; t < 4; ++t) {
      int i = begin + t;
      while (acknowledged.count(RequestId(i)) != 0) i += 4;
      v1::CheckContentRequest request =
          ContentRequest(StrCat("c-", i), i % 2 == 0 ? kBlockedWord : "hello");
      request.set_request_id(RequestId(i));
      v1::Verdict verdict;
      ASSERT_TRUE(server.checks().CheckContent(NewContext().get(), request, &verdict).ok());
      acknowledged[request.request_id()] = verdict.name();
    }
    EXPECT_THAT(AllVerdicts(server.checks()), SizeIs(acknowledged.size()));
    server.Stop();
  }
}

// A file whose end is still to come.
struct OpenFile {
  explicit OpenFile(Winnowd& server) : context(NewContext()) {
    writer = server.checks().CheckFile(context.get(), &verdict);
    BeginFile(*writer, FileHeader("file-1"));
  }
  std::unique_ptr<grpc::ClientContext> context;
  v1::Verdict verdict;
  std::unique_ptr<grpc::ClientWriter<v1::CheckFileRequest>> writer;
};

TEST(Stop, WaitsForCallsInFlightAndRefusesNewOnes) {
  Winnowd server;
  server.Start();
  OpenFile file(server);
  const auto health = grpc::health::v1::Health::NewStub(server.channel());
  const auto health_context = NewContext();
  const auto watch = health->Watch(health_context.get(), {});
  grpc::health::v1::HealthCheckResponse state;
  while (watch->Read(&state) && state.status() != grpc::health::v1::HealthCheckResponse::SERVING) {
  }
  server.process().Signal(SIGTERM);
  ASSERT_TRUE(watch->Read(&state));
  EXPECT_EQ(state.status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  health_context->TryCancel();
  // Refused from now on, at the latest a moment after health has said so.
  Refusal refusal;
  do {
    v1::Verdict verdict;
    refusal = RefusalOf(
        server.checks().CheckContent(NewContext().get(), ContentRequest("c", "hello"), &verdict));
  } while (refusal.code == grpc::StatusCode::OK);
  EXPECT_EQ(refusal.code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(refusal.reason, "DRAINING") << refusal.message;
  EXPECT_TRUE(refusal.has_retry_delay);
  // The file that was begun ends as if nothing had happened.
  v1::CheckFileRequest message;
  message.set_chunk(std::string(kBlockedWord));
  EXPECT_TRUE(file.writer->Write(message));
  file.writer->WritesDone();
  const grpc::Status status = file.writer->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(file.verdict.decision(), v1::DECISION_BLOCK);
  const auto exit = server.process().Wait();
  ASSERT_TRUE(exit.has_value());
  EXPECT_EQ(exit->code, 0);

  server.Start();
  EXPECT_EQ(Get(server, file.verdict.name()).DebugString(), file.verdict.DebugString());
  server.Stop();
}

TEST(Stop, CutsOffWhatDoesNotEndInTime) {
  Winnowd server;
  server.Start({"--set", "server.drain_timeout=100ms"});
  OpenFile file(server);
  const auto stream_context = NewContext();
  const auto stream = server.checks().CheckStream(stream_context.get());
  server.process().Signal(SIGTERM);
  const auto exit = server.process().Wait();
  ASSERT_TRUE(exit.has_value());
  EXPECT_EQ(exit->code, 0);
  EXPECT_THAT(exit->err, HasSubstr("calls are cut off"));
  EXPECT_THAT(file.writer->Finish().error_code(),
              AnyOf(Eq(grpc::StatusCode::UNAVAILABLE), Eq(grpc::StatusCode::CANCELLED)));
  EXPECT_FALSE(stream->Finish().ok());
  server.Start();
  EXPECT_THAT(AllVerdicts(server.checks()), IsEmpty());
  server.Stop();
}

TEST(Stop, ASecondSignalEndsItAtOnce) {
  Winnowd server;
  server.Start({"--set", "server.drain_timeout=1h"});
  OpenFile file(server);
  server.process().Signal(SIGTERM);
  ASSERT_TRUE(server.process().WaitForLine("\"message\":\"stopping\"").has_value());
  server.process().Signal(SIGTERM);
  const auto exit = server.process().Wait();
  ASSERT_TRUE(exit.has_value());
  EXPECT_EQ(exit->signal, SIGTERM);
  (void)file.writer->Finish();
}

}  // namespace
}  // namespace winnow
