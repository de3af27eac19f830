// Many contents in one call.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "tests/service/domain/checks_harness.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<ContentCheck> Orders(size_t n) {
  std::vector<ContentCheck> batch;
  for (size_t i = 0; i < n; ++i) {
    batch.push_back(Order(StrCat("order-", i), i % 7 == 3 ? "a blockword" : "a box of tea"));
  }
  return batch;
}

void ExpectAll(const absl::StatusOr<std::vector<absl::StatusOr<Verdict>>>& verdicts, size_t n) {
  ASSERT_OK(verdicts);
  ASSERT_EQ(verdicts->size(), n);
  for (size_t i = 0; i < n; ++i) {
    ASSERT_OK((*verdicts)[i]);
    EXPECT_EQ((*verdicts)[i]->content.content_id, StrCat("order-", i));
    EXPECT_EQ((*verdicts)[i]->result.decision, i % 7 == 3 ? Decision::kBlock : Decision::kAllow);
  }
}

// Contents of any kind, and plain ones the fast way: what comes of them is the same.
enum class Way { kAny, kPlain };

class BatchTest : public testing::TestWithParam<Way> {
 protected:
  static absl::StatusOr<std::vector<absl::StatusOr<Verdict>>> Run(
      Harness& h, std::vector<ContentCheck> checks) {
    return GetParam() == Way::kPlain ? h.PlainBatchOf(std::move(checks))
                                     : h.Batch(std::move(checks));
  }
};
INSTANTIATE_TEST_SUITE_P(Ways, BatchTest, testing::Values(Way::kAny, Way::kPlain),
                         [](const auto& info) {
                           return info.param == Way::kPlain ? "Plain" : "Any";
                         });

TEST_P(BatchTest, RepliesKeepTheOrderAndCostOneCommit) {
  for (size_t n : {1, 2, 15, 16, 17, 100, 1000}) {
    SCOPED_TRACE(n);
    Harness h;
    ExpectAll(Run(h, Orders(n)), n);
    EXPECT_EQ(h.faulty.commits(), 1u);
    EXPECT_EQ(h.faulty.gets(), 0u);
    const size_t flagged = (n + 3) / 7;
    // A flagged one has a record and three entries; blocks hold up to 256 of the others.
    EXPECT_EQ(h.keys(), 4 * flagged + 2 * ((n - flagged + 255) / 256));
  }
}

TEST_P(BatchTest, WhatIsAllowedKeepsItsFindings) {
  Harness h;
  const auto verdicts = Run(h, {Order("order-1", "a trialword"), Order("order-2", "a word")});
  ASSERT_OK(verdicts);
  for (size_t i : {0u, 1u}) {
    ASSERT_OK((*verdicts)[i]);
    EXPECT_EQ((*verdicts)[i]->result.decision, Decision::kAllow);
    EXPECT_EQ((*verdicts)[i]->result.findings.size(), 1 - i);
    const auto read = h.Get(*(*verdicts)[i]);
    ASSERT_OK(read);
    EXPECT_EQ(read->result.decision, Decision::kAllow);
    ASSERT_EQ(read->result.findings.size(), 1 - i);
    for (const Finding& f : read->result.findings) EXPECT_EQ(f.rule_id, "rumors.trial_word");
  }
}

TEST_P(BatchTest, SizeIsBounded) {
  Harness h;
  auto verdicts = Run(h, Orders(1001));
  EXPECT_THAT(verdicts, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1000")));
  auto detail = DetailOf(verdicts.status());
  EXPECT_EQ(detail->reason, "BATCH_TOO_LARGE");
  EXPECT_EQ(detail->metadata.at("limit"), "1000");
  EXPECT_EQ(detail->metadata.at("actual"), "1001");
  EXPECT_EQ(detail->fields[0].field, "requests");
  verdicts = Run(h, {});
  EXPECT_EQ(ReasonOf(verdicts.status()), "FIELD_INVALID");
  EXPECT_EQ(DetailOf(verdicts.status())->fields[0].field, "requests");
  EXPECT_EQ(h.keys(), 0u);
}

TEST(BatchOfAnyTest, IsOfOneTenant) {
  Harness h;
  std::vector<ContentCheck> batch = Orders(3);
  batch[1].tenant = "other";
  batch[1].field_path_prefix = "requests[1].";
  const auto verdicts = h.Batch(std::move(batch));
  ASSERT_OK(verdicts);
  EXPECT_OK((*verdicts)[0]);
  EXPECT_THAT((*verdicts)[1],
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("requests[1].parent")));
  EXPECT_OK((*verdicts)[2]);
  EXPECT_EQ(h.store.KeyCount("other"), 0u);
}

