// The texts of tests/data/benign, which no bundled rule may flag.
#pragma once

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/golden.h"

namespace winnow::test {

// Its files, by name.
inline std::vector<std::filesystem::path> BenignFiles() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(WINNOW_SOURCE_DIR) / "tests/data/benign")) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Their lines, each a text of its own.
inline std::vector<std::string> BenignTexts() {
  std::vector<std::string> texts;
  for (const std::filesystem::path& file : BenignFiles()) {
    std::istringstream in(ReadFileOrFail(file));
    for (std::string line; std::getline(in, line);) texts.push_back(line);
  }
  return texts;
}

}  // namespace winnow::test
