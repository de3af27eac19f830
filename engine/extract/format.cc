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

bool IsWide(std::string_view charset) {
  std::string lower(charset);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.find("16") != std::string::npos || lower.find("32") != std::string::npos ||
         lower.find("ucs") != std::string::npos;
}

bool HasBom(std::string_view head) {
  return head.starts_with("\xef\xbb\xbf") || head.starts_with("\xff\xfe") ||
         head.starts_with("\xfe\xff") || head.starts_with("\0\0\xfe\xff"sv);
}

// UTF-16 without a mark: NULs stand at even or at odd places only, and often.
bool LooksLikeUtf16(std::string_view head) {
  size_t at[2] = {0, 0};
  for (size_t i = 0; i < head.size(); ++i) at[i % 2] += head[i] == '\0';
  const size_t pairs = head.size() / 2;
  return pairs >= 4 && ((at[0] == 0 && at[1] * 2 > pairs) || (at[1] == 0 && at[0] * 2 > pairs));
}

struct Census {
  size_t nuls = 0;
  size_t controls = 0;  // C0 controls that no text file has; ESC is ISO-2022's
};

Census Count(std::string_view head) {
  Census census;
  for (const char c : head) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (byte == 0) {
      ++census.nuls;
    } else if ((byte < 0x20 && !(byte >= 0x07 && byte <= 0x0d) && byte != 0x1b) || byte == 0x7f) {
      ++census.controls;
    }
  }
  return census;
}

}  // namespace

FormatGuess GuessFormat(std::string_view head, std::string_view charset_hint) {
  constexpr FormatGuess kTextGuess = {Format::kText, "text"};
  if (head.empty() || HasBom(head)) return kTextGuess;
  const Census census = Count(head);
  const bool wide = IsWide(charset_hint) || LooksLikeUtf16(head);
  const bool binary_bytes = !wide && (census.nuls > 0 || census.controls > 0);
  for (const Signature& s : kSignatures) {
    if (head.size() < s.offset + s.magic.size() || head.substr(s.offset, s.magic.size()) != s.magic)
      continue;
    if (NeedsBinaryBytes(s) && !binary_bytes) continue;
    return {Format::kUnsupported, s.name};
  }
  if (wide) return kTextGuess;
  // A NUL or two among text is an attempt to hide it, and is scanned; a tenth of it is no text.
  if ((census.nuls + census.controls) * 10 > head.size()) return {Format::kUnsupported, "binary"};
  return kTextGuess;
}

}  // namespace winnow::extract
