// A plain batch's way from contents to stored verdicts. Inside the room only.
//
//   validate ──▶ scan ─────▶ commit ────▶ done
//   here         scan pool   scan pool    store's thread
//
// What CheckJob does with contents of any kind, without an object for each of them that is clean:
// of those only the time is kept that their check took and, once a block has them, their id. What
// is not clean becomes a Verdict of its own; all are written by as few transactions as the store
// takes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/domain/checks.h"
#include "service/domain/core.h"
#include "service/domain/plain_batch.h"
#include "service/domain/shadow_runs.h"
#include "service/domain/stored_verdict.h"

namespace winnow::domain {

class PlainBatchJob : public std::enable_shared_from_this<PlainBatchJob> {
  struct Private {};

 public:
  // Returns at once; `done` may be called before it does.
  static void Run(std::shared_ptr<Core> core, CallGate::Pass pass, PlainBatch batch,
                  Checks::PlainDone done);
  PlainBatchJob(Private, std::shared_ptr<Core> core, CallGate::Pass pass, PlainBatch batch,
                Checks::PlainDone done);

 private:
  // An item that is not plainly clean.
  struct Other : StoredVerdict {
    // Goes into a block all the same: clean, but in another charset, or by the canary.
    bool blocked = false;
  };
  struct Item {
    Uuid id;
    absl::Duration took;
    uint64_t text_bytes = 0;
    absl::Status status;           // not OK: the outcome
    std::unique_ptr<Other> other;  // nullptr: clean
  };

  void Start();
  void ScanSlices();
  // `by_live`: its revisions are those of the outcome.
  void Judge(size_t i, bool by_live, absl::StatusOr<CheckResult> result);
  absl::Status MakeVerdict(size_t i, CheckResult result);
  void Commit();
  size_t CommitSome(size_t begin);
  absl::Status PutSome(size_t begin, size_t end, Transaction& transaction);
  void Committed(size_t begin, size_t end, const absl::Status& status);
  void OneLess();
  void Finish();
  std::vector<std::unique_ptr<ShadowRuns::Answered>> TakeAnswered(
      const PlainOutcome& outcome) const;

  const std::shared_ptr<Core> core_;
  const CallGate::Pass pass_;
  const PlainBatch batch_;
  const Checks::PlainDone done_;
  std::shared_ptr<const RuleSetInUse> rules_;
  TimeAllowed time_;
  Interned pack_revision_, policy_revision_;

  std::vector<Item> items_;
  std::atomic<size_t> next_slice_{0};
  std::atomic<size_t> scanning_{0};     // tasks
  std::atomic<size_t> uncommitted_{0};  // transactions
};

}  // namespace winnow::domain
