// Raw matching of large bilingual word lists against bare Hyperscan, documents against memcpy, and
// messages full of evasions against clean ones.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/checker.h"
#include "engine/match/literal_index.h"
#include "tests/bench/bare_hyperscan.h"
#include "tests/bench/corpus.h"
#include "tests/bench/ratio.h"

namespace winnow::bench {
namespace {

using match::LiteralIndex;

constexpr size_t kMessages = 1000;
constexpr size_t kMessageBytes = 200;
constexpr size_t kHitEvery = 100;  // messages
constexpr size_t kDocumentBytes = 1 << 20;

[[noreturn]] void Die(std::string_view what) {
  std::fprintf(stderr, "match_bench: %s\n", std::string(what).c_str());
  std::abort();
}

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// Mixed messages in lower case, one in a hundred with a term.
struct Trial {
  std::vector<std::string> terms;
  std::vector<std::string> messages;
};

const Trial& TrialOf(size_t count) {
  static auto* trials = new std::map<size_t, Trial>;
  Trial& trial = (*trials)[count];
  if (!trial.terms.empty()) return trial;
  trial.messages = MakeMessages(Language::kMixed, kMessages, kMessageBytes, 4);
  for (std::string& message : trial.messages) {
    for (char& c : message) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  trial.terms = MakeTerms(count, 3, trial.messages);
  for (size_t i = 0; i < trial.messages.size(); i += kHitEvery) {
    StrAppend(&trial.messages[i], " ", trial.terms[i * 7 % count]);
  }
  return trial;
}

const BareHyperscan& HyperscanOf(size_t count) {
  static auto* made = new std::map<size_t, std::unique_ptr<BareHyperscan>>;
  std::unique_ptr<BareHyperscan>& hyperscan = (*made)[count];
  if (hyperscan == nullptr) hyperscan = std::make_unique<BareHyperscan>(TrialOf(count).terms);
  return *hyperscan;
}

// As packs bind them: Latin terms to words. Or all of them to nothing.
const LiteralIndex& IndexOf(size_t count, bool bound) {
  static auto* made = new std::map<std::pair<size_t, bool>, LiteralIndex>;
  const auto [it, fresh] = made->try_emplace({count, bound});
  if (!fresh) return it->second;
  std::vector<LiteralIndex::Literal> literals;
  for (const std::string& term : TrialOf(count).terms) {
    literals.push_back({term, static_cast<uint32_t>(literals.size()), bound && IsWord(term.front()),
                        bound && IsWord(term.back())});
  }
  std::vector<uint32_t> rest;
  it->second = LiteralIndex::Build(literals, {}, &rest);
  if (!rest.empty()) Die("the index leaves terms to others");
  return it->second;
}

// Hits where words allow them, which is where both must agree.
size_t HitsAtBorders(std::string_view text, uint32_t begin, uint32_t end) {
  const bool begins = begin == 0 || !IsWord(text[begin - 1]) || !IsWord(text[begin]);
  const bool ends = end == text.size() || !IsWord(text[end - 1]) || !IsWord(text[end]);
  return !IsAscii(text[begin]) || (begins && ends);
}

void RawHyperscan(benchmark::State& state) {
  const size_t count = static_cast<size_t>(state.range(0));
  const BareHyperscan& hyperscan = HyperscanOf(count);
  const std::vector<std::string>& messages = TrialOf(count).messages;
  size_t hits = 0, i = 0;
  for (auto _ : state) {
    hits += hyperscan.Count(messages[i]);
    if (++i == messages.size()) i = 0;
  }
  benchmark::DoNotOptimize(hits);
}

// That both find the same, before it is measured how fast.
void VerifyHits(size_t count, bool bound) {
  const Trial& trial = TrialOf(count);
  const auto scratch = std::make_unique<LiteralIndex::Scratch>();
  struct Found {
    const std::string* text;
    const std::vector<std::string>* terms;
    size_t hits = 0;
  };
  size_t all = 0;
  for (const std::string& message : trial.messages) {
    Found found{&message, &trial.terms};
    const auto on_hit = [](unsigned id, unsigned long long, unsigned long long to, unsigned,
                           void* context) {
      Found* f = static_cast<Found*>(context);
      const uint32_t end = static_cast<uint32_t>(to);
      const uint32_t begin = end - static_cast<uint32_t>((*f->terms)[id].size());
      f->hits += HitsAtBorders(*f->text, begin, end);
      return 0;
    };
    HyperscanOf(count).Scan(message, on_hit, &found);
    size_t hits = 0;
    IndexOf(count, bound).Scan(message, scratch.get(), [&](const LiteralIndex::Hit& hit) {
      hits += HitsAtBorders(message, hit.begin, hit.end);
      return true;
    });
    if (hits != found.hits) Die(StrCat("the index and Hyperscan differ on: ", message));
    all += hits;
  }
  if (all < trial.messages.size() / kHitEvery) Die("the planted terms are not found");
}

void RawIndex(benchmark::State& state, bool bound) {
  const size_t count = static_cast<size_t>(state.range(0));
  VerifyHits(count, bound);
  const LiteralIndex& index = IndexOf(count, bound);
  const std::vector<std::string>& messages = TrialOf(count).messages;
  const auto scratch = std::make_unique<LiteralIndex::Scratch>();
  size_t hits = 0, i = 0;
  for (auto _ : state) {
    index.Scan(messages[i], scratch.get(), [&hits](const LiteralIndex::Hit&) {
      ++hits;
      return true;
    });
    if (++i == messages.size()) i = 0;
  }
  benchmark::DoNotOptimize(hits);
}
void RawIndexWords(benchmark::State& state) { RawIndex(state, true); }
void RawIndexAnywhere(benchmark::State& state) { RawIndex(state, false); }

const Checker& CheckerOf(size_t count) {
  static auto* made = new std::map<size_t, std::unique_ptr<Checker>>;
  std::unique_ptr<Checker>& checker = (*made)[count];
  if (checker == nullptr) {
    std::vector<std::string> clean = MakeMessages(Language::kChinese, kMessages, kMessageBytes, 1);
    const std::vector<std::string> english =
        MakeMessages(Language::kEnglish, kMessages, kMessageBytes, 2);
    clean.insert(clean.end(), english.begin(), english.end());
    checker = std::make_unique<Checker>(MakePack(MakeTerms(count, 3, clean)), DefaultPolicy());
  }
  return *checker;
}

void Check(benchmark::State& state, const std::vector<std::string>& texts) {
  const Checker& checker = CheckerOf(1000);
  Content content;
  content.surface = Surface::kOrder;
  content.fields.resize(1);
  content.fields[0].key = "note";
  size_t i = 0;
  int64_t bytes = 0;
  for (auto _ : state) {
    content.fields[0].bytes = texts[i];
    absl::StatusOr<CheckResult> result = checker.Check(content);
    if (!result.ok() || result->completeness != Completeness::kComplete) Die("a check failed");
    benchmark::DoNotOptimize(result);
    bytes += static_cast<int64_t>(texts[i].size());
    if (++i == texts.size()) i = 0;
  }
  state.SetItemsProcessed(bytes);
}

// Of clean messages, over and over.
std::string Document(Language language) {
  std::string text;
  const std::vector<std::string> messages =
      MakeMessages(language, kMessages, kMessageBytes, language == Language::kChinese ? 1 : 2);
  while (text.size() < kDocumentBytes) {
    for (const std::string& message : messages) StrAppend(&text, message, "\n");
  }
  return text.substr(0, kDocumentBytes / 12 * 12);
}
void DocumentChinese(benchmark::State& state) {
  static const auto* texts = new std::vector<std::string>{Document(Language::kChinese)};
  Check(state, *texts);
}
void DocumentEnglish(benchmark::State& state) {
  static const auto* texts = new std::vector<std::string>{Document(Language::kEnglish)};
  Check(state, *texts);
}

// Larger than any cache here: at memory's speed.
void Memcpy(benchmark::State& state) {
  const std::string from(64 << 20, 'x');
  std::string to(from.size(), ' ');
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), from.size());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * from.size()));
}

