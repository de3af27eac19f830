#include "service/domain/verdict_candidates.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/domain/keys.h"
#include "service/domain/refusals.h"

namespace winnow::domain {
namespace {

struct Entry {
  Uuid id;
  std::string value;
};

// Reads keys of one prefix downwards, a few at a time.
class KeyReader {
 public:
  KeyReader(Transaction* transaction, std::string prefix, const Uuid& begin,
            const std::optional<Uuid>& end, size_t stride)
      : transaction_(transaction),
        prefix_(std::move(prefix)),
        begin_(IndexKey(prefix_, begin)),
        stride_(stride) {
    if (end) {
      end_ = IndexKey(prefix_, *end);
    } else {
      Uuid greatest;
      greatest.bytes.fill('\xFF');
      end_ = IndexKey(prefix_, greatest) + '\0';
    }
  }

  // None at the end.
  absl::StatusOr<std::vector<Entry>> Next() {
    std::vector<Entry> entries;
    if (begin_ >= end_) return entries;
    bool sound = true;
    size_t bytes = 0;
    RETURN_IF_ERROR(transaction_->Scan(begin_, end_, {.limit = stride_, .reverse = true},
                                       [&](std::string_view key, std::string_view value) {
                                         const std::optional<Uuid> id =
                                             UuidFromBytes(key.substr(prefix_.size()));
                                         if (!id) return sound = false;
                                         entries.push_back({*id, std::string(value)});
                                         bytes += value.size();
                                         return bytes < kCandidateBytesMax;
                                       }));
    if (!sound) return RecordDamaged("an index of verdicts", "a key has the wrong length");
    const bool more = entries.size() == stride_ || bytes >= kCandidateBytesMax;
    end_ = more ? IndexKey(prefix_, entries.back().id) : begin_;
    return entries;
  }

 private:
  Transaction* const transaction_;
  const std::string prefix_;
  const std::string begin_;
  std::string end_;
  const size_t stride_;
};

// Verdicts with records of their own: the records, or an index of them.
class SingleCandidates : public Candidates {
 public:
  enum class Values { kRecords, kNothing, kDecisions };
  SingleCandidates(Values values, KeyReader keys) : values_(values), keys_(std::move(keys)) {}

 private:
  absl::Status Fill() override {
    ASSIGN_OR_RETURN(std::vector<Entry> entries, keys_.Next());
    for (Entry& entry : entries) {
      Candidate& candidate = ready_.emplace_back();
      candidate.id = entry.id;
      if (values_ == Values::kRecords) {
        candidate.bytes = entry.value.size();
        candidate.record = std::move(entry.value);
        continue;
      }
      candidate.where = Candidate::Where::kOwnRecord;
      if (values_ == Values::kDecisions && entry.value.size() == 1) {
        candidate.decision = static_cast<Decision>(entry.value[0]);
      }
    }
    return absl::OkStatus();
  }

  const Values values_;
  KeyReader keys_;
};

// The verdicts of whole blocks: of all, or of those that have no postings yet.
class BlockCandidates : public Candidates {
 public:
  enum class Blocks { kAll, kFresh };
  BlockCandidates(Blocks blocks, Transaction* transaction, std::string tenant, IdRange range,
                  size_t stride)
      : blocks_(blocks),
        transaction_(transaction),
        tenant_(std::move(tenant)),
        range_(std::move(range)),
        keys_(transaction, blocks == Blocks::kAll ? BlockPrefix() : FreshBlockPrefix(),
              BlockOf(range_.begin), range_.end, stride) {}

 private:
  absl::Status Fill() override {
    // A block may have nothing below the end.
    while (ready_.empty()) {
      if (next_ == entries_.size()) {
        ASSIGN_OR_RETURN(entries_, keys_.Next());
        next_ = 0;
        if (entries_.empty()) return absl::OkStatus();
      }
      RETURN_IF_ERROR(Open(entries_[next_++]));
    }
    return absl::OkStatus();
  }

  absl::Status Open(Entry& entry) {
    if (blocks_ == Blocks::kFresh) {
      ASSIGN_OR_RETURN(std::optional<std::string> block,
                       transaction_->Get(IndexKey(BlockPrefix(), entry.id)));
      if (!block) {
        return RecordDamaged(StrCat("the entry of fresh block ", FormatUuid(entry.id)),
                             "the block is missing");
      }
      entry.value = *std::move(block);
    }
    ASSIGN_OR_RETURN(std::vector<Verdict> verdicts, DecodeBlock(entry.value, tenant_, entry.id));
    for (size_t i = verdicts.size(); i-- > 0;) {
      const Uuid id = IdInBlock(entry.id, i);
      if (id < range_.begin) break;
      if (range_.end && id >= *range_.end) continue;
      Candidate& candidate = ready_.emplace_back();
      candidate.id = id;
      candidate.verdict = std::move(verdicts[i]);
      candidate.bytes = entry.value.size() / verdicts.size();
    }
    entry.value.clear();
    return absl::OkStatus();
  }

