// How ordinary Chinese words are, by the dictionary with which ICU divides words.
#pragma once

#include <cstdint>
#include <span>

struct UDataMemory;

namespace winnow::text {

class WordCosts {
 public:
  // A character that is no word by itself costs this.
  static constexpr uint32_t kUnknown = 255;

  // Opens the dictionary, which lies in ICU's data, at the first call, which any thread may make;
  // never closed.
  static const WordCosts& Get();

  // The cost of the cheapest way to divide `ideographs` into words: ten times the negative
  // logarithm of each word's frequency, in sum (30 for the commonest character, 100 for an ordinary
  // word). O(ideographs), some 100 ns each; allocates nothing. At most kCharsMax.
  static constexpr uint32_t kCharsMax = 64;
  uint32_t Cheapest(std::span<const char32_t> ideographs) const;

 private:
  WordCosts();
  UDataMemory* file_;  // which holds the trie
  const char16_t* trie_;
};

}  // namespace winnow::text
