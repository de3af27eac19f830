#include "service/rocks/format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "engine/base/strings.h"
#include "service/rocks/crc32c.h"
#include "tests/support/status_matchers.h"

#if defined(__x86_64__)
// RocksDB's; where crc32c.cc defines it, this is what RocksDB calls too.
namespace rocksdb::crc32c {
uint32_t Extend(uint32_t before, const char* data, size_t size);
}
#endif

namespace winnow::rocks {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const auto kDataLoss = StatusIs(absl::StatusCode::kDataLoss);

std::string Hex(std::string_view bytes) { return absl::BytesToHexString(ToAbsl(bytes)); }
std::string Bytes(const char* hex) { return absl::HexStringToBytes(hex); }

TEST(Crc32cTest, KnownAnswers) {
  // RFC 3720, appendix B.4, and the customary check value.
  EXPECT_EQ(Crc32c(0, std::string(32, '\0')), 0x8a9136aa);
  EXPECT_EQ(Crc32c(0, std::string(32, '\xff')), 0x62a8ab43);
  EXPECT_EQ(Crc32c(0, "123456789"), 0xe3069283);
  EXPECT_EQ(Crc32c(0, ""), 0);
}

#if defined(__x86_64__)
TEST(Crc32cTest, StandsForThatOfRocksDb) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes.push_back(static_cast<char>(i * 37));
  const std::string_view view = bytes;
  for (size_t cut = 0; cut < view.size(); ++cut) {
    const uint32_t first = rocksdb::crc32c::Extend(0, view.data(), cut);
    EXPECT_EQ(first, Crc32cPortable(0, view.substr(0, cut)));
    EXPECT_EQ(rocksdb::crc32c::Extend(first, view.data() + cut, view.size() - cut),
              Crc32cPortable(0, view));
  }
}
#endif

TEST(Crc32cTest, InstructionAndTablesAgreeAtEveryLengthAndSplit) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    const uint32_t whole = Crc32cPortable(0, bytes);
    EXPECT_EQ(Crc32c(0, bytes), whole);
    for (size_t cut = 0; cut <= bytes.size(); ++cut) {
      std::string_view view = bytes;
      EXPECT_EQ(Crc32c(Crc32c(0, view.substr(0, cut)), view.substr(cut)), whole);
    }
    bytes.push_back(static_cast<char>(i * 37));
  }
}

TEST(KeysTest, TenantsDoNotOverlap) {
  const std::vector<std::string> tenants = {"a", "a-b", "aa", "b", "zz", std::string(63, 'z'), "-"};
  for (const auto& a : tenants) {
    EXPECT_LT(TenantPrefix(a) + std::string(2000, '\xff'), TenantEnd(a));
    EXPECT_LT(kMetaKey, TenantPrefix(a));
    for (const auto& b : tenants) {
      if (a >= b && a.size() >= b.size()) continue;
      EXPECT_TRUE(TenantEnd(a) <= TenantPrefix(b) || TenantEnd(b) <= TenantPrefix(a))
          << a << " " << b;
    }
  }
}

TEST(KeysTest, AreDescribedForPeople) {
  EXPECT_EQ(DescribeKey(TenantPrefix("acme") + "v/\x01\xff"), "tenant 'acme' key 'v/\\x01\\xff'");
  EXPECT_EQ(DescribeKey(kMetaKey), "key '\\x00winnow'");
  EXPECT_EQ(DescribeKey("\x01\x09short"), "key '\\x01\\tshort'");
  EXPECT_EQ(DescribeKey(""), "key ''");
}

// The bytes of format 1, written once by hand: they must be readable for ever.
TEST(GoldenTest, FormatOne) {
  const std::string key = TenantPrefix("acme") + "k";
  EXPECT_EQ(Hex(key), "010461636d656b");
  const std::string sealed = Bytes(
      "01"
      "7f86674a"
      "76616c7565");
  EXPECT_EQ(Hex(SealValue(key, "value")), Hex(sealed));
  auto value = OpenValue(key, sealed);
  ASSERT_OK(value);
  EXPECT_EQ(*value, "value");

  EXPECT_EQ(Hex(kMetaKey), "0077696e6e6f77");
  const std::string meta =
      std::string("winnow store\nformat 1\ncreated-by winnow 0.1.0\n") + Bytes("fd9f1703");
  EXPECT_EQ(Hex(EncodeMeta({1, "winnow 0.1.0"})), Hex(meta));
  auto decoded = DecodeMeta(meta);
  ASSERT_OK(decoded);
  EXPECT_EQ(decoded->format, 1);
  EXPECT_EQ(decoded->created_by, "winnow 0.1.0");
}

TEST(EnvelopeTest, EveryDamagedByteAndEveryCutIsFound) {
  const std::string key = TenantPrefix("acme") + "k";
  const std::string sealed = SealValue(key, "some value");
  for (size_t i = 0; i < sealed.size(); ++i) {
    EXPECT_THAT(OpenValue(key, std::string_view(sealed).substr(0, i)), kDataLoss) << i;
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = sealed;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      // A changed version byte is damage or a later version, never a value.
      auto opened = OpenValue(key, damaged);
      EXPECT_FALSE(opened.ok()) << i << "." << bit;
      if (i > 0) {
        EXPECT_THAT(opened, kDataLoss);
      }
    }
  }
  EXPECT_THAT(OpenValue(TenantPrefix("acme") + "l", sealed),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("tenant 'acme' key 'l'")));
  EXPECT_THAT(OpenValue(key, sealed + "x"), kDataLoss);
}

TEST(EnvelopeTest, ALaterVersionIsNotDamage) {
  const std::string key = TenantPrefix("acme") + "k";
  std::string later = SealValue(key, "value");
  later[0] = kEnvelopeVersion + 1;
  EXPECT_THAT(OpenValue(key, later),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("version 2"), HasSubstr("up to 1"), HasSubstr("key 'k'"))));
}

TEST(MetaTest, DamageIsFoundAndLaterFormatsAreReadable) {
  const std::string meta = EncodeMeta({1, "winnow\n0.1.0"});
  ASSERT_OK(DecodeMeta(meta));
  EXPECT_EQ(DecodeMeta(meta)->created_by, "winnow 0.1.0");
  for (size_t i = 0; i < meta.size(); ++i) {
    EXPECT_THAT(DecodeMeta(std::string_view(meta).substr(0, i)), kDataLoss) << i;
    std::string damaged = meta;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_THAT(DecodeMeta(damaged), kDataLoss) << i;
  }
  auto later = DecodeMeta(EncodeMeta({4'000'000'000, "winnow 9"}));
  ASSERT_OK(later);
  EXPECT_EQ(later->format, 4'000'000'000);
}

}  // namespace
}  // namespace winnow::rocks
