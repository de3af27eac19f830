#include "engine/text/squeeze.h"

#include <algorithm>
#include <array>

#include "engine/text/fold_table.h"
#include "engine/text/squeeze_text.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

using squeezing::Char;
using squeezing::Gap;
using squeezing::IsAsciiDigit;
using squeezing::IsAsciiLetter;
using squeezing::IsSign;
using squeezing::IsUnit;
using squeezing::kBesideNumbers;
using squeezing::kContrasts;
using squeezing::LeetLetter;
using squeezing::Piece;
using squeezing::Role;
using squeezing::RunWriter;
using squeezing::Text;
using squeezing::Unit;

constexpr uint32_t kTokenBytesMax = 256;  // of the folded view
constexpr uint32_t kTokenCharsMax = 32;   // once squeezed
constexpr uint32_t kLeetTokenBytesMax = 24;
// How many ordinary words before and behind a hidden one may belong to a term with it.
constexpr uint32_t kPhraseWords = 5;
constexpr uint32_t kPhraseWordBytes = 40;
constexpr size_t kPhraseRunWords = 16;
constexpr size_t kPhraseCharsMax = 2000;
// So many '1' are read as i or l each by itself.
constexpr uint32_t kOnesApart = 3;
// Chains of at most this many units are judged as a whole. Longer ones are no accident, and may
// begin or end beyond what the squeezer was given, so nothing about their ends may decide.
constexpr uint32_t kChainUnits = 48;
// Neighbouring ideographs of which more than kPieceChars end a chain, that takes in kPieceTaken.
constexpr uint32_t kPieceChars = 4;
constexpr uint32_t kPieceTaken = 8;
// So many units that touch their neighbours are taken beside a gap.
constexpr size_t kTouching = 6;

// Reads what stands at the shapes of one view.
class Reader {
 public:
  Reader(std::string_view folded, std::string* out, EditMap* map)
      : text_(folded), writer_(folded, out, map) {}

  void Read(const Shape& shape) {
    if (shape.offset < done_) return;
    if (shape.kind == Shape::Kind::kToken) {
      ReadToken(shape.offset);
    } else {
      ReadChain(shape.offset);
    }
  }

  uint32_t until() const { return writer_.until(); }

 private:
  // Tokens.

  // Part of a word, also one respelled. Signs only inside: "wow!" ends before its mark.
  bool InToken(const Char& c) const {
    if (c.role == Role::kLetter || c.role == Role::kDigit) return true;
    if (c.c >= 0x80 || !IsSign(static_cast<char>(c.c))) return false;
    const auto word = [](const Char& n) {
      return n.role == Role::kLetter || n.role == Role::kDigit;
    };
    bool after = c.end < text_.size() && word(text_.At(c.end));
    if (!after && c.end + 1 < text_.size() && IsSign(text_.view()[c.end])) {
      after = word(text_.At(c.end + 1));
      if (c.begin > 0 && IsSign(text_.view()[c.begin - 1])) after = false;
    }
    if (c.c == '$') {
      return after || (c.begin > 0 && word(text_.Before(c.begin)));
    }
    if (!after || c.begin == 0) return false;
    const Char before = text_.Before(c.begin);
    return word(before) || (before.c < 0x80 && IsSign(static_cast<char>(before.c)) &&
                            before.begin > 0 && word(text_.Before(before.begin)));
  }

  static bool WordLike(const Char& c) { return c.role == Role::kLetter || c.role == Role::kDigit; }

  // A sign inside a word that its spelling may have ("on-call", "don't") or that somebody put there
  // ("ca*sino").
  bool InnerSign(const Char& c) const {
    const bool spelling = c.c == '-' || c.c == '\'' || c.c == '_' || c.c == '.' || c.c == U'’';
    if (!spelling && !IsOddSign(c.c)) return false;
    return c.begin > 0 && c.end < text_.size() && WordLike(text_.Before(c.begin)) &&
           WordLike(text_.At(c.end));
  }
  static bool IsOddSign(char32_t c) {
    if (c < 0x80) return c == '*' || c == '#' || c == '^' || c == '|' || c == '~';
    return c == U'•' || IsOddSymbol(c);
  }

  // A stretch of letters, digits and signs put for letters.
  struct Token {
    uint32_t begin, end;
    uint32_t leet_end;  // digits and signs before it stand for letters
    bool alternates;    // a digit between each two letters: "c1a2s3h"
    bool repeats;       // a letter three times
    bool leet() const { return leet_end > begin; }
    bool hidden() const { return leet() || alternates || repeats; }
  };
  // Tokens with signs between them.
  struct Word {
    uint32_t begin, end;
    size_t tokens_begin, tokens_end;  // in tokens_
    bool odd_signs = false;
    bool hidden = false;
  };

