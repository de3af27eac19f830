// Writes the table of phonetic_readings.h, from ICU's transliterator, to standard output.
#include <unicode/translit.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/text/phonetic_syllables.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

void Require(UErrorCode error) {
  if (U_FAILURE(error)) std::abort();
}

// Lower-case ASCII, tones dropped; empty when it is something else.
std::string WithoutTones(const icu::UnicodeString& pinyin) {
  // Letters with tone marks, decomposed by hand as they are so few: macron, acute, caron, grave.
  static constexpr struct {
    char to;
    std::u16string_view from;
  } kLetters[] = {
      {'a', u"āáǎà"},      {'e', u"ēéěèêếềê̄"}, {'i', u"īíǐì"}, {'o', u"ōóǒò"},
      {'u', u"ūúǔùüǖǘǚǜ"}, {'m', u"ḿ"},        {'n', u"ńňǹ"},
  };
  std::string out;
  for (int32_t i = 0; i < pinyin.length(); ++i) {
    const char16_t c = pinyin[i];
    if (c >= u'a' && c <= u'z') {
      out.push_back(static_cast<char>(c));
      continue;
    }
    if (c >= 0x300 && c < 0x370) continue;  // a combining tone mark
    char found = 0;
    for (const auto& letter : kLetters) {
      if (letter.from.find(c) != letter.from.npos) found = letter.to;
    }
    if (found == 0) return {};
    out.push_back(found);
  }
  return out;
}

// Of each ideograph by itself.
std::map<char32_t, uint16_t> GatherReadings() {
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<icu::Transliterator> latin(
      icu::Transliterator::createInstance("Han-Latin", UTRANS_FORWARD, error));
  Require(error);
  icu::UnicodeSet han(u"[:Han:]", error);
  Require(error);
  std::map<char32_t, uint16_t> readings;
  for (int32_t r = 0; r < han.getRangeCount(); ++r) {
    for (UChar32 c = han.getRangeStart(r); c <= han.getRangeEnd(r); ++c) {
      if (static_cast<char32_t>(c) >= kIdeographsEnd) continue;
      icu::UnicodeString pinyin(c);
      latin->transliterate(pinyin);
      const uint16_t number = SyllableNumber(WithoutTones(pinyin));
      if (number != 0) readings[static_cast<char32_t>(c)] = number;
    }
  }
  return readings;
}

// The readings that we say are commoner.
void Correct(std::map<char32_t, uint16_t>* readings) {
  std::string_view rest = kHeteronyms;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
    const uint32_t width = CharWidth(entry[0]);
    const std::string_view first = entry.substr(width, entry.find(',') - width);
    (*readings)[CharAt(entry.data())] = SyllableNumber(first);
  }
}

void Print(const char* head, const std::vector<uint16_t>& numbers) {
  std::printf("%s = {", head);
  for (size_t i = 0; i < numbers.size(); ++i) {
    std::printf("%s%u,", i % 16 == 0 ? "\n  " : " ", numbers[i]);
  }
  std::printf("\n};\n");
}

void Write() {
  std::map<char32_t, uint16_t> readings = GatherReadings();
  Correct(&readings);
  std::vector<uint16_t> blocks(kIdeographsEnd / 128), numbers(128);
  for (const auto& [c, number] : readings) {
    uint16_t& block = blocks[c >> 7];
    if (block == 0) {  // the first is of what has no reading
      block = static_cast<uint16_t>(numbers.size() / 128);
      numbers.resize(numbers.size() + 128);
    }
    numbers[static_cast<size_t>(block) << 7 | (c & 127)] = number;
  }
  std::printf("// Made by phonetic_readings_gen from ICU %s.\n", U_ICU_VERSION);
  std::printf("#include \"engine/text/phonetic_readings.h\"\n\nnamespace winnow::text {\n\n");
  Print("const uint16_t kReadingBlocks[]", blocks);
  Print("const uint16_t kReadings[]", numbers);
  std::printf("const size_t kReadingsSize = %zu;\n\n}  // namespace winnow::text\n",
              numbers.size());
}

}  // namespace
}  // namespace winnow::text

int main() {
  winnow::text::Write();
  return std::fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
