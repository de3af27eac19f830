#include "engine/match/gate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/match/literal_anchor.h"
#include "engine/text/utf8.h"

namespace winnow::match {
namespace {

// At most so many strings stand for an expression, such as a letter and a digit, and so many
// characters for a class.
constexpr size_t kStringsMax = 264;
constexpr size_t kClassMax = 64;
// Of longer strings the part that counts is kept.
constexpr size_t kStringBytesMax = 24;
// A gate that is open more often, once in so many bytes, is of no use.
constexpr double kOftenMax = 0.03;
// What a string costs in an index, in openings a byte.
constexpr double kStringCost = 2e-6;
constexpr int kDepthMax = 64;
constexpr uint32_t kNoMax = UINT32_MAX;
constexpr uint32_t kDigitsMax = 1024;

using Strings = std::vector<std::string>;

void SortUnique(Strings* strings) {
  std::sort(strings->begin(), strings->end());
  strings->erase(std::unique(strings->begin(), strings->end()), strings->end());
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// How often a place of an ordinary text has the character, about.
double Often(std::string_view c) {
  if (c.size() > 1) return IsCommonHan(c) ? 0.004 : 0.0005;
  if (c == " ") return 0.15;
  if (!IsWordByte(c[0])) return 0.005;
  if (c[0] < 'a') return 0.01;
  constexpr std::string_view kLetters = "etaoinshr";
  const size_t rank = kLetters.find(c[0]);
  return rank == 0 ? 0.1 : rank == std::string_view::npos ? 0.02 : 0.06;
}

double OftenAny(const Strings& strings) {
  double total = 0;
  for (const std::string& s : strings) {
    double often = 1;
    for (size_t at = 0; at < s.size();) {
      const size_t size = text::CharWidth(s[at]);
      // Where one digit stands, others do; and digits seldom touch letters.
      const char before = at > 0 && IsDigit(s[at]) ? s[at - 1] : ' ';
      often *= IsDigit(before)                  ? 0.06
               : before >= 'a' && before <= 'z' ? 0.0005
                                                : Often(std::string_view(s).substr(at, size));
      at += size;
    }
    if (IsInCommonWords(s)) often = std::max(often, 0.002);
    total += often + kStringCost;
  }
  return total;
}

double OftenDigits(uint32_t digits) {
  double often = 0.01;
  for (uint32_t i = 1; i < std::min(digits, 32u); ++i) often *= 0.6;
  return often;
}

// What each match of a part of an expression is known to have. A set of strings means: one of them.
struct Facts {
  // All matches, where they are few.
  std::optional<Strings> all = Strings{""};
  Strings begins = {""};  // as `all` where that is known
  Strings ends = {""};
  Strings has;  // empty: nothing is known

  // Runs of digits: how long at least.
  bool only_digits = true;
  uint32_t digits_begin = 0, digits_end = 0, digits_has = 0;
};

// Of two sets of which either will do, the one that is rarer in texts.
void KeepRarer(Strings other, Strings* strings) {
  SortUnique(&other);
  if (other.empty() || other[0].empty() || other.size() > kStringsMax) return;
  if (strings->empty() || OftenAny(other) < OftenAny(*strings)) *strings = std::move(other);
}

std::optional<Strings> Product(const Strings& a, const Strings& b) {
  if (a.size() * b.size() > kStringsMax) return std::nullopt;
  Strings out;
  for (const std::string& x : a) {
    for (const std::string& y : b) out.push_back(x + y);
  }
  SortUnique(&out);
  return out;
}

// Ends of `a` with begins of `b`, both made shorter, down to a character, until they are few
// enough.
std::optional<Strings> Across(Strings a, Strings b) {
  for (;;) {
    if (auto product = Product(a, b)) return product;
    Strings& more = a.size() > b.size() ? a : b;
    bool shorter = false;
    for (std::string& s : more) {
      if (s.size() <= text::CharWidth(s.empty() ? ' ' : s[0])) continue;
      shorter = true;
      if (&more == &a) {
        s.erase(0, text::CharWidth(s[0]));
      } else {
        s.resize(text::StepBack(s, s.size()));
      }
    }
    if (!shorter) return std::nullopt;
    SortUnique(&more);
  }
}

Strings LastChars(Strings strings) {
  for (std::string& s : strings) {
    if (!s.empty()) s.erase(0, text::StepBack(s, s.size()));
  }
  SortUnique(&strings);
  return strings;
}

Strings FirstChars(Strings strings) {
  for (std::string& s : strings) {
    if (!s.empty()) s.resize(text::CharWidth(s[0]));
  }
  SortUnique(&strings);
  return strings;
}

// Without those that hold others, which are where these are.
Strings Shortest(const Strings& strings) {
  Strings out;
  for (const std::string& s : strings) {
    const auto inside = [&s](const std::string& other) {
      return other.size() < s.size() && s.find(other) != std::string::npos;
    };
    if (std::none_of(strings.begin(), strings.end(), inside)) out.push_back(s);
  }
  return out;
}

void CutEnds(Strings* strings) {
  for (std::string& s : *strings) {
    if (s.size() <= kStringBytesMax) continue;
    size_t from = s.size() - kStringBytesMax;
    while (text::IsContinuation(s[from])) ++from;
    s.erase(0, from);
  }
  SortUnique(strings);
}

void CutBegins(Strings* strings) {
  for (std::string& s : *strings) {
    if (s.size() <= kStringBytesMax) continue;
    size_t to = kStringBytesMax;
    while (text::IsContinuation(s[to])) --to;
    s.resize(to);
  }
  SortUnique(strings);
}

// Whatever it is, it may have any length.
Facts OfAnything() {
  Facts facts;
  facts.all.reset();
  facts.only_digits = false;
  return facts;
}

Facts OfStrings(Strings strings) {
  Facts facts;
  SortUnique(&strings);
  const auto has_nul = [](const std::string& s) { return s.find('\0') != std::string::npos; };
  if (std::any_of(strings.begin(), strings.end(), has_nul)) return OfAnything();
  const auto is_digits = [](const std::string& s) {
    return std::all_of(s.begin(), s.end(), IsDigit);
  };
  facts.only_digits = std::all_of(strings.begin(), strings.end(), is_digits);
  if (facts.only_digits) {
    size_t least = kDigitsMax;
    for (const std::string& s : strings) least = std::min(least, s.size());
    facts.digits_begin = facts.digits_end = facts.digits_has = static_cast<uint32_t>(least);
  }
  facts.begins = facts.ends = strings;
  KeepRarer(strings, &facts.has);
  facts.all = std::move(strings);
  return facts;
}

uint32_t AddDigits(uint32_t a, uint32_t b) { return std::min(a + b, kDigitsMax); }

Facts Then(const Facts& a, const Facts& b) {
  Facts out;
  out.only_digits = a.only_digits && b.only_digits;
  out.digits_begin = a.only_digits ? AddDigits(a.digits_begin, b.digits_begin) : a.digits_begin;
  out.digits_end = b.only_digits ? AddDigits(b.digits_end, a.digits_end) : b.digits_end;
  out.digits_has = std::max({a.digits_has, b.digits_has, AddDigits(a.digits_end, b.digits_begin)});
  out.all.reset();
  out.has = a.has;
  KeepRarer(b.has, &out.has);
  if (a.all && b.all) {
    out.all = Product(*a.all, *b.all);
    if (out.all) {
      out.begins = out.ends = *out.all;
      KeepRarer(*out.all, &out.has);
      return out;
    }
  }
  out.begins = a.begins;
  if (a.all) {
    if (auto longer = Product(*a.all, b.begins)) out.begins = *std::move(longer);
  }
  out.ends = b.ends;
  if (b.all) {
    if (auto longer = Product(a.ends, *b.all)) out.ends = *std::move(longer);
  }
  CutBegins(&out.begins);
  CutEnds(&out.ends);
  KeepRarer(out.begins, &out.has);
  KeepRarer(out.ends, &out.has);
  // Of either side a character may do.
  for (const auto& [ends, begins] :
       {std::pair(a.ends, b.begins), std::pair(LastChars(a.ends), b.begins),
        std::pair(a.ends, FirstChars(b.begins))}) {
    if (auto across = Across(ends, begins)) KeepRarer(*std::move(across), &out.has);
  }
  return out;
}

Strings Union(Strings a, const Strings& b) {
  a.insert(a.end(), b.begin(), b.end());
  SortUnique(&a);
  return a;
}

Facts Or(const Facts& a, const Facts& b) {
  Facts out;
  out.only_digits = a.only_digits && b.only_digits;
  out.digits_begin = std::min(a.digits_begin, b.digits_begin);
  out.digits_end = std::min(a.digits_end, b.digits_end);
  out.digits_has = std::min(a.digits_has, b.digits_has);
  out.all.reset();
  out.begins = Union(a.begins, b.begins);
  out.ends = Union(a.ends, b.ends);
  if (out.begins.size() > kStringsMax) out.begins = {""};
  if (out.ends.size() > kStringsMax) out.ends = {""};
  if (!a.has.empty() && !b.has.empty()) KeepRarer(Union(a.has, b.has), &out.has);
  KeepRarer(out.begins, &out.has);
  KeepRarer(out.ends, &out.has);
  if (a.all && b.all) {
    Strings all = Union(*a.all, *b.all);
    if (all.size() <= kStringsMax) out.all = std::move(all);
  }
  return out;
}

Facts Times(const Facts& one, uint32_t least, uint32_t most) {
  // Beyond a few, what more there is adds nothing but digits.
  constexpr uint32_t kTimes = 8;
  Facts facts;
  for (uint32_t i = 0; i < std::min(least, kTimes); ++i) facts = Then(facts, one);
  if (least <= kTimes && most <= kTimes && facts.all && one.all) {
    Facts sum = facts;
    for (uint32_t i = least; i < most && sum.all; ++i) {
      facts = Then(facts, one);
      sum = facts.all ? Or(sum, facts) : OfAnything();
    }
    if (sum.all) return OfStrings(*sum.all);
    facts = Facts();
    for (uint32_t i = 0; i < least; ++i) facts = Then(facts, one);
  }
  if (least != most || least > kTimes) facts.all.reset();
  facts.only_digits = one.only_digits;
  if (one.only_digits) {
    const uint64_t digits = uint64_t{one.digits_begin} * least;
    facts.digits_begin = facts.digits_end = facts.digits_has =
        static_cast<uint32_t>(std::min<uint64_t>(digits, kDigitsMax));
  }
  return facts;
}

// Reads an expression; once something is not understood, all is nullopt.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}

  std::optional<Facts> Read() {
    std::optional<Facts> facts = ReadAlternatives(0);
    if (at_ < in_.size()) return std::nullopt;  // a bracket too many
    return facts;
  }

 private:
  bool AtEnd() const { return at_ >= in_.size(); }
  bool Skip(std::string_view what) {
    if (in_.substr(at_, what.size()) != what) return false;
    at_ += what.size();
    return true;
  }

  std::optional<Facts> ReadAlternatives(int depth) {
    if (depth > kDepthMax) return std::nullopt;
    std::optional<Facts> all;
    do {
      Facts sequence;
      while (!AtEnd() && in_[at_] != '|' && in_[at_] != ')') {
        const std::optional<Facts> item = ReadItem(depth);
        if (!item) return std::nullopt;
        sequence = Then(sequence, *item);
      }
      all = all ? Or(*all, sequence) : sequence;
    } while (Skip("|"));
    return all;
  }

  std::optional<Facts> ReadItem(int depth) {
    std::optional<Facts> item = ReadAtom(depth);
    while (item && !AtEnd()) {
      uint32_t least = 0, most = kNoMax;
      if (Skip("?")) {
        most = 1;
      } else if (Skip("+")) {
        least = 1;
      } else if (in_[at_] == '{') {
        if (!ReadCounts(&least, &most)) return std::nullopt;
      } else if (!Skip("*")) {
        break;
      }
      Skip("?");  // as few as will do
      if (!AtEnd() && (in_[at_] == '+' || in_[at_] == '?' || in_[at_] == '*')) return std::nullopt;
      item = Times(*item, least, most);
    }
    return item;
  }

  // {n}, {n,} or {n,m}; anything else in braces is not understood.
  bool ReadCounts(uint32_t* least, uint32_t* most) {
    ++at_;
    if (!ReadNumber(least)) return false;
    *most = *least;
    if (Skip(",")) {
      *most = kNoMax;
      if (!AtEnd() && in_[at_] != '}' && !ReadNumber(most)) return false;
    }
    return Skip("}") && *least <= *most;
  }
  bool ReadNumber(uint32_t* number) {
    const size_t begin = at_;
    *number = 0;
    while (!AtEnd() && IsDigit(in_[at_])) {
      *number = *number * 10 + static_cast<uint32_t>(in_[at_++] - '0');
      if (*number > 0xffff) return false;
    }
    return at_ > begin;
  }

  std::optional<Facts> ReadAtom(int depth) {
    switch (in_[at_]) {
      case '(':
        return ReadGroup(depth);
      case '[':
        return ReadClass();
      case '.':
        ++at_;
        return OfAnything();
      case '\\':
        return ReadEscape();
      case '^':
      case '$':
      case '*':
      case '+':
      case '?':
      case '{':
        return std::nullopt;
      default:
        return OfStrings({std::string(ReadChar())});
    }
  }

  std::string_view ReadChar() {
    const std::string_view c = in_.substr(at_, text::CharWidth(in_[at_]));
    at_ += c.size();
    return c;
  }

  std::optional<Facts> ReadGroup(int depth) {
    ++at_;
    if (!Skip("?:") && !AtEnd() && (in_[at_] == '?' || in_[at_] == '*')) return std::nullopt;
    std::optional<Facts> inside = ReadAlternatives(depth + 1);
    if (!inside || !Skip(")")) return std::nullopt;
    return inside;
  }

  // Characters by number, or any.
  struct Class {
    std::vector<char32_t> chars;
    bool any = false;
    void Add(char32_t first, char32_t last) {
      if (first > last || last - first >= kClassMax) {
        any = true;
        return;
      }
      for (char32_t c = first; c <= last; ++c) chars.push_back(c);
      if (chars.size() > kClassMax * 4) any = true;
    }
  };

  static std::optional<Facts> OfClass(const Class& c) {
    Strings strings;
    for (char32_t code : c.chars) {
      std::string s;
      text::AppendChar(code, &s);
      strings.push_back(std::move(s));
    }
    SortUnique(&strings);
    if (c.any || strings.empty() || strings.size() > kClassMax) return OfAnything();
    return OfStrings(std::move(strings));
  }

  // What stands behind a backslash, in a class or not: one character, or a class of them (then
  // true and `*out` is added to); false when it is not understood.
  bool ReadEscaped(Class* out, std::optional<char32_t>* single) {
    if (AtEnd()) return false;
    const char c = in_[at_++];
    const auto is = [&](char32_t code) {
      *single = code;
      out->Add(code, code);
      return true;
    };
    switch (c) {
      case 'n':
        return is('\n');
      case 'r':
        return is('\r');
      case 't':
        return is('\t');
      case 'f':
        return is('\f');
      case 'd':
        out->Add('0', '9');
        return true;
      case 'w':
      case 'W':
      case 's':
      case 'S':
      case 'D':
        out->any = true;
        return true;
      case 'p':
      case 'P':
        out->any = true;
        if (Skip("{")) {
          const size_t end = in_.find('}', at_);
          if (end == std::string_view::npos) return false;
          at_ = end + 1;
        } else if (!AtEnd()) {
          ++at_;
        }
        return true;
      case 'x': {
        uint32_t code = 0;
        if (Skip("{")) {
          size_t digits = 0;
          for (; !AtEnd() && in_[at_] != '}'; ++digits) {
            if (!AddHex(&code) || digits == 6) return false;
          }
          if (digits == 0 || !Skip("}")) return false;
        } else if (!AddHex(&code) || !AddHex(&code) || code >= 0x80) {
          return false;
        }
        if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
        return is(code);
      }
      default:
        if (IsWordByte(c) || c == '_' || static_cast<uint8_t>(c) >= 0x80) return false;
        return is(static_cast<uint8_t>(c));
    }
  }
  bool AddHex(uint32_t* code) {
    if (AtEnd()) return false;
    const char c = in_[at_++];
    const char lower = static_cast<char>(c | 0x20);
    if (IsDigit(c)) {
      *code = *code << 4 | static_cast<uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      *code = *code << 4 | static_cast<uint32_t>(lower - 'a' + 10);
    } else {
      return false;
    }
    return true;
  }

  std::optional<Facts> ReadEscape() {
    ++at_;
    if (Skip("b") || Skip("B")) return Facts();
    Class c;
    std::optional<char32_t> single;
    if (!ReadEscaped(&c, &single)) return std::nullopt;
    return OfClass(c);
  }

  std::optional<Facts> ReadClass() {
    ++at_;
    Class c;
    if (Skip("^")) c.any = true;
    bool first = true;
    for (;; first = false) {
      if (AtEnd()) return std::nullopt;
      if (in_[at_] == ']' && !first) {
        ++at_;
        return OfClass(c);
      }
      // [:alpha:] and the like.
      if (in_[at_] == '[' && at_ + 1 < in_.size() &&
          (in_[at_ + 1] == ':' || in_[at_ + 1] == '.' || in_[at_ + 1] == '=')) {
        return std::nullopt;
      }
      std::optional<char32_t> begin;
      if (!ReadMember(&c, &begin)) return std::nullopt;
      if (at_ + 1 < in_.size() && in_[at_] == '-' && in_[at_ + 1] != ']') {
        ++at_;
        std::optional<char32_t> end;
        Class ignored;
        if (!begin || !ReadMember(&ignored, &end) || !end || *end < *begin) return std::nullopt;
        c.Add(*begin, *end);
      }
    }
  }
  bool ReadMember(Class* c, std::optional<char32_t>* single) {
    if (Skip("\\")) return ReadEscaped(c, single);
    const std::string_view member = ReadChar();
    *single = text::CharAt(member.data());
    c->Add(**single, **single);
    return true;
  }

  const std::string_view in_;
  size_t at_ = 0;
};

}  // namespace

Gate GateOf(std::string_view expression) {
  Gate gate;
  for (size_t at = 0; at < expression.size();) {
    at += text::CharWidth(expression[at]);
    if (at > expression.size()) return gate;  // no UTF-8
  }
  std::optional<Facts> facts = Reader(expression).Read();
  if (!facts) return gate;
  Strings strings = Shortest(facts->has);
  const double by_strings = strings.empty() ? 1 : OftenAny(strings);
  const double by_digits = facts->digits_has > 0 ? OftenDigits(facts->digits_has) : 1;
  if (std::min(by_strings, by_digits) > kOftenMax) return gate;
  if (by_strings <= by_digits) {
    gate.strings = std::move(strings);
  } else {
    gate.digits = facts->digits_has;
  }
  return gate;
}

}  // namespace winnow::match
