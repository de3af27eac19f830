#include "service/system/clock.h"

#include <time.h>

#include "absl/time/clock.h"

namespace winnow::system {

absl::Time SystemClock::Now() const { return absl::Now(); }

absl::Time SystemClock::Monotonic() const {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::TimeFromTimespec(now);
}

}  // namespace winnow::system
