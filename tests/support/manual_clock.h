// A clock that tests move by hand.
#pragma once

#include <mutex>

#include "absl/time/time.h"
#include "service/domain/ports/clock.h"

namespace winnow {

// Both faces move together by Advance(); the wall clock can be set alone, as an operator's can.
// Thread safe.
class ManualClock final : public domain::Clock {
 public:
  explicit ManualClock(absl::Time now = absl::FromUnixSeconds(1772357400)) : now_(now) {}

  absl::Time Now() const override {
    std::lock_guard lock(mutex_);
    return now_;
  }
  absl::Time Monotonic() const override {
    std::lock_guard lock(mutex_);
    return monotonic_;
  }
  void Advance(absl::Duration by) {
    std::lock_guard lock(mutex_);
    now_ += by;
    monotonic_ += by;
  }
  void SetNow(absl::Time now) {
    std::lock_guard lock(mutex_);
    now_ = now;
  }

 private:
  mutable std::mutex mutex_;
  absl::Time now_;
  absl::Time monotonic_ = absl::FromUnixSeconds(1000);
};

}  // namespace winnow
