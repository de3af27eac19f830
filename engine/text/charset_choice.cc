#include "engine/text/charset_choice.h"

#include <unicode/ucsdet.h>

#include <algorithm>
#include <memory>

#include "engine/text/decoders.h"
#include "engine/text/utf8_scan.h"

namespace winnow::text {
namespace {

const uint8_t* Bytes(std::string_view s) { return reinterpret_cast<const uint8_t*>(s.data()); }

// ICU's detector looks at no more than this.
constexpr size_t kDetectorBytes = 8000;
// Below this the detector has seen too little to be believed over what is likely here.
constexpr int kGuessing = 30;

// How well bytes read as UTF-8, for text with damage in it.
bool IsMostlyUtf8(std::string_view bytes) {
  Utf8Decoder decoder;
  Character c;
  uint64_t good = 0;
  uint64_t bad = 0;
  uint64_t wide_bytes = 0;  // in sequences of three and four
  uint64_t high_bytes = 0;
  const uint8_t* p = Bytes(bytes);
  const uint8_t* const end = p + bytes.size();
  while (p < end) {
    if (const size_t ascii = AsciiPrefix(p, static_cast<size_t>(end - p)); ascii > 0) {
      p += ascii;
      continue;
    }
    const size_t size = decoder.Next(p, end, true, &c);
    p += size;
    high_bytes += size;
    if (c.kind == Character::kIllFormed) {
      ++bad;
    } else {
      ++good;
      if (size >= 3) wide_bytes += size;
    }
  }
  // Text of other charsets hardly ever happens to form these sequences, so a stray byte, or a few
  // set there to make us look elsewhere, do not outweigh them. Those of three bytes least of all:
  // about 15 % of the bytes of Japanese in Shift-JIS and fewer of Chinese or Korean happen to.
  return good > 0 && (good >= 2 * bad || (wide_bytes >= 6 && wide_bytes * 4 >= high_bytes));
}

// Units of UTF-16 as they would be if the text were in this byte order.
template <bool kBigEndian>
struct Utf16Look {
  explicit Utf16Look(std::string_view bytes) {
    for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
      const char32_t u = Utf16Decoder<kBigEndian>::Unit(Bytes(bytes) + i);
      common += (u >= 0x20 && u < 0x250) || u == '\n' || u == '\r' || u == '\t' ||
                (u >= 0x2010 && u < 0x2070) || (u >= 0x3000 && u < 0x3100) ||
                (u >= 0x4e00 && u < 0xa000) || (u >= 0xac00 && u < 0xd7a4) || u >= 0xff00;
      latin += u >= 0x20 && u < 0x7f;
      dividers += u == ' ' || u == '\n' || u == 0x3001 || u == 0x3002 || u == 0xff0c;
      ++units;
    }
  }
  bool Convincing() const { return dividers > 0 && common * 10 >= units * 9; }

  size_t units = 0;
  size_t common = 0;
  size_t latin = 0;  // read in the wrong order these look like ideographs, but not the other way
  size_t dividers = 0;
};

// Two-byte characters of GB2312's first level and its punctuation, and whether nothing else occurs.
struct GbLook {
  explicit GbLook(std::string_view bytes) {
    const uint8_t* p = Bytes(bytes);
    const uint8_t* const end = p + bytes.size();
    while (p < end) {
      p += AsciiPrefix(p, static_cast<size_t>(end - p));
      if (p == end) break;
      const uint8_t second = end - p > 1 ? p[1] : 0;
      const bool level1 = *p >= 0xb0 && *p <= 0xd7;
      if (second < 0xa1 || second == 0xff || !(level1 || (*p >= 0xa1 && *p <= 0xa3))) {
        only_common = false;
        return;
      }
      ideographs += level1;
      past_hangul += *p > 0xc8 && level1;
      p += 2;
    }
  }
  // EUC-KR puts Hangul on the same leads, but only up to C8.
  bool Convincing() const {
    return only_common && ideographs > 0 && (past_hangul > 0 || ideographs < 6);
  }

