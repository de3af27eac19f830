// Han written by its sound: homophones and pinyin. By ICU, not by the engine's tables.
#pragma once

#include <vector>

#include "tests/evasion/kinds.h"

namespace winnow::evasion {

// The kinds that rules with the view `phonetic` undo. They apply to terms of two ideographs or more
// and nothing else.
const std::vector<Kind>& SoundKinds();

}  // namespace winnow::evasion
