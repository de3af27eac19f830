// Acknowledged commits and the loss of power, at any moment and with whatever the disk had of what
// was not synced.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "service/rocks/rocks_store.h"
#include "service/rocks/test_hooks.h"
#include "tests/service/rocks/numbered_commits.h"
#include "tests/service/rocks/power_loss_fs.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

#if defined(__SANITIZE_ADDRESS__)
// RocksDB 7.8 forgets the write buffer of a flush that failed while it closes.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:rocksdb::DBImpl::SwitchMemtable";
}
#endif

namespace winnow::rocks {
namespace {

using domain::Durability;

struct Ack {
  int writer;
  int n;
  Durability durability;
};

// What the writers were told, in the order they were told.
struct Told {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Ack> acks;
  size_t durable_acks = 0;  // so many of them were told before a synced commit that was told began
  int in_flight = 0;
};

// One writer: keeps some commits in flight until the power goes.
void Write(RocksStore* store, const PowerLossFileSystem& fs, int writer, int first, unsigned seed,
           Told* told) {
  constexpr int kInFlightMax = 24;
  std::mt19937 random(seed);
  for (int n = first; fs.power(); ++n) {
    const Durability durability = random() % 4 == 0 ? Durability::kSynced : Durability::kRelaxed;
    size_t told_before;
    {
      std::unique_lock lock(told->mutex);
      told->changed.wait(lock, [&] { return told->in_flight < kInFlightMax; });
      ++told->in_flight;
      told_before = told->acks.size();
    }
    auto transaction = store->Begin(Tenant(writer));
    WriteCommit(n, transaction.get());
    transaction->Commit(durability, [=](absl::Status status) {
      std::lock_guard lock(told->mutex);
      if (status.ok()) {
        told->acks.push_back({writer, n, durability});
        if (durability == Durability::kSynced) {
          told->durable_acks = std::max(told->durable_acks, told_before);
        }
      }
      --told->in_flight;
      told->changed.notify_all();
    });
  }
}

// What is wrong with a store after a power loss, in words; empty when nothing is.
struct Verdict {
  std::vector<std::string> lost;    // acknowledged as durable, but gone
  std::vector<std::string> broken;  // parts of a transaction, or one without those before it
  std::vector<int> next;            // each writer's first commit that is not there
};

Verdict Examine(RocksStore* store, int writers, const std::vector<int>& first, const Told& told) {
  Verdict verdict;
  for (int writer = 0; writer < writers; ++writer) {
    const int present = CountCommits(store, writer, &verdict.broken);
    if (present < first[writer]) {
      verdict.lost.push_back(Tenant(writer) + " lost what survived an earlier power loss");
    }
    verdict.next.push_back(present);
  }
  for (size_t i = 0; i < told.acks.size(); ++i) {
    const Ack& ack = told.acks[i];
    if (ack.durability != Durability::kSynced && i >= told.durable_acks) continue;
    if (ack.n >= verdict.next[ack.writer]) {
      verdict.lost.push_back(Tenant(ack.writer) + " lost " + std::to_string(ack.n));
    }
  }
  return verdict;
}

struct PowerLossCase {
  std::string name;
  int writers;
  Remains remains;
  size_t log_bytes_max;
  absl::Duration relaxed_sync_interval;
};
void PrintTo(const PowerLossCase& c, std::ostream* out) { *out << c.name; }

// A store that lives through one power loss after another.
class Life {
 public:
  Life(const PowerLossCase& c, bool never_sync)
      : case_(c), never_sync_(never_sync), next_(static_cast<size_t>(c.writers), 0) {
    std::filesystem::create_directory(Directory());
  }

