#include "service/rule_files.h"

#include <utility>
#include <vector>

#include "engine/base/ed25519.h"
#include "engine/base/read_file.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/pack/pack.h"
#include "engine/pack/signature.h"
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

constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;

// A pack that cannot be read or parsed, as callers are told it.
absl::Status PackRefused(const std::string& path, const absl::Status& status) {
  std::string message(status.message());
  if (message.find(path) == message.npos) message = StrCat(path, ": ", message);
  switch (status.code()) {
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

std::string_view ReasonOf(pack::Trust trust) {
  switch (trust) {
    case pack::Trust::kUnsigned:
      return "PACK_UNSIGNED";
    case pack::Trust::kUnknownKey:
      return "PACK_KEY_UNKNOWN";
    case pack::Trust::kBadSignature:
      return "PACK_SIGNATURE_INVALID";
    case pack::Trust::kNotYetValid:
      return "PACK_NOT_YET_VALID";
    case pack::Trust::kExpired:
      return "PACK_EXPIRED";
    case pack::Trust::kTrusted:
      break;
  }
  return "";
}

// OK when the pack may be opened.
absl::Status CheckTrust(const RuleFiles& files, std::string_view bytes, absl::Time now) {
  std::vector<Ed25519PublicKey> keys;
  if (!files.trusted_keys.empty()) {
    auto read = pack::ReadTrustedKeys(files.trusted_keys);
    if (!read.ok()) {
      return Refuse(kRefused, "TRUSTED_KEYS_INVALID", files.trusted_keys,
                    StrCat(ToStd(read.status().message()), " (`rules.trusted_keys`)"));
    }
    keys = *std::move(read);
  }
  const auto judged = pack::JudgePack(bytes, keys, now);
  if (!judged.ok()) return PackRefused(files.pack, judged.status());
  if (judged->trust == pack::Trust::kTrusted) return absl::OkStatus();
  std::string message = StrCat(files.pack, ": ", judged->why);
  if (judged->trust == pack::Trust::kUnsigned) {
    if (files.unsigned_ok) return absl::OkStatus();
    StrAppend(&message, "; where only you can write packs, `rules.accept_unsigned` takes any");
  } else if (judged->trust == pack::Trust::kUnknownKey) {
    StrAppend(&message, " (`rules.trusted_keys`)");
  }
  return Refuse(kRefused, ReasonOf(judged->trust), files.pack, message);
}

absl::StatusOr<std::shared_ptr<const pack::Pack>> ReadPack(const RuleFiles& files, absl::Time now) {
  absl::StatusOr<FileBytes> bytes = pack::ReadPackFile(files.pack);
  if (!bytes.ok()) return PackRefused(files.pack, bytes.status());
  RETURN_IF_ERROR(CheckTrust(files, bytes->view(), now));
  auto pack = pack::LoadPackBytes(*std::move(bytes));
  if (!pack.ok()) return PackRefused(files.pack, pack.status());
  return pack;
}

absl::StatusOr<std::shared_ptr<const policy::Policy>> ReadPolicy(const std::string& path) {
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

absl::StatusOr<std::shared_ptr<const Checker>> LoadRuleFiles(const RuleFiles& files,
                                                             absl::Time now) {
  ASSIGN_OR_RETURN(std::shared_ptr<const pack::Pack> pack, ReadPack(files, now));
  ASSIGN_OR_RETURN(std::shared_ptr<const policy::Policy> policy, ReadPolicy(files.policy));
  auto checker = std::make_shared<const Checker>(std::move(pack), std::move(policy));
  // The first check of a process fills tables, for a tenth of a second or so. No caller waits for
  // it, and a pack that cannot be scanned with is refused here.
  Content content;
  content.fields.push_back({.key = "", .bytes = "a", .charset = {}});
  RETURN_IF_ERROR(checker->Check(content).status());
  return checker;
}

}  // namespace winnow
