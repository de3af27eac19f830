#include "service/grpc/batch_printer.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstdint>
#include <cstring>
#include <string_view>

#include "proto/result_printer.h"
#include "service/grpc/status_printer.h"
#include "service/grpc/verdict_printer.h"
#include "winnow/v1/check_service.pb.h"

namespace winnow::rpc {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;
using v1::Verdict;

constexpr std::string_view kUtf8 = "UTF-8";
// All that stands around the strings of one verdict, generously.
constexpr size_t kFrameBytes = 128;

constexpr size_t kUsualBytes = 384;

// Tag and length, as of strings and messages.
uint8_t* PutHead(int field, size_t size, uint8_t* at) {
  at = WireFormatLite::WriteTagToArray(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, at);
  return CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(size), at);
}

uint8_t* PutBytes(std::string_view bytes, uint8_t* at) {
  std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

uint8_t* PutString(int field, std::string_view value, uint8_t* at) {
  return value.empty() ? at : PutBytes(value, PutHead(field, value.size(), at));
}

uint8_t* PutNumber(int field, uint64_t value, uint8_t* at) {
  return value == 0 ? at : WireFormatLite::WriteUInt64ToArray(field, value, at);
}

uint8_t* PutDuration(int field, absl::Duration value, uint8_t* at) {
  absl::Duration rest;
  const int64_t seconds = absl::IDivDuration(value, absl::Seconds(1), &rest);
  uint8_t body[24];
  uint8_t* end = PutNumber(google::protobuf::Duration::kSecondsFieldNumber,
                           static_cast<uint64_t>(seconds), body);
  end = PutNumber(google::protobuf::Duration::kNanosFieldNumber,
                  static_cast<uint64_t>(absl::ToInt64Nanoseconds(rest)), end);
  const std::string_view bytes(reinterpret_cast<const char*>(body), end - body);
  return PutBytes(bytes, PutHead(field, bytes.size(), at));
}

// What the clean verdicts of one block have in common: the fields up to the policy revision, of
// which only the last digits of the name differ.
class Block {
 public:
  Block(const domain::PlainBatch& batch, const domain::PlainOutcome& outcome)
      : batch_(batch), outcome_(outcome) {}

  // The bytes for the id of item `i`; valid until the next call.
  std::string_view FieldsOf(size_t i) {
    const domain::Uuid& id = outcome_.items[i].id;
    if (fields_.empty() || domain::BlockOf(id) != block_) Make(i);
    constexpr char kDigits[] = "0123456789abcdef";
    const size_t position = domain::PositionInBlock(id);
    for (size_t k = 0; k < kPositionDigits; ++k) {
      fields_[digits_ + k] = kDigits[position >> 4 * (kPositionDigits - 1 - k) & 15];
    }
    return fields_;
  }

 private:
  static constexpr size_t kPositionDigits = 4;

  void Make(size_t i) {
    block_ = domain::BlockOf(outcome_.items[i].id);
    Verdict whole, common;
    PrintVerdict(domain::CleanVerdictOf(batch_, i, outcome_), &whole);
    common.set_name(whole.name());
    const size_t name_bytes = common.ByteSizeLong();
    common.set_etag(whole.etag());
    *common.mutable_create_time() = whole.create_time();
    common.set_decision(whole.decision());
    common.set_completeness(whole.completeness());
    common.set_pack_revision(whole.pack_revision());
    common.set_policy_revision(whole.policy_revision());
    fields_ = common.SerializeAsString();
    digits_ = name_bytes - kPositionDigits;
  }

  const domain::PlainBatch& batch_;
  const domain::PlainOutcome& outcome_;
  domain::Uuid block_;
  std::string fields_;
  size_t digits_ = 0;  // where the name's last ones are
};

void AppendClean(std::string_view common, const domain::PlainContent& content,
                 absl::Duration check_duration, std::string* out) {
  // The verdict is written behind room for the heads around it, then drawn up to them.
  constexpr size_t kHeadsMax = 12;
  const size_t begin = out->size();
  out->resize(begin + kHeadsMax + common.size() + content.content_id.size() +
              content.account_id.size() + content.client_token.size() + content.region.size() +
              kFrameBytes);
  uint8_t* const first = reinterpret_cast<uint8_t*>(out->data()) + begin;
  uint8_t* const verdict = first + kHeadsMax;
  uint8_t* end = PutBytes(common, verdict);
  // Ascending, as the generated message writes them.
  end = PutString(Verdict::kContentIdFieldNumber, content.content_id, end);
  end = PutString(Verdict::kAccountIdFieldNumber, content.account_id, end);
  end = PutNumber(Verdict::kSurfaceFieldNumber, api::ToProto(content.surface), end);
  end = PutString(Verdict::kClientTokenFieldNumber, content.client_token, end);
  end = PutString(Verdict::kDetectedCharsetFieldNumber, kUtf8, end);
  end = PutNumber(Verdict::kOffsetUnitFieldNumber, api::ToProto(content.offset_unit), end);
  end = PutDuration(Verdict::kCheckDurationFieldNumber, check_duration, end);
  end = PutString(Verdict::kRegionFieldNumber, content.region, end);

  using Response = v1::BatchCheckContentsResponse;
  const size_t size = end - verdict;
  uint8_t inner[kHeadsMax / 2];
  const size_t inner_size = PutHead(Response::Result::kVerdictFieldNumber, size, inner) - inner;
  uint8_t* at = PutHead(Response::kResultsFieldNumber, inner_size + size, first);
  at = PutBytes({reinterpret_cast<const char*>(inner), inner_size}, at);
  std::memmove(at, verdict, size);
  out->resize(begin + (at - first) + size);
}

void AppendOther(const absl::StatusOr<domain::Verdict>& outcome, std::string* out) {
  v1::BatchCheckContentsResponse one;
  v1::BatchCheckContentsResponse::Result* const result = one.add_results();
  if (outcome.ok()) {
    PrintVerdict(*outcome, result->mutable_verdict());
  } else {
    *result->mutable_error() = PrintStatus(outcome.status());
  }
  // A message of one result, behind others, is one more result.
  one.AppendToString(out);
}

}  // namespace

std::string PrintPlainOutcome(const domain::PlainBatch& batch,
                              const domain::PlainOutcome& outcome) {
  std::string out;
  // For names of ordinary length. It grows where they are longer.
  out.reserve(outcome.items.size() * kUsualBytes);
  Block block(batch, outcome);
  for (size_t i = 0; i < outcome.items.size(); ++i) {
    const domain::PlainOutcome::Item& item = outcome.items[i];
    if (item.other == domain::PlainOutcome::kClean) {
      AppendClean(block.FieldsOf(i), batch.contents[i], item.check_duration, &out);
    } else {
      AppendOther(outcome.others[item.other], &out);
    }
  }
  return out;
}

}  // namespace winnow::rpc
