// How Unicode itself composes characters with those that join them.
#pragma once

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <string>

namespace winnow::text {

// The one mark that folds to a letter.
inline constexpr char32_t kIotaBelow = 0x345;

// Any thread may call these.

// NFKC_Casefold.
const icu::Normalizer2& Casefold();
// Whether the two are one character when composed.
bool Composes(char32_t base, char32_t mark);
// What `c` folds to where it has nothing to join.
std::string FoldLoose(char32_t c);
// Whether WithoutStrayMarks() drops the mark from any ideograph: false also of some where it does.
bool StraysOnIdeographs(char32_t mark);
// Without marks of another script than their letter's, which are not spelling, or in heaps, which
// are not either. What folds to ASCII keeps none, as in a text that had it from the first.
icu::UnicodeString WithoutStrayMarks(const icu::UnicodeString& s);

}  // namespace winnow::text
