// Files in pieces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "engine/base/sha256.h"
#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "tests/service/domain/checks_harness.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

using testing::HasSubstr;

FileHeader Header(std::string request_id = "") {
  FileHeader header;
  header.tenant = "acme";
  header.content.content_id = "file-1";
  header.content.account_id = "ann";
  header.content.file_name = "notes.txt";
  header.content.surface = Surface::kFile;
  header.include_excerpts = true;
  header.request_id = std::move(request_id);
  if (!header.request_id.empty()) header.header_digest = "digest of the header";
  return header;
}

std::string Text(size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) {
    StrAppend(&text, "line ", i, " of a long and harmless 说明文字\n");
    if (i % 97 == 50) text += "and here a blockword, there 网上赌场\n";
    if (i % 331 == 7) text += "a reviewword as well\n";
  }
  return text;
}

absl::Status Feed(Harness& h, Checks::FileCheck& file, std::string chunk) {
  Outcome<bool> fed;
  file.Feed(std::move(chunk), [done = fed.done()](const absl::Status& status) {
    done(status.ok() ? absl::StatusOr<bool>(true) : status);
  });
  h.RunAll();
  return fed.Wait().status();
}

absl::StatusOr<Verdict> Finish(Harness& h, Checks::FileCheck& file) {
  Outcome<Verdict> outcome;
  file.Finish(outcome.done());
  h.RunAll();
  return outcome.Wait();
}

