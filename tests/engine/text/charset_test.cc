#include "engine/text/charset.h"

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "engine/text/utf8_scan.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/text/icu_bytes.h"

namespace winnow::text {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;

// The end of the character that begins at `at`, in well-formed UTF-8.
size_t NextBorder(std::string_view utf8, size_t at) {
  do ++at;
  while (at < utf8.size() && (utf8[at] & 0xc0) == 0x80);
  return at;
}

struct CharPlace {
  std::string text;
  uint64_t begin;
  uint64_t end;
  friend bool operator==(const CharPlace&, const CharPlace&) = default;
  friend std::ostream& operator<<(std::ostream& out, const CharPlace& p) {
    return out << '\'' << p.text << "' at [" << p.begin << ", " << p.end << ')';
  }
};

// Each character of what was decoded and where its bytes are; `base` is the text's absolute begin.
void AppendPlaces(const Decoded& decoded, uint64_t base, std::vector<CharPlace>* places) {
  for (size_t at = 0; at < decoded.text.size();) {
    const size_t next = NextBorder(decoded.text, at);
    const SourceSpan span = decoded.ToSource({base + at, base + next});
    places->push_back({std::string(decoded.text.substr(at, next - at)), span.begin, span.end});
    at = next;
  }
}

// Slow oracle of the way back: feeds ICU one byte more at a time; the byte with which a character
// appears is that character's last.
std::vector<CharPlace> PlacesByPrefixes(const std::string& icu_name, std::string_view bytes) {
  const Converter converter = Open(icu_name);
  std::vector<CharPlace> places;
  uint64_t begin = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    UChar units[8];
    UChar* target = units;
    const char* source = bytes.data() + i;
    UErrorCode error = U_ZERO_ERROR;
    ucnv_toUnicode(converter.get(), &target, units + 8, &source, source + 1, nullptr, false,
                   &error);
    EXPECT_TRUE(U_SUCCESS(error)) << icu_name << " byte " << i << ": " << u_errorName(error);
    if (target == units) continue;
    std::string utf8;
    icu::UnicodeString(false, units, static_cast<int32_t>(target - units)).toUTF8String(utf8);
    places.push_back({utf8, begin, i + 1});
    begin = i + 1;
  }
  return places;
}

// ---- whole texts

struct Case {
  const char* name;
  std::string_view bytes;
  std::string_view hint;
  std::string_view text;
  std::string_view charset;
  uint64_t replacements = 0;
  uint32_t bom_bytes = 0;
};

