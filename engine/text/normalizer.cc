#include "engine/text/normalizer.h"

#include <algorithm>

#include "engine/text/ascii.h"
#include "engine/text/block.h"
#include "engine/text/escapes.h"
#include "engine/text/fold.h"
#include "engine/text/fold_table.h"
#include "engine/text/phonetic.h"
#include "engine/text/phonetic_table.h"
#include "engine/text/squeeze.h"
#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

// Characters on either side within which everything is decided that bears on how a character is
// folded (twice, where folding once makes an escape) and squeezed, and on whether a border is one.
constexpr uint32_t kReach = kSqueezeReach + 2 * (kFoldReach + kEscapeBytesMax);
// The same where sounds are read, also those of the squeezed view.
constexpr uint32_t kSoundReach = kReach + kPhoneticReach * (1 + kGapCharsMax);

// Whether the backslash at `p`, before `end`, may begin an escape, also once others are undone.
bool MayComeToEscape(const char* p, const char* end) {
  const size_t left = static_cast<size_t>(end - p);
  return MayBeginEscape(p, end) || HasEscapeSign(std::string_view(p, left).substr(1, 2));
}

// Walks back from `from` until at least `wanted` characters of the folded view stand between, and
// returns where; 0 when there are not as many. Counts cautiously: what may fold to less does not
// count, save that no three cells fold to nothing.
size_t WalkBack(std::string_view text, size_t from, uint32_t wanted) {
  const FoldTable& table = FoldTable::Get();
  uint32_t count = 0;
  size_t at = from;
  while (at > 0 && count < wanted && (from - at) / (3 * kHiddenCellBytes) < wanted) {
    at = StepBack(text, at);
    const char32_t c = CharAt(&text[at]);
    const FoldTable::Entry e = table.entry(c);
    const char32_t folded = e.kind() == FoldKind::kChar ? e.payload() : c;
    if (folded == '&') {
      count -= std::min(count, 24u);  // what we walked over may be one entity
    } else if (folded == '\\' && MayComeToEscape(&text[at], text.data() + text.size())) {
      count -= std::min(count, 11u);
    } else if (folded == '%' || folded == '=') {
      count -= std::min(count, 3u);
    } else if (e.kind() != FoldKind::kRemove && e.kind() != FoldKind::kJoin) {
      ++count;
    }
  }
  return at;
}

class WindowedNormalizer final : public Normalizer {
 public:
  explicit WindowedNormalizer(const NormalizerOptions& options) : options_(options) {
    FoldTable::Get();
    if (options.views & SetOf(View::kPhonetic)) PhoneticTable::Get();
  }

  void Begin() override {
    held_.clear();
    // As it is after a field of one block: to write it again would have Set() wait for the stores.
    if (moved_) window_ = {};
    moved_ = false;
    stopped_ = false;
  }

  void Feed(std::string_view utf8, bool last, absl::FunctionRef<bool(const Block&)> sink) override {
    if (stopped_) return;
    if (held_.empty() && last) {
      if (utf8.size() <= options_.block_bytes) {
        EmitRest(utf8, sink);
      } else {
        Cut(utf8, true, sink);
      }
      return;
    }
    held_.append(utf8);
    held_.erase(0, Cut(held_, last, sink));
  }

 private:
  // Where the next block stands.
  struct Window {
    uint64_t begin = 0;  // of its text
    uint64_t report_begin = 0;
    FieldCounts before;
  };

  // Makes blocks of `text`, which begins at window_.begin, as far as they are complete. Returns how
  // many bytes are not needed any more.
  size_t Cut(std::string_view text, bool last, absl::FunctionRef<bool(const Block&)> sink) {
    size_t begin = 0;
    while (!stopped_) {
      const std::string_view rest = text.substr(begin);
      const size_t overlap = static_cast<size_t>(window_.report_begin - window_.begin);
      // At least as much is new as is seen again, so that the whole costs at most twice.
      size_t size = overlap + std::max<size_t>({options_.block_bytes, overlap, 1});
      size_t report = 0;
      bool complete = false;
      while (size + size / 4 < rest.size()) {
        size_t end = size;
        while (IsContinuation(rest[end])) --end;
        report = WalkBack(rest, end, Reach());
        if (report > overlap + (size - overlap) / 2) {
          size = end;
          complete = true;
          break;
        }
        size *= 2;
      }
      if (!complete) {
        if (!last) return begin;
        EmitRest(rest, sink);
        return text.size();
      }
      begin += Emit(rest.substr(0, size), report, sink);
    }
    return begin;
  }

