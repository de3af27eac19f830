// Statuses as callers see them: google.rpc.Status with ErrorInfo always, and whatever else helps to
// repair or retry the call.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace grpc {
class ServerContextBase;
}

namespace winnow::rpc {

// For an item of a batch or stream. A status without domain detail gets an ErrorInfo whose reason
// is the name of its code. Long messages and values are clipped on a character border, so that a
// status always fits the 8 KiB of metadata a client accepts. Must not be called with an OK status.
google::rpc::Status PrintStatus(const absl::Status& status);

// For a whole call: the same, serialised as the details of a grpc::Status. Adds the trailing
// metadata "grpc-retry-pushback-ms" to `context` when the status says when to retry. OK gives OK.
grpc::Status PrintStatus(const absl::Status& status, grpc::ServerContextBase* context);

// The reason that ErrorInfo carries; empty for OK.
std::string ReasonOf(const absl::Status& status);

}  // namespace winnow::rpc
