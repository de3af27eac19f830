// winnow health, winnow pack active | reload: how a server is, and which rules it uses.
#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/strings.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/pack_text.h"
#include "tools/cli/remote.h"
#include "tools/cli/server_flags.h"
#include "tools/cli/verdict_json.h"

namespace winnow::cli {
namespace {

struct StateFlags {
  ServerFlags server;
  std::string service;
  std::string format = "text";
  bool allow_rollback = false;
  bool from_files = false;
  ActorFlags actor;
};

int ShowPack(const StateFlags& flags,
             const std::function<CallResult(Remote&, v1::ActivePack*)>& call) {
  int exit_code = kOk;
  const std::unique_ptr<Remote> server = Connect(flags.server, &exit_code);
  if (server == nullptr) return exit_code;
  v1::ActivePack pack;
  if (const CallResult result = call(*server, &pack); result.code() != 0) {
    return Fail(result, *server);
  }
  if (flags.format == "json") {
    Print(StrCat(Indented(ProtoJson(pack)), "\n"));
    return kOk;
  }
  const Style style(StandardOutput());
  const auto line = [&style](std::string_view key, std::string_view value) {
    Print(StrCat(style.Bold(key), std::string(15 - key.size(), ' '), Harmless(value), "\n"));
  };
  line("pack", pack.pack_revision());
  line("policy", pack.policy_revision());
  line("in use since",
       absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", absl::FromUnixSeconds(pack.load_time().seconds()),
                        absl::UTCTimeZone()));
  line("rules", StrCat(pack.rule_count()));
  line("patterns",
       StrCat(pack.term_count(), " terms, ", pack.regex_count(), " regular expressions"));
  if (pack.has_release()) {
    const v1::PackRelease& release = pack.release();
    line("released as",
         ReleaseText({.sequence = release.sequence(),
                      .issue_time = absl::FromUnixSeconds(release.issue_time().seconds()),
                      .expire_time = absl::FromUnixSeconds(release.expire_time().seconds()),
                      .signer_ids = {release.signer_ids().begin(), release.signer_ids().end()}}));
  }
  line("source digest", pack.source_digest());
  line("built by", StrCat("winnow ", pack.tool_version(), ", ", pack.engine(),
                          pack.recompiled() ? ", recompiled for the server's machine" : ""));
  return kOk;
}

int ShowHealth(const StateFlags& flags) {
  int exit_code = kOk;
  const std::unique_ptr<Remote> server = Connect(flags.server, &exit_code);
  if (server == nullptr) return exit_code;
  std::string answer;
  if (const CallResult result = server->Health(flags.service, &answer); result.code() != 0) {
    return Fail(result, *server);
  }
  Print(StrCat(answer, "\n"));
  return answer == "SERVING" ? kOk : kFound;
}

}  // namespace

void AddPackRemote(CLI::App& pack, int* exit_code) {
  auto flags = std::make_shared<StateFlags>();
  const auto add_flags = [&flags](CLI::App* command) {
    AddFormat(command, &flags->format);
    AddServerFlags(command, &flags->server, false);
  };
  CLI::App* active = pack.add_subcommand("active", "Say which pack and policy a server uses");
  active->footer("Example:\n  winnow pack active --server 127.0.0.1:50051\n");
  add_flags(active);
  active->callback([flags, exit_code] {
    *exit_code = ShowPack(
        *flags, [](Remote& server, v1::ActivePack* out) { return server.GetActivePack(out); });
  });

  CLI::App* reload = pack.add_subcommand("reload", "Have a server read its pack and policy again");
  reload->footer(
      "A pack or policy that is refused leaves those before in use. Once a pack was promoted only "
      "the\n"
      "policy is read, unless --from-files is given.\n\n"
      "Example:\n"
      "  winnow pack build -o /var/lib/winnow/rules.pack rules && winnow pack reload\n");
  reload->add_flag("--allow-rollback", flags->allow_rollback,
                   "Take an earlier release of a signed pack than the one last in use");
  reload->add_flag("--from-files", flags->from_files,
                   "Use the pack of the server's files again, where another was promoted");
  AddActorFlags(reload, &flags->actor);
  add_flags(reload);
  reload->callback([flags, exit_code] {
    v1::ReloadPackRequest request;
    request.set_allow_rollback(flags->allow_rollback);
    request.set_from_files(flags->from_files);
    *request.mutable_actor() = flags->actor.Read();
    *exit_code = ShowPack(*flags, [&request](Remote& server, v1::ActivePack* out) {
      return server.ReloadPack(request, out);
    });
  });
  AddPackArchive(pack, exit_code);
  AddPackRollout(pack, exit_code);
}

void AddHealth(CLI::App& app, int* exit_code) {
  auto flags = std::make_shared<StateFlags>();
  CLI::App* health = app.add_subcommand("health", "Ask a server whether it serves");
  health->footer(
      "Prints SERVING, or NOT_SERVING with exit code 1.\n\n"
      "Examples:\n"
      "  winnow health --server 127.0.0.1:50051\n"
      "  winnow health --service winnow.v1.CheckService\n");
  health->add_option("--service", flags->service, "One service; the whole server by default")
      ->type_name("NAME");
  AddServerFlags(health, &flags->server, false);
  health->callback([flags, exit_code] { *exit_code = ShowHealth(*flags); });
}

}  // namespace winnow::cli
