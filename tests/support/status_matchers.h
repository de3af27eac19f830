// Matchers for absl::Status and StatusOr, named as upstream names them; Debian's Abseil has none.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace winnow {

inline const absl::Status& StatusOf(const absl::Status& s) { return s; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& s) {
  return s.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

MATCHER_P2(StatusIs, code, message_matcher, "") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code &&
         testing::ExplainMatchResult(message_matcher, std::string(StatusOf(arg).message()),
                                     result_listener);
}
inline auto StatusIs(absl::StatusCode code) { return StatusIs(code, testing::_); }

}  // namespace winnow

#define EXPECT_OK(expr) EXPECT_THAT((expr), ::winnow::IsOk())
#define ASSERT_OK(expr) ASSERT_THAT((expr), ::winnow::IsOk())
