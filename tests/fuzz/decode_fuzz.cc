// Any bytes under any hint: the text is well formed, every character leads back to bytes of the
// input, in order, of which ICU makes the same character, and a stream in pieces gives the same.
// First byte: the hint; second: the pieces.
#include <unicode/ucnv.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "engine/text/charset.h"
#include "tests/fuzz/expect.h"

namespace {

using winnow::text::Decoded;
using winnow::text::SourceSpan;

constexpr std::string_view kHints[] = {
    "",          "utf-8",        "gbk",    "gb18030",  "big5",
    "shift_jis", "windows-1252", "utf-16", "utf-16le", "utf-16be",
    "euc-kr",    "iso-2022-jp",  "koi8-r", "utf-32",   "no-such-charset"};

// What ICU alone says, for the charsets that are nothing but its tables.
constexpr struct {
  std::string_view charset;
  const char* icu;
} kOracles[] = {{"UTF-8", "UTF-8"},
                {"GB18030", "gb18030"},
                {"GBK", "windows-936-2000"},
                {"Big5", "windows-950-2000"},
                {"Big5-HKSCS", "ibm-1375_P100-2008"},
                {"Shift_JIS", "ibm-943_P15A-2003"},
                {"EUC-JP", "euc-jp-2007"},
                {"EUC-KR", "windows-949-2000"},
                {"windows-1250", "windows-1250"},
                {"windows-1251", "windows-1251"},
                {"windows-1252", "windows-1252"},
                {"KOI8-R", "KOI8-R"},
                {"TIS-620", "windows-874-2000"},
                {"UTF-16LE", "UTF-16LE"},
                {"UTF-16BE", "UTF-16BE"},
                {"UTF-32LE", "UTF-32LE"},
                {"UTF-32BE", "UTF-32BE"}};

UConverter* OracleOf(std::string_view charset) {
  static auto* const converters = new std::map<std::string_view, UConverter*>;
  const auto [it, fresh] = converters->try_emplace(charset, nullptr);
  if (!fresh) return it->second;
  for (const auto& oracle : kOracles) {
    if (oracle.charset != charset) continue;
    UErrorCode error = U_ZERO_ERROR;
    it->second = ucnv_open(oracle.icu, &error);
    ucnv_setToUCallBack(it->second, UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
    FUZZ_EXPECT(U_SUCCESS(error));
  }
  return it->second;
}

bool PrivateUse(UChar32 c) { return (c >= 0xe000 && c <= 0xf8ff) || c >= 0xf0000; }

// `character` stands for `source`: ICU makes no other character of it. Where ICU has none, or one
// of private use, we may know better.
void CheckCharacter(UConverter* oracle, std::string_view character, std::string_view source) {
  UChar32 ours;
  U8_GET(reinterpret_cast<const uint8_t*>(character.data()), 0, 0,
         static_cast<int32_t>(character.size()), ours);
  UErrorCode error = U_ZERO_ERROR;
  UChar units[8];
  ucnv_resetToUnicode(oracle);
  const int32_t n =
      ucnv_toUChars(oracle, units, 8, source.data(), static_cast<int32_t>(source.size()), &error);
  if (U_FAILURE(error) || n == 0) return;
  UChar32 icu;
  U16_GET(units, 0, 0, n, icu);
  // IBM's tables exchange three controls; a mark inside a text is a character to us.
  const bool control = source.size() == 1 && static_cast<uint8_t>(source[0]) < 0x80;
  if (n != U16_LENGTH(icu) || PrivateUse(icu) || control || icu == 0x1a) return;
  FUZZ_EXPECT(ours == icu);
}

bool StartsCharacter(char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }

// Walks the characters of `decoded`.
void CheckMap(const Decoded& decoded, std::string_view source, uint64_t* reached) {
  UConverter* const oracle = OracleOf(decoded.charset);
  FUZZ_EXPECT(winnow::text::ValidUtf8(decoded.text));
  const std::string_view text = decoded.text;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin + 1;
    while (end < text.size() && !StartsCharacter(text[end])) ++end;
    const SourceSpan span = decoded.ToSource({begin, end});
    FUZZ_EXPECT(span.begin >= *reached);
    FUZZ_EXPECT(span.end > span.begin || !decoded.identity);
    FUZZ_EXPECT(span.end >= span.begin && span.end <= source.size());
    if (oracle != nullptr) {
      CheckCharacter(oracle, text.substr(begin, end - begin),
                     source.substr(span.begin, span.end - span.begin));
    }
    *reached = span.end > *reached ? span.begin : *reached;
    begin = end;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view hint = kHints[data[0] % std::size(kHints)];
  const size_t piece = 1 + data[1] % 64;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);

  Decoded decoded;
  const absl::Status status = winnow::text::Decode(bytes, hint, &decoded);
  FUZZ_EXPECT(status.ok() == winnow::text::KnownCharset(hint));
  auto stream = winnow::text::DecodeStream::Create(hint);
  FUZZ_EXPECT(stream.ok() == status.ok());
  if (!status.ok()) return 0;
  uint64_t reached = 0;
  CheckMap(decoded, bytes, &reached);
  if (!decoded.alternative.empty()) {
    Decoded other;
    FUZZ_EXPECT(winnow::text::Decode(bytes, decoded.alternative, &other).ok());
    FUZZ_EXPECT(other.text != decoded.text && other.alternative.empty());
  }
  FUZZ_EXPECT(!decoded.charset.empty());
  if (winnow::text::ValidUtf8(bytes) && hint.empty() && decoded.bom_bytes == 0) {
    // Read as it is, or it reads far likelier as something else; then UTF-8 is the other reading.
    if (decoded.charset == "UTF-8") FUZZ_EXPECT(decoded.replacements == 0);
    FUZZ_EXPECT(decoded.charset == "UTF-8" || decoded.alternative == "UTF-8");
  }

  // What the sniffed head says is what the whole says, as long as the head is the whole.
  if (bytes.size() > winnow::text::DecodeStream::kSniffBytes) return 0;
  std::string text;
  uint64_t replacements = 0;
  std::string_view rest = bytes;
  do {
    const std::string_view now = rest.substr(0, piece);
    rest.remove_prefix(now.size());
    Decoded part;
    uint64_t text_begin = 0;
    (*stream)->Feed(now, rest.empty(), &part, &text_begin);
    FUZZ_EXPECT(text_begin == text.size() || part.text.empty());
    text += part.text;
    replacements += part.replacements;
    FUZZ_EXPECT(!rest.empty() || part.charset == decoded.charset);
    FUZZ_EXPECT(!rest.empty() || part.alternative == decoded.alternative);
  } while (!rest.empty());
  FUZZ_EXPECT(text == decoded.text);
  FUZZ_EXPECT(replacements == decoded.replacements);
  return 0;
}
