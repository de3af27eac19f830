#include "tools/cli/record.h"

#include <algorithm>
#include <utility>

#include "engine/base/strings.h"
#include "engine/text/charset.h"
#include "tools/cli/console.h"
#include "tools/cli/json.h"

namespace winnow::cli {
namespace {

constexpr std::string_view kRemedy =
    R"(write one object a line, such as {"id": "7", "text": "hello"})";

// True for a JSON string that can be printed as it was read.
bool Plain(std::string_view json) {
  return std::all_of(json.begin(), json.end(), [](char c) {
    return c >= 0x20 && c < 0x7F && c != '\\' && c != '<' && c != '>';
  });
}

}  // namespace

bool RecordReader::Error(std::string message) {
  error_ = std::move(message);
  return false;
}

bool RecordReader::Parse(std::string_view line) {
  id_json_ = "null";
  id_ = text_ = {};
  bool has_id = false;
  bool has_text = false;
  JsonReader in(line);
  std::string_view key;
  if (in.BeginObject()) {
    while (in.NextMember(&key)) {
      if (key == "id") {
        if (std::exchange(has_id, true)) {
          return Error(R"(member "id" occurs twice; give each line one "id" and one "text")");
        }
        const JsonReader::Type type = in.Peek();
        if (type == JsonReader::Type::kNumber) {
          if (in.SkipValue(&id_)) id_json_ = id_;
        } else if (type == JsonReader::Type::kString) {
          const size_t begin = in.column() - 1;
          if (!in.ReadString(&id_buffer_, &id_)) break;
          const std::string_view raw = line.substr(begin, in.column() - 1 - begin);
          if (Plain(raw)) {
            id_json_ = raw;
          } else {
            id_json_buffer_.clear();
            AppendJsonString(id_, &id_json_buffer_);
            id_json_ = id_json_buffer_;
          }
        } else if (type != JsonReader::Type::kNone) {
          return Error(R"(member "id" must be a string or a number)");
        } else {
          in.SkipValue();
        }
      } else if (key == "text") {
        if (std::exchange(has_text, true)) {
          return Error(R"(member "text" occurs twice; give each line one "id" and one "text")");
        }
        const JsonReader::Type type = in.Peek();
        if (type != JsonReader::Type::kString && type != JsonReader::Type::kNone) {
          return Error(R"(member "text" must be a string)");
        }
        if (type == JsonReader::Type::kNone) {
          in.SkipValue();
        } else {
          in.ReadString(&text_buffer_, &text_);
        }
      } else {
        in.SkipValue();
      }
    }
  }
  if (!in.End()) {
    return Error(StrCat("not JSON at column ", in.column(), ": ", in.error(), "; ", kRemedy));
  }
  if (!has_id) return Error(StrCat(R"(member "id" is missing; )", kRemedy));
  if (!has_text) return Error(StrCat(R"(member "text" is missing; )", kRemedy));
  text_valid_ = text::ValidUtf8(text_);
  if (!text_valid_) {
    // The text is read as UTF-8 whatever it holds. Bytes that occur in no UTF-8 could pass for a
    // mark of another encoding at the text's begin, so they become others that are ill-formed as
    // well.
    if (text_.data() != text_buffer_.data()) text_buffer_.assign(text_);
    for (char& c : text_buffer_) {
      if (static_cast<unsigned char>(c) >= 0xF8) c = '\x80';
    }
    text_ = text_buffer_;
  }
  return true;
}

}  // namespace winnow::cli
