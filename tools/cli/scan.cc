// winnow scan: checks contents here, without a server.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/shared_files.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/checker.h"
#include "engine/pack/pack.h"
#include "engine/policy/policy.h"
#include "proto/result_printer.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/content_flags.h"
#include "tools/cli/input.h"
#include "tools/cli/json.h"
#include "tools/cli/lines.h"
#include "tools/cli/record.h"
#include "tools/cli/report.h"
#include "tools/cli/rule_source.h"
#include "tools/cli/verdict_json.h"

namespace winnow::cli {
namespace {

struct ScanFlags {
  ContentFlags content;
  std::string pack = SharedFilePath(kBundledPackFile);
  std::string policy = SharedFilePath(kDefaultPolicyFile);
  std::string tenant;
  size_t threads = 0;
};

using Stopwatch = std::chrono::steady_clock;

absl::Duration Since(Stopwatch::time_point start) {
  return absl::FromChrono(Stopwatch::now() - start);
}

absl::StatusOr<std::unique_ptr<Checker>> MakeChecker(const ScanFlags& flags) {
  auto pack = pack::LoadPack(flags.pack);
  if (!pack.ok()) {
    return absl::Status(pack.status().code(),
                        StrCat(ToStd(pack.status().message()),
                               "; name a pack with --pack, or build one with `winnow pack build`"));
  }
  ASSIGN_OR_RETURN(auto policy, LoadPolicy(flags.policy));
  return std::make_unique<Checker>(*std::move(pack), std::move(policy));
}

// Checks contents and prints them by one Report.
class Scanner {
 public:
  Scanner(const ScanFlags& flags, const Checker& checker, Report* report)
      : flags_(flags), checker_(checker), report_(*report) {
    options_.offset_unit = flags.content.OffsetUnit();
    options_.excerpts = flags.content.Excerpts();
    context_.surface = flags.content.SurfaceValue();
    context_.region = flags.content.region;
    context_.tenant = flags.tenant;
  }

  // A file, as a stream: its size does not matter.
  absl::Status ScanFile(const std::string& path) {
    const auto start = Stopwatch::now();
    const absl::StatusOr<CheckResult> result = CheckFile(path);
    if (!result.ok()) return report_.Unreadable(path, result.status());
    return report_.Write(report_.Verdict(path, JsonString(path), ToVerdict(*result), Since(start)));
  }

  // Lines of {"id","text"}. A failure to read is reported like a line that cannot be checked.
  absl::Status ScanLines(const std::string& path) {
    absl::StatusOr<Input> input = Input::Open(path);
    if (!input.ok()) return report_.Unreadable(path, input.status());
    RETURN_IF_ERROR(PrepareCleanTail());
    input_name_ = input->name();
    LineOptions options;
    options.threads = flags_.threads > 0 ? flags_.threads : std::thread::hardware_concurrency();
    absl::Status written;
    const absl::Status status = ProcessLines(
        &*input, options, [this](const LineChunk& chunk) { return ScanChunk(chunk); },
        [this, &written](const ChunkOutput& output) {
          written = report_.Write(output.out);
          std::fwrite(output.err.data(), 1, output.err.size(), stderr);
          return written;
        });
    RETURN_IF_ERROR(written);
    return status.ok() ? status : report_.Unreadable(path, status);
  }

 private:
  static std::string CodeOf(const absl::Status& status) {
    return absl::StatusCodeToString(status.code());
  }

  v1::Verdict ToVerdict(const CheckResult& result) const {
    v1::Verdict verdict;
    api::PrintResult(result, &verdict);
    verdict.set_surface(api::ToProto(context_.surface));
    verdict.set_region(flags_.content.region);
    return verdict;
  }

  absl::StatusOr<CheckResult> CheckFile(const std::string& path) {
    ASSIGN_OR_RETURN(Input input, Input::Open(path));
    Checker::FileInput file;
    file.file_name = path;
    file.charset = flags_.content.charset;
    file.surface = context_.surface;
    file.region = flags_.content.region;
    file.tenant = flags_.tenant;
    ASSIGN_OR_RETURN(const auto check, checker_.StartFile(file, options_));
    buffer_.resize(kReadBytes);
    while (true) {
      ASSIGN_OR_RETURN(const size_t n, input.Read(buffer_.data(), buffer_.size()));
      if (n == 0) return check->Finish();
      RETURN_IF_ERROR(check->Feed(std::string_view(buffer_.data(), n)));
    }
  }

  // Clean verdicts differ by nothing but the id, so their JSON is made once, from the verdict on an
  // empty text.
  absl::Status PrepareCleanTail() {
    if (report_.format() != Format::kNdjson) return absl::OkStatus();
    Content empty = context_;
    empty.fields.push_back({.key = kTextField, .bytes = "", .charset = "", .valid_utf8 = true});
    ASSIGN_OR_RETURN(const CheckResult result, checker_.Check(empty, options_));
    if (!IsClean(result)) return absl::InternalError("an empty text is not clean");
    clean_tail_ = StrCat(VerdictLineTail(ToVerdict(result)), "\n");
    return absl::OkStatus();
  }

  static bool IsClean(const CheckResult& result) {
    return result.decision == Decision::kAllow && result.completeness == Completeness::kComplete &&
           result.findings.empty() && result.shortfalls.empty() && result.categories.empty() &&
           result.replacements == 0 && !result.findings_truncated &&
           result.detected_charset == "UTF-8";
  }

