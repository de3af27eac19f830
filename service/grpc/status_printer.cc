#include "service/grpc/status_printer.h"

#include <grpcpp/server_context.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "engine/base/strings.h"
#include "google/rpc/error_details.pb.h"
#include "service/domain/error.h"

namespace winnow::rpc {
namespace {

using domain::ErrorDetail;

constexpr char kDomain[] = "winnow";
// Together at most about 4 KiB, which base64 and percent-encoding blow up to less than 7.
constexpr size_t kMessageBytesMax = 512;
constexpr size_t kMetadataMax = 8;
constexpr size_t kMetadataKeyBytesMax = 48;
constexpr size_t kMetadataValueBytesMax = 128;
constexpr size_t kRequestIdBytesMax = 36;  // a UUID
constexpr size_t kViolationsMax = 4;
constexpr size_t kViolationFieldBytesMax = 80;
constexpr size_t kViolationBytesMax = 256;

std::string Clip(std::string_view s, size_t bytes_max) {
  if (s.size() <= bytes_max) return std::string(s);
  constexpr std::string_view kEllipsis = "\u2026";
  size_t end = bytes_max - kEllipsis.size();
  while (end > 0 && (static_cast<unsigned char>(s[end]) & 0xC0) == 0x80) --end;
  return StrCat(s.substr(0, end), kEllipsis);
}

google::protobuf::Duration ToProto(absl::Duration d) {
  google::protobuf::Duration out;
  absl::Duration rest;
  out.set_seconds(absl::IDivDuration(d, absl::Seconds(1), &rest));
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return out;
}

std::string ReasonOf(const absl::Status& status, const std::optional<ErrorDetail>& detail) {
  if (detail && !detail->reason.empty()) return detail->reason;
  return absl::StatusCodeToString(status.code());
}

google::rpc::Status Print(const absl::Status& status, const std::optional<ErrorDetail>& detail) {
  google::rpc::Status out;
  out.set_code(static_cast<int>(status.code()));
  out.set_message(Clip(ToStd(status.message()), kMessageBytesMax));
  google::rpc::ErrorInfo info;
  info.set_domain(kDomain);
  info.set_reason(ReasonOf(status, detail));
  if (!detail) {
    out.add_details()->PackFrom(info);
    return out;
  }
  for (const auto& [key, value] : detail->metadata) {
    if (info.metadata().size() == kMetadataMax) break;
    (*info.mutable_metadata())[Clip(key, kMetadataKeyBytesMax)] =
        Clip(value, kMetadataValueBytesMax);
  }
  out.add_details()->PackFrom(info);
  if (!detail->fields.empty()) {
    google::rpc::BadRequest bad;
    for (const ErrorDetail::FieldViolation& violation : detail->fields) {
      if (bad.field_violations_size() == static_cast<int>(kViolationsMax)) break;
      google::rpc::BadRequest::FieldViolation* v = bad.add_field_violations();
      v->set_field(Clip(violation.field, kViolationFieldBytesMax));
      v->set_description(Clip(violation.description, kViolationBytesMax));
    }
    out.add_details()->PackFrom(bad);
  }
  if (!detail->resource_type.empty()) {
    google::rpc::ResourceInfo resource;
    resource.set_resource_type(detail->resource_type);
    resource.set_resource_name(Clip(detail->resource_name, kViolationBytesMax));
    resource.set_description(Clip(ToStd(status.message()), kViolationBytesMax));
    out.add_details()->PackFrom(resource);
  }
  if (!detail->request_id.empty()) {
    google::rpc::RequestInfo request;
    request.set_request_id(Clip(detail->request_id, kRequestIdBytesMax));
    out.add_details()->PackFrom(request);
  }
  if (detail->retry_after) {
    google::rpc::RetryInfo retry;
    *retry.mutable_retry_delay() = ToProto(*detail->retry_after);
    out.add_details()->PackFrom(retry);
  }
  return out;
}

}  // namespace

google::rpc::Status PrintStatus(const absl::Status& status) {
  return Print(status, domain::DetailOf(status));
}

grpc::Status PrintStatus(const absl::Status& status, grpc::ServerContextBase* context) {
  if (status.ok()) return grpc::Status::OK;
  const std::optional<ErrorDetail> detail = domain::DetailOf(status);
  google::rpc::Status printed = Print(status, detail);
  if (detail && detail->retry_after) {
    context->AddTrailingMetadata(
        "grpc-retry-pushback-ms",
        absl::StrCat(std::max<int64_t>(0, absl::ToInt64Milliseconds(*detail->retry_after))));
  }
  return {static_cast<grpc::StatusCode>(printed.code()), printed.message(),
          printed.SerializeAsString()};
}

std::string ReasonOf(const absl::Status& status) {
  return status.ok() ? std::string() : ReasonOf(status, domain::DetailOf(status));
}

}  // namespace winnow::rpc
