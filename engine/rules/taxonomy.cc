#include "engine/rules/taxonomy.h"

#include <array>

namespace winnow {
namespace {

constexpr std::array<std::string_view, kCategoryCount> kCategories = {"unspecified",
                                                                      "constitutional_principles",
                                                                      "national_security",
                                                                      "terrorism_extremism",
                                                                      "international_relations",
                                                                      "religion_cults",
                                                                      "rumors",
                                                                      "illegal_assembly",
                                                                      "vice_violence",
                                                                      "rights_infringement",
                                                                      "other_prohibited"};
constexpr std::array<std::string_view, 5> kSeverities = {"unspecified", "low", "medium", "high",
                                                         "critical"};
constexpr std::array<std::string_view, 4> kDecisions = {"unspecified", "allow", "review", "block"};
constexpr std::array<std::string_view, kSurfaceCount> kSurfaces = {
    "unspecified", "order", "file", "comment", "profile", "message"};

constexpr std::string_view kViceLabels[] = {
    "pornography",      "gambling", "violence",         "drugs",       "weapons", "fraud",
    "money_laundering", "forgery",  "hacking_services", "child_safety"};
constexpr std::string_view kRightsLabels[] = {"doxxing", "personal_data", "defamation", "piracy"};
constexpr std::string_view kOtherLabels[] = {"wildlife", "medicine", "counterfeit",
                                             "unsolicited_ads"};

template <typename E, size_t N>
std::optional<E> Find(const std::array<std::string_view, N>& names, std::string_view name) {
  for (size_t i = 1; i < N; ++i) {
    if (names[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view Name(Category c) { return kCategories[static_cast<size_t>(c)]; }
std::string_view Name(Severity s) { return kSeverities[static_cast<size_t>(s)]; }
std::string_view Name(Decision d) { return kDecisions[static_cast<size_t>(d)]; }
std::string_view Name(Surface s) { return kSurfaces[static_cast<size_t>(s)]; }

std::optional<Category> ParseCategory(std::string_view name) {
  return Find<Category>(kCategories, name);
}
std::optional<Severity> ParseSeverity(std::string_view name) {
  return Find<Severity>(kSeverities, name);
}
std::optional<Decision> ParseDecision(std::string_view name) {
  return Find<Decision>(kDecisions, name);
}
std::optional<Surface> ParseSurface(std::string_view name) {
  return Find<Surface>(kSurfaces, name);
}

absl::Span<const std::string_view> LabelsOf(Category category) {
  switch (category) {
    case Category::kViceViolence:
      return kViceLabels;
    case Category::kRightsInfringement:
      return kRightsLabels;
    case Category::kOtherProhibited:
      return kOtherLabels;
    default:
      return {};
  }
}

}  // namespace winnow
