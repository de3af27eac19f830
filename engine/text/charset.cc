#include "engine/text/charset.h"

#include <algorithm>
#include <optional>

#include "engine/base/strings.h"
#include "engine/text/charset_choice.h"
#include "engine/text/transcode.h"
#include "engine/text/utf8_scan.h"

namespace winnow::text {
namespace {

const uint8_t* Bytes(std::string_view s) { return reinterpret_cast<const uint8_t*>(s.data()); }

constexpr std::string_view kUtf8Bom = "\xef\xbb\xbf";

absl::Status FindHint(std::string_view name, const Charset** hint) {
  *hint = nullptr;
  if (name.empty()) return absl::OkStatus();
  *hint = FindCharset(name);
  if (*hint != nullptr) return absl::OkStatus();
  constexpr size_t kShown = 64;
  return absl::InvalidArgumentError(
      StrCat("unknown charset \"", name.substr(0, kShown), name.size() > kShown ? "..." : "",
             "\"; leave it empty to have it detected, or use one of ", CharsetNames()));
}

// The choice that needs no guessing: a byte order mark, then the hint.
CharsetChoice ChooseByMarkOrHint(std::string_view bytes, const Charset* hint) {
  CharsetChoice choice = ChooseByBom(bytes, hint);
  if (choice.charset == nullptr && hint != nullptr) {
    choice.charset = &WithByteOrder(*hint, bytes.substr(0, DecodeStream::kSniffBytes));
  }
  return choice;
}

class SniffingStream final : public DecodeStream {
 public:
  explicit SniffingStream(const Charset* hint) : hint_(hint) {}

  void Feed(std::string_view bytes, bool last, Decoded* out, uint64_t* text_begin) override {
    *text_begin = text_at_;
    if (waiting_ && !last && held_.size() + bytes.size() <= kSniffBytes) {
      held_.append(bytes);
      Clear(out);
      Describe(out);
      return;
    }
    waiting_ = false;
    // What was held back goes before the new bytes. The text must not point into a buffer of ours,
    // which lives less long than it.
    const bool copy = !held_.empty();
    std::string joined;
    if (copy) {
      joined.swap(held_);
      joined.append(bytes);
      bytes = joined;
    }
    if (!decoder_.has_value()) {
      Choose(bytes);
      bytes.remove_prefix(choice_.bom_bytes);
    }
    std::string_view now = bytes;
    if (only_ascii_so_far_) {
      const size_t ascii = AsciiPrefix(Bytes(bytes), bytes.size());
      if (ascii < bytes.size()) {
        if (last || bytes.size() - ascii > kSniffBytes) {
          ChooseAfterAscii(bytes.substr(ascii));
        } else {
          now = bytes.substr(0, ascii);
          waiting_ = true;
        }
      }
    }
    const size_t taken = decoder_->Decode(now, last, copy, out);
    Describe(out);
    text_at_ += out->text.size();
    held_.assign(bytes.substr(taken));
  }

 private:
  // More than kSniffBytes are given unless the file ends with them, so that it is known whether it
  // goes on behind what is looked at.
  void Choose(std::string_view bytes) {
    const std::string_view window = bytes.substr(0, kSniffBytes);
    choice_ = ChooseByMarkOrHint(window, hint_);
    if (choice_.charset == nullptr) {
      choice_ = DetectCharset(window, window.size() < bytes.size(), false);
      only_ascii_so_far_ = choice_.charset->family == Family::kUtf8 &&
                           AsciiPrefix(Bytes(window), window.size()) == window.size();
    }
    decoder_.emplace(*choice_.charset, choice_.bom_bytes);
  }

  // Only now something shows what the charset is. All that can be chosen agree on the text so far.
  void ChooseAfterAscii(std::string_view bytes) {
    const std::string_view window = bytes.substr(0, kSniffBytes);
    choice_ = DetectCharset(window, window.size() < bytes.size(), true);
    only_ascii_so_far_ = false;
    decoder_.emplace(*choice_.charset, 0, text_at_);
  }

  void Describe(Decoded* out) const {
    out->charset = choice_.charset->name;
    out->detected = choice_.detected;
    out->confidence = choice_.confidence;
    if (choice_.alternative != nullptr) out->alternative = choice_.alternative->name;
    out->bom_bytes = choice_.bom_bytes;
  }

