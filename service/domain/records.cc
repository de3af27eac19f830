#include "service/domain/records.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstring>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/domain/record_bytes.h"
#include "service/domain/refusals.h"
#include "winnow/store/v1/records.pb.h"

namespace winnow::domain {
namespace {

namespace store = ::winnow::store::v1;

constexpr std::string_view kUtf8 = "UTF-8";
// A message keeps what it has grown to; beyond this it is made anew.
constexpr size_t kScratchBytesMax = 256 << 10;
constexpr size_t kPostingBytes = 8;
constexpr size_t kPostingBytesOfVersion1 = 4 + sizeof(Uuid);

template <typename T>
uint32_t Number(T value) {
  return static_cast<uint32_t>(value);
}

uint64_t BigEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (char c : bytes) number = number << 8 | static_cast<uint8_t>(c);
  return number;
}

// Findings name rules and parts by index; both lists are short, findings may be many.
void EncodeFindings(const CheckResult& result, store::VerdictRecord* out) {
  absl::flat_hash_map<std::string_view, uint32_t> rules, parts;
  for (const Finding& finding : result.findings) {
    store::FindingRecord* record = out->add_findings();
    const auto [rule, new_rule] = rules.try_emplace(finding.rule_id, rules.size());
    if (new_rule) {
      store::RuleRecord* said = out->add_rules();
      said->set_rule_id(finding.rule_id);
      said->set_category(Number(finding.category));
      said->set_label(finding.label);
      said->set_severity(Number(finding.severity));
      said->set_decision(Number(finding.decision));
      said->set_reason_en(finding.reason_en);
      said->set_reason_zh(finding.reason_zh);
      if (finding.layer.kind != rules::LayerKind::kBundled) {
        said->set_layer_kind(Number(finding.layer.kind));
        said->set_layer_name(finding.layer.name);
      }
    }
    const auto [part, new_part] = parts.try_emplace(finding.field, parts.size());
    if (new_part) out->add_parts(finding.field);
    record->set_rule(rule->second);
    record->set_part(part->second);
    record->set_begin(finding.begin);
    record->set_length(finding.end - finding.begin);
    record->set_view(Number(finding.view));
    record->set_evasions(finding.evasions);
    record->set_excerpt(finding.excerpt);
    record->set_excerpt_begin(finding.excerpt_begin);
    record->set_excerpt_end(finding.excerpt_end);
  }
}

// Everything but decision, completeness, revisions and what only a verdict with findings has.
void FillCommon(const Verdict& verdict, store::VerdictRecord* out) {
  const ContentRef& content = verdict.content;
  out->set_content_id(content.content_id);
  out->set_account_id(content.account_id);
  out->set_surface(Number(content.surface));
  out->set_region(content.region);
  out->set_language_hint(content.language_hint);
  if (content.content_time) {
    const int64_t seconds = absl::ToUnixSeconds(*content.content_time);
    out->set_content_time_seconds(seconds);
    out->set_content_time_nanos(static_cast<uint32_t>(
        absl::ToInt64Nanoseconds(*content.content_time - absl::FromUnixSeconds(seconds))));
  }
  for (const auto& [key, value] : content.labels) {
    store::LabelRecord* label = out->add_labels();
    label->set_key(key);
    label->set_value(value);
  }
  out->set_file_name(content.file_name);
  if (!verdict.content_sha256.empty())
    out->set_content_sha256(absl::HexStringToBytes(verdict.content_sha256));
  out->set_client_token(verdict.client_token);
  out->set_check_duration_ns(
      static_cast<uint64_t>(absl::ToInt64Nanoseconds(verdict.check_duration)));
  const CheckResult& result = verdict.result;
  out->set_text_bytes(result.text_bytes);
  if (result.detected_charset != kUtf8) out->set_charset(result.detected_charset);
  out->set_replacements(result.replacements);
  out->set_offset_unit(Number(result.offset_unit));
}

void Fill(const Verdict& verdict, const Uuid* request_id, store::VerdictRecord* out) {
  FillCommon(verdict, out);
  if (request_id != nullptr) {
    out->set_request_id(request_id->bytes.data(), request_id->bytes.size());
  }
  const CheckResult& result = verdict.result;
  out->set_decision(Number(result.decision));
  out->set_completeness(Number(result.completeness));
  out->set_pack_revision(result.pack_revision.str());
  out->set_policy_revision(result.policy_revision.str());
  out->set_finding_count(result.finding_count);
  out->set_findings_truncated(result.findings_truncated);
  for (const Shortfall& shortfall : result.shortfalls) {
    store::ShortfallRecord* record = out->add_shortfalls();
    record->set_reason(Number(shortfall.reason));
    record->set_part(shortfall.part);
    record->set_limit(shortfall.limit);
    record->set_detail(shortfall.detail);
  }
  for (const CategoryResult& category : result.categories) {
    store::CategoryRecord* record = out->add_categories();
    record->set_category(Number(category.category));
    record->set_label(category.label);
    record->set_decision(Number(category.decision));
    record->set_severity(Number(category.severity));
    record->set_finding_count(category.finding_count);
  }
  if (!result.findings.empty()) EncodeFindings(result, out);
}

// Takes numbers and strings out of a parsed record, remembering whether all of them can be.
class Taker {
 public:
  template <typename T>
  T Enum(uint32_t number, T greatest) {
    if (number <= Number(greatest)) return static_cast<T>(number);
    sound_ = false;
    return T{};
  }
  template <typename List>
  const typename List::value_type* At(const List& list, uint32_t index) {
    if (index < static_cast<uint32_t>(list.size())) return &list.Get(static_cast<int>(index));
    sound_ = false;
    return nullptr;
  }
  void Require(bool condition) { sound_ = sound_ && condition; }
  bool sound() const { return sound_; }

