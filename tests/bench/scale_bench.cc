// The largest pack that we promise, 100,000 terms in lists and 2,000 expressions: how long
// `winnow pack build` takes for it, how long it takes to load, and what memory it keeps; each over
// its limit. With `--loads N` it is loaded so often (default 31); the median counts.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/match/program.h"
#include "engine/pack/pack.h"
#include "tests/support/scale_rules.h"
#include "tests/support/temp_dir.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kBuildSecondsMax = 60;
constexpr double kLoadMillisecondsMax = 50;

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "scale_bench: %s\n", what.c_str());
  std::exit(2);
}

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double CpuMilliseconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

bool Report(const char* what, double value, const char* unit, double limit) {
  const bool holds = value <= limit;
  std::printf("%-34s %10.3f %-2s   %6.3f of the limit of %.0f %s: %s\n", what, value, unit,
              value / limit, limit, unit, holds ? "holds" : "MISSED");
  return holds;
}

void BuildWithTheProgram(const std::string& rules, const std::string& pack) {
  const pid_t pid = fork();
  if (pid == 0) {
    execl(WINNOW_BIN_DIR "/winnow", "winnow", "pack", "build", "-o", pack.c_str(), "--id", "scale",
          rules.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
    Fail("`" WINNOW_BIN_DIR "/winnow pack build` failed; build the target winnow first");
  }
}

}  // namespace

int main(int argc, char** argv) {
  size_t loads = 31;
  if (argc == 3 && std::string_view(argv[1]) == "--loads")
    loads = std::strtoul(argv[2], nullptr, 10);
  if (loads == 0) Fail("usage: scale_bench [--loads N]");

  const winnow::TempDir dir;
  const winnow::test::ScaleRules rules = winnow::test::MakeScaleRules(100'000, 2'000);
  for (const winnow::rules::SourceFile& source : rules.sources) {
    const std::filesystem::path path = dir.Sub(winnow::StrCat("rules/", source.path));
    std::filesystem::create_directories(path.parent_path());
    if (!(std::ofstream(path, std::ios::binary) << source.text)) Fail("cannot write the rules");
  }
  const std::string file = dir.Sub("scale.pack");
  const Clock::time_point begin = Clock::now();
  BuildWithTheProgram(dir.Sub("rules"), file);
  bool holds = Report("winnow pack build", SecondsSince(begin), "s", kBuildSecondsMax);

  // The first load of a process touches memory for the first time; a service does it once.
  std::vector<double> milliseconds;
  double cpu = 0;
  size_t memory = 0, program = 0, bytes = 0;
  for (size_t i = 0; i < loads; ++i) {
    const double cpu_before = CpuMilliseconds();
    const Clock::time_point loading = Clock::now();
    const auto pack = winnow::pack::LoadPack(file);
    milliseconds.push_back(SecondsSince(loading) * 1000);
    cpu += CpuMilliseconds() - cpu_before;
    if (!pack.ok()) Fail(pack.status().ToString());
    if ((*pack)->info().recompiled) Fail("the pack was compiled again: winnow is another build");
    memory = (*pack)->memory_bytes();
    program = (*pack)->program().memory_bytes();
    bytes = (*pack)->bytes().size();
  }
  const double first = milliseconds.front();
  std::sort(milliseconds.begin(), milliseconds.end());
  holds &= Report("load, median", milliseconds[loads / 2], "ms", kLoadMillisecondsMax);
  std::printf("%-34s %10.3f ms\n%-34s %10.3f ms\n%-34s %10.3f ms on both threads together\n",
              "load, the first", first, "load, fastest", milliseconds.front(), "load, CPU",
              cpu / static_cast<double>(loads));
  std::printf("%-34s %10.1f MB, of which its file %.1f, programs %.1f\n", "memory",
              static_cast<double>(memory) / 1e6, static_cast<double>(bytes) / 1e6,
              static_cast<double>(program) / 1e6);
  return holds ? 0 : 1;
}
