// Signed packs: which are trusted, which are not and why, and that no changed byte is.
#include "engine/pack/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "engine/base/ed25519.h"
#include "engine/base/sha256.h"
#include "engine/base/strings.h"
#include "tests/engine/pack/packs.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace winnow::pack {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

const std::string& Unsigned() {
  static const auto* bytes = new std::string(CompileOrDie(SampleSources()).pack->bytes());
  return *bytes;
}

// A key whose 32 secret bytes are all `byte`.
Ed25519PrivateKey KeyOf(char byte) {
  const std::string der =
      absl::HexStringToBytes("302e020100300506032b657004220420") + std::string(32, byte);
  auto key = Ed25519PrivateKey::FromPem(StrCat(
      "-----BEGIN PRIVATE KEY-----\n", absl::Base64Escape(der), "\n-----END PRIVATE KEY-----\n"));
  EXPECT_OK(key);
  return *std::move(key);
}

std::vector<Ed25519PrivateKey> KeysOf(std::string_view bytes) {
  std::vector<Ed25519PrivateKey> keys;
  for (char byte : bytes) keys.push_back(KeyOf(byte));
  return keys;
}

std::vector<Ed25519PublicKey> PublicKeysOf(std::string_view bytes) {
  std::vector<Ed25519PublicKey> keys;
  for (char byte : bytes) keys.push_back(KeyOf(byte).public_key());
  return keys;
}

Release ReleaseOf(uint64_t sequence) {
  Release release;
  release.sequence = sequence;
  release.issue_time = kNow - absl::Hours(1);
  release.expire_time = kNow + absl::Hours(24);
  return release;
}

// The pack signed by the keys of `bytes`.
std::string SignedBy(std::string_view bytes, const Release& release = ReleaseOf(7)) {
  const auto pack = SignPack(Unsigned(), release, KeysOf(bytes));
  EXPECT_OK(pack);
  return pack.ok() ? *pack : "";
}

// Test 1 of RFC 8032, section 7.1.
TEST(Ed25519Test, AgreesWithItsStandard) {
  const std::string seed =
      absl::HexStringToBytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const auto key = Ed25519PrivateKey::FromPem(
      StrCat("-----BEGIN PRIVATE KEY-----\n",
             absl::Base64Escape(absl::HexStringToBytes("302e020100300506032b657004220420") + seed),
             "\n-----END PRIVATE KEY-----\n"));
  ASSERT_OK(key);
  EXPECT_EQ(absl::BytesToHexString(key->public_key().bytes()),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const std::string signature = key->Sign("");
  EXPECT_EQ(absl::BytesToHexString(signature),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39"
            "701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  EXPECT_TRUE(key->public_key().Verify("", signature));
  EXPECT_FALSE(key->public_key().Verify("a", signature));
  EXPECT_FALSE(key->public_key().Verify("", signature.substr(1)));
  EXPECT_FALSE(KeyOf('b').public_key().Verify("", signature));
}

TEST(Ed25519Test, KeysComeBackFromTheirFiles) {
  auto made = Ed25519PrivateKey::Generate();
  ASSERT_OK(made);
  auto other = Ed25519PrivateKey::Generate();
  ASSERT_OK(other);
  EXPECT_NE(made->ToPem(), other->ToPem());
  const auto read = Ed25519PrivateKey::FromPem(made->ToPem());
  ASSERT_OK(read);
  EXPECT_EQ(read->Sign("x"), made->Sign("x"));
  const auto keys = Ed25519PublicKey::FromPem(
      StrCat("A comment.\n", made->public_key().ToPem(), "\n", other->public_key().ToPem()));
  ASSERT_OK(keys);
  ASSERT_THAT(*keys, SizeIs(2));
  EXPECT_EQ((*keys)[0].bytes(), made->public_key().bytes());
  EXPECT_EQ((*keys)[1].Id(), other->public_key().Id());
  EXPECT_THAT(made->public_key().Id(), SizeIs(16));
}

TEST(Ed25519Test, OtherFilesAreRefused) {
  // Made with `openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 | openssl pkey
  // -pubout`.
  constexpr char kOtherKind[] =
      "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqqRVwHNnIbFOt8fijTh3UecwFoAN\n"
      "K3V/xxrG8aq4psT0RIhg0k7//70gw3nNq1ATpNpsgspDT5chYDtpiqsXhQ==\n"
      "-----END PUBLIC KEY-----\n";
  const std::string good = KeyOf('a').public_key().ToPem();
  for (const auto& [pem, says] : std::vector<std::pair<std::string, std::string>>{
           {"", "no PEM file of public keys"},
           {"hello\n", "no PEM file of public keys"},
           {good.substr(0, good.size() - 30), "no PEM file of public keys"},
           {good + good.substr(0, good.size() - 40), "no PEM file of public keys"},
           {KeyOf('a').ToPem(), "private key"},
           {good + KeyOf('a').ToPem(), "private key"},
           {kOtherKind, "Ed25519"}}) {
    EXPECT_THAT(Ed25519PublicKey::FromPem(pem),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr(says)))
        << pem;
  }
  EXPECT_THAT(Ed25519PrivateKey::FromPem(good),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("no PEM file of a private key")));
}

