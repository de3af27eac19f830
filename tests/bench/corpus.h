// Made-up words, packs and messages to measure with, the same in every run. Chinese words are drawn
// from common characters with a falling frequency, so that terms and messages share beginnings as
// real ones do.
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

enum class Language { kChinese, kEnglish };

// Sentences of about `bytes` bytes, `count` of them.
std::vector<std::string> MakeMessages(Language language, size_t count, size_t bytes, uint64_t seed);

// Distinct terms, four of five Chinese (2 to 6 characters), one of five English. None occurs in
// `clean`, so that those messages are clean of them. O(count * size of `clean`).
std::vector<std::string> MakeTerms(size_t count, uint64_t seed,
                                   const std::vector<std::string>& clean);

// A pack of these terms, a hundred to a rule. Aborts with a message when it does not compile.
std::shared_ptr<const pack::Pack> MakePack(const std::vector<std::string>& terms);

}  // namespace winnow::bench
