// The charsets we decode: names, aliases, families. Private to this room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace winnow::text {

// What kind of decoder a charset takes.
enum class Family : uint8_t {
  kUtf8,
  kUtf16Le,
  kUtf16Be,
  kUtf16,  // the byte order is told by a BOM, else guessed from the bytes
  kUtf32Le,
  kUtf32Be,
  kUtf32,
  kBytes,      // tables of one to four bytes a character, ASCII below 0x80
  kIso2022Jp,  // the one with states
};

struct Charset {
  std::string_view name;  // as IANA spells it
  Family family;
  // ICU's converters that fill the table. Where the first has nothing, or only a private-use
  // character, the second is asked: that is how readers show such text.
  const char* icu;
  const char* icu_extension;
  std::string_view aliases;  // lower case letters and digits only, divided by spaces

  // True when bytes below 0x80 always mean ASCII.
  bool ascii_compatible() const { return family == Family::kUtf8 || family == Family::kBytes; }
};

// By name or alias; case and punctuation do not count. Null when there is none. O(1).
const Charset* FindCharset(std::string_view name);

// Of one of the Unicode families.
const Charset& UnicodeCharset(Family family);

// A number for each charset, below CharsetCount().
size_t IndexOf(const Charset& charset);
size_t CharsetCount();

// All names, divided by ", ".
std::string CharsetNames();

}  // namespace winnow::text
