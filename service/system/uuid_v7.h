// Record ids: UUID version 7 (RFC 9562), so that ids order by the time they were made.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "service/domain/ports/clock.h"
#include "service/domain/ports/ids.h"
#include "service/system/random.h"

namespace winnow::system {

// 48 bits of milliseconds, a 42-bit counter that starts at a random place in its lower half each
// millisecond and counts on within it, 32 random bits. When the clock steps back, ids go on from
// the last millisecond used; when the counter is full, they borrow the next millisecond. So the ids
// of one generator strictly ascend, whatever the clock does. Thread safe.
class UuidV7Generator final : public domain::IdGenerator {
 public:
  using Random = std::function<void(absl::Span<uint8_t>)>;
  // `clock` must outlive the generator; `random` fills what it is given.
  explicit UuidV7Generator(const domain::Clock* clock, Random random = FillRandom);

  std::string NewId() override;

 private:
  uint64_t TakeRandomLocked(int byte_count);

  const domain::Clock* clock_;
  Random random_;
  std::mutex mutex_;
  uint64_t last_ms_ = 0;
  uint64_t counter_ = 0;
  std::vector<uint8_t> pool_;  // bytes fetched ahead: one call to the kernel serves many ids
  size_t pool_used_ = 0;
};

}  // namespace winnow::system
