#include "engine/text/fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

#include "engine/base/append.h"
#include "engine/text/ascii.h"
#include "engine/text/escapes.h"
#include "engine/text/fold_marks.h"
#include "engine/text/fold_table.h"
#include "engine/text/fold_wide.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

// How far, in characters, regional indicators go on what others spell.
constexpr uint32_t kSpelledReach = 24;
// Characters that may join one base in ICU's path; more are removed unseen.
constexpr uint32_t kJoinedMax = 16;
// What follows a base by more characters than this no longer joins it.
constexpr uint32_t kJoinReach = 64;
// How often a text is folded at most: what comes of one time may make an escape for the next.
constexpr int kRoundsMax = 4;
// How far behind a sign MayBeginEscape() looks.
constexpr size_t kSignReach = 3;

// The letter as a bit of 26.
constexpr uint32_t BitOf(char32_t ascii_letter) { return 1u << ((ascii_letter | 0x20) - U'a'); }

// A letter by its case, where a capital behind a small letter shows that words are not just
// written.
enum class Case : uint8_t { kUnknown, kSmall, kCapital };
// Palochka has none: a capital that small letters surround. With its marks a letter has the case
// that it has without them.
Case CaseOf(char32_t c) {
  const auto within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  if (within(0x430, 0x45f) || within('a', 'z') || within(0x3ac, 0x3ce)) return Case::kSmall;
  if (within('A', 'Z') || within(0x400, 0x42f)) return Case::kCapital;
  if (c == 0x4c0 || c == 0x4cf) return Case::kUnknown;
  const uint32_t category = U_GET_GC_MASK(static_cast<UChar32>(c));
  if (category & (U_GC_LU_MASK | U_GC_LT_MASK)) return Case::kCapital;
  return category & U_GC_LL_MASK ? Case::kSmall : Case::kUnknown;
}

// ASCII lowered; 0 for what folds otherwise or may begin an escape.
constexpr std::array<char, 128> kLowered = [] {
  std::array<char, 128> lowered{};
  for (int c = 9; c < 127; ++c) {
    if ((c > 13 && c < 32) || BeginsEscape(c)) continue;
    lowered[c] = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  }
  return lowered;
}();

class Folding {
 public:
  Folding(std::string_view text, uint64_t text_begin, Buffer* buffer, EditMap* edits,
          FoldNotes* notes, bool again)
      : table_(FoldTable::Get()),
        text_(text),
        text_begin_(text_begin),
        buffer_(buffer),
        edits_(edits),
        notes_(notes),
        wide_(edits == nullptr ? BestWideFold() : nullptr),
        again_(again) {}

  std::string_view Run(std::span<size_t> marks) {
    if (notes_ != nullptr) notes_->clear();
    buffer_->Reserve(text_.size() + kVectorSlack);
    size_t at = 0;
    for (size_t& mark : marks) {
      const size_t wanted = mark;
      at = FoldUpTo(wanted, at);
      mark = out_;
      // A long row of flags is copied as a whole.
      if (at > wanted && IsRegional(wanted)) mark -= std::min(out_, at - wanted);
    }
    FoldUpTo(text_.size(), at);
    return changed_ ? std::string_view(buffer_->data(), out_) : text_;
  }

  // False when what Run() returned is known to fold to itself.
  bool may_fold_on() const { return may_fold_on_; }

