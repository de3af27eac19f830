#include "engine/checker.h"

#include <algorithm>
#include <utility>

#include "absl/functional/function_ref.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/extract/format.h"
#include "engine/match/matcher.h"
#include "engine/text/charset.h"
#include "engine/text/normalizer.h"

namespace winnow {
namespace {

// What of a file or of a field's bytes tells its format.
constexpr size_t kFormatHeadBytes = 4096;

// Everything a check needs to work with, grown to steady state once and then reused.
struct WorkingSet {
  std::unique_ptr<text::Normalizer> normalizer;
  text::ViewSet views = 0;
  std::unique_ptr<match::Matcher> matcher = match::Matcher::Create();
  match::Matcher::Options scan;
  text::Decoded decoded;
  match::ScanOutcome outcome;

  void Fit(const match::Program& program) {
    if (normalizer != nullptr && views == program.views()) return;
    views = program.views();
    text::NormalizerOptions options;
    options.views = views;
    options.max_match_chars = match::kMaxMatchBytes;
    normalizer = text::Normalizer::Create(options);
  }
};

// A thread's working set while no check uses it: a check on a pool thread nearly always finds it
// there, without a lock. A plain pointer, since access to one costs no more than a load.
constinit thread_local WorkingSet* t_idle = nullptr;

// Ends the idle one with its thread.
struct IdleOwner {
  ~IdleOwner() { delete std::exchange(t_idle, nullptr); }
};

class Borrowed {
 public:
  Borrowed() : set_(std::exchange(t_idle, nullptr)) {
    if (set_ == nullptr) set_ = New();
  }
  ~Borrowed() {
    // Another may wait there already, from a check made inside this one.
    if (t_idle == nullptr) {
      t_idle = set_;
    } else {
      delete set_;
    }
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  WorkingSet* operator->() const { return set_; }

 private:
  static WorkingSet* New() {
    static thread_local IdleOwner owner;
    (void)owner;
    return new WorkingSet;
  }

  WorkingSet* set_;
};

void SetScanOptions(Surface surface, const pack::TenantRules* tenant, const CheckOptions& options,
                    match::Matcher::Options* scan) {
  scan->unheard = tenant == nullptr ? nullptr : tenant->unheard.data();
  scan->surfaces = surface == Surface::kUnspecified ? kAllSurfaces : MaskOf(surface);
  scan->matches_max = options.findings_max;
  scan->excerpts = options.excerpts;
  scan->excerpt_context_chars = options.excerpt_context_chars;
  scan->unit = options.offset_unit;
  scan->expired = &options.expired;
}

absl::Status Expired() {
  return absl::DeadlineExceededError("the time allowed for the check ran out");
}

// What text/ says of a charset, with the part it is of.
absl::Status CharsetError(std::string_view part, const absl::Status& status) {
  return absl::Status(status.code(), ToAbsl(StrCat(part, ": ", status.message())));
}

// Asks the caller's deadline at the start and then once in kBytesBetween bytes of text: the answer
// may cost more than a small field does.
class Deadline {
 public:
  explicit Deadline(const std::function<bool()>& expired) : expired_(expired) {}

  bool Passed(uint64_t text_bytes) {
    if (!expired_) return false;
    if (text_bytes < next_) return false;
    next_ = text_bytes + kBytesBetween;
    return expired_();
  }

