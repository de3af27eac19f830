// The terms' ten prohibited kinds, and how far the bundled rules may go in each: only ask a human,
// or block. Held for every rule by itself, and for what the default policy and a whole check make
// of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "tests/rules/bundle.h"

namespace winnow {
namespace {

using rules::Rule;

const std::vector<Rule>& Rules() { return test::BundledRules().compiled.rules.rules; }

// Rules that may block in categories that otherwise only ask a human, and those that must: the two
// are the same, so that neither a new block nor a lost one passes unseen.
const std::map<Category, std::set<std::string>>& BlocksOfJudgedCategories() {
  static const auto* const blocks = new std::map<Category, std::set<std::string>>{
      {Category::kConstitutionalPrinciples, {}},
      // Markings of leaked documents and credentials.
      {Category::kNationalSecurity,
       {"national_security.classified_marking", "national_security.allied_marking",
        "national_security.private_key", "national_security.key_blocks",
        "national_security.cloud_credential", "national_security.api_tokens",
        "national_security.connection_string"}},
      // Incitement, recruitment, instruction, and money for them; what praises or disparages asks.
      {Category::kTerrorismExtremism,
       {"terrorism_extremism.recruitment", "terrorism_extremism.attack_incitement",
        "terrorism_extremism.attack_threat", "terrorism_extremism.instruction_offer",
        "terrorism_extremism.manual_download",
        "terrorism_extremism.financing", "terrorism_extremism.ethnic_extermination"}},
      {Category::kInternationalRelations, {}},
      // Paid fortune-telling, exorcism, and money taken in the name of belief.
      {Category::kReligionCults,
       {"religion_cults.paid_salvation", "religion_cults.paid_fortune_telling",
        "religion_cults.paid_exorcism", "religion_cults.curse_and_charm_sale",
        "religion_cults.ghost_marriage"}},
      {Category::kRumors, {}},
      // Calls to violence.
      {Category::kIllegalAssembly,
       {"illegal_assembly.violent_gathering", "illegal_assembly.attack_police"}},
  };
  return *blocks;
}

TEST(Treatment, BlocksInJudgedCategoriesOnlyAndAlwaysWhereTheTermsSaySo) {
  std::map<Category, std::set<std::string>> blocking;
  for (const auto& [category, ids] : BlocksOfJudgedCategories()) blocking[category];
  for (const Rule& rule : Rules()) {
    EXPECT_NE(rule.action, Decision::kAllow) << rule.id;
    const auto category = blocking.find(rule.category);
    if (category != blocking.end() && rule.action == Decision::kBlock) {
      category->second.insert(rule.id);
    }
  }
  EXPECT_EQ(blocking, BlocksOfJudgedCategories());
}

// The policy's entries let through what is marked so.
TEST(Treatment, MarksByItsSeverityWhatBlocksInJudgedCategories) {
  for (const Rule& rule : Rules()) {
    if (rule.action != Decision::kBlock) continue;
    if (rule.category == Category::kNationalSecurity ||
        rule.category == Category::kIllegalAssembly ||
        rule.category == Category::kTerrorismExtremism) {
      EXPECT_EQ(rule.severity, Severity::kCritical) << rule.id;
    }
  }
}

TEST(Treatment, BlocksOffersOfEveryKindOfCrimeAndPersonalDataInBulk) {
  std::set<std::string> blocking;
  std::set<std::string> bulk;
  // A pact of suicide is met by a human who helps, not by a refusal.
  const std::set<std::string> asks_a_human = {"violence.suicide_pact"};
  for (const Rule& rule : Rules()) {
    if (rule.action == Decision::kBlock) blocking.insert(rule.label);
    if (rule.category == Category::kViceViolence && rule.severity == Severity::kCritical) {
      EXPECT_EQ(rule.action == Decision::kBlock, !asks_a_human.contains(rule.id)) << rule.id;
    }
    if (rule.label == "child_safety") {
      EXPECT_EQ(rule.action, Decision::kBlock) << rule.id;
    }
    if (rule.label == "personal_data" && rule.id.find("_bulk") != std::string::npos) {
      EXPECT_EQ(rule.action, Decision::kBlock) << rule.id;
      bulk.insert(rule.id);
    }
  }
  for (const std::string_view label : LabelsOf(Category::kViceViolence)) {
    EXPECT_TRUE(blocking.contains(std::string(label))) << label;
  }
  EXPECT_THAT(bulk, testing::IsSupersetOf({"personal_data.id_numbers_bulk",
                                           "personal_data.phone_numbers_bulk",
                                           "personal_data.bank_cards_bulk"}));
}

// What a rule asks for is what the default policy makes of it on the mainland.
TEST(Treatment, OfTheDefaultPolicyLeavesEveryRuleItsAction) {
  const policy::Policy& policy = *test::BundledRules().policy.policy;
  policy::Context mainland;
  mainland.surface = Surface::kOrder;
  mainland.region = "mainland";
  for (const Rule& rule : Rules()) {
    const policy::Ask ask{rule.category, rule.label, rule.severity, rule.action};
    EXPECT_EQ(policy.Decide(ask, mainland), rule.action) << rule.id;
  }
}

// Not even a pack that asks for it makes the default policy block where the terms leave a judgement
// to a human, in whatever region and on whatever surface.
TEST(Treatment, OfTheDefaultPolicyNeverBlocksWhereAHumanMustJudge) {
  const policy::Policy& policy = *test::BundledRules().policy.policy;
  for (const Category category :
       {Category::kConstitutionalPrinciples, Category::kRumors, Category::kInternationalRelations,
        Category::kNationalSecurity, Category::kIllegalAssembly}) {
    const bool lets_critical_through =
        category == Category::kNationalSecurity || category == Category::kIllegalAssembly;
    for (const Severity severity :
         {Severity::kLow, Severity::kMedium, Severity::kHigh, Severity::kCritical}) {
      for (const char* region : {"", "mainland", "overseas"}) {
        for (const Surface surface :
             {Surface::kOrder, Surface::kFile, Surface::kComment, Surface::kMessage}) {
          policy::Context context;
          context.surface = surface;
          context.region = region;
          const Decision made =
              policy.Decide(policy::Ask{category, "", severity, Decision::kBlock}, context);
          const bool may_block = lets_critical_through && severity == Severity::kCritical;
          EXPECT_EQ(made, may_block ? Decision::kBlock : Decision::kReview)
              << Name(category) << ", " << region;
        }
      }
    }
  }
}

// A whole check of a rule's own texts ends as the kinds that were found in it may end.
TEST(Treatment, OfEveryTextIsThatOfTheRulesThatFindIt) {
  std::map<std::string, const Rule*> by_id;
  for (const Rule& rule : Rules()) by_id[rule.id] = &rule;
  int blocked = 0, reviewed = 0;
  for (const Rule& rule : Rules()) {
    for (const rules::TestCase& test : rule.tests_match) {
      Field field;
      field.key = "text";
      field.bytes = test.text;
      Content content;
      content.surface = test.surface == Surface::kUnspecified ? Surface::kOrder : test.surface;
      content.region = "mainland";
      content.fields.push_back(field);
      const auto result = test::BundledChecker().Check(content, {});
      ASSERT_TRUE(result.ok()) << result.status();
      Decision most = Decision::kAllow;
      for (const Finding& finding : result->findings) {
        most = std::max(most, by_id.at(std::string(finding.rule_id))->action);
      }
      EXPECT_EQ(result->decision, most) << rule.id << ": " << test.text;
      EXPECT_GE(result->decision, rule.action) << rule.id << ": " << test.text;
      blocked += result->decision == Decision::kBlock;
      reviewed += result->decision == Decision::kReview;
    }
  }
  EXPECT_GT(blocked, 500);
  EXPECT_GT(reviewed, 100);
}

}  // namespace
}  // namespace winnow
