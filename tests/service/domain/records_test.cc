#include "service/domain/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "service/domain/keys.h"
#include "service/domain/ports/store.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

using testing::HasSubstr;

const Uuid kId = *ParseUuid("0197f3a0-1c2b-7def-8123-456789abcdef");
const Uuid kRequestId = *ParseUuid("1f0c2f1e-8a52-4f4e-9c3b-0d8f2a7b6c5d");

Verdict Clean() {
  Verdict verdict;
  verdict.tenant = "acme";
  verdict.id = FormatUuid(kId);
  verdict.create_time = absl::FromUnixMillis(0x0197f3a01c2b);
  verdict.content.content_id = "order-20260101-000017";
  verdict.content.account_id = "u-48151";
  verdict.content.surface = Surface::kOrder;
  verdict.result.decision = Decision::kAllow;
  verdict.result.completeness = Completeness::kComplete;
  verdict.result.pack_revision = "packs/bundled/revisions/0123456789ab";
  verdict.result.policy_revision = "policies/default/revisions/ba9876543210";
  verdict.result.detected_charset = "UTF-8";
  verdict.result.text_bytes = 211;
  verdict.check_duration = absl::Nanoseconds(2345);
  return verdict;
}

Finding MakeFinding(std::string rule, std::string field, uint64_t begin) {
  Finding finding;
  finding.rule_id = rule;
  finding.category = Category::kViceViolence;
  finding.label = "gambling";
  finding.severity = Severity::kHigh;
  finding.decision = Decision::kBlock;
  finding.field = field;
  finding.begin = begin;
  finding.end = begin + 12;
  finding.view = text::View::kSqueezed;
  finding.evasions = text::MaskOf(text::Evasion::kSeparator);
  finding.excerpt = "来 真人荷官 吧";
  finding.excerpt_begin = 4;
  finding.excerpt_end = 16;
  finding.reason_en = StrCat("reason of ", rule);
  finding.reason_zh = StrCat(rule, " 的理由");
  finding.layer.kind = rules::LayerKind::kBundled;
  return finding;
}

