// Verdicts and request ids as stored bytes. docs/formats/records.md is the specification; this is
// its only implementation. Pure functions; any thread. Inside the room only.
//
// A record is a version byte and a protobuf message (proto/winnow/store/v1/records.proto). Whether
// its bytes are those that were written is the store's to check.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/domain/plain_batch.h"
#include "service/domain/record_bytes.h"
#include "service/domain/uuid.h"
#include "service/domain/verdict.h"

namespace winnow::domain {

inline constexpr int kPostingsVersion = 2;  // of postings

// `request_id` nullptr: none. Everything of `verdict` except tenant, id, create_time and the text
// form of the request id. Costs a few hundred nanoseconds for a clean verdict.
void EncodeVerdict(const Verdict& verdict, const Uuid* request_id, std::string* out);
// RECORD_TOO_NEW or RECORD_DAMAGED, naming the verdict, when the bytes are not what EncodeVerdict()
// of this version or an earlier one gave.
absl::StatusOr<Verdict> DecodeVerdict(std::string_view bytes, std::string_view tenant,
                                      const Uuid& id);

// Whether a block can hold the verdict: it is clean and has nothing besides, such as findings of
// rules on trial. It must not have a request id either.
bool FitsBlock(const CheckResult& result);

// Of such a verdict, as a block holds it: all of the above but its decision, its completeness and
// the revisions.
void EncodeBlocked(const Verdict& verdict, std::string* out);

// Appends the same bytes for a clean content of a batch, without a Verdict made of it.
void EncodePlain(const PlainContent& content, uint64_t text_bytes, absl::Duration check_duration,
                 std::string* out);

// Puts verdicts of one pair of revisions into a block, in order of position.
class BlockEncoder {
 public:
  BlockEncoder(std::string_view pack_revision, std::string_view policy_revision);
  // `record`: what EncodeBlocked() gave.
  void Add(std::string_view record);
  size_t size() const { return size_; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  size_t size_ = 0;
};

// All verdicts of a block in order of position; RECORD_TOO_NEW or RECORD_DAMAGED naming the block.
absl::StatusOr<std::vector<Verdict>> DecodeBlock(std::string_view bytes, std::string_view tenant,
                                                 const Uuid& block);
// The one verdict of that id; nullopt when the block is shorter.
absl::StatusOr<std::optional<Verdict>> DecodeFromBlock(std::string_view bytes,
                                                       std::string_view tenant, const Uuid& id);

// What the index of blocks needs of each verdict, in order of position. The views live during the
// call of `visit`. Damage as for DecodeBlock().
absl::Status VisitBlock(
    std::string_view bytes, const Uuid& block,
    absl::FunctionRef<void(std::string_view content_id, std::string_view account_id)> visit);

// One verdict of a run of blocks, found by the hash of its content or account id.
struct Posting {
  uint32_t hash = 0;      // the low half of PostingHash()
  uint16_t block = 0;     // its place among the run's
  uint16_t position = 0;  // in the block
};
// `postings` ascend by id.
std::string EncodePostings(const std::vector<Posting>& postings);
// Those of one hash. Version 1 told ids instead of places.
struct FoundPostings {
  std::vector<Posting> places;
  std::vector<Uuid> ids;
};
absl::StatusOr<FoundPostings> FindPostings(std::string_view bytes, uint32_t hash);

// Ids of the blocks of a run, in which postings tell places.
inline constexpr size_t kRunBlocksMax = 1 << 16;
std::string EncodeRun(const std::vector<Uuid>& blocks);
absl::StatusOr<std::vector<Uuid>> DecodeRun(std::string_view bytes);

struct RequestRecord {
  std::string body_digest;
  Uuid verdict_id;
  absl::Time expire_time;
};
std::string EncodeRequest(const RequestRecord& record);
// As above, naming the request id.
absl::StatusOr<RequestRecord> DecodeRequest(std::string_view bytes, const Uuid& request_id);

}  // namespace winnow::domain
