#include "engine/pack/rule_tests.h"

#include <algorithm>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/match/matcher.h"
#include "engine/text/normalizer.h"

namespace winnow::pack {
namespace {

// Scans texts as a check does, and says whether one rule matches.
class Scanner {
 public:
  explicit Scanner(const match::Program& program) : program_(program) {
    text::NormalizerOptions options;
    options.views = program.views();
    options.max_match_chars = match::kMaxMatchBytes;
    normalizer_ = text::Normalizer::Create(options);
    matcher_ = match::Matcher::Create();
  }

  absl::StatusOr<bool> Matches(uint32_t rule, Surface surface, const std::string& text) {
    match::Matcher::Options options;
    options.surfaces = MaskOf(surface);
    options.matches_max = UINT32_MAX;
    options.unit = text::OffsetUnit::kCodePoints;
    RETURN_IF_ERROR(matcher_->Begin(program_, options));
    matcher_->BeginField(0);
    normalizer_->Begin();
    absl::Status status;
    normalizer_->Feed(text, true, [&](const text::Block& block) {
      status = matcher_->Feed(block, [](text::TextSpan span) {
        return text::SourceSpan{span.begin, span.end};
      });
      return status.ok();
    });
    RETURN_IF_ERROR(status);
    RETURN_IF_ERROR(matcher_->EndField());
    match::ScanOutcome outcome;
    RETURN_IF_ERROR(matcher_->Finish(&outcome));
    return std::any_of(outcome.matches.begin(), outcome.matches.end(),
                       [rule](const match::RuleMatch& m) { return m.rule == rule; });
  }

 private:
  const match::Program& program_;
  std::unique_ptr<text::Normalizer> normalizer_;
  std::unique_ptr<match::Matcher> matcher_;
};

Surface FirstOf(SurfaceMask surfaces) {
  for (int s = 1; s < kSurfaceCount; ++s) {
    if (surfaces & MaskOf(static_cast<Surface>(s))) return static_cast<Surface>(s);
  }
  return Surface::kOrder;
}

}  // namespace

absl::StatusOr<RuleTestReport> RunRuleTests(const CompileResult& compiled,
                                            const std::string& only_rule) {
  if (compiled.pack == nullptr) {
    return absl::FailedPreconditionError("the rules have errors, so their tests cannot run");
  }
  RuleTestReport report;
  Scanner scanner(compiled.pack->program());
  bool found = only_rule.empty();
  for (uint32_t i = 0; i < compiled.rules.rules.size(); ++i) {
    const rules::Rule& rule = compiled.rules.rules[i];
    if (!only_rule.empty() && rule.id != only_rule) continue;
    found = true;
    const auto run = [&](const std::vector<rules::TestCase>& tests, bool expected,
                         bool todo) -> absl::Status {
      for (const rules::TestCase& test : tests) {
        const Surface surface =
            test.surface == Surface::kUnspecified ? FirstOf(rule.surfaces) : test.surface;
        ASSIGN_OR_RETURN(const bool matches, scanner.Matches(i, surface, test.text));
        const bool holds = matches == expected;
        if (holds && !todo) {
          ++report.passed;
        } else if (!holds && todo) {
          ++report.known_gaps;
        } else {
          report.failures.push_back({rule.id, test.where,
                                     todo       ? "holds now: move it out of the todo list"
                                     : expected ? "should match, but does not"
                                                : "should not match, but does",
                                     test.text});
        }
      }
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(run(rule.tests_match, true, false));
    RETURN_IF_ERROR(run(rule.tests_no_match, false, false));
    RETURN_IF_ERROR(run(rule.tests_todo_match, true, true));
    RETURN_IF_ERROR(run(rule.tests_todo_no_match, false, true));
  }
  if (!found) return absl::NotFoundError(StrCat("there is no rule ", only_rule));
  return report;
}

}  // namespace winnow::pack
