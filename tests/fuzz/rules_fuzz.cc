// Any bytes as a rule file, as a list and as a policy: all come back with diagnostics that can be
// rendered, and a policy without errors decides.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/policy/policy.h"
#include "engine/rules/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using winnow::policy::Policy;
  const winnow::rules::SourceFile source{"fuzz.yaml", {reinterpret_cast<const char*>(data), size}};
  const winnow::rules::ParseResult rules = winnow::rules::ParseRules({source});
  Render(rules.diagnostics, {source}, false);
  // And as a list that a rule names.
  std::vector<winnow::rules::SourceFile> with_list = {
      {"rule.yaml",
       "- {id: rumors.x, category: rumors, severity: low, action: review, match: {list: l.txt}, "
       "reason: {en: e, zh: z}, tests: {match: [a], no_match: [b]}}"},
      {"l.txt", source.text, winnow::rules::SourceFile::Kind::kList}};
  const winnow::rules::ParseResult list = winnow::rules::ParseRules(with_list);
  Render(list.diagnostics, with_list, false);
  if (list.rules.rules.empty() && !HasErrors(list.diagnostics)) std::abort();
  const Policy::ParseResult parsed = Policy::Parse(source);
  Render(parsed.diagnostics, {source}, true);
  if ((parsed.policy == nullptr) != HasErrors(parsed.diagnostics)) std::abort();
  if (parsed.policy != nullptr) {
    for (int c = 0; c < winnow::kCategoryCount; ++c) {
      const auto category = static_cast<winnow::Category>(c);
      const winnow::Decision decision = parsed.policy->Decide(
          {category, "gambling", winnow::Severity::kHigh, winnow::Decision::kBlock},
          {winnow::Surface::kOrder, "mainland", "shop"});
      if (decision == winnow::Decision::kUnspecified) std::abort();
    }
  }
  return 0;
}
