// From findings to a decision, by a policy the operator writes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "engine/rules/diagnostics.h"
#include "engine/rules/taxonomy.h"

namespace winnow::policy {

// What a decision depends on besides the findings.
struct Context {
  Surface surface = Surface::kUnspecified;
  std::string_view
      region;  // the caller's region of service, e.g. "mainland", "overseas"; may be empty
  std::string_view tenant;
};

// One finding as the policy sees it.
struct Ask {
  Category category = Category::kUnspecified;
  std::string_view label;
  Severity severity = Severity::kUnspecified;
  Decision action = Decision::kUnspecified;  // what the rule alone asks for
};

// An immutable, versioned decision policy. Thread safe.
class Policy {
 public:
  struct ParseResult {
    std::shared_ptr<const Policy> policy;  // null with errors
    std::vector<rules::Diagnostic> diagnostics;
  };
  // Format: docs/policy.md and rules/schema/policy.schema.json.
  static ParseResult Parse(const rules::SourceFile& source);
  virtual ~Policy() = default;

  // "policies/{id}/revisions/{first 12 hex digits of the source's SHA-256}".
  virtual const std::string& revision() const = 0;

  // The decision one finding leads to: the first entry of the policy that fits, else what the rule
  // asks for. Never more lenient than the entry says, never kUnspecified.
  virtual Decision Decide(const Ask& ask, const Context& context) const = 0;

  // The least decision for a content that could not be checked completely. kReview by default.
  virtual Decision OnIncomplete(const Context& context) const = 0;
};

}  // namespace winnow::policy
