#include "service/rocks/format.h"

#include <array>
#include <cstring>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "engine/base/strings.h"
#include "service/rocks/crc32c.h"

namespace winnow::rocks {
namespace {

constexpr char kTenantSpace = '\x01';
constexpr size_t kChecksumBytes = 4;
constexpr size_t kEnvelopeBytes = 1 + kChecksumBytes;

constexpr std::string_view kMetaMagic = "winnow store\n";
constexpr std::string_view kFormatField = "format ";
constexpr std::string_view kCreatedByField = "created-by ";

// Over the key too: a sound value under another's key is damage as well.
std::array<char, kChecksumBytes> Checksum(std::string_view stored_key, std::string_view value) {
  const uint32_t crc = Crc32c(Crc32c(0, stored_key), value);
  return {static_cast<char>(crc), static_cast<char>(crc >> 8), static_cast<char>(crc >> 16),
          static_cast<char>(crc >> 24)};
}

absl::Status Damaged(std::string_view stored_key, std::string_view what) {
  return absl::DataLossError(StrCat("stored value of ", DescribeKey(stored_key),
                                    " is damaged: ", what, "; restore it from a backup"));
}

// The text between `field` and the line's end, removed from `rest`.
std::optional<std::string_view> TakeLine(std::string_view& rest, std::string_view field) {
  if (!rest.starts_with(field)) return std::nullopt;
  const size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view value = rest.substr(field.size(), end - field.size());
  rest.remove_prefix(end + 1);
  return value;
}

}  // namespace

std::string TenantPrefix(std::string_view tenant) {
  std::string out{kTenantSpace, static_cast<char>(tenant.size())};
  out += tenant;
  return out;
}

std::string TenantEnd(std::string_view tenant) {
  // No tenant has a 0xFF byte, so the last byte has a successor.
  std::string out = TenantPrefix(tenant);
  out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) + 1);
  return out;
}

std::string DescribeKey(std::string_view stored_key) {
  if (stored_key.size() > 2 && stored_key[0] == kTenantSpace) {
    const size_t tenant_size = static_cast<unsigned char>(stored_key[1]);
    if (stored_key.size() >= 2 + tenant_size) {
      return StrCat("tenant '", stored_key.substr(2, tenant_size), "' key '",
                    absl::CHexEscape(ToAbsl(stored_key.substr(2 + tenant_size))), "'");
    }
  }
  return StrCat("key '", absl::CHexEscape(ToAbsl(stored_key)), "'");
}

std::string SealValue(std::string_view stored_key, std::string_view value) {
  const auto checksum = Checksum(stored_key, value);
  std::string out;
  out.reserve(kEnvelopeBytes + value.size());
  out.push_back(static_cast<char>(kEnvelopeVersion));
  out.append(checksum.data(), checksum.size());
  out.append(value);
  return out;
}

absl::StatusOr<std::string_view> OpenValue(std::string_view stored_key, std::string_view sealed) {
  if (sealed.empty()) return Damaged(stored_key, "it is empty");
  const auto version = static_cast<uint8_t>(sealed[0]);
  if (version > kEnvelopeVersion) {
    return absl::FailedPreconditionError(StrCat("stored value of ", DescribeKey(stored_key),
                                                " has envelope version ", version,
                                                ", this program reads up to ", kEnvelopeVersion,
                                                "; a later version wrote it: use that version"));
  }
  if (version == 0) return Damaged(stored_key, "version 0 was never written");
  if (sealed.size() < kEnvelopeBytes) return Damaged(stored_key, "it is cut short");
  const std::string_view value = sealed.substr(kEnvelopeBytes);
  const auto expected = Checksum(stored_key, value);
  if (std::memcmp(expected.data(), sealed.data() + 1, expected.size()) != 0) {
    return Damaged(stored_key, "the checksum differs");
  }
  return value;
}

std::string EncodeMeta(const Meta& meta) {
  std::string text = StrCat(kMetaMagic, kFormatField, meta.format, "\n", kCreatedByField);
  for (char c : meta.created_by) text.push_back(c == '\n' ? ' ' : c);
  text.push_back('\n');
  const auto checksum = Checksum(kMetaKey, text);
  text.append(checksum.data(), checksum.size());
  return text;
}

absl::StatusOr<Meta> DecodeMeta(std::string_view stored) {
  const absl::Status damaged = absl::DataLossError("the store's own record is damaged");
  if (stored.size() < kChecksumBytes) return damaged;
  std::string_view text = stored.substr(0, stored.size() - kChecksumBytes);
  const auto expected = Checksum(kMetaKey, text);
  if (std::memcmp(expected.data(), stored.data() + text.size(), expected.size()) != 0) {
    return damaged;
  }
  if (!text.starts_with(kMetaMagic)) return damaged;
  text.remove_prefix(kMetaMagic.size());
  Meta meta;
  const auto format = TakeLine(text, kFormatField);
  if (!format.has_value() || !absl::SimpleAtoi(ToAbsl(*format), &meta.format) || meta.format == 0) {
    return damaged;
  }
  const auto created_by = TakeLine(text, kCreatedByField);
  if (!created_by.has_value()) return damaged;
  meta.created_by = std::string(*created_by);
  return meta;  // what follows belongs to later formats
}

}  // namespace winnow::rocks
