// Random bytes from the kernel, for ids and keys.
#pragma once

#include <cstdint>

#include "absl/types/span.h"

namespace winnow::system {

// Fills `out` by getrandom(2). Never fails once the machine has booted; ends the process if the
// kernel has no such call, since a weak key would be worse. Thread safe.
void FillRandom(absl::Span<uint8_t> out);

}  // namespace winnow::system
