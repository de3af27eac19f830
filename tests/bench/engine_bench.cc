// Whole checks (decode, views, match, decide) of clean 200-byte messages against bare Hyperscan,
// RE2::Set and libyara scanning the same bytes for the same terms; and such checks with the bundled
// pack against the making of the views alone.
#include <benchmark/benchmark.h>
#include <re2/set.h>
#include <yara.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/checker.h"
#include "engine/match/program.h"
#include "engine/text/charset.h"
#include "engine/text/normalizer.h"
#include "engine/text/utf8.h"
#include "tests/bench/bare_hyperscan.h"
#include "tests/bench/corpus.h"
#include "tests/bench/ratio.h"
#include "tests/innocence/trial.h"

namespace winnow::bench {
namespace {

constexpr size_t kMessages = 1000;
constexpr size_t kMessageBytes = 200;

[[noreturn]] void Die(std::string_view what) {
  std::fprintf(stderr, "engine_bench: %s\n", std::string(what).c_str());
  std::abort();
}

const std::vector<std::string>& Messages(Language language) {
  static const auto* chinese =
      new std::vector<std::string>(MakeMessages(Language::kChinese, kMessages, kMessageBytes, 1));
  static const auto* english =
      new std::vector<std::string>(MakeMessages(Language::kEnglish, kMessages, kMessageBytes, 2));
  return language == Language::kChinese ? *chinese : *english;
}

const std::vector<std::string>& Terms(size_t count) {
  static auto* made = new std::map<size_t, std::vector<std::string>>;
  auto& terms = (*made)[count];
  if (terms.empty()) {
    std::vector<std::string> clean = Messages(Language::kChinese);
    const std::vector<std::string>& english = Messages(Language::kEnglish);
    clean.insert(clean.end(), english.begin(), english.end());
    terms = MakeTerms(count, 3, clean);
  }
  return terms;
}

Language LanguageOf(const benchmark::State& state) {
  return state.range(0) == 0 ? Language::kChinese : Language::kEnglish;
}

void Finish(benchmark::State& state) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
}

void WholeCheck(benchmark::State& state) {
  static auto* checkers = new std::map<int64_t, std::unique_ptr<Checker>>;
  std::unique_ptr<Checker>& checker = (*checkers)[state.range(1)];
  if (checker == nullptr) {
    checker = std::make_unique<Checker>(MakePack(Terms(state.range(1))), DefaultPolicy());
  }
  const std::vector<std::string>& messages = Messages(LanguageOf(state));
  Content content{.surface = Surface::kOrder, .fields = {{.key = "note"}}};
  size_t i = 0;
  for (auto _ : state) {
    content.fields[0].bytes = messages[i];
    absl::StatusOr<CheckResult> result = checker->Check(content);
    if (!result.ok() || result->decision != Decision::kAllow) {
      Die(StrCat("a clean message is not clean: ", messages[i]));
    }
    benchmark::DoNotOptimize(result);
    if (++i == messages.size()) i = 0;
  }
  Finish(state);
}

void BareHyperscanScan(benchmark::State& state) {
  static auto* made = new std::map<int64_t, std::unique_ptr<BareHyperscan>>;
  std::unique_ptr<BareHyperscan>& hyperscan = (*made)[state.range(1)];
  if (hyperscan == nullptr) hyperscan = std::make_unique<BareHyperscan>(Terms(state.range(1)));
  const std::vector<std::string>& messages = Messages(LanguageOf(state));
  size_t i = 0, hits = 0;
  for (auto _ : state) {
    hits += hyperscan->Count(messages[i]);
    if (++i == messages.size()) i = 0;
  }
  if (hits != 0) Die("a clean message has hits");
  Finish(state);
}

void Re2Set(benchmark::State& state) {
  static auto* made = new std::map<int64_t, std::unique_ptr<re2::RE2::Set>>;
  std::unique_ptr<re2::RE2::Set>& set = (*made)[state.range(1)];
  if (set == nullptr) {
    re2::RE2::Options options;
    options.set_literal(true);
    options.set_max_mem(int64_t{1} << 30);
    set = std::make_unique<re2::RE2::Set>(options, re2::RE2::UNANCHORED);
    for (const std::string& term : Terms(state.range(1))) set->Add(term, nullptr);
    if (!set->Compile()) Die("RE2::Set does not compile the terms");
  }
  const std::vector<std::string>& messages = Messages(LanguageOf(state));
  std::vector<int> found;
  size_t i = 0;
  for (auto _ : state) {
    if (set->Match(messages[i], &found)) Die("a clean message has hits");
    if (++i == messages.size()) i = 0;
  }
  Finish(state);
}

YR_RULES* YaraFor(size_t count) {
  static auto* made = new std::map<size_t, YR_RULES*>;
  YR_RULES*& rules = (*made)[count];
  if (rules != nullptr) return rules;
  static const bool initialised = yr_initialize() == ERROR_SUCCESS;
  YR_COMPILER* compiler = nullptr;
  if (!initialised || yr_compiler_create(&compiler) != ERROR_SUCCESS) Die("libyara does not start");
  std::string source;
  const std::vector<std::string>& terms = Terms(count);
  for (size_t begin = 0; begin < terms.size(); begin += 100) {
    StrAppend(&source, "rule r", begin, " { strings:\n");
    for (size_t i = begin; i < std::min(begin + 100, terms.size()); ++i) {
      StrAppend(&source, " $t", i, " = \"", terms[i], "\"\n");
    }
    StrAppend(&source, " condition: any of them }\n");
  }
  if (yr_compiler_add_string(compiler, source.c_str(), nullptr) != 0 ||
      yr_compiler_get_rules(compiler, &rules) != ERROR_SUCCESS) {
    Die("libyara does not compile the terms");
  }
  yr_compiler_destroy(compiler);
  return rules;
}

void Yara(benchmark::State& state) {
  YR_SCANNER* scanner = nullptr;
  if (yr_scanner_create(YaraFor(state.range(1)), &scanner) != ERROR_SUCCESS) Die("no scanner");
  size_t hits = 0;
  yr_scanner_set_callback(
      scanner,
      [](YR_SCAN_CONTEXT*, int message, void*, void* count) {
        if (message == CALLBACK_MSG_RULE_MATCHING) ++*static_cast<size_t*>(count);
        return CALLBACK_CONTINUE;
      },
      &hits);
  const std::vector<std::string>& messages = Messages(LanguageOf(state));
  size_t i = 0;
  for (auto _ : state) {
    const std::string& message = messages[i];
    if (yr_scanner_scan_mem(scanner, reinterpret_cast<const uint8_t*>(message.data()),
                            message.size()) != ERROR_SUCCESS) {
      Die("yr_scanner_scan_mem failed");
    }
    if (++i == messages.size()) i = 0;
  }
  if (hits != 0) Die("a clean message has hits");
  yr_scanner_destroy(scanner);
  Finish(state);
}

const Checker& BundledChecker() {
  static const Checker* const checker =
      new Checker(innocence::BundledPacks().bundled, DefaultPolicy());
  return *checker;
}

// Ordinary sentences of about kMessageBytes that the bundled pack finds nothing in.
const std::vector<std::string>& Prose(Language language) {
  static auto* made = new std::map<Language, std::vector<std::string>>;
  std::vector<std::string>& all = (*made)[language];
  if (!all.empty()) return all;
  const std::string_view name = language == Language::kChinese ? "chinese_simplified" : "english";
  const std::vector<innocence::Kind>& kinds = innocence::Kinds();
  const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                 [name](const innocence::Kind& k) { return k.name == name; });
  if (kind == kinds.end()) Die(StrCat("no grammar makes ", name));
  const innocence::Grammar grammar = innocence::ReadGrammar(*kind);
  innocence::Random random(5);
  Content content{.surface = Surface::kOrder, .fields = {{.key = "note"}}};
  while (all.size() < kMessages) {
    std::string text;
    while (text.size() < kMessageBytes) grammar.Expand(kind->start, &random, &text);
    size_t end = kMessageBytes;
    while (text::IsContinuation(text[end])) --end;
    text.resize(end);
    content.fields[0].bytes = text;
    const absl::StatusOr<CheckResult> result = BundledChecker().Check(content);
    if (result.ok() && result->finding_count == 0) all.push_back(std::move(text));
  }
  return all;
}

