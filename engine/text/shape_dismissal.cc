#include "engine/text/shape_dismissal.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include "engine/base/cpu.h"
#include "engine/text/shape_places.h"
#include "engine/text/shape_window.h"
#include "engine/text/shapes.h"

namespace winnow::text {
namespace {

using Way = bool (*)(std::string_view);

bool Never(std::string_view) { return false; }

#if defined(__x86_64__)

using shaping::kAt;
using shaping::kDigit;
using shaping::kHan;
using shaping::kLead2;
using shaping::kLead3;
using shaping::kLetterHigh;
using shaping::kLetterLow;
using shaping::kSign;

// Looks through windows that overlap by what surrounds a place judged, so that no window needs to
// know of another: only how many single letters or ideographs in a row there were is remembered.
//
// Cpu has a Window, and makes the functions named below for its instructions.
template <typename Cpu>
class Dismissal {
 public:
  using Window = typename Cpu::Window;

  explicit Dismissal(std::string_view folded) : folded_(folded) {}

  // False when there may be a shape.
  inline bool Run() {
    if constexpr (!Window::kPart) {
      if (folded_.size() < kWindow) {
        char window[kWindow] = {};
        std::memcpy(window, folded_.data(), folded_.size());
        return Dismiss(window, kWindow, 0, 0, kWindow) && !AnyDoubtful();
      }
    }
    while (at_ + kWindow < folded_.size()) {
      if (!Cpu::RunOn(this) || AnyDoubtful()) return false;
    }
    const size_t last = Window::kPart ? at_ : folded_.size() - kWindow;
    return Dismiss(folded_.data() + last, folded_.size() - last, last, judged_ + (at_ - last),
                   kWindow) &&
           !AnyDoubtful();
  }

  // Dismisses windows until one has something doubtful, which this loop must not stop to look at:
  // a call in it would cost the registers. False when there may be a shape.
  inline bool RunOn() {
    const std::string_view folded = folded_;
    size_t at = at_, judged = judged_;
    bool dismissed = true;
    do {
      dismissed = Dismiss(folded.data() + at, kWindow, at, judged, kWindow - kBeside);
      at += kWindow - 2 * kBeside;
      judged = kBeside;
    } while (dismissed && !doubtful_ && at + kWindow < folded.size());
    at_ = at;
    judged_ = judged;
    return dismissed;
  }

  // Whether a number or sign that touches letters in the window makes a shape. Most windows have
  // none, and what is not in the loop does not cost it registers.
  inline bool JudgeOdd() const {
    const Window window(window_, window_size_);
    const uint64_t letters = window.AnyOf(kLetterLow | kLetterHigh);
    const uint64_t digits = window.template Of<kDigit>();
    uint64_t signs = window.AnyOf(kSign | kAt) & ~letters;
    uint64_t lead2 = 0, lead3 = 0, han = 0;
    if (window.any_wide()) {
      signs &= ~window.Wide();
      lead2 = window.template Of<kLead2>();
      lead3 = window.template Of<kLead3>();
      han = window.template Of<kHan>();
    }
    const uint64_t odd = (digits | signs) & judged_bits_;
    const uint64_t odd_after = (digits | signs) >> 1;
    const uint64_t bound = letters | lead2 | lead2 << 1 | lead3 | lead3 << 1 | lead3 << 2 | digits;
    const uint64_t begins = ~(bound << 1), ends = ~(bound >> 1), ends_two = ~(bound >> 2);
    const uint64_t inside = odd & letters << 1 & (letters >> 1 | (odd_after & letters >> 2));
    const uint64_t last =
        odd & letters << 1 & (letters << 2 | ends) & (ends | (odd_after & ends_two));
    const uint64_t sure = inside | (last & digits & letters << 2);
    if (sure) return true;
    if (han) {
      const uint64_t judged = digits & judged_bits_;
      // A window sees enough on either side: the ideograph before begins three bytes before.
      const uint64_t before = judged & letters >> 1 & ends_two;
      const uint64_t behind = judged & letters << 1 & ~(bound << 2) & han >> 1;
      if ((before & han << 3) | behind) return true;
      if (AnyOfBits(before & begins & han >> 2,
                    [this](size_t at) { return IsFirstOfPair(folded_[at]); })) {
        return true;
      }
    }
    const uint64_t first =
        odd & begins & letters >> 2 & (letters >> 1 | (odd_after & letters >> 3));
    const uint64_t two = odd & begins & letters >> 1 & ends_two;
    return AnyOfBits(last, [this](size_t at) { return shaping::IsLastSign(folded_, at); }) ||
           AnyOfBits(first,
                     [this](size_t at) {
                       return shaping::IsLeetByte(folded_[at]) && !shaping::IsQuantity(folded_, at);
                     }) ||
           AnyOfBits(two, [this](size_t at) { return shaping::IsFirstOfTwo(folded_, at); });
  }

