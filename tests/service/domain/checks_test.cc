// Checking contents one by one: what is answered, stored and refused.
#include "service/domain/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "tests/service/domain/checks_harness.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ChecksTest, ACleanOrderIsAllowedAndStored) {
  Harness h;
  ContentCheck check = Order("order-1", "two boxes of green tea, please");
  check.content.region = "mainland";
  check.content.labels = {{"shop", "7"}};
  check.client_token = "tok";
  const auto verdict = h.Check(std::move(check));
  ASSERT_OK(verdict);
  EXPECT_EQ(verdict->result.decision, Decision::kAllow);
  EXPECT_EQ(verdict->result.completeness, Completeness::kComplete);
  EXPECT_THAT(verdict->result.findings, IsEmpty());
  EXPECT_EQ(verdict->content.content_id, "order-1");
  EXPECT_EQ(verdict->content.labels.at("shop"), "7");
  EXPECT_EQ(verdict->client_token, "tok");
  EXPECT_EQ(verdict->create_time, h.clock.Now());
  EXPECT_THAT(NameOf(*verdict), HasSubstr("tenants/acme/verdicts/"));
  EXPECT_EQ(h.keys(), 2u);  // a block, and that it is fresh

  const auto read = h.Get(*verdict);
  ASSERT_OK(read);
  EXPECT_EQ(Essence(*read), Essence(*verdict));
  EXPECT_EQ(read->client_token, "tok");
  EXPECT_EQ(read->create_time, verdict->create_time);
  EXPECT_EQ(read->content.labels, verdict->content.labels);
}

TEST(ChecksTest, AFlaggedOrderNamesItsFindings) {
  Harness h;
  ContentCheck check = Order("order-1", "come to 网上赌场 and hear a reviewword");
  check.include_excerpts = true;
  const auto verdict = h.Check(std::move(check));
  ASSERT_OK(verdict);
  EXPECT_EQ(verdict->result.decision, Decision::kBlock);
  ASSERT_EQ(verdict->result.findings.size(), 2u);
  EXPECT_EQ(verdict->result.findings[0].rule_id, "gambling.test_word");
  EXPECT_EQ(verdict->result.findings[0].begin, 8u);
  EXPECT_EQ(verdict->result.findings[0].end, 20u);
  EXPECT_EQ(verdict->result.findings[1].rule_id, "rumors.test_word");
  EXPECT_EQ(h.keys(), 4u);  // record, content, account, flagged
  const auto read = h.Get(*verdict);
  ASSERT_OK(read);
  EXPECT_EQ(Essence(*read), Essence(*verdict));
}

TEST(ChecksTest, WhatIsAllowedKeepsItsFindings) {
  Harness h;
  const auto verdict = h.Check(Order("order-1", "a trialword"));
  ASSERT_OK(verdict);
  EXPECT_EQ(verdict->result.decision, Decision::kAllow);
  ASSERT_EQ(verdict->result.findings.size(), 1u);
  const auto read = h.Get(*verdict);
  ASSERT_OK(read);
  EXPECT_EQ(Essence(*read), Essence(*verdict));
  EXPECT_EQ(h.keys(), 3u);  // record, content, account
}

TEST(ChecksTest, WithoutAuthorThereIsNoAccountEntry) {
  Harness h;
  ASSERT_OK(h.Check(Order("order-1", "blockword", "")));
  EXPECT_EQ(h.keys(), 3u);
}

TEST(ChecksTest, ScanTextStoresNothing) {
  Harness h;
  ContentCheck check = Order("", "a blockword");
  check.request_id = "ignored";
  const auto verdict = h.ScanText(std::move(check));
  ASSERT_OK(verdict);
  EXPECT_EQ(verdict->result.decision, Decision::kBlock);
  EXPECT_EQ(NameOf(*verdict), "");
  EXPECT_EQ(h.keys(), 0u);
  EXPECT_THAT(h.log.Take(), IsEmpty());
}

