#include "service/rocks/log_marks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "engine/base/strings.h"
#include "service/rocks/rocks_store.h"
#include "service/rocks/test_hooks.h"
#include "tests/service/rocks/numbered_commits.h"
#include "tests/service/rocks/power_loss_fs.h"
#include "tests/support/commit_and_wait.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace winnow::rocks {
namespace {

namespace fs = std::filesystem;
using domain::Durability;

TEST(LogMarkTest, FormatOne) {
  const std::string bytes = EncodeLogMark({0x0102030405060708, 9});
  EXPECT_EQ(absl::BytesToHexString(bytes),
            "776d01"
            "0807060504030201"
            "0900000000000000");
  const auto mark = DecodeLogMark(bytes);
  ASSERT_TRUE(mark.has_value());
  EXPECT_EQ(mark->durable, 0x0102030405060708u);
  EXPECT_EQ(mark->log_begin, 9u);
  EXPECT_TRUE(DecodeLogMark(bytes + "more, of a later version").has_value());
  for (size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(DecodeLogMark(std::string_view(bytes).substr(0, i)).has_value()) << i;
  }
  EXPECT_FALSE(DecodeLogMark("another program's note").has_value());
}

struct ChainCase {
  const char* name;
  std::vector<LoggedCommit> commits;
  std::optional<uint64_t> missing;  // before the last of them
  bool broken_before_last = false;
};

TEST(LogChainTest, NoticesWhatIsMissing) {
  const auto commit = [](uint64_t sequence, uint32_t count, uint64_t log_begin) {
    return LoggedCommit{sequence, count, LogMark{0, log_begin}};
  };
  const LoggedCommit foreign{7, 2, std::nullopt};
  const std::vector<ChainCase> cases = {
      {"first of a log", {commit(11, 3, 10)}, std::nullopt},
      {"not the first", {commit(14, 3, 10)}, 11},
      {"one behind the other", {commit(11, 3, 10), commit(14, 1, 10)}, std::nullopt},
      {"one left out", {commit(11, 3, 10), commit(15, 1, 10)}, 14},
      {"the next log", {commit(11, 3, 10), commit(15, 1, 14)}, std::nullopt},
      {"the next log's second", {commit(11, 3, 10), commit(16, 1, 14)}, 15},
      {"numbers unused before the next log", {commit(11, 3, 10), commit(30, 1, 29)}, std::nullopt},
      {"without a mark", {commit(1, 1, 0), foreign}, std::nullopt},
      {"behind one without a mark", {foreign, commit(9, 1, 5)}, std::nullopt},
      {"unreadable between", {commit(11, 3, 10), commit(14, 1, 10)}, 14, true},
      {"unreadable before all", {commit(14, 1, 10)}, 11, true},
      {"unreadable before the next log", {commit(11, 3, 10), commit(17, 1, 16)}, 14, true},
  };
  for (const ChainCase& c : cases) {
    SCOPED_TRACE(c.name);
    LogChain chain;
    for (size_t i = 0; i + 1 < c.commits.size(); ++i) chain.Follow(c.commits[i]);
    if (c.broken_before_last) chain.Break();
    EXPECT_EQ(chain.Follow(c.commits.back()), c.missing);
  }
}

// A store whose power went while its log held everything, every commit of it durable.
class DamagedLogTest : public testing::Test {
 protected:
  static constexpr int kCommits = 70;

