#include "service/rocks/transaction.h"

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>

#include <algorithm>
#include <utility>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/rocks/format.h"

namespace winnow::rocks {
namespace {

std::string_view ToView(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

}  // namespace

RocksTransaction::RocksTransaction(std::shared_ptr<const void> keep_alive, Database* database,
                                   Committer* committer, std::string_view tenant)
    : keep_alive_(std::move(keep_alive)),
      database_(database),
      committer_(committer),
      mark_(committer->MarkOpen()),
      snapshot_(database->db()->GetSnapshot()),
      prefix_(TenantPrefix(tenant)),
      tenant_end_(TenantEnd(tenant)) {}

RocksTransaction::~RocksTransaction() { ReleaseSnapshot(); }

void RocksTransaction::ReleaseSnapshot() {
  if (snapshot_ == nullptr) return;
  database_->db()->ReleaseSnapshot(snapshot_);
  snapshot_ = nullptr;
}

absl::Status RocksTransaction::CheckOpen() const {
  if (committer_->closed()) return absl::UnavailableError("the store is closed");
  return absl::OkStatus();
}

std::string RocksTransaction::StoredKey(std::string_view key) const { return StrCat(prefix_, key); }

absl::StatusOr<std::optional<std::string>> RocksTransaction::Get(std::string_view key) {
  if (auto own = writes_.find(key); own != writes_.end()) return own->second;
  RETURN_IF_ERROR(CheckOpen());
  if (key.empty() || key.size() > domain::kStoreKeyBytesMax) return std::nullopt;
  const std::string stored_key = StoredKey(key);
  keys_read_.insert(stored_key);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  rocksdb::PinnableSlice sealed;
  const rocksdb::Status status =
      database_->db()->Get(options, database_->db()->DefaultColumnFamily(), stored_key, &sealed);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return ToStatus(status, StrCat("reading ", DescribeKey(stored_key)));
  ASSIGN_OR_RETURN(std::string_view value, OpenValue(stored_key, ToView(sealed)));
  return std::string(value);
}

absl::Status RocksTransaction::Scan(
    std::string_view begin, std::string_view end, ScanOptions options,
    absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) {
  RETURN_IF_ERROR(CheckOpen());
  KeyRange range{StoredKey(begin), end.empty() ? tenant_end_ : StoredKey(end)};
  if (options.limit == 0 || range.begin >= range.end) return absl::OkStatus();

  // A copy, so that `visit` may write to this transaction.
  const auto own_begin = writes_.lower_bound(begin);
  const auto own_end = end.empty() ? writes_.end() : writes_.lower_bound(end);
  std::vector<std::pair<std::string, std::optional<std::string>>> own(own_begin, own_end);
  if (options.reverse) std::reverse(own.begin(), own.end());

  rocksdb::ReadOptions read;
  read.snapshot = snapshot_;
  const rocksdb::Slice lower = range.begin, upper = range.end;
  read.iterate_lower_bound = &lower;
  read.iterate_upper_bound = &upper;
  std::unique_ptr<rocksdb::Iterator> it(database_->db()->NewIterator(read));
  if (options.reverse) {
    it->SeekToLast();
  } else {
    it->SeekToFirst();
  }

  // Merges the two, own writes over stored ones.
  auto next_own = own.begin();
  size_t visited = 0;
  bool stopped = false;
  std::string last;
  while (!stopped && (it->Valid() || next_own != own.end())) {
    int order;  // < 0: the stored key comes first
    if (!it->Valid()) {
      if (!it->status().ok()) break;
      order = 1;
    } else if (next_own == own.end()) {
      order = -1;
    } else {
      order = ToView(it->key()).substr(prefix_.size()).compare(next_own->first);
      if (options.reverse) order = -order;
    }
    if (order < 0) {
      const std::string_view stored_key = ToView(it->key());
      ASSIGN_OR_RETURN(std::string_view value, OpenValue(stored_key, ToView(it->value())));
      last = stored_key.substr(prefix_.size());
      stopped = !visit(last, value) || ++visited == options.limit;
    } else if (next_own->second.has_value()) {
      last = next_own->first;
      stopped = !visit(last, *next_own->second) || ++visited == options.limit;
    }
    if (order <= 0) {
      if (options.reverse) {
        it->Prev();
      } else {
        it->Next();
      }
    }
    if (order >= 0) ++next_own;
  }
  if (!it->status().ok()) {
    return ToStatus(it->status(), StrCat("scanning from ", DescribeKey(range.begin), " to ",
                                         DescribeKey(range.end)));
  }
  if (stopped) {  // what lies beyond was not read
    if (options.reverse) {
      range.begin = StoredKey(last);
    } else {
      range.end = StoredKey(last) + '\0';
    }
  }
  ranges_read_.push_back(std::move(range));
  return absl::OkStatus();
}

void RocksTransaction::Put(std::string_view key, std::string_view value) {
  if (value.size() > domain::kStoreValueBytesMax) {
    refusal_.Update(absl::InvalidArgumentError(StrCat("a value has ", value.size(),
                                                      " bytes, the store takes up to ",
                                                      domain::kStoreValueBytesMax)));
    return;
  }
  Write(key, std::string(value));
}

void RocksTransaction::Delete(std::string_view key) { Write(key, std::nullopt); }

void RocksTransaction::Write(std::string_view key, std::optional<std::string> value) {
  if (key.empty() || key.size() > domain::kStoreKeyBytesMax) {
    refusal_.Update(absl::InvalidArgumentError(StrCat(
        "a key has ", key.size(), " bytes, the store takes 1 to ", domain::kStoreKeyBytesMax)));
    return;
  }
  writes_.insert_or_assign(std::string(key), std::move(value));
}

void RocksTransaction::Commit(domain::Durability durability,
                              std::function<void(absl::Status)> done) {
  CommitRequest request;
  request.snapshot = snapshot_->GetSequenceNumber();
  ReleaseSnapshot();
  request.durability = durability;
  request.refusal = refusal_;
  request.done = std::move(done);
  if (refusal_.ok() && !writes_.empty()) {
    request.keys_read.reserve(keys_read_.size());
    while (!keys_read_.empty()) {
      request.keys_read.push_back(std::move(keys_read_.extract(keys_read_.begin()).value()));
    }
    request.ranges_read = std::move(ranges_read_);
    request.writes.reserve(writes_.size());
    for (auto& [key, value] : writes_) {
      std::string stored_key = StoredKey(key);
      if (value.has_value()) *value = SealValue(stored_key, *value);
      request.writes.emplace_back(std::move(stored_key), std::move(value));
    }
    writes_.clear();
    if (!request.keys_read.empty() || !request.ranges_read.empty()) {
      request.mark = std::move(mark_);
    }
  }
  mark_.Reset();
  committer_->Submit(std::move(request));
}

}  // namespace winnow::rocks
