#include "proto/result_printer.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "absl/strings/ascii.h"
#include "engine/base/strings.h"
#include "engine/rules/taxonomy.h"
#include "engine/text/span.h"

namespace winnow::api {
namespace {

using google::protobuf::EnumDescriptor;
using testing::ElementsAre;
using testing::IsEmpty;

// "CATEGORY_RUMORS" for "rumors".
std::string ProtoName(std::string_view prefix, std::string_view name) {
  return StrCat(prefix, absl::AsciiStrToUpper(ToAbsl(name)));
}

TEST(ResultPrinter, CategoriesHaveTheSameNumbersAndNames) {
  const EnumDescriptor* values = v1::Category_descriptor();
  ASSERT_EQ(values->value_count(), 11);
  for (int i = 1; i < values->value_count(); ++i) {
    const auto category = static_cast<Category>(values->value(i)->number());
    EXPECT_EQ(ToProto(category), values->value(i)->number());
    EXPECT_EQ(ProtoName("CATEGORY_", Name(category)), values->value(i)->name());
  }
}

TEST(ResultPrinter, SurfacesHaveTheSameNumbersAndNames) {
  const EnumDescriptor* values = v1::Surface_descriptor();
  for (int i = 1; i < values->value_count(); ++i) {
    const auto proto = static_cast<v1::Surface>(values->value(i)->number());
    EXPECT_EQ(ToProto(FromProto(proto)), proto);
    EXPECT_EQ(ProtoName("SURFACE_", Name(FromProto(proto))), values->value(i)->name());
  }
  EXPECT_EQ(FromProto(static_cast<v1::Surface>(99)), Surface::kUnspecified);
}

TEST(ResultPrinter, SeveritiesAndDecisionsHaveTheSameNumbersAndNames) {
  const EnumDescriptor* severities = v1::Severity_descriptor();
  for (int i = 1; i < severities->value_count(); ++i) {
    const auto severity = static_cast<Severity>(severities->value(i)->number());
    EXPECT_EQ(ToProto(severity), severities->value(i)->number());
    EXPECT_EQ(ProtoName("SEVERITY_", Name(severity)), severities->value(i)->name());
  }
  const EnumDescriptor* decisions = v1::Decision_descriptor();
  for (int i = 1; i < decisions->value_count(); ++i) {
    const auto decision = static_cast<Decision>(decisions->value(i)->number());
    EXPECT_EQ(ToProto(decision), decisions->value(i)->number());
    EXPECT_EQ(ProtoName("DECISION_", Name(decision)), decisions->value(i)->name());
  }
}

TEST(ResultPrinter, OffsetUnitsGoBothWays) {
  for (const auto unit :
       {text::OffsetUnit::kBytes, text::OffsetUnit::kUtf16, text::OffsetUnit::kCodePoints}) {
    EXPECT_EQ(FromProto(ToProto(unit)), unit);
  }
  EXPECT_EQ(ToProto(text::OffsetUnit::kUtf16), v1::OFFSET_UNIT_UTF16);
  EXPECT_EQ(ToProto(text::OffsetUnit::kCodePoints), v1::OFFSET_UNIT_CODE_POINTS);
  EXPECT_EQ(FromProto(v1::OFFSET_UNIT_UNSPECIFIED), text::OffsetUnit::kBytes);
}

TEST(ResultPrinter, PrintsEveryFieldOfAFinding) {
  CheckResult result;
  result.decision = Decision::kBlock;
  result.completeness = Completeness::kPartial;
  result.shortfalls.push_back({ShortfallReason::kLimitReached, "note", "field_bytes", "too long"});
  result.categories.push_back(
      {Category::kViceViolence, "gambling", Decision::kBlock, Severity::kHigh, uint64_t{1} << 40});
  Finding finding;
  finding.rule_id = "gambling.casino";
  finding.category = Category::kViceViolence;
  finding.label = "gambling";
  finding.severity = Severity::kHigh;
  finding.decision = Decision::kBlock;
  finding.field = "note";
  finding.begin = 3;
  finding.end = 9;
  finding.view = text::View::kSqueezed;
  finding.evasions = text::MaskOf(text::Evasion::kSeparator) | text::MaskOf(text::Evasion::kLeet) |
                     text::MaskOf(text::Evasion::kZeroWidth);
  finding.excerpt = "a casino b";
  finding.excerpt_begin = 2;
  finding.excerpt_end = 8;
  finding.reason_en = "why";
  finding.reason_zh = "理由";
  finding.layer = {rules::LayerKind::kOperator, "ours"};
  result.findings.push_back(finding);
  result.findings_truncated = true;
  result.pack_revision = "packs/p/revisions/1";
  result.policy_revision = "policies/q/revisions/2";
  result.detected_charset = "GB18030";
  result.replacements = 7;
  result.offset_unit = text::OffsetUnit::kUtf16;

  v1::Verdict out;
  PrintResult(result, &out);

  EXPECT_EQ(out.decision(), v1::DECISION_BLOCK);
  EXPECT_EQ(out.completeness(), v1::COMPLETENESS_PARTIAL);
  ASSERT_EQ(out.shortfalls_size(), 1);
  EXPECT_EQ(out.shortfalls(0).reason(), v1::Shortfall::REASON_LIMIT_REACHED);
  EXPECT_EQ(out.shortfalls(0).part(), "note");
  EXPECT_EQ(out.shortfalls(0).limit(), "field_bytes");
  EXPECT_EQ(out.shortfalls(0).detail(), "too long");
  ASSERT_EQ(out.categories_size(), 1);
  EXPECT_EQ(out.categories(0).label(), "gambling");
  EXPECT_EQ(out.categories(0).finding_count(), std::numeric_limits<uint32_t>::max());
  ASSERT_EQ(out.findings_size(), 1);
  const v1::Finding& f = out.findings(0);
  EXPECT_EQ(f.rule_id(), "gambling.casino");
  EXPECT_EQ(f.category(), v1::CATEGORY_VICE_VIOLENCE);
  EXPECT_EQ(f.label(), "gambling");
  EXPECT_EQ(f.severity(), v1::SEVERITY_HIGH);
  EXPECT_EQ(f.decision(), v1::DECISION_BLOCK);
  EXPECT_EQ(f.span().field(), "note");
  EXPECT_EQ(f.span().begin(), 3u);
  EXPECT_EQ(f.span().end(), 9u);
  EXPECT_EQ(f.view(), v1::VIEW_SQUEEZED);
  EXPECT_THAT(f.evasions(),
              ElementsAre(v1::EVASION_ZERO_WIDTH, v1::EVASION_SEPARATOR, v1::EVASION_LEET));
  EXPECT_EQ(f.excerpt(), "a casino b");
  EXPECT_EQ(f.excerpt_begin(), 2u);
  EXPECT_EQ(f.excerpt_end(), 8u);
  ASSERT_EQ(f.reasons_size(), 2);
  EXPECT_EQ(f.reasons(0).locale(), "en");
  EXPECT_EQ(f.reasons(0).message(), "why");
  EXPECT_EQ(f.reasons(1).locale(), "zh");
  EXPECT_EQ(f.reasons(1).message(), "理由");
  EXPECT_EQ(f.layer().kind(), v1::RuleLayer::KIND_OPERATOR);
  EXPECT_EQ(f.layer().name(), "ours");
  EXPECT_TRUE(out.findings_truncated());
  EXPECT_EQ(out.pack_revision(), "packs/p/revisions/1");
  EXPECT_EQ(out.policy_revision(), "policies/q/revisions/2");
  EXPECT_EQ(out.detected_charset(), "GB18030");
  EXPECT_EQ(out.replacement_count(), 7u);
  EXPECT_EQ(out.offset_unit(), v1::OFFSET_UNIT_UTF16);
}

TEST(ResultPrinter, EvasionsAndViewsHaveTheSameNumbers) {
  const EnumDescriptor* evasions = v1::Evasion_descriptor();
  for (int i = 1; i < evasions->value_count(); ++i) {
    CheckResult result;
    Finding finding;
    finding.evasions = text::MaskOf(static_cast<text::Evasion>(evasions->value(i)->number()));
    result.findings.push_back(finding);
    v1::Verdict out;
    PrintResult(result, &out);
    EXPECT_THAT(out.findings(0).evasions(), ElementsAre(evasions->value(i)->number()));
    EXPECT_THAT(out.findings(0).reasons(), IsEmpty());
    EXPECT_FALSE(out.findings(0).has_layer());
  }
  EXPECT_EQ(v1::View_descriptor()->value_count(), text::kViewCount + 1);
}

}  // namespace
}  // namespace winnow::api