 private:
  bool sound_ = true;
};

// A verdict of which only its key is known.
Verdict Blank(std::string_view tenant, const Uuid& id) {
  Verdict verdict;
  verdict.tenant = std::string(tenant);
  verdict.id = FormatUuid(id);
  verdict.create_time = UuidV7Time(id);
  return verdict;
}

void TakeFindings(store::VerdictRecord& record, Taker& take, CheckResult* out) {
  out->findings.reserve(record.findings_size());
  for (store::FindingRecord& from : *record.mutable_findings()) {
    const store::RuleRecord* rule = take.At(record.rules(), from.rule());
    const std::string* part = take.At(record.parts(), from.part());
    if (rule == nullptr || part == nullptr) return;
    Finding& finding = out->findings.emplace_back();
    finding.rule_id = rule->rule_id();
    finding.category = take.Enum(rule->category(), Category::kOtherProhibited);
    finding.label = rule->label();
    finding.severity = take.Enum(rule->severity(), Severity::kCritical);
    finding.decision = take.Enum(rule->decision(), Decision::kBlock);
    finding.reason_en = rule->reason_en();
    finding.reason_zh = rule->reason_zh();
    finding.layer.kind = take.Enum(rule->layer_kind(), rules::LayerKind::kTenant);
    finding.layer.name = rule->layer_name();
    if (finding.layer.kind == rules::LayerKind::kUnspecified) {
      finding.layer.kind = rules::LayerKind::kBundled;
    }
    finding.field = *part;
    finding.begin = from.begin();
    finding.end = from.begin() + from.length();
    finding.view = take.Enum(from.view(), text::View::kPhonetic);
    finding.evasions = from.evasions();
    finding.excerpt = std::move(*from.mutable_excerpt());
    finding.excerpt_begin = from.excerpt_begin();
    finding.excerpt_end = from.excerpt_end();
    take.Require(finding.excerpt_begin <= finding.excerpt_end &&
                 finding.excerpt_end <= finding.excerpt.size());
  }
}

void TakeCommon(store::VerdictRecord& record, Taker& take, CheckResult* out) {
  out->text_bytes = record.text_bytes();
  out->detected_charset = record.has_charset() ? record.charset() : std::string(kUtf8);
  out->replacements = record.replacements();
  out->offset_unit = take.Enum(record.offset_unit(), text::OffsetUnit::kCodePoints);
}

void TakeResult(store::VerdictRecord& record, Taker& take, CheckResult* out) {
  TakeCommon(record, take, out);
  out->decision = take.Enum(record.decision(), Decision::kBlock);
  out->completeness = take.Enum(record.completeness(), Completeness::kFailed);
  take.Require(out->decision != Decision::kUnspecified &&
               out->completeness != Completeness::kUnspecified);
  out->pack_revision = record.pack_revision();
  out->policy_revision = record.policy_revision();
  out->finding_count = record.finding_count();
  out->findings_truncated = record.findings_truncated();
  for (store::ShortfallRecord& from : *record.mutable_shortfalls()) {
    out->shortfalls.push_back({take.Enum(from.reason(), ShortfallReason::kDeadline),
                               std::move(*from.mutable_part()), std::move(*from.mutable_limit()),
                               std::move(*from.mutable_detail())});
  }
  for (store::CategoryRecord& from : *record.mutable_categories()) {
    out->categories.push_back(
        {take.Enum(from.category(), Category::kOtherProhibited), std::move(*from.mutable_label()),
         take.Enum(from.decision(), Decision::kBlock),
         take.Enum(from.severity(), Severity::kCritical), from.finding_count()});
  }
  TakeFindings(record, take, out);
}

void TakeRest(store::VerdictRecord& record, Taker& take, Verdict* out) {
  ContentRef& content = out->content;
  content.content_id = std::move(*record.mutable_content_id());
  content.account_id = std::move(*record.mutable_account_id());
  content.surface = take.Enum(record.surface(), Surface::kMessage);
  content.region = std::move(*record.mutable_region());
  content.language_hint = std::move(*record.mutable_language_hint());
  if (record.has_content_time_seconds()) {
    take.Require(record.content_time_nanos() < 1'000'000'000);
    content.content_time = absl::FromUnixSeconds(record.content_time_seconds()) +
                           absl::Nanoseconds(record.content_time_nanos());
  }
  for (store::LabelRecord& label : *record.mutable_labels()) {
    content.labels.emplace(std::move(*label.mutable_key()), std::move(*label.mutable_value()));
  }
  content.file_name = std::move(*record.mutable_file_name());
  out->content_sha256 = absl::BytesToHexString(record.content_sha256());
  out->client_token = std::move(*record.mutable_client_token());
  out->check_duration = absl::Nanoseconds(record.check_duration_ns());
  if (!record.request_id().empty()) {
    const std::optional<Uuid> request_id = UuidFromBytes(record.request_id());
    take.Require(request_id.has_value());
    if (request_id) out->request_id = FormatUuid(*request_id);
  }
}

std::string NameOfBlock(const Uuid& block) {
  return StrCat("the block of verdicts that begins with ", FormatUuid(block));
}

// Reads a block piece by piece: the revisions, then each verdict's bytes until `visit` returns
// false. Field numbers it does not know are passed over, as protobuf does.
absl::Status WalkBlock(std::string_view bytes, const Uuid& block, Interned* pack_revision,
                       Interned* policy_revision,
                       absl::FunctionRef<bool(std::string_view record)> visit) {
  using google::protobuf::internal::WireFormatLite;
  using Block = store::VerdictBlock;
  const auto damaged = [&](std::string_view how) { return RecordDamaged(NameOfBlock(block), how); };
  ASSIGN_OR_RETURN(bytes, MessageOf(bytes, [&] { return NameOfBlock(block); }));
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  while (const uint32_t tag = in.ReadTag()) {
    const int field = WireFormatLite::GetTagFieldNumber(tag);
    const bool ours = field == Block::kVerdictsFieldNumber ||
                      field == Block::kPackRevisionFieldNumber ||
                      field == Block::kPolicyRevisionFieldNumber;
    if (!ours || WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (ours || !WireFormatLite::SkipField(&in, tag)) return damaged("it does not parse");
      continue;
    }
    int size = 0;
    if (!in.ReadVarintSizeAsInt(&size)) {
      return damaged("it does not parse");
    }
    const std::string_view value = bytes.substr(in.CurrentPosition());
    if (!in.Skip(size)) return damaged("it is cut short");
    const std::string_view record = value.substr(0, size);
    if (field == Block::kVerdictsFieldNumber) {
      if (!visit(record)) return absl::OkStatus();
    } else {
      Interned* const revision =
          field == Block::kPackRevisionFieldNumber ? pack_revision : policy_revision;
      if (revision != nullptr) *revision = record;
    }
  }
  if (in.CurrentPosition() != static_cast<int>(bytes.size())) return damaged("it does not parse");
  return absl::OkStatus();
}

absl::StatusOr<Verdict> DecodeBlocked(std::string_view bytes, std::string_view tenant,
                                      const Uuid& id, Interned pack_revision,
                                      Interned policy_revision) {
  Verdict verdict = Blank(tenant, id);
  store::VerdictRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return RecordDamaged(NameOf(verdict), "it does not parse");
  }
  Taker take;
  CheckResult& result = verdict.result;
  TakeCommon(record, take, &result);
  TakeRest(record, take, &verdict);
  take.Require(record.decision() == 0 && record.completeness() == 0);
  if (!take.sound()) return RecordDamaged(NameOf(verdict), "it holds impossible values");
  result.decision = Decision::kAllow;
  result.completeness = Completeness::kComplete;
  result.pack_revision = pack_revision;
  result.policy_revision = policy_revision;
  return verdict;
}

}  // namespace

