#include "service/domain/requests_in_flight.h"

#include <utility>

#include "service/domain/refusals.h"

namespace winnow::domain {
namespace {

constexpr size_t kFollowersMax = 64;

// Whether a failure would have met any other call with the same body at the same time: a deadline
// or a hang-up is the caller's own.
bool HoldsForOthers(absl::StatusCode code) {
  return code == absl::StatusCode::kInvalidArgument || code == absl::StatusCode::kUnavailable ||
         code == absl::StatusCode::kDataLoss || code == absl::StatusCode::kFailedPrecondition;
}

}  // namespace

std::string RequestsInFlight::KeyOf(std::string_view tenant, const Uuid& request_id) {
  std::string key(request_id.view());
  key.append(tenant);
  return key;
}

RequestsInFlight::Claim RequestsInFlight::Enter(std::string_view tenant, const Uuid& request_id,
                                                std::string_view body_digest, Follower follower) {
  std::lock_guard lock(mutex_);
  const auto [it, fresh] = entries_.try_emplace(KeyOf(tenant, request_id));
  Entry& entry = it->second;
  if (fresh) {
    entry.body_digest = std::string(body_digest);
    return Claim::kLeads;
  }
  if (entry.body_digest != body_digest) return Claim::kReused;
  if (entry.followers.size() >= kFollowersMax) return Claim::kTooMany;
  entry.followers.push_back(std::move(follower));
  return Claim::kFollows;
}

void RequestsInFlight::Release(std::string_view tenant, const Uuid& request_id,
                               absl::FunctionRef<absl::StatusOr<Verdict>()> outcome) {
  std::vector<Follower> followers;
  {
    std::lock_guard lock(mutex_);
    const auto it = entries_.find(KeyOf(tenant, request_id));
    followers.swap(it->second.followers);
    entries_.erase(it);
  }
  if (followers.empty()) return;
  absl::StatusOr<Verdict> shared = outcome();
  if (!shared.ok() && !HoldsForOthers(shared.status().code())) {
    shared = RequestInProgress(FormatUuid(request_id));
  }
  for (const Follower& follower : followers) follower(shared);
}

}  // namespace winnow::domain
