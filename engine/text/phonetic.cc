#include "engine/text/phonetic.h"

#include <algorithm>

#include "engine/text/ascii.h"
#include "engine/text/phonetic_chance.h"
#include "engine/text/phonetic_skip.h"
#include "engine/text/phonetic_text.h"

namespace winnow::text {
namespace {

using sounding::DigitsEnd;
using sounding::DividesLetters;
using sounding::Gap;
using sounding::GapOf;
using sounding::HasVowel;
using sounding::IsDigit;
using sounding::IsIdeograph;
using sounding::IsLetter;
using sounding::IsLine;
using sounding::IsTone;
using sounding::kDigitsMax;
using sounding::kGapCharsMax;
using sounding::kInitialsMax;
using sounding::kLeads;
using sounding::kLettersMax;
using sounding::kSpelledGapCharsMax;
using sounding::kTokenMax;
using sounding::Lead;
using sounding::Letters;
using sounding::LettersAt;
using sounding::WriteSyllable;

static_assert(kPhoneticReach >= 2 * kTokenMax + 4 * (kGapCharsMax + 1));

class Reader {
 public:
  using Next = size_t (*)(std::string_view, size_t, SoundChunk*);

  // `next`: where something begins that may be shown; null: look at everything. The view goes
  // behind the first `to` bytes of `out`, and is said to come from `base` on. `joints`: null where
  // the text is what was heard apart.
  Reader(std::string_view text, Next next, char* out, uint32_t to, uint32_t base, EditMap* map,
         std::vector<SoundJoint>* joints)
      : text_(text), next_(next), out_(out), map_(map), joints_(joints), base_(base), to_(to) {}

  void Read() {
    const uint32_t size = text_.size();
    while (at_ < size) {
      if (last_ == Kind::kNone && next_ != nullptr && static_cast<uint8_t>(text_[at_]) < 0xe3) {
        at_ = static_cast<uint32_t>(next_(text_, at_, &chunk_));
        if (at_ == size) break;
      }
      switch (kLeads[static_cast<uint8_t>(text_[at_])]) {
        case Lead::kLetter:
          Word();
          continue;
        case Lead::kDigit:
          Digits();
          continue;
        case Lead::kIdeograph: {
          const char32_t c = CharAt(&text_[at_]);
          const char32_t syllable = table_.Reading(c);
          if (syllable != 0) {
            Ideograph(syllable, WidthOf(c));
            continue;
          }
          break;
        }
        case Lead::kOther:
          break;
      }
      if (last_ != Kind::kNone) {
        Divide();
      } else {
        at_ += CharWidth(text_[at_]);
      }
    }
    Close();
  }

  size_t size() const { return to_; }

 private:
  enum class Kind : uint8_t { kNone, kIdeograph, kSyllable, kLetters };

  // Makes room for what stands at [at_, at_ + width) and is shown by `shown` bytes.
  // `digit_divides`: the digit before it was no tone.
  void Open(Kind kind, uint32_t width, uint32_t shown, bool digit_divides = false) {
    if (last_ == Kind::kNone) {
      run_ = {to_, end_, map_->edits().size()};
      if (to_ > 0) {
        map_->Add({to_, 1, base_ + end_, at_ - end_, 0});
        out_[to_++] = '\n';
      } else if (base_ + at_ > 0) {
        map_->Add({0, 0, base_, at_, 0});
      }
    } else if (at_ > end_ || digit_divides) {
      map_->Add({to_, 0, base_ + end_, at_ - end_,
                 odd_ || digit_divides ? MaskOf(Evasion::kSeparator) : 0});
    }
    if (width != shown) map_->Add({to_, shown, base_ + at_, width, 0});
    last_ = kind;
    spelled_ |= kind == Kind::kSyllable;
    toned_ = false;
    at_ += width;
    end_ = at_;
    gaps_ = 0;
    odd_ = false;
  }

  void Ideograph(char32_t syllable, uint32_t width) {
    if (joints_ != nullptr && at_ > 0) LettersBefore();
    Open(Kind::kIdeograph, width, 3, toned_);
    ++tokens_;
    WriteSyllable(syllable, out_ + to_);
    // What follows runs in step.
    const char* from = text_.data() + at_;
    const char* const stop = text_.data() + text_.size();
    char* to = out_ + to_ + 3;
    while (from < stop && static_cast<uint8_t>(*from) - 0xe3u < 0xf0u - 0xe3u) {
      const char32_t c = (static_cast<uint8_t>(from[0]) & 0xfu) << 12 |
                         (static_cast<uint8_t>(from[1]) & 0x3fu) << 6 |
                         (static_cast<uint8_t>(from[2]) & 0x3fu);
      const char32_t next = table_.Reading(c);
      if (next == 0) break;
      WriteSyllable(next, to);
      from += 3;
      to += 3;
    }
    const uint32_t shown = static_cast<uint32_t>(to - out_) - to_;
    weight_ += shown / 3;
    to_ += shown;
    at_ += shown - 3;
    end_ = at_;
  }

