// winnow verdicts get | list: reading back what a server stored.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "engine/base/strings.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/json.h"
#include "tools/cli/remote.h"
#include "tools/cli/server_flags.h"
#include "tools/cli/verdict_json.h"
#include "tools/cli/verdict_text.h"

namespace winnow::cli {
namespace {

struct VerdictsFlags {
  ServerFlags server;
  std::string name;
  std::string filter;
  int page_size = 0;
  std::string page_token;
  bool all = false;
  std::string format = "text";
};

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S",
                          absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos()),
                          absl::UTCTimeZone());
}

int Get(const VerdictsFlags& flags) {
  int exit_code = kOk;
  const std::unique_ptr<Remote> server = Connect(flags.server, &exit_code);
  if (server == nullptr) return exit_code;
  const std::optional<v1::Verdict> got = GetVerdict(flags.server, flags.name, *server, &exit_code);
  if (!got) return exit_code;
  const v1::Verdict& verdict = *got;
  if (flags.format != "text") {
    std::string json;
    AppendVerdict(verdict, &json);
    Print(StrCat(flags.format == "json" ? Indented(json) : json, "\n"));
    return kOk;
  }
  const Style style(StandardOutput());
  Print(VerdictReport(verdict.content_id(), verdict, std::nullopt, style));
  const auto line = [&style](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    Print(StrCat("  ", style.Dim(key), std::string(12 - key.size(), ' '), Harmless(value), "\n"));
  };
  line("name", verdict.name());
  line("made", StrCat(TimeText(verdict.create_time()), " UTC"));
  line("surface", SurfaceText(verdict.surface()));
  line("region", verdict.region());
  line("account", verdict.account_id());
  line("request id", verdict.request_id());
  line("pack", verdict.pack_revision());
  line("policy", verdict.policy_revision());
  line("sha256", verdict.content_sha256());
  return kOk;
}

std::string CategoriesText(const v1::Verdict& verdict) {
  std::string text;
  for (const v1::CategoryResult& c : verdict.categories()) {
    StrAppend(&text, text.empty() ? "" : ", ", CategoryText(c.category(), c.label()));
  }
  return text;
}

// One page, in the format asked for. `first` is false for the pages after the first.
void PrintPage(const v1::ListVerdictsResponse& page, const VerdictsFlags& flags, bool first) {
  if (flags.format == "ndjson") {
    std::string lines;
    for (const v1::Verdict& verdict : page.verdicts()) {
      AppendVerdict(verdict, &lines);
      lines.push_back('\n');
    }
    Print(lines);
    return;
  }
  const Terminal terminal = StandardOutput();
  const Style style(terminal);
  if (page.verdicts_size() == 0) {
    if (first) Print("no verdicts\n");
    return;
  }
  Table table({"MADE (UTC)", "DECISION", "CONTENT", "CATEGORIES", "NAME"}, 3);
  for (const v1::Verdict& verdict : page.verdicts()) {
    table.Add({TimeText(verdict.create_time()), style.Of(DecisionOf(verdict)),
               Harmless(verdict.content_id()), CategoriesText(verdict), Harmless(verdict.name())});
  }
  Print(table.Print(style, terminal.width));
}

// The response's proto3 JSON.
std::string ListJson(const v1::ListVerdictsResponse& response) {
  std::string json = R"({"verdicts":[)";
  for (int i = 0; i < response.verdicts_size(); ++i) {
    if (i > 0) json.push_back(',');
    AppendVerdict(response.verdicts(i), &json);
  }
  json.append("],\"nextPageToken\":");
  AppendJsonString(response.next_page_token(), &json);
  json.push_back('}');
  return json;
}

int List(const VerdictsFlags& flags) {
  int exit_code = kOk;
  const std::unique_ptr<Remote> server = Connect(flags.server, &exit_code);
  if (server == nullptr) return exit_code;
  v1::ListVerdictsRequest request;
  request.set_parent(flags.server.Parent());
  request.set_filter(flags.filter);
  request.set_page_size(flags.page_size);
  request.set_page_token(flags.page_token);
  v1::ListVerdictsResponse all;  // of --format json, which is one document
  bool first = true;
  do {
    v1::ListVerdictsResponse page;
    if (const CallResult result = server->ListVerdicts(request, &page); result.code() != 0) {
      return Fail(result, *server);
    }
    request.set_page_token(page.next_page_token());
    if (flags.format == "json") {
      all.MergeFrom(page);
    } else {
      PrintPage(page, flags, first);
    }
    first = false;
  } while (flags.all && !request.page_token().empty());
  all.set_next_page_token(request.page_token());
  if (flags.format == "json") {
    Print(StrCat(Indented(ListJson(all)), "\n"));
  } else if (flags.format == "text" && !request.page_token().empty()) {
    Print(StrCat("there are more: --all, or --page-token ", Harmless(request.page_token()), "\n"));
  }
  return kOk;
}

}  // namespace

void AddVerdicts(CLI::App& app, int* exit_code) {
  CLI::App* verdicts = app.add_subcommand("verdicts", "Read the verdicts that a server stored");
  verdicts->require_subcommand(1);
  auto flags = std::make_shared<VerdictsFlags>();
  const auto add_format = [&flags](CLI::App* command, const std::string& about) {
    command->add_option("--format", flags->format, about)
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json", "ndjson"}).description(""))
        ->capture_default_str();
  };

  CLI::App* get = verdicts->add_subcommand("get", "Show one verdict");
  get->footer(
      "Examples:\n"
      "  winnow verdicts get tenants/acme/verdicts/019ab0c1-7c1e-7f00-8000-000000000001\n"
      "  winnow verdicts get --tenant acme 019ab0c1-7c1e-7f00-8000-000000000001 --format json\n");
  get->add_option("NAME", flags->name, "tenants/TENANT/verdicts/ID, or the ID alone")
      ->type_name("")
      ->required();
  add_format(get, "text (for people), json or ndjson (on one line)");
  AddServerFlags(get, &flags->server, true);
  get->callback([flags, exit_code] { *exit_code = Get(*flags); });

  CLI::App* list = verdicts->add_subcommand("list", "List verdicts, the newest first");
  list->footer(
      "A filter joins comparisons by AND: content_id, account_id, decision, surface (= and !=),\n"
      "category: (has), create_time (<, <=, >, >=); NOT or - before one turns it round.\n"
      "\n"
      "Examples:\n"
      "  winnow verdicts list --filter 'decision = BLOCK'\n"
      "  winnow verdicts list --filter 'content_id = \"order-7\"' --all --format ndjson\n"
      "  winnow verdicts list --filter 'create_time >= \"2026-01-01T00:00:00Z\"'\n");
  list->add_option("--filter", flags->filter, "Which ones; all by default")->type_name("FILTER");
  list->add_option("--page-size", flags->page_size, "At most this many a page; 0: the server's 50")
      ->type_name("N")
      ->check(CLI::Range(0, 1000).description(""))
      ->capture_default_str();
  list->add_option("--page-token", flags->page_token, "The page to begin with, as told by the last")
      ->type_name("TOKEN");
  list->add_flag("--all", flags->all, "All pages, not just one");
  add_format(list, "text (a table), json (one document) or ndjson (one verdict a line)");
  AddServerFlags(list, &flags->server, true);
  list->callback([flags, exit_code] { *exit_code = List(*flags); });
  AddVerdictsReplay(*verdicts, exit_code);
}

}  // namespace winnow::cli
