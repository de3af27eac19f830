// Benchmarks that print ratios. A time on a shared machine proves nothing; two times of one run,
// taken in turn, say how they relate.
#pragma once

#include <string>
#include <vector>

namespace winnow::bench {

// `numerator` over `denominator`, names of benchmarks of the same program: their median times, or
// their median rates when `of_rates`.
struct Ratio {
  std::string name;
  std::string numerator;
  std::string denominator;
  enum class Limit { kNone, kAtMost, kAtLeast };
  Limit limit = Limit::kNone;
  double bound = 0;
  bool of_rates = false;  // items_per_second rather than CPU time an iteration
};

// Runs the registered benchmarks, their repetitions interleaved at random, prints Google
// Benchmark's table of medians and then a line a ratio: name, value, limit, and whether it holds.
// Takes Google Benchmark's flags. Returns 0, or 1 when a limit does not hold, so that a script
// notices.
int RunWithRatios(int argc, char** argv, const std::vector<Ratio>& ratios);

}  // namespace winnow::bench
