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

// Reads all fields of a message by `read` (Reader&, tag to whether it could): each at most once but
// `repeated`, which is a tag; 0: none.
template <typename F>
bool ReadMessage(std::string_view bytes, uint32_t repeated, Seen* seen, F read) {
  Reader reader(bytes);
  while (!reader.done()) {
    uint32_t tag = 0;
    if (!reader.Tag(&tag) || (tag != repeated && !seen->Add(tag)) || !read(reader, tag)) {
      return false;
    }
  }
  return true;
}

bool ReadField(std::string_view bytes, Field* out) {
  using Message = v1::TextField;
  Seen seen;
  const bool read = ReadMessage(bytes, 0, &seen, [out](Reader& reader, uint32_t tag) {
    switch (tag) {
      case TagOf(Message::kKeyFieldNumber, kBytes):
        return reader.Text(&out->key);
      case TagOf(Message::kTextFieldNumber, kBytes):
        out->valid_utf8 = true;
        return reader.Text(&out->bytes);
      case TagOf(Message::kRawFieldNumber, kBytes):
        return reader.Bytes(&out->bytes);
      case TagOf(Message::kCharsetFieldNumber, kBytes):
        return reader.Text(&out->charset);
    }
    return false;
  });
  const bool text = seen.Has(Message::kTextFieldNumber), raw = seen.Has(Message::kRawFieldNumber);
  return read && text != raw && (raw || out->charset.empty());
}

bool ReadSurface(Reader& reader, Surface* out) {
  uint64_t number = 0;
  if (!reader.Varint(&number) || number > static_cast<uint64_t>(v1::Surface_MAX)) return false;
  *out = api::FromProto(static_cast<v1::Surface>(number));
  return v1::Surface_IsValid(static_cast<int>(number));
}

bool ReadContent(std::string_view bytes, domain::PlainContent* out, std::vector<Field>* fields) {
  using Message = v1::Content;
  constexpr uint32_t kFields = TagOf(Message::kFieldsFieldNumber, kBytes);
  Seen seen;
  out->fields_begin = static_cast<uint32_t>(fields->size());
  const bool read = ReadMessage(bytes, kFields, &seen, [&](Reader& reader, uint32_t tag) {
    std::string_view field;
    switch (tag) {
      case kFields:
        return reader.Bytes(&field) && ReadField(field, &fields->emplace_back());
      case TagOf(Message::kContentIdFieldNumber, kBytes):
        return reader.Text(&out->content_id);
      case TagOf(Message::kAccountIdFieldNumber, kBytes):
        return reader.Text(&out->account_id);
      case TagOf(Message::kLanguageHintFieldNumber, kBytes):
        return reader.Text(&out->language_hint);
      case TagOf(Message::kRegionFieldNumber, kBytes):
        return reader.Text(&out->region);
      case TagOf(Message::kSurfaceFieldNumber, kVarint):
        return ReadSurface(reader, &out->surface);
    }
    return false;
  });
  out->fields_end = static_cast<uint32_t>(fields->size());
  return read;
}

bool ReadOffsetUnit(Reader& reader, text::OffsetUnit* out) {
  uint64_t number = 0;
  if (!reader.Varint(&number) || number > static_cast<uint64_t>(v1::OffsetUnit_MAX) ||
      !v1::OffsetUnit_IsValid(static_cast<int>(number))) {
    return false;
  }
  *out = api::FromProto(static_cast<v1::OffsetUnit>(number));
  return true;
}

// `parent` is set where the item has one.
bool ReadItem(std::string_view bytes, domain::PlainContent* out, std::vector<Field>* fields,
              std::string_view* parent) {
  using Message = v1::CheckContentRequest;
  Seen seen;
  const bool read = ReadMessage(bytes, 0, &seen, [&](Reader& reader, uint32_t tag) {
    std::string_view content;
    uint64_t number = 0;
    switch (tag) {
      case TagOf(Message::kParentFieldNumber, kBytes):
        return reader.Text(parent);
      case TagOf(Message::kContentFieldNumber, kBytes):
        return reader.Bytes(&content) && ReadContent(content, out, fields);
      case TagOf(Message::kOffsetUnitFieldNumber, kVarint):
        return ReadOffsetUnit(reader, &out->offset_unit);
      case TagOf(Message::kIncludeExcerptsFieldNumber, kVarint):
        if (!reader.Varint(&number)) return false;
        out->include_excerpts = number != 0;
        return true;
      case TagOf(Message::kClientTokenFieldNumber, kBytes):
        return reader.Text(&out->client_token);
    }
    return false;
  });
  return read && seen.Has(Message::kContentFieldNumber);
}

}  // namespace

std::optional<domain::PlainBatch> ReadPlainBatch(std::string_view bytes) {
  using Message = v1::BatchCheckContentsRequest;
  // Short batches do not pay for what they do not use, longer ones grow less often.
  constexpr size_t kItemBytes = 256;
  domain::PlainBatch batch;
  batch.contents.reserve(bytes.size() / kItemBytes + 1);
  batch.fields.reserve(bytes.size() / kItemBytes + 1);
  constexpr uint32_t kRequests = TagOf(Message::kRequestsFieldNumber, kBytes);
  std::string_view parent, item_parent;
  Seen seen;
  const bool read = ReadMessage(bytes, kRequests, &seen, [&](Reader& reader, uint32_t tag) {
    if (tag == TagOf(Message::kParentFieldNumber, kBytes)) return reader.Text(&parent);
    std::string_view item, own_parent;
    if (tag != kRequests || batch.contents.size() == kItemsMax || !reader.Bytes(&item) ||
        !ReadItem(item, &batch.contents.emplace_back(), &batch.fields, &own_parent)) {
      return false;
    }
    // The batch's own may come behind its items.
    if (own_parent.empty()) return true;
    if (!item_parent.empty() && own_parent != item_parent) return false;
    item_parent = own_parent;
    return true;
  });
  if (!read) return std::nullopt;
  if (!item_parent.empty() && item_parent != parent) return std::nullopt;
  absl::StatusOr<std::string> tenant = domain::ParseTenant(parent, "parent");
  if (!tenant.ok()) return std::nullopt;
  batch.tenant = *std::move(tenant);
  return batch;
}

}  // namespace winnow::rpc
