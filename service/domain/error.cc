#include "service/domain/error.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/cord.h"
#include "engine/base/strings.h"

namespace winnow::domain {
namespace {

constexpr char kPayload[] = "winnow/error_detail";

// The payload never leaves the process, so its form is free: lengths and numbers in the machine's
// own byte order.
class Writer {
 public:
  void Number(int64_t n) { bytes_.append(reinterpret_cast<const char*>(&n), sizeof(n)); }
  void Text(std::string_view s) {
    Number(static_cast<int64_t>(s.size()));
    bytes_.append(s);
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  int64_t Number() {
    int64_t n;
    std::memcpy(&n, rest_.data(), sizeof(n));
    rest_.remove_prefix(sizeof(n));
    return n;
  }
  std::string Text() {
    const auto size = static_cast<size_t>(Number());
    std::string s(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return s;
  }

 private:
  std::string_view rest_;
};

}  // namespace

absl::Status MakeError(absl::StatusCode code, std::string_view message, ErrorDetail detail) {
  Writer out;
  out.Text(detail.reason);
  out.Text(detail.resource_type);
  out.Text(detail.resource_name);
  out.Text(detail.request_id);
  out.Number(detail.retry_after.has_value());
  out.Number(detail.retry_after ? absl::ToInt64Nanoseconds(*detail.retry_after) : 0);
  out.Number(static_cast<int64_t>(detail.metadata.size()));
  for (const auto& [key, value] : detail.metadata) {
    out.Text(key);
    out.Text(value);
  }
  out.Number(static_cast<int64_t>(detail.fields.size()));
  for (const ErrorDetail::FieldViolation& violation : detail.fields) {
    out.Text(violation.field);
    out.Text(violation.description);
  }
  absl::Status status(code, ToAbsl(message));
  status.SetPayload(kPayload, absl::Cord(out.Take()));
  return status;
}

absl::Status FieldInvalid(std::string_view field, std::string_view description) {
  ErrorDetail detail;
  detail.reason = "FIELD_INVALID";
  detail.metadata.emplace("field", field);
  detail.fields.push_back({std::string(field), std::string(description)});
  return MakeError(absl::StatusCode::kInvalidArgument, StrCat(field, ": ", description),
                   std::move(detail));
}

std::optional<ErrorDetail> DetailOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPayload);
  if (!payload) return std::nullopt;
  const std::string bytes(*payload);
  Reader in(bytes);
  ErrorDetail detail;
  detail.reason = in.Text();
  detail.resource_type = in.Text();
  detail.resource_name = in.Text();
  detail.request_id = in.Text();
  const bool has_retry = in.Number() != 0;
  const int64_t retry_ns = in.Number();
  if (has_retry) detail.retry_after = absl::Nanoseconds(retry_ns);
  for (int64_t n = in.Number(); n > 0; --n) {
    std::string key = in.Text();
    detail.metadata.emplace(std::move(key), in.Text());
  }
  for (int64_t n = in.Number(); n > 0; --n) {
    std::string field = in.Text();
    detail.fields.push_back({std::move(field), in.Text()});
  }
  return detail;
}

}  // namespace winnow::domain
