#include "tools/cli/interval.h"

#include <algorithm>
#include <cmath>

namespace winnow::cli {

Interval WilsonInterval(uint64_t good, uint64_t all) {
  if (all == 0) return {};
  constexpr double kZ = 1.959963984540054;  // of 95 %, both sides
  const double n = static_cast<double>(all);
  const double share = static_cast<double>(good) / n;
  const double scale = 1 + kZ * kZ / n;
  const double middle = (share + kZ * kZ / (2 * n)) / scale;
  const double half = kZ / scale * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

}  // namespace winnow::cli
