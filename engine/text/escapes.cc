#include "engine/text/escapes.h"

#include <cctype>

#include "engine/text/ascii.h"
#include "engine/text/fold_marks.h"
#include "engine/text/fold_table.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

// Reads a text character by character as ASCII, the way it folds.
class Reader {
 public:
  Reader(std::string_view text, size_t at) : text_(text.substr(0, at + kEscapeBytesMax)), at_(at) {}

  // The next character, or 0 when it is not one ASCII character or there is none.
  char Peek() {
    if (!string_.empty()) return string_[0];
    while (at_ < text_.size()) {
      width_ = CharWidth(text_[at_]);
      if (at_ + width_ > text_.size()) return 0;
      const char32_t c = CharAt(&text_[at_]);
      const FoldTable::Entry e = table_.entry(c);
      char32_t folded = c;
      // No mark stays on what an escape is made of; the iota below folds to a letter.
      const bool mark = e.kind() == FoldKind::kJoin && c != kIotaBelow &&
                        table_.char_class(c) == CharClass::kMark;
      if (e.kind() == FoldKind::kRemove || mark) {
        at_ += width_;
        continue;
      }
      if (e.kind() == FoldKind::kChar) folded = e.payload();
      if (e.kind() == FoldKind::kRegional) folded = U'a' + e.payload();
      if (e.kind() == FoldKind::kString && static_cast<uint8_t>(table_.String(e)[0]) < 0x80) {
        string_ = table_.String(e);
        return string_[0];
      }
      return folded < 0x80 ? static_cast<char>(folded) : 0;
    }
    return 0;
  }
  // Whether the next character is anything but a capital digit, A to F.
  bool IsNoCapital() const { return at_ >= text_.size() || text_[at_] < 'A' || text_[at_] > 'F'; }
  void Next() {
    if (!string_.empty()) string_.remove_prefix(1);
    if (string_.empty()) at_ += width_;
  }
  bool Take(char c) {
    if (Peek() != c) return false;
    Next();
    return true;
  }
  // Whether the next character is an ASCII letter, or an escape or another that may fold to one.
  bool AtLetter() {
    const char c = Peek();
    if (c >= 'a' && c <= 'z') return true;
    if (BeginsEscape(static_cast<uint8_t>(c))) {
      return ReadEscape(text_, at_, Before::kLetter).bytes > 0;
    }
    if (c != 0 || at_ >= text_.size() || at_ + width_ > text_.size()) return false;
    const FoldKind kind = table_.entry(CharAt(&text_[at_])).kind();
    return kind == FoldKind::kMixed || kind == FoldKind::kJoin;
  }
  size_t at() const { return at_; }
  // False in the middle of a character that folds to several.
  bool at_border() const { return string_.empty(); }

 private:
  const FoldTable& table_ = FoldTable::Get();
  const std::string_view text_;
  size_t at_;
  uint32_t width_ = 0;
  std::string_view string_;  // what is still to be read of the character at at_
};

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool SpellsText(char32_t c) {
  if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return false;
  const FoldTable& table = FoldTable::Get();
  const FoldTable::Entry e = table.entry(c);
  // A letter in a circle is a symbol, and a radical too.
  if (e.kind() == FoldKind::kRegional) return true;
  if (e.kind() == FoldKind::kChar) c = e.payload();
  if (e.kind() == FoldKind::kString) {
    const std::string_view string = table.String(e);
    for (size_t at = 0; at < string.size(); at += CharWidth(string[at])) {
      if (table.char_class(CharAt(&string[at])) == CharClass::kLetter) return true;
    }
  }
  switch (table.char_class(c)) {
    case CharClass::kLetter:
    case CharClass::kHan:
    case CharClass::kHangul:
    case CharClass::kUnspaced:
    case CharClass::kMark:
    case CharClass::kHidden:
      return true;
    default:
      return false;
  }
}

// Names of what nobody sees; named letters are too rare to be worth a list.
struct Named {
  std::string_view name;
  char32_t c;
};
constexpr Named kNames[] = {
    {"nbsp", 0x20}, {"zwj", 0x200d}, {"zwnj", 0x200c},
    {"shy", 0xad},  {"lrm", 0x200e}, {"rlm", 0x200f},
};

