// No input makes a check super-linear. Each row is a hostile text that can be had in any size, and
// grows by doubling; the time must not grow much faster. Times are the thread's own, the best of
// several runs, and only their ratio counts: a quadratic step shows as its square, and what a busy
// machine adds is no part of either.
#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/checker.h"
#include "engine/pack/pack.h"
#include "tests/support/status_matchers.h"

namespace winnow {
namespace {

// Rules of every kind that conditions have, over letters that hostile texts are made of.
constexpr char kRules[] = R"(
- id: gambling.leaf
  category: vice_violence
  label: gambling
  severity: high
  action: block
  match: {any: [{terms: [aa, 赌场, casino], anywhere: true}, {regex: '[ab]{2,40}c'}]}
  reason: {en: Gambling., zh: 赌博。}
  tests: {match: [赌场], no_match: [x]}
- id: fraud.near
  category: vice_violence
  label: fraud
  severity: low
  action: review
  match:
    near:
      within: 10000
      anywhere: true
      of: [[赌], [场], [开], [户], [返], [水], [微], [信]]
  reason: {en: Fraud., zh: 诈骗。}
  tests: {match: [赌场开户返水微信], no_match: [x]}
- id: fraud.near_sentence
  category: vice_violence
  label: fraud
  severity: low
  action: review
  match: {near: {within: sentence, anywhere: true, of: [[甲], [乙], [丙]]}}
  reason: {en: Fraud., zh: 诈骗。}
  tests: {match: [甲乙丙], no_match: [x]}
- id: fraud.near_nested
  category: vice_violence
  label: fraud
  severity: low
  action: review
  match:
    near:
      within: 10000
      ordered: true
      of:
        - {near: {within: 100, of: [[子], [丑]], anywhere: true}}
        - {all: [{terms: [寅], anywhere: true}, {terms: [卯], anywhere: true}], within: 10000}
  reason: {en: Fraud., zh: 诈骗。}
  tests: {match: [子丑寅卯], no_match: [x]}
- id: fraud.unless
  category: vice_violence
  label: fraud
  severity: low
  action: review
  match: {terms: [辰], anywhere: true}
  unless: {any: [{terms: [巳], anywhere: true}], within: 3}
  reason: {en: Fraud., zh: 诈骗。}
  tests: {match: [辰], no_match: [x]}
- id: fraud.all
  category: vice_violence
  label: fraud
  severity: low
  action: review
  match:
    all: [{terms: [午], anywhere: true}, {terms: [未], anywhere: true},
          {not: {terms: [申], anywhere: true}}]
    within: sentence
  reason: {en: Fraud., zh: 诈骗。}
  tests: {match: [午未], no_match: [x]}
)";

const Checker& TheChecker() {
  static const auto* checker = [] {
    const auto compiled = pack::CompilePack({{"doubling.yaml", kRules}}, {.id = "doubling"});
    EXPECT_NE(compiled.pack, nullptr);
    return new Checker(compiled.pack, DefaultPolicy());
  }();
  return *checker;
}

struct Row {
  const char* name;
  std::function<std::string(size_t)> text;  // about so many bytes
  const char* charset = "";
  // What shows little is seen again by the next window of the field, so that only a text of many
  // windows costs what each further one does.
  bool wide = false;
};
constexpr bool kWide = true;
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

// `unit` over and over.
std::function<std::string(size_t)> Many(std::string unit) {
  return [unit](size_t size) {
    std::string text;
    while (text.size() < size) text += unit;
    return text;
  };
}

// `first`, then `unit` over and over, then `last`.
std::function<std::string(size_t)> Between(std::string first, std::string unit, std::string last) {
  return [=](size_t size) { return first + Many(unit)(size) + last; };
}

std::vector<Row> Rows() {
  return {
      // The views.
      {"plain_letters", Many("q"), "", kWide},
      {"one_line_of_words", Many("some ordinary words ")},
      {"single_letters", Many("c a s i n o ")},
      {"single_letters_dotted", Many("a.b.c-d_e*")},
      {"single_ideographs", Many("赌 场 ")},
      {"ideographs_by_symbols", Many("赌★开●户\u3000")},
      {"hidden_only", Many("\u200b"), "", kWide},
      {"hidden_between", Many("a\u200b\u2060\u00ad")},
      {"hidden_of_many_kinds", Many("\u202e\U000e0061\ufe0f\u200d"), "", kWide},
      {"marks_on_one_letter", Between("a", "\u0336\u0322", "b"), "", kWide},
      {"marks_alone", Many("\u0301"), "", kWide},
      {"marks_on_every_letter", Many("p\u0336\u0322o\u0323\u0301")},
      {"marks_out_of_order", Many("ἁ\u0345\u0301\u0323\u0314")},
      {"marks_of_another_script", Many("и\u0901\u064b\u3099")},
      {"jamo", Many("\u1112\u1161\u11ab")},
      {"jamo_of_one_kind", Many("\u1161"), "", kWide},
      {"kana_voiced_apart", Many("ｶﾞか\u3099")},
      {"regional_indicators", Many("🇨🇳")},
      {"regional_indicators_odd", Between("🇨", "🇳🇽", "a")},
      {"regional_indicators_in_words", Many("a🇵🇴b")},
      {"cyrillic_run", Many("а")},
      {"cyrillic_run_latin_at_the_end", Between("", "ао", "w")},
      {"mixed_scripts", Many("wаоαeс")},
      {"leet_tokens", Many("c4s1n0 ")},
      {"one_leet_token", Many("c4s1n0")},
      {"readings_alternate", Many("l1!|i")},
      {"repeated_letters", Many("ccccaaaassss"), "", kWide},
      {"digits_between_letters", Many("1a2b3c")},
      {"entities", Many("&#112;"), "", kWide},
      {"entities_unfinished", Many("&#1"), "", kWide},
      {"entities_nested", Many("&amp;"), "", kWide},
      {"ampersands", Many("&"), "", kWide},
      {"percent", Many("%70%E8%B5%8C"), "", kWide},
      {"percent_unfinished", Many("%E8"), "", kWide},
      {"percent_signs", Many("%"), "", kWide},
      {"widest_compatibility", Many("ﷺ㍿㋿")},
      {"traditional", Many("賭場發票")},
      {"line_breaks", Many("\n")},
      {"sentence_ends", Many("a. B! c? 。")},
      {"initials", Many("J. R. ")},
      {"nul", [](size_t size) { return std::string(size, '\0'); }, "", kWide},
      // Charsets: every choice that has to look at the text.
      {"ill_formed", Many("\xff\xc0\xaf")},
      {"ill_formed_told", Many("a\xe8\xb5"), "utf-8"},
      {"gb_two_bytes", Many("\xb6\xc4\xb3\xa1")},
      {"gb_unfinished", Many("\x81\x30\x81"), "gb18030"},
      {"high_bytes", Many("\xe0\xc1\xd5")},
      {"shifts", Many("\x1b$B\x1b(B"), "iso-2022-jp"},
      {"half_pairs", Many("\x3c\xd8"), "utf-16le"},
      // Hits and conditions.
      {"one_term_everywhere", Many("aa")},
      {"overlapping_expression", Many("ab")},
      {"expression_everywhere", Many("ababababc")},
      {"near_all_groups", Many("赌场开户返水微信")},
      {"near_all_but_one_group", Between("信", Many("x")(10100) + Many("赌场开户返水微")(1), "")},
      {"near_one_group", Between("场开户返水微信" + Many("x")(10100), "赌", "")},
      {"near_sentences_of_one_group", Between("甲乙丙。", "甲。", "")},
      {"near_sentences_of_two_groups", Between("甲乙丙。", "甲乙。", "")},
      {"near_nested", Many("子丑寅卯")},
      {"near_nested_far_away", Between("", "子寅", "丑卯")},
      {"near_nested_all_to_one", Between("子丑", "寅", "卯")},
      {"unless_beside_each", Many("辰巳")},
      {"unless_far_from_each", Between("", "辰xxxx", "巳")},
      {"unless_alone", Between("辰", "巳", "")},
      {"all_in_one_sentence", Many("午未")},
      {"all_with_not_in_each", Many("午未申。")},
      {"all_of_one", Between("未", "午", "")},
  };
}

double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double TimeOf(const std::string& text, const Row& row) {
  Content content;
  content.fields.push_back({"text", text, row.charset, false});
  CheckOptions options;
  options.excerpts = true;
  const double begin = CpuSeconds();
  EXPECT_OK(TheChecker().Check(content, options));
  return CpuSeconds() - begin;
}

class DoublingTest : public testing::TestWithParam<Row> {};

TEST_P(DoublingTest, TimeGrowsAsTheText) {
  constexpr int kRounds = 6;
  const Row& row = GetParam();
  // Long enough to be measured, and that a quadratic part is not lost in a linear one.
  size_t size = row.wide ? 4096 * 1024 : 128 * 1024;
  TimeOf(row.text(size), row);  // tables and buffers are made at their first use
  while (size < 1024 * 1024 && TimeOf(row.text(size), row) < 4e-3) size *= 2;
  const size_t times = row.wide ? 2 : 4;
  // What is linear may still leave a cache, sort, or begin to allocate; a square is 4 or 16.
  const double most = row.wide ? 3.4 : 8;
  const std::string once = row.text(size);
  const std::string often = row.text(times * size);
  double short_best = 1e9, long_best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    short_best = std::min(short_best, TimeOf(once, row));
    long_best = std::min(long_best, TimeOf(often, row));
    if (round >= 1 && long_best < most * short_best) break;
  }
  std::cout << absl::StrFormat("%-34s %7d bytes %8.2f ms, %d times as many %8.2f ms: %.1f\n",
                               row.name, once.size(), short_best * 1e3, times, long_best * 1e3,
                               long_best / short_best);
  EXPECT_LT(long_best, most * short_best) << row.name << " at " << once.size() << " bytes";
}

INSTANTIATE_TEST_SUITE_P(All, DoublingTest, testing::ValuesIn(Rows()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace winnow
