#include "engine/extract/format.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string>

namespace winnow::extract {
namespace {

struct Signature {
  std::string_view name;
  size_t offset;
  std::string_view magic;
};

using std::string_view_literals::operator""sv;

// Leading bytes as the formats' own specifications and RFCs give them. Longer or more particular
// ones first.
constexpr Signature kSignatures[] = {
    {"pdf", 0, "%PDF-"},
    {"zip", 0, "PK\x03\x04"},
    {"zip", 0, "PK\x05\x06"},
    {"zip", 0, "PK\x07\x08"},
    {"png", 0, "\x89PNG\r\n\x1a\n"},
    {"jpeg", 0, "\xff\xd8\xff"},
    {"gif", 0, "GIF87a"},
    {"gif", 0, "GIF89a"},
    {"webp", 8, "WEBP"},
    {"avi", 8, "AVI "},
    {"wav", 8, "WAVE"},
    {"bmp", 0, "BM"},
    {"tiff", 0, "II*\0"sv},
    {"tiff", 0, "MM\0*"sv},
    {"gzip", 0, "\x1f\x8b"},
    {"bzip2", 0, "BZh"},
    {"xz", 0,
     "\xfd"
     "7zXZ\0"sv},
    {"zstd", 0, "\x28\xb5\x2f\xfd"},
    {"7z", 0, "7z\xbc\xaf\x27\x1c"},
    {"rar", 0, "Rar!\x1a\x07"},
    {"tar", 257, "ustar"},
    {"ole", 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
    {"elf", 0,
     "\x7f"
     "ELF"},
    {"exe", 0, "MZ"},
    {"class", 0, "\xca\xfe\xba\xbe"},
    {"sqlite", 0, "SQLite format 3\0"sv},
    {"ogg", 0, "OggS"},
    {"flac", 0, "fLaC"},
    {"mp3", 0, "ID3"},
    {"mp4", 4, "ftyp"},
    {"matroska", 0, "\x1a\x45\xdf\xa3"},
    {"wasm", 0, "\0asm"sv},
    {"woff", 0, "wOFF"},
    {"woff", 0, "wOF2"},
    {"postscript", 0, "%!PS"},
    {"rtf", 0, "{\\rtf"},
};

// Signatures made of printable ASCII could begin a text ("BM...", "MZ..."): they count only when
// bytes that no text has come with them. A format that is all text (RTF, PostScript) needs none.
bool NeedsBinaryBytes(const Signature& s) {
  if (s.name == "pdf" || s.name == "rtf" || s.name == "postscript") return false;
  return std::all_of(s.magic.begin(), s.magic.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// More than this share of what no text has makes a file binary; a few alone do not, however short
// it is: hiding a NUL in a word is an evasion, to be scanned.
constexpr size_t kOddOnesMax = 2;
constexpr size_t kCharactersAnOddOne = 50;

bool TooManyOdd(size_t odd, size_t characters) {
  return odd > kOddOnesMax && odd * kCharactersAnOddOne > characters;
}

// The width of the charset's units as a hint names it: 2 for UTF-16 and UCS-2, 4 for UTF-32, else
// 0.
int WidthOf(std::string_view charset) {
  std::string lower(charset);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto has = [&lower](const char* part) { return lower.find(part) != std::string::npos; };
  if (has("utf-32") || has("utf32") || has("ucs-4") || has("ucs4")) return 4;
  return has("utf-16") || has("utf16") || has("ucs-2") || has("ucs2") ? 2 : 0;
}

// Whether the bytes could be text in units of `width` bytes. Any bytes can be read as UTF-16, most
// of them as ideographs; what tells are lone surrogates, private and control characters.
bool PlausibleUnits(std::string_view bytes, int width, bool big_endian) {
  size_t units = 0, odd = 0;
  bool after_high = false;
  for (size_t at = 0; at + width <= bytes.size(); at += width) {
    uint32_t unit = 0;
    for (int i = 0; i < width; ++i) {
      unit = unit << 8 | static_cast<uint8_t>(bytes[at + (big_endian ? i : width - 1 - i)]);
    }
    ++units;
    const bool low = width == 2 && unit >= 0xdc00 && unit < 0xe000;
    if (after_high != low) ++odd;
    after_high = width == 2 && unit >= 0xd800 && unit < 0xdc00;
    if ((unit < 0x20 && !(unit >= 0x09 && unit <= 0x0d)) || (unit >= 0xe000 && unit < 0xf900) ||
        (unit & 0xfffe) == 0xfffe || unit > 0x10ffff) {
      ++odd;
    }
  }
  return !TooManyOdd(odd, units);
}

// Whether the file is text in units of two or four bytes, by its mark, the hint, or NULs that stand
// at even or at odd places only, and often.
bool IsWideText(std::string_view head, std::string_view charset_hint) {
  if (head.starts_with("\0\0\xfe\xff"sv)) return PlausibleUnits(head.substr(4), 4, true);
  if (head.starts_with("\xff\xfe\0\0"sv) && PlausibleUnits(head.substr(4), 4, false)) return true;
  if (head.starts_with("\xff\xfe")) return PlausibleUnits(head.substr(2), 2, false);
  if (head.starts_with("\xfe\xff")) return PlausibleUnits(head.substr(2), 2, true);
  if (const int width = WidthOf(charset_hint); width != 0) {
    return PlausibleUnits(head, width, true) || PlausibleUnits(head, width, false);
  }
  size_t at[2] = {0, 0};
  for (size_t i = 0; i < head.size(); ++i) at[i % 2] += head[i] == '\0';
  const size_t pairs = head.size() / 2;
  if (pairs < 4) return false;
  if (at[0] == 0 && at[1] * 2 > pairs) return PlausibleUnits(head, 2, false);
  return at[1] == 0 && at[0] * 2 > pairs && PlausibleUnits(head, 2, true);
}

// Bytes that no text of bytes has: NUL and controls but BEL to CR and ISO-2022's ESC.
size_t CountOddBytes(std::string_view head) {
  return static_cast<size_t>(std::count_if(head.begin(), head.end(), [](char c) {
    const uint8_t byte = static_cast<uint8_t>(c);
    return (byte < 0x20 && !(byte >= 0x07 && byte <= 0x0d) && byte != 0x1b) || byte == 0x7f;
  }));
}

}  // namespace

FormatGuess GuessFormat(std::string_view head, std::string_view charset_hint) {
  constexpr FormatGuess kTextGuess = {Format::kText, "text"};
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  const bool wide = IsWideText(head, charset_hint);
  const size_t odd = wide ? 0 : CountOddBytes(head);
  for (const Signature& s : kSignatures) {
    if (head.size() < s.offset + s.magic.size() || head.substr(s.offset, s.magic.size()) != s.magic)
      continue;
    if (NeedsBinaryBytes(s) && odd == 0) continue;
    return {Format::kUnsupported, s.name};
  }
  if (TooManyOdd(odd, head.size())) return {Format::kUnsupported, "binary"};
  return kTextGuess;
}

}  // namespace winnow::extract
