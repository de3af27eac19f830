// Files installed beside the programs: the bundled pack, the default policy.
#pragma once

#include <string>
#include <string_view>

namespace winnow {

// The path of share/winnow/`name`, sought beside the running program (its folder's
// ../share/winnow): the same place in the build tree as after an install. The path is returned
// whether or not the file exists, so that an error can name it.
std::string SharedFilePath(std::string_view name);

inline constexpr std::string_view kBundledPackFile = "bundled.pack";
inline constexpr std::string_view kDefaultPolicyFile = "policy.yaml";

}  // namespace winnow