TEST(ChecksTest, GetSaysWhatIsNotThere) {
  Harness h;
  const auto verdict = h.Check(Order("order-1", "tea"));
  ASSERT_OK(verdict);
  Verdict other = *verdict;
  other.id = "0197f3a0-1c2b-7def-8123-456789abcdef";
  const auto missing = h.Get(other);
  EXPECT_THAT(missing, StatusIs(absl::StatusCode::kNotFound, HasSubstr(NameOf(other))));
  const auto detail = DetailOf(missing.status());
  EXPECT_EQ(detail->reason, "VERDICT_NOT_FOUND");
  EXPECT_EQ(detail->resource_type, "winnow.v1.Verdict");
  EXPECT_EQ(detail->resource_name, NameOf(other));
  other = *verdict;
  other.tenant = "other";  // another tenant's is not seen
  EXPECT_THAT(h.Get(other), StatusIs(absl::StatusCode::kNotFound));
  other.id = "nonsense";
  EXPECT_EQ(ReasonOf(h.Get(other).status()), "FIELD_INVALID");
}

// ---- Refusals ----

// A good check changed by `change` is refused; nothing is stored.
struct Refusal {
  std::string_view what;
  std::function<void(ContentCheck&)> change;
  std::string_view reason;
  std::string_view field;
  std::string_view limit = "";  // "" where there is none
  std::string_view actual = "";
};

std::shared_ptr<std::string> Bytes(size_t n) { return std::make_shared<std::string>(n, 'x'); }

const std::vector<Refusal>& Refusals() {
  const auto fields = [](size_t n, size_t bytes) {
    return [n, bytes](ContentCheck& c) {
      struct Kept {
        std::vector<std::string> keys;
        std::string text;
      };
      auto kept = std::make_shared<Kept>();
      kept->text.assign(bytes, 'x');
      kept->keys.reserve(n);
      c.fields.clear();
      for (size_t i = 0; i < n; ++i) {
        kept->keys.push_back(StrCat("k", i));
        c.fields.push_back(
            {.key = kept->keys.back(), .bytes = kept->text, .charset = {}, .valid_utf8 = true});
      }
      c.keep_alive = kept;
    };
  };
  static const std::string long_key(129, 'k');
  static const std::string long_name(300, 'n');
  static const auto* const refusals = new std::vector<Refusal>{
      {"no tenant", [](auto& c) { c.tenant.clear(); }, "FIELD_INVALID", "parent"},
      {"bad tenant", [](auto& c) { c.tenant = std::string("Acme"); }, "FIELD_INVALID", "parent"},
      {"no content id", [](auto& c) { c.content.content_id.clear(); }, "FIELD_INVALID",
       "content.content_id", "1", "0"},
      {"long content id", [](auto& c) { c.content.content_id = std::string(257, 'x'); },
       "FIELD_INVALID", "content.content_id", "256", "257"},
      {"long account id", [](auto& c) { c.content.account_id = std::string(257, 'x'); },
       "FIELD_INVALID", "content.account_id", "256", "257"},
      {"no surface", [](auto& c) { c.content.surface = Surface::kUnspecified; }, "FIELD_INVALID",
       "content.surface"},
      {"long region", [](auto& c) { c.content.region = std::string(65, 'x'); }, "FIELD_INVALID",
       "content.region", "64", "65"},
      {"long language", [](auto& c) { c.content.language_hint = std::string(65, 'x'); },
       "FIELD_INVALID", "content.language_hint", "64", "65"},
      {"many labels",
       [](auto& c) {
         for (int i = 0; i < 33; ++i) c.content.labels.emplace(StrCat("l", i), "v");
       },
       "FIELD_INVALID", "content.labels", "32", "33"},
      {"empty label key", [](auto& c) { c.content.labels.emplace("", "v"); }, "FIELD_INVALID",
       "content.labels (a key)", "1", "0"},
      {"long label key", [](auto& c) { c.content.labels.emplace(std::string(65, 'k'), "v"); },
       "FIELD_INVALID", "content.labels (a key)", "64", "65"},
      {"long label value", [](auto& c) { c.content.labels["shop"] = std::string(257, 'v'); },
       "FIELD_INVALID", "content.labels[shop]", "256", "257"},
      {"no fields", [](auto& c) { c.fields.clear(); }, "FIELD_INVALID", "content.fields", "1", "0"},
      {"many fields", fields(101, 1), "FIELD_INVALID", "content.fields", "100", "101"},
      {"no key", [](auto& c) { c.fields[0].key = ""; }, "FIELD_INVALID", "content.fields[0].key",
       "1", "0"},
      {"long key", [](auto& c) { c.fields[0].key = long_key; }, "FIELD_INVALID",
       "content.fields[0].key", "128", "129"},
      {"duplicate key", [](auto& c) { c.fields.push_back(c.fields[0]); }, "FIELD_INVALID",
       "content.fields[1].key"},
      {"duplicate key among many",
       [fields](ContentCheck& c) {
         fields(90, 1)(c);
         c.fields[70].key = c.fields[11].key;
       },
       "FIELD_INVALID", "content.fields[70].key"},
      {"text too large", fields(2, (1 << 20) + 1), "TEXT_TOO_LARGE", "content.fields[0].text",
       "1048576", "1048577"},
      {"raw too large",
       [](auto& c) {
         auto kept = Bytes((1 << 20) + 5);
         c.fields[0].bytes = *kept;
         c.fields[0].valid_utf8 = false;
         c.keep_alive = kept;
       },
       "TEXT_TOO_LARGE", "content.fields[0].raw", "1048576", "1048581"},
      {"all too large", fields(5, 1 << 20), "TEXT_TOO_LARGE", "content.fields", "4194304",
       "5242880"},
      {"unknown charset", [](auto& c) { c.fields[0].charset = "ebcdic-klingon"; },
       "CHARSET_UNKNOWN", "content.fields[0].charset"},
      {"unknown long charset", [](auto& c) { c.fields[0].charset = long_name; }, "CHARSET_UNKNOWN",
       "content.fields[0].charset"},
      {"long token", [](auto& c) { c.client_token = std::string(257, 't'); }, "FIELD_INVALID",
       "client_token", "256", "257"},
      {"request id no UUID", [](auto& c) { c.request_id = std::string("42"); }, "FIELD_INVALID",
       "request_id"},
      {"request id nil", [](auto& c) { c.request_id = "00000000-0000-0000-0000-000000000000"; },
       "FIELD_INVALID", "request_id"},
  };
  return *refusals;
}

