// Clean verdicts in blocks: what goes into one, and that it is found again like any other.
#include "service/domain/verdict_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "service/domain/keys.h"
#include "service/domain/records.h"
#include "tests/service/domain/checks_harness.h"
#include "tests/support/commit_and_wait.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> IdsOf(const std::vector<Verdict>& verdicts) {
  std::vector<std::string> ids;
  for (const Verdict& verdict : verdicts) ids.push_back(verdict.id);
  return ids;
}

size_t CountKeys(Harness& h, const std::string& prefix) {
  size_t count = 0;
  std::string end = prefix;
  ++end.back();
  EXPECT_OK(h.store.Begin("acme")->Scan(prefix, end, {}, [&](std::string_view, std::string_view) {
    ++count;
    return true;
  }));
  return count;
}

// Calls that are under way together, all of which end well.
std::vector<Verdict> CheckTogether(Harness& h, std::vector<ContentCheck> checks) {
  std::vector<Outcome<Verdict>> outcomes(checks.size());
  for (size_t i = 0; i < checks.size(); ++i) {
    h.checks->CheckContent(std::move(checks[i]), outcomes[i].done());
  }
  h.RunAll();
  std::vector<Verdict> verdicts;
  for (Outcome<Verdict>& outcome : outcomes) {
    auto verdict = outcome.Wait();
    EXPECT_OK(verdict);
    verdicts.push_back(*std::move(verdict));
  }
  return verdicts;
}

TEST(VerdictBlocksTest, CallsThatEndTogetherShareABlock) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  std::vector<ContentCheck> checks;
  for (int i = 0; i < 5; ++i) checks.push_back(Order(StrCat("order-", i), "tea"));
  const std::vector<Verdict> verdicts = CheckTogether(h, std::move(checks));
  EXPECT_EQ(h.faulty.commits(), 1u);
  EXPECT_EQ(h.keys(), 2u);  // the block, and that it is fresh
  for (size_t i = 0; i < verdicts.size(); ++i) {
    EXPECT_EQ(verdicts[i].id, FormatUuid(IdInBlock(*ParseUuid(verdicts[0].id), i)));
    EXPECT_EQ(verdicts[i].create_time, h.clock.Now());
    const auto read = h.Get(verdicts[i]);
    ASSERT_OK(read);
    EXPECT_EQ(Essence(*read), Essence(verdicts[i]));
  }
  Verdict beyond = verdicts[0];
  beyond.id = FormatUuid(IdInBlock(*ParseUuid(beyond.id), 5));
  EXPECT_EQ(ReasonOf(h.Get(beyond).status()), "VERDICT_NOT_FOUND");
  beyond.tenant = "other";
  EXPECT_EQ(ReasonOf(h.Get(beyond).status()), "VERDICT_NOT_FOUND");
}

TEST(VerdictBlocksTest, OnlyCleanVerdictsWithoutRequestIdShareOne) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  std::vector<ContentCheck> checks;
  checks.push_back(Order("a", "tea"));
  checks.push_back(Order("b", "a blockword"));
  checks.push_back(OrderAs(RequestId(1), "c", "tea"));
  checks.push_back(Order("d", "tea"));
  checks.back().tenant = "other";
  CheckTogether(h, std::move(checks));
  EXPECT_EQ(CountKeys(h, VerdictPrefix()), 2u);
  EXPECT_EQ(CountKeys(h, BlockPrefix()), 1u);
  EXPECT_EQ(h.store.KeyCount("other"), 2u);
}

TEST(VerdictBlocksTest, RevisionsAreSharedByABlock) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  Outcome<Verdict> before, after;
  h.checks->CheckContent(Order("before", "tea"), before.done());
  h.next_checker = OtherChecker();
  ASSERT_OK(h.packs.Reload());
  h.checks->CheckContent(Order("after", "tea"), after.done());
  h.RunAll();
  EXPECT_EQ(CountKeys(h, BlockPrefix()), 2u);
  for (Outcome<Verdict>* outcome : {&before, &after}) {
    const auto verdict = outcome->Wait();
    ASSERT_OK(verdict);
    EXPECT_EQ(h.Get(*verdict)->result.pack_revision, verdict->result.pack_revision);
  }
}

