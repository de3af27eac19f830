// Check digits: what tells an identity or card number from any other row of digits. An expression
// of a rule may name a checksum that its match must satisfy (docs/rules.md, "Checksums").
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"

namespace winnow::text {

// Stored in packs: never renumbered.
enum class Checksum : uint8_t {
  kNone = 0,
  kLuhn = 1,  // ISO/IEC 7812 and others: bank cards, IMEI. Two digits or more, not all alike
  kCnResidentId = 2,  // GB 11643: 18 places, a region there is, a day there was, mod 11-2
  kCnUscc = 3,        // GB 32100: 18 places, the code of an organisation, mod 31
  kIban = 4,          // ISO 13616: two letters, two digits, 11 to 30 more, mod 97
  kHkId = 5,          // one or two letters, six digits, a check digit or A
  kTwId = 6,          // a letter, nine digits
};
inline constexpr int kChecksumCount = 7;

// The names that rules use, by Checksum; the first, of kNone, is empty.
absl::Span<const std::string_view> ChecksumNames();

// Whether `number` satisfies `checksum`; anything satisfies kNone. Blanks, hyphens, dots,
// underscores and brackets are passed over, letters may have any case; whatever else stands there,
// and any number of places but the checksum's, does not satisfy it. Any thread, no allocation,
// O(|number|).
bool Satisfies(Checksum checksum, std::string_view number);

}  // namespace winnow::text
