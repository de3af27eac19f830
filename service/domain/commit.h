// Committing where there is nothing else to do meanwhile. Inside the room only.
#pragma once

#include <future>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/domain/ports/store.h"
#include "service/domain/refusals.h"

namespace winnow::domain {

// Waits for the disk: never on a gRPC thread nor on one of the store's.
inline absl::Status CommitAndWait(std::unique_ptr<Transaction> transaction,
                                  Durability durability = Durability::kSynced) {
  // Shared with the callback, which may still be within set_value() when get() returns.
  auto outcome = std::make_shared<std::promise<absl::Status>>();
  std::future<absl::Status> future = outcome->get_future();
  transaction->Commit(durability,
                      [outcome](absl::Status status) { outcome->set_value(std::move(status)); });
  return future.get();
}

// The same, synced, of what was written by what was read. True when it is done; false when another
// server over the same store was faster: what it wrote counts, so read it and begin again.
inline absl::StatusOr<bool> CommitUnlessOvertaken(std::unique_ptr<Transaction> transaction) {
  const absl::Status committed = CommitAndWait(std::move(transaction));
  if (committed.ok()) return true;
  if (absl::IsAborted(committed)) return false;
  return StoreFailed(committed);
}

}  // namespace winnow::domain
