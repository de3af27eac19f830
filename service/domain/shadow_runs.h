// Compares what the shadow would have said with what was answered: afterwards, on a thread of its
// own, and never instead of it.
//
// Contents wait in a bounded queue; one that finds no room is not compared and counted. Sums and
// samples are kept by what is compared (shadow, live and policy): they go on after a restart, and
// begin anew when one of the three changes. They are written once a second, and before they are
// told; kill -9 takes back at most the last second.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/checker.h"
#include "service/domain/packs_in_use.h"
#include "service/domain/ports/clock.h"
#include "service/domain/ports/executor.h"
#include "service/domain/ports/store.h"
#include "service/domain/verdict.h"

namespace winnow::domain {

struct ComparisonSample {
  std::string tenant, content_id;
  std::string verdict_id;  // as text; empty when it was not stored
  Decision live = Decision::kUnspecified, shadow = Decision::kUnspecified;
};

struct RuleComparison {
  uint64_t both = 0, live_only = 0, shadow_only = 0;           // contents
  std::vector<ComparisonSample> live_samples, shadow_samples;  // the latest last
};

struct Comparison {
  std::string shadow_revision, live_revision, policy_revision;
  absl::Time begin_time;
  absl::Duration observed;  // for how long a server ran with it
  uint64_t compared = 0;
  uint64_t decisions[3][3] = {};  // contents by Decision - 1 of live and of the shadow
  uint64_t dropped = 0, failed = 0, skipped = 0;
  std::vector<ComparisonSample> changed;  // with another decision, the latest last
  std::map<std::string, RuleComparison> rules;

  uint64_t new_blocks() const { return decisions[0][2] + decisions[1][2]; }
  uint64_t new_reviews() const { return decisions[0][1]; }
  uint64_t lifted() const { return decisions[1][0] + decisions[2][0] + decisions[2][1]; }
};

// Thread safe.
class ShadowRuns {
 public:
  static constexpr size_t kSamplesMax = 10;  // of each kind

  // Files that are longer are not compared, since they would have to be kept whole.
  static constexpr uint64_t kFileBytesMax = 1 << 20;

  // One content that was answered. Its text is copied into it.
  struct Answered {
    // Of `content`, whose fields are copied.
    Answered(std::shared_ptr<const RuleSetInUse> the_rules, const Content& content,
             std::string_view the_content_id);
    // Of a file, whose bytes are yet to be put into `texts`.
    Answered(std::shared_ptr<const RuleSetInUse> the_rules, const Checker::FileInput& the_file,
             std::string_view the_content_id);
    // What was answered.
    void Conclude(const CheckResult& result);

    std::shared_ptr<const RuleSetInUse> rules;
    std::string tenant, content_id, verdict_id, region;
    Surface surface = Surface::kUnspecified;
    struct Text {
      std::string key, bytes, charset;
      bool valid_utf8 = false;
    };
    std::vector<Text> texts;
    bool is_file = false;
    Decision decision = Decision::kAllow;
    std::set<std::string> rule_ids;
    // Not compared: a long file, answered by the canary, findings left out.
    bool skip = false;
  };

  // Told, about once a minute at most, how many contents were not compared since the last time.
  using OnDropped = std::function<void(uint64_t dropped)>;
  // `pool` runs the comparisons, in turn: one thread of low priority. It must be shut down before
  // this goes.
  ShadowRuns(Store* store, Executor* pool, const Clock* clock, OnDropped on_dropped);
  ~ShadowRuns();

  // Which rules are compared from now on; reads the store. With a shadow of null, none.
  absl::Status Use(const RuleSetInUse& rules);

  // Never blocks; for the thread that has just sent the answer.
  void Submit(Answered answered);

  // The comparison of `shadow_revision` that was begun last, of the present one when that is empty,
  // durable as far as it is told. NOT_FOUND COMPARISON_NOT_FOUND. Waits for the disk.
  absl::StatusOr<Comparison> Get(std::string_view shadow_revision);
  // The one of exactly these three.
  absl::StatusOr<Comparison> Get(std::string_view shadow_revision, std::string_view live_revision,
                                 std::string_view policy_revision);

 private:
  struct Present {
    std::string digest;
    Comparison sums;
    std::set<std::string> dirty;  // rules
    bool dirty_head = false;
  };
  static std::string DigestOf(std::string_view shadow, std::string_view live,
                              std::string_view policy);
  static std::string DigestOf(const RuleSetInUse& rules);  // which have a shadow
  static absl::StatusOr<CheckResult> Check(const Answered& answered);
  void Compare(const Answered& answered);
  absl::StatusOr<std::optional<Comparison>> Read(const std::string& digest) const;
  void Observe();  // with mutex_ held
  // `*written` becomes the present comparison as it is in the store then.
  absl::Status Write(std::optional<Comparison>* written = nullptr);
  void Keep();

  Store* const store_;
  Executor* const pool_;
  const Clock* const clock_;
  const OnDropped on_dropped_;

  std::atomic<uint64_t> dropped_{0};  // not yet in the sums
  std::mutex writing_;                // one write at a time, in order
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Present> present_;  // null: no shadow
  absl::Time observed_until_;         // monotonic
  bool stop_ = false;
  std::thread keeper_;
};

}  // namespace winnow::domain
