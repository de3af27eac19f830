// The RocksDB instance: opened with care, with every failure turned into a status that names the
// path and a remedy. Inside the room only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/rocks/rocks_store.h"

namespace rocksdb {
class DB;
class Env;
class Status;
}  // namespace rocksdb

namespace winnow::rocks {

class GapFilter;

// NoSpace is RESOURCE_EXHAUSTED, corruption DATA_LOSS, permission PERMISSION_DENIED, the rest
// UNAVAILABLE. `what` begins the message: "reading tenant 'a' key 'k'".
absl::Status ToStatus(const rocksdb::Status& status, std::string_view what);

// Thread safe.
class Database {
 public:
  // As RocksStore::Open(), on `env`'s files unless that is null.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const RocksOptions& options,
                                                        rocksdb::Env* env);
  ~Database();

  rocksdb::DB* db() const { return db_.get(); }

  // Why RocksDB takes no more writes; OK while it does, again after it has recovered.
  absl::Status WriteError() const;
  // How often it has recovered. Each time it wrote its memory to tables.
  uint64_t recoveries() const;

 private:
  class ErrorListener;
  Database();
  std::shared_ptr<ErrorListener> errors_;
  std::unique_ptr<GapFilter> gaps_;  // RocksDB keeps a pointer to it
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace winnow::rocks
