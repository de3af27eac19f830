// UUIDs as the 16 bytes that keys and records hold. Pure functions; any thread.
#pragma once

#include <array>
#include <cstdint>
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
// The least UUID that begins with `millis`, which has 48 bits.
Uuid LeastUuidV7(uint64_t millis);

}  // namespace winnow::domain