const Case kCases[] = {
    {"empty", "", "", "", "UTF-8"},
    {"ascii", "plain text", "", "plain text", "UTF-8"},
    {"utf-8", "赌场 casino 🎰", "", "赌场 casino 🎰", "UTF-8"},
    {"utf-8 with hint", "赌场", "utf8", "赌场", "UTF-8"},
    {"utf-8 hinted as ascii", "赌场", "US-ASCII", "赌场", "UTF-8"},
    {"utf-8 with mark", "\xef\xbb\xbf赌场", "", "赌场", "UTF-8", 0, 3},
    {"only a mark", "\xef\xbb\xbf", "", "", "UTF-8", 0, 3},
    {"a mark inside is a character", "a\xef\xbb\xbf"sv, "", "a\ufeff", "UTF-8"},
    {"damage behind a mark", "\xef\xbb\xbf赌\xff", "", "赌\ufffd", "UTF-8", 1, 3},
    {"mark outranks the hint", "\xef\xbb\xbf赌", "gbk", "赌", "UTF-8", 0, 3},
    {"nul", "a\0b"sv, "", "a\0b"sv, "UTF-8"},
    {"literal replacement is not counted", "a\ufffd", "", "a\ufffd", "UTF-8"},
    {"lone continuation", "a\x80z", "utf-8", "a\ufffdz", "UTF-8", 1},
    {"overlong slash", "\xc0\xaf", "utf-8", "\ufffd\ufffd", "UTF-8", 2},
    {"overlong in three", "\xe0\x80\xaf", "utf-8", "\ufffd\ufffd\ufffd", "UTF-8", 3},
    {"surrogate", "\xed\xa0\x80", "utf-8", "\ufffd\ufffd\ufffd", "UTF-8", 3},
    {"past the last plane", "\xf4\x90\x80\x80", "utf-8", "\ufffd\ufffd\ufffd\ufffd", "UTF-8", 4},
    {"truncated at the end", "ab\xe8\xb5", "utf-8", "ab\ufffd", "UTF-8", 1},
    {"truncated in the middle", "\xf0\x9f\x8e!", "utf-8", "\ufffd!", "UTF-8", 1},
    {"many stray bytes do not hide utf-8",
     "网上赌场 \xff\xc0\xaf\xfe\xed\xa0\x80\xff\xc1\xf8\xfe\xff", "",
     "网上赌场 \ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd", "UTF-8",
     12},
    {"a stray byte does not hide utf-8", "网上赌场\xff", "", "网上赌场\ufffd", "UTF-8", 1},
    {"gb18030", "\xb6\xc4\xb3\xa1", "GB18030", "赌场", "GB18030"},
    {"gb18030 in four bytes", "\x81\x30\x81\x30 \x95\x32\x82\x36 \x90\x30\x81\x30", "gb18030",
     "\u0080 𠀀 \U00010000", "GB18030"},
    {"gb18030 mark", "\x84\x31\x95\x33\xb6\xc4", "", "赌", "GB18030", 0, 4},
    {"gb18030 past the end", "\xe3\x32\x9a\x36", "gb18030", "\ufffd", "GB18030", 1},
    {"gb18030 keeps digits", "\x81\x30\x41", "gb18030",
     "\ufffd"
     "0A",
     "GB18030", 1},
    {"gbk", "\xb6\xc4\xb3\xa1 A", "gbk", "赌场 A", "GBK"},
    {"gbk euro", "\x80", "cp936", "€", "GBK"},
    {"gbk reads four bytes too", "\x90\x30\x81\x30", "GBK", "\U00010000", "GBK"},
    {"gb2312", "\xb6\xc4", "gb2312", "赌", "GB2312"},
    {"lead byte does not swallow a tag", "\xb6<script>", "gbk", "\ufffd<script>", "GBK", 1},
    {"lead at the end", "A\xb6", "gbk", "A\ufffd", "GBK", 1},
    {"ascii with hint", "casino", "gbk", "casino", "GBK"},
    {"big5", "\xbd\xe4\xb3\xd5", "big5", "賭博", "Big5"},
    {"big5 with hkscs in it", "\x87\x40", "big5", "䏰", "Big5"},
    {"big5-hkscs pair", "\x88\x62x", "Big5-HKSCS", "\u00ca\u0304x", "Big5-HKSCS"},
    {"shift-jis", "\x83\x4a\x83\x57\x83\x6d \xb6", "Shift_JIS", "カジノ ｶ", "Shift_JIS"},
    {"euc-jp", "\xa5\xab\x8e\xb6\x8f\xb0\xa1", "euc-jp", "カｶ丂", "EUC-JP"},
    {"euc-jp cut", "\x8f\xb0", "euc-jp", "\ufffd", "EUC-JP", 1},
    {"iso-2022-jp", "a\x1b$B%+\x1b(Bz", "ISO-2022-JP", "aカz", "ISO-2022-JP"},
    {"iso-2022-jp unknown escape", "\x1b$Zq", "ISO-2022-JP", "\ufffd$Zq", "ISO-2022-JP", 1},
    {"euc-kr", "\xb5\xb5\xb9\xda", "euc-kr", "도박", "EUC-KR"},
    {"euc-kr extended", "\x8c\x63", "ks_c_5601-1987", "똠", "EUC-KR"},
    {"utf-16le", "\x4c\x8d\x3a\x57"sv, "utf-16le", "赌场", "UTF-16LE"},
    {"utf-16le mark", "\xff\xfe\x4c\x8d"sv, "", "赌", "UTF-16LE", 0, 2},
    {"utf-16be mark", "\xfe\xff\x8d\x4c"sv, "", "赌", "UTF-16BE", 0, 2},
    {"utf-16 either, little", "\x4c\x8d\x3a\x57"sv, "utf-16", "赌场", "UTF-16LE"},
    {"utf-16 either, big", "\0a\0b"sv, "UTF-16", "ab", "UTF-16BE"},
    {"utf-16 pair", "\x3c\xd8\xb0\xdf"sv, "utf-16le", "🎰", "UTF-16LE"},
    {"utf-16 lone halves", "\xb0\xdf\x3c\xd8!\0"sv, "utf-16le", "\ufffd\ufffd!", "UTF-16LE", 2},
    {"utf-16 odd", "a\0b"sv, "utf-16le", "a\ufffd", "UTF-16LE", 1},
    {"utf-16 mark and a nul", "\xff\xfe\0\0"sv, "utf-16le", "\0"sv, "UTF-16LE", 0, 2},
    {"utf-32le mark", "\xff\xfe\0\0\x4c\x8d\0\0"sv, "", "赌", "UTF-32LE", 0, 4},
    {"utf-32be", "\0\0\x8d\x4c"sv, "UTF-32", "赌", "UTF-32BE"},
    {"utf-32 surrogate and cut", "\0\xd8\0\0\x4c\x8d"sv, "utf-32le", "\ufffd\ufffd", "UTF-32LE", 2},
    {"windows-1251", "\xea\xe0\xe7\xe8\xed\xee", "windows-1251", "казино", "windows-1251"},
    {"windows-1252", "caf\xe9 \x80", "cp1252", "café €", "windows-1252"},
    {"latin 1", "caf\xe9", "latin1", "café", "ISO-8859-1"},
    {"hole in a charset", "\xff", "iso-8859-7", "\ufffd", "ISO-8859-7", 1},
    {"koi8-r", "\xcb\xc1\xda\xc9\xce\xcf", "KOI8-R", "казино", "KOI8-R"},
    {"utf-8 bytes under another hint", "é", "windows-1252", "Ã©", "windows-1252"},
};

TEST(CharsetTest, DecodesWholeTexts) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    Decoded decoded;
    ASSERT_TRUE(Decode(c.bytes, c.hint, &decoded).ok());
    EXPECT_EQ(decoded.text, c.text);
    EXPECT_EQ(decoded.charset, c.charset);
    EXPECT_EQ(decoded.replacements, c.replacements);
    EXPECT_EQ(decoded.bom_bytes, c.bom_bytes);
    EXPECT_TRUE(ValidUtf8(decoded.text));
    const SourceSpan all = decoded.ToSource({0, decoded.text.size()});
    EXPECT_EQ(all.begin, decoded.text.empty() ? c.bom_bytes : decoded.ToSource({0, 0}).begin);
    EXPECT_LE(all.end, c.bytes.size());
  }
}

