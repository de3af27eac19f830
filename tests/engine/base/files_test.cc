// Files read whole, and bytes made small and large again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "engine/base/deflate.h"
#include "engine/base/read_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

TEST(ReadFileTest, ReadsFilesOfEverySize) {
  const TempDir dir;
  const std::string path = dir.Sub("file");
  // Around the sizes from which large files get pages of another size.
  for (const size_t size : {size_t{0}, size_t{1}, size_t{4096}, size_t{(8 << 20) - 1},
                            size_t{8 << 20}, size_t{(10 << 20) + 7}}) {
    std::string bytes(size, '\0');
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 >> 3);
    std::ofstream(path, std::ios::binary) << bytes;
    const auto small = ReadRegularFile(path, size);
    ASSERT_OK(small);
    EXPECT_TRUE(*small == bytes) << size;
    auto large = ReadLargeFile(path, size);
    ASSERT_OK(large);
    EXPECT_TRUE(large->view() == bytes) << size;
    FileBytes moved = *std::move(large);
    EXPECT_TRUE(moved.view() == bytes) << size;
    moved = FileBytes();
    EXPECT_TRUE(moved.view().empty());
    if (size == 0) continue;
    EXPECT_THAT(ReadRegularFile(path, size - 1),
                StatusIs(StatusCode::kOutOfRange, HasSubstr("bytes; at most ")));
    EXPECT_THAT(ReadLargeFile(path, size - 1), StatusIs(StatusCode::kOutOfRange));
  }
}

TEST(ReadFileTest, SaysWhatCannotBeRead) {
  const TempDir dir;
  std::ofstream(dir.Sub("file")) << "text";
  ASSERT_EQ(mkfifo(dir.Sub("pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink("nowhere", dir.Sub("dangling"));
  std::filesystem::create_symlink("file", dir.Sub("link"));
  struct {
    std::string path;
    StatusCode code;
  } const cases[] = {
      {dir.Sub("none"), StatusCode::kNotFound},
      {dir.Sub("file/none"), StatusCode::kNotFound},
      {dir.Sub("dangling"), StatusCode::kNotFound},
      {dir.path(), StatusCode::kInvalidArgument},
      {dir.Sub("pipe"), StatusCode::kInvalidArgument},
      {"/dev/null", StatusCode::kInvalidArgument},
      {dir.Sub("link"), StatusCode::kOk},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ReadRegularFile(c.path, 100).status().code(), c.code) << c.path;
    EXPECT_EQ(ReadLargeFile(c.path, 100).status().code(), c.code) << c.path;
  }
}

TEST(DeflateTest, GivesBackWhatWentIn) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += std::string(static_cast<size_t>(i % 7), 'a') + "赌场\n";
  for (const std::string& bytes : {std::string(), std::string(1, '\0'), std::string("abc"), text}) {
    const std::string deflated = Deflate(bytes);
    const auto back = Inflate(deflated, bytes.size());
    ASSERT_OK(back);
    EXPECT_EQ(*back, bytes);
  }
  EXPECT_LT(Deflate(text).size(), text.size() / 10);
}

TEST(DeflateTest, RefusesWhatIsNoStreamOfThatSize) {
  const std::string deflated = Deflate("twelve bytes");
  EXPECT_THAT(Inflate(deflated, 11), StatusIs(StatusCode::kDataLoss));
  EXPECT_THAT(Inflate(deflated, 13), StatusIs(StatusCode::kDataLoss));
  EXPECT_THAT(Inflate(deflated + "x", 12), StatusIs(StatusCode::kDataLoss));
  for (size_t size = 0; size < deflated.size(); ++size) {
    EXPECT_THAT(Inflate(deflated.substr(0, size), 12), StatusIs(StatusCode::kDataLoss)) << size;
  }
  for (size_t at = 0; at < deflated.size(); ++at) {
    std::string damaged = deflated;
    damaged[at] ^= 0x55;
    EXPECT_THAT(Inflate(damaged, 12), StatusIs(StatusCode::kDataLoss)) << at;
  }
}

}  // namespace
}  // namespace winnow
