// Positions in the three coordinate systems of one field's text. They are different types so that
// one cannot be passed for another.
#pragma once

#include <cstdint>

namespace winnow::text {

// Half-open, in bytes of the caller's original field or file, on character borders.
struct SourceSpan {
  uint64_t begin = 0;
  uint64_t end = 0;
  friend bool operator==(const SourceSpan&, const SourceSpan&) = default;
};

// Half-open, in bytes of the field's decoded UTF-8 text.
struct TextSpan {
  uint64_t begin = 0;
  uint64_t end = 0;
  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};

// Half-open, in bytes of one view's text within one Block.
struct ViewSpan {
  uint32_t begin = 0;
  uint32_t end = 0;
  friend bool operator==(const ViewSpan&, const ViewSpan&) = default;
};

// The unit in which a span of the original is reported to the caller.
enum class OffsetUnit : uint8_t {
  kBytes = 0,       // bytes as the caller sent them
  kUtf16 = 1,       // UTF-16 code units of the decoded text (JavaScript, Java)
  kCodePoints = 2,  // code points of the decoded text (Python)
};

// One normalised form of a text. Numbers are stored.
enum class View : uint8_t { kFolded = 0, kSqueezed = 1, kPhonetic = 2 };
inline constexpr int kViewCount = 3;
using ViewSet = uint8_t;  // bit 1 << view
constexpr ViewSet SetOf(View v) { return static_cast<ViewSet>(1u << static_cast<int>(v)); }

// What somebody did to hide a word, undone by a view. Bits of an EvasionMask; numbers are stored
// and equal those of winnow.v1.Evasion.
enum class Evasion : uint8_t {
  kZeroWidth = 1,  // default-ignorables, tags, variation selectors between letters
  kBidiControl = 2,
  kCombiningMarks = 3,  // stacked marks
  kWidth = 4,           // full-width or half-width forms
  kStyled = 5,          // mathematical, circled, squared, superscript letters
  kHomoglyph = 6,       // letters of another script, or look-alike symbols
  kTraditional = 7,     // traditional, variant or compatibility ideographs, radicals
  kEscape = 8,          // HTML entities, percent-escapes
  kSeparator = 9,       // symbols, spaces, digits or emoji between letters or ideographs
  kLeet = 10,           // digits and symbols for letters
  kRepeat = 11,         // a letter three times or more
  kPhonetic = 12,       // homophones, pinyin
  kComponents = 13,     // ideographs written as their parts, side by side
  kNumerals = 14,       // Han numerals for digits, digits for Han numerals
  kReversed = 15,       // from the last character to the first
};
using EvasionMask = uint32_t;
constexpr EvasionMask MaskOf(Evasion e) { return EvasionMask{1} << static_cast<int>(e); }

}  // namespace winnow::text
