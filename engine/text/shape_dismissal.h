// Shows of most texts that they have no shape, for a fraction of what finding shapes costs. For
// this room only.
#pragma once

#include <cstddef>
#include <string_view>

namespace winnow::text {

// True when FindShapes() would find nothing in `folded`, which is not empty. False also where that
// takes a closer look, and on CPUs without AVX2. With AVX-512 about 0.05 ns a byte of prose, with
// AVX2 twice that.
bool HasNoShape(std::string_view folded);

// The same by each of the ways that this CPU has, the best first: for tests.
size_t DismissalWays();
bool HasNoShapeWay(size_t way, std::string_view folded);

}  // namespace winnow::text
