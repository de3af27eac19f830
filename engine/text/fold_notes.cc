#include "engine/text/fold_notes.h"

#include <algorithm>
#include <tuple>

#include "engine/text/fold_table.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

// Whether a letter of Latin, Greek, Cyrillic or their like, an ideograph or Hangul is at `p`.
bool NeedsNoJoiner(const char* p) {
  const char32_t c = CharAt(p);
  if (c < 0x80) return (c | 0x20) - 'a' < 26 || c - '0' < 10;
  if (c >= 0x4e00 && c < 0xa000) return true;
  switch (FoldTable::Get().char_class(c)) {
    case CharClass::kHan:
    case CharClass::kHangul:
    case CharClass::kDigit:
      return true;
    case CharClass::kLetter:
      return c < 0x590 || (c >= 0x1e00 && c < 0x2000);
    default:
      return false;
  }
}

}  // namespace

void GoOn(const EditMap& further, const FoldNotes& further_notes, FoldNotes* notes) {
  FoldNotes made;
  auto edit = further.edits().begin();
  uint32_t to_view = 0;  // modulo 2^32
  for (FoldNote note : *notes) {
    for (; edit != further.edits().end() && edit->from_end() <= note.at; ++edit) {
      to_view = edit->to_end() - edit->from_end();
    }
    const bool inside = edit != further.edits().end() && edit->from_begin <= note.at;
    if (inside && note.kind == FoldNote::Kind::kHidden) {
      note.at = edit->to_begin;
    } else if (inside && edit->to_size != edit->from_size) {
      continue;  // of what is no longer there
    } else {
      note.at += to_view;
    }
    made.push_back(note);
  }
  made.insert(made.end(), further_notes.begin(), further_notes.end());
  const auto key = [](const FoldNote& n) { return std::tuple(n.at, n.kind, n.letter); };
  std::sort(made.begin(), made.end(),
            [&](const FoldNote& a, const FoldNote& b) { return key(a) < key(b); });
  made.erase(std::unique(made.begin(), made.end()), made.end());
  *notes = std::move(made);
}

void Sift(std::string_view folded, FoldNotes* notes) {
  const auto between = [&](size_t at) {
    return at > 0 && at < folded.size() && NeedsNoJoiner(&folded[StepBack(folded, at)]) &&
           NeedsNoJoiner(&folded[at]);
  };
  std::erase_if(*notes, [&](const FoldNote& note) {
    return note.kind == FoldNote::Kind::kHidden && !between(note.at);
  });
}

}  // namespace winnow::text
