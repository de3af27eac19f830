#include "engine/rules/views.h"

#include <string_view>

namespace winnow::rules {
namespace {

// In the order of text::View.
constexpr std::string_view kViews[] = {"folded", "squeezed", "phonetic"};

}  // namespace

std::optional<text::ViewSet> ReadViews(const YamlNode& value, FieldReader* reader) {
  text::ViewSet views = 0;
  for (int v : reader->Choices(value, "views", kViews, "view")) {
    views |= text::SetOf(static_cast<text::View>(v));
  }
  if (views == 0) return std::nullopt;
  return views;
}

}  // namespace winnow::rules
