// How often benign text is found guilty of what nobody wrote: prints a Markdown table, one row a
// kind of text. docs/innocence.md holds a run.
//
//   innocence_rate [--mb 20] [--seed 1] [--kind NAME] [--examples 0] [--shared] [--print]
//
// --print writes the text itself instead of checking it. Exit code 1: a kind is over the limit.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/strings.h"
#include "engine/text/normalizer.h"
#include "tests/innocence/trial.h"

namespace winnow::innocence {
namespace {

struct Options {
  double mb = 20;
  uint64_t seed = 1;
  std::string kind;
  size_t examples = 0;
  bool shared = false;
  bool print = false;
};

using Tallies = std::vector<std::pair<std::string, Tally>>;

std::set<std::string> Ordinary(const Tallies& tallies) {
  std::set<std::string> ordinary;
  for (const auto& [name, tally] : tallies) {
    ordinary.insert(tally.terms.said.begin(), tally.terms.said.end());
  }
  return ordinary;
}

void PrintMost(std::vector<std::pair<uint64_t, std::string>> all, size_t n) {
  std::sort(all.rbegin(), all.rend());
  for (size_t i = 0; i < all.size() && i < n; ++i) {
    std::fprintf(stderr, "  %llu %s\n", static_cast<unsigned long long>(all[i].first),
                 all[i].second.c_str());
  }
}

void PrintAdded(const Count& count, const std::set<std::string>& ordinary, size_t n) {
  std::vector<std::pair<uint64_t, std::string>> all;
  for (const auto& [view, rules] : count.added) {
    for (const auto& [what, texts] : rules) {
      if (ordinary.contains(what)) continue;
      for (const auto& [text, times] : texts) {
        all.emplace_back(times, StrCat(text::Name(view), " ", what, " in ", text));
      }
    }
  }
  PrintMost(std::move(all), n);
}

// True when all are within the limit.
bool Print(const Tallies& tallies, const Options& options) {
  const std::set<std::string> ordinary = Ordinary(tallies);
  const auto n = [](uint64_t v) { return static_cast<unsigned long long>(v); };
  std::printf(
      "| text | MB | texts | bundled rules: folded | squeezed | phonetic | forms | added in 10 MB "
      "| "
      "each term a rule: folded | squeezed | phonetic | forms | squeezed and forms, of words never "
      "said "
      "plainly | in "
      "10 MB |\n"
      "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
  bool within = true;
  for (const auto& [name, t] : tallies) {
    const double mb = static_cast<double>(t.bytes) / 1e6;
    const uint64_t never = t.terms.SqueezedBut(ordinary);
    std::printf(
        "| %s | %.1f | %llu | %llu | %llu | %llu | %llu | %.2f | %llu | %llu | %llu | %llu | %llu "
        "| "
        "%.2f |\n",
        name.c_str(), mb, n(t.texts), n(t.bundled.folded), n(t.bundled.squeezed),
        n(t.bundled.phonetic), n(t.bundled.formed),
        static_cast<double>(t.bundled.Added()) * 10 / mb, n(t.terms.folded), n(t.terms.squeezed),
        n(t.terms.phonetic), n(t.terms.formed), n(never), static_cast<double>(never) * 10 / mb);
    within &= WithinLimit(t.bundled.Added(), t.bytes) && WithinLimit(never, t.bytes);
    if (options.examples == 0) continue;
    std::fprintf(stderr, "%s: %llu of %llu texts flagged, %llu blocked\n", name.c_str(),
                 n(t.flagged), n(t.texts), n(t.blocked));
    std::vector<std::pair<uint64_t, std::string>> flags;
    for (const auto& [what, times] : t.flags) flags.emplace_back(times, what);
    PrintMost(std::move(flags), options.examples);
    PrintAdded(t.bundled, {}, options.examples);
    PrintAdded(t.terms, ordinary, options.examples);
  }
  return within;
}

int Run(const Options& options) {
  bool known = options.kind.empty();
  const auto bytes = static_cast<uint64_t>(options.mb * 1e6);
  for (const Kind& kind : Kinds()) {
    if (!options.kind.empty() && kind.name != options.kind) continue;
    known = true;
    if (options.print) {
      const Grammar grammar = ReadGrammar(kind);
      Random random(options.seed);
      std::string text;
      while (text.size() < bytes) {
        grammar.Expand(kind.start, &random, &text);
        text.push_back('\n');
      }
      std::fwrite(text.data(), 1, text.size(), stdout);
    }
  }
  if (!known) {
    std::fprintf(stderr, "there is no kind %s; there are:", options.kind.c_str());
    for (const Kind& kind : Kinds()) std::fprintf(stderr, " %s", std::string(kind.name).c_str());
    std::fprintf(stderr, "\n");
    return 2;
  }
  if (options.print) return 0;
  const Trial trial;
  Tallies tallies;
  for (const Kind& kind : Kinds()) {
    if (!options.kind.empty() && kind.name != options.kind) continue;
    tallies.emplace_back(std::string(kind.name), Try(trial, kind, bytes, options.seed));
  }
  if (options.shared) {
    std::map<std::string, Tally> real;
    const SharedData data = ForEachSharedText(
        [&](const std::string& file, const std::string& text) { trial.Check(text, &real[file]); });
    if (!data.present) std::fprintf(stderr, "no real texts: there is no %s\n", data.folder.c_str());
    for (auto& [file, tally] : real) tallies.emplace_back(file, std::move(tally));
  }
  return Print(tallies, options) ? 0 : 1;
}

}  // namespace
}  // namespace winnow::innocence

int main(int argc, char** argv) {
  winnow::innocence::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    const auto value = [&]() -> const char* {
      if (i + 1 >= argc) {
        std::fprintf(stderr, "%s needs a value\n", argv[i]);
        std::exit(2);
      }
      return argv[++i];
    };
    if (arg == "--mb") {
      options.mb = std::atof(value());
    } else if (arg == "--seed") {
      options.seed = std::strtoull(value(), nullptr, 10);
    } else if (arg == "--kind") {
      options.kind = value();
    } else if (arg == "--examples") {
      options.examples = std::strtoul(value(), nullptr, 10);
    } else if (arg == "--shared") {
      options.shared = true;
    } else if (arg == "--print") {
      options.print = true;
    } else {
      std::fprintf(stderr,
                   "usage: innocence_rate [--mb 20] [--seed 1] [--kind NAME] [--examples 0] "
                   "[--shared] [--print]\n");
      return 2;
    }
  }
  return winnow::innocence::Run(options);
}
