#include "service/domain/verdict_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

using testing::HasSubstr;

Verdict Make(std::string content_id, std::string account_id, Decision decision, Surface surface,
             std::vector<Category> categories) {
  Verdict verdict;
  verdict.content.content_id = std::move(content_id);
  verdict.content.account_id = std::move(account_id);
  verdict.content.surface = surface;
  verdict.result.decision = decision;
  for (Category category : categories) {
    CategoryResult& result = verdict.result.categories.emplace_back();
    result.category = category;
  }
  return verdict;
}

// Letters name them in the table below.
const std::vector<Verdict>& Samples() {
  static const auto* const samples = new std::vector<Verdict>{
      /* a */ Make("one", "ann", Decision::kAllow, Surface::kOrder, {}),
      /* b */ Make("two", "ann", Decision::kReview, Surface::kFile, {Category::kRumors}),
      /* c */
      Make("three", "bob", Decision::kBlock, Surface::kOrder,
           {Category::kViceViolence, Category::kRumors}),
      /* d */
      Make("a \"b\" 'c'\\", "", Decision::kBlock, Surface::kMessage, {Category::kOtherProhibited}),
  };
  return *samples;
}

TEST(VerdictFilterTest, WhatMatches) {
  const struct {
    std::string_view filter;
    std::string_view matches;
  } kTable[] = {
      {"", "abcd"},
      {"  \t\n ", "abcd"},
      {"content_id = one", "a"},
      {"content_id=one", "a"},
      {"content_id = \"one\"", "a"},
      {"content_id = 'one'", "a"},
      {"content_id != one", "bcd"},
      {"NOT content_id = one", "bcd"},
      {"-content_id = one", "bcd"},
      {"- content_id != one", "a"},
      {R"(content_id = "a \"b\" 'c'\\")", "d"},
      {R"(content_id = 'a "b" \'c\'\\')", "d"},
      {"account_id = ann", "ab"},
      {"account_id = \"\"", "d"},
      {"account_id != ''", "abc"},
      {"decision = BLOCK", "cd"},
      {"decision = DECISION_BLOCK", "cd"},
      {"decision = \"BLOCK\"", "cd"},
      {"decision = block", "cd"},  // as rule files write it
      {"decision != ALLOW", "bcd"},
      {"NOT decision = ALLOW", "bcd"},
      {"decision = DECISION_UNSPECIFIED", "abcd"},
      {"decision != UNSPECIFIED", ""},
      {"surface = ORDER", "ac"},
      {"surface != SURFACE_ORDER", "bd"},
      {"category:RUMORS", "bc"},
      {"category:rumors", "bc"},
      {"surface = order", "ac"},
      {"category : CATEGORY_RUMORS", "bc"},
      {"NOT category:RUMORS", "ad"},
      {"category:RUMORS AND category:VICE_VIOLENCE", "c"},
      {"decision = BLOCK AND surface = ORDER AND NOT account_id = ann", "c"},
      {"decision = BLOCK AND decision = ALLOW", ""},
      {"content_id = one AND content_id = two", ""},
      {"content_id = AND", ""},  // a value may be a word that is otherwise a keyword
      {"create_time >= \"2026-01-01T00:00:00Z\"", "abcd"},  // the range is the reader's
  };
  for (const auto& row : kTable) {
    SCOPED_TRACE(row.filter);
    const auto filter = VerdictFilter::Parse(row.filter);
    ASSERT_OK(filter);
    std::string matched;
    for (size_t i = 0; i < Samples().size(); ++i) {
      if (!filter->Matches(Samples()[i])) continue;
      matched.push_back(static_cast<char>('a' + i));
      // What chooses an index must never leave a match out.
      EXPECT_TRUE(filter->MayBe(Samples()[i].result.decision));
      const ContentRef& content = Samples()[i].content;
      EXPECT_EQ(filter->content_id().value_or(content.content_id), content.content_id);
      EXPECT_EQ(filter->account_id().value_or(content.account_id), content.account_id);
    }
    EXPECT_EQ(matched, row.matches);
  }
}

TEST(VerdictFilterTest, WhatAnIndexCanBeChosenBy) {
  EXPECT_EQ(VerdictFilter::Parse("content_id = x AND account_id = y")->content_id(), "x");
  EXPECT_EQ(VerdictFilter::Parse("content_id = x AND account_id = y")->account_id(), "y");
  EXPECT_EQ(VerdictFilter::Parse("NOT content_id != x")->content_id(), "x");
  EXPECT_EQ(VerdictFilter::Parse("content_id != x")->content_id(), std::nullopt);
  EXPECT_FALSE(VerdictFilter::Parse("decision != ALLOW")->MayBe(Decision::kAllow));
  EXPECT_FALSE(VerdictFilter::Parse("decision = BLOCK")->MayBe(Decision::kReview));
  EXPECT_TRUE(VerdictFilter::Parse("surface = ORDER")->MayBe(Decision::kAllow));
}

