#include "service/grpc/request_parser.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "service/domain/error.h"
#include "tests/support/status_matchers.h"

namespace winnow::rpc {
namespace {

using ::testing::HasSubstr;

template <typename Message>
Message FromText(const std::string& text) {
  Message out;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &out)) << text;
  return out;
}

constexpr char kWhole[] = R"pb(
  parent: "tenants/acme"
  content {
    content_id: "order-1"
    account_id: "u-7"
    surface: SURFACE_COMMENT
    region: "mainland"
    language_hint: "zh-CN"
    content_time { seconds: 1700000000 nanos: 5000 }
    labels { key: "shop" value: "s1" }
    fields { key: "title" text: "标题" }
    fields { key: "note" raw: "\xb1\xea" charset: "gb18030" }
    fields { key: "empty" text: "" charset: "UTF-8" }
  }
  request_id: "0190aaaa-0000-7000-8000-000000000001"
  offset_unit: OFFSET_UNIT_UTF16
  include_excerpts: true
  client_token: "t"
)pb";

TEST(RequestParser, ReadsEveryFieldOfACheck) {
  const auto request = FromText<v1::CheckContentRequest>(kWhole);
  const auto parsed = ParseContentCheck(request, request.parent(), "");
  ASSERT_OK(parsed);
  EXPECT_EQ(parsed->tenant, "acme");
  EXPECT_EQ(parsed->content.content_id, "order-1");
  EXPECT_EQ(parsed->content.account_id, "u-7");
  EXPECT_EQ(parsed->content.surface, Surface::kComment);
  EXPECT_EQ(parsed->content.region, "mainland");
  EXPECT_EQ(parsed->content.language_hint, "zh-CN");
  EXPECT_EQ(parsed->content.content_time,
            absl::FromUnixSeconds(1700000000) + absl::Microseconds(5));
  EXPECT_EQ(parsed->content.labels.at("shop"), "s1");
  ASSERT_EQ(parsed->fields.size(), 3u);
  EXPECT_EQ(parsed->fields[0].key, "title");
  EXPECT_EQ(parsed->fields[0].bytes, "标题");
  EXPECT_TRUE(parsed->fields[0].valid_utf8);
  EXPECT_EQ(parsed->fields[0].bytes.data(), request.content().fields(0).text().data())
      << "text is not copied";
  EXPECT_EQ(parsed->fields[1].bytes, "\xb1\xea");
  EXPECT_EQ(parsed->fields[1].charset, "gb18030");
  EXPECT_FALSE(parsed->fields[1].valid_utf8);
  EXPECT_EQ(parsed->fields[2].bytes, "");
  EXPECT_EQ(parsed->request_id, "0190aaaa-0000-7000-8000-000000000001");
  EXPECT_EQ(parsed->offset_unit, text::OffsetUnit::kUtf16);
  EXPECT_TRUE(parsed->include_excerpts);
  EXPECT_EQ(parsed->client_token, "t");
  EXPECT_EQ(parsed->body_digest.size(), 32u);
}

struct Refused {
  const char* name;
  const char* request;  // merged over a whole one; "content" replaces it
  const char* field;
  const char* description;
};

// What the message alone tells is refused with the path of the field.
TEST(RequestParser, RefusesWithThePathOfTheField) {
  for (
      const Refused& row : {
          Refused{"no parent", R"(parent: "" content { fields { key: "a" text: "" } })", "parent",
                  "tenants/"},
          Refused{"bad parent", R"(parent: "tenants/UPPER" content {})", "parent", ""},
          Refused{"no content", R"(parent: "tenants/a")", "content", "required"},
          Refused{
              "neither text nor raw",
              R"(parent: "tenants/a" content { fields { key: "a" text: "x" } fields { key: "b" } })",
              "content.fields[1]", "`text` or `raw`"},
          Refused{"text in another charset",
                  R"(parent: "tenants/a" content { fields { key: "a" text: "x" charset: "gbk" } })",
                  "content.fields[0].charset", "as `raw`"},
          Refused{"time before year 1",
                  R"(parent: "tenants/a" content { content_time { seconds: -62135596801 } })",
                  "content.content_time", "years 1 to 9999"},
          Refused{"nanos out of range",
                  R"(parent: "tenants/a" content { content_time { nanos: 1000000000 } })",
                  "content.content_time", "nanos"},
          Refused{"negative nanos", R"(parent: "tenants/a" content { content_time { nanos: -1 } })",
                  "content.content_time", "nanos"},
          Refused{"unknown surface", R"(parent: "tenants/a" content { surface: 99 })",
                  "content.surface", "99"},
          Refused{"unknown unit", R"(parent: "tenants/a" content {} offset_unit: 99)",
                  "offset_unit", "99"},
      }) {
    SCOPED_TRACE(row.name);
    const auto request = FromText<v1::CheckContentRequest>(row.request);
    const auto check = [&](const absl::Status& status, const std::string& field) {
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
      const std::optional<domain::ErrorDetail> detail = domain::DetailOf(status);
      ASSERT_TRUE(detail.has_value());
      EXPECT_EQ(detail->reason, "FIELD_INVALID");
      ASSERT_EQ(detail->fields.size(), 1u);
      EXPECT_EQ(detail->fields[0].field, field);
      EXPECT_THAT(detail->fields[0].description, HasSubstr(row.description));
    };
    check(ParseContentCheck(request, request.parent(), "").status(), row.field);
    check(ParseContentCheck(request, request.parent(), "requests[3].").status(),
          std::string("requests[3].") + row.field);
    v1::ScanTextRequest scan;
    scan.set_parent(request.parent());
    if (request.has_content()) *scan.mutable_content() = request.content();
    scan.set_offset_unit(request.offset_unit());
    check(ParseScan(scan).status(), row.field);
  }
}

