// What a gate asks for is in every text that its expression matches: expressions written in every
// way, the bundled ones among them, against texts made of them and against Hyperscan.
#include "engine/match/gate.h"

#include <hs.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/match/hs_handles.h"
#include "engine/match/pattern_check.h"
#include "engine/text/utf8.h"
#include "gtest/gtest.h"

namespace winnow::match {
namespace {

std::string Show(const Gate& gate) {
  if (gate.digits > 0) return StrCat(gate.digits, " digits");
  std::string out;
  for (const std::string& s : gate.strings) StrAppend(&out, out.empty() ? "" : "|", s);
  return out;
}

bool IsOpen(const Gate& gate, std::string_view text) {
  uint32_t run = 0, longest = 0;
  for (const char c : text) {
    run = c >= '0' && c <= '9' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  if (gate.digits > 0) return longest >= gate.digits;
  return std::any_of(gate.strings.begin(), gate.strings.end(), [text](const std::string& s) {
    return text.find(s) != std::string_view::npos;
  });
}

// A letter and a digit that touch are rarer than two digits, and a run of digits is rarer still.
TEST(GateTest, TakesALetterAndADigitWhereTheyAreRarest) {
  for (const char* expression :
       {R"(\b[a-z]{2}[0-9]{2}(?: ?[a-z0-9]{4}){2,7}\b)", "[a-z]{3,9}[0-9]{1,3}"}) {
    const Gate gate = GateOf(expression);
    EXPECT_EQ(gate.strings.size(), 260u) << expression;
    EXPECT_TRUE(IsOpen(gate, "gb82 west 1234")) << expression;
    EXPECT_FALSE(IsOpen(gate, "82 1234 west")) << expression;
  }
  EXPECT_EQ(GateOf("[a-z]{1,2}[0-9]{6}").digits, 6u);
}

TEST(GateTest, IsWhatEachMatchHas) {
  const struct {
    const char* expression;
    const char* gate;  // empty: none
  } kCases[] = {
      {R"(\bakia[0-9a-z]{16}\b)", "akia"},
      {R"(赌(?:博|场))", "赌博|赌场"},
      {R"(加 {0,2}微信?[a-z0-9]{5,20})", "加  微|加 微|加微"},
      {R"([a-z0-9-]{2,30}\.(?:top|cc)\b)", ".cc|.top"},
      {R"(\b1[3-9][0-9]{9}\b)", "11 digits"},
      {R"(\b(?:62[0-9]{14,17}|4[0-9]{15}|5[1-5][0-9]{14})\b)", "16 digits"},
      {R"([0-9]{3,6} {0,2}[0-9]{3,6})", "3 digits"},
      {R"(\d{2}\d{4}x?)", "6 digits"},
      {R"([^x][0-9]{4}(?:q|))", "4 digits"},
      {R"(\b(?:top secret|secret)//)", "secret//"},
      {R"(第[一二三]{1,2}[0-9]{4})", "第一|第三|第二"},
      {R"(xyzw{2}v)", "xyzwwv"},
      {R"(x(?:yz)?w)", "xw|xyzw"},
      {R"(a\.b\+c\\d)", "a.b+c\\d"},
      {R"(\x71\x{8d4c}\n)", "q赌\n"},
      {R"([\x{8d4c}\x{535a}]qq)", "博qq|赌qq"},
      {R"([^x]zebra.{0,9})", "zebra"},
      {R"(q.{3}zzzz)", "zzzz"},
      {R"([]q]zzz)", "]zzz|qzzz"},
      {R"([q\]]zzz)", "]zzz|qzzz"},
      {R"([a\-c]zzz)", "-zzz|azzz|czzz"},
      {R"([\p{Han}x]zzz)", "zzz"},
      {R"(\p{Han}{2}zzz)", "zzz"},
      {R"([\w-]{3}@zzz)", "@zzz"},
      {R"((vvv)(zzz))", "vvvzzz"},
      {R"(vv{2,3}?z)", "vvvz"},
      // Nothing that all have, or nothing rare.
      {R"([a-z]{3,9})", ""},
      {R"(e)", ""},
      {R"(b?a)", ""},
      {R"(a|xa)", ""},
      {R"([ab]{1,3})", ""},
      {R"((?:zzz|[a-z]{4}))", ""},
      {R"((?:zzz)?[a-z]{4})", ""},
      {R"(.{4})", ""},
      // Not understood.
      {R"((?i)zzz)", ""},
      {R"((?i:zzz))", ""},
      {R"((?=zzz)z{3})", ""},
      {R"((?<!q)zzz)", ""},
      {R"((?#zzz)zzz)", ""},
      {R"((*UTF8)zzz)", ""},
      {R"((zzz)\1)", ""},
      {R"(\Qzzz\E)", ""},
      {R"([[:alpha:]]zzz)", ""},
      {R"(zzz\N)", ""},
      {R"(zzz{)", ""},
      {R"(zzz{,3})", ""},
      {R"(zzz)qqq)", ""},
      {R"((zzz)", ""},
      {R"([zzz)", ""},
      {R"(zzz\)", ""},
      {R"(zzz\xe9)", ""},
      {R"(zzz\x{110000})", ""},
      {"zzz\xe8\xb5", ""},
      {R"(\x{0}zzz\x00)", "zzz"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Show(GateOf(c.expression)), c.gate) << c.expression;
  }
}

// Texts that an expression is likely to match: walks over it and chooses at random. Knows nothing
// of gates; what it does not know it writes as a letter.
class Sampler {
 public:
  Sampler(std::string_view expression, uint32_t seed) : in_(expression), random_(seed) {}

  std::string Sample() {
    at_ = 0;
    return Alternatives();
  }

 private:
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  bool Skip(std::string_view what) {
    if (in_.substr(at_, what.size()) != what) return false;
    at_ += what.size();
    return true;
  }
  std::string Char() {
    const size_t size = text::CharWidth(in_[at_]);
    at_ += size;
    return std::string(in_.substr(at_ - size, size));
  }

  std::string Alternatives() {
    std::vector<std::string> choices;
    do {
      std::string sequence;
      while (at_ < in_.size() && in_[at_] != '|' && in_[at_] != ')') sequence += Item();
      choices.push_back(sequence);
    } while (Skip("|"));
    return choices[Below(static_cast<uint32_t>(choices.size()))];
  }

  std::string Item() {
    const size_t begin = at_;
    Atom();
    const size_t end = at_;
    uint32_t least = 1, most = 1;
    if (Skip("?")) {
      least = 0;
    } else if (Skip("{")) {
      least = most = Number();
      if (Skip(",")) most = Number();
      Skip("}");
    }
    const size_t next = at_;
    std::string out;
    for (uint32_t i = least + Below(most - least + 1); i > 0; --i) {
      at_ = begin;
      out += Atom();
      EXPECT_EQ(at_, end);
    }
    at_ = next;
    Skip("?");
    return out;
  }

  uint32_t Number() {
    uint32_t n = 0;
    while (in_[at_] >= '0' && in_[at_] <= '9') n = n * 10 + static_cast<uint32_t>(in_[at_++] - '0');
    return n;
  }

  std::string Atom() {
    if (Skip("(?:") || Skip("(?i:") || Skip("(")) {
      std::string out = Alternatives();
      Skip(")");
      return out;
    }
    if (Skip("(?i)")) return "";
    if (Skip("[")) return Class();
    if (Skip(".")) return Below(2) ? "x" : "赌";
    if (Skip("\\")) return Escape();
    return Char();
  }

  std::string Escape() {
    const std::string c = Char();
    if (c == "b" || c == "B") return "";
    if (c == "d") return std::string(1, static_cast<char>('0' + Below(10)));
    if (c == "n") return "\n";
    if (c == "r") return "\r";
    if (c == "p") {
      at_ = in_.find('}', at_) + 1;
      return "赌";
    }
    if (c == "x" && Skip("{")) {
      std::string out;
      text::AppendChar(static_cast<char32_t>(std::stoul(std::string(in_.substr(at_)), nullptr, 16)),
                       &out);
      at_ = in_.find('}', at_) + 1;
      return out;
    }
    if (c == "x") {
      at_ += 2;
      return {static_cast<char>(std::stoul(std::string(in_.substr(at_ - 2, 2)), nullptr, 16))};
    }
    if (c == "w" || c == "s") return c == "w" ? "q" : " ";
    return c;
  }

  std::string Class() {
    const bool negated = Skip("^");
    std::vector<std::string> members;
    bool first = true;
    while (first || !Skip("]")) {
      first = false;
      std::string member = Skip("\\") ? Escape() : Char();
      if (in_[at_] == '-' && in_[at_ + 1] != ']') {
        ++at_;
        const std::string last = Skip("\\") ? Escape() : Char();
        const char32_t low = text::CharAt(member.data()), high = text::CharAt(last.data());
        member.clear();
        text::AppendChar(low + Below(static_cast<uint32_t>(high - low) + 1), &member);
      }
      members.push_back(member);
    }
    if (negated) return Below(2) ? "~" : "的";
    return members[Below(static_cast<uint32_t>(members.size()))];
  }

  const std::string in_;
  size_t at_ = 0;
  std::mt19937 random_;
};

bool Matches(const hs_database_t* db, hs_scratch_t* scratch, const std::string& text) {
  bool matched = false;
  const auto on_match = [](unsigned, unsigned long long, unsigned long long, unsigned, void* to) {
    *static_cast<bool*>(to) = true;
    return 1;
  };
  hs_scan(db, text.data(), static_cast<unsigned>(text.size()), 0, scratch, on_match, &matched);
  return matched;
}

// Whatever Hyperscan matches opens the gate; returns how many texts matched.
size_t CheckGate(const std::string& expression, uint32_t samples) {
  const Gate gate = GateOf(expression);
  hs_database_t* db = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile(expression.c_str(), kRegexFlags, HS_MODE_BLOCK, nullptr, &db, &error) !=
      HS_SUCCESS) {
    hs_free_compile_error(error);
    return 0;
  }
  const DatabasePtr owner(db);
  hs_scratch_t* scratch = nullptr;
  EXPECT_EQ(hs_alloc_scratch(db, &scratch), HS_SUCCESS);
  const ScratchPtr scratch_owner(scratch);
  Sampler sampler(expression, 17);
  std::mt19937 random(23);
  size_t matched = 0;
  for (uint32_t i = 0; i < samples; ++i) {
    std::string text = sampler.Sample();
    // As it is, with something around it, and with a character less.
    if (i % 3 == 1) text = StrCat("买 ", text, " x");
    if (i % 3 == 2 && !text.empty()) {
      size_t at = random() % text.size();
      while (text::IsContinuation(text[at])) --at;
      text.erase(at, text::CharWidth(text[at]));
    }
    if (!Matches(db, scratch, text)) continue;
    ++matched;
    EXPECT_TRUE(gate.empty() || IsOpen(gate, text))
        << expression << " matches " << text << " without " << Show(gate);
  }
  return matched;
}

TEST(GateTest, IsOpenWhereItsExpressionMatches) {
  const char* kExpressions[] = {
      "abc",
      "a(?:b|)c",
      "(?:x?y?)z{1,2}",
      "[^a]bc",
      "[]a]b",
      R"([a\]b]c)",
      R"(\x41b\x{8d4c}博)",
      R"(\p{Han}赌)",
      R"([\p{Han}x]y{2})",
      "(?:ab|cd){2,3}",
      "(?:ab|cd){2,9}e",
      R"((?:a|bc|)\d{4})",
      "a.{0,3}b",
      "(?:(?:a?b)?c)?defg",
      "(?:(?:a|b)(?:c|d)){3}",
      "(?i)abc[0-9]",
      "(?i:abc)def",
      "[a-z]{2,5}[0-9]{2}[a-f]{3}",
      "[0-9]{2}(?:[0-9]|x)[0-9]{2}",
      "[0-9]{2}(?:[0-9]{2}|)[0-9]{2}",
      "(?:[0-9]{3}-){2}[0-9]{4}",
      "(?:[0-9]{3}){2,40}",
      "x{300}y",
      "(?:赌|博){1,3}(?:场|)?[a-z]{0,2}q",
      "[一-十]{1,4}万",
      R"(\b[a-z]{1,3}\b [0-9]{1,3}\.[0-9]{2})",
      R"([\w.]{1,9}@[a-z]{2}\.(?:com|cn))",
      "a{0,3}b{0,3}c{1,3}",
      "(?:a{2}){2}(?:b{1,2}){2}",
      "(?:q|w|e|r|t|y|u|i|o|p)(?:q|w|e|r|t|y|u|i|o|p)(?:q|w|e|r|t|y|u|i|o|p)z",
      "(?=abc)abc",
      R"((a)\1)",
  };
  size_t matched = 0;
  for (const char* expression : kExpressions) matched += CheckGate(expression, 3000);
  EXPECT_GT(matched, 40000u) << "the texts hardly ever match: the test says nothing";
}

// Expressions made at random of parts that are nested at random.
TEST(GateTest, IsOpenForExpressionsMadeAtRandom) {
  std::mt19937 random(5);
  const auto below = [&random](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  const char* kAtoms[] = {"z", "q",    "赌", "[0-9]", "[zq7]", R"(\d)",
                          ".", "[^z]", "77", R"(\b)", " "};
  const char* kCounts[] = {"", "", "", "?", "{2}", "{1,3}", "{0,2}", "{4}"};
  const std::function<std::string(int)> make = [&](int depth) {
    std::string out;
    for (uint32_t parts = 1 + below(3); parts > 0; --parts) {
      if (depth < 3 && below(3) == 0) {
        StrAppend(&out, "(?:", make(depth + 1), below(2) ? "|" : "",
                  below(2) ? make(depth + 1) : "", ")");
      } else {
        out += kAtoms[below(std::size(kAtoms))];
      }
      // Nothing repeats a border of a word.
      if (!out.ends_with("\\b")) out += kCounts[below(std::size(kCounts))];
    }
    return out;
  };
  size_t matched = 0, gated = 0;
  for (int i = 0; i < 250; ++i) {
    const std::string expression = make(0);
    if (CheckPattern(expression).problem) continue;
    gated += !GateOf(expression).empty();
    matched += CheckGate(expression, 12);
    if (HasFailure()) FAIL() << expression;
  }
  EXPECT_GT(gated, 50u);
  EXPECT_GT(matched, 500u);
}

// All that the bundled rules have, none of which may do without a gate.
TEST(GateTest, IsOpenForBundledExpressions) {
  size_t expressions = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WINNOW_SOURCE_DIR "/rules")) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      constexpr std::string_view kKey = "regex: '";
      const size_t begin = line.find(kKey);
      if (begin == std::string::npos) continue;
      std::string expression =
          line.substr(begin + kKey.size(), line.rfind('\'') - begin - kKey.size());
      for (size_t at = 0; (at = expression.find("''", at)) != std::string::npos; ++at) {
        expression.erase(at, 1);
      }
      ++expressions;
      EXPECT_FALSE(GateOf(expression).empty()) << expression;
      EXPECT_GT(CheckGate(expression, 600), 100u) << expression;
    }
  }
  EXPECT_GE(expressions, 30u);
}

}  // namespace
}  // namespace winnow::match
