#include "engine/text/escapes.h"

#include "engine/text/fold_table.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

constexpr char32_t kIotaBelow = 0x345;

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
  void Next() {
    if (!string_.empty()) string_.remove_prefix(1);
    if (string_.empty()) at_ += width_;
  }
  bool Take(char c) {
    if (Peek() != c) return false;
    Next();
    return true;
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
  switch (FoldTable::Get().char_class(c)) {
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
    if (digits == 0 || (c != 0x20 && !SpellsText(c))) return {};
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

// One "%XX" from the reader; -1 when there is none.
int ReadPercentByte(Reader* reader) {
  if (!reader->Take('%')) return -1;
  const int high = HexDigit(reader->Peek());
  if (high < 0) return -1;
  reader->Next();
  const int low = HexDigit(reader->Peek());
  if (low < 0) return -1;
  reader->Next();
  return high * 16 + low;
}

// One character from the reader; 0 when its bytes are no UTF-8.
char32_t ReadPercentChar(Reader* reader) {
  const int first = ReadPercentByte(reader);
  if (first < 0) return 0;
  if (first < 0x80) return static_cast<char32_t>(first);
  if (first < 0xc2 || first > 0xf4) return 0;
  const int width = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t c = static_cast<char32_t>(first & (0x7f >> width));
  for (int i = 1; i < width; ++i) {
    const int next = ReadPercentByte(reader);
    if (next < 0x80 || next > 0xbf) return 0;
    c = c << 6 | static_cast<char32_t>(next & 0x3f);
  }
  if (WidthOf(c) != static_cast<uint32_t>(width)) return 0;
  return c;
}

bool IsAsciiLetter(char32_t c) { return (c | 0x20) - U'a' < 26u; }

Escape ReadPercent(std::string_view text, size_t at, bool after_letter) {
  Reader reader(text, at);
  const char32_t c = ReadPercentChar(&reader);
  if (!reader.at_border()) return {};
  const Escape escape = {c, static_cast<uint32_t>(reader.at() - at)};
  if (c >= 0x80) return SpellsText(c) ? escape : Escape{};
  if (!IsAsciiLetter(c) && c != ' ') return {};
  const char32_t next = ReadPercentChar(&reader);
  if (IsAsciiLetter(next) || (next >= 0x80 && SpellsText(next))) return escape;
  return after_letter ? escape : Escape{};
}

}  // namespace

Escape ReadEscape(std::string_view text, size_t at, bool after_letter) {
  Reader reader(text, at);
  switch (reader.Peek()) {
    case '&':
      return ReadEntity(text, at);
    case '%':
      return ReadPercent(text, at, after_letter);
    default:
      return {};
  }
}

}  // namespace winnow::text
