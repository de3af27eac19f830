#include "engine/rules/format.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/rules/source_lines.h"
#include "engine/rules/utf8.h"
#include "engine/rules/yaml_reader.h"

namespace winnow::rules {
namespace {

constexpr int kIndent = 2;

int Columns(std::string_view text) {
  int columns = 0;
  while (!text.empty()) {
    const CodePoint c = DecodeOne(text);
    columns += DisplayWidth(c.value);
    text.remove_prefix(c.bytes);
  }
  return columns;
}

std::string_view Trimmed(std::string_view s) {
  const size_t begin = s.find_first_not_of(" \t");
  if (begin == s.npos) return {};
  return s.substr(begin, s.find_last_not_of(" \t") - begin + 1);
}

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

struct Comment {
  int line;
  int column;
  bool own_line;
  std::string_view text;
};

// The text by lines and columns, and the comments in it.
class Source {
 public:
  Source(std::string_view text, const YamlNode& root) : text_(text), lines_(text) {
    CollectScalars(root);
    std::sort(scalars_.begin(), scalars_.end());
    FindComments();
  }

  const std::vector<Comment>& comments() const { return comments_; }
  bool Blank(int line) const {
    return line >= 1 && line <= lines_.count() && Trimmed(lines_.Line(line)).empty();
  }
  std::string_view Slice(const SourceRange& range) const {
    const size_t begin = lines_.Byte(range.begin_line, range.begin_column);
    return text_.substr(begin, lines_.Byte(range.end_line, range.end_column) - begin);
  }
  bool InBrackets(const YamlNode& node) const {
    if (node.IsScalar()) return false;
    const size_t at = lines_.Byte(node.where.begin_line, node.where.begin_column);
    return at < text_.size() && (text_[at] == '[' || text_[at] == '{');
  }
  bool HasCommentIn(const SourceRange& range) const {
    const auto first =
        std::partition_point(comments_.begin(), comments_.end(), [&](const Comment& c) {
          return c.line < range.begin_line ||
                 (c.line == range.begin_line && c.column <= range.begin_column);
        });
    return first != comments_.end() && first->line < range.end_line;
  }

 private:
  void CollectScalars(const YamlNode& node) {
    const auto add = [this](const SourceRange& where) {
      scalars_.emplace_back(lines_.Byte(where.begin_line, where.begin_column),
                            lines_.Byte(where.end_line, where.end_column));
    };
    if (node.IsScalar()) add(node.where);
    for (const YamlNode& item : node.items) CollectScalars(item);
    for (const YamlNode::Entry& entry : node.entries) {
      add(entry.key_where);
      CollectScalars(entry.value);
    }
  }

  void FindComments() {
    size_t scalar = 0;
    for (int number = 1; number <= lines_.count(); ++number) {
      const std::string_view line = lines_.Line(number);
      const size_t base = lines_.Byte(number, 1);
      for (size_t at = 0; at < line.size(); ++at) {
        while (scalar < scalars_.size() && scalars_[scalar].second <= base + at) ++scalar;
        if (scalar < scalars_.size() && scalars_[scalar].first <= base + at) {
          at = std::min(scalars_[scalar].second - base, line.size()) - 1;
          continue;
        }
        if (line[at] != '#' || (at > 0 && line[at - 1] != ' ' && line[at - 1] != '\t')) continue;
        comments_.push_back({number, static_cast<int>(CountCodePoints(line.substr(0, at))) + 1,
                             Trimmed(line.substr(0, at)).empty(), Trimmed(line.substr(at))});
        break;
      }
    }
  }

  const std::string_view text_;
  const SourceLines lines_;
  std::vector<std::pair<size_t, size_t>> scalars_;  // in bytes
  std::vector<Comment> comments_;
};

class Layout {
 public:
  explicit Layout(const Source& source) : source_(source) {}

  std::string Run(const YamlNode& root) {
    if (root.IsScalar() || source_.InBrackets(root)) {
      if (!root.IsEmpty()) {
        Before(root.where, 0, false);
        Write(Inline(root, 0));
        EndLine(root.where.end_line);
      }
    } else {
      Block(root, 0, 0, false);
    }
    Comments(INT32_MAX, 0, false);
    return std::move(out_);
  }

 private:
  // Where the items that lead to what was written last stood, and stand now.
  struct Level {
    int column;
    int indent;
  };

  bool AsBlock(const YamlNode& node) const {
    if (node.IsScalar() || (node.items.empty() && node.entries.empty())) return false;
    return !source_.InBrackets(node) || source_.HasCommentIn(node.where);
  }

