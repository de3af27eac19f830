// The pack and policy that checks use now, exchanged whole without stopping.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/checker.h"
#include "service/domain/ports/clock.h"

namespace winnow::domain {

// What a check holds on to from its begin to its end.
struct RuleSetInUse {
  std::shared_ptr<const Checker> checker;
  absl::Time load_time;
};

// What the one who asks for a reload asks for.
struct ReloadOptions {
  // Whether an earlier release than the one that was in use may come into use.
  bool allow_rollback = false;
};

class PacksInUse {
 public:
  // `load` reads pack and policy from where the operator keeps them and says plainly what is wrong;
  // it runs on the thread that calls Reload().
  using Loader =
      std::function<absl::StatusOr<std::shared_ptr<const Checker>>(const ReloadOptions&)>;
  // Told of each outcome after the exchange and before Reload() returns; never two at once.
  using Outcome = absl::StatusOr<std::shared_ptr<const RuleSetInUse>>;
  using Listener = std::function<void(const Outcome&)>;
  PacksInUse(Loader load, const Clock* clock, Listener listener = {});

  // Null before the first successful Reload(). Thread safe, never waits for a reload.
  std::shared_ptr<const RuleSetInUse> Current() const;

  // Loads and, when all is well, exchanges. On failure what was in use stays in use. One at a time.
  Outcome Reload(const ReloadOptions& options = {});

 private:
  Outcome LoadAndExchange(const ReloadOptions& options);

  Loader load_;
  const Clock* clock_;
  Listener listener_;
  std::mutex reload_mutex_;
  mutable std::mutex mutex_;
  std::shared_ptr<const RuleSetInUse> current_;
};

}  // namespace winnow::domain
