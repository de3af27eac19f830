// The largest pack that we promise: 100,000 terms in lists and 2,000 expressions. How fast it is
// built and loaded is tests/bench/scale_bench.cc's to say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "engine/base/strings.h"
#include "engine/pack/pack.h"
#include "tests/engine/pack/packs.h"
#include "tests/support/scale_rules.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace winnow::pack {
namespace {

using testing::HasSubstr;

constexpr size_t kTerms = 100'000;
constexpr size_t kExpressions = 2'000;
constexpr char kPathVariable[] = "WINNOW_SCALE_PACK";

size_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  size_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// Builds once for all tests of the program.
class ScaleTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::getenv(kPathVariable) != nullptr) return;
    rules_ = new test::ScaleRules(test::MakeScaleRules(kTerms, kExpressions));
    dir_ = new TempDir;
    const CompileResult compiled = CompilePack(rules_->sources, {.id = "scale"});
    ASSERT_EQ(rules::Render(compiled.diagnostics, compiled.sources, false), "");
    ASSERT_OK(WritePack(*compiled.pack, Path()));
    const auto loaded = LoadPack(Path());
    ASSERT_OK(loaded);
    pack_ = *loaded;
  }
  static void TearDownTestSuite() {
    pack_.reset();
    delete dir_;
    delete rules_;
  }
  void SetUp() override { ASSERT_TRUE(pack_ != nullptr || std::getenv(kPathVariable) != nullptr); }

  static std::string Path() { return dir_->Sub("scale.pack"); }

  static test::ScaleRules* rules_;
  static TempDir* dir_;
  static std::shared_ptr<const Pack> pack_;
};

test::ScaleRules* ScaleTest::rules_ = nullptr;
TempDir* ScaleTest::dir_ = nullptr;
std::shared_ptr<const Pack> ScaleTest::pack_;

TEST_F(ScaleTest, HoldsEveryPatternOfItsRules) {
  const PackInfo& info = pack_->info();
  EXPECT_EQ(info.term_count, kTerms);
  EXPECT_EQ(info.regex_count, kExpressions);
  EXPECT_EQ(info.rule_count, kTerms / 5000 + kExpressions);
  EXPECT_FALSE(info.recompiled);
}

TEST_F(ScaleTest, FindsTermsWhereverTheyStandInTheLists) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 1000; ++i) {
    const size_t at = random() % rules_->terms.size();
    const std::string text = StrCat("一些, ", rules_->terms[at], ", 和其他");
    EXPECT_THAT(Findings(*pack_, text), HasSubstr(StrCat("list_", at / 5000, "@4-"))) << text;
  }
}

TEST_F(ScaleTest, FindsWhatItsExpressionsSeek) {
  for (size_t i = 0; i < rules_->expressions.size(); i += 7) {
    const test::ScaleRules::Expression& e = rules_->expressions[i];
    EXPECT_THAT(Findings(*pack_, e.sample), HasSubstr(StrCat(e.rule_id, "@")))
        << e.regex << " in " << e.sample;
  }
}

// The sanitizers' own memory is several times the program's.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(ScaleTest, StatesItsMemoryWithinHalfOfWhatItTakes) {
  const char* path = std::getenv(kPathVariable);
  if (path == nullptr) {
    // Measured in a process of its own, whose memory has no other history.
    ASSERT_EQ(setenv(kPathVariable, Path().c_str(), 1), 0);
    const std::string command =
        StrCat("exec /proc/", getpid(), "/exe --gtest_filter='*StatesItsMemoryWithinHalfOf*'");
    EXPECT_EQ(std::system(command.c_str()), 0);
    unsetenv(kPathVariable);
    return;
  }
  const size_t before = ResidentBytes();
  const auto pack = LoadPack(path);
  ASSERT_OK(pack);
  malloc_trim(0);
  const size_t growth = ResidentBytes() - before;
  const size_t stated = (*pack)->memory_bytes();
  std::printf("stated %zu, grew by %zu\n", stated, growth);
  EXPECT_GE(stated, growth * 2 / 3);
  EXPECT_LE(stated, growth * 3 / 2);
}
#endif

}  // namespace
}  // namespace winnow::pack
