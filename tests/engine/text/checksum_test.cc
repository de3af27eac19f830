// Checksums: numbers made by hand from the standards' own arithmetic, and every one-digit slip.
#include "engine/text/checksum.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace winnow::text {
namespace {

struct Row {
  Checksum checksum;
  std::string number;
  bool good;
};

void Check(const Row& row) {
  EXPECT_EQ(Satisfies(row.checksum, row.number), row.good)
      << ChecksumNames()[static_cast<size_t>(row.checksum)] << " of " << row.number;
}

TEST(Checksum, AcceptsWhatSatisfiesIt) {
  const Row rows[] = {
      {Checksum::kNone, "anything", true},
      {Checksum::kLuhn, "4556 0000 1111 2224", true},
      {Checksum::kLuhn, "4556-0000-1111-2224", true},
      {Checksum::kLuhn, "18", true},
      {Checksum::kLuhn, "19", false},
      {Checksum::kLuhn, "8", false},
      {Checksum::kLuhn, "", false},
      {Checksum::kLuhn, "0000000000000000", false},  // satisfies the sum, and is no number
      {Checksum::kLuhn, "4556000011112224x", false},
      {Checksum::kLuhn, "4556000011112224，", false},
      {Checksum::kCnResidentId, "110101199001011237", true},
      {Checksum::kCnResidentId, "110101 19900101 1237", true},
      {Checksum::kCnResidentId, "44010619920229004x", true},
      {Checksum::kCnResidentId, "44010619920229004X", true},
      {Checksum::kCnResidentId, "44010619920229004a", false},
      {Checksum::kCnResidentId, "11010119900101123", false},
      {Checksum::kCnResidentId, "1101011990010112371", false},
      {Checksum::kCnUscc, "91110000100000001w", true},
      {Checksum::kCnUscc, "91110000100000001W", true},
      {Checksum::kCnUscc, "911100001000000011", false},
      {Checksum::kCnUscc, "91110000i00000001w", false},
      {Checksum::kCnUscc, "000000000000000000", false},
      {Checksum::kIban, "DE75 5121 0800 1245 1261 99", true},
      {Checksum::kIban, "de75512108001245126199", true},
      {Checksum::kIban, "DE76 5121 0800 1245 1261 99", false},
      {Checksum::kIban, "75DE512108001245126199", false},
      {Checksum::kIban, "DE75 5121", false},
      {Checksum::kHkId, "A123456(3)", true},
      {Checksum::kHkId, "a1234563", true},
      {Checksum::kHkId, "A123456(4)", false},
      {Checksum::kHkId, "1234563", false},
      {Checksum::kTwId, "A123456789", true},
      {Checksum::kTwId, "A123456788", false},
      {Checksum::kTwId, "A323456789", false},
      {Checksum::kTwId, "1123456789", false},
  };
  for (const Row& row : rows) Check(row);
  for (int c = 1; c < kChecksumCount; ++c) {
    const auto checksum = static_cast<Checksum>(c);
    Check({checksum, "", false});
    Check({checksum, "卡号", false});
    Check({checksum, std::string(200, '1'), false});
  }
}

// The last digit follows from the others, so of ten numbers that differ in it at most one is good.
TEST(Checksum, LeavesOneLastPlace) {
  for (const char* head : {"11010119900101123", "31010419880715442", "51302119761230881"}) {
    int good = 0;
    for (const char last : std::string("0123456789x")) {
      good += Satisfies(Checksum::kCnResidentId, std::string(head) + last);
    }
    EXPECT_EQ(good, 1) << head;
  }
  for (const char* head : {"455600001111222", "62220202000123456", "35612300876543"}) {
    int good = 0;
    for (const char last : std::string("0123456789")) {
      good += Satisfies(Checksum::kLuhn, std::string(head) + last);
    }
    EXPECT_EQ(good, 1) << head;
  }
}

// A good number with its last place mended: what is left is the region and the day.
bool SomeLastPlaceIsGood(const std::string& head) {
  for (const char last : std::string("0123456789x")) {
    if (Satisfies(Checksum::kCnResidentId, head + last)) return true;
  }
  return false;
}

TEST(Checksum, KnowsRegionsAndDays) {
  EXPECT_TRUE(SomeLastPlaceIsGood("11010120000229001"));
  EXPECT_FALSE(SomeLastPlaceIsGood("11010119000229001"));  // 1900 had no leap day
  EXPECT_FALSE(SomeLastPlaceIsGood("11010120010229001"));
  EXPECT_FALSE(SomeLastPlaceIsGood("11010120010431001"));
  EXPECT_FALSE(SomeLastPlaceIsGood("11010120011301001"));
  EXPECT_FALSE(SomeLastPlaceIsGood("11010120010100001"));
  EXPECT_FALSE(SomeLastPlaceIsGood("11010118490101001"));
  EXPECT_FALSE(SomeLastPlaceIsGood("19010120010101001"));  // there is no region 19
  EXPECT_TRUE(SomeLastPlaceIsGood("83010120010101001"));
}

// Of tw_id only most: its sum is mod 10 with weights that share factors with 10.
TEST(Checksum, TellsEverySlipOfOnePlace) {
  const struct {
    Checksum checksum;
    std::string number;
  } rows[] = {{Checksum::kLuhn, "4556000011112224"},
              {Checksum::kCnResidentId, "110101199001011237"},
              {Checksum::kCnUscc, "91110000100000001w"},
              {Checksum::kIban, "de75512108001245126199"}};
  for (const auto& row : rows) {
    ASSERT_TRUE(Satisfies(row.checksum, row.number)) << row.number;
    for (size_t i = 0; i < row.number.size(); ++i) {
      if (row.number[i] < '0' || row.number[i] > '9') continue;
      for (char c = '0'; c <= '9'; ++c) {
        std::string slip = row.number;
        slip[i] = c;
        if (c != row.number[i]) Check({row.checksum, slip, false});
      }
    }
  }
}

TEST(Checksum, HasANameForEach) {
  ASSERT_EQ(ChecksumNames().size(), static_cast<size_t>(kChecksumCount));
  const std::set<std::string_view> names(ChecksumNames().begin(), ChecksumNames().end());
  EXPECT_EQ(names.size(), static_cast<size_t>(kChecksumCount));
}

}  // namespace
}  // namespace winnow::text