struct Row {
  const char* name;
  std::string bytes;
  std::string trusted;  // keys
  absl::Time now;
  Trust expected;
  std::string says;
  std::string key = "";  // that signed it, where the judgement names one
};

TEST(JudgePackTest, TrustsWhatATrustedKeySignedForThisTime) {
  const Release release = ReleaseOf(7);
  std::string forged = SignedBy("ab");
  const auto added = AddSignatures(SignedBy("a"), KeysOf("b"));
  ASSERT_OK(added);
  // Another pack's signatures behind this one.
  std::vector<rules::SourceFile> sources = SampleSources();
  sources[0].text += "# a comment\n";
  const std::string other(CompileOrDie(sources).pack->bytes());
  const std::string moved = other + SignedBy("a").substr(Unsigned().size());

  for (const Row& row : std::vector<Row>{
           {"unsigned", Unsigned(), "a", kNow, Trust::kUnsigned, "winnow pack sign"},
           {"signed", SignedBy("a"), "a", kNow, Trust::kTrusted, "", "a"},
           {"by the second of the keys", SignedBy("b"), "ab", kNow, Trust::kTrusted, "", "b"},
           {"by both, both trusted", SignedBy("ab"), "ba", kNow, Trust::kTrusted, "", "a"},
           {"by both, the old one trusted", *added, "a", kNow, Trust::kTrusted, "", "a"},
           {"by both, the new one trusted", *added, "b", kNow, Trust::kTrusted, "", "b"},
           {"by another", SignedBy("c"), "ab", kNow, Trust::kUnknownKey, PublicKeysOf("c")[0].Id()},
           {"nobody is trusted", SignedBy("a"), "", kNow, Trust::kUnknownKey, "none of the 0"},
           {"another pack's signature", moved, "a", kNow, Trust::kBadSignature,
            PublicKeysOf("a")[0].Id()},
           {"just issued", SignedBy("a"), "a", release.issue_time, Trust::kTrusted, "", "a"},
           {"by a clock a little ahead", SignedBy("a"), "a", release.issue_time - kClockSkewMax,
            Trust::kTrusted, "", "a"},
           {"not yet issued", SignedBy("a"), "a",
            release.issue_time - kClockSkewMax - absl::Seconds(1), Trust::kNotYetValid,
            "2027-01-15T07:00:00+00:00", "a"},
           {"about to expire", SignedBy("a"), "a", release.expire_time - absl::Seconds(1),
            Trust::kTrusted, "", "a"},
           {"expired", SignedBy("a"), "a", release.expire_time, Trust::kExpired,
            "2027-01-16T08:00:00+00:00", "a"},
       }) {
    SCOPED_TRACE(row.name);
    const auto judged = JudgePack(row.bytes, PublicKeysOf(row.trusted), row.now);
    ASSERT_OK(judged);
    EXPECT_EQ(Name(judged->trust), Name(row.expected));
    EXPECT_THAT(judged->why, HasSubstr(row.says));
    EXPECT_EQ(judged->why.empty(), row.expected == Trust::kTrusted) << judged->why;
    EXPECT_EQ(judged->key_id, row.key.empty() ? "" : KeyOf(row.key[0]).public_key().Id());
    EXPECT_EQ(judged->release.has_value(), row.expected != Trust::kUnsigned);
    if (judged->release) {
      EXPECT_EQ(judged->release->sequence, 7u);
      EXPECT_EQ(judged->release->issue_time, release.issue_time);
      EXPECT_EQ(judged->release->expire_time, release.expire_time);
    }
  }
}