void CleanMessages(benchmark::State& state) {
  static const auto* texts =
      new std::vector<std::string>(MakeMessages(Language::kMixed, kMessages, kMessageBytes, 4));
  Check(state, *texts);
}

// Of each character of a clean message something is hidden: stretched, held apart, set with marks,
// styled, written wide, in digits or with what nobody sees. As long in bytes as a clean one.
void HiddenMessages(benchmark::State& state) {
  static const auto* texts = [] {
    auto* all = new std::vector<std::string>;
    for (const std::string& message : MakeMessages(Language::kMixed, kMessages, kMessageBytes, 4)) {
      std::string hidden;
      size_t n = 0;
      for (size_t at = 0; at < message.size() && hidden.size() < kMessageBytes; ++n) {
        const size_t size = IsAscii(message[at]) ? 1 : 3;
        const std::string_view c = std::string_view(message).substr(at, size);
        at += size;
        switch (n % 7) {
          case 0:
            StrAppend(&hidden, c, "\u200b");
            break;
          case 1:
            StrAppend(&hidden, c, "*");
            break;
          case 2:
            StrAppend(&hidden, c, "\u0336");
            break;
          case 3:
            StrAppend(&hidden, IsWord(c[0]) ? "4" : c, " ");
            break;
          case 4:
            StrAppend(&hidden, c, c, c);
            break;
          case 5:
            StrAppend(&hidden, IsWord(c[0]) ? "\U0001d4d0" : c, "\u202e");
            break;
          default:
            StrAppend(&hidden, IsWord(c[0]) ? "\uff41" : c, "&#x200b;");
        }
      }
      all->push_back(std::move(hidden));
    }
    return all;
  }();
  Check(state, *texts);
}

