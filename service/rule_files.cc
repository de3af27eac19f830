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

absl::Status Refuse(absl::StatusCode code, std::string_view reason, std::string_view path,
                    std::string_view message) {
  domain::ErrorDetail detail;
  detail.reason = std::string(reason);
  detail.metadata["path"] = std::string(path);
  return domain::MakeError(code, message, std::move(detail));
}

constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;

// A pack that cannot be read or parsed, as callers are told it.
absl::Status PackRefused(std::string_view path, const absl::Status& status) {
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

// Whether the pack may be opened; true when it was not for a signature, since it `needs_none`
// whatever the configuration says.
absl::StatusOr<bool> CheckTrust(const RuleFiles& files, std::string_view bytes,
                                std::string_view name, bool needs_none, absl::Time now) {
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
  if (!judged.ok()) return PackRefused(name, judged.status());
  if (judged->trust == pack::Trust::kTrusted) return false;
  std::string message = StrCat(name, ": ", judged->why);
  if (judged->trust == pack::Trust::kUnsigned) {
    if (needs_none || files.any_unsigned_ok) return needs_none;
    StrAppend(&message, "; where only you can write packs, `rules.accept_unsigned` takes any");
  } else if (judged->trust == pack::Trust::kUnknownKey) {
    StrAppend(&message, " (`rules.trusted_keys`)");
  }
  return Refuse(kRefused, ReasonOf(judged->trust), name, message);
}

}  // namespace

absl::StatusOr<domain::IncomingPack> ReadPack(const RuleFiles& files, absl::Time now) {
  absl::StatusOr<FileBytes> bytes = pack::ReadPackFile(files.pack);
  if (!bytes.ok()) return PackRefused(files.pack, bytes.status());
  domain::IncomingPack incoming;
  incoming.path = files.pack;
  ASSIGN_OR_RETURN(incoming.accepted_unsigned,
                   CheckTrust(files, bytes->view(), files.pack, files.bundled, now));
  incoming.bytes = std::string(bytes->view());
  auto pack = pack::LoadPackBytes(*std::move(bytes));
  if (!pack.ok()) return PackRefused(files.pack, pack.status());
  incoming.pack = *std::move(pack);
  return incoming;
}

absl::StatusOr<domain::IncomingPack> OpenPack(const RuleFiles& files, std::string bytes,
                                              std::string_view name, bool unsigned_ok,
                                              absl::Time now) {
  domain::IncomingPack incoming;
  ASSIGN_OR_RETURN(incoming.accepted_unsigned, CheckTrust(files, bytes, name, unsigned_ok, now));
  incoming.bytes = std::move(bytes);
  auto pack = pack::LoadPackBytes(std::string(incoming.bytes));
  if (!pack.ok()) return PackRefused(name, pack.status());
  incoming.pack = *std::move(pack);
  return incoming;
}

absl::StatusOr<domain::IncomingPolicy> ReadPolicy(const RuleFiles& files) {
  const std::string& path = files.policy;
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
  return domain::IncomingPolicy{parsed.policy, source.text, path};
}

absl::StatusOr<std::shared_ptr<const Checker>> LoadRuleFiles(const RuleFiles& files,
                                                             absl::Time now) {
  ASSIGN_OR_RETURN(const domain::IncomingPack pack, ReadPack(files, now));
  ASSIGN_OR_RETURN(const domain::IncomingPolicy policy, ReadPolicy(files));
  return domain::MakeChecker(pack.pack, policy.policy);
}

}  // namespace winnow
