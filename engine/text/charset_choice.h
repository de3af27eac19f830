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
  const Charset* alternative = nullptr;  // nearly as likely; null: there is none
};

// What a byte order mark at the front of `bytes` says; `charset` is null when there is none. A hint
// settles what FF FE 00 00 is.
CharsetChoice ChooseByBom(std::string_view bytes, const Charset* hint);

// Settles the byte order of a hint that leaves it open ("UTF-16").
const Charset& WithByteOrder(const Charset& hint, std::string_view bytes);

// True for UTF-8 that had better be judged all the same: it is full of controls, as UTF-16 is where
// both halves of each unit are ASCII; or has an escape sequence of ISO-2022-JP; or is short and in
// no language, as words of GBK are that happen to be well formed. Looks at the front.
bool MayHideInUtf8(std::string_view bytes);

// Judges bytes that carry no mark and no hint. `cut`: the text goes on behind them. With
// `after_ascii` the bytes follow a stretch that was read as ASCII, and only charsets that agree
// with that are chosen. The same bytes give the same choice.
// When two readings are nearly as likely, `alternative` is the second.
CharsetChoice DetectCharset(std::string_view bytes, bool cut, bool after_ascii);

}  // namespace winnow::text
