#include "proto/result_printer.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace winnow::api {
namespace {

// Counts are 32 bits wide in the API, since proto3 JSON prints 64-bit numbers as strings.
uint32_t Saturate(uint64_t n) {
  return static_cast<uint32_t>(std::min<uint64_t>(n, std::numeric_limits<uint32_t>::max()));
}

}  // namespace

// The numbers agree by definition (taxonomy.h, span.h and types.proto say so; result_printer_test
// walks them all), so conversions are casts.
v1::Surface ToProto(Surface s) { return static_cast<v1::Surface>(s); }
v1::Category ToProto(Category c) { return static_cast<v1::Category>(c); }
v1::Severity ToProto(Severity s) { return static_cast<v1::Severity>(s); }
v1::Decision ToProto(Decision d) { return static_cast<v1::Decision>(d); }

v1::OffsetUnit ToProto(text::OffsetUnit u) {
  return static_cast<v1::OffsetUnit>(static_cast<int>(u) + 1);
}

Surface FromProto(v1::Surface s) {
  return v1::Surface_IsValid(s) ? static_cast<Surface>(s) : Surface::kUnspecified;
}

text::OffsetUnit FromProto(v1::OffsetUnit u) {
  switch (u) {
    case v1::OFFSET_UNIT_UTF16:
      return text::OffsetUnit::kUtf16;
    case v1::OFFSET_UNIT_CODE_POINTS:
      return text::OffsetUnit::kCodePoints;
    default:
      return text::OffsetUnit::kBytes;
  }
}

void PrintResult(const CheckResult& result, v1::Verdict* verdict) {
  verdict->set_decision(ToProto(result.decision));
  verdict->set_completeness(static_cast<v1::Completeness>(result.completeness));
  for (const Shortfall& s : result.shortfalls) {
    v1::Shortfall* out = verdict->add_shortfalls();
    out->set_reason(static_cast<v1::Shortfall::Reason>(s.reason));
    out->set_part(s.part);
    out->set_limit(s.limit);
    out->set_detail(s.detail);
  }
  for (const CategoryResult& c : result.categories) {
    v1::CategoryResult* out = verdict->add_categories();
    out->set_category(ToProto(c.category));
    out->set_label(c.label);
    out->set_decision(ToProto(c.decision));
    out->set_severity(ToProto(c.severity));
    out->set_finding_count(Saturate(c.finding_count));
  }
  for (const Finding& f : result.findings) {
    v1::Finding* out = verdict->add_findings();
    out->set_rule_id(f.rule_id);
    out->set_category(ToProto(f.category));
    out->set_label(f.label);
    out->set_severity(ToProto(f.severity));
    out->set_decision(ToProto(f.decision));
    v1::Span* span = out->mutable_span();
    span->set_field(f.field);
    span->set_begin(Saturate(f.begin));
    span->set_end(Saturate(f.end));
    out->set_view(static_cast<v1::View>(static_cast<int>(f.view) + 1));
    for (int e = 1; e < 32; ++e) {
      if (f.evasions & (1u << e)) out->add_evasions(static_cast<v1::Evasion>(e));
    }
    out->set_excerpt(f.excerpt);
    out->set_excerpt_begin(f.excerpt_begin);
    out->set_excerpt_end(f.excerpt_end);
    if (!f.reason_en.empty()) {
      auto* reason = out->add_reasons();
      reason->set_locale("en");
      reason->set_message(f.reason_en);
    }
    if (!f.reason_zh.empty()) {
      auto* reason = out->add_reasons();
      reason->set_locale("zh");
      reason->set_message(f.reason_zh);
    }
    if (f.layer.kind != rules::LayerKind::kBundled &&
        f.layer.kind != rules::LayerKind::kUnspecified) {
      out->mutable_layer()->set_kind(static_cast<v1::RuleLayer::Kind>(f.layer.kind));
      out->mutable_layer()->set_name(f.layer.name);
    }
  }
  verdict->set_findings_truncated(result.findings_truncated);
  verdict->set_pack_revision(result.pack_revision.str());
  verdict->set_policy_revision(result.policy_revision.str());
  verdict->set_detected_charset(result.detected_charset);
  verdict->set_replacement_count(Saturate(result.replacements));
  verdict->set_offset_unit(ToProto(result.offset_unit));
}

}  // namespace winnow::api