TEST(FileCheckTest, AnyChunkingGivesTheSameVerdict) {
  Harness h;
  const std::string text = Text(300'000);
  FileHeader sized = Header();
  sized.size_bytes = text.size();
  const auto whole = h.File(sized, text, text.size());
  ASSERT_OK(whole);
  EXPECT_EQ(whole->result.decision, Decision::kBlock);
  EXPECT_GT(whole->result.findings.size(), 50u);
  EXPECT_EQ(whole->result.findings[0].field, "notes.txt");
  EXPECT_EQ(whole->content_sha256, Sha256Hex(text));
  EXPECT_EQ(whole->result.text_bytes, text.size());
  for (size_t chunk : {97, 4096, 4097, 65'536, 250'000}) {
    SCOPED_TRACE(chunk);
    const auto pieces = h.File(Header(), text, chunk);
    ASSERT_OK(pieces);
    EXPECT_EQ(Essence(*pieces), Essence(*whole));
    const auto read = h.Get(*pieces);
    ASSERT_OK(read);
    EXPECT_EQ(Essence(*read), Essence(*whole));
  }
  const auto bytewise = h.File(Header(), text.substr(0, 9000), 1);
  ASSERT_OK(bytewise);
  EXPECT_EQ(Essence(*bytewise), Essence(*h.File(Header(), text.substr(0, 9000), 9000)));
}

TEST(FileCheckTest, EmptyFileAndEmptyChunks) {
  Harness h;
  const auto empty = h.File(Header(), "", 1);
  ASSERT_OK(empty);
  EXPECT_EQ(empty->result.decision, Decision::kAllow);
  EXPECT_EQ(empty->content_sha256, Sha256Hex(""));

  auto file = h.checks->StartFile(Header());
  ASSERT_OK(file);
  for (const char* chunk : {"", "block", "", "word", ""}) EXPECT_OK(Feed(h, **file, chunk));
  const auto verdict = Finish(h, **file);
  ASSERT_OK(verdict);
  EXPECT_EQ(verdict->result.decision, Decision::kBlock);
}

TEST(FileCheckTest, OtherFormatsAreNeverAllowed) {
  Harness h;
  std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
  png.append(10'000, '\0');
  const auto verdict = h.File(Header(), png, 1000);
  ASSERT_OK(verdict);
  EXPECT_EQ(verdict->result.decision, Decision::kReview);
  EXPECT_EQ(verdict->result.completeness, Completeness::kFailed);
  ASSERT_EQ(verdict->result.shortfalls.size(), 1u);
  EXPECT_EQ(verdict->result.shortfalls[0].reason, ShortfallReason::kUnsupportedFormat);
  const auto read = h.Get(*verdict);
  ASSERT_OK(read);
  EXPECT_EQ(Essence(*read), Essence(*verdict));
}

TEST(FileCheckTest, HeadersAreRefused) {
  Harness h;
  const struct {
    std::string_view what;
    std::function<void(FileHeader&)> change;
    std::string_view reason;
    std::string_view field;
  } kTable[] = {
      {"no tenant", [](auto& f) { f.tenant.clear(); }, "FIELD_INVALID", "header.parent"},
      {"no content id", [](auto& f) { f.content.content_id.clear(); }, "FIELD_INVALID",
       "header.content_id"},
      {"long account id", [](auto& f) { f.content.account_id = std::string(257, 'x'); },
       "FIELD_INVALID", "header.account_id"},
      {"long name", [](auto& f) { f.content.file_name = std::string(1025, 'x'); }, "FIELD_INVALID",
       "header.file_name"},
      {"no surface", [](auto& f) { f.content.surface = Surface::kUnspecified; }, "FIELD_INVALID",
       "header.surface"},
      {"long region", [](auto& f) { f.content.region = std::string(65, 'x'); }, "FIELD_INVALID",
       "header.region"},
      {"long label", [](auto& f) { f.content.labels["k"] = std::string(257, 'x'); },
       "FIELD_INVALID", "header.labels[k]"},
      {"long token", [](auto& f) { f.client_token = std::string(257, 'x'); }, "FIELD_INVALID",
       "header.client_token"},
      {"charset", [](auto& f) { f.charset = std::string("no-such"); }, "CHARSET_UNKNOWN",
       "header.charset"},
      {"request id", [](auto& f) { f.request_id = std::string("x"); }, "FIELD_INVALID",
       "header.request_id"},
      {"too large", [](auto& f) { f.size_bytes = (256ull << 20) + 1; }, "FILE_TOO_LARGE",
       "header.size_bytes"},
  };
  for (const auto& row : kTable) {
    SCOPED_TRACE(row.what);
    FileHeader header = Header();
    row.change(header);
    const auto file = h.checks->StartFile(header);
    EXPECT_THAT(file, StatusIs(absl::StatusCode::kInvalidArgument));
    const auto detail = DetailOf(file.status());
    ASSERT_TRUE(detail.has_value());
    EXPECT_EQ(detail->reason, row.reason);
    EXPECT_EQ(detail->fields[0].field, row.field);
  }
  FileHeader most = Header();
  most.size_bytes = 256ull << 20;
  EXPECT_OK(h.checks->StartFile(most));
  EXPECT_OK(h.checks->Drain(absl::Seconds(60)));  // nothing refused or dropped is in flight
}

TEST(FileCheckTest, SizesAreRefused) {
  Harness h;
  h.options.limits.file_bytes_max = 10'000;
  h.options.limits.chunk_bytes_max = 4'000;
  h.Restart();
  const auto sized = [](uint64_t size) {
    FileHeader header = Header();
    header.size_bytes = size;
    return header;
  };
  const struct {
    std::string_view what;
    FileHeader header;
    size_t bytes, chunk;
    std::string_view reason, field, limit, actual;
  } kTable[] = {
      {"too large a chunk", Header(), 4'001, 4'001, "FIELD_INVALID", "chunk", "4000", "4001"},
      {"too large a file", Header(), 11'000, 4'000, "FILE_TOO_LARGE", "chunk", "10000", "11000"},
      {"declared too large", sized(10'001), 0, 1, "FILE_TOO_LARGE", "header.size_bytes", "10000",
       "10001"},
      {"longer than declared", sized(100), 102, 51, "FIELD_INVALID", "header.size_bytes", "",
       "102"},
      {"shorter than declared", sized(100), 99, 50, "FIELD_INVALID", "header.size_bytes", "", "99"},
      {"empty though declared", sized(1), 0, 1, "FIELD_INVALID", "header.size_bytes", "", "0"},
  };
  for (const auto& row : kTable) {
    SCOPED_TRACE(row.what);
    const auto verdict = h.File(row.header, std::string(row.bytes, 'x'), row.chunk);
    EXPECT_THAT(verdict, StatusIs(absl::StatusCode::kInvalidArgument));
    const auto detail = DetailOf(verdict.status());
    ASSERT_TRUE(detail.has_value()) << verdict.status();
    EXPECT_EQ(detail->reason, row.reason);
    EXPECT_EQ(detail->fields[0].field, row.field);
    if (!row.limit.empty()) {
      EXPECT_EQ(detail->metadata.at("limit"), row.limit);
    }
    EXPECT_EQ(detail->metadata.at("actual"), row.actual);
    EXPECT_EQ(h.keys(), 0u);
  }
  EXPECT_OK(h.File(sized(10'000), std::string(10'000, 'x'), 4'000));
}

TEST(FileCheckTest, TheFirstErrorIsTheLastWord) {
  Harness h;
  h.options.limits.chunk_bytes_max = 10;
  h.Restart();
  auto file = h.checks->StartFile(Header());
  ASSERT_OK(file);
  EXPECT_OK(Feed(h, **file, "tea"));
  const absl::Status first = Feed(h, **file, "more than ten");
  EXPECT_THAT(first, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Feed(h, **file, "tea"), first);
  EXPECT_EQ(Finish(h, **file).status(), first);
  EXPECT_EQ(h.keys(), 0u);

  auto done = h.checks->StartFile(Header());
  ASSERT_OK(done);
  ASSERT_OK(Finish(h, **done));
  EXPECT_THAT(Finish(h, **done), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Feed(h, **done, "tea"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(FileCheckTest, OnePieceAtATime) {
  Harness h(Pools::kManual);
  auto file = h.checks->StartFile(Header());
  ASSERT_OK(file);
  int ready = 0;
  absl::Status second;
  (*file)->Feed("block", [&](const absl::Status& status) { ready += status.ok(); });
  (*file)->Feed("word", [&](const absl::Status& status) { second = status; });
  EXPECT_EQ(ready, 0);
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition));
  h.RunAll();
  EXPECT_EQ(ready, 1);
  EXPECT_OK(Feed(h, **file, "word"));
  const auto verdict = Finish(h, **file);
  ASSERT_OK(verdict);
  EXPECT_EQ(verdict->result.decision, Decision::kBlock);
}

TEST(FileCheckTest, AbandonedLeavesNothing) {
  Harness h(Pools::kManual);
  {
    auto file = h.checks->StartFile(Header(RequestId(1)));
    ASSERT_OK(file);
    EXPECT_OK(Feed(h, **file, "a blockword"));
    // Dropped while a piece is under way.
    bool called = false;
    (*file)->Feed("more", [&](const absl::Status&) { called = true; });
    EXPECT_THAT(h.checks->Drain(absl::Milliseconds(1)),
                StatusIs(absl::StatusCode::kDeadlineExceeded));
    file->reset();
    h.RunAll();
    EXPECT_TRUE(called);
  }
  EXPECT_OK(h.checks->Drain(absl::Seconds(60)));
  EXPECT_EQ(h.keys(), 0u);
}

TEST(FileCheckTest, TimeRunsOut) {
  Harness h(Pools::kManual, FakeStore::Completion::kByTest);
  // Ours, before each step.
  for (int step : {0, 1, 2}) {
    SCOPED_TRACE(step);
    auto file = h.checks->StartFile(Header());
    ASSERT_OK(file);
    if (step == 0) h.clock.Advance(absl::Seconds(120));
    absl::Status status = Feed(h, **file, "a blockword");
    if (step == 1) h.clock.Advance(absl::Seconds(120));
    if (status.ok()) {
      Outcome<Verdict> outcome;
      (*file)->Finish(outcome.done());
      if (step == 2) h.clock.Advance(absl::Seconds(120));
      h.RunAll();
      status = outcome.Wait().status();
    }
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
    EXPECT_EQ(ReasonOf(status), "DEADLINE_EXCEEDED");
    EXPECT_EQ(h.keys(), 0u);
  }
  FileHeader gone = Header();
  gone.cancelled = [] { return true; };
  EXPECT_THAT(h.File(gone, "tea", 9), StatusIs(absl::StatusCode::kCancelled));
  FileHeader soon = Header();
  soon.deadline = h.clock.Monotonic();
  EXPECT_THAT(h.File(soon, "tea", 9), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST(FileCheckTest, NoRoomAndNoStore) {
  Harness h(Pools::kManual);
  auto file = h.checks->StartFile(Header());
  ASSERT_OK(file);
  EXPECT_OK(Feed(h, **file, "tea"));
  h.manual_scan.set_waiting_max(0);
  EXPECT_EQ(ReasonOf(Feed(h, **file, "tea")), "OVERLOADED");
  EXPECT_EQ(ReasonOf(h.File(Header(), "", 1).status()), "OVERLOADED");
  h.manual_scan.set_waiting_max(9);
  EXPECT_EQ(ReasonOf(Finish(h, **file).status()), "OVERLOADED");  // its last word
  h.faulty.FailCommit(absl::UnavailableError("disk gone"));
  EXPECT_EQ(ReasonOf(h.File(Header(RequestId(1)), "tea", 9).status()), "STORE_UNAVAILABLE");
  EXPECT_EQ(h.keys(), 0u);
  EXPECT_OK(h.File(Header(RequestId(1)), "tea", 9));
}

TEST(FileCheckTest, OpenFilesAreBounded) {
  Harness h;
  h.options.limits.open_files_max = 2;
  h.Restart();
  auto a = h.checks->StartFile(Header());
  auto b = h.checks->StartFile(Header());
  ASSERT_OK(a);
  ASSERT_OK(b);
  EXPECT_EQ(ReasonOf(h.checks->StartFile(Header()).status()), "OVERLOADED");
  a->reset();
  EXPECT_OK(h.checks->StartFile(Header()));
}

TEST(FileCheckTest, RepeatedUnderARequestId) {
  Harness h;
  const std::string text = Text(20'000);
  const auto first = h.File(Header(RequestId(1)), text, 4096);
  ASSERT_OK(first);
  h.Restart();
  const auto second = h.File(Header(RequestId(1)), text, 999);
  ASSERT_OK(second);
  EXPECT_EQ(second->id, first->id);
  EXPECT_EQ(Essence(*second), Essence(*first));

  // Other bytes, another header.
  const auto other = h.File(Header(RequestId(1)), text + "x", 4096);
  EXPECT_EQ(ReasonOf(other.status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(DetailOf(other.status())->fields[0].field, "header.request_id");
  FileHeader changed = Header(RequestId(1));
  changed.header_digest = "digest of another";
  EXPECT_EQ(ReasonOf(h.File(changed, text, 4096).status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(h.keys(), 5u);
}

TEST(FileCheckTest, DuplicatesUnderWayShareTheVerdict) {
  Harness h(Pools::kManual);
  auto a = h.checks->StartFile(Header(RequestId(1)));
  auto b = h.checks->StartFile(Header(RequestId(1)));
  ASSERT_OK(a);
  ASSERT_OK(b);
  EXPECT_OK(Feed(h, **a, "tea"));
  EXPECT_OK(Feed(h, **b, "tea"));
  Outcome<Verdict> x, y;
  (*a)->Finish(x.done());
  (*b)->Finish(y.done());
  h.RunAll();
  const auto first = x.Wait(), second = y.Wait();
  ASSERT_OK(first);
  ASSERT_OK(second);
  EXPECT_EQ(first->id, second->id);
  EXPECT_EQ(h.faulty.commits(), 1u);
}

}  // namespace
}  // namespace winnow::domain
