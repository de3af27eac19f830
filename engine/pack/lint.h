// What is no mistake of form in a set of rules, and still hardly what its author meant: rules that
// cost every text, that hide one another, that excuse themselves, that find ordinary text, and
// tests that prove nothing. Told as warnings, to authors only: no pack is refused for them.
#pragma once

#include "engine/pack/pack.h"

namespace winnow::pack {

// Adds all lints of a compiled set to `compiled->diagnostics`, which stays in source order.
// docs/rules.md lists them, and the table of codes explains each. Those that look at texts or at
// the program need `compiled->pack`: beside errors they are silent. Pure but for its argument. A
// fifth of a second for 300 rules with their tests; O(terms · length of a term), and a scan of each
// test.
void AddLints(CompileResult* compiled);

}  // namespace winnow::pack
