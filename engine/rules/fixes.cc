#include "engine/rules/fixes.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "engine/base/strings.h"
#include "engine/rules/source_lines.h"
#include "engine/rules/utf8.h"
#include "engine/text/normalizer.h"

namespace winnow::rules {
namespace {

constexpr std::string_view kBlanks = " \t";

bool IsQuoted(std::string_view raw, char quote) {
  return raw.size() >= 2 && raw.front() == quote && raw.back() == quote;
}

// Nothing in it means anything to YAML, wherever it stands.
bool IsPlain(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  if (std::string_view("-?:,[]{}#&*!|>'\"%@`").find(text.front()) != text.npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<uint8_t>(c) >= 0x20 && c != 0x7f &&
           std::string_view(":#,[]{}\\").find(c) == std::string_view::npos;
  });
}

std::optional<std::string> Spelled(std::string_view value, std::string_view raw) {
  if (std::any_of(value.begin(), value.end(),
                  [](char c) { return static_cast<uint8_t>(c) < 0x20; })) {
    return std::nullopt;
  }
  if (IsQuoted(raw, '"')) {
    std::string out = "\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    return out + "\"";
  }
  if (!IsQuoted(raw, '\'') && IsPlain(value)) return std::string(value);
  std::string out = "'";
  for (const char c : value) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

std::optional<Edit> RemoveUnseen(std::string_view raw, size_t begin) {
  const bool quoted = IsQuoted(raw, '"') || IsQuoted(raw, '\'');
  const std::string_view inside = quoted ? raw.substr(1, raw.size() - 2) : raw;
  std::string kept;
  for (std::string_view rest = inside; !rest.empty();) {
    const std::string_view one = rest.substr(0, DecodeOne(rest).bytes);
    rest.remove_prefix(one.size());
    if (text::InvisibleCharacters(one).empty()) kept += one;
  }
  kept.erase(0, std::min(kept.find_first_not_of(' '), kept.size()));
  kept.erase(kept.find_last_not_of(' ') + 1);
  // In double quotes a backslash that ends the value would take its quote away.
  if (kept.empty() || kept == inside || kept.ends_with('\\')) return std::nullopt;
  return Edit{begin, begin + raw.size(),
              quoted ? StrCat(raw.substr(0, 1), kept, raw.substr(0, 1)) : kept};
}

// Of an item that stands in one line. `line` begins at byte `at` of the source; the item is
// `line`'s bytes from `begin` to `end`.
std::optional<Edit> RemoveItem(std::string_view source, size_t at, std::string_view line,
                               size_t begin, size_t end, bool list) {
  const std::string_view before = line.substr(0, begin);
  const size_t next = line.find_first_not_of(kBlanks, end);
  const bool comment = next != line.npos && line[next] == '#' && next > end;
  const size_t indent = std::min(line.find_first_not_of(kBlanks), begin);
  const std::string_view mark = before.substr(indent);
  const bool own_line =
      list || (mark.starts_with('-') && mark.find_first_not_of(kBlanks, 1) == mark.npos);
  if (own_line && comment) return Edit{at + indent, at + next, ""};
  if (own_line) {
    if (next != line.npos) return std::nullopt;
    size_t stop = at + line.size();
    if (source.substr(stop, 1) == "\r") ++stop;
    if (source.substr(stop, 1) == "\n") ++stop;
    return Edit{at, stop, ""};
  }
  if (next != line.npos && line[next] == ',') {
    const size_t following = line.find_first_not_of(kBlanks, next + 1);
    if (following != line.npos) return Edit{at + begin, at + following, ""};
    const size_t previous = before.find_last_not_of(kBlanks);
    return Edit{at + (previous == before.npos ? begin : previous + 1), at + next + 1, ""};
  }
  const size_t previous = before.find_last_not_of(kBlanks);
  if (previous != before.npos && before[previous] == ',' && next != line.npos &&
      line[next] == ']') {
    return Edit{at + previous, at + end, ""};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Edit> EditOf(const Fix& fix, const SourceFile& source) {
  const SourceRange& where = fix.where;
  if (where.begin_line <= 0 || where.begin_line != where.end_line) return std::nullopt;
  const SourceLines lines(source.text);
  const std::string_view line = lines.Line(where.begin_line);
  const size_t begin = lines.Offset(where.begin_line, where.begin_column);
  const size_t end = lines.Offset(where.end_line, where.end_column);
  if (begin >= end || end > line.size()) return std::nullopt;
  const std::string_view raw = line.substr(begin, end - begin);
  const bool list = source.kind == SourceFile::Kind::kList;
  if (!list && (raw.front() == '|' || raw.front() == '>')) return std::nullopt;
  const size_t at = lines.Byte(where.begin_line, 1);
  switch (fix.kind) {
    case Fix::Kind::kReplace: {
      if (list && fix.text.find('#') != fix.text.npos) return std::nullopt;
      std::optional<std::string> text = list ? fix.text : Spelled(fix.text, raw);
      if (!text) return std::nullopt;
      return Edit{at + begin, at + end, *std::move(text)};
    }
    case Fix::Kind::kRemoveUnseen:
      return RemoveUnseen(raw, at + begin);
    case Fix::Kind::kRemoveItem:
      return RemoveItem(source.text, at, line, begin, end, list);
  }
  return std::nullopt;
}

FixResult ApplyFixes(const std::vector<Diagnostic>& diagnostics, std::vector<SourceFile> sources) {
  FixResult result;
  std::map<int, std::vector<Edit>> edits;  // by file
  for (const Diagnostic& d : diagnostics) {
    std::map<int, std::vector<Edit>> mine;
    bool can = !d.fixes.empty();
    for (const Fix& fix : d.fixes) {
      const auto file = static_cast<size_t>(fix.where.file);
      std::optional<Edit> edit;
      if (file < sources.size() && sources[file].problem.empty()) {
        edit = EditOf(fix, sources[file]);
      }
      const auto meets = [&](const Edit& other) {
        return edit->begin <= other.end && other.begin <= edit->end;
      };
      const auto& others = edits[fix.where.file];
      const auto& own = mine[fix.where.file];
      can = can && edit && std::none_of(others.begin(), others.end(), meets) &&
            std::none_of(own.begin(), own.end(), meets);
      if (!can) break;
      mine[fix.where.file].push_back(*std::move(edit));
    }
    if (!can) continue;
    result.repaired.push_back(&d);
    for (auto& [file, some] : mine) {
      std::move(some.begin(), some.end(), std::back_inserter(edits[file]));
    }
  }
  for (auto& [file, some] : edits) {
    std::sort(some.begin(), some.end(),
              [](const Edit& a, const Edit& b) { return a.begin > b.begin; });
    for (const Edit& edit : some) {
      sources[static_cast<size_t>(file)].text.replace(edit.begin, edit.end - edit.begin, edit.text);
    }
  }
  result.sources = std::move(sources);
  return result;
}

}  // namespace winnow::rules
