#include "service/domain/verdict_blocks.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "service/domain/keys.h"
#include "service/domain/records.h"

namespace winnow::domain {
namespace {

// A block beyond it takes no further verdict.
constexpr size_t kBlockBytesMax = 256 << 10;
static_assert(kBlockVerdictsMax <= kBlockPositions);

// Names of revisions are interned: equal ones are mostly one.
bool Same(std::string_view a, std::string_view b) {
  return (a.data() == b.data() && a.size() == b.size()) || a == b;
}

std::string CountValue(size_t count) {
  return {static_cast<char>(count >> 8), static_cast<char>(count & 0xFF)};
}

size_t CountOf(std::string_view value) {
  if (value.size() != 2) return 0;
  return size_t{static_cast<uint8_t>(value[0])} << 8 | static_cast<uint8_t>(value[1]);
}

// Postings of a run, to which blocks are added in the order of their ids.
class Run {
 public:
  // Adds all of a block, or nothing and false when it cannot be read.
  bool AddBlock(std::string_view bytes, const Uuid& block) {
    struct Hashes {
      uint64_t content;
      std::optional<uint64_t> account;
    };
    std::vector<Hashes> all;
    all.reserve(kBlockVerdictsMax);
    const auto note = [&](std::string_view content, std::string_view account) {
      Hashes& hashes = all.emplace_back(Hashes{.content = PostingHash(content), .account = {}});
      if (!account.empty()) hashes.account = PostingHash(account);
    };
    if (!VisitBlock(bytes, block, note).ok() || all.empty()) return false;
    for (size_t i = 0; i < all.size(); ++i) {
      Add(all[i].content, i, &contents_);
      if (all[i].account) Add(*all[i].account, i, &accounts_);
    }
    blocks_.push_back(block);
    greatest_ = IdInBlock(block, all.size() - 1);
    return true;
  }

  void Put(Transaction& transaction) const {
    if (blocks_.empty()) return;
    transaction.Put(RunKey(greatest_), EncodeRun(blocks_));
    Put(Posted::kContent, contents_, transaction);
    Put(Posted::kAccount, accounts_, transaction);
  }

 private:
  using Buckets = std::vector<std::vector<Posting>>;

  void Add(uint64_t hash, size_t position, Buckets* buckets) const {
    (*buckets)[PostingBucket(hash)].push_back({static_cast<uint32_t>(hash),
                                               static_cast<uint16_t>(blocks_.size()),
                                               static_cast<uint16_t>(position)});
  }

  void Put(Posted what, const Buckets& buckets, Transaction& transaction) const {
    for (size_t i = 0; i < buckets.size(); ++i) {
      if (buckets[i].empty()) continue;
      transaction.Put(IndexKey(PostingsPrefix(what, i), greatest_), EncodePostings(buckets[i]));
    }
  }

