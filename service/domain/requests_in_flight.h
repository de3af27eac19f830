// Calls under way with a request id, so that a duplicate that arrives meanwhile gets the answer of
// the first instead of a check of its own. Inside the room only.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "service/domain/uuid.h"
#include "service/domain/verdict.h"

namespace winnow::domain {

// Thread safe.
class RequestsInFlight {
 public:
  // The leader's verdict, or its error if that holds for any call with the same body; else
  // REQUEST_IN_PROGRESS.
  using Follower = std::function<void(const absl::StatusOr<Verdict>&)>;

  enum class Claim {
    kLeads,    // nobody else is at it: check, store, and Release()
    kFollows,  // `follower` will be called, once
    kReused,   // under way with another body
    kTooMany,  // as many follow as may
  };
  Claim Enter(std::string_view tenant, const Uuid& request_id, std::string_view body_digest,
              Follower follower);

  // The leader has its outcome; what it stored must be visible to readers. Followers are called on
  // this thread. `outcome` is asked for only when there are any.
  void Release(std::string_view tenant, const Uuid& request_id,
               absl::FunctionRef<absl::StatusOr<Verdict>()> outcome);

 private:
  struct Entry {
    std::string body_digest;
    std::vector<Follower> followers;
  };
  static std::string KeyOf(std::string_view tenant, const Uuid& request_id);

  std::mutex mutex_;
  absl::flat_hash_map<std::string, Entry> entries_;
};

}  // namespace winnow::domain
