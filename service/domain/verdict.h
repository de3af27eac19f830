// The verdict as the domain knows it: what was checked, what came out, who asked.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "engine/checker.h"
#include "engine/rules/taxonomy.h"

namespace winnow::domain {

// The caller's account of a content, without its text.
struct ContentRef {
  std::string content_id;
  std::string account_id;
  Surface surface = Surface::kUnspecified;
  std::string region;
  std::string language_hint;
  std::optional<absl::Time> content_time;
  std::map<std::string, std::string> labels;
  std::string file_name;  // files only
};

struct Verdict {
  std::string tenant;
  std::string id;  // UUIDv7; empty when not stored
  absl::Time create_time;
  ContentRef content;
  CheckResult result;
  std::string client_token;
  std::string request_id;
  std::string content_sha256;  // files only
  absl::Duration check_duration;
};

// Whether somebody may have to act on it. As a store promises, such a verdict is durable before it
// is given.
inline bool IsFlagged(const CheckResult& result) {
  return result.decision != Decision::kAllow || result.completeness != Completeness::kComplete;
}

// "tenants/{tenant}/verdicts/{id}"; empty for a verdict that was not stored.
std::string NameOf(const Verdict& verdict);

}  // namespace winnow::domain
