// Bytes of one charset to UTF-8, piece by piece, with the runs that lead back. Private to this
// room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "engine/text/charset.h"
#include "engine/text/decoders.h"

namespace winnow::text {

// Not thread safe. Keeps what a charset needs to remember between pieces, and no bytes.
class Transcoder {
 public:
  // Text begins behind `bom_bytes`, after `ascii_before` bytes of both that need no more decoding.
  // The charset's byte order is settled.
  Transcoder(const Charset& charset, uint32_t bom_bytes, uint64_t ascii_before = 0);

  // Decodes `bytes`, which follow those taken so far, and sets all of `out`; `copy` keeps
  // `out->text` from pointing into `bytes`. Returns how many bytes were taken: all when `last`,
  // otherwise all but the beginning of a character, which must stand in front of the next piece.
  size_t Decode(std::string_view bytes, bool last, bool copy, Decoded* out);

 private:
  class Sink;
  template <typename Decoder>
  const uint8_t* Run(Decoder* decoder, const uint8_t* p, const uint8_t* end, bool last, Sink* sink);

  const Charset* charset_;
  uint32_t bom_bytes_;
  uint64_t text_at_;
  uint64_t source_at_;
  std::variant<Utf8Decoder, Utf16Decoder<false>, Utf16Decoder<true>, Utf32Decoder<false>,
               Utf32Decoder<true>, ByteDecoder, Iso2022JpDecoder>
      decoder_;
};

// Makes `out` an empty text, keeping its buffers.
void Clear(Decoded* out);

}  // namespace winnow::text
