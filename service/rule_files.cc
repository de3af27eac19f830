#include "service/rule_files.h"

#include <utility>

#include "engine/base/read_file.h"
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
  absl::StatusOr<std::string> text = ReadRegularFile(path, rules::kMaxYamlBytes);
  if (!text.ok()) {
    return Refuse(kRefused, "POLICY_INVALID", path,
                  StrCat("cannot read the policy ", path, ": ", ToStd(text.status().message()),
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
  Content content;
  content.fields.push_back({.key = "", .bytes = "a", .charset = {}});
  RETURN_IF_ERROR(checker->Check(content).status());
  return checker;
}

}  // namespace winnow
