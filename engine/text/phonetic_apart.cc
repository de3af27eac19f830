#include "engine/text/phonetic_apart.h"

#include <algorithm>
#include <array>

#include "engine/text/ascii.h"
#include "engine/text/phonetic_chance.h"
#include "engine/text/phonetic_text.h"

namespace winnow::text {
namespace {

using sounding::Gap;
using sounding::GapOf;
using sounding::IsDigit;
using sounding::IsIdeograph;
using sounding::IsLetter;
using sounding::IsLine;
using sounding::IsTone;
using sounding::kGapCharsMax;
using sounding::kSpelledGapCharsMax;

// So many elements on either side of a joint are heard with it.
constexpr uint32_t kBesideJoint = 8;

// An ideograph, or letters that spell syllables, their tone left out: of a word, of one with a sign
// in it ("zh^ao"), or one by one ("z h a o").
struct Element {
  uint32_t begin, end;
  bool letters;
  bool apart;  // something stands between its letters
};

class Chains {
 public:
  explicit Chains(std::string_view folded) : text_(folded) {}

  // The elements around a joint; none when it is none.
  const std::vector<Element>& Around(const SoundJoint& at) {
    elements_.clear();
    Element a, b;
    bool joint = false;
    if (at.kind == SoundJoint::Kind::kLetter) {
      if (!Apart(at.at, &a)) return elements_;
    } else {
      const uint32_t end = at.at - IsDigit(text_[at.at - 1]);  // a tone
      if (!ElementBefore(end, &a)) return elements_;
      if (!a.apart && (!Next(a, &b, &joint) || !joint)) return elements_;
      // Lines of ideographs are left to the squeezed view.
      if (!a.letters && !b.letters && !IsDigit(text_[a.end])) return elements_;
    }
    for (Element from = a, before; elements_.size() < kBesideJoint; from = before) {
      elements_.push_back(from);
      if (!Before(from, &before, &joint)) break;
    }
    std::reverse(elements_.begin(), elements_.end());
    until_ = a.end;
    uint32_t since = 0;
    for (Element from = a; since < kBesideJoint && Next(from, &b, &joint); from = b) {
      ++since;
      if (joint || b.apart) {
        since = 0;
        until_ = b.apart ? b.end : from.end;
      }
      elements_.push_back(b);
    }
    return elements_;
  }

  // Joints up to there are among the elements that were found last.
  uint32_t until() const { return until_; }

 private:
  static bool Spells(std::string_view letters) {
    PhoneticTable::Syllables syllables;
    return PhoneticTable::Get().Parse(letters, &syllables) > 0;
  }

  uint32_t LettersBegin(uint32_t end) const {
    uint32_t begin = end;
    while (begin > 0 && IsLetter(text_[begin - 1]) && end - begin <= kPinyinLettersMax) --begin;
    return begin;
  }

  // No further than matters.
  uint32_t LettersEnd(uint32_t begin) const {
    uint32_t end = begin;
    while (end < text_.size() && IsLetter(text_[end]) && end - begin <= kPinyinLettersMax) ++end;
    return end;
  }

  // The single letters around one, when they are few and spell something. They are gone through
  // once, however many of them are asked for.
  bool Spelled(uint32_t at, Element* e) {
    if (at < spelled_.begin || at >= spelled_.end) {
      std::array<char, kPinyinLettersMax> letters;
      uint32_t begin = at, end = at, before = 0, size = 0;
      for (uint32_t next; before < kPinyinLettersMax && (next = Single(begin, false)) != begin;
           begin = next) {
        ++before;
      }
      spelled_ = {begin, begin, true, true};
      for (uint32_t next = begin;; next = Single(end, true)) {
        if (size > 0 && next == end) break;
        if (size < letters.size()) letters[size] = text_[next];
        ++size;
        end = next;
      }
      spelled_.end = end + 1;
      spells_ = size >= 2 && size <= letters.size() && Spells({letters.data(), size});
    }
    *e = spelled_;
    return spells_;
  }

