// Reading stored verdicts back. On the io pool; inside the room only.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "service/domain/checks.h"
#include "service/domain/page_token.h"
#include "service/domain/verdict_filter.h"

namespace winnow::domain {

// VERDICT_NOT_FOUND, or what the store says.
absl::StatusOr<Verdict> ReadVerdict(Store& store, const std::string& tenant, const Uuid& id);

// What ListVerdicts asks for, checked.
struct ListQuestion {
  std::string tenant;
  size_t page_size = 0;
  VerdictFilter filter;
  std::optional<Uuid> after;    // the last id that was visited
  std::string other_arguments;  // what a page token is bound to

  static absl::StatusOr<ListQuestion> Parse(std::string tenant, int32_t page_size,
                                            std::string_view page_token, std::string_view filter,
                                            const PageTokens& tokens);
};

// One page, the newest first, read by way of the index that promises the fewest. A page ends early,
// with a token, after kListPageBytesMax of records in it, or when it has looked at kListVisitedMax
// entries or kListVisitedBytesMax of records.
inline constexpr size_t kListVisitedMax = 10'000;
inline constexpr size_t kListVisitedBytesMax = 16 << 20;
inline constexpr size_t kListPageBytesMax = 2 << 20;
absl::StatusOr<VerdictPage> ListPage(Store& store, const ListQuestion& question,
                                     const PageTokens& tokens);

}  // namespace winnow::domain
