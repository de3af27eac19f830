#include "service/grpc/status_printer.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/base/strings.h"
#include "engine/text/charset.h"
#include "google/rpc/error_details.pb.h"
#include "service/domain/error.h"

namespace winnow::rpc {
namespace {

using domain::ErrorDetail;
using ::testing::EndsWith;
using ::testing::HasSubstr;

template <typename Detail>
std::vector<Detail> All(const google::rpc::Status& status) {
  std::vector<Detail> out;
  for (const google::protobuf::Any& any : status.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) out.push_back(detail);
  }
  return out;
}

TEST(StatusPrinter, EveryStatusHasAnErrorInfo) {
  struct Row {
    absl::Status status;
    grpc::StatusCode code;
    const char* reason;
  };
  ErrorDetail detail;
  detail.reason = "TEXT_TOO_LARGE";
  for (const Row& row : {
           Row{absl::InternalError("x"), grpc::StatusCode::INTERNAL, "INTERNAL"},
           Row{absl::CancelledError("x"), grpc::StatusCode::CANCELLED, "CANCELLED"},
           Row{absl::DeadlineExceededError("x"), grpc::StatusCode::DEADLINE_EXCEEDED,
               "DEADLINE_EXCEEDED"},
           Row{domain::FieldInvalid("a.b", "is bad"), grpc::StatusCode::INVALID_ARGUMENT,
               "FIELD_INVALID"},
           Row{domain::MakeError(absl::StatusCode::kInvalidArgument, "x", detail),
               grpc::StatusCode::INVALID_ARGUMENT, "TEXT_TOO_LARGE"},
       }) {
    const google::rpc::Status printed = PrintStatus(row.status);
    EXPECT_EQ(printed.code(), row.code);
    const auto infos = All<google::rpc::ErrorInfo>(printed);
    ASSERT_EQ(infos.size(), 1u);
    EXPECT_EQ(infos[0].domain(), "winnow");
    EXPECT_EQ(infos[0].reason(), row.reason);
    EXPECT_EQ(ReasonOf(row.status), row.reason);
  }
  EXPECT_EQ(ReasonOf(absl::OkStatus()), "");
}

TEST(StatusPrinter, PrintsWhatHelpsToRepairOrRetry) {
  ErrorDetail detail;
  detail.reason = "ANY_REASON";
  detail.metadata = {{"limit", "10"}, {"actual", "11"}};
  detail.fields = {{"content.fields[0].text", "too long"}, {"parent", "missing"}};
  detail.resource_type = "winnow.v1.Verdict";
  detail.resource_name = "tenants/a/verdicts/b";
  detail.request_id = "5e0f1f5a-0000-4000-8000-000000000001";
  detail.retry_after = absl::Milliseconds(1500);
  const absl::Status status = domain::MakeError(absl::StatusCode::kUnavailable, "message", detail);
  const google::rpc::Status printed = PrintStatus(status);
  EXPECT_EQ(printed.message(), "message");
  EXPECT_EQ(printed.details_size(), 5);
  const auto info = All<google::rpc::ErrorInfo>(printed).at(0);
  EXPECT_EQ(info.metadata().at("limit"), "10");
  EXPECT_EQ(info.metadata().at("actual"), "11");
  const auto bad = All<google::rpc::BadRequest>(printed).at(0);
  ASSERT_EQ(bad.field_violations_size(), 2);
  EXPECT_EQ(bad.field_violations(0).field(), "content.fields[0].text");
  EXPECT_EQ(bad.field_violations(1).description(), "missing");
  const auto resource = All<google::rpc::ResourceInfo>(printed).at(0);
  EXPECT_EQ(resource.resource_name(), "tenants/a/verdicts/b");
  EXPECT_EQ(All<google::rpc::RequestInfo>(printed).at(0).request_id(), detail.request_id);
  const auto retry = All<google::rpc::RetryInfo>(printed).at(0);
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
}

TEST(StatusPrinter, WhateverIsSaidFitsIntoAClientsMetadata) {
  // Han characters take three bytes each, nine when percent-encoded, and may not be cut within.
  std::string long_text;
  for (int i = 0; i < 5000; ++i) long_text += "错";
  ErrorDetail detail;
  detail.reason = "FIELD_INVALID";
  for (int i = 0; i < 50; ++i) {
    detail.metadata[StrCat(i, long_text)] = long_text;
    detail.fields.push_back({long_text, long_text});
  }
  detail.resource_type = "winnow.v1.Verdict";
  detail.resource_name = long_text;
  detail.request_id = long_text;
  detail.retry_after = absl::Seconds(1);
  const google::rpc::Status printed =
      PrintStatus(domain::MakeError(absl::StatusCode::kUnavailable, long_text, detail));
  const size_t base64 = (printed.ByteSizeLong() + 2) / 3 * 4,
               percent = 3 * printed.message().size();
  EXPECT_LT(base64 + percent, 7u << 10) << "a client accepts 8 KiB, with the other headers";
  EXPECT_THAT(printed.message(), EndsWith("…"));
  EXPECT_TRUE(text::ValidUtf8(printed.message()));
  const auto bad = All<google::rpc::BadRequest>(printed).at(0);
  for (const auto& violation : bad.field_violations()) {
    EXPECT_TRUE(text::ValidUtf8(violation.field()));
    EXPECT_TRUE(text::ValidUtf8(violation.description()));
  }
}

TEST(StatusPrinter, OfACallHoldsTheSameDetails) {
  grpc::CallbackServerContext context;
  EXPECT_TRUE(PrintStatus(absl::OkStatus(), &context).ok());
  const absl::Status status = domain::FieldInvalid("parent", "is required");
  const grpc::Status printed = PrintStatus(status, &context);
  EXPECT_EQ(printed.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(printed.error_details()));
  EXPECT_EQ(details.SerializeAsString(), PrintStatus(status).SerializeAsString());
  EXPECT_EQ(details.message(), printed.error_message());
}

}  // namespace
}  // namespace winnow::rpc
