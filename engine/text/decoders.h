// One character at a time, for each family of charsets. Private to this room.
//
// A decoder reads from [p, end) and says how many bytes it took: 0 asks for more bytes (never when
// `last`). Of ill-formed input it takes the longest beginning of a character, but never an ASCII
// byte, so that no stray lead byte swallows the letter behind it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/text/byte_table.h"
#include "engine/text/gb18030.h"

namespace winnow::text {

struct Character {
  enum Kind : uint8_t { kOne, kTwo, kNone, kIllFormed };
  Kind kind = kNone;  // kNone: bytes that are no character, such as a shift of state
  char32_t first = 0;
  char32_t second = 0;  // of kTwo

  void One(char32_t c) {
    kind = kOne;
    first = c;
  }
  size_t IllFormed(size_t taken) {
    kind = kIllFormed;
    return taken;
  }
};

// No byte is held back longer than this.
inline constexpr size_t kLongestSequence = 4;

struct Utf8Decoder {
  static constexpr bool kAsciiCompatible = true;

  size_t Next(const uint8_t* p, const uint8_t* end, bool last, Character* out) {
    const uint8_t b = *p;
    if (b < 0x80) {
      out->One(b);
      return 1;
    }
    if (b < 0xc2 || b > 0xf4) return out->IllFormed(1);
    const size_t size = b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
    const size_t have = static_cast<size_t>(end - p);
    // The second byte's range shuts out overlong forms, surrogates and what is past U+10FFFF.
    const uint8_t low = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
    const uint8_t high = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
    char32_t c = b & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; ++i) {
      if (i == have) return last ? out->IllFormed(i) : 0;
      const bool good = i == 1 ? p[i] >= low && p[i] <= high : (p[i] & 0xc0) == 0x80;
      if (!good) return out->IllFormed(i);
      c = c << 6 | (p[i] & 0x3fu);
    }
    out->One(c);
    return size;
  }
};

template <bool kBigEndian>
struct Utf16Decoder {
  static constexpr bool kAsciiCompatible = false;

  static char32_t Unit(const uint8_t* p) {
    return kBigEndian ? p[0] << 8 | p[1] : p[1] << 8 | p[0];
  }

  size_t Next(const uint8_t* p, const uint8_t* end, bool last, Character* out) {
    const size_t have = static_cast<size_t>(end - p);
    if (have < 2) return last ? out->IllFormed(1) : 0;
    const char32_t unit = Unit(p);
    if (unit < 0xd800 || unit > 0xdfff) {
      out->One(unit);
      return 2;
    }
    if (unit > 0xdbff) return out->IllFormed(2);
    if (have < 4) return last ? out->IllFormed(2) : 0;
    const char32_t low = Unit(p + 2);
    if (low < 0xdc00 || low > 0xdfff) return out->IllFormed(2);
    out->One(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
    return 4;
  }
};

template <bool kBigEndian>
struct Utf32Decoder {
  static constexpr bool kAsciiCompatible = false;

  size_t Next(const uint8_t* p, const uint8_t* end, bool last, Character* out) {
    const size_t have = static_cast<size_t>(end - p);
    if (have < 4) return last ? out->IllFormed(have) : 0;
    const auto at = [p](int i) { return char32_t{p[kBigEndian ? 3 - i : i]}; };
    const char32_t c = at(0) | at(1) << 8 | at(2) << 16 | at(3) << 24;
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return out->IllFormed(4);
    out->One(c);
    return 4;
  }
};

struct ByteDecoder {
  static constexpr bool kAsciiCompatible = true;
  const ByteTable* table;

  size_t Next(const uint8_t* p, const uint8_t* end, bool last, Character* out) {
    const size_t have = static_cast<size_t>(end - p);
    const uint8_t b = *p;
    switch (table->lead[b]) {
      case ByteTable::Lead::kSingle:
        out->One(table->single[b]);
        return 1;
      case ByteTable::Lead::kIllegal:
        return out->IllFormed(1);
      case ByteTable::Lead::kThree:
        return Three(p, have, last, out);
      case ByteTable::Lead::kLead:
        break;
    }
    if (have < 2) return last ? out->IllFormed(1) : 0;
    const char32_t c = table->two[(b - 0x80) * 256 + p[1]];
    if (c != 0) {
      if (c < ByteTable::kPairs) {
        out->One(c);
      } else {
        out->kind = Character::kTwo;
        out->first = table->pairs[c - ByteTable::kPairs - 1].first;
        out->second = table->pairs[c - ByteTable::kPairs - 1].second;
      }
      return 2;
    }
    if (IsDigit(p[1]) && !table->four.empty()) return Four(p, have, last, out);
    return out->IllFormed(p[1] < 0x80 ? 1 : 2);
  }

