#include "service/rocks/log_marks.h"

#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "engine/base/strings.h"
#include "service/rocks/crc32c.h"
#include "service/rocks/database.h"

namespace winnow::rocks {
namespace {

constexpr std::string_view kMarkMagic{"wm\1", 3};

template <typename T>
T Load(std::string_view bytes) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<T>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  }
  return value;
}

// A commit as it stands in the log: RocksDB's sequence number and count, then the mark, which we
// write first.
LoggedCommit ParseCommit(std::string_view bytes) {
  constexpr size_t kHeaderBytes = 12;
  constexpr char kLogData = 3;
  LoggedCommit commit;
  if (bytes.size() < kHeaderBytes) return commit;
  commit.sequence = Load<uint64_t>(bytes);
  commit.count = Load<uint32_t>(bytes.substr(8));
  bytes.remove_prefix(kHeaderBytes);
  if (bytes.size() > 2 && bytes[0] == kLogData && static_cast<uint8_t>(bytes[1]) < 0x80) {
    commit.mark = DecodeLogMark(bytes.substr(2, static_cast<uint8_t>(bytes[1])));
  }
  return commit;
}

// Reads RocksDB's log files: blocks of 32 KiB, records that do not cross them, each with a masked
// CRC-32C over type and payload; a commit is one record or a first, some middle and a last one.
class LogReader {
 public:
  LogReader(std::string_view bytes, LogChain* chain, std::vector<LoggedCommit>* behind_gap)
      : bytes_(bytes), chain_(chain), behind_gap_(behind_gap) {}

  // The first write that is missing, if one is.
  void Read(std::optional<uint64_t>* missing) {
    while (at_ + kHeaderBytes <= bytes_.size()) {
      const size_t left = kBlockBytes - at_ % kBlockBytes;
      if (left < kHeaderBytes) {
        at_ += left;
        continue;
      }
      const std::optional<Record> record = RecordAt(at_);
      if (!record.has_value()) {
        unreadable_ = true;
        if (!SkipUnreadable()) return;
        continue;
      }
      at_ += kHeaderBytes + record->payload.size();
      Take(*record, missing);
    }
  }

  bool unreadable() const { return unreadable_; }

 private:
  static constexpr size_t kBlockBytes = 32768;
  static constexpr size_t kHeaderBytes = 7;
  enum Type : uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };
  struct Record {
    Type type;
    std::string_view payload;
  };

  std::optional<Record> RecordAt(size_t at) const {
    const size_t block_left = std::min(kBlockBytes - at % kBlockBytes, bytes_.size() - at);
    if (block_left < kHeaderBytes) return std::nullopt;
    const size_t size = Load<uint16_t>(bytes_.substr(at + 4));
    const auto type = static_cast<uint8_t>(bytes_[at + 6]);
    if (type < kFull || type > kLast || kHeaderBytes + size > block_left) return std::nullopt;
    const uint32_t masked = Load<uint32_t>(bytes_.substr(at)) - 0xa282ead8u;
    const uint32_t expected = masked >> 17 | masked << 15;
    if (Crc32c(0, bytes_.substr(at + 6, 1 + size)) != expected) return std::nullopt;
    return Record{static_cast<Type>(type), bytes_.substr(at + kHeaderBytes, size)};
  }

  // Goes on to the next record that can be read. False when there is none: what stands here may be
  // the cut-off end.
  bool SkipUnreadable() {
    for (size_t at = at_ + 1; at + kHeaderBytes <= bytes_.size(); ++at) {
      if (!RecordAt(at).has_value()) continue;
      at_ = at;
      chain_->Break();
      commit_.reset();
      return true;
    }
    return false;
  }

  void Take(const Record& record, std::optional<uint64_t>* missing) {
    if (record.type == kFull || record.type == kFirst) {
      if (commit_.has_value()) chain_->Break();  // its end is missing
      commit_.emplace(record.payload);
    } else if (commit_.has_value()) {
      commit_->append(record.payload);
    } else {
      chain_->Break();
    }
    if ((record.type != kFull && record.type != kLast) || !commit_.has_value()) return;
    const LoggedCommit commit = ParseCommit(*commit_);
    commit_.reset();
    if (!missing->has_value()) *missing = chain_->Follow(commit);
    if (missing->has_value()) behind_gap_->push_back(commit);
  }

  const std::string_view bytes_;
  LogChain* const chain_;
  std::vector<LoggedCommit>* const behind_gap_;
  size_t at_ = 0;
  bool unreadable_ = false;
  std::optional<std::string> commit_;  // the part of one read so far
};

}  // namespace

