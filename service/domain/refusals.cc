#include "service/domain/refusals.h"

#include <string>
#include <utility>

#include "engine/base/strings.h"

namespace winnow::domain {
namespace {

using absl::StatusCode;

// How long callers should wait before they try again. What is short of room has some again soon;
// what waits for an operator or another process takes longer.
constexpr absl::Duration kRetrySoon = absl::Milliseconds(200);
constexpr absl::Duration kRetryLater = absl::Seconds(1);

constexpr size_t kQuotedBytesMax = 64;

// What a caller sent, short enough for a message.
std::string Quoted(std::string_view s) {
  if (s.size() <= kQuotedBytesMax) return std::string(s);
  size_t end = kQuotedBytesMax;
  while (end > 0 && (static_cast<unsigned char>(s[end]) & 0xC0) == 0x80) --end;
  return StrCat(s.substr(0, end), "...");
}

ErrorDetail LimitDetail(std::string_view reason, std::string_view field,
                        std::string_view description, uint64_t limit, uint64_t actual) {
  ErrorDetail detail;
  detail.reason = std::string(reason);
  detail.metadata.emplace("field", field);
  detail.metadata.emplace("limit", std::to_string(limit));
  detail.metadata.emplace("actual", std::to_string(actual));
  detail.fields.push_back({std::string(field), std::string(description)});
  return detail;
}

absl::Status TooLarge(std::string_view reason, std::string_view field, std::string_view unit,
                      uint64_t limit, uint64_t actual, std::string_view remedy) {
  const std::string description =
      StrCat("has ", actual, " ", unit, ", the limit is ", limit, "; ", remedy);
  return MakeError(StatusCode::kInvalidArgument, StrCat(field, ": ", description),
                   LimitDetail(reason, field, description, limit, actual));
}

absl::Status Retryable(StatusCode code, std::string_view reason, std::string_view message,
                       absl::Duration retry_after) {
  ErrorDetail detail;
  detail.reason = std::string(reason);
  detail.retry_after = retry_after;
  return MakeError(code, message, std::move(detail));
}

absl::Status Plain(StatusCode code, std::string_view reason, std::string_view message) {
  ErrorDetail detail;
  detail.reason = std::string(reason);
  return MakeError(code, message, std::move(detail));
}

}  // namespace

absl::Status FieldOutOfRange(std::string_view field, uint64_t least, uint64_t most, uint64_t actual,
                             std::string_view unit) {
  std::string description;
  if (actual == 0 && least == 1) {
    description = StrCat("is required: at least 1 and at most ", most, " ", unit);
  } else if (actual < least) {
    description = StrCat("has ", actual, " ", unit, ", at least ", least, " are needed");
  } else {
    description = StrCat("has ", actual, " ", unit, ", the limit is ", most, "; shorten it");
  }
  return MakeError(
      StatusCode::kInvalidArgument, StrCat(field, ": ", description),
      LimitDetail("FIELD_INVALID", field, description, actual < least ? least : most, actual));
}

absl::Status TextTooLarge(std::string_view field, uint64_t limit, uint64_t actual,
                          std::string_view remedy) {
  return TooLarge("TEXT_TOO_LARGE", field, "bytes", limit, actual, remedy);
}

absl::Status BatchTooLarge(uint64_t limit, uint64_t actual) {
  return TooLarge("BATCH_TOO_LARGE", "requests", "items", limit, actual,
                  "send them in several batches");
}

absl::Status FileTooLarge(std::string_view field, uint64_t limit, uint64_t actual) {
  return TooLarge("FILE_TOO_LARGE", field, "bytes", limit, actual, "split the file");
}

absl::Status CharsetUnknown(std::string_view field, std::string_view charset) {
  const std::string quoted = Quoted(charset);
  ErrorDetail detail;
  detail.reason = "CHARSET_UNKNOWN";
  detail.metadata.emplace("field", field);
  detail.metadata.emplace("charset", quoted);
  const std::string description =
      StrCat("\"", quoted,
             "\" is no charset that is decoded here; use a name such as UTF-8, GB18030, Big5, "
             "UTF-16LE, Shift_JIS or windows-1252, or leave it empty");
  detail.fields.push_back({std::string(field), description});
  return MakeError(StatusCode::kInvalidArgument, StrCat(field, ": ", description),
                   std::move(detail));
}

absl::Status RequestIdReused(std::string_view field, std::string_view request_id) {
  ErrorDetail detail;
  detail.reason = "REQUEST_ID_REUSED";
  detail.request_id = std::string(request_id);
  detail.metadata.emplace("field", field);
  detail.metadata.emplace("request_id", request_id);
  const std::string description =
      StrCat(request_id,
             " was used for another request; use a new id for each request, and the "
             "same one only to repeat it unchanged");
  detail.fields.push_back({std::string(field), description});
  return MakeError(StatusCode::kInvalidArgument, StrCat(field, ": ", description),
                   std::move(detail));
}

absl::Status RequestInProgress(std::string_view request_id) {
  ErrorDetail detail;
  detail.reason = "REQUEST_IN_PROGRESS";
  detail.request_id = std::string(request_id);
  detail.metadata.emplace("request_id", request_id);
  detail.retry_after = kRetrySoon;
  return MakeError(StatusCode::kAborted,
                   StrCat("another call with request_id ", request_id,
                          " is running or ended without a verdict; repeat the call"),
                   std::move(detail));
}

absl::Status Overloaded() {
  return Retryable(StatusCode::kUnavailable, "OVERLOADED",
                   "as much work is in flight as the server takes; nothing was checked or stored; "
                   "try again after the delay",
                   kRetrySoon);
}

absl::Status Draining() {
  return Retryable(StatusCode::kUnavailable, "DRAINING",
                   "the server is shutting down; try again, on another server if there is one",
                   kRetryLater);
}

absl::Status NoPack() {
  return Retryable(StatusCode::kUnavailable, "NO_PACK",
                   "no rule pack is in use yet; try again after the delay", kRetryLater);
}

absl::Status DeadlineExceeded() {
  return Plain(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
               "the time allowed for the check ran out before it was done; nothing was stored; "
               "allow more time or send less");
}

absl::Status VerdictNotFound(std::string_view name) {
  ErrorDetail detail;
  detail.reason = "VERDICT_NOT_FOUND";
  detail.metadata.emplace("name", name);
  detail.resource_type = "winnow.v1.Verdict";
  detail.resource_name = std::string(name);
  return MakeError(StatusCode::kNotFound, StrCat("there is no verdict ", name), std::move(detail));
}

absl::Status StoreFailed(const absl::Status& status) {
  if (DetailOf(status).has_value()) return status;
  switch (status.code()) {
    case StatusCode::kDataLoss:
      return Plain(StatusCode::kDataLoss, "RECORD_DAMAGED", ToStd(status.message()));
    case StatusCode::kFailedPrecondition:
      return Plain(StatusCode::kFailedPrecondition, "RECORD_TOO_NEW", ToStd(status.message()));
    case StatusCode::kInvalidArgument:  // our own mistake: no retry will mend it
      return Plain(StatusCode::kInternal, "INTERNAL",
                   StrCat("the store refused a record: ", ToStd(status.message())));
    default:
      return Retryable(
          StatusCode::kUnavailable, "STORE_UNAVAILABLE",
          StrCat("the store cannot be used: ", ToStd(status.message()), "; try again later"),
          kRetryLater);
  }
}

absl::Status RecordDamaged(std::string_view what, std::string_view why) {
  return Plain(
      StatusCode::kDataLoss, "RECORD_DAMAGED",
      StrCat(what, " is damaged (", why, "); restore the store from a copy made before that"));
}

absl::Status RecordTooNew(std::string_view what, int version, int known) {
  ErrorDetail detail;
  detail.reason = "RECORD_TOO_NEW";
  detail.metadata.emplace("version", std::to_string(version));
  detail.metadata.emplace("known", std::to_string(known));
  return MakeError(
      StatusCode::kFailedPrecondition,
      StrCat(what, " has record version ", version,
             ", written by a later Winnow; this one reads up to ", known, "; run the later one"),
      std::move(detail));
}

}  // namespace winnow::domain
