// Early return on a failed absl::Status. Debian's Abseil (20220623) has no status macros; these
// bear upstream's later names so that they can be dropped when it does.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns the status of `expr` from the enclosing function unless it is OK.
#define RETURN_IF_ERROR(expr)                                                              \
  do {                                                                                     \
    if (absl::Status winnow_status_ = (expr); !winnow_status_.ok()) return winnow_status_; \
  } while (false)

#define WINNOW_CONCAT_INNER_(a, b) a##b
#define WINNOW_CONCAT_(a, b) WINNOW_CONCAT_INNER_(a, b)

// Evaluates `expr`, an absl::StatusOr; returns its status on failure, else assigns the value to
// `lhs`, which may declare a variable: ASSIGN_OR_RETURN(auto pack, LoadPack(path));
#define ASSIGN_OR_RETURN(lhs, expr) \
  WINNOW_ASSIGN_OR_RETURN_(WINNOW_CONCAT_(winnow_statusor_, __LINE__), lhs, expr)
#define WINNOW_ASSIGN_OR_RETURN_(tmp, lhs, expr) \
  auto tmp = (expr);                             \
  if (!tmp.ok()) return std::move(tmp).status(); \
  lhs = *std::move(tmp)
