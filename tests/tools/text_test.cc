// The parts of the command line that have no process: JSON, hostile text, tables, lines.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "tests/support/temp_dir.h"
#include "tools/cli/console.h"
#include "tools/cli/interval.h"
#include "tools/cli/json.h"
#include "tools/cli/lines.h"
#include "tools/cli/record.h"

namespace winnow::cli {
namespace {

bool Accepts(std::string_view text) {
  JsonReader in(text);
  in.SkipValue();
  return in.End();
}

TEST(JsonReader, AcceptsWhatIsJsonAndNothingElse) {
  const char* kTexts[] = {"{}",
                          "[]",
                          "null",
                          "true",
                          "false",
                          "0",
                          "-0",
                          "1.5e+3",
                          "1E9",
                          "\"\"",
                          "\"\\u0041\\n\"",
                          " { \"a\" : [ 1 , 2 ] } ",
                          "[[[[]]]]",
                          "{\"a\":{\"a\":{}}}",
                          "",
                          " ",
                          "{",
                          "}",
                          "[",
                          "]",
                          "[1",
                          "[1,",
                          "[1,]",
                          "[,1]",
                          "[1 2]",
                          "{\"a\"}",
                          "{\"a\":}",
                          "{\"a\":1,}",
                          "{a:1}",
                          "{1:1}",
                          "{\"a\":1 \"b\":2}",
                          "01",
                          "1.",
                          ".5",
                          "+1",
                          "-",
                          "1e",
                          "1e+",
                          "nul",
                          "nulll",
                          "True",
                          "'a'",
                          "\"",
                          "\"\\\"",
                          "\"\\x\"",
                          "\"\\u12\"",
                          "\"\\u12g4\"",
                          "\"a\nb\"",
                          "1 1",
                          "[1]]",
                          "//",
                          "{\"a\":1}x",
                          "NaN",
                          "Infinity",
                          "\"\t\"",
                          "[true,false,null,0,\"\"]"};
  for (const char* text : kTexts) {
    EXPECT_EQ(Accepts(text), nlohmann::json::accept(text)) << text;
  }
}

// Random damage to good JSON, judged by an independent parser.
TEST(JsonReader, AgreesWithAnotherParserOnDamagedInput) {
  const std::string kGood =
      R"({"id": "a\"b", "n": [-1.25e-7, 0, true, null], "o": {"": [], "k": {"x": "\\ \/ \u00e9"}}})";
  constexpr std::string_view kBytes = "{}[]\",:\\0123456789.eE+-tfnu \n\tabx";
  std::mt19937 random(1);
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = kGood;
    for (unsigned edits = 1 + random() % 3; edits > 0; --edits) {
      const size_t at = random() % text.size();
      const char byte = kBytes[random() % kBytes.size()];
      switch (random() % 3) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.erase(at, 1);
          break;
        default:
          text.insert(at, 1, byte);
      }
    }
    // Lone surrogates are passed on by one and refused by the other.
    if (text.find("\\ud") != std::string::npos || text.find("\\uD") != std::string::npos) continue;
    const bool good = nlohmann::json::accept(text);
    ASSERT_EQ(Accepts(text), good) << text;
    accepted += good;
  }
  EXPECT_GT(accepted, 1000);
}

