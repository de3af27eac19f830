// Writes test.pack and policy.yaml into the folder given, for tests in other languages.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "tests/support/test_rules.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DIR\n", argv[0]);
    return 2;
  }
  const std::string folder = argv[1];
  winnow::WriteTestPack(folder + "/test.pack");
  winnow::WriteTestPolicy(folder + "/policy.yaml");
  return testing::UnitTest::GetInstance()->Failed() ? 1 : 0;
}
