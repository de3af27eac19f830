#include "service/domain/page_token.h"

#include "absl/strings/escaping.h"
#include "engine/base/strings.h"
#include "service/domain/digest.h"
#include "service/domain/error.h"

namespace winnow::domain {
namespace {

constexpr char kVersion = 1;
constexpr size_t kIdBytes = sizeof(Uuid);
constexpr size_t kArgumentsBytes = 8;
constexpr size_t kMacBytes = 16;
constexpr size_t kPayloadBytes = 1 + kIdBytes + kArgumentsBytes;

std::string ArgumentsDigest(std::string_view arguments) {
  return Sha256(arguments).substr(0, kArgumentsBytes);
}

}  // namespace

std::string PageTokens::Make(const Uuid& last, std::string_view other_arguments) const {
  std::string token(1, kVersion);
  token.append(last.view());
  token.append(ArgumentsDigest(other_arguments));
  token.append(HmacSha256(key_, token).substr(0, kMacBytes));
  return absl::WebSafeBase64Escape(token);
}

absl::StatusOr<Uuid> PageTokens::Open(std::string_view token,
                                      std::string_view other_arguments) const {
  constexpr std::string_view kNotOurs =
      "is not a token of this server; use `next_page_token` of the page before, unchanged, or "
      "leave it empty to begin anew";
  std::string bytes;
  // Base64 has several spellings for the same bytes; only ours is taken.
  if (token.size() > 256 || !absl::WebSafeBase64Unescape(ToAbsl(token), &bytes) ||
      absl::WebSafeBase64Escape(bytes) != token || bytes.size() != kPayloadBytes + kMacBytes ||
      bytes[0] != kVersion) {
    return FieldInvalid("page_token", kNotOurs);
  }
  const std::string_view payload = std::string_view(bytes).substr(0, kPayloadBytes);
  const std::string mac = HmacSha256(key_, payload).substr(0, kMacBytes);
  if (!SameSecret(mac, std::string_view(bytes).substr(kPayloadBytes))) {
    return FieldInvalid("page_token", kNotOurs);
  }
  if (payload.substr(1 + kIdBytes) != ArgumentsDigest(other_arguments)) {
    return FieldInvalid("page_token",
                        "belongs to a call with other arguments; repeat `parent`, `page_size` and "
                        "`filter` unchanged, or leave it empty to begin anew");
  }
  return *UuidFromBytes(payload.substr(1, kIdBytes));
}

}  // namespace winnow::domain
