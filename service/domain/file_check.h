// A file that comes in pieces. Inside the room only.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "service/domain/core.h"
#include "service/domain/digest.h"
#include "service/domain/shadow_runs.h"
#include "service/domain/uuid.h"

namespace winnow::domain {

// At most one piece is under way, so that one thread at a time has the members below `busy_`: the
// caller's, then the pool's, then the caller's again.
class FileCheckOnPool final : public Checks::FileCheck,
                              public std::enable_shared_from_this<FileCheckOnPool> {
 public:
  // `header` is validated. Counts in Core::open_files while it lives.
  FileCheckOnPool(std::shared_ptr<Core> core, CallGate::Pass pass,
                  std::shared_ptr<const RuleSetInUse> rules, FileHeader header,
                  std::optional<Uuid> request_id);
  ~FileCheckOnPool() override;

  void Feed(std::string chunk, std::function<void(absl::Status)> ready) override;
  void Finish(Checks::VerdictDone done) override;

 private:
  absl::Status Admit(const std::string& chunk);
  absl::Status Scan();
  absl::Status CheckSize() const;
  absl::StatusOr<CheckResult> Judge();
  void Store(CheckResult result, Checks::VerdictDone done);

  absl::Status Begin();
  absl::Status NotJudged(const absl::Status& status) const;
  // The first error is the check's last word; what it held is let go.
  absl::Status Fail(absl::Status status);

  const std::shared_ptr<Core> core_;
  std::optional<CallGate::Pass> pass_;
  const std::shared_ptr<const RuleSetInUse> rules_;
  FileHeader header_;
  const std::optional<Uuid> request_id_;
  const TimeAllowed time_;

  std::atomic<bool> busy_{false};
  absl::Status status_;
  std::string chunk_;
  uint64_t bytes_ = 0;
  Sha256Stream sha256_;
  std::string digest_;                              // once all bytes are there
  std::unique_ptr<Checker::FileCheck> engine_;      // from the first piece on
  std::unique_ptr<ShadowRuns::Answered> answered_;  // where a shadow looks on
  absl::Duration took_;
};

}  // namespace winnow::domain
