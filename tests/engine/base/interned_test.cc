#include "engine/base/interned.h"

#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace winnow {
namespace {

TEST(InternedTest, EqualOnesShareTheirStorage) {
  std::string text = "packs/p/revisions/1";
  const Interned a = text;
  text = "packs/p/revisions/2";
  const Interned b = text;
  EXPECT_EQ(a, "packs/p/revisions/1");
  EXPECT_EQ(b.str(), "packs/p/revisions/2");
  EXPECT_EQ(Interned("packs/p/revisions/1").view().data(), a.view().data());
  EXPECT_FALSE(a == b);
  EXPECT_TRUE(Interned().empty());
  EXPECT_EQ(Interned(), Interned(""));
}

TEST(InternedTest, ManyThreadsMakeOne) {
  std::vector<Interned> made(8);
  std::vector<std::thread> threads;
  for (Interned& name : made) {
    threads.emplace_back([&name] {
      for (int i = 0; i < 1000; ++i) name = std::to_string(i % 10);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Interned& name : made) EXPECT_EQ(name.view().data(), made[0].view().data());
}

}  // namespace
}  // namespace winnow
