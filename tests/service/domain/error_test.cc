#include "service/domain/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "engine/base/strings.h"
#include "service/domain/refusals.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(ErrorTest, EveryPartSurvives) {
  ErrorDetail detail;
  detail.reason = "SOME_REASON";
  detail.metadata = {{"limit", "7"}, {"empty", ""}, {"zh", "上限"}};
  detail.fields = {{"a.b[0]", "too long"}, {"c", std::string("with\0NUL", 8)}};
  detail.resource_type = "type";
  detail.resource_name = "name";
  detail.retry_after = absl::Milliseconds(1500);
  const absl::Status status = MakeError(absl::StatusCode::kAborted, "what happened", detail);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted, "what happened"));

  const absl::Status copy = status;
  const std::optional<ErrorDetail> read = DetailOf(copy);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->reason, detail.reason);
  EXPECT_EQ(read->metadata, detail.metadata);
  ASSERT_EQ(read->fields.size(), 2u);
  EXPECT_EQ(read->fields[1].field, "c");
  EXPECT_EQ(read->fields[1].description, detail.fields[1].description);
  EXPECT_EQ(read->resource_type, "type");
  EXPECT_EQ(read->resource_name, "name");
  EXPECT_EQ(read->retry_after, absl::Milliseconds(1500));
}

TEST(ErrorTest, NothingIsReadFromOtherStatuses) {
  EXPECT_EQ(DetailOf(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(DetailOf(absl::InternalError("x")), std::nullopt);
  EXPECT_FALSE(DetailOf(MakeError(absl::StatusCode::kInternal, "x", {}))->retry_after.has_value());
}

TEST(ErrorTest, FieldInvalidNamesTheField) {
  const absl::Status status = FieldInvalid("content.surface", "is required");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "content.surface: is required"));
  const auto detail = DetailOf(status);
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->reason, "FIELD_INVALID");
  EXPECT_THAT(detail->metadata, ElementsAre(Pair("field", "content.surface")));
  ASSERT_EQ(detail->fields.size(), 1u);
  EXPECT_EQ(detail->fields[0].field, "content.surface");
  EXPECT_EQ(detail->fields[0].description, "is required");
}

// The store's failures as callers see them.
TEST(ErrorTest, StoreFailures) {
  const struct {
    absl::Status from;
    absl::StatusCode code;
    std::string_view reason;
    bool retry;
  } kTable[] = {
      {absl::UnavailableError("closed"), absl::StatusCode::kUnavailable, "STORE_UNAVAILABLE", true},
      {absl::ResourceExhaustedError("full"), absl::StatusCode::kUnavailable, "STORE_UNAVAILABLE",
       true},
      {absl::AbortedError("again"), absl::StatusCode::kUnavailable, "STORE_UNAVAILABLE", true},
      {absl::DataLossError("rotten"), absl::StatusCode::kDataLoss, "RECORD_DAMAGED", false},
      {absl::FailedPreconditionError("newer"), absl::StatusCode::kFailedPrecondition,
       "RECORD_TOO_NEW", false},
      {absl::InvalidArgumentError("oversize"), absl::StatusCode::kInternal, "INTERNAL", false},
      {Overloaded(), absl::StatusCode::kUnavailable, "OVERLOADED", true},
  };
  for (const auto& row : kTable) {
    SCOPED_TRACE(row.from.ToString());
    const absl::Status seen = StoreFailed(row.from);
    EXPECT_THAT(seen, StatusIs(row.code, HasSubstr(std::string(ToStd(row.from.message())))));
    ASSERT_TRUE(DetailOf(seen).has_value());
    EXPECT_EQ(DetailOf(seen)->reason, row.reason);
    EXPECT_EQ(DetailOf(seen)->retry_after.has_value(), row.retry);
  }
}

}  // namespace
}  // namespace winnow::domain
