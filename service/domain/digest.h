// SHA-256 as the domain uses it; the only file of the room that knows the cryptographic library.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace winnow::domain {

inline constexpr size_t kSha256Bytes = 32;

// The digest of bytes that come in pieces. One thread at a time.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void Add(std::string_view bytes);
  // 32 bytes. Call once, and nothing afterwards. INTERNAL when the library failed on the way.
  absl::StatusOr<std::string> Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
  bool failed_ = false;
};

// 32 bytes. Any thread.
std::string Sha256(std::string_view bytes);
// 32 bytes. Any thread.
std::string HmacSha256(std::string_view key, std::string_view bytes);
// Whether two secrets are the same, in a time that tells nothing but their lengths.
bool SameSecret(std::string_view a, std::string_view b);

}  // namespace winnow::domain