// A trusted key's signature that is not its own spoils a pack, whoever else signed it.
TEST(JudgePackTest, ABadSignatureBesideAGoodOneIsRefused) {
  const std::string by_a = SignedBy("a"), by_b_of_9 = SignedBy("b", ReleaseOf(9));
  const auto by_both = AddSignatures(by_a, KeysOf("b"));
  ASSERT_OK(by_both);
  // The last signature is b's; it is exchanged for b's over another release, with a digest that
  // fits.
  const std::string bad_b = by_b_of_9.substr(by_b_of_9.size() - kEd25519SignatureBytes);
  std::string block = by_both->substr(Unsigned().size());
  block.replace(block.size() - bad_b.size(), bad_b.size(), bad_b);
  block.replace(16, 32, Sha256(StrCat(block.substr(8, 8), block.substr(48))));
  for (const char* trusted : {"ab", "ba", "b"}) {
    const auto judged = JudgePack(Unsigned() + block, PublicKeysOf(trusted), kNow);
    ASSERT_OK(judged);
    EXPECT_EQ(Name(judged->trust), "bad_signature") << trusted;
  }
  const auto judged = JudgePack(Unsigned() + block, PublicKeysOf("a"), kNow);
  ASSERT_OK(judged);
  EXPECT_EQ(Name(judged->trust), "trusted") << "b's is nobody's here";
}

// Whoever can change a pack can make its digests fit, but no signature.
TEST(JudgePackTest, NoChangeIsTrustedWhoeverMendsTheDigests) {
  const std::string signatures = SignedBy("a").substr(Unsigned().size());
  const auto judge = [&](const std::string& bytes) {
    const auto judged = JudgePack(bytes, PublicKeysOf("a"), kNow);
    EXPECT_OK(judged);
    return judged.ok() ? Name(judged->trust) : "";
  };
  EXPECT_EQ(judge(Parts::Of(Unsigned()).Assemble() + signatures), "trusted");
  const size_t sections = Parts::Of(Unsigned()).sections.size();
  for (size_t i = 0; i < sections; ++i) {
    Parts parts = Parts::Of(Unsigned());
    if (parts.sections[i].empty()) continue;
    parts.sections[i][parts.sections[i].size() / 2] ^= 1;
    EXPECT_EQ(judge(parts.Assemble() + signatures), "bad_signature") << i;
  }
  Parts parts = Parts::Of(Unsigned());
  parts.manifest.set_id("other");
  EXPECT_EQ(judge(parts.Assemble() + signatures), "bad_signature");
  EXPECT_EQ(judge(Parts::Of(Unsigned()).Assemble(2) + signatures), "bad_signature");
  // A later expiry, a higher number.
  for (size_t at = 0; at < 24; ++at) {
    std::string block = signatures;
    block[48 + at] ^= 1;
    block.replace(16, 32, Sha256(StrCat(block.substr(8, 8), block.substr(48))));
    EXPECT_EQ(judge(Unsigned() + block), "bad_signature") << at;
  }
}

TEST(JudgePackTest, EveryChangedByteIsNoticed) {
  const std::string good = SignedBy("ab");
  const auto keys = PublicKeysOf("ab");
  for (size_t at = 0; at < good.size(); at += at < Unsigned().size() ? 211 : 1) {
    std::string bad = good;
    bad[at] ^= 0x20;
    const auto judged = JudgePack(bad, keys, kNow);
    EXPECT_FALSE(judged.ok() && judged->trust == Trust::kTrusted && LoadPackBytes(bad).ok()) << at;
  }
  for (size_t size = Unsigned().size() + 1; size < good.size(); ++size) {
    EXPECT_THAT(LoadPackBytes(good.substr(0, size)), StatusIs(StatusCode::kDataLoss)) << size;
    EXPECT_THAT(JudgePack(good.substr(0, size), keys, kNow), StatusIs(StatusCode::kDataLoss))
        << size;
  }
  EXPECT_THAT(LoadPackBytes(good + "x"), StatusIs(StatusCode::kDataLoss));
}