  // Notes a single letter that something divides from the ideograph that is met.
  void LettersBefore() {
    // What most often stands there.
    const char last = text_[at_ - 1];
    if (last == ',' || last == ':' || (at_ >= 3 && text_[at_ - 3] == '\xe3')) return;
    uint32_t at = at_;
    for (uint32_t n = 0; at > 0 && n <= kSpelledGapCharsMax; ++n) {
      const uint32_t before = static_cast<uint32_t>(StepBack(text_, at));
      if (IsLetter(text_[before])) {
        if (before == 0 || !IsLetter(text_[before - 1])) {
          joints_->push_back({before, SoundJoint::Kind::kLetter});
        }
        return;
      }
      if (!DividesLetters(text_, before)) return;
      at = before;
    }
  }

  void Word() {
    const Letters letters = LettersAt(text_, at_);
    const uint32_t end = letters.end;
    if (end == at_ + 1 && last_ != Kind::kNone && joints_ != nullptr) {
      joints_->push_back({at_, SoundJoint::Kind::kLetter});
    }
    const std::string_view token = text_.substr(at_, end - at_);
    PhoneticTable::Syllables syllables;
    const uint32_t count = letters.spells ? table_.Parse(token, &syllables) : 0;
    if (count > 0) {
      if (count == 1 && joints_ != nullptr && table_.SplitOf(token) != 0) {
        joints_->push_back({at_, SoundJoint::Kind::kSyllable});
      }
      const uint32_t begin = at_;
      const bool tone = IsTone(text_, end);
      bool divides = toned_ && !tone;
      for (uint32_t i = 0; i < count; ++i) {
        uint32_t to = begin + syllables.ends[i];
        if (i + 1 == count && tone) ++to;
        Open(Kind::kSyllable, to - at_, 3, divides);
        divides = false;
        ++weight_;
        WriteSyllable(syllables.at[i], out_ + to_);
        to_ += 3;
      }
      toned_ = tone;
      ++tokens_;
      english_ = joints_ != nullptr && count > 1 && IsEnglish(token) &&
                 !BesideIdeograph(text_, begin, end + (tone ? 1 : 0));
      return;
    }
    const bool initials = token.size() <= kInitialsMax && token.size() >= 2 && !letters.vowels;
    if (initials || (token.size() <= kLettersMax && Touched(end))) {
      Copy(end, initials && token.size() >= 3 ? 2 : 1);
    } else {
      Break(end);
    }
  }

  void Digits() {
    const uint32_t end = DigitsEnd(text_, at_);
    if (joints_ != nullptr && last_ != Kind::kNone && end_ == at_ && end - at_ <= 2 &&
        (spelled_ || (end < text_.size() && IsLetter(text_[end])))) {
      joints_->push_back({end_, SoundJoint::Kind::kGap});
    }
    if (end - at_ <= kDigitsMax && Touched(end)) {
      Copy(end, 1);
    } else {
      Break(end);
    }
  }

  // True when an ideograph stands on either side of the token that ends at `end`.
  bool Touched(uint32_t end) const {
    return (last_ == Kind::kIdeograph && end_ == at_) || IsIdeograph(text_, end);
  }

  void Copy(uint32_t end, uint32_t weight) {
    const uint32_t from = at_;
    Open(Kind::kLetters, end - from, end - from);
    ++tokens_;
    std::copy(&text_[from], &text_[from] + (end - from), out_ + to_);
    to_ += end - from;
    weight_ += weight;
  }

  void Divide() {
    const uint32_t width = CharWidth(text_[at_]);
    const Gap gap = GapOf(text_, at_);
    // A full stop before a space ends a sentence.
    const bool stops =
        gap == Gap::kStop && (at_ + 1 == text_.size() || GapOf(text_, at_ + 1) == Gap::kSpace);
    if (gap == Gap::kNone || stops || ++gaps_ > kGapCharsMax) {
      if (joints_ != nullptr && !stops &&
          (gap == Gap::kNone ? IsLine(CharAt(&text_[at_])) : last_ == Kind::kSyllable)) {
        joints_->push_back({end_, SoundJoint::Kind::kGap});
      }
      Break(at_ + width);
    } else {
      odd_ |= gap != Gap::kSpelling;
      toned_ = false;
      at_ += width;
    }
  }

