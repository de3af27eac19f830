// The same request id gives the same answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "service/domain/keys.h"
#include "service/domain/request_sweeper.h"
#include "tests/service/domain/checks_harness.h"
#include "tests/support/commit_and_wait.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

using testing::HasSubstr;

// Keys of one verdict of a clean order with author and request id.
constexpr size_t kKeysOfOne = 4;

void ExpectSameAnswer(const absl::StatusOr<Verdict>& first, const absl::StatusOr<Verdict>& second) {
  ASSERT_OK(first);
  ASSERT_OK(second);
  EXPECT_EQ(NameOf(*first), NameOf(*second));
  EXPECT_EQ(first->create_time, second->create_time);
  EXPECT_EQ(first->request_id, second->request_id);
  EXPECT_EQ(Essence(*first), Essence(*second));
}

void ExpectReused(const absl::StatusOr<Verdict>& verdict, std::string_view field) {
  EXPECT_THAT(verdict, StatusIs(absl::StatusCode::kInvalidArgument));
  const auto detail = DetailOf(verdict.status());
  ASSERT_TRUE(detail.has_value()) << verdict.status();
  EXPECT_EQ(detail->reason, "REQUEST_ID_REUSED");
  EXPECT_EQ(detail->fields[0].field, field);
  EXPECT_EQ(detail->request_id, detail->metadata.at("request_id"));
}

TEST(IdempotencyTest, ARepeatedCallGetsTheSameVerdict) {
  Harness h;
  const auto first = h.Check(OrderAs(RequestId(1), "order-1", "a blockword"));
  h.clock.Advance(absl::Hours(1));
  ContentCheck again = OrderAs(RequestId(1), "order-1", "a blockword");
  again.client_token = "second";
  const auto second = h.Check(std::move(again));
  ExpectSameAnswer(first, second);
  EXPECT_EQ(first->client_token, "");
  EXPECT_EQ(second->client_token, "second");  // each call's own
  EXPECT_EQ(h.faulty.commits(), 1u);
}

TEST(IdempotencyTest, AlsoAfterARestart) {
  Harness h;
  const auto first = h.Check(OrderAs(RequestId(1), "order-1", "tea"));
  h.Restart();
  ExpectSameAnswer(first, h.Check(OrderAs(RequestId(1), "order-1", "tea")));
  EXPECT_EQ(h.keys(), kKeysOfOne);
}

TEST(IdempotencyTest, ARequestIdIsWrittenInAnyCase) {
  Harness h;
  const auto first = h.Check(OrderAs(RequestId(10), "order-1", "tea"));
  ASSERT_OK(first);
  EXPECT_EQ(first->request_id, RequestId(10));
  std::string upper = RequestId(10);
  for (char& c : upper) c = static_cast<char>(toupper(c));
  ASSERT_NE(upper, RequestId(10));
  ExpectSameAnswer(first, h.Check(OrderAs(upper, "order-1", "tea")));
}

TEST(IdempotencyTest, AnotherBodyIsRefused) {
  Harness h;
  ASSERT_OK(h.Check(OrderAs(RequestId(1), "order-1", "tea")));
  ExpectReused(h.Check(OrderAs(RequestId(1), "order-1", "coffee")), "request_id");
  h.Restart();
  ExpectReused(h.Check(OrderAs(RequestId(1), "order-2", "tea")), "request_id");
  EXPECT_EQ(h.keys(), kKeysOfOne);
}

TEST(IdempotencyTest, TenantsDoNotShareRequestIds) {
  Harness h;
  const auto first = h.Check(OrderAs(RequestId(1), "order-1", "tea"));
  ContentCheck check = OrderAs(RequestId(1), "order-1", "coffee");
  check.tenant = "other";
  const auto second = h.Check(std::move(check));
  ASSERT_OK(first);
  ASSERT_OK(second);
  EXPECT_NE(first->id, second->id);
}

TEST(IdempotencyTest, ARequestIdExpires) {
  Harness h;
  const auto first = h.Check(OrderAs(RequestId(1), "order-1", "tea"));
  h.clock.Advance(absl::Hours(24) - absl::Seconds(1));
  ExpectSameAnswer(first, h.Check(OrderAs(RequestId(1), "order-1", "tea")));
  h.clock.Advance(absl::Seconds(2));
  const auto anew = h.Check(OrderAs(RequestId(1), "order-2", "coffee"));
  ASSERT_OK(anew);
  EXPECT_NE(anew->id, first->id);
  ExpectSameAnswer(anew, h.Check(OrderAs(RequestId(1), "order-2", "coffee")));
}

