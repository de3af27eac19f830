// The bytes in the database: keys, the envelope around each value, the store's own record.
// docs/formats/store.md is the specification; this is its only implementation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace winnow::rocks {

// The format of the store as a whole: key layout and meaning. A store of a later one is refused.
inline constexpr uint32_t kStoreFormat = 1;
// The format of one value's envelope.
inline constexpr uint8_t kEnvelopeVersion = 1;

// The store's own record, which says what the directory is. This key and its value's grammar never
// change, so that every version can tell what it cannot read.
inline constexpr std::string_view kMetaKey{"\0winnow", 7};

// Written where RocksDB's memory must not be empty; nobody reads it.
inline constexpr std::string_view kFillerKey{"\0filler", 7};

// Tenant keys. `tenant` has 1..63 bytes.
std::string TenantPrefix(std::string_view tenant);
// The least stored key beyond all of the tenant's.
std::string TenantEnd(std::string_view tenant);

// A stored key for messages: the tenant and the escaped key, or the escaped bytes if it has
// neither.
std::string DescribeKey(std::string_view stored_key);

std::string SealValue(std::string_view stored_key, std::string_view value);
// A view into `sealed`. DATA_LOSS, naming the key, when the bytes are not what was sealed under it;
// FAILED_PRECONDITION when a later version sealed them.
absl::StatusOr<std::string_view> OpenValue(std::string_view stored_key, std::string_view sealed);

struct Meta {
  uint32_t format = kStoreFormat;
  std::string created_by;  // program and version, for people; one line
};
std::string EncodeMeta(const Meta& meta);
// DATA_LOSS when the record is damaged. A later format is not an error here.
absl::StatusOr<Meta> DecodeMeta(std::string_view stored);

}  // namespace winnow::rocks
