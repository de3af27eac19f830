#include "tests/support/faulty_store.h"

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace winnow {
namespace {

enum class Kind { kFail, kLose, kDelay };

struct Fault {
  Kind kind;
  absl::Status status;
  size_t times;
  size_t skip;
};

// The faults of one kind of call.
struct Script {
  std::list<Fault> faults;
  size_t calls = 0;

  std::optional<Fault> Next() {
    ++calls;
    if (faults.empty()) return std::nullopt;
    Fault& fault = faults.front();
    if (fault.skip > 0) {
      --fault.skip;
      return std::nullopt;
    }
    Fault taken = fault;
    if (--fault.times == 0) faults.pop_front();
    return taken;
  }
};

}  // namespace

struct FaultyStore::Impl {
  domain::Store* inner;
  mutable std::mutex mutex;
  Script get, scan, commit;
  std::vector<std::function<void()>> held;
  absl::Status health;

  std::optional<Fault> Next(Script& script) {
    std::lock_guard lock(mutex);
    return script.Next();
  }
  void Add(Script& script, Kind kind, absl::Status status, size_t times, size_t skip) {
    if (times == 0) return;
    std::lock_guard lock(mutex);
    script.faults.push_back({kind, std::move(status), times, skip});
  }
};

class FaultyTransaction : public domain::Transaction {
 public:
  FaultyTransaction(std::shared_ptr<FaultyStore::Impl> store, std::string_view tenant)
      : store_(std::move(store)), tenant_(tenant), inner_(store_->inner->Begin(tenant)) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override {
    if (auto fault = store_->Next(store_->get)) return fault->status;
    return inner_->Get(key);
  }
  absl::Status Scan(std::string_view begin, std::string_view end, ScanOptions options,
                    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) override {
    if (auto fault = store_->Next(store_->scan)) return fault->status;
    return inner_->Scan(begin, end, options, visit);
  }
  void Put(std::string_view key, std::string_view value) override { inner_->Put(key, value); }
  void Delete(std::string_view key) override { inner_->Delete(key); }

  void Commit(domain::Durability durability, std::function<void(absl::Status)> done) override {
    auto fault = store_->Next(store_->commit);
    if (!fault.has_value()) {
      inner_->Commit(durability, std::move(done));
      return;
    }
    switch (fault->kind) {
      case Kind::kFail:
        // An empty commit brings us onto the inner store's thread.
        store_->inner->Begin(tenant_)->Commit(
            domain::Durability::kRelaxed,
            [status = fault->status, done = std::move(done)](absl::Status) { done(status); });
        return;
      case Kind::kLose:
        inner_->Commit(durability, [lost = fault->status, done = std::move(done)](
                                       absl::Status status) { done(status.ok() ? lost : status); });
        return;
      case Kind::kDelay:
        inner_->Commit(durability, [store = store_, done = std::move(done)](absl::Status status) {
          std::lock_guard lock(store->mutex);
          store->held.push_back([done, status] { done(status); });
        });
        return;
    }
  }

 private:
  std::shared_ptr<FaultyStore::Impl> store_;
  std::string tenant_;
  std::unique_ptr<domain::Transaction> inner_;
};

FaultyStore::FaultyStore(domain::Store* inner) : impl_(std::make_shared<Impl>()) {
  impl_->inner = inner;
}
FaultyStore::~FaultyStore() = default;

std::unique_ptr<domain::Transaction> FaultyStore::Begin(std::string_view tenant) {
  return std::make_unique<FaultyTransaction>(impl_, tenant);
}

absl::Status FaultyStore::Health() const {
  {
    std::lock_guard lock(impl_->mutex);
    if (!impl_->health.ok()) return impl_->health;
  }
  return impl_->inner->Health();
}

void FaultyStore::FailGet(absl::Status status, size_t times, size_t skip) {
  impl_->Add(impl_->get, Kind::kFail, std::move(status), times, skip);
}
void FaultyStore::FailScan(absl::Status status, size_t times, size_t skip) {
  impl_->Add(impl_->scan, Kind::kFail, std::move(status), times, skip);
}
void FaultyStore::FailCommit(absl::Status status, size_t times, size_t skip) {
  impl_->Add(impl_->commit, Kind::kFail, std::move(status), times, skip);
}
void FaultyStore::LoseAcknowledgement(absl::Status status, size_t times, size_t skip) {
  impl_->Add(impl_->commit, Kind::kLose, std::move(status), times, skip);
}
void FaultyStore::DelayAcknowledgement(size_t times, size_t skip) {
  impl_->Add(impl_->commit, Kind::kDelay, absl::OkStatus(), times, skip);
}

size_t FaultyStore::ReleaseDelayed() {
  std::vector<std::function<void()>> held;
  {
    std::lock_guard lock(impl_->mutex);
    held.swap(impl_->held);
  }
  for (auto& done : held) done();
  return held.size();
}

size_t FaultyStore::delayed() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->held.size();
}

void FaultyStore::SetHealth(absl::Status status) {
  std::lock_guard lock(impl_->mutex);
  impl_->health = std::move(status);
}

size_t FaultyStore::gets() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->get.calls;
}
size_t FaultyStore::scans() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->scan.calls;
}
size_t FaultyStore::commits() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->commit.calls;
}

}  // namespace winnow