TEST(VerdictBlocksTest, AreBoundedInVerdicts) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  std::vector<ContentCheck> checks;
  for (size_t i = 0; i < 2 * kBlockVerdictsMax + 1; ++i) checks.push_back(Order("order", "tea"));
  const auto verdicts = h.Batch(std::move(checks));
  ASSERT_OK(verdicts);
  EXPECT_EQ(CountKeys(h, BlockPrefix()), 3u);
  EXPECT_EQ(h.faulty.commits(), 1u);
  EXPECT_EQ(h.ListAll(1000, "")->size(), verdicts->size());
}

TEST(VerdictBlocksTest, AStoreThatFailsIsToldToAllOfThem) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  h.faulty.FailCommit(absl::UnavailableError("disk gone"));
  std::vector<Outcome<Verdict>> outcomes(3);
  for (auto& outcome : outcomes) h.checks->CheckContent(Order("order", "tea"), outcome.done());
  h.RunAll();
  for (auto& outcome : outcomes) {
    EXPECT_EQ(ReasonOf(outcome.Wait().status()), "STORE_UNAVAILABLE");
  }
  EXPECT_EQ(h.keys(), 0u);
}

TEST(VerdictBlocksTest, AFullPoolWritesAtOnce) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  Outcome<Verdict> outcome;
  h.checks->CheckContent(Order("order", "tea"), outcome.done());
  h.manual_scan.set_waiting_max(0);
  h.RunAll();
  EXPECT_OK(outcome.Wait());
  EXPECT_EQ(CountKeys(h, BlockPrefix()), 1u);
}

// Sets up many small runs of postings, some blocks without, and lists all.
struct Indexed {
  Indexed() {
    h.options.block_run = 10;
    h.Restart();
  }
  void Add(int calls) {
    for (int i = 0; i < calls; ++i) {
      std::vector<ContentCheck> checks;
      for (int k = 0; k <= i % 4; ++k, ++n) {
        checks.push_back(Order(StrCat("c", n % 5), n % 7 == 6 ? "a reviewword" : "tea",
                               n % 3 == 0 ? "" : StrCat("u", n % 4)));
      }
      for (Verdict& verdict : CheckTogether(h, std::move(checks))) {
        made.push_back(std::move(verdict));
      }
      h.clock.Advance(absl::Milliseconds(i % 3));
    }
  }
  void ExpectAllFound() {
    std::sort(made.begin(), made.end(),
              [](const Verdict& a, const Verdict& b) { return a.id > b.id; });
    const auto expect = [&](const std::string& filter, auto oracle) {
      std::vector<std::string> expected;
      for (const Verdict& verdict : made) {
        if (oracle(verdict)) expected.push_back(verdict.id);
      }
      for (int page_size : {1, 3, 1000}) {
        SCOPED_TRACE(StrCat(filter, " by ", page_size));
        const auto all = h.ListAll(page_size, filter);
        ASSERT_OK(all);
        EXPECT_THAT(IdsOf(*all), ElementsAreArray(expected));
      }
    };
    expect("", [](const Verdict&) { return true; });
    for (int i = 0; i < 6; ++i) {
      const std::string content = StrCat("c", i), account = StrCat("u", i);
      expect(StrCat("content_id = ", content),
             [&](const Verdict& v) { return v.content.content_id == content; });
      expect(StrCat("account_id = ", account),
             [&](const Verdict& v) { return v.content.account_id == account; });
    }
    for (const Verdict& verdict : made) EXPECT_OK(h.Get(verdict));
  }

  Harness h{Pools::kManual, FakeStore::Completion::kByTest};
  std::vector<Verdict> made;
  int n = 0;
};

TEST(BlockIndexTest, FindsWhatIsInItAndWhatIsNot) {
  Indexed indexed;
  indexed.Add(60);
  EXPECT_GT(CountKeys(indexed.h, PostingsPrefix(Posted::kContent, 0).substr(0, 2)), 10u);
  EXPECT_LT(CountKeys(indexed.h, FreshBlockPrefix()), 12u);
  indexed.ExpectAllFound();
}

TEST(BlockIndexTest, GoesOnAfterARestart) {
  Indexed indexed;
  for (int i = 0; i < 12; ++i) {
    indexed.Add(2);
    indexed.h.Restart();
  }
  // None of them stored a run, but all of them together did.
  EXPECT_LT(CountKeys(indexed.h, FreshBlockPrefix()), 12u);
  indexed.ExpectAllFound();
}

