// What commands say of packs alike.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/pack/pack.h"
#include "winnow/v1/pack_service.pb.h"

namespace winnow::cli {

// "release 7, valid from 2026-11-25T09:00:00Z to ..., signed by 0123456789abcdef".
std::string ReleaseText(const pack::Release& release);
// An object with sequence, issueTime, expireTime and signers.
std::string ReleaseJson(const pack::Release& release);

// "bundled", "operator ours", "tenant acme".
std::string LayerName(const pack::LayerInfo& layer);
// By layer: "3 rules; changes 2 rules: a, b; disables 1 rule: c".
std::vector<std::string> LayerTexts(const pack::Pack& pack);
// A list of objects with kind, name, ruleCount, changes and disables.
std::string LayersJson(const pack::Pack& pack);

// "bundled/0123456789ab" to "packs/bundled/revisions/0123456789ab"; anything else stays.
std::string PackRevisionName(const std::string& name);

// "live", "canary", "shadow".
std::string_view ChannelText(v1::Channel channel);
// "5 %".
std::string PercentText(double percent);
// "2026-11-25 09:00:00".
std::string UtcText(const google::protobuf::Timestamp& time);
// "BLOCK".
std::string_view DecisionName(v1::Decision decision);

}  // namespace winnow::cli
