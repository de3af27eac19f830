// Verdicts as JSON, against protobuf's own reader and printer.
#include "tools/cli/verdict_json.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "tools/cli/console.h"

namespace winnow::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string RandomText(std::mt19937* random) {
  constexpr const char* kPieces[] = {"a",  "荷官",   "\"",     "\\",       "\n", "\x1b[2J",
                                     "é",  "\u200b", "\u202e", "<script>", "/",  "\U0001F600",
                                     "\t", "\u2028", "{}[],:", "\x7f"};
  std::string text = "x";
  for (unsigned n = (*random)() % 6; n > 0; --n) text += kPieces[(*random)() % std::size(kPieces)];
  return text;
}

// Sets fields of every kind to random values: all of them, or with `sparse` some.
void Fill(Message* message, bool sparse, std::mt19937* random) {
  const Reflection* r = message->GetReflection();
  const auto* descriptor = message->GetDescriptor();
  if (descriptor->full_name() == "google.protobuf.Timestamp" ||
      descriptor->full_name() == "google.protobuf.Duration") {
    r->SetInt64(message, descriptor->FindFieldByName("seconds"), (*random)() % 2'000'000'000);
    r->SetInt32(message, descriptor->FindFieldByName("nanos"),
                static_cast<int32_t>((*random)() % 1'000'000'000));
    return;
  }
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (sparse && (*random)() % 2 == 0) continue;
    // One entry a map: keys might repeat.
    const int count =
        field->is_repeated() && !field->is_map() ? 1 + static_cast<int>((*random)() % 3) : 1;
    for (int n = 0; n < count; ++n) {
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING: {
          ASSERT_FALSE(field->is_repeated()) << field->full_name();
          r->SetString(message, field, RandomText(random));
          break;
        }
        case FieldDescriptor::CPPTYPE_UINT32:
          r->SetUInt32(message, field, 1 + static_cast<uint32_t>((*random)() % UINT32_MAX));
          break;
        case FieldDescriptor::CPPTYPE_BOOL:
          r->SetBool(message, field, true);
          break;
        case FieldDescriptor::CPPTYPE_ENUM: {
          const auto* values = field->enum_type();
          // Never the zero value; now and then one that this build does not know.
          const int value =
              (*random)() % 10 == 0
                  ? 99
                  : 1 + static_cast<int>((*random)() %
                                         static_cast<unsigned>(values->value_count() - 1));
          if (field->is_repeated()) {
            r->AddEnumValue(message, field, value);
          } else {
            r->SetEnumValue(message, field, value);
          }
          break;
        }
        case FieldDescriptor::CPPTYPE_MESSAGE:
          Fill(field->is_repeated() ? r->AddMessage(message, field)
                                    : r->MutableMessage(message, field),
               sparse && !field->is_map(), random);
          break;
        default:
          FAIL() << "a kind of field that the printer has not seen: " << field->full_name();
      }
    }
  }
}

void ExpectReadBack(const v1::Verdict& verdict, const std::string& json) {
  v1::Verdict read;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &read);
  ASSERT_TRUE(status.ok()) << status.ToString() << "\n" << json;
  ASSERT_EQ(read.DebugString(), verdict.DebugString());
  ASSERT_TRUE(google::protobuf::util::MessageDifferencer::Equals(read, verdict));
}

// Every field of the API is printed: one that is added and forgotten here fails this.
TEST(VerdictJson, IsReadBackByProtobufWhole) {
  std::mt19937 random(4);
  for (int i = 0; i < 300; ++i) {
    v1::Verdict verdict;
    ASSERT_NO_FATAL_FAILURE(Fill(&verdict, i % 2 == 1, &random));
    std::string json;
    AppendVerdict(verdict, &json);
    ASSERT_NO_FATAL_FAILURE(ExpectReadBack(verdict, json));
    ASSERT_EQ(Harmless(json), json);
    std::string protobufs;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(verdict, &protobufs).ok());
    const nlohmann::json ours = nlohmann::json::parse(json);
    // What protobuf prints is there in the same form; what we print besides is empty or zero.
    const nlohmann::json theirs = nlohmann::json::parse(protobufs);
    for (const nlohmann::json& step : nlohmann::json::diff(theirs, ours)) {
      ASSERT_EQ(step["op"], "add") << step << "\n" << json << "\n" << protobufs;
      ASSERT_TRUE(step["value"] == 0 || step["value"] == nlohmann::json::array() ||
                  step["value"] == "DECISION_UNSPECIFIED" ||
                  step["value"] == "COMPLETENESS_UNSPECIFIED")
          << step;
    }
  }
}

TEST(VerdictJson, AlwaysSaysWhatReadersLookForFirst) {
  v1::Verdict verdict;
  EXPECT_EQ(
      VerdictLine("7", verdict),
      R"({"id":7,"decision":"DECISION_UNSPECIFIED","completeness":"COMPLETENESS_UNSPECIFIED",)"
      R"("findings":[]})");
  verdict.set_decision(v1::DECISION_BLOCK);
  verdict.set_completeness(v1::COMPLETENESS_COMPLETE);
  verdict.add_findings()->mutable_span()->set_end(3);
  EXPECT_EQ(VerdictLine(R"("a")", verdict),
            R"({"id":"a","decision":"DECISION_BLOCK","completeness":"COMPLETENESS_COMPLETE",)"
            R"("findings":[{"span":{"begin":0,"end":3}}]})");
  EXPECT_EQ(VerdictLineTail(verdict), VerdictLine("1", verdict).substr(7));
}

TEST(Indented, ChangesNothingButBlanks) {
  EXPECT_EQ(Indented(R"({"a":[1,{"b":"x,{\"y\\"}],"c":{},"d":[],"e":null})"),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x,{\\\"y\\\\\"\n    }\n  ],\n"
            "  \"c\": {},\n  \"d\": [],\n  \"e\": null\n}");
  std::mt19937 random(5);
  for (int i = 0; i < 50; ++i) {
    v1::Verdict verdict;
    ASSERT_NO_FATAL_FAILURE(Fill(&verdict, false, &random));
    std::string json;
    AppendVerdict(verdict, &json);
    ASSERT_EQ(nlohmann::json::parse(Indented(json)), nlohmann::json::parse(json));
  }
}

TEST(ErrorLine, HasNoDecision) {
  EXPECT_EQ(ErrorLine("null", 3, "INVALID_ARGUMENT", "say \"why\""),
            R"({"id":null,"line":3,"error":{"code":"INVALID_ARGUMENT","message":"say \"why\""}})");
  EXPECT_EQ(ErrorLine(R"("f")", 0, "NOT_FOUND", "x"),
            R"({"id":"f","error":{"code":"NOT_FOUND","message":"x"}})");
}

}  // namespace
}  // namespace winnow::cli
