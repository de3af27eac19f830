// The bundled rules and policy as they lie in the source tree, compiled once for all tests here.
#pragma once

#include <memory>
#include <string>

#include "engine/checker.h"
#include "engine/pack/pack.h"
#include "engine/policy/policy.h"

namespace winnow::test {

struct Bundle {
  pack::CompileResult compiled;  // `pack` is null when the rules have errors
  policy::Policy::ParseResult policy;
  std::string diagnostics;  // of both, rendered; empty when there are none
};

// Never fails: what is wrong is in `diagnostics`. Thread safe.
const Bundle& BundledRules();

// A checker over both. The process ends, with the diagnostics, when there are errors.
const Checker& BundledChecker();

// "ALLOW", or the decision with each finding's rule and matched text: what a failed test prints.
std::string Describe(const CheckResult& result);

}  // namespace winnow::test