  ChunkOutput ScanChunk(const LineChunk& chunk) {
    ChunkOutput output;
    if (chunk.overlong) {
      Refuse(chunk.first_line, "null",
             StrCat("the line is longer than ", LineOptions().line_bytes_max,
                    " bytes; scan such a text as a file of its own"),
             &output);
      return output;
    }
    RecordReader record;
    Content content = context_;
    content.fields.resize(1);
    ForEachLine(chunk, [&](std::string_view line, uint64_t number) {
      if (!record.Parse(line)) {
        Refuse(number, record.id_json(), record.error(), &output);
        return;
      }
      ScanRecord(record, number, &content, &output);
    });
    return output;
  }

  void ScanRecord(const RecordReader& record, uint64_t line, Content* content,
                  ChunkOutput* output) {
    content->fields[0] = {.key = kTextField,
                          .bytes = record.text(),
                          .charset = record.text_valid() ? "" : "UTF-8",
                          .valid_utf8 = record.text_valid()};
    const bool timed = report_.format() == Format::kText;
    const auto start = timed ? Stopwatch::now() : Stopwatch::time_point();
    const absl::StatusOr<CheckResult> result = checker_.Check(*content, options_);
    if (!result.ok()) {
      Refuse(line, record.id_json(), ToStd(result.status().message()), output,
             CodeOf(result.status()));
    } else if (!clean_tail_.empty() && IsClean(*result)) {
      report_.Count(Decision::kAllow);
      StrAppend(&output->out, kCleanHead, record.id_json(), clean_tail_);
    } else {
      StrAppend(&output->out, report_.Verdict(record.id(), record.id_json(), ToVerdict(*result),
                                              timed ? std::optional(Since(start)) : std::nullopt));
    }
  }

  // A line that cannot be checked is said to be so twice: in its place among the verdicts, and on
  // standard error.
  void Refuse(uint64_t line, std::string_view id_json, std::string_view message,
              ChunkOutput* output, std::string_view code = "INVALID_ARGUMENT") {
    StrAppend(&output->err, "winnow: ", input_name_, ", line ", line, ": ", Harmless(message),
              "\n");
    StrAppend(&output->out, report_.Failure(StrCat("line ", line), id_json, line, code, message));
  }

  static constexpr size_t kReadBytes = 1 << 20;
  static constexpr std::string_view kTextField = "text";
  static constexpr std::string_view kCleanHead = R"({"id":)";

  const ScanFlags& flags_;
  const Checker& checker_;
  Report& report_;
  CheckOptions options_;
  Content context_;  // without fields
  std::string buffer_;
  std::string clean_tail_;
  std::string input_name_;
};

int Scan(const ScanFlags& flags) {
  if (const std::string wrong = Contradiction(flags.content); !wrong.empty()) {
    Complain(wrong);
    return kUsage;
  }
  const auto checker = MakeChecker(flags);
  if (!checker.ok()) return Fail(checker.status());
  const Format format = flags.content.FormatValue();
  // The first check of a process fills tables. The times in text are to tell what checks take.
  if (format == Format::kText) {
    Content first;
    first.fields.push_back({.key = "text", .bytes = "先 first", .charset = "", .valid_utf8 = true});
    if (const auto warm = (*checker)->Check(first); !warm.ok()) return Fail(warm.status());
  }
  Report report(format, StandardOutput());
  Scanner scanner(flags, **checker, &report);
  report.Begin();
  for (const std::string& path : flags.content.Files()) {
    const absl::Status status =
        flags.content.jsonl ? scanner.ScanLines(path) : scanner.ScanFile(path);
    if (!status.ok()) return Fail(status);
  }
  report.End();
  return report.ExitCode(flags.content.exit_code);
}

}  // namespace

void AddScan(CLI::App& app, int* exit_code) {
  auto flags = std::make_shared<ScanFlags>();
  CLI::App* scan = app.add_subcommand("scan", "Check files, or lines of JSON, without a server");
  scan->footer(
      "Files are read as a stream, whatever their size. With --jsonl every line is a content of "
      "its\n"
      "own; there is one line of output for each, in order, and all cores work on them.\n"
      "\n"
      "An ndjson line is the verdict's proto3 JSON with the input's id in front:\n"
      "  "
      "{\"id\":\"7\",\"decision\":\"DECISION_BLOCK\",\"completeness\":\"COMPLETENESS_COMPLETE\",\n"
      "   \"categories\":[...],\"findings\":[...],...}\n"
      "What could not be checked has \"error\" instead of \"decision\", a message on standard "
      "error,\n"
      "and makes the exit code 3. Blank lines are passed over.\n"
      "\n"
      "Examples:\n"
      "  winnow scan order.txt notes/*.txt\n"
      "  winnow scan --charset gb18030 --format json old.txt\n"
      "  winnow scan --jsonl --excerpts messages.jsonl > verdicts.ndjson\n"
      "  git diff | winnow scan --exit-code -\n");
  AddContentFlags(scan, &flags->content);
  scan->add_option("--pack", flags->pack, "The pack of rules")
      ->type_name("FILE")
      ->capture_default_str();
  scan->add_option("--policy", flags->policy, "The decision policy")
      ->type_name("FILE")
      ->capture_default_str();
  scan->add_option("--tenant", flags->tenant, "Tenant, where the policy tells tenants apart")
      ->type_name("NAME");
  scan->add_option("--threads", flags->threads, "Threads for --jsonl; 0: one a core")
      ->type_name("N")
      ->check(CLI::Range(0, 1024).description(""))
      ->capture_default_str();
  scan->callback([flags, exit_code] { *exit_code = Scan(*flags); });
}

}  // namespace winnow::cli
