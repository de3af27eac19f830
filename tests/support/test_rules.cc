#include "tests/support/test_rules.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_replace.h"
#include "engine/base/strings.h"
#include "engine/pack/pack.h"
#include "engine/rules/diagnostics.h"
#include "tests/support/status_matchers.h"

namespace winnow {
namespace {

constexpr char kRules[] = R"(- id: gambling.test_word
  category: vice_violence
  label: gambling
  severity: high
  action: block
  match:
    any:
      - terms: [WORD, LATIN]
  reason: {en: Offers gambling., zh: 提供赌博服务。}
  tests:
    match: ['来WORD吧', 'Best LATIN in town']
    no_match: ['今天天气不错']

- id: rumors.test_word
  category: rumors
  severity: low
  action: review
  match:
    any:
      - terms: [REVIEWED]
  reason: {en: May be a rumour., zh: 可能是谣言。}
  tests:
    match: ['有REVIEWED在此']
    no_match: ['今天天气不错']
)";

}  // namespace

void WriteTestPack(const std::string& path, std::string_view word) {
  const std::string source = absl::StrReplaceAll(kRules, {{"WORD", ToAbsl(word)},
                                                          {"LATIN", ToAbsl(kBlockedLatin)},
                                                          {"REVIEWED", ToAbsl(kReviewedWord)}});
  const pack::CompileResult compiled =
      pack::CompilePack({{"rules/test.yaml", source}}, {.id = "test"});
  ASSERT_NE(compiled.pack, nullptr)
      << rules::Render(compiled.diagnostics, compiled.sources, /*color=*/false);
  ASSERT_OK(pack::WritePack(*compiled.pack, path));
}

void WriteTestPolicy(const std::string& path, std::string_view comment) {
  WriteWholeFile(path, StrCat("# ", comment, "\nid: test\nentries: []\n"));
}

std::string ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  EXPECT_TRUE(file.good()) << path;
  return content.str();
}

void WriteWholeFile(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  EXPECT_TRUE(file.good()) << path;
}

}  // namespace winnow
