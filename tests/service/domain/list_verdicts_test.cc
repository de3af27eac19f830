// Lists: every page together is exactly what there is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "service/domain/keys.h"
#include "service/domain/records.h"
#include "service/domain/verdict_reader.h"
#include "tests/service/domain/checks_harness.h"
#include "tests/support/commit_and_wait.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> IdsOf(const std::vector<Verdict>& verdicts) {
  std::vector<std::string> ids;
  for (const Verdict& verdict : verdicts) ids.push_back(verdict.id);
  return ids;
}

// A few hundred verdicts of all kinds, in the order in which they were made.
std::vector<Verdict> Populate(Harness& h, size_t n) {
  std::mt19937 random(7);
  const auto pick = [&random](int n) {
    return std::uniform_int_distribution<int>(0, n - 1)(random);
  };
  const char* const texts[] = {"tea",         "tea",          "tea",
                               "a blockword", "a reviewword", "a blockword, a reviewword"};
  const Surface surfaces[] = {Surface::kOrder, Surface::kComment, Surface::kMessage};
  std::vector<Verdict> made;
  for (size_t i = 0; i < n; ++i) {
    ContentCheck check =
        Order(StrCat("c", pick(9)), texts[pick(6)], pick(4) == 0 ? "" : StrCat("u", pick(3)));
    check.content.surface = surfaces[pick(3)];
    auto verdict = h.Check(std::move(check));
    EXPECT_OK(verdict);
    made.push_back(*std::move(verdict));
    if (pick(3) == 0) h.clock.Advance(absl::Milliseconds(pick(2000)));
  }
  return made;
}

bool HasCategory(const Verdict& v, Category category) {
  return std::any_of(v.result.categories.begin(), v.result.categories.end(),
                     [&](const CategoryResult& c) { return c.category == category; });
}

TEST(ListTest, AllPagesTogetherAreAllVerdicts) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  h.options.block_run = 20;
  h.Restart();
  const std::vector<Verdict> made = Populate(h, 300);
  const absl::Time middle = made[150].create_time;
  const std::string middle_text = absl::FormatTime(absl::RFC3339_full, middle, absl::UTCTimeZone());
  const struct {
    std::string filter;
    std::function<bool(const Verdict&)> oracle;
  } kTable[] = {
      {"", [](const Verdict&) { return true; }},
      {"content_id = c3", [](const Verdict& v) { return v.content.content_id == "c3"; }},
      {"content_id != c3", [](const Verdict& v) { return v.content.content_id != "c3"; }},
      {"content_id = c", [](const Verdict&) { return false; }},
      {"account_id = u1", [](const Verdict& v) { return v.content.account_id == "u1"; }},
      {"account_id = \"\"", [](const Verdict& v) { return v.content.account_id.empty(); }},
      {"content_id = c3 AND account_id = u1",
       [](const Verdict& v) {
         return v.content.content_id == "c3" && v.content.account_id == "u1";
       }},
      {"decision = BLOCK", [](const Verdict& v) { return v.result.decision == Decision::kBlock; }},
      {"decision = REVIEW",
       [](const Verdict& v) { return v.result.decision == Decision::kReview; }},
      {"decision != ALLOW", [](const Verdict& v) { return v.result.decision != Decision::kAllow; }},
      {"decision = ALLOW", [](const Verdict& v) { return v.result.decision == Decision::kAllow; }},
      {"decision = UNSPECIFIED", [](const Verdict&) { return true; }},
      {"decision = BLOCK AND decision = ALLOW", [](const Verdict&) { return false; }},
      {"surface = COMMENT",
       [](const Verdict& v) { return v.content.surface == Surface::kComment; }},
      {"category:RUMORS", [](const Verdict& v) { return HasCategory(v, Category::kRumors); }},
      {"NOT category:RUMORS AND decision = BLOCK",
       [](const Verdict& v) {
         return !HasCategory(v, Category::kRumors) && v.result.decision == Decision::kBlock;
       }},
      {StrCat("create_time >= \"", middle_text, "\""),
       [=](const Verdict& v) { return v.create_time >= middle; }},
      {StrCat("create_time > \"", middle_text, "\""),
       [=](const Verdict& v) { return v.create_time > middle; }},
      {StrCat("create_time <= \"", middle_text, "\" AND account_id = u2"),
       [=](const Verdict& v) { return v.create_time <= middle && v.content.account_id == "u2"; }},
      {StrCat("create_time < \"", middle_text, "\" AND -decision = ALLOW"),
       [=](const Verdict& v) {
         return v.create_time < middle && v.result.decision != Decision::kAllow;
       }},
      {"create_time < \"1999-01-01T00:00:00Z\"", [](const Verdict&) { return false; }},
  };
  for (const auto& row : kTable) {
    std::vector<std::string> expected;
    for (auto it = made.rbegin(); it != made.rend(); ++it) {
      if (row.oracle(*it)) expected.push_back(it->id);
    }
    for (int page_size : {1, 7, 50, 1000}) {
      SCOPED_TRACE(StrCat(row.filter, " by ", page_size));
      const auto all = h.ListAll(page_size, row.filter);
      ASSERT_OK(all);
      EXPECT_EQ(IdsOf(*all), expected);
    }
  }
  const auto first = h.List(1, "", "");
  ASSERT_OK(first);
  EXPECT_EQ(Essence(first->verdicts[0]), Essence(made.back()));
}

