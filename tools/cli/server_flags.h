// The flags of every command that talks to a server.
#pragma once

#include <memory>
#include <optional>
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

// Who acts upon a server, and why: for its record.
struct ActorFlags {
  std::string name, reason;

  // Without --as: the user's name and the machine's.
  v1::Actor Read() const;
};
// `flags` must outlive `command`.
void AddActorFlags(CLI::App* command, ActorFlags* flags);

// The server that the flags name. Complains and gives null when they contradict each other or name
// files that cannot be read; `*exit_code` then says how to end.
std::unique_ptr<Remote> Connect(const ServerFlags& flags, int* exit_code);

// The verdict of this name, or of this id alone. Complains and gives nullopt when the call fails;
// `*exit_code` then says how to end.
std::optional<v1::Verdict> GetVerdict(const ServerFlags& flags, const std::string& name,
                                      Remote& server, int* exit_code);

// Complains about a call that failed. Returns kFailed.
int Fail(const CallResult& error, const Remote& server);

}  // namespace winnow::cli
