#include "tools/cli/console.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "engine/base/strings.h"
#include "engine/rules/utf8.h"
#include "tools/cli/command.h"

namespace winnow::cli {
namespace {

bool IsSet(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

// The first `columns_max` columns of `cell` with an ellipsis if that is not all of it. Style's
// sequences are kept whole, and what they began is ended.
std::string Cut(std::string_view cell, size_t columns_max) {
  if (Columns(cell) <= columns_max) return std::string(cell);
  std::string out;
  size_t columns = 0;
  bool styled = false;
  while (!cell.empty()) {
    if (cell[0] == '\x1b') {
      const size_t end = cell.find('m') + 1;
      out.append(cell.substr(0, end));
      styled = true;
      cell.remove_prefix(end);
      continue;
    }
    const rules::CodePoint c = rules::DecodeOne(cell);
    const auto width = static_cast<size_t>(rules::DisplayWidth(c.value));
    if (columns + width > columns_max - 1) break;
    columns += width;
    out.append(cell.substr(0, c.bytes));
    cell.remove_prefix(c.bytes);
  }
  out.append("…");
  if (styled) out.append("\x1b[0m");
  return out;
}

}  // namespace

Terminal StandardOutput() {
  Terminal terminal;
  if (isatty(STDOUT_FILENO) == 0) return terminal;
  const char* term = std::getenv("TERM");
  terminal.colour = !IsSet("NO_COLOR") && !(term != nullptr && std::string_view(term) == "dumb");
  winsize size{};
  terminal.width = 80;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) terminal.width = size.ws_col;
  return terminal;
}

std::string Style::Wrap(std::string_view code, std::string_view s) const {
  if (!on_) return std::string(s);
  return StrCat("\x1b[", code, "m", s, "\x1b[0m");
}

std::string Style::Match(std::string_view s) const {
  return on_ ? Wrap("7", s) : StrCat("»", s, "«");
}

std::string Style::Of(Decision decision) const {
  const std::string name = absl::AsciiStrToUpper(ToAbsl(Name(decision)));
  switch (decision) {
    case Decision::kAllow:
      return Wrap("32", name);
    case Decision::kReview:
      return Wrap("1;33", name);
    default:
      return Wrap("1;31", name);
  }
}

std::string Harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const rules::CodePoint c = rules::DecodeOne(text);
    if (!c.valid) {
      absl::StrAppendFormat(&out, "<%02X>", static_cast<unsigned char>(text[0]));
    } else if (c.value == '\n') {
      out.append("\\n");
    } else if (c.value == '\t') {
      out.append("\\t");
    } else if (rules::IsInvisible(c.value)) {
      StrAppend(&out, "<", rules::CodePointName(c.value), ">");
    } else {
      out.append(text.substr(0, c.bytes));
    }
    text.remove_prefix(c.bytes);
  }
  return out;
}

size_t Columns(std::string_view text) {
  size_t columns = 0;
  while (!text.empty()) {
    if (text[0] == '\x1b') {
      const size_t end = text.find('m');
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      continue;
    }
    const rules::CodePoint c = rules::DecodeOne(text);
    columns += static_cast<size_t>(rules::DisplayWidth(c.value));
    text.remove_prefix(c.bytes);
  }
  return columns;
}

Table::Table(std::vector<std::string> header, size_t flexible) : flexible_(flexible) {
  rows_.push_back(std::move(header));
}

void Table::Add(std::vector<std::string> row) {
  row.resize(rows_[0].size());
  rows_.push_back(std::move(row));
}

std::string Table::Print(const Style& style, size_t width) const {
  constexpr size_t kGap = 2;
  constexpr size_t kFlexibleMin = 16;
  std::vector<size_t> widths(rows_[0].size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Columns(row[i]));
  }
  size_t total = kGap * (widths.size() - 1);
  for (const size_t w : widths) total += w;
  if (width > 0 && total > width) {
    const size_t others = total - widths[flexible_];
    const size_t left = width > others ? width - others : 0;
    widths[flexible_] = std::min(widths[flexible_], std::max(left, kFlexibleMin));
  }
  std::string out;
  for (size_t r = 0; r < rows_.size(); ++r) {
    std::string line;
    for (size_t i = 0; i < rows_[r].size(); ++i) {
      const std::string cell = i == flexible_ ? Cut(rows_[r][i], widths[i]) : rows_[r][i];
      const size_t columns = Columns(cell);
      line.append(r == 0 ? style.Bold(cell) : cell);
      if (i + 1 < rows_[r].size()) line.append(widths[i] - columns + kGap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    StrAppend(&out, line, "\n");
  }
  return out;
}

void Print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

absl::Status FlushOutput() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return absl::OkStatus();
  return absl::UnavailableError(
      StrCat("cannot write all of the output: ", errno != 0 ? strerror(errno) : "a write failed",
             "; what was printed is not complete"));
}

void Complain(std::string_view message) {
  const std::string line = StrCat("winnow: ", message, "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void ComplainOf(const std::vector<rules::Diagnostic>& diagnostics,
                const std::vector<rules::SourceFile>& sources) {
  const std::string rendered = rules::Render(diagnostics, sources, /*color=*/false);
  std::fwrite(rendered.data(), 1, rendered.size(), stderr);
}

int Fail(std::string_view path, const absl::Status& status) {
  Complain(StrCat(Harmless(path), ": ", ToStd(status.message())));
  return kFailed;
}

int Fail(const absl::Status& status) {
  Complain(ToStd(status.message()));
  return kFailed;
}

}  // namespace winnow::cli
