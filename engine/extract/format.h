// What a file is, by its content; its name is not trusted. Later this room unpacks documents in a
// sandboxed worker; today it tells text from everything else.
#pragma once

#include <string_view>

namespace winnow::extract {

enum class Format {
  kText,         // text in some charset: scan it
  kUnsupported,  // known or unknown binary content that this build does not read
};

struct FormatGuess {
  Format format = Format::kText;
  std::string_view name;  // "text", "pdf", "zip", "png", ..., "binary"; static
};

// Judges from the first bytes of a file (give up to 4 KiB). An empty file is text. `charset_hint`
// keeps UTF-16 and UTF-32 text, which is full of NULs, from being taken for binary.
FormatGuess GuessFormat(std::string_view head, std::string_view charset_hint);

}  // namespace winnow::extract
