// Where verdicts that may answer a list are found: indexes and records in the store, read downwards
// from the newest. Inside the room only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/domain/ports/store.h"
#include "service/domain/records.h"
#include "service/domain/uuid.h"
#include "service/domain/verdict.h"
#include "service/domain/verdict_filter.h"

namespace winnow::domain {

struct Candidate {
  Uuid id;
  enum class Where { kHere, kOwnRecord, kInBlock };
  Where where = Where::kHere;
  std::string record;                // kHere: of EncodeVerdict(), unless `verdict` is there
  std::optional<Verdict> verdict;    // kHere: decoded already
  std::optional<Decision> decision;  // when the index tells it
  size_t bytes = 0;                  // that were read for it
};

// Verdicts in descending order of id. For one thread, with one transaction that outlives it.
class Candidates {
 public:
  virtual ~Candidates() = default;
  // The next one, which stays until Pop(); nullptr at the end.
  absl::StatusOr<Candidate*> Head();
  void Pop() { ready_.pop_front(); }

 protected:
  // Appends the next ones to ready_; none at the end.
  virtual absl::Status Fill() = 0;
  std::deque<Candidate> ready_;
};

// What a list reads: the verdicts from `begin` up to `end` that the filter's best index promises,
// of as many sources as there are places where such verdicts may be. About `stride` entries are
// read at a time.
struct IdRange {
  Uuid begin;               // included
  std::optional<Uuid> end;  // not included; nullopt: no end
};
std::vector<std::unique_ptr<Candidates>> FindCandidates(Transaction* transaction,
                                                        const std::string& tenant,
                                                        const VerdictFilter& filter,
                                                        const IdRange& range, size_t stride);

// A read of keys and values stops behind this many bytes.
inline constexpr size_t kCandidateBytesMax = 2 << 20;

}  // namespace winnow::domain