TEST(ListTest, IndexesSpareReading) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  h.options.block_run = 20;
  h.Restart();
  for (int i = 0; i < 200; ++i) {
    ASSERT_OK(h.Check(Order(StrCat("c", i), i % 100 == 5 ? "blockword" : "tea", StrCat("u", i))));
  }
  for (const char* filter : {"content_id = c7", "account_id = u7", "decision != ALLOW",
                             "decision = BLOCK", "surface = ORDER AND content_id = c7"}) {
    SCOPED_TRACE(filter);
    const size_t before = h.faulty.gets();
    const size_t scans = h.faulty.scans();
    const auto all = h.ListAll(50, filter);
    ASSERT_OK(all);
    EXPECT_THAT(*all, Not(IsEmpty()));
    // Beside what is found, only the blocks that have no postings yet.
    EXPECT_LE(h.faulty.gets() - before, all->size() + 20);
    EXPECT_LE(h.faulty.scans() - scans, 3u);
  }
}

TEST(ListTest, PageSizes) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  Populate(h, 60);
  auto page = h.List(0, "", "");
  ASSERT_OK(page);
  EXPECT_THAT(page->verdicts, SizeIs(50));
  EXPECT_NE(page->next_page_token, "");
  page = h.List(0, page->next_page_token, "");
  ASSERT_OK(page);
  EXPECT_THAT(page->verdicts, SizeIs(10));
  EXPECT_EQ(page->next_page_token, "");
  page = h.List(60, "", "");
  ASSERT_OK(page);
  EXPECT_THAT(page->verdicts, SizeIs(60));
  EXPECT_EQ(page->next_page_token, "");  // known to be the last
  page = h.List(2'000'000'000, "", "");
  ASSERT_OK(page);
  EXPECT_THAT(page->verdicts, SizeIs(60));
  page = h.List(-1, "", "");
  EXPECT_EQ(ReasonOf(page.status()), "FIELD_INVALID");
  EXPECT_EQ(DetailOf(page.status())->fields[0].field, "page_size");
  page = h.List(0, "", "decision = ");
  EXPECT_EQ(DetailOf(page.status())->fields[0].field, "filter");
}

TEST(ListTest, TokensHoldForTheSameQuestionOnly) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  Populate(h, 20);
  const auto page = h.List(5, "", "surface != FILE");
  ASSERT_OK(page);
  const std::string token = page->next_page_token;
  ASSERT_NE(token, "");
  const auto expect_refused = [](const absl::StatusOr<VerdictPage>& page) {
    EXPECT_THAT(page, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(DetailOf(page.status())->fields[0].field, "page_token");
  };
  EXPECT_OK(h.List(5, token, "surface != FILE"));
  expect_refused(h.List(5, token, ""));
  expect_refused(h.List(6, token, "surface != FILE"));
  expect_refused(h.List(5, token + "x", "surface != FILE"));
  expect_refused(h.List(5, "nonsense", "surface != FILE"));
  Outcome<VerdictPage> other;
  h.checks->ListVerdicts("other", 5, token, "surface != FILE", other.done());
  expect_refused(other.Wait());
  h.Restart();  // the key stays
  EXPECT_OK(h.List(5, token, "surface != FILE"));
}

