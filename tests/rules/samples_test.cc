// The samples that `tools/dev run` sends get the answers they name, without a server.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "engine/base/strings.h"
#include "tests/rules/bundle.h"
#include "tests/support/golden.h"

namespace winnow {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path Samples() { return fs::path(WINNOW_SOURCE_DIR) / "tests/data/samples"; }

std::string DecisionOf(const CheckResult& result) {
  return absl::AsciiStrToUpper(ToAbsl(Name(result.decision)));
}

CheckOptions WithExcerpts() {
  CheckOptions options;
  options.excerpts = true;
  return options;
}

TEST(Samples, OrdersGetTheirDecisions) {
  std::istringstream in(test::ReadFileOrFail(Samples() / "orders.jsonl"));
  std::set<Category> categories;
  std::set<std::string> ids;
  std::map<std::string, int> expected;
  for (std::string line; std::getline(in, line);) {
    const json order = json::parse(line, nullptr, false);
    ASSERT_TRUE(order.is_object()) << line;
    EXPECT_TRUE(ids.insert(order["id"]).second) << line;
    const auto surface = ParseSurface(order["surface"].get<std::string>());
    ASSERT_TRUE(surface) << line;
    std::vector<std::pair<std::string, std::string>> fields;
    for (const auto& [key, value] : order["fields"].items()) fields.emplace_back(key, value);
    Content content;
    content.surface = *surface;
    for (const auto& [key, value] : fields) {
      content.fields.emplace_back();
      content.fields.back().key = key;
      content.fields.back().bytes = value;
    }
    const auto result = test::BundledChecker().Check(content, WithExcerpts());
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(DecisionOf(*result), order["expect"]) << line << "\n" << test::Describe(*result);
    EXPECT_EQ(result->completeness, Completeness::kComplete) << line;
    for (const CategoryResult& c : result->categories) categories.insert(c.category);
    ++expected[order["expect"]];
  }
  EXPECT_EQ(categories.size(), static_cast<size_t>(kCategoryCount - 1)) << "each category once";
  for (const char* decision : {"ALLOW", "REVIEW", "BLOCK"}) EXPECT_GE(expected[decision], 5);
}

TEST(Samples, FilesGetTheirDecisions) {
  const json files = json::parse(test::ReadFileOrFail(Samples() / "files.json"), nullptr, false);
  ASSERT_TRUE(files.is_array());
  EXPECT_GE(files.size(), 10u);
  std::set<std::string> charsets;
  std::set<std::string> named;
  int unsupported = 0;
  for (const json& file : files) {
    const std::string bytes = test::ReadFileOrFail(Samples() / file["path"].get<std::string>());
    named.insert(file["path"]);
    Checker::FileInput input;
    input.file_name = file["path"];
    input.charset = file.value("charset", "");
    auto check = test::BundledChecker().StartFile(input, WithExcerpts());
    ASSERT_TRUE(check.ok()) << check.status();
    // As a client streams it, in pieces that cut characters.
    for (size_t at = 0; at < bytes.size(); at += 7) {
      ASSERT_TRUE((*check)->Feed(std::string_view(bytes).substr(at, 7)).ok());
    }
    const auto result = (*check)->Finish();
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(DecisionOf(*result), file["expect"])
        << file << "\n"
        << result->detected_charset << " " << test::Describe(*result);
    charsets.insert(result->detected_charset);
    for (const Shortfall& s : result->shortfalls) {
      unsupported += s.reason == ShortfallReason::kUnsupportedFormat;
    }
  }
  EXPECT_EQ(unsupported, 3);
  for (const char* charset : {"UTF-8", "GB18030", "Big5", "UTF-16LE"}) {
    EXPECT_TRUE(charsets.contains(charset)) << charset;
  }
  for (const auto& entry : fs::directory_iterator(Samples() / "files")) {
    EXPECT_TRUE(named.contains("files/" + entry.path().filename().string()))
        << entry.path() << " is not in files.json";
  }
}

}  // namespace
}  // namespace winnow
