// Refusals with everything a caller needs to repair or retry them, carried inside absl::Status as a
// payload so that ordinary status plumbing works. service/grpc prints them as google.rpc details.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace winnow::domain {

struct ErrorDetail {
  std::string reason;  // UPPER_SNAKE, as the proto files list them
  std::map<std::string, std::string>
      metadata;  // every dynamic part of the message, e.g. limit, actual
  struct FieldViolation {
    std::string field;        // path in the request: "content.fields[0].text"
    std::string description;  // limit and remedy
  };
  std::vector<FieldViolation> fields;
  std::string resource_type, resource_name;  // for NOT_FOUND
  std::string request_id;                    // where the request id is what went wrong
  std::optional<absl::Duration> retry_after;
};

// A status with `detail`; message in English, naming field, limit and remedy.
absl::Status MakeError(absl::StatusCode code, std::string_view message, ErrorDetail detail);

// INVALID_ARGUMENT, FIELD_INVALID, one violation.
absl::Status FieldInvalid(std::string_view field, std::string_view description);

// UNAVAILABLE, OVERLOADED, with a retry delay.
absl::Status Overloaded();

// nullopt when the status was not made by MakeError().
std::optional<ErrorDetail> DetailOf(const absl::Status& status);

}  // namespace winnow::domain