 private:
  static constexpr uint64_t kBytesBetween = 64 * 1024;
  const std::function<bool()>& expired_;
  uint64_t next_ = 0;
};

// Bytes that could not be decoded are read as U+FFFD and looked at as such. A few are an accident
// or a poor attempt at evasion; when more than one character in twenty is lost, what was judged is
// not what the author wrote.
bool TooManyReplacements(uint64_t replacements, uint64_t text_bytes) {
  constexpr uint64_t kFew = 3;
  constexpr uint64_t kReplacementBytes = 3;
  return replacements > kFew && replacements * kReplacementBytes * 20 > text_bytes;
}

std::string ReplacementsDetail(uint64_t replacements) {
  return StrCat(replacements, " sequences could not be decoded as text and were read as U+FFFD");
}

bool Stricter(const CategoryResult& a, const CategoryResult& b) {
  if (a.decision != b.decision) return a.decision > b.decision;
  if (a.category != b.category) return a.category < b.category;
  return a.label < b.label;
}

// How a result names a charset that the bytes do not settle, both readings having been scanned.
std::string EitherCharset(std::string_view first, std::string_view second) {
  return StrCat(first, " or ", second);
}

// Of two readings of the same bytes the stricter result stands.
void KeepStricter(CheckResult other, CheckResult* result) {
  if (other.decision > result->decision ||
      (other.decision == result->decision && other.finding_count > result->finding_count)) {
    *result = std::move(other);
  }
}

// A rule as it holds for one tenant.
struct Held {
  const pack::RuleInfo& rule;
  Severity severity;
  Decision action;
  rules::RuleStatus status;
  uint32_t layer;  // whose word that is
};

Held HeldFor(const pack::TenantRules* tenant, const pack::Pack& pack, uint32_t index) {
  const pack::RuleInfo& rule = pack.rules()[index];
  if (tenant != nullptr) {
    if (const pack::TenantChange* change = tenant->Of(index)) {
      return {rule, change->severity, change->action, change->status, tenant->layer};
    }
  }
  return {rule, rule.severity, rule.action, rule.status,
          rule.amender != 0 ? rule.amender : rule.layer};
}

void AddToCategory(const Held& held, Decision decision, uint64_t count,
                   std::vector<CategoryResult>* categories) {
  const pack::RuleInfo& rule = held.rule;
  for (CategoryResult& category : *categories) {
    if (category.category == rule.category && category.label == rule.label) {
      category.decision = std::max(category.decision, decision);
      category.severity = std::max(category.severity, held.severity);
      category.finding_count += count;
      return;
    }
  }
  categories->push_back({rule.category, rule.label, decision, held.severity, count});
}

// What the policy makes of one rule's match.
Decision DecideRule(const Held& held, const policy::Policy& policy,
                    const policy::Context& context) {
  // A rule on trial is recorded and changes nothing.
  if (held.status == rules::RuleStatus::kExperimental) return Decision::kAllow;
  return policy.Decide({held.rule.category, held.rule.label, held.severity, held.action}, context);
}

struct Revisions {
  Interned pack, policy;
};

void BeginResult(const Revisions& revisions, const CheckOptions& options, CheckResult* result) {
  result->completeness = Completeness::kComplete;
  result->pack_revision = revisions.pack;
  result->policy_revision = revisions.policy;
  result->detected_charset = "UTF-8";
  result->offset_unit = options.offset_unit;
}

// Matches, by rules and policy, to findings and the decision.
void Decide(const pack::Pack& pack, const policy::Policy& policy, const policy::Context& context,
            match::ScanOutcome* outcome, absl::FunctionRef<std::string_view(uint32_t)> field_name,
            CheckResult* result) {
  Decision decision = Decision::kAllow;
  result->finding_count = outcome->match_count;
  if (outcome->match_count == 0 && !outcome->hits_dropped && result->shortfalls.empty()) {
    result->decision = decision;
    return;
  }
  const pack::TenantRules* const tenant = pack.ForTenant(context.tenant);
  // Of every rule that matched, whether or not its findings were kept.
  for (const match::ScanOutcome::RuleCount& count : outcome->rules) {
    const Held held = HeldFor(tenant, pack, count.rule);
    const Decision asked = DecideRule(held, policy, context);
    decision = std::max(decision, asked);
    AddToCategory(held, asked, count.matches, &result->categories);
  }
  result->findings.reserve(outcome->matches.size());
  for (match::RuleMatch& match : outcome->matches) {
    const Held held = HeldFor(tenant, pack, match.rule);
    const pack::RuleInfo& rule = held.rule;
    Finding finding;
    finding.rule_id = rule.id;
    finding.category = rule.category;
    finding.label = rule.label;
    finding.severity = held.severity;
    finding.decision = DecideRule(held, policy, context);
    finding.layer = pack.layers()[held.layer];
    finding.field = field_name(match.field);
    finding.begin = match.begin;
    finding.end = match.end;
    finding.view = match.view;
    finding.evasions = match.place.evasions;
    finding.excerpt = std::move(match.excerpt);
    finding.excerpt_begin = match.excerpt_begin;
    finding.excerpt_end = match.excerpt_end;
    finding.reason_en = rule.reason_en;
    finding.reason_zh = rule.reason_zh;
    result->findings.push_back(std::move(finding));
  }
  std::sort(result->categories.begin(), result->categories.end(), Stricter);
  result->findings_truncated = outcome->match_count > outcome->matches.size();
  outcome->matches.clear();
  if (outcome->hits_dropped) {
    result->shortfalls.push_back(
        {ShortfallReason::kLimitReached, "", "hits_max",
         "so many terms occur that not all combinations of them were judged"});
  }
  if (!result->shortfalls.empty()) {
    if (result->completeness != Completeness::kFailed)
      result->completeness = Completeness::kPartial;
    decision = std::max(decision, policy.OnIncomplete(context));
  }
  result->decision = decision;
}

}  // namespace

struct Checker::Impl {
  std::shared_ptr<const pack::Pack> pack;
  std::shared_ptr<const policy::Policy> policy;
  const Revisions revisions{pack->info().revision, policy->revision()};

