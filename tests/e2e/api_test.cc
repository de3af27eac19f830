// Every call of CheckService and PackService, made by a real client over a real socket.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/sha256.h"
#include "engine/base/strings.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "tests/support/test_rules.h"
#include "tests/support/winnowd.h"

namespace winnow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kRequestId[] = "0190aaaa-0000-7000-8000-0000000000";  // and two digits

// One server for all tests of this file; each has a tenant of its own.
class Api : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new Winnowd();
    server_->Start();
  }
  static void TearDownTestSuite() {
    server_->Stop();
    delete server_;
  }

  Api() {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    for (const char c : name) tenant_ += std::isupper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    tenant_.resize(std::min<size_t>(tenant_.size(), 60));
  }

  std::string Parent() const { return "tenants/" + tenant_; }

  v1::CheckContentRequest Request(std::string_view content_id, std::string_view text) const {
    v1::CheckContentRequest request = ContentRequest(content_id, text);
    request.set_parent(Parent());
    return request;
  }

  v1::Verdict Check(const v1::CheckContentRequest& request) {
    v1::Verdict verdict;
    const grpc::Status status = checks().CheckContent(NewContext().get(), request, &verdict);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return verdict;
  }

  Refusal Refused(const v1::CheckContentRequest& request) {
    v1::Verdict verdict;
    return RefusalOf(checks().CheckContent(NewContext().get(), request, &verdict));
  }

  static v1::CheckService::Stub& checks() { return server_->checks(); }
  static v1::PackService::Stub& packs() { return server_->packs(); }
  static Winnowd* server_;
  std::string tenant_;
};
Winnowd* Api::server_ = nullptr;

TEST_F(Api, CheckContentAllowsCleanText) {
  v1::CheckContentRequest request = Request("order-1", "请发顺丰，谢谢");
  request.mutable_content()->set_account_id("u-7");
  request.mutable_content()->set_region("mainland");
  request.mutable_content()->mutable_content_time()->set_seconds(1700000000);
  (*request.mutable_content()->mutable_labels())["shop"] = "s1";
  request.set_client_token("token");
  const v1::Verdict verdict = Check(request);
  EXPECT_THAT(verdict.name(), MatchesRegex(Parent() + "/verdicts/[0-9a-f-]+"));
  EXPECT_EQ(verdict.decision(), v1::DECISION_ALLOW);
  EXPECT_EQ(verdict.completeness(), v1::COMPLETENESS_COMPLETE);
  EXPECT_THAT(verdict.findings(), IsEmpty());
  EXPECT_THAT(verdict.shortfalls(), IsEmpty());
  EXPECT_THAT(verdict.categories(), IsEmpty());
  EXPECT_EQ(verdict.content_id(), "order-1");
  EXPECT_EQ(verdict.account_id(), "u-7");
  EXPECT_EQ(verdict.surface(), v1::SURFACE_ORDER);
  EXPECT_EQ(verdict.region(), "mainland");
  EXPECT_EQ(verdict.content_time().seconds(), 1700000000);
  EXPECT_EQ(verdict.labels().at("shop"), "s1");
  EXPECT_EQ(verdict.client_token(), "token");
  EXPECT_EQ(verdict.detected_charset(), "UTF-8");
  EXPECT_EQ(verdict.replacement_count(), 0u);
  EXPECT_GT(verdict.create_time().seconds(), 1700000000);
}