  void Make(Durability durability) {
    fs::create_directory(dir_.Sub("store"));
    fs::create_directory(dir_.Sub("shadow"));
    auto files = std::make_shared<PowerLossFileSystem>(dir_.Sub("store"), dir_.Sub("shadow"));
    const std::unique_ptr<rocksdb::Env> env = NewImpatientEnv(files);
    RocksOptions options = Options("store");
    auto store = RocksStore::OpenForTest(options, {env.get()});
    ASSERT_OK(store);
    for (int n = 0; n < kCommits; ++n) {
      auto transaction = (*store)->Begin(Tenant(0));
      WriteCommit(n, transaction.get());
      ASSERT_OK(CommitAndWait(std::move(transaction), durability));
    }
    files->CutPower();
    (*store)->Close().IgnoreError();
    store->reset();
    files->CopyRemains(dir_.Sub("after"), Remains::kAll, 1);
    for (const auto& entry : fs::directory_iterator(dir_.Sub("after"))) {
      if (entry.path().extension() == ".log" && (log_.empty() || entry.file_size() > log_.size())) {
        std::ifstream in(entry.path(), std::ios::binary);
        log_.assign(std::istreambuf_iterator<char>(in), {});
        log_name_ = entry.path().filename();
      }
    }
    ASSERT_GT(log_.size(), 2 * 32768u) << "a few blocks";
  }

  RocksOptions Options(const std::string& name) const {
    RocksOptions options;
    options.path = dir_.Sub(name);
    options.relaxed_sync_interval = absl::Seconds(100);
    return options;
  }

  // Opens the store with these bytes in place of its log; how many commits it has then.
  absl::StatusOr<int> OpenWith(const std::string& log) {
    fs::remove_all(dir_.Sub("again"));
    fs::copy(dir_.Sub("after"), dir_.Sub("again"));
    std::ofstream(dir_.Sub("again/") + log_name_, std::ios::binary) << log;
    fs::remove_all(dir_.Sub("shadow"));
    fs::create_directory(dir_.Sub("shadow"));
    const std::unique_ptr<rocksdb::Env> env = NewImpatientEnv(
        std::make_shared<PowerLossFileSystem>(dir_.Sub("again"), dir_.Sub("shadow")));
    auto store = RocksStore::OpenForTest(Options("again"), {env.get()});
    if (!store.ok()) return store.status();
    std::vector<std::string> broken;
    const int count = CountCommits(store->get(), 0, &broken);
    EXPECT_THAT(broken, testing::IsEmpty());
    return count;
  }

  TempDir dir_{DisklessDirectory()};
  std::string log_;
  std::string log_name_;
};

TEST_F(DamagedLogTest, OfDurableCommitsNoneIsDroppedInSilence) {
  Make(Durability::kSynced);
  EXPECT_EQ(OpenWith(log_).value_or(-1), kCommits);
  int refused = 0;
  int dropped_last = 0;
  for (size_t at = 0; at < log_.size(); at += 769) {
    SCOPED_TRACE(at);
    for (const bool zeros : {false, true}) {
      std::string damaged = log_;
      if (zeros) {
        const size_t end = std::min(damaged.size(), at + 512);
        std::fill(damaged.begin() + static_cast<ptrdiff_t>(at),
                  damaged.begin() + static_cast<ptrdiff_t>(end), '\0');
      } else {
        damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
      }
      const absl::StatusOr<int> count = OpenWith(damaged);
      if (!count.ok()) {
        EXPECT_THAT(count, StatusIs(absl::StatusCode::kDataLoss, testing::HasSubstr("backup")));
        ++refused;
      } else {
        // What was written last has nothing behind it that says it was durable. Zeros may lie
        // across two commits.
        EXPECT_GE(*count, kCommits - (zeros ? 2 : 1));
        dropped_last += *count < kCommits;
      }
    }
  }
  EXPECT_GT(refused, 10 * dropped_last);
  EXPECT_GT(dropped_last, 0);
}

TEST_F(DamagedLogTest, WhatWasNotDurableIsTakenUpToTheDamage) {
  Make(Durability::kRelaxed);
  EXPECT_EQ(OpenWith(log_).value_or(-1), kCommits);
  int before = 0;
  for (size_t at = 2000; at < log_.size(); at += 7919) {
    SCOPED_TRACE(at);
    std::string damaged = log_;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    const absl::StatusOr<int> count = OpenWith(damaged);
    ASSERT_OK(count);
    EXPECT_GE(*count, before);
    EXPECT_LT(*count, kCommits);
    before = *count;
  }
  EXPECT_GT(before, kCommits / 2);
}

}  // namespace
}  // namespace winnow::rocks
