// winnow pack push | list | download: the archive of a server.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/strings.h"
#include "engine/base/write_file.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/input.h"
#include "tools/cli/pack_text.h"
#include "tools/cli/remote.h"
#include "tools/cli/server_flags.h"
#include "tools/cli/verdict_json.h"

namespace winnow::cli {
namespace {

struct ArchiveFlags {
  ServerFlags server;
  ActorFlags actor;
  std::string file, name, output, pack;
  std::string format = "text";
  std::string page_token;
  int page_size = 0;
  bool all = false, history = false, allow_rollback = false;
};

std::string_view KindText(v1::PackAction::Kind kind) {
  switch (kind) {
    case v1::PackAction::KIND_UPLOADED:
      return "pushed";
    case v1::PackAction::KIND_FILES_READ:
      return "files read";
    case v1::PackAction::KIND_PROMOTED:
      return "promoted";
    case v1::PackAction::KIND_ROLLED_BACK:
      return "rolled back";
    case v1::PackAction::KIND_CLEARED:
      return "ended";
    default:
      return "?";
  }
}

int Push(const ArchiveFlags& flags) {
  int exit_code = kOk;
  const std::unique_ptr<Remote> server = Connect(flags.server, &exit_code);
  if (server == nullptr) return exit_code;
  absl::StatusOr<Input> file = Input::Open(flags.file);
  if (!file.ok()) return Fail(file.status());
  v1::UploadPackRequest::Header header;
  header.set_allow_rollback(flags.allow_rollback);
  *header.mutable_actor() = flags.actor.Read();
  v1::PackRevision revision;
  const absl::StatusOr<CallResult> result = server->UploadPack(header, &*file, &revision);
  if (!result.ok()) return Fail(result.status());
  if (result->code() != 0) return Fail(*result, *server);
  if (flags.format == "json") {
    Print(StrCat(Indented(ProtoJson(revision)), "\n"));
    return kOk;
  }
  Print(StrCat(Harmless(revision.name()), ": in the archive, ", revision.rule_count(), " rules, ",
               revision.file_bytes(), " bytes\n"));
  return kOk;
}

std::string ReleaseColumn(const v1::PackRevision& revision) {
  return revision.has_release() ? StrCat(revision.release().sequence()) : "unsigned";
}

std::string ChannelsColumn(const v1::PackRevision& revision) {
  std::string text;
  for (const int channel : revision.channels()) {
    StrAppend(&text, text.empty() ? "" : ", ", ChannelText(static_cast<v1::Channel>(channel)));
  }
  return text;
}

// One page from where the flags say, or with --all that and all behind it.
template <typename Request, typename Response>
CallResult ListPages(const ArchiveFlags& flags, Remote& server, Request request,
                     CallResult (Remote::*list)(const Request&, Response*), Response* all) {
  request.set_page_size(flags.page_size);
  request.set_page_token(flags.page_token);
  do {
    Response page;
    if (CallResult result = (server.*list)(request, &page); result.code() != 0) return result;
    request.set_page_token(page.next_page_token());
    all->MergeFrom(page);
    all->set_next_page_token(page.next_page_token());
  } while (flags.all && !request.page_token().empty());
  return {};
}

void PrintTable(const Table& table, const Style& style, const Terminal& terminal,
                std::string_view next_page_token) {
  Print(table.Print(style, terminal.width));
  if (!next_page_token.empty()) {
    Print(StrCat("there are more: --all, or --page-token ", Harmless(next_page_token), "\n"));
  }
}

int ListHistory(const ArchiveFlags& flags, Remote& server) {
  v1::ListPackActionsResponse all;
  if (const CallResult result =
          ListPages(flags, server, v1::ListPackActionsRequest(), &Remote::ListPackActions, &all);
      result.code() != 0) {
    return Fail(result, server);
  }
  if (flags.format == "json") {
    Print(StrCat(Indented(ProtoJson(all)), "\n"));
    return kOk;
  }
  const Terminal terminal = StandardOutput();
  const Style style(terminal);
  Table table({"WHEN (UTC)", "WHAT", "REVISION", "WHO", "WHY"}, 4);
  for (const v1::PackAction& action : all.actions()) {
    std::string what(KindText(action.kind()));
    if (action.channel() != v1::CHANNEL_UNSPECIFIED) {
      StrAppend(&what, ", ", ChannelText(action.channel()));
    }
    if (action.canary_percent() > 0) StrAppend(&what, " ", PercentText(action.canary_percent()));
    table.Add({UtcText(action.time()), what,
               Harmless(action.pack_revision().empty() ? action.previous_revision()
                                                       : action.pack_revision()),
               Harmless(action.actor().name()), Harmless(action.actor().reason())});
  }
  PrintTable(table, style, terminal, all.next_page_token());
  return kOk;
}

int List(const ArchiveFlags& flags) {
  int exit_code = kOk;
  const std::unique_ptr<Remote> server = Connect(flags.server, &exit_code);
  if (server == nullptr) return exit_code;
  if (flags.history) return ListHistory(flags, *server);
  v1::ListPackRevisionsRequest request;
  if (!flags.pack.empty()) request.set_parent(StrCat("packs/", flags.pack));
  v1::ListPackRevisionsResponse all;
  if (const CallResult result =
          ListPages(flags, *server, request, &Remote::ListPackRevisions, &all);
      result.code() != 0) {
    return Fail(result, *server);
  }
  if (flags.format == "json") {
    Print(StrCat(Indented(ProtoJson(all)), "\n"));
    return kOk;
  }
  if (all.revisions_size() == 0) {
    Print("no packs\n");
    return kOk;
  }
  const Terminal terminal = StandardOutput();
  const Style style(terminal);
  Table table({"SINCE (UTC)", "CHANNELS", "RELEASE", "RULES", "REVISION", "WHO"}, 5);
  for (const v1::PackRevision& revision : all.revisions()) {
    table.Add({UtcText(revision.create_time()), ChannelsColumn(revision), ReleaseColumn(revision),
               StrCat(revision.rule_count()), Harmless(revision.name()),
               Harmless(revision.actor().name())});
  }
  PrintTable(table, style, terminal, all.next_page_token());
  return kOk;
}

int Download(const ArchiveFlags& flags) {
  int exit_code = kOk;
  const std::unique_ptr<Remote> server = Connect(flags.server, &exit_code);
  if (server == nullptr) return exit_code;
  v1::DownloadPackRequest request;
  request.set_name(PackRevisionName(flags.name));
  std::string bytes;
  if (const CallResult result = server->DownloadPack(request, &bytes); result.code() != 0) {
    return Fail(result, *server);
  }
  if (const absl::Status written = WriteFileWhole(flags.output, bytes); !written.ok()) {
    return Fail(flags.output, written);
  }
  Print(StrCat(Harmless(flags.output), ": ", Harmless(request.name()), ", ", bytes.size(),
               " bytes\n"));
  return kOk;
}

}  // namespace

void AddPackArchive(CLI::App& pack, int* exit_code) {
  auto flags = std::make_shared<ArchiveFlags>();

  CLI::App* push = pack.add_subcommand("push", "Put a pack into a server's archive");
  push->footer(
      "It is judged as one that comes into use: signed by a key that the server trusts, not "
      "expired,\n"
      "no earlier release than the archive knows. It comes into use by `winnow pack promote`.\n\n"
      "Example:\n"
      "  winnow pack push new.pack --reason 'ticket 1234: new card terms'\n");
  push->add_option("FILE", flags->file, "The pack")->type_name("")->required();
  push->add_flag("--allow-rollback", flags->allow_rollback,
                 "Take an earlier release than the archive knows, or one with a number in use");
  AddActorFlags(push, &flags->actor);
  AddFormat(push, &flags->format);
  AddServerFlags(push, &flags->server, false);
  push->callback([flags, exit_code] { *exit_code = Push(*flags); });

  CLI::App* list = pack.add_subcommand("list", "List the packs of a server's archive");
  list->footer(
      "The newest first, with the channels they are in. --history lists instead who did what to\n"
      "them, when and why.\n\n"
      "Examples:\n"
      "  winnow pack list --pack bundled\n"
      "  winnow pack list --history --all --format json\n");
  list->add_option("--pack", flags->pack, "Only those of the pack of this name")->type_name("NAME");
  list->add_flag("--history", flags->history, "List the actions instead");
  list->add_option("--page-size", flags->page_size, "At most this many a page; 0: the server's 50")
      ->type_name("N")
      ->check(CLI::Range(0, 1000).description(""))
      ->capture_default_str();
  list->add_option("--page-token", flags->page_token, "The page to begin with, as told by the last")
      ->type_name("TOKEN");
  list->add_flag("--all", flags->all, "All pages, not just one");
  AddFormat(list, &flags->format);
  AddServerFlags(list, &flags->server, false);
  list->callback([flags, exit_code] { *exit_code = List(*flags); });

  CLI::App* download = pack.add_subcommand("download", "Get a pack's file from a server's archive");
  download->footer(
      "Example:\n"
      "  winnow pack download bundled/0123456789ab -o old.pack && winnow pack inspect old.pack\n");
  download->add_option("REVISION", flags->name, "packs/PACK/revisions/REVISION, or PACK/REVISION")
      ->type_name("")
      ->required();
  download->add_option("-o,--output", flags->output, "The file to write")
      ->type_name("FILE")
      ->required();
  AddServerFlags(download, &flags->server, false);
  download->callback([flags, exit_code] { *exit_code = Download(*flags); });
}

}  // namespace winnow::cli