TEST(CharsetTest, PlainTextIsNotCopied) {
  for (std::string_view hint : {"", "utf-8"}) {
    const std::string text = "赌场 casino";
    Decoded decoded;
    ASSERT_TRUE(Decode(text, hint, &decoded).ok());
    EXPECT_EQ(decoded.text.data(), text.data());
    EXPECT_TRUE(decoded.identity);
    DecodeTrusted(text, &decoded);
    EXPECT_EQ(decoded.text.data(), text.data());
  }
  const std::string ascii = "casino";
  Decoded decoded;
  ASSERT_TRUE(Decode(ascii, "gbk", &decoded).ok());
  EXPECT_EQ(decoded.text.data(), ascii.data());
}

// Two bytes in front must not hide a text from whoever goes by the mark, nor from who does not.
TEST(CharsetTest, AMarkThatWhatFollowsContradictsIsReadBothWays) {
  const std::string offer = "Buy Xanax without a prescription";
  const std::string longer = offer + ", overnight shipping, 网上赌场开户";
  const struct {
    std::string bytes;
    std::string_view hint, charset, alternative;
  } kCases[] = {
      {"\xff\xfe" + offer, "", "UTF-16LE", "UTF-8"},
      {"\xfe\xff" + offer, "", "UTF-16BE", "UTF-8"},
      {"\xff\xfe" + offer, "utf-8", "UTF-8", "UTF-16LE"},
      {"\xff\xfe" + offer, "utf-16le", "UTF-16LE", ""},
      {"\xff\xfe" + longer, "", "UTF-8", "UTF-16LE"},
      {std::string("\xff\xfe\0\0", 4) + offer, "", "UTF-32LE", "UTF-8"},
      {std::string("\xff\xfe") + std::string("B\0u\0y\0", 6), "", "UTF-16LE", ""},
      {"\xff\xfe" + std::string("\x51\x7f\x0a\x4e\x4c\x8d", 6), "", "UTF-16LE", ""},
  };
  for (const auto& c : kCases) {
    Decoded decoded;
    ASSERT_TRUE(Decode(c.bytes, c.hint, &decoded).ok());
    EXPECT_EQ(decoded.charset, c.charset) << c.bytes;
    EXPECT_EQ(decoded.alternative, c.alternative) << c.bytes;
    if (c.alternative.empty()) continue;
    Decoded other;
    ASSERT_TRUE(Decode(c.bytes, c.alternative, &other).ok());
    EXPECT_EQ(other.charset, c.alternative) << c.bytes;
    const Decoded& utf8 = c.charset == "UTF-8" ? decoded : other;
    EXPECT_NE(utf8.text.find(offer), std::string_view::npos) << utf8.text;
  }
}

TEST(CharsetTest, TrustedTextLosesItsMark) {
  Decoded decoded;
  decoded.replacements = 7;
  DecodeTrusted("\xef\xbb\xbf赌场", &decoded);
  EXPECT_EQ(decoded.text, "赌场");
  EXPECT_EQ(decoded.charset, "UTF-8");
  EXPECT_EQ(decoded.replacements, 0u);
  EXPECT_EQ(decoded.ToSource({3, 6}), (SourceSpan{6, 9}));
}

TEST(CharsetTest, UnknownCharsetIsRefusedByName) {
  Decoded decoded;
  for (std::string_view hint : {"klingon", "utf-9", "-", " ", "gb18030x", "\xff\xfe"}) {
    SCOPED_TRACE(hint);
    EXPECT_FALSE(KnownCharset(hint));
    const absl::Status status = Decode("text", hint, &decoded);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("GB18030, GBK, GB2312, Big5"));
    EXPECT_EQ(DecodeStream::Create(hint).status().code(), absl::StatusCode::kInvalidArgument);
  }
  const absl::Status long_name = Decode("text", std::string(100000, 'x'), &decoded);
  EXPECT_LT(long_name.message().size(), 1000u);
  for (std::string_view hint : {"", "UTF8", "utf_8", "Shift_JIS", "shift-jis", "GBK", "x-gbk",
                                "KOI8-R", "ISO_8859-1:1987", "Windows-1252", "euc-kr"}) {
    EXPECT_TRUE(KnownCharset(hint)) << hint;
  }
}

// ---- every character, by ICU

