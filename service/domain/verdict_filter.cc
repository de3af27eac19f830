#include "service/domain/verdict_filter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/time/time.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/rules/taxonomy.h"
#include "service/domain/error.h"

namespace winnow::domain {
namespace {

constexpr size_t kFilterBytesMax = 2048;
constexpr uint64_t kMillisEnd = uint64_t{1} << 48;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsNameChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
}

enum class Operator { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kHas };

Operator Negated(Operator op) {
  switch (op) {
    case Operator::kEqual:
      return Operator::kNotEqual;
    case Operator::kNotEqual:
      return Operator::kEqual;
    case Operator::kLess:
      return Operator::kGreaterEqual;
    case Operator::kLessEqual:
      return Operator::kGreater;
    case Operator::kGreater:
      return Operator::kLessEqual;
    case Operator::kGreaterEqual:
      return Operator::kLess;
    case Operator::kHas:
      break;
  }
  return op;  // category: handled by its user
}

// The number of "BLOCK", "DECISION_BLOCK" or "block", as rules and policies write it; 0 for
// "UNSPECIFIED".
template <typename Enum>
std::optional<uint32_t> ParseEnum(std::string_view text, std::string_view prefix, Enum last,
                                  std::string* known) {
  std::string_view name = text;
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  for (uint32_t n = 0; n <= static_cast<uint32_t>(last); ++n) {
    const std::string_view id = Name(static_cast<Enum>(n));
    const std::string upper = absl::AsciiStrToUpper(ToAbsl(id));
    if (name == upper || text == id) return n;
    if (n > 0) StrAppend(known, known->empty() ? "" : ", ", upper);
  }
  return std::nullopt;
}

// Milliseconds since 1970 that are at or after `time`, within what an id can say.
uint64_t CeilMillis(absl::Time time) {
  const int64_t floor = absl::ToUnixMillis(time);
  const int64_t ceil = absl::FromUnixMillis(floor) < time ? floor + 1 : floor;
  return static_cast<uint64_t>(std::clamp<int64_t>(ceil, 0, kMillisEnd));
}

}  // namespace

class VerdictFilterParser {
 public:
  explicit VerdictFilterParser(std::string_view text) : text_(text) {}

  absl::StatusOr<VerdictFilter> Parse() {
    SkipSpace();
    if (AtEnd()) return std::move(out_);
    while (true) {
      RETURN_IF_ERROR(Term());
      SkipSpace();
      if (AtEnd()) return std::move(out_);
      const size_t at = at_;
      const std::string_view word = Word();
      if (word == "OR") return Error(at, "OR is not supported; join comparisons by AND");
      if (word != "AND") return Error(at, "expected AND or the end of the filter");
    }
  }

 private:
  absl::Status Term() {
    SkipSpace();
    bool negated = false;
    size_t at = at_;
    if (!AtEnd() && text_[at_] == '-') {
      negated = true;
      ++at_;
      SkipSpace();
      at = at_;
    }
    std::string_view name = Word();
    if (name == "NOT" && !negated) {
      negated = true;
      SkipSpace();
      at = at_;
      name = Word();
    }
    if (name.empty()) {
      if (!AtEnd() && text_[at] == '(') {
        return Error(at, "parentheses are not supported; join comparisons by AND");
      }
      return Error(at, "expected a comparison such as decision = BLOCK");
    }
    return Comparison(name, at, negated);
  }