  void ReadToken(uint32_t at) {
    uint32_t begin = at, end = at;
    // Single letters around a sign are a chain's.
    if (const Char sign = text_.At(at); sign.role == Role::kGap && sign.begin > 0 &&
                                        text_.Single(text_.Before(at)) && sign.end < text_.size() &&
                                        text_.Single(text_.At(sign.end))) {
      return;
    }
    const auto in_word = [&](const Char& c) { return InToken(c) || InnerSign(c); };
    if (!in_word(text_.At(at))) return;
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
    if (end - begin > kTokenBytesMax || !AddWord(begin, end)) {
      done_ = std::max(done_, std::max(end, at + 1));
      return;
    }
    done_ = std::max(done_, std::max(end, at + 1));
    if (!words_[0].hidden) return;
    WriteWordRuns(words_[0]);
    ReadPhrase();
  }

  // Adds the word [begin, end) to words_; false when it is too long.
  bool AddWord(uint32_t begin, uint32_t end) {
    if (end - begin > kTokenBytesMax) return false;
    Word word = {begin, end, tokens_.size(), tokens_.size()};
    bool all_single = true, any_hidden = false;
    uint32_t letters = 0;  // and digits, about
    uint32_t from = begin;
    for (uint32_t at = begin; at <= end;) {
      const bool stops = at == end || InnerSign(text_.At(at));
      if (!stops) {
        at = text_.At(at).end;
        continue;
      }
      if (at > from) {
        const Token token = TokenAt(from, at);
        any_hidden |= token.hidden();
        all_single &= text_.At(from).end == at;
        letters += at - from;
        tokens_.push_back(token);
      }
      if (at == end) break;
      const Char sign = text_.At(at);
      word.odd_signs |= IsOddSign(sign.c);
      at = from = sign.end;
    }
    word.tokens_end = tokens_.size();
    word.hidden = any_hidden || (word.odd_signs && !all_single && letters >= 4);
    words_.push_back(word);
    return true;
  }

  Token TokenAt(uint32_t begin, uint32_t end) const {
    Token token = {begin, end, begin, false, false};
    const std::string_view text = text_.view().substr(begin, end - begin);
    uint32_t leet_end = 0;
    if (HasLeetShape(begin, end) && IsLeet(text, begin, end, &leet_end)) {
      token.leet_end = begin + leet_end;
    }
    token.alternates = Alternates(text);
    token.repeats = HasRepeats(text) || StretchedBesideHan(begin, end);
    return token;
  }

  // "加vvvv": one letter over and over that ideographs touch.
  bool StretchedBesideHan(uint32_t begin, uint32_t end) const {
    const std::string_view t = text_.view().substr(begin, end - begin);
    if (t.size() < 3 || !IsAsciiLetter(t[0]) || t.find_first_not_of(t[0]) != t.npos) return false;
    return t != "www" && (HanBefore(begin) || HanAt(end));
  }
  bool HanBefore(uint32_t at) const { return at > 0 && text_.Before(at).role == Role::kHan; }
  bool HanAt(uint32_t at) const { return at < text_.size() && text_.At(at).role == Role::kHan; }

  // Whether a shape is found at the token: only such are judged, whatever else is.
  bool HasLeetShape(uint32_t begin, uint32_t end) const {
    const std::string_view t = text_.view().substr(begin, end - begin);
    const auto letter = [&](size_t i) { return i < t.size() && IsAsciiLetter(t[i]); };
    const auto put = [&](size_t i) { return i < t.size() && (IsAsciiDigit(t[i]) || IsSign(t[i])); };
    for (size_t i = 0; i < t.size(); ++i) {
      if (!put(i)) continue;
      if (i > 0 && letter(i - 1) && (letter(i + 1) || (put(i + 1) && letter(i + 2)))) return true;
      if ((i == 0 || IsSign(t[i - 1])) && letter(i + 1) && letter(i + 2) && letter(i + 3)) {
        return true;
      }
      if (i + 1 == t.size() && (IsAsciiDigit(t[i]) || t[i] == '$') && i >= 3 && letter(i - 1) &&
          letter(i - 2) && letter(i - 3)) {
        return true;
      }
    }
    return false;
  }

  // "c1a2s3h": three letters or more with one digit between each two.
  static bool Alternates(std::string_view token) {
    if (token.size() < 5 || token.size() % 2 == 0) return false;
    for (size_t i = 0; i < token.size(); ++i) {
      if (!(i % 2 == 0 ? IsAsciiLetter(token[i]) : IsAsciiDigit(token[i]))) return false;
    }
    return true;
  }

  // The runs of a word by itself: of its tokens, and of them joined.
  void WriteWordRuns(const Word& word) {
    const bool several = word.tokens_end - word.tokens_begin > 1;
    for (size_t i = word.tokens_begin; i < word.tokens_end; ++i) {
      if (!tokens_[i].hidden()) continue;
      const Word alone = {tokens_[i].begin, tokens_[i].end, i, i + 1};
      WriteReadings(&alone, 1, false, kTokenCharsMax);
    }
    if (several) WriteReadings(&word, 1, false, kTokenCharsMax);
    if (HanBefore(word.begin) || HanAt(word.end)) WriteWithHan(word);
  }