struct Mapped {
  const char* hint;
  const char* icu;
};
const Mapped kMapped[] = {
    {"GB18030", "gb18030"},
    {"GBK", "windows-936-2000"},
    {"Big5", "windows-950-2000"},
    {"Big5-HKSCS", "ibm-1375_P100-2008"},
    {"Shift_JIS", "ibm-943_P15A-2003"},
    {"EUC-JP", "euc-jp-2007"},
    {"EUC-KR", "windows-949-2000"},
    {"windows-1250", "windows-1250"},
    {"windows-1251", "windows-1251"},
    {"windows-1252", "windows-1252"},
    {"windows-1253", "windows-1253"},
    {"windows-1254", "windows-1254"},
    {"windows-1255", "windows-1255"},
    {"windows-1256", "windows-1256"},
    {"windows-1257", "windows-1257"},
    {"windows-1258", "windows-1258"},
    {"TIS-620", "windows-874-2000"},
    {"ISO-8859-1", "ISO-8859-1"},
    {"ISO-8859-2", "ISO-8859-2"},
    {"ISO-8859-5", "ISO-8859-5"},
    {"ISO-8859-7", "ISO-8859-7"},
    {"ISO-8859-8", "ISO-8859-8"},
    {"ISO-8859-15", "ISO-8859-15"},
    {"KOI8-R", "KOI8-R"},
    {"KOI8-U", "KOI8-U"},
    {"IBM866", "IBM866"},
    {"macintosh", "macintosh"},
    {"UTF-16LE", "UTF-16LE"},
    {"UTF-16BE", "UTF-16BE"},
    {"UTF-32LE", "UTF-32LE"},
    {"UTF-32BE", "UTF-32BE"},
};

TEST(CharsetTest, EveryCharacterAndItsPlaceAgreesWithIcu) {
  for (const Mapped& charset : kMapped) {
    SCOPED_TRACE(charset.hint);
    const Converter encoder = Open(charset.icu);
    const Converter decoder = Open(charset.icu);
    std::string bytes;
    size_t characters = 0;
    const bool whole_planes = std::string_view(charset.hint).substr(0, 3) == "UTF" ||
                              std::string_view(charset.hint) == "GB18030";
    for (UChar32 c = 1; c <= 0x10ffff; ++c) {
      if (U_IS_SURROGATE(c) || (c >= 0xe000 && c < 0xf900)) continue;
      // IBM's tables exchange these three controls; we do not follow them there.
      if (c == 0x1a || c == 0x1c || c == 0x7f) continue;
      // Planes past the ideographs' are sampled: they have no tables, only arithmetic.
      if (c >= 0x30000 && (!whole_planes || c % 997 != 0) && c != 0x10ffff) continue;
      const std::string encoded = Encode(encoder.get(), ToUtf8(c));
      if (encoded.empty()) continue;
      UChar units[4];
      UErrorCode error = U_ZERO_ERROR;
      const int32_t n = ucnv_toUChars(decoder.get(), units, 4, encoded.data(),
                                      static_cast<int32_t>(encoded.size()), &error);
      // One-way mappings read back as another character.
      if (U_FAILURE(error) || icu::UnicodeString(false, units, n) != icu::UnicodeString(c))
        continue;
      bytes += encoded;
      ++characters;
      if (c % 3 == 0) bytes += Encode(encoder.get(), "x");
    }
    EXPECT_GT(characters, 200u);
    // Whole, so that no character that is left out can hide; one mark at most in front.
    Decoded decoded;
    ASSERT_TRUE(Decode(bytes, charset.hint, &decoded).ok());
    EXPECT_EQ(decoded.replacements, 0u);
    EXPECT_EQ(decoded.bom_bytes, 0u);
    std::vector<CharPlace> places;
    AppendPlaces(decoded, 0, &places);
    const std::vector<CharPlace> expected = PlacesByPrefixes(charset.icu, bytes);
    const auto [got, want] =
        std::mismatch(places.begin(), places.end(), expected.begin(), expected.end());
    EXPECT_TRUE(got == places.end() && want == expected.end())
        << "first difference at character " << got - places.begin() << ": got "
        << (got == places.end() ? CharPlace{} : *got) << ", ICU says "
        << (want == expected.end() ? CharPlace{} : *want);
  }
}

TEST(CharsetTest, SpansOfSeveralCharactersCoverTheirBytes) {
  const std::string bytes = Encode("gb18030", "a赌b场€𠀀z𠀁");
  Decoded decoded;
  ASSERT_TRUE(Decode(bytes, "gb18030", &decoded).ok());
  std::vector<CharPlace> places;
  AppendPlaces(decoded, 0, &places);
  uint64_t begin = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(decoded.ToSource({begin, begin}), (SourceSpan{places[i].begin, places[i].begin}));
    uint64_t end = begin;
    for (size_t j = i; j < places.size(); ++j) {
      end += places[j].text.size();
      EXPECT_EQ(decoded.ToSource({begin, end}), (SourceSpan{places[i].begin, places[j].end}));
    }
    begin += places[i].text.size();
  }
  EXPECT_EQ(decoded.ToSource({begin, begin}), (SourceSpan{bytes.size(), bytes.size()}));
}

TEST(CharsetTest, EscapeSequencesBelongToNoCharacter) {
  Decoded decoded;
  ASSERT_TRUE(Decode("a\x1b$B%+%8\x1b(Bz", "iso-2022-jp", &decoded).ok());
  ASSERT_EQ(decoded.text, "aカジz");
  EXPECT_EQ(decoded.ToSource({0, 1}), (SourceSpan{0, 1}));
  EXPECT_EQ(decoded.ToSource({1, 4}), (SourceSpan{4, 6}));
  EXPECT_EQ(decoded.ToSource({1, 7}), (SourceSpan{4, 8}));
  EXPECT_EQ(decoded.ToSource({7, 8}), (SourceSpan{11, 12}));
}

