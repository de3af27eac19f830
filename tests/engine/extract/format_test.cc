#include "engine/extract/format.h"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace winnow::extract {
namespace {

using std::string_view_literals::operator""sv;

struct Case {
  const char* what;
  std::string head;
  std::string_view hint;
  std::string_view name;  // "text" or the unsupported format's
};

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const FormatGuess guess = GuessFormat(c.head, c.hint);
    EXPECT_EQ(guess.name, c.name) << c.what;
    EXPECT_EQ(guess.format == Format::kText, c.name == "text") << c.what;
  }
}

std::string Bytes(std::string_view bytes) { return std::string(bytes); }

// Of the code points given, all in the basic plane.
std::string Utf16(std::u16string_view text, bool big_endian) {
  std::string out;
  for (const char16_t unit : text) {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xff);
    out.push_back(big_endian ? high : low);
    out.push_back(big_endian ? low : high);
  }
  return out;
}

TEST(FormatTest, KnowsText) {
  const std::u16string_view latin = u"An order of forty chairs.\r\n";
  const std::u16string_view han = u"订购四十把椅子，请送到仓库。";
  Check({
      {"empty", "", "", "text"},
      {"one byte", "a", "", "text"},
      {"English", "An order of forty chairs.\r\n", "", "text"},
      {"Chinese in UTF-8", "订购四十把椅子，请送到仓库。", "", "text"},
      {"with the mark of UTF-8", "\xef\xbb\xbf订购", "", "text"},
      {"Chinese in GBK", "\xb6\xa9\xb9\xba\xcb\xc4\xca\xae", "", "text"},
      {"Chinese in Big5", "\xad\x71\xc1\xca\xa5\x7c\xa4\x51", "big5", "text"},
      {"Japanese in ISO-2022-JP", "\x1b$BCmJ8\x1b(B", "", "text"},
      {"UTF-16 with a mark", "\xff\xfe" + Utf16(han, false), "", "text"},
      {"UTF-16, big-endian, with a mark", "\xfe\xff" + Utf16(han, true), "", "text"},
      {"UTF-16 without a mark, by its NULs", Utf16(latin, false), "", "text"},
      {"the same, big-endian", Utf16(latin, true), "", "text"},
      {"UTF-16 without a mark, by the hint", Utf16(han, false), "UTF-16LE", "text"},
      {"the same, whatever the byte order", Utf16(han, true), "utf-16", "text"},
      {"a mark and nothing else", "\xff\xfe", "", "text"},
      {"UTF-32 with a mark", Bytes("\0\0\xfe\xff\0\0\x8b\xa2\0\0\x8d\x2d"sv), "", "text"},
      {"UTF-32 without a mark, by the hint", Bytes("\xa2\x8b\0\0\x2d\x8d\0\0"sv), "utf-32le",
       "text"},
      {"a NUL inside a word", Bytes("gam\0bling"sv), "", "text"},
      {"terminal colours", "\x1b[31mred\x1b[0m", "", "text"},
      {"a text that begins as a bitmap does", "BMW parts, used", "", "text"},
      {"a text that begins as a program does", "MZ-80K manual", "", "text"},
      {"a text that begins as a picture does", "GIF87a is a format", "", "text"},
      {"a text about tags", "ID3 tags explained", "", "text"},
      {"a page", "<!DOCTYPE html><html>", "", "text"},
      {"columns", "id,name\n1,chair\n", "", "text"},
      {"a script", "#!/bin/sh\necho\n", "", "text"},
  });
}

TEST(FormatTest, NamesWhatItDoesNotRead) {
  const std::string padding(16, '\0');
  std::string tar = "notes.txt" + std::string(248, '\0') + "ustar";
  tar.resize(512);
  Check({
      {"pdf", "%PDF-1.7\n1 0 obj", "", "pdf"},
      {"zip and office files", Bytes("PK\x03\x04\x14\0\x06\0"sv), "", "zip"},
      {"an empty zip", Bytes("PK\x05\x06"sv) + padding, "", "zip"},
      {"png", Bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv), "", "png"},
      {"jpeg", Bytes("\xff\xd8\xff\xe0\0\x10JFIF"sv), "", "jpeg"},
      {"gif", Bytes("GIF89a\x01\0\x01\0\x80"sv), "", "gif"},
      {"webp", Bytes("RIFF\x24\0\0\0WEBPVP8 "sv), "", "webp"},
      {"wav", Bytes("RIFF\x24\0\0\0WAVEfmt "sv), "", "wav"},
      {"bmp", Bytes("BM\x36\0\0\0\0\0\0\0\x36"sv), "", "bmp"},
      {"tiff", Bytes("II*\0\x08\0\0\0"sv), "", "tiff"},
      {"gzip", Bytes("\x1f\x8b\x08\0\0\0\0\0"sv), "", "gzip"},
      {"xz",
       Bytes("\xfd"
             "7zXZ\0\0\x04"sv),
       "", "xz"},
      {"zstd", Bytes("\x28\xb5\x2f\xfd\x24"sv), "", "zstd"},
      {"7z", Bytes("7z\xbc\xaf\x27\x1c\0\x04"sv), "", "7z"},
      {"rar", Bytes("Rar!\x1a\x07\x01\0"sv), "", "rar"},
      {"tar", tar, "", "tar"},
      {"old office files", Bytes("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv) + padding, "", "ole"},
      {"elf",
       Bytes("\x7f"
             "ELF\x02\x01\x01\0"sv),
       "", "elf"},
      {"exe", Bytes("MZ\x90\0\x03\0\0\0\x04"sv), "", "exe"},
      {"sqlite", Bytes("SQLite format 3\0\x10"sv), "", "sqlite"},
      {"mp3", Bytes("ID3\x04\0\0\0\0\0"sv), "", "mp3"},
      {"mp4",
       Bytes("\0\0\0\x20"
             "ftypisom"sv),
       "", "mp4"},
      {"rtf", "{\\rtf1\\ansi text}", "", "rtf"},
      {"zeros", std::string(64, '\0'), "", "binary"},
  });
}

// A hint or a mark that the bytes belie must not have a picture scanned as ideographs and passed.
TEST(FormatTest, DoesNotTakeBinaryBytesForWideText) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::string noise;
    for (int i = 0; i < 4096; ++i) noise.push_back(static_cast<char>(random()));
    for (const char* hint : {"", "UTF-16", "utf-16le", "UTF-32", "UCS-2", "gb18030"}) {
      for (const char* mark : {"", "\xff\xfe", "\xfe\xff", "\xef\xbb\xbf"}) {
        EXPECT_EQ(GuessFormat(mark + noise, hint).format, Format::kUnsupported)
            << "hint " << hint << ", round " << round;
      }
    }
  }
  std::string program = Bytes("MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0\x40"sv);
  program.resize(4096);
  EXPECT_EQ(GuessFormat(program, "UTF-16").name, "exe");
  EXPECT_EQ(GuessFormat("\xff\xfe" + program, "").format, Format::kUnsupported);
}

TEST(FormatTest, LooksAtWhateverIsCutShort) {
  const std::string png = Bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv);
  for (size_t size = 0; size <= png.size(); ++size) GuessFormat(png.substr(0, size), "utf-32");
  EXPECT_EQ(GuessFormat(png.substr(0, 8), "").name, "png");
}

}  // namespace
}  // namespace winnow::extract
