// The commonest reading of each ideograph, gathered from ICU when the program is built (by
// phonetic_readings_gen.cc: ICU takes a second for it). Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>

namespace winnow::text {

// The number of the syllable of c is kReadings[kReadingBlocks[c >> 7] << 7 | (c & 127)].
extern const uint16_t kReadingBlocks[];
extern const uint16_t kReadings[];
extern const size_t kReadingsSize;

}  // namespace winnow::text