TEST(JsonReader, RefusesEndlessNesting) {
  EXPECT_FALSE(Accepts(std::string(1'000'000, '[')));
  EXPECT_FALSE(Accepts(std::string(100'000, '[') + std::string(100'000, ']')));
}

TEST(JsonReader, UndoesEscapes) {
  JsonReader in(R"("a\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t\ud800x")");
  std::string buffer;
  std::string_view value;
  ASSERT_TRUE(in.ReadString(&buffer, &value));
  EXPECT_EQ(value, "a\u00e9\U0001F600\"\\/\b\f\n\r\t\xED\xA0\x80x");
}

TEST(JsonString, IsReadBackAsItWas) {
  std::mt19937 random(2);
  for (int i = 0; i < 2'000; ++i) {
    std::string text;
    for (unsigned n = random() % 20; n > 0; --n) {
      constexpr const char* kPieces[] = {
          "a",  "\"",  "\\",         "\x01",   "\x7f", "é",      "荷官",         "\u200b",
          "\n", "<b>", "\U0001F600", "\u202e", "\t",   "\u0085", "\xEF\xBB\xBF", "\U000E0041"};
      text += kPieces[random() % std::size(kPieces)];
    }
    std::string json;
    AppendJsonString(text, &json);
    EXPECT_EQ(nlohmann::json::parse(json).get<std::string>(), text);
    EXPECT_EQ(Harmless(json), json) << "a terminal would obey or hide some of it";
  }
}

TEST(Record, KeepsIdsAsTheyAre) {
  struct Case {
    const char* line;
    const char* id_json;
    const char* id;
  };
  for (const Case& c : {Case{R"({"id":"a","text":""})", R"("a")", "a"},
                        Case{R"({"id":-1.5e3,"text":""})", "-1.5e3", "-1.5e3"},
                        Case{R"({"id":"\u0061\"","text":""})", R"("a\"")", "a\""},
                        Case{R"({"id":"荷","text":""})", R"("荷")", "荷"},
                        Case{"{\"id\":\"\u202e\",\"text\":\"\"}", R"("\u202e")", "\u202e"},
                        Case{R"({"i\u0064":"x","text":""})", R"("x")", "x"}}) {
    RecordReader record;
    ASSERT_TRUE(record.Parse(c.line)) << c.line << ": " << record.error();
    EXPECT_EQ(record.id_json(), c.id_json);
    EXPECT_EQ(record.id(), c.id);
  }
}

TEST(Harmless, LeavesNothingThatATerminalObeys) {
  struct Case {
    std::string_view text;
    std::string_view harmless;
  };
  for (const Case& c :
       {Case{"plain 荷官 é 😀", "plain 荷官 é 😀"}, Case{"\x1b[2J", "<U+001B>[2J"},
        Case{"a\nb\tc\rd", "a\\nb\\tc<U+000D>d"}, Case{"\u202e\u2066", "<U+202E><U+2066>"},
        Case{"\u200b\ufeff", "<U+200B><U+FEFF>"}, Case{"\u009b1m", "<U+009B>1m"},
        Case{"\x9b"
             "1m \xff",
             "<9B>1m <FF>"},
        Case{std::string_view("\0", 1), "<U+0000>"}, Case{"\U000E0041", "<U+E0041>"},
        Case{"\x7f", "<U+007F>"}}) {
    EXPECT_EQ(Harmless(c.text), c.harmless);
  }
}

TEST(Table, AlignsWideCharactersAndCutsOneColumn) {
  Table table({"NAME", "TEXT", "N"}, 1);
  table.Add({"a", "荷官荷官荷官荷官荷官荷官", "1"});
  table.Add({"荷官", "short", "22"});
  const Style plain{Terminal{}};
  EXPECT_EQ(table.Print(plain, 0),
            "NAME  TEXT                      N\n"
            "a     荷官荷官荷官荷官荷官荷官  1\n"
            "荷官  short                     22\n");
  EXPECT_EQ(table.Print(plain, 28),
            "NAME  TEXT                N\n"
            "a     荷官荷官荷官荷官…   1\n"
            "荷官  short               22\n");
}

TEST(Style, MarksMatchesWithAndWithoutColour) {
  EXPECT_EQ(Style(Terminal{}).Match("x"), "»x«");
  EXPECT_EQ(Style(Terminal{.colour = true, .width = 80}).Match("x"), "\x1b[7mx\x1b[0m");
  EXPECT_EQ(Columns(Style(Terminal{.colour = true, .width = 80}).Match("荷官")), 4u);
}