TEST_F(Api, CheckContentBlocksAndSaysWhy) {
  v1::CheckContentRequest request = Request("order-1", StrCat("来", kBlockedWord, "吧"));
  request.set_include_excerpts(true);
  const v1::Verdict verdict = Check(request);
  EXPECT_EQ(verdict.decision(), v1::DECISION_BLOCK);
  ASSERT_THAT(verdict.findings(), SizeIs(1));
  const v1::Finding& finding = verdict.findings(0);
  EXPECT_EQ(finding.rule_id(), "gambling.test_word");
  EXPECT_EQ(finding.category(), v1::CATEGORY_VICE_VIOLENCE);
  EXPECT_EQ(finding.label(), "gambling");
  EXPECT_EQ(finding.severity(), v1::SEVERITY_HIGH);
  EXPECT_EQ(finding.decision(), v1::DECISION_BLOCK);
  EXPECT_EQ(finding.view(), v1::VIEW_FOLDED);
  EXPECT_THAT(finding.evasions(), IsEmpty());
  EXPECT_EQ(finding.span().field(), "note");
  EXPECT_EQ(finding.span().begin(), 3u);
  EXPECT_EQ(finding.span().end(), 15u);
  EXPECT_EQ(finding.excerpt().substr(finding.excerpt_begin(),
                                     finding.excerpt_end() - finding.excerpt_begin()),
            kBlockedWord);
  std::map<std::string, std::string> reasons;
  for (const auto& reason : finding.reasons()) reasons[reason.locale()] = reason.message();
  EXPECT_EQ(reasons["en"], "Offers gambling.");
  EXPECT_EQ(reasons["zh"], "提供赌博服务。");
  ASSERT_THAT(verdict.categories(), SizeIs(1));
  EXPECT_EQ(verdict.categories(0).category(), v1::CATEGORY_VICE_VIOLENCE);
  EXPECT_EQ(verdict.categories(0).finding_count(), 1u);
  v1::ActivePack pack;
  ASSERT_TRUE(packs().GetActivePack(NewContext().get(), {}, &pack).ok());
  EXPECT_EQ(verdict.pack_revision(), pack.pack_revision());
  EXPECT_EQ(verdict.policy_revision(), pack.policy_revision());
}

TEST_F(Api, CheckContentGivesSpansInTheUnitAskedFor) {
  // An emoji is 4 bytes, 2 UTF-16 units, 1 code point.
  const std::string text = StrCat("😀来", kBlockedWord);
  struct Row {
    v1::OffsetUnit unit, answered;
    uint32_t begin, end;
  };
  for (const Row& row : {Row{v1::OFFSET_UNIT_UNSPECIFIED, v1::OFFSET_UNIT_BYTES, 7, 19},
                         Row{v1::OFFSET_UNIT_BYTES, v1::OFFSET_UNIT_BYTES, 7, 19},
                         Row{v1::OFFSET_UNIT_UTF16, v1::OFFSET_UNIT_UTF16, 3, 7},
                         Row{v1::OFFSET_UNIT_CODE_POINTS, v1::OFFSET_UNIT_CODE_POINTS, 2, 6}}) {
    v1::CheckContentRequest request = Request("order-1", text);
    request.set_offset_unit(row.unit);
    const v1::Verdict verdict = Check(request);
    ASSERT_THAT(verdict.findings(), SizeIs(1));
    EXPECT_EQ(verdict.offset_unit(), row.answered);
    EXPECT_EQ(verdict.findings(0).span().begin(), row.begin);
    EXPECT_EQ(verdict.findings(0).span().end(), row.end);
  }
}

TEST_F(Api, CheckContentReadsOtherCharsets) {
  v1::CheckContentRequest request = Request("order-1", "");
  v1::TextField* field = request.mutable_content()->mutable_fields(0);
  field->set_raw("\xc0\xb4\xd5\xe6\xc8\xcb\xba\xc9\xb9\xd9");  // 来真人荷官
  field->set_charset("GB18030");
  const v1::Verdict verdict = Check(request);
  EXPECT_EQ(verdict.decision(), v1::DECISION_BLOCK);
  EXPECT_EQ(verdict.detected_charset(), "GB18030");
  ASSERT_THAT(verdict.findings(), SizeIs(1));
  EXPECT_EQ(verdict.findings(0).span().begin(), 2u) << "bytes as the caller sent them";
  EXPECT_EQ(verdict.findings(0).span().end(), 10u);
}

