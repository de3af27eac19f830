#include "service/domain/page_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

const Uuid kLast = *ParseUuid("0197f3a0-1c2b-7def-8123-456789abcdef");

void ExpectRefused(const absl::StatusOr<Uuid>& opened, std::string_view says) {
  ASSERT_THAT(opened, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(std::string(says))));
  EXPECT_EQ(DetailOf(opened.status())->fields[0].field, "page_token");
}

TEST(PageTokenTest, OpensWhatItMade) {
  const PageTokens tokens(std::string(32, 'k'));
  const std::string token = tokens.Make(kLast, "acme/50/");
  EXPECT_THAT(token, MatchesRegex("[A-Za-z0-9_-]+"));
  const auto opened = tokens.Open(token, "acme/50/");
  ASSERT_OK(opened);
  EXPECT_EQ(*opened, kLast);
}

TEST(PageTokenTest, EveryChangeIsRefused) {
  const PageTokens tokens(std::string(32, 'k'));
  const std::string token = tokens.Make(kLast, "acme/50/");
  for (size_t i = 0; i < token.size(); ++i) {
    for (char other : {'A', 'b', '0', '-', '_', '=', ' ', '\n', '\xFF'}) {
      if (token[i] == other) continue;
      std::string changed = token;
      changed[i] = other;
      ExpectRefused(tokens.Open(changed, "acme/50/"), "next_page_token");
    }
    ExpectRefused(tokens.Open(token.substr(0, i), "acme/50/"), "next_page_token");
  }
  ExpectRefused(tokens.Open(token + "A", "acme/50/"), "next_page_token");
  ExpectRefused(tokens.Open(token + "=", "acme/50/"), "next_page_token");
  ExpectRefused(tokens.Open(std::string(100'000, 'A'), "acme/50/"), "next_page_token");
}

TEST(PageTokenTest, AnotherQuestionOrKeyIsRefused) {
  const PageTokens tokens(std::string(32, 'k'));
  const std::string token = tokens.Make(kLast, "acme/50/");
  ExpectRefused(tokens.Open(token, "acme/50/decision = BLOCK"), "other arguments");
  ExpectRefused(tokens.Open(token, "other/50/"), "other arguments");
  ExpectRefused(PageTokens(std::string(32, 'j')).Open(token, "acme/50/"), "next_page_token");
}

}  // namespace
}  // namespace winnow::domain