BENCHMARK(RawHyperscan)->ArgName("terms")->Arg(1000)->Arg(10000)->Arg(50000);
BENCHMARK(RawIndexWords)->ArgName("terms")->Arg(1000)->Arg(10000)->Arg(50000);
BENCHMARK(RawIndexAnywhere)->ArgName("terms")->Arg(1000)->Arg(10000)->Arg(50000);
BENCHMARK(Memcpy);
BENCHMARK(DocumentChinese);
BENCHMARK(DocumentEnglish);
BENCHMARK(CleanMessages);
BENCHMARK(HiddenMessages);

}  // namespace
}  // namespace winnow::bench

int main(int argc, char** argv) {
  using winnow::StrCat;
  using winnow::bench::Ratio;
  std::vector<Ratio> ratios;
  const struct {
    int terms;
    double at_least;
  } kSizes[] = {{1000, 0}, {10000, 2}, {50000, 3}};
  for (const auto& size : kSizes) {
    const std::string args = StrCat("/terms:", size.terms);
    ratios.push_back({StrCat("bare Hyperscan / index, ", size.terms, " terms"),
                      "RawHyperscan" + args, "RawIndexWords" + args,
                      size.at_least > 0 ? Ratio::Limit::kAtLeast : Ratio::Limit::kNone,
                      size.at_least});
    ratios.push_back({StrCat("the same, no term bound to words, ", size.terms, " terms"),
                      "RawHyperscan" + args, "RawIndexAnywhere" + args});
  }
  // 0.6 and 0.4 GB/s where memcpy gives 9.
  ratios.push_back({"1 MiB documents, English / memcpy, bytes a second", "DocumentEnglish",
                    "Memcpy", Ratio::Limit::kAtLeast, 0.6 / 9, true});
  ratios.push_back({"1 MiB documents, Chinese / memcpy, bytes a second", "DocumentChinese",
                    "Memcpy", Ratio::Limit::kAtLeast, 0.4 / 9, true});
  ratios.push_back({"messages full of evasions / clean ones", "HiddenMessages", "CleanMessages",
                    Ratio::Limit::kAtMost, 6});
  return winnow::bench::RunWithRatios(argc, argv, ratios);
}
