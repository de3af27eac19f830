// The storage port in memory: the same serialisable transactions as the real adapters, kept as slow
// and obvious as possible so that it can serve as their oracle. Nothing outlives the object.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "service/domain/ports/store.h"

namespace winnow {

class FakeStore : public domain::Store {
 public:
  enum class Completion {
    kOwnThread,  // a thread of the store commits and completes, in the order of Commit()
    kByTest,     // nothing is committed or completed until the test says so: no threads, no races
  };
  explicit FakeStore(Completion completion = Completion::kOwnThread);
  // Commits and completes what is still queued. Transactions may outlive the store; their calls
  // then return UNAVAILABLE.
  ~FakeStore() override;

  std::unique_ptr<domain::Transaction> Begin(std::string_view tenant) override;
  absl::Status Health() const override;

  // With kByTest: commits and completes the oldest queued commit on this thread; false when there
  // is none.
  bool CompleteNext();
  // The same until the queue is empty, including what the callbacks add; returns how many.
  size_t CompleteAll();
  // Commits that wait for their turn.
  size_t queued() const;

  // Keys that `tenant` has now.
  size_t KeyCount(std::string_view tenant) const;

 private:
  friend class FakeTransaction;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace winnow