  // The word with the ideographs that touch it, for terms that mix the two.
  void WriteWithHan(const Word& word) {
    const uint32_t begin =
        HanBefore(word.begin) ? PieceTo(text_.Before(word.begin)).begin : word.begin;
    const uint32_t end = HanAt(word.end) ? PieceFrom(text_.At(word.end)).end : word.end;
    const uint32_t ones = Compose(&word, 1, false, 0, false);
    for (uint32_t reading = 0; reading < (ones > 0 ? 2 : 1); ++reading) {
      if (reading > 0) Compose(&word, 1, false, ~0u, false);
      std::vector<Piece> pieces;
      const auto add_han = [&](uint32_t from, uint32_t to) {
        for (uint32_t at = from; at < to;) {
          const Char c = text_.At(at);
          pieces.push_back({c.begin, c.end, 0, 0});
          at = c.end;
        }
      };
      add_han(begin, word.begin);
      pieces.insert(pieces.end(), pieces_.begin(), pieces_.end());
      add_han(word.end, end);
      if (pieces_.size() <= kTokenCharsMax) {
        writer_.Write(pieces, MaskOf(Evasion::kSeparator));
      }
    }
  }

  // The words around the first of words_, so that terms of several are found.
  void ReadPhrase() {
    const Word first = words_[0];
    words_.clear();
    uint32_t begin = first.begin;
    std::vector<std::pair<uint32_t, uint32_t>>& before = before_;
    before.clear();
    for (uint32_t n = 0; n < kPhraseWords; ++n) {
      uint32_t from, to;
      if (!WordBefore(begin, &from, &to)) break;
      before.emplace_back(from, to);
      begin = from;
    }
    for (size_t i = before.size(); i-- > 0;) AddWord(before[i].first, before[i].second);
    words_.push_back(first);
    for (uint32_t since = 0; since < kPhraseWords; ++since) {
      uint32_t from, to;
      if (!WordAfter(words_.back().end, &from, &to)) break;
      AddWord(from, to);
      const Word word = words_.back();
      if (!word.hidden) continue;
      since = UINT32_MAX;  // from here on anew
      WriteWordRuns(word);
      done_ = std::max(done_, to);
      if (words_.size() < kPhraseRunWords) continue;
      // Long ones in parts that overlap.
      WriteReadings(words_.data(), words_.size(), true, kPhraseCharsMax);
      words_.erase(words_.begin(), words_.end() - kPhraseWords - 1);
    }
    if (words_.size() > 1) WriteReadings(words_.data(), words_.size(), true, kPhraseCharsMax);
  }

  // The word behind `at` over a space or two.
  bool WordAfter(uint32_t at, uint32_t* begin, uint32_t* end) const {
    *begin = at;
    for (int spaces = 0; spaces < 2 && *begin < text_.size() && IsSpace(text_.At(*begin)); ++spaces)
      *begin = text_.At(*begin).end;
    if (*begin == at) return false;
    for (*end = *begin; *end < text_.size() && *end - *begin <= kPhraseWordBytes;) {
      const Char c = text_.At(*end);
      if (!InToken(c) && !InnerSign(c)) break;
      *end = c.end;
    }
    return *end > *begin && *end - *begin <= kPhraseWordBytes;
  }

  bool WordBefore(uint32_t at, uint32_t* begin, uint32_t* end) const {
    *end = at;
    for (int spaces = 0; spaces < 2 && *end > 0 && IsSpace(text_.Before(*end)); ++spaces)
      *end = text_.Before(*end).begin;
    if (*end == at) return false;
    for (*begin = *end; *begin > 0 && *end - *begin <= kPhraseWordBytes;) {
      const Char c = text_.Before(*begin);
      if (!InToken(c) && !InnerSign(c)) break;
      *begin = c.begin;
    }
    return *end > *begin && *end - *begin <= kPhraseWordBytes;
  }

  static bool IsSpace(const Char& c) {
    return c.c == ' ' || c.c == '\n' || FoldTable::Get().char_class(c.c) == CharClass::kSpace;
  }

  // A run for each way to read `words`: '1' as i or l, digits as letters or as what holds apart.
  // In a phrase each word begins with a capital, which no folded view has, so that only terms of
  // several words are found in it.
  void WriteReadings(const Word* words, size_t count, bool phrase, size_t chars_max) {
    bool alternates = false, others = words[0].tokens_end - words[0].tokens_begin > 1;
    for (size_t i = words[0].tokens_begin; i < words[count - 1].tokens_end; ++i) {
      alternates |= tokens_[i].alternates;
      others |= tokens_[i].leet() || tokens_[i].repeats;
    }
    uint32_t ones = Compose(words, count, phrase, 0, false);
    const uint32_t readings = ones == 0 ? 1 : ones <= kOnesApart ? 1u << ones : 2;
    for (uint32_t r = 0; r < readings; ++r) {
      // With many, all are read alike.
      if (alternates && !others) break;
      if (r > 0) Compose(words, count, phrase, readings == 2 ? ~0u : r, false);
      if (pieces_.size() >= 2 && pieces_.size() <= chars_max) {
        writer_.Write(pieces_, MaskOf(Evasion::kSeparator));
      }
    }
    if (!alternates) return;
    Compose(words, count, phrase, 0, true);
    if (pieces_.size() >= 2 && pieces_.size() <= chars_max) {
      writer_.Write(pieces_, MaskOf(Evasion::kSeparator));
    }
  }