  const Charset* const hint_;
  std::string held_;
  CharsetChoice choice_{&UnicodeCharset(Family::kUtf8)};
  std::optional<Transcoder> decoder_;
  bool waiting_ = true;  // for enough bytes, all in held_, to choose by
  bool only_ascii_so_far_ = false;
  uint64_t text_at_ = 0;
};

}  // namespace

SourceSpan Decoded::ToSource(TextSpan span) const {
  if (identity) return {span.begin + bom_bytes, span.end + bom_bytes};
  if (runs.empty()) return {bom_bytes, bom_bytes};
  const auto run_of = [this](uint64_t at) -> const Run& {
    const auto after =
        std::upper_bound(runs.begin(), runs.end(), at,
                         [](uint64_t t, const Run& run) { return t < run.text_begin; });
    return after == runs.begin() ? *after : *(after - 1);
  };
  const Run& first = run_of(span.begin);
  SourceSpan source;
  source.begin =
      first.source_begin + (span.begin - first.text_begin) / first.text_width * first.source_width;
  source.end = source.begin;
  if (span.end > span.begin) {
    // Where the last character ends, not where the next begins: bytes that are no character may lie
    // between them.
    const Run& last = run_of(span.end - 1);
    source.end = last.source_begin +
                 (span.end - 1 - last.text_begin) / last.text_width * last.source_width +
                 last.source_width;
  }
  return source;
}

absl::Status Decode(std::string_view bytes, std::string_view hint_name, Decoded* out) {
  const Charset* hint;
  if (absl::Status s = FindHint(hint_name, &hint); !s.ok()) return s;
  // Nothing hides in ASCII without controls. The first byte tells most of what is not ASCII.
  const bool plain = hint == nullptr && !bytes.empty() && static_cast<uint8_t>(bytes[0]) < 0x80 &&
                     IsPlainAscii(Bytes(bytes), bytes.size());
  if (plain || ((hint == nullptr ? !MayHideInUtf8(bytes) : hint->family == Family::kUtf8) &&
                ValidUtf8(bytes))) {
    DecodeTrusted(bytes, out);
    return absl::OkStatus();
  }
  CharsetChoice choice = ChooseByMarkOrHint(bytes, hint);
  if (choice.charset == nullptr) {
    // As a stream of these bytes would choose.
    std::string_view window = bytes.substr(0, DecodeStream::kSniffBytes);
    choice = DetectCharset(window, window.size() < bytes.size(), false);
    const size_t ascii = AsciiPrefix(Bytes(bytes), bytes.size());
    if (choice.charset->family == Family::kUtf8 && ascii >= DecodeStream::kSniffBytes) {
      window = bytes.substr(ascii, DecodeStream::kSniffBytes);
      choice = DetectCharset(window, ascii + window.size() < bytes.size(), true);
    }
  }
  Transcoder transcoder(*choice.charset, choice.bom_bytes);
  transcoder.Decode(bytes.substr(choice.bom_bytes), true, false, out);
  out->detected = choice.detected;
  out->confidence = choice.confidence;
  if (choice.alternative != nullptr) out->alternative = choice.alternative->name;
  return absl::OkStatus();
}

void DecodeTrusted(std::string_view utf8, Decoded* out) {
  Clear(out);
  out->charset = UnicodeCharset(Family::kUtf8).name;
  // The first byte alone tells nearly always.
  if (!utf8.empty() && utf8[0] == kUtf8Bom[0] && utf8.starts_with(kUtf8Bom)) {
    out->bom_bytes = kUtf8Bom.size();
  }
  out->text = utf8.substr(out->bom_bytes);
}

bool KnownCharset(std::string_view name) { return name.empty() || FindCharset(name) != nullptr; }

bool ValidUtf8(std::string_view bytes) {
  return Utf8Prefix(Bytes(bytes), bytes.size()) == bytes.size();
}

absl::StatusOr<std::unique_ptr<DecodeStream>> DecodeStream::Create(std::string_view hint_name) {
  const Charset* hint;
  if (absl::Status s = FindHint(hint_name, &hint); !s.ok()) return s;
  return std::make_unique<SniffingStream>(hint);
}

}  // namespace winnow::text
