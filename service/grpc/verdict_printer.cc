#include "service/grpc/verdict_printer.h"

#include "proto/result_printer.h"

namespace winnow::rpc {

void PrintTime(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  out->set_seconds(seconds);
  out->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

void PrintVerdict(const domain::Verdict& verdict, v1::Verdict* out) {
  api::PrintResult(verdict.result, out);
  out->set_name(domain::NameOf(verdict));
  // A stored verdict is never changed, so that every one is in its first state.
  if (!out->name().empty()) out->set_etag("\"1\"");
  PrintTime(verdict.create_time, out->mutable_create_time());
  const domain::ContentRef& content = verdict.content;
  out->set_content_id(content.content_id);
  out->set_account_id(content.account_id);
  out->set_surface(api::ToProto(content.surface));
  out->set_client_token(verdict.client_token);
  out->set_request_id(verdict.request_id);
  absl::Duration rest;
  out->mutable_check_duration()->set_seconds(
      absl::IDivDuration(verdict.check_duration, absl::Seconds(1), &rest));
  out->mutable_check_duration()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  for (const auto& [key, value] : content.labels) (*out->mutable_labels())[key] = value;
  out->set_region(content.region);
  if (content.content_time) PrintTime(*content.content_time, out->mutable_content_time());
  out->set_content_sha256(verdict.content_sha256);
}

}  // namespace winnow::rpc
