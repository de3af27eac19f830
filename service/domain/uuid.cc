#include "service/domain/uuid.h"

#include <algorithm>

namespace winnow::domain {
namespace {

constexpr size_t kTextSize = 36;
constexpr bool IsDash(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<Uuid> ParseUuid(std::string_view text) {
  if (text.size() != kTextSize) return std::nullopt;
  Uuid uuid;
  size_t out = 0;
  for (size_t i = 0; i < kTextSize;) {
    if (IsDash(i)) {
      if (text[i] != '-') return std::nullopt;
      ++i;
      continue;
    }
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    uuid.bytes[out++] = static_cast<char>(high << 4 | low);
    i += 2;
  }
  return uuid;
}

std::optional<Uuid> UuidFromBytes(std::string_view bytes) {
  Uuid uuid;
  if (bytes.size() != uuid.bytes.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
  return uuid;
}

std::string FormatUuid(const Uuid& uuid) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kTextSize, '-');
  size_t at = 0;
  for (char byte : uuid.bytes) {
    if (IsDash(at)) ++at;
    text[at++] = kDigits[static_cast<uint8_t>(byte) >> 4];
    text[at++] = kDigits[static_cast<uint8_t>(byte) & 15];
  }
  return text;
}

uint64_t UuidV7Millis(const Uuid& uuid) {
  uint64_t millis = 0;
  for (size_t i = 0; i < 6; ++i) millis = millis << 8 | static_cast<uint8_t>(uuid.bytes[i]);
  return millis;
}

absl::Time UuidV7Time(const Uuid& uuid) {
  return absl::FromUnixMillis(static_cast<int64_t>(UuidV7Millis(uuid)));
}

Uuid LeastUuidV7(uint64_t millis) {
  Uuid uuid;
  for (size_t i = 6; i-- > 0; millis >>= 8) uuid.bytes[i] = static_cast<char>(millis & 0xFF);
  return uuid;
}

Uuid BlockOf(const Uuid& verdict_id) { return IdInBlock(verdict_id, 0); }

size_t PositionInBlock(const Uuid& verdict_id) {
  return size_t{static_cast<uint8_t>(verdict_id.bytes[14])} << 8 |
         static_cast<uint8_t>(verdict_id.bytes[15]);
}

Uuid IdInBlock(const Uuid& block, size_t position) {
  Uuid id = block;
  id.bytes[14] = static_cast<char>(position >> 8);
  id.bytes[15] = static_cast<char>(position & 0xFF);
  return id;
}

}  // namespace winnow::domain
