// The matcher as its definition reads: nested loops over the views for hits, every combination of
// them for conditions. Slow and obvious, to hold the real one to; it shares no code with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/match/program.h"
#include "engine/text/normalizer.h"
#include "engine/text/span.h"

namespace winnow {

struct NaiveMatch {
  uint32_t rule = 0;
  text::TextSpan span;
  text::View view = text::View::kFolded;
};

// What the rules of `spec` for `surfaces` find in one field, given as the one Block that holds all
// of it; by place, then rule. Expressions must mean the same to std::regex over bytes.
std::vector<NaiveMatch> NaiveScan(const match::ProgramSpec& spec, uint32_t surfaces,
                                  const text::Block& whole);

}  // namespace winnow
