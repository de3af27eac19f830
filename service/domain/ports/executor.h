// Where work that takes CPU or disk runs: a bounded pool, never a gRPC thread.
#pragma once

#include <cstddef>
#include <functional>

namespace winnow::domain {

class Executor {
 public:
  virtual ~Executor() = default;
  // Queues `task`, which holds `bytes` of memory while it waits or runs. False, and the task is
  // dropped uncalled, when the bounds on tasks or bytes are reached or the pool is closing.
  // Thread safe; never blocks.
  [[nodiscard]] virtual bool TrySubmit(size_t bytes, std::function<void()> task) = 0;
};

}  // namespace winnow::domain