TEST(JudgePackTest, WhatIsNoPackIsSaidAsLoadingSaysIt) {
  const auto keys = PublicKeysOf("a");
  std::string later = SignedBy("a");
  later[Unsigned().size() + 8] = 2;
  EXPECT_THAT(JudgePack(later, keys, kNow), StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_THAT(LoadPackBytes(later), StatusIs(StatusCode::kFailedPrecondition));
  later = Unsigned();
  later[8] = 99;
  EXPECT_THAT(JudgePack(later, keys, kNow), StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_THAT(JudgePack("", keys, kNow), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(JudgePack(Unsigned() + "more", keys, kNow), StatusIs(StatusCode::kDataLoss));
}

TEST(SignPackTest, TheSamePackKeyAndReleaseGiveTheSameBytes) {
  EXPECT_EQ(SignedBy("ab"), SignedBy("ab"));
  EXPECT_TRUE(SignedBy("a").starts_with(Unsigned())) << "signing leaves the pack as it was built";
  const auto again = SignPack(SignedBy("cd"), ReleaseOf(7), KeysOf("ab"));
  ASSERT_OK(again);
  EXPECT_EQ(*again, SignedBy("ab")) << "the signatures before are gone";
  const auto added = AddSignatures(SignedBy("a"), KeysOf("b"));
  ASSERT_OK(added);
  EXPECT_EQ(*added, SignedBy("ab"));
  const auto twice = AddSignatures(*added, KeysOf("ba"));
  ASSERT_OK(twice);
  EXPECT_EQ(*twice, *added) << "one signature a key";
}

TEST(SignPackTest, ASignedPackFindsTheSameAndSaysWhoReleasedIt) {
  const auto plain = LoadPackBytes(Unsigned());
  const auto pack = LoadPackBytes(SignedBy("ba"));
  ASSERT_OK(plain);
  ASSERT_OK(pack);
  EXPECT_EQ(Findings(**pack, "真人荷官在线"), Findings(**plain, "真人荷官在线"));
  EXPECT_EQ((*pack)->info().revision, (*plain)->info().revision);
  EXPECT_FALSE((*plain)->info().release.has_value());
  ASSERT_TRUE((*pack)->info().release.has_value());
  EXPECT_EQ((*pack)->info().release->sequence, 7u);
  EXPECT_THAT((*pack)->info().release->signer_ids,
              ElementsAre(PublicKeysOf("b")[0].Id(), PublicKeysOf("a")[0].Id()));
  EXPECT_EQ((*pack)->bytes(), SignedBy("ba"));
}

TEST(SignPackTest, RefusesWhatMakesNoSense) {
  Release backwards = ReleaseOf(1);
  backwards.expire_time = backwards.issue_time;
  EXPECT_THAT(SignPack(Unsigned(), backwards, KeysOf("a")),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("expire after")));
  EXPECT_THAT(SignPack(Unsigned(), ReleaseOf(1), {}), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(SignPack("text", ReleaseOf(1), KeysOf("a")),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("not a pack")));
  EXPECT_THAT(SignPack(Unsigned(), ReleaseOf(1), KeysOf("abcdefghijklmnopq")),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("at most 16")));
  EXPECT_THAT(AddSignatures(Unsigned(), KeysOf("a")), StatusIs(StatusCode::kFailedPrecondition));
}

TEST(ReadTrustedKeysTest, TakesAFileOrAFolderOfThem) {
  const TempDir dir;
  const auto write = [&dir](const std::string& name, std::string_view text) {
    std::ofstream(dir.Sub(name), std::ios::binary) << text;
  };
  const auto ids = [&](const std::string& path) -> absl::StatusOr<std::string> {
    const auto keys = ReadTrustedKeys(path);
    if (!keys.ok()) return keys.status();
    std::string out;
    for (const auto& key : *keys) {
      for (char name : {'a', 'b', 'c'}) {
        if (key.bytes() == KeyOf(name).public_key().bytes()) out.push_back(name);
      }
    }
    return out;
  };
  const auto pem = [](char key) { return KeyOf(key).public_key().ToPem(); };
  EXPECT_THAT(ids(dir.Sub("none.pem")),
              StatusIs(StatusCode::kNotFound, HasSubstr(dir.Sub("none.pem"))));
  std::filesystem::create_directory(dir.Sub("keys"));
  EXPECT_THAT(ids(dir.Sub("keys")), StatusIs(StatusCode::kNotFound, HasSubstr("*.pub")));
  write("keys/2026.pub", pem('a'));
  write("keys/notes.txt", "not a key");
  write("keys/2026.key", KeyOf('a').ToPem());
  EXPECT_EQ(*ids(dir.Sub("keys")), "a");
  write("keys/2027.pem", pem('b') + pem('a'));
  EXPECT_EQ(*ids(dir.Sub("keys")), "ab");
  EXPECT_EQ(*ids(dir.Sub("keys/2027.pem")), "ba");
  write("keys/bad.pub", "nothing");
  EXPECT_THAT(ids(dir.Sub("keys")),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr(dir.Sub("keys/bad.pub"))));
}

}  // namespace
}  // namespace winnow::pack
