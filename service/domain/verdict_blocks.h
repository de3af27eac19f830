// Stores clean verdicts many at a time: those of calls that end about together become one record,
// a block, under one commit. Inside the room only.
//
// docs/formats/records.md says what a block is. Its verdicts get their ids when it is made, so that
// their names tell block and position. What is in blocks is found by content and by account through
// postings, which are written for thousands of verdicts at once (BlockIndex); until then whoever
// looks reads the fresh blocks themselves.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "service/domain/ports/executor.h"
#include "service/domain/ports/ids.h"
#include "service/domain/ports/store.h"
#include "service/domain/records.h"
#include "service/domain/uuid.h"

namespace winnow::domain {

// Runs a function that completes many calls, so that who replies to them can do it for all at once.
using Together = std::function<void(absl::FunctionRef<void()> completions)>;

// One clean verdict on its way into a block.
struct Blocked {
  std::string_view pack_revision, policy_revision;
  std::string_view record;  // of EncodeBlocked()
  Uuid* id = nullptr;       // set when it has one
};

// Puts `verdicts` into `transaction`, in as few blocks as their revisions and the bounds on a block
// allow, and gives each its id. INTERNAL when `ids` gives no UUID.
absl::Status PutBlocks(IdGenerator& ids, Transaction& transaction,
                       const std::vector<Blocked>& verdicts);

// Verdicts in one block, at most.
inline constexpr size_t kBlockVerdictsMax = 256;

// Collects the verdicts of single calls. Thread safe.
class BlockCollector {
 public:
  struct Entry {
    Blocked verdict;  // views that live until `done` is called
    std::function<void(const absl::Status&)> done;
  };
  // Told of each group that was stored, before its entries are.
  using Stored = std::function<void(const std::string& tenant, size_t count)>;
  // Groups are written on `pool`; all must outlive every call of a `done`.
  BlockCollector(Store* store, Executor* pool, IdGenerator* ids, Durability durability,
                 Stored stored, Together together)
      : store_(store),
        pool_(pool),
        ids_(ids),
        durability_(durability),
        stored_(std::move(stored)),
        together_(std::move(together)) {}

  // Returns at once; `done` is called once the verdict is stored or is not, from a thread of the
  // store's, or from this one.
  //
  // A group is everything that was added while the pool had older work: the first of a group queues
  // its writing behind what waits there.
  void Add(const std::string& tenant, Entry entry);

 private:
  using Group = std::vector<Entry>;
  void Write(const std::string& tenant);

  Store* const store_;
  Executor* const pool_;
  IdGenerator* const ids_;
  const Durability durability_;
  const Stored stored_;
  const Together together_;
  std::mutex mutex_;
  absl::flat_hash_map<std::string, Group> open_;
};

// Writes postings for blocks that have none. Thread safe.
class BlockIndex {
 public:
  // `run`: verdicts for which postings are written at once; how many a list may have to read
  // without them.
  explicit BlockIndex(size_t run) : run_(std::min(run, kRunBlocksMax)) {}

  // `count` verdicts of `tenant` were stored in blocks. Whether Build() should be called now.
  bool Stored(const std::string& tenant, size_t count);
  // Build() could not be called after all; later.
  void NotBuilt(const std::string& tenant) { Built(tenant, 0); }

  // Writes the postings of the oldest run, if as many fresh verdicts are there. Reads the store:
  // from where the last run ended, and only now and then from the first fresh block, since what
  // lies before is many deleted keys and hardly ever a block that was written late. `done` is
  // called once the outcome is known, from a thread of the store's or this one. A block that cannot
  // be read stays fresh: who lists it is told.
  void Build(Store* store, const std::string& tenant, std::function<void()> done);

 private:
  struct Progress {
    size_t fresh = 0;  // about as many verdicts have no postings
    bool building = false;
    size_t runs = 0;
    Uuid last_block;  // of the last run
  };
  static constexpr size_t kRunsBetweenWholeLooks = 16;
  // From which block on to look; nil: from the first.
  Uuid LookFrom(const std::string& tenant);
  // `last_block`: of a run that was written.
  void Built(const std::string& tenant, size_t fresh, std::optional<Uuid> last_block = {});

  const size_t run_;
  std::mutex mutex_;
  absl::flat_hash_map<std::string, Progress> progress_;
};

}  // namespace winnow::domain
