#include "engine/base/write_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/base/read_file.h"

namespace winnow {
namespace {

namespace fs = std::filesystem;

class WriteFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  std::string Path(std::string_view name) const { return (folder_ / name).string(); }
  // What is written and nothing beside it.
  void ExpectOnly(std::string_view name, const std::string& bytes) const {
    EXPECT_EQ(*ReadRegularFile(Path(name), 1 << 20), bytes);
    const auto files = std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
    EXPECT_EQ(files, fs::is_symlink(Path("link")) ? 2 : 1);
  }
  fs::path folder_;
};

TEST_F(WriteFile, MakesOne) {
  ASSERT_TRUE(WriteFileWhole(Path("a"), "one").ok());
  ExpectOnly("a", "one");
}

TEST_F(WriteFile, ReplacesOneAndKeepsItsPermissions) {
  std::ofstream(Path("a")) << "a longer text";
  fs::permissions(Path("a"), fs::perms::owner_read | fs::perms::owner_write);
  ASSERT_TRUE(WriteFileWhole(Path("a"), "").ok());
  ExpectOnly("a", "");
  struct stat info = {};
  ASSERT_EQ(stat(Path("a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(WriteFile, FollowsALink) {
  std::ofstream(Path("a")) << "old";
  fs::create_symlink("a", Path("link"));
  ASSERT_TRUE(WriteFileWhole(Path("link"), "new").ok());
  EXPECT_TRUE(fs::is_symlink(Path("link")));
  ExpectOnly("a", "new");
}

TEST_F(WriteFile, RefusesWhatIsNoFile) {
  EXPECT_EQ(WriteFileWhole(folder_.string(), "x").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(WriteFileWhole(Path("no/such/folder"), "x").code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace winnow