// An item that the transport could not read stands empty in its place.
TEST_P(BatchTest, EmptyItemsAreRefusedAlone) {
  Harness h;
  std::vector<ContentCheck> batch = Orders(2);
  batch.insert(batch.begin(), ContentCheck());
  const auto verdicts = Run(h, std::move(batch));
  ASSERT_OK(verdicts);
  EXPECT_EQ(ReasonOf((*verdicts)[0].status()), "FIELD_INVALID");
  EXPECT_OK((*verdicts)[1]);
  EXPECT_OK((*verdicts)[2]);
  const auto nothing = Run(h, std::vector<ContentCheck>(3));
  ASSERT_OK(nothing);
  for (const auto& verdict : *nothing) EXPECT_EQ(ReasonOf(verdict.status()), "FIELD_INVALID");
}

TEST_P(BatchTest, AFailedCommitFailsAllOfIt) {
  Harness h;
  h.faulty.FailCommit(absl::UnavailableError("disk gone"));
  const auto verdicts = Run(h, Orders(40));
  ASSERT_OK(verdicts);
  for (const auto& verdict : *verdicts) {
    EXPECT_EQ(ReasonOf(verdict.status()), "STORE_UNAVAILABLE");
  }
  EXPECT_EQ(h.keys(), 0u);
}

TEST_P(BatchTest, OneFlaggedVerdictMakesAllDurable) {
  Harness h;
  h.options.relaxed_clean = true;
  h.Restart();
  ASSERT_OK(Run(h, {Order("a", "tea"), Order("b", "tea")}));
  EXPECT_THAT(h.log.Take(), ElementsAre(Durability::kRelaxed));
  ASSERT_OK(Run(h, {Order("a", "tea"), Order("b", "blockword")}));
  EXPECT_THAT(h.log.Take(), ElementsAre(Durability::kSynced));
}

TEST_P(BatchTest, FewerTasksThanSlicesStillDoAll) {
  Harness h(Pools::kManual);
  h.manual_scan.set_waiting_max(1);
  ExpectAll(Run(h, Orders(300)), 300);
  EXPECT_EQ(h.faulty.commits(), 1u);
}

// Records of more than one transaction's size are written by several, each whole.
TEST_P(BatchTest, LargeRecordsTakeSeveralCommits) {
  const auto large = [](bool with_ids) {
    std::string text;
    for (int i = 0; i < 900; ++i) text += "a blockword here and there, said again and again; ";
    std::vector<ContentCheck> batch;
    for (int i = 0; i < 90; ++i) {
      batch.push_back(with_ids ? OrderAs(RequestId(i), StrCat("order-", i), text)
                               : Order(StrCat("order-", i), text));
      batch.back().include_excerpts = true;
    }
    return batch;
  };
  for (bool with_ids : {false, true}) {
    if (with_ids && GetParam() == Way::kPlain) continue;
    SCOPED_TRACE(with_ids);
    Harness h;
    const auto verdicts = Run(h, large(with_ids));
    ASSERT_OK(verdicts);
    for (const auto& verdict : *verdicts) {
      ASSERT_OK(verdict);
      EXPECT_EQ(verdict->result.findings.size(), 900u);
    }
    EXPECT_GT(h.faulty.commits(), 1u);
    EXPECT_LT(h.faulty.commits(), 10u);
    EXPECT_EQ(h.keys(), 90u * (with_ids ? 5 : 4));
    const auto read = h.Get(*(*verdicts)[89]);
    ASSERT_OK(read);
    EXPECT_EQ(Essence(*read), Essence(*(*verdicts)[89]));
  }
}

