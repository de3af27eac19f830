#include "service/system/uuid_v7.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"

namespace winnow::system {
namespace {

constexpr uint64_t kMsMax = (uint64_t{1} << 48) - 1;
constexpr int kCounterBits = 42;
constexpr uint64_t kCounterMax = (uint64_t{1} << kCounterBits) - 1;
constexpr size_t kPoolBytes = 1024;

std::string Print(uint64_t high, uint64_t low) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text(36, '-');
  size_t at = 0;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) ++at;
    uint64_t half = nibble < 16 ? high : low;
    text[at++] = kHex[(half >> (60 - 4 * (nibble % 16))) & 15];
  }
  return text;
}

}  // namespace

UuidV7Generator::UuidV7Generator(const domain::Clock* clock, Random random)
    : clock_(clock), random_(std::move(random)), pool_(kPoolBytes), pool_used_(kPoolBytes) {}

uint64_t UuidV7Generator::TakeRandomLocked(int byte_count) {
  if (pool_used_ + byte_count > pool_.size()) {
    random_(absl::MakeSpan(pool_));
    pool_used_ = 0;
  }
  uint64_t value = 0;
  for (int i = 0; i < byte_count; ++i) value = value << 8 | pool_[pool_used_++];
  return value;
}

std::string UuidV7Generator::NewId() {
  int64_t clock_ms = std::max<int64_t>(0, absl::ToUnixMillis(clock_->Now()));
  uint64_t now_ms = std::min(static_cast<uint64_t>(clock_ms), kMsMax);

  std::unique_lock lock(mutex_);
  if (now_ms > last_ms_ || counter_ == kCounterMax) {
    last_ms_ = std::max(now_ms, last_ms_ + (counter_ == kCounterMax ? 1 : 0));
    counter_ = TakeRandomLocked(6) & (kCounterMax >> 1);  // the upper half is room to count
  } else {
    ++counter_;
  }
  uint64_t ms = last_ms_, counter = counter_, tail = TakeRandomLocked(4);
  lock.unlock();

  // ms | version 7 | counter's upper 12 bits, then variant 10 | its lower 30 | 32 random bits.
  uint64_t high = ms << 16 | uint64_t{7} << 12 | counter >> 30;
  uint64_t low = uint64_t{2} << 62 | (counter & ((uint64_t{1} << 30) - 1)) << 32 | tail;
  return Print(high, low);
}

}  // namespace winnow::system