TEST(ForEachLine, NumbersLinesAndDropsTheirEnds) {
  const LineChunk chunk{"a\r\n\n  \nb\nc", 5, false};
  std::vector<std::pair<std::string, uint64_t>> lines;
  ForEachLine(chunk, [&](std::string_view line, uint64_t n) { lines.emplace_back(line, n); });
  EXPECT_EQ(lines, (std::vector<std::pair<std::string, uint64_t>>{{"a", 5}, {"b", 8}, {"c", 9}}));
}

// Any chunk size, any number of threads: the same lines in the same order.
TEST(ProcessLines, LosesAndReordersNothing) {
  std::mt19937 random(3);
  std::string text;
  for (int i = 0; i < 5'000; ++i)
    text += std::string(random() % 200, 'a') + std::to_string(i) + "\n";
  text += "last";
  const TempDir dir;
  const std::string path = dir.Sub("lines");
  FILE* file = fopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  ASSERT_EQ(fwrite(text.data(), 1, text.size(), file), text.size());
  fclose(file);
  for (const size_t threads : {1, 3}) {
    for (const size_t chunk_bytes : {1, 1000, 10'000'000}) {
      for (const size_t lines_max : {size_t{1}, size_t{7}, SIZE_MAX}) {
        absl::StatusOr<Input> input = Input::Open(path);
        ASSERT_TRUE(input.ok()) << input.status();
        LineOptions options;
        options.threads = threads;
        options.chunk_bytes = chunk_bytes;
        options.lines_max = lines_max;
        std::string seen;
        uint64_t next = 1;
        const absl::Status status = ProcessLines(
            &*input, options,
            [](const LineChunk& chunk) {
              return ChunkOutput{chunk.bytes, std::to_string(chunk.first_line)};
            },
            [&](const ChunkOutput& output) {
              EXPECT_EQ(output.err, std::to_string(next));
              next += static_cast<uint64_t>(std::count(output.out.begin(), output.out.end(), '\n'));
              seen += output.out;
              return absl::OkStatus();
            });
        ASSERT_TRUE(status.ok()) << status;
        ASSERT_EQ(seen, text);
      }
    }
  }
}

TEST(ProcessLines, StopsWhenNobodyListens) {
  const TempDir dir;
  const std::string path = dir.Sub("lines");
  FILE* file = fopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  for (int i = 0; i < 100'000; ++i) fputs("a line\n", file);
  fclose(file);
  absl::StatusOr<Input> input = Input::Open(path);
  ASSERT_TRUE(input.ok());
  LineOptions options;
  options.threads = 2;
  options.chunk_bytes = 1;
  options.lines_max = 10;
  int calls = 0;
  const absl::Status status = ProcessLines(
      &*input, options,
      [](const LineChunk&) {
        return ChunkOutput{"x", ""};
      },
      [&calls](const ChunkOutput&) {
        return ++calls == 3 ? absl::UnavailableError("full") : absl::OkStatus();
      });
  EXPECT_EQ(status, absl::UnavailableError("full"));
  EXPECT_EQ(calls, 3);
}

TEST(WilsonIntervalTest, IsThatOfTheTables) {
  const struct {
    uint64_t good, all;
    double low, high;
  } cases[] = {{0, 0, 0, 1},           {0, 10, 0, 0.2775},
               {10, 10, 0.7225, 1},    {8, 10, 0.4902, 0.9433},
               {1, 2, 0.0945, 0.9055}, {500, 1000, 0.4691, 0.5309}};
  for (const auto& c : cases) {
    const Interval interval = WilsonInterval(c.good, c.all);
    EXPECT_NEAR(interval.low, c.low, 0.0001) << c.good << " of " << c.all;
    EXPECT_NEAR(interval.high, c.high, 0.0001) << c.good << " of " << c.all;
  }
}

}  // namespace
}  // namespace winnow::cli
