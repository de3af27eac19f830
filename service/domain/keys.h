// The keys of what the domain stores, as docs/formats/records.md describes them. Each kind of
// record has a first byte of its own. Pure functions; any thread. Inside the room only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "service/domain/uuid.h"

namespace winnow::domain {

// A verdict, by id and so by time.
std::string VerdictKey(const Uuid& id);
// Indexes: a prefix that all entries of one value share, and the verdict's id behind it.
std::string ContentIndexPrefix(std::string_view content_id);
std::string AccountIndexPrefix(std::string_view account_id);
// Verdicts that are not ALLOW; the entry's value is the decision, one byte.
std::string FlaggedIndexPrefix();
// All verdicts: VerdictKey() without the id.
std::string VerdictPrefix();
std::string IndexKey(std::string prefix, const Uuid& id);

// A block of verdicts, by its id and so by time. BlockPrefix() with IndexKey().
std::string BlockPrefix();
// Blocks that no postings tell of yet; the entry's value is how many verdicts it has.
std::string FreshBlockPrefix();
// Postings of a run of blocks for what hashes to one bucket; behind the prefix the greatest verdict
// id of the run.
enum class Posted : char { kContent = 'c', kAccount = 'a' };
inline constexpr size_t kPostingBuckets = 512;
std::string PostingsPrefix(Posted what, size_t bucket);
// The run's RunRecord; `greatest` as behind the prefix above.
std::string RunKey(const Uuid& greatest);
// Of a content or account id; stored, so never changed. The low half is what a posting holds.
uint64_t PostingHash(std::string_view value);
inline size_t PostingBucket(uint64_t hash) { return hash >> 32 & (kPostingBuckets - 1); }

// What a request id was used for.
std::string RequestKey(const Uuid& request_id);
// The range that all of them lie in.
std::string RequestKeysBegin();
std::string RequestKeysEnd();

// What is the server's and no tenant's lies under this name, which no tenant has.
inline constexpr std::string_view kServerTenant = "-";
// The release of a pack that was last in use.
std::string PackReleaseKey(std::string_view pack_id);
// A pack revision's PackArchiveRecord; the prefix is all of them.
std::string PackArchivePrefix();
std::string PackArchiveKey(std::string_view revision);
// A piece of the file of this SHA-256.
std::string PackPieceKey(std::string_view file_digest, uint32_t piece);
// A policy revision's PolicyArchiveRecord.
std::string PolicyArchiveKey(std::string_view revision);
// The ChannelsRecord.
std::string ChannelsKey();
// Administrative actions, by id and so by time: ActionPrefix() with IndexKey().
std::string ActionPrefix();
// A comparison's sums, by a digest of what is compared, and those of its rules.
std::string ComparisonPrefix();
std::string ComparisonKey(std::string_view digest);
std::string RuleComparisonKey(std::string_view digest, std::string_view rule_id);

}  // namespace winnow::domain
