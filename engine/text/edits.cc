#include "engine/text/edits.h"

#include <utility>

namespace winnow::text {

void EditMap::GoOn(const EditMap& further) {
  std::vector<Edit> made;
  made.reserve(edits_.size() + further.edits_.size());
  auto first = edits_.begin();
  auto second = further.edits_.begin();
  // From a place between edits, what leads to either side of it; modulo 2^32.
  uint32_t to_source = 0, to_view = 0;
  const auto take_first = [&] {
    to_source = first->from_end() - first->to_end();
    return (first++)->evasions;
  };
  const auto take_second = [&] {
    to_view = second->to_end() - second->from_end();
    return (second++)->evasions;
  };
  while (first != edits_.end() || second != further.edits_.end()) {
    const bool more = first != edits_.end(), more_further = second != further.edits_.end();
    if (!more_further || (more && first->to_end() <= second->from_begin)) {
      Edit moved = *first;
      moved.to_begin += to_view;
      made.push_back(moved);
      take_first();
      continue;
    }
    if (!more || second->from_end() <= first->to_begin) {
      Edit moved = *second;
      moved.from_begin += to_source;
      made.push_back(moved);
      take_second();
      continue;
    }
    // All that overlap become one.
    const uint32_t begin = std::min(first->to_begin, second->from_begin);
    uint32_t end = begin + 1;
    Edit both = {begin + to_view, 0, begin + to_source, 0, 0};
    while (true) {
      if (first != edits_.end() && first->to_begin < end) {
        end = std::max(end, first->to_end());
        both.evasions |= take_first();
      } else if (second != further.edits_.end() && second->from_begin < end) {
        end = std::max(end, second->from_end());
        both.evasions |= take_second();
      } else {
        break;
      }
    }
    both.to_size = end + to_view - both.to_begin;
    both.from_size = end + to_source - both.from_begin;
    made.push_back(both);
  }
  edits_ = std::move(made);
}

}  // namespace winnow::text
