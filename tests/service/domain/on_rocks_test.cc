// The use cases over the embedded store, which the other tests replace by a fake.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/strings.h"
#include "service/rocks/rocks_store.h"
#include "tests/service/domain/checks_harness.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace winnow::domain {
namespace {

class OnRocksTest : public testing::Test {
 protected:
  OnRocksTest() { Open(); }
  ~OnRocksTest() override { Close(); }

  void Open() {
    rocks::RocksOptions options;
    options.path = dir_.Sub("store");
    auto store = rocks::RocksStore::Open(options);
    ASSERT_OK(store);
    store_ = *std::move(store);
    h_.other_store = store_.get();
    h_.options.block_run = 30;
    h_.Restart();
  }
  void Close() {
    EXPECT_OK(h_.checks->Drain(absl::Seconds(60)));
    h_.checks.reset();
    EXPECT_OK(store_->Close());
    store_.reset();
  }

  TempDir dir_;
  Harness h_;
  std::unique_ptr<rocks::RocksStore> store_;
};

std::vector<std::string> Essences(const std::vector<Verdict>& verdicts) {
  std::vector<std::string> all;
  for (const Verdict& verdict : verdicts) all.push_back(StrCat(verdict.id, " ", Essence(verdict)));
  return all;
}

TEST_F(OnRocksTest, VerdictsAreFoundAgainAfterARestart) {
  std::vector<Verdict> made;
  for (int i = 0; i < 40; ++i) {
    auto verdict = h_.Check(
        OrderAs(RequestId(i), StrCat("c", i % 5), i % 9 == 4 ? "a blockword" : "a box of tea"));
    ASSERT_OK(verdict);
    made.push_back(*std::move(verdict));
    h_.clock.Advance(absl::Milliseconds(i % 3));
  }
  std::vector<ContentCheck> batch;
  for (int i = 40; i < 80; ++i) {
    batch.push_back(OrderAs(RequestId(i), StrCat("c", i % 5), "a reviewword"));
  }
  auto verdicts = h_.Batch(std::move(batch));
  ASSERT_OK(verdicts);
  for (auto& verdict : *verdicts) {
    ASSERT_OK(verdict);
    made.push_back(*std::move(verdict));
  }
  // These go into blocks, and most of them are found by postings.
  for (int i = 0; i < 60; ++i) {
    auto verdict = h_.Check(Order(StrCat("c", i % 5), "a box of tea"));
    ASSERT_OK(verdict);
    made.push_back(*std::move(verdict));
  }
  batch.clear();
  for (int i = 0; i < 40; ++i) {
    batch.push_back(Order(StrCat("c", i % 5), i % 9 == 4 ? "a blockword" : "a box of tea"));
  }
  verdicts = h_.Batch(std::move(batch));
  ASSERT_OK(verdicts);
  for (auto& verdict : *verdicts) {
    ASSERT_OK(verdict);
    made.push_back(*std::move(verdict));
  }
  // The items of a batch are judged by several threads; their ids say in which order.
  std::sort(made.begin(), made.end(),
            [](const Verdict& a, const Verdict& b) { return a.id > b.id; });

  for (bool restarted : {false, true}) {
    SCOPED_TRACE(restarted);
    if (restarted) {
      Close();
      Open();
    }
    for (const char* filter : {"", "content_id = c3", "account_id = ann", "decision != ALLOW",
                               "surface = ORDER AND NOT content_id = c1"}) {
      SCOPED_TRACE(filter);
      const auto all = h_.ListAll(7, filter);
      const auto at_once = h_.ListAll(1000, filter);
      ASSERT_OK(all);
      ASSERT_OK(at_once);
      EXPECT_FALSE(all->empty());
      EXPECT_EQ(Essences(*all), Essences(*at_once));
    }
    EXPECT_EQ(Essences(*h_.ListAll(7, "")), Essences(made));
    for (int i : {0, 4, 39}) {
      const auto again = h_.Check(
          OrderAs(RequestId(i), StrCat("c", i % 5), i % 9 == 4 ? "a blockword" : "a box of tea"));
      ASSERT_OK(again);
      EXPECT_THAT(Essences(made), testing::Contains(Essences({*again})[0]));
    }
    EXPECT_EQ(ReasonOf(h_.Check(OrderAs(RequestId(50), "c0", "else")).status()),
              "REQUEST_ID_REUSED");
    EXPECT_EQ(h_.ListAll(1000, "")->size(), made.size());
  }
}

TEST_F(OnRocksTest, TwoServicesOverOneStoreGiveOneVerdictEach) {
  const std::unique_ptr<Checks> other = h_.MakeChecks();
  constexpr int kThreads = 6, kIds = 40;
  std::vector<std::vector<std::string>> names(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Checks& mine = t % 2 == 0 ? *h_.checks : *other;
      for (int i = 0; i < kIds; ++i) {
        Outcome<Verdict> outcome;
        mine.CheckContent(OrderAs(RequestId(i), StrCat("c", i), "tea"), outcome.done());
        const auto verdict = outcome.Wait();
        EXPECT_OK(verdict);
        if (verdict.ok()) names[t].push_back(NameOf(*verdict));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int t = 1; t < kThreads; ++t) EXPECT_EQ(names[t], names[0]);
  EXPECT_EQ(h_.ListAll(1000, "")->size(), static_cast<size_t>(kIds));
  EXPECT_OK(other->Drain(absl::Seconds(60)));
}

}  // namespace
}  // namespace winnow::domain