TEST(CharsetTest, ARangeOfACharacterPairIsTheWholeSequence) {
  Decoded decoded;
  ASSERT_TRUE(Decode("x\x88\x62y", "big5-hkscs", &decoded).ok());
  ASSERT_EQ(decoded.text, "x\u00ca\u0304y");
  EXPECT_EQ(decoded.ToSource({1, 3}), (SourceSpan{1, 3}));
  EXPECT_EQ(decoded.ToSource({3, 5}), (SourceSpan{1, 3}));
  EXPECT_EQ(decoded.ToSource({5, 6}), (SourceSpan{3, 4}));
}

// ---- detection

struct Sample {
  const char* name;
  const char* icu;
  std::string_view charset;
  std::string_view text;
};
const Sample kSamples[] = {
    {"short chinese", "gb18030", "GB18030", "真人荷官"},
    {"two ideographs", "gb18030", "GB18030", "赌博"},
    {"chinese", "gb18030", "GB18030",
     "今天下午三点在会议室讨论新产品的发布计划，请大家准时参加，并带上各自负责部分的材料。"},
    {"traditional chinese", "windows-950-2000", "Big5",
     "今天下午三點在會議室討論新產品的發布計畫，請大家準時參加，並帶上各自負責部分的資料。"},
    {"japanese, shift-jis", "ibm-943_P15A-2003", "Shift_JIS",
     "本日の会議は午後三時から行われますので、資料を忘れずにお持ちください。よろしくお願いします"
     "。"},
    {"japanese, euc-jp", "euc-jp-2007", "EUC-JP",
     "本日の会議は午後三時から行われますので、資料を忘れずにお持ちください。よろしくお願いします"
     "。"},
    {"korean", "windows-949-2000", "EUC-KR",
     "오늘 오후 세 시에 회의실에서 새로운 제품의 발표 계획을 논의할 예정이니 모두 참석해 주시기 "
     "바랍니다."},
    {"russian, koi8-r", "KOI8-R", "KOI8-R",
     "Сегодня в три часа дня состоится совещание, на котором мы обсудим план выпуска нового "
     "продукта."},
    {"russian, windows-1251", "windows-1251", "windows-1251",
     "Сегодня в три часа дня состоится совещание, на котором мы обсудим план выпуска нового "
     "продукта."},
    {"utf-16 without a mark", "UTF-16LE", "UTF-16LE", "今天下午三点开会，请大家准时参加。"},
    {"utf-16be without a mark", "UTF-16BE", "UTF-16BE", "今天下午三点开会，请大家准时参加。"},
};

TEST(CharsetTest, DetectsWithoutAHint) {
  for (const Sample& sample : kSamples) {
    SCOPED_TRACE(sample.name);
    Decoded decoded;
    ASSERT_TRUE(Decode(Encode(sample.icu, sample.text), "", &decoded).ok());
    EXPECT_EQ(decoded.charset, sample.charset);
    EXPECT_EQ(decoded.text, sample.text);
    EXPECT_TRUE(decoded.detected);
    EXPECT_EQ(decoded.replacements, 0u);
    EXPECT_GT(decoded.confidence, 0);
    EXPECT_LE(decoded.confidence, 100);
  }
}

// A long harmless beginning must not make us read what follows wrongly.
TEST(CharsetTest, DetectsBehindMuchAscii) {
  for (const Sample& sample : kSamples) {
    if (std::string_view(sample.charset).substr(0, 3) == "UTF") continue;
    SCOPED_TRACE(sample.name);
    const std::string ascii(DecodeStream::kSniffBytes + 1001, 'x');
    const std::string bytes = ascii + Encode(sample.icu, sample.text);
    Decoded decoded;
    ASSERT_TRUE(Decode(bytes, "", &decoded).ok());
    EXPECT_EQ(decoded.charset, sample.charset);
    EXPECT_EQ(decoded.text.substr(ascii.size()), sample.text);
  }
}

TEST(CharsetTest, AnyBytesDecodeToValidText) {
  std::mt19937 random(20261124);
  Decoded decoded;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes(random() % 200, '\0');
    for (char& b : bytes) b = static_cast<char>(random() % 3 == 0 ? random() % 128 : random());
    for (std::string_view hint : {"", "utf-8", "gb18030", "big5", "sjis", "euc-jp", "euc-kr",
                                  "utf-16", "utf-32", "iso-2022-jp", "koi8-r"}) {
      ASSERT_TRUE(Decode(bytes, hint, &decoded).ok());
      ASSERT_TRUE(ValidUtf8(decoded.text)) << hint;
      std::vector<CharPlace> places;
      AppendPlaces(decoded, 0, &places);
      uint64_t end = decoded.bom_bytes;
      for (const CharPlace& place : places) {
        // The second half of a pair has the same bytes as the first.
        const bool combining = place.text == "\u0304" || place.text == "\u030c";
        ASSERT_LE(end, place.begin + (combining ? 2 : 0)) << hint;
        ASSERT_LT(place.begin, place.end);
        end = place.end;
      }
      ASSERT_LE(end, bytes.size());
    }
  }
}

