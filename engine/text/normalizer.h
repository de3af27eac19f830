// Decoded text to normalised views, with the way back from each.
//
// A text is presented to the matcher as one or more Blocks. A short text is one Block. A long one
// is cut into Blocks that overlap by enough on both sides that every match of at most
// NormalizerOptions::max_match_chars characters is seen whole, with its context, by exactly one
// Block: the one whose report range holds the match's end. Scanning the Blocks therefore gives
// exactly the matches of scanning the whole.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "engine/text/span.h"

namespace winnow::text {

// How a word stands in its clause. An excuse counts only where it is said ("police seized"), not
// where it is a word by itself beside an offer (", police").
struct Standing {
  bool alone = false;  // nothing but punctuation or an end on either side
  // A word that binds it to what is said before it ("by", "被") stands there or begins it.
  bool joined = true;
  uint8_t joiner_chars = 0;  // how many characters before it that word begins, if before it
};

// Where a match in a view lies, absolutely within its field.
struct Place {
  TextSpan text;            // on character borders of the decoded text
  uint64_t char_begin = 0;  // in code points of the folded view, counted from the field's start
  uint64_t char_end = 0;
  uint32_t sentence = 0;     // ordinal of the sentence that holds the match's begin
  EvasionMask evasions = 0;  // what was undone inside the span
  Standing standing;
};

// A stretch of one field in all views. Owned by the Normalizer that made it; valid until its next
// call. Reading is const and may be done from any thread.
class Block {
 public:
  virtual ~Block() = default;

  // The view's text: folded always, squeezed and phonetic only where they differ from folded in a
  // way that could match (often empty). The squeezed view is a sequence of joined runs, divided by
  // '\n' so that no term crosses from one run to the next; a run may be read from its last
  // character to its first, where it was written upside down. The phonetic view is a sequence of
  // runs of syllables, each a code point of the private use area. Where nothing had to be changed
  // the folded view is the input itself, not a copy.
  std::string_view view(View v) const { return views_[static_cast<int>(v)]; }

  // The decoded text of this block, whose first byte has absolute text offset text_begin().
  std::string_view text() const { return text_; }
  uint64_t text_begin() const { return text_begin_; }

  // A match is this block's to report when report_begin() < place.text.end <= report_end().
  uint64_t report_begin() const { return report_begin_; }
  uint64_t report_end() const { return report_end_; }

  // True when the field has no other block.
  bool whole_field() const { return whole_field_; }

  // Maps a span of a view back. The span widens to whole characters of the text. O(log runs) plus a
  // bounded count of code points (positions are indexed at the first call; clean text never pays).
  // A span of the phonetic view that sounds like a term by chance, as ordinary words often do, has
  // the place {}, which is no block's to report.
  virtual Place Locate(View view, ViewSpan span) const = 0;

  // Position `text_offset` (absolute, on a character border inside this block) counted in UTF-16
  // units or code points of the decoded text from the field's start.
  virtual uint64_t Count(uint64_t text_offset, OffsetUnit unit) const = 0;

  // True when a Latin-script (or other word-forming) term may begin/end at this border of a view:
  // the characters on the two sides are not both word characters. Han, kana and Thai never bind.
  // In `squeezed`, a run's ends are borders.
  virtual bool WordBorder(View view, uint32_t offset) const = 0;

 protected:
  std::string_view views_[kViewCount];
  std::string_view text_;
  uint64_t text_begin_ = 0;
  uint64_t report_begin_ = 0;
  uint64_t report_end_ = 0;
  bool whole_field_ = false;
};

struct NormalizerOptions {
  ViewSet views = SetOf(View::kFolded) | SetOf(View::kSqueezed);
  // No pattern matches more than this many characters of any view.
  uint32_t max_match_chars = 256;
  // Target size of a Block's text in a long field.
  uint32_t block_bytes = 64 * 1024;
};

// Makes Blocks. Reuses its buffers: keep one a thread. Not thread safe. Steady state on clean text
// allocates nothing.
class Normalizer {
 public:
  static std::unique_ptr<Normalizer> Create(const NormalizerOptions& options);
  virtual ~Normalizer() = default;

  // Starts a new field.
  virtual void Begin() = 0;

  // Adds text (valid UTF-8, whole characters) and calls `sink` for each Block that is complete;
  // with `last`, for everything that remains: at least one Block a field, even an empty one. A
  // field fed whole is given to the sink without copying. `sink` returns false to stop early.
  virtual void Feed(std::string_view utf8, bool last,
                    absl::FunctionRef<bool(const Block&)> sink) = 0;
};

// A rule's term in the form it has in a view, by the functions that make the views. For kSqueezed
// the term's own separators and repeats are squeezed as the view would squeeze them. For kPhonetic
// by the commonest readings; empty when the view never shows it.
std::string NormalizeTerm(std::string_view utf8, View view);

// All forms in which the phonetic view may show a term, the commonest first, by each plausible
// reading; few, and none when the term has fewer than two ideographs.
std::vector<std::string> PhoneticForms(std::string_view utf8);

// The initials of a term's syllables ("jwx" for 加微信) as the phonetic view shows them; empty when
// they are fewer than three or not all consonants.
std::string PhoneticInitials(std::string_view utf8);

// Other forms in which the term may stand in a view, often none. The squeezed view shows words that
// are known to be words apart, a capital first, and what has numbers in it in capitals; no folded
// text has one.
std::vector<std::string> OtherForms(std::string_view utf8, View view);

// How a term of a rule binds: true when its first/last character forms words, so that a match must
// begin/end at a word border.
struct TermBorders {
  bool begin = false;
  bool end = false;
};
TermBorders BordersOf(std::string_view normalized);

// Characters in a term that a reader would not see, by name ("U+200B ZERO WIDTH SPACE"), for the
// rule author's warning. Empty when there is none.
std::string InvisibleCharacters(std::string_view utf8);

// The name of an evasion as rules, docs and JSON spell it ("zero_width").
std::string_view Name(Evasion e);
std::string_view Name(View v);

}  // namespace winnow::text
