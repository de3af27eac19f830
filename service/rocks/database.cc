#include "service/rocks/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/rocks/directory.h"
#include "service/rocks/format.h"
#include "service/rocks/log_marks.h"

namespace winnow::rocks {
namespace {

// A log segment and its write buffer are turned over by the committer (see Committer::TurnOver).
// RocksDB must never do it on its own, so its limit lies well above.
constexpr size_t kWriteBufferHeadroom = 4;

rocksdb::CompressionType BestCompression() {
  const std::vector<rocksdb::CompressionType> supported = rocksdb::GetSupportedCompressions();
  for (auto type : {rocksdb::kLZ4Compression, rocksdb::kSnappyCompression}) {
    if (std::find(supported.begin(), supported.end(), type) != supported.end()) return type;
  }
  return rocksdb::kNoCompression;
}

rocksdb::Options MakeOptions(const RocksOptions& options, rocksdb::Env* env) {
  rocksdb::Options out;
  if (env != nullptr) out.env = env;
  out.paranoid_checks = true;
  // The default would open in silence after dropping everything behind a damaged record.
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // A synced log that has vanished or shrunk is an error too.
  out.track_and_verify_wals_in_manifest = true;
  out.write_buffer_size = std::max<size_t>(kWriteBufferHeadroom * options.log_bytes_max, 1 << 20);
  // What was just written is soon merged with what lies below, and compressed then.
  out.compression = BestCompression();
  out.compression_per_level = {rocksdb::kNoCompression, out.compression};
  // LZ4's acceleration: half the time for hashes and ids, of which hardly anything is saved anyway.
  out.compression_opts.level = -4;
  out.level_compaction_dynamic_level_bytes = true;
  out.max_background_jobs = 2;
  out.max_open_files = 1000;
  out.allow_concurrent_memtable_write = false;  // one writer
  out.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  out.max_log_file_size = 10 << 20;
  out.keep_log_file_num = 5;
  out.stats_dump_period_sec = 0;
  out.stats_persist_period_sec = 0;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  table.block_size = 8 << 10;
  table.cache_index_and_filter_blocks = true;
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return out;
}

// Of an attempt to open, where corruption means the store as a whole.
absl::Status OpenError(const rocksdb::Status& status, const std::string& path) {
  // A file that the database names and that is gone is damage as well.
  if (status.IsCorruption() ||
      status.ToString().find("No such file or directory") != std::string::npos) {
    return absl::DataLossError(StrCat("the store in ", path, " is damaged: ", status.ToString(),
                                      "; restore the whole directory from a backup"));
  }
  return ToStatus(status, StrCat("opening the store in ", path));
}

// Opens without changing anything. Where the log's end was lost with the power, sets `options` to
// take what stands before it.
absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenToLook(const std::string& path,
                                                        rocksdb::Options* options) {
  std::unique_ptr<rocksdb::DB> db;
  const auto open = [&](GapFilter* gaps) {
    rocksdb::Options look = *options;
    look.wal_filter = gaps;
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(look, path, &opened);
    db.reset(opened);
    return status;
  };
  GapFilter gaps;
  rocksdb::Status status = open(&gaps);
  if (!status.ok() && !(status.IsCorruption() && gaps.first_log().has_value())) {
    return OpenError(status, path);
  }
  // RocksDB takes some damage for the log's end and drops what is behind it: look for ourselves.
  ASSIGN_OR_RETURN(const LogState state,
                   JudgeLogs(options->env, path, gaps.first_log().value_or(0)));
  if (state == LogState::kDamaged) {
    return OpenError(rocksdb::Status::Corruption("the log lost commits that were durable"), path);
  }
  if (status.ok() && !gaps.found_gap()) return db;
  if (state == LogState::kSound) {
    if (status.ok()) status = rocksdb::Status::Corruption("the log lost commits");
    return OpenError(status, path);
  }
  options->wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.reset();
  GapFilter stop_at_gap;
  status = open(&stop_at_gap);
  if (!status.ok()) return OpenError(status, path);
  return db;
}

// What the store's own record says; nullopt in a database without anything.
absl::StatusOr<std::optional<Meta>> ReadMeta(rocksdb::DB* db, const std::string& path) {
  std::string stored;
  rocksdb::Status status =
      db->Get(rocksdb::ReadOptions(), rocksdb::Slice(kMetaKey.data(), kMetaKey.size()), &stored);
  if (status.ok()) {
    auto meta = DecodeMeta(stored);
    if (meta.ok()) return *std::move(meta);
    return absl::DataLossError(StrCat("the store in ", path,
                                      " is damaged: ", ToStd(meta.status().message()),
                                      "; restore the whole directory from a backup"));
  }
  if (!status.IsNotFound()) return OpenError(status, path);
  std::unique_ptr<rocksdb::Iterator> it(db->NewIterator(rocksdb::ReadOptions()));
  it->SeekToFirst();
  if (!it->status().ok()) return OpenError(it->status(), path);
  if (!it->Valid()) return std::nullopt;
  return absl::FailedPreconditionError(
      StrCat(path,
             " is a RocksDB database but not a Winnow store; give the store a directory of "
             "its own"));
}

absl::Status CheckFormat(const Meta& meta, const std::string& path) {
  if (meta.format <= kStoreFormat) return absl::OkStatus();
  return absl::FailedPreconditionError(StrCat("the store in ", path, " has format ", meta.format,
                                              " (made by ", meta.created_by,
                                              "), this program reads up to format ", kStoreFormat,
                                              "; run the version that wrote it, or a later one"));
}

// Held while we look, so that no other process opens the store meanwhile.
class DirectoryLock {
 public:
  explicit DirectoryLock(rocksdb::Env* env) : env_(env) {}
  ~DirectoryLock() {
    if (lock_ != nullptr) env_->UnlockFile(lock_).PermitUncheckedError();
  }
  absl::Status Take(const std::string& path) {
    rocksdb::Status status = env_->LockFile(path + "/LOCK", &lock_);
    if (status.ok()) return absl::OkStatus();
    lock_ = nullptr;
    absl::Status mapped = ToStatus(status, StrCat("locking the store in ", path));
    if (mapped.code() != absl::StatusCode::kUnavailable) return mapped;
    return absl::UnavailableError(StrCat("the store in ", path, " is already open (",
                                         status.ToString(),
                                         "); stop the other process or give this one its own"));
  }

