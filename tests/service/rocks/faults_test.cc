// A disk that is full, or refuses to sync.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "service/rocks/rocks_store.h"
#include "service/rocks/test_hooks.h"
#include "tests/service/rocks/power_loss_fs.h"
#include "tests/support/commit_and_wait.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace winnow::rocks {
namespace {

using domain::Durability;
using testing::AllOf;
using testing::HasSubstr;

class FaultsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(dir_.Sub("store"));
    std::filesystem::create_directory(dir_.Sub("shadow"));
    fs_ = std::make_shared<PowerLossFileSystem>(dir_.Sub("store"), dir_.Sub("shadow"));
    env_ = NewImpatientEnv(fs_);
  }

  void Open(absl::Duration relaxed_sync_interval) {
    RocksOptions options;
    options.path = dir_.Sub("store");
    options.relaxed_sync_interval = relaxed_sync_interval;
    auto opened = RocksStore::OpenForTest(options, {env_.get()});
    ASSERT_OK(opened);
    store_ = *std::move(opened);
  }

  absl::Status Put(std::string_view key, Durability durability) {
    auto transaction = store_->Begin("acme");
    transaction->Put(key, std::string(10'000, 'v'));
    return CommitAndWait(std::move(transaction), durability);
  }

  // Whether a start after power loss finds these keys, and not those.
  std::optional<bool> RemainsAfterPowerLoss(const std::vector<std::string>& present,
                                            const std::vector<std::string>& absent) {
    fs_->CutPower();
    store_->Close().IgnoreError();
    store_.reset();
    fs_->CopyRemains(dir_.Sub("after"), Remains::kNothing, 1);
    RocksOptions options;
    options.path = dir_.Sub("after");
    auto opened = RocksStore::Open(options);
    EXPECT_OK(opened);
    if (!opened.ok()) return std::nullopt;
    auto transaction = (*opened)->Begin("acme");
    bool as_expected = true;
    for (const auto& key : present) {
      auto value = transaction->Get(key);
      as_expected = as_expected && value.ok() && value->has_value();
    }
    for (const auto& key : absent) {
      auto value = transaction->Get(key);
      as_expected = as_expected && value.ok() && !value->has_value();
    }
    return as_expected;
  }

  static bool WaitFor(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }

  TempDir dir_{DisklessDirectory()};
  std::shared_ptr<PowerLossFileSystem> fs_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<RocksStore> store_;
};

TEST_F(FaultsTest, AFullDiskRefusesAndTakesCommitsAgainOnceThereIsSpace) {
  Open(absl::Seconds(10));
  ASSERT_OK(Put("before", Durability::kRelaxed));
  fs_->SetFull(true);
  const auto refused = StatusIs(absl::StatusCode::kResourceExhausted,
                                AllOf(HasSubstr("nothing was written"), HasSubstr("free some")));
  EXPECT_THAT(Put("refused-1", Durability::kSynced), refused);
  EXPECT_THAT(Put("refused-2", Durability::kRelaxed), refused);
  EXPECT_THAT(store_->Health(), StatusIs(absl::StatusCode::kResourceExhausted));
  // Reads go on.
  auto reader = store_->Begin("acme");
  EXPECT_OK(reader->Get("before"));
  // Nothing says durable what is not.
  EXPECT_FALSE(CommitAndWait(std::move(reader), Durability::kSynced).ok());

  fs_->SetFull(false);
  ASSERT_TRUE(WaitFor([&] { return store_->Health().ok(); }));
  EXPECT_TRUE(WaitFor([&] { return Put("after", Durability::kSynced).ok(); }));
  EXPECT_OK(CommitAndWait(store_->Begin("acme"), Durability::kSynced));
  EXPECT_EQ(RemainsAfterPowerLoss({"before", "after"}, {"refused-1", "refused-2"}), true);
}

// The log then holds half a commit, and the store nothing else that it would have to write.
TEST_F(FaultsTest, AnEmptyStoreOutlivesAFullDisk) {
  Open(absl::Seconds(10));
  for (int round = 0; round < 3; ++round) {
    const std::string n = std::to_string(round);
    fs_->SetFull(true);
    EXPECT_FALSE(Put("refused-" + n, Durability::kSynced).ok());
    fs_->SetFull(false);
    ASSERT_TRUE(WaitFor([&] { return store_->Health().ok(); }));
  }
  // Health may be the first to know.
  EXPECT_TRUE(WaitFor([&] { return Put("after", Durability::kSynced).ok(); }));
  EXPECT_EQ(RemainsAfterPowerLoss({"after"}, {"refused-0", "refused-1", "refused-2"}), true);
}

TEST_F(FaultsTest, AFailedSyncIsNotForgotten) {
  Open(absl::Milliseconds(1));
  ASSERT_OK(Put("durable", Durability::kSynced));
  fs_->SetSyncsFail(true);
  ASSERT_OK(Put("relaxed", Durability::kRelaxed));
  // Its own interval ends, and the sync then fails.
  ASSERT_TRUE(WaitFor([&] { return !store_->Health().ok(); }));
  EXPECT_THAT(store_->Health(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("fdatasync")));
  // One who read the relaxed commit and asks for durability must not be told that it is durable.
  for (int i = 0; i < 3; ++i) {
    auto reader = store_->Begin("acme");
    EXPECT_OK(reader->Get("relaxed"));
    EXPECT_FALSE(CommitAndWait(std::move(reader), Durability::kSynced).ok());
  }
  EXPECT_THAT(Put("refused", Durability::kRelaxed),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("nothing was written")));
  EXPECT_FALSE(store_->Close().ok());
  EXPECT_EQ(RemainsAfterPowerLoss({"durable"}, {"relaxed", "refused"}), true);
}

TEST_F(FaultsTest, ASyncThatFailsUnderACommitLeavesItsFateOpen) {
  Open(absl::Seconds(10));
  ASSERT_OK(Put("durable", Durability::kSynced));
  fs_->SetSyncsFail(true);
  EXPECT_THAT(Put("unknown", Durability::kSynced),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("unknown")));
  EXPECT_THAT(Put("refused", Durability::kSynced),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("nothing was written")));
  EXPECT_EQ(RemainsAfterPowerLoss({"durable"}, {"unknown", "refused"}), true);
}

}  // namespace
}  // namespace winnow::rocks