  // Writes until the power goes at the `cut_at`-th change; then looks at what is left.
  Verdict Round(uint64_t cut_at) {
    const unsigned seed = static_cast<unsigned>(++round_);
    SCOPED_TRACE("round " + std::to_string(round_) + ", power goes at " + std::to_string(cut_at));
    const std::string before = Directory();
    const std::string shadow = dir_.Sub("shadow");
    std::filesystem::create_directory(shadow);
    const auto fs = std::make_shared<PowerLossFileSystem>(before, shadow);
    const std::unique_ptr<rocksdb::Env> env = NewImpatientEnv(fs);
    fs->CutPowerAt(cut_at);
    Told told;
    auto store = RocksStore::OpenForTest(Options(), {env.get(), never_sync_});
    if (store.ok()) {
      std::vector<std::thread> writers;
      for (int i = 0; i < case_.writers; ++i) {
        writers.emplace_back(Write, store->get(), std::cref(*fs), i, next_[i], seed * 31 + i,
                             &told);
      }
      for (std::thread& writer : writers) writer.join();
      (*store)->Close().IgnoreError();  // the power is off: it cannot know
      store->reset();
      EXPECT_EQ(told.in_flight, 0);
    } else {
      EXPECT_FALSE(fs->power()) << store.status();
      fs->CutPower();
    }
    acks_ += told.acks.size();
    ++generation_;
    fs->CopyRemains(Directory(), case_.remains, seed);
    std::filesystem::remove_all(before);
    std::filesystem::remove_all(shadow);

    // Power stays; without the real disk's syncs this is faster.
    std::filesystem::create_directory(shadow);
    const auto steady = std::make_shared<PowerLossFileSystem>(Directory(), shadow);
    const std::unique_ptr<rocksdb::Env> steady_env = NewImpatientEnv(steady);
    auto after = RocksStore::OpenForTest(Options(), {steady_env.get()});
    EXPECT_OK(after);
    if (!after.ok()) return {{"the store does not open"}, {}, next_};
    Verdict verdict = Examine(after->get(), case_.writers, next_, told);
    EXPECT_OK((*after)->Close());
    after->reset();
    std::filesystem::remove_all(shadow);
    next_ = verdict.next;
    return verdict;
  }

  size_t acks() const { return acks_; }

 private:
  std::string Directory() const { return dir_.Sub("store-" + std::to_string(generation_)); }
  RocksOptions Options() const {
    RocksOptions options;
    options.path = Directory();
    options.log_bytes_max = case_.log_bytes_max;
    options.relaxed_sync_interval = case_.relaxed_sync_interval;
    return options;
  }

  const PowerLossCase case_;
  const bool never_sync_;
  TempDir dir_{DisklessDirectory()};
  int round_ = 0;
  int generation_ = 0;
  std::vector<int> next_;
  size_t acks_ = 0;
};

class PowerLossTest : public testing::TestWithParam<PowerLossCase> {};

TEST_P(PowerLossTest, WhatWasAcknowledgedIsThere) {
  Life life(GetParam(), /*never_sync=*/false);
  std::mt19937 random(42);
  for (int round = 0; round < 15; ++round) {
    // Some while the store is opened, some after a table or two were written.
    const uint64_t cut_at = round % 3 == 0 ? random() % 40 + 1 : random() % 900 + 40;
    const Verdict verdict = life.Round(cut_at);
    EXPECT_THAT(verdict.lost, testing::IsEmpty()) << "round " << round;
    EXPECT_THAT(verdict.broken, testing::IsEmpty()) << "round " << round;
    if (HasFailure()) return;
  }
  EXPECT_GT(life.acks(), 300u);
}

constexpr absl::Duration kSoon = absl::Milliseconds(1);
constexpr absl::Duration kLate = absl::Seconds(10);

INSTANTIATE_TEST_SUITE_P(
    , PowerLossTest,
    testing::Values(PowerLossCase{"one_nothing", 1, Remains::kNothing, 64 << 10, kLate},
                    PowerLossCase{"one_some", 1, Remains::kSome, 64 << 10, kLate},
                    PowerLossCase{"one_some_soon", 1, Remains::kSome, 1 << 20, kSoon},
                    PowerLossCase{"one_holes", 1, Remains::kHoles, 64 << 10, kLate},
                    PowerLossCase{"four_holes", 4, Remains::kHoles, 1 << 20, kLate},
                    PowerLossCase{"one_all", 1, Remains::kAll, 64 << 10, kLate},
                    PowerLossCase{"four_nothing", 4, Remains::kNothing, 64 << 10, kSoon},
                    PowerLossCase{"four_some", 4, Remains::kSome, 64 << 10, kLate},
                    PowerLossCase{"tiny_logs", 4, Remains::kSome, 1 << 10, kLate}),
    [](const auto& info) { return info.param.name; });

// The test above can fail: without syncs it finds what is lost.
TEST(PowerLossControlTest, WithoutSyncsAcknowledgedCommitsAreLost) {
  Life life({"control", 4, Remains::kNothing, 64 << 10, kSoon}, /*never_sync=*/true);
  // Where each round ends is chance; that enough is lost in the end is not.
  size_t lost = 0;
  for (int round = 0; round < 5 || (lost <= 10 && round < 50); ++round) {
    lost += life.Round(400).lost.size();
  }
  EXPECT_GT(life.acks(), 100u);
  EXPECT_GT(lost, 10u);
}

}  // namespace
}  // namespace winnow::rocks
