#include "tests/evasion/writing.h"

#include "engine/text/utf8.h"

namespace winnow::evasion {

Writing Writing::Of(std::string_view utf8) {
  Writing writing;
  for (size_t at = 0; at < utf8.size(); at += text::CharWidth(utf8[at])) {
    const char32_t c = text::CharAt(&utf8[at]);
    writing.cells.push_back({c, {c}, {}});
  }
  return writing;
}

std::string Writing::Utf8() const {
  std::string out;
  for (const Cell& cell : cells) {
    for (char32_t c : cell.shown) text::AppendChar(c, &out);
    for (char32_t c : cell.after) text::AppendChar(c, &out);
  }
  return out;
}

bool IsLatin(char32_t c) { return (c | 0x20) - U'a' < 26u && c < 0x80; }
bool IsDigit(char32_t c) { return c - U'0' < 10u; }
bool IsHan(char32_t c) { return (c >= 0x3400 && c < 0xa000) || (c >= 0x20000 && c < 0x32000); }

}  // namespace winnow::evasion
