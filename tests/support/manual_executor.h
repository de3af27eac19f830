// An executor whose tasks run when the test says so, on its thread.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include "service/domain/ports/executor.h"

namespace winnow {

// Thread safe.
class ManualExecutor final : public domain::Executor {
 public:
  explicit ManualExecutor(size_t waiting_max = SIZE_MAX) : waiting_max_(waiting_max) {}

  [[nodiscard]] bool TrySubmit(size_t, std::function<void()> task) override {
    std::lock_guard lock(mutex_);
    if (tasks_.size() >= waiting_max_) return false;
    tasks_.push_back(std::move(task));
    return true;
  }

  // Runs the oldest task; false when there is none.
  bool RunNext() {
    std::function<void()> task;
    {
      std::lock_guard lock(mutex_);
      if (tasks_.empty()) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }
  // With what the tasks submit meanwhile.
  void RunAll() {
    while (RunNext()) {
    }
  }

  void set_waiting_max(size_t waiting_max) {
    std::lock_guard lock(mutex_);
    waiting_max_ = waiting_max;
  }
  size_t waiting() const {
    std::lock_guard lock(mutex_);
    return tasks_.size();
  }

 private:
  mutable std::mutex mutex_;
  size_t waiting_max_;
  std::deque<std::function<void()>> tasks_;
};

}  // namespace winnow
