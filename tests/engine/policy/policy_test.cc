#include "engine/policy/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>

#include "engine/base/sha256.h"
#include "engine/base/strings.h"
#include "tests/support/golden.h"

namespace winnow::policy {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

std::shared_ptr<const Policy> Parsed(const std::string& text) {
  const rules::SourceFile source{"policy.yaml", text};
  Policy::ParseResult result = Policy::Parse(source);
  EXPECT_EQ(rules::Render(result.diagnostics, {source}, false), "");
  EXPECT_NE(result.policy, nullptr);
  return result.policy;
}

// ---- Decisions, as tables ----

struct Row {
  Ask ask;
  Context context;
  Decision decision;
};

constexpr Decision kAllow = Decision::kAllow;
constexpr Decision kReview = Decision::kReview;
constexpr Decision kBlock = Decision::kBlock;
constexpr Category kRumors = Category::kRumors;
constexpr Category kVice = Category::kViceViolence;
constexpr Severity kLow = Severity::kLow;
constexpr Severity kHigh = Severity::kHigh;
constexpr Severity kCritical = Severity::kCritical;

void CheckTable(const Policy& policy, const std::vector<Row>& rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(Name(policy.Decide(rows[i].ask, rows[i].context)), Name(rows[i].decision))
        << "row " << i;
  }
}

TEST(PolicyTest, WithoutEntriesTheRuleDecides) {
  CheckTable(*Parsed("id: plain\nentries: []\n"),
             {{{kRumors, "", kLow, kAllow}, {}, kAllow},
              {{kRumors, "", kLow, kReview}, {}, kReview},
              {{kVice, "gambling", kHigh, kBlock}, {}, kBlock},
              {{kVice, "gambling", kHigh, Decision::kUnspecified}, {}, kReview},
              {{}, {}, kReview}});
}

TEST(PolicyTest, FirstEntryThatFitsDecides) {
  CheckTable(*Parsed(R"(
id: order
entries:
  - {when: {category: vice_violence, label: gambling, severity: critical}, decision: block}
  - {when: {category: vice_violence, label: [gambling, fraud]}, decision: review}
  - {when: {category: [vice_violence, rumors], severity_at_least: high}, decision: block}
  - {when: {severity: low}, decision: allow}
)"),
             {{{kVice, "gambling", kCritical, kReview}, {}, kBlock},
              {{kVice, "gambling", kHigh, kBlock}, {}, kReview},
              {{kVice, "fraud", kCritical, kBlock}, {}, kReview},
              {{kVice, "weapons", kHigh, kReview}, {}, kBlock},
              {{kVice, "", kHigh, kReview}, {}, kBlock},
              {{kVice, "unheard_of", kHigh, kReview}, {}, kBlock},
              {{kRumors, "", kCritical, kReview}, {}, kBlock},
              {{kRumors, "", Severity::kMedium, kReview}, {}, kReview},
              {{kRumors, "", kLow, kBlock}, {}, kAllow},
              {{kRumors, "", Severity::kUnspecified, kBlock}, {}, kBlock}});
}

TEST(PolicyTest, BoundsKeepWhatTheRuleAsksInside) {
  CheckTable(*Parsed(R"(
id: bounds
entries:
  - {when: {category: rumors}, at_most: review}
  - {when: {category: religion_cults}, at_least: review}
  - {when: {category: international_relations}, at_least: review, at_most: review}
  - {when: {category: vice_violence}, decision: as_rule}
  - {decision: review}
)"),
             {{{kRumors, "", kLow, kAllow}, {}, kAllow},
              {{kRumors, "", kLow, kBlock}, {}, kReview},
              {{Category::kReligionCults, "", kLow, kAllow}, {}, kReview},
              {{Category::kReligionCults, "", kLow, kBlock}, {}, kBlock},
              {{Category::kInternationalRelations, "", kLow, kAllow}, {}, kReview},
              {{Category::kInternationalRelations, "", kLow, kBlock}, {}, kReview},
              {{kVice, "drugs", kLow, kAllow}, {}, kAllow},
              {{kVice, "drugs", kLow, kBlock}, {}, kBlock},
              {{Category::kOtherProhibited, "", kLow, kBlock}, {}, kReview}});
}

