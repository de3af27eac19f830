#include "engine/text/word_costs.h"

#include <unicode/ucharstrie.h>
#include <unicode/udata.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

namespace winnow::text {
namespace {

// Words are seldom longer; those that are consist of others.
constexpr size_t kWordCharsMax = 5;

}  // namespace

const WordCosts& WordCosts::Get() {
  static const WordCosts& costs = *new WordCosts;
  return costs;
}

WordCosts::WordCosts() {
  // ICU's data is part of the program's installation: without it nothing can be checked.
  UErrorCode error = U_ZERO_ERROR;
  file_ = udata_open(U_ICUDATA_NAME "-brkitr", "dict", "cjdict", &error);
  if (U_FAILURE(error)) std::abort();
  UDataInfo info = {};
  info.size = sizeof(info);
  udata_getInfo(file_, &info);
  // The head of the file: where the trie begins, and of what kind it is.
  std::array<int32_t, 8> head;
  const char* bytes = static_cast<const char*>(udata_getMemory(file_));
  std::memcpy(head.data(), bytes, sizeof(head));
  constexpr int32_t kKind = 7, kOfUnits = 1;
  if (std::memcmp(info.dataFormat, "Dict", 4) != 0 || info.formatVersion[0] != 1 ||
      (head[4] & kKind) != kOfUnits) {
    std::abort();
  }
  trie_ = reinterpret_cast<const char16_t*>(bytes + head[0]);
}

uint32_t WordCosts::Cheapest(std::span<const char32_t> ideographs) const {
  std::array<uint32_t, kCharsMax + 1> cost;
  const size_t n = std::min<size_t>(ideographs.size(), kCharsMax);
  std::fill(cost.begin(), cost.begin() + n + 1, ~uint32_t{0});
  cost[0] = 0;
  for (size_t i = 0; i < n; ++i) {
    cost[i + 1] = std::min(cost[i + 1], cost[i] + kUnknown);
    icu::UCharsTrie trie(trie_);
    UStringTrieResult at = trie.firstForCodePoint(static_cast<UChar32>(ideographs[i]));
    for (size_t k = 1;; ++k) {
      if (USTRINGTRIE_HAS_VALUE(at)) {
        const uint32_t word = static_cast<uint32_t>(trie.getValue());
        cost[i + k] = std::min(cost[i + k], cost[i] + word);
      }
      if (!USTRINGTRIE_HAS_NEXT(at) || i + k >= n || k >= kWordCharsMax) break;
      at = trie.nextForCodePoint(static_cast<UChar32>(ideographs[i + k]));
    }
  }
  return cost[n];
}

}  // namespace winnow::text
