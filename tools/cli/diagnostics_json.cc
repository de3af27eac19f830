#include "tools/cli/diagnostics_json.h"

#include "engine/base/strings.h"
#include "tools/cli/json.h"

namespace winnow::cli {

std::string DiagnosticsJson(const std::vector<rules::Diagnostic>& diagnostics,
                            const std::vector<rules::SourceFile>& sources) {
  std::string out = "[";
  bool first = true;
  for (const rules::Diagnostic& d : diagnostics) {
    StrAppend(&out, first ? "\n" : ",\n", R"({"level":)");
    first = false;
    AppendJsonString(d.level == rules::DiagnosticLevel::kError ? "error" : "warning", &out);
    StrAppend(&out, R"(,"code":)");
    AppendJsonString(d.code, &out);
    StrAppend(&out, R"(,"message":)");
    AppendJsonString(d.message, &out);
    StrAppend(&out, R"(,"path":)");
    const auto file = static_cast<size_t>(d.where.file);
    AppendJsonString(file < sources.size() ? sources[file].path : "", &out);
    StrAppend(&out, R"(,"beginLine":)", d.where.begin_line, R"(,"beginColumn":)",
              d.where.begin_column, R"(,"endLine":)", d.where.end_line, R"(,"endColumn":)",
              d.where.end_column, R"(,"label":)");
    AppendJsonString(d.label, &out);
    StrAppend(&out, R"(,"help":)");
    AppendJsonString(d.help, &out);
    StrAppend(&out, "}");
  }
  StrAppend(&out, first ? "]\n" : "\n]\n");
  return out;
}

}  // namespace winnow::cli
