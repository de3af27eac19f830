#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "google/rpc/error_details.pb.h"
#include "tools/cli/console.h"
#include "tools/cli/remote.h"

namespace winnow::cli {
namespace {

template <typename Detail>
bool Find(const CallResult& error, Detail* detail) {
  for (const google::protobuf::Any& any : error.details()) {
    if (any.Is<Detail>() && any.UnpackTo(detail)) return true;
  }
  return false;
}

// Details repeat what the message says for programs; people need to read it once.
bool Says(const std::string& message, const std::string& detail) {
  return message.find(detail) != std::string::npos;
}

// The message with its lines, and nothing else that a terminal would act on.
std::string Lines(const std::string& message) {
  std::string out;
  for (const absl::string_view line : absl::StrSplit(message, '\n')) {
    StrAppend(&out, out.empty() ? "" : "\n", Harmless(ToStd(line)));
  }
  return out;
}

// What to do about a refusal that does not say so itself.
std::string_view Remedy(std::string_view reason, int code) {
  static const std::map<std::string_view, std::string_view> kRemedies = {
      {"TEXT_TOO_LARGE", "divide the text, or send it as a file (`winnow check FILE`)"},
      {"BATCH_TOO_LARGE", "send fewer contents in one batch"},
      {"FILE_TOO_LARGE", "divide the file, or raise the server's limit"},
      {"CHARSET_UNKNOWN",
       "use a name such as UTF-8, GB18030 or Big5, or leave it out to have it found out"},
      {"REQUEST_ID_REUSED", "use a new request id for another request"},
      {"REQUEST_IN_PROGRESS", "send it again when the first has ended"},
      {"OVERLOADED", "send less at a time, or again later"},
      {"DRAINING", "the server is about to end: send it again, or to another"},
      {"NO_PACK", "give the server a pack and reload it (`winnow pack reload`)"},
      {"STORE_UNAVAILABLE", "look at the server's log and its disk"},
      {"RATE_LIMITED", "send more slowly"},
      {"VERDICT_NOT_FOUND", "`winnow verdicts list` shows those there are"},
      {"RECORD_DAMAGED", "look at the server's log, and restore the store from a backup"},
      {"PACK_TOO_NEW", "update the server, or build the pack with its version of winnow"},
      {"PACK_DAMAGED", "build or copy the pack again; the one before stays in use"},
      {"PACK_INVALID",
       "build the pack again with `winnow pack build`; the one before stays in use"},
      {"PACK_NOT_FOUND", "put the pack where the server is configured to find it"},
      {"PACK_UNSIGNED", "sign it: `winnow pack sign FILE --key KEY`"},
      {"PACK_KEY_UNKNOWN", "sign it with a key that the server trusts, or have it trust this one"},
      {"PACK_SIGNATURE_INVALID", "somebody changed the pack: build and sign it again"},
      {"PACK_NOT_YET_VALID", "set the clocks, or wait until its time"},
      {"PACK_EXPIRED", "sign it anew: `winnow pack sign FILE --key KEY`"},
      {"PACK_REVISION_NOT_FOUND", "`winnow pack list` shows those there are"},
      {"COMPARISON_NOT_FOUND", "make one the shadow: `winnow pack promote REVISION --to shadow`"},
      {"GATES_UNMET", "see `winnow pack comparison`; wait, or require less"},
      {"POLICY_INVALID", "correct the policy; the one before stays in use"},
  };
  if (const auto it = kRemedies.find(reason); it != kRemedies.end()) return it->second;
  switch (static_cast<absl::StatusCode>(code)) {
    case absl::StatusCode::kUnavailable:
      return "see that winnowd runs and --server (or WINNOW_SERVER) names its address";
    case absl::StatusCode::kDeadlineExceeded:
      return "allow more time with --timeout, or send it again";
    case absl::StatusCode::kUnimplemented:
      return "the server is older than this winnow, or is no winnowd";
    default:
      return "";
  }
}

}  // namespace

std::string CodeName(int code) {
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
}

std::string Explain(const CallResult& error, std::string_view address) {
  google::rpc::ErrorInfo info;
  Find(error, &info);
  std::string out = StrCat("server ", Harmless(address), ": ", CodeName(error.code()));
  if (!info.reason().empty() && info.reason() != CodeName(error.code())) {
    StrAppend(&out, " ", Harmless(info.reason()));
  }
  StrAppend(&out, ": ", Lines(error.message()));
  google::rpc::BadRequest bad;
  if (Find(error, &bad)) {
    for (const auto& violation : bad.field_violations()) {
      if (Says(error.message(), violation.description())) continue;
      StrAppend(&out, "\n  field ", Harmless(violation.field()), ": ",
                Harmless(violation.description()));
    }
  }
  const std::map<std::string, std::string> metadata(info.metadata().begin(), info.metadata().end());
  for (const auto& [key, value] : metadata) {
    if (Says(error.message(), value)) continue;
    StrAppend(&out, "\n  ", Harmless(key), ": ", Harmless(value));
  }
  google::rpc::ResourceInfo resource;
  if (Find(error, &resource) && !Says(error.message(), resource.resource_name())) {
    StrAppend(&out, "\n  ", Harmless(resource.resource_type()), ": ",
              Harmless(resource.resource_name()));
  }
  google::rpc::RetryInfo retry;
  if (Find(error, &retry)) {
    const absl::Duration delay = absl::Seconds(retry.retry_delay().seconds()) +
                                 absl::Nanoseconds(retry.retry_delay().nanos());
    StrAppend(&out, "\n  retry after: ", absl::FormatDuration(delay));
  }
  if (const std::string_view remedy = Remedy(info.reason(), error.code()); !remedy.empty()) {
    StrAppend(&out, "\n  remedy: ", remedy);
  }
  return out;
}

}  // namespace winnow::cli
