// Verdicts for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "tools/cli/console.h"
#include "winnow/v1/types.pb.h"

namespace winnow::cli {

// "vice_violence/gambling"; the category alone where it has no labels.
std::string CategoryText(v1::Category category, std::string_view label);

// "order"; empty when there is none.
std::string SurfaceText(v1::Surface surface);

// "separator, zero_width"; empty when the match was written plainly.
std::string EvasionsText(const v1::Finding& finding);

// The excerpt with its match marked; empty when the finding has none.
std::string MatchText(const v1::Finding& finding, const Style& style);

// "not checked: the file's format (pdf) is not read ...".
std::string ShortfallText(const v1::Shortfall& shortfall);

// "0.31 ms".
std::string DurationText(absl::Duration d);

Decision DecisionOf(const v1::Verdict& verdict);

// A few lines on one verdict: content, decision and time, then what was not checked, then each
// finding with its category, rule and match in context.
std::string VerdictReport(std::string_view content, const v1::Verdict& verdict,
                          std::optional<absl::Duration> took, const Style& style);

}  // namespace winnow::cli
