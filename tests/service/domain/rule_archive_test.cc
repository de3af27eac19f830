// The archive gives back what was put into it, whole, as the rules that judged, and says so when it
// cannot.
#include "service/domain/rule_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "tests/service/domain/checks_harness.h"
#include "tests/support/fake_store.h"
#include "tests/support/faulty_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kPolicy = "id: test\nentries: []\n";

IncomingPack PackOfWord(const std::string& word) {
  pack::CompileResult compiled =
      pack::CompilePack({{"test.yaml", StrCat("- id: gambling.test_word\n"
                                              "  category: vice_violence\n"
                                              "  label: gambling\n"
                                              "  severity: high\n"
                                              "  action: block\n"
                                              "  match: {terms: [",
                                              word,
                                              "]}\n"
                                              "  reason: {en: Offers gambling., zh: 提供赌博。}\n"
                                              "  tests: {match: [",
                                              word, "], no_match: [a word]}\n")}},
                        {.id = "test"});
  EXPECT_NE(compiled.pack, nullptr) << rules::Render(compiled.diagnostics, compiled.sources, false);
  return {compiled.pack, std::string(compiled.pack->bytes()), "", true};
}

IncomingPolicy TestPolicy() {
  const std::string source(kPolicy);
  return {policy::Policy::Parse({"policy.yaml", source}).policy, source, "policy.yaml"};
}

class RuleArchiveTest : public testing::Test {
 protected:
  absl::StatusOr<RuleArchive::Kept> Keep(const IncomingPack& pack, bool strict = false) {
    return archive_.Keep(pack, {"tester", "", "why"}, strict, [](Transaction&) {});
  }
  static std::string ReasonOf(const absl::Status& status) {
    const auto detail = DetailOf(status);
    return detail ? detail->reason : "";
  }

  FakeStore store_;
  FaultyStore faulty_{&store_};
  ManualClock clock_;
  RuleArchive archive_{&faulty_, &clock_};
};

TEST_F(RuleArchiveTest, AnyVerdictIsMadeAgainByItsOwnRules) {
  const IncomingPack a = PackOfWord("firstword"), b = PackOfWord("secondword");
  const IncomingPolicy policy = TestPolicy();
  ASSERT_OK(Keep(a));
  ASSERT_OK(Keep(b));
  ASSERT_OK(archive_.Keep(policy));
  // Another archive over the same store: a later process.
  const RuleArchive later(&faulty_, &clock_);
  for (const IncomingPack* pack : {&a, &b, &a}) {
    const std::string& revision = pack->pack->info().revision;
    const auto checker = later.CheckerOf(revision, policy.policy->revision());
    ASSERT_OK(checker);
    for (const char* text : {"firstword", "secondword", "a chair"}) {
      Content content;
      content.fields.push_back({.key = "note", .bytes = text, .charset = {}});
      const Checker live(pack->pack, policy.policy);
      const auto expected = live.Check(content), got = (*checker)->Check(content);
      ASSERT_OK(expected);
      ASSERT_OK(got);
      EXPECT_EQ(got->decision, expected->decision) << text;
      EXPECT_THAT(got->findings, SizeIs(expected->findings.size())) << text;
      EXPECT_EQ(std::string_view(got->pack_revision), revision);
    }
    EXPECT_EQ(*later.CheckerOf(revision, policy.policy->revision()), *checker) << "kept at hand";
  }
}

TEST_F(RuleArchiveTest, KeepsTheSameOnce) {
  const IncomingPack pack = PackOfWord("firstword");
  const auto first = Keep(pack);
  ASSERT_OK(first);
  EXPECT_TRUE(first->changed);
  const size_t keys = store_.KeyCount("-");
  const auto again = Keep(pack);
  ASSERT_OK(again);
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(again->pack.file_digest, first->pack.file_digest);
  EXPECT_EQ(store_.KeyCount("-"), keys);
  const auto read = archive_.ReadPack(again->pack);
  ASSERT_OK(read);
  EXPECT_EQ(*read, pack.bytes);
}

TEST_F(RuleArchiveTest, SaysWhatItDoesNotHave) {
  ASSERT_OK(archive_.Keep(TestPolicy()));
  const auto no_pack = archive_.CheckerOf("packs/x/revisions/0", TestPolicy().policy->revision());
  EXPECT_EQ(ReasonOf(no_pack.status()), "PACK_REVISION_NOT_FOUND");
  const auto no_policy = archive_.CheckerOf("packs/x/revisions/0", "policies/x/revisions/0");
  EXPECT_EQ(ReasonOf(no_policy.status()), "POLICY_REVISION_NOT_FOUND");
}

TEST_F(RuleArchiveTest, AFailureOfTheStoreIsNeverAnAnswer) {
  const IncomingPack pack = PackOfWord("firstword");
  const absl::Status full = absl::ResourceExhaustedError("no space left");
  // The piece, then the record.
  for (size_t skip : {0, 1}) {
    faulty_.FailCommit(full, 1, skip);
    EXPECT_FALSE(Keep(pack).ok());
    EXPECT_EQ(ReasonOf(archive_.GetPack(pack.pack->info().revision).status()),
              "PACK_REVISION_NOT_FOUND");
  }
  // Another server wrote at the same time: asked again, it goes through.
  faulty_.FailCommit(absl::AbortedError("conflict"), 1, 1);
  ASSERT_OK(Keep(pack));
  const auto kept = archive_.GetPack(pack.pack->info().revision);
  ASSERT_OK(kept);
  faulty_.FailGet(absl::DataLossError("checksum"));
  EXPECT_EQ(archive_.ReadPack(*kept).status().code(), absl::StatusCode::kDataLoss);
  ArchivedPack other = *kept;
  other.file_digest[0] ^= 1;
  EXPECT_THAT(archive_.ReadPack(other),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("missing")));
}

}  // namespace
}  // namespace winnow::domain
