#include "service/grpc/batch_printer.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "service/grpc/status_printer.h"
#include "service/grpc/verdict_printer.h"
#include "winnow/v1/check_service.pb.h"

namespace winnow::rpc {
namespace {

using domain::PlainBatch;
using domain::PlainContent;
using domain::PlainOutcome;

const domain::Uuid kBlock = *domain::ParseUuid("0197f3a0-1c2b-7def-8123-456789ab0000");
const domain::Uuid kOtherBlock = *domain::ParseUuid("0197f3a0-1c2c-7def-8123-456789ab0000");

// As the handler of batches of any kind prints it.
std::string Expected(const PlainBatch& batch, const PlainOutcome& outcome) {
  v1::BatchCheckContentsResponse response;
  for (size_t i = 0; i < outcome.items.size(); ++i) {
    v1::BatchCheckContentsResponse::Result* result = response.add_results();
    const int32_t other = outcome.items[i].other;
    if (other == PlainOutcome::kClean) {
      PrintVerdict(domain::CleanVerdictOf(batch, i, outcome), result->mutable_verdict());
    } else if (outcome.others[other].ok()) {
      PrintVerdict(*outcome.others[other], result->mutable_verdict());
    } else {
      *result->mutable_error() = PrintStatus(outcome.others[other].status());
    }
  }
  return response.SerializeAsString();
}

TEST(BatchPrinterTest, WritesWhatTheMessagesWouldBe) {
  const std::string long_id(256, 'i');
  PlainBatch batch;
  batch.tenant = "acme";
  PlainOutcome outcome;
  outcome.pack_revision = "packs/bundled/revisions/0123456789ab";
  outcome.policy_revision = "policies/default/revisions/ba9876543210";
  const absl::Duration durations[] = {absl::ZeroDuration(), absl::Nanoseconds(1),
                                      absl::Nanoseconds(2345), absl::Milliseconds(999),
                                      absl::Seconds(3) + absl::Nanoseconds(5)};
  for (size_t i = 0; i < 300; ++i) {
    PlainContent& content = batch.contents.emplace_back();
    content.content_id = i % 7 == 0 ? std::string_view(long_id) : "order-1";
    content.surface = static_cast<Surface>(1 + i % 5);
    if (i % 2 == 0) content.account_id = "u-48151";
    if (i % 3 == 0) content.region = "mainland";
    if (i % 5 == 0) content.client_token = long_id;
    content.offset_unit = static_cast<text::OffsetUnit>(i % 3);
    PlainOutcome::Item& item = outcome.items.emplace_back();
    // 256 to a block, here in disorder.
    item.id = domain::IdInBlock(i % 11 == 0 ? kOtherBlock : kBlock, i % 256 * 257);
    item.check_duration = durations[i % std::size(durations)];
    if (i % 13 == 0) {
      item.other = static_cast<int32_t>(outcome.others.size());
      outcome.others.emplace_back(domain::FieldInvalid(StrCat("requests[", i, "]"), "is odd"));
    } else if (i % 17 == 0) {
      item.other = static_cast<int32_t>(outcome.others.size());
      domain::Verdict verdict = domain::CleanVerdictOf(batch, i, outcome);
      verdict.result.decision = Decision::kBlock;
      outcome.others.emplace_back(verdict);
    }
  }
  EXPECT_EQ(PrintPlainOutcome(batch, outcome), Expected(batch, outcome));
}

}  // namespace
}  // namespace winnow::rpc
