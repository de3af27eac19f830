// JSON at the speed of lines: a strict pull reader, and string escapes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace winnow::cli {

// Reads one RFC 8259 value from a text, member by member. Strict, except that ill-formed UTF-8
// inside strings is passed on for the reader's user to judge. After the first error every call
// returns false. Nothing is copied but strings that contain escapes. Not thread safe.
//
//   JsonReader in(line);
//   std::string_view key;
//   if (in.BeginObject()) while (in.NextMember(&key)) { ... in.ReadString(&buffer, &value) ... }
//   if (!in.End()) complain(in.error(), in.column());
class JsonReader {
 public:
  enum class Type { kObject, kArray, kString, kNumber, kBool, kNull, kNone };

  // `text` must outlive the reader.
  explicit JsonReader(std::string_view text) : text_(text) {}

  // What comes next; kNone for anything that begins no value.
  Type Peek();

  bool BeginObject();
  // Moves to the next member; its value must be read or skipped before the next call. `*key` is
  // valid until then. False at the end of the object, and on an error.
  bool NextMember(std::string_view* key);
  bool BeginArray();
  bool NextElement();

  // `*value` views into the text, or into `*buffer` where escapes had to be undone. A lone
  // surrogate escape becomes the three bytes it would take in UTF-8, which are ill-formed.
  bool ReadString(std::string* buffer, std::string_view* value);
  // Any value, unread but checked; `*raw` (may be null) is its text.
  bool SkipValue(std::string_view* raw = nullptr);

  // True when all went well and nothing but white space follows.
  bool End();

  bool ok() const { return error_.empty(); }
  const std::string& error() const { return error_; }
  // Where reading stopped: 1-based, in bytes.
  size_t column() const { return at_ + 1; }

 private:
  void SkipSpace();
  bool Expect(char c, std::string_view what);
  bool Error(std::string_view message);
  bool ReadEscape(std::string* out);
  bool ReadHex4(uint32_t* out);
  bool SkipNumber();
  bool SkipLiteral(std::string_view literal);

  std::string_view text_;
  size_t at_ = 0;
  bool first_ = false;  // no member or element of the innermost object or array was read yet
  int depth_ = 0;
  std::string key_buffer_;
  std::string error_;
};

// Appends `s` with its quotes. What a terminal would obey or not show is escaped, and < and > are,
// as protobuf's JSON printer does. Ill-formed UTF-8 becomes U+FFFD.
void AppendJsonString(std::string_view s, std::string* out);
std::string JsonString(std::string_view s);

}  // namespace winnow::cli
