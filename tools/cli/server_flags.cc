#include "tools/cli/server_flags.h"

#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "engine/base/strings.h"
#include "tools/cli/command.h"

namespace winnow::cli {

void AddServerFlags(CLI::App* command, ServerFlags* flags, bool tenant) {
  command->add_option("--server", flags->remote.address, "The server: host:port or unix:/path")
      ->type_name("ADDRESS")
      ->envname("WINNOW_SERVER")
      ->capture_default_str();
  if (tenant) {
    command->add_option("--tenant", flags->tenant, "The organisation that the contents belong to")
        ->type_name("NAME")
        ->envname("WINNOW_TENANT")
        ->capture_default_str();
  }
  command->add_option("--timeout", flags->timeout_s, "Seconds that one call may take")
      ->type_name("S")
      ->check(CLI::Range(0.001, 86400.0).description(""))
      ->capture_default_str();
  command->add_flag("--tls", flags->remote.tls, "Speak TLS, trusting the system's authorities");
  command
      ->add_option("--ca", flags->remote.ca, "Speak TLS, trusting the authorities of this PEM file")
      ->type_name("FILE");
  command->add_option("--cert", flags->remote.cert, "Own certificate, a PEM file, for mutual TLS")
      ->type_name("FILE");
  command->add_option("--key", flags->remote.key, "Key of --cert, a PEM file")->type_name("FILE");
}

v1::Actor ActorFlags::Read() const {
  v1::Actor actor;
  actor.set_reason(reason);
  if (!name.empty()) {
    actor.set_name(name);
    return actor;
  }
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  const passwd* const user = getpwuid(getuid());
  actor.set_name(
      StrCat(user != nullptr ? std::string(user->pw_name) : StrCat(getuid()), "@", host));
  return actor;
}

void AddActorFlags(CLI::App* command, ActorFlags* flags) {
  command->add_option("--reason", flags->reason, "Why, for the server's record")->type_name("TEXT");
  command
      ->add_option("--as", flags->name,
                   "Who, for the server's record; your name and the machine's by default")
      ->type_name("NAME");
}

std::unique_ptr<Remote> Connect(const ServerFlags& flags, int* exit_code) {
  RemoteOptions options = flags.remote;
  options.timeout = absl::Seconds(flags.timeout_s);
  absl::StatusOr<std::unique_ptr<Remote>> server = Remote::Create(options);
  if (server.ok()) return *std::move(server);
  *exit_code = Fail(server.status());
  if (absl::IsInvalidArgument(server.status())) *exit_code = kUsage;
  return nullptr;
}

std::optional<v1::Verdict> GetVerdict(const ServerFlags& flags, const std::string& name,
                                      Remote& server, int* exit_code) {
  v1::GetVerdictRequest request;
  request.set_name(name.find('/') == name.npos ? StrCat(flags.Parent(), "/verdicts/", name) : name);
  v1::Verdict verdict;
  if (const CallResult result = server.GetVerdict(request, &verdict); result.code() != 0) {
    *exit_code = Fail(result, server);
    return std::nullopt;
  }
  return verdict;
}

int Fail(const CallResult& error, const Remote& server) {
  Complain(Explain(error, server.address()));
  return kFailed;
}

}  // namespace winnow::cli
