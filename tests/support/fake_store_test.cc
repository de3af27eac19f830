#include "tests/support/fake_store.h"

#include <gtest/gtest.h>

#include "tests/support/commit_and_wait.h"
#include "tests/support/faulty_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/store_conformance.h"

namespace winnow {
namespace {

using domain::Durability;

// The faulty store without faults must be as good as the one inside.
class Transparent : public domain::Store {
 public:
  std::unique_ptr<domain::Transaction> Begin(std::string_view tenant) override {
    return faulty_.Begin(tenant);
  }
  absl::Status Health() const override { return faulty_.Health(); }

 private:
  FakeStore fake_;
  FaultyStore faulty_{&fake_};
};

INSTANTIATE_TEST_SUITE_P(
    , StoreConformanceTest,
    testing::Values(StoreFactory{"fake", [] { return std::make_unique<FakeStore>(); }},
                    StoreFactory{"faultless", [] { return std::make_unique<Transparent>(); }}),
    StoreFactoryName);

TEST(FakeStoreTest, ByTestNothingHappensUntilTold) {
  FakeStore store(FakeStore::Completion::kByTest);
  auto put = [&](std::string_view key, absl::Status* outcome) {
    auto t = store.Begin("acme");
    ASSERT_OK(t->Get(key));
    t->Put(key, "v");
    t->Commit(Durability::kSynced, [outcome](absl::Status s) { *outcome = std::move(s); });
  };
  const absl::Status pending = absl::UnknownError("pending");
  absl::Status first = pending, second = pending, third = pending;
  put("k", &first);
  put("k", &second);
  put("l", &third);
  EXPECT_EQ(store.queued(), 3);
  EXPECT_EQ(store.KeyCount("acme"), 0);
  EXPECT_EQ(first, pending);
  EXPECT_TRUE(store.CompleteNext());
  EXPECT_OK(first);
  EXPECT_EQ(second, pending);
  EXPECT_EQ(store.KeyCount("acme"), 1);
  EXPECT_EQ(store.CompleteAll(), 2);
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kAborted));
  EXPECT_OK(third);
  EXPECT_FALSE(store.CompleteNext());
  EXPECT_EQ(store.KeyCount("acme"), 2);
  EXPECT_EQ(store.KeyCount("other"), 0);
}

}  // namespace
}  // namespace winnow
