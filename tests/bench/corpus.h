// Made-up words, packs and messages to measure with, the same in every run. Characters and words
// have a falling frequency, as in real text; terms are made of rarer ones than messages, and share
// with them what word lists share with prose: characters, stems, whole words in phrases.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/pack/pack.h"

namespace winnow::bench {

// kMixed: four of five words Chinese.
enum class Language { kChinese, kEnglish, kMixed };

// Sentences of about `bytes` bytes, `count` of them.
std::vector<std::string> MakeMessages(Language language, size_t count, size_t bytes, uint64_t seed);

// Distinct terms, four of five Chinese (2 to 6 characters), one of five English. None occurs in
// `clean`, so that those messages are clean of them. O(count * size of `clean`).
std::vector<std::string> MakeTerms(size_t count, uint64_t seed,
                                   const std::vector<std::string>& clean);

// A pack of these terms, a hundred to a rule. Aborts with a message when it does not compile.
std::shared_ptr<const pack::Pack> MakePack(const std::vector<std::string>& terms);

}  // namespace winnow::bench
