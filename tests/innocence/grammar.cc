#include "tests/innocence/grammar.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace winnow::innocence {
namespace {

constexpr int kDepthMax = 40;

[[noreturn]] void Fail(const std::string& file, std::string_view what, std::string_view where) {
  std::fprintf(stderr, "%s: %.*s: %.*s\n", file.c_str(), static_cast<int>(what.size()), what.data(),
               static_cast<int>(where.size()), where.data());
  std::abort();
}

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsVowel(char c) { return std::string_view("aeiou").find(c) != std::string_view::npos; }
bool Continues(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

bool ParseRange(std::string_view s, uint32_t* from, uint32_t* to) {
  const size_t dash = s.find('-');
  const std::string first(s.substr(0, dash));
  const std::string second(dash == s.npos ? first : s.substr(dash + 1));
  if (first.empty() || second.empty() || !std::all_of(first.begin(), first.end(), IsDigit) ||
      !std::all_of(second.begin(), second.end(), IsDigit)) {
    return false;
  }
  *from = static_cast<uint32_t>(std::stoul(first));
  *to = static_cast<uint32_t>(std::stoul(second));
  return *from <= *to;
}

// The first letter at `at`, ASCII or Cyrillic, made a capital.
void Capitalise(std::string* s, size_t at) {
  if (at >= s->size()) return;
  char& c = (*s)[at];
  if (IsLower(c)) {
    c = static_cast<char>(c - 'a' + 'A');
  } else if (at + 1 < s->size()) {
    char& d = (*s)[at + 1];
    const auto first = static_cast<uint8_t>(c), second = static_cast<uint8_t>(d);
    if (first == 0xd0 && second >= 0xb0) {
      d = static_cast<char>(second - 0x20);
    } else if (first == 0xd1 && second >= 0x80 && second < 0x90) {
      c = static_cast<char>(0xd0);
      d = static_cast<char>(second + 0x20);
    }
  }
}

bool DoublesLast(std::string_view w) {
  const size_t n = w.size();
  return n >= 3 && n <= 4 && !IsVowel(w[n - 1]) && IsVowel(w[n - 2]) && !IsVowel(w[n - 3]) &&
         std::string_view("wxyh").find(w[n - 1]) == std::string_view::npos;
}

void AddEnding(std::string_view ending, std::string* w) {
  if (w->empty()) return;
  const char last = w->back();
  const char before = w->size() > 1 ? (*w)[w->size() - 2] : 'a';
  const bool consonant_y = last == 'y' && !IsVowel(before);
  if (ending == "s") {
    if (consonant_y) {
      w->back() = 'i';
      w->append("es");
    } else if (last == 's' || last == 'x' || last == 'z' ||
               (last == 'h' && (before == 's' || before == 'c'))) {
      w->append("es");
    } else {
      w->push_back('s');
    }
  } else if (ending == "ly") {
    if (consonant_y) w->back() = 'i';
    if (last == 'e' && before == 'l') {
      w->back() = 'y';
    } else {
      w->append("ly");
    }
  } else {
    if (ending != "ing" && consonant_y) {
      w->back() = 'i';
    } else if (last == 'e' && before != 'e') {
      w->pop_back();
    } else if (DoublesLast(*w)) {
      w->push_back(last);
    }
    w->append(ending);
  }
}

void HoldApart(std::string* out, size_t begin) {
  std::string apart;
  for (size_t i = begin; i < out->size(); ++i) {
    if (i > begin && !Continues((*out)[i])) apart.push_back(' ');
    apart.push_back((*out)[i]);
  }
  out->resize(begin);
  out->append(apart);
}

void Stretch(std::string* out, size_t begin, Random* random) {
  std::vector<size_t> letters;
  for (size_t i = begin + 1; i < out->size(); ++i) {
    if (IsLower((*out)[i])) letters.push_back(i);
  }
  if (letters.empty()) return;
  // Vowels and last letters are what people stretch.
  size_t at = letters[random->Below(static_cast<uint32_t>(letters.size()))];
  if (!IsVowel((*out)[at])) at = letters.back();
  out->insert(at, std::string(2 + random->Below(5), (*out)[at]));
}

std::string_view Trim(std::string_view s) {
  while (!s.empty() && (s.back() == '\r' || s.back() == ' ')) s.remove_suffix(1);
  return s;
}

}  // namespace

uint64_t Random::Next() {
  uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

uint32_t Grammar::RuleOf(std::string_view name) {
  const auto it = by_name_.find(name);
  if (it != by_name_.end()) return it->second;
  const auto index = static_cast<uint32_t>(rules_.size());
  rules_.emplace_back();
  rules_.back().name = std::string(name);
  by_name_.emplace(name, index);
  return index;
}

void Grammar::Add(std::string_view file, std::string_view text,
                  const std::function<std::string(std::string_view)>& respell) {
  respell_ = respell ? &respell : nullptr;
  file_ = std::string(file);
  uint32_t rule = UINT32_MAX;
  bool words = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.substr(0, 2) == "# ") continue;
    if (line.substr(0, 2) == "= ") {
      std::string_view name = line.substr(2);
      const size_t space = name.find(' ');
      const std::string_view how = space == name.npos ? "" : name.substr(space + 1);
      name = name.substr(0, space);
      rule = RuleOf(name);
      words = how == "words";
      if (!how.empty() && !words && how != "zipf") Fail(file_, "neither words nor zipf", line);
      rules_[rule].zipf |= !how.empty();
      continue;
    }
    if (rule == UINT32_MAX) Fail(file_, "no rule yet", line);
    if (!words) {
      Alternative alternative = Parse(line);
      rules_[rule].alternatives.push_back(std::move(alternative));
      continue;
    }
    for (size_t at = 0; at < line.size();) {
      const size_t stop = std::min(line.find(' ', at), line.size());
      if (stop > at) {
        std::string word(line.substr(at, stop - at));
        std::replace(word.begin(), word.end(), '_', ' ');
        Alternative alternative = Parse(word);
        rules_[rule].alternatives.push_back(std::move(alternative));
      }
      at = stop + 1;
    }
  }
}

