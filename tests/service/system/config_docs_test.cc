// docs/configuration.md and docs/config.schema.json say what the program does: both are printed
// from the settings' table. UPDATE_GOLDEN=1 writes them anew.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "engine/base/strings.h"
#include "service/domain/checks.h"
#include "service/grpc/server.h"
#include "service/rocks/rocks_store.h"
#include "service/system/config.h"

namespace winnow::system {
namespace {

constexpr char kBegin[] = "<!-- settings: begin -->\n";
constexpr char kEnd[] = "<!-- settings: end -->";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void ExpectFileIs(const std::string& path, const std::string& expected) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << expected;
  EXPECT_TRUE(ReadFile(path) == expected)
      << path << " is out of date: run this test with UPDATE_GOLDEN=1";
}

std::string RangeOf(const SettingInfo& setting) {
  if (setting.minimum.empty()) return "";
  return StrCat("; ", setting.minimum, " to ", setting.maximum);
}

std::string Table() {
  std::string out = "| setting | type | default | |\n|---|---|---|---|\n";
  for (const SettingInfo& setting : AllSettings()) {
    std::string type(setting.type);
    for (std::string_view choice : setting.choices) {
      StrAppend(&type, choice == setting.choices.front() ? ": " : ", ", "`", choice, "`");
    }
    StrAppend(&out, "| `", setting.key, "` | ", type, RangeOf(setting), " | `",
              setting.default_value, "` | ", setting.description, " |\n");
  }
  return out;
}

TEST(ConfigDocs, TheTableListsEverySetting) {
  const std::string path = WINNOW_SOURCE_DIR "/docs/configuration.md";
  const std::string text = ReadFile(path);
  const size_t begin = text.find(kBegin), end = text.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  ExpectFileIs(path, StrCat(text.substr(0, begin + sizeof(kBegin) - 1), Table(), text.substr(end)));
}

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// A size or duration is text with a pattern: JSON Schema cannot compare units, the program does.
std::string TypeOf(const SettingInfo& setting) {
  if (setting.type == "boolean") return R"("type": "boolean")";
  if (setting.type == "count") {
    return StrCat(R"("type": "integer", "minimum": )", setting.minimum, R"(, "maximum": )",
                  setting.maximum);
  }
  if (setting.type == "size") {
    return R"("type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+ *([KMG]iB)?$")";
  }
  if (setting.type == "duration") {
    // 0 is the one duration without a unit.
    return R"("type": ["integer", "string"], "minimum": 0, "maximum": 0, )"
           R"("pattern": "^([0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h))+$|^0$")";
  }
  if (setting.type == "choice") {
    std::string names;
    for (std::string_view choice : setting.choices) {
      StrAppend(&names, names.empty() ? "" : ", ", JsonString(choice));
    }
    return StrCat("\"enum\": [", names, "]");
  }
  return R"("type": "string")";
}

std::string DefaultOf(const SettingInfo& setting) {
  const bool bare = setting.type == "boolean" || setting.type == "count" ||
                    setting.type == "text" || setting.type == "path";
  return bare ? setting.default_value : JsonString(setting.default_value);
}

// The settings whose key begins with `section`, as an object schema.
std::string SchemaOf(std::string_view section, int depth) {
  const std::string indent(2 * depth, ' ');
  std::string properties;
  std::string previous;
  for (const SettingInfo& setting : AllSettings()) {
    if (!setting.key.starts_with(section)) continue;
    const std::string_view rest = setting.key.substr(section.size());
    const std::string name(rest.substr(0, rest.find('.')));
    if (name == previous) continue;
    previous = name;
    StrAppend(&properties, properties.empty() ? "" : ",\n", indent, "    ", JsonString(name), ": ");
    if (name.size() < rest.size()) {
      StrAppend(&properties, SchemaOf(StrCat(section, name, "."), depth + 2));
    } else {
      StrAppend(&properties, "{", TypeOf(setting), ", \"default\": ", DefaultOf(setting), ",\n",
                indent, "      \"description\": ",
                JsonString(StrCat(setting.description, RangeOf(setting).empty() ? "" : " Range: ",
                                  setting.minimum, RangeOf(setting).empty() ? "" : " to ",
                                  setting.maximum, RangeOf(setting).empty() ? "" : ".")),
                "}");
    }
  }
  return StrCat("{\n", indent, "  \"type\": [\"object\", \"null\"],\n", indent,
                "  \"additionalProperties\": false,\n", indent, "  \"properties\": {\n", properties,
                "\n", indent, "  }\n", indent, "}");
}

TEST(ConfigDocs, TheSchemaKnowsEverySetting) {
  std::string schema = SchemaOf("", 0);
  schema.insert(2,
                "  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
                "  \"title\": \"winnowd configuration\",\n");
  schema += "\n";
  google::protobuf::Struct parsed;
  const auto status = google::protobuf::util::JsonStringToMessage(schema, &parsed);
  ASSERT_TRUE(status.ok()) << status.ToString();
  ExpectFileIs(WINNOW_SOURCE_DIR "/docs/config.schema.json", schema);
}

// Both ways: what the schema names is a setting, and each setting is named. The generated text
// alone would not tell of a section that is left out.
void CollectKeys(const google::protobuf::Struct& schema, const std::string& prefix,
                 std::set<std::string>* keys) {
  const auto properties = schema.fields().find("properties");
  if (properties == schema.fields().end()) {
    keys->insert(prefix);
    return;
  }
  for (const auto& [name, value] : properties->second.struct_value().fields()) {
    CollectKeys(value.struct_value(), prefix.empty() ? name : StrCat(prefix, ".", name), keys);
  }
}

TEST(ConfigDocs, TheSchemaAndTheReaderKnowTheSameKeys) {
  google::protobuf::Struct schema;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  ReadFile(WINNOW_SOURCE_DIR "/docs/config.schema.json"), &schema)
                  .ok());
  std::set<std::string> in_schema, in_reader;
  CollectKeys(schema, "", &in_schema);
  for (const SettingInfo& setting : AllSettings()) in_reader.insert(std::string(setting.key));
  EXPECT_EQ(in_schema, in_reader);
  for (const std::string& key : in_schema) {
    ConfigInput input;
    input.flags = {{"--set", key, "\n"}};
    for (const rules::Diagnostic& d : ReadConfig(input).diagnostics)
      EXPECT_NE(d.code, "C001") << key;
  }
}

