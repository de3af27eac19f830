#include "engine/base/shared_files.h"

#include <filesystem>
#include <system_error>

#include "engine/base/strings.h"

namespace winnow {

std::string SharedFilePath(std::string_view name) {
  std::error_code ec;
  std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ec);
  std::filesystem::path folder =
      ec ? std::filesystem::path("/usr") : program.parent_path().parent_path();
  return (folder / "share" / "winnow" / std::string(name)).string();
}

}  // namespace winnow
