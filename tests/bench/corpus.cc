#include "tests/bench/corpus.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "engine/base/strings.h"
#include "engine/rules/diagnostics.h"
#include "engine/text/charset.h"
#include "engine/text/normalizer.h"

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

// Of which words are made that sound English and are none.
constexpr std::string_view kOnsets[] = {"b",  "c",  "d",  "f",  "g",  "h",  "j",  "l",   "m",
                                        "n",  "p",  "r",  "s",  "t",  "v",  "w",  "br",  "cl",
                                        "dr", "fl", "gr", "pl", "pr", "sh", "st", "str", "tr"};
constexpr std::string_view kNuclei[] = {"a", "e", "i", "o", "u", "ai", "ea", "ou", "io"};
constexpr std::string_view kCodas[] = {"", "", "n", "r", "l", "t", "ck", "nd", "st", "m", "p"};

// How many words messages have beside the commonest.
constexpr size_t kRareWords = 4000;

size_t Uniform(std::mt19937_64* random, size_t size) {
  return std::uniform_int_distribution<size_t>(0, size - 1)(*random);
}

// Low positions often, high ones rarely: the more so, the greater `power`.
size_t Falling(std::mt19937_64* random, size_t size, int power) {
  const double u = std::uniform_real_distribution<double>(0, 1)(*random);
  return static_cast<size_t>(std::pow(u, power) * static_cast<double>(size));
}

template <typename T, size_t n>
const T& OneOf(std::mt19937_64* random, const T (&choices)[n]) {
  return choices[Uniform(random, n)];
}

// The characters of GB 2312's first level, the commonest first: as in prose, a tenth of them makes
// seven tenths of a text.
const std::vector<std::string>& HanCharacters() {
  static const auto* characters = [] {
    auto* all = new std::vector<std::string>;
    std::set<std::string> seen;
    for (size_t at = 0; at < kHan.size(); at += 3) {
      std::string c(kHan.substr(at, 3));
      if (seen.insert(c).second) all->push_back(std::move(c));
    }
    std::vector<std::string> others;
    for (int row = 0xb0; row <= 0xd7; ++row) {
      for (int cell = 0xa1; cell <= 0xfe; ++cell) {
        const char bytes[] = {static_cast<char>(row), static_cast<char>(cell)};
        text::Decoded decoded;
        const bool known = text::Decode({bytes, 2}, "GB18030", &decoded).ok();
        if (!known || decoded.text.size() != 3) continue;
        if (seen.insert(std::string(decoded.text)).second) others.emplace_back(decoded.text);
      }
    }
    // The level is sorted by sound, which says nothing of how common a character is.
    std::mt19937_64 random(7);
    std::shuffle(others.begin(), others.end(), random);
    all->insert(all->end(), others.begin(), others.end());
    return all;
  }();
  return *characters;
}

std::string HanWord(std::mt19937_64* random, size_t characters, int power) {
  const std::vector<std::string>& all = HanCharacters();
  std::string word;
  for (size_t i = 0; i < characters; ++i) word += all[Falling(random, all.size(), power)];
  return word;
}

std::string RareEnglishWord(std::mt19937_64* random) {
  std::string word;
  for (size_t syllables = 2 + Uniform(random, 2); syllables > 0; --syllables) {
    StrAppend(&word, OneOf(random, kOnsets), OneOf(random, kNuclei));
  }
  StrAppend(&word, OneOf(random, kCodas), OneOf(random, kSuffixes));
  return word;
}

std::string EnglishWord(std::mt19937_64* random) {
  static const auto* rare = [] {
    auto* words = new std::vector<std::string>;
    std::mt19937_64 random(11);
    for (size_t i = 0; i < kRareWords; ++i) words->push_back(RareEnglishWord(&random));
    return words;
  }();
  if (Uniform(random, 20) < 11) return std::string(OneOf(random, kEnglish));
  return (*rare)[Falling(random, rare->size(), 2)];
}

// As word lists have it: words that prose hardly has, and phrases of them with common ones.
std::string EnglishTerm(std::mt19937_64* random) {
  switch (Uniform(random, 10)) {
    case 0:
      return StrCat(OneOf(random, kEnglish), " ", OneOf(random, kEnglish),
                    OneOf(random, kSuffixes));
    case 1:
    case 2:
      return StrCat(RareEnglishWord(random), " ", OneOf(random, kEnglish));
    case 3:
      return StrCat(OneOf(random, kPrefixes), OneOf(random, kEnglish), OneOf(random, kSuffixes));
    default:
      return RareEnglishWord(random);
  }
}

void AppendChinese(std::mt19937_64* random, size_t nth, std::string* message) {
  *message += HanWord(random, 1 + Uniform(random, 3), 6);
  if (nth % 6 == 0) *message += nth % 18 == 0 ? "。" : "\uff0c";
  if (Uniform(random, 40) == 0) StrAppend(message, Uniform(random, 1000));
}

void AppendEnglish(std::mt19937_64* random, size_t nth, std::string* message) {
  std::string word = EnglishWord(random);
  if (nth % 14 == 1) word[0] = static_cast<char>(word[0] & ~0x20);
  StrAppend(message, word, nth % 14 == 0 ? ". " : nth % 7 == 0 ? ", " : " ");
  if (Uniform(random, 40) == 0) StrAppend(message, Uniform(random, 1000), " ");
}

}  // namespace

std::vector<std::string> MakeMessages(Language language, size_t count, size_t bytes,
                                      uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::string> messages(count);
  for (std::string& message : messages) {
    for (size_t nth = 1; message.size() < bytes; ++nth) {
      const bool chinese = language == Language::kChinese ||
                           (language == Language::kMixed && Uniform(&random, 5) < 4);
      (chinese ? AppendChinese : AppendEnglish)(&random, nth, &message);
    }
  }
  return messages;
}

std::vector<std::string> MakeTerms(size_t count, uint64_t seed,
                                   const std::vector<std::string>& clean) {
  std::string all;
  for (const std::string& message : clean) StrAppend(&all, message, "\n");
  all = text::NormalizeTerm(all, text::View::kFolded);
  std::mt19937_64 random(seed);
  std::set<std::string> seen;
  std::vector<std::string> terms;
  while (terms.size() < count) {
    std::string term;
    if (terms.size() % 5 != 4) {
      // Most have two to four characters.
      term = HanWord(&random, 2 + std::min(Uniform(&random, 5), Uniform(&random, 5)), 3);
    } else {
      term = EnglishTerm(&random);
      // Nothing so short that prose is full of it.
      if (term.size() < 6) continue;
    }
    term = text::NormalizeTerm(term, text::View::kFolded);
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
