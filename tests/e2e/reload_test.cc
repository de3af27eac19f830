// Pack and policy are exchanged under load: no call fails, each ends on the pack it began with, and
// bad ones are refused while the old ones stay.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/strings.h"
#include "tests/support/test_rules.h"
#include "tests/support/winnowd.h"

namespace winnow {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kWordA = kBlockedWord, kWordB = "网上赌场";

std::string ActiveRevision(Winnowd& server) {
  v1::ActivePack pack;
  const grpc::Status status = server.packs().GetActivePack(NewContext().get(), {}, &pack);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return pack.pack_revision();
}

enum class By { kHangup, kCall };

class Reload : public testing::TestWithParam<By> {
 protected:
  void SetUp() override { server_.Start({"--set", "log.access=none"}); }
  void TearDown() override { server_.Stop(); }

  // Reloads and waits until it is done; OK when the files were taken. With SIGHUP only the log says
  // what was wrong.
  Refusal DoReload() {
    if (GetParam() == By::kCall) {
      v1::ActivePack pack;
      return RefusalOf(server_.packs().ReloadPack(NewContext().get(), {}, &pack));
    }
    server_.SendHangup();
    const auto line = server_.process().WaitForLine("\"message\":\"rules ", lines_++);
    EXPECT_TRUE(line.has_value());
    Refusal out;
    if (line && line->find("rules refused") != std::string::npos) {
      out.code = grpc::StatusCode::UNKNOWN;
      out.message = *line;
    }
    return out;
  }

  Winnowd server_;
  size_t lines_ = 1;  // "rules in use" was written at the start
};

TEST_P(Reload, ExchangesPacksUnderLoadWithoutAFailedCall) {
  const std::string revision_a = ActiveRevision(server_);
  WriteTestPack(server_.dir() + "/b.pack", kWordB);
  const std::string pack_a = ReadWholeFile(server_.pack_path());
  const std::string pack_b = ReadWholeFile(server_.dir() + "/b.pack");
  // Exchanged as an operator would do it: a new file takes the old one's name.
  const auto put = [&](const std::string& bytes) {
    WriteWholeFile(server_.dir() + "/next", bytes);
    ASSERT_EQ(std::rename((server_.dir() + "/next").c_str(), server_.pack_path().c_str()), 0);
  };

  std::atomic<bool> stop = false;
  std::atomic<int> on_a = 0, on_b = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      const auto expect_one_pack = [&](const v1::Verdict& verdict, std::string_view word) {
        const bool a = verdict.pack_revision() == revision_a;
        ++(a ? on_a : on_b);
        EXPECT_EQ(verdict.decision(),
                  a == (word == kWordA) ? v1::DECISION_BLOCK : v1::DECISION_ALLOW)
            << word << " on " << verdict.pack_revision();
      };
      for (int i = 0; !stop; ++i) {
        const std::string_view word = i % 2 == 0 ? kWordA : kWordB;
        v1::Verdict verdict;
        grpc::Status status;
        if (t == 0) {
          status = CheckFile(server_.checks(), FileHeader("f"),
                             StrCat(std::string(100'000, 'x'), word), &verdict, 20'000);
        } else {
          status = server_.checks().CheckContent(NewContext().get(), ContentRequest("c", word),
                                                 &verdict);
        }
        ASSERT_TRUE(status.ok()) << status.error_message();
        expect_one_pack(verdict, word);
      }
    });
  }

