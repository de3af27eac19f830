#include "service/grpc/batch_reader.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>

#include "engine/base/strings.h"
#include "service/grpc/request_parser.h"
#include "tests/support/status_matchers.h"
#include "winnow/v1/check_service.pb.h"

namespace winnow::rpc {
namespace {

using Batch = v1::BatchCheckContentsRequest;

// That a batch which was read is what the generated message says.
void ExpectSame(const domain::PlainBatch& plain, const Batch& batch) {
  ASSERT_EQ(plain.contents.size(), static_cast<size_t>(batch.requests_size()));
  for (int i = 0; i < batch.requests_size(); ++i) {
    SCOPED_TRACE(i);
    const v1::CheckContentRequest& item = batch.requests(i);
    EXPECT_TRUE(item.parent().empty() || item.parent() == batch.parent());
    const auto check = ParseContentCheck(item, batch.parent(), "");
    ASSERT_OK(check);
    const domain::PlainContent& content = plain.contents[i];
    EXPECT_EQ(plain.tenant, check->tenant);
    EXPECT_TRUE(check->request_id.empty() && check->content.labels.empty());
    EXPECT_FALSE(check->content.content_time.has_value());
    EXPECT_EQ(content.content_id, check->content.content_id);
    EXPECT_EQ(content.account_id, check->content.account_id);
    EXPECT_EQ(content.region, check->content.region);
    EXPECT_EQ(content.language_hint, check->content.language_hint);
    EXPECT_EQ(content.surface, check->content.surface);
    EXPECT_EQ(content.client_token, check->client_token);
    EXPECT_EQ(content.offset_unit, check->offset_unit);
    EXPECT_EQ(content.include_excerpts, check->include_excerpts);
    ASSERT_EQ(content.fields_end - content.fields_begin, check->fields.size());
    for (size_t j = 0; j < check->fields.size(); ++j) {
      const Field &a = plain.fields[content.fields_begin + j], &b = check->fields[j];
      EXPECT_EQ(a.key, b.key);
      EXPECT_EQ(a.bytes, b.bytes);
      EXPECT_EQ(a.charset, b.charset);
      EXPECT_EQ(a.valid_utf8, b.valid_utf8);
    }
  }
}

Batch Whole() {
  Batch batch;
  batch.set_parent("tenants/acme");
  for (int i = 0; i < 3; ++i) {
    v1::CheckContentRequest* item = batch.add_requests();
    v1::Content* content = item->mutable_content();
    content->set_content_id(StrCat("order-", i));
    content->set_surface(v1::SURFACE_ORDER);
    v1::TextField* field = content->add_fields();
    field->set_key("note");
    field->set_text(i == 0 ? "" : "两盒茶叶, two boxes of tea");
    if (i == 0) continue;
    item->set_parent("tenants/acme");
    content->set_account_id("u-7");
    content->set_region("mainland");
    content->set_language_hint("zh-CN");
    item->set_client_token("t");
    item->set_offset_unit(v1::OFFSET_UNIT_UTF16);
    item->set_include_excerpts(i == 2);
    field = content->add_fields();
    field->set_key("raw");
    field->set_raw("\xb1\xea");
    field->set_charset("gb18030");
  }
  return batch;
}

TEST(BatchReaderTest, ReadsAllOfAPlainBatch) {
  const std::string bytes = Whole().SerializeAsString();
  const auto plain = ReadPlainBatch(bytes);
  ASSERT_TRUE(plain.has_value());
  ExpectSame(*plain, Whole());
  EXPECT_TRUE(ReadPlainBatch("\x0a\x0ctenants/acme").has_value());  // without items
}

TEST(BatchReaderTest, LeavesTheRestToTheMessage) {
  struct Row {
    std::string name;
    std::function<void(Batch&)> change;
  };
  const auto item = [](Batch& b) { return b.mutable_requests(1); };
  const auto content = [](Batch& b) { return b.mutable_requests(1)->mutable_content(); };
  const auto field = [](Batch& b) {
    return b.mutable_requests(1)->mutable_content()->mutable_fields(0);
  };
  const Row rows[] = {
      {"no parent", [](Batch& b) { b.clear_parent(); }},
      {"no tenant", [](Batch& b) { b.set_parent("tenants/A"); }},
      {"another parent", [&](Batch& b) { item(b)->set_parent("tenants/other"); }},
      {"no content", [&](Batch& b) { item(b)->clear_content(); }},
      {"a request id", [&](Batch& b) { item(b)->set_request_id("x"); }},
      {"a unit that is none",
       [&](Batch& b) { item(b)->set_offset_unit(static_cast<v1::OffsetUnit>(9)); }},
      {"a negative unit",
       [&](Batch& b) { item(b)->set_offset_unit(static_cast<v1::OffsetUnit>(-1)); }},
      {"a surface that is none",
       [&](Batch& b) { content(b)->set_surface(static_cast<v1::Surface>(77)); }},
      {"a time", [&](Batch& b) { content(b)->mutable_content_time(); }},
      {"labels", [&](Batch& b) { (*content(b)->mutable_labels())["a"] = "b"; }},
      {"a field of nothing", [&](Batch& b) { field(b)->clear_value(); }},
      {"a text in a charset", [&](Batch& b) { field(b)->set_charset("utf-8"); }},
      {"an unknown field of the batch",
       [](Batch& b) { b.GetReflection()->MutableUnknownFields(&b)->AddVarint(9, 1); }},
      {"an unknown field of a content",
       [&](Batch& b) { b.GetReflection()->MutableUnknownFields(content(b))->AddVarint(99, 1); }},
  };
  for (const Row& row : rows) {
    Batch batch = Whole();
    row.change(batch);
    EXPECT_FALSE(ReadPlainBatch(batch.SerializeAsString()).has_value()) << row.name;
  }
  // Twice: the later stands, or both become one.
  const std::string bytes = Whole().SerializeAsString();
  EXPECT_FALSE(ReadPlainBatch(StrCat(bytes, "\x0a\x0ctenants/acme")).has_value());
  std::string content_twice("\x12\x04\x12\x00\x12\x00", 6);
  EXPECT_FALSE(ReadPlainBatch(StrCat(bytes, content_twice)).has_value());
  // More items than any server takes, of a few bytes each.
  std::string many = "\x0a\x0ctenants/acme";
  for (int i = 0; i < 5000; ++i) many.append("\x12\x02\x12\x00", 4);
  EXPECT_FALSE(ReadPlainBatch(many).has_value());
}

// Whatever the bytes, what is read is what the generated message reads; and it reads something.
TEST(BatchReaderTest, AgreesWithTheMessageOnChangedBytes) {
  const std::string whole = Whole().SerializeAsString();
  std::mt19937 random(20261125);
  int read = 0;
  for (int round = 0; round < 40000; ++round) {
    std::string bytes = whole;
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes) {
      const size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0:
          bytes.resize(at + 1);
          break;
        case 1:
          bytes.erase(at, 1 + random() % 3);
          if (bytes.empty()) bytes = whole;
          break;
        case 2:
          bytes.insert(at, 1, static_cast<char>(random()));
          break;
        default:
          bytes[at] = static_cast<char>(random());
      }
    }
    const auto plain = ReadPlainBatch(bytes);
    if (!plain) continue;
    ++read;
    Batch batch;
    ASSERT_TRUE(batch.ParseFromString(bytes)) << "round " << round;
    ExpectSame(*plain, batch);
    if (HasFailure()) FAIL() << "round " << round;
  }
  EXPECT_GT(read, 1000);
}

}  // namespace
}  // namespace winnow::rpc