void EncodeVerdict(const Verdict& verdict, const Uuid* request_id, std::string* out) {
  // Reused, so that a clean verdict costs no allocation besides `out`.
  static thread_local store::VerdictRecord scratch;
  scratch.Clear();
  Fill(verdict, request_id, &scratch);
  SerializeRecord(scratch, out);
  if (out->size() > kScratchBytesMax) scratch = store::VerdictRecord();
}

bool FitsBlock(const CheckResult& result) {
  return !IsFlagged(result) && result.finding_count == 0 && result.findings.empty() &&
         result.categories.empty() && result.shortfalls.empty() && !result.findings_truncated;
}

void EncodeBlocked(const Verdict& verdict, std::string* out) {
  static thread_local store::VerdictRecord scratch;
  scratch.Clear();
  FillCommon(verdict, &scratch);
  out->resize(scratch.ByteSizeLong());
  scratch.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(out->data()));
}

void EncodePlain(const PlainContent& content, uint64_t text_bytes, absl::Duration check_duration,
                 std::string* out) {
  using google::protobuf::internal::WireFormatLite;
  using google::protobuf::io::CodedOutputStream;
  using Record = store::VerdictRecord;
  constexpr size_t kNumberBytesMax = 12;  // with its tag of at most two bytes
  const size_t begin = out->size();
  out->resize(begin + content.content_id.size() + content.account_id.size() +
              content.client_token.size() + content.region.size() + content.language_hint.size() +
              9 * kNumberBytesMax);
  uint8_t* const first = reinterpret_cast<uint8_t*>(out->data());
  uint8_t* at = first + begin;
  const auto number = [&at](int field, uint64_t value) {
    if (value != 0) at = WireFormatLite::WriteUInt64ToArray(field, value, at);
  };
  const auto bytes = [&at](int field, std::string_view value) {
    if (value.empty()) return;
    at = WireFormatLite::WriteTagToArray(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, at);
    at = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(value.size()), at);
    std::memcpy(at, value.data(), value.size());
    at += value.size();
  };
  // Ascending, as the generated message writes them.
  bytes(Record::kContentIdFieldNumber, content.content_id);
  bytes(Record::kAccountIdFieldNumber, content.account_id);
  number(Record::kSurfaceFieldNumber, Number(content.surface));
  number(Record::kTextBytesFieldNumber, text_bytes);
  number(Record::kCheckDurationNsFieldNumber,
         static_cast<uint64_t>(absl::ToInt64Nanoseconds(check_duration)));
  bytes(Record::kClientTokenFieldNumber, content.client_token);
  bytes(Record::kRegionFieldNumber, content.region);
  bytes(Record::kLanguageHintFieldNumber, content.language_hint);
  number(Record::kOffsetUnitFieldNumber, Number(content.offset_unit));
  out->resize(at - first);
}

