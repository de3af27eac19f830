// One transaction: reads from a snapshot under its own writes, and remembers what it read. Inside
// the room only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "service/domain/ports/store.h"
#include "service/rocks/committer.h"
#include "service/rocks/database.h"

namespace rocksdb {
class Snapshot;
}  // namespace rocksdb

namespace winnow::rocks {

class RocksTransaction : public domain::Transaction {
 public:
  // `keep_alive` owns the database and the committer, which may be closed meanwhile.
  RocksTransaction(std::shared_ptr<const void> keep_alive, Database* database, Committer* committer,
                   std::string_view tenant);
  ~RocksTransaction() override;

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override;
  absl::Status Scan(
      std::string_view begin, std::string_view end, ScanOptions options,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) override;
  void Put(std::string_view key, std::string_view value) override;
  void Delete(std::string_view key) override;
  void Commit(domain::Durability durability, std::function<void(absl::Status)> done) override;

 private:
  using Writes = std::map<std::string, std::optional<std::string>, std::less<>>;

  absl::Status CheckOpen() const;
  std::string StoredKey(std::string_view key) const;
  void Write(std::string_view key, std::optional<std::string> value);
  void ReleaseSnapshot();

  std::shared_ptr<const void> keep_alive_;
  Database* database_;
  Committer* committer_;
  OpenMark mark_;                      // before the snapshot
  const rocksdb::Snapshot* snapshot_;  // null once committed
  const std::string prefix_;
  const std::string tenant_end_;
  absl::Status refusal_;
  Writes writes_;                    // by the caller's key
  std::set<std::string> keys_read_;  // stored keys
  std::vector<KeyRange> ranges_read_;
};

}  // namespace winnow::rocks
