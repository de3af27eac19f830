// Ideographs that readers take for another, and of which ICU's transform says nothing: variants in
// print (敎 for 教), handwritten and old forms (囘 for 回), and what Japan made simpler in its own
// way (売 for 卖). Where ICU says something, it is followed.
#pragma once

#include <string_view>
#include <vector>

namespace winnow::text {

struct IdeographVariant {
  char32_t from;
  char32_t to;  // the usual simplified form, which folds to itself
};

// All of them, each `from` once. Any thread may call it.
const std::vector<IdeographVariant>& IdeographVariants();

}  // namespace winnow::text
