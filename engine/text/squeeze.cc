#include "engine/text/squeeze.h"

#include <algorithm>

#include "engine/text/squeeze_chain.h"
#include "engine/text/squeeze_code.h"
#include "engine/text/squeeze_text.h"
#include "engine/text/squeeze_word.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

using squeezing::Char;
using squeezing::IsAsciiLetter;
using squeezing::LeetLetter;
using squeezing::Role;
using squeezing::Text;

struct Counts {
  uint32_t letters = 0, digits = 0, han = 0;
};
Counts Count(const Text& text) {
  Counts counts;
  for (uint32_t at = 0; at < text.size();) {
    const Char c = text.At(at);
    counts.letters += c.role == Role::kLetter;
    counts.han += c.role == Role::kHan;
    counts.digits += c.role == Role::kDigit;
    at = c.end;
  }
  return counts;
}

// The sign that a term begins with, when a run that such a sign touches keeps it; 0: none.
char FirstSign(std::string_view term) {
  return term.size() > 1 && squeezing::IsKeptBefore(term[0]) && Text(term).At(1).role != Role::kGap
             ? term[0]
             : '\0';
}
// As FirstSign(), at its end. One of money may stand behind a space.
char LastSign(std::string_view term) {
  if (term.size() < 2 || !squeezing::IsKeptBehind(term.back())) return 0;
  size_t end = term.size() - 1;
  if (term.back() == '$' && term[end - 1] == ' ') --end;
  const Text text(term);
  return end > 0 && text.Before(static_cast<uint32_t>(end)).role != Role::kGap ? term.back() : '\0';
}

// A folded term of several words as the squeezed view would show it amid other words, each word
// beginning with a capital; empty when it is one word.
std::string PhraseTerm(std::string_view folded) {
  std::string out;
  const Text whole(folded);
  const char last_sign = LastSign(folded);
  if (whole.size() == 0 || whole.At(0).role == Role::kGap ||
      (last_sign == 0 && whole.Before(whole.size()).role == Role::kGap)) {
    return {};
  }
  size_t words = 0;
  for (size_t begin = 0; begin < folded.size();) {
    const size_t end = std::min(folded.find(' ', begin), folded.size());
    const Text text(folded.substr(begin, end - begin));
    const bool number = Count(text).letters == 0;
    char32_t last = 0;
    const size_t word = out.size() + (words > 0);
    if (words++ > 0) out.push_back(' ');
    for (uint32_t at = 0; at < text.size();) {
      const Char c = text.At(at);
      at = c.end;
      if (c.role == Role::kGap) {
        if (!number) continue;
        if (c.c != '%') return {};
      }
      char32_t letter = c.c;
      const char put = letter < 0x80 && !number ? LeetLetter(static_cast<char>(letter)) : 0;
      if (put != 0) letter = static_cast<char32_t>(put);
      const bool is_letter = c.role == Role::kLetter || put != 0;
      if (is_letter && letter == last) continue;
      last = is_letter ? letter : 0;
      AppendChar(letter, &out);
    }
    if (word == out.size()) return {};
    if (IsAsciiLetter(out[word])) out[word] = static_cast<char>(out[word] - 0x20);
    begin = end + 1;
  }
  if (last_sign != 0) out.push_back(last_sign);
  return words > 1 ? out : std::string();
}

// A term of two letters, if need be with signs that runs keep, as the squeezed view shows it: in
// capitals. Empty when it is none.
std::string PairTerm(std::string_view folded) {
  std::string out;
  std::string_view letters = folded;
  if (const char sign = FirstSign(folded)) {
    out.push_back(sign);
    letters.remove_prefix(1);
  }
  const char last = LastSign(folded);
  if (last != 0) letters.remove_suffix(letters.size() > 2 && letters[2] == ' ' ? 2 : 1);
  if (letters.size() != 2 || !IsAsciiLetter(letters[0]) || !IsAsciiLetter(letters[1])) return {};
  for (const char c : letters) out.push_back(static_cast<char>(c - 0x20));
  if (last != 0) out.push_back(last);
  return out;
}

// Whether a term is a number behind or before letters.
bool IsShortCode(std::string_view folded) {
  const auto is_letter = [](char c) { return IsAsciiLetter(c); };
  const size_t first = folded.find_first_of("0123456789");
  if (first == folded.npos) return false;
  const size_t last = folded.find_last_of("0123456789");
  return std::none_of(folded.begin() + first, folded.begin() + last, is_letter) &&
         (first == 0 || last + 1 == folded.size());
}

// A folded term with numbers as the squeezed view would show it where they are meant as numbers, in
// capitals; empty when it has none, or nothing besides.
std::string CodeTerm(std::string_view folded) {
  const Text text(folded);
  const Counts counts = Count(text);
  std::string out;
  if (counts.digits == 0 || counts.letters + counts.han == 0) return out;
  if (text.At(0).role == Role::kGap || text.Before(text.size()).role == Role::kGap) return out;
  char32_t last = 0;
  for (uint32_t at = 0; at < text.size();) {
    const Char c = text.At(at);
    at = c.end;
    if (c.role == Role::kGap || (c.role == Role::kLetter && c.c == last)) continue;
    last = c.role == Role::kLetter ? c.c : 0;
    AppendChar(c.c < 0x80 && c.role == Role::kLetter ? c.c - 0x20 : c.c, &out);
  }
  return out;
}

