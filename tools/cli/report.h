// What `scan` and `check` print, in whichever format was asked for, and what they end with.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tools/cli/console.h"
#include "winnow/v1/types.pb.h"

namespace winnow::cli {

enum class Format { kText, kJson, kNdjson };

// Verdict and Failure may be called from any thread, the others from one at a time.
class Report {
 public:
  Report(Format format, const Terminal& terminal) : format_(format), style_(terminal) {}

  Format format() const { return format_; }
  const Style& style() const { return style_; }

  void Begin();
  // Each gives one content's text, for Write(), and counts it. `content` is what people call it.
  std::string Verdict(std::string_view content, std::string_view id_json,
                      const v1::Verdict& verdict, std::optional<absl::Duration> took);
  std::string Failure(std::string_view content, std::string_view id_json, uint64_t line,
                      std::string_view code, std::string_view message);
  // Complains about a file that cannot be checked, and prints and counts it as a failure.
  absl::Status Unreadable(const std::string& path, const absl::Status& why);
  // Counts a content that was printed by other means.
  void Count(Decision decision) { ++decisions_[static_cast<size_t>(decision)]; }
  // Prints contents' texts, one after the other. UNAVAILABLE when output fails.
  absl::Status Write(std::string_view items);
  // Ends the document; in text, sums up more than one content.
  void End();

  // kFailed when a content could not be checked; else kFound when `ask_all_allowed` and one is not
  // allowed; else kOk.
  int ExitCode(bool ask_all_allowed) const;

 private:
  const Format format_;
  const Style style_;
  bool first_ = true;
  std::array<std::atomic<uint64_t>, 4> decisions_{};
  std::atomic<uint64_t> failures_{0};
};

}  // namespace winnow::cli
