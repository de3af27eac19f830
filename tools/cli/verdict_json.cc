#include "tools/cli/verdict_json.h"

#include <google/protobuf/util/json_util.h>

#include <map>

#include "engine/base/strings.h"
#include "tools/cli/json.h"

namespace winnow::cli {
namespace {

// Writes the members of one object. Each method but Begin and End leaves out what is empty.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string* out) : out_(*out) { out_.push_back('{'); }
  void End() { out_.push_back('}'); }

  // Begins a member; its value comes next. Keys are ours and need no escapes.
  std::string* Key(std::string_view key) {
    if (!first_) out_.push_back(',');
    first_ = false;
    StrAppend(&out_, "\"", key, "\":");
    return &out_;
  }

  void Text(std::string_view key, std::string_view value) {
    if (!value.empty()) AppendJsonString(value, Key(key));
  }
  void Number(std::string_view key, uint32_t value) {
    if (value != 0) StrAppend(Key(key), value);
  }
  void Flag(std::string_view key, bool value) {
    if (value) StrAppend(Key(key), "true");
  }
  // An enum; an unknown value, from a newer server, is its number.
  void Enum(std::string_view key, int value, const std::string& name) {
    if (value != 0) EnumAlways(key, value, name);
  }
  void EnumAlways(std::string_view key, int value, const std::string& name) {
    if (name.empty()) {
      StrAppend(Key(key), value);
    } else {
      StrAppend(Key(key), "\"", name, "\"");
    }
  }
  // A timestamp or duration, whose JSON is protobuf's to know.
  template <typename Time>
  void WellKnown(std::string_view key, bool has, const Time& value) {
    if (has) StrAppend(Key(key), ProtoJson(value));
  }

  // A list of objects, each written by `write(item, ObjectWriter*)`.
  template <typename Items, typename Write>
  void List(std::string_view key, const Items& items, const Write& write) {
    Key(key)->push_back('[');
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_.push_back(',');
      first = false;
      ObjectWriter object(&out_);
      write(item, &object);
      object.End();
    }
    out_.push_back(']');
  }

 private:
  std::string& out_;
  bool first_ = true;
};

void WriteShortfall(const v1::Shortfall& s, ObjectWriter* out) {
  out->Enum("reason", s.reason(), v1::Shortfall::Reason_Name(s.reason()));
  out->Text("part", s.part());
  out->Text("limit", s.limit());
  out->Text("detail", s.detail());
}

void WriteCategory(const v1::CategoryResult& c, ObjectWriter* out) {
  out->Enum("category", c.category(), v1::Category_Name(c.category()));
  out->Text("label", c.label());
  out->Enum("decision", c.decision(), v1::Decision_Name(c.decision()));
  out->Enum("severity", c.severity(), v1::Severity_Name(c.severity()));
  out->Number("findingCount", c.finding_count());
}

void WriteFinding(const v1::Finding& f, ObjectWriter* out) {
  out->Text("ruleId", f.rule_id());
  out->Enum("category", f.category(), v1::Category_Name(f.category()));
  out->Text("label", f.label());
  out->Enum("severity", f.severity(), v1::Severity_Name(f.severity()));
  out->Enum("decision", f.decision(), v1::Decision_Name(f.decision()));
  if (f.has_span()) {
    ObjectWriter span(out->Key("span"));
    span.Text("field", f.span().field());
    span.Text("part", f.span().part());
    StrAppend(span.Key("begin"), f.span().begin());
    StrAppend(span.Key("end"), f.span().end());
    span.End();
  }
  out->Enum("view", f.view(), v1::View_Name(f.view()));
  if (f.evasions_size() > 0) {
    std::string* list = out->Key("evasions");
    list->push_back('[');
    for (int i = 0; i < f.evasions_size(); ++i) {
      const std::string& name = v1::Evasion_Name(f.evasions(i));
      StrAppend(list, i > 0 ? "," : "",
                name.empty() ? absl::StrCat(f.evasions(i)) : StrCat("\"", name, "\""));
    }
    list->push_back(']');
  }
  out->Text("excerpt", f.excerpt());
  if (!f.excerpt().empty() || f.excerpt_begin() > 0 || f.excerpt_end() > 0) {
    StrAppend(out->Key("excerptBegin"), f.excerpt_begin());
    StrAppend(out->Key("excerptEnd"), f.excerpt_end());
  }
  if (f.reasons_size() > 0) {
    out->List("reasons", f.reasons(),
              [](const google::rpc::LocalizedMessage& reason, ObjectWriter* object) {
                object->Text("locale", reason.locale());
                object->Text("message", reason.message());
              });
  }
  if (f.has_layer()) {
    ObjectWriter layer(out->Key("layer"));
    layer.Enum("kind", f.layer().kind(), v1::RuleLayer::Kind_Name(f.layer().kind()));
    layer.Text("name", f.layer().name());
    layer.End();
  }
}

