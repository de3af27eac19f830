// Acknowledged commits and kill -9: a process of its own commits and says what was acknowledged; it
// is killed at some moment, and the store is looked at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "service/rocks/rocks_store.h"
#include "tests/service/rocks/crash_process.h"
#include "tests/service/rocks/numbered_commits.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace winnow::rocks {
namespace {

TEST(KillTest, WhatWasAcknowledgedIsThere) {
  constexpr int kWriters = 3;
  TempDir dir;
  RocksOptions options;
  options.path = dir.Sub("store");
  std::mt19937 random(3);
  std::vector<int> next(kWriters, 0);
  size_t acknowledged = 0;
  for (int round = 0; round < 12; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    std::vector<std::string> arguments = {options.path};
    for (int first : next) arguments.push_back(std::to_string(first));
    CrashProcess child(arguments);
    // Every fourth is killed while it opens the store, the others after so many lines.
    const unsigned lines = round % 4 == 3 ? 0 : 1 + random() % 1500;
    std::vector<std::string> said;
    for (unsigned i = 0; i < lines; ++i) {
      auto line = child.ReadLine();
      ASSERT_TRUE(line.has_value()) << "it ended by itself";
      ASSERT_THAT(*line, testing::Not(testing::StartsWith("error")));
      said.push_back(*std::move(line));
    }
    child.Kill();
    // What it had said before it died counts too.
    while (auto line = child.ReadLine()) said.push_back(*std::move(line));

    auto store = RocksStore::Open(options);
    ASSERT_OK(store);
    std::vector<std::string> broken;
    const std::vector<int> before = next;
    for (int i = 0; i < kWriters; ++i) {
      next[i] = CountCommits(store->get(), i, &broken);
      EXPECT_GE(next[i], before[i]);
    }
    EXPECT_THAT(broken, testing::IsEmpty());
    for (const std::string& line : said) {
      if (line == "open") continue;
      const size_t space = line.find(' ');
      ASSERT_NE(space, std::string::npos) << line;
      const int writer = std::stoi(line.substr(0, space));
      const int n = std::stoi(line.substr(space));
      EXPECT_GE(n, before[writer]);
      EXPECT_LT(n, next[writer]) << "writer " << writer << " was told " << n;
      ++acknowledged;
    }
    ASSERT_OK((*store)->Close());
  }
  EXPECT_GT(acknowledged, 1000u);
}

}  // namespace
}  // namespace winnow::rocks