  absl::Status Comparison(std::string_view name, size_t name_at, bool negated) {
    SkipSpace();
    const size_t op_at = at_;
    const std::optional<Operator> op = ReadOperator();
    if (!op) return Error(op_at, StrCat("expected an operator after ", name));
    SkipSpace();
    const size_t value_at = at_;
    ASSIGN_OR_RETURN(std::string value, Value());

    using F = VerdictFilter::Field;
    if (name == "content_id" || name == "account_id") {
      RETURN_IF_ERROR(Expect(name, op_at, *op, {Operator::kEqual, Operator::kNotEqual}, "= or !="));
      const bool equal = (*op == Operator::kEqual) != negated;
      const bool content = name == "content_id";
      if (equal) (content ? out_.content_id_ : out_.account_id_) = value;
      out_.conditions_.push_back(
          {content ? F::kContentId : F::kAccountId, equal, std::move(value), 0});
      return absl::OkStatus();
    }
    if (name == "decision") {
      return EnumCondition(F::kDecision, name, op_at, *op, value, value_at, negated, "DECISION_",
                           Decision::kBlock);
    }
    if (name == "surface") {
      return EnumCondition(F::kSurface, name, op_at, *op, value, value_at, negated, "SURFACE_",
                           Surface::kMessage);
    }
    if (name == "category") {
      return EnumCondition(F::kCategory, name, op_at, *op, value, value_at, negated, "CATEGORY_",
                           Category::kOtherProhibited);
    }
    if (name == "create_time") return Time(op_at, *op, value, value_at, negated);
    return Error(name_at, StrCat("unknown field ", name,
                                 "; there are content_id, account_id, decision, surface, category "
                                 "and create_time"));
  }

  template <typename Enum>
  absl::Status EnumCondition(VerdictFilter::Field field, std::string_view name, size_t op_at,
                             Operator op, std::string_view value, size_t value_at, bool negated,
                             std::string_view prefix, Enum last) {
    if (field == VerdictFilter::Field::kCategory) {
      RETURN_IF_ERROR(Expect(name, op_at, op, {Operator::kHas}, "the operator :"));
    } else {
      RETURN_IF_ERROR(Expect(name, op_at, op, {Operator::kEqual, Operator::kNotEqual}, "= or !="));
    }
    std::string known;
    const std::optional<uint32_t> number = ParseEnum(value, prefix, last, &known);
    if (!number) {
      return Error(value_at,
                   StrCat(value, " is not a value of ", name, "; the values are ", known));
    }
    out_.conditions_.push_back({field, (op != Operator::kNotEqual) != negated, "", *number});
    return absl::OkStatus();
  }

  absl::Status Time(size_t op_at, Operator op, const std::string& value, size_t value_at,
                    bool negated) {
    RETURN_IF_ERROR(
        Expect("create_time", op_at, op,
               {Operator::kLess, Operator::kLessEqual, Operator::kGreater, Operator::kGreaterEqual},
               "<, <=, > or >="));
    absl::Time time;
    std::string why;
    // RFC 3339 asks for the T, the seconds and a zone, which Abseil's reader leaves open.
    if (value.find('T') == value.npos || !absl::ParseTime(absl::RFC3339_full, value, &time, &why)) {
      return Error(value_at, StrCat("\"", value,
                                    "\" is not a time; write RFC 3339, such as "
                                    "\"2026-01-01T00:00:00Z\""));
    }
    // A create time is a whole number of milliseconds.
    const uint64_t at_or_after = CeilMillis(time);
    const uint64_t after = CeilMillis(time + absl::Nanoseconds(1));
    switch (negated ? Negated(op) : op) {
      case Operator::kLess:
        out_.end_ms_ = std::min(out_.end_ms_, at_or_after);
        break;
      case Operator::kLessEqual:
        out_.end_ms_ = std::min(out_.end_ms_, after);
        break;
      case Operator::kGreater:
        out_.begin_ms_ = std::max(out_.begin_ms_, after);
        break;
      default:
        out_.begin_ms_ = std::max(out_.begin_ms_, at_or_after);
    }
    return absl::OkStatus();
  }

  absl::Status Expect(std::string_view name, size_t op_at, Operator op,
                      std::initializer_list<Operator> allowed, std::string_view said) {
    if (std::find(allowed.begin(), allowed.end(), op) != allowed.end()) return absl::OkStatus();
    return Error(op_at, StrCat(name, " is compared with ", said));
  }

  std::optional<Operator> ReadOperator() {
    const auto take = [this](std::string_view s) {
      if (!text_.substr(at_).starts_with(s)) return false;
      at_ += s.size();
      return true;
    };
    if (take("!=")) return Operator::kNotEqual;
    if (take("<=")) return Operator::kLessEqual;
    if (take(">=")) return Operator::kGreaterEqual;
    if (take("=")) return Operator::kEqual;
    if (take("<")) return Operator::kLess;
    if (take(">")) return Operator::kGreater;
    if (take(":")) return Operator::kHas;
    return std::nullopt;
  }

