#include "engine/text/squeeze_code.h"

#include <algorithm>

#include "engine/text/squeeze_chain.h"

namespace winnow::text::squeezing {
namespace {

// So many characters are taken on either side.
constexpr size_t kCharsBeside = 32;
// A number is looked for as near as this.
constexpr uint32_t kBesideBytes = 16;
// So many may hold two apart.
constexpr uint32_t kGapChars = 3;
// So many characters are taken on either side of a symbol.
constexpr uint32_t kMixedTaken = 12;

bool Holds(const Char& c) { return c.role != Role::kGap; }

// Whether it is a symbol that stands in no text between two characters; emoji do.
bool IsOdd(const Char& c) {
  Gap gap;
  gap.Add(c);
  return gap.Odd();
}

}  // namespace

void CodeReader::Begin(const Text& text, RunWriter* writer) {
  text_ = text;
  writer_ = writer;
  alternating_done_ = spaced_done_ = mixed_done_ = 0;
}

bool CodeReader::HeldBeside(uint32_t at, bool forward, Char* held) const {
  if (forward ? at >= text_.size() : at == 0) return false;
  const Char digit = forward ? text_.At(at) : text_.Before(at);
  if (digit.role != Role::kDigit && digit.c != '-') return false;
  const uint32_t far = forward ? digit.end : digit.begin;
  if (forward ? far >= text_.size() : far == 0) return false;
  *held = forward ? text_.At(far) : text_.Before(far);
  return Holds(*held);
}

void CodeReader::ReadAlternating(uint32_t at) {
  if (at < alternating_done_ || at == 0) return;
  const Char digit = text_.At(at);
  if (digit.role != Role::kDigit || digit.end >= text_.size()) return;
  const auto is_word = [](const Char& c) {
    return c.role == Role::kLetter || c.role == Role::kHan;
  };
  Char first = text_.Before(at), last = text_.At(digit.end), next;
  if (!is_word(first) || !is_word(last)) return;
  before_.clear();
  before_.push_back(first);
  while (before_.size() < kCharsBeside && HeldBeside(first.begin, false, &next)) {
    before_.push_back(first = next);
  }
  chars_.assign(before_.rbegin(), before_.rend());
  chars_.push_back(last);
  while (chars_.size() < 2 * kCharsBeside && HeldBeside(last.end, true, &next)) {
    chars_.push_back(last = next);
  }
  alternating_done_ = last.begin;
  // What is the end or begin of a word there stands for itself.
  const auto touches = [](const Char& c, const Char& beside) {
    return c.role != Role::kHan && (beside.role == Role::kLetter || beside.role == Role::kDigit);
  };
  if (last.end < text_.size() && touches(last, text_.At(last.end))) chars_.pop_back();
  if (first.begin > 0 && touches(first, text_.Before(first.begin))) chars_.erase(chars_.begin());
  if (chars_.size() < 3) return;
  // "3月5日8时", "2024年3月": only one and the same digit is no number.
  bool same = true, counted = true, numbers = false, han = false;
  for (size_t i = 0; i < chars_.size(); ++i) {
    const Char& c = chars_[i];
    numbers |= c.role == Role::kDigit;
    han |= c.role == Role::kHan;
    counted &= c.role == Role::kHan && StandsBesideNumbers(c.c);
    const char held = i == 0 ? '-' : text_.view()[c.begin - 1];
    same &= held == '-' || held == text_.view()[chars_[0].end];
  }
  if (numbers ? same || !han : han && (same || !counted)) Write(numbers);
}

bool CodeReader::SingleBeside(uint32_t at, bool forward, Char* single) const {
  Gap gap;
  while (gap.chars <= kGapChars && (forward ? at < text_.size() : at > 0)) {
    const Char c = forward ? text_.At(at) : text_.Before(at);
    if (Holds(c)) {
      *single = c;
      return gap.chars > 0 && text_.Single(c);
    }
    gap.Add(c);
    if (gap.ordinary > 0) return false;
    at = forward ? c.end : c.begin;
  }
  return false;
}

bool CodeReader::HasDigitBeside(uint32_t at) const {
  const std::string_view view = text_.view();
  if (at <= kBesideBytes || at + kBesideBytes > view.size()) {
    const uint32_t end = std::min(at + kBesideBytes, text_.size());
    return std::any_of(view.begin() + (at - std::min(at, kBesideBytes)), view.begin() + end,
                       IsAsciiDigit);
  }
  // A number of steps that is known becomes a few vectors.
  const char* const before = view.data() + at - kBesideBytes - 1;
  uint8_t found = 0;
  for (uint32_t i = 0; i < 2 * kBesideBytes; ++i) {
    found |= static_cast<uint8_t>(IsAsciiDigit(before[i + 1]) & !IsAsciiLetter(before[i]));
  }
  return found != 0;
}

void CodeReader::ReadSpaced(uint32_t at) {
  if (at < spaced_done_ || !HasDigitBeside(at)) return;
  Char c = text_.At(at);
  if (!Holds(c) && at > 0) c = text_.Before(at);
  if (!Holds(c) || !text_.Single(c)) return;
  before_.clear();
  before_.push_back(c);
  while (before_.size() < kCharsBeside && before_.back().begin > spaced_done_ &&
         SingleBeside(before_.back().begin, false, &c)) {
    before_.push_back(c);
  }
  chars_.assign(before_.rbegin(), before_.rend());
  while (chars_.size() < 2 * kCharsBeside && SingleBeside(chars_.back().end, true, &c)) {
    chars_.push_back(c);
  }
  spaced_done_ = chars_.back().end;
  const auto is_digit = [](const Char& d) { return d.role == Role::kDigit; };
  if (chars_.size() >= 3 && std::any_of(chars_.begin(), chars_.end(), is_digit)) Write(true);
}

uint32_t CodeReader::MixedEnd(uint32_t at, bool forward, bool* letters, bool* digits) const {
  uint32_t whole = at;  // where no letter or digit is left behind
  bool letter = false, digit = false;
  for (uint32_t n = 0; forward ? at < text_.size() : at > 0; ++n) {
    const Char c = forward ? text_.At(at) : text_.Before(at);
    if (c.role == Role::kGap || c.role == Role::kHan) {
      whole = at;
      *letters |= letter;
      *digits |= digit;
    }
    if (n == kMixedTaken || (c.role == Role::kGap && !GoesOn(c, forward))) return whole;
    letter |= c.role == Role::kLetter;
    digit |= c.role == Role::kDigit;
    at = forward ? c.end : c.begin;
  }
  *letters |= letter;
  *digits |= digit;
  return at;
}

bool CodeReader::GoesOn(const Char& sign, bool forward) const {
  if (forward ? sign.end >= text_.size() : sign.begin == 0) return false;
  const Char next = forward ? text_.At(sign.end) : text_.Before(sign.begin);
  return next.role == Role::kHan && IsOdd(sign);
}

void CodeReader::ReadMixed(uint32_t at) {
  Char sign = text_.At(at);
  if (sign.role != Role::kGap) {
    // A digit before a symbol, or what stands behind one.
    if (sign.role == Role::kDigit && sign.end < text_.size() &&
        text_.At(sign.end).role == Role::kGap) {
      sign = text_.At(sign.end);
    } else if (sign.begin > 0) {
      sign = text_.Before(sign.begin);
    }
  }
  if (sign.role != Role::kGap || sign.c == ' ' || sign.begin < mixed_done_ || sign.begin == 0 ||
      sign.end >= text_.size()) {
    return;
  }
  const Role before = text_.Before(sign.begin).role, behind = text_.At(sign.end).role;
  if (before != Role::kHan ? before != Role::kDigit || behind != Role::kHan
                           : behind != Role::kHan && behind != Role::kDigit) {
    return;
  }
  if (!IsOdd(sign)) return;
  bool letters = false, digits = false;
  const uint32_t begin = MixedEnd(sign.begin, false, &letters, &digits);
  const uint32_t end = MixedEnd(sign.end, true, &letters, &digits);
  mixed_done_ = end;
  // Ideographs alone are a chain's.
  if ((!letters && !digits) || begin == sign.begin || end == sign.end) return;
  CodePieces code(&pieces_);
  for (uint32_t i = begin; i < end;) {
    const Char c = text_.At(i);
    i = c.end;
    if (!Holds(c)) continue;
    if (digits) {
      code.Add(c);
    } else {
      pieces_.Add({c.begin, c.end, 0, 0}, c.c, c.role != Role::kHan);
    }
  }
  if (digits ? !code.IsCode() : writer_->Wrote(pieces_.all())) return;
  writer_->Write(pieces_.all(), MaskOf(Evasion::kSeparator));
}

void CodeReader::Write(bool numbers) {
  if (numbers) {
    CodePieces code(&pieces_);
    bool han = false;
    for (const Char& c : chars_) {
      code.Add(c);
      han |= c.role == Role::kHan;
    }
    // "9 a m", "a z 5"
    if (!code.IsCode() || (!han && chars_.size() < 4)) return;
  } else {
    pieces_.Clear();
    for (const Char& c : chars_) pieces_.Add({c.begin, c.end, 0, 0}, c.c, c.role != Role::kHan);
    if (writer_->Wrote(pieces_.all())) return;
  }
  writer_->Write(pieces_.all(), MaskOf(Evasion::kSeparator));
}

}  // namespace winnow::text::squeezing
