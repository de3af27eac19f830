#include "service/system/uuid_v7.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "tests/support/manual_clock.h"

namespace winnow::system {
namespace {

void AllOnes(absl::Span<uint8_t> out) { std::memset(out.data(), 0xFF, out.size()); }
void AllZeros(absl::Span<uint8_t> out) { std::memset(out.data(), 0, out.size()); }

uint64_t MsOf(const std::string& id) {
  return std::stoull(id.substr(0, 8) + id.substr(9, 4), nullptr, 16);
}

// RFC 9562, appendix A.6 gives 0x017F22E279B0 for 2022-02-22T19:22:22Z.
TEST(UuidV7, LaysOutTheFieldsOfTheStandard) {
  ManualClock clock(absl::FromUnixSeconds(1645557742));
  EXPECT_EQ(UuidV7Generator(&clock, AllZeros).NewId(), "017f22e2-79b0-7000-8000-000000000000");
  // The counter starts in its lower half: its topmost bit is clear.
  EXPECT_EQ(UuidV7Generator(&clock, AllOnes).NewId(), "017f22e2-79b0-77ff-bfff-ffffffffffff");
}

TEST(UuidV7, CountsWithinAMillisecond) {
  ManualClock clock(absl::FromUnixSeconds(1645557742));
  UuidV7Generator ids(&clock, AllZeros);
  EXPECT_EQ(ids.NewId(), "017f22e2-79b0-7000-8000-000000000000");
  EXPECT_EQ(ids.NewId(), "017f22e2-79b0-7000-8000-000100000000");
  clock.Advance(absl::Milliseconds(1));
  EXPECT_EQ(ids.NewId(), "017f22e2-79b1-7000-8000-000000000000");
}

TEST(UuidV7, CarriesTheCounterAcrossTheVariantBits) {
  ManualClock clock(absl::FromUnixSeconds(1645557742));
  UuidV7Generator ids(&clock, AllOnes);
  EXPECT_EQ(ids.NewId().substr(14, 9), "77ff-bfff");
  EXPECT_EQ(ids.NewId().substr(14, 9), "7800-8000");
}

TEST(UuidV7, AscendsWhileTheClockStepsBack) {
  ManualClock clock;
  UuidV7Generator ids(&clock);
  std::string last = ids.NewId();
  const uint64_t ms = MsOf(last);
  clock.SetNow(clock.Now() - absl::Hours(1));
  for (int i = 0; i < 1000; ++i) {
    std::string id = ids.NewId();
    ASSERT_LT(last, id);
    ASSERT_EQ(MsOf(id), ms) << "the last millisecond that was used";
    last = id;
  }
  clock.SetNow(clock.Now() + absl::Hours(2));
  std::string id = ids.NewId();
  EXPECT_LT(last, id);
  EXPECT_GT(MsOf(id), ms);
}

TEST(UuidV7, SurvivesTimesOutsideTheFormat) {
  for (absl::Time time :
       {absl::InfinitePast(), absl::FromUnixSeconds(-1), absl::InfiniteFuture()}) {
    ManualClock clock(time);
    UuidV7Generator ids(&clock);
    std::string first = ids.NewId(), second = ids.NewId();
    EXPECT_LT(first, second);
    EXPECT_EQ(first[14], '7');
    EXPECT_EQ(first.size(), 36u);
  }
}

TEST(UuidV7, ManyThreadsGetDistinctIdsEachInAscendingOrder) {
  ManualClock clock;  // stands still: everything is left to the counter
  UuidV7Generator ids(&clock);
  constexpr int kThreads = 8, kEach = 5000;
  std::vector<std::vector<std::string>> made(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) made[t].push_back(ids.NewId());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::unordered_set<std::string> all;
  for (const auto& ids_of_thread : made) {
    EXPECT_TRUE(std::is_sorted(ids_of_thread.begin(), ids_of_thread.end()));
    all.insert(ids_of_thread.begin(), ids_of_thread.end());
  }
  EXPECT_EQ(all.size(), size_t{kThreads} * kEach);
}

TEST(UuidV7, TwoGeneratorsAtOneTimeDiffer) {
  ManualClock clock;
  UuidV7Generator a(&clock), b(&clock);
  EXPECT_NE(a.NewId(), b.NewId());
}

}  // namespace
}  // namespace winnow::system
