// winnow check: the same contents as `scan`, checked and stored by a server.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/text/charset.h"
#include "proto/result_printer.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/content_flags.h"
#include "tools/cli/input.h"
#include "tools/cli/json.h"
#include "tools/cli/lines.h"
#include "tools/cli/record.h"
#include "tools/cli/remote.h"
#include "tools/cli/report.h"
#include "tools/cli/server_flags.h"

namespace winnow::cli {
namespace {

struct CheckFlags {
  ContentFlags content;
  ServerFlags server;
  std::string text;
  bool has_text = false;
  std::string content_id;
  std::string account_id;
  std::string request_id;
  bool stream = false;
};

absl::Duration CheckDuration(const v1::Verdict& verdict) {
  return absl::Seconds(verdict.check_duration().seconds()) +
         absl::Nanoseconds(verdict.check_duration().nanos());
}

class RemoteChecker {
 public:
  RemoteChecker(const CheckFlags& flags, Remote* server, Report* report)
      : flags_(flags), server_(*server), report_(*report) {}

  absl::Status CheckText() {
    v1::CheckContentRequest request = NewRequest();
    request.mutable_content()->set_content_id(flags_.content_id.empty() ? "text"
                                                                        : flags_.content_id);
    request.set_request_id(flags_.request_id);
    SetText(flags_.text, text::ValidUtf8(flags_.text), request.mutable_content());
    const std::string id = request.content().content_id();
    const auto start = std::chrono::steady_clock::now();
    v1::Verdict verdict;
    const CallResult result = server_.CheckContent(request, &verdict);
    return ReportOne(id, result, verdict, start);
  }

  absl::Status CheckFile(const std::string& path) {
    const auto start = std::chrono::steady_clock::now();
    absl::StatusOr<Input> input = Input::Open(path);
    if (!input.ok()) return report_.Unreadable(path, input.status());
    v1::CheckFileRequest::Header header;
    header.set_parent(flags_.server.Parent());
    header.set_content_id(flags_.content_id.empty() ? path : flags_.content_id);
    header.set_account_id(flags_.account_id);
    header.set_file_name(path);
    header.set_charset(flags_.content.charset);
    header.set_region(flags_.content.region);
    header.set_request_id(flags_.request_id);
    header.set_offset_unit(api::ToProto(flags_.content.OffsetUnit()));
    header.set_include_excerpts(flags_.content.Excerpts());
    header.set_surface(api::ToProto(flags_.content.SurfaceValue()));
    v1::Verdict verdict;
    const absl::StatusOr<CallResult> result = server_.CheckFile(header, &*input, &verdict);
    if (!result.ok()) return report_.Unreadable(path, result.status());
    return ReportOne(path, *result, verdict, start);
  }

  absl::Status CheckLines(const std::string& path) {
    absl::StatusOr<Input> input = Input::Open(path);
    if (!input.ok()) return report_.Unreadable(path, input.status());
    input_name_ = input->name();
    LineOptions options;
    // Enough under way that the server is not kept waiting for us.
    options.threads = 4;
    options.lines_max = 500;  // a batch holds at most 1,000
    options.line_bytes_max = kLineBytesMax;
    absl::Status written;
    const absl::Status status = ProcessLines(
        &*input, options, [this](const LineChunk& chunk) { return CheckChunk(chunk); },
        [this, &written](const ChunkOutput& output) {
          written = report_.Write(output.out);
          std::fwrite(output.err.data(), 1, output.err.size(), stderr);
          return written;
        });
    RETURN_IF_ERROR(written);
    return status.ok() ? status : report_.Unreadable(path, status);
  }

 private:
  // A line of a chunk on its way to its verdict.
  struct Line {
    uint64_t number = 0;
    std::string id_json, id;
    std::string refusal;  // why it was not sent, if it was not
    size_t request = 0;   // else which request it is
  };
  struct Answer {
    bool has_verdict = false;
    v1::Verdict verdict;
    CallResult error;
  };

  v1::CheckContentRequest NewRequest() const {
    v1::CheckContentRequest request;
    request.set_parent(flags_.server.Parent());
    request.set_offset_unit(api::ToProto(flags_.content.OffsetUnit()));
    request.set_include_excerpts(flags_.content.Excerpts());
    v1::Content* content = request.mutable_content();
    const Surface surface = flags_.content.SurfaceValue();
    content->set_surface(
        api::ToProto(surface == Surface::kUnspecified ? Surface::kMessage : surface));
    content->set_region(flags_.content.region);
    content->set_account_id(flags_.account_id);
    return request;
  }

