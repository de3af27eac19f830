#include "service/domain/call_gate.h"

#include "engine/base/strings.h"

namespace winnow::domain {

std::optional<CallGate::Pass> CallGate::Enter() {
  // Counted before the gate is looked at, so that Drain() sees whoever found it open.
  in_flight_.fetch_add(1);
  Pass pass(shared_from_this());
  if (shut_.load()) return std::nullopt;
  return pass;
}

void CallGate::Leave() {
  if (in_flight_.fetch_sub(1) != 1 || !shut_.load()) return;
  // Under the lock: Drain() is either before its look at the count, or waiting.
  std::lock_guard lock(mutex_);
  left_.notify_all();
}

absl::Status CallGate::Drain(absl::Duration timeout) {
  shut_.store(true);
  std::unique_lock lock(mutex_);
  const bool empty = left_.wait_for(lock, absl::ToChronoMicroseconds(timeout),
                                    [this] { return in_flight_.load() == 0; });
  if (empty) return absl::OkStatus();
  return absl::DeadlineExceededError(ToAbsl(StrCat(
      in_flight_.load(), " calls were still in flight after ", absl::FormatDuration(timeout))));
}

}  // namespace winnow::domain