  // Which reading to take of bytes whose charset is ambiguous.
  enum class Reading { kLikeliest, kOther };
  // `*ambiguous` becomes true when a field's bytes have two readings.
  absl::Status Check(const Content& content, const CheckOptions& options, Reading reading,
                     CheckResult* out, bool* ambiguous) const;
};

Checker::Checker(std::shared_ptr<const pack::Pack> pack,
                 std::shared_ptr<const policy::Policy> policy)
    : impl_(std::make_shared<Impl>(Impl{std::move(pack), std::move(policy)})) {}
Checker::~Checker() = default;

const pack::Pack& Checker::pack() const { return *impl_->pack; }
const policy::Policy& Checker::policy() const { return *impl_->policy; }

absl::StatusOr<CheckResult> Checker::Check(const Content& content,
                                           const CheckOptions& options) const {
  // One object and one return, so that the result is made where the caller wants it.
  absl::StatusOr<CheckResult> result(absl::in_place);
  bool ambiguous = false;
  absl::Status status =
      impl_->Check(content, options, Impl::Reading::kLikeliest, &*result, &ambiguous);
  if (status.ok() && ambiguous) {
    CheckResult other;
    status = impl_->Check(content, options, Impl::Reading::kOther, &other, &ambiguous);
    if (status.ok()) KeepStricter(std::move(other), &*result);
  }
  if (!status.ok()) result = std::move(status);
  return result;
}

absl::Status Checker::Impl::Check(const Content& content, const CheckOptions& options,
                                  Reading reading, CheckResult* out, bool* ambiguous) const {
  CheckResult& result = *out;
  const match::Program& program = pack->program();
  Borrowed work;
  work->Fit(program);
  SetScanOptions(content.surface, pack->ForTenant(content.tenant), options, &work->scan);
  BeginResult(revisions, options, &result);
  bool charset_noted = false;
  Deadline deadline(options.expired);
  RETURN_IF_ERROR(work->matcher->Begin(program, work->scan));
  for (size_t i = 0; i < content.fields.size(); ++i) {
    const Field& field = content.fields[i];
    if (deadline.Passed(result.text_bytes)) return Expired();
    text::Decoded& decoded = work->decoded;
    if (field.valid_utf8 && field.charset.empty()) {
      text::DecodeTrusted(field.bytes, &decoded);
    } else if (absl::Status s = text::Decode(field.bytes, field.charset, &decoded); !s.ok()) {
      return CharsetError(StrCat("field \"", field.key, "\""), s);
    }
    if (const std::string_view likeliest = decoded.charset, other = decoded.alternative;
        !other.empty()) {
      *ambiguous = true;
      if (!charset_noted) result.detected_charset = EitherCharset(likeliest, other);
      charset_noted = true;
      if (reading == Reading::kOther) RETURN_IF_ERROR(text::Decode(field.bytes, other, &decoded));
    }
    if (!field.valid_utf8) {
      const extract::FormatGuess guess =
          extract::GuessFormat(field.bytes.substr(0, kFormatHeadBytes), field.charset);
      if (guess.format == extract::Format::kUnsupported) {
        result.shortfalls.push_back(
            {ShortfallReason::kUnsupportedFormat, std::string(field.key), "",
             StrCat("the field's bytes are no text (", guess.name, "); what they say when read as ",
                    decoded.charset, " was checked")});
      }
    }
    if (decoded.replacements > 0) {
      result.replacements += decoded.replacements;
      if (TooManyReplacements(decoded.replacements, decoded.text.size())) {
        result.shortfalls.push_back({ShortfallReason::kUndecodable, std::string(field.key), "",
                                     ReplacementsDetail(decoded.replacements)});
      }
    }
    if (!charset_noted && decoded.charset != "UTF-8") {
      result.detected_charset = std::string(decoded.charset);
      charset_noted = true;
    }
    const uint64_t text_before = result.text_bytes;
    result.text_bytes += decoded.text.size();

    work->matcher->BeginField(static_cast<uint32_t>(i));
    work->normalizer->Begin();
    absl::Status status;
    work->normalizer->Feed(decoded.text, true, [&](const text::Block& block) {
      status = work->matcher->Feed(
          block, [&decoded](text::TextSpan span) { return decoded.ToSource(span); });
      if (status.ok() && deadline.Passed(text_before + block.report_end())) status = Expired();
      return status.ok();
    });
    RETURN_IF_ERROR(status);
    RETURN_IF_ERROR(work->matcher->EndField());
  }
  RETURN_IF_ERROR(work->matcher->Finish(&work->outcome));
  Decide(
      *pack, *policy, {content.surface, content.region, content.tenant}, &work->outcome,
      [&content](uint32_t field) { return content.fields[field].key; }, &result);
  return absl::OkStatus();
}

namespace {

// The way back from a file's text to its bytes, kept only for the text that blocks may still show.
class SourceMap {
 public:
  // What one call of DecodeStream::Feed() gave.
  void Add(const text::Decoded& decoded, uint64_t text_begin) {
    if (decoded.text.empty()) return;
    if (decoded.identity) {
      bom_bytes_ = std::max(bom_bytes_, decoded.bom_bytes);
      const bool goes_on = !runs_.empty() && runs_.back().text_width == 1 &&
                           runs_.back().source_width == 1 &&
                           runs_.back().source_begin - runs_.back().text_begin == bom_bytes_;
      if (!goes_on) runs_.push_back({text_begin, text_begin + bom_bytes_, 1, 1});
    } else {
      runs_.insert(runs_.end(), decoded.runs.begin(), decoded.runs.end());
    }
  }