BlockEncoder::BlockEncoder(std::string_view pack_revision, std::string_view policy_revision) {
  store::VerdictBlock head;
  head.set_pack_revision(std::string(pack_revision));
  head.set_policy_revision(std::string(policy_revision));
  SerializeRecord(head, &bytes_);
}

void BlockEncoder::Add(std::string_view record) {
  using google::protobuf::internal::WireFormatLite;
  using google::protobuf::io::CodedOutputStream;
  uint8_t head[16];
  uint8_t* end = WireFormatLite::WriteTagToArray(store::VerdictBlock::kVerdictsFieldNumber,
                                                 WireFormatLite::WIRETYPE_LENGTH_DELIMITED, head);
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(record.size()), end);
  bytes_.append(reinterpret_cast<const char*>(head), end - head);
  bytes_.append(record);
  ++size_;
}

absl::StatusOr<std::vector<Verdict>> DecodeBlock(std::string_view bytes, std::string_view tenant,
                                                 const Uuid& block) {
  std::vector<Verdict> verdicts;
  Interned pack_revision, policy_revision;
  absl::Status status;
  RETURN_IF_ERROR(
      WalkBlock(bytes, block, &pack_revision, &policy_revision, [&](std::string_view record) {
        absl::StatusOr<Verdict> verdict = DecodeBlocked(
            record, tenant, IdInBlock(block, verdicts.size()), pack_revision, policy_revision);
        status = verdict.status();
        if (status.ok()) verdicts.push_back(*std::move(verdict));
        return status.ok();
      }));
  RETURN_IF_ERROR(status);
  return verdicts;
}

