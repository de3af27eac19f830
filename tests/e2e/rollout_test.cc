// Packs by way of the archive: what is refused, what a restart and kill -9 leave, which channel
// decides, what a shadow is found to do, and the way back.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/ed25519.h"
#include "engine/base/strings.h"
#include "engine/pack/signature.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_rules.h"
#include "tests/support/winnowd.h"

namespace winnow {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kWordA = kBlockedWord, kWordB = "网上赌场", kWordC = "私彩平台";

class Rollout : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(keys());
    WriteWholeFile(keys() + "/release.pub", key_.public_key().ToPem());
    server_.Start(flags_);
  }
  void TearDown() override { server_.Stop(); }

  std::string keys() const { return server_.dir() + "/keys"; }
  // Trusts the keys, and takes nothing that is not signed by one of them.
  void BeStrict() {
    WriteWholeFile(server_.pack_path(), Signed(kWordA, 100));
    flags_ = {"--set", "rules.accept_unsigned=false", "--set", "rules.trusted_keys=" + keys()};
    server_.Stop();
    server_.Start(flags_);
  }
  void KillAndStart() {
    server_.Kill();
    server_.Start(flags_);
  }

  std::string Unsigned(std::string_view word) {
    const std::string path = server_.dir() + "/unsigned.pack";
    WriteTestPack(path, word);
    return ReadWholeFile(path);
  }
  std::string Signed(std::string_view word, uint64_t sequence, const Ed25519PrivateKey& key,
                     absl::Duration expires = absl::Hours(1)) {
    pack::Release release;
    release.sequence = sequence;
    release.issue_time = absl::Now() - absl::Hours(9);
    release.expire_time = absl::Now() + expires;
    const auto made = pack::SignPack(Unsigned(word), release, absl::MakeConstSpan(&key, 1));
    EXPECT_OK(made);
    return made.ok() ? *made : "";
  }
  std::string Signed(std::string_view word, uint64_t sequence) {
    return Signed(word, sequence, key_);
  }

  Refusal Upload(const std::string& bytes, v1::PackRevision* revision,
                 bool allow_rollback = false) {
    const auto context = NewContext();
    const auto writer = server_.packs().UploadPack(context.get(), revision);
    v1::UploadPackRequest request;
    request.mutable_header()->set_allow_rollback(allow_rollback);
    *request.mutable_header()->mutable_actor() = Who("push");
    writer->Write(request);
    for (size_t at = 0; at < bytes.size(); at += 100'000) {
      request.set_chunk(bytes.substr(at, 100'000));
      if (!writer->Write(request)) break;
    }
    writer->WritesDone();
    return RefusalOf(writer->Finish());
  }
  // The name of a pack that is taken.
  std::string Push(const std::string& bytes) {
    v1::PackRevision revision;
    const Refusal refusal = Upload(bytes, &revision);
    EXPECT_EQ(refusal.code, grpc::StatusCode::OK) << refusal.message;
    return revision.name();
  }
  static v1::Actor Who(const std::string& reason) {
    v1::Actor actor;
    actor.set_name("tester");
    actor.set_reason(reason);
    return actor;
  }

  Refusal Promote(const v1::PromotePackRequest& request) {
    v1::Channels channels;
    return RefusalOf(server_.packs().PromotePack(NewContext().get(), request, &channels));
  }
  Refusal Promote(const std::string& name, v1::Channel channel, double percent = 0) {
    v1::PromotePackRequest request;
    request.set_name(name);
    request.set_channel(channel);
    request.set_canary_percent(percent);
    *request.mutable_actor() = Who("promote");
    return Promote(request);
  }
  Refusal Rollback(const std::string& name = "") {
    v1::RollbackPackRequest request;
    request.set_name(name);
    *request.mutable_actor() = Who("rollback");
    v1::Channels channels;
    return RefusalOf(server_.packs().RollbackPack(NewContext().get(), request, &channels));
  }
  Refusal Reload(bool from_files = false) {
    v1::ReloadPackRequest request;
    request.set_from_files(from_files);
    v1::ActivePack pack;
    return RefusalOf(server_.packs().ReloadPack(NewContext().get(), request, &pack));
  }
  v1::Channels Channels() {
    v1::Channels channels;
    EXPECT_TRUE(server_.packs().GetChannels(NewContext().get(), {}, &channels).ok());
    return channels;
  }
  std::vector<v1::PackRevision> Archive() {
    v1::ListPackRevisionsResponse response;
    EXPECT_TRUE(server_.packs().ListPackRevisions(NewContext().get(), {}, &response).ok());
    return {response.revisions().begin(), response.revisions().end()};
  }
  std::vector<v1::PackAction> Actions() {
    v1::ListPackActionsResponse response;
    EXPECT_TRUE(server_.packs().ListPackActions(NewContext().get(), {}, &response).ok());
    return {response.actions().begin(), response.actions().end()};
  }
  std::string Active() {
    v1::ActivePack pack;
    EXPECT_TRUE(server_.packs().GetActivePack(NewContext().get(), {}, &pack).ok());
    return pack.pack_revision();
  }
  v1::Verdict Check(const std::string& id, std::string_view text) {
    v1::Verdict verdict;
    const grpc::Status status =
        server_.checks().CheckContent(NewContext().get(), ContentRequest(id, text), &verdict);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return verdict;
  }
  v1::Comparison Compare(const std::string& name = "") {
    v1::GetComparisonRequest request;
    request.set_name(name);
    v1::Comparison comparison;
    const grpc::Status status =
        server_.packs().GetComparison(NewContext().get(), request, &comparison);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return comparison;
  }
  // Contents are compared after they were answered.
  v1::Comparison CompareUntil(uint64_t contents) {
    v1::Comparison comparison;
    do {
      comparison = Compare();
    } while (comparison.compared() + comparison.skipped() < contents &&
             !testing::Test::HasFailure());
    return comparison;
  }

  Winnowd server_;
  std::vector<std::string> flags_;
  const Ed25519PrivateKey key_ = *Ed25519PrivateKey::Generate();
  const Ed25519PrivateKey other_key_ = *Ed25519PrivateKey::Generate();
};

TEST_F(Rollout, RefusesWhatItShouldNotKeepAndServesOn) {
  BeStrict();
  const std::string in_use = Active();
  Push(Signed(kWordB, 200));
  const size_t kept = Archive().size();
  const auto damaged = [&](size_t at) {
    std::string pack = Signed(kWordC, 300);
    pack[at < pack.size() ? at : pack.size() / 2] ^= 1;
    return pack;
  };
  std::string future = Signed(kWordC, 300);
  future[8] = 99;
  struct Row {
    const char* name;
    std::string bytes;
    grpc::StatusCode code;
    const char* reason;
    const char* message;
  };
  const auto refused = grpc::StatusCode::FAILED_PRECONDITION;
  for (const Row& row : {
           Row{"unsigned", Unsigned(kWordC), refused, "PACK_UNSIGNED", "is not signed"},
           Row{"unknown key", Signed(kWordC, 300, other_key_), refused, "PACK_KEY_UNKNOWN",
               "trusted keys"},
           Row{"expired", Signed(kWordC, 300, key_, -absl::Hours(1)), refused, "PACK_EXPIRED",
               "expired"},
           Row{"before the archive's", Signed(kWordC, 150), refused, "PACK_ROLLED_BACK",
               "release 200"},
           Row{"number in use", Signed(kWordC, 200), refused, "PACK_SEQUENCE_REUSED",
               "greater number"},
           Row{"damaged", damaged(SIZE_MAX), grpc::StatusCode::DATA_LOSS, "PACK_DAMAGED",
               "damaged"},
           Row{"cut short", Signed(kWordC, 300).substr(0, 1000), grpc::StatusCode::DATA_LOSS,
               "PACK_DAMAGED", "damaged"},
           Row{"of a later format", future, refused, "PACK_TOO_NEW", "99"},
           Row{"no pack", "id: x\n", refused, "PACK_INVALID", "not a pack"},
           Row{"empty", "", refused, "PACK_INVALID", "not a pack"},
       }) {
    SCOPED_TRACE(row.name);
    v1::PackRevision revision;
    const Refusal refusal = Upload(row.bytes, &revision);
    EXPECT_EQ(refusal.code, row.code) << refusal.message;
    EXPECT_EQ(refusal.reason, row.reason);
    EXPECT_EQ(refusal.domain, "winnow");
    EXPECT_THAT(refusal.message, HasSubstr(row.message));
    EXPECT_THAT(Archive(), SizeIs(kept));
    EXPECT_EQ(Active(), in_use);
    EXPECT_EQ(Check("c", kWordA).decision(), v1::DECISION_BLOCK);
  }
  // Asked for, an earlier release is kept; whether it comes into use is another question.
  v1::PackRevision revision;
  EXPECT_EQ(Upload(Signed(kWordC, 50), &revision, true).code, grpc::StatusCode::OK);
  EXPECT_EQ(Promote(revision.name(), v1::CHANNEL_LIVE).reason, "PACK_ROLLED_BACK");
  EXPECT_EQ(Active(), in_use);
  v1::PromotePackRequest request;
  request.set_name(revision.name());
  request.set_channel(v1::CHANNEL_LIVE);
  request.set_allow_rollback(true);
  EXPECT_EQ(Promote(request).code, grpc::StatusCode::OK);
  EXPECT_EQ(Active(), revision.name());
  EXPECT_EQ(Promote("packs/test/revisions/000000000000", v1::CHANNEL_LIVE).reason,
            "PACK_REVISION_NOT_FOUND");
}

TEST_F(Rollout, AKeyThatIsTrustedNoMorePromotesNothing) {
  BeStrict();
  const std::string name = Push(Signed(kWordB, 200));
  fs::remove(keys() + "/release.pub");
  WriteWholeFile(keys() + "/other.pub", other_key_.public_key().ToPem());
  EXPECT_EQ(Promote(name, v1::CHANNEL_LIVE).reason, "PACK_KEY_UNKNOWN");
  EXPECT_EQ(Check("c", kWordA).decision(), v1::DECISION_BLOCK);
  WriteWholeFile(keys() + "/release.pub", key_.public_key().ToPem());
  EXPECT_EQ(Promote(name, v1::CHANNEL_LIVE).code, grpc::StatusCode::OK);
}

TEST_F(Rollout, WhatNobodySignedEndsWithTheSettingThatTookIt) {
  const std::string live = Active();
  const std::string name = Push(Unsigned(kWordB));
  EXPECT_EQ(Promote(name, v1::CHANNEL_LIVE).code, grpc::StatusCode::OK);
  server_.Stop();
  const Process::Exit exit = server_.StartRefused(
      {"--set", "rules.accept_unsigned=false", "--set", "rules.trusted_keys=" + keys()});
  EXPECT_EQ(exit.code, 4);
  EXPECT_THAT(exit.err, HasSubstr("is not signed"));
  server_.Start({"--set", "rules.trusted_keys=" + keys()});
  EXPECT_EQ(Promote(Push(Signed(kWordC, 100)), v1::CHANNEL_LIVE).code, grpc::StatusCode::OK);
  BeStrict();
  EXPECT_EQ(Promote(name, v1::CHANNEL_CANARY, 10).reason, "PACK_UNSIGNED");
  EXPECT_EQ(Promote(live, v1::CHANNEL_LIVE).reason, "PACK_UNSIGNED");
}

TEST_F(Rollout, KeepsWhatWasPushedThroughKill9) {
  const std::string first = Active();
  const std::string bytes = Unsigned(kWordB);
  const std::string name = Push(bytes);
  EXPECT_EQ(Push(bytes), name) << "again is no error";
  KillAndStart();
  const std::vector<v1::PackRevision> archive = Archive();
  ASSERT_THAT(archive, SizeIs(2));
  EXPECT_EQ(archive[0].name(), name);
  EXPECT_EQ(archive[0].actor().name(), "tester");
  EXPECT_EQ(archive[0].actor().reason(), "push");
  EXPECT_THAT(archive[0].channels(), IsEmpty());
  EXPECT_EQ(archive[0].file_bytes(), bytes.size());
  EXPECT_EQ(archive[1].name(), first) << "the one of the files is there too";
  EXPECT_THAT(archive[1].channels(), ElementsAre(v1::CHANNEL_LIVE));

  v1::DownloadPackRequest request;
  request.set_name(name);
  const auto context = NewContext();
  const auto reader = server_.packs().DownloadPack(context.get(), request);
  std::string downloaded;
  v1::DownloadPackResponse response;
  while (reader->Read(&response)) downloaded.append(response.chunk());
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(downloaded, bytes);

  // The policy that verdicts name, too.
  v1::GetPolicyRevisionRequest policy_request;
  policy_request.set_name(Check("c", "a").policy_revision());
  v1::PolicyRevision policy;
  EXPECT_TRUE(server_.packs().GetPolicyRevision(NewContext().get(), policy_request, &policy).ok());
  EXPECT_EQ(policy.source(), ReadWholeFile(server_.policy_path()));
}

TEST_F(Rollout, PromotesAndGoesBackAndRemembersBoth) {
  const std::string a = Active();
  const std::string b = Push(Unsigned(kWordB)), c = Push(Unsigned(kWordC));
  EXPECT_EQ(Rollback().reason, "NOTHING_TO_ROLL_BACK");
  EXPECT_EQ(Promote(b, v1::CHANNEL_LIVE).code, grpc::StatusCode::OK);
  EXPECT_EQ(Check("c", kWordB).decision(), v1::DECISION_BLOCK);
  EXPECT_EQ(Check("c", kWordA).decision(), v1::DECISION_ALLOW);
  EXPECT_EQ(Promote(c, v1::CHANNEL_LIVE).code, grpc::StatusCode::OK);
  KillAndStart();
  EXPECT_EQ(Active(), c) << "not the one of the files";
  EXPECT_EQ(Reload().code, grpc::StatusCode::OK);
  EXPECT_EQ(Active(), c) << "a reload reads only the policy";
  EXPECT_EQ(Rollback().code, grpc::StatusCode::OK);
  EXPECT_EQ(Active(), b);
  KillAndStart();
  EXPECT_EQ(Active(), b);
  EXPECT_EQ(Rollback().code, grpc::StatusCode::OK);
  EXPECT_EQ(Active(), a);
  EXPECT_EQ(Check("c", kWordA).decision(), v1::DECISION_BLOCK);
  EXPECT_EQ(Rollback().reason, "NOTHING_TO_ROLL_BACK");
  EXPECT_EQ(Rollback(c).code, grpc::StatusCode::OK);
  EXPECT_EQ(Active(), c);
  // A bad file does not matter while a promoted pack is live.
  const std::string file = ReadWholeFile(server_.pack_path());
  WriteWholeFile(server_.pack_path(), "no pack");
  KillAndStart();
  EXPECT_EQ(Active(), c);
  EXPECT_EQ(Reload(true).reason, "PACK_INVALID");
  EXPECT_EQ(Active(), c);
  WriteWholeFile(server_.pack_path(), file);
  EXPECT_EQ(Reload(true).code, grpc::StatusCode::OK);
  EXPECT_EQ(Active(), a);

  std::vector<std::string> story;
  for (const v1::PackAction& action : Actions()) {
    story.push_back(StrCat(action.kind(), " ",
                           action.pack_revision() == a   ? "a"
                           : action.pack_revision() == b ? "b"
                                                         : "c"));
  }
  const auto is = [](v1::PackAction::Kind kind, const char* what) {
    return StrCat(kind, " ", what);
  };
  EXPECT_THAT(
      story,
      ElementsAre(
          is(v1::PackAction::KIND_FILES_READ, "a"), is(v1::PackAction::KIND_ROLLED_BACK, "c"),
          is(v1::PackAction::KIND_ROLLED_BACK, "a"), is(v1::PackAction::KIND_ROLLED_BACK, "b"),
          is(v1::PackAction::KIND_PROMOTED, "c"), is(v1::PackAction::KIND_PROMOTED, "b"),
          is(v1::PackAction::KIND_UPLOADED, "c"), is(v1::PackAction::KIND_UPLOADED, "b"),
          is(v1::PackAction::KIND_FILES_READ, "a")));
  const v1::PackAction back = Actions()[2];
  EXPECT_EQ(back.actor().name(), "tester");
  EXPECT_EQ(back.actor().reason(), "rollback");
  EXPECT_THAT(back.actor().peer(), HasSubstr("127.0.0.1"));
  EXPECT_EQ(back.previous_revision(), b);
}

TEST_F(Rollout, CanaryDecidesForAStableShare) {
  const std::string a = Active(), b = Push(Unsigned(kWordB));
  constexpr int kContents = 2000;
  // By single calls and by batches alike.
  const auto of_canary = [&] {
    std::set<std::string> ids;
    for (int begin = 0; begin < kContents; begin += 500) {
      v1::BatchCheckContentsRequest request;
      request.set_parent("tenants/acme");
      for (int i = begin; i < begin + 500; ++i) {
        v1::CheckContentRequest item =
            ContentRequest(StrCat("order-", i), i % 2 == 0 ? kWordB : "chairs");
        item.clear_parent();
        *request.add_requests() = item;
      }
      v1::BatchCheckContentsResponse response;
      const grpc::Status status =
          server_.checks().BatchCheckContents(NewContext().get(), request, &response);
      EXPECT_TRUE(status.ok()) << status.error_message();
      for (const auto& result : response.results()) {
        const v1::Verdict& verdict = result.verdict();
        EXPECT_TRUE(verdict.pack_revision() == a || verdict.pack_revision() == b);
        if (verdict.pack_revision() == b) ids.insert(verdict.content_id());
        const int i = std::stoi(verdict.content_id().substr(6));
        EXPECT_EQ(verdict.decision(), verdict.pack_revision() == b && i % 2 == 0
                                          ? v1::DECISION_BLOCK
                                          : v1::DECISION_ALLOW);
      }
    }
    return ids;
  };
  EXPECT_EQ(Promote(b, v1::CHANNEL_CANARY).code, grpc::StatusCode::INVALID_ARGUMENT)
      << "needs a share";
  EXPECT_EQ(Promote(b, v1::CHANNEL_CANARY, 5).code, grpc::StatusCode::OK);
  EXPECT_EQ(Active(), a);
  const std::set<std::string> five = of_canary();
  EXPECT_GT(five.size(), 60u);  // 100 expected
  EXPECT_LT(five.size(), 150u);
  for (const std::string& id : five) {
    const v1::Verdict verdict = Check(id, kWordB);
    EXPECT_EQ(verdict.pack_revision(), b);
    EXPECT_EQ(verdict.decision(), v1::DECISION_BLOCK);
  }
  // What the stored verdicts say is what was answered.
  std::set<std::string> stored;
  for (const v1::Verdict& verdict : AllVerdicts(server_.checks())) {
    if (verdict.pack_revision() == b) stored.insert(verdict.content_id());
  }
  EXPECT_EQ(stored, five);
  KillAndStart();
  EXPECT_EQ(of_canary(), five);
  EXPECT_EQ(Promote(b, v1::CHANNEL_CANARY, 20).code, grpc::StatusCode::OK);
  const std::set<std::string> twenty = of_canary();
  EXPECT_GT(twenty.size(), 300u);  // 400 expected
  EXPECT_LT(twenty.size(), 500u);
  for (const std::string& id : five) EXPECT_EQ(twenty.count(id), 1u);
  // Ended, it decides nothing.
  v1::ClearChannelRequest clear;
  clear.set_channel(v1::CHANNEL_CANARY);
  v1::Channels channels;
  EXPECT_TRUE(server_.packs().ClearChannel(NewContext().get(), clear, &channels).ok());
  EXPECT_THAT(channels.channels(), SizeIs(1));
  EXPECT_THAT(of_canary(), IsEmpty());
  clear.set_channel(v1::CHANNEL_LIVE);
  EXPECT_EQ(server_.packs().ClearChannel(NewContext().get(), clear, &channels).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(Rollout, AShadowIsComparedAndDecidesNothing) {
  const std::string a = Active(), b = Push(Unsigned(kWordB));
  EXPECT_EQ(RefusalOf(server_.packs().GetComparison(NewContext().get(), {},
                                                    std::make_unique<v1::Comparison>().get()))
                .reason,
            "COMPARISON_NOT_FOUND");
  EXPECT_EQ(Promote(b, v1::CHANNEL_SHADOW).code, grpc::StatusCode::OK);
  const v1::Verdict lifted = Check("lifted", kWordA);
  const v1::Verdict blocked = Check("blocked", kWordB);
  const v1::Verdict both = Check("both", kBlockedLatin);
  const v1::Verdict clean = Check("clean", "chairs");
  EXPECT_EQ(lifted.decision(), v1::DECISION_BLOCK);
  EXPECT_EQ(blocked.decision(), v1::DECISION_ALLOW);
  EXPECT_EQ(blocked.pack_revision(), a);
  v1::Verdict file;
  ASSERT_TRUE(CheckFile(server_.checks(), FileHeader("file"), kWordB, &file).ok());
  EXPECT_EQ(file.decision(), v1::DECISION_ALLOW);

  const auto expect = [&](const v1::Comparison& comparison) {
    EXPECT_EQ(comparison.shadow_revision(), b);
    EXPECT_EQ(comparison.live_revision(), a);
    EXPECT_EQ(comparison.compared(), 5u);
    EXPECT_EQ(comparison.new_blocks(), 2u);
    EXPECT_EQ(comparison.new_reviews(), 0u);
    EXPECT_EQ(comparison.lifted(), 1u);
    EXPECT_EQ(comparison.dropped(), 0u);
    EXPECT_EQ(comparison.failed(), 0u);
    ASSERT_THAT(comparison.changed(), SizeIs(3));
    ASSERT_THAT(comparison.rules(), SizeIs(1));
    const v1::RuleComparison& rule = comparison.rules(0);
    EXPECT_EQ(rule.rule_id(), "gambling.test_word");
    EXPECT_EQ(rule.both(), 1u);
    EXPECT_EQ(rule.live_only(), 1u);
    EXPECT_EQ(rule.shadow_only(), 2u);
    ASSERT_THAT(rule.live_samples(), SizeIs(1));
    EXPECT_EQ(rule.live_samples(0).content_id(), "lifted");
    EXPECT_EQ(rule.live_samples(0).verdict(), lifted.name());
    EXPECT_EQ(rule.live_samples(0).parent(), "tenants/acme");
    EXPECT_EQ(rule.live_samples(0).live_decision(), v1::DECISION_BLOCK);
    EXPECT_EQ(rule.live_samples(0).shadow_decision(), v1::DECISION_ALLOW);
    ASSERT_THAT(rule.shadow_samples(), SizeIs(2));
    EXPECT_EQ(rule.shadow_samples(0).verdict(), blocked.name());
    EXPECT_EQ(rule.shadow_samples(1).verdict(), file.name());
  };
  expect(CompareUntil(5));
  // What was told survives kill -9, and goes on.
  KillAndStart();
  expect(Compare());
  expect(Compare(b));
  // Batches too, as one content each.
  v1::BatchCheckContentsRequest batch;
  batch.set_parent("tenants/acme");
  for (int i = 0; i < 40; ++i) {
    v1::CheckContentRequest item = ContentRequest(StrCat("b", i), i < 3 ? kWordB : "chairs");
    item.clear_parent();
    *batch.add_requests() = item;
  }
  v1::BatchCheckContentsResponse response;
  ASSERT_TRUE(server_.checks().BatchCheckContents(NewContext().get(), batch, &response).ok());
  const v1::Comparison more = CompareUntil(45);
  EXPECT_EQ(more.compared(), 45u);
  EXPECT_EQ(more.new_blocks(), 5u);

  // Each gate that is not met is named with its figure.
  v1::PromotePackRequest request;
  request.set_name(b);
  request.set_channel(v1::CHANNEL_LIVE);
  request.mutable_gates()->set_shadow_hours(24);
  request.mutable_gates()->set_max_new_blocks(3);
  request.mutable_gates()->set_max_lifted(1);
  request.mutable_gates()->set_min_compared(45);
  const Refusal refusal = Promote(request);
  EXPECT_EQ(refusal.reason, "GATES_UNMET") << refusal.message;
  EXPECT_THAT(refusal.message, AllOf(HasSubstr("shadow-hours: 0.0"), HasSubstr("at least 24"),
                                     HasSubstr("max-new-blocks: 5, required: at most 3")));
  EXPECT_EQ(refusal.metadata.count("shadow-hours"), 1u);
  EXPECT_EQ(refusal.metadata.count("max-new-blocks"), 1u);
  EXPECT_EQ(refusal.metadata.count("max-lifted"), 0u);
  EXPECT_EQ(refusal.metadata.count("min-compared"), 0u);
  EXPECT_EQ(Active(), a);
  // A revision that never was shadow meets none.
  v1::PromotePackRequest unseen;
  unseen.set_name(Push(Unsigned(kWordC)));
  unseen.set_channel(v1::CHANNEL_CANARY);
  unseen.set_canary_percent(1);
  unseen.mutable_gates()->set_max_new_blocks(1000);
  EXPECT_EQ(Promote(unseen).reason, "GATES_UNMET");

  request.mutable_gates()->clear_shadow_hours();
  request.mutable_gates()->set_max_new_blocks(5);
  EXPECT_EQ(Promote(request).code, grpc::StatusCode::OK);
  EXPECT_EQ(Active(), b);
  EXPECT_THAT(Channels().channels(), SizeIs(1)) << "live is no shadow of itself";
  EXPECT_THAT(Actions()[0].gates(), SizeIs(3));
  EXPECT_EQ(Compare(b).compared(), 45u) << "what was seen stays";
}

// Whatever live becomes, a comparison is of two packs only.
TEST_F(Rollout, AComparisonBeginsAnewWithAnotherLive) {
  const std::string b = Push(Unsigned(kWordB)), c = Push(Unsigned(kWordC));
  EXPECT_EQ(Promote(b, v1::CHANNEL_SHADOW).code, grpc::StatusCode::OK);
  Check("1", kWordB);
  EXPECT_EQ(CompareUntil(1).new_blocks(), 1u);
  EXPECT_EQ(Promote(c, v1::CHANNEL_LIVE).code, grpc::StatusCode::OK);
  EXPECT_EQ(Compare().compared(), 0u);
  EXPECT_EQ(Compare().live_revision(), c);
  EXPECT_EQ(Rollback().code, grpc::StatusCode::OK);
  EXPECT_EQ(Compare().compared(), 1u) << "the two are compared again";
}

TEST_F(Rollout, AStartLeavesOutAShadowThatIsRefused) {
  BeStrict();
  const std::string a = Active(), b = Push(Signed(kWordB, 200));
  WriteWholeFile(keys() + "/other.pub", other_key_.public_key().ToPem());
  const std::string c = Push(Signed(kWordC, 300, other_key_));
  EXPECT_EQ(Promote(b, v1::CHANNEL_CANARY, 100).code, grpc::StatusCode::OK);
  EXPECT_EQ(Promote(c, v1::CHANNEL_SHADOW).code, grpc::StatusCode::OK);
  fs::remove(keys() + "/other.pub");
  KillAndStart();
  EXPECT_EQ(Active(), a);
  const v1::Channels channels = Channels();
  ASSERT_THAT(channels.channels(), SizeIs(3));
  EXPECT_EQ(channels.channels(1).problem(), "");
  EXPECT_THAT(channels.channels(2).problem(), HasSubstr("trusted keys"));
  EXPECT_TRUE(server_.process().WaitForLine("a channel is not in use").has_value());
  EXPECT_EQ(Check("x", kWordB).pack_revision(), b);
  // Live is another matter: nothing else may take its place.
  EXPECT_EQ(Promote(b, v1::CHANNEL_LIVE).code, grpc::StatusCode::OK);
  server_.Stop();
  fs::remove(keys() + "/release.pub");
  WriteWholeFile(keys() + "/other.pub", other_key_.public_key().ToPem());
  const Process::Exit exit = server_.StartRefused(flags_);
  EXPECT_EQ(exit.code, 4) << exit.err;
  EXPECT_THAT(exit.err, AllOf(HasSubstr(b), HasSubstr("rules.trusted_keys")));
  WriteWholeFile(keys() + "/release.pub", key_.public_key().ToPem());
  server_.Start(flags_);
  EXPECT_EQ(Active(), b);
}

}  // namespace
}  // namespace winnow
