// Goldens: expected outputs kept as files and named by meaning. `UPDATE_GOLDEN=1 ctest ...`
// rewrites them; the diff is then what is reviewed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace winnow::test {

// The whole file; fails the test when it cannot be read.
inline std::string ReadFileOrFail(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << "cannot read " << path;
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

// What the goldens in `folder` mean: the names of its .yaml files, but for those with a dot before
// it, which are further files of a meaning. Sorted.
inline std::vector<std::string> Meanings(const std::filesystem::path& folder) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string stem = entry.path().stem().string();
    if (entry.path().extension() == ".yaml" && stem.find('.') == stem.npos) out.push_back(stem);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Expects `actual` to be what the file at `path` holds.
inline void ExpectGolden(const std::filesystem::path& path, const std::string& actual) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream out(path, std::ios::binary);
    out << actual;
    ASSERT_TRUE(out.flush()) << "cannot write " << path;
    return;
  }
  ASSERT_TRUE(std::filesystem::exists(path))
      << "no golden " << path << "; run with UPDATE_GOLDEN=1 and review it";
  EXPECT_EQ(actual, ReadFileOrFail(path))
      << "golden " << path << "; UPDATE_GOLDEN=1 rewrites it, if this is right";
}

}  // namespace winnow::test
