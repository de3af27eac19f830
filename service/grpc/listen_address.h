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

// UNAVAILABLE with the reason why `address`, which CheckListenAddress() accepts, cannot be listened
// on now, found out by trying. Names the remedy.
absl::Status WhyNotBound(const std::string& address);

}  // namespace winnow::rpc