TEST_F(Api, CheckContentIsIdempotentUnderItsRequestId) {
  v1::CheckContentRequest request = Request("order-1", kBlockedWord);
  request.set_request_id(StrCat(kRequestId, "01"));
  const v1::Verdict first = Check(request), again = Check(request);
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  EXPECT_THAT(AllVerdicts(checks(), tenant_), SizeIs(1));
  EXPECT_EQ(first.request_id(), request.request_id());

  request.mutable_content()->mutable_fields(0)->set_text("另一段文字");
  const Refusal refusal = Refused(request);
  EXPECT_EQ(refusal.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(refusal.reason, "REQUEST_ID_REUSED");
  EXPECT_EQ(refusal.domain, "winnow");
  EXPECT_THAT(AllVerdicts(checks(), tenant_), SizeIs(1));
}

TEST_F(Api, ConcurrentCallsUnderOneRequestIdGiveOneVerdict) {
  v1::CheckContentRequest request = Request("order-1", kBlockedWord);
  request.set_request_id(StrCat(kRequestId, "02"));
  std::vector<std::thread> threads;
  std::vector<grpc::Status> statuses(8);
  std::vector<v1::Verdict> verdicts(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back(
        [&, i] { statuses[i] = checks().CheckContent(NewContext().get(), request, &verdicts[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> names;
  for (int i = 0; i < 8; ++i) {
    if (statuses[i].ok()) {
      names.insert(verdicts[i].name());
    } else {
      const Refusal refusal = RefusalOf(statuses[i]);
      EXPECT_EQ(refusal.reason, "REQUEST_IN_PROGRESS") << refusal.message;
      EXPECT_EQ(refusal.code, grpc::StatusCode::ABORTED);
      EXPECT_TRUE(refusal.has_retry_delay);
    }
  }
  EXPECT_THAT(names, SizeIs(1));
  EXPECT_THAT(AllVerdicts(checks(), tenant_), SizeIs(1));
}

TEST_F(Api, BatchAnswersEveryItemInOrder) {
  v1::BatchCheckContentsRequest request;
  request.set_parent(Parent());
  constexpr int kItems = 300;
  for (int i = 0; i < kItems; ++i) {
    v1::CheckContentRequest* item = request.add_requests();
    *item = Request(StrCat("c-", i), i % 3 == 0 ? kBlockedWord : "普通订单");
    item->set_parent(i % 2 == 0 ? "" : Parent());
    item->set_client_token(StrCat("t-", i));
  }
  // Of these each is refused by itself.
  request.mutable_requests(10)->mutable_content()->clear_content_id();
  request.mutable_requests(11)->set_parent("tenants/other");
  request.mutable_requests(12)->clear_content();
  v1::BatchCheckContentsResponse response;
  const grpc::Status status = checks().BatchCheckContents(NewContext().get(), request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_THAT(response.results(), SizeIs(kItems));
  const std::map<int, std::string> refused = {{10, "requests[10].content.content_id"},
                                              {11, "requests[11].parent"},
                                              {12, "requests[12].content"}};
  for (int i = 0; i < kItems; ++i) {
    SCOPED_TRACE(i);
    const auto& result = response.results(i);
    if (const auto it = refused.find(i); it != refused.end()) {
      ASSERT_TRUE(result.has_error());
      const Refusal refusal = RefusalOf(result.error());
      EXPECT_EQ(refusal.code, grpc::StatusCode::INVALID_ARGUMENT);
      EXPECT_EQ(refusal.reason, "FIELD_INVALID");
      EXPECT_EQ(refusal.domain, "winnow");
      EXPECT_EQ(refusal.fields.count(it->second), 1u) << result.error().DebugString();
      continue;
    }
    ASSERT_TRUE(result.has_verdict()) << result.error().DebugString();
    EXPECT_EQ(result.verdict().client_token(), StrCat("t-", i));
    EXPECT_EQ(result.verdict().content_id(), StrCat("c-", i));
    EXPECT_EQ(result.verdict().decision(), i % 3 == 0 ? v1::DECISION_BLOCK : v1::DECISION_ALLOW);
  }
  EXPECT_THAT(AllVerdicts(checks(), tenant_), SizeIs(kItems - 3));
}

// Where every item is plain, the server reads and writes them another way.
TEST_F(Api, PlainBatchAnswersEveryItemInOrder) {
  v1::BatchCheckContentsRequest request;
  request.set_parent(Parent());
  constexpr int kItems = 300;
  for (int i = 0; i < kItems; ++i) {
    v1::CheckContentRequest* item = request.add_requests();
    *item = Request(StrCat("c-", i), i % 3 == 0 ? kBlockedWord : "普通订单");
    item->clear_request_id();
    item->set_client_token(StrCat("t-", i));
  }
  request.mutable_requests(10)->mutable_content()->clear_content_id();
  v1::BatchCheckContentsResponse response;
  const grpc::Status status = checks().BatchCheckContents(NewContext().get(), request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_THAT(response.results(), SizeIs(kItems));
  for (int i = 0; i < kItems; ++i) {
    SCOPED_TRACE(i);
    const auto& result = response.results(i);
    if (i == 10) {
      ASSERT_TRUE(result.has_error());
      EXPECT_EQ(RefusalOf(result.error()).fields.count("requests[10].content.content_id"), 1u);
      continue;
    }
    ASSERT_TRUE(result.has_verdict()) << result.error().DebugString();
    EXPECT_EQ(result.verdict().client_token(), StrCat("t-", i));
    EXPECT_EQ(result.verdict().decision(), i % 3 == 0 ? v1::DECISION_BLOCK : v1::DECISION_ALLOW);
    if (i % 50 > 1) continue;
    // What is stored is what was answered.
    v1::GetVerdictRequest get;
    get.set_name(result.verdict().name());
    v1::Verdict stored;
    ASSERT_TRUE(checks().GetVerdict(NewContext().get(), get, &stored).ok());
    EXPECT_EQ(stored.SerializeAsString(), result.verdict().SerializeAsString());
  }
  EXPECT_THAT(AllVerdicts(checks(), tenant_), SizeIs(kItems - 1));
}

TEST_F(Api, StreamAnswersEveryCheckUnderItsToken) {
  const auto context = NewContext();
  const auto stream = checks().CheckStream(context.get());
  constexpr int kChecks = 600;  // many times what may be in flight
  std::thread writer([&] {
    for (int i = 0; i < kChecks; ++i) {
      v1::CheckStreamRequest request;
      // Now and then a long text, which shorter ones behind it overtake.
      const std::string text = i % 50 == 0 ? std::string(200'000, 'x') : std::string("短");
      *request.mutable_request() =
          Request(StrCat("c-", i), i % 3 == 0 ? StrCat(text, kBlockedWord) : text);
      request.mutable_request()->set_client_token(StrCat("t-", i));
      if (i % 7 == 0) request.mutable_request()->mutable_content()->clear_content_id();
      EXPECT_TRUE(stream->Write(request));
    }
    EXPECT_TRUE(stream->WritesDone());
  });
  std::set<std::string> answered;
  v1::CheckStreamResponse response;
  while (stream->Read(&response)) {
    SCOPED_TRACE(response.client_token());
    EXPECT_TRUE(answered.insert(response.client_token()).second) << "answered twice";
    ASSERT_THAT(response.client_token(), StartsWith("t-"));
    const int i = std::stoi(response.client_token().substr(2));
    if (i % 7 == 0) {
      const Refusal refusal = RefusalOf(response.error());
      EXPECT_EQ(refusal.reason, "FIELD_INVALID");
      EXPECT_EQ(refusal.domain, "winnow");
    } else {
      ASSERT_TRUE(response.has_verdict()) << response.error().DebugString();
      EXPECT_EQ(response.verdict().content_id(), StrCat("c-", i));
      EXPECT_EQ(response.verdict().decision(),
                i % 3 == 0 ? v1::DECISION_BLOCK : v1::DECISION_ALLOW);
    }
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(answered, SizeIs(kChecks));
}

TEST_F(Api, StreamHoldsBackACallerThatDoesNotReadItsReplies) {
  const auto context = NewContext();
  const auto stream = checks().CheckStream(context.get());
  constexpr int kChecks = 2000;
  std::thread writer([&] {
    v1::CheckStreamRequest request;
    *request.mutable_request() = Request("c", std::string(20'000, 'x'));
    for (int i = 0; i < kChecks; ++i) {
      if (!stream->Write(request)) break;
    }
    stream->WritesDone();
  });
  // Replies are read only once nothing else would move: the writer stands still, or is done.
  v1::CheckStreamResponse response;
  int replies = 0;
  while (stream->Read(&response)) replies += response.has_verdict();
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(replies, kChecks);
}

TEST_F(Api, CheckFileFindsWordsAcrossChunks) {
  std::string bytes;
  for (int i = 0; i < 5000; ++i) bytes += "一行普通的文字\n";
  const size_t at = bytes.size() - 22;  // begins a line
  bytes.insert(at, kBlockedWord);
  v1::CheckFileRequest::Header header = FileHeader("file-1");
  header.set_parent(Parent());
  header.set_size_bytes(bytes.size());
  header.set_client_token("t");
  for (const size_t chunk_bytes : {size_t{7}, size_t{4096}, size_t{1} << 20}) {
    SCOPED_TRACE(chunk_bytes);
    v1::Verdict verdict;
    const grpc::Status status = CheckFile(checks(), header, bytes, &verdict, chunk_bytes);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(verdict.decision(), v1::DECISION_BLOCK);
    EXPECT_EQ(verdict.completeness(), v1::COMPLETENESS_COMPLETE);
    EXPECT_EQ(verdict.surface(), v1::SURFACE_FILE);
    EXPECT_EQ(verdict.content_sha256(), Sha256Hex(bytes));
    EXPECT_EQ(verdict.client_token(), "t");
    ASSERT_THAT(verdict.findings(), SizeIs(1));
    EXPECT_EQ(verdict.findings(0).span().begin(), at);
    EXPECT_EQ(verdict.findings(0).span().end(), at + kBlockedWord.size());
    EXPECT_EQ(verdict.findings(0).span().field(), "notes.txt");
  }
}

TEST_F(Api, CheckFileNeverAllowsAFormatItDoesNotRead) {
  for (const std::string& bytes :
       {std::string("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"),
        std::string("PK\x03\x04\x14\0\0\0", 8), std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16)}) {
    v1::CheckFileRequest::Header header = FileHeader("file-1");
    header.set_parent(Parent());
    v1::Verdict verdict;
    const grpc::Status status = CheckFile(checks(), header, bytes, &verdict);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(verdict.decision(), v1::DECISION_REVIEW);
    EXPECT_NE(verdict.completeness(), v1::COMPLETENESS_COMPLETE);
    ASSERT_THAT(verdict.shortfalls(), SizeIs(1));
    EXPECT_EQ(verdict.shortfalls(0).reason(), v1::Shortfall::REASON_UNSUPPORTED_FORMAT);
    EXPECT_THAT(verdict.shortfalls(0).detail(), Not(IsEmpty()));
  }
}

TEST_F(Api, CheckFileIsIdempotentUnderItsRequestId) {
  v1::CheckFileRequest::Header header = FileHeader("file-1");
  header.set_parent(Parent());
  header.set_request_id(StrCat(kRequestId, "03"));
  v1::Verdict first, again, other;
  ASSERT_TRUE(CheckFile(checks(), header, "some text", &first).ok());
  ASSERT_TRUE(CheckFile(checks(), header, "some text", &again, 2).ok()) << "cut otherwise";
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  const Refusal refusal = RefusalOf(CheckFile(checks(), header, "some other text", &other));
  EXPECT_EQ(refusal.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(refusal.reason, "REQUEST_ID_REUSED");
  EXPECT_THAT(AllVerdicts(checks(), tenant_), SizeIs(1));
}

TEST_F(Api, ScanTextDecidesAndStoresNothing) {
  v1::ScanTextRequest request;
  request.set_parent(Parent());
  *request.mutable_content() = Request("", kReviewedWord).content();
  v1::ScanTextResponse response;
  const grpc::Status status = checks().ScanText(NewContext().get(), request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.verdict().decision(), v1::DECISION_REVIEW);
  EXPECT_EQ(response.verdict().name(), "");
  EXPECT_THAT(AllVerdicts(checks(), tenant_), IsEmpty());
}

TEST_F(Api, GetVerdictGivesWhatTheCheckGave) {
  v1::CheckContentRequest request = Request("order-1", kBlockedWord);
  request.set_include_excerpts(true);
  const v1::Verdict verdict = Check(request);
  v1::GetVerdictRequest get;
  get.set_name(verdict.name());
  v1::Verdict got;
  const grpc::Status status = checks().GetVerdict(NewContext().get(), get, &got);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(got.DebugString(), verdict.DebugString());
}

TEST_F(Api, GetVerdictRefusesNamesThatNameNothing) {
  const v1::Verdict verdict = Check(Request("order-1", "hello"));
  const std::string id = verdict.name().substr(verdict.name().rfind('/') + 1);
  struct Row {
    std::string name;
    grpc::StatusCode code;
    std::string reason;
  };
  for (const Row& row : {
           Row{Parent() + "/verdicts/0190aaaa-0000-7000-8000-000000000000",
               grpc::StatusCode::NOT_FOUND, "VERDICT_NOT_FOUND"},
           // Another tenant's verdict looks as if it were not there.
           Row{"tenants/other/verdicts/" + id, grpc::StatusCode::NOT_FOUND, "VERDICT_NOT_FOUND"},
           Row{"", grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID"},
           Row{Parent(), grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID"},
           Row{Parent() + "/verdicts/", grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID"},
           Row{"tenants/../verdicts/" + id, grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID"},
       }) {
    SCOPED_TRACE(row.name);
    v1::GetVerdictRequest get;
    get.set_name(row.name);
    v1::Verdict got;
    const Refusal refusal = RefusalOf(checks().GetVerdict(NewContext().get(), get, &got));
    EXPECT_EQ(refusal.code, row.code) << refusal.message;
    EXPECT_EQ(refusal.reason, row.reason);
    EXPECT_EQ(refusal.domain, "winnow");
    if (row.code == grpc::StatusCode::NOT_FOUND) {
      EXPECT_EQ(refusal.resource_name, row.name);
      EXPECT_THAT(refusal.resource_type, Not(IsEmpty()));
    } else {
      EXPECT_EQ(refusal.fields.count("name"), 1u);
    }
  }
}

TEST_F(Api, ListVerdictsPagesTheNewestFirst) {
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) names.push_back(Check(Request(StrCat("c-", i), "hello")).name());
  std::reverse(names.begin(), names.end());
  std::vector<std::string> listed;
  v1::ListVerdictsRequest request;
  request.set_parent(Parent());
  request.set_page_size(3);
  std::vector<int> sizes;
  do {
    v1::ListVerdictsResponse page;
    const grpc::Status status = checks().ListVerdicts(NewContext().get(), request, &page);
    ASSERT_TRUE(status.ok()) << status.error_message();
    sizes.push_back(page.verdicts_size());
    for (const v1::Verdict& verdict : page.verdicts()) listed.push_back(verdict.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, names);
  EXPECT_THAT(sizes, ElementsAre(3, 3, 3, 1));
}

TEST_F(Api, ListVerdictsFilters) {
  const auto check = [&](std::string_view id, std::string_view account, v1::Surface surface,
                         std::string_view text) {
    v1::CheckContentRequest request = Request(id, text);
    request.mutable_content()->set_account_id(std::string(account));
    request.mutable_content()->set_surface(surface);
    Check(request);
  };
  check("a", "u1", v1::SURFACE_ORDER, kBlockedWord);
  check("b", "u1", v1::SURFACE_COMMENT, "hello");
  check("c", "u2", v1::SURFACE_ORDER, kReviewedWord);
  check("d e\"f", "u2", v1::SURFACE_ORDER, "hello");
  struct Row {
    const char* filter;
    const char* ids;  // sorted
  };
  for (const Row& row : {
           Row{"", "a,b,c,d e\"f"},
           Row{"decision = BLOCK", "a"},
           Row{"decision != ALLOW", "a,c"},
           Row{"account_id = \"u1\"", "a,b"},
           Row{"account_id = u2 AND decision = REVIEW", "c"},
           Row{"content_id = \"d e\\\"f\"", "d e\"f"},
           Row{"surface = COMMENT", "b"},
           Row{"category:VICE_VIOLENCE", "a"},
           Row{"NOT category:VICE_VIOLENCE AND NOT decision = ALLOW", "c"},
           Row{"-decision = ALLOW", "a,c"},
           Row{"create_time >= \"2020-01-01T00:00:00Z\"", "a,b,c,d e\"f"},
           Row{"create_time < \"2020-01-01T00:00:00Z\"", ""},
       }) {
    SCOPED_TRACE(row.filter);
    std::set<std::string> ids;
    for (const v1::Verdict& verdict : AllVerdicts(checks(), tenant_, row.filter)) {
      ids.insert(verdict.content_id());
    }
    std::string joined;
    for (const std::string& id : ids) StrAppend(&joined, joined.empty() ? "" : ",", id);
    EXPECT_EQ(joined, row.ids);
  }
}

TEST_F(Api, ListVerdictsRefusesWhatItCannotRead) {
  for (int i = 0; i < 3; ++i) Check(Request(StrCat("c-", i), "hello"));
  v1::ListVerdictsRequest first;
  first.set_parent(Parent());
  first.set_page_size(1);
  v1::ListVerdictsResponse page;
  ASSERT_TRUE(checks().ListVerdicts(NewContext().get(), first, &page).ok());
  ASSERT_THAT(page.next_page_token(), Not(IsEmpty()));
  std::string forged = page.next_page_token();
  forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';

  struct Row {
    const char* name;
    std::string parent, token, filter;
    int page_size;
    const char* field;
    const char* description;
  };
  for (const Row& row : {
           Row{"no parent", "", "", "", 0, "parent", "tenants/"},
           Row{"negative size", Parent(), "", "", -1, "page_size", ""},
           Row{"token that is none", Parent(), "garbage", "", 1, "page_token", ""},
           Row{"forged token", Parent(), forged, "", 1, "page_token", ""},
           Row{"another tenant's token", "tenants/other", page.next_page_token(), "", 1,
               "page_token", ""},
           Row{"another filter's token", Parent(), page.next_page_token(), "decision = ALLOW", 1,
               "page_token", ""},
           Row{"unknown field", Parent(), "", "colour = red", 0, "filter", "1"},
           Row{"unfinished", Parent(), "", "decision =", 0, "filter", "11"},
           Row{"OR", Parent(), "", "decision = BLOCK OR decision = ALLOW", 0, "filter", "18"},
           Row{"open quote", Parent(), "", "content_id = \"x", 0, "filter", "14"},
           Row{"unknown decision", Parent(), "", "decision = MAYBE", 0, "filter", "12"},
           Row{"long filter", Parent(), "", std::string(3000, ' '), 0, "filter", "2048"},
       }) {
    SCOPED_TRACE(row.name);
    v1::ListVerdictsRequest request;
    request.set_parent(row.parent);
    request.set_page_token(row.token);
    request.set_filter(row.filter);
    request.set_page_size(row.page_size);
    v1::ListVerdictsResponse response;
    const Refusal refusal =
        RefusalOf(checks().ListVerdicts(NewContext().get(), request, &response));
    EXPECT_EQ(refusal.code, grpc::StatusCode::INVALID_ARGUMENT) << refusal.message;
    EXPECT_EQ(refusal.reason, "FIELD_INVALID");
    EXPECT_EQ(refusal.domain, "winnow");
    ASSERT_EQ(refusal.fields.count(row.field), 1u) << refusal.message;
    EXPECT_THAT(refusal.fields.at(row.field), HasSubstr(row.description));
  }
}

TEST_F(Api, HealthKnowsEveryService) {
  const auto health = grpc::health::v1::Health::NewStub(server_->channel());
  for (const char* service : {"", "winnow.v1.CheckService", "winnow.v1.PackService"}) {
    SCOPED_TRACE(service);
    // Watched, since the first answer after the start may still be NOT_SERVING.
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    const auto context = NewContext();
    const auto watch = health->Watch(context.get(), request);
    grpc::health::v1::HealthCheckResponse response;
    bool serving = false;
    while (!serving && watch->Read(&response)) {
      serving = response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
    }
    EXPECT_TRUE(serving);
    context->TryCancel();
    EXPECT_TRUE(health->Check(NewContext().get(), request, &response).ok());
    EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  }
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("winnow.v1.NoService");
  grpc::health::v1::HealthCheckResponse response;
  EXPECT_EQ(health->Check(NewContext().get(), request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(Api, ReflectionListsEveryService) {
  const auto reflection = grpc::reflection::v1alpha::ServerReflection::NewStub(server_->channel());
  const auto context = NewContext();
  const auto stream = reflection->ServerReflectionInfo(context.get());
  grpc::reflection::v1alpha::ServerReflectionRequest request;
  request.set_list_services("*");
  ASSERT_TRUE(stream->Write(request));
  grpc::reflection::v1alpha::ServerReflectionResponse response;
  ASSERT_TRUE(stream->Read(&response));
  std::set<std::string> names;
  for (const auto& service : response.list_services_response().service()) {
    names.insert(service.name());
  }
  EXPECT_THAT(names, IsSupersetOf({"winnow.v1.CheckService", "winnow.v1.PackService",
                                   "grpc.health.v1.Health"}));
  // And describes them with everything they import.
  request.set_file_containing_symbol("winnow.v1.CheckService");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_THAT(response.file_descriptor_response().file_descriptor_proto(), Not(IsEmpty()));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(Api, PackServiceTellsAndReloads) {
  v1::ActivePack pack, reloaded;
  ASSERT_TRUE(packs().GetActivePack(NewContext().get(), {}, &pack).ok());
  EXPECT_THAT(pack.pack_revision(), MatchesRegex("packs/test/revisions/[0-9a-f]+"));
  EXPECT_THAT(pack.policy_revision(), MatchesRegex("policies/test/revisions/[0-9a-f]+"));
  EXPECT_THAT(pack.source_digest(), MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(pack.rule_count(), 2u);
  EXPECT_EQ(pack.term_count(), 3u);
  EXPECT_EQ(pack.regex_count(), 0u);
  EXPECT_FALSE(pack.recompiled());
  EXPECT_THAT(pack.engine(), Not(IsEmpty()));
  EXPECT_THAT(pack.tool_version(), Not(IsEmpty()));
  const grpc::Status status = packs().ReloadPack(NewContext().get(), {}, &reloaded);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(reloaded.pack_revision(), pack.pack_revision());
  EXPECT_GE(reloaded.load_time().seconds(), pack.load_time().seconds());
  EXPECT_NE(reloaded.load_time().SerializeAsString(), pack.load_time().SerializeAsString());
}

TEST_F(Api, EveryCallHasALineInTheLogWithoutTheText) {
  v1::CheckContentRequest request = Request("secret-content-id", "secret-text-of-a-user");
  request.set_request_id(StrCat(kRequestId, "09"));
  const auto context = NewContext();
  context->AddMetadata("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  v1::Verdict verdict;
  ASSERT_TRUE(checks().CheckContent(context.get(), request, &verdict).ok());
  const auto line = server_->process().WaitForLine(request.request_id());
  ASSERT_TRUE(line.has_value());
  EXPECT_THAT(*line, HasSubstr("\"method\":\"winnow.v1.CheckService/CheckContent\""));
  EXPECT_THAT(*line, HasSubstr("\"code\":\"OK\""));
  EXPECT_THAT(*line, HasSubstr(StrCat("\"tenant\":\"", tenant_, "\"")));
  EXPECT_THAT(*line, HasSubstr("\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\""));
  EXPECT_THAT(*line, Not(HasSubstr("secret")));
  // What is refused is not logged as it came either.
  request.set_request_id("secret-request-id");
  EXPECT_EQ(Refused(request).reason, "FIELD_INVALID");
  ASSERT_TRUE(server_->process().WaitForLine("\"reason\":\"FIELD_INVALID\"").has_value());
  EXPECT_THAT(server_->process().err(), Not(HasSubstr("secret")));
}

// ------------------------------------------------------------------------------------------------
// Servers of their own

TEST(Overload, IsRefusedWithADelayAndNothingIsLost) {
  Winnowd server;
  server.Start({"--set", "pools.scan.threads=1", "--set", "pools.scan.waiting_max=2", "--set",
                "log.access=none"});
  const auto context = NewContext();
  const auto stream = server.checks().CheckStream(context.get());
  constexpr int kChecks = 400;
  std::thread writer([&] {
    for (int i = 0; i < kChecks; ++i) {
      v1::CheckStreamRequest request;
      *request.mutable_request() = ContentRequest(StrCat("c-", i), std::string(50'000, 'x'));
      EXPECT_TRUE(stream->Write(request));
    }
    stream->WritesDone();
  });
  size_t judged = 0, refused = 0;
  v1::CheckStreamResponse response;
  while (stream->Read(&response)) {
    if (response.has_verdict()) {
      ++judged;
      continue;
    }
    ++refused;
    const Refusal refusal = RefusalOf(response.error());
    EXPECT_EQ(refusal.code, grpc::StatusCode::UNAVAILABLE) << refusal.message;
    EXPECT_EQ(refusal.reason, "OVERLOADED");
    EXPECT_TRUE(refusal.has_retry_delay);
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(judged + refused, static_cast<size_t>(kChecks));
  EXPECT_GT(refused, 0u);
  EXPECT_GT(judged, 0u);
  EXPECT_THAT(AllVerdicts(server.checks()), SizeIs(judged)) << "what was refused is not stored";
  server.Stop();
}

TEST(Defaults, WithoutFlagsTheBundledRulesAreUsed) {
  TempDir dir;
  Process process({.argv = {WINNOW_BIN_DIR "/winnowd", "--listen", "unix:" + dir.Sub("s"),
                            "--data-dir", dir.Sub("data")}});
  ASSERT_TRUE(process.WaitForLine("listening on unix:").has_value()) << process.err();
  const auto channel =
      grpc::CreateChannel("unix:" + dir.Sub("s"), grpc::InsecureChannelCredentials());
  v1::ActivePack pack;
  ASSERT_TRUE(v1::PackService::NewStub(channel)->GetActivePack(NewContext().get(), {}, &pack).ok());
  EXPECT_THAT(pack.pack_revision(), StartsWith("packs/bundled/"));
  EXPECT_THAT(pack.policy_revision(), StartsWith("policies/default/"));
  EXPECT_GE(pack.rule_count(), 50u);
}

}  // namespace
}  // namespace winnow