  // Fills pieces_ with the words. The bits of `as_l` say which '1' is an l. Returns how many '1'
  // there are.
  uint32_t Compose(const Word* words, size_t count, bool phrase, uint32_t as_l, bool apart) {
    pieces_.clear();
    uint32_t ones = 0;
    for (size_t w = 0; w < count; ++w) {
      if (w > 0) pieces_.push_back({words[w - 1].end, words[w].begin, ' ', 0});
      const size_t first = pieces_.size();
      char32_t last = 0;
      for (size_t t = words[w].tokens_begin; t < words[w].tokens_end; ++t) {
        Token token = tokens_[t];
        // Among hidden words a digit in a word is no longer beyond suspicion.
        if (phrase && !token.hidden() && HasLetterAndDigit(token)) token.leet_end = token.end;
        const bool alternates = token.alternates || (phrase && token.end - token.begin == 3);
        ComposeToken(token, as_l, apart && alternates, first, &last, &ones);
      }
      if (!phrase || first == pieces_.size()) continue;
      Piece& p = pieces_[first];
      const char letter = p.letter != 0 ? p.letter : text_.view()[p.begin];
      if (IsAsciiLetter(letter)) p.letter = static_cast<char>(letter - 0x20);
    }
    return ones;
  }

  bool HasLetterAndDigit(const Token& token) const {
    const std::string_view t = text_.view().substr(token.begin, token.end - token.begin);
    return std::any_of(t.begin(), t.end(), IsAsciiLetter) &&
           std::any_of(t.begin(), t.end(), [](char c) { return LeetLetter(c) != 0; });
  }

  void ComposeToken(const Token& token, uint32_t as_l, bool apart, size_t word_begin,
                    char32_t* last, uint32_t* ones) {
    for (uint32_t at = token.begin; at < token.end;) {
      const Char c = text_.At(at);
      at = c.end;
      if (apart && c.role == Role::kDigit) continue;
      Piece piece = {c.begin, c.end, 0, 0};
      char32_t letter = c.c;
      if (c.c < 0x80 && c.begin < token.leet_end && !IsAsciiLetter(static_cast<char>(c.c))) {
        if (char put = LeetLetter(static_cast<char>(c.c))) {
          if (put == 'i') {
            if (as_l >> std::min(*ones, 31u) & 1) put = 'l';
            ++*ones;
          }
          piece.letter = put;
          piece.evasions = MaskOf(Evasion::kLeet);
          letter = static_cast<char32_t>(put);
        }
      }
      if (pieces_.size() == word_begin) *last = 0;
      Append(piece, letter, c.role == Role::kLetter || piece.letter != 0, last);
      Piece& p = pieces_.back();
      if (p.letters >= 3) p.evasions |= MaskOf(Evasion::kRepeat);
    }
  }

  // Equal letters that meet are one.
  void Append(const Piece& piece, char32_t letter, bool is_letter, char32_t* last) {
    if (is_letter && letter == *last && !pieces_.empty()) {
      if (piece.begin > pieces_.back().end) {
        pieces_.back().evasions |= MaskOf(Evasion::kSeparator);
      }
      pieces_.back().end = piece.end;
      pieces_.back().evasions |= piece.evasions;
      ++pieces_.back().letters;
    } else {
      pieces_.push_back(piece);
    }
    *last = is_letter ? letter : 0;
  }

