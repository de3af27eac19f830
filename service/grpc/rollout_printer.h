// Rollouts and comparisons to and from the API's messages.
#pragma once

#include "absl/status/statusor.h"
#include "service/domain/rollouts.h"
#include "service/domain/shadow_runs.h"
#include "winnow/v1/pack_service.pb.h"

namespace winnow::rpc {

// FIELD_INVALID for a channel that is none, and a share out of its range or without a canary.
absl::StatusOr<domain::Promotion> ReadPromotion(const v1::PromotePackRequest& request,
                                                const domain::Actor& actor);
double Percent(uint32_t share);
void PrintAction(const domain::Action& action, v1::PackAction* out);
void PrintComparison(const domain::Comparison& comparison, v1::Comparison* out);

}  // namespace winnow::rpc
