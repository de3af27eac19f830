// Which charset a text is in, from its first bytes. Private to this room.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/text/charset_list.h"

namespace winnow::text {

struct CharsetChoice {
  const Charset* charset;
  bool detected = false;
  int confidence = 100;
  uint32_t bom_bytes = 0;
};

// What a byte order mark at the front of `bytes` says; `charset` is null when there is none. A hint
// settles what FF FE 00 00 is.
CharsetChoice ChooseByBom(std::string_view bytes, const Charset* hint);

// Settles the byte order of a hint that leaves it open ("UTF-16").
const Charset& WithByteOrder(const Charset& hint, std::string_view bytes);

// Judges bytes that carry no mark and no hint. `cut`: the text goes on behind them. With
// `after_ascii` the bytes follow a stretch that was read as ASCII, and only charsets that agree
// with that are chosen. The same bytes give the same choice.
CharsetChoice DetectCharset(std::string_view bytes, bool cut, bool after_ascii);

}  // namespace winnow::text