absl::StatusOr<std::optional<Verdict>> DecodeFromBlock(std::string_view bytes,
                                                       std::string_view tenant, const Uuid& id) {
  Interned pack_revision, policy_revision;
  std::optional<std::string_view> found;
  size_t left = PositionInBlock(id);
  RETURN_IF_ERROR(
      WalkBlock(bytes, BlockOf(id), &pack_revision, &policy_revision, [&](std::string_view record) {
        if (left-- > 0) return true;
        found = record;
        return false;
      }));
  if (!found) return std::nullopt;
  return DecodeBlocked(*found, tenant, id, pack_revision, policy_revision);
}

absl::Status VisitBlock(
    std::string_view bytes, const Uuid& block,
    absl::FunctionRef<void(std::string_view content_id, std::string_view account_id)> visit) {
  using google::protobuf::internal::WireFormatLite;
  constexpr auto tag_of = [](int field) {
    return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  };
  bool sound = true;
  RETURN_IF_ERROR(WalkBlock(bytes, block, nullptr, nullptr, [&](std::string_view record) {
    google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(record.data()),
                                              static_cast<int>(record.size()));
    std::string_view content_id, account_id;
    while (const uint32_t tag = in.ReadTag()) {
      std::string_view* const wanted =
          tag == tag_of(store::VerdictRecord::kContentIdFieldNumber)   ? &content_id
          : tag == tag_of(store::VerdictRecord::kAccountIdFieldNumber) ? &account_id
                                                                       : nullptr;
      if (wanted == nullptr) {
        sound = WireFormatLite::SkipField(&in, tag);
      } else {
        int size = 0;
        sound = in.ReadVarintSizeAsInt(&size);
        if (sound) *wanted = record.substr(in.CurrentPosition(), size);
        sound = sound && in.Skip(size);
      }
      if (!sound) return false;
    }
    sound = in.CurrentPosition() == static_cast<int>(record.size());
    if (sound) visit(content_id, account_id);
    return sound;
  }));
  if (!sound) return RecordDamaged(NameOfBlock(block), "one of them does not parse");
  return absl::OkStatus();
}

std::string EncodePostings(const std::vector<Posting>& postings) {
  store::PostingsRecord message;
  std::string* const bytes = message.mutable_packed();
  bytes->resize(postings.size() * kPostingBytes);
  char* at = bytes->data();
  for (const Posting& posting : postings) {
    const uint64_t whole =
        uint64_t{posting.hash} << 32 | uint64_t{posting.block} << 16 | uint64_t{posting.position};
    for (int shift = 56; shift >= 0; shift -= 8) *at++ = static_cast<char>(whole >> shift);
  }
  std::string out;
  SerializeRecord(message, &out, kPostingsVersion);
  return out;
}