void BundledCheck(benchmark::State& state) {
  const std::vector<std::string>& messages = Prose(LanguageOf(state));
  const Checker& checker = BundledChecker();
  Content content{.surface = Surface::kOrder, .fields = {{.key = "note"}}};
  size_t i = 0;
  for (auto _ : state) {
    content.fields[0].bytes = messages[i];
    absl::StatusOr<CheckResult> result = checker.Check(content);
    if (!result.ok() || result->finding_count != 0) Die("a clean message is not clean");
    benchmark::DoNotOptimize(result);
    if (++i == messages.size()) i = 0;
  }
  Finish(state);
}

// What of such a check is done before anything is sought.
void BundledViews(benchmark::State& state) {
  const std::vector<std::string>& messages = Prose(LanguageOf(state));
  text::NormalizerOptions options;
  options.views = BundledChecker().pack().program().views();
  options.max_match_chars = match::kMaxMatchBytes;
  const std::unique_ptr<text::Normalizer> normalizer = text::Normalizer::Create(options);
  text::Decoded decoded;
  size_t i = 0;
  for (auto _ : state) {
    if (!text::Decode(messages[i], "", &decoded).ok()) Die("a message is not UTF-8");
    normalizer->Begin();
    normalizer->Feed(decoded.text, true, [](const text::Block& block) {
      benchmark::DoNotOptimize(&block);
      return true;
    });
    if (++i == messages.size()) i = 0;
  }
  Finish(state);
}

