// API messages as the domain's requests. What the messages alone tell is checked here: a missing
// oneof, a value outside its type. Limits and meanings are the domain's. Refusals are FIELD_INVALID
// with the path of the field.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "service/domain/checks.h"
#include "winnow/v1/check_service.pb.h"

namespace winnow::rpc {

// The result views into `request`, which must live until the check is done. `parent` is the name of
// the tenant; `path` stands before the fields in refusals, e.g. "requests[3].". Deadline,
// `cancelled` and `keep_alive` are left to the caller.
absl::StatusOr<domain::ContentCheck> ParseContentCheck(const v1::CheckContentRequest& request,
                                                       std::string_view parent,
                                                       std::string_view path);

// As above.
absl::StatusOr<domain::ContentCheck> ParseScan(const v1::ScanTextRequest& request);

// Copies everything.
absl::StatusOr<domain::FileHeader> ParseFileHeader(const v1::CheckFileRequest::Header& header);

}  // namespace winnow::rpc
