// A fixed number of threads behind a bounded queue: where scans and store reads run.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "service/domain/ports/executor.h"

namespace winnow::system {

// Processors that this process may run on, at least 1: of a container or CPU set, not of the
// machine.
int UsableProcessors();

// Tasks start in the order they were submitted. They must not throw, and should not wait for other
// tasks of the same pool: all threads might wait.
//
// Every accepted task runs, also during shutdown: each owes somebody a reply. Thread safe.
class ThreadPool final : public domain::Executor {
 public:
  struct Options {
    std::string name = "pool";    // of its threads, for people; the kernel keeps 15 bytes
    int threads = 1;              // at least 1
    size_t waiting_max = 1024;    // tasks that wait; those that run are not counted
    int nice = 0;                 // by how much its threads give way to others
    size_t bytes_max = 64 << 20;  // of all tasks that wait or run; a larger task is always refused
  };
  explicit ThreadPool(const Options& options);
  // As Shutdown().
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Holds a mutex for a few dozen instructions and wakes a thread only when one sleeps.
  [[nodiscard]] bool TrySubmit(size_t bytes, std::function<void()> task) override;

  // Refuses further tasks, runs everything that waits, joins the threads. Returns when all of it is
  // done; further calls do nothing. Never call it from a task.
  void Shutdown();

  struct Load {
    size_t waiting = 0, running = 0;  // tasks
    size_t bytes = 0;                 // of both
  };
  Load load() const;

 private:
  struct Entry {
    size_t bytes = 0;
    std::function<void()> task;
  };
  void Work();

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Entry> ring_;  // waiting_max slots; `waiting_` of them in use from `first_` on
  size_t first_ = 0, waiting_ = 0;
  size_t running_ = 0, bytes_ = 0;
  size_t sleeping_ = 0;  // at least the threads in wake_.wait() that nobody has called
  bool closing_ = false;
  std::mutex join_mutex_;  // of Shutdown()
  std::vector<std::thread> threads_;
};

}  // namespace winnow::system
