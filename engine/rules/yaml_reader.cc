#include "engine/rules/yaml_reader.h"

#include <yaml.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "engine/base/strings.h"
#include "engine/rules/utf8.h"

namespace winnow::rules {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// One event of libyaml, released at the end of its scope.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event_); }
  yaml_event_t* get() { return &event_; }
  const yaml_event_t* operator->() const { return &event_; }

 private:
  yaml_event_t event_{};
};

std::string_view ToView(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

class Reader {
 public:
  Reader(const SourceFile& source, int file_index, std::vector<Diagnostic>* diagnostics)
      : text_(source.text), file_(file_index), diagnostics_(diagnostics) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    if (started_) yaml_parser_delete(&parser_);
  }

  std::optional<YamlNode> Read() {
    if (!CheckCharacters()) return std::nullopt;
    if (yaml_parser_initialize(&parser_) == 0) {
      Report("Y004", {file_, 0, 0, 0, 0}, "there is not enough memory to read the file", "", "");
      return std::nullopt;
    }
    started_ = true;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text_.data()),
                                 text_.size());
    return ReadStream();
  }

 private:
  void Report(std::string_view code, SourceRange where, std::string message, std::string label,
              std::string help, DiagnosticLevel level = DiagnosticLevel::kError) {
    diagnostics_->push_back(
        {level, std::string(code), std::move(message), where, std::move(label), std::move(help)});
  }

  SourceRange Range(const yaml_mark_t& begin, const yaml_mark_t& end) const {
    return {file_, static_cast<int>(begin.line) + 1, static_cast<int>(begin.column) + 1,
            static_cast<int>(end.line) + 1, static_cast<int>(end.column) + 1};
  }

  // What libyaml would refuse with a byte offset, or count as a line where no editor does.
  bool CheckCharacters() {
    if (text_.size() > kMaxYamlBytes) {
      Report("Y001", {file_, 0, 0, 0, 0},
             StrCat("the file has ", text_.size(), " bytes; at most ", kMaxYamlBytes, " are read"),
             "", "split the file");
      return false;
    }
    if (text_.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
      Report("Y015", {file_, 1, 1, 1, 1}, "the file begins with a byte order mark", "",
             "save it as UTF-8 without one", DiagnosticLevel::kWarning);
      text_.remove_prefix(kByteOrderMark.size());
    }
    int line = 1;
    int column = 1;
    std::string_view rest = text_;
    while (!rest.empty()) {
      const CodePoint c = DecodeOne(rest);
      const SourceRange where{file_, line, column, line, column + 1};
      if (!c.valid) {
        Report("Y002", where, "the file is not well-formed UTF-8",
               "this byte belongs to no character", "save the file as UTF-8");
        return false;
      }
      const bool control =
          (c.value < 0x20 && c.value != '\t' && c.value != '\n' && c.value != '\r') ||
          (c.value >= 0x7F && c.value <= 0x9F) || c.value == 0x2028 || c.value == 0x2029 ||
          c.value == 0xFEFF || (c.value & 0xFFFE) == 0xFFFE;
      if (control) {
        Report(
            "Y003", where,
            StrCat("the control character ", CodePointName(c.value), " may not stand in the file"),
            "", "remove it; within double quotes an escape such as \"\\u2028\" is possible");
        return false;
      }
      const bool carriage_return_of_pair = c.value == '\r' && rest.substr(1, 1) == "\n";
      if (c.value == '\n' || (c.value == '\r' && !carriage_return_of_pair)) {
        ++line;
        column = 1;
      } else if (!carriage_return_of_pair) {
        ++column;
      }
      rest.remove_prefix(c.bytes);
    }
    return true;
  }

  bool Next(Event* event) {
    if (yaml_parser_parse(&parser_, event->get()) != 0) return true;
    ReportSyntax();
    return false;
  }

  void ReportSyntax() {
    yaml_mark_t mark = parser_.problem_mark;
    const SourceRange where{file_, static_cast<int>(mark.line) + 1,
                            static_cast<int>(mark.column) + 1, static_cast<int>(mark.line) + 1,
                            static_cast<int>(mark.column) + 2};
    const std::string_view problem =
        parser_.problem == nullptr ? "the text cannot be read" : std::string_view(parser_.problem);
    if (IsTabAt(where.begin_line, where.begin_column)) {
      Report("Y005", where, "a tab stands where YAML wants spaces", "tab", "indent with spaces");
      return;
    }
    std::string message = StrCat("this is not YAML: ", problem);
    if (parser_.context != nullptr) {
      StrAppend(&message, " ", parser_.context);
      // Several of libyaml's problems only make sense with the place where the construct began.
      if (parser_.context_mark.line != mark.line) {
        StrAppend(&message, " that begins in line ", parser_.context_mark.line + 1);
      }
    }
    Report("Y004", where, std::move(message), "",
           "check the indentation, and put texts into quotes that hold `: ` or ` #`, that begin "
           "with one "
           "of & * ! | > ' \" % @ `, or that hold one of [ ] { } , inside brackets");
  }

  bool IsTabAt(int line, int column) const {
    std::string_view rest = text_;
    for (int i = 1; i < line; ++i) {
      const size_t end = rest.find_first_of("\r\n");
      if (end == std::string_view::npos) return false;
      rest.remove_prefix(end + (rest.substr(end, 2) == "\r\n" ? 2 : 1));
    }
    for (int i = 1; i < column && !rest.empty(); ++i) rest.remove_prefix(DecodeOne(rest).bytes);
    return !rest.empty() && rest.front() == '\t';
  }

  std::optional<YamlNode> ReadStream() {
    YamlNode root;
    root.where = {file_, 1, 1, 1, 1};
    bool have_root = false;
    while (true) {
      Event event;
      if (!Next(&event)) return std::nullopt;
      switch (event->type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
          break;
        case YAML_DOCUMENT_START_EVENT:
          if (event->data.document_start.version_directive != nullptr ||
              event->data.document_start.tag_directives.start !=
                  event->data.document_start.tag_directives.end) {
            Report("Y014", Range(event->start_mark, event->end_mark),
                   "directives such as %YAML and %TAG are not accepted", "",
                   "remove the directive");
          }
          if (have_root) {
            Report("Y012", Range(event->start_mark, event->end_mark),
                   "the file holds more than one document", "a second document begins here",
                   "put each document into a file of its own");
            return root;
          }
          break;
        case YAML_STREAM_END_EVENT:
          return root;
        default:
          if (!ReadNode(event, 1, &root)) return std::nullopt;
          have_root = true;
      }
    }
  }

  void RefuseProperties(const Event& event, const yaml_char_t* anchor, const yaml_char_t* tag) {
    const SourceRange where = Range(event->start_mark, event->end_mark);
    if (anchor != nullptr) {
      Report("Y007", where, StrCat("the anchor `&", ToView(anchor), "` is not accepted"), "",
             "write the value out wherever it is needed");
    }
    if (tag != nullptr) {
      Report("Y009", where, StrCat("the tag `", ToView(tag), "` is not accepted"), "",
             "remove it: every value is read as text and typed by its key");
    }
  }

  // Fills `node` from `event` and those that follow. False: the text has not the form of YAML.
  bool ReadNode(const Event& event, int depth, YamlNode* node) {
    node->where = Range(event->start_mark, event->end_mark);
    if (++nodes_ > kMaxYamlNodes) {
      Report("Y016", node->where, StrCat("the file holds more than ", kMaxYamlNodes, " values"), "",
             "split the file");
      return false;
    }
    switch (event->type) {
      case YAML_ALIAS_EVENT:
        Report("Y008", node->where,
               StrCat("the alias `*", ToView(event->data.alias.anchor), "` is not accepted"), "",
               "write the value out; a text that begins with `*` needs quotes");
        return true;
      case YAML_SCALAR_EVENT:
        RefuseProperties(event, event->data.scalar.anchor, event->data.scalar.tag);
        node->text.assign(reinterpret_cast<const char*>(event->data.scalar.value),
                          event->data.scalar.length);
        node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        return true;
      case YAML_SEQUENCE_START_EVENT:
        RefuseProperties(event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        return CheckDepth(depth, node->where) && ReadSequence(depth, node);
      case YAML_MAPPING_START_EVENT:
        RefuseProperties(event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        return CheckDepth(depth, node->where) && ReadMapping(depth, node);
      default:
        return false;
    }
  }

  bool CheckDepth(int depth, const SourceRange& where) {
    if (depth <= kMaxYamlDepth) return true;
    Report("Y006", where, StrCat("the values are nested more than ", kMaxYamlDepth, " levels deep"),
           "", "");
    return false;
  }

  bool ReadSequence(int depth, YamlNode* node) {
    node->kind = YamlNode::Kind::kSequence;
    while (true) {
      Event event;
      if (!Next(&event)) return false;
      if (event->type == YAML_SEQUENCE_END_EVENT) {
        CloseRange(event, node);
        return true;
      }
      if (!ReadNode(event, depth + 1, &node->items.emplace_back())) return false;
    }
  }

  bool ReadMapping(int depth, YamlNode* node) {
    node->kind = YamlNode::Kind::kMapping;
    absl::flat_hash_map<std::string, SourceRange> seen;
    while (true) {
      Event event;
      if (!Next(&event)) return false;
      if (event->type == YAML_MAPPING_END_EVENT) {
        CloseRange(event, node);
        return true;
      }
      YamlNode key;
      YamlNode::Entry entry;
      if (!ReadNode(event, depth + 1, &key)) return false;
      Event value;
      if (!Next(&value) || !ReadNode(value, depth + 1, &entry.value)) return false;
      if (!AcceptKey(key, &seen)) continue;
      entry.key = std::move(key.text);
      entry.key_where = key.where;
      node->entries.push_back(std::move(entry));
    }
  }

  bool AcceptKey(const YamlNode& key, absl::flat_hash_map<std::string, SourceRange>* seen) {
    if (!key.IsScalar() || key.text.empty()) {
      Report("Y013", key.where, "a key must be a plain text",
             key.IsScalar() ? "empty key" : StrCat("this is ", KindName(key)), "");
      return false;
    }
    if (key.text == "<<" && !key.quoted) {
      Report("Y010", key.where, "the merge key `<<` is not accepted", "",
             "write the keys out wherever they are needed");
      return false;
    }
    const auto [first, inserted] = seen->emplace(key.text, key.where);
    if (!inserted) {
      Report("Y011", key.where, StrCat("the key `", key.text, "` is given twice"),
             StrCat("first given in line ", first->second.begin_line), "remove one of them");
    }
    return inserted;
  }

  // A block collection's end mark lies at whatever comes next: end it with its last value instead.
  void CloseRange(const Event& event, YamlNode* node) const {
    const SourceRange* last = nullptr;
    if (!node->items.empty()) last = &node->items.back().where;
    if (!node->entries.empty()) last = &node->entries.back().value.where;
    const bool flow = event->end_mark.index != event->start_mark.index;
    if (flow || last == nullptr) {
      node->where.end_line = static_cast<int>(event->end_mark.line) + 1;
      node->where.end_column = static_cast<int>(event->end_mark.column) + 1;
    } else {
      node->where.end_line = last->end_line;
      node->where.end_column = last->end_column;
    }
  }

  std::string_view text_;
  const int file_;
  std::vector<Diagnostic>* const diagnostics_;
  yaml_parser_t parser_{};
  bool started_ = false;
  size_t nodes_ = 0;
};

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  const auto it = std::find_if(entries.begin(), entries.end(),
                               [&](const Entry& entry) { return entry.key == key; });
  return it == entries.end() ? nullptr : &it->value;
}

std::string_view KindName(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMapping:
      return "a mapping";
    case YamlNode::Kind::kScalar:
      break;
  }
  return node.IsEmpty() ? "nothing" : "a text";
}

std::optional<YamlNode> ParseYaml(const SourceFile& source, int file_index,
                                  std::vector<Diagnostic>* diagnostics) {
  return Reader(source, file_index, diagnostics).Read();
}

}  // namespace winnow::rules
