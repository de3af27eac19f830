// Which packs winnowd trusts: each kind that it does not is refused with its own error, at a start
// and while it serves, and what was in use stays in use.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/ed25519.h"
#include "engine/base/sha256.h"
#include "engine/base/strings.h"
#include "engine/pack/signature.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_rules.h"
#include "tests/support/winnowd.h"

namespace winnow {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::StartsWith;

constexpr std::string_view kWord = kBlockedWord, kOtherWord = "网上赌场";
constexpr uint64_t kSequence = 100;

using Flags = std::vector<std::string>;

// A server that trusts the keys in a folder, over a signed pack.
class TrustingServer {
 public:
  TrustingServer() {
    fs::create_directory(keys());
    Trust("old", old_key_);
    WriteWholeFile(server_.pack_path(), Signed(kWord, kSequence));
  }
  Winnowd& operator*() { return server_; }
  Winnowd* operator->() { return &server_; }

  std::string keys() const { return server_.dir() + "/keys"; }
  Flags flags() const {
    return {"--set", "rules.accept_unsigned=false", "--set", "rules.trusted_keys=" + keys()};
  }
  void Start() { server_.Start(flags()); }

  void Trust(const std::string& name, const Ed25519PrivateKey& key) {
    WriteWholeFile(StrCat(keys(), "/", name, ".pub"), key.public_key().ToPem());
  }
  void Distrust(const std::string& name) { fs::remove(StrCat(keys(), "/", name, ".pub")); }

  std::string Unsigned(std::string_view word) {
    const std::string path = server_.dir() + "/unsigned.pack";
    WriteTestPack(path, word);
    return ReadWholeFile(path);
  }
  std::string Signed(std::string_view word, uint64_t sequence, const Ed25519PrivateKey& key,
                     absl::Duration issued, absl::Duration expires) {
    pack::Release release;
    release.sequence = sequence;
    release.issue_time = absl::Now() + issued;
    release.expire_time = absl::Now() + expires;
    const auto made = pack::SignPack(Unsigned(word), release, absl::MakeConstSpan(&key, 1));
    EXPECT_OK(made);
    return made.ok() ? *made : "";
  }
  std::string Signed(std::string_view word, uint64_t sequence, const Ed25519PrivateKey& key) {
    return Signed(word, sequence, key, -absl::Hours(1), absl::Hours(1));
  }
  std::string Signed(std::string_view word, uint64_t sequence) {
    return Signed(word, sequence, old_key_);
  }
  const Ed25519PrivateKey& old_key() const { return old_key_; }
  const Ed25519PrivateKey& new_key() const { return new_key_; }

  Refusal Reload(bool allow_rollback = false) {
    v1::ReloadPackRequest request;
    request.set_allow_rollback(allow_rollback);
    v1::ActivePack pack;
    return RefusalOf(server_.packs().ReloadPack(NewContext().get(), request, &pack));
  }
  v1::ActivePack Active() {
    v1::ActivePack pack;
    const grpc::Status status = server_.packs().GetActivePack(NewContext().get(), {}, &pack);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return pack;
  }
  v1::Decision Check(std::string_view text) {
    v1::Verdict verdict;
    const grpc::Status status =
        server_.checks().CheckContent(NewContext().get(), ContentRequest("c", text), &verdict);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return verdict.decision();
  }

