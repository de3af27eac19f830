#include "service/domain/file_check.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/domain/check_job.h"
#include "service/domain/error.h"
#include "service/domain/refusals.h"

namespace winnow::domain {
namespace {

constexpr size_t kTaskBytes = 2048;

absl::Status OneAtATime() {
  return absl::FailedPreconditionError("the piece before is still being checked");
}

}  // namespace

FileCheckOnPool::FileCheckOnPool(std::shared_ptr<Core> core, CallGate::Pass pass,
                                 std::shared_ptr<const RuleSetInUse> rules, FileHeader header,
                                 std::optional<Uuid> request_id)
    : core_(std::move(core)),
      pass_(std::move(pass)),
      rules_(std::move(rules)),
      header_(std::move(header)),
      request_id_(request_id),
      time_(TimeAllowed::From(core_->ports.clock->Monotonic(),
                              core_->options.limits.file_deadline_max, header_.deadline,
                              std::move(header_.cancelled))) {
  core_->open_files.fetch_add(1);
}

FileCheckOnPool::~FileCheckOnPool() { core_->open_files.fetch_sub(1); }

void FileCheckOnPool::Feed(std::string chunk, std::function<void(absl::Status)> ready) {
  if (busy_.exchange(true)) return ready(OneAtATime());
  absl::Status status = Admit(chunk);
  if (status.ok()) {
    const size_t bytes = chunk.size();
    chunk_ = std::move(chunk);
    const bool accepted =
        core_->ports.scan_pool->TrySubmit(bytes + kTaskBytes, [self = shared_from_this(), ready] {
          absl::Status scanned = self->Scan();
          self->busy_ = false;
          ready(std::move(scanned));
        });
    if (accepted) return;
    status = Fail(Overloaded());
  }
  busy_ = false;
  ready(std::move(status));
}

absl::Status FileCheckOnPool::Admit(const std::string& chunk) {
  RETURN_IF_ERROR(status_);
  const Limits& limits = core_->options.limits;
  if (chunk.size() > limits.chunk_bytes_max) {
    return Fail(FieldOutOfRange("chunk", 0, limits.chunk_bytes_max, chunk.size(), "bytes"));
  }
  bytes_ += chunk.size();
  if (bytes_ > limits.file_bytes_max) {
    return Fail(FileTooLarge("chunk", limits.file_bytes_max, bytes_));
  }
  if (header_.size_bytes != 0 && bytes_ > header_.size_bytes) return Fail(CheckSize());
  return absl::OkStatus();
}

absl::Status FileCheckOnPool::CheckSize() const {
  if (header_.size_bytes == 0 || header_.size_bytes == bytes_) return absl::OkStatus();
  ErrorDetail detail;
  detail.reason = "FIELD_INVALID";
  detail.metadata.emplace("field", "header.size_bytes");
  detail.metadata.emplace("declared", std::to_string(header_.size_bytes));
  detail.metadata.emplace("actual", std::to_string(bytes_));
  const std::string description =
      StrCat("is ", header_.size_bytes, ", but ",
             bytes_ > header_.size_bytes ? "at least " : "the file has ", bytes_,
             bytes_ > header_.size_bytes ? " bytes came" : " bytes",
             "; give the file's length, or 0 when it is unknown");
  detail.fields.push_back({"header.size_bytes", description});
  return MakeError(absl::StatusCode::kInvalidArgument, StrCat("header.size_bytes: ", description),
                   std::move(detail));
}

absl::Status FileCheckOnPool::Begin() {
  if (engine_ != nullptr) return absl::OkStatus();
  Checker::FileInput input;
  input.file_name = header_.content.file_name;
  input.charset = header_.charset;
  input.surface = header_.content.surface;
  input.region = header_.content.region;
  input.tenant = header_.tenant;
  CheckOptions options;
  options.offset_unit = header_.offset_unit;
  options.excerpts = header_.include_excerpts;
  options.findings_max = core_->options.limits.findings_max;
  // The engine's part lives no longer than this.
  options.expired = [this] { return time_.Expired(core_->ports.clock->Monotonic()); };
  ASSIGN_OR_RETURN(engine_, rules_->For(header_.content.content_id).StartFile(input, options));
  if (rules_->shadow != nullptr && core_->ports.shadow != nullptr) {
    answered_ = std::make_unique<ShadowRuns::Answered>(rules_, input, header_.content.content_id);
  }
  return absl::OkStatus();
}

absl::Status FileCheckOnPool::Scan() {
  const std::string chunk = std::move(chunk_);
  chunk_.clear();
  const Clock& clock = *core_->ports.clock;
  const absl::Time begin = clock.Monotonic();
  if (time_.Expired(begin)) return Fail(time_.Refusal());
  if (absl::Status status = Begin(); !status.ok()) return Fail(NotJudged(status));
  sha256_.Add(chunk);
  if (answered_ != nullptr && !answered_->skip) {
    answered_->skip = bytes_ > ShadowRuns::kFileBytesMax;
    std::string& kept = answered_->texts[0].bytes;
    if (answered_->skip) {
      kept = std::string();
    } else {
      kept.append(chunk);
    }
  }
  if (absl::Status status = engine_->Feed(chunk); !status.ok()) return Fail(NotJudged(status));
  took_ += clock.Monotonic() - begin;
  return absl::OkStatus();
}

void FileCheckOnPool::Finish(Checks::VerdictDone done) {
  if (busy_.exchange(true)) return done(OneAtATime());
  absl::Status status = status_;
  if (status.ok()) status = CheckSize();
  if (status.ok()) {
    const bool accepted =
        core_->ports.scan_pool->TrySubmit(kTaskBytes, [self = shared_from_this(), done] {
          absl::StatusOr<CheckResult> result = self->Judge();
          if (!result.ok()) {
            self->busy_ = false;
            return done(std::move(result).status());
          }
          self->Store(*std::move(result), done);
        });
    if (accepted) return;
    status = Overloaded();
  }
  status = Fail(std::move(status));
  busy_ = false;
  done(std::move(status));
}

absl::StatusOr<CheckResult> FileCheckOnPool::Judge() {
  const Clock& clock = *core_->ports.clock;
  const absl::Time begin = clock.Monotonic();
  if (time_.Expired(begin)) return Fail(time_.Refusal());
  if (absl::Status status = Begin(); !status.ok()) return Fail(NotJudged(status));
  absl::StatusOr<CheckResult> result = engine_->Finish();
  if (!result.ok()) return Fail(NotJudged(result.status()));
  took_ += clock.Monotonic() - begin;
  absl::StatusOr<std::string> sha256 = sha256_.Finish();
  if (!sha256.ok()) return Fail(NotJudged(sha256.status()));
  digest_ = *std::move(sha256);
  return result;
}

void FileCheckOnPool::Store(CheckResult result, Checks::VerdictDone done) {
  JudgedFile file;
  file.verdict.tenant = header_.tenant;
  file.verdict.content = std::move(header_.content);
  file.verdict.result = std::move(result);
  file.verdict.client_token = header_.client_token;
  file.verdict.content_sha256 = absl::BytesToHexString(ToAbsl(digest_));
  file.verdict.check_duration = took_;
  file.request_id = request_id_;
  if (request_id_) file.body_digest = Sha256(header_.header_digest + digest_);
  file.time = time_;
  if (answered_ != nullptr) answered_->Conclude(file.verdict.result);
  file.answered = std::move(answered_);
  CallGate::Pass pass = *std::move(pass_);
  pass_.reset();
  (void)Fail(absl::FailedPreconditionError("the file check is finished"));
  busy_ = false;
  CheckJob::StoreFile(core_, std::move(pass), std::move(file), std::move(done));
}

absl::Status FileCheckOnPool::NotJudged(const absl::Status& status) const {
  if (absl::IsDeadlineExceeded(status)) return time_.Refusal();
  if (absl::IsInvalidArgument(status)) return CharsetUnknown("header.charset", header_.charset);
  ErrorDetail detail;
  detail.reason = "INTERNAL";
  return MakeError(absl::StatusCode::kInternal,
                   StrCat("the file could not be judged: ", ToStd(status.message())),
                   std::move(detail));
}

absl::Status FileCheckOnPool::Fail(absl::Status status) {
  status_ = std::move(status);
  engine_.reset();
  chunk_ = std::string();
  return status_;
}

}  // namespace winnow::domain
