#include "tools/cli/verdict_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "engine/base/strings.h"
#include "engine/rules/model.h"

namespace winnow::cli {
namespace {

// "vice_violence" for CATEGORY_VICE_VIOLENCE.
std::string Lower(std::string_view enum_name, std::string_view prefix) {
  if (enum_name.substr(0, prefix.size()) == prefix) enum_name.remove_prefix(prefix.size());
  return absl::AsciiStrToLower(ToAbsl(enum_name));
}

std::string_view UnitText(v1::OffsetUnit unit) {
  switch (unit) {
    case v1::OFFSET_UNIT_UTF16:
      return "UTF-16 units";
    case v1::OFFSET_UNIT_CODE_POINTS:
      return "code points";
    default:
      return "bytes";
  }
}

std::string Pad(std::string text, size_t columns) {
  const size_t has = Columns(text);
  if (has < columns) text.append(columns - has, ' ');
  return text;
}

}  // namespace

std::string CategoryText(v1::Category category, std::string_view label) {
  std::string text = Lower(v1::Category_Name(category), "CATEGORY_");
  if (!label.empty()) StrAppend(&text, "/", Harmless(label));
  return text;
}

std::string SurfaceText(v1::Surface surface) {
  if (surface == v1::SURFACE_UNSPECIFIED) return "";
  return Lower(v1::Surface_Name(surface), "SURFACE_");
}

std::string EvasionsText(const v1::Finding& finding) {
  std::string text;
  for (const int evasion : finding.evasions()) {
    StrAppend(&text, text.empty() ? "" : ", ",
              Lower(v1::Evasion_Name(static_cast<v1::Evasion>(evasion)), "EVASION_"));
  }
  return text;
}

// "  (the operator's layer ours)" where it was not the bundled rules' word.
std::string LayerText(const v1::Finding& finding) {
  if (!finding.has_layer()) return "";
  return StrCat("  (",
                rules::DescribeLayer(static_cast<rules::LayerKind>(finding.layer().kind()),
                                     Harmless(finding.layer().name())),
                ")");
}

std::string MatchText(const v1::Finding& finding, const Style& style) {
  const std::string_view excerpt = finding.excerpt();
  const size_t begin = std::min<size_t>(finding.excerpt_begin(), excerpt.size());
  const size_t end = std::clamp<size_t>(finding.excerpt_end(), begin, excerpt.size());
  if (excerpt.empty()) return "";
  return StrCat(Harmless(excerpt.substr(0, begin)),
                style.Match(Harmless(excerpt.substr(begin, end - begin))),
                Harmless(excerpt.substr(end)));
}

std::string ShortfallText(const v1::Shortfall& shortfall) {
  std::string text = shortfall.detail();
  if (text.empty()) text = Lower(v1::Shortfall::Reason_Name(shortfall.reason()), "REASON_");
  return StrCat("not checked: ", Harmless(text),
                shortfall.limit().empty() ? "" : StrCat(" (", Harmless(shortfall.limit()), ")"));
}

std::string DurationText(absl::Duration d) {
  return absl::StrFormat("%.2f ms", absl::ToDoubleMilliseconds(d));
}

Decision DecisionOf(const v1::Verdict& verdict) {
  return static_cast<Decision>(verdict.decision());
}

std::string VerdictReport(std::string_view content, const v1::Verdict& verdict,
                          std::optional<absl::Duration> took, const Style& style) {
  std::string out =
      StrCat(Pad(style.Of(DecisionOf(verdict)), 6), "  ", style.Bold(Harmless(content)));
  if (verdict.completeness() != v1::COMPLETENESS_COMPLETE) {
    StrAppend(&out, "  ",
              style.Bad(Lower(v1::Completeness_Name(verdict.completeness()), "COMPLETENESS_")));
  }
  if (!verdict.detected_charset().empty() && verdict.detected_charset() != "UTF-8") {
    StrAppend(&out, "  ", Harmless(verdict.detected_charset()));
  }
  if (verdict.replacement_count() > 0) {
    StrAppend(&out, "  ", verdict.replacement_count(), " ill-formed");
  }
  if (took.has_value()) StrAppend(&out, "  ", style.Dim(DurationText(*took)));
  StrAppend(&out, "\n");
  for (const v1::Shortfall& shortfall : verdict.shortfalls()) {
    StrAppend(&out, "  ", style.Bad(ShortfallText(shortfall)), "\n");
  }
  for (const v1::Finding& finding : verdict.findings()) {
    StrAppend(&out, "  ", Pad(style.Of(static_cast<Decision>(finding.decision())), 6), "  ",
              CategoryText(finding.category(), finding.label()), "  ",
              Lower(v1::Severity_Name(finding.severity()), "SEVERITY_"), "  ",
              Harmless(finding.rule_id()), LayerText(finding), "\n");
    const std::string match = MatchText(finding, style);
    const std::string undone = EvasionsText(finding);
    StrAppend(&out, "          ", match, match.empty() ? "" : "  ",
              style.Dim(StrCat("at ",
                               finding.span().field().empty() || finding.span().field() == content
                                   ? std::string()
                                   : StrCat(Harmless(finding.span().field()), " "),
                               finding.span().begin(), "..", finding.span().end(), " (",
                               UnitText(verdict.offset_unit()), ")",
                               undone.empty() ? "" : StrCat(", undone: ", undone))),
              "\n");
  }
  if (verdict.findings_truncated()) {
    uint64_t count = 0;
    for (const v1::CategoryResult& c : verdict.categories()) count += c.finding_count();
    StrAppend(&out, "  ", count, " findings in all; the first ", verdict.findings_size(),
              " are shown\n");
  }
  return out;
}

}  // namespace winnow::cli
