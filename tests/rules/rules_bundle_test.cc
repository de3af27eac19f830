// What the bundled pack promises: it compiles without a word, its rules hold their own tests, it
// treats each category as the terms ask, and it leaves harmless text alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/pack/rule_tests.h"
#include "engine/rules/format.h"
#include "tests/rules/benign.h"
#include "tests/rules/bundle.h"
#include "tests/support/golden.h"

namespace winnow {
namespace {

namespace fs = std::filesystem;
using rules::Rule;

const std::vector<Rule>& Rules() { return test::BundledRules().compiled.rules.rules; }

CheckResult CheckText(const std::string& text, Surface surface) {
  Field field;
  field.key = "text";
  field.bytes = text;
  Content content;
  content.surface = surface;
  content.fields.push_back(field);
  CheckOptions options;
  options.excerpts = true;
  auto result = test::BundledChecker().Check(content, options);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : CheckResult{};
}

// U+4E00 to U+9FFF: E4 B8 80 to E9 BF BF.
bool HoldsHan(const std::string& text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0xe4 && byte <= 0xe9) return true;
  }
  return false;
}

bool HoldsLatinWord(const std::string& text) {
  size_t run = 0;
  for (const char c : text) {
    run = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? run + 1 : 0;
    if (run == 4) return true;
  }
  return false;
}

TEST(BundledRules, CompileWithoutErrorsOrWarnings) {
  EXPECT_EQ(test::BundledRules().diagnostics, "");
  ASSERT_NE(test::BundledRules().compiled.pack, nullptr);
}

TEST(BundledRules, HoldTheirOwnTests) {
  const auto report = pack::RunRuleTests(test::BundledRules().compiled);
  ASSERT_TRUE(report.ok()) << report.status();
  for (const pack::RuleTestFailure& f : report->failures) {
    ADD_FAILURE() << f.rule_id << ", line " << f.where.begin_line << ": " << f.message << "\n  "
                  << f.text;
  }
  EXPECT_GT(report->passed, 900u);
}

// So that reviews show what changed in meaning.
TEST(BundledRules, AreLaidOutByTheFormatter) {
  const auto& sources = test::BundledRules().compiled.sources;
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].kind != rules::SourceFile::Kind::kYaml) continue;
    std::vector<rules::Diagnostic> problems;
    const auto formatted = rules::FormatYaml(sources[i], static_cast<int>(i), &problems);
    ASSERT_TRUE(formatted) << rules::Render(problems, sources, false);
    EXPECT_TRUE(*formatted == sources[i].text)
        << sources[i].path << ": run `winnow rules fmt rules`";
  }
}

TEST(BundledRules, LieInThePackBesideThePrograms) {
  const auto built =
      pack::LoadPack((fs::path(WINNOW_BIN_DIR) / "../share/winnow/bundled.pack").string());
  ASSERT_TRUE(built.ok()) << built.status();
  EXPECT_EQ((*built)->info().source_digest,
            test::BundledRules().compiled.pack->info().source_digest)
      << "rules/CMakeLists.txt does not name every file of rules/";
  EXPECT_EQ(test::ReadFileOrFail(fs::path(WINNOW_BIN_DIR) / "../share/winnow/policy.yaml"),
            test::ReadFileOrFail(fs::path(WINNOW_SOURCE_DIR) / "rules/policy.yaml"));
}

TEST(BundledRules, CoverEveryCategoryAndLabel) {
  std::map<Category, int> of_category;
  std::map<std::string, int> of_label;
  for (const Rule& rule : Rules()) {
    ++of_category[rule.category];
    if (!rule.label.empty()) ++of_label[rule.label];
  }
  for (int c = 1; c < kCategoryCount; ++c) {
    const auto category = static_cast<Category>(c);
    EXPECT_GE(of_category[category], 5) << Name(category);
    for (const std::string_view label : LabelsOf(category)) {
      EXPECT_GE(of_label[std::string(label)], 2) << label;
    }
  }
}

TEST(BundledRules, LieInTheFileOfTheirLabel) {
  const auto& sources = test::BundledRules().compiled.sources;
  for (const Rule& rule : Rules()) {
    EXPECT_EQ(fs::path(sources[static_cast<size_t>(rule.where.file)].path).stem().string(),
              rule.label.empty() ? Name(rule.category) : std::string_view(rule.label))
        << rule.id;
  }
}

TEST(BundledRules, GiveReasonsInBothLanguages) {
  for (const Rule& rule : Rules()) {
    EXPECT_TRUE(HoldsLatinWord(rule.reason_en) && !HoldsHan(rule.reason_en)) << rule.id;
    EXPECT_TRUE(HoldsHan(rule.reason_zh)) << rule.id;
  }
}

TEST(BundledRules, AreTestedInTheirLanguagesBothWays) {
  for (const Rule& rule : Rules()) {
    EXPECT_GE(rule.tests_match.size(), 4u) << rule.id;
    EXPECT_GE(rule.tests_no_match.size(), 4u) << rule.id;
    for (const std::string& language : rule.languages) {
      int match = 0;
      int no_match = 0;
      const auto speaks = [&language](const rules::TestCase& test) {
        return language == "zh" ? HoldsHan(test.text) : HoldsLatinWord(test.text);
      };
      for (const auto& test : rule.tests_match) match += speaks(test);
      for (const auto& test : rule.tests_no_match) no_match += speaks(test);
      EXPECT_GE(match, 1) << rule.id << " in " << language;
      EXPECT_GE(no_match, 1) << rule.id << " in " << language;
    }
  }
}

