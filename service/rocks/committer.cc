#include "service/rocks/committer.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/rocks/format.h"

namespace winnow::rocks {
namespace {

// What a write costs in the log and the write buffer beside its own bytes.
constexpr size_t kWriteOverheadBytes = 64;

absl::Status Closed() { return absl::UnavailableError("the store is closed; nothing was written"); }

}  // namespace

size_t CommitRequest::bytes() const {
  size_t bytes = sizeof(*this);
  for (const auto& [key, value] : writes) {
    bytes += key.size() + (value.has_value() ? value->size() : 0) + kWriteOverheadBytes;
  }
  for (const auto& key : keys_read) bytes += key.size() + sizeof(key);
  for (const auto& range : ranges_read) {
    bytes += range.begin.size() + range.end.size() + sizeof(range);
  }
  return bytes;
}

Committer::Committer(const RocksOptions& options, const TestHooks& hooks, Database* database)
    : options_(options),
      never_sync_(hooks.never_sync),
      sync_interval_(absl::ToChronoNanoseconds(options.relaxed_sync_interval)),
      database_(database),
      recent_(options.recent_writes_bytes_max, database->db()->GetLatestSequenceNumber()) {
  committer_ = std::thread([this] { CommitLoop(); });
  completer_ = std::thread([this] { CompleteLoop(); });
}

Committer::~Committer() = default;

bool Committer::closed() const {
  std::lock_guard lock(mutex_);
  return closing_;
}

void Committer::Submit(CommitRequest request) {
  const size_t bytes = request.bytes();
  {
    std::lock_guard lock(mutex_);
    if (!closing_ || !closed_) {
      if (closing_) {
        request.refusal.Update(Closed());
      } else if (pending_commits_ >= options_.queue_commits_max ||
                 // A commit larger than the bound passes when it is alone.
                 (pending_commits_ > 0 && pending_bytes_ + bytes > options_.queue_bytes_max)) {
        request.refusal.Update(absl::UnavailableError(
            StrCat("the store's commit queue is full (", pending_commits_, " commits, ",
                   pending_bytes_, " bytes); nothing was written, try again later")));
      }
      if (!request.refusal.ok()) {
        // It still waits its turn, since `done` belongs to a thread of ours, but without its bytes.
        request.writes = {};
        request.keys_read = {};
        request.ranges_read = {};
      }
      ++pending_commits_;
      pending_bytes_ += request.bytes();
      queue_.push_back(std::move(request));
      submitted_.notify_one();
      return;
    }
  }
  request.done(Closed());
}

std::vector<CommitRequest> Committer::TakeGroup() {
  std::unique_lock lock(mutex_);
  auto woken = [&] { return closing_ || !queue_.empty(); };
  if (unsynced_since_.has_value()) {
    submitted_.wait_until(lock, *unsynced_since_ + sync_interval_, woken);
  } else {
    submitted_.wait(lock, woken);
  }
  std::vector<CommitRequest> group;
  size_t bytes = 0;
  while (!queue_.empty() && bytes < options_.batch_bytes_max) {
    bytes += queue_.front().bytes();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  pending_bytes_ -= bytes;
  return group;
}

void Committer::CommitLoop() {
  while (true) {
    std::vector<CommitRequest> group = TakeGroup();
    if (!group.empty()) {
      CommitGroup(std::move(group));
      continue;
    }
    if (unsynced_since_.has_value() && Clock::now() >= *unsynced_since_ + sync_interval_) {
      sync_error_.Update(Sync());
    }
    std::lock_guard lock(mutex_);
    if (!closing_ || !queue_.empty()) continue;
    closed_ = true;  // from here on Submit() completes by itself
    return;
  }
}

void Committer::CommitGroup(std::vector<CommitRequest> group) {
  const absl::Status prepared = Prepare();
  // Everything that this batch writes gets a sequence number above this one, every transaction in
  // it read at this one or below.
  const uint64_t before = database_->db()->GetLatestSequenceNumber();
  std::vector<absl::Status> outcomes(group.size());
  std::vector<CommitRequest*> accepted;
  // Where the group holds reads, each of its writes is known before the next request is judged.
  // Else what it writes need only be remembered for transactions that are open when it is written.
  const bool judges = std::any_of(group.begin(), group.end(), [](const CommitRequest& request) {
    return !request.keys_read.empty() || !request.ranges_read.empty();
  });
  bool sync = unsynced_since_.has_value() && Clock::now() >= *unsynced_since_ + sync_interval_;
  for (size_t i = 0; i < group.size(); ++i) {
    CommitRequest& request = group[i];
    if (!request.refusal.ok()) {
      outcomes[i] = request.refusal;
      continue;
    }
    if (!request.writes.empty()) {
      if (recent_.Conflicts(request.snapshot, request.keys_read, request.ranges_read)) {
        outcomes[i] = absl::AbortedError(
            "another transaction changed what this one had read; nothing was written, try again");
        continue;
      }
      if (judges) Remember({&request}, before + 1);
    }
    // Without writes there is nothing to judge: it read one state. A synced one still makes durable
    // what it may have read.
    sync = sync || request.durability == domain::Durability::kSynced;
    accepted.push_back(&request);
  }
  const absl::Status written = Write(accepted, sync, prepared);
  if (!written.ok()) {
    recent_.Reset(database_->db()->GetLatestSequenceNumber());
  } else if (!judges) {
    // A transaction marks itself before it takes its snapshot: one that is not counted here will
    // see this batch.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (open_transactions_.load() > 0) {
      Remember(accepted, before + 1);
    } else {
      recent_.Reset(database_->db()->GetLatestSequenceNumber());
    }
  }
  std::vector<Completion> completions;
  completions.reserve(group.size());
  for (size_t i = 0; i < group.size(); ++i) {
    if (outcomes[i].ok()) outcomes[i] = written;
    completions.push_back({std::move(group[i].done), std::move(outcomes[i])});
  }
  bool more;
  {
    std::lock_guard lock(mutex_);
    more = !queue_.empty();
  }
  if (!more && completions.size() == 1) {
    Complete(std::move(completions));  // nobody waits for us: spare a change of threads
    return;
  }
  std::lock_guard lock(completions_mutex_);
  completions_.push_back(std::move(completions));
  completed_.notify_one();
}

void Committer::Remember(const std::vector<CommitRequest*>& written, uint64_t sequence) {
  for (const CommitRequest* request : written) {
    for (const auto& [key, value] : request->writes) recent_.Add(key, sequence);
  }
}

absl::Status Committer::Write(const std::vector<CommitRequest*>& accepted, bool sync,
                              const absl::Status& prepared) {
  // In order of key, the later of two writes of a key behind the earlier: RocksDB's write buffer
  // looks for a key's place from where it put the last one.
  std::vector<const std::pair<std::string, std::optional<std::string>>*> writes;
  for (const CommitRequest* request : accepted) {
    for (const auto& write : request->writes) writes.push_back(&write);
  }
  std::stable_sort(writes.begin(), writes.end(),
                   [](const auto* a, const auto* b) { return a->first < b->first; });
  rocksdb::WriteBatch batch;
  batch.PutLogData(EncodeLogMark(mark_)).PermitUncheckedError();
  for (const auto* write : writes) {
    // Only memory can fail here.
    if (write->second.has_value()) {
      batch.Put(write->first, *write->second).PermitUncheckedError();
    } else {
      batch.Delete(write->first).PermitUncheckedError();
    }
  }
  if (batch.Count() == 0) return sync ? Sync() : absl::OkStatus();
  if (!prepared.ok()) return Failed(prepared, /*wrote=*/false);
  rocksdb::WriteOptions options;
  options.sync = sync && !never_sync_;
  const rocksdb::Status status = database_->db()->Write(options, &batch);
  if (!status.ok()) {
    log_prepared_ = false;
    return Failed(ToStatus(status, "writing a commit"), /*wrote=*/true);
  }
  if (sync) {
    unsynced_since_.reset();
    NoteDurable();
  } else if (!unsynced_since_.has_value()) {
    unsynced_since_ = Clock::now();
  }
  log_bytes_ += batch.GetDataSize() + batch.Count() * kWriteOverheadBytes;
  // The batch is written: what goes wrong from here on fails the next one.
  if (log_bytes_ >= options_.log_bytes_max) sync_error_.Update(TurnOver());
  return absl::OkStatus();
}

// Before the first commit of a log: puts something into RocksDB's memory, past the log. When the
// disk was full and has space again RocksDB writes its memory to a table and begins a new log, but
// only if there is something in it: else the next commit goes behind the half that it wrote of the
// last one, and where it has assertions it ends the process. After a failure this also tells
// whether RocksDB takes writes again, without touching its log; its listener may hear that too
// early.
absl::Status Committer::Prepare() {
  RETURN_IF_ERROR(database_->WriteError());
  const uint64_t recoveries = database_->recoveries();
  if (log_prepared_ && recoveries == recoveries_) return absl::OkStatus();
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  const rocksdb::Status status = database_->db()->Put(
      options, rocksdb::Slice(kFillerKey.data(), kFillerKey.size()), rocksdb::Slice());
  if (!status.ok()) return ToStatus(status, "preparing a log");
  log_prepared_ = true;
  recoveries_ = recoveries;
  // What came before is in tables, or in a log that was synced to its end.
  mark_.log_begin = database_->db()->GetLatestSequenceNumber();
  NoteDurable();
  return absl::OkStatus();
}

// Everything written so far is.
void Committer::NoteDurable() {
  if (!never_sync_) mark_.durable = database_->db()->GetLatestSequenceNumber();
}

absl::Status Committer::Sync() {
  if (!unsynced_since_.has_value()) return absl::OkStatus();
  // RocksDB must not be asked to sync a log it failed to write: where it has assertions (as Debian
  // builds it) it ends the process. It writes its memory to tables when it recovers.
  absl::Status error = Prepare();
  if (error.ok() && !never_sync_) {
    error = ToStatus(database_->db()->SyncWAL(), "making relaxed commits durable");
  }
  if (error.ok()) {
    unsynced_since_.reset();
    NoteDurable();
    return absl::OkStatus();
  }
  unsynced_since_ = Clock::now();  // what is not durable stays so until a later try
  return Failed(std::move(error), /*wrote=*/true);
}

// Begins a new log and writes the old one's contents to a table in the background. Done here,
// behind a sync, rather than by RocksDB when its buffer is full: it would leave relaxed commits
// unsynced in the old log while the new one grows, and power loss could then take commits from the
// middle.
absl::Status Committer::TurnOver() {
  RETURN_IF_ERROR(Sync());
  log_bytes_ = 0;
  log_prepared_ = false;
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  const rocksdb::Status status = database_->db()->Flush(options);
  return ToStatus(status, "turning over the log");
}

absl::Status Committer::Failed(absl::Status status, bool wrote) {
  // A full disk refuses the append itself; whatever else fails may have reached the log.
  const bool nothing = !wrote || (absl::IsResourceExhausted(status) &&
                                  status.message().find("appending") != absl::string_view::npos);
  if (nothing) {
    const absl::StatusCode code = absl::IsResourceExhausted(status)
                                      ? absl::StatusCode::kResourceExhausted
                                      : absl::StatusCode::kUnavailable;
    return absl::Status(code, absl::StrCat(status.message(), "; nothing was written"));
  }
  return absl::UnavailableError(
      absl::StrCat(status.message(), "; whether it was written is unknown"));
}

void Committer::Complete(std::vector<Completion> completions) {
  for (Completion& completion : completions) {
    completion.done(std::move(completion.status));
    completion.done = nullptr;  // what it holds goes before the count says so
  }
  std::lock_guard lock(mutex_);
  pending_commits_ -= completions.size();
}

void Committer::CompleteLoop() {
  while (true) {
    std::unique_lock lock(completions_mutex_);
    completed_.wait(lock, [&] { return no_more_completions_ || !completions_.empty(); });
    if (completions_.empty()) return;
    std::vector<Completion> next = std::move(completions_.front());
    completions_.pop_front();
    lock.unlock();
    Complete(std::move(next));
  }
}

absl::Status Committer::Close() {
  std::lock_guard closing(close_mutex_);
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
    submitted_.notify_one();
  }
  if (!committer_.joinable()) return absl::OkStatus();
  committer_.join();
  {
    std::lock_guard lock(completions_mutex_);
    no_more_completions_ = true;
    completed_.notify_one();
  }
  completer_.join();
  // No thread is left, so its state is ours.
  sync_error_.Update(Sync());
  return sync_error_;
}

}  // namespace winnow::rocks