TEST(BlockIndexTest, AClockSetBackBetweenRunsLosesNothing) {
  Indexed indexed;
  indexed.Add(20);
  indexed.h.clock.SetNow(indexed.h.clock.Now() - absl::Milliseconds(12));
  system::UuidV7Generator ids(&indexed.h.clock);  // as of a new process
  indexed.h.checks =
      std::make_unique<Checks>(indexed.h.options, Checks::Ports{&indexed.h.log,
                                                                &indexed.h.manual_scan,
                                                                &indexed.h.manual_io,
                                                                &indexed.h.clock,
                                                                &ids,
                                                                &indexed.h.packs,
                                                                {}});
  indexed.Add(40);
  indexed.ExpectAllFound();
  indexed.h.Restart();
}

TEST(BlockIndexTest, AFailedRunIsWrittenLater) {
  Indexed indexed;
  indexed.Add(3);
  indexed.h.faulty.FailCommit(absl::UnavailableError("disk gone"), 1, 1);
  std::vector<ContentCheck> checks;
  for (int i = 0; i < 10; ++i) checks.push_back(Order("c9", "tea"));
  CheckTogether(indexed.h, std::move(checks));
  EXPECT_EQ(CountKeys(indexed.h, PostingsPrefix(Posted::kContent, 0).substr(0, 2)), 0u);
  indexed.Add(20);
  EXPECT_GT(CountKeys(indexed.h, PostingsPrefix(Posted::kContent, 0).substr(0, 2)), 0u);
  EXPECT_EQ(indexed.h.ListAll(4, "content_id = c9")->size(), 10u);
}

TEST(BlockIndexTest, BlocksThatCannotBeReadStayFreshAndAreNamed) {
  Indexed indexed;
  indexed.Add(1);
  const Uuid block = BlockOf(*ParseUuid(indexed.made[0].id));
  const struct {
    std::string bytes;
    std::string_view reason;
  } kTable[] = {{"\x02 of the future", "RECORD_TOO_NEW"}, {"\x01 garbage", "RECORD_DAMAGED"}};
  for (const auto& row : kTable) {
    SCOPED_TRACE(row.reason);
    auto transaction = indexed.h.store.Begin("acme");
    transaction->Put(IndexKey(BlockPrefix(), block), row.bytes);
    transaction->Commit(Durability::kSynced, [](const absl::Status&) {});
    indexed.h.RunAll();
    for (const absl::Status& status :
         {indexed.h.Get(indexed.made[0]).status(), indexed.h.List(0, "", "").status(),
          indexed.h.List(0, "", "content_id = c3").status()}) {
      EXPECT_THAT(status.message(), HasSubstr(FormatUuid(block)));
      EXPECT_EQ(ReasonOf(status), row.reason);
    }
  }
  // The others' postings are written all the same, and what they find does not need the block.
  for (int i = 0; i < 20; ++i) indexed.Add(4);
  EXPECT_GT(CountKeys(indexed.h, PostingsPrefix(Posted::kContent, 0).substr(0, 2)), 0u);
  EXPECT_EQ(ReasonOf(indexed.h
                         .List(0, "",
                               "content_id = c4 AND create_time < "
                               "\"2000-01-01T00:00:00Z\"")
                         .status()),
            "OK");
}

TEST(BlockIndexTest, ARunThatIsGoneIsNamed) {
  Indexed indexed;
  indexed.Add(40);
  std::vector<std::string> runs;
  const std::string prefix = PostingsPrefix(Posted::kContent, 0).substr(0, 1) + "r";
  auto transaction = indexed.h.store.Begin("acme");
  EXPECT_OK(
      transaction->Scan(prefix, prefix + '\xFF', {}, [&](std::string_view key, std::string_view) {
        runs.emplace_back(key);
        return true;
      }));
  ASSERT_GT(runs.size(), 2u);
  transaction->Delete(runs[0]);
  transaction->Commit(Durability::kSynced, [](const absl::Status&) {});
  indexed.h.RunAll();
  const auto list = indexed.h.ListAll(1000, "content_id = c3");
  EXPECT_EQ(ReasonOf(list.status()), "RECORD_DAMAGED");
  EXPECT_THAT(list.status().message(), HasSubstr("the run of blocks up to "));
}

