#include "service/domain/request_sweeper.h"

#include <memory>
#include <utility>
#include <vector>

#include "service/domain/keys.h"
#include "service/domain/records.h"

namespace winnow::domain {

size_t RequestSweeper::Stored(std::string_view tenant, size_t count) {
  std::lock_guard lock(mutex_);
  Hand& hand = hands_[std::string(tenant)];
  hand.stored += count;
  if (hand.stored < kEvery) return 0;
  const size_t visits = hand.stored * kVisitedForEach;
  hand.stored = 0;
  return visits;
}

void RequestSweeper::Sweep(Store* store, const std::string& tenant, size_t visits,
                           std::function<void()> done) {
  std::string begin;
  {
    std::lock_guard lock(mutex_);
    begin = hands_[tenant].next;
  }
  if (begin.empty()) begin = RequestKeysBegin();

  const absl::Time now = clock_->Now();
  std::unique_ptr<Transaction> transaction = store->Begin(tenant);
  std::vector<std::string> expired;
  std::string last;
  size_t visited = 0;
  const absl::Status scanned = transaction->Scan(
      begin, RequestKeysEnd(), {.limit = visits},
      [&](std::string_view key, std::string_view value) {
        ++visited;
        last = std::string(key);
        const std::optional<Uuid> id = UuidFromBytes(key.substr(RequestKeysBegin().size()));
        // A damaged record stays: whoever uses its id is told.
        if (!id) return true;
        const absl::StatusOr<RequestRecord> record = DecodeRequest(value, *id);
        if (record.ok() && record->expire_time <= now) expired.push_back(last);
        return true;
      });
  {
    std::lock_guard lock(mutex_);
    // A damaged place is passed over rather than stopped at for ever.
    hands_[tenant].next = scanned.ok() && visited == visits ? last + '\0' : std::string();
  }
  if (expired.empty()) return done();
  for (const std::string& key : expired) transaction->Delete(key);
  // An id that was used anew meanwhile makes this ABORTED, and nothing is deleted.
  transaction->Commit(Durability::kRelaxed,
                      [done = std::move(done)](const absl::Status&) { done(); });
}

}  // namespace winnow::domain
