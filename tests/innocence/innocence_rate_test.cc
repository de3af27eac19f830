// A small trial of every kind of benign text, and of real ones where they lie beside the tree.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "tests/innocence/trial.h"
#include "tests/support/golden.h"

namespace winnow::innocence {
namespace {

constexpr uint64_t kBytes = 1'000'000;
constexpr uint64_t kSeed = 20261124;

std::string List(const std::map<std::string, uint64_t>& all) {
  std::string out;
  int n = 0;
  for (const auto& [what, times] : all) {
    if (++n > 12) return out + "\n  ...";
    out += "\n  " + what;
  }
  return out;
}

std::string List(const Count& count, const std::set<std::string>& but, bool phonetic = true) {
  std::map<std::string, uint64_t> all;
  for (const auto& [view, rules] : count.added) {
    if (view == text::View::kPhonetic && !phonetic) continue;
    for (const auto& [what, texts] : rules) {
      if (but.contains(what)) continue;
      for (const auto& [text, times] : texts) all[what + " in " + text] += times;
    }
  }
  return List(all);
}

const Trial& TheTrial() {
  static const Trial* const trial = new Trial;
  return *trial;
}

TEST(Generator, GivesTheSameTextForTheSameSeed) {
  for (const Kind& kind : Kinds()) {
    const Grammar grammar = ReadGrammar(kind);
    const auto make = [&](uint64_t seed) {
      Random random(seed);
      std::string text;
      for (int i = 0; i < 20; ++i) grammar.Expand(kind.start, &random, &text);
      return text;
    };
    EXPECT_EQ(make(1), make(1)) << kind.name;
    EXPECT_NE(make(1), make(2)) << kind.name;
  }
}

TEST(Generator, RepeatsItselfLittle) {
  for (const Kind& kind : Kinds()) {
    const Grammar grammar = ReadGrammar(kind);
    Random random(kSeed);
    std::set<std::string> texts;
    for (int i = 0; i < 1000; ++i) {
      std::string text;
      grammar.Expand(kind.start, &random, &text);
      texts.insert(text);
    }
    EXPECT_GE(texts.size(), 900u) << kind.name;
  }
}

TEST(BenignText, GainsNoFindingsInHiddenViews) {
  std::map<std::string, Tally> tallies;
  std::set<std::string> ordinary;
  for (const Kind& kind : Kinds()) {
    const std::string name(kind.name);
    tallies[name] = Try(TheTrial(), kind, kBytes, kSeed);
    const std::set<std::string>& said = tallies[name].terms.said;
    ordinary.insert(said.begin(), said.end());
  }
  for (const auto& [name, tally] : tallies) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(WithinLimit(tally.bundled.Added(), tally.bytes)) << List(tally.bundled, {});
    EXPECT_TRUE(WithinLimit(tally.terms.SqueezedBut(ordinary), tally.bytes))
        << List(tally.terms, ordinary, false);
    // Sentences put together at random say dreadful things now and then ("he sells children").
    EXPECT_LE(tally.flagged * 2000, tally.texts) << List(tally.flags);
    // The trial is one: most of the words are met.
    EXPECT_GT(tally.texts, 500u);
  }
  EXPECT_GT(ordinary.size(), 500u);
}

TEST(Traps, HoldNothingThatNobodyWrote) {
  std::istringstream in(test::ReadFileOrFail(WINNOW_SOURCE_DIR "/tests/innocence/traps.txt"));
  size_t traps = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("# ", 0) == 0 || line.empty()) continue;
    ++traps;
    Tally tally;
    TheTrial().Check(line, &tally);
    EXPECT_EQ(tally.terms.squeezed + tally.terms.formed, 0u)
        << line << List(tally.terms, {}, false);
    EXPECT_EQ(tally.flagged, 0u) << line << List(tally.flags);
  }
  EXPECT_GE(traps, 80u);
}

TEST(RealText, HiddenViewsAddNoFindings) {
  std::map<std::string, Tally> tallies;
  const SharedData data = ForEachSharedText([&](const std::string& file, const std::string& text) {
    TheTrial().Check(text, &tallies[file]);
  });
  if (!data.present) {
    std::cout << "NOT TRIED on real texts: there is no folder " << data.folder
              << " (set WINNOW_SHARED_DATA)\n";
    return;
  }
  EXPECT_FALSE(tallies.empty()) << "no benign.*.jsonl in " << data.folder;
  for (const auto& [file, tally] : tallies) {
    EXPECT_TRUE(WithinLimit(tally.bundled.Added(), tally.bytes)) << file << List(tally.bundled, {});
  }
}

}  // namespace
}  // namespace winnow::innocence