  bool IsSingle(uint32_t at) const {
    return IsLetter(text_[at]) && !(at > 0 && IsLetter(text_[at - 1])) &&
           !(at + 1 < text_.size() && IsLetter(text_[at + 1]));
  }

  // The single letter next to a single one; that itself when there is none.
  uint32_t Single(uint32_t of, bool forward) const {
    uint32_t digits = 0;
    uint32_t at = of;
    for (uint32_t n = 0; n <= kSpelledGapCharsMax; ++n) {
      if (forward ? at + CharWidth(text_[at]) >= text_.size() : at == 0) return of;
      at = forward ? at + CharWidth(text_[at]) : static_cast<uint32_t>(StepBack(text_, at));
      if (IsLetter(text_[at])) return IsSingle(at) ? at : of;
      digits += IsDigit(text_[at]);
      if (digits > 3 || !sounding::DividesLetters(text_, at)) return of;
    }
    return of;
  }

  // Signs that are put into words.
  bool IsOddSign(uint32_t at) const {
    if (at >= text_.size()) return false;
    const char c = text_[at];
    if (static_cast<uint8_t>(c) < 0x80) {
      return std::string_view("*#^|~").find(c) != std::string_view::npos;
    }
    return GapOf(text_, at) == Gap::kOther;
  }

  // A word with a sign in it, [begin, sign) and from `next` on.
  bool Broken(uint32_t begin, uint32_t sign, uint32_t next, Element* e) const {
    if (next >= text_.size() || !IsLetter(text_[next])) return false;
    const uint32_t end = LettersEnd(next);
    if (end - next + sign - begin > kPinyinLettersMax) return false;
    std::array<char, kPinyinLettersMax> letters;
    char* const middle = std::copy(&text_[begin], &text_[begin] + (sign - begin), letters.data());
    std::copy(&text_[next], &text_[next] + (end - next), middle);
    if (!Spells({letters.data(), end - next + sign - begin})) return false;
    // Two that are words are shown as such, unless they are one syllable as well.
    if (Spells(text_.substr(begin, sign - begin)) && Spells(text_.substr(next, end - next)) &&
        PhoneticTable::Get().SplitOf({letters.data(), end - next + sign - begin}) != sign - begin) {
      return false;
    }
    *e = {begin, end, true, true};
    return true;
  }

  // What is held apart with the letter at `at` in it.
  bool Apart(uint32_t at, Element* e) {
    if (IsSingle(at) && Spelled(at, e)) return true;
    const uint32_t begin = LettersBegin(at + 1), end = LettersEnd(at);
    if (IsOddSign(end) && Broken(begin, end, end + CharWidth(text_[end]), e)) return true;
    if (begin == 0) return false;
    const uint32_t sign = static_cast<uint32_t>(StepBack(text_, begin));
    return sign > 0 && IsOddSign(sign) && Broken(LettersBegin(sign), sign, begin, e);
  }

  bool ElementAt(uint32_t at, Element* e) {
    if (!IsLetter(text_[at])) {
      if (!IsIdeograph(text_, at)) return false;
      *e = {at, at + CharWidth(text_[at]), false, false};
      return true;
    }
    if (Apart(at, e)) return e->begin == at;
    const uint32_t end = LettersEnd(at);
    *e = {at, end, true, false};
    return Spells(text_.substr(at, end - at));
  }

  bool ElementBefore(uint32_t end, Element* e) {
    if (end == 0) return false;
    uint32_t begin = static_cast<uint32_t>(StepBack(text_, end));
    if (!IsLetter(text_[begin])) {
      if (!IsIdeograph(text_, begin)) return false;
      *e = {begin, end, false, false};
      return true;
    }
    if (Apart(begin, e)) return e->end == end;
    begin = LettersBegin(end);
    *e = {begin, end, true, false};
    return Spells(text_.substr(begin, end - begin));
  }