  bool by_sound() const { return options_.views & SetOf(View::kPhonetic); }
  uint32_t Reach() const { return by_sound() ? kSoundReach : kReach; }

  // In characters of the folded view, save those of the squeezed view, which are looked at apart.
  uint32_t WidestMatch() const {
    return std::max(options_.max_match_chars, WidestForm() * kPhoneticChars);
  }
  // The same for what is heard in the squeezed view.
  uint32_t WidestSound() const {
    return WidestForm() * kPhoneticSqueezedChars * (1 + kGapCharsMax);
  }
  // In characters of the phonetic view.
  uint32_t WidestForm() const {
    return by_sound() ? std::min(options_.max_match_chars, kPhoneticFormCharsMax) : 0;
  }

  // Gives the sink the field's last block.
  void EmitRest(std::string_view text, absl::FunctionRef<bool(const Block&)> sink) {
    block_.Set(text, window_.begin, {window_.report_begin, window_.begin + text.size(), true},
               options_.views, window_.before);
    sink(block_);
    stopped_ = true;
  }

  // Gives the sink the block of `text` that reports up to `report`, and moves the window on.
  // Returns by how many bytes.
  size_t Emit(std::string_view text, size_t report, absl::FunctionRef<bool(const Block&)> sink) {
    // The next block begins where this one's views need not be known again. A match in the squeezed
    // view takes more text, so whether a run of it goes on behind what is reported decides, which
    // is known only afterwards.
    size_t next = WalkBack(text, report, WidestMatch() + Reach());
    const TextBlock::Range range = {window_.report_begin, window_.begin + report, false};
    block_.Set(text, window_.begin, range, options_.views, window_.before);
    if (block_.squeezed_until() > 0 && block_.squeezed_until() >= block_.folded_report_end()) {
      const uint32_t wanted =
          std::max({options_.max_match_chars * (1 + kGapCharsMax), WidestMatch(), WidestSound()}) +
          Reach();
      next = WalkBack(text, report, wanted);
    }
    if (!sink(block_)) stopped_ = true;
    Window window;
    window.begin = window_.begin + next;
    window.report_begin = range.end;
    window.before = window_.before;
    const std::string_view passed = text.substr(0, next);
    window.before.folded_code_points = block_.folded_code_points_reported();
    const CharCounts counts = CountChars(passed);
    window.before.code_points += counts.code_points;
    window.before.utf16_units += counts.utf16_units();
    window.before.sentences += window.before.scanner.Scan(passed, nullptr);
    window_ = window;
    moved_ = true;
    return next;
  }

  const NormalizerOptions options_;
  TextBlock block_;
  std::string held_;  // what was fed and is still needed, from window_.begin on
  Window window_;
  bool moved_ = false;  // window_ is not that of a field's begin
  bool stopped_ = false;
};

}  // namespace

std::unique_ptr<Normalizer> Normalizer::Create(const NormalizerOptions& options) {
  return std::make_unique<WindowedNormalizer>(options);
}

std::string NormalizeTerm(std::string_view utf8, View view) {
  Buffer buffer;
  const std::string folded(Fold(utf8, &buffer));
  switch (view) {
    case View::kFolded:
      return folded;
    case View::kSqueezed:
      return SqueezeTerm(folded);
    case View::kPhonetic: {
      const std::vector<std::string> forms = PhoneticTermForms(folded);
      return forms.empty() ? std::string() : forms[0];
    }
  }
  return {};
}

std::vector<std::string> PhoneticForms(std::string_view utf8) {
  Buffer buffer;
  return PhoneticTermForms(Fold(utf8, &buffer));
}

std::string PhoneticInitials(std::string_view utf8) {
  Buffer buffer;
  return PhoneticTermInitials(Fold(utf8, &buffer));
}

std::vector<std::string> OtherForms(std::string_view utf8, View view) {
  if (view != View::kSqueezed) return {};
  Buffer buffer;
  return OtherTerms(Fold(utf8, &buffer));
}

}  // namespace winnow::text