 private:
  // Folds from `at` on to `limit`, or beyond when what begins before it ends beyond. Returns where
  // to go on.
  size_t FoldUpTo(size_t limit, size_t at) {
    const char* p = text_.data() + at;
    const char* const end = text_.data() + limit;
    char* out = buffer_->data() + out_;
    ptrdiff_t wide_below = end - p;  // WideFold is tried only where no more than this is left
    // Room for what remains is kept at all times, so only what grows needs to look.
    while (p < end) {
      const uint8_t lead = static_cast<uint8_t>(*p);
      if (lead < 0x80) {
        uint64_t word = 0;
        if (end - p >= 8) std::memcpy(&word, p, 8);
        if ((word & 0x8080808080808080u) == 0) {
          const size_t n = LowerAscii(p, static_cast<size_t>(end - p), out, &changed_);
          p += n;
          out += n;
          if (n > 0) continue;
        } else if (const char lowered = kLowered[lead]) {
          changed_ |= lowered != *p;
          *out++ = lowered;
          ++p;
          continue;
        }
      } else if ((lead & 0xf0) == 0xe0) {
        if (const ptrdiff_t left = end - p; left >= kEightBytes && left <= wide_below &&
                                            wide_ != nullptr && (p[3] & 0xf0) == 0xe0 &&
                                            (p[6] & 0xf0) == 0xe0) {
          WideRun run = {p, end, out, nullptr, nullptr};
          wide_(table_, &run);
          if (run.last_in != nullptr) {
            last_at_ = static_cast<size_t>(run.last_in - text_.data());
            last_out_ = static_cast<size_t>(run.last_out - buffer_->data());
            changed_ = true;
          }
          out = run.out;
          // Where joining characters abound it is no use.
          if (run.in - p < 9) wide_below = end - run.in - 64;
          if (run.in > p) {
            p = run.in;
            continue;
          }
        }
        const uint32_t c = (lead & 0x0fu) << 12 | (static_cast<uint8_t>(p[1]) & 0x3fu) << 6 |
                           (static_cast<uint8_t>(p[2]) & 0x3fu);
        if (table_.Plain(c)) {
          std::memcpy(out, p, 3);
          out += 3;
          p += 3;
          continue;
        }
        // Full-width punctuation and traditional ideographs are ordinary too.
        const FoldTable::Entry e = table_.entry(c);
        if (IsPlainReplacement(e)) {
          last_at_ = static_cast<size_t>(p - text_.data());
          last_out_ = out_ = static_cast<size_t>(out - buffer_->data());
          const uint32_t size = WriteChar(e.payload(), out);
          Record(last_at_, 3, size, e.evasions());
          changed_ = true;
          out += size;
          p += 3;
          continue;
        }
      } else if ((lead & 0xe0) == 0xc0) {
        const uint32_t c = (lead & 0x1fu) << 6 | (static_cast<uint8_t>(p[1]) & 0x3fu);
        if (table_.Plain(c)) {
          std::memcpy(out, p, 2);
          out += 2;
          p += 2;
          continue;
        }
        // Capitals, and letters that look alike everywhere.
        const FoldTable::Entry e = table_.entry(c);
        if (IsPlainReplacement(e) && e.payload() < 0x800) {
          last_at_ = static_cast<size_t>(p - text_.data());
          last_out_ = out_ = static_cast<size_t>(out - buffer_->data());
          const uint32_t size = WriteChar(e.payload(), out);
          Record(last_at_, 2, size, e.evasions());
          changed_ = true;
          out += size;
          p += 2;
          continue;
        }
        // Letters of a word known to be of their own alphabet.
        const size_t at = static_cast<size_t>(p - text_.data());
        if (e.kind() == FoldKind::kMixed && at >= run_begin_ && at < run_end_ &&
            !ReadsMixed(at, e)) {
          const FoldTable::Mixed& mixed = table_.MixedOf(e);
          if (mixed.alone.size() == 2) {
            last_at_ = at;
            last_out_ = out_ = static_cast<size_t>(out - buffer_->data());
            const bool changes = std::memcmp(mixed.alone.data(), p, 2) != 0;
            if (changes) NoteLook(e);
            if (changes || mixed.alone_evasions != 0) Record(at, 2, 2, mixed.alone_evasions);
            changed_ |= changes;
            std::memcpy(out, mixed.alone.data(), 2);
            out += 2;
            p += 2;
            continue;
          }
        }
      }
      const size_t next =
          Slow(static_cast<size_t>(p - text_.data()), static_cast<size_t>(out - buffer_->data()));
      p = text_.data() + next;
      out = buffer_->data() + out_;
    }
    out_ = static_cast<size_t>(out - buffer_->data());
    return static_cast<size_t>(p - text_.data());
  }

  // Folds what begins at text offset `at`, writing at `out`. Returns where to go on; out_ is where
  // to write on.
  size_t Slow(size_t at, size_t out) {
    out_ = out;
    const char32_t c = CharAt(&text_[at]);
    const uint32_t width = CharWidth(text_[at]);
    const FoldTable::Entry e = table_.entry(c);
    switch (e.kind()) {
      case FoldKind::kKeep:
        if (BeginsEscape(c)) {
          if (const size_t next = TryEscape(at)) return next;
          NoteEscapeLeft(at);
          sign_ = out_;
        }
        Emit(at, width, text_.substr(at, width), 0);
        return at + width;
      case FoldKind::kChar: {
        if (BeginsEscape(e.payload())) {
          if (const size_t next = TryEscape(at)) return next;
          sign_ = out_;
        }
        char bytes[4];
        Emit(at, width, {bytes, WriteChar(e.payload(), bytes)}, e.evasions());
        return at + width;
      }
      case FoldKind::kString:
        // A ligature whose first letter completes an escape stays: folding what was folded must not
        // find more to undo.
        Emit(at, width,
             CompletesEscape(Written(), table_.String(e)) ? text_.substr(at, width)
                                                          : table_.String(e),
             e.evasions());
        return at + width;
      case FoldKind::kRemove:
        Remove(at, width, e.evasions());
        return at + width;
      case FoldKind::kMixed: {
        const FoldTable::Mixed& mixed = table_.MixedOf(e);
        if (ReadsMixed(at, e) && !MakesEscape(mixed)) {
          if (e.traits() & FoldTable::kTurned) Note(FoldNote::Kind::kTurned);
          Emit(at, width, mixed.mixed, mixed.mixed_evasions);
        } else {
          NoteLook(e);
          Emit(at, width, mixed.alone, mixed.alone_evasions);
        }
        return at + width;
      }
      case FoldKind::kJoin:
        return Join(at);
      case FoldKind::kRegional:
        return Regional(at);
    }
    return at + width;
  }

  void Emit(size_t at, size_t width, std::string_view to, EvasionMask evasions) {
    const size_t needed = out_ + to.size() + (text_.size() - at - width) + kVectorSlack;
    if (needed > buffer_->capacity()) buffer_->Reserve(needed * 2, out_);
    std::memcpy(buffer_->data() + out_, to.data(), to.size());
    last_at_ = at;
    last_out_ = out_;
    if (const bool changes = to != text_.substr(at, width); changes || evasions != 0) {
      Record(at, width, to.size(), evasions);
      changed_ |= changes;
    }
    out_ += to.size();
  }

  // Whether a removed character, of those from `hidden_begin` on, is the last of a cell that is
  // hidden as a whole.
  bool ShowsAsLineBreak(size_t hidden_begin, size_t at, size_t width) const {
    if (again_) return false;  // offsets are not the field's
    const uint64_t begin = text_begin_ + at;
    const bool ends_cell = (begin + width) / kHiddenCellBytes != begin / kHiddenCellBytes;
    return ends_cell && at + width - hidden_begin > kHiddenCellBytes + width;
  }

