#include "tools/cli/json.h"

#include <array>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/base/strings.h"
#include "engine/rules/utf8.h"

namespace winnow::cli {
namespace {

constexpr int kDepthMax = 200;

void AppendUtf8(uint32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | c >> 6));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | c >> 12));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | c >> 18));
    out->push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

// Bytes that end a plain stretch of a string: the quote, an escape, and controls.
constexpr std::array<bool, 256> SpecialBytes() {
  std::array<bool, 256> special{};
  for (int i = 0; i < 0x20; ++i) special[static_cast<size_t>(i)] = true;
  special['"'] = true;
  special['\\'] = true;
  return special;
}
constexpr std::array<bool, 256> kSpecial = SpecialBytes();

// ASCII that is printed as it is.
constexpr std::array<bool, 256> PrintedBytes() {
  std::array<bool, 256> printed{};
  for (size_t i = 0x20; i < 0x7F; ++i) printed[i] = true;
  printed['"'] = printed['\\'] = printed['<'] = printed['>'] = false;
  return printed;
}
constexpr std::array<bool, 256> kPrinted = PrintedBytes();

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool JsonReader::Error(std::string_view message) {
  if (error_.empty()) error_ = std::string(message);
  return false;
}

void JsonReader::SkipSpace() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n')) {
    ++at_;
  }
}

bool JsonReader::Expect(char c, std::string_view what) {
  if (!ok()) return false;
  SkipSpace();
  if (at_ >= text_.size()) return Error(StrCat("it ends where ", what, " is expected"));
  if (text_[at_] != c) return Error(StrCat("expected ", what));
  ++at_;
  return true;
}

JsonReader::Type JsonReader::Peek() {
  if (!ok()) return Type::kNone;
  SkipSpace();
  if (at_ >= text_.size()) return Type::kNone;
  switch (text_[at_]) {
    case '{':
      return Type::kObject;
    case '[':
      return Type::kArray;
    case '"':
      return Type::kString;
    case 't':
    case 'f':
      return Type::kBool;
    case 'n':
      return Type::kNull;
    default:
      return text_[at_] == '-' || IsDigit(text_[at_]) ? Type::kNumber : Type::kNone;
  }
}

bool JsonReader::BeginObject() {
  if (!Expect('{', "an object `{`")) return false;
  if (++depth_ > kDepthMax) return Error("values are nested too deep");
  return first_ = true;
}

bool JsonReader::NextMember(std::string_view* key) {
  if (!ok()) return false;
  SkipSpace();
  if (at_ < text_.size() && text_[at_] == '}') {
    ++at_;
    --depth_;
    first_ = false;
    return false;
  }
  if (!std::exchange(first_, false) && !Expect(',', "`,` or `}`")) return false;
  return ReadString(&key_buffer_, key) && Expect(':', "`:` after the member's name");
}

bool JsonReader::BeginArray() {
  if (!Expect('[', "an array `[`")) return false;
  if (++depth_ > kDepthMax) return Error("values are nested too deep");
  return first_ = true;
}

bool JsonReader::NextElement() {
  if (!ok()) return false;
  SkipSpace();
  if (at_ < text_.size() && text_[at_] == ']') {
    ++at_;
    --depth_;
    first_ = false;
    return false;
  }
  return std::exchange(first_, false) || Expect(',', "`,` or `]`");
}

bool JsonReader::ReadHex4(uint32_t* out) {
  if (at_ + 4 > text_.size()) return Error("a \\u escape needs four hex digits");
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text_[at_];
    uint32_t digit;
    if (IsDigit(c)) {
      digit = static_cast<uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<uint32_t>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<uint32_t>(c - 'A') + 10;
    } else {
      return Error("a \\u escape needs four hex digits");
    }
    value = value << 4 | digit;
    ++at_;
  }
  *out = value;
  return true;
}

bool JsonReader::ReadEscape(std::string* out) {
  if (at_ >= text_.size()) return Error("it ends inside a string");
  const char c = text_[at_];
  constexpr std::string_view kFrom = "\"\\/bfnrt";
  constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
  if (const size_t i = kFrom.find(c); i != std::string_view::npos) {
    ++at_;
    out->push_back(kTo[i]);
    return true;
  }
  if (c != 'u') return Error("unknown escape in a string");
  ++at_;
  uint32_t unit;
  if (!ReadHex4(&unit)) return false;
  if (unit >= 0xD800 && unit < 0xDC00 && text_.substr(at_, 2) == "\\u") {
    const size_t back = at_;
    at_ += 2;
    uint32_t low;
    if (!ReadHex4(&low)) return false;
    if (low >= 0xDC00 && low < 0xE000) {
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    } else {
      at_ = back;
    }
  }
  AppendUtf8(unit, out);
  return true;
}

