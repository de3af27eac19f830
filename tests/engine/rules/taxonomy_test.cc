#include "engine/rules/taxonomy.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/rules/yaml_reader.h"
#include "tests/support/golden.h"

namespace winnow {
namespace {

template <typename E, typename Parse>
void CheckNames(int count, Parse parse) {
  std::set<std::string_view> seen;
  for (int i = 0; i < count; ++i) {
    const auto value = static_cast<E>(i);
    EXPECT_TRUE(seen.insert(Name(value)).second) << Name(value);
    if (i == 0) {
      EXPECT_EQ(Name(value), "unspecified");
      EXPECT_EQ(parse(Name(value)), std::nullopt);
    } else {
      EXPECT_EQ(parse(Name(value)), value);
    }
  }
  EXPECT_EQ(parse(""), std::nullopt);
  EXPECT_EQ(parse("Order"), std::nullopt);
}

TEST(TaxonomyTest, NamesAreUniqueAndRoundTrip) {
  CheckNames<Category>(kCategoryCount, ParseCategory);
  CheckNames<Severity>(5, ParseSeverity);
  CheckNames<Decision>(4, ParseDecision);
  CheckNames<Surface>(kSurfaceCount, ParseSurface);
}

// The order of the categories is that of their numbers, which packs and records store.
TEST(TaxonomyTest, IsTheOneOfTheFile) {
  const std::string path = std::string(WINNOW_SOURCE_DIR) + "/rules/taxonomy.yaml";
  std::vector<rules::Diagnostic> diagnostics;
  const auto root =
      rules::ParseYaml({"taxonomy.yaml", test::ReadFileOrFail(path)}, 0, &diagnostics);
  ASSERT_TRUE(root.has_value());
  ASSERT_TRUE(diagnostics.empty());
  ASSERT_EQ(root->entries.size(), static_cast<size_t>(kCategoryCount - 1));
  std::set<std::string> labels;
  for (int i = 1; i < kCategoryCount; ++i) {
    const auto& entry = root->entries[i - 1];
    const auto category = static_cast<Category>(i);
    EXPECT_EQ(entry.key, Name(category));
    ASSERT_EQ(entry.value.items.size(), LabelsOf(category).size()) << entry.key;
    for (size_t l = 0; l < entry.value.items.size(); ++l) {
      const std::string& label = entry.value.items[l].text;
      EXPECT_EQ(label, LabelsOf(category)[l]);
      // A label says which category is meant, so none belongs to two, nor is one's name.
      EXPECT_TRUE(labels.insert(label).second) << label;
      EXPECT_EQ(ParseCategory(label), std::nullopt) << label;
    }
  }
}

}  // namespace
}  // namespace winnow