TEST(BatchOfAnyTest, TimeRunsOutForTheItemsNotYetScanned) {
  Harness h(Pools::kManual);
  std::vector<ContentCheck> batch = Orders(4);
  // Asked before each item's scan and between its parts; the third item's time is up.
  for (size_t i = 0; i < batch.size(); ++i) {
    batch[i].deadline = h.clock.Monotonic() + absl::Seconds(i == 2 ? 0 : 5);
  }
  const auto verdicts = h.Batch(std::move(batch));
  ASSERT_OK(verdicts);
  EXPECT_OK((*verdicts)[0]);
  EXPECT_OK((*verdicts)[1]);
  EXPECT_EQ(ReasonOf((*verdicts)[2].status()), "DEADLINE_EXCEEDED");
  EXPECT_OK((*verdicts)[3]);
}

// One content each that is valid, or not, in its own way.
std::vector<ContentCheck> Various() {
  std::vector<ContentCheck> batch;
  const auto add = [&](const std::function<void(ContentCheck&)>& change) {
    batch.push_back(Order(StrCat("order-", batch.size()), "a box of tea"));
    batch.back().field_path_prefix = StrCat("requests[", batch.size() - 1, "].");
    change(batch.back());
  };
  const auto field = [](std::string_view key, std::string_view bytes, std::string_view charset) {
    return Field{.key = key, .bytes = bytes, .charset = charset};
  };
  static const auto* const long_text = new std::string((1 << 20) + 1, 'a');
  add([](ContentCheck&) {});
  add([](ContentCheck& c) { c.content.account_id.clear(); });
  add([](ContentCheck& c) {
    c.content.region = "mainland";
    c.content.language_hint = "zh-CN";
    c.client_token = "token";
    c.offset_unit = text::OffsetUnit::kUtf16;
  });
  add([](ContentCheck& c) { c.content.surface = Surface::kUnspecified; });
  add([](ContentCheck& c) { c.content.content_id.clear(); });
  add([](ContentCheck& c) { c.content.content_id.assign(257, 'i'); });
  add([](ContentCheck& c) { c.content.account_id.assign(257, 'i'); });
  add([](ContentCheck& c) { c.content.region.assign(65, 'r'); });
  add([](ContentCheck& c) { c.content.language_hint.assign(65, 'l'); });
  add([](ContentCheck& c) { c.client_token.assign(257, 't'); });
  add([](ContentCheck& c) { c.fields.clear(); });
  add([&](ContentCheck& c) { c.fields.push_back(field("note", "twice", "")); });
  add([&](ContentCheck& c) { c.fields.push_back(field("", "no key", "")); });
  add([&](ContentCheck& c) { c.fields.push_back(field("a", "tea", "")); });
  add([&](ContentCheck& c) { c.fields.push_back(field("a", "a blockword", "")); });
  add([&](ContentCheck& c) { c.fields.push_back(field("a", *long_text, "")); });
  add([&](ContentCheck& c) { c.fields.push_back(field("a", "tea", "no-such-charset")); });
  add([&](ContentCheck& c) { c.fields.push_back(field("a", "\xb2\xe8\xd2\xb6", "gb18030")); });
  add([&](ContentCheck& c) { c.fields.push_back(field("a", "tea \xff leaves in a box", "")); });
  add([&](ContentCheck& c) { c.fields.push_back(field("a", "\xff\xff\xff\xff\xff", "utf-8")); });
  add([&](ContentCheck& c) {
    static const auto* const keys = [] {
      auto* made = new std::vector<std::string>;
      for (int i = 0; i < 100; ++i) made->push_back(StrCat("key", i));
      return made;
    }();
    for (const std::string& key : *keys) c.fields.push_back(field(key, "tea", ""));
  });
  add([](ContentCheck& c) { c.include_excerpts = true; });
  add([&](ContentCheck& c) {
    c.include_excerpts = true;
    c.fields.push_back(field("a", "a reviewword, all things considered", ""));
  });
  return batch;
}