  // The element behind or before another that belongs to it. `*joint`: what divides them is more
  // than the view leaves out anyway.
  bool Next(const Element& a, Element* b, bool* joint) {
    uint32_t at = a.end;
    for (uint32_t n = 0; at < text_.size() && n <= kLinkCharsMax; ++n) {
      if (IsLetter(text_[at]) || IsIdeograph(text_, at)) {
        return ElementAt(at, b) && Link(a, *b, joint);
      }
      at += CharWidth(text_[at]);
    }
    return false;
  }
  bool Before(const Element& b, Element* a, bool* joint) {
    uint32_t end = b.begin;
    for (uint32_t n = 0; end > 0 && n <= kLinkCharsMax; ++n) {
      const uint32_t before = static_cast<uint32_t>(StepBack(text_, end));
      if (IsLetter(text_[before]) || IsIdeograph(text_, before)) {
        return ElementBefore(end, a) && Link(*a, b, joint);
      }
      end = before;
    }
    return false;
  }

  bool Link(const Element& a, const Element& b, bool* joint) const {
    const bool apart = a.apart || b.apart;
    uint32_t chars = 0, digits = 0, lines = 0, spaces = 0;
    // A tone digit is none of what divides.
    const bool tone = a.letters && a.end < b.begin && text_[a.end] >= '1' && text_[a.end] <= '5';
    for (uint32_t at = a.end + tone; at < b.begin; at += CharWidth(text_[at])) {
      // An ellipsis is one character.
      if (chars == 0 || text_[at] != '.' || text_[at - 1] != '.') ++chars;
      if (IsDigit(text_[at])) {
        ++digits;
      } else if (IsLine(CharAt(&text_[at]))) {
        ++lines;
      } else if (!sounding::DividesLetters(text_, at)) {
        return false;
      } else {
        spaces += GapOf(text_, at) == Gap::kSpace;
      }
    }
    *joint =
        digits + lines > 0 || chars > kGapCharsMax ||
        (chars > 0 && text_.substr(a.end, b.begin - a.end).find("..") != std::string_view::npos);
    if (chars > (apart ? kSpelledGapCharsMax : kGapCharsMax)) return false;
    if (*joint && digits + lines == 0 && !a.letters && !b.letters) return false;
    if (digits > 0 && !(apart && digits <= 3)) {
      if (digits != 1 || chars != 1) return false;
      // "5月3日"; one of two that stand alone may touch what is said before or behind.
      return a.letters || b.letters ||
             !(a.begin > 0 &&
               IsIdeograph(text_, static_cast<uint32_t>(StepBack(text_, a.begin)))) ||
             !IsIdeograph(text_, b.end);
    }
    if (lines > 0) {
      return lines + spaces + digits == chars && Alone(a, true, false) && Alone(b, false, true);
    }
    return true;
  }

  // Whether nothing that belongs to a word touches the element before or behind.
  bool Alone(const Element& e, bool before, bool behind) const {
    if (before && e.begin > 0) {
      const uint32_t at = static_cast<uint32_t>(StepBack(text_, e.begin));
      if (IsWord(at)) return false;
      if (text_[at] == ' ' && at > 0 && IsLetter(text_[at - 1])) return false;
    }
    if (behind) {
      uint32_t at = e.end;
      if (e.letters && IsTone(text_, at)) ++at;
      if (at < text_.size() && IsWord(at)) return false;
      if (at + 1 < text_.size() && text_[at] == ' ' && IsLetter(text_[at + 1])) return false;
    }
    return true;
  }
  bool IsWord(uint32_t at) const {
    return IsLetter(text_[at]) || IsDigit(text_[at]) || IsIdeograph(text_, at);
  }

  static constexpr uint32_t kLinkCharsMax = 12;

  const std::string_view text_;
  Element spelled_ = {0, 0, true, true};  // the single letters that were looked at last
  bool spells_ = false;
  std::vector<Element> elements_;
  uint32_t until_ = 0;
};

}  // namespace

class ApartSounds::Writer {
 public:
  Writer(std::string_view folded, std::string* out, EditMap* map)
      : folded_(folded), out_(*out), map_(*map) {}

