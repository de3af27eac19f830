// Folding against Unicode's own data, as Debian's package unicode-data installs it, and ICU's
// emoji: every sequence of it alone, among others, and across the borders of pieces and blocks.
#include <gtest/gtest.h>
#include <stdio.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>
#include <unicode/usetiter.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/text/normalizer.h"
#include "tests/engine/text/icu_bytes.h"
#include "tests/engine/text/icu_oracle.h"

namespace winnow::text {
namespace {

std::string Fold(std::string_view text) { return NormalizeTerm(text, View::kFolded); }
UnicodeString ToUtf16(std::string_view utf8) {
  return UnicodeString::fromUTF8({utf8.data(), static_cast<int32_t>(utf8.size())});
}

// Unicode's data files write characters as numbers.
std::string FromHex(const std::string& hex) {
  std::istringstream numbers(hex);
  std::string out, number;
  while (numbers >> number) out += ToUtf8(static_cast<UChar32>(std::stoul(number, nullptr, 16)));
  return out;
}
std::string ToHex(std::string_view utf8) {
  const UnicodeString s = ToUtf16(utf8);
  std::string out;
  for (int32_t i = 0; i < s.length(); i = s.moveIndex32(i, 1)) {
    absl::StrAppendFormat(&out, "%s%04X", i == 0 ? "" : " ", s.char32At(i));
  }
  return out;
}

// The lines of a file of Unicode's, but for comments, cut at semicolons.
std::vector<std::vector<std::string>> Lines(const std::string& command) {
  std::vector<std::vector<std::string>> lines;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  char* line = nullptr;
  size_t capacity = 0;
  while (getline(&line, &capacity, pipe.get()) > 0) {
    if (*line == '#' || *line == '@' || *line == '\n') continue;
    std::istringstream fields(line);
    lines.emplace_back();
    for (std::string field; std::getline(fields, field, ';');) lines.back().push_back(field);
  }
  free(line);
  return lines;
}

// A source and its four normalised forms: NFC, NFD, NFKC, NFKD.
struct Row {
  std::string forms[5];
};
const std::vector<Row>& NormalizationTest() {
  static const auto* rows = [] {
    auto* made = new std::vector<Row>;
    for (const auto& line : Lines("bunzip2 -c /usr/share/unicode/NormalizationTest.txt.bz2")) {
      EXPECT_GE(line.size(), 5u);
      Row row;
      for (size_t i = 0; i < 5; ++i) row.forms[i] = FromHex(line[i]);
      made->push_back(row);
    }
    return made;
  }();
  return *rows;
}

// Whether `text` folds to what ICU's functions make of it; false for texts that they do not decide.
bool ExpectAsIcu(Oracle* oracle, std::string_view text) {
  const UnicodeString expected = oracle->FoldText(ToUtf16(text));
  if (MixesLatin(ToUtf16(text), expected)) return false;
  const std::string folded = Fold(text);
  EXPECT_EQ(ToHex(folded), ToHex(Utf8(expected))) << "of " << ToHex(text);
  EXPECT_EQ(ToHex(Fold(folded)), ToHex(folded)) << "again, of " << ToHex(text);
  return true;
}

TEST(Conformance, EverySequenceOfNormalizationTestFoldsAsIcuSays) {
  const std::vector<Row>& rows = NormalizationTest();
  ASSERT_GT(rows.size(), 18000u) << "is unicode-data installed? tools/dev setup does it";
  Oracle oracle;
  int compatible_apart = 0, mixed = 0;
  for (const Row& row : rows) {
    for (const std::string& form : row.forms) mixed += !ExpectAsIcu(&oracle, form);
    const std::string folded = Fold(row.forms[0]);
    for (int i : {1, 2}) EXPECT_EQ(Fold(row.forms[i]), folded) << ToHex(row.forms[i]);
    // Compatible texts fold alike too, save that a letter in brackets made of one character is a
    // letter in a costume, and made of three is one in brackets.
    for (int i : {3, 4}) {
      if (Fold(row.forms[i]) == folded) continue;
      ++compatible_apart;
      EXPECT_EQ(row.forms[i][0], '(') << ToHex(row.forms[0]);
      EXPECT_EQ(folded, Fold(row.forms[i].substr(1, 1))) << ToHex(row.forms[0]);
    }
  }
  EXPECT_LE(compatible_apart, 2 * 52);
  EXPECT_LT(mixed, 520);
}

// What composes, reorders and joins across the borders of the data's sequences.
TEST(Conformance, SequencesAmongOthersFoldAsIcuSays) {
  const std::vector<Row>& rows = NormalizationTest();
  ASSERT_FALSE(rows.empty());
  Oracle oracle;
  std::mt19937 random(15);
  int judged = 0;
  for (int round = 0; round < 40000 && !HasFailure(); ++round) {
    std::string text;
    for (uint32_t n = 2 + random() % 3; n > 0; --n) {
      text += rows[random() % rows.size()].forms[random() % 5];
    }
    if (text.find_first_of("&%") != text.npos) continue;
    judged += ExpectAsIcu(&oracle, text);
  }
  EXPECT_GT(judged, 10000);
}

TEST(Conformance, NamedSequencesAndVariantsFoldAsIcuSays) {
  Oracle oracle;
  int named = 0, variants = 0;
  for (const auto& line : Lines("cat /usr/share/unicode/NamedSequences.txt")) {
    named += ExpectAsIcu(&oracle, FromHex(line[1]));
  }
  for (const auto& line : Lines("cat /usr/share/unicode/StandardizedVariants.txt")) {
    const std::string text = FromHex(line[0]);
    variants += ExpectAsIcu(&oracle, text);
    // A selector selects; it is no part of what is read.
    EXPECT_EQ(Fold(text), Fold(FromHex(line[0].substr(0, line[0].find(' '))))) << line[0];
  }
  EXPECT_GT(named, 400);
  EXPECT_GT(variants, 1000);
}

TEST(Conformance, EmojiLoseTheirJoinersAndNothingElse) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeSet emoji(u"[:RGI_Emoji:]", error);
  ASSERT_TRUE(U_SUCCESS(error));
  Oracle oracle;
  int flags = 0, sequences = 0;
  icu::UnicodeSetIterator it(emoji);
  while (it.next()) {
    const UnicodeString sequence = it.getString();
    const std::string text = Utf8(sequence);
    const UChar32 first = sequence.char32At(0);
    if (first >= 0x1f1e6 && first <= 0x1f1ff) {
      EXPECT_EQ(Fold(text), text);
      ++flags;
    } else {
      sequences += ExpectAsIcu(&oracle, text);
    }
    // Beside words they stay apart from them.
    EXPECT_EQ(Fold("do " + text + " it"), "do " + Fold(text) + " it");
  }
  EXPECT_GT(flags, 250);
  EXPECT_GT(sequences, 3000);
}

// Any characters at all, those that join above all.
TEST(Conformance, RandomSequencesFoldAsIcuSays) {
  Oracle oracle;
  std::vector<UChar32> joining, all;
  for (UChar32 c = 0xa0; c < 0x20000; ++c) {
    if (!u_isdefined(c) || U_IS_SURROGATE(c) || (c >= 0x1f1e6 && c <= 0x1f1ff)) continue;
    if (c >= 0x3400 && c < 0x9f00 && c % 16 != 0) continue;
    // The tone marks of old Hangul: one on a vowel without a syllable is dropped, ICU keeps it.
    if (c == 0x302e || c == 0x302f) continue;
    all.push_back(c);
    UErrorCode error = U_ZERO_ERROR;
    const bool starts = icu::Normalizer2::getNFKCCasefoldInstance(error)->hasBoundaryBefore(c);
    if (!starts || u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) joining.push_back(c);
  }
  std::mt19937 random(16);
  int judged = 0;
  for (int round = 0; round < 100000 && !HasFailure(); ++round) {
    UnicodeString text;
    for (uint32_t n = 1 + random() % 2; n > 0; --n) {
      text.append(all[random() % all.size()]);
      for (uint32_t m = random() % 5; m > 0; --m) {
        text.append(joining[random() % joining.size()]);
      }
    }
    judged += ExpectAsIcu(&oracle, Utf8(text));
  }
  EXPECT_GT(judged, 50000);
}

// One character of the folded view and where it is from, in every unit.
struct Shown {
  std::string character;
  uint64_t begin, end, utf16_begin, utf16_end, points_begin, points_end;
  friend bool operator==(const Shown&, const Shown&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Shown& s) {
    return out << ToHex(s.character) << " at " << s.begin << "-" << s.end << ", " << s.utf16_begin
               << "-" << s.utf16_end << ", " << s.points_begin << "-" << s.points_end;
  }
};

size_t NextBorder(std::string_view text, size_t at) {
  do ++at;
  while (at < text.size() && (static_cast<uint8_t>(text[at]) & 0xc0) == 0x80);
  return at;
}

// The characters that the blocks of `text`, fed cut at `cuts`, report.
std::vector<Shown> Characters(std::string_view text, uint32_t block_bytes,
                              const std::vector<size_t>& cuts) {
  NormalizerOptions options;
  options.block_bytes = block_bytes;
  options.max_match_chars = 8;
  options.views = SetOf(View::kFolded);
  auto normalizer = Normalizer::Create(options);
  std::vector<Shown> shown;
  normalizer->Begin();
  const auto sink = [&](const Block& block) {
    const std::string_view view = block.view(View::kFolded);
    for (size_t at = 0; at < view.size();) {
      const size_t next = NextBorder(view, at);
      const TextSpan span =
          block.Locate(View::kFolded, {static_cast<uint32_t>(at), static_cast<uint32_t>(next)})
              .text;
      const auto count = [&](uint64_t offset, OffsetUnit unit) {
        return block.Count(offset, unit);
      };
      if (span.end > block.report_begin() && span.end <= block.report_end()) {
        shown.push_back({std::string(view.substr(at, next - at)), span.begin, span.end,
                         count(span.begin, OffsetUnit::kUtf16), count(span.end, OffsetUnit::kUtf16),
                         count(span.begin, OffsetUnit::kCodePoints),
                         count(span.end, OffsetUnit::kCodePoints)});
      }
      at = next;
    }
    return true;
  };
  size_t begin = 0;
  for (size_t cut : cuts) {
    normalizer->Feed(text.substr(begin, cut - begin), false, sink);
    begin = cut;
  }
  normalizer->Feed(text.substr(begin), true, sink);
  return shown;
}

// Each place is on borders of the original in all three units, and the places go forward.
void ExpectSound(std::string_view text, const std::vector<Shown>& shown) {
  std::vector<uint64_t> utf16(text.size() + 1), points(text.size() + 1);
  std::vector<bool> border(text.size() + 1);
  uint64_t units = 0, characters = 0;
  for (size_t at = 0; at < text.size();) {
    border[at] = true;
    utf16[at] = units;
    points[at] = characters;
    const size_t next = NextBorder(text, at);
    units += next - at == 4 ? 2 : 1;
    ++characters;
    at = next;
  }
  border[text.size()] = true;
  utf16[text.size()] = units;
  points[text.size()] = characters;
  uint64_t begin = 0, end = 0;
  for (const Shown& s : shown) {
    ASSERT_LT(s.begin, s.end) << s;
    ASSERT_LE(s.end, text.size()) << s;
    ASSERT_TRUE(border[s.begin] && border[s.end]) << s;
    ASSERT_EQ(s.utf16_begin, utf16[s.begin]) << s;
    ASSERT_EQ(s.utf16_end, utf16[s.end]) << s;
    ASSERT_EQ(s.points_begin, points[s.begin]) << s;
    ASSERT_EQ(s.points_end, points[s.end]) << s;
    ASSERT_GE(s.begin, begin) << s;
    ASSERT_GE(s.end, end) << s;
    begin = s.begin;
    end = s.end;
  }
}

void ExpectSame(const std::vector<Shown>& got, const std::vector<Shown>& want) {
  const auto [g, w] = std::mismatch(got.begin(), got.end(), want.begin(), want.end());
  if (g == got.end() && w == want.end()) return;
  ADD_FAILURE() << "at character " << g - got.begin() << " " << (g == got.end() ? Shown{} : *g)
                << " instead of " << (w == want.end() ? Shown{} : *w);
}

// All of the data as one text: in one piece, in blocks of every size, and fed in any pieces.
TEST(Conformance, TheDataAsOneTextIsTheSameInBlocks) {
  std::string text;
  std::mt19937 random(17);
  for (const Row& row : NormalizationTest()) {
    if (random() % 4 != 0) continue;
    text += row.forms[random() % 5];
    if (random() % 8 == 0) text += "words ";
  }
  const std::vector<Shown> whole = Characters(text, 1u << 30, {});
  ExpectSound(text, whole);
  for (uint32_t block_bytes : {1u, 700u, 4096u, 30000u}) {
    std::vector<size_t> cuts;
    for (size_t at = 0; at < text.size(); at += 1 + random() % 900) {
      while ((static_cast<uint8_t>(text[at]) & 0xc0) == 0x80) ++at;
      cuts.push_back(at);
    }
    ExpectSame(Characters(text, block_bytes, {}), whole);
    ExpectSame(Characters(text, block_bytes, cuts), whole);
  }
}

// A sequence cut at each of its characters by the pieces it comes in, a block's border near it.
TEST(Conformance, SequencesAtTheBordersOfPiecesAndBlocks) {
  const std::vector<Row>& rows = NormalizationTest();
  ASSERT_FALSE(rows.empty());
  const std::string before(1200, 'q');
  const std::string after = std::string(40, ' ') + before;
  for (size_t r = 0; r < rows.size() && !HasFailure(); r += 61) {
    const std::string& form = rows[r].forms[r % 5];
    const std::string text = before + form + after;
    const std::vector<Shown> whole = Characters(text, 1u << 30, {});
    ExpectSound(text, whole);
    for (size_t at = 0; at <= form.size();) {
      ExpectSame(Characters(text, 1u << 30, {before.size() + at}), whole);
      ExpectSame(Characters(text, 1 + static_cast<uint32_t>((r + at) % 600), {before.size() + at}),
                 whole);
      at = at == form.size() ? at + 1 : NextBorder(form, at);
    }
    if (HasFailure()) ADD_FAILURE() << ToHex(form);
  }
}

}  // namespace
}  // namespace winnow::text
