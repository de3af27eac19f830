// Tells a log whose end the power took, which is no damage, from one that lost what was durable.
// Inside the room only.
//
// RocksDB cannot tell: to it a commit that it cannot read is the same, synced or not. So each
// commit carries a mark in the log that says how far the log was durable when it was written. When
// something in the log cannot be read and a later commit's mark covers it, it was durable and is
// lost: damage. When no mark covers it, nobody was promised that it stays, and all behind it is
// dropped, so that what remains is a state that once was.
#pragma once

#include <rocksdb/wal_filter.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace winnow::rocks {

// In sequence numbers, of which each write has one.
struct LogMark {
  uint64_t durable = 0;    // everything up to this one is
  uint64_t log_begin = 0;  // the log's first commit has the next one
};
std::string EncodeLogMark(const LogMark& mark);
std::optional<LogMark> DecodeLogMark(std::string_view bytes);

// One commit in a log.
struct LoggedCommit {
  uint64_t sequence = 0;  // of its first write
  uint32_t count = 0;
  std::optional<LogMark> mark;  // commits of other programs have none
};

// Follows commits in the order of the log and notices when one is missing.
class LogChain {
 public:
  // The sequence number of the first write that is missing before `commit`, or nullopt.
  std::optional<uint64_t> Follow(const LoggedCommit& commit);
  // What cannot be read lies behind the commits followed so far.
  void Break() { broken_ = true; }

 private:
  std::optional<uint64_t> end_;        // the last write's
  std::optional<uint64_t> log_begin_;  // of the last mark
  bool broken_ = false;
};

// Stops RocksDB's replay where a commit is missing, which it does not notice where the bytes are
// zero. For one attempt to open.
class GapFilter : public rocksdb::WalFilter {
 public:
  const char* Name() const override { return "winnow.GapFilter"; }
  WalProcessingOption LogRecordFound(unsigned long long log_number, const std::string& file_name,
                                     const rocksdb::WriteBatch& batch,
                                     rocksdb::WriteBatch* new_batch, bool* batch_changed) override;
  void ColumnFamilyLogNumberMap(const std::map<uint32_t, uint64_t>& log_numbers,
                                const std::map<std::string, uint32_t>& names) override;

  bool found_gap() const { return found_gap_; }
  // The first log that is replayed: what older ones held is in tables. nullopt: it did not come to
  // that.
  std::optional<uint64_t> first_log() const { return first_log_; }

 private:
  std::optional<uint64_t> first_log_;
  LogChain chain_;
  bool found_gap_ = false;
};

enum class LogState {
  kSound,    // or cut short at its end, which RocksDB knows how to take
  kTorn,     // something that was not durable cannot be read
  kDamaged,  // something that was durable cannot be read
};

// Reads the logs in `directory` from number `first` on.
absl::StatusOr<LogState> JudgeLogs(rocksdb::Env* env, const std::string& directory, uint64_t first);

}  // namespace winnow::rocks
