#include "tools/cli/diagnostics_ci.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "engine/base/sha256.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "engine/rules/source_lines.h"
#include "tools/cli/json.h"

namespace winnow::cli {
namespace {

using rules::Diagnostic;
using rules::DiagnosticCode;
using rules::DiagnosticLevel;
using rules::SourceFile;

std::string_view LevelName(DiagnosticLevel level) {
  return level == DiagnosticLevel::kError ? "error" : "warning";
}

std::string_view PathOf(const Diagnostic& d, const std::vector<SourceFile>& sources) {
  const auto file = static_cast<size_t>(d.where.file);
  return file < sources.size() ? std::string_view(sources[file].path) : std::string_view();
}

// What a reader without the caret needs to know.
std::string WholeMessage(const Diagnostic& d) {
  std::string out = d.message;
  if (!d.label.empty()) StrAppend(&out, " (", d.label, ")");
  if (!d.help.empty()) StrAppend(&out, "\n", d.help);
  return out;
}

// "%0A".
void AppendPercent(char c, std::string* out) {
  constexpr char kHex[] = "0123456789ABCDEF";
  const auto byte = static_cast<uint8_t>(c);
  out->append({'%', kHex[byte >> 4], kHex[byte & 15]});
}

// RFC 3986: every byte that may not stand in a path is escaped.
std::string AsUri(std::string_view path) {
  constexpr std::string_view kPlain = "-._~/!$&'()*+,;=@";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x80 && (std::isalnum(byte) || kPlain.find(c) != kPlain.npos)) {
      out.push_back(c);
    } else {
      AppendPercent(c, &out);
    }
  }
  return !path.empty() && path.front() == '/' ? "file://" + out : out;
}

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

void AppendRegion(const rules::SourceRange& where, std::string* out) {
  StrAppend(out, R"("region":{"startLine":)", where.begin_line, R"(,"startColumn":)",
            where.begin_column, R"(,"endLine":)", where.end_line, R"(,"endColumn":)",
            where.end_column, "}");
}

// The codes that occur, in order.
std::vector<const DiagnosticCode*> CodesIn(const std::vector<Diagnostic>& diagnostics) {
  std::vector<const DiagnosticCode*> codes;
  for (const DiagnosticCode& code : rules::AllDiagnosticCodes()) {
    if (std::any_of(diagnostics.begin(), diagnostics.end(),
                    [&](const Diagnostic& d) { return d.code == code.code; })) {
      codes.push_back(&code);
    }
  }
  return codes;
}

}  // namespace

std::string SarifLog(const std::vector<Diagnostic>& diagnostics,
                     const std::vector<SourceFile>& sources) {
  const std::vector<const DiagnosticCode*> codes = CodesIn(diagnostics);
  std::string out = R"({"$schema":"https://json.schemastore.org/sarif-2.1.0.json",)"
                    R"("version":"2.1.0","runs":[{"tool":{"driver":{"name":"winnow","version":)";
  AppendJsonString(Version(), &out);
  out += R"(,"rules":[)";
  for (size_t i = 0; i < codes.size(); ++i) {
    StrAppend(&out, i == 0 ? "\n" : ",\n", R"({"id":)");
    AppendJsonString(codes[i]->code, &out);
    out += R"(,"shortDescription":{"text":)";
    AppendJsonString(codes[i]->title, &out);
    out += R"(},"fullDescription":{"text":)";
    AppendJsonString(codes[i]->explanation, &out);
    out += "}}";
  }
  out += R"(]}},"columnKind":"unicodeCodePoints","results":[)";
  // Equal lines with an equal problem are told apart by their order.
  std::map<std::string, int> seen;  // by path and key
  std::map<int, rules::SourceLines> lines_of;
  bool first = true;
  for (const Diagnostic& d : diagnostics) {
    const std::string_view path = PathOf(d, sources);
    StrAppend(&out, first ? "\n" : ",\n", R"({"ruleId":)");
    first = false;
    AppendJsonString(d.code, &out);
    const auto code = std::find_if(codes.begin(), codes.end(),
                                   [&](const DiagnosticCode* c) { return c->code == d.code; });
    if (code != codes.end()) StrAppend(&out, R"(,"ruleIndex":)", code - codes.begin());
    StrAppend(&out, R"(,"level":")", LevelName(d.level), R"(","message":{"text":)");
    AppendJsonString(WholeMessage(d), &out);
    out += R"(},"locations":[{"physicalLocation":{"artifactLocation":{"uri":)";
    AppendJsonString(AsUri(path), &out);
    out += "}";
    std::string_view line;
    if (d.where.begin_line > 0) {
      out += ",";
      AppendRegion(d.where, &out);
      const std::string& text = sources[static_cast<size_t>(d.where.file)].text;
      line =
          Trimmed(lines_of.try_emplace(d.where.file, text).first->second.Line(d.where.begin_line));
    }
    std::string key = StrCat(d.code, "\n", line);
    const int nth = seen[StrCat(path, "\n", key)]++;
    StrAppend(&out, R"(}}],"partialFingerprints":{"winnow/v1":")",
              Sha256Hex(StrCat(key, "\n", nth)).substr(0, 32), R"("}})");
  }
  out += first ? "]}]}\n" : "\n]}]}\n";
  return out;
}

std::string GithubAnnotations(const std::vector<Diagnostic>& diagnostics,
                              const std::vector<SourceFile>& sources) {
  // A command ends at the end of its line, and a property at a comma or colon.
  const auto escaped = [](std::string_view text, std::string_view also) {
    std::string out;
    for (const char c : text) {
      if (c == '%' || static_cast<uint8_t>(c) < 0x20 || also.find(c) != also.npos) {
        AppendPercent(c, &out);
      } else {
        out.push_back(c);
      }
    }
    return out;
  };
  std::string out;
  for (const Diagnostic& d : diagnostics) {
    StrAppend(&out, "::", LevelName(d.level), " file=", escaped(PathOf(d, sources), ",:"));
    if (d.where.begin_line > 0) {
      StrAppend(&out, ",line=", d.where.begin_line, ",endLine=", d.where.end_line);
      // GitHub shows no columns of a problem that spans lines.
      if (d.where.begin_line == d.where.end_line) {
        StrAppend(&out, ",col=", d.where.begin_column, ",endColumn=", d.where.end_column);
      }
    }
    StrAppend(&out, ",title=", escaped(d.code, ",:"), "::", escaped(WholeMessage(d), ""), "\n");
  }
  return out;
}

}  // namespace winnow::cli
