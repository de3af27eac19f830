// Verdicts as proto3 JSON with the input's id in front.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "winnow/v1/types.pb.h"

namespace winnow::cli {

// proto3 JSON on one line without a line end, or indented over several, with one.
std::string ProtoJson(const google::protobuf::Message& message, bool pretty);

// {"id":ID,"decision":"DECISION_BLOCK","completeness":...,"findings":[...],...}: the verdict's
// proto3 JSON, in one line without a line end. Fields that are empty are left out, but `findings`
// is always there. `id_json` is JSON already.
std::string VerdictLine(std::string_view id_json, const v1::Verdict& verdict);

// The same over several lines, indented for people.
std::string VerdictPretty(std::string_view id_json, const v1::Verdict& verdict);

// What follows the id in VerdictLine(): for verdicts that many contents share.
std::string VerdictLineTail(const v1::Verdict& verdict);

// {"id":ID,"line":LINE,"error":{"code":CODE,"message":MESSAGE}}: instead of a verdict, for a
// content that could not be checked. `code` is the name of a google.rpc.Code.
std::string ErrorLine(std::string_view id_json, uint64_t line, std::string_view code,
                      std::string_view message);

}  // namespace winnow::cli