// Whether a letter or ideograph beside `at`, where something was removed, stands alone with a gap
// on its other side.
bool IsApart(const Text& text, uint32_t at) {
  const Char before = text.Before(at), behind = text.At(at);
  return (text.Single(before) && before.begin > 0 &&
          text.Before(before.begin).role != before.role) ||
         (text.Single(behind) && behind.end < text.size() &&
          text.At(behind.end).role != behind.role);
}

}  // namespace

struct Squeezer::Readers {
  squeezing::WordReader words;
  squeezing::ChainReader chains;
  squeezing::CodeReader codes;
};

Squeezer::Squeezer() = default;
Squeezer::~Squeezer() = default;

void Squeezer::NoteHidden(std::string_view folded, const FoldNotes& notes) {
  for (const FoldNote& note : notes) {
    if (note.kind != FoldNote::Kind::kHidden) continue;
    if (hidden_.empty()) hidden_bits_.assign(folded.size() / 64 + 1, 0);
    hidden_bits_[note.at / 64] |= uint64_t{1} << (note.at % 64);
    hidden_.push_back(note.at);
  }
}

void Squeezer::ReadHidden(std::string_view folded, squeezing::RunWriter* writer) {
  const Text parted(folded, hidden_bits_);
  readers_->chains.Begin(parted, writer);
  uint32_t done = 0;
  for (const uint32_t at : hidden_) {
    if (at >= done && IsApart(parted, at)) readers_->chains.Read(at, &done);
  }
}

std::string_view Squeezer::Squeeze(std::string_view folded, const FoldNotes& notes, EditMap* map) {
  until_ = 0;
  first_readings_ = 0;
  shapes_.clear();
  FindShapes(folded, &shapes_);
  hidden_.clear();
  hidden_bits_.clear();
  if (!notes.empty()) NoteHidden(folded, notes);
  if (shapes_.empty() && notes.empty()) return {};
  out_.clear();
  map->clear();
  if (readers_ == nullptr) readers_ = std::make_unique<Readers>();
  const Text text(folded);
  squeezing::RunWriter writer(folded, &out_, map);
  readers_->words.Begin(text, &writer);
  readers_->chains.Begin(text, &writer);
  readers_->codes.Begin(text, &writer);
  uint32_t done = 0, words_done = 0;  // what lies before has been read
  for (const Shape& shape : shapes_) {
    const uint32_t at = shape.offset;
    const bool token = shape.kind == Shape::Kind::kToken;
    // What a chain took in may be a word all the same: "a d@y", "加vvv" on a line by itself.
    if (token && at >= words_done && readers_->words.Read(at, &words_done)) {
      done = std::max(done, words_done);
    } else if (at >= done) {
      readers_->chains.Read(at, &done);
      readers_->codes.ReadSpaced(at);
    }
    if (!token) readers_->codes.ReadMixed(at);
    if (squeezing::IsAsciiDigit(folded[at])) readers_->codes.ReadAlternating(at);
  }
  // Where half of a text was read already, reading it again would cost more than it finds.
  if (!hidden_.empty() && out_.size() * 2 < folded.size()) ReadHidden(folded, &writer);
  until_ = std::max(writer.until(), second_.Read(folded, notes, &out_, map));
  first_readings_ = second_.hidden_size();
  return out_;
}

std::vector<std::string> OtherTerms(std::string_view folded) {
  std::vector<std::string> forms;
  for (std::string form : {PhraseTerm(folded), CodeTerm(folded)}) {
    if (!form.empty()) forms.push_back(std::move(form));
  }
  return forms;
}

std::string SqueezeTerm(std::string_view folded) {
  const Text text(folded);
  const Counts counts = Count(text);
  std::string out;
  char32_t last = 0;
  uint32_t chars = 0;
  for (uint32_t at = 0; at < text.size();) {
    const Char c = text.At(at);
    at = c.end;
    char32_t letter = c.c;
    if (c.role == Role::kDigit) {
      // Digits among letters are read as letters; others are what holds apart.
      if (counts.letters < 2 || c.c >= 0x80 || LeetLetter(static_cast<char>(c.c)) == 0) return {};
      letter = static_cast<char32_t>(LeetLetter(static_cast<char>(c.c)));
    } else if (c.role == Role::kGap) {
      continue;
    }
    const bool is_letter = c.role != Role::kHan;
    if (is_letter && letter == last) continue;
    last = is_letter ? letter : 0;
    AppendChar(letter, &out);
    ++chars;
  }
  // Two letters are a run of their own, in capitals, with a sign that runs keep.
  if (std::string pair = PairTerm(folded); !pair.empty()) return pair;
  // Short ones would be found where nobody wrote them, and so would one that lost the sign before
  // or behind it (".com" in "c o m p a n y"), save the few that runs keep.
  if (counts.digits > 0 && chars < 4) return {};
  // "ak-47" is shown with its number, or every "ak47" would be one with letters put for digits.
  if (chars == 4 && IsShortCode(folded)) return {};
  if (counts.han == 0 && counts.letters + counts.digits < 3) return {};
  if (const char sign = FirstSign(folded)) {
    out.insert(0, 1, sign);
  } else if (!folded.empty() && text.At(0).role == Role::kGap) {
    return {};
  }
  if (const char sign = LastSign(folded)) {
    out.push_back(sign);
  } else if (!folded.empty() && text.Before(text.size()).role == Role::kGap) {
    return {};
  }
  return out;
}

}  // namespace winnow::text