  // Mappings and lists over several lines. With `begun` the first item goes on the line begun.
  void Block(const YamlNode& node, int indent, size_t depth, bool begun) {
    for (const YamlNode::Entry& entry : node.entries) {
      if (!begun) StartItem(entry.key_where, entry.key_where.begin_column, indent, depth, false);
      begun = false;
      Write(source_.Slice(entry.key_where));
      Write(":");
      last_line_ = entry.key_where.end_line;
      Value(entry.value, indent, depth, false);
    }
    for (const YamlNode& item : node.items) {
      const bool apart = depth == 0 && indent == 0 && item.IsMapping() && AsBlock(item);
      if (!begun) {
        StartItem(item.where, item.where.begin_column - kIndent, indent, depth, apart);
      }
      begun = false;
      Write("-");
      Value(item, indent, depth, true);
    }
  }

  void StartItem(const SourceRange& where, int column, int indent, size_t depth, bool apart) {
    Before(where, indent, apart);
    path_.resize(std::min(path_.size(), depth));
    path_.push_back({column, indent});
    out_.append(static_cast<size_t>(indent), ' ');
  }

  void Value(const YamlNode& value, int indent, size_t depth, bool of_item) {
    if (!AsBlock(value)) {
      if (!value.IsEmpty()) {
        Write(" ");
        Write(Inline(value, indent));
      }
      EndLine(value.IsEmpty() ? last_line_ : value.where.end_line);
      return;
    }
    if (of_item) {
      Write(" ");
      Block(value, indent + kIndent, depth + 1, true);
      return;
    }
    EndLine(last_line_);
    Block(value, indent + kIndent, depth + 1, false);
  }

  // What stands on the line begun.
  std::string Inline(const YamlNode& node, int indent) {
    return node.IsScalar() ? Scalar(node, indent) : Brackets(node, LineColumns());
  }

  std::string Scalar(const YamlNode& node, int indent) const {
    const std::string_view slice = source_.Slice(node.where);
    const std::vector<std::string_view> lines = LinesOf(slice);
    std::string out(Trimmed(lines[0]));
    if (lines.size() == 1) return out;
    const bool verbatim = slice[0] == '|' || slice[0] == '>';
    size_t least = std::string_view::npos;  // blanks before a line of a text taken as it stands
    for (size_t i = 1; i < lines.size(); ++i) {
      if (!Trimmed(lines[i]).empty()) least = std::min(least, lines[i].find_first_not_of(' '));
    }
    size_t end = lines.size();
    if (verbatim) {
      while (end > 1 && Trimmed(lines[end - 1]).empty()) --end;
    }
    for (size_t i = 1; i < end; ++i) {
      out.push_back('\n');
      if (Trimmed(lines[i]).empty()) continue;
      out.append(static_cast<size_t>(indent + kIndent), ' ');
      out.append(verbatim ? lines[i].substr(least) : Trimmed(lines[i]));
    }
    return out;
  }

  // A text in brackets, on one line.
  std::string ScalarOnOneLine(const YamlNode& node) const {
    std::string out;
    for (const std::string_view line : LinesOf(source_.Slice(node.where))) {
      StrAppend(&out, out.empty() ? "" : " ", Trimmed(line));
    }
    return out;
  }

  std::string OneLine(const YamlNode& node) const {
    if (node.IsScalar()) return node.IsEmpty() ? std::string() : ScalarOnOneLine(node);
    std::string out = node.IsMapping() ? "{" : "[";
    for (const YamlNode& item : node.items) {
      StrAppend(&out, out.size() > 1 ? ", " : "", OneLine(item));
    }
    for (const YamlNode::Entry& entry : node.entries) {
      const std::string value = OneLine(entry.value);
      StrAppend(&out, out.size() > 1 ? ", " : "", source_.Slice(entry.key_where), ":",
                value.empty() ? "" : " ", value);
    }
    return out + (node.IsMapping() ? "}" : "]");
  }

