// Diagnostics for programs: editors and CI.
#pragma once

#include <string>
#include <vector>

#include "engine/rules/diagnostics.h"

namespace winnow::cli {

// A JSON array of {"level","code","message","path","beginLine","beginColumn","endLine","endColumn",
// "label","help"}, one object a line; lines and columns count from 1, columns in code points; line
// 0 is the whole file.
std::string DiagnosticsJson(const std::vector<rules::Diagnostic>& diagnostics,
                            const std::vector<rules::SourceFile>& sources);

}  // namespace winnow::cli
