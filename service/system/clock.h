// The machine's clocks.
#pragma once

#include "absl/time/time.h"
#include "service/domain/ports/clock.h"

namespace winnow::system {

// Thread safe, lock free.
class SystemClock final : public domain::Clock {
 public:
  // CLOCK_REALTIME.
  absl::Time Now() const override;
  // CLOCK_MONOTONIC, counted from an epoch of its own: compare and subtract, never print.
  absl::Time Monotonic() const override;
};

}  // namespace winnow::system
