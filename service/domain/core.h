// What all use cases of Checks share, and what they share it through. Inside the room only.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "absl/time/time.h"
#include "service/domain/call_gate.h"
#include "service/domain/checks.h"
#include "service/domain/request_sweeper.h"
#include "service/domain/requests_in_flight.h"
#include "service/domain/verdict_blocks.h"

namespace winnow::domain {

struct Core : std::enable_shared_from_this<Core> {
  Core(const Checks::Options& the_options, const Checks::Ports& the_ports)
      : options(the_options),
        ports(the_ports),
        sweeper(the_ports.clock),
        blocks(
            the_ports.store, the_ports.scan_pool, the_ports.ids, CleanDurability(),
            [this](const std::string& tenant, size_t count) { IndexAfter(tenant, count); },
            the_ports.together),
        block_index(the_options.block_run) {}

  Durability CleanDurability() const {
    return options.relaxed_clean ? Durability::kRelaxed : Durability::kSynced;
  }

  // Housekeeping behind commits, on the io pool: when there is no room it is left to the next time.
  void SweepAfter(const std::string& tenant, size_t stored_ids);
  void IndexAfter(const std::string& tenant, size_t stored_in_blocks);

  const Checks::Options options;
  const Checks::Ports ports;
  const std::shared_ptr<CallGate> gate = std::make_shared<CallGate>();
  RequestsInFlight requests;
  std::atomic<size_t> open_files{0};
  RequestSweeper sweeper;
  BlockCollector blocks;
  BlockIndex block_index;

 private:
  // False when there is no room or the server drains. A drain waits until `done` is called.
  bool Later(std::function<void(std::function<void()> done)> work);
};

// When a check must end: at the caller's deadline and at ours, or when the caller has gone.
struct TimeAllowed {
  absl::Time deadline;              // monotonic
  std::function<bool()> cancelled;  // may be empty

  static TimeAllowed From(absl::Time now, absl::Duration most, std::optional<absl::Time> deadline,
                          std::function<bool()> cancelled);

  bool Expired(absl::Time now) const { return now >= deadline || (cancelled && cancelled()); }
  // CANCELLED when the caller has gone, else DEADLINE_EXCEEDED.
  absl::Status Refusal() const;
};

}  // namespace winnow::domain
