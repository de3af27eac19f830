// The closed vocabulary that rules, packs, policies, verdicts and the API share. Numbers are stored
// in packs and records: never renumber, only append.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace winnow {

// The ten prohibited kinds, numbered as in the platform's terms.
enum class Category : uint8_t {
  kUnspecified = 0,
  kConstitutionalPrinciples = 1,
  kNationalSecurity = 2,
  kTerrorismExtremism = 3,
  kInternationalRelations = 4,
  kReligionCults = 5,
  kRumors = 6,
  kIllegalAssembly = 7,
  kViceViolence = 8,
  kRightsInfringement = 9,
  kOtherProhibited = 10,
};
inline constexpr int kCategoryCount =
    11;  // with kUnspecified: the size of a table indexed by Category

enum class Severity : uint8_t { kUnspecified = 0, kLow = 1, kMedium = 2, kHigh = 3, kCritical = 4 };

// What is done with a content, and what a rule alone asks for. Ordered: the stricter is the
// greater.
enum class Decision : uint8_t { kUnspecified = 0, kAllow = 1, kReview = 2, kBlock = 3 };

// Where content appears.
enum class Surface : uint8_t {
  kUnspecified = 0,
  kOrder = 1,
  kFile = 2,
  kComment = 3,
  kProfile = 4,
  kMessage = 5,
};
inline constexpr int kSurfaceCount = 6;

// A set of surfaces, bit `1 << surface`.
using SurfaceMask = uint32_t;
inline constexpr SurfaceMask kAllSurfaces = 0b111110;
constexpr SurfaceMask MaskOf(Surface s) { return SurfaceMask{1} << static_cast<int>(s); }

// The spelling in rule files, policies, metrics and the console ("vice_violence", "high", "block",
// "order"); "unspecified" for the zero value.
std::string_view Name(Category c);
std::string_view Name(Severity s);
std::string_view Name(Decision d);
std::string_view Name(Surface s);

// The inverse of Name(); nullopt for an unknown spelling and for "unspecified".
std::optional<Category> ParseCategory(std::string_view name);
std::optional<Severity> ParseSeverity(std::string_view name);
std::optional<Decision> ParseDecision(std::string_view name);
std::optional<Surface> ParseSurface(std::string_view name);

// The labels a rule of `category` may bear, in the order of rules/taxonomy.yaml (a test compares
// them). Empty for categories without sub-labels: their rules carry no label.
absl::Span<const std::string_view> LabelsOf(Category category);

}  // namespace winnow