 private:
  // What a place looks at on either side of it: the letter of three bytes before it, and behind.
  static constexpr size_t kBeside = 4;
  static constexpr size_t kWindow = 64;

  // Judges the bytes [from, to) of the 64 at `p`, or of the `size`, which are those at `base` of
  // the text.
  inline bool Dismiss(const char* p, size_t size, size_t base, size_t from, size_t to) {
    const Window window(p, size);
    const uint64_t judged = ~uint64_t{0} >> (64 - to) & ~uint64_t{0} << from;
    const uint64_t letters = window.AnyOf(kLetterLow | kLetterHigh);
    const uint64_t odd = window.AnyOf(kDigit | kSign | kAt) & ~letters;
    const uint64_t twice = window.Twice(p, size);
    if (twice & twice >> 1 & letters) return false;
    // Most windows are of ASCII alone, or of ideographs and signs alone: these take less.
    if (!window.any_wide() && ideographs_ == 0) {
      uint64_t bound = letters;
      if (odd & (letters << 1 | letters >> 1)) {
        bound |= window.template Of<kDigit>();
        DoubtOdd(p, size, base, judged);
      }
      const uint64_t leads = judged & letters;
      const uint64_t single = leads & ~(bound << 1) & ~(bound >> 1);
      return CountRow(base, single, single, leads);
    }
    if (window.AnyOf(kLetterLow | kLetterHigh | kLead2 | kLead3) == 0) {
      const uint64_t ideographs = window.template Of<kHan>();
      const uint64_t emoji = odd & window.Wide();
      if (HoldsHanApart(odd & ~emoji, ideographs) & judged) return false;
      Doubt(base, (window.Symbols() | emoji) & judged & ideographs << 3, &symbols_);
      DoubtAlone(base, judged & ideographs, ideographs);
      return CountRow(base, 0, 0, judged & ideographs);
    }
    return DismissMixed(window, p, size, base, judged);
  }

  // As Dismiss() of windows that have letters of any kind beside others.
  inline bool DismissMixed(const Window& window, const char* p, size_t size, size_t base,
                           uint64_t judged) {
    const uint64_t letters = window.AnyOf(kLetterLow | kLetterHigh);
    const uint64_t lead2 = window.template Of<kLead2>(), lead3 = window.template Of<kLead3>();
    const uint64_t ideographs = window.template Of<kHan>();
    uint64_t odd = window.AnyOf(kDigit | kSign | kAt) & ~letters;
    const uint64_t emoji = odd & window.Wide();
    odd &= ~emoji;
    if (HoldsHanApart(odd, ideographs) & judged) return false;
    Doubt(base, (window.Symbols() | emoji) & judged & (ideographs << 3 | letters << 1), &symbols_);
    // All bytes of letters, later of digits too.
    uint64_t bound = letters | lead2 | lead2 << 1 | lead3 | lead3 << 1 | lead3 << 2;
    if (odd & (bound << 1 | bound >> 1)) {
      bound |= window.template Of<kDigit>();
      DoubtOdd(p, size, base, judged);
    }
    const uint64_t single =
        judged & ~(bound << 1) &
        ((letters & ~(bound >> 1)) | (lead2 & ~(bound >> 2)) | (lead3 & ~(bound >> 3)));
    if (ideographs | ideographs_) Doubt(base, single & letters, &letters_by_han_);
    DoubtAlone(base, judged & ideographs, ideographs);
    return CountRow(base, single, single & letters,
                    judged & (letters | lead2 | lead3 | ideographs));
  }

  // Numbers and signs between two ideographs.
  static uint64_t HoldsHanApart(uint64_t odd, uint64_t ideographs) {
    return odd & ideographs << 3 & (ideographs >> 1 | (odd >> 1 & ideographs >> 2));
  }

  // A number or sign that touches no letter matters to nothing; others are looked at.
  inline void DoubtOdd(const char* p, size_t size, size_t base, uint64_t judged) {
    window_ = p;
    window_size_ = size;
    judged_bits_ = judged;
    Doubt(base, 1, &odd_);
  }

  inline void DoubtAlone(size_t base, uint64_t judged, uint64_t ideographs) {
    Doubt(base, judged & ~(ideographs << 3) & ~(ideographs >> 3), &alone_);
    ideographs_ = ideographs;
  }

  template <typename F>
  bool AnyOfBits(uint64_t bits, F is_one) const {
    for (; bits != 0; bits &= bits - 1) {
      if (is_one(base_ + static_cast<size_t>(__builtin_ctzll(bits)))) return true;
    }
    return false;
  }