  void Remove(size_t at, size_t width, EvasionMask evasions) {
    changed_ = true;
    MeetSign();
    if (at != hidden_end_) hidden_begin_ = at;
    hidden_end_ = at + width;
    if (ShowsAsLineBreak(hidden_begin_, at, width)) {
      if (evasions != 0) Note(FoldNote::Kind::kHiddenCell);
      Emit(at, width, "\n", evasions);
      floor_ = line_break_ = at + width;
      return;
    }
    if (evasions != 0) NoteHidden();
    Record(at, width, 0, evasions);
  }

  // What is not just written behind a sign that was left may make an escape of it.
  void MeetSign() { may_fold_on_ |= out_ - sign_ <= kEscapeBytesMax; }

  // Notes of what is written next.
  void Note(FoldNote::Kind kind, char letter = 0) {
    if (notes_ != nullptr) Append(notes_, FoldNote{static_cast<uint32_t>(out_), kind, letter});
  }
  void NoteHidden() {
    if (notes_ == nullptr) return;
    if (!notes_->empty() &&
        notes_->back() == FoldNote{static_cast<uint32_t>(out_), FoldNote::Kind::kHidden}) {
      return;
    }
    Note(FoldNote::Kind::kHidden);
  }
  // Of a letter read in its own alphabet: where it looks otherwise than what it becomes.
  void NoteLook(FoldTable::Entry mixed) {
    if (notes_ == nullptr || !(mixed.traits() & FoldTable::kReadable)) return;
    const FoldTable::Mixed& both = table_.MixedOf(mixed);
    const FoldTable::Entry then = table_.entry(CharAt(both.alone.data()));
    if (then.kind() == FoldKind::kMixed && table_.MixedOf(then).mixed == both.mixed) return;
    if (both.mixed.size() == 1) Note(FoldNote::Kind::kLook, both.mixed[0]);
  }
  // Of what begins an escape and was not read as one, when it would be of a letter: "=6F", "%61".
  void NoteEscapeLeft(size_t at) {
    if (notes_ == nullptr || text_.size() - at < 3) return;
    const uint8_t sign = text_[at], high = text_[at + 1], low = text_[at + 2];
    if ((sign != '=' && sign != '%') || !std::isxdigit(high) || !std::isxdigit(low)) return;
    if (sign == '=' && low >= 'a') return;
    // A percent sign before a letter of a number's format ("%4d", "%6dx") or a word ("50%ab").
    const auto in_word = [&](size_t i) {
      return i < text_.size() && std::isalnum(static_cast<unsigned char>(text_[i])) != 0;
    };
    if (sign == '%' && (in_word(at + 3) || (at > 0 && in_word(at - 1)))) return;
    const char32_t c = static_cast<char32_t>((high - '0') * 16 +
                                             (low <= '9' ? low - '0' : (low | 0x20) - 'a' + 10));
    if (high >= '4' && high <= '7' && IsAsciiLetter(c)) {
      Note(FoldNote::Kind::kEscape, static_cast<char>(c | 0x20));
    }
  }

  // Takes back the notes of what was written behind out_, save that there was one about the word.
  // Returns whether something was hidden there.
  bool TakeNotesBack() {
    if (notes_ == nullptr) return false;
    bool alike = false, hidden = false;
    for (; !notes_->empty() && notes_->back().at > out_; notes_->pop_back()) {
      alike |= notes_->back().kind == FoldNote::Kind::kAlike;
      hidden |= notes_->back().kind == FoldNote::Kind::kHidden;
    }
    if (alike) Note(FoldNote::Kind::kAlike);
    return hidden;
  }

  void Record(size_t at, size_t width, size_t size, EvasionMask evasions) {
    if (edits_ == nullptr) return;
    edits_->Add({static_cast<uint32_t>(out_), static_cast<uint32_t>(size),
                 static_cast<uint32_t>(at), static_cast<uint32_t>(width), evasions});
  }

  // Returns where to go on, or 0 when no escape begins at `at`.
  size_t TryEscape(size_t at) {
    const bool quoted = quoted_end_ == at && text_[at] == '=';
    if (!quoted && !MayBeginEscape(&text_[at], text_.data() + text_.size())) return 0;
    const Escape escape = ReadEscape(text_, at, quoted ? Before::kQuoted : WhatIsWritten(at));
    if (escape.bytes == 0) return 0;
    if (MakesEscape(escape)) return 0;
    Append(&undone_, Undone{at, at + escape.bytes, escape.c});
    MeetSign();
    const FoldTable::Entry e = table_.entry(escape.c);
    // A sign that is passed over as nothing may be left by what stands behind it.
    may_fold_on_ |= e.kind() == FoldKind::kRegional ||
                    HasEscapeSign(Written().substr(out_ - std::min(out_, kSignReach)));
    const EvasionMask undone = MaskOf(Evasion::kEscape);
    const bool amid_latin = e.kind() == FoldKind::kMixed && ReadsMixed(at, e);
    if (amid_latin && (e.traits() & FoldTable::kTurned)) Note(FoldNote::Kind::kTurned);
    if (!amid_latin && e.kind() == FoldKind::kMixed) NoteLook(e);
    if (e.kind() == FoldKind::kJoin || e.kind() == FoldKind::kRemove) {
      Remove(at, escape.bytes, undone | e.evasions());
    } else if (e.kind() == FoldKind::kRegional) {
      char bytes[4];  // folded on amid its like
      Emit(at, escape.bytes, {bytes, WriteChar(escape.c, bytes)}, undone);
    } else if (amid_latin) {
      const FoldTable::Mixed& mixed = table_.MixedOf(e);
      Emit(at, escape.bytes, mixed.mixed, undone | mixed.mixed_evasions);
    } else {
      const EvasionMask evasions =
          e.kind() == FoldKind::kMixed ? table_.MixedOf(e).alone_evasions : e.evasions();
      Emit(at, escape.bytes, table_.Fold(escape.c), undone | evasions);
    }
    floor_ = at + escape.bytes;
    // The last of several in quoted-printable is one only because of those before it, and would not
    // be looked at again.
    if (text_[at] == '=') {
      quoted_end_ = floor_;
      const char* const next = text_.data() + floor_;
      const char* const end = text_.data() + text_.size();
      if (next < end && *next == '=' && !MayBeginEscape(next, end)) {
        if (const size_t behind = TryEscape(floor_)) return behind;
      }
    }
    return floor_;
  }

