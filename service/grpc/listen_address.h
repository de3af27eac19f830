// Addresses to listen on: "host:port", "[ipv6]:port", "unix:/path".
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace winnow::rpc {

// INVALID_ARGUMENT, saying what an address looks like, for anything else.
absl::Status CheckListenAddress(std::string_view address);

bool IsUnixAddress(std::string_view address);

// Reachable from this machine only: a loopback address, "localhost" or a Unix socket.
bool IsLocalAddress(std::string_view address);

// OK when `address`, which CheckListenAddress() accepts, can be listened on now, found out by
// trying; else UNAVAILABLE with the reason and the remedy. A Unix socket that another process
// listens on cannot, though gRPC would take it away from that process.
absl::Status TryListen(const std::string& address);

}  // namespace winnow::rpc
