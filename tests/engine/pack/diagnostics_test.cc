// What authors are told by the compiler and the lints, beyond what the parser says. Each
// testdata/diagnostics/<meaning>.yaml is compiled and rendered into <meaning>.out.
#include "engine/rules/diagnostics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "engine/pack/lint.h"
#include "engine/pack/pack.h"
#include "tests/support/golden.h"

namespace winnow::pack {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(WINNOW_SOURCE_DIR) / "tests/engine/pack/testdata/diagnostics";

std::vector<std::string> Meanings() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".yaml") out.push_back(entry.path().stem().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

class CompilerDiagnosticsTest : public testing::TestWithParam<std::string> {};

TEST_P(CompilerDiagnosticsTest, ReadsAsReviewed) {
  const std::string name = GetParam() + ".yaml";
  CompileResult result =
      CompilePack({{name, test::ReadFileOrFail(kFolder / name)}}, CompileOptions());
  AddLints(&result);
  EXPECT_EQ(result.pack == nullptr, rules::HasErrors(result.diagnostics));
  EXPECT_THAT(result.diagnostics, testing::Not(testing::IsEmpty()));
  test::ExpectGolden(kFolder / (GetParam() + ".out"),
                     rules::Render(result.diagnostics, result.sources, false));
}

INSTANTIATE_TEST_SUITE_P(Files, CompilerDiagnosticsTest, testing::ValuesIn(Meanings()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace winnow::pack
