// Running the tests that rules carry.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/match/matcher.h"
#include "engine/pack/pack.h"

namespace winnow::pack {

// One test that was run.
struct RuleTestRun {
  size_t rule = 0;                        // its place in CompileResult::rules
  const rules::TestCase* test = nullptr;  // in CompileResult::rules
  Surface surface = Surface::kUnspecified;
  bool should_match = false;
  bool todo = false;
  bool held = false;                    // the rule did what the test says
  std::vector<match::RuleMatch> found;  // by the rule; positions in code points
  std::vector<uint32_t> others;         // other rules that matched the text
};

struct RuleTestFailure {
  std::string rule_id;
  rules::SourceRange where;  // of the test
  std::string message;       // "should match, but does not"
  std::string text;          // of the test
  size_t run = 0;            // its place in RuleTestReport::runs
};

struct RuleTestReport {
  size_t passed = 0;
  std::vector<RuleTestFailure> failures;  // in source order
  size_t known_gaps = 0;                  // todo_* tests that still do not hold, as expected
  std::vector<RuleTestRun> runs;          // every test, by rule; views the compiled result
};

// Runs every test of every rule (or of `only_rule`, if not empty) of a compiled pack. A todo_* test
// that holds is a failure: it belongs among the others now. NOT_FOUND: there is no such rule.
// FAILED_PRECONDITION: the result has no pack.
absl::StatusOr<RuleTestReport> RunRuleTests(const CompileResult& compiled,
                                            const std::string& only_rule = "");

}  // namespace winnow::pack