// Runs are looked for behind the last one; a block with an earlier id is found in the end.
TEST(BlockIndexTest, ABlockWrittenLateIsListedAtOnceAndIndexedLater) {
  class OneId : public IdGenerator {
   public:
    explicit OneId(std::string id) : id_(std::move(id)) {}
    std::string NewId() override { return id_; }

   private:
    const std::string id_;
  };
  Indexed indexed;
  OneId early(indexed.h.ids.NewId());
  const Uuid block = BlockOf(*ParseUuid(early.NewId()));
  indexed.h.clock.Advance(absl::Milliseconds(1));
  indexed.Add(20);  // some runs
  Verdict late;
  late.content.content_id = "late";
  late.content.surface = Surface::kOrder;
  late.result.detected_charset = "UTF-8";
  std::string record;
  EncodeBlocked(late, &record);
  Uuid id;
  auto transaction = indexed.h.store.Begin("acme");
  ASSERT_OK(PutBlocks(early, *transaction,
                      {{"packs/p/revisions/1", "policies/p/revisions/2", record, &id}}));
  transaction->Commit(Durability::kSynced, [](const absl::Status& status) { EXPECT_OK(status); });
  indexed.h.RunAll();
  const auto is_fresh = [&] {
    const auto stored = indexed.h.store.Begin("acme")->Get(IndexKey(FreshBlockPrefix(), block));
    EXPECT_OK(stored);
    return stored->has_value();
  };
  bool indexed_late = false;
  for (int i = 0; i < 60 && !indexed_late; ++i) {
    const auto listed = indexed.h.ListAll(5, "content_id = late");
    ASSERT_OK(listed);
    ASSERT_EQ(listed->size(), 1u);
    EXPECT_EQ((*listed)[0].id, FormatUuid(id));
    indexed.Add(4);
    indexed_late = !is_fresh();
  }
  EXPECT_TRUE(indexed_late);
  EXPECT_EQ(indexed.h.ListAll(5, "content_id = late")->size(), 1u);
  EXPECT_EQ(indexed.h.ListAll(100, "")->size(), indexed.made.size() + 1);
}

TEST(BlockRecordsTest, AnyChangedByteIsReadOrRefused) {
  Verdict verdict;
  verdict.content.content_id = "order-1";
  verdict.content.account_id = "ann";
  verdict.content.labels = {{"shop", "7"}};
  verdict.result.detected_charset = "GB18030";
  verdict.result.text_bytes = 300;
  std::string record;
  EncodeBlocked(verdict, &record);
  BlockEncoder encoder("packs/p/revisions/1", "policies/p/revisions/2");
  for (int i = 0; i < 3; ++i) encoder.Add(record);
  const Uuid block = IdInBlock(*ParseUuid("0197f3a0-1c2b-7def-8123-456789abcdef"), 0);
  const auto all = DecodeBlock(encoder.bytes(), "acme", block);
  ASSERT_OK(all);
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ((*all)[2].id, FormatUuid(IdInBlock(block, 2)));
  EXPECT_EQ((*all)[2].content.labels, verdict.content.labels);
  EXPECT_EQ((*all)[2].result.detected_charset, "GB18030");
  EXPECT_EQ((*all)[2].result.decision, Decision::kAllow);
  EXPECT_EQ((*all)[2].result.policy_revision, "policies/p/revisions/2");

  size_t refused = 0;
  for (size_t i = 0; i < encoder.bytes().size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = encoder.bytes();
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const auto decoded = DecodeBlock(changed, "acme", block);
      refused += !decoded.ok();
      // What is read of it for the index is what the verdicts say.
      std::vector<std::pair<std::string, std::string>> visited;
      const absl::Status visit =
          VisitBlock(changed, block, [&](std::string_view content, std::string_view account) {
            visited.emplace_back(content, account);
          });
      if (decoded.ok()) {
        EXPECT_OK(visit);
        ASSERT_EQ(visited.size(), decoded->size());
        for (size_t k = 0; k < visited.size(); ++k) {
          EXPECT_EQ(visited[k].first, (*decoded)[k].content.content_id);
          EXPECT_EQ(visited[k].second, (*decoded)[k].content.account_id);
        }
      }
      if (decoded.ok() && decoded->size() == 3) {
        EXPECT_OK(DecodeFromBlock(changed, "acme", IdInBlock(block, 1)));
      }
      if (!decoded.ok()) {
        EXPECT_THAT(decoded.status().message(), HasSubstr("0197f3a0-1c2b-7def-8123-"));
      }
    }
    const std::string cut = encoder.bytes().substr(0, i);
    const auto decoded = DecodeBlock(cut, "acme", block);
    if (decoded.ok()) {
      EXPECT_LT(decoded->size(), 3u);
    }
  }
  EXPECT_GT(refused, encoder.bytes().size());
}

}  // namespace
}  // namespace winnow::domain