// One check function for every way in.
void ExpectRefused(const Refusal& row, const absl::Status& status, std::string_view prefix) {
  ASSERT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  const auto detail = DetailOf(status);
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->reason, row.reason);
  ASSERT_EQ(detail->fields.size(), 1u);
  EXPECT_EQ(detail->fields[0].field, StrCat(prefix, row.field));
  EXPECT_THAT(std::string(status.message()), HasSubstr(StrCat(prefix, row.field)));
  EXPECT_FALSE(detail->fields[0].description.empty());
  EXPECT_LT(detail->fields[0].description.size(), 256u);
  if (!row.limit.empty()) {
    EXPECT_EQ(detail->metadata.at("limit"), row.limit);
    EXPECT_EQ(detail->metadata.at("actual"), row.actual);
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(row.limit)));
  }
}

TEST(RefusalTest, OfOneContent) {
  Harness h;
  for (const Refusal& row : Refusals()) {
    SCOPED_TRACE(row.what);
    ContentCheck check = OrderAs(RequestId(1), "order-1", "tea");
    row.change(check);
    ExpectRefused(row, h.Check(std::move(check)).status(), "");
    EXPECT_EQ(h.keys(), 0u);
  }
}

TEST(RefusalTest, OfAnItemLeavesTheOthers) {
  Harness h;
  for (const Refusal& row : Refusals()) {
    SCOPED_TRACE(row.what);
    std::vector<ContentCheck> batch = {
        Order("order-1", "tea"), OrderAs(RequestId(1), "order-2", "tea"), Order("order-3", "tea")};
    batch[1].field_path_prefix = "requests[1].";
    row.change(batch[1]);
    const auto verdicts = h.Batch(std::move(batch));
    ASSERT_OK(verdicts);
    ASSERT_EQ(verdicts->size(), 3u);
    EXPECT_OK((*verdicts)[0]);
    ExpectRefused(row, (*verdicts)[1].status(), "requests[1].");
    EXPECT_OK((*verdicts)[2]);
  }
}

TEST(RefusalTest, LimitsThemselvesAreAllowed) {
  Harness h;
  ContentCheck check = Order(std::string(256, 'c'), "", std::string(256, 'a'));
  auto kept = Bytes(1 << 20);
  static const std::string keys[] = {std::string(128, 'a'), "b", "c", "d"};
  check.fields.clear();
  for (const std::string& key : keys) {
    check.fields.push_back({.key = key, .bytes = *kept, .charset = "utf-8", .valid_utf8 = false});
  }
  check.keep_alive = kept;
  check.content.region = std::string(64, 'r');
  check.client_token = std::string(256, 't');
  for (int i = 0; i < 32; ++i) {
    check.content.labels[StrCat(i, std::string(62, 'k'))] = std::string(256, 'v');
  }
  EXPECT_OK(h.Check(std::move(check)));
}

// ---- No room, no time, no store ----

