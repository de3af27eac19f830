// A stored record: a version byte and a protobuf message, as docs/formats/records.md has it. Pure
// functions; any thread. Inside the room only.
#pragma once

#include <google/protobuf/message_lite.h>

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace winnow::domain {

inline constexpr int kRecordVersion = 1;

void SerializeRecord(const google::protobuf::MessageLite& message, std::string* out,
                     int version = kRecordVersion);

// The bytes behind the version, which is at most `known`: else RECORD_TOO_NEW or RECORD_DAMAGED;
// `what` names the record.
absl::StatusOr<std::string_view> MessageOf(std::string_view bytes,
                                           absl::FunctionRef<std::string()> what,
                                           int known = kRecordVersion);
absl::Status ParseRecord(std::string_view bytes, std::string_view what,
                         google::protobuf::MessageLite* out, int known = kRecordVersion);

}  // namespace winnow::domain
