// Any text: the views are well formed, and every character of them leads back to a place in the
// text, on its borders and in order; a short one folds to what ICU's functions make of it, and to
// itself when folded again. First byte: the pieces it is fed in and the size of blocks.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/text/charset.h"
#include "engine/text/normalizer.h"
#include "tests/engine/text/icu_oracle.h"
#include "tests/fuzz/expect.h"

namespace {

using winnow::text::Block;
using winnow::text::OffsetUnit;
using winnow::text::Place;
using winnow::text::View;

bool StartsCharacter(std::string_view text, size_t at) {
  return at >= text.size() || (static_cast<uint8_t>(text[at]) & 0xc0) != 0x80;
}

void CheckBlock(const Block& block, std::string_view whole) {
  const std::string_view text = block.text();
  FUZZ_EXPECT(block.text_begin() + text.size() <= whole.size());
  FUZZ_EXPECT(whole.substr(block.text_begin(), text.size()) == text);
  FUZZ_EXPECT(block.report_begin() <= block.report_end());
  FUZZ_EXPECT(block.report_end() <= block.text_begin() + text.size());
  for (int v = 0; v < winnow::text::kViewCount; ++v) {
    const View view = static_cast<View>(v);
    const std::string_view shown = block.view(view);
    FUZZ_EXPECT(winnow::text::ValidUtf8(shown));
    uint64_t before = block.text_begin();
    for (uint32_t begin = 0; begin < shown.size();) {
      uint32_t end = begin + 1;
      while (!StartsCharacter(shown, end)) ++end;
      block.WordBorder(view, begin);
      // The line ends between runs of the other views stand for nothing, and a run may begin again
      // before the end of the last.
      const bool stands = view == View::kFolded || shown[begin] != '\n';
      if (!stands) before = block.text_begin();
      const Place place = stands ? block.Locate(view, {begin, end}) : Place();
      // A syllable that sounds like itself has no place.
      if (stands && (view != View::kPhonetic || place.evasions != 0)) {
        FUZZ_EXPECT(place.text.begin >= block.text_begin());
        FUZZ_EXPECT(place.text.end <= block.text_begin() + text.size());
        FUZZ_EXPECT(place.text.begin <= place.text.end);
        FUZZ_EXPECT(place.char_begin <= place.char_end);
        FUZZ_EXPECT(StartsCharacter(text, place.text.begin - block.text_begin()));
        FUZZ_EXPECT(StartsCharacter(text, place.text.end - block.text_begin()));
        FUZZ_EXPECT(place.text.begin >= before || view == View::kSqueezed);
        before = place.text.begin;
      }
      begin = end;
    }
  }
  const uint64_t end = block.text_begin() + text.size();
  FUZZ_EXPECT(block.Count(end, OffsetUnit::kCodePoints) <= block.Count(end, OffsetUnit::kUtf16));
  FUZZ_EXPECT(block.Count(end, OffsetUnit::kUtf16) <= end);
}

// Short enough that nothing in it is left out for its length: runs of letters, joining characters,
// stretches of hidden ones.
constexpr size_t kShort = 60;

// What the composition of ICU's functions does not say: escapes, flags, and the tone marks of old
// Hangul where they have no syllable.
bool IsBeyondIcu(char32_t c) {
  return c == '&' || c == '%' || c == '\\' || c == '=' || (c >= 0x1f1e6 && c <= 0x1f1ff) ||
         c == 0x302e || c == 0x302f;
}

void CheckAgainstIcu(std::string_view text, const std::string& folded) {
  static winnow::text::Oracle* const oracle = new winnow::text::Oracle;
  const auto utf16 = [](std::string_view utf8) {
    return icu::UnicodeString::fromUTF8({utf8.data(), static_cast<int32_t>(utf8.size())});
  };
  FUZZ_EXPECT(winnow::text::NormalizeTerm(folded, View::kFolded) == folded);
  const icu::UnicodeString units = utf16(text);
  const icu::UnicodeString expected = oracle->FoldText(units);
  // Signs of any width begin escapes.
  for (const icu::UnicodeString& s : {units, expected}) {
    for (int32_t i = 0; i < s.length(); i = s.moveIndex32(i, 1)) {
      if (IsBeyondIcu(static_cast<char32_t>(s.char32At(i)))) return;
    }
  }
  if (!winnow::text::MixesLatin(units, expected)) FUZZ_EXPECT(utf16(folded) == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const size_t piece = 1 + (data[0] & 0x3f);
  winnow::text::Decoded decoded;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  FUZZ_EXPECT(winnow::text::Decode(bytes, "utf-8", &decoded).ok());
  const std::string_view text = decoded.text;

  winnow::text::NormalizerOptions options;
  options.max_match_chars = 16;
  for (int v = 0; v < winnow::text::kViewCount; ++v) {
    options.views |= winnow::text::SetOf(static_cast<View>(v));
  }
  options.block_bytes = data[0] & 0x40 ? 64 : 64 * 1024;
  const auto normalizer = winnow::text::Normalizer::Create(options);
  const auto run = [&](size_t step) {
    uint64_t reported = 0;
    normalizer->Begin();
    for (size_t at = 0; at <= text.size();) {
      size_t end = std::min(text.size(), at + step);
      while (!StartsCharacter(text, end)) ++end;
      const bool last = end == text.size();
      normalizer->Feed(text.substr(at, end - at), last, [&](const Block& block) {
        CheckBlock(block, text);
        // Blocks report one after another, without a gap.
        FUZZ_EXPECT(block.report_begin() == reported);
        reported = block.report_end();
        return true;
      });
      if (last) break;
      at = end;
    }
    FUZZ_EXPECT(reported == text.size());
  };
  run(std::max<size_t>(text.size(), 1));
  if (data[0] & 0x80) run(piece);
  winnow::text::NormalizeTerm(text.substr(0, 0), View::kFolded);
  const std::string term = winnow::text::NormalizeTerm(text, View::kFolded);
  FUZZ_EXPECT(winnow::text::ValidUtf8(term));
  if (text.size() <= kShort) CheckAgainstIcu(text, term);
  FUZZ_EXPECT(winnow::text::ValidUtf8(winnow::text::NormalizeTerm(text, View::kSqueezed)));
  for (const std::string& form : winnow::text::PhoneticForms(text)) {
    FUZZ_EXPECT(!form.empty() && winnow::text::ValidUtf8(form));
  }
  winnow::text::PhoneticInitials(text);
  winnow::text::BordersOf(term);
  winnow::text::InvisibleCharacters(text);
  return 0;
}