  // `node` from `column` on.
  std::string Brackets(const YamlNode& node, int column) const {
    std::string whole = OneLine(node);
    if (node.IsScalar() || column + Columns(whole) <= kFormatColumns) return whole;
    std::string out = node.IsMapping() ? "{" : "[";
    int at = column + 1;
    bool first = true;
    const auto add = [&](std::string_view key, const YamlNode& value) {
      const std::string head = key.empty() ? std::string() : StrCat(key, ": ");
      const int size = Columns(head) + Columns(OneLine(value)) + 1;  // and a comma or bracket
      if (!first && at + 1 + size > kFormatColumns) {
        StrAppend(&out, ",\n", std::string(static_cast<size_t>(column) + 1, ' '));
        at = column + 1;
      } else if (!first) {
        out += ", ";
        at += 2;
      }
      first = false;
      const std::string text = StrCat(head, Brackets(value, at + Columns(head)));
      const size_t line = text.rfind('\n');
      at =
          line == text.npos ? at + Columns(text) : Columns(std::string_view(text).substr(line + 1));
      out += text;
    };
    for (const YamlNode& item : node.items) add("", item);
    for (const YamlNode::Entry& entry : node.entries) {
      add(source_.Slice(entry.key_where), entry.value);
    }
    return out + (node.IsMapping() ? "}" : "]");
  }

  // The comments before what stands at `where`, and a blank line where one was.
  void Before(const SourceRange& where, int indent, bool apart) {
    const bool parted = Comments(where.begin_line, indent, apart);
    if ((apart && !parted) || source_.Blank(where.begin_line - 1)) BlankLine();
  }

  // Those that stand above `line`. True when a blank line parts them from what comes before.
  bool Comments(int line, int indent, bool apart) {
    bool parted = false;
    const std::vector<Comment>& all = source_.comments();
    for (; next_ < all.size() && all[next_].line < line; ++next_) {
      const Comment& c = all[next_];
      // One that stood deeper belongs to what comes before.
      int to = indent;
      bool before = false;
      for (const Level& level : path_) {
        if (level.indent > indent && level.column <= c.column) {
          to = level.indent;
          before = true;
        }
      }
      if (apart && !before && !parted) {
        BlankLine();
        parted = true;
      } else if (source_.Blank(c.line - 1)) {
        BlankLine();
      }
      out_.append(static_cast<size_t>(to), ' ');
      StrAppend(&out_, c.text, "\n");
    }
    return parted;
  }

  void BlankLine() {
    if (!out_.empty() && (out_.size() < 2 || out_[out_.size() - 2] != '\n')) out_.push_back('\n');
  }

  // Ends the line, with the comment that stood in it.
  void EndLine(int line) {
    const std::vector<Comment>& all = source_.comments();
    if (next_ < all.size() && all[next_].line == line && !all[next_].own_line) {
      StrAppend(&out_, "  ", all[next_].text);
      ++next_;
    }
    out_.push_back('\n');
    last_line_ = line;
  }

  int LineColumns() const {
    const size_t line = out_.rfind('\n');
    return Columns(std::string_view(out_).substr(line == out_.npos ? 0 : line + 1));
  }

  void Write(std::string_view text) { out_.append(text); }

  const Source& source_;
  std::string out_;
  std::vector<Level> path_;
  size_t next_ = 0;  // the first comment that has not been written
  int last_line_ = 0;
};

bool Same(const YamlNode& a, const YamlNode& b) {
  return a.kind == b.kind && a.text == b.text && a.quoted == b.quoted &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), Same) &&
         std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                    [](const YamlNode::Entry& x, const YamlNode::Entry& y) {
                      return x.key == y.key && Same(x.value, y.value);
                    });
}

}  // namespace

std::optional<std::string> FormatYaml(const SourceFile& source, int file_index,
                                      std::vector<Diagnostic>* diagnostics) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  SourceFile plain = {source.path, source.text};
  if (plain.text.compare(0, kByteOrderMark.size(), kByteOrderMark) == 0) {
    plain.text.erase(0, kByteOrderMark.size());
  }
  plain.text = absl::StrReplaceAll(plain.text, {{"\r\n", "\n"}, {"\r", "\n"}});
  std::vector<Diagnostic> problems;
  const std::optional<YamlNode> root = ParseYaml(plain, file_index, &problems);
  if (!root || HasErrors(problems)) {
    diagnostics->insert(diagnostics->end(), problems.begin(), problems.end());
    return std::nullopt;
  }
  const Source written(plain.text, *root);
  std::string out = Layout(written).Run(*root);
  // A layout that changed what is read would be worse than none.
  std::vector<Diagnostic> again;
  const std::optional<YamlNode> read = ParseYaml({source.path, out}, file_index, &again);
  if (!read || HasErrors(again) || !Same(*root, *read) ||
      written.comments().size() != Source(out, *read).comments().size()) {
    diagnostics->push_back({DiagnosticLevel::kError,
                            "Y017",
                            "the file cannot be laid out without changing what it says",
                            {file_index, 0, 0, 0, 0},
                            "",
                            "write texts of several lines in a simpler form, such as double "
                            "quotes on one line"});
    return std::nullopt;
  }
  return out;
}

}  // namespace winnow::rules