bool JsonReader::ReadString(std::string* buffer, std::string_view* value) {
  if (!Expect('"', "a string")) return false;
  const size_t begin = at_;
  bool copied = false;
  size_t plain = at_;
  while (true) {
    while (at_ < text_.size() && !kSpecial[static_cast<unsigned char>(text_[at_])]) ++at_;
    if (at_ >= text_.size()) return Error("it ends inside a string");
    if (text_[at_] == '"') break;
    if (text_[at_] != '\\') return Error("a control character in a string must be escaped");
    if (!copied) buffer->clear();
    copied = true;
    buffer->append(text_.substr(plain, at_ - plain));
    ++at_;
    if (!ReadEscape(buffer)) return false;
    plain = at_;
  }
  if (copied) {
    buffer->append(text_.substr(plain, at_ - plain));
    *value = *buffer;
  } else {
    *value = text_.substr(begin, at_ - begin);
  }
  ++at_;
  return true;
}

bool JsonReader::SkipNumber() {
  const auto digits = [this] {
    const size_t begin = at_;
    while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
    return at_ > begin;
  };
  if (text_[at_] == '-') ++at_;
  if (at_ < text_.size() && text_[at_] == '0') {
    ++at_;
  } else if (!digits()) {
    return Error("a number needs digits");
  }
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    if (!digits()) return Error("a number needs digits after the point");
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    if (!digits()) return Error("a number needs digits in its exponent");
  }
  return true;
}

bool JsonReader::SkipLiteral(std::string_view literal) {
  if (text_.substr(at_, literal.size()) != literal) return Error("expected a value");
  at_ += literal.size();
  return true;
}

bool JsonReader::SkipValue(std::string_view* raw) {
  const Type type = Peek();
  const size_t begin = at_;
  bool good = false;
  switch (type) {
    case Type::kObject: {
      std::string_view key;
      if (!BeginObject()) return false;
      while (NextMember(&key)) SkipValue();
      good = ok();
      break;
    }
    case Type::kArray:
      if (!BeginArray()) return false;
      while (NextElement()) SkipValue();
      good = ok();
      break;
    case Type::kString: {
      std::string buffer;
      std::string_view value;
      good = ReadString(&buffer, &value);
      break;
    }
    case Type::kNumber:
      good = SkipNumber();
      break;
    case Type::kBool:
      good = SkipLiteral(text_[at_] == 't' ? "true" : "false");
      break;
    case Type::kNull:
      good = SkipLiteral("null");
      break;
    case Type::kNone:
      return Error(at_ >= text_.size() ? "it ends where a value is expected" : "expected a value");
  }
  if (good && raw != nullptr) *raw = text_.substr(begin, at_ - begin);
  return good;
}

bool JsonReader::End() {
  if (!ok()) return false;
  SkipSpace();
  return at_ == text_.size() || Error("something follows the value");
}

void AppendJsonString(std::string_view s, std::string* out) {
  out->push_back('"');
  while (!s.empty()) {
    size_t plain = 0;
    while (plain < s.size() && kPrinted[static_cast<unsigned char>(s[plain])]) ++plain;
    out->append(s.substr(0, plain));
    s.remove_prefix(plain);
    if (s.empty()) break;
    const rules::CodePoint c = rules::DecodeOne(s);
    if (!c.valid) {
      out->append("\uFFFD");
    } else if (c.value == '"' || c.value == '\\') {
      out->push_back('\\');
      out->push_back(static_cast<char>(c.value));
    } else if (c.value == '\n') {
      out->append("\\n");
    } else if (c.value == '\r') {
      out->append("\\r");
    } else if (c.value == '\t') {
      out->append("\\t");
    } else if (c.value == '\b') {
      out->append("\\b");
    } else if (c.value == '\f') {
      out->append("\\f");
    } else if (c.value == '<' || c.value == '>' || rules::IsInvisible(c.value)) {
      if (c.value < 0x10000) {
        absl::StrAppendFormat(out, "\\u%04x", static_cast<uint32_t>(c.value));
      } else {
        const uint32_t v = c.value - 0x10000;
        absl::StrAppendFormat(out, "\\u%04x\\u%04x", 0xD800 + (v >> 10), 0xDC00 + (v & 0x3FF));
      }
    } else {
      out->append(s.substr(0, c.bytes));
    }
    s.remove_prefix(c.bytes);
  }
  out->push_back('"');
}

std::string JsonString(std::string_view s) {
  std::string out;
  AppendJsonString(s, &out);
  return out;
}

}  // namespace winnow::cli
