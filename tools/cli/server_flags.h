// The flags of every command that talks to a server.
#pragma once

#include <memory>
#include <string>

#include "tools/cli/remote.h"

namespace CLI {
class App;
}

namespace winnow::cli {

struct ServerFlags {
  RemoteOptions remote;
  double timeout_s = 30;
  std::string tenant = "default";

  std::string Parent() const { return "tenants/" + tenant; }
};

// `flags` must outlive `command`. With `tenant`, --tenant as well.
void AddServerFlags(CLI::App* command, ServerFlags* flags, bool tenant);

// The server that the flags name. Complains and gives null when they contradict each other or name
// files that cannot be read; `*exit_code` then says how to end.
std::unique_ptr<Remote> Connect(const ServerFlags& flags, int* exit_code);

// Complains about a call that failed. Returns kFailed.
int Fail(const CallResult& error, const Remote& server);

}  // namespace winnow::cli
