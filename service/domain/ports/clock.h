// The time, passed in so that tests own it.
#pragma once

#include "absl/time/time.h"

namespace winnow::domain {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;        // wall clock, for records
  virtual absl::Time Monotonic() const = 0;  // never steps back; for deadlines and durations
};

}  // namespace winnow::domain