// schema_test.py holds the schema to the same table.
TEST(ConfigDocs, TheSchemaAgreesWithTheReader) {
  std::istringstream in(
      ReadFile(WINNOW_SOURCE_DIR "/tests/engine/rules/testdata/schema/configs.txt"));
  std::string title, text;
  size_t count = 0;
  const auto check = [&] {
    if (title.empty()) return;
    ++count;
    const ConfigResult result = ReadConfig({.file = rules::SourceFile{"winnow.yaml", text}});
    EXPECT_EQ(!rules::HasErrors(result.diagnostics), title.starts_with("accept"))
        << title << "\n"
        << text << rules::Render(result.diagnostics, result.sources, false);
  };
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("=== ")) {
      check();
      title = line.substr(4);
      text.clear();
    } else {
      StrAppend(&text, line, "\n");
    }
  }
  check();
  EXPECT_GT(count, 20u);
}

// The rooms have defaults of their own, for tests and other programs; winnowd's are the same.
TEST(ConfigDocs, TheDefaultsAreThoseOfTheRooms) {
  const Config config;
  const rpc::ServerOptions server;
  EXPECT_EQ(config.server.listen, server.listen);
  EXPECT_EQ(config.server.message_bytes_max, server.message_bytes_max);
  EXPECT_EQ(config.server.stream_in_flight_max, static_cast<int64_t>(server.stream_in_flight_max));
  EXPECT_EQ(config.server.connection_age_max, server.connection_age_max);
  EXPECT_EQ(config.server.connection_age_grace, server.connection_age_grace);
  EXPECT_EQ(config.server.allow_plaintext_anywhere, server.allow_plaintext_anywhere);
  const domain::Limits limits;
  EXPECT_EQ(config.limits.field_bytes_max, limits.field_bytes_max);
  EXPECT_EQ(config.limits.content_bytes_max, limits.content_bytes_max);
  EXPECT_EQ(config.limits.batch_items_max, static_cast<int64_t>(limits.batch_items_max));
  EXPECT_EQ(config.limits.file_bytes_max, limits.file_bytes_max);
  EXPECT_EQ(config.limits.chunk_bytes_max, limits.chunk_bytes_max);
  EXPECT_EQ(config.limits.fields_max, static_cast<int64_t>(limits.fields_max));
  EXPECT_EQ(config.limits.findings_max, static_cast<int64_t>(limits.findings_max));
  EXPECT_EQ(config.limits.text_deadline_max, limits.text_deadline_max);
  EXPECT_EQ(config.limits.file_deadline_max, limits.file_deadline_max);
  const domain::Checks::Options checks;
  EXPECT_EQ(config.limits.request_id_ttl, checks.request_id_ttl);
  EXPECT_EQ(config.store.relaxed_clean, checks.relaxed_clean);
  const rocks::RocksOptions rocks;
  EXPECT_EQ(config.store.relaxed_sync_interval, rocks.relaxed_sync_interval);
  EXPECT_EQ(config.store.block_cache_bytes, rocks.block_cache_bytes);
}

}  // namespace
}  // namespace winnow::system
