// Commits and waits for the outcome, for tests that have nothing else to do meanwhile. Only for
// stores that complete on their own (not FakeStore in Completion::kByTest).
#pragma once

#include <future>
#include <memory>

#include "absl/status/status.h"
#include "service/domain/ports/store.h"

namespace winnow {

inline absl::Status CommitAndWait(std::unique_ptr<domain::Transaction> transaction,
                                  domain::Durability durability = domain::Durability::kSynced) {
  // Shared with the callback: the store's thread may still be inside set_value() when get()
  // returns.
  auto outcome = std::make_shared<std::promise<absl::Status>>();
  std::future<absl::Status> future = outcome->get_future();
  transaction->Commit(durability,
                      [outcome](absl::Status status) { outcome->set_value(std::move(status)); });
  return future.get();
}

}  // namespace winnow
