#include "service/domain/packs_in_use.h"

#include <utility>

#include "engine/base/status_macros.h"

namespace winnow::domain {

PacksInUse::PacksInUse(Loader load, const Clock* clock, Listener listener)
    : load_(std::move(load)), clock_(clock), listener_(std::move(listener)) {}

std::shared_ptr<const RuleSetInUse> PacksInUse::Current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

PacksInUse::Outcome PacksInUse::Reload(const ReloadOptions& options) {
  std::lock_guard reload(reload_mutex_);
  Outcome outcome = LoadAndExchange(options);
  if (listener_) listener_(outcome);
  return outcome;
}

PacksInUse::Outcome PacksInUse::LoadAndExchange(const ReloadOptions& options) {
  ASSIGN_OR_RETURN(std::shared_ptr<const Checker> checker, load_(options));
  if (checker == nullptr) return absl::InternalError("the loader gave no rules");
  auto next = std::make_shared<const RuleSetInUse>(RuleSetInUse{std::move(checker), clock_->Now()});
  std::shared_ptr<const RuleSetInUse> old = next;
  {
    std::lock_guard lock(mutex_);
    current_.swap(old);
  }
  // The old one, if this was its last holder, is freed here, outside the lock.
  return next;
}

}  // namespace winnow::domain
