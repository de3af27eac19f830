#include "tests/support/store_conformance.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/commit_and_wait.h"
#include "tests/support/status_matchers.h"

namespace winnow {

using domain::Durability;
using domain::Transaction;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using Entries = std::vector<std::pair<std::string, std::string>>;

void StoreConformanceTest::SetUp() {
  store_ = GetParam().make();
  ASSERT_NE(store_, nullptr);
}

namespace {

constexpr char kTenant[] = "acme";

void PutNow(domain::Store& store, const Entries& entries, std::string_view tenant = kTenant) {
  auto t = store.Begin(tenant);
  for (const auto& [key, value] : entries) t->Put(key, value);
  ASSERT_OK(CommitAndWait(std::move(t)));
}

void DeleteNow(domain::Store& store, std::string_view key) {
  auto t = store.Begin(kTenant);
  t->Delete(key);
  ASSERT_OK(CommitAndWait(std::move(t)));
}

std::optional<std::string> Get(Transaction& t, std::string_view key) {
  auto value = t.Get(key);
  EXPECT_OK(value);
  return value.ok() ? *value : std::nullopt;
}

std::optional<std::string> GetNow(domain::Store& store, std::string_view key,
                                  std::string_view tenant = kTenant) {
  return Get(*store.Begin(tenant), key);
}

Entries Scan(Transaction& t, std::string_view begin = "", std::string_view end = "",
             Transaction::ScanOptions options = {}) {
  Entries out;
  EXPECT_OK(t.Scan(begin, end, options, [&](std::string_view key, std::string_view value) {
    out.emplace_back(key, value);
    return true;
  }));
  return out;
}

std::string Keys(const Entries& entries) {
  std::string out;
  for (const auto& [key, value] : entries) out += key;
  return out;
}

std::string ScanKeys(Transaction& t, std::string_view begin = "", std::string_view end = "",
                     Transaction::ScanOptions options = {}) {
  return Keys(Scan(t, begin, end, options));
}

const auto kAborted = StatusIs(absl::StatusCode::kAborted);
const auto kInvalid = StatusIs(absl::StatusCode::kInvalidArgument);

TEST_P(StoreConformanceTest, IsHealthyAndEmptyAtFirst) {
  EXPECT_OK(store_->Health());
  auto t = store_->Begin(kTenant);
  EXPECT_EQ(Get(*t, "k"), std::nullopt);
  EXPECT_THAT(Scan(*t), IsEmpty());
}

TEST_P(StoreConformanceTest, CommittedWritesAreReadByLaterTransactions) {
  PutNow(*store_, {{"k", "1"}, {"l", ""}});
  EXPECT_EQ(GetNow(*store_, "k"), "1");
  EXPECT_EQ(GetNow(*store_, "l"), "");  // an empty value is a value
  PutNow(*store_, {{"k", "2"}});
  EXPECT_EQ(GetNow(*store_, "k"), "2");
  DeleteNow(*store_, "k");
  EXPECT_EQ(GetNow(*store_, "k"), std::nullopt);
  DeleteNow(*store_, "never there");
}

TEST_P(StoreConformanceTest, RelaxedCommitsAreVisibleAtOnce) {
  auto t = store_->Begin(kTenant);
  t->Put("k", "1");
  ASSERT_OK(CommitAndWait(std::move(t), Durability::kRelaxed));
  EXPECT_EQ(GetNow(*store_, "k"), "1");
}

TEST_P(StoreConformanceTest, ATransactionReadsItsOwnWrites) {
  PutNow(*store_, {{"a", "old"}, {"b", "old"}, {"d", "old"}});
  auto t = store_->Begin(kTenant);
  t->Put("a", "new");
  t->Delete("b");
  t->Put("c", "new");
  t->Put("e", "1");
  t->Put("e", "2");
  t->Put("f", "1");
  t->Delete("f");
  t->Delete("d");
  t->Put("d", "back");
  EXPECT_EQ(Get(*t, "a"), "new");
  EXPECT_EQ(Get(*t, "b"), std::nullopt);
  EXPECT_EQ(Get(*t, "e"), "2");
  EXPECT_EQ(Get(*t, "f"), std::nullopt);
  const Entries expected = {{"a", "new"}, {"c", "new"}, {"d", "back"}, {"e", "2"}};
  EXPECT_EQ(Scan(*t), expected);
  Entries reversed(expected.rbegin(), expected.rend());
  EXPECT_EQ(Scan(*t, "", "", {.reverse = true}), reversed);
  EXPECT_EQ(ScanKeys(*t, "", "", {.limit = 2}), "ac");
  EXPECT_EQ(ScanKeys(*t, "", "", {.limit = 2, .reverse = true}), "ed");
  ASSERT_OK(CommitAndWait(std::move(t)));
  EXPECT_EQ(Scan(*store_->Begin(kTenant)), expected);
}

TEST_P(StoreConformanceTest, ReadsSeeTheStateAtBegin) {
  PutNow(*store_, {{"a", "1"}, {"b", "1"}});
  auto t = store_->Begin(kTenant);
  PutNow(*store_, {{"a", "2"}, {"c", "2"}});
  DeleteNow(*store_, "b");
  EXPECT_EQ(Get(*t, "a"), "1");
  EXPECT_EQ(Get(*t, "c"), std::nullopt);
  EXPECT_THAT(Scan(*t), ElementsAre(Pair("a", "1"), Pair("b", "1")));
  EXPECT_OK(CommitAndWait(std::move(t)));  // no writes: one consistent state was read
}

TEST_P(StoreConformanceTest, KeysOrderByUnsignedBytes) {
  using namespace std::string_literals;
  const std::vector<std::string> keys = {"\0"s,   "\0\0"s, "\0\xff"s, "\x01"s,    "a"s,
                                         "a\0"s,  "a\0b"s, "aa"s,     "\x7f"s,    "\x80"s,
                                         "\xc3"s, "\xff"s, "\xff\0"s, "\xff\xff"s};
  ASSERT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  std::vector<std::string> shuffled = keys;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(7));
  Entries entries;
  for (const auto& key : shuffled) entries.emplace_back(key, "v" + key);
  PutNow(*store_, entries);
  auto t = store_->Begin(kTenant);
  Entries expected;
  for (const auto& key : keys) expected.emplace_back(key, "v" + key);
  EXPECT_EQ(Scan(*t), expected);
  for (const auto& key : keys) EXPECT_EQ(Get(*t, key), "v" + key);
  // Every pair of bounds, both ways, against the sorted list.
  for (const auto& begin : keys) {
    for (const auto& end : keys) {
      Entries within;
      for (const auto& entry : expected) {
        if (entry.first >= begin && entry.first < end) within.push_back(entry);
      }
      EXPECT_EQ(Scan(*t, begin, end), within);
      std::reverse(within.begin(), within.end());
      EXPECT_EQ(Scan(*t, begin, end, {.reverse = true}), within);
    }
  }
}

TEST_P(StoreConformanceTest, ScansStopAtTheLimitAndWhenTold) {
  PutNow(*store_, {{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}});
  auto t = store_->Begin(kTenant);
  EXPECT_EQ(ScanKeys(*t, "b"), "bcd");
  EXPECT_EQ(ScanKeys(*t, "", "c"), "ab");
  EXPECT_EQ(ScanKeys(*t, "b", "d"), "bc");
  EXPECT_EQ(ScanKeys(*t, "bb", "cc"), "c");
  EXPECT_EQ(ScanKeys(*t, "", "", {.limit = 0}), "");
  EXPECT_EQ(ScanKeys(*t, "", "", {.limit = 3}), "abc");
  EXPECT_EQ(ScanKeys(*t, "", "", {.limit = 3, .reverse = true}), "dcb");
  EXPECT_EQ(ScanKeys(*t, "b", "d", {.reverse = true}), "cb");
  EXPECT_EQ(ScanKeys(*t, "c", "c"), "");
  EXPECT_EQ(ScanKeys(*t, "d", "b"), "");
  for (bool reverse : {false, true}) {
    std::string seen;
    EXPECT_OK(t->Scan("", "", {.reverse = reverse}, [&](std::string_view key, std::string_view) {
      seen += key;
      return seen.size() < 2;
    }));
    EXPECT_EQ(seen, reverse ? "dc" : "ab");
  }
}

TEST_P(StoreConformanceTest, AScanMayReadOtherKeysOfItsTransaction) {
  PutNow(*store_, {{"index/1", "a"}, {"index/2", "b"}, {"record/a", "A"}, {"record/b", "B"}});
  auto t = store_->Begin(kTenant);
  std::string seen;
  EXPECT_OK(t->Scan("index/", "index0", {}, [&](std::string_view, std::string_view value) {
    seen += Get(*t, "record/" + std::string(value)).value_or("?");
    return true;
  }));
  EXPECT_EQ(seen, "AB");
}

TEST_P(StoreConformanceTest, TenantsAreIsolated) {
  const std::vector<std::string> tenants = {"a", "a-b", "a-b-c", "aa",
                                            "b", "0",   "-",     std::string(63, 'z')};
  for (const auto& tenant : tenants) PutNow(*store_, {{"k", tenant}, {"b", "1"}}, tenant);
  for (const auto& tenant : tenants) {
    auto t = store_->Begin(tenant);
    EXPECT_THAT(Scan(*t), ElementsAre(Pair("b", "1"), Pair("k", tenant))) << tenant;
    EXPECT_THAT(Scan(*t, "", "", {.reverse = true}), ElementsAre(Pair("k", tenant), Pair("b", "1")))
        << tenant;
  }
  // A tenant's first and last possible keys stay its own.
  PutNow(*store_,
         {{std::string(1, '\0'), ""}, {std::string(domain::kStoreKeyBytesMax, '\xff'), ""}}, "a");
  for (const auto& tenant : tenants) {
    EXPECT_EQ(Scan(*store_->Begin(tenant)).size(), tenant == "a" ? 4 : 2) << tenant;
  }
  EXPECT_THAT(Scan(*store_->Begin("absent")), IsEmpty());
}

TEST_P(StoreConformanceTest, TenantsDoNotConflict) {
  auto t = store_->Begin("a");
  Get(*t, "k");
  Scan(*t);
  t->Put("k", "1");
  PutNow(*store_, {{"k", "2"}}, "a-b");
  EXPECT_OK(CommitAndWait(std::move(t)));
  EXPECT_EQ(GetNow(*store_, "k", "a"), "1");
  EXPECT_EQ(GetNow(*store_, "k", "a-b"), "2");
}

TEST_P(StoreConformanceTest, KeysAndValuesOfTheLargestSizeAreTaken) {
  const std::string key(domain::kStoreKeyBytesMax, 'k');
  std::string value(domain::kStoreValueBytesMax, '\0');
  for (size_t i = 0; i < value.size(); i += 4099) value[i] = static_cast<char>(i);
  PutNow(*store_, {{key, value}});
  EXPECT_TRUE(GetNow(*store_, key) == value);
}

TEST_P(StoreConformanceTest, BadKeysAndValuesAreRefusedByCommit) {
  const std::string long_key(domain::kStoreKeyBytesMax + 1, 'k');
  struct Case {
    std::string name;
    std::function<void(Transaction&)> write;
  };
  const std::vector<Case> cases = {
      {"empty key put", [](Transaction& t) { t.Put("", "v"); }},
      {"empty key deleted", [](Transaction& t) { t.Delete(""); }},
      {"long key put", [&](Transaction& t) { t.Put(long_key, "v"); }},
      {"long key deleted", [&](Transaction& t) { t.Delete(long_key); }},
      {"long value",
       [](Transaction& t) { t.Put("k", std::string(domain::kStoreValueBytesMax + 1, 'v')); }},
      {"bad, then overwritten",
       [](Transaction& t) {
         t.Put("k", std::string(domain::kStoreValueBytesMax + 1, 'v'));
         t.Put("k", "v");
       }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    auto t = store_->Begin(kTenant);
    t->Put("good", "v");
    c.write(*t);
    EXPECT_THAT(CommitAndWait(std::move(t)), kInvalid);
    EXPECT_THAT(Scan(*store_->Begin(kTenant)), IsEmpty());  // not the good one either
  }
  // Such keys cannot be there, which is an answer and no error.
  auto t = store_->Begin(kTenant);
  EXPECT_EQ(Get(*t, ""), std::nullopt);
  EXPECT_EQ(Get(*t, long_key), std::nullopt);
}

TEST_P(StoreConformanceTest, ADroppedTransactionLeavesNothing) {
  auto t = store_->Begin(kTenant);
  t->Put("k", "1");
  t.reset();
  EXPECT_EQ(GetNow(*store_, "k"), std::nullopt);
}

TEST_P(StoreConformanceTest, CommitWithoutReadsOrWritesSucceeds) {
  EXPECT_OK(CommitAndWait(store_->Begin(kTenant), Durability::kSynced));
  EXPECT_OK(CommitAndWait(store_->Begin(kTenant), Durability::kRelaxed));
}

// Conflicts. Each case reads in one transaction, lets another commit, then commits a write
// elsewhere.
struct ConflictCase {
  std::string name;
  std::function<void(Transaction&)> read;
  std::function<void(Transaction&)> other;
  bool conflict;
};

TEST_P(StoreConformanceTest, WhatWasReadMustNotHaveChanged) {
  auto scan = [](std::string begin, std::string end, Transaction::ScanOptions options) {
    return [=](Transaction& t) { Scan(t, begin, end, options); };
  };
  auto get = [](std::string key) { return [=](Transaction& t) { Get(t, key); }; };
  auto put = [](std::string key) { return [=](Transaction& t) { t.Put(key, "new"); }; };
  auto erase = [](std::string key) { return [=](Transaction& t) { t.Delete(key); }; };
  const std::vector<ConflictCase> cases = {
      {"key overwritten", get("b"), put("b"), true},
      {"key deleted", get("b"), erase("b"), true},
      {"absent key inserted", get("x"), put("x"), true},
      {"other key written", get("b"), put("c"), false},
      {"neighbour inserted", get("b"), put("b1"), false},
      {"longer neighbour", get("b"), put(std::string("b\0", 2)), false},
      {"phantom in a range", scan("a", "c", {}), put("bb"), true},
      {"phantom in an empty range", scan("x", "z", {}), put("y"), true},
      {"deleted in a range", scan("a", "d", {}), erase("b"), true},
      {"overwritten in a range", scan("a", "d", {}), put("b"), true},
      {"at the begin of a range", scan("b", "d", {}), put("b"), true},
      {"at the end of a range", scan("b", "d", {}), put("d"), false},
      {"before a range", scan("b", "d", {}), put("az"), false},
      {"after an open range's last key", scan("b", "", {}), put("zz"), true},
      {"before an open range", scan("b", "", {}), put("a"), false},
      {"phantom in the whole space", scan("", "", {}), put("m"), true},
      {"beyond the limit", scan("", "", {.limit = 2}), put("bb"), false},
      {"at the limit", scan("", "", {.limit = 2}), put("b"), true},
      {"within the limit", scan("", "", {.limit = 2}), put("aa"), true},
      {"limit not reached, beyond the last", scan("", "", {.limit = 9}), put("zz"), true},
      {"limit 0 reads nothing", scan("", "", {.limit = 0}), put("a"), false},
      {"reverse, beyond the limit", scan("", "", {.limit = 2, .reverse = true}), put("bb"), false},
      {"reverse, at the limit", scan("", "", {.limit = 2, .reverse = true}), put("c"), true},
      {"reverse, above the first", scan("", "", {.limit = 2, .reverse = true}), put("zz"), true},
      {"reverse, at the open end", scan("", "d", {.limit = 1, .reverse = true}), put("cc"), true},
      {"reverse, the end itself", scan("", "d", {.limit = 1, .reverse = true}), put("d"), false},
      {"visitor stopped, beyond",
       [](Transaction& t) {
         EXPECT_OK(
             t.Scan("", "", {}, [](std::string_view key, std::string_view) { return key < "b"; }));
       },
       put("c"), false},
      {"visitor stopped, where it stopped",
       [](Transaction& t) {
         EXPECT_OK(
             t.Scan("", "", {}, [](std::string_view key, std::string_view) { return key < "b"; }));
       },
       put("b"), true},
      {"a range under own writes",
       [](Transaction& t) {
         t.Put("b", "own");
         t.Delete("c");
         Scan(t, "b", "d", {});
       },
       put("c"), true},
      {"two reads, the second changed",
       [](Transaction& t) {
         Get(t, "a");
         Get(t, "b");
       },
       put("b"), true},
      {"read, then written by oneself",
       [](Transaction& t) {
         Get(t, "b");
         t.Put("b", "own");
       },
       put("b"), true},
      {"blind write of the same key", [](Transaction& t) { t.Put("b", "own"); }, put("b"), false},
      {"blind delete of the same key", [](Transaction& t) { t.Delete("b"); }, put("b"), false},
      {"nothing read", [](Transaction&) {}, put("b"), false},
  };
  int n = 0;
  for (const ConflictCase& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string tenant = "t" + std::to_string(n++);
    PutNow(*store_, {{"a", "1"}, {"b", "1"}, {"c", "1"}, {"d", "1"}}, tenant);
    auto t = store_->Begin(tenant);
    c.read(*t);
    auto other = store_->Begin(tenant);
    c.other(*other);
    ASSERT_OK(CommitAndWait(std::move(other)));
    t->Put("~result", "written");
    absl::Status status = CommitAndWait(std::move(t));
    if (c.conflict) {
      EXPECT_THAT(status, kAborted);
    } else {
      EXPECT_OK(status);
    }
    EXPECT_EQ(GetNow(*store_, "~result", tenant).has_value(), !c.conflict);
    // The same reads, begun afterwards, do not conflict.
    auto again = store_->Begin(tenant);
    c.read(*again);
    again->Put("~again", "written");
    EXPECT_OK(CommitAndWait(std::move(again)));
  }
}

TEST_P(StoreConformanceTest, AnAbortedTransactionsOwnWritesConflictWithNobody) {
  PutNow(*store_, {{"a", "1"}});
  auto loser = store_->Begin(kTenant);
  auto reader = store_->Begin(kTenant);
  Get(*loser, "a");
  Get(*reader, "b");
  PutNow(*store_, {{"a", "2"}});
  loser->Put("b", "x");
  EXPECT_THAT(CommitAndWait(std::move(loser)), kAborted);
  reader->Put("c", "x");
  EXPECT_OK(CommitAndWait(std::move(reader)));
  EXPECT_EQ(GetNow(*store_, "b"), std::nullopt);
}

TEST_P(StoreConformanceTest, WriteSkewIsPrevented) {
  PutNow(*store_, {{"on-call/ann", "yes"}, {"on-call/bob", "yes"}});
  auto ann = store_->Begin(kTenant);
  auto bob = store_->Begin(kTenant);
  ASSERT_EQ(Scan(*ann, "on-call/", "on-call0").size(), 2);
  ASSERT_EQ(Scan(*bob, "on-call/", "on-call0").size(), 2);
  ann->Delete("on-call/ann");
  bob->Delete("on-call/bob");
  EXPECT_OK(CommitAndWait(std::move(ann)));
  EXPECT_THAT(CommitAndWait(std::move(bob)), kAborted);
  EXPECT_EQ(Scan(*store_->Begin(kTenant)).size(), 1);
}

// Commits waiting together are still judged one after the other.
TEST_P(StoreConformanceTest, OfManyCommitsQueuedAtOnceOneWins) {
  for (int round = 0; round < 20; ++round) {
    const std::string key = "k" + std::to_string(round);
    constexpr int kCount = 50;
    std::vector<std::unique_ptr<Transaction>> transactions;
    for (int i = 0; i < kCount; ++i) {
      transactions.push_back(store_->Begin(kTenant));
      EXPECT_EQ(Get(*transactions.back(), key), std::nullopt);
      transactions.back()->Put(key, std::to_string(i));
    }
    std::mutex mutex;
    std::condition_variable all;
    std::vector<std::pair<int, absl::Status>> outcomes;
    for (int i = 0; i < kCount; ++i) {
      transactions[i]->Commit(Durability::kSynced, [&, i](absl::Status status) {
        std::lock_guard lock(mutex);
        outcomes.emplace_back(i, std::move(status));
        all.notify_one();
      });
    }
    std::unique_lock lock(mutex);
    all.wait(lock, [&] { return outcomes.size() == kCount; });
    std::vector<int> winners;
    for (const auto& [i, status] : outcomes) {
      if (status.ok()) {
        winners.push_back(i);
      } else {
        EXPECT_THAT(status, kAborted);
      }
    }
    ASSERT_EQ(winners.size(), 1);
    EXPECT_EQ(GetNow(*store_, key), std::to_string(winners[0]));
  }
}

TEST_P(StoreConformanceTest, ConcurrentIncrementsAddUp) {
  constexpr int kThreads = 6;
  constexpr int kIncrements = 40;
  std::atomic<int> conflicts = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int done = 0; done < kIncrements;) {
        auto t = store_->Begin(kTenant);
        int count = std::stoi(Get(*t, "count").value_or("0"));
        t->Put("count", std::to_string(count + 1));
        t->Put("log/" + std::to_string(i) + "/" + std::to_string(done), std::to_string(count + 1));
        absl::Status status =
            CommitAndWait(std::move(t), done % 2 ? Durability::kSynced : Durability::kRelaxed);
        if (status.ok()) {
          ++done;
        } else {
          ASSERT_THAT(status, kAborted);
          ++conflicts;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(GetNow(*store_, "count"), std::to_string(kThreads * kIncrements));
  // Every number was taken by exactly one.
  std::map<std::string, int> taken;
  for (const auto& [key, value] : Scan(*store_->Begin(kTenant), "log/", "log0")) ++taken[value];
  EXPECT_EQ(taken.size(), kThreads * kIncrements);
}

// One thread writes without reading, in turn with others that read what it wrote and write beside
// it: whoever read an older write must not commit after a newer one.
TEST_P(StoreConformanceTest, WritesWithoutReadsConflictWithWhoReadWhatTheyReplace) {
  constexpr int kWrites = 300;
  auto first = store_->Begin(kTenant);
  first->Put("base", "0");
  first->Put("derived", "0");
  EXPECT_OK(CommitAndWait(std::move(first)));
  std::atomic<bool> writing = true;
  std::thread writer([&] {
    for (int i = 1; i <= kWrites; ++i) {
      auto t = store_->Begin(kTenant);
      t->Put("base", std::to_string(i));
      t->Put("derived", std::to_string(i));
      EXPECT_OK(CommitAndWait(std::move(t), i % 10 ? Durability::kRelaxed : Durability::kSynced));
    }
    writing = false;
  });
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (writing) {
        auto t = store_->Begin(kTenant);
        const std::string base = Get(*t, "base").value_or("");
        t->Put("derived", base);
        const absl::Status status = CommitAndWait(std::move(t), Durability::kRelaxed);
        EXPECT_TRUE(status.ok() || absl::IsAborted(status)) << status;
        auto now = store_->Begin(kTenant);
        EXPECT_EQ(Get(*now, "derived"), Get(*now, "base"));
      }
    });
  }
  writer.join();
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(GetNow(*store_, "derived"), std::to_string(kWrites));
}

