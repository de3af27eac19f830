#include "service/domain/core.h"

#include <algorithm>
#include <utility>

#include "service/domain/refusals.h"

namespace winnow::domain {

TimeAllowed TimeAllowed::From(absl::Time now, absl::Duration most,
                              std::optional<absl::Time> deadline, std::function<bool()> cancelled) {
  const absl::Time ours = now + most;
  return {deadline ? std::min(*deadline, ours) : ours, std::move(cancelled)};
}

absl::Status TimeAllowed::Refusal() const {
  if (cancelled && cancelled()) return absl::CancelledError("the caller has gone");
  return DeadlineExceeded();
}

bool IsFlagged(const CheckResult& result) {
  return result.decision != Decision::kAllow || result.completeness != Completeness::kComplete;
}

}  // namespace winnow::domain