  absl::StatusOr<std::string> Value() {
    const size_t begin = at_;
    if (AtEnd()) return Error(begin, "expected a value");
    if (text_[at_] == '"' || text_[at_] == '\'') return Quoted();
    while (!AtEnd() && !IsSpace(text_[at_]) && text_[at_] != '(' && text_[at_] != ')' &&
           text_[at_] != '"' && text_[at_] != '\'') {
      ++at_;
    }
    if (at_ == begin) return Error(begin, "expected a value");
    return std::string(text_.substr(begin, at_ - begin));
  }

  absl::StatusOr<std::string> Quoted() {
    const size_t begin = at_;
    const char quote = text_[at_++];
    std::string value;
    while (!AtEnd() && text_[at_] != quote) {
      if (text_[at_] == '\\') {
        ++at_;
        if (AtEnd()) break;
      }
      value.push_back(text_[at_++]);
    }
    if (AtEnd()) return Error(begin, "the quote is never closed");
    ++at_;
    return value;
  }

  std::string_view Word() {
    const size_t begin = at_;
    while (!AtEnd() && IsNameChar(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  void SkipSpace() {
    while (!AtEnd() && IsSpace(text_[at_])) ++at_;
  }
  bool AtEnd() const { return at_ >= text_.size(); }

  absl::Status Error(size_t at, std::string_view what) const {
    const auto characters =
        std::count_if(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(at),
                      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    const std::string position = std::to_string(characters + 1);
    const std::string description = StrCat("at position ", position, ": ", what);
    ErrorDetail detail;
    detail.reason = "FIELD_INVALID";
    detail.metadata.emplace("field", "filter");
    detail.metadata.emplace("position", position);
    detail.fields.push_back({"filter", description});
    return MakeError(absl::StatusCode::kInvalidArgument, StrCat("filter: ", description),
                     std::move(detail));
  }

  const std::string_view text_;
  size_t at_ = 0;
  VerdictFilter out_;
};

absl::StatusOr<VerdictFilter> VerdictFilter::Parse(std::string_view filter) {
  if (filter.size() > kFilterBytesMax) {
    return FieldInvalid("filter", StrCat("has ", filter.size(), " bytes, the limit is ",
                                         kFilterBytesMax, "; ask for less at a time"));
  }
  return VerdictFilterParser(filter).Parse();
}

bool VerdictFilter::Holds(const Condition& condition, const Verdict& verdict) const {
  switch (condition.field) {
    case Field::kContentId:
      return (verdict.content.content_id == condition.text) == condition.equal;
    case Field::kAccountId:
      return (verdict.content.account_id == condition.text) == condition.equal;
    case Field::kDecision:
      // "Unspecified" stands for any.
      return (condition.number == 0 || static_cast<uint32_t>(verdict.result.decision) ==
                                           condition.number) == condition.equal;
    case Field::kSurface:
      return (static_cast<uint32_t>(verdict.content.surface) == condition.number) ==
             condition.equal;
    case Field::kCategory:
      return std::any_of(verdict.result.categories.begin(), verdict.result.categories.end(),
                         [&](const CategoryResult& c) {
                           return static_cast<uint32_t>(c.category) == condition.number;
                         }) == condition.equal;
  }
  return false;
}

bool VerdictFilter::Matches(const Verdict& verdict) const {
  return std::all_of(conditions_.begin(), conditions_.end(),
                     [&](const Condition& condition) { return Holds(condition, verdict); });
}

bool VerdictFilter::MayBe(Decision decision) const {
  return std::all_of(conditions_.begin(), conditions_.end(), [&](const Condition& condition) {
    if (condition.field != Field::kDecision) return true;
    return (condition.number == 0 || static_cast<uint32_t>(decision) == condition.number) ==
           condition.equal;
  });
}

}  // namespace winnow::domain
