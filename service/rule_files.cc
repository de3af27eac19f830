#include "service/rule_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/pack/pack.h"
#include "engine/policy/policy.h"
#include "engine/rules/diagnostics.h"
#include "engine/rules/yaml_reader.h"
#include "service/domain/error.h"

namespace winnow {
namespace {

absl::Status Refuse(absl::StatusCode code, std::string_view reason, const std::string& path,
                    std::string_view message) {
  domain::ErrorDetail detail;
  detail.reason = std::string(reason);
  detail.metadata["path"] = path;
  return domain::MakeError(code, message, std::move(detail));
}

// The file as a whole, or why it cannot be read.
absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const auto failed = [](int error) { return absl::UnavailableError(strerror(error)); };
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return failed(errno);
  absl::Cleanup close_fd = [fd] { close(fd); };
  struct stat info = {};
  if (fstat(fd, &info) != 0) return failed(errno);
  if (!S_ISREG(info.st_mode)) return absl::UnavailableError("it is not a regular file");
  if (static_cast<uint64_t>(info.st_size) > rules::kMaxYamlBytes) {
    return absl::UnavailableError(
        StrCat("it has ", info.st_size, " bytes, at most ", rules::kMaxYamlBytes, " are read"));
  }
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t n = read(fd, bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(errno);
    if (n == 0) break;
    have += static_cast<size_t>(n);
  }
  bytes.resize(have);
  return bytes;
}

absl::StatusOr<std::shared_ptr<const pack::Pack>> ReadPack(const std::string& path) {
  constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;
  auto pack = pack::LoadPack(path);
  if (pack.ok()) return pack;
  const std::string_view message = ToStd(pack.status().message());
  switch (pack.status().code()) {
    case absl::StatusCode::kDataLoss:
      return Refuse(absl::StatusCode::kDataLoss, "PACK_DAMAGED", path, message);
    case absl::StatusCode::kFailedPrecondition:
      return Refuse(kRefused, "PACK_TOO_NEW", path, message);
    case absl::StatusCode::kInvalidArgument:
      return Refuse(kRefused, "PACK_INVALID", path, message);
    default:
      return Refuse(kRefused, "PACK_NOT_FOUND", path,
                    StrCat(message,
                           ". Name an existing pack (`rules.pack`, --pack), or make one with "
                           "`winnow pack build`"));
  }
}

absl::StatusOr<std::shared_ptr<const policy::Policy>> ReadPolicy(const std::string& path) {
  constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) {
    return Refuse(kRefused, "POLICY_INVALID", path,
                  StrCat("cannot read the policy ", path, ": ", text.status().message(),
                         ". Name an existing one (`rules.policy`, --policy)"));
  }
  const rules::SourceFile source{path, *std::move(text)};
  policy::Policy::ParseResult parsed = policy::Policy::Parse(source);
  if (parsed.policy == nullptr) {
    return Refuse(kRefused, "POLICY_INVALID", path,
                  StrCat("the policy ", path, " is refused:\n",
                         rules::Render(parsed.diagnostics, {source}, false)));
  }
  return parsed.policy;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Checker>> LoadRuleFiles(const std::string& pack_path,
                                                             const std::string& policy_path) {
  ASSIGN_OR_RETURN(std::shared_ptr<const pack::Pack> pack, ReadPack(pack_path));
  ASSIGN_OR_RETURN(std::shared_ptr<const policy::Policy> policy, ReadPolicy(policy_path));
  auto checker = std::make_shared<const Checker>(std::move(pack), std::move(policy));
  // The first check of a process fills tables, for a tenth of a second or so. No caller waits for
  // it, and a pack that cannot be scanned with is refused here.
  RETURN_IF_ERROR(checker->Check({.fields = {{.key = "", .bytes = "a"}}}).status());
  return checker;
}

}  // namespace winnow