 private:
  rocksdb::Env* env_;
  rocksdb::FileLock* lock_ = nullptr;
};

}  // namespace

absl::Status ToStatus(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = status.ToString();
  const std::string message = StrCat(what, ": ", text);
  if (status.IsNoSpace() || text.find("No space left") != std::string::npos ||
      text.find("Disk quota exceeded") != std::string::npos) {
    return absl::ResourceExhaustedError(StrCat(message, "; free some space"));
  }
  if (status.IsCorruption()) return absl::DataLossError(message);
  for (const char* denied :
       {"Permission denied", "Operation not permitted", "Read-only file system"}) {
    if (text.find(denied) != std::string::npos) {
      return absl::PermissionDeniedError(
          StrCat(message, "; let the user that runs the service read and write there"));
    }
  }
  return absl::UnavailableError(message);
}

class Database::ErrorListener : public rocksdb::EventListener {
 public:
  explicit ErrorListener(std::string path) : path_(std::move(path)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override {
    if (error->severity() < rocksdb::Status::Severity::kHardError) return;  // writes go on
    std::lock_guard lock(mutex_);
    error_ = ToStatus(*error, StrCat("the store in ", path_, " takes no more writes"));
  }
  void OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& info) override {
    if (!info.new_bg_error.ok()) return;
    std::lock_guard lock(mutex_);
    error_ = absl::OkStatus();
    ++recoveries_;
  }
  uint64_t recoveries() const {
    std::lock_guard lock(mutex_);
    return recoveries_;
  }
  absl::Status error() const {
    std::lock_guard lock(mutex_);
    return error_;
  }

 private:
  const std::string path_;
  mutable std::mutex mutex_;
  absl::Status error_;
  uint64_t recoveries_ = 0;
};

Database::Database() = default;

Database::~Database() {
  if (db_ != nullptr) db_->Close().PermitUncheckedError();
}

absl::Status Database::WriteError() const { return errors_->error(); }
uint64_t Database::recoveries() const { return errors_->recoveries(); }

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const RocksOptions& options,
                                                         rocksdb::Env* env) {
  const std::string& path = options.path;
  if (path.empty()) return absl::InvalidArgumentError("the store needs a path");
  ASSIGN_OR_RETURN(DirectoryState state, InspectDirectory(path));
  if (state != DirectoryState::kDatabase && !options.create_if_missing) {
    return absl::NotFoundError(StrCat("there is no store in ", path,
                                      "; give the directory of one, or allow it to be made"));
  }
  if (state == DirectoryState::kMissing) RETURN_IF_ERROR(CreateDirectory(path));

  rocksdb::Options db_options = MakeOptions(options, env);
  std::optional<Meta> meta;
  {
    DirectoryLock lock(db_options.env);
    RETURN_IF_ERROR(lock.Take(path));
    if (state == DirectoryState::kDatabase) {
      // Look before opening it for writing: what is damaged, newer or not ours is left as it is.
      std::unique_ptr<rocksdb::DB> db;
      ASSIGN_OR_RETURN(db, OpenToLook(path, &db_options));
      ASSIGN_OR_RETURN(meta, ReadMeta(db.get(), path));
      if (meta.has_value()) RETURN_IF_ERROR(CheckFormat(*meta, path));
    }
  }

  std::unique_ptr<Database> out(new Database());
  out->gaps_ = std::make_unique<GapFilter>();
  db_options.wal_filter = out->gaps_.get();
  out->errors_ = std::make_shared<ErrorListener>(path);
  db_options.listeners.push_back(out->errors_);
  db_options.create_if_missing = state != DirectoryState::kDatabase;
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(db_options, path, &opened);
  out->db_.reset(opened);
  if (!status.ok()) return OpenError(status, path);
  if (!meta.has_value()) {
    const std::string record = EncodeMeta({kStoreFormat, options.created_by});
    rocksdb::WriteOptions synced;
    synced.sync = true;
    status = out->db_->Put(synced, rocksdb::Slice(kMetaKey.data(), kMetaKey.size()), record);
    if (!status.ok()) return OpenError(status, path);
  }
  return out;
}

}  // namespace winnow::rocks
