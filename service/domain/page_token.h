// Page tokens: where a list goes on, for the same question only. Inside the room only.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "service/domain/uuid.h"

namespace winnow::domain {

// Tokens are base64url of: version, the id that was visited last, a digest of the call's other
// arguments, and a MAC over all of it, so that nobody can make a token up or move one to another
// question. Thread safe.
class PageTokens {
 public:
  // `key`: 32 secret bytes.
  explicit PageTokens(std::string key) : key_(std::move(key)) {}

  std::string Make(const Uuid& last, std::string_view other_arguments) const;
  // FIELD_INVALID for `page_token`, saying whether it is no token of ours or one of another call.
  absl::StatusOr<Uuid> Open(std::string_view token, std::string_view other_arguments) const;

 private:
  const std::string key_;
};

}  // namespace winnow::domain
