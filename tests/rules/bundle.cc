#include "tests/rules/bundle.h"

#include <filesystem>

#include "absl/strings/ascii.h"
#include "engine/base/strings.h"
#include "engine/pack/lint.h"
#include "tests/support/golden.h"

namespace winnow::test {
namespace {

Bundle Compile() {
  const std::filesystem::path rules = std::filesystem::path(WINNOW_SOURCE_DIR) / "rules";
  Bundle bundle;
  auto sources = pack::ReadRuleFiles({rules.string()});
  if (!sources.ok()) {
    bundle.diagnostics = std::string(ToStd(sources.status().message()));
    return bundle;
  }
  bundle.compiled = pack::CompilePack(*std::move(sources), {});
  pack::AddLints(&bundle.compiled);
  const rules::SourceFile policy{"policy.yaml", ReadFileOrFail(rules / "policy.yaml")};
  bundle.policy = policy::Policy::Parse(policy);
  if (!bundle.compiled.diagnostics.empty()) {
    bundle.diagnostics +=
        rules::Render(bundle.compiled.diagnostics, bundle.compiled.sources, false);
  }
  if (!bundle.policy.diagnostics.empty()) {
    bundle.diagnostics += rules::Render(bundle.policy.diagnostics, {policy}, false);
  }
  return bundle;
}

}  // namespace

const Bundle& BundledRules() {
  static const Bundle* const bundle = new Bundle(Compile());
  return *bundle;
}

const Checker& BundledChecker() {
  static const Checker* const checker = [] {
    const Bundle& bundle = BundledRules();
    if (bundle.compiled.pack == nullptr || bundle.policy.policy == nullptr) {
      ADD_FAILURE() << bundle.diagnostics;
      std::abort();
    }
    return new Checker(bundle.compiled.pack, bundle.policy.policy);
  }();
  return *checker;
}

std::string Describe(const CheckResult& result) {
  std::string out = absl::AsciiStrToUpper(ToAbsl(Name(result.decision)));
  for (const Finding& f : result.findings) {
    StrAppend(&out, "\n  ", f.rule_id, ": ",
              f.excerpt.substr(f.excerpt_begin, f.excerpt_end - f.excerpt_begin));
  }
  for (const Shortfall& s : result.shortfalls) StrAppend(&out, "\n  ", Name(s.reason), " ", s.part);
  return out;
}

}  // namespace winnow::test
