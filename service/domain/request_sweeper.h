// Deletes request ids that have expired. Inside the room only.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "service/domain/ports/clock.h"
#include "service/domain/ports/store.h"

namespace winnow::domain {

// Request ids are random, so what has expired lies anywhere among them. A hand goes round all of a
// tenant's ids and visits four for each one that is stored. So, at a steady rate, those that have
// expired but still lie there stay below a third of those that have not. Thread safe.
class RequestSweeper {
 public:
  // Ids stored between two sweeps, at least.
  static constexpr size_t kEvery = 64;
  static constexpr size_t kVisitedForEach = 4;

  explicit RequestSweeper(const Clock* clock) : clock_(clock) {}

  // `count` ids of `tenant` were stored. How many Sweep() is to visit now; 0: not yet.
  size_t Stored(std::string_view tenant, size_t count);

  // Visits the next ids; reads the store. What could not be swept now is swept the next time round.
  // `done` is called once the outcome is known, from a thread of the store's or this one.
  void Sweep(Store* store, const std::string& tenant, size_t visits, std::function<void()> done);

 private:
  struct Hand {
    size_t stored = 0;  // since the last sweep
    std::string next;   // the key to go on from; empty: the first
  };

  const Clock* const clock_;
  std::mutex mutex_;
  absl::flat_hash_map<std::string, Hand> hands_;
};

}  // namespace winnow::domain
