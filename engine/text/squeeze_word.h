// Words respelled, stretched or with a sign put into them, alone and amid others. For the squeezer
// only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/text/squeeze_text.h"
#include "engine/text/squeeze_token.h"

namespace winnow::text::squeezing {

// Reads the words of a view. Keeps its buffers.
class WordReader {
 public:
  // Begins another view. `writer` must stay until the next is begun, and so must `respelled` when
  // not null: words that hold one of these offsets, in order, are hidden whatever they look like.
  void Begin(const Text& text, RunWriter* writer, const std::vector<uint32_t>* respelled = nullptr);

  // Writes the runs of the word at `at` and of the hidden words that follow it. Moves `*done` to
  // where no shape needs to be looked at any more. False when the place may be a chain's as well;
  // `*done` stays then.
  bool Read(uint32_t at, uint32_t* done);

 private:
  // Tokens with signs between them.
  struct Word {
    uint32_t begin, end;
    size_t tokens_begin, tokens_end;  // in tokens_
    bool odd_signs = false;
    bool hidden = false;
    bool apart = false;  // each token is one letter, be it over and over
  };

  // Whether what stands at `at`, a sign or two, is between single letters, which is a chain's.
  bool BetweenSingles(uint32_t at) const;
  // Whether such a stretch is a word with signs for letters all the same.
  bool IsSpelled(uint32_t at) const;
  // Part of a word, also one respelled. Signs only inside: "wow!" ends before its mark.
  bool InToken(const Char& c) const;
  // A sign inside a word that its spelling may have ("on-call", "don't") or that somebody put there
  // ("ca*sino").
  bool InnerSign(const Char& c) const;
  // Adds the word [begin, end) to words_; false when it is too long.
  bool AddWord(uint32_t begin, uint32_t end);
  // Whether one digit stands between each two letters of [begin, end), and between them and the
  // ideographs that touch it ("t6g6" before 群).
  bool DigitsBetween(uint32_t begin, uint32_t end) const;
  bool IsRespelled(uint32_t begin, uint32_t end) const;
  // The word behind or before `at` over a space or two; false when there is none, or a long one.
  bool WordBeside(uint32_t at, bool forward, uint32_t* begin, uint32_t* end) const;

  // The runs of a word by itself: of its tokens, and of them joined.
  void WriteWordRuns(const Word& word);
  // The word with an exclamation mark behind it read as its last letter.
  void WriteWithMark(const Word& word);
  bool BesideHan(const Word& word) const;
  // The word with the ideographs that touch it, for terms that mix the two.
  void WriteWithHan(const Word& word);
  // The word with its numbers as they are, as terms with numbers show.
  void WriteCode(const Word& word);
  // Where the ideographs end that touch `at`, and the words among them.
  uint32_t MixedFrom(uint32_t at, bool forward) const;
  // The words around the first of words_, so that terms of several are found.
  void ReadPhrase(uint32_t* done);
  // A run for each way to read `words`: '1' as i or l, digits as letters or as what holds apart. In
  // a phrase each word begins with a capital, which no folded view has, so that only terms of
  // several words are found in it.
  void WriteReadings(const Word* words, size_t count, bool phrase, size_t chars_max);

  // The word in pieces_ when it is two letters, of which one is stretched, or one, as a term of
  // two.
  void WritePair(const Word& word);

  // Fills pieces_ with the words. The bits of `as_l` say which '1' is an l. Returns how many '1'
  // there are.
  uint32_t Compose(const Word* words, size_t count, bool phrase, uint32_t as_l, bool apart);
  void ComposeToken(const Token& token, uint32_t as_l, uint32_t* ones);
  // Of a token that alternates: what stands between the digits that hold it apart.
  void ComposeApart(const Token& token, uint32_t as_l, uint32_t* ones);
  // Adds a character of a token, which `leet` lets be put for a letter.
  void AddChar(const Char& c, bool leet, uint32_t as_l, uint32_t* ones);
  // Whether it begins with a number each second digit of which may be what holds others apart.
  bool HasHeldNumber(const Token& token) const;
  bool HasLetterAndDigit(const Token& token) const;

  Text text_;
  RunWriter* writer_ = nullptr;
  const std::vector<uint32_t>* respelled_ = nullptr;
  uint32_t words_done_ = 0;  // what lies before has been read as words
  std::vector<Token> tokens_;
  std::vector<Word> words_;
  std::vector<std::pair<uint32_t, uint32_t>> before_;
  Pieces pieces_, other_;
};

}  // namespace winnow::text::squeezing