  // Begins a run of what stands from `from` on in the folded view.
  void Begin(uint32_t from) {
    const uint32_t divider = size();
    if (divider > 0) out_.push_back('\n');
    map_.Add({divider, size() - divider, from, 0, 0});
    from_ = begin_ = from;
    run_ = size();
    divider_ = divider;
    edits_ = map_.edits().size() - 1;
    odd_gaps_ = false;
  }

  // Drops the run when the view shows it anyway: ideographs, and between them what it leaves out.
  void DropShown() {
    if (odd_gaps_) return;
    for (uint32_t at = run_; at < size(); at += CharWidth(out_[at])) {
      if (!IsIdeograph(out_, at)) return;
    }
    out_.resize(divider_);
    map_.edits().resize(edits_);
  }

  void Copy(uint32_t begin, uint32_t end) {
    Skip(begin);
    out_.append(folded_, begin, end - begin);
    from_ = end;
  }

  void Put(char c, uint32_t begin, uint32_t end, EvasionMask evasions) {
    Skip(begin);
    map_.Add({size(), 1, begin, end - begin, evasions});
    out_.push_back(c);
    from_ = end;
  }

  uint32_t size() const { return static_cast<uint32_t>(out_.size()); }
  // Of the run, in the folded view.
  std::pair<uint32_t, uint32_t> Range() const { return {begin_, from_}; }
  std::string_view run() const { return std::string_view(out_).substr(run_); }

  // The run once more, if it is one syllable that may be two.
  void SplitRun() {
    const uint32_t at = PhoneticTable::Get().SplitOf(run());
    if (at == 0) return;
    const uint32_t begin = run_, end = size();
    const EditMap::Source first = map_.Find(begin, begin + at), rest = map_.Find(begin + at, end);
    const std::string letters(run());
    Begin(first.begin);
    for (uint32_t i = 0; i < letters.size(); ++i) {
      if (i == at) Put('\'', first.end, rest.begin, 0);
      const EditMap::Source letter = map_.Find(begin + i, begin + i + 1);
      Put(letters[i], letter.begin, letter.end, letter.evasions);
    }
  }

 private:
  void Skip(uint32_t to) {
    if (to <= from_) return;
    map_.Add({size(), 0, from_, to - from_, MaskOf(Evasion::kSeparator)});
    uint32_t chars = 0;
    for (uint32_t at = from_; at < to; at += CharWidth(folded_[at])) {
      const Gap gap = GapOf(folded_, at);
      odd_gaps_ |= gap == Gap::kNone || gap == Gap::kStop || ++chars > kGapCharsMax;
    }
  }

  const std::string_view folded_;
  std::string& out_;
  EditMap& map_;
  uint32_t from_ = 0;   // where what was written last ends
  uint32_t begin_ = 0;  // where the run stands
  uint32_t run_ = 0;    // where the run begins, its divider, and its edits
  uint32_t divider_ = 0;
  size_t edits_ = 0;
  bool odd_gaps_ = false;
};

namespace {

// What a run of the squeezed view is made of.
struct Run {
  uint32_t begin, end;
  bool letters = true;    // nothing else
  bool capitals = false;  // words among others, which are read as they stand
  bool spells = false;    // a vowel or an ideograph is among it
};
Run RunAt(std::string_view squeezed, uint32_t begin) {
  Run run = {begin, begin};
  for (; run.end < squeezed.size() && squeezed[run.end] != '\n'; ++run.end) {
    const char c = squeezed[run.end];
    run.letters &= IsLetter(c);
    run.capitals |= c >= 'A' && c <= 'Z';
    run.spells |= static_cast<uint8_t>(c) >= 0xe3 || (IsLetter(c) && sounding::HasVowel({&c, 1}));
  }
  return run;
}

// Where characters come from that are asked for in order.
class Sources {
 public:
  explicit Sources(const EditMap& map) : edits_(map.edits()) {}

