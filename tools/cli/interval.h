// How sure a share is that was counted in a sample.
#pragma once

#include <cstdint>

namespace winnow::cli {

struct Interval {
  double low = 0, high = 1;
};

// The 95 % interval by Wilson's score of `good` among `all`: also for few, none and all of them,
// where the usual one is empty. The whole range when `all` is 0. `good` is at most `all`.
Interval WilsonInterval(uint64_t good, uint64_t all);

}  // namespace winnow::cli
