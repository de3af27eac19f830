// Rendering for people. What a source holds may be hostile: whatever cannot be seen is spelt out,
// so that a rule file cannot move the reader's cursor or hide the mistake it is shown for.
#include "engine/rules/diagnostics.h"

#include <algorithm>
#include <cstdint>
#include <map>

#include "engine/base/strings.h"
#include "engine/rules/source_lines.h"
#include "engine/rules/utf8.h"

namespace winnow::rules {
namespace {

// Beyond this many the author repairs the first ones before reading on; the count tells them all.
constexpr size_t kShownMax = 1000;
// A longer line is shown in part, around the caret.
constexpr size_t kLineBytesWhole = 240;
constexpr int kPointsBefore = 40;
constexpr int kPointsAfter = 40;

class Painter {
 public:
  explicit Painter(bool color) : color_(color) {}
  std::string Level(DiagnosticLevel level, std::string_view text) const {
    return Paint(level == DiagnosticLevel::kError ? "\x1b[1;31m" : "\x1b[1;33m", text);
  }
  std::string Gutter(std::string_view text) const { return Paint("\x1b[1;34m", text); }
  std::string Strong(std::string_view text) const { return Paint("\x1b[1m", text); }

 private:
  std::string Paint(std::string_view code, std::string_view text) const {
    return color_ && !text.empty() ? StrCat(code, text, "\x1b[0m") : std::string(text);
  }
  const bool color_;
};

// Appends one character as it may reach a terminal; returns its width there in columns.
int AppendVisible(std::string_view at, const CodePoint& c, std::string* out) {
  if (c.value == '\t') {
    out->append("    ");
    return 4;
  }
  std::string shown;
  if (!c.valid) {
    constexpr char kHex[] = "0123456789ABCDEF";
    const auto byte = static_cast<uint8_t>(at.front());
    shown = StrCat("<", std::string(1, kHex[byte >> 4]), std::string(1, kHex[byte & 15]), ">");
  } else if (IsInvisible(c.value)) {
    shown = StrCat("<", CodePointName(c.value), ">");
  } else {
    out->append(at.substr(0, c.bytes));
    return DisplayWidth(c.value);
  }
  out->append(shown);
  return static_cast<int>(shown.size());
}

std::string Visible(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint c = DecodeOne(text);
    AppendVisible(text, c, &out);
    text.remove_prefix(c.bytes);
  }
  return out;
}

struct Marked {
  std::string line;
  size_t caret_begin = 0;  // columns of the terminal
  size_t caret_width = 1;
};

size_t StepBack(std::string_view line, size_t from, int points) {
  for (; points > 0 && from > 0; --points) {
    --from;
    while (from > 0 && (static_cast<uint8_t>(line[from]) & 0xC0) == 0x80) --from;
  }
  return from;
}

Marked Mark(const SourceRange& where, const SourceLines& lines) {
  const std::string_view line = lines.Line(where.begin_line);
  const size_t begin = lines.Offset(where.begin_line, where.begin_column);
  // A range of several lines is underlined to the end of its first.
  const int columns = where.end_line == where.begin_line
                          ? std::max(1, where.end_column - where.begin_column)
                          : INT32_MAX;
  const bool whole = line.size() <= kLineBytesWhole;
  size_t at = whole ? 0 : StepBack(line, begin, kPointsBefore);

  Marked out;
  size_t width = 0;
  if (at > 0) {
    out.line = "…";
    width = 1;
  }
  out.caret_begin = width;
  size_t caret_end = width;
  int column_after_begin = 0;
  for (; at < line.size();) {
    if (!whole && column_after_begin > kPointsAfter) {
      out.line += "…";
      break;
    }
    if (at == begin) out.caret_begin = caret_end = width;
    const CodePoint c = DecodeOne(line.substr(at));
    width += AppendVisible(line.substr(at), c, &out.line);
    if (at >= begin && column_after_begin++ < columns) caret_end = width;
    at += c.bytes;
  }
  if (begin >= line.size()) out.caret_begin = caret_end = width;
  out.caret_width = std::max<size_t>(1, caret_end - out.caret_begin);
  return out;
}

std::string Plural(size_t count, std::string_view what) {
  return StrCat(count, " ", what, count == 1 ? "" : "s");
}

}  // namespace

bool HasErrors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.level == DiagnosticLevel::kError; });
}

std::string Render(const std::vector<Diagnostic>& diagnostics,
                   const std::vector<SourceFile>& sources, bool color) {
  const Painter paint(color);
  std::map<int, SourceLines> lines_of;
  std::string out;
  size_t errors = 0;
  size_t shown = 0;
  for (const Diagnostic& d : diagnostics) {
    const bool is_error = d.level == DiagnosticLevel::kError;
    errors += is_error;
    if (shown == kShownMax) continue;
    ++shown;
    StrAppend(&out, paint.Level(d.level, StrCat(is_error ? "error" : "warning", "[", d.code, "]")),
              paint.Strong(StrCat(": ", Visible(d.message))), "\n");
    const SourceRange& where = d.where;
    const bool known = where.file >= 0 && static_cast<size_t>(where.file) < sources.size();
    const bool has_line = known && where.begin_line > 0;
    const std::string number = has_line ? StrCat(where.begin_line) : "";
    const std::string indent(number.size(), ' ');
    if (known) {
      const SourceFile& source = sources[where.file];
      StrAppend(&out, indent, paint.Gutter("-->"), " ", Visible(source.path));
      if (has_line) StrAppend(&out, ":", where.begin_line, ":", where.begin_column);
      out += "\n";
      if (has_line) {
        const SourceLines& lines = lines_of.try_emplace(where.file, source.text).first->second;
        const Marked marked = Mark(where, lines);
        const std::string bar = paint.Gutter("|");
        StrAppend(&out, indent, " ", bar, "\n", paint.Gutter(number), " ", bar,
                  marked.line.empty() ? "" : " ", marked.line, "\n", indent, " ", bar, " ",
                  std::string(marked.caret_begin, ' '),
                  paint.Level(d.level, StrCat(std::string(marked.caret_width, '^'),
                                              d.label.empty() ? "" : " ", Visible(d.label))),
                  "\n");
      }
    }
    if (!has_line && !d.label.empty()) {
      StrAppend(&out, indent, " ", paint.Gutter("="), " note: ", Visible(d.label), "\n");
    }
    if (!d.help.empty()) {
      StrAppend(&out, indent, " ", paint.Gutter("="), " ", paint.Strong("help:"), " ",
                Visible(d.help), "\n");
    }
    out += "\n";
  }
  if (diagnostics.empty()) return out;
  const size_t warnings = diagnostics.size() - errors;
  if (shown < diagnostics.size()) {
    StrAppend(&out, "the first ", shown, " are shown\n");
  }
  if (errors > 0) out += Plural(errors, "error");
  if (errors > 0 && warnings > 0) out += ", ";
  if (warnings > 0) out += Plural(warnings, "warning");
  out += "\n";
  return out;
}

}  // namespace winnow::rules
