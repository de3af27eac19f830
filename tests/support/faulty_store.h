// A Store that fails as told, around any other. Faults are consumed in the order they were added,
// each by the first calls of its kind that it has not let pass; without faults everything passes
// through.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "service/domain/ports/store.h"

namespace winnow {

// Thread safe. `inner` must outlive it; so must every transaction's completion.
class FaultyStore : public domain::Store {
 public:
  explicit FaultyStore(domain::Store* inner);
  ~FaultyStore() override;

  std::unique_ptr<domain::Transaction> Begin(std::string_view tenant) override;
  // The scripted status if there is one, else the inner store's.
  absl::Status Health() const override;

  // Each lets `skip` calls of its kind pass, then takes the next `times`.
  //
  // The call returns `status` and does not reach the inner store.
  void FailGet(absl::Status status, size_t times = 1, size_t skip = 0);
  void FailScan(absl::Status status, size_t times = 1, size_t skip = 0);
  // Nothing is written; `done` gets `status` from a thread of the inner store.
  void FailCommit(absl::Status status, size_t times = 1, size_t skip = 0);
  // The inner store commits; when that succeeded `done` still gets `status`: the lost
  // acknowledgement.
  void LoseAcknowledgement(absl::Status status, size_t times = 1, size_t skip = 0);
  // The inner store commits; `done` is held back until ReleaseDelayed().
  void DelayAcknowledgement(size_t times = 1, size_t skip = 0);
  // Calls what was held back, on this thread; returns how many.
  size_t ReleaseDelayed();
  size_t delayed() const;

  void SetHealth(absl::Status status);

  // Calls so far, failed ones included.
  size_t gets() const;
  size_t scans() const;
  size_t commits() const;

 private:
  friend class FaultyTransaction;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace winnow
