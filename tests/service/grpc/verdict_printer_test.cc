#include "service/grpc/verdict_printer.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/time/time.h"

namespace winnow::rpc {
namespace {

domain::Verdict Whole() {
  domain::Verdict verdict;
  verdict.tenant = "acme";
  verdict.id = "0190aaaa-0000-7000-8000-000000000001";
  verdict.create_time = absl::FromUnixSeconds(1700000000) + absl::Nanoseconds(7);
  verdict.content.content_id = "order-1";
  verdict.content.account_id = "u-7";
  verdict.content.surface = Surface::kProfile;
  verdict.content.region = "mainland";
  verdict.content.content_time = absl::FromUnixSeconds(5);
  verdict.content.labels = {{"a", "1"}, {"b", "2"}};
  verdict.result.decision = Decision::kReview;
  verdict.result.completeness = Completeness::kPartial;
  verdict.result.pack_revision = "packs/p/revisions/1";
  verdict.client_token = "t";
  verdict.request_id = "r";
  verdict.content_sha256 = "ab";
  verdict.check_duration = absl::Microseconds(1500);
  return verdict;
}

TEST(VerdictPrinter, PrintsTheCallersIdsAndTimes) {
  v1::Verdict out;
  PrintVerdict(Whole(), &out);
  EXPECT_EQ(out.name(), "tenants/acme/verdicts/0190aaaa-0000-7000-8000-000000000001");
  EXPECT_FALSE(out.etag().empty());
  EXPECT_EQ(out.create_time().seconds(), 1700000000);
  EXPECT_EQ(out.create_time().nanos(), 7);
  EXPECT_EQ(out.decision(), v1::DECISION_REVIEW);
  EXPECT_EQ(out.completeness(), v1::COMPLETENESS_PARTIAL);
  EXPECT_EQ(out.pack_revision(), "packs/p/revisions/1");
  EXPECT_EQ(out.content_id(), "order-1");
  EXPECT_EQ(out.account_id(), "u-7");
  EXPECT_EQ(out.surface(), v1::SURFACE_PROFILE);
  EXPECT_EQ(out.region(), "mainland");
  EXPECT_EQ(out.content_time().seconds(), 5);
  EXPECT_EQ(out.labels().size(), 2u);
  EXPECT_EQ(out.labels().at("b"), "2");
  EXPECT_EQ(out.client_token(), "t");
  EXPECT_EQ(out.request_id(), "r");
  EXPECT_EQ(out.content_sha256(), "ab");
  EXPECT_EQ(out.check_duration().seconds(), 0);
  EXPECT_EQ(out.check_duration().nanos(), 1'500'000);
}

TEST(VerdictPrinter, OneThatIsNotStoredHasNoNameNorEtag) {
  domain::Verdict verdict = Whole();
  verdict.id.clear();
  verdict.content.content_time.reset();
  v1::Verdict out;
  PrintVerdict(verdict, &out);
  EXPECT_TRUE(out.name().empty());
  EXPECT_TRUE(out.etag().empty());
  EXPECT_FALSE(out.has_content_time());
}

TEST(VerdictPrinter, TimesBeforeTheEpochKeepTheirNanosPositive) {
  google::protobuf::Timestamp out;
  PrintTime(absl::FromUnixSeconds(-2) + absl::Nanoseconds(300), &out);
  EXPECT_EQ(out.seconds(), -2);
  EXPECT_EQ(out.nanos(), 300);
  PrintTime(absl::UnixEpoch() - absl::Nanoseconds(1), &out);
  EXPECT_EQ(out.seconds(), -1);
  EXPECT_EQ(out.nanos(), 999'999'999);
}

}  // namespace
}  // namespace winnow::rpc
