#include "service/system/thread_pool.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <condition_variable>
#include <latch>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"

namespace winnow::system {
namespace {

// Keeps a pool's threads busy until it is opened, so that what is behind it surely waits.
class Gate {
 public:
  explicit Gate(ThreadPool* pool, int threads = 1, size_t bytes = 0) : entered_(threads) {
    for (int i = 0; i < threads; ++i) {
      EXPECT_TRUE(pool->TrySubmit(bytes, [this] {
        entered_.count_down();
        open_.WaitForNotification();
      }));
    }
    entered_.wait();
  }
  void Open() { open_.Notify(); }

 private:
  std::latch entered_;
  absl::Notification open_;
};

TEST(UsableProcessors, AreThoseTheProcessIsBoundTo) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_EQ(UsableProcessors(), CPU_COUNT(&before));
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(UsableProcessors(), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
}

TEST(ThreadPool, RunsTasksInOrderOnItsOwnThreads) {
  std::vector<int> order;
  std::set<std::thread::id> where;
  {
    ThreadPool pool({.threads = 1});
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(pool.TrySubmit(0, [&, i] {
        order.push_back(i);
        where.insert(std::this_thread::get_id());
      }));
    }
  }
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[i], i);
  EXPECT_EQ(where.size(), 1u);
  EXPECT_EQ(where.count(std::this_thread::get_id()), 0u);
}

TEST(ThreadPool, RunsAsManyAtOnceAsItHasThreads) {
  ThreadPool pool({.threads = 4});
  std::latch all_inside(4);  // opens only if all four are inside together
  std::atomic<int> done = 0;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(pool.TrySubmit(0, [&] {
      all_inside.arrive_and_wait();
      ++done;
    }));
  }
  pool.Shutdown();
  EXPECT_EQ(done, 4);
}

TEST(ThreadPool, RefusesMoreThanMayWait) {
  ThreadPool pool({.threads = 1, .waiting_max = 3});
  Gate gate(&pool);
  std::atomic<int> ran = 0;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.TrySubmit(0, [&] { ++ran; }));
  EXPECT_FALSE(pool.TrySubmit(0, [&] { ran += 100; }));
  EXPECT_EQ(pool.load().waiting, 3u);
  EXPECT_EQ(pool.load().running, 1u);
  gate.Open();
  pool.Shutdown();
  EXPECT_EQ(ran, 3);
}

TEST(ThreadPool, CountsTheBytesOfTasksThatWaitAndRun) {
  ThreadPool pool({.threads = 1, .bytes_max = 100});
  Gate gate(&pool, 1, 60);
  EXPECT_FALSE(pool.TrySubmit(41, [] {}));
  EXPECT_TRUE(pool.TrySubmit(40, [] {}));
  EXPECT_FALSE(pool.TrySubmit(1, [] {}));
  EXPECT_TRUE(pool.TrySubmit(0, [] {}));
  EXPECT_FALSE(pool.TrySubmit(SIZE_MAX, [] {})) << "no sum may wrap around";
  EXPECT_EQ(pool.load().bytes, 100u);
  gate.Open();
  // Whoever runs last has seen both tasks before it end and give their bytes back.
  absl::Notification last;
  ASSERT_TRUE(pool.TrySubmit(0, [&] {
    EXPECT_EQ(pool.load().bytes, 0u);
    last.Notify();
  }));
  last.WaitForNotification();
  EXPECT_TRUE(pool.TrySubmit(100, [] {}));
}

TEST(ThreadPool, ARefusedTaskIsFreedUncalled) {
  ThreadPool pool({.threads = 1, .bytes_max = 10});
  auto held = std::make_shared<int>(1);
  bool called = false;
  EXPECT_FALSE(pool.TrySubmit(11, [held, &called] { called = true; }));
  EXPECT_EQ(held.use_count(), 1);
  pool.Shutdown();
  EXPECT_FALSE(called);
}

