#include "tests/support/faulty_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "tests/support/commit_and_wait.h"
#include "tests/support/fake_store.h"
#include "tests/support/status_matchers.h"

namespace winnow {
namespace {

using domain::Durability;

const auto kUnavailable = StatusIs(absl::StatusCode::kUnavailable);

class FaultyStoreTest : public testing::Test {
 protected:
  absl::Status Put(std::string_view key) {
    auto t = store_.Begin("acme");
    t->Put(key, "v");
    return CommitAndWait(std::move(t));
  }

  FakeStore fake_;
  FaultyStore store_{&fake_};
};

TEST_F(FaultyStoreTest, GetsFailAsScripted) {
  store_.FailGet(absl::UnavailableError("first"), /*times=*/1, /*skip=*/1);
  store_.FailGet(absl::DataLossError("second"), /*times=*/2);
  auto t = store_.Begin("acme");
  EXPECT_OK(t->Get("k"));
  EXPECT_THAT(t->Get("k"), kUnavailable);
  EXPECT_THAT(t->Get("k"), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(t->Get("k"), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_OK(t->Get("k"));
  EXPECT_EQ(store_.gets(), 5);
}

TEST_F(FaultyStoreTest, ScansFailAsScripted) {
  store_.FailScan(absl::UnavailableError("scripted"));
  auto t = store_.Begin("acme");
  auto visit = [](std::string_view, std::string_view) { return true; };
  EXPECT_THAT(t->Scan("", "", {}, visit), kUnavailable);
  EXPECT_OK(t->Scan("", "", {}, visit));
  EXPECT_EQ(store_.scans(), 2);
}

TEST_F(FaultyStoreTest, AFailedCommitWritesNothing) {
  store_.FailCommit(absl::AbortedError("scripted"));
  EXPECT_THAT(Put("k"), StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(fake_.KeyCount("acme"), 0);
  EXPECT_OK(Put("k"));
  EXPECT_EQ(fake_.KeyCount("acme"), 1);
  EXPECT_EQ(store_.commits(), 2);
}

TEST_F(FaultyStoreTest, ALostAcknowledgementWasWritten) {
  store_.LoseAcknowledgement(absl::UnavailableError("scripted"));
  EXPECT_THAT(Put("k"), kUnavailable);
  EXPECT_EQ(fake_.KeyCount("acme"), 1);
}

TEST_F(FaultyStoreTest, ADelayedAcknowledgementWaits) {
  store_.DelayAcknowledgement();
  auto t = store_.Begin("acme");
  t->Put("k", "v");
  std::atomic<int> calls = 0;
  t->Commit(Durability::kSynced, [&](absl::Status status) {
    EXPECT_OK(status);
    ++calls;
  });
  EXPECT_OK(Put("behind"));  // the inner store has come past the delayed one
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(store_.delayed(), 1);
  EXPECT_EQ(fake_.KeyCount("acme"), 2);
  EXPECT_EQ(store_.ReleaseDelayed(), 1);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(store_.ReleaseDelayed(), 0);
}

TEST_F(FaultyStoreTest, HealthIsScripted) {
  EXPECT_OK(store_.Health());
  store_.SetHealth(absl::UnavailableError("scripted"));
  EXPECT_THAT(store_.Health(), kUnavailable);
  store_.SetHealth(absl::OkStatus());
  EXPECT_OK(store_.Health());
}

}  // namespace
}  // namespace winnow
