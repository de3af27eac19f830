// A text in blocks gives what it gives in one piece; and what holds for every block.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/text/charset.h"
#include "engine/text/edits.h"
#include "engine/text/fold.h"
#include "engine/text/fold_notes.h"
#include "engine/text/normalizer.h"
#include "engine/text/shape_dismissal.h"
#include "engine/text/shapes.h"
#include "tests/engine/text/hidden_text.h"

namespace winnow::text {
namespace {

constexpr ViewSet kAllViews =
    SetOf(View::kFolded) | SetOf(View::kSqueezed) | SetOf(View::kPhonetic);

bool IsBorder(std::string_view text, uint64_t at) {
  return at >= text.size() || (static_cast<uint8_t>(text[at]) & 0xc0) != 0x80;
}

size_t NextBorder(std::string_view text, size_t at) {
  do ++at;
  while (!IsBorder(text, at));
  return at;
}

// Everything a matcher learns of a match.
struct Match {
  std::string term;
  View view;
  uint64_t begin, end, char_begin, char_end, utf16_begin, code_points_end;
  uint32_t sentence;
  EvasionMask evasions;
  bool border_begin, border_end;

  auto Key() const {
    return std::tie(begin, end, term, view, char_begin, char_end, utf16_begin, code_points_end,
                    sentence, evasions, border_begin, border_end);
  }
  bool operator<(const Match& other) const { return Key() < other.Key(); }
  bool operator==(const Match& other) const { return Key() == other.Key(); }
};

std::ostream& operator<<(std::ostream& out, const Match& m) {
  return out << '"' << m.term << "\" in " << Name(m.view) << " at " << m.begin << "-" << m.end
             << " chars " << m.char_begin << "-" << m.char_end << " utf16 " << m.utf16_begin
             << " code points to " << m.code_points_end << " sentence " << m.sentence
             << " evasions " << m.evasions << " borders " << m.border_begin << m.border_end;
}

// All matches of `terms`, found by looking everywhere. `pieces`: how the text is fed.
std::set<Match> FindAll(std::string_view text,
                        const std::vector<std::pair<View, std::string>>& terms,
                        const NormalizerOptions& options, std::mt19937* pieces, int* blocks) {
  std::set<Match> matches;
  auto normalizer = Normalizer::Create(options);
  normalizer->Begin();
  *blocks = 0;
  uint64_t reported = 0;
  const auto sink = [&](const Block& block) {
    ++*blocks;
    EXPECT_EQ(block.report_begin(), reported);
    EXPECT_LE(block.report_begin(), block.report_end());
    EXPECT_LE(block.text_begin(), block.report_begin());
    EXPECT_LE(block.report_end(), block.text_begin() + block.text().size());
    reported = block.report_end();
    for (const auto& [view, term] : terms) {
      const std::string_view in = block.view(view);
      for (size_t at = in.find(term); at != in.npos; at = in.find(term, at + 1)) {
        if (!IsBorder(in, at)) continue;
        const ViewSpan span = {static_cast<uint32_t>(at), static_cast<uint32_t>(at + term.size())};
        const Place place = block.Locate(view, span);
        EXPECT_TRUE(IsBorder(text, place.text.begin) && IsBorder(text, place.text.end));
        if (place.text.end <= block.report_begin() || place.text.end > block.report_end()) {
          continue;
        }
        matches.insert({term, view, place.text.begin, place.text.end, place.char_begin,
                        place.char_end, block.Count(place.text.begin, OffsetUnit::kUtf16),
                        block.Count(place.text.end, OffsetUnit::kCodePoints), place.sentence,
                        place.evasions, block.WordBorder(view, span.begin),
                        block.WordBorder(view, span.end)});
      }
    }
    return true;
  };
  if (pieces == nullptr) {
    normalizer->Feed(text, true, sink);
  } else {
    size_t at = 0;
    while (at < text.size()) {
      size_t end = std::min(at + 1 + (*pieces)() % 3000, text.size());
      while (!IsBorder(text, end)) ++end;
      normalizer->Feed(text.substr(at, end - at), false, sink);
      at = end;
    }
    normalizer->Feed({}, true, sink);
  }
  EXPECT_EQ(reported, text.size());
  return matches;
}

// Stretches of the views of the whole, which a matcher could look for.
std::vector<std::pair<View, std::string>> TermsFrom(std::string_view text, uint32_t chars_max,
                                                    std::mt19937* random) {
  std::vector<std::pair<View, std::string>> terms;
  NormalizerOptions whole;
  whole.views = kAllViews;
  whole.block_bytes = 1u << 30;
  auto normalizer = Normalizer::Create(whole);
  normalizer->Begin();
  normalizer->Feed(text, true, [&](const Block& block) {
    for (View view : {View::kFolded, View::kSqueezed, View::kPhonetic}) {
      const std::string_view in = block.view(view);
      for (int i = 0; i < 60 && !in.empty(); ++i) {
        size_t begin = (*random)() % in.size();
        while (!IsBorder(in, begin)) ++begin;
        size_t end = begin;
        const uint32_t chars = view == View::kPhonetic ? std::min(chars_max, 32u) : chars_max;
        for (uint32_t n = 1 + (*random)() % chars; n > 0 && end < in.size(); --n) {
          end = NextBorder(in, end);
        }
        std::string term(in.substr(begin, end - begin));
        if (view != View::kFolded && term.find('\n') != term.npos) continue;
        // More words than are put into one run wherever it begins are no term.
        if (view == View::kSqueezed && std::count(term.begin(), term.end(), ' ') > 5) continue;
        if (!term.empty()) terms.emplace_back(view, std::move(term));
      }
    }
    return true;
  });
  return terms;
}

TEST(Blocks, GiveTheMatchesOfTheWhole) {
  std::mt19937 random(20241124);
  int most_blocks = 0;
  for (int round = 0; round < 15; ++round) {
    const std::string text = HiddenText(&random, 3000 + random() % 50000);
    NormalizerOptions options;
    options.views = kAllViews;
    options.max_match_chars = round % 3 == 0 ? 100 : 1 + random() % 30;
    const auto terms = TermsFrom(text, options.max_match_chars, &random);
    options.block_bytes = 1u << 30;
    int blocks = 0;
    const std::set<Match> whole = FindAll(text, terms, options, nullptr, &blocks);
    ASSERT_EQ(blocks, 1);
    for (uint32_t block_bytes : {1u, 300u, 1000u, 2500u, 7000u}) {
      options.block_bytes = block_bytes;
      for (std::mt19937* pieces : {static_cast<std::mt19937*>(nullptr), &random}) {
        const std::set<Match> windowed = FindAll(text, terms, options, pieces, &blocks);
        most_blocks = std::max(most_blocks, blocks);
        std::vector<Match> missing, extra;
        std::set_difference(whole.begin(), whole.end(), windowed.begin(), windowed.end(),
                            std::back_inserter(missing));
        std::set_difference(windowed.begin(), windowed.end(), whole.begin(), whole.end(),
                            std::back_inserter(extra));
        ASSERT_TRUE(missing.empty() && extra.empty())
            << "round " << round << " block_bytes " << block_bytes << " blocks " << blocks << " of "
            << whole.size() << " matches missing " << missing.size() << ": "
            << (missing.empty() ? Match{} : missing[0]) << "; extra " << extra.size() << ": "
            << (extra.empty() ? Match{} : extra[0]);
      }
    }
  }
  EXPECT_GT(most_blocks, 4);
}

// A row of flags too long to be letters is folded as one, wherever a block ends in it.
TEST(Blocks, CountCharactersInARowOfFlags) {
  std::string text = "so ";
  for (int i = 0; i < 9000; ++i) text += "\U0001f1fa";
  text += " the end";
  NormalizerOptions options;
  options.max_match_chars = 5;
  options.block_bytes = 500;
  auto normalizer = Normalizer::Create(options);
  normalizer->Begin();
  int blocks = 0;
  uint64_t end = 0;
  normalizer->Feed(text, true, [&](const Block& block) {
    ++blocks;
    const uint32_t size = static_cast<uint32_t>(block.view(View::kFolded).size());
    end = block.Locate(View::kFolded, {size - 1, size}).char_end;
    return true;
  });
  EXPECT_GT(blocks, 1);
  EXPECT_EQ(end, 9011u);
}

TEST(Blocks, MapsAreMonotoneAndKeepToCharacters) {
  std::mt19937 random(7);
  NormalizerOptions options;
  options.views = kAllViews;
  auto normalizer = Normalizer::Create(options);
  for (int round = 0; round < 300; ++round) {
    const std::string text = HiddenText(&random, random() % 600);
    normalizer->Begin();
    normalizer->Feed(text, true, [&](const Block& block) {
      for (View view : {View::kFolded, View::kSqueezed, View::kPhonetic}) {
        const std::string_view in = block.view(view);
        EXPECT_TRUE(ValidUtf8(in));
        // A run of the squeezed view may be read from its last character to its first.
        bool backward = true, forward = true;
        uint64_t begin = 0, end = 0;
        for (size_t at = 0; at < in.size();) {
          const size_t next = NextBorder(in, at);
          const Place place =
              block.Locate(view, {static_cast<uint32_t>(at), static_cast<uint32_t>(next)});
          if (view != View::kFolded && in[at] == '\n') {
            begin = end = 0;
            backward = forward = true;
            at = next;  // what divides runs is no part of one
            continue;
          }
          if (view == View::kPhonetic && place.evasions == 0) {
            at = next;  // sounds like itself
            continue;
          }
          if (end > 0 && view == View::kSqueezed) {
            forward &= begin <= place.text.begin && end <= place.text.end;
            backward &= begin >= place.text.begin && end >= place.text.end;
            EXPECT_TRUE(forward || backward) << text;
          } else {
            EXPECT_LE(begin, place.text.begin);
            EXPECT_LE(end, place.text.end);
          }
          EXPECT_LE(place.text.begin, place.text.end);
          EXPECT_LE(place.text.end, text.size());
          EXPECT_TRUE(IsBorder(text, place.text.begin));
          EXPECT_TRUE(IsBorder(text, place.text.end));
          if (in[at] != '\n' || view == View::kFolded) {
            EXPECT_LT(place.text.begin, place.text.end);
            begin = place.text.begin;
            end = place.text.end;
          }
          at = next;
        }
      }
      return true;
    });
  }
}

// Texts that were found to fold to something that folds further.
TEST(Blocks, WhatFoldsNoFurther) {
  for (std::string_view text : {"s%\u0301\u030162",
                                "s%6\u03012",
                                "&#1\u033612;",
                                "&\u0301#112;",
                                "&amp\u0323;#112;",
                                "w%\u0301\u0336\u032270",
                                "x%\u034562",
                                "🇳🇨\u0301;",
                                "1🇨🇳\u3099か",
                                "a%6🇨",
                                "b🇨\u0336%6🇨",
                                "&n🇧sp;",
                                "x%6ﬁ",
                                "%6ﬁnance",
                                "&#⑪⑫;",
                                "&#1⑫;",
                                "&#x㏈;",
                                "a%㏈%8B",
                                "x%6ﬁ\u0345",
                                R"(\x6ﬁ)",
                                R"(\%7861)",
                                R"(\u004%61)",
                                R"(\u{6%66})",
                                R"(\ⅺ61)",
                                "==%63%33=b5",
                                "=%64&#1089;=b5",
                                "=E8=B5=8%63",
                                "=e8=b5=8⑩",
                                "=70=5⑩",
                                "x=%65%38=b5=8c",
                                "%70&#1086;x",
                                R"((%6F\u200bw)",
                                ".%70\uff9eо",
                                "第Ω=70=6FB",
                                "ln\ufb38",
                                "a%㍬nk",
                                "℉е",
                                "х℉μ",
                                "n\ufb3cИ",
                                "宯%5aΏ",
                                "\u1fc3\u33de\ufca0",
                                "lnט\u05bc",
                                "kкй\u0483",
                                "ㅋ\u200bㅠ",
                                R"(\u00ﾞС)",
                                "о%\u200b20",
                                "о%&#803;20",
                                "&#1&#803;12;",
                                R"(\u&#8203;8d4c)",
                                R"(\ud835&#3;\udcd0)",
                                R"(\x6в\u0336ɐ)",
                                "\u00c7CA\u001f%6\x05\x10\x10\uffa0di",
                                "%nט\u05bc",
                                "xy \\μ\u0336ab",
                                "xy \\u00ɔ\u0336ab",
                                "xy \\x4¢\u0336ab",
                                "E8%C5%ⁿ\ufb38"}) {
    const std::string once = NormalizeTerm(text, View::kFolded);
    EXPECT_EQ(NormalizeTerm(once, View::kFolded), once) << text;
  }
}

// Atoms with something hidden or half an escape set into them, or a longer text.
std::string BrokenText(std::mt19937* random) {
  static constexpr std::string_view kSetIn[] = {"\u200b",  "\u0301", "\u00ad", "\uff9e", "6",
                                                "%",       "\\",     "&",      "=",      "u",
                                                "&#8203;", "&#803;", "\x01",   "ㅠ"};
  std::string text;
  if ((*random)() % 2 == 0) {
    text = HiddenText(random, (*random)() % 60);
  } else {
    for (uint32_t n = 1 + (*random)() % 6; n > 0; --n) text += AnyAtom(random);
  }
  for (uint32_t n = (*random)() % 4; n > 0; --n) {
    size_t at = (*random)() % (text.size() + 1);
    while (!IsBorder(text, at)) ++at;
    text.insert(at, kSetIn[(*random)() % std::size(kSetIn)]);
  }
  return text;
}

TEST(Blocks, FoldingIsIdempotent) {
  std::mt19937 random(11);
  Buffer buffer, again;
  for (int round = 0; round < 200000; ++round) {
    const std::string text = BrokenText(&random);
    const std::string_view once = Fold(text, &buffer);
    ASSERT_EQ(Fold(once, &again), once) << text;
  }
}

// What is folded twice leads back to the text, mark by mark, as what is folded once.
TEST(Blocks, WhatIsFoldedAgainLeadsBack) {
  std::mt19937 random(23);
  Buffer plain_buffer, mapped_buffer;
  EditMap edits;
  FoldNotes notes;
  for (int round = 0; round < 50000; ++round) {
    const std::string text = BrokenText(&random);
    size_t mark = random() % (text.size() + 1);
    while (!IsBorder(text, mark)) ++mark;
    size_t plain_mark = mark, mapped_mark = mark;
    edits.clear();
    const std::string_view plain = Fold(text, 0, &plain_buffer, nullptr, {&plain_mark, 1}, &notes);
    const std::string_view mapped = Fold(text, 0, &mapped_buffer, &edits, {&mapped_mark, 1});
    ASSERT_EQ(plain, mapped) << text;
    ASSERT_EQ(plain_mark, mapped_mark) << text;
    uint32_t from = 0, to = 0;
    for (const Edit& edit : edits.edits()) {
      // Between edits the two are the same.
      ASSERT_LE(from, edit.from_begin) << text;
      ASSERT_EQ(edit.from_begin - from, edit.to_begin - to) << text;
      ASSERT_TRUE(IsBorder(text, edit.from_begin) && IsBorder(text, edit.from_end())) << text;
      ASSERT_TRUE(IsBorder(plain, edit.to_begin) && IsBorder(plain, edit.to_end())) << text;
      from = edit.from_end();
      to = edit.to_end();
    }
    ASSERT_EQ(text.size() - from, plain.size() - to) << text;
    uint32_t at = 0;
    for (const FoldNote& note : notes) {
      ASSERT_LE(at, note.at) << text;
      at = note.at;
    }
    ASSERT_LE(at, plain.size()) << text;
  }
}

// What is folded eight characters a step is what is folded one by one, which is done where each
// edit is to be recorded.
TEST(Blocks, FoldingIsTheSameWithAndWithoutItsMap) {
  static constexpr std::string_view kCommon[] = {"的", "一", "好", "ア", "한", "。", "ꀀ", "ᚠ"};
  static constexpr std::string_view kRare[] = {
      "，",     "！",     "國", "ｅ", "ﾊ", "㍿",   "＆",   "％", "Ａ", "\u3099", "か",
      "\u0301", "\u200b", "a",  " 5", "é", "🙂", "&lt;", "ﷺ",  "ก",  "⺀"};
  std::mt19937 random(19);
  Buffer plain_buffer, mapped_buffer;
  EditMap edits;
  size_t changed = 0, kept = 0;
  for (int round = 0; round < 20000; ++round) {
    const size_t size = random() % 200;
    const size_t rare = 1 + random() % 40;
    // No byte more than the text has, so that a sanitizer sees what is read behind it.
    std::vector<char> bytes;
    size_t mark = 0;
    while (bytes.size() < size) {
      const std::string_view c = random() % rare == 0 ? kRare[random() % std::size(kRare)]
                                                      : kCommon[random() % std::size(kCommon)];
      bytes.insert(bytes.end(), c.begin(), c.end());
      if (random() % 16 == 0) mark = bytes.size();
    }
    bytes.shrink_to_fit();
    const std::string_view text(bytes.data(), bytes.size());
    edits.clear();
    size_t plain_mark = mark, mapped_mark = mark;
    const std::string_view plain = Fold(text, 0, &plain_buffer, nullptr, {&plain_mark, 1});
    const std::string_view mapped = Fold(text, 0, &mapped_buffer, &edits, {&mapped_mark, 1});
    ASSERT_EQ(plain, mapped) << text;
    ASSERT_EQ(plain_mark, mapped_mark) << text;
    ASSERT_EQ(plain.data() == text.data(), mapped.data() == text.data()) << text;
    ++(plain.data() == text.data() ? kept : changed);
  }
  EXPECT_GT(changed, 1000u);
  EXPECT_GT(kept, 1000u);
}

// The shapes of `text` by the functions for this CPU and for any, and that no way dismisses a text
// that has some; how many there are.
size_t ExpectSameShapes(std::string_view text) {
  std::vector<Shape> fast, portable;
  FindShapes(text, &fast);
  FindShapesPortable(text, &portable);
  EXPECT_EQ(fast.size(), portable.size()) << text;
  for (size_t way = 0; way < DismissalWays(); ++way) {
    EXPECT_TRUE(portable.empty() || !HasNoShapeWay(way, text)) << "way " << way << ": " << text;
  }
  for (size_t i = 0; i < std::min(fast.size(), portable.size()); ++i) {
    EXPECT_EQ(fast[i].offset, portable[i].offset) << text;
    EXPECT_EQ(fast[i].kind, portable[i].kind) << text;
  }
  return fast.size();
}

TEST(Blocks, ShapesAreTheSameOnEveryCpu) {
  std::mt19937 random(13);
  size_t found = 0;
  for (int round = 0; round < 500; ++round) {
    found += ExpectSameShapes(NormalizeTerm(HiddenText(&random, random() % 1000), View::kFolded));
  }
  EXPECT_GT(found, 1000u);
}

// Text that has none or just one, at any offset, is dismissed on no CPU that would find it.
TEST(Blocks, TextsWithFewShapesAreNotDismissed) {
  static constexpr std::string_view kWords[] = {"ab",  "the",  "好的",  "好事",
                                                "été", "ಕನ್ನಡ", "ab好的"};
  static constexpr std::string_view kRare[] = {"a",  "é",  "ಕ",    "好", "1",   "12", "$",  "@x",
                                               "aa", "a1", "ab1c", "!",  "a好", "4a", "zzz"};
  static constexpr std::string_view kGaps[] = {" ", " ", " ", ", ", "。", " - ", "\n", "¡", "🙂"};
  const auto pick = [](std::mt19937* random, const auto& of) {
    return of[(*random)() % std::size(of)];
  };
  std::mt19937 random(17);
  size_t with = 0, without = 0;
  for (int round = 0; round < 20000; ++round) {
    const size_t size = random() % 300;
    const size_t rare = 2 + random() % 30;
    std::string text;
    while (text.size() < size) {
      text += random() % rare == 0 ? pick(&random, kRare) : pick(&random, kWords);
      text += pick(&random, kGaps);
    }
    ++(ExpectSameShapes(text) > 0 ? with : without);
  }
  EXPECT_GT(with, 4000u);
  EXPECT_GT(without, 2000u);
}

TEST(Blocks, AnEmptyFieldIsOneBlock) {
  auto normalizer = Normalizer::Create({});
  int blocks = 0;
  normalizer->Begin();
  normalizer->Feed({}, true, [&](const Block& block) {
    ++blocks;
    EXPECT_EQ(block.text(), "");
    EXPECT_EQ(block.report_end(), 0u);
    return true;
  });
  EXPECT_EQ(blocks, 1);
}

TEST(Blocks, TheSinkStopsTheField) {
  NormalizerOptions options;
  options.block_bytes = 1000;
  options.max_match_chars = 10;
  auto normalizer = Normalizer::Create(options);
  const std::string text(100000, 'x');
  int blocks = 0;
  normalizer->Begin();
  normalizer->Feed(text, true, [&](const Block&) { return ++blocks < 3; });
  EXPECT_EQ(blocks, 3);
  normalizer->Begin();
  normalizer->Feed("next", true, [&](const Block& block) {
    EXPECT_EQ(block.text(), "next");
    return true;
  });
}

TEST(Blocks, HoldAFileOfAnySizeInBoundedMemory) {
  NormalizerOptions options;
  auto normalizer = Normalizer::Create(options);
  // Nothing but invisible characters, or marks on one letter, must not make a block grow for ever.
  for (std::string_view unit : {"\u200b", "\u0336", "a ", "赌", "&#8203;", "\U0001f1f5", "=70",
                                "=E8=B5=8C", R"(\u200b)", R"(\ud835\udcd0)", "\\", "=3D"}) {
    std::string piece;
    while (piece.size() < 60000) piece += unit;
    size_t largest = 0;
    normalizer->Begin();
    const auto sink = [&](const Block& block) {
      largest = std::max(largest, block.text().size());
      return true;
    };
    normalizer->Feed("x", false, sink);
    for (int i = 0; i < 100; ++i) normalizer->Feed(piece, false, sink);
    normalizer->Feed({}, true, sink);
    EXPECT_LT(largest, 4u << 20) << unit;
  }
}

TEST(Blocks, WordsBindWhereTheirScriptsDo) {
  struct Row {
    std::string_view text;
    size_t offset;
    bool border;
  };
  const Row rows[] = {
      {"a cat", 2, true},   {"a cat", 3, false},  {"cat.", 3, true},    {"cat1", 3, false},
      {"cat_dog", 3, true}, {"看cat吧", 3, true}, {"看cat吧", 6, true}, {"看看", 3, true},
      {"ещё", 2, false},    {"ไทย", 3, true},     {"한국", 3, true},    {"cat", 0, true},
      {"cat", 3, true},     {"cat-dog", 4, true}, {"12", 1, false},     {"नमस्ते", 9, false},
      {"カタ", 3, true},
  };
  auto normalizer = Normalizer::Create({});
  for (const Row& row : rows) {
    normalizer->Begin();
    normalizer->Feed(row.text, true, [&](const Block& block) {
      EXPECT_EQ(block.WordBorder(View::kFolded, static_cast<uint32_t>(row.offset)), row.border)
          << row.text << " at " << row.offset;
      return true;
    });
  }
  const TermBorders latin = BordersOf("cat"), han = BordersOf("赌博"), mixed = BordersOf("加v");
  EXPECT_TRUE(latin.begin && latin.end);
  EXPECT_FALSE(han.begin || han.end);
  EXPECT_TRUE(!mixed.begin && mixed.end);
}

TEST(Blocks, SentencesAreCounted) {
  struct Row {
    std::string_view text;
    std::string_view word;
    uint32_t sentence;
  };
  const Row rows[] = {
      {"One. two", "two", 1},
      {"One two", "two", 0},
      {"Pi is 3.14 and two", "two", 0},
      {"Go to example.com, two", "two", 0},
      {"J. R. Smith, two", "two", 0},
      {"What?! \"Yes.\" two", "two", 2},
      {"第一句。two", "two", 1},
      {"第一句！？”two", "two", 1},
      {"第一句，two", "two", 0},
      {"Title\ntwo", "two", 1},
      {"A line that is rather long, so that it may have been wrapped by\ntwo", "two", 0},
      {"A line that is rather long, so that it may have been wrapped by\n\ntwo", "two", 1},
      {"One... two", "two", 1},
  };
  auto normalizer = Normalizer::Create({});
  for (const Row& row : rows) {
    normalizer->Begin();
    normalizer->Feed(row.text, true, [&](const Block& block) {
      const size_t at = block.view(View::kFolded).find(row.word);
      const Place place = block.Locate(
          View::kFolded, {static_cast<uint32_t>(at), static_cast<uint32_t>(at + row.word.size())});
      EXPECT_EQ(place.sentence, row.sentence) << row.text;
      return true;
    });
  }
}

}  // namespace
}  // namespace winnow::text