TEST(PolicyTest, ContextSelects) {
  const Ask ask{kVice, "gambling", kHigh, kReview};
  CheckTable(*Parsed(R"(
id: context
entries:
  - {when: {tenant: [casino-museum, poker-news], label: gambling}, decision: allow}
  - {when: {region: mainland, surface: [order, file]}, decision: block}
  - {when: {region: [overseas, hk]}, decision: review}
  - {when: {surface: profile}, decision: allow}
)"),
             {{ask, {Surface::kOrder, "mainland", "casino-museum"}, kAllow},
              {ask, {Surface::kOrder, "mainland", "shop"}, kBlock},
              {ask, {Surface::kFile, "mainland", ""}, kBlock},
              {ask, {Surface::kComment, "mainland", ""}, kReview},
              {ask, {Surface::kProfile, "mainland", ""}, kAllow},
              {ask, {Surface::kProfile, "hk", ""}, kReview},
              {ask, {Surface::kProfile, "", ""}, kAllow},
              {ask, {Surface::kUnspecified, "mars", "nobody"}, kReview},
              {{kVice, "gambling", kHigh, kBlock}, {}, kBlock}});
}

TEST(PolicyTest, OnIncomplete) {
  EXPECT_EQ(Parsed("{id: a, entries: []}")->OnIncomplete({}), kReview);
  EXPECT_EQ(Parsed("{id: a, entries: [], on_incomplete: block}")->OnIncomplete({}), kBlock);
  const auto policy = Parsed(R"(
id: a
entries: []
on_incomplete:
  - {when: {surface: file, tenant: bank}, decision: block}
  - {when: {region: overseas}, decision: review}
  - {when: {surface: order}, decision: block}
)");
  EXPECT_EQ(policy->OnIncomplete({Surface::kFile, "", "bank"}), kBlock);
  EXPECT_EQ(policy->OnIncomplete({Surface::kFile, "", "shop"}), kReview);
  EXPECT_EQ(policy->OnIncomplete({Surface::kOrder, "overseas", ""}), kReview);
  EXPECT_EQ(policy->OnIncomplete({Surface::kOrder, "mainland", ""}), kBlock);
}

TEST(PolicyTest, RevisionNamesIdAndSource) {
  const std::string text = "id: shop-2\nentries: []\n";
  EXPECT_EQ(Parsed(text)->revision(),
            StrCat("policies/shop-2/revisions/", Sha256Hex(text).substr(0, 12)));
  EXPECT_NE(Parsed(text)->revision(), Parsed(text + "# a comment\n")->revision());
}

// ---- Against an oracle: the entries, read one after the other ----

struct PlainEntry {
  std::vector<Category> categories;
  std::vector<std::string> labels;
  std::vector<Severity> severities;
  std::vector<Surface> surfaces;
  std::vector<std::string> regions, tenants;
  Decision least, most;
};

