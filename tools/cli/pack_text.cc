#include "tools/cli/pack_text.h"

#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "engine/base/strings.h"

namespace winnow::cli {
namespace {

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace

std::string ReleaseText(const pack::Release& release) {
  return StrCat("release ", release.sequence, ", valid from ", Rfc3339(release.issue_time), " to ",
                Rfc3339(release.expire_time), ", signed by ",
                absl::StrJoin(release.signer_ids, ", "));
}

std::string ReleaseJson(const pack::Release& release) {
  // Ids are hexadecimal digits, which need no escapes. As the API prints them, 64 bits are text.
  return StrCat(R"({"sequence":")", release.sequence, R"(","issueTime":")",
                Rfc3339(release.issue_time), R"(","expireTime":")", Rfc3339(release.expire_time),
                R"(","signers":[")", absl::StrJoin(release.signer_ids, R"(",")"), R"("]})");
}

}  // namespace winnow::cli
