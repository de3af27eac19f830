// What the squeezer reads a folded view as, and how it writes what it found. For the squeezer only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/append.h"
#include "engine/text/edits.h"
#include "engine/text/fold_table.h"
#include "engine/text/utf8.h"

namespace winnow::text::squeezing {

// Letters that digits and signs are put for; 0: none. '1' and '!' stand for l as well.
constexpr char LeetLetter(char c) {
  switch (c) {
    case '0':
      return 'o';
    case '1':
    case '!':
      return 'i';
    case '3':
      return 'e';
    case '4':
    case '@':
      return 'a';
    case '5':
    case '$':
      return 's';
    case '6':
    case '9':
      return 'g';
    case '7':
      return 't';
    case '8':
      return 'b';
    default:
      return 0;
  }
}

inline bool IsAsciiLetter(char c) { return static_cast<uint8_t>(c - 'a') < 26; }
inline bool IsAsciiDigit(char c) { return static_cast<uint8_t>(c - '0') < 10; }
inline bool IsSign(char c) { return c == '!' || c == '$' || c == '@'; }

// Signs that a run keeps when they touch its begin or its end, as terms may have them there:
// ".com",
// "/min", "account:", "send $".
constexpr bool IsKeptBefore(char c) { return c == '.' || c == '/'; }
constexpr bool IsKeptBehind(char c) { return c == ':' || c == '$'; }

// So many neighbouring ideographs are taken beside what is read.
inline constexpr uint32_t kIdeographsTaken = 8;

// What a character is to somebody who holds others apart.
enum class Role : uint8_t { kLetter, kHan, kDigit, kGap };

struct Char {
  uint32_t begin = 0;
  uint32_t end = 0;
  char32_t c = 0;
  Role role = Role::kGap;
};

// Steps through a folded view.
class Text {
 public:
  Text() = default;
  explicit Text(std::string_view view) : view_(view) {}
  // `hidden`: a bit for each offset before which something was removed that nobody sees; may be
  // empty.
  Text(std::string_view view, const std::vector<uint64_t>& hidden)
      : view_(view), hidden_(hidden.data(), hidden.size()) {}

  std::string_view view() const { return view_; }
  uint32_t size() const { return static_cast<uint32_t>(view_.size()); }

  Char At(uint32_t at) const {
    Char c;
    c.begin = at;
    c.c = CharAt(&view_[at]);
    c.end = at + WidthOf(c.c);
    c.role = RoleOf(c.c);
    return c;
  }
  Char Before(uint32_t at) const { return At(static_cast<uint32_t>(StepBack(view_, at))); }

  // Whether a letter or ideograph stands alone: no letter touches a letter, nor a number, and no
  // ideograph another. One digit between two letters may hold them apart.
  bool Single(const Char& c) const {
    return !(c.begin > 0 && Binds(c.role, Before(c.begin)) && !HiddenAt(c.begin)) &&
           !(c.end < size() && Binds(c.role, At(c.end)) && !HiddenAt(c.end));
  }
  // Whether it knows of anything removed.
  bool Parted() const { return !hidden_.empty(); }
  bool HiddenAt(uint32_t at) const {
    return !hidden_.empty() && (hidden_[at / 64] >> (at % 64) & 1);
  }

  bool HanBefore(uint32_t at) const { return at > 0 && Before(at).role == Role::kHan; }
  bool HanAt(uint32_t at) const { return at < size() && At(at).role == Role::kHan; }

  // Neighbouring ideographs.
  struct Ideographs {
    uint32_t begin, end;
    char32_t first, last;
    uint32_t chars;
  };
  // Those from `from` on, or up to it; at most `chars_max`, and with `unless_hidden` to where
  // something was removed.
  Ideographs IdeographsFrom(const Char& from, bool forward, uint32_t chars_max,
                            bool unless_hidden = false) const {
    Ideographs all = {from.begin, from.end, from.c, from.c, 1};
    while (all.chars < chars_max && (forward ? all.end < size() : all.begin > 0)) {
      if (unless_hidden && HiddenAt(forward ? all.end : all.begin)) break;
      const Char c = forward ? At(all.end) : Before(all.begin);
      if (c.role != Role::kHan) break;
      (forward ? all.end : all.begin) = forward ? c.end : c.begin;
      (forward ? all.last : all.first) = c.c;
      ++all.chars;
    }
    return all;
  }

