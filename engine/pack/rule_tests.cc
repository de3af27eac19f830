#include "engine/pack/rule_tests.h"

#include <utility>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/pack/text_scan.h"

namespace winnow::pack {

absl::StatusOr<RuleTestReport> RunRuleTests(const CompileResult& compiled,
                                            const std::string& only_rule) {
  if (compiled.pack == nullptr) {
    return absl::FailedPreconditionError("the rules have errors, so their tests cannot run");
  }
  RuleTestReport report;
  TextScanner scanner(compiled.pack->program());
  bool found = only_rule.empty();
  for (uint32_t i = 0; i < compiled.rules.rules.size(); ++i) {
    const rules::Rule& rule = compiled.rules.rules[i];
    if (!only_rule.empty() && rule.id != only_rule) continue;
    found = true;
    const auto run_all = [&](const std::vector<rules::TestCase>& tests, bool expected,
                             bool todo) -> absl::Status {
      for (const rules::TestCase& test : tests) {
        const Surface surface =
            test.surface == Surface::kUnspecified ? FirstOf(rule.surfaces) : test.surface;
        ASSIGN_OR_RETURN(match::ScanOutcome outcome, scanner.Scan(test.text, surface));
        RuleTestRun run;
        run.rule = i;
        run.test = &test;
        run.surface = surface;
        run.should_match = expected;
        run.todo = todo;
        for (match::RuleMatch& found : outcome.matches) {
          if (found.rule == i) run.found.push_back(std::move(found));
        }
        for (const auto& other : outcome.rules) {
          if (other.rule != i) run.others.push_back(other.rule);
        }
        const bool holds = !run.found.empty() == expected;
        run.held = holds;
        report.runs.push_back(std::move(run));
        if (holds && !todo) {
          ++report.passed;
        } else if (!holds && todo) {
          ++report.known_gaps;
        } else {
          report.failures.push_back({rule.id, test.where,
                                     todo       ? "holds now: move it out of the todo list"
                                     : expected ? "should match, but does not"
                                                : "should not match, but does",
                                     test.text, report.runs.size() - 1});
        }
      }
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(run_all(rule.tests_match, true, false));
    RETURN_IF_ERROR(run_all(rule.tests_no_match, false, false));
    RETURN_IF_ERROR(run_all(rule.tests_todo_match, true, true));
    RETURN_IF_ERROR(run_all(rule.tests_todo_no_match, false, true));
  }
  if (!found) return absl::NotFoundError(StrCat("there is no rule ", only_rule));
  return report;
}

}  // namespace winnow::pack
