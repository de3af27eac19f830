#include "engine/text/charset_choice.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/text/decoders.h"
#include "engine/text/plausibility.h"
#include "engine/text/utf8_scan.h"

namespace winnow::text {
namespace {

const uint8_t* Bytes(std::string_view s) { return reinterpret_cast<const uint8_t*>(s.data()); }

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

// What is read at the front of a text to choose by.
constexpr size_t kSampleBytes = 4096;
// Where it is seen whether a text in two or four bytes a character passes for UTF-8.
constexpr size_t kControlsWithin = 64;
// Texts no longer than this may happen to be what they are not.
constexpr size_t kFewBytes = 256;
constexpr size_t kVeryFewBytes = 32;
// What the characters of no language cost on the average.
constexpr uint64_t kUnlikelyCharacter = 120;
// Two readings whose costs differ by no more than this, in tenths of a bit, are told apart by
// nothing but chance: as much as a rarer ideograph or two.
constexpr uint64_t kAmbiguous = 120;

// What is tried, and what it costs before anything is read: more where it is rarer. The first of
// those that give the same text is taken.
struct Candidate {
  std::string_view charset;
  uint32_t cost;
};
constexpr Candidate kCandidates[] = {
    {"UTF-8", 0},         {"GB18030", 0},       {"Big5", 20},         {"windows-1252", 30},
    {"windows-1251", 30}, {"Shift_JIS", 30},    {"EUC-KR", 30},       {"EUC-JP", 45},
    {"KOI8-R", 45},       {"windows-1250", 50}, {"windows-1254", 60}, {"windows-1253", 50},
    {"windows-1255", 50}, {"windows-1256", 50}, {"windows-1257", 65}, {"TIS-620", 50},
    {"UTF-16LE", 40},     {"UTF-16BE", 60},     {"UTF-32LE", 60},     {"UTF-32BE", 60},
    {"ISO-2022-JP", 40},  {"ISO-8859-5", 80},   {"IBM866", 80},       {"KOI8-U", 70},
    {"ISO-8859-2", 90},   {"ISO-8859-6", 90},   {"ISO-8859-7", 90},   {"ISO-8859-8", 90},
    {"ISO-8859-9", 95},   {"ISO-8859-13", 95},  {"macintosh", 120},
};

// What one reading of a sample costs, and a digest of its text.
struct Reading {
  const Charset* charset = nullptr;
  uint64_t cost = UINT64_MAX;
  uint64_t digest = 0;
};

template <typename Decoder>
Reading ReadAs(const Charset& charset, Decoder decoder, std::string_view sample, bool cut,
               uint64_t limit) {
  Plausibility plausibility(charset.name == "GB18030" || charset.name == "Big5");
  Reading reading{&charset};
  Character c;
  const uint8_t* p = Bytes(sample);
  const uint8_t* const end = p + sample.size();
  const auto add = [&](char32_t character) {
    plausibility.Add(character);
    reading.digest = (reading.digest ^ character) * 0x9e3779b97f4a7c15u;
  };
  while (p < end && plausibility.cost() < limit) {
    const size_t taken = decoder.Next(p, end, !cut, &c);
    if (taken == 0) break;  // cut off by the sample's end
    p += taken;
    if (c.kind == Character::kIllFormed) {
      plausibility.AddIllFormed();
      add(0xfffd);
    } else if (c.kind != Character::kNone) {
      add(c.first);
      if (c.kind == Character::kTwo) add(c.second);
    }
  }
  reading.cost = plausibility.cost();
  return reading;
}

// `limit`: what costs as much is of no interest, and need not be read to its end.
Reading ReadAs(const Charset& charset, std::string_view sample, bool cut,
               uint64_t limit = UINT64_MAX) {
  switch (charset.family) {
    case Family::kUtf8:
      return ReadAs(charset, Utf8Decoder(), sample, cut, limit);
    case Family::kUtf16:
    case Family::kUtf16Le:
      return ReadAs(charset, Utf16Decoder<false>(), sample, cut, limit);
    case Family::kUtf16Be:
      return ReadAs(charset, Utf16Decoder<true>(), sample, cut, limit);
    case Family::kUtf32:
    case Family::kUtf32Le:
      return ReadAs(charset, Utf32Decoder<false>(), sample, cut, limit);
    case Family::kUtf32Be:
      return ReadAs(charset, Utf32Decoder<true>(), sample, cut, limit);
    case Family::kBytes:
      return ReadAs(charset, ByteDecoder{&TableOf(charset)}, sample, cut, limit);
    case Family::kIso2022Jp:
      return ReadAs(charset, Iso2022JpDecoder{&TableOf(charset)}, sample, cut, limit);
  }
  return {};
}

// Whether it is worth reading as `charset`: a text in it shows some sign of it.
bool MayBe(const Charset& charset, std::string_view sample, bool after_ascii) {
  if (after_ascii && !charset.ascii_compatible()) return false;
  return charset.family != Family::kIso2022Jp || sample.find('\x1b') != sample.npos;
}

// The likeliest reading and the next.
struct Readings {
  Reading best, second;