Grammar::Alternative Grammar::Parse(std::string_view line) {
  Alternative out;
  std::string literal;
  const auto flush = [&] {
    if (literal.empty()) return;
    Part part;
    part.text = respell_ != nullptr ? (*respell_)(literal) : literal;
    out.parts.push_back(std::move(part));
    literal.clear();
  };
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      ++i;
      literal.push_back(line[i] == 'n' ? '\n' : line[i] == 't' ? '\t' : line[i]);
    } else if (line[i] == '{') {
      int depth = 1;
      size_t j = i + 1;
      for (; j < line.size() && depth > 0; ++j) {
        if (line[j] == '\\') {
          ++j;
        } else {
          depth += line[j] == '{' ? 1 : line[j] == '}' ? -1 : 0;
        }
      }
      if (depth > 0) Fail(file_, "a brace without its other", line);
      flush();
      out.parts.push_back(ParsePart(line.substr(i + 1, j - i - 2)));
      i = j - 1;
    } else {
      literal.push_back(line[i]);
    }
  }
  flush();
  return out;
}

Grammar::Part Grammar::ParsePart(std::string_view inner) {
  Part part;
  part.op = Op::kRule;
  // Alternatives on the spot are a rule without a name.
  std::vector<std::string_view> choices;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] == '\\') {
      ++i;
    } else if (inner[i] == '|' && depth == 0) {
      choices.push_back(inner.substr(begin, i - begin));
      begin = i + 1;
    } else {
      depth += inner[i] == '{' ? 1 : inner[i] == '}' ? -1 : 0;
    }
  }
  if (!choices.empty()) {
    choices.push_back(inner.substr(begin));
    part.text = "\x01" + std::to_string(rules_.size());
    const uint32_t rule = RuleOf(part.text);
    for (std::string_view choice : choices) {
      Alternative alternative = Parse(choice);
      rules_[rule].alternatives.push_back(std::move(alternative));
    }
    return part;
  }
  if (ParseRange(inner, &part.from, &part.to) && inner.find('-') != inner.npos) {
    part.op = Op::kNumber;
    return part;
  }
  if (inner.size() > 2 && inner[1] == ':' && ParseRange(inner.substr(2), &part.from, &part.to)) {
    switch (inner[0]) {
      case '9':
        part.op = Op::kDigits;
        return part;
      case 'a':
        part.op = Op::kLower;
        return part;
      case 'A':
        part.op = Op::kUpper;
        return part;
      case 'x':
        part.op = Op::kHex;
        return part;
      case 'b':
        part.op = Op::kBase64;
        return part;
      default:
        Fail(file_, "unknown kind of character", inner);
    }
  }
  if (inner.substr(0, 1) == "?") {
    part.optional = true;
    inner.remove_prefix(1);
  }
  for (const std::string_view article : {"an ", "An ", "A "}) {
    if (inner.substr(0, article.size()) != article) continue;
    part.article = true;
    part.capital = article[0] == 'A';
    inner.remove_prefix(article.size());
    break;
  }
  if (const size_t star = inner.find('*'); star != inner.npos) {
    std::string_view times = inner.substr(star + 1);
    if (const size_t colon = times.find(':'); colon != times.npos) {
      part.divider = std::string(times.substr(colon + 1));
      for (size_t at; (at = part.divider.find("\\n")) != std::string::npos;) {
        part.divider.replace(at, 2, "\n");
      }
      for (size_t at; (at = part.divider.find("\\t")) != std::string::npos;) {
        part.divider.replace(at, 2, "\t");
      }
      times = times.substr(0, colon);
    }
    if (!ParseRange(times, &part.from, &part.to)) Fail(file_, "how many times", inner);
    inner = inner.substr(0, star);
  }
  for (;;) {
    if (inner.empty()) Fail(file_, "an empty name", inner);
    if (inner.back() == '~') {
      part.apart = true;
    } else if (inner.back() == '!') {
      part.stretched = true;
    } else {
      break;
    }
    inner.remove_suffix(1);
  }
  if (const size_t plus = inner.find('+'); plus != inner.npos) {
    const std::string_view ending = inner.substr(plus + 1);
    part.ending = ending == "s"     ? Ending::kS
                  : ending == "ed"  ? Ending::kEd
                  : ending == "ing" ? Ending::kIng
                  : ending == "ly"  ? Ending::kLy
                  : ending == "er"  ? Ending::kEr
                                    : Ending::kNone;
    if (part.ending == Ending::kNone) Fail(file_, "unknown ending", inner);
    inner = inner.substr(0, plus);
  }
  std::string name(inner);
  if (IsUpper(name[0])) {
    (name.size() > 1 && IsUpper(name[1]) ? part.capitals : part.capital) = true;
    for (char& c : name) {
      if (IsUpper(c)) c = static_cast<char>(c - 'A' + 'a');
    }
  }
  part.text = name;
  return part;
}