  const Blocks blocks_;
  Transaction* const transaction_;
  const std::string tenant_;
  const IdRange range_;
  KeyReader keys_;
  std::vector<Entry> entries_;
  size_t next_ = 0;
};

// Verdicts in blocks, by the postings of one content or account. Hashes may agree by chance: the
// filter decides.
class PostedCandidates : public Candidates {
 public:
  PostedCandidates(Posted what, std::string_view value, Transaction* transaction, IdRange range,
                   size_t stride)
      : hash_(PostingHash(value)),
        range_(std::move(range)),
        transaction_(transaction),
        // Runs are keyed by their greatest id: all from the range's begin on may have some of it.
        keys_(transaction, PostingsPrefix(what, PostingBucket(hash_)), range_.begin, std::nullopt,
              stride) {}

 private:
  absl::Status Fill() override {
    while (true) {
      RETURN_IF_ERROR(PeekRun());
      // Runs lie behind one another unless the clock was set back between them.
      const bool later = !found_.empty() && (!run_ || found_.back() > run_->id);
      if (later) {
        Candidate& candidate = ready_.emplace_back();
        candidate.id = found_.back();
        candidate.where = Candidate::Where::kInBlock;
        found_.pop_back();
        return absl::OkStatus();
      }
      if (!run_) return absl::OkStatus();
      ASSIGN_OR_RETURN(const FoundPostings postings,
                       FindPostings(run_->value, static_cast<uint32_t>(hash_)));
      for (const Uuid& id : postings.ids) Found(id);
      if (!postings.places.empty()) RETURN_IF_ERROR(FindPlaces(run_->id, postings.places));
      std::sort(found_.begin(), found_.end());
      run_.reset();
    }
  }

  void Found(const Uuid& id) {
    if (id >= range_.begin && (!range_.end || id < *range_.end)) found_.push_back(id);
  }

  absl::Status FindPlaces(const Uuid& run, const std::vector<Posting>& places) {
    const auto what = [&] { return StrCat("the run of blocks up to ", FormatUuid(run)); };
    ASSIGN_OR_RETURN(const std::optional<std::string> stored, transaction_->Get(RunKey(run)));
    if (!stored) return RecordDamaged(what(), "it is missing");
    ASSIGN_OR_RETURN(const std::vector<Uuid> blocks, DecodeRun(*stored));
    for (const Posting& place : places) {
      if (place.block >= blocks.size()) return RecordDamaged(what(), "it has too few blocks");
      Found(IdInBlock(blocks[place.block], place.position));
    }
    return absl::OkStatus();
  }

  absl::Status PeekRun() {
    if (run_) return absl::OkStatus();
    if (next_ == runs_.size()) {
      ASSIGN_OR_RETURN(runs_, keys_.Next());
      next_ = 0;
    }
    if (next_ < runs_.size()) run_ = std::move(runs_[next_++]);
    return absl::OkStatus();
  }

  const uint64_t hash_;
  const IdRange range_;
  Transaction* const transaction_;
  KeyReader keys_;
  std::vector<Entry> runs_;
  size_t next_ = 0;
  std::optional<Entry> run_;  // the next one, not looked into yet
  std::vector<Uuid> found_;   // ascending
};

}  // namespace

absl::StatusOr<Candidate*> Candidates::Head() {
  if (ready_.empty()) RETURN_IF_ERROR(Fill());
  return ready_.empty() ? nullptr : &ready_.front();
}

std::vector<std::unique_ptr<Candidates>> FindCandidates(Transaction* transaction,
                                                        const std::string& tenant,
                                                        const VerdictFilter& filter,
                                                        const IdRange& range, size_t stride) {
  using Values = SingleCandidates::Values;
  using Blocks = BlockCandidates::Blocks;
  // Blocks are larger than entries.
  const size_t block_stride = std::max<size_t>(1, stride / 16);
  std::vector<std::unique_ptr<Candidates>> sources;
  const auto add_singles = [&](Values values, std::string prefix) {
    sources.push_back(std::make_unique<SingleCandidates>(
        values, KeyReader(transaction, std::move(prefix), range.begin, range.end, stride)));
  };
  const auto add_blocks = [&](Blocks blocks, size_t entries) {
    sources.push_back(
        std::make_unique<BlockCandidates>(blocks, transaction, tenant, range, entries));
  };
  const auto add_posted = [&](Posted what, std::string_view value) {
    sources.push_back(
        std::make_unique<PostedCandidates>(what, value, transaction, range, block_stride));
  };
  // Verdicts of unknown authors are in no index.
  if (filter.content_id()) {
    add_singles(Values::kNothing, ContentIndexPrefix(*filter.content_id()));
    add_blocks(Blocks::kFresh, stride);
    add_posted(Posted::kContent, *filter.content_id());
  } else if (filter.account_id() && !filter.account_id()->empty()) {
    add_singles(Values::kNothing, AccountIndexPrefix(*filter.account_id()));
    add_blocks(Blocks::kFresh, stride);
    add_posted(Posted::kAccount, *filter.account_id());
  } else if (!filter.MayBe(Decision::kAllow)) {
    add_singles(Values::kDecisions, FlaggedIndexPrefix());
  } else {
    add_singles(Values::kRecords, VerdictPrefix());
    add_blocks(Blocks::kAll, block_stride);
  }
  return sources;
}

}  // namespace winnow::domain
