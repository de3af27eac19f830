// Stores of other versions, for tests of whoever opens one.
#pragma once

#include <cstdint>
#include <string>

namespace winnow::rocks {

// Gives the store in `path`, which is made if there is none and must not be open, the format
// `format`. Fails the test when it cannot.
void SetStoreFormat(const std::string& path, uint32_t format);

}  // namespace winnow::rocks
