// The way back from a transformed text to what it was made from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/base/append.h"
#include "engine/text/span.h"

namespace winnow::text {

// A stretch that did not stay byte for byte, or where something was undone. Between edits `to` and
// `from` run in step.
struct Edit {
  uint32_t to_begin;
  uint32_t to_size;  // 0: removed
  uint32_t from_begin;
  uint32_t from_size;
  EvasionMask evasions;
  uint32_t to_end() const { return to_begin + to_size; }
  uint32_t from_end() const { return from_begin + from_size; }
};

// Edits in order of where they lead to and, save that a run of the squeezed view may be read from
// its last character to its first, of where they came from.
class EditMap {
 public:
  struct Source {
    uint32_t begin;
    uint32_t end;
    EvasionMask evasions;
  };

  void clear() { edits_.clear(); }
  void Add(Edit edit) { Append(&edits_, edit); }
  // Makes this the way back from what `further` leads back from to here. O(edits of both).
  void GoOn(const EditMap& further);
  std::vector<Edit>& edits() { return edits_; }
  const std::vector<Edit>& edits() const { return edits_; }

  // Where [begin, end) came from, widened to whole edits, and what was undone inside. What was
  // removed at its edges stays outside, save marks on its last character. O(log edits + edits
  // inside).
  Source Find(uint32_t begin, uint32_t end) const {
    if (begin >= end) {
      const uint32_t at = BeginOf(begin);
      return {at, at, 0};
    }
    Source source = {BeginOf(begin), EndOf(end), 0};
    // Read backward: there each character is an edit of its own.
    if (source.begin >= source.end) source = {BeginOf(end - 1), EndOf(begin + 1), 0};
    for (auto it = After(begin); it != edits_.end() && it->to_begin < end; ++it) {
      source.evasions |= it->evasions;
    }
    if (auto it = After(begin); it != edits_.begin() && (it - 1)->to_end() > begin) {
      source.evasions |= (it - 1)->evasions;
    }
    return source;
  }

 private:
  using Iterator = std::vector<Edit>::const_iterator;

  // The first edit that begins after `to`.
  Iterator After(uint32_t to) const {
    return std::upper_bound(edits_.begin(), edits_.end(), to,
                            [](uint32_t at, const Edit& e) { return at < e.to_begin; });
  }

  uint32_t BeginOf(uint32_t to) const {
    const auto it = After(to);
    if (it == edits_.begin()) return to;
    const Edit& e = *(it - 1);
    return to < e.to_end() ? e.from_begin : e.from_end() + (to - e.to_end());
  }

  uint32_t EndOf(uint32_t to) const {  // to > 0
    auto it = After(to - 1);
    uint32_t end;
    if (it == edits_.begin()) {
      end = to;
    } else {
      const Edit& e = *(it - 1);
      end = to <= e.to_end() ? e.from_end() : e.from_end() + (to - e.to_end());
    }
    while (it != edits_.end() && it->to_size == 0 && it->from_begin == end &&
           it->evasions == MaskOf(Evasion::kCombiningMarks)) {
      end = it->from_end();
      ++it;
    }
    return end;
  }

  std::vector<Edit> edits_;
};

}  // namespace winnow::text
