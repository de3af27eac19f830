// The filter of ListVerdicts: a subset of AIP-160, as check_service.proto describes it. Inside the
// room only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "service/domain/verdict.h"

namespace winnow::domain {

// A parsed filter. Immutable.
class VerdictFilter {
 public:
  // FIELD_INVALID for `filter` with the position, counted in characters from 1.
  static absl::StatusOr<VerdictFilter> Parse(std::string_view filter);

  // Everything but the time, which the range below says exactly.
  bool Matches(const Verdict& verdict) const;

  // What a matching verdict must have, for choosing an index.
  const std::optional<std::string>& content_id() const { return content_id_; }
  const std::optional<std::string>& account_id() const { return account_id_; }
  // False when no matching verdict has this decision.
  bool MayBe(Decision decision) const;

  // The create times, in milliseconds since 1970, of all matching verdicts: [begin, end).
  uint64_t begin_ms() const { return begin_ms_; }
  uint64_t end_ms() const { return end_ms_; }

 private:
  friend class VerdictFilterParser;
  enum class Field { kContentId, kAccountId, kDecision, kSurface, kCategory };
  struct Condition {
    Field field;
    bool equal = true;
    std::string text;     // ids
    uint32_t number = 0;  // enums
  };
  bool Holds(const Condition& condition, const Verdict& verdict) const;

  std::vector<Condition> conditions_;
  std::optional<std::string> content_id_, account_id_;
  uint64_t begin_ms_ = 0;
  uint64_t end_ms_ = uint64_t{1} << 48;
};

}  // namespace winnow::domain
