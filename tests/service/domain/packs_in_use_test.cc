#include "service/domain/packs_in_use.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/service/domain/checks_harness.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

TEST(PacksInUseTest, NothingIsInUseBeforeTheFirstReload) {
  ManualClock clock;
  PacksInUse packs([](const ReloadOptions&) { return SmallChecker(); }, &clock);
  EXPECT_EQ(packs.Current(), nullptr);
  const auto loaded = packs.Reload();
  ASSERT_OK(loaded);
  EXPECT_EQ(packs.Current(), *loaded);
  EXPECT_EQ((*loaded)->load_time, clock.Now());
}

TEST(PacksInUseTest, ABadOneIsRefusedAndTheOldOneStays) {
  ManualClock clock;
  absl::StatusOr<std::shared_ptr<const Checker>> next = SmallChecker();
  PacksInUse packs([&](const ReloadOptions&) { return next; }, &clock);
  ASSERT_OK(packs.Reload());
  const auto old = packs.Current();
  clock.Advance(absl::Seconds(5));
  next = absl::DataLossError("the pack is damaged");
  EXPECT_THAT(packs.Reload(), StatusIs(absl::StatusCode::kDataLoss, "the pack is damaged"));
  EXPECT_EQ(packs.Current(), old);
  next = std::shared_ptr<const Checker>();
  EXPECT_THAT(packs.Reload(), StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(packs.Current(), old);
  next = OtherChecker();
  ASSERT_OK(packs.Reload());
  EXPECT_EQ(packs.Current()->checker, *next);
  EXPECT_EQ(packs.Current()->load_time, clock.Now());
}

TEST(PacksInUseTest, EachOutcomeIsToldAfterTheExchange) {
  ManualClock clock;
  absl::StatusOr<std::shared_ptr<const Checker>> next = SmallChecker();
  PacksInUse* in_use = nullptr;
  std::vector<std::string> told;
  PacksInUse packs(
      [&](const ReloadOptions&) { return next; }, &clock,
      [&](const PacksInUse::Outcome& outcome) {
        if (outcome.ok()) {
          EXPECT_EQ(in_use->Current(), *outcome);
        }
        told.push_back(outcome.ok() ? "loaded" : std::string(outcome.status().message()));
      });
  in_use = &packs;
  ASSERT_OK(packs.Reload());
  next = absl::DataLossError("the pack is damaged");
  EXPECT_FALSE(packs.Reload().ok());
  EXPECT_THAT(told, testing::ElementsAre("loaded", "the pack is damaged"));
}

TEST(PacksInUseTest, ReloadsRunOneAtATimeAndReadersNeverWait) {
  ManualClock clock;
  std::atomic<int> loading{0}, most{0};
  PacksInUse* in_use = nullptr;
  PacksInUse packs(
      [&](const ReloadOptions&) -> absl::StatusOr<std::shared_ptr<const Checker>> {
        most = std::max(most.load(), ++loading);
        (void)in_use->Current();  // would hang if it waited for us
        --loading;
        return SmallChecker();
      },
      &clock);
  in_use = &packs;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&packs] {
      for (int i = 0; i < 50; ++i) EXPECT_OK(packs.Reload());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
}

TEST(PacksInUseTest, AContentIsJudgedByThePackItsCheckBeganWith) {
  Harness h(Pools::kManual);
  Outcome<Verdict> before;
  h.checks->CheckContent(Order("order-1", "an otherword"), before.done());
  auto file = h.checks->StartFile([] {
    FileHeader header;
    header.tenant = "acme";
    header.content.content_id = "file-1";
    header.content.surface = Surface::kFile;
    return header;
  }());
  ASSERT_OK(file);
  h.next_checker = OtherChecker();
  ASSERT_OK(h.packs.Reload());
  Outcome<Verdict> after, of_file;
  h.checks->CheckContent(Order("order-2", "an otherword"), after.done());
  (*file)->Finish(of_file.done());
  h.RunAll();
  EXPECT_EQ(before.Wait()->result.pack_revision, SmallChecker()->pack().info().revision);
  EXPECT_EQ(of_file.Wait()->result.pack_revision, SmallChecker()->pack().info().revision);
  const auto verdict = after.Wait();
  ASSERT_OK(verdict);
  EXPECT_EQ(verdict->result.pack_revision, OtherChecker()->pack().info().revision);
  EXPECT_EQ(verdict->result.decision, Decision::kReview);
}

}  // namespace
}  // namespace winnow::domain