  void ForgetBefore(uint64_t text_begin) {
    size_t keep = 0;
    while (keep + 1 < runs_.size() && runs_[keep + 1].text_begin <= text_begin) ++keep;
    runs_.erase(runs_.begin(), runs_.begin() + static_cast<ptrdiff_t>(keep));
  }

  text::SourceSpan ToSource(text::TextSpan span) const {
    if (span.begin == span.end) return {Find(span.begin), Find(span.begin)};
    // The end is that of the last character, not the begin of the next: between them may lie bytes
    // that decode to nothing.
    return {Find(span.begin), EndOf(span.end)};
  }

 private:
  const text::Decoded::Run& RunOf(uint64_t at) const {
    auto it =
        std::upper_bound(runs_.begin(), runs_.end(), at,
                         [](uint64_t t, const text::Decoded::Run& r) { return t < r.text_begin; });
    return it == runs_.begin() ? runs_.front() : *(it - 1);
  }
  uint64_t Find(uint64_t at) const {
    const text::Decoded::Run& run = RunOf(at);
    return run.source_begin + (at - run.text_begin) / run.text_width * run.source_width;
  }
  uint64_t EndOf(uint64_t at) const {
    const text::Decoded::Run& run = RunOf(at - 1);
    return run.source_begin +
           (at - run.text_begin + run.text_width - 1) / run.text_width * run.source_width;
  }

