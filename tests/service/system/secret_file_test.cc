#include "service/system/secret_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace winnow::system {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(SecretFile, IsMadeOnceAndReadLater) {
  TempDir dir;
  absl::StatusOr<std::string> first = ReadOrMakeSecretFile(dir.Sub("key"), 32);
  ASSERT_OK(first);
  EXPECT_EQ(first->size(), 32u);
  absl::StatusOr<std::string> again = ReadOrMakeSecretFile(dir.Sub("key"), 32);
  ASSERT_OK(again);
  EXPECT_EQ(*first, *again);
  struct stat info;
  ASSERT_EQ(stat(dir.Sub("key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) files += entry.exists();
  EXPECT_EQ(files, 1) << "nothing is left aside";
}

TEST(SecretFile, TwoAreDifferent) {
  TempDir dir;
  auto a = ReadOrMakeSecretFile(dir.Sub("a"), 32), b = ReadOrMakeSecretFile(dir.Sub("b"), 32);
  ASSERT_OK(a);
  ASSERT_OK(b);
  EXPECT_NE(*a, *b);
}

TEST(SecretFile, RefusesOneThatOthersMayRead) {
  TempDir dir;
  ASSERT_OK(ReadOrMakeSecretFile(dir.Sub("key"), 32));
  ASSERT_EQ(chmod(dir.Sub("key").c_str(), 0640), 0);
  EXPECT_THAT(
      ReadOrMakeSecretFile(dir.Sub("key"), 32),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               AllOf(HasSubstr(dir.Sub("key")), HasSubstr("0640"), HasSubstr("chmod 600"))));
}

TEST(SecretFile, RefusesOneOfAnotherLength) {
  TempDir dir;
  ASSERT_OK(ReadOrMakeSecretFile(dir.Sub("key"), 16));
  EXPECT_THAT(ReadOrMakeSecretFile(dir.Sub("key"), 32),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("16 bytes instead of 32")));
}

TEST(SecretFile, SaysWhichFileCannotBeMade) {
  TempDir dir;
  EXPECT_THAT(ReadOrMakeSecretFile(dir.Sub("no/such/key"), 32),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr(dir.Sub("no/such/key")),
                             HasSubstr("must be one that this user may read and write"))));
  std::ofstream(dir.Sub("file")) << "x";
  EXPECT_FALSE(ReadOrMakeSecretFile(dir.Sub("file/key"), 32).ok());
}

TEST(SecretFile, DoesNotFollowALink) {
  TempDir dir;
  ASSERT_OK(ReadOrMakeSecretFile(dir.Sub("elsewhere"), 32));
  ASSERT_EQ(symlink(dir.Sub("elsewhere").c_str(), dir.Sub("key").c_str()), 0);
  EXPECT_FALSE(ReadOrMakeSecretFile(dir.Sub("key"), 32).ok());
}

}  // namespace
}  // namespace winnow::system