std::string DigestOf(const v1::CheckContentRequest& request) {
  const auto parsed = ParseContentCheck(request, request.parent(), "");
  EXPECT_OK(parsed);
  return parsed.ok() ? parsed->body_digest : "";
}

TEST(RequestParser, TheDigestIsOverWhatDeterminesTheAnswer) {
  const auto whole = FromText<v1::CheckContentRequest>(kWhole);
  const std::string digest = DigestOf(whole);

  v1::CheckContentRequest same = whole;
  same.set_client_token("another");
  same.set_request_id("0190aaaa-0000-7000-8000-000000000002");
  EXPECT_EQ(DigestOf(same), digest) << "token and id do not determine it";

  const std::pair<const char*, void (*)(v1::CheckContentRequest*)> changes[] = {
      {"parent", [](v1::CheckContentRequest* r) { r->set_parent("tenants/other"); }},
      {"id", [](v1::CheckContentRequest* r) { r->mutable_content()->set_content_id("o"); }},
      {"text",
       [](v1::CheckContentRequest* r) { r->mutable_content()->mutable_fields(0)->set_text("x"); }},
      {"text as raw",
       [](v1::CheckContentRequest* r) {
         v1::TextField* field = r->mutable_content()->mutable_fields(0);
         field->set_raw(std::string(field->text()));
       }},
      {"order",
       [](v1::CheckContentRequest* r) {
         r->mutable_content()->mutable_fields()->SwapElements(0, 1);
       }},
      {"label",
       [](v1::CheckContentRequest* r) { (*r->mutable_content()->mutable_labels())["k"] = "v"; }},
      {"unit", [](v1::CheckContentRequest* r) { r->set_offset_unit(v1::OFFSET_UNIT_BYTES); }},
      {"excerpts", [](v1::CheckContentRequest* r) { r->set_include_excerpts(false); }},
  };
  for (const auto& [name, change] : changes) {
    v1::CheckContentRequest other = whole;
    change(&other);
    EXPECT_NE(DigestOf(other), digest) << name;
  }

  v1::CheckContentRequest without = whole;
  without.clear_request_id();
  EXPECT_EQ(DigestOf(without), "") << "costs nothing where it is not needed";
}

TEST(RequestParser, TheDigestDoesNotDependOnTheOrderOfLabels) {
  auto a = FromText<v1::CheckContentRequest>(kWhole), b = a;
  for (int i = 0; i < 30; ++i) {
    (*a.mutable_content()->mutable_labels())[std::to_string(i)] = "v";
    (*b.mutable_content()->mutable_labels())[std::to_string(29 - i)] = "v";
  }
  EXPECT_EQ(DigestOf(a), DigestOf(b));
}

TEST(RequestParser, ReadsAFileHeader) {
  const auto header = FromText<v1::CheckFileRequest::Header>(R"pb(
    parent: "tenants/acme"
    content_id: "f-1"
    account_id: "u"
    file_name: "a.txt"
    charset: "big5"
    size_bytes: 77
    region: "overseas"
    content_time { seconds: 3 }
    labels { key: "k" value: "v" }
    request_id: "r"
    offset_unit: OFFSET_UNIT_CODE_POINTS
    include_excerpts: true
    client_token: "t"
  )pb");
  const auto parsed = ParseFileHeader(header);
  ASSERT_OK(parsed);
  EXPECT_EQ(parsed->tenant, "acme");
  EXPECT_EQ(parsed->content.content_id, "f-1");
  EXPECT_EQ(parsed->content.account_id, "u");
  EXPECT_EQ(parsed->content.file_name, "a.txt");
  EXPECT_EQ(parsed->content.region, "overseas");
  EXPECT_EQ(parsed->content.surface, Surface::kFile) << "by default";
  EXPECT_EQ(parsed->content.content_time, absl::FromUnixSeconds(3));
  EXPECT_EQ(parsed->content.labels.at("k"), "v");
  EXPECT_EQ(parsed->charset, "big5");
  EXPECT_EQ(parsed->size_bytes, 77u);
  EXPECT_EQ(parsed->request_id, "r");
  EXPECT_EQ(parsed->client_token, "t");
  EXPECT_EQ(parsed->offset_unit, text::OffsetUnit::kCodePoints);
  EXPECT_TRUE(parsed->include_excerpts);

  auto other = header;
  other.set_client_token("another");
  EXPECT_EQ(ParseFileHeader(other)->header_digest, parsed->header_digest);
  other.set_file_name("b.txt");
  EXPECT_NE(ParseFileHeader(other)->header_digest, parsed->header_digest);
  other = header;
  other.set_surface(v1::SURFACE_PROFILE);
  EXPECT_EQ(ParseFileHeader(other)->content.surface, Surface::kProfile);
}

TEST(RequestParser, RefusesAFileHeaderWithThePathOfTheField) {
  for (const auto& [text, field] : {
           std::pair{R"(content_id: "x")", "header.parent"},
           std::pair{R"(parent: "tenants/a" content_time { nanos: -1 })", "header.content_time"},
           std::pair{R"(parent: "tenants/a" offset_unit: 9)", "header.offset_unit"},
       }) {
    const absl::Status status =
        ParseFileHeader(FromText<v1::CheckFileRequest::Header>(text)).status();
    const std::optional<domain::ErrorDetail> detail = domain::DetailOf(status);
    ASSERT_TRUE(detail.has_value()) << text << status;
    ASSERT_EQ(detail->fields.size(), 1u);
    EXPECT_EQ(detail->fields[0].field, field);
  }
}

}  // namespace
}  // namespace winnow::rpc