  void Break(uint32_t to) {
    Close();
    at_ = to;
  }

  // One syllable makes no run, and one word of English none that would not sound like a term by
  // chance.
  void Close() {
    if (last_ != Kind::kNone && (weight_ < 2 || (tokens_ == 1 && english_))) {
      to_ = run_.to;
      end_ = run_.end;
      map_->edits().resize(run_.edits);
    }
    last_ = Kind::kNone;
    weight_ = 0;
    tokens_ = 0;
    gaps_ = 0;
    odd_ = false;
    toned_ = false;
    spelled_ = false;
    english_ = false;
  }

  const std::string_view text_;
  const Next next_;
  const PhoneticTable& table_ = PhoneticTable::Get();
  char* const out_;
  EditMap* const map_;
  std::vector<SoundJoint>* const joints_;
  SoundChunk chunk_;
  const uint32_t base_;
  uint32_t at_ = 0;   // in the text
  uint32_t end_ = 0;  // of what was shown last
  uint32_t to_;       // in the view
  uint32_t gaps_ = 0;
  bool odd_ = false;      // what no spelling has is among them
  bool toned_ = false;    // a tone digit was shown last
  bool spelled_ = false;  // the run that is open holds letters that spell a syllable
  // The word that was shown last is one of English, and no ideograph stands beside it.
  bool english_ = false;
  uint32_t weight_ = 0;
  uint32_t tokens_ = 0;      // words, ideographs' runs and others of the run
  Kind last_ = Kind::kNone;  // of the run that is open
  struct {
    uint32_t to, end;
    size_t edits;
  } run_ = {};  // as it was before the run
};

// Adds the letters beside which a shape was found, and has all in order.
void AddShapes(std::string_view folded, const std::vector<Shape>& shapes,
               std::vector<SoundJoint>* joints) {
  const size_t had = joints->size();
  for (const Shape& shape : shapes) {
    if (shape.kind == Shape::Kind::kToken && IsLetter(folded[shape.offset])) continue;  // repeated
    for (uint32_t at : {shape.offset, shape.offset - 1, shape.offset + 1}) {
      if (at >= folded.size() || !IsLetter(folded[at])) continue;
      joints->push_back({at, SoundJoint::Kind::kLetter});
      break;
    }
  }
  if (had == joints->size()) return;
  std::sort(joints->begin(), joints->end(),
            [](const SoundJoint& a, const SoundJoint& b) { return a.at < b.at; });
}

}  // namespace

std::string_view PhoneticReader::Read(std::string_view folded, std::string_view squeezed,
                                      const EditMap& squeezes, const std::vector<Shape>& shapes) {
  map_.clear();
  joints_.clear();
  // One letter may become a syllable of three bytes.
  out_.Reserve(folded.size() * 3 + 8);
  Reader reader(folded, passes_over_ ? NextSound : nullptr, out_.data(), 0, 0, &map_, &joints_);
  reader.Read();
  size_ = reader.size();
  AddShapes(folded, shapes, &joints_);
  apart_.Gather(folded, squeezed, squeezes, joints_);
  if (const std::string_view apart = apart_.text(); !apart.empty()) {
    out_.Reserve(size_ + apart.size() * 3 + 8, size_);
    Reader other(apart, nullptr, out_.data(), static_cast<uint32_t>(size_),
                 static_cast<uint32_t>(folded.size()), &map_, nullptr);
    other.Read();
    size_ = other.size();
  }
  return {out_.data(), size_};
}

bool PhoneticReader::Find(std::string_view folded, uint32_t begin, uint32_t end,
                          EditMap::Source* source) const {
  const uint32_t syllables = static_cast<uint32_t>(
      CountChars({const_cast<PhoneticReader*>(this)->out_.data() + begin, end - begin})
          .code_points);
  *source = map_.Find(begin, end);
  const uint32_t base = static_cast<uint32_t>(folded.size());
  if (source->begin < base || apart_.text().empty()) {
    return !SoundsAlikeByChance(folded, source->begin, source->end, syllables);
  }
  const uint32_t from = source->begin - base, to = source->end - base;
  const EditMap::Source heard = apart_.map().Find(from, to);
  const bool amid = BesideIdeograph(folded, heard.begin, heard.end);
  if (SoundsAlikeByChance(apart_.text(), from, to, syllables, amid)) return false;
  *source = {heard.begin, heard.end, source->evasions | heard.evasions};
  return true;
}

namespace {

// The ideographs and letters of a term, each with what it may be shown as.
struct Part {
  std::vector<std::string> shown;
};

// False when the term holds what the view never shows.
bool PartsOf(std::string_view folded, std::vector<Part>* parts, uint32_t* ideographs) {
  const PhoneticTable& table = PhoneticTable::Get();
  *ideographs = 0;
  for (uint32_t at = 0; at < folded.size();) {
    if (IsLetter(folded[at])) {
      const uint32_t end = LettersAt(folded, at).end;
      const std::string_view token = folded.substr(at, end - at);
      PhoneticTable::Syllables syllables;
      Part part;
      if (const uint32_t count = table.Parse(token, &syllables); count > 0) {
        part.shown.emplace_back();
        for (uint32_t i = 0; i < count; ++i) AppendChar(syllables.at[i], &part.shown[0]);
      } else if (token.size() <= kLettersMax ||
                 (token.size() <= kInitialsMax && !HasVowel(token))) {
        part.shown.emplace_back(token);
      } else {
        return false;
      }
      parts->push_back(std::move(part));
      at = end;
      continue;
    }
    if (IsDigit(folded[at])) {
      const uint32_t end = DigitsEnd(folded, at);
      if (end - at > kDigitsMax) return false;
      parts->push_back({{std::string(folded.substr(at, end - at))}});
      at = end;
      continue;
    }
    const std::vector<char32_t> readings = table.Readings(CharAt(&folded[at]));
    if (readings.empty()) {
      if (GapOf(folded, at) == Gap::kNone) return false;
    } else {
      ++*ideographs;
      Part part;
      for (char32_t reading : readings) {
        part.shown.emplace_back();
        AppendChar(reading, &part.shown.back());
      }
      parts->push_back(std::move(part));
    }
    at += CharWidth(folded[at]);
  }
  return true;
}

// The syllables of a form as letters run together; empty when it holds others.
std::string RunTogether(std::string_view form) {
  std::string letters;
  for (uint32_t at = 0; at < form.size(); at += CharWidth(form[at])) {
    const std::string spelling = PhoneticTable::Spell(CharAt(&form[at]));
    if (spelling.empty()) return {};
    letters += spelling;
  }
  return letters;
}

}  // namespace

std::vector<std::string> PhoneticTermForms(std::string_view folded) {
  std::vector<Part> parts;
  uint32_t ideographs = 0;
  if (!PartsOf(folded, &parts, &ideographs) || ideographs < 2) return {};
  uint32_t chars = 0;
  for (const Part& part : parts)
    chars += static_cast<uint32_t>(CountChars(part.shown[0]).code_points);
  if (chars > kPhoneticFormCharsMax) return {};
  std::vector<std::string> forms = {""};
  for (const Part& part : parts) {
    std::vector<std::string> longer;
    for (const std::string& shown : part.shown) {
      for (const std::string& form : forms) {
        if (longer.size() < kPhoneticFormsMax) longer.push_back(form + shown);
      }
    }
    forms = std::move(longer);
  }
  // Run together, "fang'an" is read as "fan gan".
  const PhoneticTable& table = PhoneticTable::Get();
  for (size_t i = 0, n = forms.size(); i < n && forms.size() < kPhoneticFormsMax; ++i) {
    PhoneticTable::Syllables syllables;
    const uint32_t count = table.Parse(RunTogether(forms[i]), &syllables);
    std::string form;
    for (uint32_t s = 0; s < count; ++s) AppendChar(syllables.at[s], &form);
    if (count >= 2 && std::find(forms.begin(), forms.end(), form) == forms.end()) {
      forms.push_back(std::move(form));
    }
  }
  return forms;
}

std::string PhoneticTermInitials(std::string_view folded) {
  const PhoneticTable& table = PhoneticTable::Get();
  std::string initials;
  for (uint32_t at = 0; at < folded.size(); at += CharWidth(folded[at])) {
    const std::string spelling = PhoneticTable::Spell(table.Reading(CharAt(&folded[at])));
    if (spelling.empty() || !HasVowel(spelling) || HasVowel(spelling.substr(0, 1))) return {};
    initials.push_back(spelling[0]);
  }
  return initials.size() >= 3 && initials.size() <= kInitialsMax ? initials : std::string();
}

}  // namespace winnow::text
