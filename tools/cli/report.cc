#include "tools/cli/report.h"

#include "engine/base/strings.h"
#include "tools/cli/command.h"
#include "tools/cli/json.h"
#include "tools/cli/verdict_json.h"
#include "tools/cli/verdict_text.h"

namespace winnow::cli {
namespace {

// Before each element of the JSON document but the first, where Write() drops it.
constexpr std::string_view kSeparator = ",\n";

}  // namespace

void Report::Begin() {
  if (format_ == Format::kJson) Print("[\n");
}

std::string Report::Verdict(std::string_view content, std::string_view id_json,
                            const v1::Verdict& verdict, std::optional<absl::Duration> took) {
  Count(DecisionOf(verdict));
  switch (format_) {
    case Format::kText:
      return VerdictReport(content, verdict, took, style_);
    case Format::kJson:
      return StrCat(kSeparator, Indented(VerdictLine(id_json, verdict)));
    case Format::kNdjson:
      break;
  }
  return StrCat(VerdictLine(id_json, verdict), "\n");
}

std::string Report::Failure(std::string_view content, std::string_view id_json, uint64_t line,
                            std::string_view code, std::string_view message) {
  ++failures_;
  switch (format_) {
    case Format::kText:
      return StrCat(style_.Bad("FAILED"), "  ", style_.Bold(Harmless(content)), "  ",
                    Harmless(message), "\n");
    case Format::kJson:
      return StrCat(kSeparator, Indented(ErrorLine(id_json, line, code, message)));
    case Format::kNdjson:
      break;
  }
  return StrCat(ErrorLine(id_json, line, code, message), "\n");
}

absl::Status Report::Unreadable(const std::string& path, const absl::Status& why) {
  const std::string_view message = ToStd(why.message());
  Complain(message);
  return Write(Failure(path, JsonString(path), 0, absl::StatusCodeToString(why.code()), message));
}

absl::Status Report::Write(std::string_view items) {
  if (items.empty()) return absl::OkStatus();
  if (format_ == Format::kJson && first_) items.remove_prefix(kSeparator.size());
  first_ = false;
  Print(items);
  return FlushOutput();
}

void Report::End() {
  if (format_ == Format::kJson) Print(first_ ? "]\n" : "\n]\n");
  if (format_ != Format::kText) return;
  uint64_t total = failures_;
  for (const auto& n : decisions_) total += n;
  if (total < 2) return;
  std::string sum = StrCat(total, " contents:");
  std::string_view comma = " ";
  for (const Decision d : {Decision::kBlock, Decision::kReview, Decision::kAllow}) {
    const uint64_t n = decisions_[static_cast<size_t>(d)];
    if (n > 0) StrAppend(&sum, std::exchange(comma, ", "), n, " ", style_.Of(d));
  }
  if (failures_ > 0) StrAppend(&sum, comma, failures_.load(), " ", style_.Bad("FAILED"));
  Print(StrCat(sum, "\n"));
}

int Report::ExitCode(bool ask_all_allowed) const {
  if (failures_ > 0) return kFailed;
  uint64_t total = 0;
  for (const auto& n : decisions_) total += n;
  const bool all_allowed = decisions_[static_cast<size_t>(Decision::kAllow)] == total;
  return ask_all_allowed && !all_allowed ? kFound : kOk;
}

}  // namespace winnow::cli
