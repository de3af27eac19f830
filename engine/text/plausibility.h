// How likely a text is to be what somebody wrote, rather than bytes read in the wrong charset.
// Private to this room.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace winnow::text {

// Adds up what the characters of a text cost, in tenths of a bit: about minus the logarithm of how
// likely each is where it stands, for what is written in the languages of the charsets we decode.
// Of several readings of the same bytes the cheapest is the likeliest, and the difference says how
// much likelier it is. A small model, made by hand: the commonest letters, syllables and
// ideographs, which scripts stand side by side, and capitals amid small letters.
class Plausibility {
 public:
  // `chinese`: read in a charset of Chinese, in which other writing of the east is a surprise.
  explicit Plausibility(bool chinese) : chinese_(chinese) {}

  void Add(char32_t c);
  // Bytes that are no character at all.
  void AddIllFormed() { cost_ += kIllFormed; }
  uint64_t cost() const;

  static constexpr size_t kSpellingCount = 15;

 private:
  static constexpr uint32_t kIllFormed = 300;

  enum class Script : uint8_t {
    kNone,
    kLatin,
    kCyrillic,
    kGreek,
    kHebrew,
    kArabic,
    kThai,
    kHan,
    kKana,
    kHangul,
    kOther,
  };
  struct Sort {
    Script script;
    bool capital;
    bool accented;  // a letter of Latin that is not ASCII
    uint32_t cost;
  };
  static Sort SortOf(char32_t c);
  // What it costs that a letter of one script follows one of another.
  static uint32_t Switch(Script from, Script to);
  void AddSpelling(char32_t c);

  const bool chinese_;
  uint64_t cost_ = 0;
  // What the accented letters cost in each language; a text is in one of them.
  std::array<uint64_t, kSpellingCount> spellings_ = {};
  Sort before_ = {Script::kNone, false, false, 0};  // the last letter
  bool adjacent_ = false;                           // nothing came after it
};

}  // namespace winnow::text
