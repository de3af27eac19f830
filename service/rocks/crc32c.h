// CRC-32C (Castagnoli, RFC 3720 appendix B.4): finds accidental damage, protects from no attacker.
#pragma once

#include <cstdint>
#include <string_view>

namespace winnow::rocks {

// The checksum of the bytes before, continued over `bytes`: Crc32c(Crc32c(0, a), b) is that of a +
// b. Uses the CPU's instruction where there is one.
uint32_t Crc32c(uint32_t before, std::string_view bytes);

// The same from tables alone, for CPUs without the instruction and as a check on it.
uint32_t Crc32cPortable(uint32_t before, std::string_view bytes);

}  // namespace winnow::rocks