TEST(VerdictFilterTest, Times) {
  constexpr uint64_t kT = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
  constexpr uint64_t kNone = uint64_t{1} << 48;
  const struct {
    std::string_view filter;
    uint64_t begin, end;
  } kTable[] = {
      {"", 0, kNone},
      {"create_time >= \"2026-01-01T00:00:00Z\"", kT, kNone},
      {"create_time >= 2026-01-01T00:00:00Z", kT, kNone},
      {"create_time > \"2026-01-01T00:00:00Z\"", kT + 1, kNone},
      {"create_time < \"2026-01-01T00:00:00Z\"", 0, kT},
      {"create_time <= \"2026-01-01T00:00:00Z\"", 0, kT + 1},
      {"NOT create_time < \"2026-01-01T00:00:00Z\"", kT, kNone},
      {"NOT create_time >= \"2026-01-01T00:00:00Z\"", 0, kT},
      {"create_time >= \"2026-01-01T08:00:00+08:00\"", kT, kNone},
      {"create_time >= \"2026-01-01T00:00:00.0005Z\"", kT + 1, kNone},
      {"create_time > \"2026-01-01T00:00:00.0005Z\"", kT + 1, kNone},
      {"create_time < \"2026-01-01T00:00:00.0005Z\"", 0, kT + 1},
      {"create_time <= \"2026-01-01T00:00:00.0005Z\"", 0, kT + 1},
      {"create_time >= \"1901-01-01T00:00:00Z\"", 0, kNone},
      {"create_time < \"1901-01-01T00:00:00Z\"", 0, 0},
      {"create_time >= \"2026-01-01T00:00:00Z\" AND create_time < \"2026-01-01T00:00:01Z\"", kT,
       kT + 1000},
      {"create_time >= \"2026-01-01T00:00:00Z\" AND create_time > \"2026-01-01T00:00:01Z\"",
       kT + 1001, kNone},
  };
  for (const auto& row : kTable) {
    SCOPED_TRACE(row.filter);
    const auto filter = VerdictFilter::Parse(row.filter);
    ASSERT_OK(filter);
    EXPECT_EQ(filter->begin_ms(), row.begin);
    EXPECT_EQ(filter->end_ms(), row.end);
  }
}

TEST(VerdictFilterTest, WhatIsRefused) {
  const struct {
    std::string_view filter;
    std::string_view position;
    std::string_view says;
  } kTable[] = {
      {"decision", "9", "expected an operator"},
      {"decision BLOCK", "10", "expected an operator"},
      {"decision =", "11", "expected a value"},
      {"decision = )", "12", "expected a value"},
      {"= BLOCK", "1", "expected a comparison"},
      {"decision = BLOCK AND", "21", "expected a comparison"},
      {"AND decision = BLOCK", "5", "expected an operator"},
      {"decision = BLOCK OR decision = REVIEW", "18", "OR is not supported"},
      {"decision = BLOCK decision = REVIEW", "18", "expected AND"},
      {"decision = BLOCK and surface = ORDER", "18", "expected AND"},
      {"(decision = BLOCK)", "1", "parentheses"},
      {"NOT (decision = BLOCK)", "5", "parentheses"},
      {"NOT NOT decision = BLOCK", "9", "expected an operator"},
      {"-NOT decision = BLOCK", "6", "expected an operator"},
      {"decision < BLOCK", "10", "= or !="},
      {"decision : BLOCK", "10", "= or !="},
      {"content_id : x", "12", "= or !="},
      {"content_id > x", "12", "= or !="},
      {"category = RUMORS", "10", "the operator :"},
      {"create_time = \"2026-01-01T00:00:00Z\"", "13", "<, <=, > or >="},
      {"create_time > yesterday", "15", "RFC 3339"},
      {"create_time > \"2026-01-01\"", "15", "RFC 3339"},
      {"create_time > \"2026-13-01T00:00:00Z\"", "15", "RFC 3339"},
      {"create_time > \"2026-01-01T00:00:00\"", "15", "RFC 3339"},
      {"decision = Block", "12", "ALLOW, REVIEW, BLOCK"},
      {"decision = SURFACE_ORDER", "12", "ALLOW, REVIEW, BLOCK"},
      {"surface = PAPER", "11", "ORDER, FILE, COMMENT, PROFILE, MESSAGE"},
      {"category:BADNESS", "10", "CONSTITUTIONAL_PRINCIPLES"},
      {"severity = HIGH", "1", "unknown field severity"},
      {"content_id = \"open", "14", "never closed"},
      {"content_id = 'open\\'", "14", "never closed"},
      {"content_id = \"a\" \"b\"", "18", "expected AND"},
      {"content_id = a\"b\"", "15", "expected AND"},
      {"content_id = 网上 OR x = y", "17", "OR is not supported"},  // in characters
      {"content_id = x AND 😀 = y", "20", "expected a comparison"},
  };
  for (const auto& row : kTable) {
    SCOPED_TRACE(row.filter);
    const auto filter = VerdictFilter::Parse(row.filter);
    ASSERT_THAT(filter, StatusIs(absl::StatusCode::kInvalidArgument,
                                 HasSubstr(StrCat("filter: at position ", row.position, ": "))));
    EXPECT_THAT(filter,
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(std::string(row.says))));
    const auto detail = DetailOf(filter.status());
    EXPECT_EQ(detail->reason, "FIELD_INVALID");
    EXPECT_EQ(detail->fields[0].field, "filter");
    EXPECT_EQ(detail->metadata.at("position"), row.position);
  }
  const std::string fits = StrCat("content_id = ", std::string(2048 - 13, 'x'));
  EXPECT_OK(VerdictFilter::Parse(fits));
  EXPECT_THAT(VerdictFilter::Parse(fits + "x"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2048")));
}

}  // namespace
}  // namespace winnow::domain