 private:
  bool Binds(Role a, const Char& b) const {
    if (a == Role::kHan) return b.role == Role::kHan;
    if (b.role != Role::kDigit) return b.role == Role::kLetter;
    return a != Role::kLetter || b.begin == 0 || b.end >= size() ||
           Before(b.begin).role != Role::kLetter || At(b.end).role != Role::kLetter;
  }

  static Role RoleOf(char32_t c) {
    if (c < 0x80) {
      if (IsAsciiLetter(static_cast<char>(c))) return Role::kLetter;
      return IsAsciiDigit(static_cast<char>(c)) ? Role::kDigit : Role::kGap;
    }
    if (c >= 0x4e00 && c < 0xa000) return Role::kHan;
    switch (FoldTable::Get().char_class(c)) {
      case CharClass::kLetter:
      case CharClass::kHangul:
      case CharClass::kUnspaced:
      case CharClass::kMark:
        return Role::kLetter;
      case CharClass::kHan:
        return Role::kHan;
      case CharClass::kDigit:
        return Role::kDigit;
      default:
        return Role::kGap;
    }
  }

  std::string_view view_;
  std::span<const uint64_t> hidden_;
};

// A character of a run and where it came from.
struct Piece {
  uint32_t begin;  // in the folded view
  uint32_t end;
  char letter;  // ASCII put for what was there; 0: the view's own bytes
  EvasionMask evasions;
  uint32_t letters = 1;  // equal ones that became this one
};

// The characters of a run to be, in which equal letters that meet are one.
class Pieces {
 public:
  void Clear() {
    pieces_.clear();
    last_ = 0;
  }
  // Letters that follow are not those before.
  void EndWord() { last_ = 0; }

  // Adds a piece that shows as `letter`, or as an ideograph or other character when `is_letter` is
  // false.
  Piece& Add(Piece piece, char32_t letter, bool is_letter) {
    if (is_letter && letter == last_ && !pieces_.empty()) {
      Piece& same = pieces_.back();
      if (piece.begin > same.end) same.evasions |= MaskOf(Evasion::kSeparator);
      same.end = piece.end;
      same.evasions |= piece.evasions;
      if (++same.letters >= 3) same.evasions |= MaskOf(Evasion::kRepeat);
    } else {
      Append(&pieces_, piece);
    }
    last_ = is_letter ? letter : 0;
    return pieces_.back();
  }
  // Adds the ideographs or letters of [begin, end) as they are.
  void AddText(const Text& text, uint32_t begin, uint32_t end) {
    for (uint32_t at = begin; at < end;) {
      const Char c = text.At(at);
      Add({c.begin, c.end, 0, 0}, c.c, c.role != Role::kHan);
      at = c.end;
    }
  }

  size_t size() const { return pieces_.size(); }
  Piece& operator[](size_t i) { return pieces_[i]; }
  const std::vector<Piece>& all() const { return pieces_; }

 private:
  std::vector<Piece> pieces_;
  char32_t last_ = 0;
};

// Makes the pieces of what has numbers in it that are meant as numbers: letters are capitals, which
// no folded view has, and no other run is of both.
class CodePieces {
 public:
  explicit CodePieces(Pieces* pieces) : pieces_(pieces) { pieces_->Clear(); }
  // `c` is a letter, digit or ideograph.
  void Add(const Char& c) {
    Piece piece = {c.begin, c.end, 0, 0};
    if (c.c < 0x80 && c.role == Role::kLetter) piece.letter = static_cast<char>(c.c - 0x20);
    pieces_->Add(piece, c.c, c.role == Role::kLetter);
    const bool digit = c.role == Role::kDigit;
    han_ |= c.role == Role::kHan;
    changes_ += pieces_->size() > 1 && digit != digit_;
    digits_ += digit;
    hex_ &= c.c < 0x80 && (digit || c.c <= 'f');
    digit_ = digit;
  }
  // Whether numbers stand before or behind letters, or amid ideographs. Between letters a digit is
  // put for one.
  bool IsCode() const {
    return digits_ > 0 && (han_ ? changes_ > 0 : changes_ == 1 && (!hex_ || pieces_->size() == 4));
  }

 private:
  Pieces* const pieces_;
  uint32_t digits_ = 0, changes_ = 0;  // changes: from digits to others and back
  bool han_ = false, hex_ = true, digit_ = false;
};

// A stretch of the folded view read another way: see hidden_words.h.
struct Reading {
  std::string text;
  // Where the character of each byte came from. What was undone is empty where nothing was.
  std::vector<EditMap::Source> from;
  bool backward = false;  // the first character came from the last

