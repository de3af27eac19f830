// Bytes to UTF-8 text, remembering where each character came from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/text/span.h"

namespace winnow::text {

// The decoded text and the way back. The text either is the input itself (valid UTF-8: nothing is
// copied) or lies in `storage`.
struct Decoded {
  std::string_view text;     // valid UTF-8; valid while the input and this object live
  std::string_view charset;  // IANA name of the encoding used, e.g. "UTF-8", "GB18030"; static
  bool detected = false;     // judged by the bytes rather than by validity, BOM or hint
  int confidence = 100;      // 0..100: how much likelier than the next, tenths of a bit
  // Another charset that a few bytes may as well be in ("Big5" beside "GB18030"), or empty. Whoever
  // must not miss what they say decodes them with this as the hint too.
  std::string_view alternative;
  uint64_t replacements = 0;  // ill-formed sequences that became U+FFFD
  uint32_t bom_bytes = 0;     // bytes of a byte order mark, not part of `text`

  // Bytes of the input. Identity (shifted by a BOM) costs nothing; otherwise O(log runs). `span`
  // must lie on character borders of `text`.
  SourceSpan ToSource(TextSpan span) const;

  // One step of the map: text bytes from `text_begin` on; each character of the run takes
  // `text_width` bytes of text and `source_width` bytes of input.
  struct Run {
    uint64_t text_begin;
    uint64_t source_begin;
    uint8_t text_width;
    uint8_t source_width;
  };
  bool identity = true;
  std::vector<Run> runs;  // sorted; unused when identity
  std::string storage;
};

// Decodes `bytes`. `hint` is a charset name or alias, any case ("gbk", "utf-8", "Shift_JIS"), or
// empty. Order: valid UTF-8 is used as it is, unless the hint names another encoding or, without a
// hint, it reads like no language, as UTF-16 of ASCII halves does; then a BOM, one of UTF-16 that
// UTF-8 follows with an alternative; then the hint; then the likeliest reading, by a model of the
// languages written in each charset. Never fails on content: what cannot be decoded becomes U+FFFD
// and is counted. INVALID_ARGUMENT only when the hint names no charset we decode; the message lists
// those we do. Thread safe. O(n).
absl::Status Decode(std::string_view bytes, std::string_view hint, Decoded* out);

// As Decode() for input that is known to be valid UTF-8 (a proto string): no validation pass.
void DecodeTrusted(std::string_view utf8, Decoded* out);

// True when `name` is empty or a charset that Decode() accepts as a hint.
bool KnownCharset(std::string_view name);

// True for well-formed UTF-8 (no surrogates, no overlong forms). Vectorised for ASCII.
bool ValidUtf8(std::string_view bytes);

// A file's bytes arriving piecemeal. The charset is chosen from the first kSniffBytes.
// Not thread safe. Memory is bounded by the chunk size.
class DecodeStream {
 public:
  static constexpr size_t kSniffBytes = 64 * 1024;
  // INVALID_ARGUMENT as Decode().
  static absl::StatusOr<std::unique_ptr<DecodeStream>> Create(std::string_view hint);
  virtual ~DecodeStream() = default;

  // Decodes the next bytes; `last` flushes what was held back. `out` then holds the text decoded by
  // this call (possibly none): its runs' offsets are absolute, that is counted from the start of
  // the file and of its text; `out->text` starts at absolute text offset `*text_begin`.
  virtual void Feed(std::string_view bytes, bool last, Decoded* out, uint64_t* text_begin) = 0;
};

}  // namespace winnow::text
