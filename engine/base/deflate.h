// Making stored bytes small, where reading and verifying them costs more than undoing it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace winnow {

// `bytes` as a zlib stream (RFC 1950). Thread safe. O(n), some 50 MB a second.
std::string Deflate(std::string_view bytes);

// The bytes of a stream that Deflate() made of `size` bytes; DATA_LOSS when it was not. No more
// than `size` bytes are ever made. Thread safe. O(size), some 500 MB a second.
absl::StatusOr<std::string> Inflate(std::string_view deflated, size_t size);

}  // namespace winnow