  Before WhatIsWritten(size_t at) const {
    if (out_ == 0) return Before::kOther;
    // A digit that was escaped is part of a word.
    if (!undone_.empty() && undone_.back().end == at && IsPutForLetter(undone_.back().c)) {
      return Before::kLetter;
    }
    const std::string_view written(buffer_->data(), out_);
    const char32_t c = CharAt(&written[StepBack(written, out_)]);
    if (c >= '0' && c <= '9') return Before::kDigit;
    switch (table_.char_class(c)) {
      case CharClass::kLetter:
      case CharClass::kHan:
      case CharClass::kHangul:
      case CharClass::kUnspaced:
      case CharClass::kMark:
        return Before::kLetter;
      default:
        return Before::kOther;
    }
  }

  // True when what `escape` stands for may complete another behind what was written. None of
  // quoted-printable, whose letters are capitals.
  bool MakesEscape(const Escape& escape) const {
    const FoldTable::Entry e = table_.entry(escape.c);
    if (e.kind() == FoldKind::kMixed) return EndsInEscapeBegin(Written());
    const std::string folded = escape.c < 0x80 ? std::string() : table_.Fold(escape.c);
    const char c = escape.c < 0x80   ? static_cast<char>(escape.c)
                   : !folded.empty() ? folded[0]
                                     : '\0';
    if (c <= 0) return false;
    if (IsPutForLetter(escape.c) && EndsInQuotedBegin(Written())) return true;
    return EndsInEscapeBegin(Written()) || GoesOnBackslash(Written(), c);
  }
  // The same of a letter that is not read as ASCII where an escape is looked for.
  bool MakesEscape(const FoldTable::Mixed& mixed) const {
    return static_cast<uint8_t>(mixed.mixed[0]) < 0x80 &&
           (EndsInEscapeBegin(Written()) || CompletesEscape(Written(), mixed.mixed));
  }
  std::string_view Written() const { return {buffer_->data(), out_}; }

  // Whether the character at `at` is what it is amid Latin letters.
  bool ReadsMixed(size_t at, FoldTable::Entry mixed) {
    if (at < run_begin_ || at >= run_end_) LookAtRun(at);
    return mixed.traits() & FoldTable::kTurned ? run_turned_ : run_latin_;
  }

  // What is known of a run of letters while it is looked at.
  struct RunTraits {
    uint32_t letters = 0;  // a bit for each ASCII letter that one folds to by itself
    uint32_t chars = 0;
    uint32_t rises = 0;                                  // capitals behind small letters
    uint8_t traits = 0;                                  // of FoldTable::Mixed
    bool readable = true;                                // each as an ASCII letter
    Case front = Case::kUnknown, back = Case::kUnknown;  // of the first and the last
  };

  // Finds out how the run of letters around `at` is read: as Latin when it holds a letter that only
  // Latin has. When each of its letters can be read as a Latin one, also when it holds some that
  // its alphabet does not fold to, or capitals behind small letters. Each of these is gone or as
  // it was once the run is folded, so that folding it again finds the same.
  void LookAtRun(size_t at) {
    size_t begin = at, end = at;
    uint32_t chars = 0;  // without what joins them or is removed
    const auto go_on = [&] { return chars <= kFoldReach; };
    run_latin_ = false;
    run_divided_ = false;
    run_ = {};
    while (begin > line_break_ && go_on()) {
      // An escape first: what it ends in may be a letter.
      size_t before = EscapeBefore(begin);
      if (before != begin) {
        if (run_divided_) break;
        chars += run_shown_;
      } else {
        before = StepBack(text_, begin);
        if (!InRun(before, true, &chars) || run_divided_) break;
      }
      begin = before;
    }
    run_divided_ = false;
    size_t quoted_end = SIZE_MAX, hidden_begin = SIZE_MAX;
    while (end < text_.size() && go_on()) {
      const uint32_t before = chars;
      if (InRun(end, false, &chars)) {
        if (run_divided_) break;
        const size_t width = CharWidth(text_[end]);
        if (chars != before) {
          hidden_begin = SIZE_MAX;
        } else {
          hidden_begin = std::min(hidden_begin, end);
          if (ShowsAsLineBreak(hidden_begin, end, width)) break;
        }
        end += width;
        continue;
      }
      chars = before;
      const bool quoted = end == quoted_end && text_[end] == '=';
      const Escape escape = ReadEscape(text_, end, quoted ? Before::kQuoted : Before::kLetter);
      if (escape.bytes == 0) break;
      if (text_[end] == '=') quoted_end = end + escape.bytes;
      NoteEscape(escape.c, false);
      if (run_divided_) break;
      chars += run_shown_;
      hidden_begin = run_shown_ ? SIZE_MAX : std::min(hidden_begin, end);
      if (!run_shown_ && ShowsAsLineBreak(hidden_begin, end, escape.bytes)) break;
      end += escape.bytes;
    }
    // A letter by itself is nobody's word.
    run_turned_ = run_.readable && run_.chars >= 2;
    run_latin_ |= run_turned_ && ((run_.traits & FoldTable::kTurned) || ShowsLatin());
    if (chars > kFoldReach) {
      run_latin_ = run_turned_ = false;
    } else if (run_.readable &&
               (!run_latin_ || (!run_turned_ && (run_.traits & FoldTable::kTurned)))) {
      Note(FoldNote::Kind::kAlike);
    }
    run_begin_ = begin;
    run_end_ = end;
  }

