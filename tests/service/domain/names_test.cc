// Resource names and UUIDs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/base/strings.h"
#include "service/domain/checks.h"
#include "service/domain/error.h"
#include "service/domain/uuid.h"
#include "tests/support/status_matchers.h"

namespace winnow::domain {
namespace {

using testing::HasSubstr;

constexpr std::string_view kId = "0197f3a0-1c2b-7def-8123-456789abcdef";

TEST(NamesTest, Tenants) {
  const struct {
    std::string name;
    std::string tenant;  // empty: refused
  } kTable[] = {
      {"tenants/a", "a"},
      {"tenants/acme-2", "acme-2"},
      {"tenants/" + std::string(63, 'x'), std::string(63, 'x')},
      {"tenants/" + std::string(64, 'x'), ""},
      {"", ""},
      {"tenants/", ""},
      {"tenants", ""},
      {"acme", ""},
      {"tenants/-a", ""},
      {"tenants/a-", ""},
      {"tenants/A", ""},
      {"tenants/a_b", ""},
      {"tenants/a/b", ""},
      {"tenants/a b", ""},
      {"tenants/\xE5\xAE\xA2", ""},
      {std::string("tenants/a\0", 10), ""},
      {" tenants/a", ""},
  };
  for (const auto& row : kTable) {
    SCOPED_TRACE(row.name);
    const auto tenant = ParseTenant(row.name, "parent");
    if (row.tenant.empty()) {
      EXPECT_THAT(tenant,
                  StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"tenants/{tenant}\"")));
      EXPECT_EQ(DetailOf(tenant.status())->fields[0].field, "parent");
    } else {
      ASSERT_OK(tenant);
      EXPECT_EQ(*tenant, row.tenant);
    }
  }
}

TEST(NamesTest, Verdicts) {
  const auto name = ParseVerdictName(StrCat("tenants/acme/verdicts/", kId), "name");
  ASSERT_OK(name);
  EXPECT_EQ(name->tenant, "acme");
  EXPECT_EQ(name->id, kId);
  EXPECT_EQ(ParseVerdictName("tenants/a/verdicts/0197F3A0-1C2B-7DEF-8123-456789ABCDEF", "name")->id,
            kId);

  for (const std::string& bad :
       {std::string(), std::string("tenants/acme"), std::string("tenants/acme/verdicts/"),
        StrCat("tenants/acme/verdicts/", kId, "/x"), StrCat("tenants/acme/verdicts/", kId, "0"),
        StrCat("tenants//verdicts/", kId), StrCat("tenants/Acme/verdicts/", kId),
        StrCat("acme/verdicts/", kId), StrCat("tenants/acme/cases/", kId),
        std::string("tenants/acme/verdicts/0197f3a0-1c2b-7def-8123-456789abcdeg")}) {
    SCOPED_TRACE(bad);
    EXPECT_THAT(ParseVerdictName(bad, "name"), StatusIs(absl::StatusCode::kInvalidArgument));
  }

  Verdict verdict;
  verdict.tenant = "acme";
  EXPECT_EQ(NameOf(verdict), "");
  verdict.id = std::string(kId);
  EXPECT_EQ(NameOf(verdict), StrCat("tenants/acme/verdicts/", kId));
}

TEST(UuidTest, TextAndBytes) {
  const auto uuid = ParseUuid(kId);
  ASSERT_TRUE(uuid.has_value());
  EXPECT_EQ(FormatUuid(*uuid), kId);
  EXPECT_EQ(UuidFromBytes(uuid->view()), uuid);
  EXPECT_EQ(UuidV7Millis(*uuid), 0x0197f3a01c2bu);
  EXPECT_EQ(UuidFromBytes("short"), std::nullopt);
  for (std::string_view bad :
       {"", "0197f3a0-1c2b-7def-8123-456789abcde", "0197f3a0-1c2b-7def-8123-456789abcdef0",
        "0197f3a001c2b-7def-8123-456789abcdef", "0197f3a0-1c2b-7def-8123-456789abcde-",
        "{197f3a0-1c2b-7def-8123-456789abcde}", "0197f3a0-1c2b-7def-8123_456789abcdef"}) {
    EXPECT_EQ(ParseUuid(bad), std::nullopt) << bad;
  }
}

TEST(UuidTest, LeastOfATime) {
  const Uuid least = LeastUuidV7(0x0197f3a01c2b);
  EXPECT_EQ(UuidV7Millis(least), 0x0197f3a01c2bu);
  EXPECT_LE(least.view(), ParseUuid(kId)->view());
  EXPECT_GT(LeastUuidV7(0x0197f3a01c2c).view(), ParseUuid(kId)->view());
  EXPECT_TRUE(LeastUuidV7(0).is_nil());
}

}  // namespace
}  // namespace winnow::domain