template <typename T, typename U>
bool Says(const std::vector<T>& wanted, const U& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

Decision Plainly(const std::vector<PlainEntry>& entries, const Ask& ask, const Context& context) {
  for (const PlainEntry& e : entries) {
    if (Says(e.categories, ask.category) && Says(e.labels, ask.label) &&
        Says(e.severities, ask.severity) && Says(e.surfaces, context.surface) &&
        Says(e.regions, context.region) && Says(e.tenants, context.tenant)) {
      return std::min(std::max(ask.action, e.least), e.most);
    }
  }
  return ask.action;
}

TEST(PolicyTest, AgreesWithReadingTheEntriesInOrder) {
  std::mt19937 random(20261124);
  const auto below = [&](int n) { return static_cast<int>(random() % n); };
  const std::vector<std::string> labels = {"gambling", "fraud", "piracy", "wildlife"};
  const std::vector<std::string> regions = {"mainland", "overseas", "hk"};
  const std::vector<std::string> tenants = {"a", "b", "c", "d"};
  for (int round = 0; round < 200; ++round) {
    std::vector<PlainEntry> entries;
    std::string text = "id: random\nentries:\n";
    const int count = 1 + below(8);
    for (int i = 0; i < count; ++i) {
      PlainEntry e;
      std::string when;
      const auto choose = [&](auto* out, std::string_view key, int size, auto value, auto name) {
        if (below(2)) return;
        std::string list;
        for (int v = 0; v < size; ++v) {
          if (below(2)) continue;
          out->push_back(value(v));
          StrAppend(&list, list.empty() ? "" : ", ", name(v));
        }
        if (!list.empty()) StrAppend(&when, when.empty() ? "" : ", ", key, ": [", list, "]");
      };
      choose(
          &e.severities, "severity", 4, [](int v) { return static_cast<Severity>(v + 1); },
          [](int v) { return Name(static_cast<Severity>(v + 1)); });
      choose(
          &e.surfaces, "surface", 5, [](int v) { return static_cast<Surface>(v + 1); },
          [](int v) { return Name(static_cast<Surface>(v + 1)); });
      choose(
          &e.labels, "label", 4, [&](int v) { return labels[v]; },
          [&](int v) { return labels[v]; });
      // A label of none of the categories is an error, so that one of the two is chosen.
      if (e.labels.empty()) {
        choose(
            &e.categories, "category", 10, [](int v) { return static_cast<Category>(v + 1); },
            [](int v) { return Name(static_cast<Category>(v + 1)); });
      }
      choose(
          &e.regions, "region", 2, [&](int v) { return regions[v]; },
          [&](int v) { return regions[v]; });
      choose(
          &e.tenants, "tenant", 3, [&](int v) { return tenants[v]; },
          [&](int v) { return tenants[v]; });
      e.least = static_cast<Decision>(1 + below(3));
      e.most =
          static_cast<Decision>(static_cast<int>(e.least) + below(4 - static_cast<int>(e.least)));
      StrAppend(&text, "  - {when: {", when, "}, at_least: ", Name(e.least),
                ", at_most: ", Name(e.most), "}\n");
      entries.push_back(std::move(e));
    }
    const Policy::ParseResult result = Policy::Parse({"policy.yaml", text});
    ASSERT_NE(result.policy, nullptr)
        << rules::Render(result.diagnostics, {{"policy.yaml", text}}, false);
    for (int probe = 0; probe < 200; ++probe) {
      Ask ask{static_cast<Category>(1 + below(10)), "", static_cast<Severity>(1 + below(4)),
              static_cast<Decision>(1 + below(3))};
      const auto own = LabelsOf(ask.category);
      if (!own.empty()) ask.label = own[below(static_cast<int>(own.size()))];
      const Context context{static_cast<Surface>(below(6)), regions[below(3)], tenants[below(4)]};
      ASSERT_EQ(Name(result.policy->Decide(ask, context)), Name(Plainly(entries, ask, context)))
          << text << Name(ask.category) << " " << ask.label << " " << Name(ask.severity) << " "
          << Name(ask.action) << " on " << Name(context.surface) << " in " << context.region
          << " for " << context.tenant;
    }
  }
}

// ---- The bundled policy ----

TEST(BundledPolicyTest, NeverBlocksOnALegalJudgement) {
  const std::string text = test::ReadFileOrFail(fs::path(WINNOW_SOURCE_DIR) / "rules/policy.yaml");
  const auto policy = Parsed(text);
  EXPECT_THAT(policy->revision(), HasSubstr("policies/default/revisions/"));
  EXPECT_EQ(policy->OnIncomplete({Surface::kFile, "mainland", "shop"}), kReview);
  const std::set<Category> judgements = {
      Category::kConstitutionalPrinciples, Category::kNationalSecurity,
      Category::kInternationalRelations, Category::kRumors, Category::kIllegalAssembly};
  // Leaked documents' markings and credentials; calls to violence.
  const std::set<Category> conduct_when_critical = {Category::kNationalSecurity,
                                                    Category::kIllegalAssembly};
  for (std::string_view region : {"", "mainland", "overseas"}) {
    for (int c = 1; c < kCategoryCount; ++c) {
      const auto category = static_cast<Category>(c);
      for (int s = 1; s <= 4; ++s) {
        const auto severity = static_cast<Severity>(s);
        const bool may_block = !judgements.count(category) ||
                               (severity == kCritical && conduct_when_critical.count(category));
        for (int surface = 0; surface < kSurfaceCount; ++surface) {
          const Context context{static_cast<Surface>(surface), region, "shop"};
          const Decision decision = policy->Decide({category, "", severity, kBlock}, context);
          const bool overseas_religion =
              region == "overseas" && category == Category::kReligionCults;
          EXPECT_EQ(decision, may_block && !overseas_religion ? kBlock : kReview)
              << Name(category) << " " << Name(severity) << " " << region;
          // It is never harsher than the rule, but for children.
          EXPECT_EQ(policy->Decide({category, "", severity, kAllow}, context), kAllow);
          EXPECT_EQ(policy->Decide({category, "", severity, kReview}, context), kReview);
        }
      }
    }
  }
  EXPECT_EQ(policy->Decide({kVice, "child_safety", kLow, kAllow}, {}), kReview);
  EXPECT_EQ(policy->Decide({kVice, "child_safety", kLow, kBlock}, {}), kBlock);
}

// ---- Diagnostics: testdata/diagnostics/<meaning>.{yaml,out} ----

const fs::path kFolder = fs::path(WINNOW_SOURCE_DIR) / "tests/engine/policy/testdata/diagnostics";

class PolicyDiagnosticsTest : public testing::TestWithParam<std::string> {};

TEST_P(PolicyDiagnosticsTest, ReadsAsReviewed) {
  const std::string& meaning = GetParam();
  const rules::SourceFile source{meaning + ".yaml",
                                 test::ReadFileOrFail(kFolder / (meaning + ".yaml"))};
  const Policy::ParseResult result = Policy::Parse(source);
  EXPECT_EQ(result.policy == nullptr, rules::HasErrors(result.diagnostics));
  std::set<std::string> known;
  for (const auto& code : rules::AllDiagnosticCodes()) known.insert(std::string(code.code));
  for (const rules::Diagnostic& d : result.diagnostics) {
    EXPECT_TRUE(known.count(d.code)) << d.code << " has no explanation";
  }
  EXPECT_THAT(result.diagnostics, testing::Not(IsEmpty()));
  test::ExpectGolden(kFolder / (meaning + ".out"), Render(result.diagnostics, {source}, false));
}

INSTANTIATE_TEST_SUITE_P(Files, PolicyDiagnosticsTest, testing::ValuesIn(test::Meanings(kFolder)),
                         [](const auto& info) { return info.param; });

TEST(PolicyLimitTest, EntriesAreBounded) {
  std::string text = "id: a\nentries:\n";
  for (int i = 0; i < 1000; ++i)
    StrAppend(&text, "  - {when: {tenant: t", i, "}, decision: block}\n");
  const auto policy = Parsed(text);
  EXPECT_EQ(policy->Decide({kVice, "", kLow, kAllow}, {Surface::kOrder, "", "t999"}), kBlock);
  text += "  - {decision: block}\n";
  const rules::SourceFile source{"too_many_entries.yaml", text};
  test::ExpectGolden(kFolder / "too_many_entries.out",
                     Render(Policy::Parse(source).diagnostics, {source}, false));
}

}  // namespace
}  // namespace winnow::policy