  // Whether a run of which each letter can be read as a Latin one looks as if it should be.
  bool ShowsLatin() const {
    if (run_.traits & FoldTable::kForeign) return false;
    const bool cyrillic = run_.traits & FoldTable::kCyrillic;
    const bool greek = (run_.traits & FoldTable::kGreek) || !cyrillic;
    uint32_t strange = BitOf('s');
    if (!greek) strange |= BitOf('u') | BitOf('v');
    if (!cyrillic) strange |= BitOf('c') | BitOf('e') | BitOf('j');
    if ((run_.letters & strange) || (run_.traits & FoldTable::kStrange)) return true;
    // One capital inside may be a name's, unless all are drawn as Latin letters are, or some are of
    // none of the alphabets that have such names.
    if (run_.rises != 1) return run_.rises > 1;
    return !(run_.traits & FoldTable::kWeak) ||
           (!greek && (run_.letters & (BitOf('i') | BitOf('j'))));
  }

  // Notes one more letter of a run that is readable until now, `before` or behind the others.
  void NoteCase(Case now, bool before) {
    const Case first = before ? now : run_.back, second = before ? run_.front : now;
    run_.rises += first == Case::kSmall && second == Case::kCapital;
    if (before || run_.chars == 0) run_.front = now;
    if (!before || run_.chars == 0) run_.back = now;
    ++run_.chars;
  }
  void NoteMixed(FoldTable::Entry e) {
    run_.traits |= e.traits();
    run_.readable &= (e.traits() & FoldTable::kReadable) != 0;
    if (!(e.traits() & FoldTable::kAscii)) return;
    const FoldTable::Mixed& mixed = table_.MixedOf(e);
    run_latin_ |= mixed.only_latin;
    run_.letters |= mixed.letters;
  }
  // What a letter folds to, which is no mixed one. False when it is no letter.
  bool NoteFolded(char32_t c) {
    if (c >= 0x80) {
      if (table_.char_class(c) != CharClass::kLetter) return false;
      run_.readable = false;
      return true;
    }
    if (!IsAsciiLetter(c)) return false;
    run_latin_ |= IsOnlyLatin(c);
    run_.letters |= BitOf(c);
    return true;
  }
  // What several letters fold to, as far as they belong to the run that is behind or `before` them.
  // False when none does.
  bool NoteString(std::string_view string, bool before) {
    // The letters on the side where the run is: a degree sign parts what is before it.
    bool letters = false;
    while (!string.empty()) {
      const size_t step = before ? StepBack(string, string.size()) : 0;
      const char32_t s = CharAt(&string[step]);
      const CharClass sort = table_.char_class(s);
      run_divided_ = sort != CharClass::kLetter && sort != CharClass::kMark;
      if (run_divided_) break;
      if (const FoldTable::Entry then = table_.entry(s); then.kind() == FoldKind::kMixed) {
        NoteMixed(then);
      } else {
        NoteFolded(s);
      }
      letters |= sort == CharClass::kLetter;
      string = before ? string.substr(0, step) : string.substr(CharWidth(string[0]));
    }
    if (letters) NoteCase(Case::kUnknown, before);
    return letters;
  }
  // The same of an escape; what is no letter divides the run as it will once it is undone.
  void NoteEscape(char32_t c, bool before) {
    run_divided_ = false;
    const FoldKind kind = table_.entry(c).kind();
    run_shown_ = kind != FoldKind::kRemove && kind != FoldKind::kJoin;
    if (!run_shown_) return;
    run_divided_ |= !NoteString(table_.Fold(c), before);
  }

  // Where the escape begins that ends at `end` and was undone, which is noted as part of a run;
  // `end` when none.
  size_t EscapeBefore(size_t end) {
    const auto it = std::lower_bound(undone_.begin(), undone_.end(), end,
                                     [](const Undone& u, size_t at) { return u.end < at; });
    if (it == undone_.end() || it->end != end) return end;
    NoteEscape(it->c, true);
    return it->begin;
  }

