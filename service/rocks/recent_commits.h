// What was written lately, so that the committer can tell whether a transaction's reads still hold.
//
// Keeps, for each key written by recent commits, the sequence number of the last write, within a
// bound of bytes. A transaction that began before the oldest commit still known cannot be judged
// and counts as conflicting. Not thread safe: the committer's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::rocks {

struct KeyRange {
  std::string begin;
  std::string end;  // exclusive; never empty
};

class RecentCommits {
 public:
  // `floor`: the sequence number up to which the store was already written.
  RecentCommits(size_t bytes_max, uint64_t floor) : bytes_max_(bytes_max), floor_(floor) {}

  // Whether anything of `keys` or `ranges` was written after `snapshot`. O(log n) a key; a range
  // costs what was written in it lately.
  bool Conflicts(uint64_t snapshot, const std::vector<std::string>& keys,
                 const std::vector<KeyRange>& ranges) const;

  // Notes a write; `sequence` never decreases.
  void Add(std::string key, uint64_t sequence);

  // Forgets everything: what began before `floor` conflicts from now on.
  void Reset(uint64_t floor);

  size_t bytes() const { return bytes_; }

 private:
  using Keys = std::map<std::string, uint64_t, std::less<>>;
  struct Write {
    uint64_t sequence;
    Keys::iterator key;
  };
  static size_t Cost(const std::string& key);
  void ForgetOldest();

  const size_t bytes_max_;
  uint64_t floor_;
  size_t bytes_ = 0;
  Keys keys_;
  std::deque<Write> by_age_;
};

}  // namespace winnow::rocks