  std::vector<Uuid> blocks_;
  Uuid greatest_;  // verdict
  Buckets contents_{kPostingBuckets}, accounts_{kPostingBuckets};
};

}  // namespace

absl::Status PutBlocks(IdGenerator& ids, Transaction& transaction,
                       const std::vector<Blocked>& verdicts) {
  for (size_t begin = 0; begin < verdicts.size();) {
    const Blocked& first = verdicts[begin];
    const std::optional<Uuid> made = ParseUuid(ids.NewId());
    if (!made) return absl::InternalError("the id generator gave no UUID");
    const Uuid block = BlockOf(*made);
    BlockEncoder encoder(first.pack_revision, first.policy_revision);
    size_t end = begin;
    while (end < verdicts.size() && encoder.size() < kBlockVerdictsMax &&
           encoder.bytes().size() < kBlockBytesMax &&
           Same(verdicts[end].pack_revision, first.pack_revision) &&
           Same(verdicts[end].policy_revision, first.policy_revision)) {
      *verdicts[end].id = IdInBlock(block, encoder.size());
      encoder.Add(verdicts[end++].record);
    }
    begin = end;
    transaction.Put(IndexKey(BlockPrefix(), block), encoder.bytes());
    transaction.Put(IndexKey(FreshBlockPrefix(), block), CountValue(encoder.size()));
  }
  return absl::OkStatus();
}

void BlockCollector::Add(const std::string& tenant, Entry entry) {
  {
    std::lock_guard lock(mutex_);
    Group& group = open_[tenant];
    group.push_back(std::move(entry));
    if (group.size() > 1) return;
  }
  if (!pool_->TrySubmit(0, [this, tenant] { Write(tenant); })) Write(tenant);
}

void BlockCollector::Write(const std::string& tenant) {
  Group group;
  {
    std::lock_guard lock(mutex_);
    const auto found = open_.find(tenant);
    if (found == open_.end()) return;
    group = std::move(found->second);
    open_.erase(found);
  }
  std::vector<Blocked> verdicts;
  verdicts.reserve(group.size());
  for (const Entry& entry : group) verdicts.push_back(entry.verdict);
  std::unique_ptr<Transaction> transaction = store_->Begin(tenant);
  const absl::Status put = PutBlocks(*ids_, *transaction, verdicts);
  // Shared: functions have to be copyable.
  auto held = std::make_shared<Group>(std::move(group));
  const auto complete = [this, tenant, held](const absl::Status& status) {
    if (status.ok()) stored_(tenant, held->size());
    const auto complete_all = [&] {
      for (Entry& entry : *held) std::exchange(entry.done, nullptr)(status);
    };
    if (together_) {
      together_(complete_all);
    } else {
      complete_all();
    }
  };
  if (!put.ok()) return complete(put);
  transaction->Commit(durability_, complete);
}

bool BlockIndex::Stored(const std::string& tenant, size_t count) {
  std::lock_guard lock(mutex_);
  // What an earlier process left is not known, so that the first look comes early.
  Progress& progress =
      progress_.try_emplace(tenant, Progress{.fresh = run_, .last_block = {}}).first->second;
  progress.fresh += count;
  if (progress.fresh < run_ || progress.building) return false;
  progress.building = true;
  return true;
}

Uuid BlockIndex::LookFrom(const std::string& tenant) {
  std::lock_guard lock(mutex_);
  const Progress& progress = progress_[tenant];
  return progress.runs % kRunsBetweenWholeLooks == 0 ? Uuid() : progress.last_block;
}

void BlockIndex::Built(const std::string& tenant, size_t fresh, std::optional<Uuid> last_block) {
  std::lock_guard lock(mutex_);
  Progress& progress = progress_[tenant];
  progress.fresh = fresh;
  progress.building = false;
  // Where nothing was written, the next look is at everything.
  progress.runs = last_block ? progress.runs + 1 : 0;
  if (last_block) progress.last_block = *last_block;
}

void BlockIndex::Build(Store* store, const std::string& tenant, std::function<void()> done) {
  std::unique_ptr<Transaction> transaction = store->Begin(tenant);
  std::vector<Uuid> blocks;
  size_t fresh = 0;
  const std::string prefix = FreshBlockPrefix();
  const std::string end(1, static_cast<char>(prefix[0] + 1));
  absl::Status status = transaction->Scan(IndexKey(prefix, LookFrom(tenant)), end, {},
                                          [&](std::string_view key, std::string_view value) {
                                            const std::optional<Uuid> id =
                                                UuidFromBytes(key.substr(prefix.size()));
                                            if (!id) return true;  // damaged: who lists it is told
                                            blocks.push_back(*id);
                                            fresh += CountOf(value);
                                            return fresh < run_;
                                          });
  if (!status.ok() || fresh < run_) {
    Built(tenant, status.ok() ? fresh : 0);
    return done();
  }
  Run run;
  for (const Uuid& block : blocks) {
    const auto stored = transaction->Get(IndexKey(BlockPrefix(), block));
    if (!stored.ok() || !stored->has_value() || !run.AddBlock(**stored, block)) continue;
    transaction->Delete(IndexKey(prefix, block));
  }
  run.Put(*transaction);
  transaction->Commit(Durability::kRelaxed, [this, tenant, last = blocks.back(),
                                             done = std::move(done)](const absl::Status& written) {
    Built(tenant, 0, written.ok() ? std::optional<Uuid>(last) : std::nullopt);
    done();
  });
}

}  // namespace winnow::domain
