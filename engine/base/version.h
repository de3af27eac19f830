// The version of this build, as CMakeLists.txt names it ("0.1.0").
#pragma once

#include <string_view>

namespace winnow {

std::string_view Version();

}  // namespace winnow