void Grammar::Link() {
  for (Rule& rule : rules_) {
    double sum = 0;
    for (size_t i = 0; i < rule.alternatives.size(); ++i) {
      if (rule.zipf) rule.share.push_back(sum += 1.0 / (static_cast<double>(i) + 8));
      for (Part& part : rule.alternatives[i].parts) {
        if (part.op != Op::kRule) continue;
        const auto it = by_name_.find(part.text);
        if (it == by_name_.end()) Fail(rule.name, "no such rule", part.text);
        part.rule = it->second;
      }
    }
  }
  for (const Rule& rule : rules_) {
    if (rule.alternatives.empty()) Fail(rule.name, "a rule without alternatives", rule.name);
  }
}

void Grammar::Expand(std::string_view rule, Random* random, std::string* out) const {
  const auto it = by_name_.find(rule);
  if (it == by_name_.end()) Fail("grammar", "no such rule", rule);
  ExpandRule(it->second, random, out, 0);
}

void Grammar::ExpandRule(uint32_t index, Random* random, std::string* out, int depth) const {
  if (depth > kDepthMax) return;
  const Rule& rule = rules_[index];
  size_t chosen;
  if (rule.zipf) {
    const double share = random->Share() * rule.share.back();
    chosen = static_cast<size_t>(std::upper_bound(rule.share.begin(), rule.share.end(), share) -
                                 rule.share.begin());
  } else {
    chosen = random->Below(static_cast<uint32_t>(rule.alternatives.size()));
  }
  for (const Part& part : rule.alternatives[chosen].parts) ExpandPart(part, random, out, depth);
}

void Grammar::ExpandPart(const Part& part, Random* random, std::string* out, int depth) const {
  if (part.op == Op::kLiteral) {
    out->append(part.text);
    return;
  }
  if (part.optional && random->Below(2) == 0) return;
  const uint32_t n = part.from + random->Below(part.to - part.from + 1);
  constexpr std::string_view kBase64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  switch (part.op) {
    case Op::kLiteral:
    case Op::kRule:
      break;
    case Op::kNumber:
      out->append(std::to_string(n));
      return;
    case Op::kDigits:
    case Op::kLower:
    case Op::kUpper:
    case Op::kHex:
    case Op::kBase64:
      for (uint32_t i = 0; i < n; ++i) {
        out->push_back(part.op == Op::kDigits  ? static_cast<char>('0' + random->Below(10))
                       : part.op == Op::kLower ? static_cast<char>('a' + random->Below(26))
                       : part.op == Op::kUpper ? static_cast<char>('A' + random->Below(26))
                       : part.op == Op::kHex   ? "0123456789abcdef"[random->Below(16)]
                                               : kBase64[random->Below(64)]);
      }
      return;
  }
  const size_t begin = out->size();
  for (uint32_t i = 0; i < n; ++i) {
    if (i > 0) out->append(part.divider);
    ExpandRule(part.rule, random, out, depth + 1);
  }
  if (part.ending != Ending::kNone) {
    std::string word = out->substr(begin);
    out->resize(begin);
    constexpr std::string_view kEndings[] = {"", "s", "ed", "ing", "ly", "er"};
    AddEnding(kEndings[static_cast<int>(part.ending)], &word);
    out->append(word);
  }
  if (part.stretched) Stretch(out, begin, random);
  if (part.article && out->size() > begin) {
    out->insert(begin, IsVowel((*out)[begin]) ? "an " : "a ");
  }
  if (part.capital) Capitalise(out, begin);
  if (part.capitals) {
    for (size_t i = begin; i < out->size(); ++i) {
      if (IsLower((*out)[i])) (*out)[i] = static_cast<char>((*out)[i] - 'a' + 'A');
    }
  }
  if (part.apart) HoldApart(out, begin);
}

}  // namespace winnow::innocence