  // A letter three times or more in what may be a word: no number, roman or hexadecimal.
  static bool HasRepeats(std::string_view token) {
    if (IsAsciiDigit(token[0])) return false;                           // 077xxxx, 0xfff
    if (token.find_first_not_of(token[0]) == token.npos) return false;  // www
    bool roman = true, hex = true;
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < token.size(); ++i) {
      const char c = token[i];
      if (!IsAsciiLetter(c)) {
        run = 0;
        roman = false;
        hex &= IsAsciiDigit(c);
        continue;
      }
      run = i > 0 && token[i - 1] == c ? run + 1 : 1;
      longest = std::max(longest, run);
      roman &= std::string_view("ivxlcdm").find(c) != std::string_view::npos;
      hex &= c <= 'f';
    }
    if (longest < 3 || (roman && longest == 3)) return false;
    return !(hex && (token.size() == 6 || token.size() >= 16) && token.size() % 2 == 0);
  }

  // True when digits and signs in a token stand for letters rather than for themselves, as in
  // product codes, versions, addresses. `begin`, `end`: of the token in the view. `*leet_end`: from
  // where on they do no longer ("v1agra100").
  bool IsLeet(std::string_view token, uint32_t begin, uint32_t end, uint32_t* leet_end) const {
    if (token.size() > kLeetTokenBytesMax || token.size() < 3) return false;
    // The parts of an address or a path are made up, and those of base64.
    if (begin > 0 &&
        std::string_view("/\\=?&+").find(text_.view()[begin - 1]) != std::string_view::npos) {
      return false;
    }
    if (end + 1 < text_.size() && text_.view()[end] == '+' && text_.At(end + 1).c < 0x80 &&
        text_.At(end + 1).role != Role::kGap) {
      return false;
    }
    // A number at the end is a number, save one digit or two that go on what was begun inside
    // ("p0r7"), and a 0 or $ ("casin0").
    size_t last = token.size();
    while (last > 0 && !IsAsciiLetter(token[last - 1])) --last;
    const bool inside =
        std::any_of(token.begin(), token.begin() + last, [](char c) { return !IsAsciiLetter(c); });
    const size_t tail = token.size() - last;
    const bool zero = tail == 1 && last >= 3 && (token[last] == '0' || token[last] == '$');
    const bool dollars = token.substr(last) == "$$" && last >= 1;
    const bool sign = tail == 2 && last >= 2 && (IsSign(token[last]) || token[last + 1] == '$');
    if (zero || dollars || sign || (inside && tail <= 2)) last = token.size();
    uint32_t letters = 0, put = 0, digits_in_row = 0, groups = 0, single_groups = 0, group = 0;
    char others = 0;  // a digit or sign besides ! and @
    bool hex = true;
    for (size_t i = 0; i < last; ++i) {
      const char c = token[i];
      if (IsAsciiLetter(c)) {
        ++letters;
        digits_in_row = 0;
        if (++group == 1) {
          ++groups;
          ++single_groups;
        } else if (group == 2) {
          --single_groups;
        }
        hex &= c <= 'f';
        continue;
      }
      group = 0;
      if (LeetLetter(c) == 0) return false;  // also letters that are not ASCII
      hex &= IsAsciiDigit(c);
      if (c != '!' && c != '@') others = c;
      ++put;
      // Two digits in a row are letters in a longer word or as a pair ("pu55y").
      if (++digits_in_row > 1) {
        const bool pair = digits_in_row == 2 && token[i - 1] == c;
        if (!pair && (digits_in_row > 3 || token.size() < 4)) return false;
      }
    }
    if (put == 0 || letters < 2 || put > letters) return false;
    if (letters == 2 && (last != token.size() || last > 4)) return false;
    // "4M1L": a code.
    if (letters == 2 && last == 4 && IsAsciiDigit(token[0]) && IsAsciiDigit(token[2])) return false;
    if (groups > 4 && letters < 6 && single_groups * 3 > groups * 2) return false;
    if (hex && (last >= 6 || AmidHex(begin, end))) return false;
    if (token[0] == '$' && put == 1) return false;  // a variable
    if (token.substr(0, 2) == "0x") return false;
    if (IsAsciiDigit(token[0])) {
      const bool often = token[0] == '6' || token[0] == '7' || token[0] == '9';
      if ((often && letters < 4) || IsUnit(token.substr(1))) return false;
    }
    // "sh!t", but "well!And".
    if (const size_t mark = token.find('!'); mark != token.npos && others == 0) {
      if (mark > 3 || token.size() - mark > 5) return false;
    }
    // "c@sino", but "name@host".
    if (const size_t mark = token.find('@'); mark != token.npos) {
      if ((mark > 2 && others == 0) || (end < text_.size() && text_.At(end).c == '.')) return false;
    }
    *leet_end = static_cast<uint32_t>(last);
    return true;
  }

  // Whether a token is one of several groups of hexadecimal digits, as in a UUID or an address.
  bool AmidHex(uint32_t begin, uint32_t end) const {
    constexpr std::string_view kDividers = "-:%#";
    const std::string_view view = text_.view();
    const auto is_hex = [](char c) { return IsAsciiDigit(c) || (c >= 'a' && c <= 'f'); };
    if (begin > 0 && kDividers.find(view[begin - 1]) != kDividers.npos) {
      if (begin == 1 || is_hex(view[begin - 2]) || view[begin - 1] != '-') return true;
    }
    return end + 1 < view.size() && view[end] != '#' &&
           kDividers.find(view[end]) != kDividers.npos && is_hex(view[end + 1]);
  }

  // Chains.

  static Unit Letter(const Char& c, char leet) {
    Unit unit;
    unit.begin = c.begin;
    unit.end = c.end;
    unit.role = leet != 0 ? Role::kLetter : c.role;
    unit.first = unit.last = c.c;
    unit.leet = leet;
    return unit;
  }

  // The ideographs from `first` on; of many those next to it.
  Unit PieceFrom(const Char& first) const {
    Unit piece = Letter(first, 0);
    while (piece.end < text_.size() && piece.chars < kPieceTaken) {
      const Char c = text_.At(piece.end);
      if (c.role != Role::kHan) break;
      piece.end = c.end;
      piece.last = c.c;
      ++piece.chars;
    }
    piece.cut = piece.chars > kPieceChars;
    return piece;
  }

  // The same up to `last`.
  Unit PieceTo(const Char& last) const {
    Unit piece = Letter(last, 0);
    while (piece.begin > 0 && piece.chars < kPieceTaken) {
      const Char c = text_.Before(piece.begin);
      if (c.role != Role::kHan) break;
      piece.begin = c.begin;
      piece.first = c.c;
      ++piece.chars;
    }
    piece.cut = piece.chars > kPieceChars;
    return piece;
  }

  // The unit that `c` begins or ends, with `gap` between it and `from`; false when it is none.
  bool UnitAt(const Char& c, const Gap& gap, const Unit& from, bool forward, Unit* unit) const {
    switch (c.role) {
      case Role::kLetter:
        if (!text_.Single(c)) return gap.chars == 0 && from.han() && WordBeside(c, forward, unit);
        *unit = Letter(c, 0);
        return true;
      case Role::kHan:
        *unit = forward ? PieceFrom(c) : PieceTo(c);
        return true;
      case Role::kDigit:
        if (gap.chars == 0 || from.han() || !text_.Single(c)) return false;
        if (LeetLetter(static_cast<char>(c.c)) == 0) return false;
        *unit = Letter(c, LeetLetter(static_cast<char>(c.c)));
        return true;
      case Role::kGap:
        break;
    }
    return false;
  }

  // The letters of a word that touches ideographs ("内※网vpn"); false when there are many.
  bool WordBeside(const Char& c, bool forward, Unit* unit) const {
    *unit = Letter(c, 0);
    unit->cut = true;
    while (forward ? unit->end < text_.size() : unit->begin > 0) {
      const Char next = forward ? text_.At(unit->end) : text_.Before(unit->begin);
      if (next.role == Role::kDigit || ++unit->chars > kPieceTaken) return false;
      if (next.role != Role::kLetter) return true;
      (forward ? unit->end : unit->begin) = forward ? next.end : next.begin;
      (forward ? unit->last : unit->first) = next.c;
    }
    return true;
  }

  static bool EndsGap(const Char& c, const Gap& gap, const Unit& from) {
    if (c.role != Role::kDigit) return c.role != Role::kGap;
    return gap.chars > 0 && !from.han() && c.c < 0x80 && LeetLetter(static_cast<char>(c.c)) != 0;
  }

  // The unit that follows `after` over at most kGapCharsMax characters that join the two; false
  // when there is none.
  bool NextUnit(const Unit& after, Unit* unit) const {
    Gap gap;
    for (uint32_t at = after.end; at < text_.size() && gap.chars <= kGapCharsMax;) {
      const Char c = text_.At(at);
      // A digit that touches others is what stands between.
      if (EndsGap(c, gap, after) && (c.role != Role::kDigit || text_.Single(c))) {
        if (!UnitAt(c, gap, after, true, unit)) return false;
        unit->before = gap;
        return Joins(after, *unit) || DigitsBetween(after, *unit);
      }
      gap.Add(c);
      at = c.end;
    }
    return false;
  }

  // The unit before `of`, as NextUnit(); its gap goes into of->before.
  bool UnitBefore(Unit* of, Unit* unit) const {
    Gap gap;
    for (uint32_t at = of->begin; at > 0 && gap.chars <= kGapCharsMax;) {
      const Char c = text_.Before(at);
      const bool done = c.begin < done_;
      if (done && c.role != Role::kHan) return false;
      if (EndsGap(c, gap, *of) && (c.role != Role::kDigit || text_.Single(c))) {
        if (!UnitAt(c, gap, *of, false, unit)) return false;
        // A long piece ends one chain and begins the next.
        if (done && !unit->cut) return false;
        Unit joined = *of;
        joined.before = gap;
        if (!Joins(*unit, joined) && !DigitsBetween(*unit, joined)) return false;
        of->before = gap;
        return true;
      }
      gap.Add(c);
      at = c.begin;
    }
    return false;
  }

  void ReadChain(uint32_t at) {
    Char start = text_.At(at);
    if (start.role != Role::kLetter && start.role != Role::kHan) {
      // A gap between ideographs, which begins behind one.
      if (at == 0) return;
      start = text_.Before(at);
      if (start.role != Role::kHan) return;
    }
    if (start.role == Role::kLetter && !text_.Single(start)) return;
    Unit first = start.role == Role::kHan ? PieceTo(start) : Letter(start, 0);
    // Back to the begin; what lies before was judged when its own shapes were met, so it is short.
    std::vector<Unit>& back = back_;
    back.clear();
    Unit unit;
    while (!first.cut && UnitBefore(&first, &unit)) {
      back.push_back(first);
      first = unit;
    }
    units_.clear();
    units_.push_back(first);
    units_.insert(units_.end(), back.rbegin(), back.rend());
    while (!(units_.back().cut && units_.size() > 1) && NextUnit(units_.back(), &unit)) {
      units_.push_back(unit);
    }
    done_ = std::max(done_, std::max(units_.back().end, at + 1));
    if (units_.size() < 2) return;
    // What touches is a spelling ("a网b"): of it only what is near a gap belongs to the chain.
    size_t begin = 0, last_gap = 0;
    for (size_t i = 1; i < units_.size(); ++i) {
      if (units_[i].before.chars == 0) continue;
      if (last_gap == 0) {
        begin = i - std::min(i, kTouching);
      } else if (i - last_gap > 2 * kTouching) {
        WriteChain(begin, last_gap + kTouching);
        begin = i - kTouching;
      }
      last_gap = i;
    }
    if (last_gap > 0) WriteChain(begin, std::min(units_.size(), last_gap + kTouching));
  }

  static bool BesideNumbers(char32_t c) { return kBesideNumbers.find(c) != kBesideNumbers.npos; }

  static bool Joins(const Unit& a, const Unit& b) {
    const Gap& gap = b.before;
    const bool letters = !a.han() && !b.han();
    // "c,a,s,i,n,o"
    if (gap.ordinary > 0 && !(letters && gap.chars == 1)) return false;
    if (gap.digits > 0) {
      if (gap.digits > 1) return false;
      if (letters) return gap.chars == 1;  // "a 1 b 2": a list, unless the digit touches both
      if (gap.chars > 1 && !(a.single() && b.single())) return false;
      // "5月3日", "上午8时", but "买3枪".
      return !BesideNumbers(b.first) && !(gap.chars > 1 && BesideNumbers(a.last));
    }
    if (gap.stops > 0 && gap.spaces > 0) return false;  // initials
    if (letters || gap.chars == 0 || gap.Odd()) return true;
    // Lines end words, and so may a symbol among spaces.
    if (gap.lines > 0 || (gap.spaces > 0 && gap.spaces < gap.chars)) {
      return a.single() && b.single();
    }
    return (a.han() && a.single()) || (b.han() && b.single());
  }

  // A digit between ideographs of which the second is often counted, yet not here: no number is 0,
  // none counts behind what stands alone, nor what another digit follows.
  bool DigitsBetween(const Unit& a, const Unit& b) const {
    if (b.before.digits != 1 || b.before.chars != 1 || !a.han() || !b.han()) return false;
    if (text_.view()[a.end] == '0') return true;
    if (b.single() && b.end + 1 < text_.size() && text_.At(b.end).role == Role::kDigit) {
      const Char next = text_.At(b.end + 1);
      if (next.role == Role::kHan && !BesideNumbers(next.c)) return true;
    }
    if (BesideNumbers(a.last)) return false;
    if (a.single()) return true;
    return b.single() && b.end + 1 < text_.size() && text_.At(b.end).role == Role::kDigit &&
           text_.At(b.end + 1).role == Role::kHan;
  }

  // Whether a number stands before or behind the units, over a space at most.
  bool BesideNumber(size_t begin, size_t end) const {
    uint32_t at = units_[begin].begin;
    for (int i = 0; i < 2 && at > 0; ++i) {
      const Char c = text_.Before(at);
      if (c.role == Role::kDigit) return true;
      at = c.begin;
    }
    at = units_[end - 1].end;
    for (int i = 0; i < 2 && at < text_.size(); ++i) {
      const Char c = text_.At(at);
      if (c.role == Role::kDigit) return true;
      at = c.end;
    }
    return false;
  }

  static bool Contrast(const Unit& a, const Unit& b) {
    if (!a.single() || !b.single()) return false;
    return std::any_of(std::begin(kContrasts), std::end(kContrasts),
                       [&](std::u32string_view c) { return c[0] == a.first && c[1] == b.first; });
  }

  void WriteChain(size_t begin, size_t end) {
    while (end > begin && units_[end - 1].leet != 0) --end;
    while (begin < end && units_[begin].leet != 0) ++begin;
    if (end - begin < 2) return;
    uint32_t letters = 0, han = 0, put = 0, gaps = 0, digits = 0, arithmetic = 0, lines = 0,
             stops = 0, ordinary = 0, beside_numbers = 0, spaced = 0, lopsided = 0, foreign = 0;
    bool same = true, spaces = true;
    std::string_view tight;  // the first gap without a space; the others are alike, or not the same
    for (size_t i = begin; i < end; ++i) {
      const Unit& u = units_[i];
      (u.leet != 0 ? put : u.han() ? han : letters)++;
      beside_numbers += u.han() && u.single() && BesideNumbers(u.first);
      foreign += u.first >= 0x80;
      if (i == begin) continue;
      const std::string_view gap = GapText(i);
      if (u.before.spaces == 0 && gap != "'") {
        if (spaces) tight = gap;
        spaces = false;
        same &= gap == tight;
      }
      lopsided += gap.size() > 1 && (gap.front() == ' ') != (gap.back() == ' ');
      spaced += u.before.chars == u.before.spaces;
      gaps += u.before.chars > 0;
      digits += u.before.digits > 0;
      // A longer gap of one sign holds apart; "] = *" is code.
      arithmetic += u.before.arithmetic > 0 &&
                    (u.before.chars <= 3 || (u.before.spaces > 0 && u.before.symbols > 0));
      lines += u.before.lines > 0;
      stops += u.before.stops > 0;
      ordinary += u.before.ordinary > 0 && gap != "'";  // "d o n't"
    }
    const uint32_t n = letters + han + put;
    if (gaps == 0) return;
    for (size_t i = begin + 2; spaces && i < end; ++i) same &= GapText(i) == GapText(begin + 1);
    if (n > kChainUnits) {
      WriteUnits(begin, end);
      if (han == 0) WriteWords(begin, end);
      return;
    }
    if (put > letters) return;
    if (han >= 2) {
      // Two ideographs are easily neighbours for other reasons: "男/女", "买1送1".
      if (n == 2 && arithmetic > 0 && Contrast(units_[begin], units_[begin + 1])) return;
      if (arithmetic > 0 && beside_numbers * 2 > n) return;
      if (beside_numbers == han && (digits > 0 || BesideNumber(begin, end))) return;
    } else {
      if (n < 3 || letters + han < 2) return;
      if (n == 3 && put > 0 && spaced == 2) return;                            // "part E 7 C"
      if (arithmetic > 0 && (n == 3 || (!same && (spaces || n < 4)))) return;  // a + b * c
      if (ordinary > 0 && (n == 3 || !same)) return;                           // f(x,y), x,y,z
      if (n == 3 && lines + lopsided > 0) return;                              // ls -l -a -h
      if (n == 3 && foreign > 0 && spaced > 0) return;  // languages of one-letter words
      // U.S.A., a.k.a.
      const uint32_t last = units_[end - 1].end;
      if (n == 3 && stops == 2 && last < text_.size() && text_.At(last).c == '.') return;
    }
    WriteUnits(begin, end);
    if (han > 0) return;
    // One-letter words before a word held apart: "I p o r n".
    const char32_t first = units_[begin].first;
    if (n >= 4 && (first == 'a' || first == 'i')) WriteUnits(begin + 1, end);
    WriteWords(begin, end);
  }

  // Words held apart by wider gaps than their letters, or by spaces when their letters are not. In
  // long chains "their letters" are those on either side.
  void WriteWords(size_t begin, size_t end) {
    const bool is_long = end - begin > kChainUnits;
    const auto divides = [&](size_t i) {
      const size_t from = is_long && i > begin + 1 ? i - 1 : begin + 1;
      const size_t to = is_long ? std::min(i + 2, end) : end;
      uint32_t narrow = kGapCharsMax + 1;
      bool all_spaced = true;
      for (size_t j = from; j < to; ++j) {
        narrow = std::min(narrow, units_[j].before.chars);
        all_spaced &= units_[j].before.spaces > 0;
      }
      const Gap& gap = units_[i].before;
      return gap.chars > narrow || (gap.spaces > 0 && !all_spaced);
    };
    size_t from = begin;
    for (size_t i = begin + 1; i <= end; ++i) {
      if (i < end && !divides(i)) continue;
      if (i - from >= 3 && i - from < end - begin) WriteUnits(from, i);
      from = i;
    }
  }

  // What stands before unit `i`, which is not the first.
  std::string_view GapText(size_t i) const {
    const uint32_t from = units_[i - 1].end;
    return text_.view().substr(from, units_[i].begin - from);
  }

  void WriteUnits(size_t begin, size_t end) {
    pieces_.clear();
    char32_t last = 0;
    for (size_t i = begin; i < end; ++i) {
      const Unit& u = units_[i];
      if (u.han()) {
        for (uint32_t at = u.begin; at < u.end;) {
          const Char c = text_.At(at);
          Append({c.begin, c.end, 0, 0}, c.c, false, &last);
          at = c.end;
        }
        continue;
      }
      if (u.leet != 0) {
        Append({u.begin, u.end, u.leet, MaskOf(Evasion::kLeet)}, static_cast<char32_t>(u.leet),
               true, &last);
        continue;
      }
      for (uint32_t at = u.begin; at < u.end;) {
        const Char c = text_.At(at);
        Append({c.begin, c.end, 0, 0}, c.c, true, &last);
        at = c.end;
      }
    }
    if (pieces_.size() >= 2) writer_.Write(pieces_, MaskOf(Evasion::kSeparator));
  }

  const Text text_;
  RunWriter writer_;
  uint32_t done_ = 0;  // what lies before has been read
  std::vector<Unit> units_, back_;
  std::vector<Piece> pieces_;
  std::vector<Token> tokens_;
  std::vector<Word> words_;
  std::vector<std::pair<uint32_t, uint32_t>> before_;
};

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

}  // namespace

std::string_view Squeezer::Squeeze(std::string_view folded, EditMap* map) {
  until_ = 0;
  shapes_.clear();
  FindShapes(folded, &shapes_);
  if (shapes_.empty()) return {};
  out_.clear();
  map->clear();
  Reader reader(folded, &out_, map);
  for (const Shape& shape : shapes_) reader.Read(shape);
  until_ = reader.until();
  return out_;
}

std::string PhraseTerm(std::string_view folded) {
  std::string out;
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
      if (c.role == Role::kGap) continue;
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
  return words > 1 ? out : std::string();
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
  // Short ones would be found where nobody wrote them, and so would one that lost the sign before
  // or behind it (".com" in "c o m p a n y").
  if (counts.digits > 0 && chars < 4) return {};
  if (counts.han == 0 && counts.letters + counts.digits < 3) return {};
  if (!folded.empty() &&
      (text.At(0).role == Role::kGap || text.Before(text.size()).role == Role::kGap)) {
    return {};
  }
  return out;
}

}  // namespace winnow::text
