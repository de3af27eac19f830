// SHA-256, as revisions and stored digests use it.
#pragma once

#include <string>
#include <string_view>

namespace winnow {

// The SHA-256 of `bytes`: 32 bytes. Thread safe. O(n).
std::string Sha256(std::string_view bytes);

// The same in 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

}  // namespace winnow