  // The other charset as an alternative where it is nearly as likely.
  CharsetChoice Choose() const {
    CharsetChoice choice{best.charset, true};
    const uint64_t margin = second.charset == nullptr ? UINT64_MAX : second.cost - best.cost;
    // A hundred is ten bits: one mistake in 1,000, as far as the model goes.
    choice.confidence = static_cast<int>(std::min<uint64_t>(margin, 100));
    if (margin <= kAmbiguous) choice.alternative = second.charset;
    return choice;
  }
};

Readings Read(std::string_view sample, bool cut, bool after_ascii) {
  Readings readings;
  Reading& best = readings.best;
  Reading& second = readings.second;
  for (const Candidate& candidate : kCandidates) {
    const Charset& charset = *FindCharset(candidate.charset);
    if (!MayBe(charset, sample, after_ascii)) continue;
    Reading reading = ReadAs(charset, sample, cut, second.cost);
    reading.cost += candidate.cost;
    if (reading.cost < best.cost) {
      if (best.charset != nullptr && best.digest != reading.digest) second = best;
      best = reading;
    } else if (reading.cost < second.cost && reading.digest != best.digest) {
      second = reading;
    }
  }
  return readings;
}

// Whether what follows a mark of UTF-16 or UTF-32 is UTF-8 and has no zeros, which two bytes put
// before a text would have readers of the mark alone take for something else.
bool IsContradicted(const CharsetChoice& by_mark, std::string_view bytes) {
  const Family family = by_mark.charset->family;
  if (family == Family::kUtf8 || by_mark.charset->name == "GB18030") return false;
  const std::string_view rest = bytes.substr(by_mark.bom_bytes);
  if (rest.empty() || rest.find('\0') != rest.npos) return false;
  const size_t valid = Utf8Prefix(Bytes(rest), rest.size());
  return valid == rest.size() || IsCutUtf8(Bytes(rest) + valid, rest.size() - valid);
}

// What UTF-16 of ASCII is full of.
bool IsControl(char c) { return static_cast<uint8_t>(c) < 9; }

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
    CharsetChoice choice = {FindCharset(mark.charset), false, 100,
                            static_cast<uint32_t>(mark.bytes.size())};
    const bool hinted_utf8 = hint != nullptr && hint->family == Family::kUtf8;
    if ((hint == nullptr || hinted_utf8) && IsContradicted(choice, bytes)) {
      choice.alternative = &UnicodeCharset(Family::kUtf8);
      constexpr size_t kSure = 64;  // no other text is UTF-8 as well for so long
      if (hinted_utf8 || bytes.size() >= kSure) std::swap(choice.charset, choice.alternative);
    }
    return choice;
  }
  return {nullptr};
}

const Charset& WithByteOrder(const Charset& hint, std::string_view bytes) {
  const auto likelier = [&](Family little, Family big) -> const Charset& {
    const std::string_view sample = bytes.substr(0, kSampleBytes);
    const Charset& a = UnicodeCharset(little);
    const Charset& b = UnicodeCharset(big);
    return ReadAs(b, sample, true).cost < ReadAs(a, sample, true).cost ? b : a;
  };
  if (hint.family == Family::kUtf16) return likelier(Family::kUtf16Le, Family::kUtf16Be);
  if (hint.family == Family::kUtf32) return likelier(Family::kUtf32Le, Family::kUtf32Be);
  return hint;
}

bool MayHideInUtf8(std::string_view bytes) {
  const std::string_view sample = bytes.substr(0, kSampleBytes);
  if (HasControl(Bytes(sample), sample.size())) {
    const std::string_view head = bytes.substr(0, kControlsWithin);
    const auto controls = std::count_if(head.begin(), head.end(), IsControl);
    if (controls * 8 > std::ssize(head)) return true;
    if (sample.find("\x1b$") != sample.npos) return true;
  }
  // Two bytes of GBK are a sequence of two bytes as often as not, but hardly ever of three.
  if (bytes.size() > kVeryFewBytes) return false;
  size_t starts = 0, high = 0;
  for (char c : bytes) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (byte >= 0xe0) return false;
    starts += byte >= 0xc0;
    high += byte >= 0x80;
  }
  if (starts == 0) return false;
  const uint64_t cost = ReadAs(UnicodeCharset(Family::kUtf8), bytes, false).cost;
  return cost > kUnlikelyCharacter * (bytes.size() - (high - starts));
}

CharsetChoice DetectCharset(std::string_view bytes, bool cut, bool after_ascii) {
  const Charset* const utf8 = &UnicodeCharset(Family::kUtf8);
  const size_t well_formed = Utf8Prefix(Bytes(bytes), bytes.size());
  const bool valid = well_formed == bytes.size() ||
                     (cut && IsCutUtf8(Bytes(bytes) + well_formed, bytes.size() - well_formed));
  if (valid && (after_ascii || !MayHideInUtf8(bytes))) return {utf8};
  // Begins where there is something to see, in step with UTF-32.
  const size_t ascii = AsciiPrefix(Bytes(bytes), bytes.size());
  const size_t begin = valid ? 0 : ascii / 4 * 4;
  const std::string_view sample = bytes.substr(begin, kSampleBytes);
  const bool sample_cut = cut || begin + sample.size() < bytes.size();
  const Readings readings = Read(sample, sample_cut, after_ascii);
  CharsetChoice choice = readings.Choose();
  if (choice.charset == utf8)
    return valid && choice.alternative == nullptr ? CharsetChoice{utf8} : choice;
  if (valid) {
    // Only what is far likelier goes before UTF-8 that is well-formed. Both will be looked at.
    if (readings.best.cost * 2 < ReadAs(*utf8, sample, sample_cut).cost) {
      choice.alternative = utf8;
      return choice;
    }
    return {utf8, true, 50, 0, choice.charset};
  }
  if (!IsMostlyUtf8(bytes)) return choice;
  // Either damaged, or a few bytes that happen to form sequences of UTF-8: in a long text the
  // damage is the likelier.
  return {utf8, true, 80, 0, bytes.size() <= kFewBytes ? choice.charset : nullptr};
}

}  // namespace winnow::text