std::string EncodeLogMark(const LogMark& mark) {
  std::string out(kMarkMagic);
  for (uint64_t value : {mark.durable, mark.log_begin}) {
    for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  }
  return out;
}

std::optional<LogMark> DecodeLogMark(std::string_view bytes) {
  if (bytes.size() < kMarkMagic.size() + 16 || !bytes.starts_with(kMarkMagic)) return std::nullopt;
  bytes.remove_prefix(kMarkMagic.size());
  return LogMark{Load<uint64_t>(bytes), Load<uint64_t>(bytes.substr(8))};
}

std::optional<uint64_t> LogChain::Follow(const LoggedCommit& commit) {
  std::optional<uint64_t> missing;
  const bool begins_log = commit.mark.has_value() && commit.sequence == commit.mark->log_begin + 1;
  const bool same_log =
      !commit.mark.has_value() || !log_begin_.has_value() || commit.mark->log_begin == *log_begin_;
  const bool follows = end_.has_value() && commit.sequence == *end_ + 1;
  if (commit.mark.has_value() && !begins_log && !(follows && !broken_)) {
    missing = same_log && end_.has_value() ? *end_ + 1 : commit.mark->log_begin + 1;
  } else if (broken_) {
    missing = end_.has_value() ? *end_ + 1 : 1;
  }
  end_ = commit.sequence + std::max<uint64_t>(commit.count, 1) - 1;
  if (commit.mark.has_value()) log_begin_ = commit.mark->log_begin;
  broken_ = false;
  return missing;
}

GapFilter::WalProcessingOption GapFilter::LogRecordFound(unsigned long long, const std::string&,
                                                         const rocksdb::WriteBatch& batch,
                                                         rocksdb::WriteBatch*, bool*) {
  if (!found_gap_) found_gap_ = chain_.Follow(ParseCommit(batch.Data())).has_value();
  return found_gap_ ? WalProcessingOption::kStopReplay : WalProcessingOption::kContinueProcessing;
}

void GapFilter::ColumnFamilyLogNumberMap(const std::map<uint32_t, uint64_t>& log_numbers,
                                         const std::map<std::string, uint32_t>&) {
  for (const auto& [family, number] : log_numbers) {
    first_log_ = std::min(first_log_.value_or(number), number);
  }
}

absl::StatusOr<LogState> JudgeLogs(rocksdb::Env* env, const std::string& directory,
                                   uint64_t first) {
  std::vector<std::string> names;
  rocksdb::Status status = env->GetChildren(directory, &names);
  if (!status.ok()) return ToStatus(status, StrCat("listing ", directory));
  std::vector<std::pair<uint64_t, std::string>> logs;
  for (const std::string& name : names) {
    constexpr std::string_view kEnd = ".log";
    uint64_t number = 0;
    if (name.ends_with(kEnd) &&
        absl::SimpleAtoi(absl::string_view(name.data(), name.size() - kEnd.size()), &number) &&
        number >= first) {
      logs.emplace_back(number, name);
    }
  }
  std::sort(logs.begin(), logs.end());

  LogChain chain;
  std::optional<uint64_t> missing;
  std::vector<LoggedCommit> behind_gap;
  bool unreadable = false;
  for (const auto& [number, name] : logs) {
    std::string bytes;
    status = rocksdb::ReadFileToString(env, StrCat(directory, "/", name), &bytes);
    if (!status.ok()) return ToStatus(status, StrCat("reading ", directory, "/", name));
    LogReader reader(bytes, &chain, &behind_gap);
    reader.Read(&missing);
    unreadable = unreadable || reader.unreadable();
  }
  for (const LoggedCommit& commit : behind_gap) {
    if (commit.mark.has_value() && commit.mark->durable >= *missing) return LogState::kDamaged;
  }
  return missing.has_value() || unreadable ? LogState::kTorn : LogState::kSound;
}

}  // namespace winnow::rocks
