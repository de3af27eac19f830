#include "tools/cli/verdict_json.h"

#include <google/protobuf/util/json_util.h>

#include "engine/base/strings.h"
#include "tools/cli/json.h"

namespace winnow::cli {

std::string ProtoJson(const google::protobuf::Message& message, bool pretty) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = pretty;
  std::string json;
  // Printing fails only for an Any of unknown type, which none of our replies holds.
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) json = "{}";
  return json;
}

std::string VerdictLineTail(const v1::Verdict& verdict) {
  std::string json = ProtoJson(verdict, false);
  json[0] = ',';
  if (verdict.findings_size() == 0) {
    json.pop_back();
    StrAppend(&json, json.size() > 1 ? "," : "", R"("findings":[]})");
  }
  return json;
}

std::string VerdictLine(std::string_view id_json, const v1::Verdict& verdict) {
  return StrCat(R"({"id":)", id_json, VerdictLineTail(verdict));
}

std::string VerdictPretty(std::string_view id_json, const v1::Verdict& verdict) {
  std::string json = ProtoJson(verdict, true);
  while (!json.empty() && json.back() == '\n') json.pop_back();
  if (verdict.findings_size() == 0) {
    json.resize(json.size() - 1);  // the brace
    while (!json.empty() && json.back() == '\n') json.pop_back();
    StrAppend(&json, json.size() > 1 ? "," : "", "\n \"findings\": []\n}");
  }
  return StrCat("{\n \"id\": ", id_json, ",", json.substr(1));
}

std::string ErrorLine(std::string_view id_json, uint64_t line, std::string_view code,
                      std::string_view message) {
  std::string out = StrCat(R"({"id":)", id_json);
  if (line > 0) StrAppend(&out, R"(,"line":)", line);
  StrAppend(&out, R"(,"error":{"code":)");
  AppendJsonString(code, &out);
  StrAppend(&out, R"(,"message":)");
  AppendJsonString(message, &out);
  StrAppend(&out, "}}");
  return out;
}

}  // namespace winnow::cli
