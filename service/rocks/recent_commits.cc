#include "service/rocks/recent_commits.h"

#include <algorithm>
#include <utility>

namespace winnow::rocks {

bool RecentCommits::Conflicts(uint64_t snapshot, const std::vector<std::string>& keys,
                              const std::vector<KeyRange>& ranges) const {
  if (keys.empty() && ranges.empty()) return false;
  if (snapshot < floor_) return true;
  for (const std::string& key : keys) {
    auto it = keys_.find(key);
    if (it != keys_.end() && it->second > snapshot) return true;
  }
  for (const KeyRange& range : ranges) {
    for (auto it = keys_.lower_bound(range.begin); it != keys_.end() && it->first < range.end;
         ++it) {
      if (it->second > snapshot) return true;
    }
  }
  return false;
}

void RecentCommits::Add(std::string key, uint64_t sequence) {
  auto [it, inserted] = keys_.try_emplace(std::move(key), sequence);
  if (inserted) {
    bytes_ += Cost(it->first);
  } else if (it->second == sequence) {
    return;  // written twice by one batch
  }
  it->second = sequence;
  bytes_ += sizeof(Write);
  by_age_.push_back({sequence, it});
  while (bytes_ > bytes_max_) ForgetOldest();
}

void RecentCommits::Reset(uint64_t floor) {
  keys_.clear();
  by_age_.clear();
  bytes_ = 0;
  floor_ = floor;
}

// The string's text, and roughly what a map node costs.
size_t RecentCommits::Cost(const std::string& key) { return key.size() + 96; }

void RecentCommits::ForgetOldest() {
  const Write oldest = by_age_.front();
  by_age_.pop_front();
  bytes_ -= sizeof(Write);
  floor_ = std::max(floor_, oldest.sequence);
  if (oldest.key->second != oldest.sequence) return;  // written again since
  bytes_ -= Cost(oldest.key->first);
  keys_.erase(oldest.key);
}

}  // namespace winnow::rocks