TEST(IdempotencyTest, ADuplicateUnderWaySharesTheAnswer) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  Outcome<Verdict> first, second, other;
  ContentCheck a = OrderAs(RequestId(1), "order-1", "a blockword");
  a.client_token = "one";
  ContentCheck b = OrderAs(RequestId(1), "order-1", "a blockword");
  b.client_token = "two";
  h.checks->CheckContent(std::move(a), first.done());
  h.checks->CheckContent(std::move(b), second.done());
  h.checks->CheckContent(OrderAs(RequestId(1), "order-1", "else"), other.done());
  ASSERT_TRUE(other.ready());
  ExpectReused(other.Wait(), "request_id");
  EXPECT_EQ(h.manual_io.waiting(), 1u);
  h.RunAll();
  ASSERT_TRUE(first.ready() && second.ready());
  const auto x = first.Wait(), y = second.Wait();
  ExpectSameAnswer(x, y);
  EXPECT_EQ(x->client_token, "one");
  EXPECT_EQ(y->client_token, "two");
  EXPECT_EQ(h.faulty.commits(), 1u);
}

TEST(IdempotencyTest, AFailureOfTheFirstIsItsOwn) {
  Harness h(Pools::kManual);
  const struct {
    std::string_view what;
    std::function<void(Harness&, ContentCheck&)> change;  // of the first
    absl::StatusCode first, second;
    std::string_view reason;  // of the second
  } kTable[] = {
      {"it runs out of time", [](Harness& h, ContentCheck& c) { c.deadline = h.clock.Monotonic(); },
       absl::StatusCode::kDeadlineExceeded, absl::StatusCode::kAborted, "REQUEST_IN_PROGRESS"},
      {"its caller has gone", [](Harness&, ContentCheck& c) { c.cancelled = [] { return true; }; },
       absl::StatusCode::kCancelled, absl::StatusCode::kAborted, "REQUEST_IN_PROGRESS"},
      {"the store fails",
       [](Harness& h, ContentCheck&) { h.faulty.FailCommit(absl::UnavailableError("gone")); },
       absl::StatusCode::kUnavailable, absl::StatusCode::kUnavailable, "STORE_UNAVAILABLE"},
  };
  for (const auto& row : kTable) {
    SCOPED_TRACE(row.what);
    Outcome<Verdict> first, second;
    ContentCheck check = OrderAs(RequestId(1), "order-1", "tea");
    row.change(h, check);
    h.checks->CheckContent(std::move(check), first.done());
    h.checks->CheckContent(OrderAs(RequestId(1), "order-1", "tea"), second.done());
    h.RunAll();
    EXPECT_THAT(first.Wait(), StatusIs(row.first));
    const auto shared = second.Wait();
    EXPECT_THAT(shared, StatusIs(row.second));
    EXPECT_EQ(ReasonOf(shared.status()), row.reason);
    EXPECT_TRUE(DetailOf(shared.status())->retry_after.has_value());
    EXPECT_EQ(h.keys(), 0u);
  }
  EXPECT_OK(h.Check(OrderAs(RequestId(1), "order-1", "tea")));
}

TEST(IdempotencyTest, NotAnyNumberMayWait) {
  Harness h(Pools::kManual);
  std::vector<Outcome<Verdict>> outcomes(80);
  for (auto& outcome : outcomes) {
    h.checks->CheckContent(OrderAs(RequestId(1), "order-1", "tea"), outcome.done());
  }
  h.RunAll();
  std::set<std::string> ids;
  size_t refused = 0;
  for (auto& outcome : outcomes) {
    const auto verdict = outcome.Wait();
    if (verdict.ok()) {
      ids.insert(verdict->id);
    } else {
      ++refused;
      EXPECT_EQ(ReasonOf(verdict.status()), "REQUEST_IN_PROGRESS");
    }
  }
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(refused, 80u - 65u);
}

