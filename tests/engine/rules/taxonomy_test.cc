#include "engine/rules/taxonomy.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

TEST(TaxonomyTest, NamesRoundTrip) {
  for (int i = 1; i < kCategoryCount; ++i) {
    EXPECT_EQ(ParseCategory(Name(static_cast<Category>(i))), static_cast<Category>(i));
  }
  EXPECT_EQ(ParseCategory("unspecified"), std::nullopt);
  EXPECT_EQ(ParseCategory("gambling"), std::nullopt);
}

}  // namespace
}  // namespace winnow
