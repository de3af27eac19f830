// Verdicts as proto3 JSON, with the input's id in front.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "winnow/v1/types.pb.h"

namespace winnow::cli {

// The proto3 JSON of a verdict, in one line: what protobuf reads back as the same verdict. Fields
// that are empty are left out, but those that a reader looks for first are always there:
// `decision`, `completeness`, `findings`, and of a finding its `span` with `begin` and `end`.
void AppendVerdict(const v1::Verdict& verdict, std::string* out);

// {"id":ID,"decision":"DECISION_BLOCK",...}: the verdict with a first member more. `id_json` is
// JSON already. No line end.
std::string VerdictLine(std::string_view id_json, const v1::Verdict& verdict);

// What follows the id in VerdictLine(): for verdicts that many contents share.
std::string VerdictLineTail(const v1::Verdict& verdict);

// {"id":ID,"line":LINE,"error":{"code":CODE,"message":MESSAGE}}: instead of a verdict, for a
// content that could not be checked. `code` is the name of a google.rpc.Code; line 0 is left out.
std::string ErrorLine(std::string_view id_json, uint64_t line, std::string_view code,
                      std::string_view message);

// `json`, which must be JSON, over several lines, indented by two blanks a level. No line end.
std::string Indented(std::string_view json);

// Any message's proto3 JSON, in one line without a line end.
std::string ProtoJson(const google::protobuf::Message& message);

}  // namespace winnow::cli