  // Of one character.
  EditMap::Source Of(uint32_t begin, uint32_t end) {
    while (after_ < edits_.size() && edits_[after_].to_begin <= begin) ++after_;
    if (after_ == 0) return {begin, end, 0};
    const Edit& e = edits_[after_ - 1];
    if (begin < e.to_end()) return {e.from_begin, e.from_end(), e.evasions};
    return {e.from_end() + (begin - e.to_end()), e.from_end() + (end - e.to_end()), 0};
  }

 private:
  const std::vector<Edit>& edits_;
  size_t after_ = 0;
};

}  // namespace

void ApartSounds::Gather(std::string_view folded, std::string_view squeezed,
                         const EditMap& squeezes, const std::vector<SoundJoint>& joints) {
  text_.clear();
  map_.clear();
  told_.clear();
  Writer writer(folded, &text_, &map_);
  Sources sources(squeezes);
  for (uint32_t begin = 0; begin < squeezed.size();) {
    const Run run = RunAt(squeezed, begin);
    begin = run.end + 1;
    if (run.capitals || !run.spells) continue;
    bool respelled = false;
    for (uint32_t at = run.begin; at < run.end;) {
      const uint32_t width = CharWidth(squeezed[at]);
      const EditMap::Source source = sources.Of(at, at + width);
      if (at == run.begin) writer.Begin(source.begin);
      const char c = squeezed[at];
      at += width;
      const std::string_view from = folded.substr(source.begin, source.end - source.begin);
      if (from.size() == width && from == squeezed.substr(at - width, width)) {
        writer.Copy(source.begin, source.end);
      } else if (width == 1 && from.size() >= 2 && from[0] == c && from.back() == c &&
                 std::count(from.begin(), from.end(), c) == 2) {
        // Letters that met in what was held apart belong to two syllables.
        writer.Copy(source.begin, source.begin + 1);
        writer.Copy(source.end - 1, source.end);
      } else if (width == 1) {
        respelled |= from[0] != c;
        writer.Put(c, source.begin, source.end, source.evasions);
      } else {
        writer.Copy(source.begin, source.begin + width);
      }
    }
    if (run.letters) {
      if (!respelled) told_.push_back(writer.Range());
      writer.SplitRun();
    } else {
      writer.DropShown();
    }
  }
  std::sort(told_.begin(), told_.end());
  Chains chains(folded);
  uint32_t done = 0;
  for (const SoundJoint& joint : joints) {
    if (joint.kind == SoundJoint::Kind::kSyllable) {
      const uint32_t end = sounding::LettersAt(folded, joint.at).end;
      const std::string_view letters = folded.substr(joint.at, end - joint.at);
      if (IsEnglish(letters) && !BesideIdeograph(folded, joint.at, end)) continue;
      const uint32_t split = joint.at + PhoneticTable::Get().SplitOf(letters);
      writer.Begin(joint.at);
      writer.Copy(joint.at, split);
      writer.Put('\'', split, split, 0);
      writer.Copy(split, end);
      continue;
    }
    if (joint.at < done || (&joint != joints.data() && joint.at == (&joint)[-1].at &&
                            joint.kind == (&joint)[-1].kind)) {
      continue;
    }
    const std::vector<Element>& elements = chains.Around(joint);
    if (elements.empty()) continue;
    done = chains.until() + 1;
    if (elements.size() == 1 && std::binary_search(told_.begin(), told_.end(),
                                                   std::pair(elements[0].begin, elements[0].end))) {
      continue;
    }
    writer.Begin(elements[0].begin);
    for (size_t i = 0; i < elements.size(); ++i) {
      const Element& e = elements[i];
      if (i > 0 && e.letters && elements[i - 1].letters) {
        const uint32_t from = elements[i - 1].end;
        const bool tone = e.begin == from + 1 && IsTone(folded, from);
        writer.Put('\'', from, e.begin, tone ? 0 : MaskOf(Evasion::kSeparator));
      }
      for (uint32_t at = e.begin; at < e.end; at += CharWidth(folded[at])) {
        if (!e.letters || IsLetter(folded[at])) writer.Copy(at, at + CharWidth(folded[at]));
      }
    }
  }
}

}  // namespace winnow::text
