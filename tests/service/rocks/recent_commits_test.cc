#include "service/rocks/recent_commits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace winnow::rocks {
namespace {

TEST(RecentCommitsTest, WhatWasWrittenAfterTheSnapshotConflicts) {
  RecentCommits recent(1 << 20, /*floor=*/10);
  recent.Add("b", 11);
  recent.Add("d", 15);
  EXPECT_TRUE(recent.Conflicts(10, {"b"}, {}));
  EXPECT_FALSE(recent.Conflicts(11, {"b"}, {}));
  EXPECT_TRUE(recent.Conflicts(11, {"a", "d"}, {}));
  EXPECT_FALSE(recent.Conflicts(10, {"a", "c"}, {}));
  EXPECT_TRUE(recent.Conflicts(11, {}, {{"c", "e"}}));
  EXPECT_FALSE(recent.Conflicts(11, {}, {{"a", "d"}}));
  EXPECT_TRUE(recent.Conflicts(10, {}, {{"b", "c"}}));
  recent.Add("b", 20);
  EXPECT_TRUE(recent.Conflicts(15, {"b"}, {}));
}

TEST(RecentCommitsTest, WhatBeganTooLongAgoConflictsUnlessItReadNothing) {
  RecentCommits recent(1 << 20, /*floor=*/10);
  EXPECT_TRUE(recent.Conflicts(9, {"a"}, {}));
  EXPECT_FALSE(recent.Conflicts(9, {}, {}));
  recent.Add("a", 12);
  recent.Reset(/*floor=*/20);
  EXPECT_TRUE(recent.Conflicts(19, {"z"}, {}));
  EXPECT_FALSE(recent.Conflicts(20, {"a"}, {}));
  EXPECT_EQ(recent.bytes(), 0);
}

// However small the memory: it may see a conflict where there is none, never the reverse.
TEST(RecentCommitsTest, ABoundedMemoryNeverMissesAConflict) {
  for (size_t bytes_max : {0, 300, 1000, 3000, 1 << 20}) {
    RecentCommits recent(bytes_max, 0);
    std::vector<std::pair<std::string, uint64_t>> all;
    std::mt19937 random(static_cast<unsigned>(bytes_max));
    int exact = 0, total = 0;
    for (uint64_t sequence = 1; sequence < 1000; ++sequence) {
      std::string key = std::to_string(random() % 40);
      recent.Add(key, sequence);
      all.emplace_back(key, sequence);
      EXPECT_LE(recent.bytes(), bytes_max);
      const uint64_t snapshot = sequence - std::min<uint64_t>(sequence, random() % 30);
      std::string point = std::to_string(random() % 40);
      KeyRange range{std::to_string(random() % 40), std::to_string(random() % 40)};
      bool expected = false;
      for (const auto& [written, at] : all) {
        if (at <= snapshot) continue;
        expected |= written == point || (written >= range.begin && written < range.end);
      }
      const bool found = recent.Conflicts(snapshot, {point}, {range});
      EXPECT_TRUE(found || !expected) << bytes_max << " " << sequence;
      exact += found == expected;
      ++total;
    }
    if (bytes_max == 1 << 20) {
      EXPECT_EQ(exact, total);
    } else if (bytes_max == 0) {
      EXPECT_LT(exact, total);
    }
  }
}

}  // namespace
}  // namespace winnow::rocks
