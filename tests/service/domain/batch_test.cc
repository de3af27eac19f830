// Many contents in one call.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "tests/service/domain/checks_harness.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<ContentCheck> Orders(size_t n) {
  std::vector<ContentCheck> batch;
  for (size_t i = 0; i < n; ++i) {
    batch.push_back(Order(StrCat("order-", i), i % 7 == 3 ? "a blockword" : "a box of tea"));
  }
  return batch;
}

void ExpectAll(const absl::StatusOr<std::vector<absl::StatusOr<Verdict>>>& verdicts, size_t n) {
  ASSERT_OK(verdicts);
  ASSERT_EQ(verdicts->size(), n);
  for (size_t i = 0; i < n; ++i) {
    ASSERT_OK((*verdicts)[i]);
    EXPECT_EQ((*verdicts)[i]->content.content_id, StrCat("order-", i));
    EXPECT_EQ((*verdicts)[i]->result.decision, i % 7 == 3 ? Decision::kBlock : Decision::kAllow);
  }
}

TEST(BatchTest, RepliesKeepTheOrderAndCostOneCommit) {
  for (size_t n : {1, 2, 15, 16, 17, 100, 1000}) {
    SCOPED_TRACE(n);
    Harness h;
    ExpectAll(h.Batch(Orders(n)), n);
    EXPECT_EQ(h.faulty.commits(), 1u);
    EXPECT_EQ(h.faulty.gets(), 0u);
    const size_t flagged = (n + 3) / 7;
    // A flagged one has a record and three entries; blocks hold up to 256 of the others.
    EXPECT_EQ(h.keys(), 4 * flagged + 2 * ((n - flagged + 255) / 256));
  }
}

TEST(BatchTest, SizeIsBounded) {
  Harness h;
  auto verdicts = h.Batch(Orders(1001));
  EXPECT_THAT(verdicts, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1000")));
  auto detail = DetailOf(verdicts.status());
  EXPECT_EQ(detail->reason, "BATCH_TOO_LARGE");
  EXPECT_EQ(detail->metadata.at("limit"), "1000");
  EXPECT_EQ(detail->metadata.at("actual"), "1001");
  EXPECT_EQ(detail->fields[0].field, "requests");
  verdicts = h.Batch({});
  EXPECT_EQ(ReasonOf(verdicts.status()), "FIELD_INVALID");
  EXPECT_EQ(DetailOf(verdicts.status())->fields[0].field, "requests");
  EXPECT_EQ(h.keys(), 0u);
}

TEST(BatchTest, IsOfOneTenant) {
  Harness h;
  std::vector<ContentCheck> batch = Orders(3);
  batch[1].tenant = "other";
  batch[1].field_path_prefix = "requests[1].";
  const auto verdicts = h.Batch(std::move(batch));
  ASSERT_OK(verdicts);
  EXPECT_OK((*verdicts)[0]);
  EXPECT_THAT((*verdicts)[1],
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("requests[1].parent")));
  EXPECT_OK((*verdicts)[2]);
  EXPECT_EQ(h.store.KeyCount("other"), 0u);
}

// An item that the transport could not read stands empty in its place.
TEST(BatchTest, EmptyItemsAreRefusedAlone) {
  Harness h;
  std::vector<ContentCheck> batch = Orders(2);
  batch.insert(batch.begin(), ContentCheck());
  const auto verdicts = h.Batch(std::move(batch));
  ASSERT_OK(verdicts);
  EXPECT_EQ(ReasonOf((*verdicts)[0].status()), "FIELD_INVALID");
  EXPECT_OK((*verdicts)[1]);
  EXPECT_OK((*verdicts)[2]);
  const auto nothing = h.Batch(std::vector<ContentCheck>(3));
  ASSERT_OK(nothing);
  for (const auto& verdict : *nothing) EXPECT_EQ(ReasonOf(verdict.status()), "FIELD_INVALID");
}

TEST(BatchTest, AFailedCommitFailsAllOfIt) {
  Harness h;
  h.faulty.FailCommit(absl::UnavailableError("disk gone"));
  const auto verdicts = h.Batch(Orders(40));
  ASSERT_OK(verdicts);
  for (const auto& verdict : *verdicts) {
    EXPECT_EQ(ReasonOf(verdict.status()), "STORE_UNAVAILABLE");
  }
  EXPECT_EQ(h.keys(), 0u);
}

TEST(BatchTest, OneFlaggedVerdictMakesAllDurable) {
  Harness h;
  h.options.relaxed_clean = true;
  h.Restart();
  ASSERT_OK(h.Batch({Order("a", "tea"), Order("b", "tea")}));
  EXPECT_THAT(h.log.Take(), ElementsAre(Durability::kRelaxed));
  ASSERT_OK(h.Batch({Order("a", "tea"), Order("b", "blockword")}));
  EXPECT_THAT(h.log.Take(), ElementsAre(Durability::kSynced));
}

TEST(BatchTest, FewerTasksThanSlicesStillDoAll) {
  Harness h(Pools::kManual);
  h.manual_scan.set_waiting_max(1);
  ExpectAll(h.Batch(Orders(300)), 300);
  EXPECT_EQ(h.faulty.commits(), 1u);
}

// Records of more than one transaction's size are written by several, each whole.
TEST(BatchTest, LargeRecordsTakeSeveralCommits) {
  const auto large = [](bool with_ids) {
    std::string text;
    for (int i = 0; i < 900; ++i) text += "a blockword here and there, said again and again; ";
    std::vector<ContentCheck> batch;
    for (int i = 0; i < 90; ++i) {
      batch.push_back(with_ids ? OrderAs(RequestId(i), StrCat("order-", i), text)
                               : Order(StrCat("order-", i), text));
      batch.back().include_excerpts = true;
    }
    return batch;
  };
  for (bool with_ids : {false, true}) {
    SCOPED_TRACE(with_ids);
    Harness h;
    const auto verdicts = h.Batch(large(with_ids));
    ASSERT_OK(verdicts);
    for (const auto& verdict : *verdicts) {
      ASSERT_OK(verdict);
      EXPECT_EQ(verdict->result.findings.size(), 900u);
    }
    EXPECT_GT(h.faulty.commits(), 1u);
    EXPECT_LT(h.faulty.commits(), 10u);
    EXPECT_EQ(h.keys(), 90u * (with_ids ? 5 : 4));
    const auto read = h.Get(*(*verdicts)[89]);
    ASSERT_OK(read);
    EXPECT_EQ(Essence(*read), Essence(*(*verdicts)[89]));
  }
}

TEST(BatchTest, TimeRunsOutForTheItemsNotYetScanned) {
  Harness h(Pools::kManual);
  std::vector<ContentCheck> batch = Orders(4);
  // Asked before each item's scan and between its parts; the third item's time is up.
  for (size_t i = 0; i < batch.size(); ++i) {
    batch[i].deadline = h.clock.Monotonic() + absl::Seconds(i == 2 ? 0 : 5);
  }
  const auto verdicts = h.Batch(std::move(batch));
  ASSERT_OK(verdicts);
  EXPECT_OK((*verdicts)[0]);
  EXPECT_OK((*verdicts)[1]);
  EXPECT_EQ(ReasonOf((*verdicts)[2].status()), "DEADLINE_EXCEEDED");
  EXPECT_OK((*verdicts)[3]);
}

}  // namespace
}  // namespace winnow::domain
