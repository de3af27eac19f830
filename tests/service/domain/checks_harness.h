// Checks over a fake store, a small pack and either real pools or executors that the test runs.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "service/domain/checks.h"
#include "service/system/thread_pool.h"
#include "service/system/uuid_v7.h"
#include "tests/support/fake_store.h"
#include "tests/support/faulty_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/manual_executor.h"

namespace winnow::domain {

// Rules whose words stand for themselves: "blockword" and "网上赌场" block as
// vice_violence/gambling, "reviewword" asks for review as rumors, "trialword" is found by a rule on
// trial, which is not acted on.
std::shared_ptr<const Checker> SmallChecker();
// The same with one more rule, so that its revision is another.
std::shared_ptr<const Checker> OtherChecker();

// Passes everything on and notes how durable each commit had to be.
class DurabilityLog : public Store {
 public:
  explicit DurabilityLog(Store* inner) : inner_(inner) {}
  std::unique_ptr<Transaction> Begin(std::string_view tenant) override;
  absl::Status Health() const override { return inner_->Health(); }
  std::vector<Durability> Take();

 private:
  class LoggingTransaction;
  Store* const inner_;
  std::mutex mutex_;
  std::vector<Durability> log_;
};

// What a call gave once it has; a call gives exactly one.
template <typename T>
class Outcome {
 public:
  std::function<void(absl::StatusOr<T>)> done() {
    return [state = state_](absl::StatusOr<T> value) { state->set_value(std::move(value)); };
  }
  bool ready() const {
    return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  absl::StatusOr<T> Wait() { return future_.get(); }

 private:
  // Shared with the callback, which may still be inside set_value() when Wait() returns.
  std::shared_ptr<std::promise<absl::StatusOr<T>>> state_ =
      std::make_shared<std::promise<absl::StatusOr<T>>>();
  std::future<absl::StatusOr<T>> future_ = state_->get_future();
};

// `text` as field "note" of an order.
ContentCheck Order(std::string content_id, std::string text, std::string account_id = "ann");
// The same under a request id; the digest is made of content id and text.
ContentCheck OrderAs(std::string request_id, std::string content_id, std::string text);
// A request id of its own for each n.
std::string RequestId(int n);

enum class Pools { kThreads, kManual };

struct Harness {
  explicit Harness(Pools pools = Pools::kThreads,
                   FakeStore::Completion completion = FakeStore::Completion::kOwnThread);
  ~Harness();

  // A new Checks over the same store, as after a restart.
  void Restart();
  std::unique_ptr<Checks> MakeChecks();

  absl::StatusOr<Verdict> Check(ContentCheck check);
  absl::StatusOr<Verdict> ScanText(ContentCheck check);
  absl::StatusOr<std::vector<absl::StatusOr<Verdict>>> Batch(std::vector<ContentCheck> checks);
  // The same as a PlainBatch; the checks must be plain.
  absl::StatusOr<std::vector<absl::StatusOr<Verdict>>> PlainBatchOf(
      std::vector<ContentCheck> checks);
  absl::StatusOr<Verdict> Get(const Verdict& verdict);
  absl::StatusOr<VerdictPage> List(int32_t page_size, std::string token, std::string filter);
  // All pages together.
  absl::StatusOr<std::vector<Verdict>> ListAll(int32_t page_size, const std::string& filter);
  // Sends `bytes` in pieces of `chunk` bytes.
  absl::StatusOr<Verdict> File(FileHeader header, std::string_view bytes, size_t chunk);

  size_t keys() const { return store.KeyCount("acme"); }
  // Runs what waits in manual executors and the by-test store until nothing does.
  void RunAll();

  ManualClock clock;
  system::UuidV7Generator ids{&clock};
  FakeStore store;
  FaultyStore faulty{&store};
  DurabilityLog log{&faulty};
  std::shared_ptr<const Checker> next_checker = SmallChecker();
  PacksInUse packs;
  ManualExecutor manual_scan, manual_io;
  std::unique_ptr<system::ThreadPool> scan_threads, io_threads;
  Checks::Options options;
  Store* other_store = nullptr;  // used instead of `store` by the next MakeChecks()
  std::unique_ptr<Checks> checks;
};

// Everything but what tells one call from another: id, times, token, request id.
std::string Essence(const Verdict& verdict);
std::string ReasonOf(const absl::Status& status);

}  // namespace winnow::domain
