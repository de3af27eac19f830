// A process of its own for tests that kill it, or that need the store held by another: opens the
// store, says "open", then commits without end and says of each commit that was acknowledged
// "<writer> <n>". Says "error <status>" and exits 1 when the store does not open. With "hold" it
// only holds the store until its input ends.
//
// usage: rocks_crash_child DIRECTORY hold
//        rocks_crash_child DIRECTORY FIRST...    one writer for each, from that number on
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "service/rocks/rocks_store.h"
#include "tests/service/rocks/numbered_commits.h"

namespace winnow::rocks {
namespace {

void Say(const std::string& line) {
  // One write: lines of several threads do not mix, and none is half there after kill -9.
  if (write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(2);
}

void CommitForEver(RocksStore* store, int writer, int first) {
  constexpr int kInFlightMax = 16;
  std::mutex mutex;
  std::condition_variable completed;
  int in_flight = 0;
  for (int n = first;; ++n) {
    {
      std::unique_lock lock(mutex);
      completed.wait(lock, [&] { return in_flight < kInFlightMax; });
      ++in_flight;
    }
    auto transaction = store->Begin(Tenant(writer));
    WriteCommit(n, transaction.get());
    // Killing the process takes back neither kind.
    transaction->Commit(n % 3 == 0 ? domain::Durability::kSynced : domain::Durability::kRelaxed,
                        [&, n](absl::Status status) {
                          if (!status.ok()) _exit(3);
                          Say(std::to_string(writer) + " " + std::to_string(n) + "\n");
                          std::lock_guard lock(mutex);
                          --in_flight;
                          completed.notify_one();
                        });
  }
}

int Main(int argc, char** argv) {
  if (argc < 3) return 2;
  RocksOptions options;
  options.path = argv[1];
  options.log_bytes_max = 64 << 10;
  auto store = RocksStore::Open(options);
  if (!store.ok()) {
    Say("error " + store.status().ToString() + "\n");
    return 1;
  }
  Say("open\n");
  if (strcmp(argv[2], "hold") == 0) {
    while (getchar() != EOF) {
    }
    return 0;
  }
  std::vector<std::thread> writers;
  for (int i = 2; i < argc; ++i) {
    int first = 0;
    if (!absl::SimpleAtoi(argv[i], &first)) return 2;
    writers.emplace_back(CommitForEver, store->get(), i - 2, first);
  }
  for (std::thread& writer : writers) writer.join();
  return 0;
}

}  // namespace
}  // namespace winnow::rocks

int main(int argc, char** argv) { return winnow::rocks::Main(argc, argv); }