void Arguments(benchmark::internal::Benchmark* b) {
  b->ArgNames({"english", "terms"});
  for (int64_t english : {0, 1}) {
    for (int64_t terms : {1000, 10000}) b->Args({english, terms});
  }
}
BENCHMARK(WholeCheck)->Apply(Arguments);
BENCHMARK(BareHyperscanScan)->Name("BareHyperscan")->Apply(Arguments);
BENCHMARK(Re2Set)->Apply(Arguments);
BENCHMARK(Yara)->Apply(Arguments);
BENCHMARK(BundledCheck)->ArgName("english")->Arg(0)->Arg(1);
BENCHMARK(BundledViews)->ArgName("english")->Arg(0)->Arg(1);

}  // namespace
}  // namespace winnow::bench

int main(int argc, char** argv) {
  using winnow::StrCat;
  using winnow::bench::Ratio;
  std::vector<Ratio> ratios;
  for (int english : {0, 1}) {
    for (int terms : {1000, 10000}) {
      const std::string args = StrCat("/english:", english, "/terms:", terms);
      const std::string what = StrCat(", ", english ? "English" : "Chinese", ", ", terms, " terms");
      ratios.push_back({StrCat("whole check / bare Hyperscan", what), "WholeCheck" + args,
                        "BareHyperscan" + args, Ratio::Limit::kAtMost, english ? 1.3 : 1.5});
      ratios.push_back(
          {StrCat("RE2::Set / whole check", what), "Re2Set" + args, "WholeCheck" + args});
      ratios.push_back({StrCat("libyara / whole check", what), "Yara" + args, "WholeCheck" + args});
    }
  }
  for (int english : {0, 1}) {
    const std::string args = StrCat("/english:", english);
    ratios.push_back({StrCat("check with the bundled pack / its views alone, ",
                             english ? "English" : "Chinese", " prose"),
                      "BundledCheck" + args, "BundledViews" + args});
  }
  return winnow::bench::RunWithRatios(argc, argv, ratios);
}