TEST(ChecksTest, WithoutAPackNothingIsJudged) {
  Harness h;
  PacksInUse none([](const ReloadOptions&) { return absl::NotFoundError("no pack"); }, &h.clock);
  Checks checks(
      h.options,
      {&h.log, h.scan_threads.get(), h.io_threads.get(), &h.clock, &h.ids, &none, nullptr, {}});
  Outcome<Verdict> outcome;
  checks.CheckContent(Order("order-1", "tea"), outcome.done());
  const auto verdict = outcome.Wait();
  EXPECT_THAT(verdict, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(verdict.status()), "NO_PACK");
  EXPECT_TRUE(DetailOf(verdict.status())->retry_after.has_value());
  FileHeader header;
  header.tenant = "acme";
  header.content.content_id = "f";
  header.content.surface = Surface::kFile;
  EXPECT_EQ(ReasonOf(checks.StartFile(header).status()), "NO_PACK");
}

TEST(ChecksTest, WithoutRoomCallersAreToldWhenToTryAgain) {
  Harness h(Pools::kManual);
  const auto expect_overloaded = [](const absl::Status& status) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_EQ(ReasonOf(status), "OVERLOADED");
    EXPECT_GT(DetailOf(status)->retry_after.value_or(absl::ZeroDuration()), absl::ZeroDuration());
  };
  h.manual_scan.set_waiting_max(0);
  expect_overloaded(h.Check(Order("order-1", "tea")).status());
  expect_overloaded(h.Check(OrderAs(RequestId(1), "order-1", "tea")).status());
  expect_overloaded(h.ScanText(Order("order-1", "tea")).status());
  expect_overloaded(h.Batch({Order("order-1", "tea"), Order("order-2", "tea")}).status());
  h.manual_scan.set_waiting_max(9);
  h.manual_io.set_waiting_max(0);
  expect_overloaded(h.Check(OrderAs(RequestId(1), "order-1", "tea")).status());
  Verdict any;
  any.tenant = "acme";
  any.id = RequestId(7);
  expect_overloaded(h.Get(any).status());
  expect_overloaded(h.List(0, "", "").status());
  EXPECT_EQ(h.keys(), 0u);
  // What was refused left nothing behind that would be in the way.
  h.manual_io.set_waiting_max(9);
  EXPECT_OK(h.Check(OrderAs(RequestId(1), "order-1", "tea")));
}

TEST(ChecksTest, TimeRunsOut) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  const struct {
    std::string_view what;
    std::function<void(Harness&, ContentCheck&)> change;
    std::function<void(Harness&)> meanwhile;  // while the scan waits
    absl::StatusCode code;
  } kTable[] = {
      {"the caller's deadline has passed",
       [](Harness& h, ContentCheck& c) { c.deadline = h.clock.Monotonic(); }, [](Harness&) {},
       absl::StatusCode::kDeadlineExceeded},
      {"the caller's deadline passes",
       [](Harness& h, ContentCheck& c) { c.deadline = h.clock.Monotonic() + absl::Seconds(1); },
       [](Harness& h) { h.clock.Advance(absl::Seconds(1)); }, absl::StatusCode::kDeadlineExceeded},
      {"ours passes", [](Harness&, ContentCheck&) {},
       [](Harness& h) { h.clock.Advance(absl::Seconds(10)); }, absl::StatusCode::kDeadlineExceeded},
      {"ours passes before the caller's",
       [](Harness& h, ContentCheck& c) { c.deadline = h.clock.Monotonic() + absl::Hours(1); },
       [](Harness& h) { h.clock.Advance(absl::Seconds(10)); }, absl::StatusCode::kDeadlineExceeded},
      {"during the scan",
       [](Harness& h, ContentCheck& c) {
         // Asked first before the scan, then by the engine.
         c.cancelled = [&h, asked = 0]() mutable {
           if (++asked == 2) h.clock.Advance(absl::Seconds(10));
           return false;
         };
       },
       [](Harness&) {}, absl::StatusCode::kDeadlineExceeded},
      {"the caller has gone", [](Harness&, ContentCheck& c) { c.cancelled = [] { return true; }; },
       [](Harness&) {}, absl::StatusCode::kCancelled},
  };
  for (const auto& row : kTable) {
    for (bool with_request_id : {false, true}) {
      SCOPED_TRACE(StrCat(row.what, with_request_id ? ", request id" : ""));
      ContentCheck check = with_request_id ? OrderAs(RequestId(1), "order-1", "blockword")
                                           : Order("order-1", "blockword");
      row.change(h, check);
      Outcome<Verdict> outcome;
      h.checks->CheckContent(std::move(check), outcome.done());
      h.manual_io.RunAll();
      row.meanwhile(h);
      h.RunAll();
      ASSERT_TRUE(outcome.ready());
      const auto verdict = outcome.Wait();
      EXPECT_THAT(verdict, StatusIs(row.code));
      if (row.code == absl::StatusCode::kDeadlineExceeded) {
        EXPECT_EQ(ReasonOf(verdict.status()), "DEADLINE_EXCEEDED");
      }
      EXPECT_EQ(h.keys(), 0u);
    }
  }
}

