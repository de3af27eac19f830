// Files in pieces: whatever the pieces, the result is that of the whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/checker.h"
#include "tests/engine/checker/results.h"
#include "tests/support/status_matchers.h"

namespace winnow {
namespace {

using absl::StatusCode;
using std::string_view_literals::operator""sv;
using testing::HasSubstr;

CheckOptions Options() {
  CheckOptions options;
  options.excerpts = true;
  options.excerpt_context_chars = 4;
  options.findings_max = 100000;
  return options;
}

// Feeds `bytes` in pieces of the sizes that `next` gives.
template <typename F>
std::string CheckFile(std::string_view bytes, std::string_view charset, F next) {
  Checker::FileInput input;
  input.file_name = "f.txt";
  input.charset = std::string(charset);
  auto file = SampleChecker()->StartFile(input, Options());
  EXPECT_OK(file);
  for (size_t at = 0; at < bytes.size();) {
    const size_t size = std::min<size_t>(next(), bytes.size() - at);
    EXPECT_OK((*file)->Feed(bytes.substr(at, size)));
    at += size;
  }
  const auto result = (*file)->Finish();
  EXPECT_OK(result);
  return result.ok() ? Describe(*result) : "";
}

std::string Whole(std::string_view bytes, std::string_view charset) {
  return CheckFile(bytes, charset, [&] { return bytes.size(); });
}

struct Encoding {
  const char* name;
  const char* charset;  // hint
  std::string prefix;
  std::string match, filler, blank;  // 赌场 or 賭場, a thing to sit on, a space
};

std::vector<Encoding> Encodings() {
  return {
      {"utf8", "", "", "赌场", "椅", " "},
      {"utf8_with_mark", "", "\xef\xbb\xbf", "赌场", "椅", " "},
      {"utf8_ill_formed", "utf-8", "", "赌场", "这些椅子都是很好的东西我们要买很多很多张\xff", " "},
      {"gb18030", "gb18030", "", "\xb6\xc4\xb3\xa1", "\xd2\xce", " "},
      {"big5", "big5", "", "\xbd\xe4\xb3\xf5", "\xb4\xc8", " "},
      {"utf16le_with_mark", "", "\xff\xfe", "\x4c\x8d\x3a\x57", "\x05\x69", std::string(" \0", 2)},
      {"utf16be", "utf-16be", "", "\x8d\x4c\x57\x3a", "\x69\x05", std::string("\0 ", 2)},
  };
}

class FileChunksTest : public testing::TestWithParam<Encoding> {};

TEST_P(FileChunksTest, AnyPiecesGiveTheResultOfTheWhole) {
  const Encoding& e = GetParam();
  std::mt19937 random(11);
  std::string bytes = e.prefix;
  // Some matches lie together, some far apart, some at the borders that blocks and pieces may have.
  while (bytes.size() < 300000) {
    for (uint32_t n = random() % 4000; n > 0; --n) bytes += random() % 8 ? e.filler : e.blank;
    bytes += e.match;
  }
  const std::string expected = Whole(bytes, e.charset);
  EXPECT_THAT(expected, HasSubstr("block complete"));
  EXPECT_THAT(expected, testing::AnyOf(HasSubstr("[赌场]"), HasSubstr("[賭場]")));
  for (const size_t size : {size_t{1}, size_t{3}, size_t{4095}, size_t{4096}, size_t{4097},
                            size_t{65536}, size_t{65537}, size_t{262145}}) {
    EXPECT_EQ(CheckFile(bytes, e.charset, [size] { return size; }), expected) << size;
  }
  for (int round = 0; round < 8; ++round) {
    EXPECT_EQ(CheckFile(bytes, e.charset, [&random] { return 1 + random() % 20000; }), expected);
  }
  // And the same as a field of a content, whose bytes are all there at once.
  Content content;
  content.surface = Surface::kFile;
  content.fields.push_back({"f.txt", bytes, e.charset, false});
  const auto field = SampleChecker()->Check(content, Options());
  ASSERT_OK(field);
  EXPECT_EQ(Describe(*field), expected);
}

INSTANTIATE_TEST_SUITE_P(All, FileChunksTest, testing::ValuesIn(Encodings()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(FileCheckTest, SmallFilesInEveryDivision) {
  for (const std::string& bytes :
       {std::string("a 赌 场 b"), std::string("\xef\xbb\xbf赌场"), std::string("赌\xff场 x")}) {
    const std::string expected = Whole(bytes, "");
    for (size_t first = 1; first < bytes.size(); ++first) {
      int piece = 0;
      EXPECT_EQ(CheckFile(bytes, "", [&] { return piece++ == 0 ? first : bytes.size(); }), expected)
          << "divided at " << first;
    }
  }
}

TEST(FileCheckTest, AnEmptyFileIsClean) { EXPECT_EQ(Whole("", ""), "allow complete UTF-8"); }

TEST(FileCheckTest, OtherFormatsAreNeverAllowed) {
  const std::string png = std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv) + "赌场";
  for (const size_t size : {size_t{1}, size_t{5}, png.size()}) {
    EXPECT_EQ(CheckFile(png, "", [size] { return size; }),
              "review failed ; unsupported_format f.txt ");
  }
  std::string large = png;
  large.resize(100000);
  EXPECT_EQ(CheckFile(large, "", [] { return 1000; }), "review failed ; unsupported_format f.txt ");
  // Whatever its charset is said to be.
  EXPECT_EQ(Whole(large, "utf-16le"), "review failed ; unsupported_format f.txt ");
}

TEST(FileCheckTest, AFileThatIsMostlyNotTextIsNotClean) {
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes += "\xfd\xfc\xfb?";
  EXPECT_THAT(Whole(bytes, "utf-8"), HasSubstr("review partial"));
  EXPECT_THAT(Whole(bytes, "utf-8"), HasSubstr("undecodable f.txt"));
}

TEST(FileCheckTest, AnUnknownCharsetIsRefusedAtTheStart) {
  Checker::FileInput input;
  input.charset = "klingon";
  EXPECT_THAT(SampleChecker()->StartFile(input),
              StatusIs(StatusCode::kInvalidArgument,
                       testing::AllOf(HasSubstr("the file"), HasSubstr("klingon"))));
}

TEST(FileCheckTest, EndsOnce) {
  auto file = SampleChecker()->StartFile({});
  ASSERT_OK(file);
  ASSERT_OK((*file)->Feed("赌场"));
  ASSERT_OK((*file)->Finish());
  EXPECT_THAT((*file)->Finish(), StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_THAT((*file)->Feed("x"), StatusIs(StatusCode::kFailedPrecondition));
}

TEST(FileCheckTest, StaysDeadOnceTimeIsUp) {
  CheckOptions options;
  int asked = 0;
  options.expired = [&asked] { return ++asked == 3; };
  auto file = SampleChecker()->StartFile({}, options);
  ASSERT_OK(file);
  const std::string text(100000, 'x');
  absl::Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) status = (*file)->Feed(text);
  EXPECT_THAT(status, StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_THAT((*file)->Feed("x"), StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_THAT((*file)->Finish(), StatusIs(StatusCode::kDeadlineExceeded));
}

TEST(FileCheckTest, OutlivesItsChecker) {
  auto checker = std::make_unique<Checker>(SamplePack(), DefaultPolicy());
  auto file = checker->StartFile({});
  ASSERT_OK(file);
  checker.reset();
  ASSERT_OK((*file)->Feed("赌场"));
  EXPECT_EQ((*file)->Finish()->decision, Decision::kBlock);
}

}  // namespace
}  // namespace winnow
