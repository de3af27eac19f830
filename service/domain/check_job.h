// One call's way from contents to stored verdicts. Inside the room only.
//
//   claim ──▶ look up ──▶ scan ────▶ commit ────────▶ settle
//   here      io pool     scan pool  io or scan pool  store's thread
//
// A single content is a batch of one. Items without a request id go straight to the scan pool and
// are written without reading anything. Under a request id, what was stored is looked up first, and
// the transaction that found nothing also does the writing, so that the store itself refuses the
// second of two (another process might be at it). All items of a call are written by as few
// transactions as the store takes; clean verdicts without a request id go into blocks, that of a
// single call into one with those of others.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "service/domain/core.h"
#include "service/domain/shadow_runs.h"
#include "service/domain/stored_verdict.h"
#include "service/domain/validation.h"

namespace winnow::domain {

// A file that was judged; everything of `verdict` but the id is there.
struct JudgedFile {
  Verdict verdict;
  std::optional<Uuid> request_id;
  std::string body_digest;  // header and bytes
  std::unique_ptr<ShadowRuns::Answered> answered;
  TimeAllowed time;
};

class CheckJob : public std::enable_shared_from_this<CheckJob> {
  struct Private {};

 public:
  // All return at once; `done` may be called before they do.
  static void RunContent(std::shared_ptr<Core> core, CallGate::Pass pass, ContentCheck check,
                         Keep keep, Checks::VerdictDone done);
  static void RunContents(std::shared_ptr<Core> core, CallGate::Pass pass,
                          std::vector<ContentCheck> checks, Keep keep, Checks::BatchDone done);
  static void StoreFile(std::shared_ptr<Core> core, CallGate::Pass pass, JudgedFile file,
                        Checks::VerdictDone done);

  // One of the two is called in the end; `one` is for a single item.
  struct Done {
    Checks::VerdictDone one;
    Checks::BatchDone all;
  };
  CheckJob(Private, std::shared_ptr<Core> core, CallGate::Pass pass, std::string tenant, Keep keep,
           Done done);

 private:
  struct Item : StoredVerdict {
    ContentCheck check;
    TimeAllowed time;
    std::string client_token;
    std::unique_ptr<ShadowRuns::Answered> answered;  // where a shadow looks on
    bool leads = false;                              // holds the claim on its request id
    bool judged = false;                             // `verdict` is made, `record` encoded
    bool blocked = false;                            // goes into a block, which gives it its id
    bool open = false;                               // ours to settle
    absl::Status status;                             // OK: `verdict` is the outcome
  };
  // Most calls have one item: then neither these nor the items cost an allocation.
  using Indexes = absl::InlinedVector<size_t, 4>;
  using Items = absl::InlinedVector<Item, 1>;

  void AcceptAll(absl::Span<ContentCheck> checks);
  absl::Status Accept(size_t i, absl::Time now);
  void Start();
  void Claim(size_t i);

  void LookUpThenScan();
  // Settles what the store already has the answer to; the transaction has then read that it has
  // none to the others.
  void LookUp(Transaction& transaction, const Indexes& items);
  absl::StatusOr<bool> FindStored(Transaction& transaction, Item& item);

  void Scan();
  void ScanSlices();
  void ScanItem(size_t i);
  absl::Status MakeVerdict(Item& item, absl::StatusOr<CheckResult> result, absl::Duration took);
  absl::Status Encode(Item& item);

  void Commit();
  void CommitInBlock(size_t i);
  absl::Status PutAll(const Indexes& chunk, Transaction& transaction);
  void CommitChunk(std::unique_ptr<Transaction> transaction, Indexes chunk, int attempt);
  void CommitReadingAgain(Indexes chunk, int attempt);
  void Committed(const Indexes& chunk, int attempt, const absl::Status& status);

  Indexes Open(const Indexes& of) const;
  Indexes AllOpen() const;
  void SettleAll(const Indexes& items, const absl::Status& status);
  // An item has its outcome. Exactly once for each; the last one ends the call.
  void Settle(size_t i, absl::Status status);
  void SettleFollower(size_t i, const absl::StatusOr<Verdict>& outcome);
  void OneLess();
  void Finish();
  void Reply();

  const std::shared_ptr<Core> core_;
  const CallGate::Pass pass_;
  const std::string tenant_;
  const Keep keep_;
  const Done done_;
  std::shared_ptr<const RuleSetInUse> rules_;

  Items items_;
  size_t content_bytes_ = 0;
  std::unique_ptr<Transaction> transaction_;  // has read the claims; used by one stage at a time
  absl::Status refusal_;                      // of the call as a whole

  Indexes to_scan_;
  size_t slice_items_ = 0;
  std::atomic<size_t> next_slice_{0};
  std::atomic<size_t> scanning_{0};  // tasks
  std::atomic<size_t> unsettled_{0};
};

}  // namespace winnow::domain
