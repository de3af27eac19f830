// Words whose sound does not show as they stand, written as they are heard: "w e i x i n" as
// "weixin", "加1威2芯" as "加威芯", syllables on lines of their own, "tie" as "ti'e".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text/edits.h"

namespace winnow::text {

// A place of a folded view where what is shown may be heard in another way.
struct SoundJoint {
  enum class Kind : uint8_t {
    kGap,       // where a syllable ends, or its tone, that something divides from another
    kLetter,    // a letter that may stand alone, amid others of its syllable
    kSyllable,  // where letters begin that are one syllable or two
  };
  uint32_t at;
  Kind kind;
};

class ApartSounds {
 public:
  // Gathers, as runs divided by '\n', the runs of the squeezed view with what they merged apart
  // again, and what stands at the joints, which are in order. `squeezes` leads from the squeezed
  // view to `folded`. Usually nothing. O(squeezed * log edits + joints); at most some thirty times
  // the two in bytes. Allocates only to grow.
  void Gather(std::string_view folded, std::string_view squeezed, const EditMap& squeezes,
              const std::vector<SoundJoint>& joints);

  std::string_view text() const { return text_; }
  // Leads from text() to the folded view.
  const EditMap& map() const { return map_; }

 private:
  class Writer;
  std::string text_;
  EditMap map_;
  std::vector<std::pair<uint32_t, uint32_t>> told_;  // where runs of the squeezed view stand
};

}  // namespace winnow::text