  bool only_common = true;
  size_t ideographs = 0;
  size_t past_hangul = 0;
};

bool ReadsWithoutLoss(const Charset& charset, std::string_view bytes) {
  if (charset.family != Family::kBytes) return true;
  ByteDecoder decoder{&TableOf(charset)};
  Character c;
  const uint8_t* p = Bytes(bytes);
  const uint8_t* const end = p + bytes.size();
  while (p < end) {
    const size_t taken = decoder.Next(p, end, false, &c);
    if (taken == 0) break;  // cut off by the sample's end
    if (c.kind == Character::kIllFormed) return false;
    p += taken;
  }
  return true;
}

UCharsetDetector* DetectorOfThread() {
  struct Close {
    void operator()(UCharsetDetector* d) const { ucsdet_close(d); }
  };
  static thread_local std::unique_ptr<UCharsetDetector, Close> detector;
  if (detector == nullptr) {
    UErrorCode error = U_ZERO_ERROR;
    detector.reset(ucsdet_open(&error));
    if (U_FAILURE(error)) detector.reset();
  }
  return detector.get();
}

// ICU's best match among the charsets we decode. One that reads every byte goes before one that
// does not.
CharsetChoice AskIcu(std::string_view sample, bool after_ascii) {
  CharsetChoice best{nullptr, true, 0, 0};
  UCharsetDetector* const detector = DetectorOfThread();
  if (detector == nullptr) return best;
  UErrorCode error = U_ZERO_ERROR;
  ucsdet_setText(detector, sample.data(), static_cast<int32_t>(sample.size()), &error);
  int32_t count = 0;
  const UCharsetMatch** matches = ucsdet_detectAll(detector, &count, &error);
  if (U_FAILURE(error)) return best;
  bool best_is_lossless = false;
  for (int32_t i = 0; i < count; ++i) {
    const char* name = ucsdet_getName(matches[i], &error);
    const int32_t confidence = ucsdet_getConfidence(matches[i], &error);
    if (U_FAILURE(error) || name == nullptr) break;
    const Charset* charset = FindCharset(name);
    if (charset == nullptr || charset->family == Family::kUtf8) continue;
    if (after_ascii && !charset->ascii_compatible()) continue;
    const bool lossless = ReadsWithoutLoss(*charset, sample);
    if (best.charset == nullptr || (lossless && !best_is_lossless)) {
      best.charset = charset;
      best.confidence = confidence;
      best_is_lossless = lossless;
      if (lossless) break;
    }
  }
  return best;
}

}  // namespace

CharsetChoice ChooseByBom(std::string_view bytes, const Charset* hint) {
  using namespace std::string_view_literals;
  struct Mark {
    std::string_view bytes;
    std::string_view charset;
  };
  static constexpr Mark kMarks[] = {
      {"\xef\xbb\xbf"sv, "UTF-8"},    {"\xff\xfe\0\0"sv, "UTF-32LE"},
      {"\0\0\xfe\xff"sv, "UTF-32BE"}, {"\xff\xfe"sv, "UTF-16LE"},
      {"\xfe\xff"sv, "UTF-16BE"},     {"\x84\x31\x95\x33"sv, "GB18030"},
  };
  const bool hinted_utf16 =
      hint != nullptr && (hint->family == Family::kUtf16Le || hint->family == Family::kUtf16);
  for (const Mark& mark : kMarks) {
    if (bytes.substr(0, mark.bytes.size()) != mark.bytes) continue;
    if (hinted_utf16 && mark.charset == "UTF-32LE") continue;
    return {FindCharset(mark.charset), false, 100, static_cast<uint32_t>(mark.bytes.size())};
  }
  return {nullptr};
}

const Charset& WithByteOrder(const Charset& hint, std::string_view bytes) {
  if (hint.family == Family::kUtf16) {
    const Utf16Look<true> as_big(bytes);
    const Utf16Look<false> as_little(bytes);
    const bool big = as_big.common + as_big.latin > as_little.common + as_little.latin;
    return UnicodeCharset(big ? Family::kUtf16Be : Family::kUtf16Le);
  }
  if (hint.family == Family::kUtf32) {
    // A character's highest byte is always zero.
    const bool big = !bytes.empty() && bytes[0] == 0;
    return UnicodeCharset(big ? Family::kUtf32Be : Family::kUtf32Le);
  }
  return hint;
}

CharsetChoice DetectCharset(std::string_view bytes, bool cut, bool after_ascii) {
  const CharsetChoice utf8{&UnicodeCharset(Family::kUtf8)};
  const size_t well_formed = Utf8Prefix(Bytes(bytes), bytes.size());
  if (well_formed == bytes.size() ||
      (cut && IsCutUtf8(Bytes(bytes) + well_formed, bytes.size() - well_formed))) {
    return utf8;
  }
  if (IsMostlyUtf8(bytes)) return {utf8.charset, true, 80, 0};

  if (!after_ascii) {
    const std::string_view head = bytes.substr(0, kDetectorBytes);
    const bool little = Utf16Look<false>(head).Convincing();
    const bool big = Utf16Look<true>(head).Convincing();
    if (little != big) {
      return {&UnicodeCharset(little ? Family::kUtf16Le : Family::kUtf16Be), true, 70, 0};
    }
  }
  // The detector reads only the front: begin where there is something to see, in step with UTF-32.
  const size_t ascii = AsciiPrefix(Bytes(bytes), bytes.size());
  const std::string_view sample = bytes.substr(ascii / 4 * 4, kDetectorBytes);
  CharsetChoice choice = AskIcu(sample, after_ascii);
  // Few bytes of Chinese look to the detector like many things, letters of Cyrillic above all.
  const GbLook gb(sample);
  const bool unsure = choice.charset == nullptr || choice.confidence < kGuessing;
  const bool letters = choice.charset != nullptr && choice.charset->family == Family::kBytes &&
                       TableOf(*choice.charset).two.empty();
  if (gb.Convincing() && (unsure || (letters && gb.ideographs > 1))) {
    return {FindCharset("GB18030"), true, kGuessing, 0};
  }
  // Every byte is a character of windows-1252: nothing is lost, whoever looks at it.
  if (choice.charset == nullptr) return {FindCharset("windows-1252"), true, 0, 0};
  return choice;
}

}  // namespace winnow::text