Escape ReadEntity(std::string_view text, size_t at) {
  Reader reader(text, at);
  if (!reader.Take('&')) return {};
  // An ampersand that was itself escaped, as in "&amp;#112;".
  if (reader.Peek() == 'a') {
    for (char c : std::string_view("amp;")) {
      if (!reader.Take(c)) return {};
    }
  }
  char32_t c = 0;
  if (reader.Take('#')) {
    const bool hex = reader.Take('x');
    int digits = 0;
    for (; digits < 8; ++digits) {
      const int digit = HexDigit(reader.Peek());
      if (digit < 0 || (!hex && digit > 9)) break;
      c = c * (hex ? 16 : 10) + static_cast<char32_t>(digit);
      reader.Next();
    }
    // A space written as a number joins what it would have parted, as "&nbsp;" does.
    if (c == 0xa0) c = 0x20;
    if (digits == 0 || (c != 0x20 && !SpellsText(c) && !IsPutForLetter(c))) return {};
  } else {
    char name[5];
    size_t n = 0;
    while (n < sizeof(name) && reader.Peek() >= 'a' && reader.Peek() <= 'z') {
      name[n++] = reader.Peek();
      reader.Next();
    }
    for (const Named& named : kNames) {
      if (named.name == std::string_view(name, n)) c = named.c;
    }
    if (c == 0) return {};
  }
  if (!reader.Take(';')) return {};
  return {c, static_cast<uint32_t>(reader.at() - at)};
}

// Takes `count` hexadecimal digits or, with `fewer`, up to as many, letters among them only as
// `capital`s; -1 when there are not.
int64_t ReadHex(Reader* reader, int count, bool fewer = false, bool capital = false) {
  int64_t value = 0;
  int digits = 0;
  for (; digits < count; ++digits) {
    const int digit = HexDigit(reader->Peek());
    if (digit < 0 || (capital && digit > 9 && reader->IsNoCapital())) break;
    value = value * 16 + digit;
    reader->Next();
  }
  return digits == count || (fewer && digits > 0) ? value : -1;
}

// One byte written as `prefix` and two digits; -1 when there is none.
int ReadByte(Reader* reader, std::string_view prefix) {
  for (char c : prefix) {
    if (!reader->Take(c)) return -1;
  }
  return static_cast<int>(ReadHex(reader, 2, false, prefix == "="));
}

// The rest of a character whose first byte is `first`; 0 when its bytes are no UTF-8.
char32_t ReadCharFrom(int first, Reader* reader, std::string_view prefix) {
  if (first < 0) return 0;
  if (first < 0x80) return static_cast<char32_t>(first);
  if (first < 0xc2 || first > 0xf4) return 0;
  const int width = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t c = static_cast<char32_t>(first & (0x7f >> width));
  for (int i = 1; i < width; ++i) {
    const int next = ReadByte(reader, prefix);
    if (next < 0x80 || next > 0xbf) return 0;
    c = c << 6 | static_cast<char32_t>(next & 0x3f);
  }
  if (WidthOf(c) != static_cast<uint32_t>(width)) return 0;
  return c;
}

char32_t ReadChar(Reader* reader, std::string_view prefix) {
  return ReadCharFrom(ReadByte(reader, prefix), reader, prefix);
}

bool IsLetterOrText(char32_t c) { return c < 0x80 ? IsAsciiLetter(c) : SpellsText(c); }

Escape ReadPercent(std::string_view text, size_t at, Before before) {
  Reader reader(text, at);
  const char32_t c = ReadChar(&reader, "%");
  if (!reader.at_border()) return {};
  const Escape escape = {c, static_cast<uint32_t>(reader.at() - at)};
  if (c >= 0x80) return SpellsText(c) ? escape : Escape{};
  if (!IsAsciiLetter(c) && c != ' ' && !IsPutForLetter(c)) return {};
  if (before == Before::kLetter) return escape;
  Reader ahead = reader;
  if (IsLetterOrText(ReadChar(&ahead, "%"))) return escape;
  const bool begins_word = IsAsciiLetter(c) && before == Before::kOther && reader.AtLetter();
  return begins_word ? escape : Escape{};
}

Escape ReadQuoted(std::string_view text, size_t at, Before before) {
  Reader reader(text, at);
  const char32_t c = ReadChar(&reader, "=");
  const bool put = IsPutForLetter(c);
  if (!reader.at_border() || (!IsLetterOrText(c) && !put)) return {};
  const Escape escape = {c, static_cast<uint32_t>(reader.at() - at)};
  if (c >= 0x80 || before == Before::kQuoted) return escape;
  char32_t next = ReadChar(&reader, "=");
  // Over what is put for a letter to the next.
  if (!put && IsPutForLetter(next)) next = ReadChar(&reader, "=");
  return IsLetterOrText(next) ? escape : Escape{};
}