absl::StatusOr<FoundPostings> FindPostings(std::string_view bytes, uint32_t hash) {
  constexpr std::string_view kWhat = "an index of blocks of verdicts";
  store::PostingsRecord message;
  RETURN_IF_ERROR(ParseRecord(bytes, kWhat, &message, kPostingsVersion));
  std::string_view packed = message.packed(), whole = message.postings();
  if (packed.size() % kPostingBytes != 0 || whole.size() % kPostingBytesOfVersion1 != 0) {
    return RecordDamaged(kWhat, "it is cut short");
  }
  FoundPostings found;
  for (; !packed.empty(); packed.remove_prefix(kPostingBytes)) {
    const uint64_t posting = BigEndian(packed.substr(0, kPostingBytes));
    if (static_cast<uint32_t>(posting >> 32) != hash) continue;
    found.places.push_back(
        {hash, static_cast<uint16_t>(posting >> 16), static_cast<uint16_t>(posting)});
  }
  for (; !whole.empty(); whole.remove_prefix(kPostingBytesOfVersion1)) {
    if (BigEndian(whole.substr(0, 4)) != hash) continue;
    found.ids.push_back(*UuidFromBytes(whole.substr(4, sizeof(Uuid))));
  }
  return found;
}

std::string EncodeRun(const std::vector<Uuid>& blocks) {
  store::RunRecord message;
  for (const Uuid& block : blocks) message.mutable_blocks()->append(block.view());
  std::string out;
  SerializeRecord(message, &out);
  return out;
}

absl::StatusOr<std::vector<Uuid>> DecodeRun(std::string_view bytes) {
  constexpr std::string_view kWhat = "a run of blocks of verdicts";
  store::RunRecord message;
  RETURN_IF_ERROR(ParseRecord(bytes, kWhat, &message));
  std::string_view rest = message.blocks();
  if (rest.size() % sizeof(Uuid) != 0) return RecordDamaged(kWhat, "it is cut short");
  std::vector<Uuid> blocks;
  for (; !rest.empty(); rest.remove_prefix(sizeof(Uuid))) {
    blocks.push_back(*UuidFromBytes(rest.substr(0, sizeof(Uuid))));
  }
  return blocks;
}

absl::StatusOr<Verdict> DecodeVerdict(std::string_view bytes, std::string_view tenant,
                                      const Uuid& id) {
  Verdict verdict = Blank(tenant, id);
  store::VerdictRecord record;
  RETURN_IF_ERROR(ParseRecord(bytes, NameOf(verdict), &record));
  Taker take;
  TakeResult(record, take, &verdict.result);
  TakeRest(record, take, &verdict);
  if (!take.sound()) return RecordDamaged(NameOf(verdict), "it holds impossible values");
  return verdict;
}

std::string EncodeRequest(const RequestRecord& record) {
  store::RequestRecord message;
  message.set_body_digest(record.body_digest);
  message.set_verdict_id(record.verdict_id.bytes.data(), record.verdict_id.bytes.size());
  message.set_expire_time_ms(static_cast<uint64_t>(absl::ToUnixMillis(record.expire_time)));
  std::string bytes;
  SerializeRecord(message, &bytes);
  return bytes;
}

absl::StatusOr<RequestRecord> DecodeRequest(std::string_view bytes, const Uuid& request_id) {
  const auto what = [&] { return StrCat("the record of request id ", FormatUuid(request_id)); };
  store::RequestRecord message;
  RETURN_IF_ERROR(ParseRecord(bytes, what(), &message));
  const std::optional<Uuid> verdict_id = UuidFromBytes(message.verdict_id());
  if (!verdict_id || message.body_digest().empty()) {
    return RecordDamaged(what(), "it holds impossible values");
  }
  return RequestRecord{std::move(*message.mutable_body_digest()), *verdict_id,
                       absl::FromUnixMillis(static_cast<int64_t>(message.expire_time_ms()))};
}

}  // namespace winnow::domain
