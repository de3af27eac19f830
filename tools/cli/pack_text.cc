#include "tools/cli/pack_text.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "engine/base/strings.h"
#include "tools/cli/json.h"
#include "tools/cli/rule_source.h"

namespace winnow::cli {
namespace {

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

// What a layer of a pack says.
struct LayerSays {
  size_t rules = 0;
  std::vector<std::string> changes, disables;  // ids
};

std::vector<LayerSays> LayersOf(const pack::Pack& pack) {
  std::vector<LayerSays> out(pack.layers().size());
  for (const pack::RuleInfo& rule : pack.rules()) {
    ++out[rule.layer].rules;
    if (rule.amender != 0) out[rule.amender].changes.push_back(rule.id);
  }
  for (const pack::DisabledRule& rule : pack.disabled()) {
    out[rule.layer].disables.push_back(rule.id);
  }
  for (const pack::TenantRules& tenant : pack.tenants()) {
    for (const pack::TenantChange& change : tenant.changes) {
      LayerSays& says = out[tenant.layer];
      (change.disabled ? says.disables : says.changes).push_back(pack.rules()[change.rule].id);
    }
  }
  return out;
}

// "; changes 2 rules: a, b" of a few of them.
void AppendSome(std::string_view verb, const std::vector<std::string>& ids, std::string* out) {
  constexpr size_t kShown = 8;
  if (ids.empty()) return;
  StrAppend(out, "; ", verb, " ", ids.size(), ids.size() == 1 ? " rule: " : " rules: ");
  for (size_t i = 0; i < std::min(ids.size(), kShown); ++i) {
    StrAppend(out, i == 0 ? "" : ", ", ids[i]);
  }
  if (ids.size() > kShown) StrAppend(out, " and ", ids.size() - kShown, " more");
}

void AppendIds(std::string_view key, const std::vector<std::string>& ids, std::string* out) {
  StrAppend(out, ",\"", key, "\":[");
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) out->push_back(',');
    AppendJsonString(ids[i], out);
  }
  out->push_back(']');
}

}  // namespace

std::string LayerName(const pack::LayerInfo& layer) {
  return layer.name.empty() ? std::string(Name(layer.kind))
                            : StrCat(Name(layer.kind), " ", layer.name);
}

std::vector<std::string> LayerTexts(const pack::Pack& pack) {
  std::vector<std::string> out;
  for (const LayerSays& says : LayersOf(pack)) {
    std::string& text = out.emplace_back(Plural(says.rules, "rule", "rules"));
    AppendSome("changes", says.changes, &text);
    AppendSome("disables", says.disables, &text);
  }
  return out;
}

std::string LayersJson(const pack::Pack& pack) {
  std::string out = "[";
  const std::vector<LayerSays> all = LayersOf(pack);
  for (size_t i = 0; i < all.size(); ++i) {
    const pack::LayerInfo& layer = pack.layers()[i];
    StrAppend(&out, i == 0 ? "" : ",", R"({"kind":")", Name(layer.kind), R"(","name":)");
    AppendJsonString(layer.name, &out);
    StrAppend(&out, R"(,"ruleCount":)", all[i].rules);
    AppendIds("changes", all[i].changes, &out);
    AppendIds("disables", all[i].disables, &out);
    out.push_back('}');
  }
  out.push_back(']');
  return out;
}

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

std::string PackRevisionName(const std::string& name) {
  const size_t slash = name.find('/');
  if (slash == std::string::npos || slash != name.rfind('/')) return name;
  return StrCat("packs/", name.substr(0, slash), "/revisions/", name.substr(slash + 1));
}

std::string_view ChannelText(v1::Channel channel) {
  switch (channel) {
    case v1::CHANNEL_LIVE:
      return "live";
    case v1::CHANNEL_CANARY:
      return "canary";
    case v1::CHANNEL_SHADOW:
      return "shadow";
    default:
      return "?";
  }
}

std::string PercentText(double percent) { return absl::StrFormat("%g %%", percent); }

std::string UtcText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

std::string_view DecisionName(v1::Decision decision) {
  switch (decision) {
    case v1::DECISION_ALLOW:
      return "ALLOW";
    case v1::DECISION_REVIEW:
      return "REVIEW";
    case v1::DECISION_BLOCK:
      return "BLOCK";
    default:
      return "?";
  }
}

}  // namespace winnow::cli
