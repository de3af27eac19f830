#include "service/system/logger.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"
#include "tests/support/manual_clock.h"

namespace winnow::system {
namespace {

using ::testing::HasSubstr;

absl::Time Noon() { return absl::FromUnixMillis(1772357400123); }

// Protobuf's JSON reader is the judge of whether a line is JSON.
google::protobuf::Struct Read(const std::string& line) {
  google::protobuf::Struct object;
  auto status = google::protobuf::util::JsonStringToMessage(line, &object);
  EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << line;
  return object;
}

std::string TextOf(const std::string& value) {
  return Read(FormatLogLine(Noon(), LogLevel::kInfo, "m", {{"v", value}}))
      .fields()
      .at("v")
      .string_value();
}

TEST(FormatLogLine, IsOneJsonObject) {
  EXPECT_EQ(FormatLogLine(Noon(), LogLevel::kInfo, "pack loaded",
                          {{"pack_revision", "packs/x/revisions/1"},
                           {"rules", 12u},
                           {"delta", -3},
                           {"ratio", 0.25},
                           {"recompiled", false},
                           {"duration_ms", absl::Microseconds(1500)},
                           {"since", absl::FromUnixSeconds(0)}}),
            R"({"time":"2026-03-01T09:30:00.123Z","level":"info","message":"pack loaded",)"
            R"("pack_revision":"packs/x/revisions/1","rules":12,"delta":-3,"ratio":0.25,)"
            R"("recompiled":false,"duration_ms":1.500,"since":"1970-01-01T00:00:00.000Z"})");
}

TEST(FormatLogLine, EscapesWhatJsonForbids) {
  std::string line = FormatLogLine(Noon(), LogLevel::kError,
                                   "a\"b\\c\nd\te\x01"
                                   "f\x7f",
                                   {{"k\"ey", std::string("nul\0!", 5)}});
  EXPECT_EQ(line.find('\n'), std::string::npos) << "a line stays one line";
  auto object = Read(line);
  EXPECT_EQ(object.fields().at("message").string_value(),
            "a\"b\\c\nd\te\x01"
            "f\x7f");
  EXPECT_EQ(object.fields().at("k\"ey").string_value(), std::string("nul\0!", 5));
}

TEST(FormatLogLine, ReplacesIllFormedUtf8) {
  EXPECT_EQ(TextOf("赌场 é 😀"), "赌场 é 😀");
  EXPECT_EQ(TextOf("a\xff"
                   "b"),
            "a\uFFFD"
            "b");
  EXPECT_EQ(TextOf("\xc0\xaf"), "\uFFFD\uFFFD") << "overlong";
  EXPECT_EQ(TextOf("\xed\xa0\x80!"), "\uFFFD\uFFFD\uFFFD!") << "a surrogate";
  EXPECT_EQ(TextOf("\xf4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "past U+10FFFF";
  EXPECT_EQ(TextOf("end\xe8\xb5"), "end\uFFFD\uFFFD") << "cut short";
}

TEST(FormatLogLine, CutsLongTextsOnACharacter) {
  std::string just(kLogTextBytesMax, 'x');
  EXPECT_EQ(TextOf(just), just);
  EXPECT_EQ(TextOf(just + "y"), just + "…");
  std::string han;
  while (han.size() < kLogTextBytesMax + 10) han += "赌";
  std::string cut = TextOf(han);
  EXPECT_EQ(cut, han.substr(0, (kLogTextBytesMax + 2) / 3 * 3) + "…");
}

TEST(FormatLogLine, NumbersThatJsonLacksAreNull) {
  auto object = Read(FormatLogLine(
      Noon(), LogLevel::kInfo, "m",
      {{"a", std::numeric_limits<double>::infinity()}, {"b", absl::InfiniteDuration()}}));
  EXPECT_TRUE(object.fields().at("a").has_null_value());
  EXPECT_TRUE(object.fields().at("b").has_null_value());
}

TEST(LogLevel, NamesGoBothWays) {
  for (LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    EXPECT_EQ(LogLevelFromName(Name(level)), level);
  }
  EXPECT_EQ(LogLevelFromName("INFO"), std::nullopt);
  EXPECT_EQ(LogLevelFromName(""), std::nullopt);
}

class MemoryStream {
 public:
  MemoryStream() : stream_(open_memstream(&data_, &size_)) {}
  ~MemoryStream() {
    fclose(stream_);
    std::free(data_);
  }
  std::FILE* stream() { return stream_; }
  std::vector<std::string> Lines() {
    std::fflush(stream_);
    std::vector<std::string> lines =
        absl::StrSplit(absl::string_view(data_, size_), '\n', absl::SkipEmpty());
    return lines;
  }

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
  std::FILE* stream_;
};

TEST(Logger, WritesEverythingBeforeItEndsInOrder) {
  MemoryStream memory;
  ManualClock clock;
  {
    Logger log({.level = LogLevel::kInfo, .stream = memory.stream()}, &clock);
    log.Debug("not wanted");
    for (int i = 0; i < 1000; ++i) log.Info("line", {{"n", i}});
    log.Error("last");
    EXPECT_FALSE(log.Enabled(LogLevel::kDebug));
    EXPECT_TRUE(log.Enabled(LogLevel::kWarning));
  }
  std::vector<std::string> lines = memory.Lines();
  ASSERT_EQ(lines.size(), 1001u);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(Read(lines[i]).fields().at("n").number_value(), i);
  }
  EXPECT_THAT(lines.back(), HasSubstr(R"("level":"error","message":"last")"));
}

TEST(Logger, LinesOfManyThreadsStayWhole) {
  MemoryStream memory;
  ManualClock clock;
  {
    Logger log({.stream = memory.stream(), .lines_waiting_max = 100000}, &clock);
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&log, t] {
        for (int i = 0; i < 500; ++i)
          log.Info("m", {{"thread", t}, {"text", std::string(100, 'x')}});
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  std::vector<std::string> lines = memory.Lines();
  ASSERT_EQ(lines.size(), 4000u);
  for (const std::string& line : lines) Read(line);
}

TEST(Logger, DoesNotWaitForAReaderThatStopped) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::FILE* stream = fdopen(ends[1], "w");
  ManualClock clock;
  std::thread reader;
  {
    Logger log({.stream = stream, .lines_waiting_max = 64}, &clock);
    // Far more than the pipe and the queue hold, while nobody reads.
    for (int i = 0; i < 5000; ++i) log.Info("m", {{"text", std::string(200, 'x')}});
    EXPECT_GT(log.dropped(), 4000u);
    reader = std::thread([fd = ends[0]] {
      char buffer[4096];
      while (read(fd, buffer, sizeof buffer) > 0) {
      }
    });
  }
  fclose(stream);
  reader.join();
  close(ends[0]);
}

}  // namespace
}  // namespace winnow::system