  // Leaves `bits` of the bytes from `base` on to be looked at.
  inline void Doubt(size_t base, uint64_t bits, uint64_t* doubtful) {
    if (bits == 0) return;
    *doubtful = bits;
    doubtful_ = true;
    base_ = base;
  }

  // Whether one of what was left to be looked at makes a shape.
  bool AnyDoubtful() {
    if (!doubtful_) return false;
    doubtful_ = false;
    const bool odd = odd_ != 0 && Cpu::JudgeOdd(*this);
    const bool found =
        odd ||
        AnyOfBits(symbols_, [this](size_t at) { return !shaping::IsProseMark(folded_, at); }) ||
        AnyOfBits(alone_, [this](size_t at) { return shaping::IsHeldApart(folded_, at); }) ||
        AnyOfBits(pairs_, [this](size_t at) { return !shaping::BesideApostrophe(folded_, at); }) ||
        AnyOfBits(letters_by_han_, [this](size_t at) { return shaping::IsNearHan(folded_, at); });
    odd_ = symbols_ = alone_ = pairs_ = letters_by_han_ = 0;
    return found;
  }

  // Counts the single letters that follow one another, which no other of `leads` comes between.
  // False when there are more than two in a row; doubts those of `ascii` that are second.
  inline bool CountRow(size_t base, uint64_t singles, uint64_t ascii, uint64_t leads) {
    // The first of `leads` behind each single, and the first of all behind one of the window
    // before: what is added carries through what is none of them.
    const uint64_t behind = singles << 1 | (letters_ > 0);
    const uint64_t after = ((~leads + (behind & ~leads)) | behind) & leads;
    if ((after & singles) == 0) {
      if (leads != 0) letters_ = singles >> (63 - __builtin_clzll(leads)) & 1;
      return true;
    }
    uint64_t others = leads & ~singles, pairs = 0;
    for (; singles != 0; singles &= singles - 1) {
      const uint64_t before = (singles & -singles) - 1;
      if (others & before) letters_ = 0;
      if (++letters_ > 2) return false;
      if (letters_ == 2) pairs |= ascii & singles & -singles;
      others &= ~before;
    }
    if (others != 0) letters_ = 0;
    Doubt(base, pairs, &pairs_);
    return true;
  }

  const std::string_view folded_;
  size_t at_ = 0;  // where the next window begins, and from where on in it to judge
  size_t judged_ = 0;
  uint64_t letters_ = 0;  // single letters in a row, until now
  // What was left to be looked at, of the bytes from base_ on.
  bool doubtful_ = false;
  size_t base_ = 0;
  uint64_t odd_ = 0, symbols_ = 0, alone_ = 0, pairs_ = 0, letters_by_han_ = 0;
  const char* window_ = nullptr;  // for odd_: the bytes, and which to judge
  size_t window_size_ = 0;
  uint64_t judged_bits_ = 0;
  uint64_t ideographs_ = 0;  // of the window before
};

// Each of these is one function, so that all of it is made for the better instructions.
struct Avx2 {
  using Window = shaping::Avx2Window;
  WINNOW_AVX2 __attribute__((flatten)) static bool Run(std::string_view folded) {
    return Dismissal<Avx2>(folded).Run();
  }
  WINNOW_AVX2 __attribute__((flatten, noinline)) static bool RunOn(Dismissal<Avx2>* on) {
    return on->RunOn();
  }
  WINNOW_AVX2 __attribute__((flatten, noinline)) static bool JudgeOdd(const Dismissal<Avx2>& of) {
    return of.JudgeOdd();
  }
};

struct Avx512 {
  using Window = shaping::Avx512Window;
  WINNOW_AVX512 __attribute__((flatten)) static bool Run(std::string_view folded) {
    return Dismissal<Avx512>(folded).Run();
  }
  WINNOW_AVX512 __attribute__((flatten, noinline)) static bool RunOn(Dismissal<Avx512>* on) {
    return on->RunOn();
  }
  WINNOW_AVX512 __attribute__((flatten, noinline)) static bool JudgeOdd(
      const Dismissal<Avx512>& of) {
    return of.JudgeOdd();
  }
};

#endif

// By what the CPU can, the best first.
std::vector<Way> Ways() {
  std::vector<Way> ways;
#if defined(__x86_64__)
  if (CpuHasAvx512()) ways.push_back(Avx512::Run);
  if (CpuHasAvx2()) ways.push_back(Avx2::Run);
#endif
  if (ways.empty()) ways.push_back(Never);
  return ways;
}

}  // namespace

bool HasNoShape(std::string_view folded) {
  static const Way best = Ways().front();
  return best(folded);
}

size_t DismissalWays() { return Ways().size(); }
bool HasNoShapeWay(size_t way, std::string_view folded) { return Ways()[way](folded); }

}  // namespace winnow::text
