// Prints, as a Markdown table, how many of the bundled terms are found in each hidden form.
//
//   evasion_recall [--variants=N] [--pair-variants=N] [--seed=N] [--misses=N] [--kind=TEXT]
//
// --kind measures only kinds whose name holds TEXT; --misses prints up to N examples of each.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

#include "tests/evasion/recall.h"

namespace winnow::evasion {
namespace {

// The value of `--name=` in `arg`, or null.
const char* ValueOf(const char* arg, std::string_view name) {
  const std::string_view all(arg);
  if (all.substr(0, 2) != "--" || all.substr(2, name.size()) != name) return nullptr;
  return all.size() > name.size() + 2 && all[name.size() + 2] == '=' ? arg + name.size() + 3
                                                                     : nullptr;
}

int Main(int argc, char** argv) {
  uint32_t variants = 20000, pair_variants = 0, misses = 0;
  uint64_t seed = 1;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    const auto number = [](const char* text) {
      return static_cast<uint32_t>(std::strtoul(text, nullptr, 10));
    };
    if (const char* v = ValueOf(argv[i], "variants")) {
      variants = number(v);
    } else if (const char* p = ValueOf(argv[i], "pair-variants")) {
      pair_variants = number(p);
    } else if (const char* s = ValueOf(argv[i], "seed")) {
      seed = number(s);
    } else if (const char* m = ValueOf(argv[i], "misses")) {
      misses = number(m);
    } else if (const char* k = ValueOf(argv[i], "kind")) {
      only = k;
    } else {
      std::fprintf(stderr, "%s: unknown argument %s\n", argv[0], argv[i]);
      return 2;
    }
  }
  const TermPack& pack = TermPack::Bundled();
  const std::time_t now = std::time(nullptr);
  char date[32];
  std::strftime(date, sizeof(date), "%d %B %Y", std::gmtime(&now));
  std::printf("%s, `%s`, %zu terms, %u variants a kind, seed %llu.\n\n", date,
              pack.revision().c_str(), pack.terms().size(), variants,
              static_cast<unsigned long long>(seed));
  std::printf("| kind | terms | found | found, not named | target | what is missed |\n");
  std::printf("|---|---|---|---|---|---|\n");
  const auto print_misses = [](const Recall& recall) {
    for (const std::string& miss : recall.misses) std::printf("    %s\n", miss.c_str());
  };
  for (const Kind& kind : Kinds()) {
    if (kind.name.find(only) == kind.name.npos) continue;
    const Recall recall = Measure(pack, kind, nullptr, variants, seed, misses);
    char target[16] = "none";
    if (kind.target > 0) std::snprintf(target, sizeof(target), "%.0f %%", 100 * kind.target);
    std::printf("| %s | %u | %.2f %% | %.2f %% | %s | %s |\n", std::string(kind.name).c_str(),
                recall.terms, 100 * recall.share(), 100.0 * recall.unnamed / recall.variants,
                target, std::string(kind.missed).c_str());
    print_misses(recall);
    std::fflush(stdout);
  }
  if (pair_variants == 0) return 0;
  std::printf("\n| two kinds mixed, below 99 %% | terms | found |\n|---|---|---|\n");
  uint32_t pairs = 0, reached = 0;
  for (const Kind& a : Kinds()) {
    for (const Kind& b : Kinds()) {
      if (&b <= &a) continue;
      if (a.name.find(only) == a.name.npos && b.name.find(only) == b.name.npos) continue;
      const Recall recall = Measure(pack, a, &b, pair_variants, seed, misses);
      if (recall.variants == 0) continue;
      ++pairs;
      if (recall.share() >= 0.99) {
        ++reached;
        continue;
      }
      std::printf("| %s + %s | %u | %.2f %% |\n", std::string(a.name).c_str(),
                  std::string(b.name).c_str(), recall.terms, 100 * recall.share());
      print_misses(recall);
      std::fflush(stdout);
    }
  }
  std::printf("\nOf %u pairs %u reach 99 %%.\n", pairs, reached);
  return 0;
}

}  // namespace
}  // namespace winnow::evasion

int main(int argc, char** argv) { return winnow::evasion::Main(argc, argv); }
