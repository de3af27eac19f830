// Layers above the bundled rules: what authors of layers are told, each in testdata/layers/, and
// what becomes of rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/rules/diagnostics.h"
#include "engine/rules/parser.h"
#include "tests/support/golden.h"

namespace winnow::rules {
namespace {

std::string RuleText(std::string_view id, std::string_view term) {
  return StrCat("- id: ", id, R"(
  category: vice_violence
  label: gambling
  severity: high
  action: block
  match: {terms: [)",
                term, R"(]}
  reason: {en: It offers gambling., zh: 内容提供赌博。}
  tests: {match: [an )",
                term, R"(], no_match: [a tea house]}
)");
}

// Two bundled rules, and the files of the layers above them.
std::vector<SourceFile> Above(std::vector<SourceFile> layers) {
  std::vector<SourceFile> out = {
      {"rules/gambling.yaml",
       RuleText("gambling.online_casino", "online casino") + RuleText("gambling.slots", "slots")}};
  out.insert(out.end(), layers.begin(), layers.end());
  return out;
}

constexpr char kOurs[] = "layer: operator\nname: ours\n";
constexpr char kAcme[] = "layer: tenant\nname: acme\n";

struct Case {
  std::string meaning;
  std::vector<SourceFile> layers;
  std::vector<std::string> codes;  // of what is told, in order
};

class LayerDiagnosticsTest : public testing::TestWithParam<Case> {};

TEST_P(LayerDiagnosticsTest, ReadsAsReviewed) {
  const std::vector<SourceFile> sources = Above(GetParam().layers);
  const ParseResult result = ParseRules(sources);
  std::vector<std::string> codes;
  for (const Diagnostic& d : result.diagnostics) codes.push_back(d.code);
  EXPECT_EQ(codes, GetParam().codes);
  test::ExpectGolden(std::filesystem::path(WINNOW_SOURCE_DIR) /
                         "tests/engine/rules/testdata/layers" / (GetParam().meaning + ".out"),
                     Render(result.diagnostics, sources, false));
}

INSTANTIATE_TEST_SUITE_P(
    Meanings, LayerDiagnosticsTest,
    testing::Values(
        Case{"all_is_well",
             {{"ours/layer.yaml", StrCat(kOurs, "disable: [gambling.slots]\n")},
              {"ours/own.yaml", RuleText("gambling.ours", "our word")},
              {"tenants/acme/layer.yaml",
               StrCat(kAcme, "change: {gambling.ours: {action: review}}\n")}},
             {}},
        Case{"not_a_mapping", {{"ours/layer.yaml", "- ours\n"}}, {"A001"}},
        Case{"empty", {{"ours/layer.yaml", "# nothing yet\n"}}, {"A001"}},
        Case{"key_misspelt",
             {{"ours/layer.yaml", StrCat(kOurs, "disabled: [gambling.slots]\n")}},
             {"A002"}},
        Case{
            "keys_missing", {{"ours/layer.yaml", "disable: [gambling.slots]\n"}}, {"A003", "A003"}},
        Case{"wrong_types",
             {{"ours/layer.yaml",
               StrCat(kOurs, "disable: gambling.slots\nchange: [gambling.online_casino]\n")}},
             {"A004", "A004"}},
        Case{
            "empty_values",
            {{"ours/layer.yaml", "layer: operator\nname:\ndisable:\nchange: {gambling.slots: }\n"}},
            {"A005", "A005", "A005"}},
        Case{"kind_unknown",
             {{"ours/layer.yaml", "layer: operators\nname: ours\ndisable: [gambling.slots]\n"}},
             {"A006"}},
        Case{"change_unknown",
             {{"ours/layer.yaml",
               StrCat(kOurs, "change: {gambling.slots: {action: deny, severity: dire}}\n")}},
             {"A006", "A006"}},
        Case{"named_twice",
             {{"ours/layer.yaml", StrCat(kOurs, "disable: [gambling.slots, gambling.slots]\n")}},
             {"A007"}},
        Case{"name_form",
             {{"ours/layer.yaml", "layer: operator\nname: Our Rules\ndisable: [gambling.slots]\n"}},
             {"A010"}},
        Case{"tenant_twice",
             {{"a/layer.yaml", StrCat(kAcme, "disable: [gambling.slots]\n")},
              {"b/layer.yaml", StrCat(kAcme, "disable: [gambling.online_casino]\n")}},
             {"A011"}},
        Case{"operator_name_twice",
             {{"a/layer.yaml", StrCat(kOurs, "disable: [gambling.slots]\n")},
              {"b/layer.yaml", StrCat(kOurs, "disable: [gambling.online_casino]\n")}},
             {"A011"}},
        Case{"layer_in_layer",
             {{"a/layer.yaml", StrCat(kOurs, "disable: [gambling.slots]\n")},
              {"a/b/layer.yaml", StrCat(kAcme, "disable: [gambling.online_casino]\n")}},
             {"A012"}},
        Case{"rule_unknown",
             {{"ours/layer.yaml", StrCat(kOurs, "disable: [gambling.slot]\n",
                                         "change: {fraud.nowhere_near: {action: block}}\n")}},
             {"A013", "A013"}},
        Case{
            "rule_own",
            {{"ours/layer.yaml",
              StrCat(kOurs, "disable: [gambling.ours]\nchange: {gambling.own: {action: allow}}\n")},
             {"ours/own.yaml",
              RuleText("gambling.ours", "our word") + RuleText("gambling.own", "own word")}},
            {"A014", "A014"}},
        Case{"rule_not_below",
             {{"acme/layer.yaml", StrCat(kAcme, "disable: [gambling.of_tea]\n")},
              {"ours/layer.yaml", StrCat(kOurs, "disable: [gambling.of_tea]\n")},
              {"tea/layer.yaml", "layer: tenant\nname: tea\n"},
              {"tea/own.yaml", RuleText("gambling.of_tea", "tea word")}},
             {"A015", "A015"}},
        Case{"disabled_below",
             {{"acme/layer.yaml", StrCat(kAcme, "change: {gambling.slots: {action: review}}\n")},
              {"ours/layer.yaml", StrCat(kOurs, "disable: [gambling.slots]\n")}},
             {"A016"}},
        Case{"disabled_and_changed",
             {{"ours/layer.yaml", StrCat(kOurs, "disable: [gambling.slots]\n",
                                         "change: {gambling.slots: {action: review}}\n")}},
             {"A017"}},
        Case{"change_empty",
             {{"ours/layer.yaml", StrCat(kOurs, "change: {gambling.slots: {}}\n")}},
             {"A018"}},
        Case{"change_in_vain",
             {{"acme/layer.yaml", StrCat(kAcme, "change: {gambling.slots: {action: review}}\n")},
              {"ours/layer.yaml",
               StrCat(kOurs, "change: {gambling.slots: {action: review, severity: high}}\n")},
              {"tea/layer.yaml",
               "layer: tenant\nname: tea\nchange:\n  gambling.online_casino:\n"
               "    severity: high\n"}},
             {"A019", "A019"}},
        Case{"layers_disagree",
             {{"a/layer.yaml", StrCat(kOurs, "disable: [gambling.slots]\n")},
              {"b/layer.yaml",
               "layer: operator\nname: legal\n"
               "change: {gambling.slots: {action: review}}\n"}},
             {"A020"}},
        Case{"id_of_another_layer",
             {{"ours/layer.yaml", kOurs},
              {"ours/own.yaml", RuleText("gambling.slots", "our slots")}},
             {"A021"}},
        Case{"idle", {{"ours/layer.yaml", kOurs}}, {"A022"}}),
    [](const auto& info) { return info.param.meaning; });

// ---- What becomes of rules ----

std::vector<std::string> Ids(const RuleSet& rules) {
  std::vector<std::string> out;
  for (const Rule& rule : rules.rules) out.push_back(rule.id);
  return out;
}

TEST(LayersTest, OperatorsChangeWhatEverybodyGets) {
  const ParseResult result = ParseRules(
      Above({{"ours/layer.yaml", StrCat(kOurs, "disable: [gambling.slots]\n",
                                        "change:\n  gambling.online_casino: {action: review}\n")},
             {"ours/deep/own.yaml", RuleText("gambling.ours", "our word")}}));
  EXPECT_TRUE(result.diagnostics.empty());
  const RuleSet& rules = result.rules;
  EXPECT_EQ(Ids(rules), (std::vector<std::string>{"gambling.online_casino", "gambling.ours"}));
  ASSERT_EQ(rules.layers.size(), 2u);
  EXPECT_EQ(rules.layers[1].kind, LayerKind::kOperator);
  EXPECT_EQ(rules.layers[1].name, "ours");
  EXPECT_EQ(rules.rules[0].layer, 0u);
  EXPECT_EQ(rules.rules[0].action, Decision::kReview);
  EXPECT_EQ(rules.rules[0].severity, Severity::kHigh) << "what is not named stays";
  ASSERT_TRUE(rules.rules[0].amended);
  EXPECT_EQ(rules.rules[0].amended->layer, 1u);
  EXPECT_EQ(rules.rules[0].amended->action, Decision::kBlock);
  EXPECT_EQ(rules.rules[0].amended->where.begin_line, 5);
  EXPECT_EQ(rules.rules[1].layer, 1u);
  EXPECT_FALSE(rules.rules[1].amended);
  ASSERT_EQ(rules.disabled.size(), 1u);
  EXPECT_EQ(rules.disabled[0].id, "gambling.slots");
  EXPECT_EQ(rules.disabled[0].layer, 1u);
  EXPECT_EQ(rules.disabled[0].disable_where.begin_line, 3);
}

TEST(LayersTest, WhatTenantsSayLeavesTheRulesAlone) {
  const ParseResult result =
      ParseRules(Above({{"acme/layer.yaml", StrCat(kAcme,
                                                   "disable: [gambling.slots]\nchange:\n"
                                                   "  gambling.online_casino: {action: review}\n")},
                        {"acme/own.yaml", RuleText("gambling.acme", "acme word")}}));
  EXPECT_TRUE(result.diagnostics.empty());
  EXPECT_EQ(Ids(result.rules), (std::vector<std::string>{"gambling.online_casino", "gambling.slots",
                                                         "gambling.acme"}));
  EXPECT_EQ(result.rules.rules[0].action, Decision::kBlock);
  EXPECT_TRUE(result.rules.disabled.empty());
  ASSERT_EQ(result.rules.layers.size(), 2u);
  EXPECT_EQ(result.rules.layers[1].changes.size(), 2u);
  EXPECT_EQ(result.rules.rules[2].layer, 1u);
}

// A layer read alone, as it lies in a pack whose files share its folder.
TEST(LayersTest, TheFolderOfALayerMayBeTheOutermost) {
  const ParseResult result =
      ParseRules({{"layer.yaml", kOurs}, {"own.yaml", RuleText("gambling.ours", "our word")}});
  EXPECT_TRUE(result.diagnostics.empty());
  ASSERT_EQ(result.rules.rules.size(), 1u);
  EXPECT_EQ(result.rules.rules[0].layer, 1u);
}

TEST(LayersTest, AFolderWhoseNameBeginsAlikeIsNoPart) {
  const ParseResult result = ParseRules({{"ours/layer.yaml", kOurs},
                                         {"ours-too/a.yaml", RuleText("gambling.b", "b word")},
                                         {"ours/a.yaml", RuleText("gambling.a", "a word")}});
  EXPECT_TRUE(result.diagnostics.empty());
  ASSERT_EQ(result.rules.rules.size(), 2u);
  EXPECT_EQ(result.rules.rules[0].layer, 0u);
  EXPECT_EQ(result.rules.rules[1].layer, 1u);
}

}  // namespace
}  // namespace winnow::rules
