// What authors are told. Each testdata/diagnostics/<meaning>.yaml is parsed as rules and rendered
// into <meaning>.out; <meaning>.2.yaml, where it exists, is a second file of the same pack.
#include "engine/rules/diagnostics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>

#include "engine/base/strings.h"
#include "engine/rules/format.h"
#include "engine/rules/parser.h"
#include "tests/support/golden.h"

namespace winnow::rules {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const fs::path kFolder = fs::path(WINNOW_SOURCE_DIR) / "tests/engine/rules/testdata/diagnostics";

void CheckDiagnostics(const std::string& meaning, std::vector<SourceFile> sources) {
  const ParseResult result = ParseRules(sources);
  std::set<std::string> known;
  for (const DiagnosticCode& code : AllDiagnosticCodes()) known.insert(std::string(code.code));
  for (const Diagnostic& d : result.diagnostics) {
    EXPECT_TRUE(known.count(d.code)) << d.code << " has no explanation";
  }
  test::ExpectGolden(kFolder / (meaning + ".out"), Render(result.diagnostics, sources, false));
}

class DiagnosticsTest : public testing::TestWithParam<std::string> {};

TEST_P(DiagnosticsTest, ReadsAsReviewed) {
  const std::string& meaning = GetParam();
  std::vector<SourceFile> sources;
  for (const std::string& name : {meaning + ".yaml", meaning + ".2.yaml"}) {
    if (fs::exists(kFolder / name)) sources.push_back({name, test::ReadFileOrFail(kFolder / name)});
  }
  CheckDiagnostics(meaning, std::move(sources));
}

INSTANTIATE_TEST_SUITE_P(Files, DiagnosticsTest, testing::ValuesIn(test::Meanings(kFolder)),
                         [](const auto& info) { return info.param; });

// Sources too large or too regular to keep as files.
TEST(GeneratedSourceTest, TooLarge) {
  CheckDiagnostics("too_large", {{"too_large.yaml", std::string((16u << 20) + 1, '#')}});
}

TEST(GeneratedSourceTest, DeepNesting) {
  std::string text = "- id: gambling.deep\n  match: ";
  for (int i = 0; i < 40; ++i) text += "{any: [";
  CheckDiagnostics("deep_nesting", {{"deep_nesting.yaml", text}});
}

TEST(GeneratedSourceTest, TooManyValues) {
  std::string text = "- id: gambling.many\n  match: {terms: [";
  for (int i = 0; i < 500'000; ++i) text += "a,";
  CheckDiagnostics("too_many_values", {{"too_many_values.yaml", text + "b]}\n"}});
}

TEST(GeneratedSourceTest, LayoutThatWouldChangeWhatIsRead) {
  const SourceFile source{"layout.yaml", "- reason: |2\n      It offers gambling.\n"};
  std::vector<Diagnostic> diagnostics;
  EXPECT_FALSE(FormatYaml(source, 0, &diagnostics));
  test::ExpectGolden(kFolder / "layout.out", Render(diagnostics, {source}, false));
}

TEST(GeneratedSourceTest, LongLineIsShownAroundTheCaret) {
  std::string line = "- {id: gambling.x, match: {terms: [";
  for (int i = 0; i < 300; ++i) StrAppend(&line, "网上赌场", i, ", ");
  line += "[赌场], ";
  for (int i = 0; i < 300; ++i) StrAppend(&line, "百家乐", i, ", ");
  CheckDiagnostics("long_line", {{"long_line.yaml", line + "]}}\n"}});
}

// ---- Render ----

Diagnostic At(int line, int column, int end_line, int end_column) {
  Diagnostic d;
  d.code = "R002";
  d.message = "m";
  d.where = {0, line, column, end_line, end_column};
  return d;
}

TEST(RenderTest, NothingForNothing) { EXPECT_EQ(Render({}, {}, true), ""); }

struct Caret {
  std::string name;
  std::string text;
  int column, end_line, end_column;
  std::string line;   // as shown
  std::string caret;  // below it
};

class CaretTest : public testing::TestWithParam<Caret> {};

TEST_P(CaretTest, StandsBelow) {
  const Caret& c = GetParam();
  const std::string out =
      Render({At(1, c.column, c.end_line, c.end_column)}, {{"a.yaml", c.text}}, false);
  EXPECT_EQ(out, StrCat("error[R002]: m\n --> a.yaml:1:", c.column, "\n  |\n1 |",
                        c.line.empty() ? "" : " ", c.line, "\n  | ", c.caret, "\n\n1 error\n"));
}

INSTANTIATE_TEST_SUITE_P(
    Columns, CaretTest,
    testing::Values(Caret{"ascii", "id: x", 5, 1, 6, "id: x", "    ^"},
                    Caret{"wide", "赌场: 开户", 5, 1, 7, "赌场: 开户", "      ^^^^"},
                    Caret{"full_width", "Ａ: b", 4, 1, 5, "Ａ: b", "    ^"},
                    Caret{"combining", "e\u0301: b", 5, 1, 6, "e\u0301: b", "   ^"},
                    Caret{"emoji", "🎰 b", 3, 1, 4, "🎰 b", "   ^"},
                    Caret{"zero_width", "a\u200bb", 3, 1, 4, "a<U+200B>b", "         ^"},
                    Caret{"bidi", "a\u202e", 2, 1, 3, "a<U+202E>", " ^^^^^^^^"},
                    Caret{"tab", "\tb", 2, 1, 3, "    b", "    ^"},
                    Caret{"ill_formed",
                          "a\xff"
                          "b",
                          2, 1, 3, "a<FF>b", " ^^^^"},
                    Caret{"byte_order_mark", "\ufeffid", 1, 1, 3, "id", "^^"},
                    Caret{"several_lines", "ab: [\nc]", 5, 2, 3, "ab: [", "    ^"},
                    Caret{"carriage_return", "ab\rc", 2, 1, 3, "ab", " ^"},
                    Caret{"beyond_end", "ab", 3, 1, 4, "ab", "  ^"},
                    Caret{"empty_line", "", 1, 1, 2, "", "^"}),
    [](const auto& info) { return info.param.name; });

TEST(RenderTest, SourceCannotSpeakToTheTerminal) {
  Diagnostic d = At(1, 1, 1, 2);
  d.message = "no key `\x1b[2J`";
  d.label = "a\nb";
  d.help = "c\u202e";
  const std::string out = Render({d}, {{"a\x07.yaml", "\x1b[31mx"}}, false);
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(out, Not(HasSubstr("\x07")));
  EXPECT_THAT(out, HasSubstr("no key `<U+001B>[2J`"));
  EXPECT_THAT(out, HasSubstr("a<U+000A>b"));
  EXPECT_THAT(out, HasSubstr("c<U+202E>"));
}

TEST(RenderTest, WholeFileAndUnknownFile) {
  Diagnostic whole = At(0, 0, 0, 0);
  whole.label = "too large";
  whole.help = "split it";
  EXPECT_EQ(Render({whole}, {{"a.yaml", "x"}}, false),
            "error[R002]: m\n--> a.yaml\n = note: too large\n = help: split it\n\n1 error\n");
  whole.where.file = 7;
  EXPECT_EQ(Render({whole}, {{"a.yaml", "x"}}, false),
            "error[R002]: m\n = note: too large\n = help: split it\n\n1 error\n");
}

TEST(RenderTest, CountsAndColour) {
  Diagnostic warning = At(1, 1, 1, 2);
  warning.level = DiagnosticLevel::kWarning;
  const std::vector<SourceFile> sources = {{"a.yaml", "x"}};
  const std::vector<Diagnostic> mixed = {At(1, 1, 1, 2), warning, At(1, 1, 1, 2)};
  EXPECT_THAT(Render(mixed, sources, false), testing::EndsWith("\n2 errors, 1 warning\n"));
  EXPECT_THAT(Render({warning}, sources, false), testing::EndsWith("\n1 warning\n"));
  EXPECT_THAT(Render(mixed, sources, false), Not(HasSubstr("\x1b")));
  EXPECT_THAT(Render(mixed, sources, true), HasSubstr("\x1b[1;31merror[R002]\x1b[0m"));
  EXPECT_THAT(Render(mixed, sources, true), HasSubstr("\x1b[1;33mwarning[R002]\x1b[0m"));
}

TEST(RenderTest, ManyAreCountedNotShown) {
  const std::string out =
      Render(std::vector<Diagnostic>(3000, At(1, 1, 1, 2)), {{"a.yaml", "x"}}, false);
  EXPECT_THAT(out, testing::EndsWith("\nthe first 1000 are shown\n3000 errors\n"));
}

// ---- Codes ----

TEST(CodesTest, AreUniqueOrderedByKindAndExplained) {
  std::string previous;
  for (const DiagnosticCode& code : AllDiagnosticCodes()) {
    EXPECT_THAT(std::string(code.code), testing::MatchesRegex("[YRLAPTC][0-9][0-9][0-9]"));
    EXPECT_NE(code.title, "") << code.code;
    EXPECT_NE(code.explanation, "") << code.code;
    const bool same_kind = !previous.empty() && previous[0] == code.code[0];
    EXPECT_TRUE(!same_kind || previous < code.code) << code.code;
    previous = std::string(code.code);
  }
}

// Codes are written where the mistake is found, in several rooms; each must be in the table.
TEST(CodesTest, EveryCodeOfTheSourcesIsExplained) {
  std::set<std::string> known;
  for (const DiagnosticCode& code : AllDiagnosticCodes()) known.insert(std::string(code.code));
  const std::regex code("\"([YRLAPTC][0-9]{3})\"");
  size_t found = 0;
  for (const char* folder : {"engine", "service", "tools"}) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(WINNOW_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".cc" || entry.path().filename() == "codes.cc") continue;
      const std::string text = test::ReadFileOrFail(entry.path());
      for (std::sregex_iterator it(text.begin(), text.end(), code), end; it != end; ++it) {
        EXPECT_TRUE(known.count((*it)[1])) << (*it)[1] << " of " << entry.path();
        ++found;
      }
    }
  }
  EXPECT_GT(found, 20u);
}

// Of each code some golden shows how it is told, here or in the tests of the room that tells it.
TEST(CodesTest, EveryCodeHasAGolden) {
  std::set<std::string> shown;
  const std::regex told("(?:^|\n)(?:error|warning)\\[([A-Z][0-9]{3})\\]|,title=([A-Z][0-9]{3})::");
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(WINNOW_SOURCE_DIR) / "tests")) {
    if (entry.path().extension() != ".out") continue;
    const std::string text = test::ReadFileOrFail(entry.path());
    for (std::sregex_iterator it(text.begin(), text.end(), told), end; it != end; ++it) {
      shown.insert((*it)[1].matched ? (*it)[1] : (*it)[2]);
    }
  }
  for (const DiagnosticCode& code : AllDiagnosticCodes()) {
    EXPECT_TRUE(shown.count(std::string(code.code))) << code.code << ": " << code.title;
  }
  EXPECT_GE(AllDiagnosticCodes().size(), 60u);
}

}  // namespace
}  // namespace winnow::rules
