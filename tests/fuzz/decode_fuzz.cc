// Any bytes under any hint: the text is well formed, every character leads back to bytes of the
// input, in order, and a stream in pieces gives the same. First byte: the hint; second: the pieces.
#include <cstddef>
#include <cstdint>
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

bool StartsCharacter(char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }

// Walks the characters of `decoded`, whose first is at `text_begin`.
void CheckMap(const Decoded& decoded, uint64_t source_size, uint64_t* reached) {
  FUZZ_EXPECT(winnow::text::ValidUtf8(decoded.text));
  const std::string_view text = decoded.text;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin + 1;
    while (end < text.size() && !StartsCharacter(text[end])) ++end;
    const SourceSpan span = decoded.ToSource({begin, end});
    FUZZ_EXPECT(span.begin >= *reached);
    FUZZ_EXPECT(span.end > span.begin || !decoded.identity);
    FUZZ_EXPECT(span.end >= span.begin && span.end <= source_size);
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
  CheckMap(decoded, bytes.size(), &reached);
  FUZZ_EXPECT(!decoded.charset.empty());
  if (winnow::text::ValidUtf8(bytes) && hint.empty() && decoded.bom_bytes == 0) {
    FUZZ_EXPECT(decoded.replacements == 0);
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
  } while (!rest.empty());
  FUZZ_EXPECT(text == decoded.text);
  FUZZ_EXPECT(replacements == decoded.replacements);
  return 0;
}