TEST(PlainBatchTest, GivesWhatABatchOfAnyContentsGives) {
  Harness any, plain;
  const auto expected = any.Batch(Various());
  const auto actual = plain.PlainBatchOf(Various());
  ASSERT_OK(expected);
  ASSERT_OK(actual);
  ASSERT_EQ(actual->size(), expected->size());
  EXPECT_EQ(plain.keys(), any.keys());
  int refused = 0;
  for (size_t i = 0; i < expected->size(); ++i) {
    SCOPED_TRACE(i);
    const absl::StatusOr<Verdict>&e = (*expected)[i], &a = (*actual)[i];
    ASSERT_EQ(a.status().ToString(), e.status().ToString());
    refused += !e.ok();
    if (!e.ok()) continue;
    // What is given and what is read back, of both.
    const auto stored_e = any.Get(*e), stored_a = plain.Get(*a);
    ASSERT_OK(stored_e);
    ASSERT_OK(stored_a);
    EXPECT_EQ(Essence(*stored_a), Essence(*stored_e));
    for (const Verdict& verdict : {*a, *stored_a}) {
      EXPECT_EQ(verdict.tenant, e->tenant);
      EXPECT_EQ(verdict.create_time, a->create_time);
      EXPECT_EQ(verdict.content.region, e->content.region);
      EXPECT_EQ(verdict.client_token, e->client_token);
      EXPECT_EQ(verdict.result.decision, e->result.decision);
      EXPECT_EQ(verdict.result.completeness, e->result.completeness);
      EXPECT_EQ(verdict.result.offset_unit, e->result.offset_unit);
      EXPECT_EQ(verdict.result.findings.size(), e->result.findings.size());
      EXPECT_EQ(verdict.result.detected_charset, e->result.detected_charset);
      EXPECT_EQ(verdict.check_duration, a->check_duration);
    }
    EXPECT_EQ(stored_a->content.language_hint, e->content.language_hint);
  }
  EXPECT_EQ(refused, 13);
  EXPECT_OK(plain.ListAll(7, ""));
}

TEST(PlainBatchTest, ListsTellOfItByContentAndAccount) {
  Harness h;
  ASSERT_OK(h.PlainBatchOf(Orders(30)));
  auto found = h.ListAll(50, "content_id = \"order-17\"");
  ASSERT_OK(found);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ((*found)[0].result.decision, Decision::kBlock);
  found = h.ListAll(50, "account_id = \"ann\"");
  ASSERT_OK(found);
  EXPECT_EQ(found->size(), 30u);
}

TEST(PlainBatchTest, EndsWithItsTime) {
  Harness h(Pools::kManual);
  std::vector<ContentCheck> batch = Orders(40);
  batch[0].deadline = h.clock.Monotonic();
  auto verdicts = h.PlainBatchOf(std::move(batch));
  ASSERT_OK(verdicts);
  for (const auto& verdict : *verdicts) {
    EXPECT_EQ(ReasonOf(verdict.status()), "DEADLINE_EXCEEDED");
  }
  batch = Orders(40);
  batch[0].cancelled = [] { return true; };
  verdicts = h.PlainBatchOf(std::move(batch));
  ASSERT_OK(verdicts);
  for (const auto& verdict : *verdicts) EXPECT_TRUE(absl::IsCancelled(verdict.status()));
  // Its time is over when all are scanned, but not yet written.
  batch = Orders(40);
  auto asked = std::make_shared<int>(0);
  batch[0].cancelled = [asked] { return ++*asked > 3; };  // once for each slice
  verdicts = h.PlainBatchOf(std::move(batch));
  ASSERT_OK(verdicts);
  for (const auto& verdict : *verdicts) EXPECT_TRUE(absl::IsCancelled(verdict.status()));
  EXPECT_EQ(h.keys(), 0u);
}

TEST(PlainBatchTest, IsRefusedWhereNothingCanBeDone) {
  Harness full(Pools::kManual);
  full.manual_scan.set_waiting_max(0);
  EXPECT_EQ(ReasonOf(full.PlainBatchOf(Orders(3)).status()), "OVERLOADED");
  Harness drained;
  EXPECT_OK(drained.checks->Drain(absl::Seconds(1)));
  EXPECT_EQ(ReasonOf(drained.PlainBatchOf(Orders(3)).status()), "DRAINING");
}

}  // namespace
}  // namespace winnow::domain
