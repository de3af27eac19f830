#include "tests/support/fake_store.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace winnow {
namespace {

// Every version a key ever had, by the commit that wrote it; nullopt is a deletion.
using Versions = std::map<uint64_t, std::optional<std::string>>;
using Keys = std::map<std::string, Versions>;
using Writes = std::map<std::string, std::optional<std::string>>;

struct Range {
  std::string begin;
  std::string end;  // empty: no upper bound
  bool Holds(const std::string& key) const { return key >= begin && (end.empty() || key < end); }
};

// What `versions` held after commit `sequence`.
std::optional<std::string> At(const Versions& versions, uint64_t sequence) {
  auto after = versions.upper_bound(sequence);
  if (after == versions.begin()) return std::nullopt;
  return std::prev(after)->second;
}

absl::Status Closed() { return absl::UnavailableError("the store is closed"); }

}  // namespace

struct FakeStore::Impl {
  struct Pending {
    std::string tenant;
    uint64_t begin_sequence = 0;
    std::set<std::string> points;
    std::vector<Range> ranges;
    Writes writes;
    absl::Status status;  // a refusal known before the turn came
    std::function<void(absl::Status)> done;
  };

  explicit Impl(Completion how) : completion(how) {}

  const Completion completion;
  mutable std::mutex mutex;
  std::condition_variable work;
  std::map<std::string, Keys> tenants;
  uint64_t sequence = 0;  // of the last commit with writes
  std::deque<Pending> queue;
  bool closed = false;
  std::thread thread;

  // The caller holds `mutex`.
  absl::Status Apply(const Pending& pending) {
    if (!pending.status.ok()) return pending.status;
    if (pending.writes.empty()) return absl::OkStatus();  // read one state: that of its begin
    Keys& keys = tenants[pending.tenant];
    for (const auto& [key, versions] : keys) {
      if (versions.rbegin()->first <= pending.begin_sequence) continue;
      bool read = pending.points.contains(key);
      for (const Range& range : pending.ranges) read = read || range.Holds(key);
      if (read) return absl::AbortedError("changed since it was read by this transaction");
    }
    ++sequence;
    for (const auto& [key, value] : pending.writes) keys[key][sequence] = value;
    return absl::OkStatus();
  }

  bool CompleteNext() {
    std::function<void(absl::Status)> done;
    absl::Status status;
    {
      std::lock_guard lock(mutex);
      if (queue.empty()) return false;
      Pending pending = std::move(queue.front());
      queue.pop_front();
      status = Apply(pending);
      done = std::move(pending.done);
    }
    done(std::move(status));
    return true;
  }

  void Run() {
    while (true) {
      {
        std::unique_lock lock(mutex);
        work.wait(lock, [&] { return closed || !queue.empty(); });
        if (queue.empty()) return;
      }
      CompleteNext();
    }
  }
};

class FakeTransaction : public domain::Transaction {
 public:
  FakeTransaction(std::shared_ptr<FakeStore::Impl> store, std::string_view tenant)
      : store_(std::move(store)) {
    pending_.tenant = std::string(tenant);
    std::lock_guard lock(store_->mutex);
    pending_.begin_sequence = store_->sequence;
  }

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override {
    std::string name(key);
    if (auto own = pending_.writes.find(name); own != pending_.writes.end()) return own->second;
    std::lock_guard lock(store_->mutex);
    if (store_->closed) return Closed();
    pending_.points.insert(name);
    const Keys& keys = store_->tenants[pending_.tenant];
    auto it = keys.find(name);
    if (it == keys.end()) return std::nullopt;
    return At(it->second, pending_.begin_sequence);
  }

  absl::Status Scan(std::string_view begin, std::string_view end, ScanOptions options,
                    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) override {
    Range range{std::string(begin), std::string(end)};
    if (options.limit == 0) return absl::OkStatus();
    std::map<std::string, std::string> found;
    {
      std::lock_guard lock(store_->mutex);
      if (store_->closed) return Closed();
      for (const auto& [key, versions] : store_->tenants[pending_.tenant]) {
        auto value = At(versions, pending_.begin_sequence);
        if (range.Holds(key) && value.has_value()) found[key] = *value;
      }
    }
    for (const auto& [key, value] : pending_.writes) {
      if (!range.Holds(key)) continue;
      found.erase(key);
      if (value.has_value()) found[key] = *value;
    }
    std::vector<std::pair<std::string, std::string>> ordered(found.begin(), found.end());
    if (options.reverse) ordered = {ordered.rbegin(), ordered.rend()};
    size_t visited = 0;
    for (const auto& [key, value] : ordered) {
      bool more = visit(key, value);
      ++visited;
      if (more && visited < options.limit) continue;
      // Stopped here: what lies beyond was not read.
      if (options.reverse) {
        range.begin = key;
      } else {
        range.end = key + '\0';
      }
      break;
    }
    pending_.ranges.push_back(std::move(range));
    return absl::OkStatus();
  }

  void Put(std::string_view key, std::string_view value) override {
    if (value.size() > domain::kStoreValueBytesMax) {
      Refuse("a value is longer than the store takes");
    }
    Write(key, std::string(value));
  }
  void Delete(std::string_view key) override { Write(key, std::nullopt); }

  void Commit(domain::Durability durability, std::function<void(absl::Status)> done) override {
    pending_.done = std::move(done);
    {
      std::lock_guard lock(store_->mutex);
      if (!store_->closed) {
        store_->queue.push_back(std::move(pending_));
        store_->work.notify_one();
        return;
      }
    }
    pending_.done(Closed());  // no thread of the store is left
  }

 private:
  void Write(std::string_view key, std::optional<std::string> value) {
    if (key.empty()) Refuse("a key is empty");
    if (key.size() > domain::kStoreKeyBytesMax) Refuse("a key is longer than the store takes");
    pending_.writes[std::string(key)] = std::move(value);
  }
  void Refuse(const char* why) { pending_.status.Update(absl::InvalidArgumentError(why)); }

  std::shared_ptr<FakeStore::Impl> store_;
  FakeStore::Impl::Pending pending_;
};

FakeStore::FakeStore(Completion completion) : impl_(std::make_shared<Impl>(completion)) {
  if (completion == Completion::kOwnThread) impl_->thread = std::thread([this] { impl_->Run(); });
}

FakeStore::~FakeStore() {
  if (impl_->completion == Completion::kByTest) CompleteAll();
  {
    std::lock_guard lock(impl_->mutex);
    impl_->closed = true;
    impl_->work.notify_one();
  }
  if (impl_->thread.joinable()) impl_->thread.join();
}

std::unique_ptr<domain::Transaction> FakeStore::Begin(std::string_view tenant) {
  return std::make_unique<FakeTransaction>(impl_, tenant);
}

absl::Status FakeStore::Health() const { return absl::OkStatus(); }

bool FakeStore::CompleteNext() { return impl_->CompleteNext(); }

size_t FakeStore::CompleteAll() {
  size_t count = 0;
  while (CompleteNext()) ++count;
  return count;
}

size_t FakeStore::queued() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->queue.size();
}

size_t FakeStore::KeyCount(std::string_view tenant) const {
  std::lock_guard lock(impl_->mutex);
  size_t count = 0;
  for (const auto& [key, versions] : impl_->tenants[std::string(tenant)]) {
    count += versions.rbegin()->second.has_value();
  }
  return count;
}

}  // namespace winnow
