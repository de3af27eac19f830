// winnow samples: sends sample orders and files with known answers to a server, and shows what it
// says.
#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/rules/taxonomy.h"
#include "engine/text/charset.h"
#include "proto/result_printer.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/input.h"
#include "tools/cli/json.h"
#include "tools/cli/remote.h"
#include "tools/cli/server_flags.h"
#include "tools/cli/verdict_text.h"

namespace winnow::cli {
namespace {

struct SamplesFlags {
  ServerFlags server;
  std::string dir;
};

// A content, or a file when `path` is given, and the decision it should get.
struct Sample {
  std::string id;
  std::string path, charset;
  Surface surface = Surface::kUnspecified;
  std::vector<std::pair<std::string, std::string>> fields;
  Decision expect = Decision::kUnspecified;
};

absl::StatusOr<Sample> ReadSample(JsonReader* in, std::string_view where) {
  Sample sample;
  std::string buffer;
  std::string_view key;
  std::string_view value;
  const auto wrong = [&](std::string_view what) {
    return absl::InvalidArgumentError(StrCat(where, ": ", what));
  };
  if (in->BeginObject()) {
    while (in->NextMember(&key)) {
      if (key == "fields") {
        if (!in->BeginObject()) break;
        while (in->NextMember(&key)) {
          std::string name(key);
          if (!in->ReadString(&buffer, &value)) break;
          sample.fields.emplace_back(std::move(name), std::string(value));
        }
        continue;
      }
      const std::string member(key);
      if (member != "id" && member != "path" && member != "charset" && member != "surface" &&
          member != "expect") {
        in->SkipValue();
        continue;
      }
      if (!in->ReadString(&buffer, &value)) break;
      if (member == "id") {
        sample.id = std::string(value);
      } else if (member == "path") {
        sample.path = std::string(value);
      } else if (member == "charset") {
        sample.charset = std::string(value);
      } else if (member == "surface") {
        const auto surface = ParseSurface(value);
        if (!surface) return wrong(StrCat("unknown surface \"", Harmless(value), "\""));
        sample.surface = *surface;
      } else {
        const auto expect = ParseDecision(absl::AsciiStrToLower(ToAbsl(value)));
        if (!expect) return wrong(StrCat("expect \"", Harmless(value), "\" is no decision"));
        sample.expect = *expect;
      }
    }
  }
  if (!in->ok()) return wrong(StrCat("column ", in->column(), ": ", in->error()));
  if (sample.expect == Decision::kUnspecified) return wrong("member \"expect\" is missing");
  if (sample.id.empty()) sample.id = sample.path;
  if (sample.id.empty()) return wrong("member \"id\" or \"path\" is missing");
  if (sample.path.empty() && sample.fields.empty()) return wrong("member \"fields\" is missing");
  return sample;
}

constexpr size_t kSampleBytesMax = 64 << 20;

absl::Status ReadOrders(const std::string& path, std::vector<Sample>* samples) {
  ASSIGN_OR_RETURN(const std::string text, ReadWhole(path, kSampleBytesMax));
  std::string_view rest = text;
  for (size_t number = 1; !rest.empty(); ++number) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string where = StrCat(Harmless(path), ", line ", number);
    JsonReader in(line);
    ASSIGN_OR_RETURN(Sample sample, ReadSample(&in, where));
    if (!in.End()) return absl::InvalidArgumentError(StrCat(where, ": ", in.error()));
    samples->push_back(std::move(sample));
  }
  return absl::OkStatus();
}

absl::Status ReadFileList(const std::string& path, std::vector<Sample>* samples) {
  ASSIGN_OR_RETURN(const std::string text, ReadWhole(path, kSampleBytesMax));
  JsonReader in(text);
  if (in.BeginArray()) {
    for (size_t number = 1; in.NextElement(); ++number) {
      ASSIGN_OR_RETURN(Sample sample, ReadSample(&in, StrCat(Harmless(path), ", entry ", number)));
      if (sample.path.empty()) {
        return absl::InvalidArgumentError(
            StrCat(Harmless(path), ", entry ", number, ": member \"path\" is missing"));
      }
      samples->push_back(std::move(sample));
    }
  }
  if (in.End()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      StrCat(Harmless(path), ": byte ", in.column(), ": ", in.error()));
}

absl::StatusOr<std::vector<Sample>> ReadSamples(const std::string& dir) {
  std::vector<Sample> samples;
  RETURN_IF_ERROR(ReadOrders(dir + "/orders.jsonl", &samples));
  RETURN_IF_ERROR(ReadFileList(dir + "/files.json", &samples));
  if (samples.empty()) {
    return absl::InvalidArgumentError(StrCat("there are no samples in ", Harmless(dir)));
  }
  return samples;
}

CallResult SendOrder(const Sample& sample, const SamplesFlags& flags, Remote* server,
                     v1::Verdict* verdict) {
  v1::CheckContentRequest request;
  request.set_parent(flags.server.Parent());
  request.set_include_excerpts(true);
  v1::Content* content = request.mutable_content();
  content->set_content_id(sample.id);
  content->set_surface(
      api::ToProto(sample.surface == Surface::kUnspecified ? Surface::kOrder : sample.surface));
  for (const auto& [key, value] : sample.fields) {
    v1::TextField* field = content->add_fields();
    field->set_key(key);
    if (text::ValidUtf8(value)) {
      field->set_text(value);
    } else {
      field->set_raw(value);
    }
  }
  return server->CheckContent(request, verdict);
}

absl::StatusOr<CallResult> SendFile(const Sample& sample, const SamplesFlags& flags, Remote* server,
                                    v1::Verdict* verdict) {
  ASSIGN_OR_RETURN(Input input, Input::Open(flags.dir + "/" + sample.path));
  v1::CheckFileRequest::Header header;
  header.set_parent(flags.server.Parent());
  header.set_content_id(sample.id);
  header.set_file_name(sample.path);
  header.set_charset(sample.charset);
  header.set_surface(api::ToProto(sample.surface));
  header.set_include_excerpts(true);
  return server->CheckFile(header, &input, verdict);
}

// Rows of one sample: the first with its decision and time, one for each finding.
void AddRows(const Sample& sample, const v1::Verdict& verdict, absl::Duration took,
             const Style& style, Table* table) {
  const Decision decision = DecisionOf(verdict);
  std::string decided = style.Of(decision);
  if (decision != sample.expect) {
    StrAppend(&decided,
              style.Bad(StrCat(" not ", absl::AsciiStrToUpper(ToAbsl(Name(sample.expect))))));
  }
  std::vector<std::string> row{
      style.Bold(Harmless(sample.id)), decided, "", "", "", DurationText(took)};
  bool first = true;
  const auto add = [&](std::string category, std::string rule, std::string match) {
    if (!std::exchange(first, false)) row = {"", "", "", "", "", ""};
    row[2] = std::move(category);
    row[3] = std::move(rule);
    row[4] = std::move(match);
    table->Add(row);
  };
  for (const v1::Shortfall& shortfall : verdict.shortfalls()) add("", "", ShortfallText(shortfall));
  for (const v1::Finding& finding : verdict.findings()) {
    const std::string undone = EvasionsText(finding);
    add(CategoryText(finding.category(), finding.label()), Harmless(finding.rule_id()),
        StrCat(MatchText(finding, style), undone.empty() ? "" : StrCat(" (", undone, ")")));
  }
  if (first) table->Add(row);
}

int Samples(const SamplesFlags& flags) {
  const auto samples = ReadSamples(flags.dir);
  if (!samples.ok()) return Fail(samples.status());
  int exit_code = kOk;
  const std::unique_ptr<Remote> server = Connect(flags.server, &exit_code);
  if (server == nullptr) return exit_code;
  const Terminal terminal = StandardOutput();
  const Style style(terminal);
  Table table({"CONTENT", "DECISION", "CATEGORY", "RULE", "MATCH IN CONTEXT", "TIME"}, 4);
  size_t failed = 0;
  size_t unexpected = 0;
  for (const Sample& sample : *samples) {
    const auto start = std::chrono::steady_clock::now();
    v1::Verdict verdict;
    absl::StatusOr<CallResult> result = sample.path.empty()
                                            ? SendOrder(sample, flags, server.get(), &verdict)
                                            : SendFile(sample, flags, server.get(), &verdict);
    const absl::Duration took = absl::FromChrono(std::chrono::steady_clock::now() - start);
    if (result.ok() && result->code() == 0) {
      AddRows(sample, verdict, took, style, &table);
      if (DecisionOf(verdict) != sample.expect) ++unexpected;
      continue;
    }
    ++failed;
    table.Add({style.Bold(Harmless(sample.id)), style.Bad("FAILED"), "", "", "", ""});
    Complain(StrCat(Harmless(sample.id), ": ",
                    result.ok() ? Explain(*result, server->address())
                                : std::string(ToStd(result.status().message()))));
  }
  Print(table.Print(style, terminal.width));
  Print(StrCat("\n", samples->size(), " samples, ", samples->size() - failed - unexpected,
               " as expected",
               unexpected > 0 ? style.Bad(StrCat(", ", unexpected, " not as expected")) : "",
               failed > 0 ? style.Bad(StrCat(", ", failed, " failed")) : "", "\n"));
  if (failed > 0) return kFailed;
  return unexpected > 0 ? kFound : kOk;
}

}  // namespace

void AddSamples(CLI::App& app, int* exit_code) {
  auto flags = std::make_shared<SamplesFlags>();
  CLI::App* samples =
      app.add_subcommand("samples", "Send samples with known answers to a server; a table");
  samples->footer(
      "DIR holds orders.jsonl, lines of\n"
      "  {\"id\": \"order-1\", \"surface\": \"order\", \"fields\": {\"note\": \"...\"}, "
      "\"expect\": \"BLOCK\"}\n"
      "and files.json, an array of\n"
      "  {\"path\": \"notes.txt\", \"charset\": \"gb18030\", \"expect\": \"ALLOW\"}\n"
      "with paths inside DIR. Exit code 1 when a decision is not the expected one.\n"
      "\n"
      "Example:\n"
      "  winnow samples tests/data/samples --server 127.0.0.1:50051\n");
  samples->add_option("DIR", flags->dir, "Folder of the samples")->type_name("")->required();
  AddServerFlags(samples, &flags->server, true);
  samples->callback([flags, exit_code] { *exit_code = Samples(*flags); });
}

}  // namespace winnow::cli
