#include "service/domain/packs_in_use.h"

#include <utility>

#include "engine/base/status_macros.h"
#include "service/domain/keys.h"

namespace winnow::domain {

PacksInUse::PacksInUse(Loader load, const Clock* clock, Listener listener)
    : load_(std::move(load)), clock_(clock), listener_(std::move(listener)) {}

PacksInUse::PacksInUse(const Clock* clock, Listener listener)
    : PacksInUse(Loader(), clock, std::move(listener)) {}

std::shared_ptr<const RuleSetInUse> PacksInUse::Current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

PacksInUse::Outcome PacksInUse::Reload(const ReloadOptions& options) {
  return Change([&](const RuleSetInUse* now) -> absl::StatusOr<RuleSetInUse> {
    if (!load_) return absl::InternalError("there is nothing to load rules from");
    ASSIGN_OR_RETURN(std::shared_ptr<const Checker> checker, load_(options));
    RuleSetInUse next;
    if (now != nullptr) next = *now;
    next.checker = std::move(checker);
    next.load_time = clock_->Now();
    return next;
  });
}

PacksInUse::Outcome PacksInUse::Change(Next next) {
  std::lock_guard one_at_a_time(reload_mutex_);
  Outcome outcome = MakeAndExchange(next);
  if (listener_) listener_(outcome);
  return outcome;
}

PacksInUse::Outcome PacksInUse::MakeAndExchange(Next make) {
  const std::shared_ptr<const RuleSetInUse> now = Current();
  ASSIGN_OR_RETURN(RuleSetInUse made, make(now.get()));
  if (made.checker == nullptr) return absl::InternalError("the loader gave no rules");
  auto next = std::make_shared<const RuleSetInUse>(std::move(made));
  std::shared_ptr<const RuleSetInUse> old = next;
  {
    std::lock_guard lock(mutex_);
    current_.swap(old);
  }
  // The old one, if this was its last holder, is freed here, outside the lock.
  return next;
}

bool RuleSetInUse::InShare(std::string_view content_id, uint32_t share) {
  return !content_id.empty() && PostingHash(content_id) % kWholeShare < share;
}

}  // namespace winnow::domain