  for (int i = 0; i < 12; ++i) {
    SCOPED_TRACE(i);
    const int before = on_a + on_b;
    switch (i % 3) {
      case 0:
        put(pack_b);
        EXPECT_EQ(DoReload().code, grpc::StatusCode::OK);
        EXPECT_NE(ActiveRevision(server_), revision_a);
        break;
      case 1:
        put(pack_a);
        EXPECT_EQ(DoReload().code, grpc::StatusCode::OK);
        EXPECT_EQ(ActiveRevision(server_), revision_a);
        break;
      case 2:
        put(pack_b.substr(0, pack_b.size() - 1));
        EXPECT_NE(DoReload().code, grpc::StatusCode::OK);
        EXPECT_EQ(ActiveRevision(server_), revision_a) << "the old one stays";
        break;
    }
    while (on_a + on_b < before + 20) std::this_thread::yield();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(on_a, 0);
  EXPECT_GT(on_b, 0);
}

TEST_P(Reload, ACallInFlightEndsOnThePackItBeganWith) {
  const std::string revision_a = ActiveRevision(server_);
  const auto context = NewContext();
  v1::Verdict verdict;
  const auto writer = server_.checks().CheckFile(context.get(), &verdict);
  const size_t sent = BeginFile(*writer, FileHeader("f"));

  WriteTestPack(server_.pack_path(), kWordB);
  EXPECT_EQ(DoReload().code, grpc::StatusCode::OK);
  const std::string revision_b = ActiveRevision(server_);
  EXPECT_NE(revision_b, revision_a);

  v1::CheckFileRequest message;
  message.set_chunk(StrCat(kWordA, " ", kWordB));
  ASSERT_TRUE(writer->Write(message));
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(verdict.pack_revision(), revision_a);
  ASSERT_THAT(verdict.findings(), SizeIs(1));
  EXPECT_EQ(verdict.findings(0).span().begin(), sent) << "the old pack's word";

  v1::Verdict next;
  ASSERT_TRUE(
      server_.checks().CheckContent(NewContext().get(), ContentRequest("c", kWordA), &next).ok());
  EXPECT_EQ(next.pack_revision(), revision_b);
  EXPECT_EQ(next.decision(), v1::DECISION_ALLOW);
}

struct BadFile {
  const char* name;
  bool policy;  // else the pack
  std::string (*bytes)(const std::string& good);
  grpc::StatusCode code;
  const char* reason;
  const char* message;
};

TEST_P(Reload, RefusesABadFileAndTheOldOneStays) {
  const std::string revision = ActiveRevision(server_);
  const std::string pack = ReadWholeFile(server_.pack_path());
  const std::string policy = ReadWholeFile(server_.policy_path());
  const auto refused = grpc::StatusCode::FAILED_PRECONDITION;
  for (const BadFile& row : {
           BadFile{"empty", false, [](const std::string&) { return std::string(); }, refused,
                   "PACK_INVALID", "not a pack"},
           BadFile{"text", false, [](const std::string&) { return std::string("id: x\n"); },
                   refused, "PACK_INVALID", "not a pack"},
           BadFile{"cut short", false,
                   [](const std::string& good) { return good.substr(0, good.size() / 2); },
                   grpc::StatusCode::DATA_LOSS, "PACK_DAMAGED", "damaged"},
           BadFile{"one bit", false,
                   [](const std::string& good) {
                     std::string bad = good;
                     bad[bad.size() / 2] ^= 4;
                     return bad;
                   },
                   grpc::StatusCode::DATA_LOSS, "PACK_DAMAGED", "damaged"},
           BadFile{"of a later format", false,
                   [](const std::string& good) {
                     std::string bad = good;
                     bad[8] = 99;
                     return bad;
                   },
                   refused, "PACK_TOO_NEW", "99"},
           BadFile{"no policy", true, [](const std::string&) { return std::string("id: [\n"); },
                   refused, "POLICY_INVALID", "policy.yaml:2:1"},
           BadFile{"unknown key", true,
                   [](const std::string& good) { return good + "entires: []\n"; }, refused,
                   "POLICY_INVALID", "entires"},
       }) {
    SCOPED_TRACE(row.name);
    const std::string path = row.policy ? server_.policy_path() : server_.pack_path();
    const std::string& good = row.policy ? policy : pack;
    // Overwritten in place, with the good one in use.
    WriteWholeFile(path, row.bytes(good));
    const Refusal refusal = DoReload();
    EXPECT_NE(refusal.code, grpc::StatusCode::OK);
    EXPECT_THAT(refusal.message, HasSubstr(path));
    EXPECT_THAT(refusal.message, HasSubstr(row.message));
    if (GetParam() == By::kCall) {
      EXPECT_EQ(refusal.code, row.code) << refusal.message;
      EXPECT_EQ(refusal.reason, row.reason);
      EXPECT_EQ(refusal.domain, "winnow");
      EXPECT_EQ(refusal.metadata.count("path"), 1u);
    }
    EXPECT_EQ(ActiveRevision(server_), revision);
    v1::Verdict verdict;
    ASSERT_TRUE(server_.checks()
                    .CheckContent(NewContext().get(), ContentRequest("c", kWordA), &verdict)
                    .ok());
    EXPECT_EQ(verdict.decision(), v1::DECISION_BLOCK);
    WriteWholeFile(path, good);
  }
  // Gone altogether.
  ASSERT_EQ(std::remove(server_.pack_path().c_str()), 0);
  const Refusal refusal = DoReload();
  EXPECT_NE(refusal.code, grpc::StatusCode::OK);
  EXPECT_EQ(refusal.reason, GetParam() == By::kCall ? "PACK_NOT_FOUND" : "");
  EXPECT_EQ(ActiveRevision(server_), revision);
  WriteWholeFile(server_.pack_path(), pack);
  EXPECT_EQ(DoReload().code, grpc::StatusCode::OK);
}

TEST_P(Reload, ExchangesThePolicyToo) {
  v1::Verdict before, after;
  ASSERT_TRUE(
      server_.checks().CheckContent(NewContext().get(), ContentRequest("c", kWordA), &before).ok());
  WriteWholeFile(server_.policy_path(),
                 "id: test\nentries:\n  - when: {category: vice_violence}\n    at_most: review\n");
  EXPECT_EQ(DoReload().code, grpc::StatusCode::OK);
  ASSERT_TRUE(
      server_.checks().CheckContent(NewContext().get(), ContentRequest("c", kWordA), &after).ok());
  EXPECT_EQ(before.decision(), v1::DECISION_BLOCK);
  EXPECT_EQ(after.decision(), v1::DECISION_REVIEW);
  EXPECT_NE(before.policy_revision(), after.policy_revision());
  EXPECT_EQ(before.pack_revision(), after.pack_revision());
}

INSTANTIATE_TEST_SUITE_P(By, Reload, testing::Values(By::kHangup, By::kCall), [](const auto& info) {
  return info.param == By::kCall ? "Call" : "Hangup";
});

}  // namespace
}  // namespace winnow
