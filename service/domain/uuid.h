// UUIDs as the 16 bytes that keys and records hold. Pure functions; any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace winnow::domain {

struct Uuid {
  std::array<char, 16> bytes{};

  // Valid while this object lives.
  std::string_view view() const { return {bytes.data(), bytes.size()}; }
  bool is_nil() const { return *this == Uuid{}; }
  friend bool operator==(const Uuid&, const Uuid&) = default;
  // By unsigned bytes, as keys order.
  friend std::strong_ordering operator<=>(const Uuid& a, const Uuid& b) {
    return std::memcmp(a.bytes.data(), b.bytes.data(), sizeof(a.bytes)) <=> 0;
  }
};

// "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" in hexadecimal digits of any case, whatever its version;
// nullopt for anything else.
std::optional<Uuid> ParseUuid(std::string_view text);
// 16 bytes as a record holds them; nullopt for another length.
std::optional<Uuid> UuidFromBytes(std::string_view bytes);
// Lower case.
std::string FormatUuid(const Uuid& uuid);

// The milliseconds since 1970 with which a UUIDv7 begins.
uint64_t UuidV7Millis(const Uuid& uuid);
// The same as a time.
absl::Time UuidV7Time(const Uuid& uuid);
// The least UUID that begins with `millis`, which has 48 bits.
Uuid LeastUuidV7(uint64_t millis);

// Verdicts that are stored in one block share all bytes of their ids but the last two, which are
// their position. The block's own id is that of its first verdict.
inline constexpr size_t kBlockPositions = 1 << 16;
Uuid BlockOf(const Uuid& verdict_id);
size_t PositionInBlock(const Uuid& verdict_id);
// `block`: any id within it; `position` below kBlockPositions.
Uuid IdInBlock(const Uuid& block, size_t position);

}  // namespace winnow::domain
