#include "tests/support/scale_rules.h"

#include <algorithm>
#include <random>
#include <unordered_set>

#include "absl/strings/str_replace.h"
#include "engine/base/strings.h"
#include "engine/text/charset.h"
#include "engine/text/normalizer.h"

namespace winnow::test {
namespace {

constexpr size_t kTermsInAList = 5000;

class Words {
 public:
  Words() {
    // The common characters are the first level of GB 2312.
    std::string gb;
    for (int row = 0xB0; row <= 0xD7; ++row) {
      for (int cell = 0xA1; cell <= (row == 0xD7 ? 0xF9 : 0xFE); ++cell) {
        gb += {static_cast<char>(row), static_cast<char>(cell)};
      }
    }
    text::Decoded decoded;
    if (!text::Decode(gb, "gb18030", &decoded).ok()) std::abort();
    for (size_t i = 0; i + 3 <= decoded.text.size(); i += 3) {
      std::string character(decoded.text.substr(i, 3));
      // Expressions are tried as written on folded text, so that it must be able to hold them.
      if (text::NormalizeTerm(character, text::View::kFolded) == character) {
        han_.push_back(std::move(character));
      }
    }
    std::shuffle(han_.begin(), han_.end(), random_);
  }

  size_t Below(size_t n) { return random_() % n; }

  // Common characters often, rare ones rarely, as in word lists.
  std::string Chinese(size_t characters) {
    std::string word;
    for (; characters > 0; --characters) {
      const double u = static_cast<double>(random_()) / 0x1p64;
      word += han_[static_cast<size_t>(u * u * static_cast<double>(han_.size()))];
    }
    return word;
  }

  std::string English() {
    constexpr std::string_view kOnsets[] = {"b",  "c",  "d",  "f",  "g",  "h",  "l",  "m",  "n",
                                            "p",  "r",  "s",  "t",  "v",  "w",  "br", "cl", "dr",
                                            "gr", "pl", "pr", "sh", "st", "th", "tr"};
    constexpr std::string_view kRimes[] = {"a",  "e",  "i",   "o",  "u",  "an", "ar",
                                           "en", "er", "ill", "in", "on", "or", "ust"};
    std::string word;
    for (size_t syllables = 2 + Below(2); syllables > 0; --syllables) {
      word += kOnsets[Below(std::size(kOnsets))];
      word += kRimes[Below(std::size(kRimes))];
    }
    return word;
  }

  std::string Term(size_t number) {
    if (number % 5 != 4) return Chinese(2 + std::min(Below(5), Below(5)));
    return number % 2 == 0 ? English() : StrCat(English(), " ", English());
  }

 private:
  std::mt19937_64 random_{20240619};
  std::vector<std::string> han_;
};

// As rules have them: words with what varies between and behind. $1 and so on are words.
struct Shape {
  std::string_view regex, sample;
};
constexpr Shape kShapes[] = {
    {"(?:$1|$2|$3)[:号]{0,2} {0,3}[a-z][a-z0-9_-]{5,19}", "加$2: wonder_2"},
    {"$1.{0,6}(?:$2|$3)", "$1一二三$3"},
    {"\\b$4 (?:[a-z]{2,12} ){0,2}(?:$5|$6)\\b", "a $4 of the $6 now"},
    {"[0-9]{1,6} {0,1}(?:$1|$4)", "about 250 $1"},
    {"\\b$4[0-9a-z]{8,16}\\b", "$40123abcd"},
    {"(?:$4|$5) [^.\\n]{0,20}(?:$6|$1)", "$5 as you like $6"},
    {"$1(?:的|了)?$2{1,2}", "$1的$2"},
    {"$4[ -]?$5s?[!?]{0,3}", "$4-$5s!"},
};

}  // namespace

ScaleRules MakeScaleRules(size_t terms, size_t expressions) {
  Words words;
  ScaleRules out;
  std::unordered_set<std::string> seen;
  while (out.terms.size() < terms) {
    std::string term = words.Term(out.terms.size());
    if (seen.insert(term).second) out.terms.push_back(std::move(term));
  }
  const auto rule = [](std::string_view id, std::string_view match, std::string_view sample) {
    return StrCat("- id: other_prohibited.", id,
                  "\n  category: other_prohibited\n  severity: low\n  action: review\n  match: {",
                  match, "}\n  reason: {en: made up, zh: 虚构}\n  tests: {match: ['", sample,
                  "'], no_match: ['-']}\n");
  };
  rules::SourceFile yaml{"scale.yaml", ""};
  std::vector<rules::SourceFile> lists;
  for (size_t begin = 0; begin < terms; begin += kTermsInAList) {
    const std::string name = StrCat("lists/terms_", begin / kTermsInAList, ".txt");
    yaml.text +=
        rule(StrCat("list_", begin / kTermsInAList), StrCat("list: ", name), out.terms[begin]);
    rules::SourceFile list{name, "", rules::SourceFile::Kind::kList};
    for (size_t i = begin; i < std::min(begin + kTermsInAList, terms); ++i) {
      StrAppend(&list.text, out.terms[i], "\n");
    }
    lists.push_back(std::move(list));
  }
  for (size_t i = 0; i < expressions; ++i) {
    const Shape& shape = kShapes[i % std::size(kShapes)];
    std::vector<std::pair<std::string, std::string>> fill;
    for (int w = 1; w <= 6; ++w) {
      fill.emplace_back(StrCat("$", w),
                        w <= 3 ? words.Chinese(2 + words.Below(2)) : words.English());
    }
    const std::string id = StrCat("expression_", i);
    out.expressions.push_back({StrCat("other_prohibited.", id),
                               absl::StrReplaceAll(ToAbsl(shape.regex), fill),
                               absl::StrReplaceAll(ToAbsl(shape.sample), fill)});
    yaml.text += rule(id, StrCat("regex: '", out.expressions.back().regex, "'"),
                      out.expressions.back().sample);
  }
  out.sources.push_back(std::move(yaml));
  for (rules::SourceFile& list : lists) out.sources.push_back(std::move(list));
  return out;
}

}  // namespace winnow::test
