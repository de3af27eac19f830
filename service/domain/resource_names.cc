// The names of resources, declared beside what they name in checks.h and verdict.h.
#include "engine/base/strings.h"
#include "service/domain/checks.h"
#include "service/domain/error.h"
#include "service/domain/uuid.h"
#include "service/domain/validation.h"

namespace winnow::domain {
namespace {

constexpr std::string_view kTenants = "tenants/";
constexpr std::string_view kVerdicts = "/verdicts/";
constexpr size_t kTenantBytesMax = 63;

bool IsLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

bool ValidTenant(std::string_view s) {
  if (s.empty() || s.size() > kTenantBytesMax) return false;
  if (!IsLetterOrDigit(s.front()) || !IsLetterOrDigit(s.back())) return false;
  for (char c : s) {
    if (!IsLetterOrDigit(c) && c != '-') return false;
  }
  return true;
}

absl::StatusOr<std::string> ParseTenant(std::string_view name, std::string_view field) {
  if (name.starts_with(kTenants) && ValidTenant(name.substr(kTenants.size()))) {
    return std::string(name.substr(kTenants.size()));
  }
  return FieldInvalid(field,
                      StrCat(name.empty() ? "is required: " : "must be ",
                             "\"tenants/{tenant}\", the tenant of 1 to 63 characters a-z, 0-9 and "
                             "'-', starting and ending with a letter or digit"));
}

absl::StatusOr<VerdictName> ParseVerdictName(std::string_view name, std::string_view field) {
  if (name.starts_with(kTenants)) {
    const std::string_view rest = name.substr(kTenants.size());
    const size_t slash = rest.find('/');
    if (slash != rest.npos && rest.substr(slash).starts_with(kVerdicts)) {
      const std::string_view tenant = rest.substr(0, slash);
      const std::optional<Uuid> id = ParseUuid(rest.substr(slash + kVerdicts.size()));
      if (ValidTenant(tenant) && id) return VerdictName{std::string(tenant), FormatUuid(*id)};
    }
  }
  return FieldInvalid(field, StrCat(name.empty() ? "is required: " : "must be ",
                                    "\"tenants/{tenant}/verdicts/{verdict}\" as CheckContent gave "
                                    "it, the last part a UUID"));
}

std::string NameOf(const Verdict& verdict) {
  if (verdict.id.empty()) return {};
  return StrCat(kTenants, verdict.tenant, kVerdicts, verdict.id);
}

}  // namespace winnow::domain