  std::vector<text::Decoded::Run> runs_;
  uint32_t bom_bytes_ = 0;
};

// A file is judged by its first bytes; text then streams through decoder, normaliser and matcher.
class StreamingFileCheck final : public Checker::FileCheck {
 public:
  StreamingFileCheck(std::shared_ptr<const pack::Pack> pack,
                     std::shared_ptr<const policy::Policy> policy, Checker::FileInput input,
                     const CheckOptions& options, std::unique_ptr<text::DecodeStream> decoder)
      : pack_(std::move(pack)),
        policy_(std::move(policy)),
        revisions_{pack_->info().revision, policy_->revision()},
        input_(std::move(input)),
        options_(options),
        work_(std::make_unique<WorkingSet>()),
        decoder_(std::move(decoder)) {}

  absl::Status Feed(std::string_view bytes) override {
    if (!status_.ok()) return status_;
    file_bytes_ += bytes.size();
    if (state_ == State::kHead) {
      head_.append(bytes);
      if (head_.size() < kFormatHeadBytes) return absl::OkStatus();
      status_ = Begin();
      if (status_.ok() && state_ == State::kText) status_ = FeedText(head_, false);
      head_.clear();
      head_.shrink_to_fit();
    } else if (state_ == State::kText) {
      status_ = FeedText(bytes, false);
    }
    return status_;
  }

  absl::StatusOr<CheckResult> Finish() override {
    const bool short_file = state_ == State::kHead;
    if (status_.ok() && short_file) status_ = Begin();
    if (status_.ok() && state_ == State::kText) status_ = FeedText(head_, true);
    if (!status_.ok()) return status_;
    CheckResult result;
    BeginResult(revisions_, options_, &result);
    match::ScanOutcome outcome;
    if (state_ == State::kText) {
      RETURN_IF_ERROR(work_->matcher->EndField());
      RETURN_IF_ERROR(work_->matcher->Finish(&outcome));
      result.detected_charset = charset_;
      result.replacements = replacements_;
      result.text_bytes = text_bytes_;
      if (TooManyReplacements(replacements_, text_bytes_)) {
        result.shortfalls.push_back({ShortfallReason::kUndecodable, input_.file_name, "",
                                     ReplacementsDetail(replacements_)});
      }
    } else {
      result.completeness = Completeness::kFailed;
      result.detected_charset.clear();
      result.shortfalls.push_back(
          {ShortfallReason::kUnsupportedFormat, input_.file_name, "",
           StrCat("the file's format (", format_, ") is not read; nothing of it was checked")});
    }
    Decide(
        *pack_, *policy_, {input_.surface, input_.region, input_.tenant}, &outcome,
        [this](uint32_t) -> std::string_view { return input_.file_name; }, &result);
    status_ = absl::FailedPreconditionError("the file check is finished");
    const std::string_view other = work_->decoded.alternative;
    if (state_ == State::kText && short_file && !other.empty()) {
      RETURN_IF_ERROR(FinishOther(other, &result));
    }
    return result;
  }

 private:
  enum class State { kHead, kText, kUnsupported };

  // Scans a short file, all of it in head_, as of another charset too.
  absl::Status FinishOther(std::string_view charset, CheckResult* result) const {
    const std::string either = EitherCharset(result->detected_charset, charset);
    auto decoder = text::DecodeStream::Create(charset);
    RETURN_IF_ERROR(decoder.status());
    Checker::FileInput input = input_;
    input.charset = std::string(charset);
    StreamingFileCheck check(pack_, policy_, std::move(input), options_, *std::move(decoder));
    RETURN_IF_ERROR(check.Feed(head_));
    auto other = check.Finish();
    RETURN_IF_ERROR(other.status());
    KeepStricter(*std::move(other), result);
    result->detected_charset = either;
    return absl::OkStatus();
  }

