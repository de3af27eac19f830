#include "service/access_log.h"

#include <algorithm>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "engine/base/strings.h"

namespace winnow {
namespace {

bool IsHexOrDash(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
}

bool AllHexOrDash(std::string_view s) { return std::all_of(s.begin(), s.end(), IsHexOrDash); }

// The trace id within a W3C traceparent "00-<32 hex>-<16 hex>-<2 hex>"; empty if it is none.
std::string_view TraceId(std::string_view trace_parent) {
  if (trace_parent.size() != 55 || !AllHexOrDash(trace_parent) || trace_parent[2] != '-' ||
      trace_parent[35] != '-' || trace_parent[52] != '-') {
    return {};
  }
  return trace_parent.substr(3, 32);
}

}  // namespace

rpc::LogHook MakeAccessLog(system::Logger* logger, AccessLog which) {
  if (which == AccessLog::kNone) return {};
  return [logger, which](const rpc::CallRecord& call) {
    const bool ok = call.code == absl::StatusCode::kOk;
    if (ok && which == AccessLog::kFailed) return;
    const std::string code = absl::StatusCodeToString(call.code);
    absl::InlinedVector<system::LogPair, 9> pairs = {{"method", call.method},
                                                     {"code", code},
                                                     {"duration_ms", call.duration},
                                                     {"items", call.items},
                                                     {"peer", call.peer}};
    if (!call.tenant.empty()) pairs.push_back({"tenant", call.tenant});
    if (!ok) pairs.push_back({"reason", call.reason});
    if (call.request_id.size() == 36 && AllHexOrDash(call.request_id)) {
      pairs.push_back({"request_id", call.request_id});
    }
    if (const std::string_view trace_id = TraceId(call.trace_parent); !trace_id.empty()) {
      pairs.push_back({"trace_id", trace_id});
    }
    logger->Log(system::LogLevel::kInfo, "call", pairs);
  };
}

}  // namespace winnow
