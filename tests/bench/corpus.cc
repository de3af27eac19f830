#include "tests/bench/corpus.h"

#include <cstdio>
#include <cstdlib>
#include <set>

#include "absl/strings/ascii.h"
#include "engine/base/strings.h"
#include "engine/rules/diagnostics.h"

namespace winnow::bench {
namespace {

// Common characters, roughly the most frequent first.
constexpr std::string_view kHan =
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发"
    "后作里"
    "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只"
    "从想实"
    "日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头"
    "文体政"
    "美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立"
    "及比员"
    "解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接"
    "必场件"
    "计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权"
    "思王象"
    "完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔";

constexpr std::string_view kEnglish[] = {
    "the",      "order",    "please",  "deliver",  "before",   "noon",    "with",     "large",
    "box",      "kitchen",  "table",   "of",       "and",      "to",      "customer", "asked",
    "for",      "a",        "second",  "invoice",  "because",  "first",   "one",      "was",
    "lost",     "in",       "mail",    "we",       "will",     "send",    "it",       "again",
    "today",    "thank",    "you",     "your",     "patience", "blue",    "cotton",   "shirt",
    "size",     "medium",   "arrived", "late",     "but",      "quality", "is",       "good",
    "return",   "policy",   "allows",  "thirty",   "days",     "from",    "purchase", "project",
    "report",   "attached", "review",  "figures",  "on",       "page",    "three",    "meeting",
    "moved",    "monday",   "morning", "room",     "next",     "window",  "bring",    "notes",
    "new",      "version",  "fixes",   "printing", "problem",  "that",    "some",     "users",
    "reported", "garden",   "center",  "opens",    "at",       "nine",    "spring",   "flowers",
    "are",      "half",     "price",   "this",     "week",     "only"};

constexpr std::string_view kPrefixes[] = {"", "", "re", "un", "over", "pre", "out", "mis"};
constexpr std::string_view kSuffixes[] = {"", "s", "ing", "er", "ed", "able", "less", "ness"};

// Low positions often, high ones rarely.
size_t Falling(std::mt19937_64* random, size_t size) {
  const double u = std::uniform_real_distribution<double>(0, 1)(*random);
  return static_cast<size_t>(u * u * static_cast<double>(size));
}

size_t Uniform(std::mt19937_64* random, size_t size) {
  return std::uniform_int_distribution<size_t>(0, size - 1)(*random);
}

std::string HanWord(std::mt19937_64* random, size_t characters) {
  std::string word;
  for (size_t i = 0; i < characters; ++i) {
    word += kHan.substr(3 * Falling(random, kHan.size() / 3), 3);
  }
  return word;
}

}  // namespace

std::vector<std::string> MakeMessages(Language language, size_t count, size_t bytes,
                                      uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::string> messages(count);
  for (std::string& message : messages) {
    size_t words = 0;
    while (message.size() < bytes) {
      ++words;
      if (language == Language::kChinese) {
        message += HanWord(&random, 1 + Uniform(&random, 3));
        if (words % 6 == 0) message += words % 18 == 0 ? "。" : "\uff0c";
        if (Uniform(&random, 40) == 0) StrAppend(&message, Uniform(&random, 1000));
      } else {
        std::string word(kEnglish[Uniform(&random, std::size(kEnglish))]);
        if (words % 14 == 1) word[0] = static_cast<char>(word[0] & ~0x20);
        StrAppend(&message, word, words % 14 == 0 ? ". " : words % 7 == 0 ? ", " : " ");
        if (Uniform(&random, 40) == 0) StrAppend(&message, Uniform(&random, 1000), " ");
      }
    }
  }
  return messages;
}

std::vector<std::string> MakeTerms(size_t count, uint64_t seed,
                                   const std::vector<std::string>& clean) {
  std::string all;
  for (const std::string& message : clean) StrAppend(&all, message, "\n");
  absl::AsciiStrToLower(&all);
  std::mt19937_64 random(seed);
  std::set<std::string> seen;
  std::vector<std::string> terms;
  while (terms.size() < count) {
    std::string term;
    if (terms.size() % 5 != 4) {
      // As word lists have it: most have two to four characters.
      term = HanWord(&random, 2 + std::min(Uniform(&random, 5), Uniform(&random, 5)));
    } else {
      // Half are words by English morphology, half phrases of two words.
      const auto word = [&random] { return kEnglish[Uniform(&random, std::size(kEnglish))]; };
      if (terms.size() % 2 == 0) {
        term = StrCat(kPrefixes[Uniform(&random, std::size(kPrefixes))], word(),
                      kSuffixes[Uniform(&random, std::size(kSuffixes))]);
      } else {
        term = StrCat(word(), " ", word(), kSuffixes[Uniform(&random, std::size(kSuffixes))]);
      }
      // As on word lists: nothing so short that prose is full of it.
      if (term.size() < 6) continue;
    }
    if (!seen.insert(term).second || all.find(term) != std::string::npos) continue;
    terms.push_back(std::move(term));
  }
  return terms;
}

std::shared_ptr<const pack::Pack> MakePack(const std::vector<std::string>& terms) {
  constexpr size_t kTermsPerRule = 100;
  std::string yaml;
  for (size_t begin = 0; begin < terms.size(); begin += kTermsPerRule) {
    StrAppend(&yaml, "- id: other_prohibited.bench_", begin / kTermsPerRule,
              "\n  category: other_prohibited\n  severity: low\n  action: review\n"
              "  match:\n    terms: [");
    for (size_t i = begin; i < std::min(begin + kTermsPerRule, terms.size()); ++i) {
      StrAppend(&yaml, i > begin ? ", " : "", "'", terms[i], "'");
    }
    StrAppend(&yaml, "]\n  reason: {en: measured, zh: 测量}\n  tests: {match: ['", terms[begin],
              "'], no_match: ['-']}\n");
  }
  pack::CompileResult result = pack::CompilePack({{"bench.yaml", yaml}}, {.id = "bench"});
  if (result.pack == nullptr) {
    std::fprintf(stderr, "%s\n", rules::Render(result.diagnostics, result.sources, false).c_str());
    std::abort();
  }
  return result.pack;
}

}  // namespace winnow::bench