TEST(ThreadPool, ATaskIsFreedBeforeItsBytesAreGivenBack) {
  // The bytes stand for what the task holds: given back early, the bound would be none.
  ThreadPool pool({.threads = 1, .bytes_max = 10});
  struct Held {
    ThreadPool* pool;
    std::atomic<size_t>* bytes_at_end;
    ~Held() { *bytes_at_end = pool->load().bytes; }
  };
  std::atomic<size_t> bytes_at_end = 0;
  auto held = std::make_shared<Held>(Held{&pool, &bytes_at_end});
  bytes_at_end = 0;
  ASSERT_TRUE(pool.TrySubmit(7, [held = std::move(held)] {}));
  pool.Shutdown();
  EXPECT_EQ(bytes_at_end, 7u);
}

TEST(ThreadPool, ShutdownRunsWhatWaitsAndRefusesTheRest) {
  ThreadPool pool({.threads = 2});
  Gate gate(&pool, 2);
  std::atomic<int> ran = 0;
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(pool.TrySubmit(1, [&] { ++ran; }));
  std::thread closer([&] { pool.Shutdown(); });
  // Tasks submitted until the pool is seen closed either run or were refused: none is lost.
  int accepted = 50;
  while (pool.TrySubmit(0, [&] { ++ran; })) {
    ++accepted;
    std::this_thread::yield();
    if (pool.load().waiting > 900) break;
  }
  gate.Open();
  closer.join();
  EXPECT_EQ(ran, accepted);
  EXPECT_FALSE(pool.TrySubmit(0, [&] { ++ran; }));
  EXPECT_EQ(pool.load().bytes, 0u);
  pool.Shutdown();  // again: nothing happens
}

TEST(ThreadPool, TasksMaySubmitTasks) {
  std::atomic<int> ran = 0;
  absl::Notification end;
  std::function<void(int)> step;  // outlives the pool, whose threads call it
  ThreadPool pool({.threads = 2});
  step = [&](int left) {
    ++ran;
    if (left == 0) {
      end.Notify();
      return;
    }
    ASSERT_TRUE(pool.TrySubmit(0, [&, left] { step(left - 1); }));
  };
  ASSERT_TRUE(pool.TrySubmit(0, [&] { step(1000); }));
  end.WaitForNotification();
  EXPECT_EQ(ran, 1001);
}

// Each accepted task runs exactly once and each refused one never, with more submitters than
// threads and a queue that is full much of the time.
TEST(ThreadPool, LosesAndRepeatsNothingUnderContention) {
  constexpr int kSubmitters = 16, kEach = 20000;
  std::vector<std::atomic<uint8_t>> calls(kSubmitters * kEach);
  std::vector<uint8_t> accepted(kSubmitters * kEach);
  ThreadPool pool({.threads = 3, .waiting_max = 64, .bytes_max = 1000});
  std::vector<std::thread> submitters;
  for (int s = 0; s < kSubmitters; ++s) {
    submitters.emplace_back([&, s] {
      for (int i = 0; i < kEach; ++i) {
        int n = s * kEach + i;
        accepted[n] = pool.TrySubmit(n % 40, [&calls, n] { ++calls[n]; });
      }
    });
  }
  for (std::thread& submitter : submitters) submitter.join();
  pool.Shutdown();
  int total = 0;
  for (int n = 0; n < kSubmitters * kEach; ++n) {
    ASSERT_EQ(calls[n], accepted[n]) << n;
    total += accepted[n];
  }
  EXPECT_GT(total, 0);
  EXPECT_EQ(pool.load().bytes, 0u);
  EXPECT_EQ(pool.load().running, 0u);
}

// A sleeping pool wakes for every single task: each is submitted only after the one before ended.
TEST(ThreadPool, WakesForEachTaskOfASlowSubmitter) {
  ThreadPool pool({.threads = 3});
  for (int i = 0; i < 5000; ++i) {
    absl::Notification ran;
    ASSERT_TRUE(pool.TrySubmit(0, [&] { ran.Notify(); }));
    ran.WaitForNotification();
  }
}

}  // namespace
}  // namespace winnow::system
