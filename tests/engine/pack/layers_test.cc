// Packs of several layers: what each tenant's contents are judged by, and that it is stored.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/checker.h"
#include "engine/pack/pack.h"
#include "tests/engine/pack/packs.h"
#include "tests/support/rule_text.h"
#include "tests/support/status_matchers.h"

namespace winnow::pack {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

// Four bundled rules, one of which the operator disables and one it changes, and one of its own.
// acme changes a bundled, an amended and an own one, disables a bundled one and adds one; tea only
// adds one.
std::vector<rules::SourceFile> Layered() {
  return {{"top/rules/gambling.yaml", RuleText("gambling.casino", "casino", "block") +
                                          RuleText("gambling.slots", "slots", "block") +
                                          RuleText("gambling.poker", "poker", "review") +
                                          RuleText("gambling.dice", "dice", "block")},
          {"top/ours/layer.yaml",
           "layer: operator\nname: ours\ndisable: [gambling.dice]\n"
           "change: {gambling.poker: {action: block, severity: low}}\n"},
          {"top/ours/own.yaml", RuleText("gambling.ours", "lotto", "block")},
          {"top/acme/layer.yaml",
           "layer: tenant\nname: acme\ndisable: [gambling.slots]\nchange:\n"
           "  gambling.ours: {status: experimental}\n"
           "  gambling.casino: {action: review, severity: critical}\n"
           "  gambling.poker: {action: allow}\n"},
          {"top/acme/own.yaml", RuleText("gambling.acme", "acme word", "review")},
          {"top/tea/layer.yaml", "layer: tenant\nname: tea\n"},
          {"top/tea/own.yaml", RuleText("gambling.tea", "tea word", "block")}};
}

// "review gambling.casino=review/critical by tenant acme; ..." of a text of the tenant.
std::string Judged(const std::shared_ptr<const Pack>& pack, std::string_view tenant,
                   std::string_view text) {
  const Checker checker(pack, DefaultPolicy());
  Content content;
  content.surface = Surface::kOrder;
  content.tenant = tenant;
  content.fields.push_back({"note", text, "", false});
  const auto result = checker.Check(content);
  if (!result.ok()) return std::string(ToStd(result.status().message()));
  // A file is judged alike.
  Checker::FileInput file;
  file.file_name = "note";
  file.surface = Surface::kOrder;
  file.tenant = std::string(tenant);
  const auto check = checker.StartFile(file);
  EXPECT_OK(check);
  EXPECT_OK((*check)->Feed(text));
  const auto of_file = (*check)->Finish();
  EXPECT_OK(of_file);
  EXPECT_EQ(of_file->findings.size(), result->findings.size());
  EXPECT_EQ(of_file->decision, result->decision);

  EXPECT_EQ(result->finding_count, result->findings.size());
  std::string out(Name(result->decision));
  for (const Finding& f : result->findings) {
    StrAppend(&out, "; ", f.rule_id, "=", Name(f.decision), "/", Name(f.severity), " by ",
              Name(f.layer.kind), f.layer.name.empty() ? "" : " ", f.layer.name);
  }
  return out;
}

struct Case {
  std::string_view tenant, text, judged;
};

const Case kCases[] = {
    {"", "a casino", "block; gambling.casino=block/high by bundled"},
    {"other", "a casino", "block; gambling.casino=block/high by bundled"},
    {"acme", "a casino", "review; gambling.casino=review/critical by tenant acme"},
    {"tea", "a casino", "block; gambling.casino=block/high by bundled"},
    {"other", "my slots", "block; gambling.slots=block/high by bundled"},
    {"acme", "my slots", "allow"},
    {"other", "dice here", "allow"},
    {"acme", "dice here", "allow"},
    {"other", "we play poker", "block; gambling.poker=block/low by operator ours"},
    {"acme", "we play poker", "allow; gambling.poker=allow/low by tenant acme"},
    {"other", "the lotto", "block; gambling.ours=block/high by operator ours"},
    {"acme", "the lotto", "allow; gambling.ours=allow/high by tenant acme"},
    {"other", "acme word", "allow"},
    {"tea", "acme word", "allow"},
    {"acme", "acme word", "review; gambling.acme=review/high by tenant acme"},
    {"acme", "tea word", "allow"},
    {"tea", "tea word", "block; gambling.tea=block/high by tenant tea"},
    {"acme", "casino, slots, tea word", "review; gambling.casino=review/critical by tenant acme"},
};

TEST(LayeredPackTest, EachTenantIsJudgedByItsOwn) {
  const auto built = CompileOrDie(Layered()).pack;
  const auto loaded = LoadPackBytes(std::string(built->bytes()));
  ASSERT_OK(loaded);
  EXPECT_FALSE((*loaded)->info().recompiled);
  Parts parts = Parts::Of(built->bytes());
  parts.manifest.set_platform("another machine");
  const auto recompiled = LoadPackBytes(parts.Assemble());
  ASSERT_OK(recompiled);
  EXPECT_TRUE((*recompiled)->info().recompiled);
  for (const auto& pack : {built, *loaded, *recompiled}) {
    for (const Case& c : kCases) {
      EXPECT_EQ(Judged(pack, c.tenant, c.text), c.judged) << c.tenant << ": " << c.text;
    }
    EXPECT_EQ(pack->info().rule_count, 6u);
    EXPECT_THAT(pack->layers(), testing::ElementsAre(LayerInfo{rules::LayerKind::kBundled, ""},
                                                     LayerInfo{rules::LayerKind::kOperator, "ours"},
                                                     LayerInfo{rules::LayerKind::kTenant, "acme"},
                                                     LayerInfo{rules::LayerKind::kTenant, "tea"}));
    ASSERT_EQ(pack->disabled().size(), 1u);
    EXPECT_EQ(pack->disabled()[0].id, "gambling.dice");
    EXPECT_EQ(pack->disabled()[0].layer, 1u);
    ASSERT_EQ(pack->tenants().size(), 2u);
    EXPECT_EQ(pack->tenants()[0].changes.size(), 4u);
    EXPECT_EQ(pack->ForTenant("tea"), &pack->tenants()[1]);
    EXPECT_NE(pack->ForTenant("other"), nullptr);
  }
}

// What other tenants' rules find takes no room of what is kept, and is not counted.
TEST(LayeredPackTest, OthersRulesAreNotHeard) {
  const Checker checker(CompileOrDie(Layered()).pack, DefaultPolicy());
  std::string text;
  for (int i = 0; i < 50; ++i) text += "tea word, slots. ";
  text += "casino";
  Content content;
  content.tenant = "acme";
  content.fields.push_back({"note", text, "", false});
  CheckOptions options;
  options.findings_max = 5;
  const auto result = checker.Check(content, options);
  ASSERT_OK(result);
  EXPECT_EQ(result->finding_count, 1u);
  EXPECT_FALSE(result->findings_truncated);
  ASSERT_EQ(result->categories.size(), 1u);
  EXPECT_EQ(result->categories[0].finding_count, 1u);
  EXPECT_EQ(result->categories[0].severity, Severity::kCritical);
}

TEST(LayeredPackTest, WithoutLayersNothingIsLookedUp) {
  const auto pack = CompileOrDie(SampleSources()).pack;
  EXPECT_EQ(pack->ForTenant("acme"), nullptr);
  EXPECT_TRUE(pack->tenants().empty());
  EXPECT_EQ(pack->layers().size(), 1u);
}

TEST(LayeredPackTest, LayersAreOfTheRevision) {
  std::vector<rules::SourceFile> sources = Layered();
  const std::string before = CompileOrDie(sources).pack->info().revision;
  EXPECT_EQ(CompileOrDie(Layered()).pack->bytes(), CompileOrDie(Layered()).pack->bytes());
  for (rules::SourceFile& source : sources) {
    if (source.path == "top/acme/layer.yaml") source.text += "  gambling.ghost: {action: allow}\n";
  }
  EXPECT_EQ(CompilePack(sources, {}).pack, nullptr);
  sources = Layered();
  sources[1].text += "# seen\n";
  EXPECT_NE(CompileOrDie(sources).pack->info().revision, before);
}

TEST(LayeredPackTest, IndexesThatLeadNowhereAreDamage) {
  const auto pack = CompileOrDie(Layered()).pack;
  const Parts parts = Parts::Of(pack->bytes());
  const auto refused = [&](const char* what, auto change) {
    Parts broken = parts;
    change(&broken.manifest);
    EXPECT_THAT(LoadPackBytes(broken.Assemble()),
                StatusIs(StatusCode::kDataLoss, HasSubstr("the pack is damaged")))
        << what;
  };
  using Manifest = format::Manifest;
  refused("a rule's layer", [](Manifest* m) { m->mutable_rules(0)->set_layer(4); });
  refused("a rule's amender", [](Manifest* m) { m->mutable_rules(0)->set_amender(4); });
  refused("a layer's kind", [](Manifest* m) { m->mutable_layers(1)->set_kind(4); });
  refused("a tenant's layer", [](Manifest* m) { m->mutable_tenants(0)->set_layer(9); });
  refused("a tenant of the operator's", [](Manifest* m) { m->mutable_tenants(0)->set_layer(1); });
  refused("a rule that is not there",
          [](Manifest* m) { m->mutable_tenants(0)->mutable_changes(3)->set_rule(6); });
  refused("a rule twice", [](Manifest* m) {
    m->mutable_tenants(0)->mutable_changes(1)->set_rule(m->tenants(0).changes(0).rule());
  });
  refused("an action",
          [](Manifest* m) { m->mutable_tenants(0)->mutable_changes(0)->set_action(4); });
  refused("who disables", [](Manifest* m) { m->mutable_disabled(0)->set_layer(4); });
}

}  // namespace
}  // namespace winnow::pack