// Random transactions over few keys from several threads; the committed ones must have an order in
// which each read exactly what it read. The order is given by a counter that each of them takes.
TEST_P(StoreConformanceTest, RandomTransactionsAreSerialisable) {
  struct Committed {
    Entries scanned;  // of "k", before its own writes
    Entries writes;   // empty value: deleted
  };
  std::mutex mutex;
  std::map<int, Committed> history;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(i);
      for (int round = 0; round < 60; ++round) {
        auto t = store_->Begin(kTenant);
        Committed mine;
        const bool forward = random() % 2;
        mine.scanned = Scan(*t, "k", "l", {.reverse = !forward});
        if (!forward) std::reverse(mine.scanned.begin(), mine.scanned.end());
        int order = std::stoi(Get(*t, "order").value_or("0"));
        t->Put("order", std::to_string(order + 1));
        for (int w = random() % 3; w >= 0; --w) {
          std::string key = "k" + std::to_string(random() % 8);
          std::string value =
              random() % 3 ? std::to_string(i) + "." + std::to_string(round) : std::string();
          if (value.empty()) {
            t->Delete(key);
          } else {
            t->Put(key, value);
          }
          mine.writes.emplace_back(key, value);
        }
        if (CommitAndWait(std::move(t), Durability::kRelaxed).ok()) {
          std::lock_guard lock(mutex);
          EXPECT_TRUE(history.emplace(order, std::move(mine)).second) << "order taken twice";
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_FALSE(history.empty());
  std::map<std::string, std::string> state;
  int expected = 0;
  for (const auto& [order, committed] : history) {
    EXPECT_EQ(order, expected++);
    EXPECT_EQ(committed.scanned, Entries(state.begin(), state.end())) << "at " << order;
    for (const auto& [key, value] : committed.writes) {
      if (value.empty()) {
        state.erase(key);
      } else {
        state[key] = value;
      }
    }
  }
  EXPECT_EQ(Scan(*store_->Begin(kTenant), "k", "l"), Entries(state.begin(), state.end()));
}

TEST_P(StoreConformanceTest, DoneIsCalledExactlyOnceFromAThreadOfTheStore) {
  constexpr int kCount = 200;
  std::vector<std::atomic<int>> calls(kCount);
  std::atomic<bool> on_caller = false;
  const auto caller = std::this_thread::get_id();
  for (int i = 0; i < kCount; ++i) {
    auto t = store_->Begin(kTenant);
    if (i % 3 == 0) Get(*t, "k");                    // some of these conflict
    if (i % 4 != 0) t->Put("k", std::to_string(i));  // some have no writes
    if (i % 7 == 0) t->Put("", "refused");           // some are refused
    t->Commit(i % 2 ? Durability::kSynced : Durability::kRelaxed,
              [&calls, &on_caller, caller, i](absl::Status) {
                if (std::this_thread::get_id() == caller) on_caller = true;
                ++calls[i];
              });
  }
  store_.reset();  // completes what is queued
  for (int i = 0; i < kCount; ++i) EXPECT_EQ(calls[i], 1) << i;
  EXPECT_FALSE(on_caller);
}

TEST_P(StoreConformanceTest, DoneMayBeginAndCommitAnother) {
  auto last = std::make_shared<std::promise<absl::Status>>();
  auto first = store_->Begin(kTenant);
  first->Put("a", "1");
  first->Commit(Durability::kSynced, [this, last](absl::Status status) {
    ASSERT_OK(status);
    auto second = store_->Begin(kTenant);
    second->Put("b", "2");
    second->Commit(Durability::kSynced, [last](absl::Status s) { last->set_value(std::move(s)); });
  });
  EXPECT_OK(last->get_future().get());
  EXPECT_THAT(Scan(*store_->Begin(kTenant)), ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

TEST_P(StoreConformanceTest, ATransactionMayOutliveItsStore) {
  PutNow(*store_, {{"k", "1"}});
  auto t = store_->Begin(kTenant);
  EXPECT_EQ(Get(*t, "k"), "1");
  store_.reset();
  const auto unavailable = StatusIs(absl::StatusCode::kUnavailable);
  EXPECT_THAT(t->Get("k"), unavailable);
  EXPECT_THAT(t->Scan("", "", {}, [](std::string_view, std::string_view) { return true; }),
              unavailable);
  t->Put("k", "2");
  EXPECT_THAT(CommitAndWait(std::move(t)), unavailable);
}

}  // namespace

}  // namespace winnow