TEST(ListTest, WhatIsAddedMeanwhileDisturbsNothing) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  const std::vector<Verdict> made = Populate(h, 30);
  std::vector<Verdict> seen;
  std::string token;
  do {
    auto page = h.List(4, token, "");
    ASSERT_OK(page);
    for (Verdict& verdict : page->verdicts) seen.push_back(std::move(verdict));
    token = page->next_page_token;
    ASSERT_OK(h.Check(Order("new", "tea")));
  } while (!token.empty());
  std::vector<std::string> expected = IdsOf(made);
  std::reverse(expected.begin(), expected.end());
  EXPECT_EQ(IdsOf(seen), expected);
}

// Puts `n` records straight into the store.
void PutRecords(Harness& h, size_t n, const Verdict& like) {
  std::string record;
  EncodeVerdict(like, nullptr, &record);
  auto transaction = h.store.Begin("acme");
  for (size_t i = 0; i < n; ++i) {
    transaction->Put(VerdictKey(*ParseUuid(h.ids.NewId())), record);
  }
  Outcome<bool> stored;
  transaction->Commit(Durability::kSynced,
                      [done = stored.done()](const absl::Status& status) { done(status.ok()); });
  h.RunAll();
  ASSERT_OK(stored.Wait());
}

TEST(ListTest, OneCallLooksAtABoundedNumber) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  const auto wanted = h.Check(Order("wanted", "tea"));
  ASSERT_OK(wanted);
  PutRecords(h, kListVisitedMax + 5, *h.ScanText(Order("other", "tea")));
  const auto first = h.List(10, "", "surface = ORDER AND content_id != other");
  ASSERT_OK(first);
  EXPECT_THAT(first->verdicts, IsEmpty());
  ASSERT_NE(first->next_page_token, "");
  const auto second = h.List(10, first->next_page_token, "surface = ORDER AND content_id != other");
  ASSERT_OK(second);
  EXPECT_THAT(IdsOf(second->verdicts), ElementsAre(wanted->id));
  EXPECT_EQ(second->next_page_token, "");
}

TEST(ListTest, OnePageIsBoundedInBytes) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  std::string text;
  for (int i = 0; i < 900; ++i) text += "a blockword here and there, said again and again; ";
  ContentCheck check = Order("large", text);
  check.include_excerpts = true;
  const auto large = h.ScanText(std::move(check));
  ASSERT_OK(large);
  PutRecords(h, 100, *large);
  const auto page = h.List(1000, "", "");
  ASSERT_OK(page);
  EXPECT_GT(page->verdicts.size(), 5u);
  EXPECT_LT(page->verdicts.size(), 60u);
  EXPECT_NE(page->next_page_token, "");
  EXPECT_THAT(*h.ListAll(1000, ""), SizeIs(100));
}

TEST(ListTest, RecordsThatCannotBeReadAreNamed) {
  Harness h;
  const auto good = h.Check(Order("order-1", "reviewword"));
  ASSERT_OK(good);
  const struct {
    std::string bytes;
    absl::StatusCode code;
    std::string_view reason;
  } kTable[] = {
      {"\x02 of the future", absl::StatusCode::kFailedPrecondition, "RECORD_TOO_NEW"},
      {"\x01 garbage", absl::StatusCode::kDataLoss, "RECORD_DAMAGED"},
  };
  for (const auto& row : kTable) {
    SCOPED_TRACE(row.reason);
    auto transaction = h.store.Begin("acme");
    transaction->Put(VerdictKey(*ParseUuid(good->id)), row.bytes);
    ASSERT_OK(CommitAndWait(std::move(transaction)));
    for (const absl::Status& status : {h.Get(*good).status(), h.List(0, "", "").status(),
                                       h.List(0, "", "content_id = order-1").status()}) {
      EXPECT_THAT(status, StatusIs(row.code, HasSubstr(good->id)));
      EXPECT_EQ(ReasonOf(status), row.reason);
    }
  }
  auto transaction = h.store.Begin("acme");
  transaction->Delete(VerdictKey(*ParseUuid(good->id)));
  ASSERT_OK(CommitAndWait(std::move(transaction)));
  EXPECT_EQ(ReasonOf(h.List(0, "", "content_id = order-1").status()), "RECORD_DAMAGED");
}

}  // namespace
}  // namespace winnow::domain
