#include "service/system/clock.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"

namespace winnow::system {
namespace {

TEST(SystemClock, TellsTheTimeOfDay) {
  SystemClock clock;
  absl::Time before = absl::Now();
  absl::Time now = clock.Now();
  EXPECT_LE(before, now);
  EXPECT_LE(now, absl::Now());
}

TEST(SystemClock, MonotonicNeverStepsBackAndMoves) {
  SystemClock clock;
  absl::Time first = clock.Monotonic(), last = first;
  for (int i = 0; i < 100000; ++i) {
    absl::Time now = clock.Monotonic();
    ASSERT_LE(last, now);
    last = now;
  }
  EXPECT_LT(first, last);
}

}  // namespace
}  // namespace winnow::system
