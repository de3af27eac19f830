#include "service/domain/core.h"

#include <algorithm>
#include <utility>

#include "service/domain/refusals.h"

namespace winnow::domain {

namespace {

// What housekeeping holds while it waits, for the pool's account of memory.
constexpr size_t kTaskBytes = 2048;

}  // namespace

void Core::SweepAfter(const std::string& tenant, size_t stored_ids) {
  const size_t visits = sweeper.Stored(tenant, stored_ids);
  if (visits == 0) return;
  // A sweep that finds no room is left out; the next one goes on where the last one ended.
  (void)Later([this, tenant, visits](std::function<void()> done) {
    sweeper.Sweep(ports.store, tenant, visits, std::move(done));
  });
}

void Core::IndexAfter(const std::string& tenant, size_t stored_in_blocks) {
  if (!block_index.Stored(tenant, stored_in_blocks)) return;
  const bool accepted = Later([this, tenant](std::function<void()> done) {
    block_index.Build(ports.store, tenant, std::move(done));
  });
  if (!accepted) block_index.NotBuilt(tenant);
}

bool Core::Later(std::function<void(std::function<void()> done)> work) {
  std::optional<CallGate::Pass> pass = gate->Enter();
  if (!pass) return false;
  // Shared: functions have to be copyable.
  auto held = std::make_shared<CallGate::Pass>(*std::move(pass));
  return ports.io_pool->TrySubmit(kTaskBytes, [self = shared_from_this(), work = std::move(work),
                                               held] { work([self, held] {}); });
}

TimeAllowed TimeAllowed::From(absl::Time now, absl::Duration most,
                              std::optional<absl::Time> deadline, std::function<bool()> cancelled) {
  const absl::Time ours = now + most;
  return {deadline ? std::min(*deadline, ours) : ours, std::move(cancelled)};
}

absl::Status TimeAllowed::Refusal() const {
  if (cancelled && cancelled()) return absl::CancelledError("the caller has gone");
  return DeadlineExceeded();
}

}  // namespace winnow::domain
