// Verdicts and request ids as stored bytes. docs/formats/records.md is the specification; this is
// its only implementation. Pure functions; any thread. Inside the room only.
//
// A record is a version byte and a protobuf message (proto/winnow/store/v1/records.proto). Whether
// its bytes are those that were written is the store's to check.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/domain/uuid.h"
#include "service/domain/verdict.h"

namespace winnow::domain {

inline constexpr int kRecordVersion = 1;

// `request_id` nullptr: none. Everything of `verdict` except tenant, id, create_time and the text
// form of the request id. Costs a few hundred nanoseconds for a clean verdict.
void EncodeVerdict(const Verdict& verdict, const Uuid* request_id, std::string* out);
// RECORD_TOO_NEW or RECORD_DAMAGED, naming the verdict, when the bytes are not what EncodeVerdict()
// of this version or an earlier one gave.
absl::StatusOr<Verdict> DecodeVerdict(std::string_view bytes, std::string_view tenant,
                                      const Uuid& id);

struct RequestRecord {
  std::string body_digest;
  Uuid verdict_id;
  absl::Time expire_time;
};
std::string EncodeRequest(const RequestRecord& record);
// As above, naming the request id.
absl::StatusOr<RequestRecord> DecodeRequest(std::string_view bytes, const Uuid& request_id);

}  // namespace winnow::domain