 private:
  Winnowd server_;
  const Ed25519PrivateKey old_key_ = *Ed25519PrivateKey::Generate();
  const Ed25519PrivateKey new_key_ = *Ed25519PrivateKey::Generate();
};

struct Row {
  const char* name;
  std::function<std::string(TrustingServer&)> pack;
  const char* reason;
  std::string message;
  grpc::StatusCode code = grpc::StatusCode::FAILED_PRECONDITION;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class Untrusted : public testing::TestWithParam<Row> {};

TEST_P(Untrusted, IsRefusedWhileServingAndAtAStart) {
  const Row& row = GetParam();
  TrustingServer server;
  const std::string good = ReadWholeFile(server->pack_path());
  server.Start();
  const std::string in_use = server.Active().pack_revision();
  WriteWholeFile(server->pack_path(), row.pack(server));

  const Refusal refusal = server.Reload();
  EXPECT_EQ(refusal.code, row.code) << refusal.message;
  EXPECT_EQ(refusal.reason, row.reason);
  EXPECT_EQ(refusal.domain, "winnow");
  EXPECT_THAT(refusal.message, AllOf(HasSubstr(server->pack_path()), HasSubstr(row.message)));
  EXPECT_THAT(refusal.metadata, Contains(Key("path")));
  // By a signal too: only the log says so.
  server->SendHangup();
  const auto line = server->process().WaitForLine("\"message\":\"rules refused", 1);
  ASSERT_TRUE(line.has_value());
  EXPECT_THAT(*line, HasSubstr(row.message));
  EXPECT_EQ(server.Active().pack_revision(), in_use);
  EXPECT_EQ(server.Check(kWord), v1::DECISION_BLOCK);
  EXPECT_EQ(server.Check(kOtherWord), v1::DECISION_ALLOW);
  server->Stop();

  const Process::Exit exit = server->StartRefused(server.flags());
  EXPECT_EQ(exit.code, 4) << exit.err;
  EXPECT_EQ(exit.out, "");
  EXPECT_THAT(exit.err, AllOf(StartsWith("winnowd: "), HasSubstr(server->pack_path()),
                              HasSubstr(row.message)));

  WriteWholeFile(server->pack_path(), good);
  server.Start();
  EXPECT_EQ(server.Active().pack_revision(), in_use);
  server->Stop();
}

// The signatures of one pack behind another.
std::string Forged(TrustingServer& s) {
  const size_t size = s.Unsigned(kWord).size();
  return s.Unsigned(kOtherWord) + s.Signed(kWord, 200).substr(size);
}

INSTANTIATE_TEST_SUITE_P(
    Packs, Untrusted,
    testing::Values(
        Row{"unsigned", [](TrustingServer& s) { return s.Unsigned(kOtherWord); }, "PACK_UNSIGNED",
            "is not signed"},
        Row{"unknown_key", [](TrustingServer& s) { return s.Signed(kOtherWord, 200, s.new_key()); },
            "PACK_KEY_UNKNOWN", "none of the 1 trusted keys"},
        Row{"bad_signature", Forged, "PACK_SIGNATURE_INVALID", "was not made by that key"},
        Row{"expired",
            [](TrustingServer& s) {
              return s.Signed(kOtherWord, 200, s.old_key(), -absl::Hours(9), -absl::Hours(1));
            },
            "PACK_EXPIRED", "the pack expired "},
        Row{"not_yet_valid",
            [](TrustingServer& s) {
              return s.Signed(kOtherWord, 200, s.old_key(), absl::Hours(1), absl::Hours(9));
            },
            "PACK_NOT_YET_VALID", "the pack is issued "},
        Row{"rolled_back", [](TrustingServer& s) { return s.Signed(kOtherWord, 99); },
            "PACK_ROLLED_BACK", "is release 99 of its pack, and release 100"},
        Row{"sequence_reused", [](TrustingServer& s) { return s.Signed(kOtherWord, 100); },
            "PACK_SEQUENCE_REUSED", "greater number"},
        Row{"damaged",
            [](TrustingServer& s) {
              std::string pack = s.Signed(kOtherWord, 200);
              pack[pack.size() / 2] ^= 1;
              return pack;
            },
            "PACK_DAMAGED", "damaged", grpc::StatusCode::DATA_LOSS},
        Row{"damaged_signature",
            [](TrustingServer& s) {
              std::string pack = s.Signed(kOtherWord, 200);
              pack.back() ^= 1;
              return pack;
            },
            "PACK_DAMAGED", "signatures do not match their digest", grpc::StatusCode::DATA_LOSS},
        Row{"cut_short",
            [](TrustingServer& s) {
              const std::string pack = s.Signed(kOtherWord, 200);
              return pack.substr(0, pack.size() - 1);
            },
            "PACK_DAMAGED", "damaged", grpc::StatusCode::DATA_LOSS},
        Row{"of_a_later_format",
            [](TrustingServer& s) {
              std::string pack = s.Signed(kOtherWord, 200);
              pack[8] = 99;
              return pack;
            },
            "PACK_TOO_NEW", "format version 99"},
        Row{"with_later_signatures",
            [](TrustingServer& s) {
              std::string pack = s.Signed(kOtherWord, 200);
              pack[s.Unsigned(kOtherWord).size() + 8] = 9;
              return pack;
            },
            "PACK_TOO_NEW", "signatures have version 9"},
        Row{"no_pack", [](TrustingServer&) { return std::string("text"); }, "PACK_INVALID",
            "not a pack"}),
    [](const auto& info) { return info.param.name; });

TEST(TrustTest, ASignedPackComesIntoUseAndIsTold) {
  TrustingServer server;
  server.Start();
  v1::ActivePack active = server.Active();
  EXPECT_EQ(active.release().sequence(), kSequence);
  ASSERT_EQ(active.release().signer_ids_size(), 1);
  EXPECT_EQ(active.release().signer_ids(0), server.old_key().public_key().Id());
  EXPECT_GT(active.release().expire_time().seconds(), active.release().issue_time().seconds());
  WriteWholeFile(server->pack_path(), server.Signed(kOtherWord, kSequence + 1));
  EXPECT_EQ(server.Reload().code, grpc::StatusCode::OK);
  EXPECT_EQ(server.Active().release().sequence(), kSequence + 1);
  EXPECT_EQ(server.Check(kOtherWord), v1::DECISION_BLOCK);
  // The same release signed anew, for longer.
  WriteWholeFile(server->pack_path(), server.Signed(kOtherWord, kSequence + 1, server.old_key(),
                                                    -absl::Hours(1), absl::Hours(99)));
  EXPECT_EQ(server.Reload().code, grpc::StatusCode::OK);
  server->Stop();
}

TEST(TrustTest, GoesBackToAnEarlierReleaseOnlyWhenAsked) {
  TrustingServer server;
  server.Start();
  WriteWholeFile(server->pack_path(), server.Signed(kOtherWord, 99));
  EXPECT_EQ(server.Reload().reason, "PACK_ROLLED_BACK");
  EXPECT_EQ(server.Reload(/*allow_rollback=*/true).code, grpc::StatusCode::OK);
  EXPECT_EQ(server.Check(kOtherWord), v1::DECISION_BLOCK);
  server->Stop();
  // It is the one to go on from: a start need not ask again.
  server.Start();
  server->Stop();
  WriteWholeFile(server->pack_path(), server.Signed(kWord, 98));
  EXPECT_EQ(server->StartRefused(server.flags()).code, 4);
  Flags asked = server.flags();
  asked.insert(asked.end(), {"--set", "rules.allow_rollback=true"});
  server->Start(asked);
  EXPECT_EQ(server.Active().release().sequence(), 98u);
  server->Stop();
}

TEST(TrustTest, KeysTakeEachOthersPlaceWithoutARestart) {
  TrustingServer server;
  server.Start();
  const auto both = pack::AddSignatures(server.Signed(kOtherWord, 101),
                                        absl::MakeConstSpan(&server.new_key(), 1));
  ASSERT_OK(both);
  const std::string by_new = server.Signed(kWord, 102, server.new_key());
  const auto reload = [&](const std::string& pack) {
    WriteWholeFile(server->pack_path(), pack);
    return server.Reload().reason;
  };
  EXPECT_EQ(reload(by_new), "PACK_KEY_UNKNOWN");
  EXPECT_EQ(reload(*both), "") << "the old key vouches";
  server.Trust("new", server.new_key());
  EXPECT_EQ(reload(*both), "");
  server.Distrust("old");
  EXPECT_EQ(reload(*both), "") << "the new key vouches";
  EXPECT_EQ(reload(by_new), "");
  EXPECT_EQ(reload(server.Signed(kOtherWord, 103)), "PACK_KEY_UNKNOWN") << "the old one is gone";
  server.Distrust("new");
  EXPECT_EQ(reload(by_new), "TRUSTED_KEYS_INVALID");
  WriteWholeFile(server.keys() + "/new.pub", "no key");
  EXPECT_EQ(reload(by_new), "TRUSTED_KEYS_INVALID");
  EXPECT_EQ(server.Check(kWord), v1::DECISION_BLOCK);
  server->Stop();
}

TEST(TrustTest, WithoutASettingOnlyTheBundledPackNeedsNoSignature) {
  Winnowd server;
  const Flags strict = {"--set", "rules.accept_unsigned=false"};
  const Process::Exit exit = server.StartRefused(strict);
  EXPECT_EQ(exit.code, 4);
  EXPECT_THAT(exit.err, AllOf(HasSubstr("is not signed"), HasSubstr("winnow pack sign"),
                              HasSubstr("rules.accept_unsigned")));
  server.Start({"--set", "rules.accept_unsigned=false", "--pack", "", "--policy", ""});
  server.Stop();
  EXPECT_EQ(server.StartRefused({"--set", "rules.accept_unsigned=false", "--check-config"}).code,
            4);
}

}  // namespace
}  // namespace winnow
