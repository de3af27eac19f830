#include "service/grpc/batch_reader.h"

#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "engine/base/strings.h"
#include "engine/text/charset.h"
#include "proto/result_printer.h"
#include "service/domain/checks.h"
#include "winnow/v1/check_service.pb.h"

namespace winnow::rpc {
namespace {

enum WireType : uint32_t { kVarint = 0, kBytes = 2 };

// A message of more items than that is read as one: a few bytes of it would be 200 of ours.
constexpr size_t kItemsMax = 4096;

constexpr uint32_t TagOf(int field, WireType type) {
  return static_cast<uint32_t>(field) << 3 | type;
}

// Reads fields one by one. After a failure nothing more is read.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool done() const { return at_ == end_; }

  // Tags of more than one byte are of fields that are not plain.
  bool Tag(uint32_t* tag) {
    *tag = static_cast<uint8_t>(*at_++);
    return *tag < 0x80;
  }
  bool Varint(uint64_t* value) {
    *value = 0;
    for (int shift = 0; shift < 63 && at_ != end_; shift += 7) {
      const uint8_t byte = static_cast<uint8_t>(*at_++);
      *value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool Bytes(std::string_view* value) {
    uint64_t size = 0;
    if (!Varint(&size) || size > static_cast<uint64_t>(end_ - at_)) return false;
    *value = {at_, static_cast<size_t>(size)};
    at_ += size;
    return true;
  }
  bool Text(std::string_view* value) { return Bytes(value) && text::ValidUtf8(*value); }

 private:
  const char* at_;
  const char* const end_;
};

// Notes which fields a message had; false for one that it had before.
class Seen {
 public:
  bool Add(uint32_t tag) { return (std::exchange(mask_, mask_ | Bit(tag)) & Bit(tag)) == 0; }
  bool Has(int field) const { return (mask_ & uint32_t{1} << field) != 0; }

 private:
  static uint32_t Bit(uint32_t tag) { return uint32_t{1} << (tag >> 3); }
  uint32_t mask_ = 0;
};

bool ReadField(std::string_view bytes, Field* out) {
  using Message = v1::TextField;
  Reader reader(bytes);
  Seen seen;
  while (!reader.done()) {
    uint32_t tag = 0;
    if (!reader.Tag(&tag) || !seen.Add(tag)) return false;
    bool read = false;
    switch (tag) {
      case TagOf(Message::kKeyFieldNumber, kBytes):
        read = reader.Text(&out->key);
        break;
      case TagOf(Message::kTextFieldNumber, kBytes):
        out->valid_utf8 = true;
        read = reader.Text(&out->bytes);
        break;
      case TagOf(Message::kRawFieldNumber, kBytes):
        read = reader.Bytes(&out->bytes);
        break;
      case TagOf(Message::kCharsetFieldNumber, kBytes):
        read = reader.Text(&out->charset);
        break;
    }
    if (!read) return false;
  }
  const bool text = seen.Has(Message::kTextFieldNumber), raw = seen.Has(Message::kRawFieldNumber);
  return text != raw && (raw || out->charset.empty());
}

bool ReadSurface(Reader& reader, Surface* out) {
  uint64_t number = 0;
  if (!reader.Varint(&number) || number > static_cast<uint64_t>(v1::Surface_MAX)) return false;
  *out = api::FromProto(static_cast<v1::Surface>(number));
  return v1::Surface_IsValid(static_cast<int>(number));
}

bool ReadContent(std::string_view bytes, domain::PlainContent* out, std::vector<Field>* fields) {
  using Message = v1::Content;
  Reader reader(bytes);
  Seen seen;
  out->fields_begin = static_cast<uint32_t>(fields->size());
  while (!reader.done()) {
    uint32_t tag = 0;
    if (!reader.Tag(&tag)) return false;
    constexpr uint32_t kFields = TagOf(Message::kFieldsFieldNumber, kBytes);
    if (tag != kFields && !seen.Add(tag)) return false;
    bool read = false;
    switch (tag) {
      case kFields: {
        std::string_view field;
        read = reader.Bytes(&field) && ReadField(field, &fields->emplace_back());
        break;
      }
      case TagOf(Message::kContentIdFieldNumber, kBytes):
        read = reader.Text(&out->content_id);
        break;
      case TagOf(Message::kAccountIdFieldNumber, kBytes):
        read = reader.Text(&out->account_id);
        break;
      case TagOf(Message::kLanguageHintFieldNumber, kBytes):
        read = reader.Text(&out->language_hint);
        break;
      case TagOf(Message::kRegionFieldNumber, kBytes):
        read = reader.Text(&out->region);
        break;
      case TagOf(Message::kSurfaceFieldNumber, kVarint):
        read = ReadSurface(reader, &out->surface);
        break;
    }
    if (!read) return false;
  }
  out->fields_end = static_cast<uint32_t>(fields->size());
  return true;
}

// `parent` is set where the item has one.
bool ReadItem(std::string_view bytes, domain::PlainContent* out, std::vector<Field>* fields,
              std::string_view* parent) {
  using Message = v1::CheckContentRequest;
  Reader reader(bytes);
  Seen seen;
  while (!reader.done()) {
    uint32_t tag = 0;
    if (!reader.Tag(&tag) || !seen.Add(tag)) return false;
    bool read = false;
    std::string_view content;
    uint64_t number = 0;
    switch (tag) {
      case TagOf(Message::kParentFieldNumber, kBytes):
        read = reader.Text(parent);
        break;
      case TagOf(Message::kContentFieldNumber, kBytes):
        read = reader.Bytes(&content) && ReadContent(content, out, fields);
        break;
      case TagOf(Message::kOffsetUnitFieldNumber, kVarint):
        read = reader.Varint(&number) && number <= static_cast<uint64_t>(v1::OffsetUnit_MAX) &&
               v1::OffsetUnit_IsValid(static_cast<int>(number));
        if (read) out->offset_unit = api::FromProto(static_cast<v1::OffsetUnit>(number));
        break;
      case TagOf(Message::kIncludeExcerptsFieldNumber, kVarint):
        read = reader.Varint(&number);
        out->include_excerpts = number != 0;
        break;
      case TagOf(Message::kClientTokenFieldNumber, kBytes):
        read = reader.Text(&out->client_token);
        break;
    }
    if (!read) return false;
  }
  return seen.Has(Message::kContentFieldNumber);
}

}  // namespace

std::optional<domain::PlainBatch> ReadPlainBatch(std::string_view bytes) {
  using Message = v1::BatchCheckContentsRequest;
  // Short batches do not pay for what they do not use, longer ones grow less often.
  constexpr size_t kItemBytes = 256;
  domain::PlainBatch batch;
  batch.contents.reserve(bytes.size() / kItemBytes + 1);
  batch.fields.reserve(bytes.size() / kItemBytes + 1);
  Reader reader(bytes);
  std::string_view parent, item_parent;
  bool parent_seen = false;
  while (!reader.done()) {
    uint32_t tag = 0;
    std::string_view item, own_parent;
    if (!reader.Tag(&tag)) return std::nullopt;
    switch (tag) {
      case TagOf(Message::kParentFieldNumber, kBytes):
        if (std::exchange(parent_seen, true) || !reader.Text(&parent)) return std::nullopt;
        break;
      case TagOf(Message::kRequestsFieldNumber, kBytes):
        if (batch.contents.size() == kItemsMax || !reader.Bytes(&item) ||
            !ReadItem(item, &batch.contents.emplace_back(), &batch.fields, &own_parent)) {
          return std::nullopt;
        }
        // The batch's own may come behind its items.
        if (own_parent.empty()) break;
        if (!item_parent.empty() && own_parent != item_parent) return std::nullopt;
        item_parent = own_parent;
        break;
      default:
        return std::nullopt;
    }
  }
  if (!item_parent.empty() && item_parent != parent) return std::nullopt;
  absl::StatusOr<std::string> tenant = domain::ParseTenant(parent, "parent");
  if (!tenant.ok()) return std::nullopt;
  batch.tenant = *std::move(tenant);
  return batch;
}

}  // namespace winnow::rpc