// As programs write them: "\x41", bytes of UTF-8 ("\xe8\xb5\x8c"), "\u8d4c", "\u{8d4c}",
// "\U0001d4d0" and surrogate pairs. Case says nothing, so eight digits are told by their zeros.
Escape ReadBackslash(std::string_view text, size_t at) {
  Reader reader(text, at);
  if (!reader.Take('\\')) return {};
  const bool byte = reader.Take('x');
  if (!byte && !reader.Take('u')) return {};
  int64_t c;
  if (reader.Take('{')) {
    c = ReadHex(&reader, 8, true);
    if (!reader.Take('}')) return {};
  } else if (byte) {
    c = ReadCharFrom(static_cast<int>(ReadHex(&reader, 2)), &reader, "\\x");
  } else {
    c = ReadHex(&reader, 4);
    if (c >= 0 && c <= 0x10) {
      const int64_t low = ReadHex(&reader, 4);
      c = low < 0 ? -1 : c << 16 | low;
    } else if (c >= 0xd800 && c < 0xdc00) {
      if (!reader.Take('\\') || !reader.Take('u')) return {};
      const int64_t low = ReadHex(&reader, 4);
      if (low < 0xdc00 || low > 0xdfff) return {};
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
  }
  if (c < 0 || c > 0x10ffff || !reader.at_border()) return {};
  if (!IsLetterOrText(static_cast<char32_t>(c)) && !IsPutForLetter(static_cast<char32_t>(c))) {
    return {};
  }
  return {static_cast<char32_t>(c), static_cast<uint32_t>(reader.at() - at)};
}

}  // namespace

bool GoesOnBackslash(std::string_view written, char c) {
  const auto digit = [](char d) { return std::isxdigit(static_cast<unsigned char>(d)) != 0; };
  size_t begin = written.size();
  while (begin > 0 && written.size() - begin < 12 &&
         (digit(written[begin - 1]) || written[begin - 1] == '{')) {
    --begin;
  }
  const bool bare = begin == written.size() && begin > 0 && written[begin - 1] == '\\';
  if (bare) return (c | 0x20) == 'u' || (c | 0x20) == 'x';
  return digit(c) && begin > 1 && written[begin - 2] == '\\' &&
         (written[begin - 1] == 'u' || written[begin - 1] == 'x');
}

bool CompletesEscape(std::string_view written, std::string_view next) {
  const auto digit = [](char d) { return std::isxdigit(static_cast<unsigned char>(d)) != 0; };
  if (GoesOnBackslash(written, next[0])) return true;
  if (!digit(next[0])) return false;
  const auto back = [&](size_t n) {
    return n <= written.size() ? written[written.size() - n] : '\0';
  };
  if (next.size() > 1 && back(2) == '=' && digit(back(1))) return true;
  if (next.size() > 2 && back(1) == '=' && digit(next[1])) return true;
  if (back(2) == '%' && digit(back(1))) return true;
  return back(1) == '%' && next.size() > 1 && digit(next[1]);
}

bool EndsInQuotedBegin(std::string_view written) {
  const size_t size = written.size();
  if (size > 0 && written[size - 1] == '=') return true;
  return size > 1 && written[size - 2] == '=' &&
         std::isxdigit(static_cast<unsigned char>(written[size - 1])) != 0;
}

bool EndsInEscapeBegin(std::string_view written) {
  for (size_t i = written.size(); i > 0 && written.size() - i < 12; --i) {
    const char c = written[i - 1];
    if (c == '&' || c == '%') return true;
    const bool may_follow = c == '#' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    if (!may_follow) return false;
  }
  return false;
}

Escape ReadEscape(std::string_view text, size_t at, Before before) {
  Reader reader(text, at);
  switch (reader.Peek()) {
    case '&':
      return ReadEntity(text, at);
    case '%':
      return ReadPercent(text, at, before);
    case '\\':
      return ReadBackslash(text, at);
    case '=':
      return ReadQuoted(text, at, before);
    default:
      return {};
  }
}

}  // namespace winnow::text