// Judged in time, but not stored in time: nothing is stored.
TEST(ChecksTest, TimeRunsOutBetweenScanAndCommit) {
  class SlowIds : public IdGenerator {
   public:
    explicit SlowIds(Harness* h) : h_(h) {}
    std::string NewId() override {
      h_->clock.Advance(absl::Seconds(120));
      return h_->ids.NewId();
    }

   private:
    Harness* const h_;
  };
  Harness h(Pools::kManual);
  SlowIds ids(&h);
  h.checks = std::make_unique<Checks>(
      h.options,
      Checks::Ports{&h.log, &h.manual_scan, &h.manual_io, &h.clock, &ids, &h.packs, nullptr, {}});
  FileHeader header;
  header.tenant = "acme";
  header.content.content_id = "file-1";
  header.content.surface = Surface::kFile;
  EXPECT_EQ(ReasonOf(h.Check(Order("order-1", "blockword")).status()), "DEADLINE_EXCEEDED");
  EXPECT_EQ(ReasonOf(h.Check(OrderAs(RequestId(1), "order-1", "tea")).status()),
            "DEADLINE_EXCEEDED");
  EXPECT_EQ(ReasonOf(h.File(header, "blockword", 9).status()), "DEADLINE_EXCEEDED");
  EXPECT_EQ(h.keys(), 0u);
  EXPECT_EQ(h.faulty.commits(), 0u);
}

TEST(ChecksTest, AStoreThatFailsLeavesNothingHalfStored) {
  Harness h;
  for (const absl::Status& fault :
       {absl::UnavailableError("disk gone"), absl::ResourceExhaustedError("disk full")}) {
    SCOPED_TRACE(fault.ToString());
    for (bool with_request_id : {false, true}) {
      h.faulty.FailCommit(fault);
      const auto verdict = h.Check(with_request_id ? OrderAs(RequestId(1), "order-1", "blockword")
                                                   : Order("order-1", "blockword"));
      EXPECT_THAT(verdict, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("disk")));
      EXPECT_EQ(ReasonOf(verdict.status()), "STORE_UNAVAILABLE");
      EXPECT_TRUE(DetailOf(verdict.status())->retry_after.has_value());
      EXPECT_EQ(h.keys(), 0u);
    }
  }
  h.faulty.FailGet(absl::UnavailableError("disk gone"));
  EXPECT_EQ(ReasonOf(h.Check(OrderAs(RequestId(1), "order-1", "tea")).status()),
            "STORE_UNAVAILABLE");
  h.faulty.FailGet(absl::DataLossError("rotten"));
  EXPECT_EQ(ReasonOf(h.Check(OrderAs(RequestId(1), "order-1", "tea")).status()), "RECORD_DAMAGED");
  EXPECT_EQ(h.keys(), 0u);
  // A request id that failed can be used again.
  EXPECT_OK(h.Check(OrderAs(RequestId(1), "order-1", "tea")));

  Verdict any;
  any.tenant = "acme";
  any.id = RequestId(7);
  h.faulty.FailGet(absl::UnavailableError("disk gone"));
  EXPECT_EQ(ReasonOf(h.Get(any).status()), "STORE_UNAVAILABLE");
  h.faulty.FailGet(absl::DataLossError("rotten"));
  EXPECT_EQ(ReasonOf(h.Get(any).status()), "RECORD_DAMAGED");
  h.faulty.FailScan(absl::UnavailableError("disk gone"));
  EXPECT_EQ(ReasonOf(h.List(0, "", "").status()), "STORE_UNAVAILABLE");
}

