// One line of `--jsonl`: {"id": ..., "text": ...}.
#pragma once

#include <string>
#include <string_view>

namespace winnow::cli {

// Parses lines, reusing its buffers. Not thread safe.
class RecordReader {
 public:
  // True when `line` is an object with a string or number `id` and a string `text`, each once.
  // Other members are ignored. What the accessors return views into `line` and this reader.
  bool Parse(std::string_view line);

  // What is wrong and what to write instead, after Parse() returned false.
  const std::string& error() const { return error_; }

  // The id as JSON, such as "a-1" with its quotes, or 17; "null" where none could be read. Also
  // known after some errors, to tell what could not be checked.
  std::string_view id_json() const { return id_json_; }
  // The id's value: the string, or the number as written.
  std::string_view id() const { return id_; }
  // Valid UTF-8 unless text_valid() is false: then ill-formed bytes stand where the line has them,
  // or where it has a lone surrogate escape. They never look like a byte order mark.
  std::string_view text() const { return text_; }
  bool text_valid() const { return text_valid_; }

 private:
  bool Error(std::string message);

  std::string error_;
  std::string id_buffer_, text_buffer_, id_json_buffer_;
  std::string_view id_json_, id_, text_;
  bool text_valid_ = true;
};

}  // namespace winnow::cli
