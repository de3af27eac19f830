// Counts the calls in flight, and shuts when the server drains. Inside the room only.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace winnow::domain {

// Thread safe. Passing it costs one atomic addition.
class CallGate : public std::enable_shared_from_this<CallGate> {
 public:
  // One call in flight, until it is dropped. Keeps the gate.
  class Pass {
   public:
    Pass(Pass&& other) noexcept = default;
    Pass& operator=(Pass&& other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }
    ~Pass() {
      if (gate_ != nullptr) gate_->Leave();
    }

   private:
    friend class CallGate;
    explicit Pass(std::shared_ptr<CallGate> gate) : gate_(std::move(gate)) {}
    std::shared_ptr<CallGate> gate_;
  };

  // nullopt once Drain() was called.
  std::optional<Pass> Enter();

  // Shuts the gate and waits until nothing is in flight; DEADLINE_EXCEEDED, saying how much is,
  // after `timeout` of real time.
  absl::Status Drain(absl::Duration timeout);

 private:
  void Leave();

  std::atomic<int64_t> in_flight_{0};
  std::atomic<bool> shut_{false};
  std::mutex mutex_;
  std::condition_variable left_;
};

}  // namespace winnow::domain