  // Whether the character at `at`, which stands `before` or behind the rest, belongs to a run of
  // letters; notes whether it is only Latin, and counts it.
  bool InRun(size_t at, bool before, uint32_t* chars) {
    const char32_t c = CharAt(&text_[at]);
    const FoldTable::Entry e = table_.entry(c);
    *chars += e.kind() != FoldKind::kRemove && e.kind() != FoldKind::kJoin;
    switch (e.kind()) {
      case FoldKind::kMixed:
        NoteMixed(e);
        if (run_.readable) NoteCase(CaseOf(c), before);
        return true;
      case FoldKind::kRemove:
      case FoldKind::kJoin:
        return true;
      case FoldKind::kRegional: {
        size_t begin = at;
        for (uint32_t n = 0; begin >= 4 && n <= kFoldReach; ++n) {
          if (!IsRegional(begin - 4)) break;
          begin -= 4;
        }
        size_t end;
        if (ShowsFlags(begin, &end)) return false;
        NoteCase(Case::kUnknown, before);
        return NoteFolded('a' + e.payload());
      }
      case FoldKind::kKeep:
      case FoldKind::kChar:
        if (!NoteFolded(e.kind() == FoldKind::kKeep ? c : e.payload())) return false;
        if (run_.readable) NoteCase(CaseOf(c), before);
        return true;
      case FoldKind::kString: {
        const bool letters = NoteString(table_.String(e), before);
        run_divided_ &= letters;
        return letters;
      }
    }
    return false;
  }

  // Characters that join a base, from the first of them on; the base is already written.
  size_t Join(size_t at) {
    // Back to the base over what was removed.
    size_t base = at;
    char32_t base_char = 0;
    while (base > floor_) {
      const size_t before = StepBack(text_, base);
      const char32_t c = CharAt(&text_[before]);
      base = before;
      if (table_.entry(c).kind() != FoldKind::kRemove) {
        base_char = c;
        break;
      }
    }
    const size_t after_base = base + (base_char == 0 ? 0 : CharWidth(text_[base]));
    // Forward over all that joins.
    char32_t joined[kJoinedMax];
    uint32_t kept = 0, marks = 0;
    bool only_marks = true;
    size_t end = at;
    for (uint32_t n = 0; end < text_.size() && n < kJoinReach; ++n) {
      const char32_t c = CharAt(&text_[end]);
      const FoldKind kind = table_.entry(c).kind();
      if (kind != FoldKind::kJoin && kind != FoldKind::kRemove) break;
      if (kind == FoldKind::kJoin) {
        const bool mark = table_.char_class(c) == CharClass::kMark && c != kIotaBelow;
        if (!mark && marks + kept >= kJoinedMax) break;
        only_marks &= mark;
        ++marks;
        if (kept < kJoinedMax) joined[kept++] = c;
      }
      end += CharWidth(text_[end]);
    }
    const FoldTable::Entry base_entry = table_.entry(base_char);
    // Half a flag is no base either: it would be taken out of its run.
    if (base_char == 0 || base_entry.kind() == FoldKind::kRegional) {
      return RemoveOrKeepLoose(at, end);
    }
    const char32_t base_folded =
        base_entry.kind() == FoldKind::kKeep ? base_char : FirstOf(base_entry);
    // No mark stays on a letter that folds to ASCII, whether or not it composes with it.
    if (only_marks && base_folded < 0x80 && (IsAsciiLetter(base_folded) || base_folded <= ' ')) {
      const bool spelling = marks == 1 && Composes(base_char, joined[0]);
      RemoveAll(at, end, spelling ? 0 : MaskOf(Evasion::kCombiningMarks));
      floor_ = end;
      return end;
    }
    return Compose(base, base_char, after_base, at, end, joined, kept, marks, only_marks);
  }

  char32_t FirstOf(FoldTable::Entry e) const {
    switch (e.kind()) {
      case FoldKind::kChar:
        return e.payload();
      case FoldKind::kString:
        return CharAt(table_.String(e).data());
      default:
        return 0xffff;
    }
  }

  // Removes [at, end), one edit a character.
  void RemoveAll(size_t at, size_t end, EvasionMask marks) {
    while (at < end) {
      const uint32_t width = CharWidth(text_[at]);
      const FoldTable::Entry e = table_.entry(CharAt(&text_[at]));
      Remove(at, width, e.kind() == FoldKind::kRemove ? e.evasions() : marks);
      at += width;
    }
  }

  // What joins, without anything to join: marks go, letters (jamo) stay.
  size_t RemoveOrKeepLoose(size_t at, size_t end) {
    may_fold_on_ = true;
    while (at < end) {
      const char32_t c = CharAt(&text_[at]);
      const uint32_t width = CharWidth(text_[at]);
      const FoldTable::Entry e = table_.entry(c);
      const std::string folded = e.kind() == FoldKind::kRemove ? "" : FoldLoose(c);
      if (folded.empty() || table_.char_class(CharAt(folded.data())) == CharClass::kMark) {
        Remove(at, width, e.evasions());
      } else {
        Emit(at, width, folded, 0);
      }
      at += width;
    }
    floor_ = end;
    return end;
  }

