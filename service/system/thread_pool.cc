#include "service/system/thread_pool.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace winnow::system {

int UsableProcessors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  // Fails where there are more processors than a set has room for.
  const int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
  return count > 0 ? count : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

ThreadPool::ThreadPool(const Options& options)
    : options_(options), ring_(std::max<size_t>(1, options.waiting_max)) {
  int count = std::max(1, options.threads);
  threads_.reserve(count);
  for (int i = 0; i < count; ++i) {
    threads_.emplace_back([this] {
      // Of this thread alone: on Linux priorities are threads'. A refusal changes only the pace.
      if (options_.nice != 0) (void)setpriority(PRIO_PROCESS, gettid(), options_.nice);
      Work();
    });
    std::string name = options_.name.substr(0, 15);
    pthread_setname_np(threads_.back().native_handle(), name.c_str());
  }
}

ThreadPool::~ThreadPool() { Shutdown(); }

bool ThreadPool::TrySubmit(size_t bytes, std::function<void()> task) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (closing_ || waiting_ == ring_.size() || bytes > options_.bytes_max - bytes_) return false;
    size_t slot = first_ + waiting_;
    if (slot >= ring_.size()) slot -= ring_.size();
    ring_[slot].bytes = bytes;
    ring_[slot].task.swap(task);
    ++waiting_;
    bytes_ += bytes;
    // A thread that was called counts as awake from here on, so that a burst of submissions calls
    // each thread once and not once a task.
    if (sleeping_ > 0) {
      --sleeping_;
      wake = true;
    }
  }
  if (wake) wake_.notify_one();
  return true;
}

void ThreadPool::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (waiting_ == 0) {
      if (closing_) return;
      ++sleeping_;
      // Whoever notifies takes one thread out of sleeping_ first. A spurious wake-up leaves the
      // count too high: that costs needless calls, but no task is ever left to a sleeping pool.
      wake_.wait(lock);
      continue;
    }
    Entry entry;
    entry.bytes = ring_[first_].bytes;
    entry.task.swap(ring_[first_].task);
    if (++first_ == ring_.size()) first_ = 0;
    --waiting_;
    ++running_;
    lock.unlock();
    entry.task();
    entry.task = nullptr;  // what it holds is freed before its bytes are given back
    lock.lock();
    --running_;
    bytes_ -= entry.bytes;
  }
}

void ThreadPool::Shutdown() {
  std::lock_guard join_lock(join_mutex_);
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

ThreadPool::Load ThreadPool::load() const {
  std::lock_guard lock(mutex_);
  return {.waiting = waiting_, .running = running_, .bytes = bytes_};
}

}  // namespace winnow::system