  void Clear(bool is_backward) {
    text.clear();
    from.clear();
    backward = is_backward;
  }
  uint32_t size() const { return static_cast<uint32_t>(text.size()); }
  void Add(std::string_view character, const EditMap::Source& source) {
    text.append(character);
    from.insert(from.end(), character.size(), source);
  }
  // Where [begin, end) came from, and what was undone in it.
  EditMap::Source SourceOf(uint32_t begin, uint32_t end) const {
    EditMap::Source source = {std::min(from[begin].begin, from[end - 1].begin),
                              std::max(from[begin].end, from[end - 1].end), 0};
    for (uint32_t i = begin; i < end; ++i) source.evasions |= from[i].evasions;
    return source;
  }
};

// Writes runs and their map.
class RunWriter {
 public:
  RunWriter(std::string_view folded, std::string* out, EditMap* map)
      : folded_(folded), out_(out), map_(map) {}
  // Of pieces of a reading, which must outlive the writer. Runs that the folded view has as well
  // are left out.
  RunWriter(const Reading& reading, std::string* out, EditMap* map)
      : reading_(&reading), folded_(reading.text), out_(out), map_(map) {}

  void Write(const std::vector<Piece>& pieces, EvasionMask gap_evasion) {
    if (reading_ != nullptr) {
      WriteReading(pieces, gap_evasion);
      return;
    }
    // As most pieces show: a letter each.
    if (out_->capacity() < out_->size() + 3 * pieces.size() + 1) {
      out_->reserve(2 * out_->capacity() + 3 * pieces.size() + 1);
    }
    const uint32_t divider = static_cast<uint32_t>(out_->size());
    if (divider > 0) out_->push_back('\n');
    uint32_t from = pieces[0].begin;
    const bool sign_before = from > 0 && IsKeptBefore(folded_[from - 1]);
    from -= sign_before;
    map_->Add({divider, static_cast<uint32_t>(out_->size()) - divider, from, 0, 0});
    if (sign_before) out_->push_back(folded_[from++]);
    for (const Piece& p : pieces) {
      const uint32_t at = static_cast<uint32_t>(out_->size());
      if (p.begin > from) map_->Add({at, 0, from, p.begin - from, gap_evasion});
      if (p.letter != 0) {
        out_->push_back(p.letter);
        if (p.end - p.begin != 1 || p.evasions != 0) {
          map_->Add({at, 1, p.begin, p.end - p.begin, p.evasions});
        }
      } else {
        const uint32_t width = CharWidth(folded_[p.begin]);
        out_->append(folded_, p.begin, width);
        if (p.end - p.begin != width || p.evasions != 0) {
          map_->Add({at, width, p.begin, p.end - p.begin, p.evasions});
        }
      }
      from = p.end;
    }
    if (const uint32_t sign = SignBehind(from); sign != 0) {
      if (sign > from) {
        map_->Add({static_cast<uint32_t>(out_->size()), 0, from, sign - from, 0});
      }
      out_->push_back(folded_[sign]);
      from = sign + 1;
    }
    until_ = std::max(until_, from);
  }

  // Whether the last runs show the same, of which `pieces` is short.
  bool Wrote(const std::vector<Piece>& pieces) const {
    std::string run = "\n";
    for (const Piece& p : pieces) run.append(folded_, p.begin, CharWidth(folded_[p.begin]));
    const size_t from = out_->size() - std::min(out_->size(), 8 * run.size());
    return std::string_view(*out_).substr(from).find(std::string_view(run).substr(from == 0)) !=
           std::string_view::npos;
  }

  // Where in the folded view the last run ends.
  uint32_t until() const { return until_; }

 private:
  void WriteReading(const std::vector<Piece>& pieces, EvasionMask gap_evasion);
  // Where the sign is that the run that ends at `end` keeps; 0 when there is none.
  uint32_t SignBehind(uint32_t end) const {
    if (end < folded_.size() && IsKeptBehind(folded_[end])) return end;
    if (end + 1 < folded_.size() && folded_[end] == ' ' && folded_[end + 1] == '$') return end + 1;
    return 0;
  }

  uint32_t until_ = 0;
  const Reading* const reading_ = nullptr;
  const std::string_view folded_;
  std::string* const out_;
  EditMap* const map_;
};

}  // namespace winnow::text::squeezing