TEST(ChecksTest, WhatIsFlaggedIsDurable) {
  Harness h;
  const auto stored_as = [&h](std::string text) {
    EXPECT_OK(h.Check(Order("order-1", std::move(text))));
    return h.log.Take();
  };
  EXPECT_THAT(stored_as("tea"), ElementsAre(Durability::kSynced));
  h.options.relaxed_clean = true;
  h.Restart();
  EXPECT_THAT(stored_as("tea"), ElementsAre(Durability::kRelaxed));
  EXPECT_THAT(stored_as("reviewword"), ElementsAre(Durability::kSynced));
  EXPECT_THAT(stored_as("blockword"), ElementsAre(Durability::kSynced));
  ContentCheck check = Order("order-1", "tea \xFF\xFE\xFF\xFE\xFF\xFE");
  check.fields[0].valid_utf8 = false;
  check.fields[0].charset = "UTF-8";
  const auto verdict = h.Check(std::move(check));
  ASSERT_OK(verdict);
  EXPECT_EQ(verdict->result.completeness, Completeness::kPartial);
  EXPECT_THAT(h.log.Take(), ElementsAre(Durability::kSynced));
  EXPECT_OK(h.Check(OrderAs(RequestId(1), "order-1", "tea")));
  EXPECT_THAT(h.log.Take(), ElementsAre(Durability::kRelaxed));
}

// Findings beyond what a record can hold are left out, and the verdict says so.
TEST(ChecksTest, AVerdictFitsIntoItsRecord) {
  Harness h;
  h.options.limits.findings_max = 200'000;
  h.options.limits.content_bytes_max = 16 << 20;
  h.Restart();
  struct Kept {
    std::string text;
    std::vector<std::string> keys;
  };
  auto kept = std::make_shared<Kept>();
  const std::string line = "这里有很多很多的说明文字 blockword 这里有很多很多的说明文字\n";
  while (kept->text.size() + line.size() <= 1 << 20) kept->text += line;
  ContentCheck check = Order("order-1", "");
  check.fields.clear();
  for (int i = 0; i < 10; ++i) kept->keys.push_back(StrCat("field-", i));
  for (const std::string& key : kept->keys) {
    check.fields.push_back({.key = key, .bytes = kept->text, .charset = {}, .valid_utf8 = true});
  }
  check.keep_alive = kept;
  check.include_excerpts = true;
  const auto verdict = h.Check(std::move(check));
  ASSERT_OK(verdict);
  const uint64_t count = kept->text.size() / line.size() * 10;
  EXPECT_EQ(verdict->result.finding_count, count);
  EXPECT_TRUE(verdict->result.findings_truncated);
  EXPECT_EQ(verdict->result.findings.size(), count / 2);
  const auto read = h.Get(*verdict);
  ASSERT_OK(read);
  EXPECT_EQ(Essence(*read), Essence(*verdict));
}

// ---- Draining ----

TEST(ChecksTest, DrainWaitsForWhatIsInFlightAndRefusesMore) {
  Harness h(Pools::kManual);
  Outcome<Verdict> outcome;
  h.checks->CheckContent(Order("order-1", "tea"), outcome.done());
  EXPECT_THAT(h.checks->Drain(absl::Milliseconds(1)),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("1 calls")));
  EXPECT_EQ(ReasonOf(h.Check(Order("order-2", "tea")).status()), "DRAINING");
  EXPECT_EQ(ReasonOf(h.ScanText(Order("order-2", "tea")).status()), "DRAINING");
  EXPECT_EQ(ReasonOf(h.Batch({Order("order-2", "tea")}).status()), "DRAINING");
  EXPECT_EQ(ReasonOf(h.List(0, "", "").status()), "DRAINING");
  FileHeader header;
  header.tenant = "acme";
  header.content.content_id = "f";
  header.content.surface = Surface::kFile;
  EXPECT_EQ(ReasonOf(h.checks->StartFile(header).status()), "DRAINING");
  EXPECT_OK(outcome.Wait());  // the harness ran it meanwhile
  EXPECT_OK(h.checks->Drain(absl::Seconds(60)));
}

TEST(ChecksTest, DrainEndsWithTheLastCall) {
  Harness h;
  std::vector<Outcome<Verdict>> outcomes(200);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    h.checks->CheckContent(Order(StrCat("order-", i), "tea"), outcomes[i].done());
  }
  EXPECT_OK(h.checks->Drain(absl::Seconds(60)));
  for (auto& outcome : outcomes) {
    ASSERT_TRUE(outcome.ready());
    EXPECT_OK(outcome.Wait());
  }
}

}  // namespace
}  // namespace winnow::domain