  static void SetText(std::string_view text, bool valid, v1::Content* content) {
    v1::TextField* field = content->add_fields();
    field->set_key("text");
    if (valid) {
      field->set_text(std::string(text));
    } else {
      field->set_raw(std::string(text));
      field->set_charset("UTF-8");
    }
  }

  absl::Status ReportOne(const std::string& id, const CallResult& result,
                         const v1::Verdict& verdict, std::chrono::steady_clock::time_point start) {
    if (result.code() == 0) {
      return report_.Write(report_.Verdict(
          id, JsonString(id), verdict, absl::FromChrono(std::chrono::steady_clock::now() - start)));
    }
    Complain(StrCat(Harmless(id), ": ", Explain(result, server_.address())));
    return report_.Write(
        report_.Failure(id, JsonString(id), 0, CodeName(result.code()), result.message()));
  }

  ChunkOutput CheckChunk(const LineChunk& chunk) {
    std::vector<Line> lines;
    std::vector<v1::CheckContentRequest> requests;
    if (chunk.overlong) {
      lines.push_back({chunk.first_line, "null", "",
                       StrCat("the line is longer than ", kLineBytesMax,
                              " bytes; check such a text as a file of its own"),
                       0});
    }
    RecordReader record;
    ForEachLine(chunk, [&](std::string_view line, uint64_t number) {
      const bool good = record.Parse(line);
      lines.push_back({number, std::string(record.id_json()), std::string(record.id()),
                       good ? std::string() : record.error(), requests.size()});
      if (!good) return;
      v1::CheckContentRequest request = NewRequest();
      request.mutable_content()->set_content_id(lines.back().id);
      SetText(record.text(), record.text_valid(), request.mutable_content());
      requests.push_back(std::move(request));
    });
    std::vector<Answer> answers(requests.size());
    if (!requests.empty()) flags_.stream ? Stream(&requests, &answers) : Batch(&requests, &answers);
    ChunkOutput output;
    for (const Line& line : lines) {
      if (!line.refusal.empty()) {
        Refuse(line, "INVALID_ARGUMENT", line.refusal, Harmless(line.refusal), &output);
        continue;
      }
      const Answer& answer = answers[line.request];
      if (answer.has_verdict) {
        StrAppend(&output.out, report_.Verdict(line.id, line.id_json, answer.verdict,
                                               CheckDuration(answer.verdict)));
      } else {
        Refuse(line, CodeName(answer.error.code()), answer.error.message(),
               Explain(answer.error, server_.address()), &output);
      }
    }
    return output;
  }

  void Batch(std::vector<v1::CheckContentRequest>* requests, std::vector<Answer>* answers) {
    v1::BatchCheckContentsRequest batch;
    batch.set_parent(flags_.server.Parent());
    for (v1::CheckContentRequest& request : *requests) *batch.add_requests() = std::move(request);
    v1::BatchCheckContentsResponse response;
    CallResult result = server_.BatchCheckContents(batch, &response);
    if (result.code() == 0 && response.results_size() != batch.requests_size()) {
      result.set_code(static_cast<int>(absl::StatusCode::kInternal));
      result.set_message("the server answered another number of contents than it was sent");
    }
    for (size_t i = 0; i < answers->size(); ++i) {
      if (result.code() != 0) {
        (*answers)[i].error = result;
      } else {
        Take(response.mutable_results(static_cast<int>(i)), &(*answers)[i]);
      }
    }
  }

  void Stream(std::vector<v1::CheckContentRequest>* requests, std::vector<Answer>* answers) {
    std::vector<v1::CheckStreamRequest> messages(requests->size());
    for (size_t i = 0; i < messages.size(); ++i) {
      *messages[i].mutable_request() = std::move((*requests)[i]);
      messages[i].mutable_request()->set_client_token(absl::StrCat(i));
    }
    std::vector<bool> answered(answers->size());
    CallResult result = server_.CheckStream(messages, [&](const v1::CheckStreamResponse& response) {
      size_t i = 0;
      if (!absl::SimpleAtoi(response.client_token(), &i) || i >= answers->size()) return;
      answered[i] = true;
      if (response.has_verdict()) {
        (*answers)[i].has_verdict = true;
        (*answers)[i].verdict = response.verdict();
        (*answers)[i].verdict.clear_client_token();  // ours, not the user's
      } else {
        (*answers)[i].error = response.error();
      }
    });
    if (result.code() == 0) {
      result.set_code(static_cast<int>(absl::StatusCode::kInternal));
      result.set_message("the server ended the stream without an answer to this content");
    }
    for (size_t i = 0; i < answers->size(); ++i) {
      if (!answered[i]) (*answers)[i].error = result;
    }
  }

