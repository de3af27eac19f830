#include "engine/rules/views.h"

#include <algorithm>
#include <string_view>

#include "engine/rules/codes.h"

namespace winnow::rules {
namespace {

// In the order of text::View.
constexpr std::string_view kViews[] = {"folded", "squeezed", "phonetic"};

}  // namespace

std::optional<text::ViewSet> ReadViews(const YamlNode& value, FieldReader* reader) {
  text::ViewSet views = 0;
  for (int v : reader->Choices(value, "views", kViews, "view")) {
    const auto view = static_cast<text::View>(v);
    if (view != text::View::kPhonetic) {
      views |= text::SetOf(view);
      continue;
    }
    const auto item = std::find_if(value.items.begin(), value.items.end(),
                                   [](const YamlNode& n) { return n.text == "phonetic"; });
    reader->Error(kViewUnavailable, item->where, "the view `phonetic` is not in this version", "",
                  "leave it out; the views of this version are `folded` and `squeezed`");
  }
  if (views == 0) return std::nullopt;
  return views;
}

}  // namespace winnow::rules