TEST(BundledRules, AreTestedOnEvadedForms) {
  std::map<text::Evasion, std::set<std::string>> rules_by_evasion;
  for (const Rule& rule : Rules()) {
    for (const rules::TestCase& test : rule.tests_match) {
      for (const Finding& f : CheckText(test.text, Surface::kOrder).findings) {
        if (f.rule_id != rule.id) continue;
        for (const text::Evasion e :
             {text::Evasion::kSeparator, text::Evasion::kTraditional, text::Evasion::kWidth}) {
          if (f.evasions & text::MaskOf(e)) rules_by_evasion[e].insert(rule.id);
        }
      }
    }
  }
  EXPECT_GE(rules_by_evasion[text::Evasion::kSeparator].size(), 60u);
  EXPECT_GE(rules_by_evasion[text::Evasion::kTraditional].size(), 60u);
  EXPECT_GE(rules_by_evasion[text::Evasion::kWidth].size(), 5u);
}

void CollectTerms(const rules::Condition& condition, std::set<std::string>* terms) {
  for (const rules::Located& term : condition.Terms()) terms->insert(term.text);
  for (const rules::Condition& child : condition.children) CollectTerms(child, terms);
}

// An offender who learns which words excuse sets one beside the offer.
TEST(BundledRules, AreNotExcusedByAWordSetBesideAnOffer) {
  struct Form {
    std::string_view before, between, after;
    bool word_first;
  };
  const Form forms[] = {
      {"", "，", "", false},  {"", "。", "", false},   {"", " ", "", false},
      {"", "\n", "", false},  {"", "【", "】", false}, {"", ", ", "", false},
      {"", " (", ")", false}, {"", " #", "", false},   {"", "，", "", true},
      {"【", "】", "", true}, {"", ", ", "", true},
  };
  for (const Form& form : forms) {
    int offers = 0, excused = 0;
    std::string examples;
    for (const Rule& rule : Rules()) {
      std::set<std::string> excuses;
      CollectTerms(rule.unless, &excuses);
      for (const rules::TestCase& test : rule.tests_match) {
        for (const std::string& excuse : excuses) {
          const std::string_view first = form.word_first ? std::string_view(excuse) : test.text;
          const std::string_view second = form.word_first ? std::string_view(test.text) : excuse;
          const std::string text = StrCat(form.before, first, form.between, second, form.after);
          const Surface surface =
              test.surface == Surface::kUnspecified ? Surface::kOrder : test.surface;
          const CheckResult result = CheckText(text, surface);
          const bool found = std::any_of(result.findings.begin(), result.findings.end(),
                                         [&](const Finding& f) { return f.rule_id == rule.id; });
          ++offers;
          excused += !found;
          if (!found && excused <= 5) StrAppend(&examples, "\n  ", rule.id, ": ", text);
        }
      }
    }
    EXPECT_GE(offers, 5000);
    // Those left hold a word that the excuse and the offer make together.
    EXPECT_LE(excused * 200, offers)
        << form.before << "-" << form.between << "-" << form.after << examples;
  }
}

TEST(BundledRules, LeaveHarmlessTextsAlone) {
  size_t lines = 0;
  std::set<std::string> seen;
  for (const fs::path& file : test::BenignFiles()) {
    std::istringstream in(test::ReadFileOrFail(file));
    for (std::string line; std::getline(in, line);) {
      ++lines;
      EXPECT_TRUE(seen.insert(line).second) << file << " repeats: " << line;
      for (const Surface surface : {Surface::kOrder, Surface::kComment}) {
        const CheckResult result = CheckText(line, surface);
        EXPECT_EQ(result.decision, Decision::kAllow) << file.filename() << ": " << line << "\n"
                                                     << test::Describe(result);
      }
    }
  }
  EXPECT_GE(lines, 2000u);
}

TEST(BundledRules, FindOffersPutInOtherWords) {
  std::istringstream in(
      test::ReadFileOrFail(fs::path(WINNOW_SOURCE_DIR) / "tests/data/harmful/in_other_words.tsv"));
  constexpr std::string_view kGap = "gap ";
  int found_of_category[kCategoryCount] = {};
  for (std::string line; std::getline(in, line);) {
    const size_t tab = line.find('\t');
    ASSERT_NE(tab, line.npos) << line;
    std::string name = line.substr(0, tab);
    const bool gap = name.compare(0, kGap.size(), kGap) == 0;
    if (gap) name.erase(0, kGap.size());
    const auto category = ParseCategory(name);
    ASSERT_TRUE(category) << line;
    const CheckResult result = CheckText(line.substr(tab + 1), Surface::kOrder);
    const bool found = std::any_of(result.categories.begin(), result.categories.end(),
                                   [&](const auto& c) { return c.category == *category; });
    EXPECT_EQ(found, !gap) << line << "\n"
                           << (gap ? "is found now: take `gap` away" : test::Describe(result));
    found_of_category[static_cast<size_t>(*category)] += found;
  }
  for (int c = 1; c < kCategoryCount; ++c) {
    EXPECT_GE(found_of_category[c], 3) << Name(static_cast<Category>(c));
  }
}

// A text that must not match one rule is harmless: no other rule may flag it either.
TEST(BundledRules, LeaveEachOthersNonHitsAlone) {
  for (const Rule& rule : Rules()) {
    for (const rules::TestCase& test : rule.tests_no_match) {
      const CheckResult result = CheckText(test.text, Surface::kOrder);
      EXPECT_EQ(result.decision, Decision::kAllow) << rule.id << ": " << test.text << "\n"
                                                   << test::Describe(result);
    }
  }
}

}  // namespace
}  // namespace winnow
