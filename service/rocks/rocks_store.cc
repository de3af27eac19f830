#include "service/rocks/rocks_store.h"

#include <utility>

#include "engine/base/status_macros.h"
#include "service/rocks/committer.h"
#include "service/rocks/database.h"
#include "service/rocks/test_hooks.h"
#include "service/rocks/transaction.h"

namespace winnow::rocks {

// Shared with the transactions, which may outlive the store.
struct RocksStore::Core {
  Core(const RocksOptions& options, const TestHooks& hooks, std::unique_ptr<Database> opened)
      : database(std::move(opened)), committer(options, hooks, database.get()) {}

  std::unique_ptr<Database> database;
  Committer committer;
};

absl::StatusOr<std::unique_ptr<RocksStore>> RocksStore::Open(RocksOptions options) {
  return OpenForTest(std::move(options), TestHooks());
}

absl::StatusOr<std::unique_ptr<RocksStore>> RocksStore::OpenForTest(RocksOptions options,
                                                                    const TestHooks& hooks) {
  ASSIGN_OR_RETURN(std::unique_ptr<Database> database, Database::Open(options, hooks.env));
  return std::unique_ptr<RocksStore>(
      new RocksStore(std::make_shared<Core>(options, hooks, std::move(database))));
}

RocksStore::RocksStore(std::shared_ptr<Core> core) : core_(std::move(core)) {}

RocksStore::~RocksStore() { Close().IgnoreError(); }

std::unique_ptr<domain::Transaction> RocksStore::Begin(std::string_view tenant) {
  return std::make_unique<RocksTransaction>(core_, core_->database.get(), &core_->committer,
                                            tenant);
}

absl::Status RocksStore::Health() const {
  if (core_->committer.closed()) return absl::UnavailableError("the store is closed");
  return core_->database->WriteError();
}

absl::Status RocksStore::Close() { return core_->committer.Close(); }

}  // namespace winnow::rocks
