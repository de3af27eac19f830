#include "engine/text/squeeze_word.h"

#include <algorithm>
#include <string_view>

#include "engine/text/fold_table.h"
#include "engine/text/shapes.h"

namespace winnow::text::squeezing {
namespace {

constexpr uint32_t kTokenBytesMax = 256;  // of the folded view
constexpr uint32_t kTokenCharsMax = 32;   // once squeezed
// How many ordinary words before and behind a hidden one may belong to a term with it.
constexpr uint32_t kPhraseWords = 5;
constexpr uint32_t kPhraseWordBytes = 40;
constexpr size_t kPhraseRunWords = 16;
constexpr size_t kPhraseCharsMax = 2000;
// So many ideographs, and letters among them, are taken beside a word.
constexpr uint32_t kMixedTaken = 8;
// Tokens with signs between them that are likely codes are read as one up to here.
constexpr uint32_t kDottedBytesMax = 16;
// So many '1' are read as i or l each by itself.
constexpr uint32_t kOnesApart = 4;
// Instead of a bit for each: the digits as l, the marks as i.
constexpr uint32_t kOnesAsL = 1u << 31;

bool WordLike(const Char& c) { return c.role == Role::kLetter || c.role == Role::kDigit; }

// Whether one of two characters is a digit put for a letter where ideographs stand beside them:
// "7g" and "a6", but "5g". A word of three letters of which the last two are one shows as two, so
// what such a word would begin with is none: "a5" of paper is no "ass".
bool IsPutPair(char first, char second) {
  if (IsAsciiLetter(first)) return first != 'e' && (second == '6' || second == '9');
  if (!IsFirstOfPair(first)) return false;
  return std::string_view("slnoe").find(second) == std::string_view::npos;
}

bool IsSpace(const Char& c) {
  return c.c == ' ' || c.c == '\n' || FoldTable::Get().char_class(c.c) == CharClass::kSpace;
}

}  // namespace

void WordReader::Begin(const Text& text, RunWriter* writer,
                       const std::vector<uint32_t>* respelled) {
  text_ = text;
  writer_ = writer;
  respelled_ = respelled;
  words_done_ = 0;
}

bool WordReader::InToken(const Char& c) const {
  if (c.role == Role::kLetter || c.role == Role::kDigit) return true;
  if (c.c >= 0x80 || !IsSign(static_cast<char>(c.c))) return false;
  const std::string_view view = text_.view();
  bool after = c.end < text_.size() && WordLike(text_.At(c.end));
  if (!after && c.end + 1 < text_.size() && IsSign(view[c.end])) {
    after = WordLike(text_.At(c.end + 1));
    if (c.begin > 0 && IsSign(view[c.begin - 1])) after = false;
  }
  // "u$", "fd@", "m!lit!@", but "wow!"
  const bool before = c.c == '$' || (c.c == '@' && !after);
  if (before && after) return true;
  const bool marked =
      c.c == '!' && !after && c.end < text_.size() && (view[c.end] == '$' || view[c.end] == '@');
  if ((!before && !after && !marked) || c.begin == 0) return false;
  const Char last = text_.Before(c.begin);
  if (WordLike(last)) return true;
  return !marked && last.c < 0x80 && IsSign(static_cast<char>(last.c)) && last.begin > 0 &&
         WordLike(text_.Before(last.begin));
}

bool WordReader::InnerSign(const Char& c) const {
  if (c.role != Role::kGap) return false;
  const bool spelling = c.c == '-' || c.c == '\'' || c.c == '_' || c.c == '.' || c.c == U'’';
  if (!spelling && !IsOddSign(c.c)) return false;
  return c.begin > 0 && c.end < text_.size() && WordLike(text_.Before(c.begin)) &&
         WordLike(text_.At(c.end));
}

bool WordReader::BetweenSingles(uint32_t at) const {
  Char sign = text_.At(at);
  if (sign.role != Role::kGap || at == 0 || !text_.Single(text_.Before(at))) return false;
  if (sign.end < text_.size() && text_.At(sign.end).role == Role::kGap) sign = text_.At(sign.end);
  return sign.end < text_.size() && text_.Single(text_.At(sign.end));
}

bool WordReader::IsSpelled(uint32_t at) const {
  uint32_t begin = at, end = at;
  while (begin > 0 && at - begin <= kTokenCharsMax && InToken(text_.Before(begin))) {
    begin = text_.Before(begin).begin;
  }
  while (end < text_.size() && end - at <= kTokenCharsMax && InToken(text_.At(end))) {
    end = text_.At(end).end;
  }
  return end - begin >= 3 && IsSign(text_.view()[at]) && TokenAt(text_, begin, end).leet();
}

bool WordReader::Read(uint32_t at, uint32_t* done) {
  uint32_t begin = at, end = at;
  // A chain's, yet it may be a word as well ("w@r").
  bool chain = BetweenSingles(at);
  if (chain && (at < words_done_ || !IsSpelled(at))) return false;
  const auto in_word = [&](const Char& c) { return InToken(c) || InnerSign(c); };
  if (!in_word(text_.At(at))) return true;
  while (begin > 0 && at - begin <= kTokenBytesMax) {
    const Char before = text_.Before(begin);
    if (!in_word(before)) break;
    begin = before.begin;
  }
  // To its end, however far, so that no other shape in it is looked at.
  while (end < text_.size()) {
    const Char next = text_.At(end);
    if (!in_word(next)) break;
    end = next.end;
  }
  tokens_.clear();
  words_.clear();
  const bool fits = end - begin <= kTokenBytesMax && AddWord(begin, end);
  chain |= fits && words_[0].apart;
  uint32_t word_done = std::max({*done, end, at + 1});
  if (fits && words_[0].hidden && begin >= words_done_) {
    WriteWordRuns(words_[0]);
    ReadPhrase(&word_done);
  }
  words_done_ = std::max(words_done_, word_done);
  if (!chain) *done = word_done;
  return !chain;
}

bool WordReader::AddWord(uint32_t begin, uint32_t end) {
  if (end - begin > kTokenBytesMax) return false;
  Word word = {begin, end, tokens_.size(), tokens_.size()};
  word.apart = true;
  bool all_single = true, any_hidden = false, pairs = false;
  uint32_t letters = 0;  // and digits, about
  uint32_t from = begin;
  for (uint32_t at = begin; at <= end;) {
    const bool stops = at == end || InnerSign(text_.At(at));
    if (!stops) {
      at = text_.At(at).end;
      continue;
    }
    if (at > from) {
      Token token = TokenAt(text_, from, at);
      token.respelled = IsRespelled(from, at);
      any_hidden |= token.hidden();
      pairs |= token.pair;
      all_single &= text_.At(from).end == at;
      word.apart &= text_.At(from).end == at || IsStretched(text_, from, at) || token.alternates ||
                    DigitsBetween(from, at);
      letters += at - from;
      tokens_.push_back(token);
    }
    if (at == end) break;
    const Char sign = text_.At(at);
    word.odd_signs |= IsOddSign(sign.c);
    at = from = sign.end;
  }
  word.tokens_end = tokens_.size();
  // "t.m2e"
  any_hidden |= pairs && word.tokens_end - word.tokens_begin > 1;
  word.apart &= !all_single;
  word.hidden = any_hidden || (word.odd_signs && !all_single && letters >= 4);
  words_.push_back(word);
  return true;
}

bool WordReader::DigitsBetween(uint32_t begin, uint32_t end) const {
  const std::string_view view = text_.view();
  bool digit = IsAsciiDigit(view[begin]);
  // "加3v", "v5信"
  if (end - begin == 2) {
    if (digit == IsAsciiDigit(view[begin + 1])) return false;
    return IsAsciiLetter(view[digit ? begin + 1 : begin]) &&
           (digit ? text_.HanBefore(begin) : text_.HanAt(end));
  }
  if (end - begin < 3) return false;
  if (digit && !text_.HanBefore(begin)) return false;
  for (uint32_t at = begin; at < end; ++at, digit = !digit) {
    if (!(digit ? IsAsciiDigit(view[at]) : IsAsciiLetter(view[at]))) return false;
  }
  return digit || text_.HanAt(end);  // `digit` is what would follow
}

bool WordReader::IsRespelled(uint32_t begin, uint32_t end) const {
  if (respelled_ == nullptr) return false;
  const auto it = std::lower_bound(respelled_->begin(), respelled_->end(), begin);
  return it != respelled_->end() && *it < end;
}

void WordReader::WriteWordRuns(const Word& word) {
  const bool several = word.tokens_end - word.tokens_begin > 1;
  bool sure = word.odd_signs, stretched = false;
  for (size_t i = word.tokens_begin; i < word.tokens_end; ++i) {
    sure |= tokens_[i].hidden() && !tokens_[i].likely_code;
    stretched |= tokens_[i].repeats;
  }
  if (stretched || word.odd_signs) WriteCode(word);
  if (!sure) {
    Compose(&word, 1, false, 0, false);
    WritePair(word);
    // "t.m3", "opt-1n"
    if (several && word.end - word.begin <= kDottedBytesMax) WriteReadings(&word, 1, false, 8);
    const std::string_view view = text_.view();
    if (word.end - word.begin == 2 && IsPutPair(view[word.begin], view[word.begin + 1]) &&
        BesideHan(word)) {
      WriteWithHan(word);
    }
    return;
  }
  for (size_t i = word.tokens_begin; i < word.tokens_end; ++i) {
    if (!tokens_[i].hidden() || tokens_[i].likely_code) continue;
    const Word alone = {tokens_[i].begin, tokens_[i].end, i, i + 1};
    WriteReadings(&alone, 1, false, kTokenCharsMax);
  }
  if (several) WriteReadings(&word, 1, false, kTokenCharsMax);
  if (word.end < text_.size() && text_.view()[word.end] == '!') WriteWithMark(word);
  if (BesideHan(word)) WriteWithHan(word);
}

void WordReader::WriteWithMark(const Word& word) {
  const std::string_view view = text_.view();
  const Token last = tokens_[word.tokens_end - 1];
  if (!last.leet() || last.leet_end != last.end || last.end != word.end) return;
  if (word.end + 1 < view.size() && view[word.end + 1] == '!') return;
  for (size_t i = word.tokens_begin; i < word.tokens_end; ++i) {
    const Token token = tokens_[i];
    tokens_.push_back(token);
  }
  tokens_.back().end = tokens_.back().leet_end = word.end + 1;
  const size_t count = word.tokens_end - word.tokens_begin;
  const Word marked = {word.begin, word.end + 1, tokens_.size() - count, tokens_.size()};
  WriteReadings(&marked, 1, false, kTokenCharsMax);
  tokens_.resize(tokens_.size() - count);
}

bool WordReader::BesideHan(const Word& word) const {
  return text_.HanBefore(word.begin) || text_.HanAt(word.end);
}

uint32_t WordReader::MixedFrom(uint32_t at, bool forward) const {
  uint32_t whole = at;  // where no letter is left behind
  for (uint32_t n = 0; n < kMixedTaken && (forward ? at < text_.size() : at > 0); ++n) {
    const Char c = forward ? text_.At(at) : text_.Before(at);
    if (c.role != Role::kHan && c.role != Role::kLetter) {
      if (c.role != Role::kDigit) whole = at;
      break;
    }
    if (c.role == Role::kHan) whole = at;
    at = forward ? c.end : c.begin;
    if (c.role == Role::kHan) whole = at;
  }
  return whole;
}

void WordReader::WriteCode(const Word& word) {
  const std::string_view view = text_.view();
  const std::string_view shown = view.substr(word.begin, word.end - word.begin);
  // A number that a term has stands at an end: "8baaall", "aaak47". Most words have none there, or
  // one digit put for a letter ("raaaep4"); only a single letter may have such ("cccc4").
  if (!IsAsciiDigit(shown.front())) {
    if (!IsAsciiDigit(shown.back())) return;
    if (!IsAsciiDigit(shown[shown.size() - 2]) &&
        shown.find_first_not_of(shown[0]) != shown.size() - 1) {
      return;
    }
  }
  uint32_t begin = word.begin, end = word.end;
  if (text_.HanBefore(begin)) begin = MixedFrom(begin, false);
  if (text_.HanAt(end)) end = MixedFrom(end, true);
  CodePieces code(&other_);
  for (uint32_t at = begin; at < end;) {
    const Char c = text_.At(at);
    at = c.end;
    if (c.role != Role::kGap) code.Add(c);
  }
  if (!code.IsCode() || other_.size() > kTokenCharsMax) return;
  writer_->Write(other_.all(), MaskOf(Evasion::kSeparator));
}

void WordReader::WriteWithHan(const Word& word) {
  uint32_t begin = word.begin, end = word.end;
  if (text_.HanBefore(begin)) begin = MixedFrom(begin, false);
  if (text_.HanAt(end)) end = MixedFrom(end, true);
  const uint32_t ones = Compose(&word, 1, false, 0, false);
  for (uint32_t reading = 0; reading < (ones > 0 ? 2 : 1); ++reading) {
    if (reading > 0) Compose(&word, 1, false, ~0u, false);
    if (pieces_.size() > kTokenCharsMax) continue;
    other_.Clear();
    other_.AddText(text_, begin, word.begin);
    for (const Piece& piece : pieces_.all()) other_.Add(piece, 0, false);
    other_.AddText(text_, word.end, end);
    writer_->Write(other_.all(), MaskOf(Evasion::kSeparator));
  }
}

void WordReader::ReadPhrase(uint32_t* done) {
  const Word first = words_[0];
  words_.clear();
  uint32_t begin = first.begin;
  std::vector<std::pair<uint32_t, uint32_t>>& before = before_;
  before.clear();
  for (uint32_t n = 0; n < kPhraseWords; ++n) {
    uint32_t from, to;
    if (!WordBeside(begin, false, &from, &to)) break;
    before.emplace_back(from, to);
    begin = from;
  }
  for (size_t i = before.size(); i-- > 0;) AddWord(before[i].first, before[i].second);
  words_.push_back(first);
  for (uint32_t since = 0; since < kPhraseWords; ++since) {
    uint32_t from, to;
    if (!WordBeside(words_.back().end, true, &from, &to)) break;
    AddWord(from, to);
    const Word word = words_.back();
    if (!word.hidden) continue;
    since = UINT32_MAX;  // from here on anew
    WriteWordRuns(word);
    *done = std::max(*done, to);
    if (words_.size() < kPhraseRunWords) continue;
    // Long ones in parts that overlap.
    WriteReadings(words_.data(), words_.size(), true, kPhraseCharsMax);
    words_.erase(words_.begin(), words_.end() - kPhraseWords - 1);
  }
  if (words_.size() > 1) WriteReadings(words_.data(), words_.size(), true, kPhraseCharsMax);
}

bool WordReader::WordBeside(uint32_t at, bool forward, uint32_t* begin, uint32_t* end) const {
  const auto more = [&](uint32_t from) { return forward ? from < text_.size() : from > 0; };
  const auto next = [&](uint32_t from) { return forward ? text_.At(from) : text_.Before(from); };
  const auto past = [&](const Char& c) { return forward ? c.end : c.begin; };
  uint32_t near = at;
  for (int spaces = 0; spaces < 2 && more(near) && IsSpace(next(near)); ++spaces) {
    near = past(next(near));
  }
  if (near == at) return false;
  uint32_t far = near;
  // "100% sure"
  if (!forward && near > 1 && text_.view()[near - 1] == '%' &&
      IsAsciiDigit(text_.view()[near - 2])) {
    --far;
  }
  const auto bytes = [&] { return forward ? far - near : near - far; };
  while (more(far) && bytes() <= kPhraseWordBytes) {
    const Char c = next(far);
    if (!InToken(c) && !InnerSign(c)) break;
    far = past(c);
  }
  *begin = std::min(near, far);
  *end = std::max(near, far);
  return far != near && bytes() <= kPhraseWordBytes;
}

void WordReader::WriteReadings(const Word* words, size_t count, bool phrase, size_t chars_max) {
  const bool several = words[0].tokens_end - words[0].tokens_begin > 1;
  bool alternates = false, others = several;
  uint32_t pairs = 0, numbers = 0;
  for (size_t w = 0; w < count; ++w) {
    for (size_t i = words[w].tokens_begin; i < words[w].tokens_end; ++i) {
      alternates |= tokens_[i].alternates;
      pairs += tokens_[i].pair;
      numbers +=
          phrase && IsAsciiDigit(text_.view()[tokens_[i].begin]) && HasHeldNumber(tokens_[i]);
      others |= tokens_[i].leet() || tokens_[i].repeats || tokens_[i].respelled;
    }
  }
  // "t.m7e", "g5o t5o", "i5n 197"
  const bool apart = alternates || pairs > 1 || (pairs == 1 && (numbers > 0 || several));
  uint32_t ones = Compose(words, count, phrase, 0, false);
  // With many, all are read alike; or the digits as l and the marks as i.
  const bool many = ones > kOnesApart;
  const uint32_t readings = many ? 3 : 1u << ones;
  for (uint32_t r = 0; r < readings; ++r) {
    if (alternates && !others) break;
    if (r > 0) Compose(words, count, phrase, !many ? r : r == 1 ? ~0u : kOnesAsL, false);
    if (!phrase) WritePair(words[0]);
    if (pieces_.size() >= 2 && pieces_.size() <= chars_max) {
      writer_->Write(pieces_.all(), MaskOf(Evasion::kSeparator));
    }
  }
  if (!apart) return;
  for (const uint32_t as_l : {0u, ~0u}) {
    if (as_l != 0 && ones == 0) break;
    ones = Compose(words, count, phrase, as_l, true);
    if (pieces_.size() >= 2 && pieces_.size() <= chars_max) {
      writer_->Write(pieces_.all(), MaskOf(Evasion::kSeparator));
    }
  }
}

void WordReader::WritePair(const Word& word) {
  // "vvvx", "qqqq"
  const Token& token = tokens_[word.tokens_begin];
  if (word.tokens_end - word.tokens_begin != 1 || pieces_.size() > 2 || !token.repeats) return;
  const auto one_of = [](std::string_view letters, char c) {
    return letters.find(c) != std::string_view::npos;
  };
  other_.Clear();
  for (Piece piece : pieces_.all()) {
    const char letter = text_.view()[piece.begin];
    if (!IsAsciiLetter(letter) || piece.letter != 0) return;
    if (one_of("aeiou", letter)) {
      // "nooo", "aaah" and "ummm" are said.
      const bool last = other_.size() + 1 == pieces_.size();
      if (last ? piece.end - piece.begin > 1 || pieces_.size() == 1
               : one_of("hmrwfy", text_.view()[piece.end])) {
        return;
      }
    }
    piece.letter = static_cast<char>(letter - 0x20);
    other_.Add(piece, 0, false);
  }
  if (pieces_.size() == 1) {
    Piece& all = other_[0];
    const Piece second = {all.begin + 1, all.end, all.letter, all.evasions};
    all.end = all.begin + 1;
    other_.Add(second, 0, false);
  }
  writer_->Write(other_.all(), 0);
}

uint32_t WordReader::Compose(const Word* words, size_t count, bool phrase, uint32_t as_l,
                             bool apart) {
  pieces_.Clear();
  uint32_t ones = 0;
  for (size_t w = 0; w < count; ++w) {
    if (w > 0) pieces_.Add({words[w - 1].end, words[w].begin, ' ', 0}, ' ', false);
    const size_t first = pieces_.size();
    for (size_t t = words[w].tokens_begin; t < words[w].tokens_end; ++t) {
      Token token = tokens_[t];
      // Among hidden words a digit in a word is no longer beyond suspicion.
      if (!token.hidden() && ((phrase && HasLetterAndDigit(token)) || words[w].odd_signs)) {
        token.leet_end = token.end;
      }
      const bool alternates = token.alternates || ((phrase || count == 1) && token.pair);
      if (apart && (alternates || (phrase && HasHeldNumber(token)))) {
        ComposeApart(token, as_l, &ones);
      } else {
        ComposeToken(token, as_l, &ones);
      }
    }
    if (!phrase || first == pieces_.size()) continue;
    Piece& p = pieces_[first];
    const char letter = p.letter != 0 ? p.letter : text_.view()[p.begin];
    if (IsAsciiLetter(letter)) p.letter = static_cast<char>(letter - 0x20);
  }
  return ones;
}

bool WordReader::HasLetterAndDigit(const Token& token) const {
  const std::string_view t = text_.view().substr(token.begin, token.end - token.begin);
  return std::any_of(t.begin(), t.end(), IsAsciiLetter) &&
         std::any_of(t.begin(), t.end(), [](char c) { return LeetLetter(c) != 0; });
}

bool WordReader::HasHeldNumber(const Token& token) const {
  std::string_view t = text_.view().substr(token.begin, token.end - token.begin);
  if (t.back() == '%') t.remove_suffix(1);
  if (t.size() < 3 || t.size() % 2 == 0 || !IsAsciiDigit(t[0])) return false;
  for (size_t i = 0; i < t.size(); ++i) {
    if (!IsAsciiDigit(t[i]) && (i % 2 == 1 || !IsAsciiLetter(t[i]))) return false;
  }
  return true;
}

inline void WordReader::AddChar(const Char& c, bool leet, uint32_t as_l, uint32_t* ones) {
  Piece piece = {c.begin, c.end, 0, 0};
  char32_t letter = c.c;
  if (c.c < 0x80 && leet && !IsAsciiLetter(static_cast<char>(c.c))) {
    if (char put = LeetLetter(static_cast<char>(c.c))) {
      if (put == 'i') {
        const bool all = as_l == kOnesAsL ? c.c == '1' : as_l >> std::min(*ones, 31u) & 1;
        if (all) put = 'l';
        ++*ones;
      }
      piece.letter = put;
      piece.evasions = MaskOf(Evasion::kLeet);
      letter = static_cast<char32_t>(put);
    }
  }
  pieces_.Add(piece, letter, c.role == Role::kLetter || piece.letter != 0);
}

void WordReader::ComposeToken(const Token& token, uint32_t as_l, uint32_t* ones) {
  for (uint32_t at = token.begin; at < token.end;) {
    const Char c = text_.At(at);
    at = c.end;
    AddChar(c, c.begin < token.leet_end, as_l, ones);
  }
}

void WordReader::ComposeApart(const Token& token, uint32_t as_l, uint32_t* ones) {
  const std::string_view view = text_.view();
  const std::string_view shown = view.substr(token.begin, token.end - token.begin);
  const bool number = std::none_of(shown.begin(), shown.end(), IsAsciiLetter);
  for (uint32_t at = token.begin; at < token.end; ++at) {
    AddChar(text_.At(at), !number, as_l, ones);
    while (IsAsciiLetter(view[at]) && at + 1 < token.end && view[at + 1] == view[at]) {
      AddChar(text_.At(++at), false, as_l, ones);
    }
    if (at + 1 < token.end && IsAsciiDigit(view[at + 1])) ++at;  // what holds apart
  }
}

}  // namespace winnow::text::squeezing