TEST(IdempotencyTest, ManyThreadsGetOneVerdictEach) {
  Harness h;
  constexpr int kThreads = 8, kIds = 25;
  std::vector<std::vector<absl::StatusOr<Verdict>>> answers(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&h, &mine = answers[t]] {
      for (int i = 0; i < kIds; ++i) {
        mine.push_back(h.Check(OrderAs(RequestId(i), StrCat("order-", i), "tea")));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < kIds; ++i) {
    for (int t = 1; t < kThreads; ++t) ExpectSameAnswer(answers[0][i], answers[t][i]);
  }
  EXPECT_EQ(h.keys(), kIds * kKeysOfOne);
}

// Two processes over one store: the second commit is refused by the store, and its call answers
// with what the first one stored.
TEST(IdempotencyTest, TheStoreDecidesBetweenProcesses) {
  for (bool same_body : {true, false}) {
    SCOPED_TRACE(same_body);
    Harness h(Pools::kManual, FakeStore::Completion::kByTest);
    const std::unique_ptr<Checks> elsewhere = h.MakeChecks();
    Outcome<Verdict> here, there;
    h.checks->CheckContent(OrderAs(RequestId(1), "order-1", "tea"), here.done());
    elsewhere->CheckContent(OrderAs(RequestId(1), "order-1", same_body ? "tea" : "coffee"),
                            there.done());
    h.manual_io.RunAll();  // both find nothing
    h.manual_scan.RunAll();
    EXPECT_EQ(h.store.queued(), 2u);
    h.RunAll();
    const auto x = here.Wait(), y = there.Wait();
    ASSERT_OK(x);
    if (same_body) {
      ExpectSameAnswer(x, y);
    } else {
      ExpectReused(y, "request_id");
    }
    EXPECT_EQ(h.keys(), kKeysOfOne);
  }
}

TEST(IdempotencyTest, AStoreThatAlwaysAbortsEndsTheCall) {
  Harness h;
  h.faulty.FailCommit(absl::AbortedError("changed"), 100);
  const auto verdict = h.Check(OrderAs(RequestId(1), "order-1", "tea"));
  EXPECT_EQ(ReasonOf(verdict.status()), "STORE_UNAVAILABLE");
  EXPECT_LE(h.faulty.commits(), 10u);
  EXPECT_EQ(h.keys(), 0u);
}

TEST(IdempotencyTest, ALostAcknowledgementIsFoundByTheRetry) {
  Harness h;
  h.faulty.LoseAcknowledgement(absl::UnavailableError("connection lost"));
  EXPECT_EQ(ReasonOf(h.Check(OrderAs(RequestId(1), "order-1", "tea")).status()),
            "STORE_UNAVAILABLE");
  EXPECT_EQ(h.keys(), kKeysOfOne);
  EXPECT_OK(h.Check(OrderAs(RequestId(1), "order-1", "tea")));
  EXPECT_EQ(h.keys(), kKeysOfOne);
}

TEST(IdempotencyTest, InABatch) {
  Harness h;
  const auto stored = h.Check(OrderAs(RequestId(0), "order-0", "tea"));
  const auto verdicts = h.Batch({
      OrderAs(RequestId(0), "order-0", "tea"),  // stored before
      OrderAs(RequestId(1), "order-1", "a blockword"), Order("order-2", "tea"),
      OrderAs(RequestId(1), "order-1", "a blockword"),  // the same again
      OrderAs(RequestId(1), "order-1", "tea"),          // another body
      OrderAs(RequestId(0), "order-0", "coffee"),       // another body than was stored
  });
  ASSERT_OK(verdicts);
  ExpectSameAnswer(stored, (*verdicts)[0]);
  ExpectSameAnswer((*verdicts)[1], (*verdicts)[3]);
  EXPECT_OK((*verdicts)[2]);
  ExpectReused((*verdicts)[4], "request_id");
  ExpectReused((*verdicts)[5], "request_id");
  EXPECT_EQ(h.faulty.commits(), 2u);  // the single call's, and one
  // The whole batch again.
  const auto again = h.Batch(
      {OrderAs(RequestId(1), "order-1", "a blockword"), OrderAs(RequestId(0), "order-0", "tea")});
  ASSERT_OK(again);
  ExpectSameAnswer((*verdicts)[1], (*again)[0]);
  ExpectSameAnswer(stored, (*again)[1]);
  EXPECT_EQ(h.faulty.commits(), 2u);
}

size_t StoredRequestIds(Harness& h) {
  size_t count = 0;
  EXPECT_OK(h.store.Begin("acme")->Scan(RequestKeysBegin(), RequestKeysEnd(), {},
                                        [&](std::string_view, std::string_view) {
                                          ++count;
                                          return true;
                                        }));
  return count;
}

// At a steady rate, what has expired stays below a third of what has not.
TEST(IdempotencyTest, ExpiredIdsDoNotGrowForEver) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  h.options.request_id_ttl = absl::Seconds(300);
  h.Restart();
  size_t most = 0;
  for (int second = 0; second < 3000; ++second) {
    // Spread over the key space, as random ids are.
    std::string id = RequestId(second);
    const std::string low = absl::StrFormat("%08x", second * 2654435761u);
    id.replace(0, 8, low);
    ASSERT_OK(h.Check(OrderAs(id, "order", "tea")));
    h.clock.Advance(absl::Seconds(1));
    if (second % 50 == 0) most = std::max(most, StoredRequestIds(h));
  }
  EXPECT_GE(most, 300u);
  EXPECT_LE(most, 300u * 4 / 3 + 2 * RequestSweeper::kEvery);
}

TEST(IdempotencyTest, ADamagedRequestRecordIsNamed) {
  Harness h;
  auto transaction = h.store.Begin("acme");
  transaction->Put(RequestKey(*ParseUuid(RequestId(1))), "\x01garbage");
  transaction->Put(RequestKey(*ParseUuid(RequestId(2))), "\x07of the future");
  ASSERT_OK(CommitAndWait(std::move(transaction)));
  const auto damaged = h.Check(OrderAs(RequestId(1), "order-1", "tea"));
  EXPECT_THAT(damaged, StatusIs(absl::StatusCode::kDataLoss, HasSubstr(RequestId(1))));
  EXPECT_EQ(ReasonOf(damaged.status()), "RECORD_DAMAGED");
  const auto newer = h.Check(OrderAs(RequestId(2), "order-1", "tea"));
  EXPECT_THAT(newer, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("version 7")));
  EXPECT_EQ(ReasonOf(newer.status()), "RECORD_TOO_NEW");
}

}  // namespace
}  // namespace winnow::domain