void WriteLabels(const google::protobuf::Map<std::string, std::string>& labels, ObjectWriter* out) {
  if (labels.empty()) return;
  std::string* text = out->Key("labels");
  text->push_back('{');
  bool first = true;
  for (const auto& [key, value] :
       std::map<std::string, std::string>(labels.begin(), labels.end())) {
    if (!first) text->push_back(',');
    first = false;
    AppendJsonString(key, text);
    text->push_back(':');
    AppendJsonString(value, text);
  }
  text->push_back('}');
}

}  // namespace

void AppendVerdict(const v1::Verdict& v, std::string* out) {
  ObjectWriter object(out);
  object.Text("name", v.name());
  object.Text("etag", v.etag());
  object.WellKnown("createTime", v.has_create_time(), v.create_time());
  object.EnumAlways("decision", v.decision(), v1::Decision_Name(v.decision()));
  object.EnumAlways("completeness", v.completeness(), v1::Completeness_Name(v.completeness()));
  if (v.shortfalls_size() > 0) object.List("shortfalls", v.shortfalls(), WriteShortfall);
  if (v.categories_size() > 0) object.List("categories", v.categories(), WriteCategory);
  object.List("findings", v.findings(), WriteFinding);
  object.Flag("findingsTruncated", v.findings_truncated());
  object.Text("packRevision", v.pack_revision());
  object.Text("policyRevision", v.policy_revision());
  object.Text("contentId", v.content_id());
  object.Text("accountId", v.account_id());
  object.Enum("surface", v.surface(), v1::Surface_Name(v.surface()));
  object.Text("clientToken", v.client_token());
  object.Text("requestId", v.request_id());
  object.Text("detectedCharset", v.detected_charset());
  object.Number("replacementCount", v.replacement_count());
  object.Enum("offsetUnit", v.offset_unit(), v1::OffsetUnit_Name(v.offset_unit()));
  object.WellKnown("checkDuration", v.has_check_duration(), v.check_duration());
  WriteLabels(v.labels(), &object);
  object.Text("region", v.region());
  object.WellKnown("contentTime", v.has_content_time(), v.content_time());
  object.Text("contentSha256", v.content_sha256());
  object.End();
}

std::string VerdictLineTail(const v1::Verdict& verdict) {
  std::string out;
  AppendVerdict(verdict, &out);
  out[0] = ',';  // never empty: `decision` is always there
  return out;
}

std::string VerdictLine(std::string_view id_json, const v1::Verdict& verdict) {
  return StrCat(R"({"id":)", id_json, VerdictLineTail(verdict));
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

std::string Indented(std::string_view json) {
  std::string out;
  size_t level = 0;
  const auto new_line = [&] {
    out.push_back('\n');
    out.append(2 * level, ' ');
  };
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      const size_t begin = i++;
      while (json[i] != '"') i += json[i] == '\\' ? 2 : 1;
      out.append(json.substr(begin, i + 1 - begin));
    } else if ((c == '{' || c == '[') && (json[i + 1] == '}' || json[i + 1] == ']')) {
      out.append(json.substr(i++, 2));
    } else if (c == '{' || c == '[') {
      out.push_back(c);
      ++level;
      new_line();
    } else if (c == '}' || c == ']') {
      --level;
      new_line();
      out.push_back(c);
    } else if (c == ',') {
      out.push_back(c);
      new_line();
    } else if (c == ':') {
      out.append(": ");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string ProtoJson(const google::protobuf::Message& message) {
  std::string json;
  // Printing fails only for an Any of unknown type, which none of our replies holds.
  if (!google::protobuf::util::MessageToJsonString(message, &json).ok()) json = "{}";
  return json;
}

}  // namespace winnow::cli