TEST(CharsetTest, ThreadsMayDecodeAtOnce) {
  const std::string korean = Encode("windows-949-2000", kSamples[6].text);
  std::vector<std::thread> threads;
  std::vector<std::string> texts(8);
  for (std::string& text : texts) {
    threads.emplace_back([&text, &korean] {
      for (int i = 0; i < 20; ++i) {
        Decoded decoded;
        if (!Decode(korean, i % 2 == 0 ? "" : "euc-kr", &decoded).ok()) return;
        text = decoded.text;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : texts) EXPECT_EQ(text, kSamples[6].text);
}

// ---- streams

struct Streamed {
  std::string text;
  std::string charset;
  uint64_t replacements = 0;
  uint32_t bom_bytes = 0;
  std::vector<CharPlace> places;
};

// Feeds `bytes` cut at `cuts`.
Streamed DecodeInPieces(std::string_view bytes, std::string_view hint,
                        const std::vector<size_t>& cuts, bool with_places = true) {
  Streamed out;
  auto stream = DecodeStream::Create(hint);
  EXPECT_TRUE(stream.ok());
  Decoded decoded;  // kept, as a caller would
  size_t begin = 0;
  for (size_t i = 0; i <= cuts.size(); ++i) {
    const bool last = i == cuts.size();
    const size_t end = last ? bytes.size() : cuts[i];
    // A copy that dies at once, so that a text that points where it should not is caught.
    const auto piece = std::make_unique<std::string>(bytes.substr(begin, end - begin));
    uint64_t text_begin = ~uint64_t{0};
    (*stream)->Feed(*piece, last, &decoded, &text_begin);
    EXPECT_EQ(text_begin, out.text.size());
    EXPECT_TRUE(ValidUtf8(decoded.text));
    out.text.append(decoded.text);
    out.replacements += decoded.replacements;
    if (with_places) AppendPlaces(decoded, text_begin, &out.places);
    if (last) {
      out.charset = std::string(decoded.charset);
      out.bom_bytes = decoded.bom_bytes;
    }
    begin = end;
  }
  return out;
}

Streamed DecodeWhole(std::string_view bytes, std::string_view hint, bool with_places = true) {
  Decoded decoded;
  EXPECT_TRUE(Decode(bytes, hint, &decoded).ok());
  Streamed out{std::string(decoded.text),
               std::string(decoded.charset),
               decoded.replacements,
               decoded.bom_bytes,
               {}};
  if (with_places) AppendPlaces(decoded, 0, &out.places);
  return out;
}

void ExpectSame(const Streamed& got, const Streamed& want) {
  EXPECT_EQ(got.text, want.text);
  EXPECT_EQ(got.charset, want.charset);
  EXPECT_EQ(got.replacements, want.replacements);
  EXPECT_EQ(got.bom_bytes, want.bom_bytes);
  EXPECT_EQ(got.places, want.places);
}

// Splits that would be hidden by the sniffing of a short file are made behind `padding` as well.
void CheckEverySplit(std::string_view bytes, std::string_view hint) {
  const Streamed whole = DecodeWhole(bytes, hint);
  std::vector<size_t> each_byte;
  for (size_t i = 0; i <= bytes.size(); ++i) {
    ExpectSame(DecodeInPieces(bytes, hint, {i}), whole);
    if (i > 0 && i < bytes.size()) each_byte.push_back(i);
  }
  ExpectSame(DecodeInPieces(bytes, hint, each_byte), whole);
}

TEST(DecodeStreamTest, ShortFilesAtEverySplit) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    CheckEverySplit(c.bytes, c.hint);
  }
  for (const Sample& sample : kSamples) {
    SCOPED_TRACE(sample.name);
    CheckEverySplit(Encode(sample.icu, sample.text), "");
  }
}

// The charset is chosen by the first kSniffBytes; everything that is split behind them meets a
// decoder in the middle of its work.
TEST(DecodeStreamTest, BehindTheSniffedBytesAtEverySplit) {
  struct Tail {
    const char* name;
    std::string_view hint;
    std::string padding;
    std::string bytes;
  };
  std::vector<Tail> tails;
  const std::string ascii(DecodeStream::kSniffBytes + 3, 'x');
  for (const Case& c : kCases) {
    if (c.bom_bytes > 0 || c.charset.substr(0, 3) == "UTF") continue;
    tails.push_back({c.name, c.hint, ascii, std::string(c.bytes)});
  }
  const std::string mixed = "a赌\xff\xc0\xaf场\xed\xa0\x80🎰\xe8\xb5 z\xf0\x9f\x8e";
  tails.push_back({"damaged utf-8", "utf-8", ascii, mixed});
  tails.push_back({"damaged utf-8 unhinted", "", "赌" + ascii, mixed});
  tails.push_back({"marked utf-8", "", "\xef\xbb\xbf" + ascii, mixed});
  const std::string utf16(DecodeStream::kSniffBytes + 4, '\x4e');
  tails.push_back({"utf-16", "utf-16le", utf16, "\x3c\xd8\xb0\xdf\x3c\xd8\x4c\x8d\xb0\xdf!"});
  tails.push_back({"utf-32", "utf-32be", std::string(DecodeStream::kSniffBytes + 4, '\0'),
                   std::string("\0\0\x8d\x4c\0\x01\xf3\xb0\0\x11\0\0\0"sv)});
  for (const Sample& sample : kSamples) {
    if (sample.charset.substr(0, 3) == "UTF") continue;
    tails.push_back({sample.name, "", ascii, Encode(sample.icu, sample.text)});
  }
  for (const Tail& tail : tails) {
    SCOPED_TRACE(tail.name);
    const std::string bytes = tail.padding + tail.bytes;
    const Streamed whole = DecodeWhole(bytes, tail.hint, false);
    std::vector<size_t> each_byte;
    for (size_t i = tail.padding.size(); i <= bytes.size(); ++i) {
      Streamed got = DecodeInPieces(bytes, tail.hint, {i}, false);
      EXPECT_TRUE(got.text == whole.text) << "split at " << i;
      EXPECT_EQ(got.charset, whole.charset);
      EXPECT_EQ(got.replacements, whole.replacements);
      each_byte.push_back(i);
    }
    // Places once a tail: the padding's are many.
    Streamed got = DecodeInPieces(bytes, tail.hint, each_byte);
    EXPECT_TRUE(got.text == whole.text);
    EXPECT_TRUE(got.places == DecodeWhole(bytes, tail.hint).places);
  }
}

// What is cut by the end of the sniffed bytes is not taken for damage.
TEST(DecodeStreamTest, ACharacterAcrossTheSniffBorder) {
  for (size_t shift = 0; shift < 4; ++shift) {
    for (std::string_view tail : {""sv, "\xff"sv}) {
      std::string bytes(DecodeStream::kSniffBytes - 2 - shift, 'x');
      bytes += "赌场🎰赌场";
      bytes += tail;
      const Streamed whole = DecodeWhole(bytes, "", false);
      EXPECT_EQ(whole.charset, "UTF-8");
      for (size_t cut : {size_t{1}, DecodeStream::kSniffBytes - 1, DecodeStream::kSniffBytes,
                         DecodeStream::kSniffBytes + 1, bytes.size()}) {
        ExpectSame(DecodeInPieces(bytes, "", {cut}, false), whole);
      }
    }
  }
}

TEST(DecodeStreamTest, PiecesOfEverySizeOnALongFile) {
  std::string text;
  for (const Sample& sample : kSamples) text += sample.text;
  std::string chinese;
  while (chinese.size() < 300000) chinese += kSamples[2].text, chinese += " casino\n";
  const std::string gb = Encode("gb18030", chinese);
  const Streamed whole = DecodeWhole(gb, "");
  EXPECT_EQ(whole.charset, "GB18030");
  std::mt19937 random(7);
  for (size_t largest : {size_t{17}, size_t{4096}, size_t{70000}, size_t{200000}}) {
    std::vector<size_t> cuts;
    for (size_t at = random() % largest + 1; at < gb.size(); at += random() % largest + 1) {
      cuts.push_back(at);
    }
    Streamed got = DecodeInPieces(gb, "", cuts);
    EXPECT_TRUE(got.text == whole.text);
    EXPECT_TRUE(got.places == whole.places);
    EXPECT_EQ(got.charset, "GB18030");
  }
}

TEST(DecodeStreamTest, HoldsBackNoMoreThanItSniffs) {
  for (std::string_view hint : {"", "gb18030", "utf-8"}) {
    auto stream = DecodeStream::Create(hint);
    ASSERT_TRUE(stream.ok());
    const std::string piece =
        hint == "gb18030" ? Encode("gb18030", kSamples[2].text) : std::string(kSamples[2].text);
    Decoded decoded;
    uint64_t fed = 0;
    uint64_t text_begin = 0;
    uint64_t source_end = 0;
    for (int i = 0; i < 5000; ++i) {
      (*stream)->Feed(piece, false, &decoded, &text_begin);
      fed += piece.size();
      if (!decoded.text.empty()) {
        source_end = decoded.ToSource({text_begin, text_begin + decoded.text.size()}).end;
      }
      ASSERT_LE(fed - source_end, DecodeStream::kSniffBytes);
    }
    EXPECT_LT(fed - source_end, 4u);
  }
}

// ---- validity

// As Unicode's table of well-formed byte sequences (3-7) has it.
bool NaivelyValid(std::string_view bytes) {
  size_t i = 0;
  const auto at = [&](size_t k) { return k < bytes.size() ? uint8_t(bytes[k]) : uint8_t{0}; };
  const auto in = [&](size_t k, int low, int high) { return at(k) >= low && at(k) <= high; };
  while (i < bytes.size()) {
    if (in(i, 0x00, 0x7f)) {
      i += 1;
    } else if (in(i, 0xc2, 0xdf) && in(i + 1, 0x80, 0xbf)) {
      i += 2;
    } else if ((in(i, 0xe0, 0xe0) && in(i + 1, 0xa0, 0xbf) && in(i + 2, 0x80, 0xbf)) ||
               (in(i, 0xe1, 0xec) && in(i + 1, 0x80, 0xbf) && in(i + 2, 0x80, 0xbf)) ||
               (in(i, 0xed, 0xed) && in(i + 1, 0x80, 0x9f) && in(i + 2, 0x80, 0xbf)) ||
               (in(i, 0xee, 0xef) && in(i + 1, 0x80, 0xbf) && in(i + 2, 0x80, 0xbf))) {
      i += 3;
    } else if (((in(i, 0xf0, 0xf0) && in(i + 1, 0x90, 0xbf)) ||
                (in(i, 0xf1, 0xf3) && in(i + 1, 0x80, 0xbf)) ||
                (in(i, 0xf4, 0xf4) && in(i + 1, 0x80, 0x8f))) &&
               in(i + 2, 0x80, 0xbf) && in(i + 3, 0x80, 0xbf)) {
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

TEST(ValidUtf8Test, EveryShortSequence) {
  std::string bytes;
  for (int length = 1; length <= 3; ++length) {
    for (uint32_t n = 0; n < 1u << (8 * length); ++n) {
      bytes.clear();
      for (int i = 0; i < length; ++i) bytes.push_back(static_cast<char>(n >> (8 * i)));
      if (ValidUtf8(bytes) != NaivelyValid(bytes)) FAIL() << "sequence " << std::hex << n;
    }
  }
  // Four bytes: all that lies on or beside a border of the table.
  constexpr uint8_t kBorders[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                  0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
                                  0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
  for (uint8_t a : kBorders) {
    for (uint8_t b : kBorders) {
      for (uint8_t c : kBorders) {
        for (uint8_t d : kBorders) {
          bytes = {char(a), char(b), char(c), char(d)};
          // In front of more text too, where the fast path looks ahead.
          for (std::string_view tail : {""sv, "xyz赌"sv}) {
            const std::string whole = bytes + std::string(tail);
            if (ValidUtf8(whole) != NaivelyValid(whole)) {
              FAIL() << std::hex << int{a} << ' ' << int{b} << ' ' << int{c} << ' ' << int{d};
            }
          }
        }
      }
    }
  }
}

TEST(ValidUtf8Test, RandomBytesAtAnyPlace) {
  std::mt19937 random(1);
  const std::string_view parts[] = {
      "a", "plain ascii of some length", "é", "赌场", "한국", "\ue000", "🎰", "\xef\xbf\xbf"};
  size_t valid = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string bytes;
    const size_t count = random() % 12;
    for (size_t i = 0; i < count; ++i) bytes += parts[random() % std::size(parts)];
    if (!bytes.empty() && random() % 2 == 0) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0) bytes.resize(bytes.size() - random() % (bytes.size() + 1));
    const bool expected = NaivelyValid(bytes);
    valid += expected;
    ASSERT_EQ(ValidUtf8(bytes), expected);
  }
  EXPECT_GT(valid, 50000u);
  EXPECT_LT(valid, 190000u);
}

// Every wrong and right sequence, wherever in a step of 32 or 64 bytes it stands, ends the text
// where the function for any CPU says.
TEST(ValidUtf8Test, SequencesAtEveryOffsetAreTheSameOnEveryCpu) {
  constexpr uint8_t kBorders[] = {0x00, 0x1b, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                  0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
                                  0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
  std::mt19937 random(2);
  const auto pick = [&] { return static_cast<char>(kBorders[random() % std::size(kBorders)]); };
  const std::string_view parts[] = {"a", "é", "赌", "🎰"};
  size_t whole = 0, cut = 0;
  for (int round = 0; round < 400000; ++round) {
    std::vector<char> bytes;
    const auto fill = [&](size_t size) {
      const std::string_view part = parts[random() % std::size(parts)];
      for (size_t end = bytes.size() + size; bytes.size() < end;) {
        bytes.insert(bytes.end(), part.begin(), part.end());
      }
    };
    fill(random() % 140);
    for (uint32_t i = random() % 5; i > 0; --i) bytes.push_back(pick());
    fill(random() % 140);
    if (random() % 4 == 0)
      bytes.resize(bytes.size() - std::min<size_t>(bytes.size(), random() % 4));
    bytes.shrink_to_fit();
    const uint8_t* p = reinterpret_cast<const uint8_t*>(bytes.data());
    const size_t prefix = Utf8Prefix(p, bytes.size());
    const std::string_view text(bytes.data(), bytes.size());
    for (size_t way = 0; way < Utf8PrefixWays(); ++way) {
      ASSERT_EQ(prefix, Utf8PrefixWay(way, p, bytes.size())) << "way " << way;
    }
    const bool control =
        std::any_of(p, p + bytes.size(), [](uint8_t c) { return c < 9 || c == 27; });
    ASSERT_EQ(HasControl(p, bytes.size()), control);
    ASSERT_EQ(prefix == text.size(), NaivelyValid(text));
    ASSERT_TRUE(NaivelyValid(text.substr(0, prefix)));
    ++(prefix == text.size() ? whole : cut);
  }
  EXPECT_GT(whole, 50000u);
  EXPECT_GT(cut, 50000u);
}

// Each byte at each place of texts of each length.
TEST(CharsetTest, PlainAsciiIsWhatHasNeitherControlsNorOtherBytes) {
  for (size_t size = 0; size < 140; ++size) {
    std::vector<char> text(size, 'a');
    const auto plain = [&] {
      return IsPlainAscii(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    };
    ASSERT_TRUE(plain()) << size;
    for (size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        text[at] = static_cast<char>(byte);
        ASSERT_EQ(plain(), byte >= 9 && byte < 0x80 && byte != 0x1b) << size << " " << at;
      }
      text[at] = 'a';
    }
  }
}

}  // namespace
}  // namespace winnow::text
