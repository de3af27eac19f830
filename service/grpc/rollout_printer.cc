#include "service/grpc/rollout_printer.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "service/grpc/pack_stream.h"
#include "service/grpc/verdict_printer.h"

namespace winnow::rpc {
namespace {

using Samples = google::protobuf::RepeatedPtrField<v1::ComparisonSample>;

void Print(const std::vector<domain::ComparisonSample>& samples, Samples* out) {
  for (const domain::ComparisonSample& sample : samples) {
    v1::ComparisonSample* printed = out->Add();
    printed->set_parent(StrCat("tenants/", sample.tenant));
    printed->set_content_id(sample.content_id);
    if (!sample.verdict_id.empty()) {
      printed->set_verdict(StrCat(printed->parent(), "/verdicts/", sample.verdict_id));
    }
    printed->set_live_decision(static_cast<v1::Decision>(sample.live));
    printed->set_shadow_decision(static_cast<v1::Decision>(sample.shadow));
  }
}

template <typename T>
std::optional<T> Given(bool has, T value) {
  return has ? std::optional<T>(value) : std::nullopt;
}

}  // namespace

double Percent(uint32_t share) { return share * 100.0 / domain::kWholeShare; }

absl::StatusOr<domain::Promotion> ReadPromotion(const v1::PromotePackRequest& request,
                                                const domain::Actor& actor) {
  domain::Promotion promotion;
  promotion.pack_revision = request.name();
  promotion.allow_rollback = request.allow_rollback();
  promotion.actor = actor;
  if (request.channel() < v1::CHANNEL_LIVE || request.channel() > v1::CHANNEL_SHADOW) {
    return domain::FieldInvalid("channel",
                                "must be CHANNEL_LIVE, CHANNEL_CANARY or CHANNEL_SHADOW");
  }
  promotion.channel = static_cast<domain::Channel>(request.channel());
  const double percent = request.canary_percent();
  if (promotion.channel == domain::Channel::kCanary) {
    promotion.share = percent > 0 && percent <= 100
                          ? static_cast<uint32_t>(std::lround(percent * domain::kWholeShare / 100))
                          : 0;
    if (promotion.share == 0) {
      return domain::FieldInvalid("canary_percent", "must be at least 0.01 and at most 100");
    }
  } else if (percent != 0) {
    return domain::FieldInvalid("canary_percent", "is of CHANNEL_CANARY only: leave it out");
  }
  const v1::PromotionGates& in = request.gates();
  if (in.has_shadow_hours() && !(in.shadow_hours() >= 0)) {
    return domain::FieldInvalid("gates.shadow_hours", "must be 0 or more");
  }
  domain::Gates& gates = promotion.gates;
  gates.shadow_hours = Given(in.has_shadow_hours(), in.shadow_hours());
  gates.min_compared = Given<uint64_t>(in.has_min_compared(), in.min_compared());
  gates.max_new_blocks = Given<uint64_t>(in.has_max_new_blocks(), in.max_new_blocks());
  gates.max_new_reviews = Given<uint64_t>(in.has_max_new_reviews(), in.max_new_reviews());
  gates.max_lifted = Given<uint64_t>(in.has_max_lifted(), in.max_lifted());
  gates.max_dropped = Given<uint64_t>(in.has_max_dropped(), in.max_dropped());
  gates.max_failed = Given<uint64_t>(in.has_max_failed(), in.max_failed());
  return promotion;
}

void PrintAction(const domain::Action& action, v1::PackAction* out) {
  out->set_id(action.id);
  PrintTime(action.time, out->mutable_time());
  out->set_kind(static_cast<v1::PackAction::Kind>(action.kind));
  out->set_channel(static_cast<v1::Channel>(action.channel));
  out->set_pack_revision(action.pack_revision);
  out->set_previous_revision(action.previous_revision);
  out->set_policy_revision(action.policy_revision);
  out->set_canary_percent(Percent(action.share));
  for (const std::string& gate : action.gates) out->add_gates(gate);
  PrintActor(action.actor, out->mutable_actor());
}

void PrintComparison(const domain::Comparison& comparison, v1::Comparison* out) {
  out->set_shadow_revision(comparison.shadow_revision);
  out->set_live_revision(comparison.live_revision);
  out->set_policy_revision(comparison.policy_revision);
  PrintTime(comparison.begin_time, out->mutable_begin_time());
  out->set_observed_hours(absl::ToDoubleHours(comparison.observed));
  out->set_compared(comparison.compared);
  out->set_new_blocks(comparison.new_blocks());
  out->set_new_reviews(comparison.new_reviews());
  out->set_lifted(comparison.lifted());
  out->set_dropped(comparison.dropped);
  out->set_failed(comparison.failed);
  out->set_skipped(comparison.skipped);
  Print(comparison.changed, out->mutable_changed());
  using Rule = std::pair<const std::string, domain::RuleComparison>;
  std::vector<const Rule*> rules;
  for (const Rule& rule : comparison.rules) rules.push_back(&rule);
  const auto differing = [](const Rule* rule) {
    return rule->second.live_only + rule->second.shadow_only;
  };
  std::stable_sort(rules.begin(), rules.end(),
                   [&](const Rule* a, const Rule* b) { return differing(a) > differing(b); });
  for (const Rule* rule : rules) {
    v1::RuleComparison* printed = out->add_rules();
    printed->set_rule_id(rule->first);
    printed->set_both(rule->second.both);
    printed->set_live_only(rule->second.live_only);
    printed->set_shadow_only(rule->second.shadow_only);
    Print(rule->second.live_samples, printed->mutable_live_samples());
    Print(rule->second.shadow_samples, printed->mutable_shadow_samples());
  }
}

}  // namespace winnow::rpc