  // What becomes of a base and what joins it, if need be amid `latin` letters, and what is undone.
  std::string ComposedWith(size_t base, char32_t base_char, const char32_t* joined, uint32_t kept,
                           uint32_t marks, bool only_marks, bool latin, EvasionMask* evasions) {
    const FoldTable::Entry base_entry = table_.entry(base_char);
    // What is struck through.
    if (base_entry.kind() == FoldKind::kKeep && table_.char_class(base_char) == CharClass::kHan &&
        std::all_of(joined, joined + kept, StraysOnIdeographs)) {
      *evasions |= MaskOf(Evasion::kCombiningMarks);
      return std::string(text_.substr(base, CharWidth(text_[base])));
    }
    icu::UnicodeString in(static_cast<UChar32>(base_char));
    for (uint32_t i = 0; i < kept; ++i) in.append(static_cast<UChar32>(joined[i]));
    UErrorCode error = U_ZERO_ERROR;
    // Folding an iota below makes a letter of it, to which marks that come later would go.
    if (base_char >= 0x1f80 && base_char < 0x2000) {
      in = icu::Normalizer2::getNFDInstance(error)->normalize(in, error);
    }
    const icu::UnicodeString folded = Casefold().normalize(in, error);
    if (marks > kept) *evasions |= MaskOf(Evasion::kCombiningMarks);
    icu::UnicodeString kept_only = WithoutStrayMarks(folded);
    if (kept_only != folded) {
      // What they stood between may compose now.
      *evasions |= MaskOf(Evasion::kCombiningMarks);
      kept_only = WithoutStrayMarks(Casefold().normalize(kept_only, error));
    }
    std::string to;
    for (int32_t i = 0; i < kept_only.length(); i = kept_only.moveIndex32(i, 1)) {
      const char32_t c = static_cast<char32_t>(kept_only.char32At(i));
      const FoldTable::Entry e = table_.entry(c);
      const bool mark = table_.char_class(c) == CharClass::kMark && c != kIotaBelow;
      if (mark && !to.empty() && static_cast<uint8_t>(to.back()) < 0x80) continue;
      if (e.kind() == FoldKind::kMixed && latin && ReadsMixed(base, e)) {
        to += table_.MixedOf(e).mixed;
        *evasions |= table_.MixedOf(e).mixed_evasions;
      } else {
        to += table_.Fold(c);
        if (e.kind() == FoldKind::kMixed) {
          *evasions |= table_.MixedOf(e).alone_evasions;
        } else if (e.kind() != FoldKind::kJoin) {
          *evasions |= e.evasions();
        }
      }
    }
    // A capital may look otherwise than the small letter that this has been made of.
    if (only_marks && latin && base_entry.kind() == FoldKind::kMixed) {
      const FoldTable::Mixed& mixed = table_.MixedOf(base_entry);
      if (base_entry.traits() & FoldTable::kReadable && ReadsMixed(base, base_entry)) {
        to = mixed.mixed;
        *evasions |= mixed.mixed_evasions;
      }
    }
    return to;
  }

  // Folds [base, end) by ICU's own normalisation, in place of the base already written.
  size_t Compose(size_t base, char32_t base_char, size_t after_base, size_t at, size_t end,
                 const char32_t* joined, uint32_t kept, uint32_t marks, bool only_marks) {
    EvasionMask evasions;
    const auto composed = [&](bool latin) {
      evasions = 0;
      return ComposedWith(base, base_char, joined, kept, marks, only_marks, latin, &evasions);
    };
    std::string to = composed(true);
    may_fold_on_ |= !only_marks;
    MeetSign();
    // Take the base back.
    out_ = base == last_at_ && last_out_ < out_ ? last_out_ : out_ - (after_base - base);
    const bool hidden = TakeNotesBack();
    const bool ascii = !to.empty() && (to[0] & 0x80) == 0, begun = EndsInEscapeBegin(Written());
    if (ascii && (begun || CompletesEscape(Written(), to))) to = composed(false);
    if (edits_ != nullptr) {
      std::vector<Edit>& edits = edits_->edits();
      while (!edits.empty() && edits.back().from_begin >= base) {
        evasions |= edits.back().evasions;
        edits.pop_back();
      }
    }
    if (to.size() > 1 && CompletesEscape(Written(), to)) {
      to = text_.substr(base, end - base);  // as for a ligature alone
    }
    if (end - base == to.size() && text_.substr(base, end - base) == to) evasions = 0;
    for (size_t i = at; i < end; i += CharWidth(text_[i])) {
      const FoldTable::Entry e = table_.entry(CharAt(&text_[i]));
      if (e.kind() == FoldKind::kRemove) evasions |= e.evasions();
    }
    Emit(base, end - base, to, evasions);
    if (hidden || (evasions & (MaskOf(Evasion::kCombiningMarks) | MaskOf(Evasion::kZeroWidth) |
                               MaskOf(Evasion::kBidiControl)))) {
      NoteHidden();
    }
    floor_ = end;
    return end;
  }

  // A run of regional indicators: flags when it reads as regions pair by pair, letters otherwise.
  size_t Regional(size_t at) {
    size_t end;
    const bool flags = ShowsFlags(at, &end);
    Note(flags ? FoldNote::Kind::kFlags : FoldNote::Kind::kIndicators);
    for (; at < end; at += 4) {
      if (flags) {
        Emit(at, 4, text_.substr(at, 4), 0);
      } else {
        const char letter = static_cast<char>('a' + table_.entry(CharAt(&text_[at])).payload());
        Emit(at, 4, {&letter, 1}, MaskOf(Evasion::kStyled));
      }
    }
    return end;
  }

  bool IsRegional(size_t at) const {
    return CharWidth(text_[at]) == 4 &&
           table_.entry(CharAt(&text_[at])).kind() == FoldKind::kRegional;
  }

  // Whether the run of regional indicators from `at` on reads as flags; where it ends.
  bool ShowsFlags(size_t at, size_t* end) const {
    uint32_t letters[kFoldReach];
    uint32_t n = 0;
    for (; at < text_.size() && IsRegional(at); at += 4, ++n) {
      if (n < kFoldReach) letters[n] = table_.entry(CharAt(&text_[at])).payload();
    }
    *end = at;
    if (n > kFoldReach) return true;  // nobody's word
    return AreRegions(letters, n) && !BesideSpelled(at - 4 * size_t{n}, at);
  }

