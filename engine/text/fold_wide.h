// Folding ideographs and other characters of three bytes eight at a time.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/text/escapes.h"
#include "engine/text/fold_table.h"

namespace winnow::text {

// Bytes of eight characters.
inline constexpr ptrdiff_t kEightBytes = 3 * 8;

// Text on its way through a WideFold.
struct WideRun {
  const char* in;  // where to go on,
  const char* end;
  char* out;            // with room for what is left and kVectorSlack more
  const char* last_in;  // the last character that was replaced, null when none was,
  char* last_out;       // and where what replaces it is
};

// Folds the characters of three bytes at the front of the run that stay what they are or become one
// other each, and stops where it likes.
using WideFold = void (*)(const FoldTable& table, WideRun* run);

// What is taken without looking twice: not what may begin an escape.
inline bool IsPlainReplacement(FoldTable::Entry e) {
  const uint32_t to = e.payload();
  return e.kind() == FoldKind::kChar && to < 0x10000 && !BeginsEscape(to);
}

// Those that this CPU can run, the fastest first. Sixteen characters take about 11 ns with AVX-512
// VBMI, 15 with AVX2.
std::vector<WideFold> WideFolds();

// The first of them, null when there is none. Any thread.
WideFold BestWideFold();

}  // namespace winnow::text
