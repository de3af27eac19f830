#include "tests/bench/ratio.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <map>

namespace winnow::bench {
namespace {

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// Keeps every repetition; the console shows the medians.
class Collector final : public benchmark::ConsoleReporter {
 public:
  Collector() : ConsoleReporter(OO_None) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    std::vector<Run> shown;
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Aggregate) {
        if (run.aggregate_name == "median") shown.push_back(run);
        continue;
      }
      if (run.error_occurred) {
        shown.push_back(run);
        failed_ = true;
        continue;
      }
      const std::string name =
          run.run_name.function_name + (run.run_name.args.empty() ? "" : "/" + run.run_name.args);
      times_[name].push_back(run.GetAdjustedCPUTime());
      if (auto it = run.counters.find("items_per_second"); it != run.counters.end()) {
        rates_[name].push_back(it->second);
      }
    }
    if (!shown.empty()) ConsoleReporter::ReportRuns(shown);
  }

  double TimeOf(const std::string& name) const { return MedianOf(times_, name); }
  double RateOf(const std::string& name) const { return MedianOf(rates_, name); }
  bool failed() const { return failed_; }

 private:
  using Samples = std::map<std::string, std::vector<double>>;
  static double MedianOf(const Samples& samples, const std::string& name) {
    const auto it = samples.find(name);
    return it == samples.end() ? 0 : Median(it->second);
  }

  Samples times_, rates_;
  bool failed_ = false;
};

}  // namespace

int RunWithRatios(int argc, char** argv, const std::vector<Ratio>& ratios) {
  // Defaults that the command line may override, so they come first.
  std::vector<std::string> defaults = {argv[0], "--benchmark_repetitions=11",
                                       "--benchmark_min_time=0.1",
                                       "--benchmark_enable_random_interleaving=true"};
  std::vector<char*> args;
  for (std::string& arg : defaults) args.push_back(arg.data());
  args.insert(args.end(), argv + 1, argv + argc);
  int count = static_cast<int>(args.size());
  benchmark::Initialize(&count, args.data());
  if (benchmark::ReportUnrecognizedArguments(count, args.data())) return 2;

  Collector collector;
  benchmark::RunSpecifiedBenchmarks(&collector);
  int status = collector.failed() ? 1 : 0;
  std::printf("\n%-64s %8s  %s\n", "ratio", "value", "limit");
  for (const Ratio& ratio : ratios) {
    const double above =
        ratio.of_rates ? collector.RateOf(ratio.numerator) : collector.TimeOf(ratio.numerator);
    const double below =
        ratio.of_rates ? collector.RateOf(ratio.denominator) : collector.TimeOf(ratio.denominator);
    if (above <= 0 || below <= 0) continue;  // left out by --benchmark_filter
    const double value = above / below;
    std::printf("%-64s %8.3f  ", ratio.name.c_str(), value);
    if (ratio.limit == Ratio::Limit::kNone) {
      std::printf("reported\n");
      continue;
    }
    const bool at_most = ratio.limit == Ratio::Limit::kAtMost;
    const bool holds = at_most ? value <= ratio.bound : value >= ratio.bound;
    std::printf("at %s %.2f: %s\n", at_most ? "most" : "least", ratio.bound,
                holds ? "holds" : "MISSED");
    if (!holds) status = 1;
  }
  return status;
}

}  // namespace winnow::bench
