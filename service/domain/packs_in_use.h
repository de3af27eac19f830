// The pack and policy that checks use now, exchanged whole without stopping.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/checker.h"
#include "service/domain/ports/clock.h"

namespace winnow::domain {

// What a check holds on to from its begin to its end.
struct RuleSetInUse {
  std::shared_ptr<const Checker> checker;  // live
  absl::Time load_time;
  // Decides for `canary_share` of 10,000 content ids; null: none.
  std::shared_ptr<const Checker> canary;
  uint32_t canary_share = 0;
  // Looks on and decides nothing; null: none.
  std::shared_ptr<const Checker> shadow;

  // What decides for a content: the same for the same id as long as neither channel changes, and a
  // larger share holds every id of a smaller one. Contents without an id are never canary's.
  const Checker& For(std::string_view content_id) const {
    return canary != nullptr && InShare(content_id, canary_share) ? *canary : *checker;
  }
  static bool InShare(std::string_view content_id, uint32_t share);
};
inline constexpr uint32_t kWholeShare = 10'000;

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
  // Without a loader: only Change() exchanges.
  explicit PacksInUse(const Clock* clock, Listener listener = {});

  // Null before the first successful Reload(). Thread safe, never waits for a reload.
  std::shared_ptr<const RuleSetInUse> Current() const;

  // Loads and, when all is well, exchanges. On failure what was in use stays in use. One at a time.
  Outcome Reload(const ReloadOptions& options = {});

  // The same with what `next` makes of those in use (null before the first): no two run at a time,
  // so that what `next` writes down is what comes into use. It gives `load_time` where the live
  // checker is another.
  using Next = absl::FunctionRef<absl::StatusOr<RuleSetInUse>(const RuleSetInUse* now)>;
  Outcome Change(Next next);

 private:
  Outcome MakeAndExchange(Next next);

  Loader load_;
  const Clock* clock_;
  Listener listener_;
  std::mutex reload_mutex_;
  mutable std::mutex mutex_;
  std::shared_ptr<const RuleSetInUse> current_;
};

}  // namespace winnow::domain