  absl::Status Begin() {
    const extract::FormatGuess guess =
        extract::GuessFormat(std::string_view(head_).substr(0, kFormatHeadBytes), input_.charset);
    format_ = guess.name;
    if (guess.format == extract::Format::kUnsupported) {
      state_ = State::kUnsupported;
      return absl::OkStatus();
    }
    state_ = State::kText;
    const match::Program& program = pack_->program();
    work_->Fit(program);
    SetScanOptions(input_.surface, pack_->ForTenant(input_.tenant), options_, &work_->scan);
    RETURN_IF_ERROR(work_->matcher->Begin(program, work_->scan));
    work_->matcher->BeginField(0);
    work_->normalizer->Begin();
    return absl::OkStatus();
  }

  // Slices keep the decoded text of one call small, and the deadline near.
  absl::Status FeedText(std::string_view bytes, bool last) {
    constexpr size_t kSlice = 256 * 1024;
    do {
      const std::string_view slice = bytes.substr(0, kSlice);
      bytes.remove_prefix(slice.size());
      RETURN_IF_ERROR(FeedSlice(slice, last && bytes.empty()));
    } while (!bytes.empty());
    return absl::OkStatus();
  }

  absl::Status FeedSlice(std::string_view bytes, bool last) {
    if (options_.expired && options_.expired()) return Expired();
    text::Decoded& decoded = work_->decoded;
    uint64_t text_begin = 0;
    decoder_->Feed(bytes, last, &decoded, &text_begin);
    map_.Add(decoded, text_begin);
    charset_ = std::string(decoded.charset);
    replacements_ += decoded.replacements;
    text_bytes_ += decoded.text.size();
    absl::Status status;
    work_->normalizer->Feed(decoded.text, last, [&](const text::Block& block) {
      map_.ForgetBefore(block.text_begin());
      status =
          work_->matcher->Feed(block, [this](text::TextSpan span) { return map_.ToSource(span); });
      if (status.ok() && options_.expired && options_.expired()) status = Expired();
      return status.ok();
    });
    return status;
  }

  const std::shared_ptr<const pack::Pack> pack_;
  const std::shared_ptr<const policy::Policy> policy_;
  const Revisions revisions_;
  const Checker::FileInput input_;
  const CheckOptions options_;
  const std::unique_ptr<WorkingSet> work_;
  const std::unique_ptr<text::DecodeStream> decoder_;
  State state_ = State::kHead;
  std::string head_;
  std::string_view format_;
  SourceMap map_;
  absl::Status status_;
  std::string charset_ = "UTF-8";
  uint64_t file_bytes_ = 0;
  uint64_t replacements_ = 0;
  uint64_t text_bytes_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Checker::FileCheck>> Checker::StartFile(
    const FileInput& input, const CheckOptions& options) const {
  auto decoder = text::DecodeStream::Create(input.charset);
  if (!decoder.ok()) return CharsetError("the file", decoder.status());
  return std::make_unique<StreamingFileCheck>(impl_->pack, impl_->policy, input, options,
                                              *std::move(decoder));
}

std::shared_ptr<const policy::Policy> DefaultPolicy() {
  class RulesDecide final : public policy::Policy {
   public:
    const std::string& revision() const override { return revision_; }
    Decision Decide(const policy::Ask& ask, const policy::Context&) const override {
      return ask.action == Decision::kUnspecified ? Decision::kReview : ask.action;
    }
    Decision OnIncomplete(const policy::Context&) const override { return Decision::kReview; }

   private:
    const std::string revision_ = "policies/rules-decide/revisions/000000000000";
  };
  static const auto policy = std::make_shared<const RulesDecide>();
  return policy;
}

std::string_view Name(Completeness c) {
  switch (c) {
    case Completeness::kComplete:
      return "complete";
    case Completeness::kPartial:
      return "partial";
    case Completeness::kFailed:
      return "failed";
    case Completeness::kUnspecified:
      break;
  }
  return "unspecified";
}

std::string_view Name(ShortfallReason r) {
  switch (r) {
    case ShortfallReason::kUnsupportedFormat:
      return "unsupported_format";
    case ShortfallReason::kLimitReached:
      return "limit_reached";
    case ShortfallReason::kUndecodable:
      return "undecodable";
    case ShortfallReason::kDeadline:
      return "deadline";
    case ShortfallReason::kUnspecified:
      break;
  }
  return "unspecified";
}

}  // namespace winnow