  static void Take(v1::BatchCheckContentsResponse::Result* result, Answer* answer) {
    answer->has_verdict = result->has_verdict();
    if (answer->has_verdict) {
      answer->verdict = std::move(*result->mutable_verdict());
    } else {
      answer->error = std::move(*result->mutable_error());
    }
  }

  void Refuse(const Line& line, std::string_view code, std::string_view message,
              std::string_view explained, ChunkOutput* output) {
    StrAppend(&output->err, "winnow: ", input_name_, ", line ", line.number, ": ", explained, "\n");
    StrAppend(&output->out, report_.Failure(StrCat("line ", line.number), line.id_json, line.number,
                                            code, message));
  }

  // The server's own limit on a text is far below; what it says about it is better than what we
  // could.
  static constexpr size_t kLineBytesMax = 12 << 20;

  const CheckFlags& flags_;
  Remote& server_;
  Report& report_;
  std::string input_name_;
};

std::string Contradiction(const CheckFlags& flags) {
  if (flags.has_text && (flags.content.jsonl || !flags.content.files.empty())) {
    return "--text is a content of its own: leave out FILE and --jsonl";
  }
  const bool one = flags.has_text || (!flags.content.jsonl && flags.content.Files().size() == 1);
  if (!one && !(flags.content_id.empty() && flags.request_id.empty())) {
    return "--content-id and --request-id name one content: give one FILE or --text";
  }
  if (flags.stream && !flags.content.jsonl) return "--stream goes with --jsonl";
  return Contradiction(flags.content);
}

int Check(const CheckFlags& flags) {
  if (const std::string wrong = Contradiction(flags); !wrong.empty()) {
    Complain(wrong);
    return kUsage;
  }
  int exit_code = kOk;
  const std::unique_ptr<Remote> server = Connect(flags.server, &exit_code);
  if (server == nullptr) return exit_code;
  Report report(flags.content.FormatValue(), StandardOutput());
  RemoteChecker checker(flags, server.get(), &report);
  report.Begin();
  if (flags.has_text) {
    if (const absl::Status status = checker.CheckText(); !status.ok()) return Fail(status);
  } else {
    for (const std::string& path : flags.content.Files()) {
      const absl::Status status =
          flags.content.jsonl ? checker.CheckLines(path) : checker.CheckFile(path);
      if (!status.ok()) return Fail(status);
    }
  }
  report.End();
  return report.ExitCode(flags.content.exit_code);
}

}  // namespace

void AddCheck(CLI::App& app, int* exit_code) {
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* check = app.add_subcommand("check", "Check and store contents through a server");
  check->footer(
      "As `winnow scan`, but a winnowd checks the contents and stores the verdicts. Lines go in\n"
      "batches, or with --stream one by one; their surface is message unless --surface says\n"
      "otherwise. A line's id becomes its content id; a file's is its path.\n"
      "\n"
      "Examples:\n"
      "  winnow check --text 'hello' --surface order --content-id order-7\n"
      "  winnow check --tenant acme report.txt\n"
      "  winnow check --jsonl --surface comment comments.jsonl > verdicts.ndjson\n"
      "  winnow check --server winnow.example:50051 --ca ca.pem --cert me.pem --key me.key -\n");
  AddContentFlags(check, &flags->content);
  check
      ->add_option_function<std::string>(
          "--text",
          [raw = flags.get()](const std::string& text) {
            raw->text = text;
            raw->has_text = true;
          },
          "Check this text")
      ->type_name("TEXT");
  check
      ->add_option("--content-id", flags->content_id, "Your id of the content; the path by default")
      ->type_name("ID");
  check->add_option("--account", flags->account_id, "Your id of the author")->type_name("ID");
  check
      ->add_option("--request-id", flags->request_id,
                   "A UUID: the same one again gives the same verdict again")
      ->type_name("UUID");
  check->add_flag("--stream", flags->stream, "Send lines on streams instead of in batches");
  AddServerFlags(check, &flags->server, true);
  check->callback([flags, exit_code] { *exit_code = Check(*flags); });
}

}  // namespace winnow::cli