 private:
  static bool IsDigit(uint8_t b) { return b >= 0x30 && b <= 0x39; }

  size_t Three(const uint8_t* p, size_t have, bool last, Character* out) {
    for (size_t i = 1; i < 3; ++i) {
      if (i == have) return last ? out->IllFormed(i) : 0;
      if (p[i] < 0xa1 || p[i] == 0xff) return out->IllFormed(p[i] < 0x80 ? i : i + 1);
    }
    const char32_t c = table->three[(p[1] - 0xa1) * 94 + (p[2] - 0xa1)];
    if (c == 0) return out->IllFormed(3);
    out->One(c);
    return 3;
  }

  // The digits inside are ASCII: unless all four bytes fit, only the first is taken.
  size_t Four(const uint8_t* p, size_t have, bool last, Character* out) {
    if (have > 2 && (p[2] < 0x81 || p[2] == 0xff)) return out->IllFormed(1);
    if (have > 3 && !IsDigit(p[3])) return out->IllFormed(1);
    if (have < 4) return last ? out->IllFormed(1) : 0;
    const uint32_t linear = Gb18030Linear(p[0], p[1], p[2], p[3]);
    if (linear < kGb18030BmpCount && table->four[linear] != 0) {
      out->One(table->four[linear]);
    } else if (linear >= kGb18030PlanesBegin && linear < kGb18030End) {
      out->One(linear - kGb18030PlanesBegin + 0x10000);
    } else {
      return out->IllFormed(4);
    }
    return 4;
  }
};

// ISO-2022-JP as mail uses it: ASCII, JIS-Roman, half-width katakana and JIS X 0208, chosen by
// escape sequences. JIS X 0208 is EUC-JP without its high bits.
struct Iso2022JpDecoder {
  static constexpr bool kAsciiCompatible = false;
  enum class Set : uint8_t { kAscii, kRoman, kKatakana, kKanji };
  const ByteTable* euc_jp;
  Set set = Set::kAscii;

  size_t Next(const uint8_t* p, const uint8_t* end, bool last, Character* out) {
    const size_t have = static_cast<size_t>(end - p);
    const uint8_t b = *p;
    if (b == 0x1b) return Escape(p, have, last, out);
    if (b < 0x21 || b == 0x7f) {
      // Lines begin in ASCII again, whatever the line before ended with.
      if (b == '\n') set = Set::kAscii;
      out->One(b);
      return 1;
    }
    if (b > 0x7f) return out->IllFormed(1);
    switch (set) {
      case Set::kAscii:
        out->One(b);
        return 1;
      case Set::kRoman:
        out->One(b == 0x5c ? 0xa5 : b == 0x7e ? 0x203e : b);
        return 1;
      case Set::kKatakana:
        if (b > 0x5f) return out->IllFormed(1);
        out->One(0xff61 + (b - 0x21u));
        return 1;
      case Set::kKanji:
        break;
    }
    if (have < 2) return last ? out->IllFormed(1) : 0;
    if (p[1] < 0x21 || p[1] > 0x7e) return out->IllFormed(1);
    const char32_t c = euc_jp->two[b * 256 + (p[1] | 0x80u)];
    if (c == 0 || c > ByteTable::kPairs) return out->IllFormed(2);
    out->One(c);
    return 2;
  }

 private:
  size_t Escape(const uint8_t* p, size_t have, bool last, Character* out) {
    constexpr struct {
      uint8_t second, third;
      Set set;
    } kEscapes[] = {{'(', 'B', Set::kAscii},
                    {'(', 'J', Set::kRoman},
                    {'(', 'I', Set::kKatakana},
                    {'$', '@', Set::kKanji},
                    {'$', 'B', Set::kKanji}};
    bool begun = have == 1;
    for (const auto& escape : kEscapes) {
      if (have > 1 && p[1] == escape.second) {
        if (have == 2) begun = true;
        if (have > 2 && p[2] == escape.third) {
          set = escape.set;
          out->kind = Character::kNone;
          return 3;
        }
      }
    }
    if (begun && !last) return 0;
    return out->IllFormed(1);
  }
};

}  // namespace winnow::text
