// Committing where there is nothing else to do meanwhile. Inside the room only.
#pragma once

#include <future>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "service/domain/ports/store.h"

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

}  // namespace winnow::domain