// Everything set.
Verdict Full() {
  Verdict verdict = Clean();
  verdict.content.region = "overseas";
  verdict.content.language_hint = "zh-Hans";
  verdict.content.content_time = absl::FromUnixSeconds(-12'345) + absl::Nanoseconds(678);
  verdict.content.labels = {{"", "empty key"}, {"shop", "七号"}, {"z", ""}};
  verdict.content.file_name = "清单.txt";
  verdict.content_sha256 = "00ff0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab";
  verdict.client_token = "token \x01";
  verdict.request_id = FormatUuid(kRequestId);
  CheckResult& result = verdict.result;
  result.decision = Decision::kBlock;
  result.completeness = Completeness::kPartial;
  result.detected_charset = "GB18030";
  result.replacements = 5'000'000'000;
  result.offset_unit = text::OffsetUnit::kCodePoints;
  result.shortfalls = {{ShortfallReason::kUndecodable, "note", "", "5 sequences"},
                       {ShortfallReason::kLimitReached, "", "hits_max", "many"}};
  result.categories = {{Category::kViceViolence, "gambling", Decision::kBlock, Severity::kHigh, 4},
                       {Category::kRumors, "", Decision::kReview, Severity::kLow, 1}};
  result.findings = {MakeFinding("gambling.a", "note", 0), MakeFinding("gambling.b", "note", 30),
                     MakeFinding("gambling.a", "title", 5'000'000'000),
                     MakeFinding("gambling.a", "title", 5'000'000'030)};
  result.findings[3].excerpt.clear();
  result.findings[3].excerpt_begin = result.findings[3].excerpt_end = 0;
  result.findings_truncated = true;
  result.finding_count = 5;
  return verdict;
}

std::string Encoded(const Verdict& verdict) {
  std::string bytes = "what was there before";
  EncodeVerdict(verdict, verdict.request_id.empty() ? nullptr : &kRequestId, &bytes);
  return bytes;
}

void ExpectSame(const Finding& a, const Finding& b) {
  EXPECT_EQ(a.rule_id, b.rule_id);
  EXPECT_EQ(a.category, b.category);
  EXPECT_EQ(a.label, b.label);
  EXPECT_EQ(a.severity, b.severity);
  EXPECT_EQ(a.decision, b.decision);
  EXPECT_EQ(a.field, b.field);
  EXPECT_EQ(a.begin, b.begin);
  EXPECT_EQ(a.end, b.end);
  EXPECT_EQ(a.view, b.view);
  EXPECT_EQ(a.evasions, b.evasions);
  EXPECT_EQ(a.excerpt, b.excerpt);
  EXPECT_EQ(a.excerpt_begin, b.excerpt_begin);
  EXPECT_EQ(a.excerpt_end, b.excerpt_end);
  EXPECT_EQ(a.reason_en, b.reason_en);
  EXPECT_EQ(a.reason_zh, b.reason_zh);
  EXPECT_EQ(a.layer, b.layer);
}

void ExpectSame(const Verdict& a, const Verdict& b) {
  EXPECT_EQ(a.tenant, b.tenant);
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.create_time, b.create_time);
  EXPECT_EQ(a.content.content_id, b.content.content_id);
  EXPECT_EQ(a.content.account_id, b.content.account_id);
  EXPECT_EQ(a.content.surface, b.content.surface);
  EXPECT_EQ(a.content.region, b.content.region);
  EXPECT_EQ(a.content.language_hint, b.content.language_hint);
  EXPECT_EQ(a.content.content_time, b.content.content_time);
  EXPECT_EQ(a.content.labels, b.content.labels);
  EXPECT_EQ(a.content.file_name, b.content.file_name);
  EXPECT_EQ(a.client_token, b.client_token);
  EXPECT_EQ(a.request_id, b.request_id);
  EXPECT_EQ(a.content_sha256, b.content_sha256);
  EXPECT_EQ(a.check_duration, b.check_duration);
  const CheckResult &x = a.result, &y = b.result;
  EXPECT_EQ(x.decision, y.decision);
  EXPECT_EQ(x.completeness, y.completeness);
  EXPECT_EQ(x.pack_revision, y.pack_revision);
  EXPECT_EQ(x.policy_revision, y.policy_revision);
  EXPECT_EQ(x.detected_charset, y.detected_charset);
  EXPECT_EQ(x.replacements, y.replacements);
  EXPECT_EQ(x.text_bytes, y.text_bytes);
  EXPECT_EQ(x.offset_unit, y.offset_unit);
  EXPECT_EQ(x.finding_count, y.finding_count);
  EXPECT_EQ(x.findings_truncated, y.findings_truncated);
  ASSERT_EQ(x.shortfalls.size(), y.shortfalls.size());
  for (size_t i = 0; i < x.shortfalls.size(); ++i) {
    EXPECT_EQ(x.shortfalls[i].reason, y.shortfalls[i].reason);
    EXPECT_EQ(x.shortfalls[i].part, y.shortfalls[i].part);
    EXPECT_EQ(x.shortfalls[i].limit, y.shortfalls[i].limit);
    EXPECT_EQ(x.shortfalls[i].detail, y.shortfalls[i].detail);
  }
  ASSERT_EQ(x.categories.size(), y.categories.size());
  for (size_t i = 0; i < x.categories.size(); ++i) {
    EXPECT_EQ(x.categories[i].category, y.categories[i].category);
    EXPECT_EQ(x.categories[i].label, y.categories[i].label);
    EXPECT_EQ(x.categories[i].decision, y.categories[i].decision);
    EXPECT_EQ(x.categories[i].severity, y.categories[i].severity);
    EXPECT_EQ(x.categories[i].finding_count, y.categories[i].finding_count);
  }
  ASSERT_EQ(x.findings.size(), y.findings.size());
  for (size_t i = 0; i < x.findings.size(); ++i) ExpectSame(x.findings[i], y.findings[i]);
}

void ExpectDetail(const absl::Status& status, absl::StatusCode code, std::string_view reason) {
  EXPECT_THAT(status, StatusIs(code));
  ASSERT_TRUE(DetailOf(status).has_value()) << status;
  EXPECT_EQ(DetailOf(status)->reason, reason);
}

// As many clean verdicts.
std::string Block(size_t count) {
  std::string record;
  EncodeBlocked(Clean(), &record);
  BlockEncoder encoder(Clean().result.pack_revision, Clean().result.policy_revision);
  while (encoder.size() < count) encoder.Add(record);
  return encoder.bytes();
}

TEST(RecordsTest, ACleanMessageInABlockIsSmall) {
  EXPECT_LE(Block(101).size() - Block(1).size(), 100u * 50);
}

TEST(RecordsTest, VerdictsSurvive) {
  Verdict empty_file = Clean();  // no charset at all: the format was not read
  empty_file.result.detected_charset.clear();
  empty_file.result.completeness = Completeness::kFailed;
  empty_file.content.account_id.clear();
  for (const Verdict& verdict : {Clean(), Full(), empty_file, Clean()}) {
    const auto read = DecodeVerdict(Encoded(verdict), "acme", kId);
    ASSERT_OK(read);
    ExpectSame(*read, verdict);
  }
}

TEST(RecordsTest, TheLayerOfEachRuleSurvives) {
  Verdict verdict = Full();
  const size_t before = Encoded(verdict).size();
  for (Finding& finding : verdict.result.findings) {
    finding.layer = finding.rule_id == "gambling.a"
                        ? pack::LayerInfo{rules::LayerKind::kTenant, "acme"}
                        : pack::LayerInfo{rules::LayerKind::kOperator, "ours"};
  }
  EXPECT_LE(Encoded(verdict).size(), before + 24) << "once a rule";
  const auto read = DecodeVerdict(Encoded(verdict), "acme", kId);
  ASSERT_OK(read);
  ExpectSame(*read, verdict);
}

TEST(RecordsTest, ACleanMessageIsSmall) { EXPECT_LE(Encoded(Clean()).size(), 150u); }

TEST(RecordsTest, ARulesReasonIsStoredOnce) {
  Verdict verdict = Full();
  const size_t before = Encoded(verdict).size();
  verdict.result.findings.push_back(verdict.result.findings[3]);
  EXPECT_LE(Encoded(verdict).size(), before + 24);
}

// The bytes of version 1, and of postings' version 2, for ever: what was stored must stay readable.
TEST(RecordsTest, GoldenBytes) {
  const std::string path =
      std::string(WINNOW_SOURCE_DIR) + "/tests/service/domain/testdata/records_v1.txt";
  const auto hex = [](std::string_view bytes) {
    std::string out;
    for (size_t i = 0; i < bytes.size(); ++i) {
      constexpr char kDigits[] = "0123456789abcdef";
      if (i % 32 == 0) out += i == 0 ? "  " : "\n  ";
      out.push_back(kDigits[static_cast<uint8_t>(bytes[i]) >> 4]);
      out.push_back(kDigits[static_cast<uint8_t>(bytes[i]) & 15]);
    }
    return out + "\n";
  };
  std::string flagged_entry = IndexKey(FlaggedIndexPrefix(), kId);
  const std::string now =
      "clean verdict\n" + hex(Encoded(Clean())) + "full verdict\n" + hex(Encoded(Full())) +
      "request\n" +
      hex(EncodeRequest({std::string(32, '\x5A'), kId, absl::FromUnixMillis(1'767'225'600'000)})) +
      "key: verdict\n" + hex(VerdictKey(kId)) + "key: content\n" +
      hex(IndexKey(ContentIndexPrefix("order-17"), kId)) + "key: account\n" +
      hex(IndexKey(AccountIndexPrefix(std::string(256, 'u')), kId)) + "key: flagged\n" +
      hex(flagged_entry) + "key: request\n" + hex(RequestKey(kRequestId)) + "block\n" +
      hex(Block(2)) + "postings, version 2\n" +
      hex(EncodePostings({{0x01020304, 0x0506, 0x0708}})) + "run\n" +
      hex(EncodeRun({BlockOf(kId), BlockOf(kRequestId)})) + "key: run\n" + hex(RunKey(kId)) +
      "key: block\n" + hex(IndexKey(BlockPrefix(), BlockOf(kId))) + "key: fresh block\n" +
      hex(IndexKey(FreshBlockPrefix(), BlockOf(kId))) + "key: postings\n" +
      hex(IndexKey(PostingsPrefix(Posted::kContent, PostingBucket(PostingHash("order-17"))), kId)) +
      "hash\n" + absl::StrFormat("  %016x\n", PostingHash("order-17"));
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << now;
  std::stringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(now, golden.str()) << "a stored format must not change within a version";
}

TEST(RecordsTest, PostingsOfBothVersionsAreFoundByHash) {
  const auto two = FindPostings(
      EncodePostings({{7, 0, 1}, {0xFFFFFFFF, 0xFFFF, 0xFFFF}, {7, 2, 300}, {8, 3, 3}}), 7);
  ASSERT_OK(two);
  ASSERT_EQ(two->places.size(), 2u);
  EXPECT_EQ(two->places[1].block, 2);
  EXPECT_EQ(two->places[1].position, 300);
  EXPECT_TRUE(two->ids.empty());
  // What version 1 wrote.
  std::string bytes = "\x01\x0a\x28";
  for (char last : {'\x04', '\x05'}) {
    bytes += std::string("\x01\x02\x03") + last;
    bytes += kId.view();
  }
  const auto one = FindPostings(bytes, 0x01020304);
  ASSERT_OK(one);
  EXPECT_TRUE(one->places.empty());
  ASSERT_EQ(one->ids.size(), 1u);
  EXPECT_EQ(one->ids[0], kId);

  std::string later = EncodePostings({{7, 0, 1}});
  later[0] = 3;
  EXPECT_THAT(FindPostings(later, 7), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(FindPostings("\x02\x12\x01x", 7), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(FindPostings("\x01\x0a\x01x", 7), StatusIs(absl::StatusCode::kDataLoss));

  const std::vector<Uuid> blocks = {BlockOf(kId), BlockOf(kRequestId)};
  const auto run = DecodeRun(EncodeRun(blocks));
  ASSERT_OK(run);
  EXPECT_EQ(*run, blocks);
  EXPECT_THAT(DecodeRun("\x01\x0a\x01x"), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(RecordsTest, ALaterVersionIsRefusedPlainly) {
  std::string bytes = Encoded(Full());
  bytes[0] = 2;
  const auto verdict = DecodeVerdict(bytes, "acme", kId);
  EXPECT_THAT(verdict, StatusIs(absl::StatusCode::kFailedPrecondition,
                                HasSubstr("tenants/acme/verdicts/0197f3a0-1c2b-7def-8123-"
                                          "456789abcdef has record version 2")));
  ExpectDetail(verdict.status(), absl::StatusCode::kFailedPrecondition, "RECORD_TOO_NEW");

  bytes = EncodeRequest({std::string(32, 'd'), kId, absl::UnixEpoch()});
  bytes[0] = 9;
  ExpectDetail(DecodeRequest(bytes, kRequestId).status(), absl::StatusCode::kFailedPrecondition,
               "RECORD_TOO_NEW");
}

TEST(RecordsTest, DamageIsNamed) {
  std::string zero = Encoded(Clean());
  zero[0] = 0;
  for (const std::string& bytes :
       {std::string(), std::string("\x01"), zero, std::string("\x01not a message"),
        Encoded(Full()).substr(0, 90)}) {
    ExpectDetail(DecodeVerdict(bytes, "acme", kId).status(), absl::StatusCode::kDataLoss,
                 "RECORD_DAMAGED");
  }
  for (const std::string& bytes : {std::string(), std::string("\x01"), std::string("\x01xx")}) {
    ExpectDetail(DecodeRequest(bytes, kRequestId).status(), absl::StatusCode::kDataLoss,
                 "RECORD_DAMAGED");
  }
  Verdict strange = Clean();
  strange.result.decision = static_cast<Decision>(9);
  ExpectDetail(DecodeVerdict(Encoded(strange), "acme", kId).status(), absl::StatusCode::kDataLoss,
               "RECORD_DAMAGED");
  strange = Full();
  strange.result.findings[0].excerpt_end = 99;
  ExpectDetail(DecodeVerdict(Encoded(strange), "acme", kId).status(), absl::StatusCode::kDataLoss,
               "RECORD_DAMAGED");
}

// Whatever the bytes are, the outcome is a verdict or a refusal, never a crash.
TEST(RecordsTest, AnyChangedByteIsReadOrRefused) {
  const std::string bytes = Encoded(Full());
  size_t refused = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      refused += !DecodeVerdict(changed, "acme", kId).ok();
    }
  }
  EXPECT_GT(refused, bytes.size());
}

TEST(KeysTest, NoValuesEntriesLieAmongAnothers) {
  const std::string a = ContentIndexPrefix("a"), ab = ContentIndexPrefix("ab");
  EXPECT_NE(ab.substr(0, a.size()), a);
  EXPECT_LE(IndexKey(AccountIndexPrefix(std::string(256, 'x')), kId).size(), kStoreKeyBytesMax);
  EXPECT_LT(RequestKeysBegin(), RequestKey(kRequestId));
  EXPECT_LT(RequestKey(kRequestId), RequestKeysEnd());
}

// The bytes of a plain content are those of its verdict.
TEST(RecordsTest, PlainContentsAreEncodedAsVerdicts) {
  const std::string bytes_300(300, 'x');
  struct Row {
    PlainContent content;
    uint64_t text_bytes;
    absl::Duration took;
  };
  PlainContent usual, full, empty;
  usual.content_id = "order-20260101-000017";
  usual.account_id = "u-48151";
  usual.surface = Surface::kOrder;
  full = usual;
  full.content_id = bytes_300;
  full.region = "mainland";
  full.language_hint = "zh-CN";
  full.client_token = bytes_300;
  full.offset_unit = text::OffsetUnit::kCodePoints;
  for (const Row& row :
       {Row{usual, 211, absl::Nanoseconds(2345)}, Row{full, 1u << 30, absl::Hours(2)},
        Row{empty, 0, absl::ZeroDuration()}}) {
    Verdict verdict;
    verdict.content.content_id = row.content.content_id;
    verdict.content.account_id = row.content.account_id;
    verdict.content.surface = row.content.surface;
    verdict.content.region = row.content.region;
    verdict.content.language_hint = row.content.language_hint;
    verdict.client_token = row.content.client_token;
    verdict.check_duration = row.took;
    verdict.result.text_bytes = row.text_bytes;
    verdict.result.detected_charset = "UTF-8";
    verdict.result.offset_unit = row.content.offset_unit;
    std::string expected, actual = "before";
    EncodeBlocked(verdict, &expected);
    EncodePlain(row.content, row.text_bytes, row.took, &actual);
    EXPECT_EQ(actual, "before" + expected);
  }
}

}  // namespace
}  // namespace winnow::domain