  // Whether the regional indicators in [begin, end) go on what others, that show no flags, spell:
  // in the same word, or over a space. Folding leaves no such others.
  bool BesideSpelled(size_t begin, size_t end) const {
    uint32_t letters[kSpelledReach];
    uint32_t chars = 0;
    while (begin > 0) {
      size_t at = begin;
      if (text_[at - 1] == ' ') {
        --at;
      } else {
        while (at > 0 && IsAsciiLetter(static_cast<uint8_t>(text_[at - 1]))) {
          if (++chars >= kSpelledReach) return false;
          --at;
        }
      }
      if (at < 4 || !IsRegionalBefore(at)) break;
      begin = at;
      while (begin >= 4 && IsRegionalBefore(begin)) {
        if (++chars >= kSpelledReach) return false;
        begin -= 4;
      }
      const uint32_t n = static_cast<uint32_t>((at - begin) / 4);
      for (uint32_t i = 0; i < n; ++i) letters[i] = IndicatorAt(begin + 4 * i);
      if (!AreRegions(letters, n)) return true;
    }
    chars = 0;
    while (end < text_.size()) {
      size_t at = end;
      if (text_[at] == ' ') {
        ++at;
      } else {
        while (at < text_.size() && IsAsciiLetter(static_cast<uint8_t>(text_[at]))) {
          if (++chars >= kSpelledReach) return false;
          ++at;
        }
      }
      if (at >= text_.size() || !IsRegional(at)) break;
      uint32_t n = 0;
      for (end = at; end < text_.size() && IsRegional(end); end += 4) {
        if (++chars >= kSpelledReach) return false;
        letters[n++] = IndicatorAt(end);
      }
      if (!AreRegions(letters, n)) return true;
    }
    return false;
  }

  bool IsRegionalBefore(size_t at) const {
    const size_t before = StepBack(text_, at);
    return at - before == 4 && IsRegional(before);
  }
  uint32_t IndicatorAt(size_t at) const { return table_.entry(CharAt(&text_[at])).payload(); }

  bool AreRegions(const uint32_t* letters, uint32_t n) const {
    bool regions = n % 2 == 0;
    for (uint32_t i = 0; regions && i < n; i += 2) {
      regions = table_.IsRegion(letters[i], letters[i + 1]);
    }
    return regions;
  }

  const FoldTable& table_;
  const std::string_view text_;
  const uint64_t text_begin_;
  Buffer* const buffer_;
  EditMap* const edits_;
  FoldNotes* const notes_;
  const WideFold wide_;  // null where each edit is to be recorded
  const bool again_;     // the text is a folded view
  bool changed_ = false;
  bool may_fold_on_ = false;
  size_t out_ = 0;
  size_t sign_ =
      SIZE_MAX - kEscapeBytesMax;  // where the last sign that begins no escape is written
  size_t last_at_ = SIZE_MAX;      // the text offset of what Emit() last wrote,
  size_t last_out_ = SIZE_MAX;     // and where it wrote it
  size_t hidden_begin_ = 0;        // of the run of removed characters that ends at hidden_end_
  size_t hidden_end_ = SIZE_MAX;
  size_t line_break_ = 0;  // where the last cell ends that shows as one
  struct Undone {
    size_t begin, end;
    char32_t c;
  };
  std::vector<Undone> undone_;    // the escapes, in order
  size_t quoted_end_ = SIZE_MAX;  // where the last escape in quoted-printable ends
  size_t floor_ = 0;  // what was made of the text before it is final: no base for what joins
  size_t run_begin_ = 1, run_end_ = 0;  // the run of letters last looked at
  bool run_latin_ = false;
  bool run_turned_ = false;  // it is a word with letters upside down
  RunTraits run_;
  bool run_shown_ = false;    // the escape last looked at stands for something that is seen
  bool run_divided_ = false;  // the character last looked at ends the run, and is part of it
};

// Folds `folded`, a view of `buffer`, again as long as that changes it.
std::string_view FoldOn(std::string_view folded, Buffer* buffer, EditMap* edits,
                        std::span<size_t> marks, FoldNotes* notes) {
  for (int round = 1; round < kRoundsMax; ++round) {
    Buffer further;
    // Nearly always there is no more to do, which is found out without the map.
    Folding trial(folded, 0, &further, nullptr, nullptr, true);
    if (trial.Run({}).data() == folded.data()) break;
    EditMap more;
    FoldNotes more_notes;
    Folding again(folded, 0, &further, &more, &more_notes, true);
    folded = again.Run(marks);
    if (edits != nullptr) edits->GoOn(more);
    if (notes != nullptr) GoOn(more, more_notes, notes);
    *buffer = std::move(further);
    if (!again.may_fold_on()) break;
  }
  return folded;
}

}  // namespace

std::string_view Fold(std::string_view text, uint64_t text_begin, Buffer* buffer, EditMap* edits,
                      std::span<size_t> marks, FoldNotes* notes) {
  if (edits == nullptr && marks.empty() && !text.empty() && static_cast<uint8_t>(text[0]) < 0x80) {
    // Prose in ASCII needs no more than this.
    buffer->Reserve(text.size() + kVectorSlack);
    bool changed = false;
    if (LowerAscii(text.data(), text.size(), buffer->data(), &changed) == text.size()) {
      if (notes != nullptr) notes->clear();
      return changed ? std::string_view(buffer->data(), text.size()) : text;
    }
  }
  Folding folding(text, text_begin, buffer, edits, notes, false);
  std::string_view folded = folding.Run(marks);
  if (folding.may_fold_on() && folded.data() != text.data()) {
    folded = FoldOn(folded, buffer, edits, marks, notes);
  }
  if (notes != nullptr && !notes->empty()) Sift(folded, notes);
  return folded;
}

}  // namespace winnow::text
